//! Summaries as tables: one row per customer, with the column names of `lifetimes`.

use std::path::Path;

mod calendar;
mod checksum;
mod columns;
mod ids;
mod statistics;

pub use calendar::{METADATA_KEY, Stated, metadata, stated};
pub use statistics::{PURCHASES_KEY, purchase_metadata};

use crate::error::Result;
use crate::summary::{Day, Grain, Summary, TimeUnit};
use crate::tables::{OutputFormat, Staged, Table, TableColumn, TableReader, TableWriter};
use calendar::metadata_of;
use columns::Columns;

const CUSTOMER: &str = "customer_id";
const FREQUENCY: &str = "frequency";
const RECENCY: &str = "recency";
const AGE: &str = "T";
/// Column with the mean amount of the repeat purchases.
pub const MONETARY_VALUE: &str = "monetary_value";
pub(crate) const FIRST_PURCHASE: &str = "first_purchase";
const LAST_PURCHASE: &str = "last_purchase";
const ORDERS: &str = "orders";
const TOTAL: &str = "total";
const UNIT: &str = "unit";
pub(crate) const GRAIN: &str = "grain";
const OBSERVED_UNTIL: &str = "observed_until";

/// What the file itself may not say.
#[derive(Clone, Debug, Default)]
pub struct SummaryOptions {
    /// Column with the customer, if it is not `customer_id`.
    pub customer: Option<String>,
    /// Unit of `recency` and `T`; needed if there are no dates in the file.
    pub unit: Option<TimeUnit>,
    /// End of the observation; needed if there are no dates in the file.
    pub until: Option<Day>,
    /// Unit of the model that is to be asked, and the end of its data, if it is known, which tell units apart that fit the dates alike.
    pub model: Option<(TimeUnit, Option<Day>)>,
    /// What the table says of its times elsewhere than in columns or in its own metadata.
    pub stated: Stated,
    /// What it says of its purchases, under [`PURCHASES_KEY`], elsewhere than in its own metadata.
    pub purchases: Option<String>,
    /// Columns that are not looked at.
    pub ignore: Vec<String>,
    /// Period within which orders were merged; a day, if neither this nor the file says.
    pub grain: Option<Grain>,
    /// Columns that say something else of the customers, to be kept.
    pub attributes: Vec<String>,
    /// Whether customers are numbered from 1 if no column is named and `customer_id` is not there.
    pub numbers_customers: bool,
}

/// The columns that every answer begins with.
pub fn history_columns(summary: &Summary) -> Table<'_> {
    let mut table = Table::default();
    table.push(CUSTOMER, TableColumn::Customers(&summary.customers));
    table.push(FREQUENCY, TableColumn::Count(&summary.frequency));
    table.push(RECENCY, TableColumn::Real(&summary.recency));
    table.push(AGE, TableColumn::Real(&summary.T));
    for column in [RECENCY, AGE] {
        table.say(column, UNIT, summary.observation.unit.name());
    }
    if summary.knows_spend {
        table.push(MONETARY_VALUE, TableColumn::Real(&summary.monetary_value));
    }
    table
}

/// The whole summary as a table. Where the table cannot say in any other way what its times mean, in [`metadata`], columns do
/// (`unit`, `grain`, `observed_until`).
pub fn table(summary: &Summary, has_metadata: bool) -> Table<'_> {
    let mut table = history_columns(summary);
    if let Some(purchases) = &summary.purchases {
        table.push(FIRST_PURCHASE, TableColumn::Day(&purchases.first_purchase));
        table.push(LAST_PURCHASE, TableColumn::Day(&purchases.last_purchase));
        table.push(ORDERS, TableColumn::Count(&purchases.orders));
        if let Some(totals) = summary.totals() {
            table.push(TOTAL, TableColumn::Real(totals));
        }
    }
    for attribute in &summary.attributes {
        table.push(&*attribute.name, TableColumn::Attribute(attribute));
    }
    let observation = &summary.observation;
    if !has_metadata {
        table.push(UNIT, TableColumn::Constant(observation.unit.name(), summary.len()));
    }
    if !has_metadata || observation.grain != Grain::Day {
        table.push(GRAIN, TableColumn::Constant(observation.grain.name(), summary.len()));
        table.push(OBSERVED_UNTIL, TableColumn::ConstantDay(observation.end, summary.len()));
    }
    table
}

/// Begins the file that holds the summary; nothing is in place before the commit.
///
/// # Errors
/// [`Error::Usage`](crate::Error::Usage) for an unknown ending, [`Error::Io`](crate::Error::Io) if it cannot be written.
pub fn stage(summary: &Summary, path: &Path, raw_text: bool) -> Result<Staged> {
    let mut rows = TableWriter::create(path)?.with_raw_text(raw_text);
    let has_metadata = rows.format == OutputFormat::Parquet;
    if has_metadata {
        rows = rows.with_metadata(METADATA_KEY, metadata_of(summary));
        if let Some(purchases) = purchase_metadata(summary) {
            rows = rows.with_metadata(PURCHASES_KEY, purchases);
        }
    }
    table(summary, has_metadata).write(&mut rows)?;
    rows.finish()
}

/// The column with this name, or with this name in other letters if it is the only one.
fn find(header: &[String], name: &str) -> Option<usize> {
    header.iter().position(|column| column == name).or_else(|| {
        let mut alike = (0..header.len()).filter(|&i| header[i].trim().eq_ignore_ascii_case(name));
        alike.next().filter(|_| alike.next().is_none())
    })
}

/// The column with the age.
fn age_column(header: &[String]) -> Option<usize> {
    find(header, AGE)
}

/// The column with the number of opportunities (BG/BB).
fn opportunities_column(header: &[String]) -> Option<usize> {
    ["n", "n_periods", "periods", "opportunities"].iter().find_map(|name| find(header, name))
}

/// A column that may say how many customers a row stands for, unless the caller says what else it is.
fn weights_column(header: &[String], options: &SummaryOptions) -> Option<usize> {
    let known = |column: &String| {
        options.ignore.contains(column)
            || options.attributes.contains(column)
            || options.customer.as_ref() == Some(column)
    };
    let weights = ["weights", "weight", "customers", "count", "n_customers", "number_of_customers"];
    weights.iter().filter_map(|name| find(header, name)).find(|&i| !known(&header[i]))
}

/// Whether a table is a summary rather than an order history: it has frequencies and recencies, whatever it lacks.
pub fn is_summary(header: &[String]) -> bool {
    [FREQUENCY, RECENCY].iter().all(|name| find(header, name).is_some())
}

/// Whether a summary says what purchases were worth.
pub fn knows_spend(header: &[String]) -> bool {
    find(header, MONETARY_VALUE).is_some()
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
/// [`Error::Data`](crate::Error::Data) with the place if a row is impossible: recency beyond `T`, without a repeat purchase or missing
/// with one, a count that is not whole, a customer who stands twice; if a column is not what clv wrote, or what it says of its purchases
/// is damaged. [`Error::Usage`](crate::Error::Usage), or a question, if unit or
/// end remain unknown, or if a column may say how often rows count.
pub fn read(table: &mut TableReader, options: &SummaryOptions) -> Result<Summary> {
    let columns = Columns::read(table, options)?;
    columns.finished(table.name(), knows_spend(table.header()), options)
}
