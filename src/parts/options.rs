//! What is known of parts before their rows.

use serde::{Deserialize, Serialize};

use crate::columns::CUSTOMER;
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::summary::{Cohort, Day, Grain, TimeUnit};

/// What the rows of parts are, and what is made of them: the same for all parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FoldOptions {
    /// Column with the customer: text, or whole numbers.
    pub customer: String,
    /// Column with the day of the order: dates, or moments without a zone.
    pub date: String,
    /// Column with the amount: numbers.
    pub amount: String,
    /// Whether amounts are not known, and not read.
    pub without_amount: bool,
    /// Columns that say something else of the customers, to be kept.
    #[serde(rename = "keep")]
    pub attributes: Vec<String>,
    /// Unit of the times of the summary.
    pub unit: TimeUnit,
    /// Period within which orders are one purchase.
    pub grain: Grain,
    /// Last day of the observation, which no part can know.
    pub until: Option<Day>,
    /// Last day of a holdout after the observation, of which it is told what customers did in it.
    pub holdout: Option<Day>,
    /// Which customers are summarised.
    pub cohort: Cohort,
    /// Whether the summary has each customer's sum of the logarithms of the times between purchases.
    pub sum_log_interpurchase: bool,
}

impl Default for FoldOptions {
    fn default() -> Self {
        Self {
            customer: CUSTOMER.name.to_owned(),
            date: "order_date".to_owned(),
            amount: "amount".to_owned(),
            without_amount: false,
            attributes: Vec::new(),
            unit: TimeUnit::default(),
            grain: Grain::default(),
            until: None,
            holdout: None,
            cohort: Cohort::default(),
            sum_log_interpurchase: false,
        }
    }
}

impl FoldOptions {
    /// The last day of the observation.
    ///
    /// # Errors
    /// [`Error::usage`] if nobody said it.
    pub(super) fn end(&self) -> Result<Day> {
        self.until.ok_or_else(|| {
            Error::usage(say!["a part of the orders does not know the last day of all of them: give ", opt("until")])
                .of_option(opt("until"))
        })
    }
}
