//! Reads order files into a purchase log, block by block on all cores, under the data contract.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::columns::{ColumnNames, other_amounts};
use super::conditions::Condition;
use super::contract::{Duplicates, LeftOut, Reason, Returns};
use super::conventions::Convention;
use super::currencies::Currency;
use super::dates::DateReader;
use super::doubtful_ids::all_different;
use super::found_conventions::FoundConventions;
use super::id_forms::IdKind;
use super::order_book::{OrderBook, Settling, told_of_lines};
use super::order_rule::{AmountPer, RepeatedOrders};
use super::rates::Rates;
use super::rows::{OpenTable, RowReader, Rows, Shared};
use super::seen::Seen;
use super::unread::{Readers, check_unread};
use crate::error::{Error, Result};
use crate::parallel::{share_out, threads};
use crate::summary::{Day, ExactSum, Excluded, Grain, OrderBuffer, PurchaseLog};
use crate::tables::{Block, BytesRead, Delimiter, Input, TableReader, list};
use crate::task::{phase, step};
use crate::thousands::{counted, whole};

/// How orders are read.
#[derive(Clone, Debug, Default)]
pub struct OrderOptions {
    /// Column names.
    pub columns: ColumnNames,
    /// Columns that say something else of the customers, to be kept.
    pub attributes: Vec<String>,
    /// Conditions that rows must meet.
    pub conditions: Vec<Condition>,
    /// Form and zone of dates.
    pub dates: DateReader,
    /// How amounts are written, if it is not to be found in them.
    pub convention: Option<Convention>,
    /// What amounts are in, if it is not to be found beside them; of several currencies the one that is kept.
    pub currency: Option<Currency>,
    /// Rates by which others are converted into it.
    pub rates: Option<Arc<Rates>>,
    /// What amounts are of, if orders have several lines and it is not to be found in them.
    pub amount_per: Option<AmountPer>,
    /// What refunds are of.
    pub refund_per: Option<AmountPer>,
    /// Which of several orders with one id counts, if they stand in several files and differ.
    pub repeated_orders: Option<RepeatedOrders>,
    /// Whether customers are as they are written: e-mails that differ in case are several, and guests are what their number says.
    pub exact_ids: bool,
    /// Largest share of a column's rows that may be unreadable; [`MAX_LEFT_OUT`](super::MAX_LEFT_OUT) unless set, and then a single row
    /// is no reason to stop.
    pub max_left_out: Option<f64>,
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

impl OrderOptions {
    /// Refuses options that contradict each other.
    fn check(&self) -> Result<()> {
        let without = |what: &str, needed: &str| Err(Error::Usage(format!("⟨{what}⟩ takes a ⟨{needed}⟩")));
        if self.rates.is_some() && self.currency.is_none() {
            return without("--rates", "--currency");
        }
        if self.columns.refund_date.is_some() && self.columns.refund.is_none() {
            return without("--refund-date", "--refund");
        }
        if self.refund_per.is_some() && self.columns.refund.is_none() {
            return without("--refund-per", "--refund");
        }
        Ok(())
    }
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
        let name = Path::new(&self.name).file_name();
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
    /// The name of the customers' column.
    pub customer_column: String,
    /// What was decided, in sentences whose options are marked (`option_words`).
    pub told: Vec<String>,
    /// What wants attention, likewise.
    pub warnings: Vec<String>,
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
        self.further_lines += other.further_lines;
        self.returns += other.returns;
        self.refunds += other.refunds;
        self.refunds_after_end += other.refunds_after_end;
        // Both are sums of amounts of money, and so is theirs.
        self.refunded = self.refunded.plus(other.refunded).unwrap_or_default();
        self.converted += other.converted;
        self.at_price_zero += other.at_price_zero;
        self.without_amount += other.without_amount;
        self.left_out.add(other.left_out);
    }
}

/// Reads every order of the inputs.
///
/// # Errors
/// [`Error::Data`] or [`Error::Io`] if a file cannot be read, if no row is an order, if too many rows cannot be read, or in strict mode
/// if any is no order; [`Error::Question`] if dates, amounts or columns are in doubt.
pub fn read_orders(
    inputs: &[Input],
    options: &OrderOptions,
    progress: &BytesRead,
) -> Result<(PurchaseLog, ReadReport)> {
    read_tables(inputs.iter().map(|input| TableReader::open(input, options.delimiter, progress)), options)
}

/// Reads every order of these tables, as [`read_orders`] does. Blocks of rows are parsed and folded on all cores; what comes out
/// does not depend on their number. Where the amounts turn out to be written in another way than nearly all are, tables are read a
/// second time.
///
/// # Errors
/// As [`read_orders`].
pub fn read_tables(
    tables: impl Iterator<Item = Result<TableReader>> + Send,
    options: &OrderOptions,
) -> Result<(PurchaseLog, ReadReport)> {
    options.check()?;
    let open = |(number, reader): (usize, Result<TableReader>)| {
        let reader = reader?;
        Ok((Arc::new(OpenTable::new(number, &reader, options, [options.convention; 3])?), reader))
    };
    let mut pass = Pass::over(tables.enumerate().map(open), options)?;
    pass.check_rows(options)?;
    let found = FoundConventions::of(&pass.tables, &mut pass.seen)?;
    if found.is_misread() {
        let again = pass.tables.iter().zip(&found.conventions).map(|(table, conventions)| {
            let reader = table.origin.open()?;
            Ok((Arc::new(OpenTable::new(table.number, &reader, options, *conventions)?), reader))
        });
        let tables: Vec<_> = again.collect::<Result<_>>()?;
        pass = Pass::over(tables.into_iter().map(Ok), options)?;
        pass.check_rows(options)?;
    }
    pass.finish(options, found.told)
}

/// What came of reading all tables once.
struct Pass {
    log: PurchaseLog,
    book: OrderBook,
    seen: Seen,
    tables: Vec<Arc<OpenTable>>,
}

impl Pass {
    fn over(
        tables: impl Iterator<Item = Result<(Arc<OpenTable>, TableReader)>> + Send,
        options: &OrderOptions,
    ) -> Result<Self> {
        let log = PurchaseLog::with_attributes(options.grain, &options.attributes);
        let log = match options.memory {
            Some(bytes) => log.holding(bytes),
            None => log,
        };
        let book = OrderBook::default();
        let mut blocks = Blocks { tables, open: None, opened: Vec::new() };
        let drop_duplicates = options.duplicates == Duplicates::Drop;
        // Which of two equal rows is the second one depends on their order.
        let workers = if drop_duplicates { 1 } else { threads() };
        let rows = Mutex::default();
        phase("rows read", 0);
        let work = |reader: &mut RowReader<'_>, block: usize, (table, rows): (Arc<OpenTable>, Block)| {
            let batch = rows.batch(&table.wanted, drop_duplicates)?;
            step(batch.places.len() as u64);
            reader.read(Rows { table: &table, block, batch: &batch })
        };
        let shared = Shared { options, log: &log, book: &book, rows: &rows };
        let readers = share_out(&mut blocks, workers, || RowReader::new(shared), work)?;
        let mut seen = Seen::default();
        for reader in readers {
            seen.merge(reader.finish()?);
        }
        let tables = blocks.opened;
        seen.report.describe(&tables)?;
        Ok(Self { log, book, seen, tables })
    }

    /// Refuses columns in which too much could not be read, and conditions that no row meets.
    fn check_rows(&mut self, options: &OrderOptions) -> Result<()> {
        let report = &mut self.seen.report;
        for (condition, words) in options.conditions.iter().zip(&self.seen.words) {
            report.warnings.extend(condition.check(words)?);
        }
        let readers = Readers { dates: &options.dates, convention: options.convention };
        report.warnings.extend(check_unread(&report.left_out, report.rows, options.max_left_out, &readers)?);
        Ok(())
    }

    /// Makes orders of lines, and tells of everything.
    fn finish(self, options: &OrderOptions, told: Vec<String>) -> Result<(PurchaseLog, ReadReport)> {
        let Self { log, book, mut seen, tables } = self;
        let of_lines =
            [("--amount-per", options.amount_per.is_some()), ("--repeated-orders", options.repeated_orders.is_some())];
        if let Some((option, _)) = of_lines.into_iter().find(|(_, given)| *given)
            && tables.iter().all(|table| table.columns.order.is_none())
        {
            return Err(Error::Usage(format!("⟨{option}⟩ is about orders with ids; ⟨--order⟩ names their column")));
        }
        seen.report.told = told;
        let bare = std::mem::take(&mut seen.bare);
        let (report, customers) = (&mut seen.report, &mut seen.once);
        let settling = Settling {
            log: &log,
            options,
            tables: &tables,
            report,
            customers,
            buffer: OrderBuffer::default(),
            met: Default::default(),
        };
        settling.settle(book, bare)?;
        seen.report.check(options)?;
        seen.currencies.check()?;
        seen.report.currency = match options.currency.map(Currency::codes) {
            Some([code]) => Some(code),
            Some(_) => None,
            None => seen.currencies.code(),
        };
        let kind = IdKind::of(seen.id_forms());
        tell(&mut seen, &tables, options);
        let Seen { report, days, .. } = seen;
        days.check(options.from.filter(|_| !options.keeps_all), options.keeps_all)?;
        let log = log.with_currency(report.currency.and_then(|code| code.parse().ok()));
        let log = if kind.reals_are_whole { log.with_whole_ids()? } else { log };
        Ok((if kind.text { log.with_text_ids() } else { log }, report))
    }
}

/// Tells of what was decided, and warns of what is in doubt.
fn tell(seen: &mut Seen, tables: &[Arc<OpenTable>], options: &OrderOptions) {
    let Some(table) = tables.first() else { return };
    let header = table.shape.header();
    let mut told = Vec::new();
    let others = other_amounts(header, &table.columns, &options.columns);
    if let Some(amount) = table.columns.amount_name(header).filter(|_| !others.is_empty()) {
        let others: Vec<String> = others.into_iter().map(str::to_owned).collect();
        told.push(format!("the amount is `{amount}` as it stands; beside it are {}", list(&others)));
    }
    let report = &seen.report;
    told.extend(told_of_lines(report));
    let email = |table: &Arc<OpenTable>| table.columns.email.map(|email| table.shape.header()[email].clone());
    let email = tables.iter().find_map(email).filter(|_| seen.customers.guests > 0);
    if let Some(email) = &email {
        let rows = counted(seen.customers.guests, "row");
        told.push(format!("{rows} of guests without a customer number are known by `{email}`"));
    }
    let respelled = seen.customers.respelled.len() as u64;
    if respelled > 0 {
        told.push(format!(
            "{} of customers with capitals in an e-mail or blanks around it stand for those without; ⟨--exact-ids⟩ keeps them apart",
            counted(respelled, "spelling")
        ));
    }
    if report.refunds > 0 {
        told.push(format!("{} subtracted, {:.2} in all", counted(report.refunds, "refund"), report.refunded.value()));
    }
    if report.refunds_after_end > 0 {
        told.push(format!(
            "left out: {} after the end of the observation",
            counted(report.refunds_after_end, "refund")
        ));
    }
    if let Some(currency) = options.currency.filter(|_| report.converted > 0) {
        told.push(format!("{} converted into {currency}", counted(report.converted, "amount")));
    }
    let mut warnings: Vec<String> = seen.status_warnings().collect();
    let refund =
        |table: &Arc<OpenTable>| table.columns.unused_refund.map(|column| table.shape.header()[column].clone());
    if let Some(name) = tables.iter().find_map(refund).filter(|_| seen.unused_refunds > 0) {
        let rows = counted(seen.unused_refunds, "row");
        warnings.push(format!(
            "{rows} with a refund in `{name}`, which is not subtracted; ⟨--refund '{name}'⟩ subtracts it"
        ));
    }
    if let Some(email) = email.filter(|_| seen.customers.known_guests() > 0) {
        let guests = counted(seen.customers.known_guests(), "guest");
        warnings.push(format!(
            "{guests} with the e-mail of a customer who has a number, and counted apart; ⟨--customer '{email}'⟩ knows everybody by it"
        ));
    }
    warnings.extend(all_different(seen, tables));
    seen.report.told.extend(told);
    seen.report.warnings.extend(warnings);
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

    fn describe(&mut self, tables: &[Arc<OpenTable>]) -> Result<()> {
        self.table_rows.resize(tables.len(), 0);
        if let Some(table) = tables.first() {
            self.customer_column.clone_from(&table.shape.header()[table.columns.customer]);
        }
        for (table, &rows) in tables.iter().zip(&self.table_rows) {
            let (name, header) = (table.shape.name(), table.shape.header());
            if rows == 0 {
                return Err(Error::Data(format!("{name}: there is a header but no order")));
            }
            let columns = table.columns.describe(header).to_string();
            self.files.push(FileRead { name: name.to_owned(), columns, rows });
        }
        Ok(())
    }

    /// Refuses rows none of which is an order, with the most frequent reasons first.
    fn check(&self, options: &OrderOptions) -> Result<()> {
        if self.used > 0 {
            return Ok(());
        }
        let mut reasons: Vec<_> = self.left_out.reasons().collect();
        reasons.sort_by_key(|(_, rows, _)| std::cmp::Reverse(*rows));
        let said = reasons.iter().map(|(reason, rows, example)| format!("{} {reason} ({example})", whole(*rows)));
        let only_other_currencies = reasons.first().is_some_and(|(reason, ..)| *reason == Reason::OtherCurrency);
        let hint = match options.currency {
            Some(currency) if only_other_currencies => format!(". ⟨--currency {currency}⟩ keeps none of them"),
            _ => String::new(),
        };
        Err(Error::Data(format!(
            "none of the {} rows is an order: {}{hint}",
            self.rows,
            said.collect::<Vec<String>>().join("; ")
        )))
    }
}

/// The blocks of all tables, one after the other; each table is opened when its turn comes.
struct Blocks<T> {
    tables: T,
    open: Option<(Arc<OpenTable>, TableReader)>,
    opened: Vec<Arc<OpenTable>>,
}

impl<T: Iterator<Item = Result<(Arc<OpenTable>, TableReader)>>> Blocks<T> {
    fn next_block(&mut self) -> Result<Option<(Arc<OpenTable>, Block)>> {
        loop {
            if let Some((table, reader)) = &mut self.open
                && let Some(block) = reader.next_block()?
            {
                return Ok(Some((Arc::clone(table), block)));
            }
            let Some((table, reader)) = self.tables.next().transpose()? else { return Ok(None) };
            self.opened.push(Arc::clone(&table));
            self.open = Some((table, reader));
        }
    }
}

impl<T: Iterator<Item = Result<(Arc<OpenTable>, TableReader)>>> Iterator for Blocks<T> {
    type Item = Result<(Arc<OpenTable>, Block)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_block().transpose()
    }
}
