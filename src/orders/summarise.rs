//! From orders that were read to one row a customer.

use super::{OrderOptions, ReadReport};
use crate::error::{Error, Result};
use crate::summary::{Cohort, Day, Excluded, PurchaseLog, Summary, TimeUnit};

/// How orders that were read become a summary.
#[derive(Clone, Copy, Debug)]
pub struct Summarising {
    /// Unit of recency and T.
    pub unit: TimeUnit,
    /// Last day of the observation; that of the last order, if it is not given.
    pub until: Option<Day>,
    /// The customers who are taken.
    pub cohort: Cohort,
    /// Whether returns that no purchase precedes are an error.
    pub strict: bool,
    /// Whether anything is to be said of what purchases are worth.
    pub with_spend: bool,
}

impl Summarising {
    /// As the options of reading say it.
    pub fn of(options: &OrderOptions) -> Self {
        let OrderOptions { unit, until, cohort, strict, .. } = *options;
        Self { unit: unit.unwrap_or_default(), until, cohort, strict, with_spend: true }
    }

    /// One row a customer, and what is not in it. What purchases are worth is known if every order had an amount.
    ///
    /// # Errors
    /// [`Error::data`] if there are no orders, or returns without a purchase where none may be left out; those of
    /// [`PurchaseLog::summary`].
    pub fn summary(&self, log: &mut PurchaseLog, report: &ReadReport) -> Result<(Summary, Excluded)> {
        let end = self.until.or(log.last_day()).ok_or_else(|| Error::data("there are no orders"))?;
        let (mut summary, excluded) = log.summary(self.unit, end, &self.cohort)?;
        summary.knows_spend = self.with_spend && report.without_amount == 0;
        if self.strict {
            excluded.check_returns()?;
        }
        Ok((summary, excluded))
    }
}
