//! What can be said of customers without a model, and beside one: scores, what they have been worth, how concentrated
//! that is, cohorts and groups; and where a model values them, today's value beside tomorrow's.

mod cohorts;
mod concentration;
mod groups;
mod intervals;
mod lifetime;
mod payback;
mod potential;
mod regularity;
mod rfm;
mod scoring;

pub use cohorts::{CohortCell, CohortHistory, Cohorts};
pub use concentration::{Concentration, TOP_SHARES};
pub use groups::{Estimate, Group, GroupDifference, Groups};
pub use intervals::{Interval, Sample, Share};
pub use lifetime::{Costs, LifetimeValues, ProfitPeriod, Span};
pub use payback::{CohortPayback, Payback};
pub use potential::{Equity, Potential, PotentialCell, TERCILES, Treatment};
pub use regularity::{Pattern, Regularity};
pub use rfm::{Rfm, RfmCell, RfmScoring};
pub use scoring::Scoring;

use crate::error::{Kind, Result};
use crate::summary::{CohortPeriod, PurchaseLog, Summary};

/// Everything that is said of the customers of one summary; absent is what it cannot tell.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Description {
    /// Scores.
    pub rfm: Rfm,
    /// Customers by pair of scores.
    pub rfm_cells: Vec<RfmCell>,
    /// The days whose value is told.
    pub span: Option<Span>,
    /// What every customer was worth in them.
    pub values: Option<LifetimeValues>,
    /// How the revenue is divided among those who were customers by their end.
    pub concentration: Option<Concentration>,
    /// How regular purchases are.
    pub regularity: Option<Regularity>,
    /// By period of the first purchase.
    pub cohorts: Option<Cohorts>,
    /// By what a column says of the customers.
    pub groups: Option<Groups>,
    /// When customers have earned what they cost.
    pub payback: Option<Payback>,
    /// Today's value beside tomorrow's.
    pub potential: Option<Potential>,
    /// What the customers are worth together, horizon by horizon.
    pub equity: Vec<Equity>,
}

impl Description {
    /// What orders say if nothing else is asked: quintile scores, revenue of the whole observation without any costs,
    /// how regular they are, cohorts by month, unless the grain is longer or the
    /// history too long for them. The rest can be set beside it. Where
    /// nobody knows what purchases were worth, nothing is said of it.
    ///
    /// # Errors
    /// Those of [`PurchaseLog::cohort_activity`]; [`Error::usage`](crate::Error::usage) if the summary was not made
    /// from orders.
    pub fn of_orders(log: &mut PurchaseLog, summary: &Summary) -> Result<Self> {
        let rfm = Rfm::new(summary, &RfmScoring::default())?;
        let period = CohortPeriod::Month;
        let to = summary.observation.end;
        let cohorts = match log.cohort_activity(summary, period, |_| 1.0) {
            Ok(activity) if period.holds(log.grain()) => Some(Cohorts::new(&activity, period, to)),
            Ok(_) => None,
            Err(error) if error.kind() == Kind::Usage => None,
            Err(error) => return Err(error),
        };
        let from = lifetime::first_purchases(summary)?.iter().copied().min().unwrap_or(to);
        let span = Span { from, to };
        let monthly = ProfitPeriod::Month;
        let value = |revenue: &[f64]| LifetimeValues::new(summary, span, revenue.to_vec(), &Costs::default(), monthly);
        let revenue = summary.totals();
        Ok(Self {
            rfm_cells: rfm.cells(summary),
            rfm,
            span: Some(span),
            values: revenue.map(value).transpose()?,
            concentration: revenue.map(Concentration::new),
            regularity: Regularity::new(&log.last_interpurchase_periods(summary)?),
            cohorts,
            groups: None,
            payback: None,
            potential: None,
            equity: Vec::new(),
        })
    }
}
