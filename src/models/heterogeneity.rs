//! How customers differ: the distributions over the population that the parameters stand for.

use statrs::distribution::{ContinuousCDF, Gamma};

use crate::special::BetaCdf;

/// The distribution of one trait over the population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heterogeneity {
    /// What the trait is, in words.
    pub of: &'static str,
    /// How it is distributed.
    pub distribution: Mixing,
}

/// A mixing distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mixing {
    /// Of a rate, per time unit.
    Gamma {
        /// Shape.
        shape: f64,
        /// Rate.
        rate: f64,
    },
    /// Of a probability.
    Beta {
        /// First parameter.
        a: f64,
        /// Second parameter.
        b: f64,
    },
}

/// After so many there is no number between.
const HALVINGS: u32 = 200;

impl Mixing {
    /// `P(trait ≤ at)`.
    pub fn cdf(&self, at: f64) -> f64 {
        match *self {
            Self::Gamma { shape, rate } => Gamma::new(shape, rate).map_or(0.0, |gamma| gamma.cdf(at.max(0.0))),
            Self::Beta { a, b } if at < 1.0 => BetaCdf::new(a, b).at(at.max(0.0), 1.0 - at.max(0.0)),
            Self::Beta { .. } => 1.0,
        }
    }

    /// The trait that this share of the population does not exceed, to nine digits, or 0 if it is less than about 1e-60.
    pub fn quantile(&self, share: f64) -> f64 {
        let mut high = match *self {
            Self::Gamma { shape, rate } => (shape + 1.0) / rate,
            Self::Beta { .. } => 1.0,
        };
        while self.cdf(high) < share && high < f64::MAX / 2.0 {
            high *= 2.0;
        }
        let mut low = 0.0;
        for _ in 0..HALVINGS {
            if high - low <= 1e-9 * high {
                return high;
            }
            let middle = 0.5 * (low + high);
            if self.cdf(middle) < share { low = middle } else { high = middle }
        }
        low
    }

    /// Mean densities over equally wide steps from 0 up to the trait that `share` of the population does not exceed: the middle of
    /// each step, and the density. Finite where the density itself is not; nothing if so many have next to none of the trait.
    pub fn densities(&self, steps: usize, share: f64) -> Vec<(f64, f64)> {
        let width = self.quantile(share) / steps as f64;
        if width < 1e-12 {
            return Vec::new();
        }
        let edges: Vec<f64> = (0..=steps).map(|i| self.cdf(i as f64 * width)).collect();
        let density = |(i, pair): (usize, &[f64])| ((i as f64 + 0.5) * width, (pair[1] - pair[0]) / width);
        edges.windows(2).enumerate().map(density).collect()
    }
}

impl Heterogeneity {
    /// Of rates of purchasing while alive, `λ ~ Gamma(r, alpha)`.
    pub(super) fn purchase_rate(r: f64, alpha: f64) -> Self {
        Self::gamma("purchases a time unit while alive", r, alpha)
    }

    /// Of chances to leave after a purchase, `p ~ Beta(a, b)`.
    pub(super) fn dropout_after_purchase(a: f64, b: f64) -> Self {
        Self::beta("chance to leave after a purchase", a, b)
    }

    pub(super) fn gamma(of: &'static str, shape: f64, rate: f64) -> Self {
        Self { of, distribution: Mixing::Gamma { shape, rate } }
    }

    pub(super) fn beta(of: &'static str, a: f64, b: f64) -> Self {
        Self { of, distribution: Mixing::Beta { a, b } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_of_known_distributions() {
        // Exponential with rate 2: F(x) = 1 - exp(-2 x).
        let exponential = Mixing::Gamma { shape: 1.0, rate: 2.0 };
        assert!((exponential.quantile(0.5) - 0.5 * std::f64::consts::LN_2).abs() < 1e-9);
        // Uniform: the density is 1 everywhere.
        for (_, density) in (Mixing::Beta { a: 1.0, b: 1.0 }).densities(10, 0.9) {
            assert!((density - 1.0).abs() < 1e-9, "{density}");
        }
        // Nearly all at zero, as where a parameter has run off.
        for mixing in [
            Mixing::Gamma { shape: 1e-9, rate: 1.0 },
            Mixing::Beta { a: 1e-9, b: 3.0 },
            Mixing::Beta { a: 1e-7, b: 1e9 },
        ] {
            assert!(mixing.quantile(0.95) < 1e-50 && mixing.densities(50, 0.95).is_empty());
        }
        // And the other way: all alike.
        let alike = Mixing::Gamma { shape: 1e12, rate: 1e12 };
        assert!((alike.quantile(0.5) - 1.0).abs() < 1e-6);
        // What lies below the end adds up to the share asked for, though the density at 0 is infinite.
        for mixing in [Mixing::Gamma { shape: 0.25, rate: 4.0 }, Mixing::Beta { a: 0.8, b: 2.4 }] {
            let steps = mixing.densities(50, 0.95);
            let width = 2.0 * steps[0].0;
            let sum: f64 = steps.iter().map(|(_, density)| density * width).sum();
            assert!((sum - 0.95).abs() < 1e-8, "{sum}");
        }
    }
}
