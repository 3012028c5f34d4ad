//! Discounting: an annual rate, applied continuously.

use crate::error::{Error, Result};
use crate::special::quadrature::TWENTY;
use crate::summary::TimeUnit;

/// An *annual* rate `i`: money a year from now is worth `1 / (1 + i)` of today's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DiscountRate(f64);

impl DiscountRate {
    /// From an annual rate, for instance 0.1 for 10%.
    ///
    /// # Errors
    /// [`Error::Usage`] unless `0 ≤ i < 10`.
    pub fn annual(rate: f64) -> Result<Self> {
        if (0.0..10.0).contains(&rate) {
            return Ok(Self(rate));
        }
        Err(Error::Usage(format!("the annual discount rate is {rate}; give a fraction like 0.1 for 10% a year")))
    }

    /// The annual rate.
    pub fn per_year(self) -> f64 {
        self.0
    }

    /// `δ = ln(1 + i) / (units per year)`: the continuous rate per time unit.
    pub fn continuous(self, unit: TimeUnit) -> f64 {
        self.0.ln_1p() / unit.per_year()
    }
}

/// `DET = ∫₀ᵗ e^(-δ s) dE(s) = e^(-δ t) E(t) + δ ∫₀ᵗ e^(-δ s) E(s) ds`, for expected purchases `E(s)` by time `s` and a
/// continuous rate `δ ≥ 0` per time unit.
///
/// `E` may bend on the time scale `scale` near zero (for the family, the posterior `alpha`); the integral is taken over
/// `v = ln(1 + s/scale)`, in which it is smooth, by 20-point Gauss-Legendre panels of length at most 1.
pub fn discounted_expected_purchases(expected: impl Fn(f64) -> f64, t: f64, delta: f64, scale: f64) -> f64 {
    if delta == 0.0 {
        return expected(t);
    }
    let end = (t / scale).ln_1p();
    let panels = (end.ceil().max(1.0) * (delta * t / 4.0).ceil().max(1.0)) as usize;
    let width = end / panels as f64;
    let integral: f64 = (0..panels)
        .map(|i| {
            TWENTY.integrate(width * i as f64, width * (i + 1) as f64, |v| {
                let s = scale * v.exp_m1();
                (-delta * s).exp() * expected(s) * (s + scale)
            })
        })
        .sum();
    (-delta * t).exp() * expected(t) + delta * integral
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annual_rate_is_continuous_within_the_year() {
        let rate = DiscountRate::annual(0.15).unwrap();
        // RFM05: 15% a year is .0027 a week.
        assert!((rate.continuous(TimeUnit::Week) - 0.0027).abs() < 5e-5);
        assert!(DiscountRate::annual(-0.1).is_err() && DiscountRate::annual(15.0).is_err());
        assert!(DiscountRate::annual(f64::NAN).is_err());
    }

    #[test]
    fn discounting_a_constant_stream_and_a_saturating_one() {
        // E(s) = s: DET = (1 - e^(-δt)) / δ. E(s) = 1 - e^(-s): DET = (1 - e^(-(1+δ)t)) / (1 + δ).
        let (t, delta) = (52.0, 0.05);
        let constant = discounted_expected_purchases(|s| s, t, delta, 40.0);
        assert!((constant / (-(-delta * t).exp_m1() / delta) - 1.0).abs() < 1e-13);
        let saturating = discounted_expected_purchases(|s| -(-s).exp_m1(), t, delta, 1.0);
        assert!((saturating / (-(-(1.0 + delta) * t).exp_m1() / (1.0 + delta)) - 1.0).abs() < 1e-13, "{saturating}");
    }
}
