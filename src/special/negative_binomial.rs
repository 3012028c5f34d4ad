//! The count process the family shares: Poisson purchases whose rate is gamma distributed over customers.

use super::beta_cdf::BetaCdf;
use super::saddle_point::ln_binomial_mass;

/// Number of purchases in time `t` at a rate `λ ~ Gamma(r, alpha)`, before any dropout:
///
/// ```text
/// P(N = k) = Γ(r + k) / (Γ(r) k!) · (1 - z)^r · z^k,    z = t / (alpha + t)
/// ```
///
/// Source: Ehrenberg (1959), the NBD model; Fader & Hardie (2005), note 004.
#[derive(Clone, Copy, Debug)]
pub struct NegativeBinomial {
    r: f64,
    /// `y = t / alpha`
    odds: f64,
    z: f64,
    one_minus_z: f64,
    /// `ln(1 - z) = -ln(1 + y)`, exact where `1 - z` itself would have lost its digits.
    ln_one_minus_z: f64,
}

impl NegativeBinomial {
    /// Counts over a time `t > 0` with gamma shape `r` and rate `alpha`, both positive.
    pub fn new(r: f64, alpha: f64, t: f64) -> Self {
        let odds = t / alpha;
        let (z, one_minus_z) = (t / (alpha + t), alpha / (alpha + t));
        Self { r, odds, z, one_minus_z, ln_one_minus_z: -odds.ln_1p() }
    }

    /// `E[N] = r y`.
    pub fn mean(&self) -> f64 {
        self.r * self.odds
    }

    /// A count that is exceeded with a probability below about 1e-16: ten standard deviations above the mean, plus the
    /// length of the geometric tail `z^k`.
    pub fn practical_maximum(&self) -> f64 {
        self.mean() + self.tail_length()
    }

    fn tail_length(&self) -> f64 {
        let standard_deviation = (self.mean() * (1.0 + self.odds)).sqrt();
        10.0 * standard_deviation + 40.0 * (1.0 + self.odds)
    }

    /// `P(N = 0) = (1 - z)^r`.
    pub fn none(&self) -> f64 {
        (self.r * self.ln_one_minus_z).exp()
    }

    /// `P(N = k + 1) / P(N = k) = z (r + k) / (k + 1)`.
    pub fn step(&self, k: f64) -> f64 {
        self.z * (self.r + k) / (k + 1.0)
    }

    /// The largest of [`Self::step`] from `k` on.
    pub fn largest_step_from(&self, k: f64) -> f64 {
        self.step(k).max(self.z)
    }

    /// Logarithm of the size, and angle, of `E[x^N] = (1 + y (1 - x))^-r` for a complex `x` of which `1 - x` is given.
    pub fn ln_generating(&self, real: f64, imaginary: f64) -> (f64, f64) {
        let (grown, turned) = (self.odds * real, self.odds * imaginary);
        // Of |1 + y (1 - x)|², the parts beside 1.
        let ln_size = 0.5 * (grown * (2.0 + grown) + turned * turned).ln_1p();
        (-self.r * ln_size, -self.r * turned.atan2(1.0 + grown))
    }

    /// `P(N ≥ 1)`
    pub fn some(&self) -> f64 {
        -(self.r * self.ln_one_minus_z).exp_m1()
    }

    /// Real and imaginary part of `E[x^N; N ≥ 1] = (1 + y)^-r ((1 - z x)^-r - 1)` for a complex `x` of which `1 - x` is given.
    pub fn generating_of_some(&self, real: f64, imaginary: f64) -> (f64, f64) {
        // ln (1 - z x): of its square the parts beside 1
        let (less, turned) = (-self.z * (1.0 - real), self.z * imaginary);
        let ln_size = -self.r * 0.5 * (less * (2.0 + less) + turned * turned).ln_1p();
        let angle = -self.r * turned.atan2(1.0 + less);
        if ln_size > 1.0 {
            // As one power: the chance of none may be zero where the other factor is infinite.
            let size = (self.r * self.ln_one_minus_z + ln_size).exp();
            return (size * angle.cos() - self.none(), size * angle.sin());
        }
        let half = (0.5 * angle).sin();
        let (re, im) = (ln_size.exp_m1() * angle.cos() - 2.0 * half * half, ln_size.exp() * angle.sin());
        (self.none() * re, self.none() * im)
    }

    /// `E[(N + j) mod k]` for whole `j` and `k`, by the generating function `E[z^N] = (1 + y (1 - z))^-r` at the roots of unity:
    ///
    /// ```text
    /// (k - 1)/2 + Σ_{0<l<k} ω^(l j) E[ω^(l N)] / (ω^-l - 1),   ω = e^(2πi/k)
    /// ```
    pub fn mean_remainder(&self, j: f64, k: f64) -> f64 {
        let root = |l: u32| {
            let angle = std::f64::consts::TAU * f64::from(l) / k;
            let (sin, cos) = angle.sin_cos();
            let (ln_size, turned) = self.ln_generating(1.0 - cos, -sin);
            let turned = turned + angle * j;
            // 1/(ω^-l - 1) = -1/2 + i/2 cot(angle/2)
            ln_size.exp() * (-0.5 * turned.cos() - 0.5 / (0.5 * angle).tan() * turned.sin())
        };
        0.5 * (k - 1.0) + (1..k as u32).map(root).sum::<f64>()
    }

    /// `P(N = k)`: for `k > 0` it is `r / (r + k)` times a binomial mass. Also between whole `k`.
    pub fn pmf(&self, k: f64) -> f64 {
        if k == 0.0 {
            return self.none();
        }
        let r = self.r;
        let above = (self.mean() - k) * self.one_minus_z;
        (ln_binomial_mass(r, k, self.one_minus_z, self.z, above) + (r / (r + k)).ln()).exp().clamp(0.0, 1.0)
    }

    /// `P(N ≥ k) = I_z(k, r)`, also between whole `k`: for a few counts by their terms, which have a digit or two more than the
    /// incomplete beta function.
    pub fn at_least(&self, k: f64) -> f64 {
        if k == 0.0 {
            return 1.0;
        }
        if k > MOST_SUMMED || k.fract() != 0.0 {
            return BetaCdf::new(k, self.r).lower(self.z, self.one_minus_z);
        }
        let beyond_mean = k > self.mean();
        if beyond_mean && self.tail_length() <= 1000.0 + 40.0 * k {
            return self.sum_from(k);
        }
        let any = -(self.r * self.ln_one_minus_z).exp_m1();
        (any - self.sum_between_one_and(k as u32)).max(0.0)
    }

    /// `P(N < k) = I_(1-z)(r, k)` for `k > 0`, also between whole `k`.
    pub fn fewer_than(&self, k: f64) -> f64 {
        BetaCdf::new(self.r, k).lower(self.one_minus_z, self.z)
    }

    /// The upper terms.
    fn sum_from(&self, k: f64) -> f64 {
        let (mut term, mut sum, mut j) = (self.pmf(k), 0.0, k);
        loop {
            sum += term;
            let ratio = self.step(j);
            term *= ratio;
            j += 1.0;
            // The smallest numbers do not get smaller: they end it too.
            if ratio < 1.0 && term <= (1e-17 * sum * (1.0 - ratio)).max(f64::MIN_POSITIVE) {
                return sum.clamp(0.0, 1.0);
            }
        }
    }

    /// `P(1 ≤ N < k)`, downwards from `k - 1`.
    fn sum_between_one_and(&self, k: u32) -> f64 {
        let (mut term, mut sum) = (0.0, 0.0);
        for (done, j) in (1..k).rev().enumerate() {
            // Thousands of divisions would add up their rounding.
            if done % 128 == 0 {
                term = self.pmf(f64::from(j));
            }
            sum += term;
            let ratio = self.step(f64::from(j - 1));
            term /= ratio;
            if ratio > 1.0 && term <= 1e-17 * sum {
                break;
            }
        }
        sum
    }
}

/// Counts up to which the terms of `P(N ≥ k)` are added up.
const MOST_SUMMED: f64 = 1024.0;

#[cfg(test)]
mod tests {
    use super::*;

    /// `(r, alpha, t, k, P(N = k), P(N ≥ k))` from mpmath at 50 digits: the pmf's definition and its sum.
    const REFERENCE: &[(f64, f64, f64, u32, f64, f64)] = &[
        (0.243, 4.414, 39.0, 0, 0.5737863520960094, 1.0),
        (0.243, 4.414, 39.0, 3, 0.046968863832316094, 0.2310291414781087),
        (0.243, 4.414, 39.0, 60, 1.1109442940855499e-5, 9.9501903859430088e-5),
        (5.5, 2.0, 0.001, 2, 4.4520277415424238e-6, 4.4575959076472021e-6),
        (120.25, 80.0, 52.0, 70, 0.028850371295422713, 0.77315891769725258),
        (120.25, 80.0, 52.0, 110, 9.9200699277711062e-4, 0.0050505456199875869),
        (0.01, 1000.0, 3.0, 1, 2.9909373241042411e-5, 2.9954641148762173e-5),
    ];

    #[test]
    fn mass_and_tail_agree_with_fifty_digits() {
        for &(r, alpha, t, k, mass, tail) in REFERENCE {
            let counts = NegativeBinomial::new(r, alpha, t);
            let k = f64::from(k);
            assert!((counts.pmf(k) / mass - 1.0).abs() < 2e-13, "P(N = {k}) at {r}, {alpha}, {t}");
            assert!((counts.at_least(k) / tail - 1.0).abs() < 2e-13, "P(N >= {k}) at {r}, {alpha}, {t}");
            let beta = BetaCdf::new(k.max(1.0), r).lower(counts.z, counts.one_minus_z);
            assert!(k == 0.0 || (beta / tail - 1.0).abs() < 1e-12, "I at {k}, {r}, {alpha}, {t}: {beta}");
        }
    }
}
