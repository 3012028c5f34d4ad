//! The purchases and the value of many customers together: what to expect, and how surely.

use super::grouping::Grouping;
use super::{Horizon, Individuals, Outlook, ParameterUncertainty, PerCustomer};
use crate::error::{Error, Result};

/// How totals are found.
#[derive(Clone, Copy, Debug)]
pub struct TotalOptions {
    /// Number of equally likely futures of everybody.
    pub futures: u32,
    /// Each future has a generator of its own, so that the number of threads changes nothing.
    pub seed: u64,
}

impl Default for TotalOptions {
    fn default() -> Self {
        Self { futures: 2000, seed: 1 }
    }
}

impl TotalOptions {
    /// Whether the number of futures makes sense.
    ///
    /// # Errors
    /// [`Error::usage`] if not.
    pub fn check(&self) -> Result<()> {
        if (20..=1_000_000).contains(&self.futures) {
            return Ok(());
        }
        Err(Error::usage(format!("{} futures; give 20 to 1000000", self.futures)))
    }
}

/// A total over many customers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Total {
    /// Its expectation, computed and not simulated.
    pub expected: f64,
    /// Totals of equally likely futures, ascending.
    futures: Vec<f64>,
}

impl Total {
    #[cfg(test)]
    pub(super) fn of_futures(expected: f64, futures: Vec<f64>) -> Self {
        Self::new(expected, futures)
    }

    pub(super) fn new(expected: f64, mut futures: Vec<f64>) -> Self {
        futures.sort_unstable_by(f64::total_cmp);
        Self { expected, futures }
    }

    /// The value below which this share of the futures lies, between neighbours by the `(n + 1) p` rule.
    pub fn quantile(&self, share: f64) -> f64 {
        let last = self.futures.len() - 1;
        let place = (share * (last + 2) as f64 - 1.0).clamp(0.0, last as f64);
        let below = place.floor() as usize;
        let above = (below + 1).min(last);
        self.futures[below] + (place - below as f64) * (self.futures[above] - self.futures[below])
    }

    /// Interval that holds the total with this probability.
    pub fn interval(&self, share: f64) -> (f64, f64) {
        (self.quantile(0.5 - 0.5 * share), self.quantile(0.5 + 0.5 * share))
    }

    /// Share of the futures in which the total is more than `target`.
    pub fn p_over(&self, target: f64) -> f64 {
        let beaten = self.futures.len() - self.futures.partition_point(|&total| total <= target);
        beaten as f64 / self.futures.len() as f64
    }

    /// Share of the futures in which it is less, and in which it is no more, than was seen: where the actual total falls.
    pub fn place(&self, actual: f64) -> (f64, f64) {
        let share = |count: usize| count as f64 / self.futures.len() as f64;
        (
            share(self.futures.partition_point(|&total| total < actual)),
            share(self.futures.partition_point(|&total| total <= actual)),
        )
    }
}

/// The totals of one group, or of everybody.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GroupTotals {
    /// Number of customers.
    pub customers: u64,
    /// Number of purchases.
    pub purchases: Total,
    /// Margin times spend, not discounted; present if there is a spend model.
    pub value: Option<Total>,
}

/// Totals over one horizon.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Totals {
    /// Of everybody.
    pub all: GroupTotals,
    /// Of each group.
    pub groups: Vec<GroupTotals>,
    /// Whether they hold the uncertainty of the parameters, or are given these.
    pub with_parameters: bool,
}

impl Outlook<'_> {
    /// The purchases and the value of every group over a horizon: [`CountedCustomers::totals`](super::CountedCustomers::totals) of these
    /// customers.
    ///
    /// # Errors
    /// Those of [`Outlook::counted`] and [`CountedCustomers::totals`](super::CountedCustomers::totals).
    pub fn totals(
        &self,
        grouping: &Grouping,
        horizon: &Horizon,
        margin: &PerCustomer,
        uncertainty: &ParameterUncertainty<'_>,
        options: &TotalOptions,
    ) -> Result<Totals> {
        options.check()?;
        self.individuals.span(horizon)?;
        self.counted(grouping, margin)?.totals(horizon, uncertainty, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_chances_of_a_total() {
        let total = Total::new(5.0, (1..=9).map(f64::from).rev().collect());
        assert_eq!(total.quantile(0.5), 5.0);
        assert_eq!(total.interval(0.8), (1.0, 9.0));
        assert_eq!((total.quantile(0.0), total.quantile(1.0)), (1.0, 9.0));
        assert!((total.quantile(0.25) - 2.5).abs() < 1e-12);
        assert_eq!((total.p_over(3.0), total.p_over(9.0), total.p_over(0.0)), (6.0 / 9.0, 0.0, 1.0));
        assert_eq!(total.place(4.0), (3.0 / 9.0, 4.0 / 9.0));
    }
}
