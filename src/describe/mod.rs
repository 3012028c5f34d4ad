//! What can be said of customers without a model, and beside one: scores, what they have been worth, how concentrated
//! that is, cohorts and groups; and where a model values them, today's value beside tomorrow's.

mod cohorts;
mod concentration;
mod expected;
mod groups;
mod intervals;
mod lifetime;
mod options;
mod order_logs;
mod payback;
mod potential;
mod question;
mod regularity;
mod rfm;
mod scoring;
mod sums;

pub use cohorts::{CohortCell, CohortHistory, Cohorts};
pub use concentration::{Concentration, TOP_SHARES};
pub use expected::ExpectedValue;
pub use groups::{Estimate, Group, GroupDifference, Groups};
pub use intervals::{Interval, Sample, Share};
pub use lifetime::{Costs, LifetimeValues, ProfitPeriod, Span};
pub use options::{DescribeOptions, Window};
pub use order_logs::OrderLogs;
pub use payback::{CohortPayback, Payback};
pub use potential::{Equity, Potential, PotentialCell, TERCILES, Treatment};
pub use question::Question;
pub use regularity::{Pattern, Regularity};
pub use rfm::{Rfm, RfmCell, RfmOptions, RfmScoring};
pub use scoring::Scoring;
pub use sums::{ConcentrationSums, CountedAsZero, DescriptionSums, NegativeValue, NegativeValues, RegularitySums};

use crate::error::Result;
use crate::message::Message;
use crate::summary::{PurchaseLog, Summary};

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
    /// The period in which profit is counted.
    pub profit_period: ProfitPeriod,
    /// What every customer was worth in them.
    pub values: Option<LifetimeValues>,
    /// What the goods cost, if it is known.
    pub goods: Option<f64>,
    /// What serving cost, if it is known.
    pub serving: Option<f64>,
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
    /// What is expected of every customer over the last horizon.
    pub expected: Option<ExpectedValue>,
    /// What is left out, and why, in sentences.
    pub cautions: Vec<Message>,
}

impl Description {
    /// What orders say if nothing else is asked: [`DescribeOptions::default`], without any costs, and without a model.
    ///
    /// # Errors
    /// Those of [`Question::answer`].
    pub fn of_orders(log: &mut PurchaseLog, summary: &Summary) -> Result<Self> {
        let mut logs = OrderLogs::without_costs(log);
        Question::new(summary, &DescribeOptions::default()).answer(Some(&mut logs))
    }
}
