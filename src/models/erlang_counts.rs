//! Numbers of purchases at regular intervals, before any dropout.

use super::stages::{MOST_STAGES, Stages};
use crate::special::negative_binomial::NegativeBinomial;

/// Purchases in a time `t` of customers who are in stage `j` with weight `w_j`: every `k`-th event is one, the first the
/// `k - j`-th. With `N_j` events in the time, of customers with `λ ~ Gamma(n + j, alpha)`, there are `W = ⌊(N_j + j)/k⌋`.
#[derive(Clone, Copy, Debug)]
pub(super) struct ErlangCounts {
    k: f64,
    /// Stage, weight and events of those who are in the stage.
    laws: [(f64, f64, NegativeBinomial); MOST_STAGES],
    count: usize,
}

/// Numbers of events that are cheaper to walk through than to be added up otherwise.
pub(super) const EVENTS_WORTH_WALKING: f64 = 3000.0;

impl ErlangCounts {
    pub(super) fn new(stages: Stages, weights: &[f64; MOST_STAGES], n: f64, alpha: f64, t: f64) -> Self {
        let law = |j: usize| (j as f64, weights[j], NegativeBinomial::new(n + j as f64, alpha, t));
        let mut laws = [law(0); MOST_STAGES];
        let mut count = 0;
        for j in (0..stages.count()).filter(|&j| weights[j] > 0.0) {
            laws[count] = law(j);
            count += 1;
        }
        Self { k: stages.k(), laws, count }
    }

    fn laws(&self) -> &[(f64, f64, NegativeBinomial)] {
        &self.laws[..self.count]
    }

    /// `P(W ≥ m) = Σ_j w_j P(N_j ≥ m k - j)`, also between whole `m` of at least one.
    pub(super) fn at_least(&self, m: f64) -> f64 {
        if m == 0.0 {
            return 1.0;
        }
        let sum: f64 = self.laws().iter().map(|(j, weight, events)| weight * events.at_least(m * self.k - j)).sum();
        sum.clamp(0.0, 1.0)
    }

    /// `P(W < m)`, likewise, with all its digits also where it is next to nothing.
    pub(super) fn fewer_than(&self, m: f64) -> f64 {
        let sum: f64 = self.laws().iter().map(|(j, weight, events)| weight * events.fewer_than(m * self.k - j)).sum();
        sum.clamp(0.0, 1.0)
    }

    /// `P(W = m) = Σ_j w_j Σ_{i<k} P(N_j = m k - j + i)`, likewise.
    pub(super) fn pmf(&self, m: f64) -> f64 {
        let of_stage = |(j, weight, events): &(f64, f64, NegativeBinomial)| {
            let first = (m * self.k - j).max(0.0);
            let numbers = ((m + 1.0) * self.k - j - first).round() as u32;
            weight * (0..numbers).map(|i| events.pmf(first + f64::from(i))).sum::<f64>()
        };
        self.laws().iter().map(of_stage).sum::<f64>().clamp(0.0, 1.0)
    }

    /// `E[W]`: the numbers walked through, or, where they are too many, `E[N_j] + j` less the mean of what is left over after whole
    /// purchases.
    pub(super) fn expected(&self) -> f64 {
        if !self.is_walked(EVENTS_WORTH_WALKING) {
            let left_over =
                |(j, weight, events): &(f64, f64, NegativeBinomial)| weight * events.mean_remainder(*j, self.k);
            return (self.mean() - self.laws().iter().map(left_over).sum::<f64>() / self.k).clamp(0.0, f64::INFINITY);
        }
        let (mut sum, mut m) = (0.0, 0.0);
        self.walk(|chance, falls| {
            let term = m * chance;
            sum += term;
            m += 1.0;
            let falling = falls * (m + 1.0) / m;
            !(falling < 1.0 && chance * m * falling < 1e-17 * sum * (1.0 - falling) || m > EVENTS_WORTH_WALKING)
        });
        sum
    }

    /// `E[W]`, or a little more.
    pub(super) fn mean(&self) -> f64 {
        self.laws().iter().map(|(j, weight, events)| weight * (events.mean() + j)).sum::<f64>() / self.k
    }

    /// Whether the numbers of events are few enough to be walked through, and there is something to begin with.
    pub(super) fn is_walked(&self, most: f64) -> bool {
        self.laws().iter().all(|(.., events)| events.practical_maximum() < most && events.none() > 1e-280)
    }

    /// `P(W = 0)`, `P(W = 1)`, …, each from the one before, and a bound of how much smaller the one after it is at least, as long as
    /// `each` asks for more.
    pub(super) fn walk(&self, mut each: impl FnMut(f64, f64) -> bool) {
        let mut masses: [(f64, f64); MOST_STAGES] = [(0.0, 0.0); MOST_STAGES];
        for (place, (.., events)) in masses.iter_mut().zip(self.laws()) {
            *place = (events.none(), 0.0);
        }
        let mut m = 0.0;
        loop {
            let (mut chance, mut falls) = (0.0, 0.0f64);
            for ((mass, events_so_far), (j, weight, events)) in masses.iter_mut().zip(self.laws()) {
                let mut sum = 0.0;
                while *events_so_far < (m + 1.0) * self.k - j {
                    sum += *mass;
                    *mass *= events.step(*events_so_far);
                    *events_so_far += 1.0;
                }
                chance += weight * sum;
                falls = falls.max(events.largest_step_from(*events_so_far));
            }
            // Who is in a late stage needs fewer than k events for the first purchase.
            if !each(chance, if m == 0.0 { f64::INFINITY } else { falls.powf(self.k) }) {
                return;
            }
            m += 1.0;
        }
    }
}

/// The means of `c^W` and of `(1 - c^W)/(1 - c)` for any `c` between 0 and 1: of purchases that each are followed by another with chance
/// `c`, the chance that none so far was the last, and their number.
pub(super) struct Thinned<'a> {
    counts: &'a ErlangCounts,
    /// `P(W = m)` of the first numbers, by which small `c` are answered, and the chance of more.
    masses: Vec<f64>,
    beyond: f64,
}

/// Up to this `c` the first numbers are enough: `0.5^64 = 5e-20`.
const SMALL: f64 = 0.5;
const FIRST: usize = 64;

impl<'a> Thinned<'a> {
    pub(super) fn new(counts: &'a ErlangCounts) -> Self {
        let masses = (0..FIRST).map(|m| counts.pmf(m as f64)).collect();
        Self { counts, masses, beyond: counts.at_least(FIRST as f64) }
    }

    /// `E[c^W]`, `c = 1 - p`
    pub(super) fn survival(&self, p: f64, c: f64) -> f64 {
        match c <= SMALL {
            true => self.masses.iter().rev().fold(0.0, |sum, mass| sum * c + mass),
            false => (1.0 - p * self.purchases(p, c)).clamp(0.0, 1.0),
        }
    }

    /// `E[(1 - c^W)/p] = E[Σ_{i<W} c^i]`, `p = 1 - c`
    pub(super) fn purchases(&self, p: f64, c: f64) -> f64 {
        if c <= SMALL {
            let more = |(sum, purchases): (f64, f64), mass: &f64| (sum + mass * purchases, 1.0 + c * purchases);
            return self.masses.iter().fold((0.0, 0.0), more).0 + self.beyond / p;
        }
        let of_stage = |(j, weight, events): &(f64, f64, NegativeBinomial)| weight * self.purchases_from(p, *j, events);
        // What is no number stays none, which `max` would hide.
        self.counts.laws().iter().map(of_stage).sum::<f64>().clamp(0.0, f64::INFINITY)
    }

    /// [`Thinned::purchases`] from one stage. With `z = c^(1/k)` and the roots of unity `ω^l`, `c^⌊a/k⌋ = z^a z^-(a mod k)`, and the last factor is a
    /// sum of powers `ω^(l a)`:
    ///
    /// ```text
    /// c^⌊(N+j)/k⌋ = Σ_l d_l z^j ω^(l j) (z ω^l)^N,   d_l = (1 - 1/c)/(k (1 - ω^-l/z)),   d_0 = (1 + 1/z + … + z^-(k-1))/k
    /// ```
    ///
    /// Without an event there is no purchase, so the means are those over `N ≥ 1`, and what is next to nothing keeps its digits.
    fn purchases_from(&self, p: f64, j: f64, events: &NegativeBinomial) -> f64 {
        let k = self.counts.k;
        let ln_z = (-p).ln_1p() / k;
        let (z, less) = (ln_z.exp(), -ln_z.exp_m1());
        let ln_first = ((1..k as u32).map(|b| (-f64::from(b) * ln_z).exp_m1()).sum::<f64>() / k).ln_1p() + j * ln_z;
        // P(N ≥ 1) (1 - d_0 z^j) + d_0 z^j E[1 - z^N]
        let first = -events.some() * ln_first.exp_m1() - ln_first.exp() * events.ln_generating(less, 0.0).0.exp_m1();
        let others = (1..k as u32).map(|l| {
            let angle = std::f64::consts::TAU * f64::from(l) / k;
            let (sin, cos) = angle.sin_cos();
            let (re, im) = events.generating_of_some(1.0 - z * cos, -z * sin);
            let (turn_sin, turn_cos) = (angle * j).sin_cos();
            let (re, im) = (re * turn_cos - im * turn_sin, re * turn_sin + im * turn_cos);
            // over 1 - ω^-l/z
            let (real, imaginary) = (1.0 - cos / z, sin / z);
            (re * real + im * imaginary) / (real * real + imaginary * imaginary)
        });
        first / p + (j * ln_z).exp() * others.sum::<f64>() / (k * (1.0 - p))
    }
}
