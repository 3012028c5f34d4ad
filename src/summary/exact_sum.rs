//! Sums of money that do not depend on the order of the addends.

use crate::error::{Cause, Result};
use crate::limits::LARGEST_AMOUNT;

/// Fractional bits of the fixed point number.
const FRACTION: i32 = 64;

/// A sum of amounts in binary fixed point, 64 bits before and 64 after the point.
///
/// Every `f64` between 2⁻¹² and [`LARGEST_AMOUNT`] enters without rounding (smaller ones lose what lies below 2⁻⁶⁴), and
/// integers add associatively: any order of rows, threads, files or partitions gives the same bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExactSum {
    high: i64,
    low: u64,
}

impl ExactSum {
    /// The sum of a single amount.
    ///
    /// # Errors
    /// [`Cause::Amount`](crate::error::Cause::Amount) unless it is finite and at most [`LARGEST_AMOUNT`] in size.
    pub fn new(amount: f64) -> Result<Self> {
        Self::check(amount)?;
        Ok(Self::from_bits((amount * f64::powi(2.0, FRACTION)) as i128))
    }

    /// Refuses what is no amount of money.
    pub(super) fn check(amount: f64) -> Result<()> {
        if amount.abs() <= LARGEST_AMOUNT { Ok(()) } else { Err(Cause::Amount(amount).into()) }
    }

    /// The sum of both.
    ///
    /// # Errors
    /// [`Cause::Amount`](crate::error::Cause::Amount) if the sum leaves ±9.2e18.
    pub fn plus(self, other: Self) -> Result<Self> {
        let sum = self.to_bits().checked_add(other.to_bits());
        sum.map(Self::from_bits).ok_or_else(|| Cause::Amount(self.value() + other.value()).into())
    }

    /// The sum, rounded once to the nearest `f64`.
    pub fn value(self) -> f64 {
        self.to_bits() as f64 * f64::powi(2.0, -FRACTION)
    }

    /// The bits before and after the point.
    pub fn halves(self) -> (i64, u64) {
        (self.high, self.low)
    }

    /// From the bits before and after the point.
    pub fn from_halves(high: i64, low: u64) -> Self {
        Self { high, low }
    }

    // Two halves rather than an i128, whose alignment would add half again to the size of a purchase.
    fn to_bits(self) -> i128 {
        i128::from(self.high) << 64 | i128::from(self.low)
    }

    fn from_bits(bits: i128) -> Self {
        Self { high: (bits >> 64) as i64, low: bits as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_gives_the_same_bits() {
        let amounts = [1e13, 0.1, -1e13, 0.2, 1e-3, -7.7, 29.33];
        let add = |sum: ExactSum, amount: &f64| sum.plus(ExactSum::new(*amount).unwrap()).unwrap();
        let forward = amounts.iter().fold(ExactSum::default(), add);
        let backward = amounts.iter().rev().fold(ExactSum::default(), add);
        assert_eq!(forward, backward);
        assert!((forward.value() - 21.931).abs() < 1e-14);
        assert_eq!(ExactSum::new(-0.75).unwrap().value(), -0.75);
    }

    #[test]
    fn what_is_not_money_is_refused() {
        for amount in [f64::NAN, f64::INFINITY, 1e308, -1e14] {
            assert!(ExactSum::new(amount).is_err());
        }
    }
}
