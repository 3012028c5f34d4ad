//! Sums of many independent numbers by their cumulants.

use statrs::distribution::{ContinuousCDF, Normal};

/// The first four cumulants of a random number: its mean and variance, and what its third and fourth moments about the mean are beyond
/// those of a normal variate. Those of independent numbers add up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cumulants {
    /// `κ₁`
    pub mean: f64,
    /// `κ₂`
    pub variance: f64,
    /// `κ₃ = μ₃`
    pub third: f64,
    /// `κ₄ = μ₄ - 3 μ₂²`
    pub fourth: f64,
}

/// A sum is so near to a normal variate, by its skewness and its excess, that the expansion of its quantiles has converged: its next
/// terms are below a thousandth of a standard deviation.
const NEARLY_NORMAL: f64 = 0.3;

impl Cumulants {
    /// From the mean and the second to fourth moments about it.
    pub fn of_central(mean: f64, [second, third, fourth]: [f64; 3]) -> Self {
        Self { mean, variance: second, third, fourth: fourth - 3.0 * second * second }
    }

    /// From the first four moments about zero. Where the spread is far below the mean, digits cancel.
    pub fn of_raw([first, second, third, fourth]: [f64; 4]) -> Self {
        let square = first * first;
        let about_mean = [
            second - square,
            third - 3.0 * first * second + 2.0 * first * square,
            fourth - 4.0 * first * third + 6.0 * square * second - 3.0 * square * square,
        ];
        Self::of_central(first, about_mean)
    }

    /// With so many independent numbers like another one.
    pub fn plus(self, other: Self, times: f64) -> Self {
        Self {
            mean: self.mean + times * other.mean,
            variance: self.variance + times * other.variance,
            third: self.third + times * other.third,
            fourth: self.fourth + times * other.fourth,
        }
    }

    /// Standard deviation.
    pub fn deviation(&self) -> f64 {
        self.variance.max(0.0).sqrt()
    }

    /// `κ₃/κ₂^{3/2}`
    pub fn skewness(&self) -> f64 {
        self.third / self.variance.powf(1.5)
    }

    /// `κ₄/κ₂²`
    pub fn excess(&self) -> f64 {
        self.fourth / (self.variance * self.variance)
    }

    /// Whether [quantiles](Self::quantile) are near.
    pub fn is_nearly_normal(&self) -> bool {
        self.skewness().abs() <= NEARLY_NORMAL && self.excess().abs() <= NEARLY_NORMAL
    }

    /// The number that is not exceeded with probability `share`, by the expansion of Cornish & Fisher (1938), in `z`, the quantile of the
    /// standard normal distribution, skewness `g` and excess `k`:
    ///
    /// ```text
    /// κ₁ + √κ₂ (z + (z² - 1) g/6 + (z³ - 3z) k/24 - (2z³ - 5z) g²/36)
    /// ```
    pub fn quantile(&self, share: f64) -> f64 {
        if self.variance <= 0.0 {
            return self.mean;
        }
        let z = Normal::standard().inverse_cdf(share);
        let (g, k) = (self.skewness(), self.excess());
        let (square, cube) = (z * z, z * z * z);
        let steps = z + (square - 1.0) * g / 6.0 + (cube - 3.0 * z) * k / 24.0 - (2.0 * cube - 5.0 * z) * g * g / 36.0;
        self.mean + self.deviation() * steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Moments of the gamma distribution of shape 2 about zero: `Γ(2 + k)/Γ(2)`.
    #[test]
    fn cumulants_of_a_gamma_variate() {
        // κ_n = 2 (n - 1)!
        let known = Cumulants { mean: 2.0, variance: 2.0, third: 4.0, fourth: 12.0 };
        assert_eq!(Cumulants::of_raw([2.0, 6.0, 24.0, 120.0]), known);
        assert_eq!(Cumulants::of_central(2.0, [2.0, 4.0, 24.0]), known);
        let twice = Cumulants::default().plus(known, 2.0);
        assert_eq!((twice.mean, twice.fourth), (4.0, 24.0));
        assert!((known.skewness() - 2f64.sqrt()).abs() < 1e-15 && (known.excess() - 3.0).abs() < 1e-15);
    }

    /// Quantiles of the gamma distribution of shape 100 (mpmath, by the incomplete gamma function, 30 digits).
    #[test]
    fn quantiles_of_a_gamma_variate() {
        let known = [
            (0.05, 84.139_277_218_3),
            (0.1, 87.417_636_499_6),
            (0.5, 99.666_864_919_3),
            (0.9, 113.010_523_86),
            (0.99, 124.722_561_491),
        ];
        let gamma = Cumulants { mean: 100.0, variance: 100.0, third: 200.0, fourth: 600.0 };
        assert!(gamma.is_nearly_normal());
        for (share, quantile) in known {
            // A thousandth of a standard deviation is .01.
            assert!((gamma.quantile(share) - quantile).abs() < 0.01, "{share}: {} {quantile}", gamma.quantile(share));
        }
        assert_eq!(Cumulants { mean: 3.0, ..Cumulants::default() }.quantile(0.1), 3.0);
    }
}
