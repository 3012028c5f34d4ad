//! How orders are read.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::columns::ColumnNames;
use super::contract::{Duplicates, Returns};
use super::conventions::{Convention, written_amounts};
use super::currencies::Currency;
use super::dates::DateReader;
use super::order_rule::{AmountPer, RepeatedOrders};
use super::rates::Rates;
use super::unread::max_left_out;
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::summary::{Cohort, Day, Grain, TimeUnit};
use crate::tables::{Delimiter, Encoding, FileOptions};

/// How orders are read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrderOptions {
    /// Column names.
    pub columns: ColumnNames,
    /// Columns that say something else of the customers, to be kept.
    #[serde(rename = "keep")]
    pub attributes: Vec<String>,
    /// Form and zone of dates.
    pub dates: DateReader,
    /// How amounts are written, if it is not to be found in them.
    #[serde(with = "written_amounts")]
    pub convention: Option<Convention>,
    /// What amounts are in, if it is not to be found beside them; of several currencies the one that is kept.
    pub currency: Option<Currency>,
    /// Rates by which others are converted into it.
    #[serde(skip)]
    pub rates: Option<Arc<Rates>>,
    /// What amounts are of, if orders have several lines and it is not to be found in them.
    pub amount_per: Option<AmountPer>,
    /// What refunds are of.
    pub refund_per: Option<AmountPer>,
    /// Which of several orders with one id counts, if they stand in several files and differ.
    pub repeated_orders: Option<RepeatedOrders>,
    /// Whether some of what was said of orders with ids was said of other deliveries, so that there may be none.
    #[serde(skip)]
    pub may_be_idle: bool,
    /// Whether customers are as they are written: e-mails that differ in case are several, and guests are what their number says.
    pub exact_ids: bool,
    /// Largest share of a column's rows that may be unreadable; [`MAX_LEFT_OUT`](super::MAX_LEFT_OUT) unless set, and then a single row
    /// is no reason to stop.
    #[serde(deserialize_with = "max_left_out")]
    pub max_left_out: Option<f64>,
    /// The character between fields, if it is not to be found in the header.
    pub delimiter: Option<Delimiter>,
    /// How text is written as bytes, if that is not to be found in it.
    pub encoding: Option<Encoding>,
    /// The sheet of a workbook; the first unless set.
    pub sheet: Option<String>,
    /// What happens to negative amounts.
    pub returns: Returns,
    /// What happens to equal rows.
    pub duplicates: Duplicates,
    /// Period within which orders are one purchase.
    pub grain: Grain,
    /// End of the observation: later orders are left out.
    pub until: Option<Day>,
    /// Whether all orders are kept for other ends of the observation, so that none can be left out by its day.
    #[serde(skip)]
    pub keeps_all: bool,
    /// Which customers are summarised. Dates before its first day are no reason to suspect a mistyped one.
    pub cohort: Cohort,
    /// Unit of the times of the summary.
    pub unit: Option<TimeUnit>,
    /// Whether any row left out is an error.
    pub strict: bool,
    /// Number of rows that are shown as they are read.
    #[serde(skip)]
    pub rows_shown: usize,
    /// Bytes of orders held in memory, about; more go to a temporary file.
    #[serde(skip)]
    pub memory: Option<usize>,
}

impl OrderOptions {
    /// How files are read.
    pub fn file(&self) -> FileOptions {
        FileOptions { delimiter: self.delimiter, encoding: self.encoding, sheet: self.sheet.clone() }
    }

    /// Refuses options that contradict each other, or themselves.
    ///
    /// # Errors
    /// [`Error::usage`], naming the option.
    pub fn check(&self) -> Result<()> {
        let without = |what, needed| Err(Error::usage(say![opt(what), " takes a ", opt(needed)]));
        if self.rates.is_some() && self.currency.is_none() {
            return without("rates", "currency");
        }
        if self.columns.refund_date.is_some() && self.columns.refund.is_none() {
            return without("refund_date", "refund");
        }
        if self.refund_per.is_some() && self.columns.refund.is_none() {
            return without("refund_per", "refund");
        }
        Ok(())
    }
}
