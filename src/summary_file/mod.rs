//! Summaries as tables: one row per customer, with the column names of `lifetimes`.

use std::path::Path;

mod calendar;
mod checksum;
mod columns;
mod currency;
mod ids;
mod layout;
mod names;
mod options;
mod statistics;

pub use calendar::{metadata, stated};
pub use currency::CURRENCY_KEY;
pub use layout::{history_columns, push_purchases, table};
#[cfg(feature = "cli")]
pub(crate) use names::{FIRST_PURCHASE, GRAIN};
pub use names::{METADATA_KEY, MONETARY_VALUE, is_summary, knows_spend};
pub use options::{Stated, SummaryOptions};
pub use statistics::{PURCHASES_KEY, purchase_metadata};

use crate::error::Result;
use crate::summary::Summary;
use crate::tables::{OutputFormat, Staged, TableReader, TableWriter};
use calendar::metadata_of;
use columns::Columns;

/// Begins the file that holds the summary; nothing is in place before the commit.
///
/// # Errors
/// [`Error::usage`](crate::Error::usage) for an unknown ending, [`Error::io`](crate::Error::io) if it cannot be written.
pub fn stage(summary: &Summary, path: &Path, raw_text: bool) -> Result<Staged> {
    let mut rows = TableWriter::create(path)?.with_raw_text(raw_text);
    let has_metadata = rows.format == OutputFormat::Parquet;
    if has_metadata {
        rows = rows.with_metadata(METADATA_KEY, metadata_of(summary));
        if let Some(purchases) = purchase_metadata(summary) {
            rows = rows.with_metadata(PURCHASES_KEY, purchases);
        }
        if let Some(currency) = summary.currency.filter(|_| summary.knows_spend) {
            rows = rows.with_metadata(CURRENCY_KEY, currency.to_string());
        }
    }
    table(summary, has_metadata).write(&mut rows)?;
    rows.finish()
}

/// Reads a summary. A file that clv wrote has checksums of its columns, unless another program has rewritten it.
///
/// What the table says of its purchases ([`Summary::statistics`]) is known only of all its customers: it is told if the table holds
/// the histories that it was written with, in any order, and not otherwise.
///
/// Where the table has the dates of first purchases, `first_purchase + T = end` must hold for all customers; unit, grain and end are
/// what the table says they are, else what fits the dates, else what the caller says. Instead of `T` there may be a number of
/// opportunities (`n`), which BG/BB counts.
///
/// # Errors
/// [`Error::data`](crate::Error::data) with the place if a row is impossible: recency beyond `T`, without a repeat purchase or missing
/// with one, a count that is not whole, a customer who appears twice; if a column is not what clv wrote, or what it says of its purchases
/// is damaged. [`Error::usage`](crate::Error::usage), or a question, if unit or
/// end remain unknown, or if a column may say how often rows count.
pub fn read(table: &mut TableReader, options: &SummaryOptions) -> Result<Summary> {
    let columns = Columns::read(table, options)?;
    columns.finished(table.name(), knows_spend(table.header()), options)
}
