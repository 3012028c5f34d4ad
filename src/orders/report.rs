//! What became of every row.

use std::path::Path;
use std::sync::Arc;

use super::contract::{LeftOut, Reason};
use super::currencies::Currency;
use super::met_lines::Tally;
use super::open_table::OpenTable;
use super::options::OrderOptions;
use crate::error::{Error, Place, Result};
use crate::message::{Message, opt, say};
use crate::number_format::{counted, whole};
use crate::summary::{Day, ExactSum, Excluded};

/// What was read from one file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FileRead {
    /// Its name.
    pub name: String,
    /// The columns chosen, in words.
    pub columns: String,
    /// Rows, the header not counted.
    pub rows: u64,
}

impl FileRead {
    /// The file's name without the folders it lies in, which are nobody else's business.
    pub fn file_name(&self) -> &str {
        let name = Path::new(&self.name).file_name();
        name.and_then(|name| name.to_str()).unwrap_or(&self.name)
    }
}

/// A row of an export as it stands there, and as it is read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FirstRow {
    /// Where it stands.
    pub place: Place,
    /// The customer.
    pub customer: String,
    /// The date as it is written.
    pub date: String,
    /// Its day, if it is one.
    pub day: Option<Day>,
    /// The amount as it is written: of several columns, `quantity x price`.
    pub written: String,
    /// The amount, if it is a number.
    pub amount: Option<f64>,
}

/// What became of every row.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ReadReport {
    /// File by file.
    pub files: Vec<FileRead>,
    /// Rows in all.
    pub rows: u64,
    /// Orders used, returns included.
    pub used: u64,
    /// Rows that are further lines of orders.
    pub further_lines: u64,
    /// Returns among the orders.
    pub returns: u64,
    /// Refunds that were subtracted, those after the end of the observation, and what they come to.
    pub refunds: u64,
    /// See `refunds`.
    pub refunds_after_end: u64,
    /// See `refunds`.
    pub refunded: ExactSum,
    /// Refunds of orders that are larger than the orders, and the first of them.
    pub(super) excess: Tally,
    /// Amounts converted from other currencies.
    pub converted: u64,
    /// Orders among them that cost nothing.
    pub at_price_zero: u64,
    /// Orders among them whose amount is not known, and was not needed.
    pub without_amount: u64,
    /// The rest.
    pub left_out: LeftOut,
    /// The code of the currency of the amounts, if it is known.
    pub currency: Option<&'static str>,
    /// What the amounts are in as it is written, which may stand for several codes: `$`.
    pub written_currency: Option<Currency>,
    /// The name of the customers' column.
    pub customer_column: String,
    /// The first rows of the first file, as many as were asked for.
    pub first_rows: Vec<FirstRow>,
    /// What was decided, in sentences.
    pub told: Vec<Message>,
    /// What wants attention, likewise.
    pub warnings: Vec<Message>,
    /// Rows of each table.
    table_rows: Vec<u64>,
}

impl ReadReport {
    /// Adds rows of the table with this number.
    pub(super) fn count_rows(&mut self, table: usize, rows: u64) {
        if self.table_rows.len() <= table {
            self.table_rows.resize(table + 1, 0);
        }
        self.table_rows[table] += rows;
        self.rows += rows;
    }

    /// Rows of a table.
    pub(super) fn rows_of(&self, table: usize) -> u64 {
        self.table_rows.get(table).copied().unwrap_or_default()
    }

    pub(super) fn add(&mut self, other: Self) {
        other.table_rows.iter().enumerate().for_each(|(table, &rows)| self.count_rows(table, rows));
        self.used += other.used;
        self.further_lines += other.further_lines;
        self.returns += other.returns;
        self.refunds += other.refunds;
        self.refunds_after_end += other.refunds_after_end;
        // Both are sums of amounts of money, and so is theirs.
        self.refunded = self.refunded.plus(other.refunded).unwrap_or_default();
        self.excess.merge(other.excess);
        self.converted += other.converted;
        self.at_price_zero += other.at_price_zero;
        self.without_amount += other.without_amount;
        self.left_out.add(other.left_out);
    }

    /// Refunds of orders that are larger than the orders.
    pub fn excess_refunds(&self) -> u64 {
        self.excess.rows
    }

    /// Takes note of what was paid back of an order for which so much was paid.
    pub(super) fn see_refund(&mut self, refund: f64, paid: f64, at: (usize, u64)) {
        /// What is left of decimals in sums and rates.
        const NOTHING: f64 = 1e-9;
        if refund > paid.max(0.0) + NOTHING * refund {
            self.excess.see(1, at, || format!("{refund:.2} of {paid:.2}"));
        }
    }

    /// How many orders came after the end of the observation, and so are left out, in words; none if none did.
    pub fn after_end(&self, excluded: &Excluded, end: Day) -> Option<String> {
        let later = self.left_out.rows(Reason::AfterEnd) + excluded.later_orders;
        (later > 0).then(|| format!("{} after the end of the observation, {end}", counted(later, "order")))
    }

    /// Refuses orders all of which are returns.
    ///
    /// # Errors
    /// [`Error::data`].
    pub fn check_purchases(&self) -> Result<()> {
        if self.used > self.returns {
            return Ok(());
        }
        Err(Error::data(format!("all {} orders are returns (negative amounts): nobody purchased", self.used)))
    }

    /// Names the files and their columns.
    ///
    /// # Errors
    /// [`Error::data`] if a file has no rows.
    pub(super) fn describe(&mut self, tables: &[Arc<OpenTable>]) -> Result<()> {
        self.table_rows.resize(tables.len(), 0);
        if let Some(table) = tables.first() {
            self.customer_column.clone_from(&table.shape.header()[table.columns.customer]);
        }
        for (table, &rows) in tables.iter().zip(&self.table_rows) {
            let (name, header) = (table.shape.name(), table.shape.header());
            if rows == 0 {
                return Err(Error::data("there is a header but no order").in_file(name));
            }
            let columns = table.columns.describe(header).to_string();
            self.files.push(FileRead { name: name.to_owned(), columns, rows });
        }
        Ok(())
    }

    /// Refuses rows none of which is an order, with the most frequent reasons first.
    pub(super) fn check(&self, options: &OrderOptions) -> Result<()> {
        if self.used > 0 {
            return Ok(());
        }
        let mut reasons: Vec<_> = self.left_out.reasons().collect();
        reasons.sort_by_key(|(_, rows, _)| std::cmp::Reverse(*rows));
        let described = reasons.iter().map(|(reason, rows, example)| format!("{} {reason} ({example})", whole(*rows)));
        let only_other_currencies = reasons.first().is_some_and(|(reason, ..)| *reason == Reason::OtherCurrency);
        let hint = match options.currency {
            Some(currency) if only_other_currencies => {
                say![". ", opt("currency").with(currency.to_string()), " keeps none of them"]
            }
            _ => say![],
        };
        let (rows, described) = (self.rows, described.collect::<Vec<String>>().join("; "));
        let first = reasons.first().map(|(_, _, example)| example.place.clone().of_value(&example.value));
        let message = say!["none of the {rows} rows is an order: {described}", hint];
        Err(Error::data(message).knowing(first.unwrap_or_default()))
    }

    /// Lines of orders in words.
    pub(super) fn told_of_lines(&self) -> Option<String> {
        match self.further_lines {
            0 => None,
            1 => Some("1 row is a further line of an order".to_owned()),
            lines => Some(format!("{} rows are further lines of orders", whole(lines))),
        }
    }
}
