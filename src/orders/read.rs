//! Reads order files into a purchase log, block by block on all cores, under the data contract.

use std::sync::{Arc, Mutex};

use super::columns::other_amounts;
use super::contract::{Duplicates, Reason};
use super::currencies::Currency;
use super::doubtful_ids::all_different;
use super::first_rows::first_rows;
use super::found_conventions::FoundConventions;
use super::found_dates::FoundDates;
use super::id_forms::IdKind;
use super::open_table::{OpenTable, Rows};
use super::options::OrderOptions;
use super::order_book::Settling;
use super::order_lines::OrderLines;
use super::report::ReadReport;
use super::rows::{RowReader, Shared};
use super::same_files::same_files;
use super::seen::Seen;
use super::unread::{Readers, WARNED_OF, check_unread};
use crate::error::{Error, Result};
use crate::message::{Message, flag, opt, say};
use crate::number_format::counted;
use crate::parallel::{share_out, threads};
use crate::summary::PurchaseLog;
use crate::tables::{Block, BytesRead, Input, TableReader, list};
use crate::task::{phase, step};

/// Reads every order of the inputs.
///
/// ```
/// use clv::orders::{OrderOptions, read_orders};
/// use clv::summary::{Cohort, TimeUnit};
/// use clv::tables::{BytesRead, expand};
///
/// let files = expand(&["data/cdnow/orders-sample.csv".to_owned()])?;
/// let (mut log, report) = read_orders(&files, &OrderOptions::default(), &BytesRead::default())?;
/// assert_eq!(report.used, 6_919);
/// let (summary, _) = log.summary(TimeUnit::Week, "1997-09-30".parse()?, &Cohort::default())?;
/// assert_eq!(summary.len(), 2_357);
/// # Ok::<(), clv::Error>(())
/// ```
///
/// # Errors
/// [`Error::data`] or [`Error::io`] if a file cannot be read, if no row is an order, if too many rows cannot be read, or in strict mode
/// if any is no order; [`Error::question`] if dates, amounts or columns are in doubt.
pub fn read_orders(
    inputs: &[Input],
    options: &OrderOptions,
    progress: &BytesRead,
) -> Result<(PurchaseLog, ReadReport)> {
    read_tables(inputs.iter().map(|input| TableReader::open(input, &options.file(), progress)), options)
}

/// Reads every order of these tables, as [`read_orders`] does. Blocks of rows are parsed and folded on all cores; what comes out
/// does not depend on their number. Where the amounts or dates turn out to be written in another way than nearly all are, tables are
/// read a second time.
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
        let table = OpenTable::new(number, &reader, options, [options.convention; 3], options.dates.clone())?;
        Ok((Arc::new(table), reader))
    };
    let mut pass = Pass::over(tables.enumerate().map(open), options)?;
    let dates = FoundDates::of(&pass.tables, &mut pass.seen, options)?;
    if !dates.is_misread() {
        pass.check_rows(options)?;
    }
    let found = FoundConventions::of(&pass.tables, &mut pass.seen)?;
    if found.is_misread() || dates.is_misread() {
        let forms = found.conventions.iter().zip(&dates.readers);
        let again = pass.tables.iter().zip(forms).map(|(table, (conventions, form))| {
            let reader = table.origin.open()?;
            let form = form.as_ref().map_or_else(|| table.dates.clone(), |form| table.dates.with_format_of(form));
            Ok((Arc::new(OpenTable::new(table.number, &reader, options, *conventions, form)?), reader))
        });
        let tables: Vec<_> = again.collect::<Result<_>>()?;
        pass = Pass::over(tables.into_iter().map(Ok), options)?;
        pass.check_rows(options)?;
    }
    pass.finish(options, dates.told.into_iter().chain(found.told).collect())
}

/// What came of reading all tables once.
struct Pass {
    log: PurchaseLog,
    lines: OrderLines,
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
        let lines = OrderLines::holding(options.memory);
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
        let shared = Shared { options, log: &log, lines: &lines, rows: &rows };
        let readers = share_out(&mut blocks, workers, || RowReader::new(shared), work)?;
        let mut seen = Seen::default();
        for reader in readers {
            seen.merge(reader.finish()?);
        }
        let tables = blocks.opened;
        seen.report.describe(&tables)?;
        Ok(Self { log, lines, seen, tables })
    }

    /// Refuses columns in which too much could not be read, and conditions that no row meets.
    fn check_rows(&mut self, options: &OrderOptions) -> Result<()> {
        let report = &mut self.seen.report;
        for (condition, words) in options.columns.conditions.iter().zip(&self.seen.words) {
            report.warnings.extend(condition.check(words)?);
        }
        let readers = Readers { dates: &options.dates, convention: options.convention };
        report.warnings.extend(check_unread(&report.left_out, report.rows, options.max_left_out, &readers)?);
        Ok(())
    }

    /// Makes orders of lines, and tells of everything.
    fn finish(self, options: &OrderOptions, told: Vec<Message>) -> Result<(PurchaseLog, ReadReport)> {
        let Self { log, lines, mut seen, tables } = self;
        let of_lines =
            [("amount_per", options.amount_per.is_some()), ("repeated_orders", options.repeated_orders.is_some())];
        if let Some((option, _)) = of_lines.into_iter().find(|(_, given)| *given)
            && !options.may_be_idle
            && tables.iter().all(|table| table.columns.order.is_none())
        {
            return Err(Error::usage(say![
                opt(option),
                " is about orders with ids; ",
                opt("order"),
                " names their column"
            ]));
        }
        seen.report.told = tables.iter().flat_map(|table| table.shape.told()).chain(told).collect();
        let (report, customers) = (&mut seen.report, &mut seen.once);
        Settling { log: &log, options, tables: &tables, report, customers }.settle(lines)?;
        seen.report.check(options)?;
        if let Some(table) = tables.first().filter(|_| options.rows_shown > 0) {
            seen.report.first_rows = first_rows(table, options, options.rows_shown)?;
        }
        seen.currencies.check()?;
        seen.report.written_currency = options.currency.or_else(|| seen.currencies.one());
        seen.report.currency = seen.report.written_currency.and_then(Currency::code);
        let kind = IdKind::of(seen.id_forms());
        tell(&mut seen, &tables, options);
        let Seen { report, days, .. } = seen;
        days.check(options.cohort.from.filter(|_| !options.keeps_all), options.keeps_all)?;
        let log = log.with_currency(report.currency.and_then(|code| code.parse().ok()));
        let log = if kind.reals_are_whole { log.with_whole_ids()? } else { log };
        Ok((if kind.text { log.with_text_ids() } else { log }, report))
    }
}

/// Tells of what was decided, and warns of what is in doubt.
fn tell(seen: &mut Seen, tables: &[Arc<OpenTable>], options: &OrderOptions) {
    let Some(table) = tables.first() else { return };
    let header = table.shape.header();
    let mut told: Vec<Message> = Vec::new();
    let others = other_amounts(header, &table.columns, &options.columns);
    if let Some(amount) = table.columns.amount_name(header).filter(|_| !others.is_empty()) {
        let others: Vec<String> = others.into_iter().map(str::to_owned).collect();
        told.push(format!("the amount is `{amount}` as it stands; beside it are {}", list(&others)).into());
    }
    let report = &seen.report;
    told.extend(report.told_of_lines().map(Message::from));
    let email = |table: &Arc<OpenTable>| table.columns.email.map(|email| table.shape.header()[email].clone());
    let email = tables.iter().find_map(email).filter(|_| seen.customers.guests > 0);
    if let Some(email) = &email {
        let rows = counted(seen.customers.guests, "row");
        told.push(format!("{rows} of guests without a customer number are known by `{email}`").into());
    }
    let respelled = seen.customers.respelled.len() as u64;
    if respelled > 0 {
        told.push(say![
            format!(
                "{} of customers with capitals in an e-mail or blanks around it stand for those without; ",
                counted(respelled, "spelling")
            ),
            flag("exact_ids"),
            " keeps them apart"
        ]);
    }
    if report.refunds > 0 {
        told.push(
            format!("{} subtracted, {:.2} in all", counted(report.refunds, "refund"), report.refunded.value()).into(),
        );
    }
    let excess = told_of_excess(report, tables);
    let is_detail = report.excess.rows as f64 <= WARNED_OF * report.refunds as f64;
    told.extend(excess.clone().filter(|_| is_detail));
    if report.refunds_after_end > 0 {
        told.push(
            format!("left out: {} after the end of the observation", counted(report.refunds_after_end, "refund"))
                .into(),
        );
    }
    if let Some(currency) = options.currency.filter(|_| report.converted > 0) {
        told.push(format!("{} converted into {currency}", counted(report.converted, "amount")).into());
    }
    let mut warnings: Vec<Message> = excess.filter(|_| !is_detail).into_iter().chain(seen.status_warnings()).collect();
    let refund =
        |table: &Arc<OpenTable>| table.columns.unused_refund.map(|column| table.shape.header()[column].clone());
    if let Some(name) = tables.iter().find_map(refund).filter(|_| seen.unused_refunds > 0) {
        let rows = counted(seen.unused_refunds, "row");
        warnings.push(say![
            "{rows} with a refund in `{name}`, which is not subtracted; ",
            opt("refund").with(name.to_string()),
            " subtracts it"
        ]);
    }
    if let Some(email) = email.filter(|_| seen.customers.known_guests() > 0) {
        let guests = counted(seen.customers.known_guests(), "guest");
        warnings.push(say![
            "{guests} with the e-mail of a customer who has a number, and counted apart; ",
            opt("customer").with(email.to_string()),
            " knows everybody by it"
        ]);
    }
    if report.left_out.rows(Reason::RepeatedOrder) == 0
        && let Some((one, other)) = same_files(tables)
    {
        warnings.push(format!("{one} and {other} hold the same, and count twice; leave one of them out").into());
    }
    if let (rows @ 1.., id) = &seen.customers.shortened {
        warnings.push(format!(
            "{} with a customer like `{id}`, which a spreadsheet has shortened: several customers may have become one. Write the ids as \
             text, and export them again",
            counted(*rows, "row")
        ).into());
    }
    warnings.extend(all_different(seen, tables));
    seen.report.told.extend(told);
    seen.report.warnings.extend(warnings);
}

/// Refunds larger than their orders in words.
fn told_of_excess(report: &ReadReport, tables: &[Arc<OpenTable>]) -> Option<Message> {
    let (table, place, amounts) = report.excess.first.as_ref()?;
    let table = &tables[*table];
    let refund = table.columns.refund.map_or("", |column| &table.shape.header()[column]);
    let amount = table.columns.amount_name(table.shape.header()).unwrap_or("the amount");
    let (refunds, place) = (counted(report.excess.rows, "refund"), table.shape.place(*place));
    Some(say![
        "{refunds} in `{refund}` larger than the order ({place}: {amounts}), and subtracted as it stands. If \
         `{amount}` is what was left after refunds, leave ",
        opt("refund").with(refund),
        " out; if it lacks tax or shipping that were paid back, ",
        opt("amount"),
        " names the column with them"
    ])
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
