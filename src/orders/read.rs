//! Reads order files into a purchase log, row by row under the data contract.

use std::borrow::Cow;
use std::collections::HashSet;

use super::amounts::AmountReader;
use super::columns::{AmountColumns, ColumnNames, Columns, status_columns};
use super::contract::{Duplicates, Example, LeftOut, Reason, Returns};
use super::dates::{DateProblem, DateReader, RecentDays, advice};
use crate::error::{Error, Result};
use crate::summary::{Day, Grain, LARGEST_AMOUNT, PurchaseLog};
use crate::tables::{Batch, BytesRead, Cells, Delimiter, Input, TableReader, TableShape, clip};

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
    /// First day of the history; earlier dates are no reason to suspect a mistyped one.
    pub from: Option<Day>,
    /// Whether any row left out is an error.
    pub strict: bool,
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
    /// The rest.
    pub left_out: LeftOut,
    /// Columns that tell paid orders from others, which are not looked at.
    pub status_columns: Vec<String>,
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

/// Reads every order of these tables, as [`read_orders`] does.
///
/// # Errors
/// As [`read_orders`].
pub fn read_tables(
    tables: impl IntoIterator<Item = Result<TableReader>>,
    options: &OrderOptions,
) -> Result<(PurchaseLog, ReadReport)> {
    let mut reader = OrderReader {
        options,
        amounts: AmountReader { decimal_comma: options.decimal_comma },
        log: PurchaseLog::with_attributes(options.grain, &options.attributes),
        report: ReadReport::default(),
        seen: HashSet::new(),
        days: DaysSeen::default(),
        recent: RecentDays::default(),
    };
    for table in tables {
        reader.read(table?)?;
    }
    reader.finish()
}

struct OrderReader<'a> {
    options: &'a OrderOptions,
    amounts: AmountReader,
    log: PurchaseLog,
    report: ReadReport,
    seen: HashSet<u128>,
    days: DaysSeen,
    recent: RecentDays,
}

/// An order that can be used, and what else its row says.
struct Order<'a> {
    customer: &'a str,
    day: Day,
    amount: f64,
    row: usize,
    attributes: &'a [Cells],
}

/// A row's order, or why it is none and the cell that shows it.
type Judged = std::result::Result<(Day, f64), (Reason, String)>;

impl OrderReader<'_> {
    fn read(&mut self, reader: TableReader) -> Result<()> {
        let table = TableShape::clone(&reader);
        let columns = Columns::choose(&table, &self.options.columns)?;
        let attributes = self.options.attributes.iter().map(|name| table.column(name));
        let wanted: Vec<usize> = columns.numbers().into_iter().map(Ok).chain(attributes).collect::<Result<_>>()?;
        let before = self.report.rows;
        let drop_duplicates = self.options.duplicates == Duplicates::Drop;
        for batch in reader.into_batches(wanted, drop_duplicates) {
            self.batch(&table, &columns, &batch?)?;
        }
        let rows = self.report.rows - before;
        if rows == 0 {
            return Err(Error::Data(format!("{}: there is a header but no order", table.name())));
        }
        for name in status_columns(table.header()) {
            if !self.report.status_columns.contains(name) {
                self.report.status_columns.push(name.clone());
            }
        }
        let columns = columns.describe(table.header()).to_string();
        self.report.files.push(FileRead { name: table.name().to_owned(), columns, rows });
        Ok(())
    }

    fn batch(&mut self, table: &TableShape, columns: &Columns, batch: &Batch) -> Result<()> {
        self.report.rows += (batch.places.len() + batch.ragged.len()) as u64;
        for ragged in &batch.ragged {
            self.leave_out(Reason::Ragged, table, ragged.place, || {
                format!("{} fields, the header has {}", ragged.fields, table.header().len())
            })?;
        }
        let mut number = String::new();
        let described = columns.numbers().len();
        for row in 0..batch.places.len() {
            let place = batch.places[row];
            if let Some(&fingerprint) = batch.fingerprints.get(row)
                && !self.seen.insert(fingerprint)
            {
                self.leave_out(Reason::Duplicate, table, place, String::new)?;
                continue;
            }
            let customer = match customer(&batch.columns[0], row, &mut number) {
                Ok(customer) => customer,
                Err(reason) => {
                    self.leave_out(reason, table, place, || lossy(&batch.columns[0], row))?;
                    continue;
                }
            };
            match self.judge(table, columns, batch, row)? {
                Ok((day, amount)) => {
                    let order = Order { customer, day, amount, row, attributes: &batch.columns[described..] };
                    self.take(table, place, &order)?;
                }
                Err((reason, value)) => self.leave_out(reason, table, place, || clip(&value))?,
            }
        }
        Ok(())
    }

    fn judge(&mut self, table: &TableShape, columns: &Columns, batch: &Batch, row: usize) -> Result<Judged> {
        let day = match self.day(&batch.columns[1], row) {
            Ok(Some(day)) => day,
            Ok(None) => return Ok(Err((Reason::NoDate, String::new()))),
            Err((DateProblem::Unreadable, text)) => return Ok(Err((Reason::UnreadableDate, text))),
            Err((DateProblem::Ambiguous, text)) => {
                return Err(Error::Data(format!(
                    "{}: `{}` does not say which is the day and which the month; {}",
                    table.place(batch.places[row]),
                    clip(&text),
                    advice(&text, texts(&batch.columns[1]))
                )));
            }
        };
        let amount = match columns.amount {
            AmountColumns::Amount(_) => self.number(&batch.columns[2], row),
            AmountColumns::QuantityTimesPrice(..) => self
                .number(&batch.columns[2], row)
                .and_then(|quantity| self.number(&batch.columns[3], row).map(|price| quantity * price)),
        };
        if let Err((Reason::UnreadableAmount, text)) = &amount
            && self.amounts.comma_in_doubt(text)
        {
            return Err(Error::Data(format!(
                "{}: is the comma in the amount `{}` a decimal point? Then add --decimal-comma; else take the thousands \
                 separators out",
                table.place(batch.places[row]),
                clip(text)
            )));
        }
        Ok(amount.and_then(|amount| {
            if amount.abs() <= LARGEST_AMOUNT {
                Ok((day, amount))
            } else {
                Err((Reason::ImpossibleAmount, amount.to_string()))
            }
        }))
    }

    fn take(&mut self, table: &TableShape, place: u64, order: &Order<'_>) -> Result<()> {
        let Order { customer, day, amount, row, attributes } = *order;
        if self.options.until.is_some_and(|until| day > until) {
            return self.leave_out(Reason::AfterEnd, table, place, || day.to_string());
        }
        if amount < 0.0 {
            match self.options.returns {
                Returns::Net => self.report.returns += 1,
                Returns::Drop => return self.leave_out(Reason::Return, table, place, || amount.to_string()),
                Returns::Error => {
                    return Err(Error::Data(format!(
                        "{}: the amount is {amount}; with --returns error no return may occur, with --returns net it \
                         would lower the customer's spend",
                        table.place(place)
                    )));
                }
            }
        }
        self.report.at_price_zero += u64::from(amount == 0.0);
        self.report.used += 1;
        self.days.add(day, || table.place(place));
        if attributes.is_empty() {
            return self.log.add(customer, day, amount);
        }
        let texts: Vec<Option<Cow<'_, str>>> = attributes.iter().map(|cells| cells.text(row)).collect();
        self.log.add_described(customer, day, amount, texts.iter().map(Option::as_deref))
    }

    fn leave_out(
        &mut self,
        reason: Reason,
        table: &TableShape,
        place: u64,
        value: impl FnOnce() -> String,
    ) -> Result<()> {
        let example = || Example { place: table.place(place), value: value() };
        if self.options.strict && !reason.asked_for() {
            let example = example();
            return Err(Error::Data(format!("a row {reason} ({example}); --strict allows none")));
        }
        self.report.left_out.count(reason, example);
        Ok(())
    }

    fn day(&mut self, cells: &Cells, row: usize) -> std::result::Result<Option<Day>, (DateProblem, String)> {
        let unreadable = |value: String| (DateProblem::Unreadable, value);
        let (dates, recent) = (&self.options.dates, &mut self.recent);
        let mut read = |text: &str| match text {
            "" => Ok(None),
            text => {
                recent.day(text.as_bytes(), || dates.day(text)).map(Some).map_err(|problem| (problem, text.to_owned()))
            }
        };
        match cells {
            Cells::Text(column) => match std::str::from_utf8(column.get(row)) {
                Ok(text) => read(text),
                Err(_) => Err(unreadable("not UTF-8".to_owned())),
            },
            Cells::Integer(numbers) => read(&numbers[row].map(|number| number.to_string()).unwrap_or_default()),
            Cells::Real(numbers) => match numbers[row] {
                None => Ok(None),
                Some(number) => Err(unreadable(number.to_string())),
            },
            Cells::Date(days) => {
                days[row].map(|days| Day::new(days).ok_or_else(|| unreadable(format!("day {days}")))).transpose()
            }
            Cells::Moment { micros, zone } => micros[row]
                .map(|micros| {
                    let day = match zone {
                        Some(zone) => self.options.dates.day_of_instant(micros, zone),
                        None => DateReader::day_of_clock(micros),
                    };
                    day.ok_or_else(|| unreadable(micros.to_string()))
                })
                .transpose(),
        }
    }

    fn number(&self, cells: &Cells, row: usize) -> std::result::Result<f64, (Reason, String)> {
        let missing = (Reason::NoAmount, String::new());
        match cells {
            Cells::Text(column) => {
                let text = String::from_utf8_lossy(column.get(row));
                if text.is_empty() {
                    return Err(missing);
                }
                self.amounts.read(&text).ok_or_else(|| (Reason::UnreadableAmount, text.trim().to_owned()))
            }
            Cells::Integer(numbers) => numbers[row].map(|number| number as f64).ok_or(missing),
            Cells::Real(numbers) => numbers[row].ok_or(missing),
            Cells::Date(_) | Cells::Moment { .. } => Err((Reason::UnreadableAmount, "a date".to_owned())),
        }
    }

    fn finish(self) -> Result<(PurchaseLog, ReadReport)> {
        let Self { log, report, days, options, .. } = self;
        if report.used == 0 {
            let reasons: Vec<String> = report
                .left_out
                .reasons()
                .map(|(reason, rows, example)| format!("{rows} {reason} ({example})"))
                .collect();
            let hint = if report.left_out.rows(Reason::UnreadableDate) == report.rows {
                ". Give the form of the dates, for instance --date-format '%d %b %Y'"
            } else {
                ""
            };
            return Err(Error::Data(format!(
                "none of the {} rows is an order: {}{hint}",
                report.rows,
                reasons.join("; ")
            )));
        }
        days.check(options.from)?;
        Ok((log, report))
    }
}

/// The customer of a row, or why there is none; `number` is room for one that is not text.
fn customer<'a>(cells: &'a Cells, row: usize, number: &'a mut String) -> std::result::Result<&'a str, Reason> {
    let text = match cells {
        Cells::Text(column) => std::str::from_utf8(column.get(row)).map_err(|_| Reason::NotUtf8)?,
        Cells::Integer(numbers) => {
            *number = numbers[row].ok_or(Reason::NoCustomer)?.to_string();
            number
        }
        // A column of whole numbers with gaps, as pandas writes it.
        Cells::Real(numbers) => {
            *number = numbers[row].filter(|number| number.fract() == 0.0).ok_or(Reason::NoCustomer)?.to_string();
            number
        }
        Cells::Date(_) | Cells::Moment { .. } => return Err(Reason::NoCustomer),
    };
    // What exports write for nobody.
    let nobody = text.is_empty() || ["null", "nan", "none", "na", "n/a"].iter().any(|no| text.eq_ignore_ascii_case(no));
    if nobody { Err(Reason::NoCustomer) } else { Ok(text) }
}

/// A cell for an example, whatever bytes are in it.
fn lossy(cells: &Cells, row: usize) -> String {
    match cells {
        Cells::Text(column) => clip(&String::from_utf8_lossy(column.get(row))),
        _ => String::new(),
    }
}

fn texts(cells: &Cells) -> impl Iterator<Item = &str> {
    let column = match cells {
        Cells::Text(column) => Some(column),
        _ => None,
    };
    column.into_iter().flat_map(|column| (0..column.len()).filter_map(|i| std::str::from_utf8(column.get(i)).ok()))
}

/// A hole in the order dates longer than this, ten years, is a mistyped date.
const LONGEST_HOLE: i32 = 3653;

/// The distinct days with orders, with the places of the first and the last.
#[derive(Default)]
struct DaysSeen {
    days: HashSet<Day>,
    first: Option<(Day, String)>,
    last: Option<(Day, String)>,
}

impl DaysSeen {
    fn add(&mut self, day: Day, place: impl Fn() -> String) {
        if !self.days.insert(day) {
            return;
        }
        if self.first.as_ref().is_none_or(|(first, _)| day < *first) {
            self.first = Some((day, place()));
        }
        if self.last.as_ref().is_none_or(|(last, _)| day > *last) {
            self.last = Some((day, place()));
        }
    }

    /// Refuses dates a century off, which would set the end of the observation or a customer's age.
    fn check(self, from: Option<Day>) -> Result<()> {
        let (Some((_, first_place)), Some((_, last_place))) = (self.first, self.last) else { return Ok(()) };
        let mut days: Vec<Day> = self.days.into_iter().filter(|&day| from.is_none_or(|from| day >= from)).collect();
        days.sort_unstable();
        let Some(hole) = days.windows(2).position(|pair| pair[1].days_since(pair[0]) > LONGEST_HOLE) else {
            return Ok(());
        };
        let (before, after) = (days[hole], days[hole + 1]);
        let advice = if hole < days.len() / 2 {
            format!("the first date is at {first_place}; correct it, or leave such customers out with --from {after}")
        } else {
            format!("the last date is at {last_place}; correct it, or leave later orders out with --until {before}")
        };
        Err(Error::Data(format!(
            "no order for {} years between {before} and {after}, so one of them is probably mistyped: {advice}",
            after.days_since(before) / 365
        )))
    }
}
