//! Discounting: an annual rate, applied continuously.

use crate::error::{Error, Result};
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
}
