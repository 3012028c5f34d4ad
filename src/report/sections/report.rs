//! Everything a report is about.

use super::forecasts::Forecasts;
use crate::answers::HorizonSums;
use crate::describe::{Description, Regularity};
use crate::evaluate::{Comparison, Evaluation};
use crate::fit::Contender;
use crate::message::Message;
use crate::model_file::ModelFile;
use crate::orders::ReadReport;
use crate::predict::{DiscountRate, Predictor};
use crate::report::Verdict;
use crate::report::page::amounts::Amounts;
use crate::summary::{CountedHistories, Excluded, Summary};

/// Everything the report is about.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What the orders are called.
    pub source: &'a str,
    /// The customers.
    pub summary: &'a Summary,
    /// Their histories, counted.
    pub histories: &'a CountedHistories,
    /// What is doubtful about the observation and about what is asked.
    pub doubts: &'a [Verdict],
    /// What was read, and what was left out; none if a summary was read.
    pub orders: Option<(&'a ReadReport, &'a Excluded)>,
    /// The models.
    pub model: &'a ModelFile,
    /// The models, ready to answer.
    pub predictor: &'a Predictor,
    /// What is expected.
    pub forecasts: &'a Forecasts,
    /// Horizons that were asked for and that a page does not show, because they begin later or do not end.
    pub other_horizons: &'a [String],
    /// Annual rate of discount.
    pub discount: &'a DiscountRate,
    /// The test on later orders, or why there is none.
    pub evaluation: std::result::Result<&'a Evaluation, &'a Message>,
    /// Several models side by side, if they were compared.
    pub comparison: Option<&'a Comparison>,
    /// A model that describes the customers clearly better, if one is known.
    pub better: Option<&'a Contender>,
    /// What the orders say without a model.
    pub description: Option<&'a Description>,
    /// The table of all customers, if there is one beside the page.
    pub all_customers: Option<&'a str>,
    /// What that table has in all, if it has calibrated numbers; else empty.
    pub calibrated: &'a [HorizonSums],
}

impl Report<'_> {
    /// How regular purchases are, by the orders.
    pub(crate) fn regularity(&self) -> Option<&Regularity> {
        self.description.and_then(|description| description.regularity.as_ref())
    }

    /// Whether value is foreseen, and not purchases alone.
    pub(crate) fn values(&self) -> bool {
        self.predictor.spend.is_some()
    }

    /// How amounts are written.
    pub(crate) fn amounts(&self) -> Amounts {
        Amounts(self.summary.currency)
    }
}
