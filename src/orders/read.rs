//! Reads order files into a purchase log, block by block on all cores, under the data contract.

use std::sync::{Arc, Mutex};

use super::columns::{ColumnNames, status_columns};
use super::contract::{Duplicates, LeftOut, Reason, Returns};
use super::dates::DateReader;
use super::id_forms::IdKind;
use super::rows::{OpenTable, RowReader, Rows, Seen};
use crate::error::{Error, Result};
use crate::parallel::{share_out, threads};
use crate::summary::{Day, Excluded, Grain, PurchaseLog};
use crate::tables::{Block, BytesRead, Delimiter, Input, TableReader};
use crate::task::{phase, step};
use crate::thousands::counted;

/// How orders are read.
#[derive(Clone, Debug, Default)]
pub struct OrderOptions {
    /// Column names.
    pub columns: ColumnNames,
    /// Columns that say something else of the customers, to be kept.
    pub attributes: Vec<String>,
    /// Form and zone of dates.
    pub dates: DateReader,
    /// `1.234,56` rather than `1,234.56`.
    pub decimal_comma: bool,
    /// The character between fields, if it is not to be found in the header.
    pub delimiter: Option<Delimiter>,
    /// What happens to negative amounts.
    pub returns: Returns,
    /// What happens to equal rows.
    pub duplicates: Duplicates,
    /// Period within which orders are one purchase.
    pub grain: Grain,
    /// End of the observation: later orders are left out.
    pub until: Option<Day>,
    /// Whether all orders are kept for other ends of the observation, so that none can be left out by its day.
    pub keeps_all: bool,
    /// First day of the history; earlier dates are no reason to suspect a mistyped one.
    pub from: Option<Day>,
    /// Whether any row left out is an error.
    pub strict: bool,
    /// Bytes of orders held in memory, about; more go to a temporary file.
    pub memory: Option<usize>,
}

/// What was read from one file.
#[derive(Clone, Debug)]
pub struct FileRead {
    /// Its name.
    pub name: String,
    /// The columns chosen, in words.
    pub columns: String,
    /// Rows, the header not counted.
    pub rows: u64,
}

impl FileRead {
    /// Its name without the folders it lies in, which are nobody else's business.
    pub fn file_name(&self) -> &str {
        let name = std::path::Path::new(&self.name).file_name();
        name.and_then(|name| name.to_str()).unwrap_or(&self.name)
    }
}

/// What became of every row.
#[derive(Clone, Debug, Default)]
pub struct ReadReport {
    /// File by file.
    pub files: Vec<FileRead>,
    /// Rows in all.
    pub rows: u64,
    /// Orders used, returns included.
    pub used: u64,
    /// Returns among them.
    pub returns: u64,
    /// Orders among them that cost nothing.
    pub at_price_zero: u64,
    /// Orders among them whose amount is not known, and was not needed.
    pub without_amount: u64,
    /// The rest.
    pub left_out: LeftOut,
    /// Columns that tell paid orders from others, which are not looked at.
    pub status_columns: Vec<String>,
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

    pub(super) fn add(&mut self, other: Self) {
        other.table_rows.iter().enumerate().for_each(|(table, &rows)| self.count_rows(table, rows));
        self.used += other.used;
        self.returns += other.returns;
        self.at_price_zero += other.at_price_zero;
        self.without_amount += other.without_amount;
        self.left_out.add(other.left_out);
    }
}

/// Reads every order of the inputs.
///
/// # Errors
/// [`Error::Data`] or [`Error::Io`] if a file cannot be read, if dates or columns are in doubt, if no row is an order, or
/// in strict mode if any is none.
pub fn read_orders(
    inputs: &[Input],
    options: &OrderOptions,
    progress: &BytesRead,
) -> Result<(PurchaseLog, ReadReport)> {
    read_tables(inputs.iter().map(|input| TableReader::open(input, options.delimiter, progress)), options)
}

/// Reads every order of these tables, as [`read_orders`] does. Blocks of rows are parsed and folded on all cores; what comes out
/// does not depend on their number.
///
/// # Errors
/// As [`read_orders`].
pub fn read_tables(
    tables: impl Iterator<Item = Result<TableReader>> + Send,
    options: &OrderOptions,
) -> Result<(PurchaseLog, ReadReport)> {
    let log = PurchaseLog::with_attributes(options.grain, &options.attributes);
    let log = match options.memory {
        Some(bytes) => log.holding(bytes),
        None => log,
    };
    let mut blocks = Blocks { tables, options, open: None, shapes: Vec::new() };
    let drop_duplicates = options.duplicates == Duplicates::Drop;
    // Which of two equal rows is the second one depends on their order.
    let workers = if drop_duplicates { 1 } else { threads() };
    let seen = Mutex::default();
    phase("rows read", 0);
    let work = |reader: &mut RowReader<'_>, block: usize, (table, rows): (Arc<OpenTable>, Block)| {
        let batch = rows.batch(&table.wanted, drop_duplicates)?;
        step(batch.places.len() as u64);
        reader.read(Rows { table: &table, block, batch: &batch })
    };
    let readers = share_out(&mut blocks, workers, || RowReader::new(options, &log, &seen), work)?;

    let mut seen = Seen::default();
    for reader in readers {
        seen.merge(reader.finish()?);
    }
    let Seen { mut report, days, currencies, id_forms } = seen;
    report.describe(&blocks.shapes, &options.columns)?;
    report.check()?;
    currencies.check()?;
    days.check(options.from.filter(|_| !options.keeps_all), options.keeps_all)?;
    let kind = IdKind::of(&id_forms);
    let log = if kind.reals_are_whole { log.with_whole_ids()? } else { log };
    Ok((if kind.text { log.with_text_ids() } else { log }, report))
}

impl ReadReport {
    /// How many orders came after the end of the observation, and so are left out, in words; none if none did.
    pub fn after_end(&self, excluded: &Excluded, end: Day) -> Option<String> {
        let later = self.left_out.rows(Reason::AfterEnd) + excluded.later_orders;
        (later > 0).then(|| format!("{} after the end of the observation, {end}", counted(later, "order")))
    }

    /// Refuses orders all of which are returns.
    ///
    /// # Errors
    /// [`Error::Data`].
    pub fn check_purchases(&self) -> Result<()> {
        if self.used > self.returns {
            return Ok(());
        }
        Err(Error::Data(format!("all {} orders are returns (negative amounts): nobody purchased", self.used)))
    }

    fn describe(&mut self, tables: &[Arc<OpenTable>], names: &ColumnNames) -> Result<()> {
        self.table_rows.resize(tables.len(), 0);
        for (table, &rows) in tables.iter().zip(&self.table_rows) {
            let (name, header) = (table.shape.name(), table.shape.header());
            if rows == 0 {
                return Err(Error::Data(format!("{name}: there is a header but no order")));
            }
            for name in status_columns(header, names) {
                if !self.status_columns.contains(name) {
                    self.status_columns.push(name.clone());
                }
            }
            let columns = table.columns.describe(header).to_string();
            self.files.push(FileRead { name: name.to_owned(), columns, rows });
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        if self.used > 0 {
            return Ok(());
        }
        let reasons = self.left_out.reasons().map(|(reason, rows, example)| format!("{rows} {reason} ({example})"));
        let hint = if self.left_out.rows(Reason::UnreadableDate) == self.rows {
            ". Give the form of the dates, for instance ⟨--date-format '%d %b %Y'⟩"
        } else {
            ""
        };
        Err(Error::Data(format!(
            "none of the {} rows is an order: {}{hint}",
            self.rows,
            reasons.collect::<Vec<String>>().join("; ")
        )))
    }
}

/// The blocks of all tables, one after the other; each table is opened when its turn comes.
struct Blocks<'a, T> {
    tables: T,
    options: &'a OrderOptions,
    open: Option<(Arc<OpenTable>, TableReader)>,
    /// The tables opened so far.
    shapes: Vec<Arc<OpenTable>>,
}

impl<T: Iterator<Item = Result<TableReader>>> Blocks<'_, T> {
    fn next_block(&mut self) -> Result<Option<(Arc<OpenTable>, Block)>> {
        loop {
            if let Some((table, reader)) = &mut self.open
                && let Some(block) = reader.next_block()?
            {
                return Ok(Some((Arc::clone(table), block)));
            }
            let Some(reader) = self.tables.next().transpose()? else { return Ok(None) };
            let table = Arc::new(OpenTable::new(self.shapes.len(), &reader, self.options)?);
            self.shapes.push(Arc::clone(&table));
            self.open = Some((table, reader));
        }
    }
}

impl<T: Iterator<Item = Result<TableReader>>> Iterator for Blocks<'_, T> {
    type Item = Result<(Arc<OpenTable>, Block)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_block().transpose()
    }
}
