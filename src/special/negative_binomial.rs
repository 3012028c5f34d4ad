//! The count process the family shares: Poisson purchases whose rate is gamma distributed over customers.

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
    z: f64,
    /// `ln(1 - z) = -ln(1 + t/alpha)`, exact where `1 - z` itself would have lost its digits.
    ln_one_minus_z: f64,
    /// `t / alpha`
    odds: f64,
}

impl NegativeBinomial {
    /// Counts over a time `t ≥ 0` with gamma shape `r` and rate `alpha`, both positive.
    pub fn new(r: f64, alpha: f64, t: f64) -> Self {
        let odds = t / alpha;
        Self { r, z: t / (alpha + t), ln_one_minus_z: -odds.ln_1p(), odds }
    }

    /// `E[N] = r t / alpha`.
    pub fn mean(&self) -> f64 {
        self.r * self.odds
    }

    /// A count that is exceeded with a probability below about 1e-16: ten standard deviations above the mean, plus the
    /// length of the geometric tail `z^k`.
    pub fn practical_maximum(&self) -> f64 {
        let standard_deviation = (self.mean() * (1.0 + self.odds)).sqrt();
        self.mean() + 10.0 * standard_deviation + 40.0 * (1.0 + self.odds)
    }

    /// `P(N = 0) = (1 - z)^r`.
    pub fn none(&self) -> f64 {
        (self.r * self.ln_one_minus_z).exp()
    }

    /// `P(N = k + 1) / P(N = k) = z (r + k) / (k + 1)`.
    pub fn step(&self, k: f64) -> f64 {
        self.z * (self.r + k) / (k + 1.0)
    }

    /// `P(N = k)`, through logarithms so that neither large counts nor large `r` overflow.
    pub fn pmf(&self, k: u32) -> f64 {
        self.ln_pmf(k).exp()
    }

    fn ln_pmf(&self, k: u32) -> f64 {
        if k == 0 {
            return self.r * self.ln_one_minus_z;
        }
        let k = f64::from(k);
        // Γ(r + k) / (Γ(r) k!) = 1 / (k B(r, k))
        self.r * self.ln_one_minus_z + k * self.z.ln() - k.ln() - super::ln_beta(self.r, k)
    }

    /// `P(N ≥ k)`: the complement of the lower terms while that keeps its digits, the sum of the upper terms beyond.
    pub fn at_least(&self, k: u32) -> f64 {
        if k == 0 {
            return 1.0;
        }
        if f64::from(k) <= self.mean() {
            return 1.0 - self.sum_below(k);
        }
        let (mut term, mut sum, mut j) = (self.pmf(k), 0.0, f64::from(k));
        while term > sum * 1e-17 {
            sum += term;
            term *= self.step(j);
            j += 1.0;
        }
        sum.min(1.0)
    }

    /// `P(N < k)` for `k ≥ 1`, summed downwards from `k - 1`, its largest term below the mode.
    fn sum_below(&self, k: u32) -> f64 {
        let (mut term, mut sum) = (self.pmf(k - 1), 0.0);
        for j in (0..k).rev() {
            sum += term;
            if j == 0 || term <= sum * 1e-17 {
                break;
            }
            term /= self.step(f64::from(j - 1));
        }
        sum.min(1.0)
    }
}

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
            assert!((counts.pmf(k) / mass - 1.0).abs() < 2e-13, "P(N = {k}) at {r}, {alpha}, {t}");
            assert!((counts.at_least(k) / tail - 1.0).abs() < 2e-13, "P(N >= {k}) at {r}, {alpha}, {t}");
        }
    }
}
