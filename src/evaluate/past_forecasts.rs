//! Forecasts of earlier days, and what came of them.

use super::quantity::Quantity;
use crate::predict::{TotalErrors, USUAL_ERROR_OF_PURCHASES, USUAL_ERROR_OF_VALUE};
use crate::summary::Day;

/// What a model expected of all customers who were known on an earlier day, and what came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastForecast {
    /// Last day that it knew.
    pub day: Day,
    /// Last day that it foresaw.
    pub until: Day,
    /// Number of purchases.
    pub purchases: PastTotal,
    /// Their value; none without a spend model.
    pub value: Option<PastTotal>,
}

/// A total that was foreseen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastTotal {
    /// What was expected.
    pub expected: f64,
    /// What came.
    pub came: f64,
}

impl PastTotal {
    pub(super) fn new(expected: &[f64], came: &[f64]) -> Self {
        Self { expected: expected.iter().sum(), came: came.iter().sum() }
    }
}

impl PastForecast {
    /// The total of a quantity.
    pub fn total(&self, of: Quantity) -> Option<PastTotal> {
        match of {
            Quantity::Purchases => Some(self.purchases),
            Quantity::Value => self.value,
        }
    }
}

/// How far off the next total may be, as these were; none if no total of this quantity is known.
pub fn errors_of_totals(past: &[PastForecast], of: Quantity) -> Option<TotalErrors> {
    let totals = past.iter().filter_map(|forecast| forecast.total(of));
    let usual = match of {
        Quantity::Purchases => USUAL_ERROR_OF_PURCHASES,
        Quantity::Value => USUAL_ERROR_OF_VALUE,
    };
    TotalErrors::new(totals.map(|total| (total.expected, total.came)), usual)
}
