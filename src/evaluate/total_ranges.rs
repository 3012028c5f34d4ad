//! Ranges of the totals of a holdout.

use super::experiment::Experiment;
use super::past_forecasts::{PastForecast, errors_of_totals};
use super::quantity::Quantity;
use crate::error::Result;
use crate::predict::{Grouping, Horizon, Outlook, ParameterUncertainty, PerCustomer, Total, TotalOptions, TotalRange};

/// The range that holds a total of the holdout with 80% probability, and what came.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TestedRange {
    /// Of what.
    pub what: Quantity,
    /// What was expected.
    pub expected: f64,
    /// The range.
    pub range: TotalRange,
    /// What came.
    pub actual: f64,
}

impl TestedRange {
    const SHARE: f64 = 0.8;

    /// Those of a model's totals until the end of the holdout: of purchases, and of value if there is a spend model.
    pub(super) fn of(
        outlook: &Outlook<'_>,
        uncertainty: &ParameterUncertainty<'_>,
        experiment: &Experiment,
        past: &[PastForecast],
        seed: u64,
    ) -> Result<Vec<Self>> {
        let (everybody, options) =
            (Grouping::all(experiment.summary.len()), TotalOptions { seed, ..TotalOptions::default() });
        let horizon = Horizon::until(experiment.until);
        let totals = outlook.totals(&everybody, &horizon, &PerCustomer::All(1.0), uncertainty, &options)?.all;
        let holdout = &experiment.holdout;
        let purchases = holdout.purchases.iter().map(|&n| f64::from(n)).sum();
        let tested = |what, total: &Total, actual| Self {
            what,
            expected: total.expected,
            range: TotalRange::new(total, Self::SHARE, errors_of_totals(past, what).as_ref()),
            actual,
        };
        let mut ranges = vec![tested(Quantity::Purchases, &totals.purchases, purchases)];
        ranges.extend(totals.value.map(|value| tested(Quantity::Value, &value, holdout.value.iter().sum())));
        Ok(ranges)
    }

    /// Whether what came lies in the range to plan with.
    pub fn held(&self) -> bool {
        let (low, high) = self.range.planned();
        (low..=high).contains(&self.actual)
    }
}
