//! What a summary's file may not say itself.

use serde::{Deserialize, Serialize};

use super::names::find;
use crate::summary::{CurrencyCode, Day, Grain, Observation, TimeUnit};

/// What the file itself may not say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SummaryOptions {
    /// Column with the customer, if it is not `customer_id`.
    pub customer: Option<String>,
    /// Unit of `recency` and `T`; needed if there are no dates in the file.
    pub unit: Option<TimeUnit>,
    /// End of the observation; needed if there are no dates in the file.
    pub until: Option<Day>,
    /// Unit of the model that is to be asked, and the end of its data, if it is known, which tell units apart that fit the dates alike.
    #[serde(skip)]
    pub model: Option<(TimeUnit, Option<Day>)>,
    /// What the table says of its times elsewhere than in columns or in its own metadata.
    #[serde(skip)]
    pub stated: Stated,
    /// What it says of its purchases, under [`PURCHASES_KEY`](super::PURCHASES_KEY), elsewhere than in its own metadata.
    #[serde(skip)]
    pub purchases: Option<String>,
    /// What it says of its currency, under [`CURRENCY_KEY`](super::CURRENCY_KEY), elsewhere than in its own metadata.
    #[serde(skip)]
    pub currency: Option<CurrencyCode>,
    /// Columns that are not looked at.
    pub ignore: Vec<String>,
    /// Period within which orders were merged; a day, if neither this nor the file says.
    pub grain: Option<Grain>,
    /// Columns that say something else of the customers, to be kept.
    #[serde(rename = "keep")]
    pub attributes: Vec<String>,
    /// Whether customers are numbered from 1 if no column is named and `customer_id` is not there.
    #[serde(skip)]
    pub numbers_customers: bool,
    /// Column with the number of customers that a row stands for, if it is not one; then customers may have no ids, and are numbered.
    pub weights: Option<String>,
    /// Whether rows may stand for several customers, which decides what a question says of them.
    #[serde(skip)]
    pub takes_weights: bool,
}

/// What a table says of its own times, as far as it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stated {
    /// Unit of `recency` and `T`.
    pub unit: Option<TimeUnit>,
    /// Period within which orders were one purchase.
    pub grain: Option<Grain>,
    /// Last day observed.
    #[serde(rename = "until")]
    pub end: Option<Day>,
}

impl From<Observation> for Stated {
    fn from(Observation { unit, grain, end }: Observation) -> Self {
        Self { unit: Some(unit), grain: Some(grain), end: Some(end) }
    }
}

/// A column that may say how many customers a row stands for, unless the caller says what else it is.
pub(super) fn weights_column(header: &[String], options: &SummaryOptions) -> Option<usize> {
    let known = |column: &String| {
        options.ignore.contains(column)
            || options.attributes.contains(column)
            || options.customer.as_ref() == Some(column)
            || options.weights.is_some()
    };
    let weights = ["weights", "weight", "customers", "count", "n_customers", "number_of_customers"];
    weights.iter().filter_map(|name| find(header, name)).find(|&i| !known(&header[i]))
}
