//! One row of an export: an order, or the reason why it is none.

use std::borrow::Cow;
use std::sync::Mutex;

use rustc_hash::FxHashSet;

use super::amounts::{AmountReader, plain_amount};
use super::columns::{AmountColumns, Columns};
use super::contract::{Example, Reason, Returns};
use super::currencies::CurrenciesSeen;
use super::dates::{DateProblem, DateReader, RecentDays, advice};
use super::days_seen::DaysSeen;
use super::id_forms::IdForms;
use super::read::{OrderOptions, ReadReport};
use crate::error::{Error, Result};
use crate::summary::{CustomerId, Day, LARGEST_AMOUNT, OrderBuffer, PurchaseLog};
use crate::tables::{Batch, Cells, Ragged, TableShape, clip, exact_ids};

/// A table whose blocks are being read.
#[derive(Debug)]
pub(super) struct OpenTable {
    /// Its place among the tables.
    pub(super) number: usize,
    pub(super) shape: TableShape,
    pub(super) columns: Columns,
    /// Numbers of the columns to be read: those of an order, and the attributes.
    pub(super) wanted: Vec<usize>,
    /// Where the attributes begin among them.
    described: usize,
}

impl OpenTable {
    pub(super) fn new(number: usize, shape: &TableShape, options: &OrderOptions) -> Result<Self> {
        let columns = Columns::choose(shape, &options.columns)?;
        let attributes = options.attributes.iter().map(|name| shape.column(name));
        let described = columns.numbers().len();
        let wanted = columns.numbers().into_iter().map(Ok).chain(attributes).collect::<Result<_>>()?;
        Ok(Self { number, shape: shape.clone(), columns, wanted, described })
    }
}

/// Rows that stand together.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) table: &'a OpenTable,
    /// The place of their block among all blocks.
    pub(super) block: usize,
    pub(super) batch: &'a Batch,
}

impl Rows<'_> {
    fn place(&self, row: usize) -> String {
        self.table.shape.place(self.batch.places[row])
    }
}

/// What was seen of the rows besides their orders.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) report: ReadReport,
    pub(super) days: DaysSeen,
    pub(super) currencies: CurrenciesSeen,
    /// Of each table.
    pub(super) id_forms: Vec<IdForms>,
}

impl Seen {
    /// Adds what was seen of other blocks.
    pub(super) fn merge(&mut self, other: Self) {
        self.report.add(other.report);
        self.days.merge(other.days);
        self.currencies.merge(other.currencies);
        let tables = self.id_forms.len().max(other.id_forms.len());
        self.id_forms.resize(tables, IdForms::default());
        self.id_forms.iter_mut().zip(other.id_forms).for_each(|(forms, others)| *forms = forms.and(others));
    }
}

/// Reads rows into a log, for one thread.
pub(super) struct RowReader<'a> {
    options: &'a OrderOptions,
    log: &'a PurchaseLog,
    buffer: OrderBuffer,
    /// Rows met before, if they are looked for.
    seen: &'a Mutex<FxHashSet<u128>>,
    amounts: AmountReader,
    recent: RecentDays,
    pub(super) report: ReadReport,
    pub(super) days: DaysSeen,
    pub(super) currencies: CurrenciesSeen,
    /// Of each table.
    pub(super) id_forms: Vec<IdForms>,
}

/// A row's day and amount, which need not be known where it is not needed; or why it is no order and the cell that shows it.
type Judged = std::result::Result<(Day, Option<f64>), (Reason, String)>;

impl<'a> RowReader<'a> {
    pub(super) fn new(options: &'a OrderOptions, log: &'a PurchaseLog, seen: &'a Mutex<FxHashSet<u128>>) -> Self {
        Self {
            options,
            log,
            buffer: OrderBuffer::default(),
            seen,
            amounts: AmountReader { decimal_comma: options.decimal_comma },
            recent: RecentDays::default(),
            report: ReadReport::default(),
            days: DaysSeen::default(),
            currencies: CurrenciesSeen::default(),
            id_forms: Vec::new(),
        }
    }

    /// Hands the last orders over.
    pub(super) fn finish(mut self) -> Result<Seen> {
        self.log.settle(&mut self.buffer)?;
        Ok(Seen { report: self.report, days: self.days, currencies: self.currencies, id_forms: self.id_forms })
    }

    pub(super) fn read(&mut self, rows: Rows<'_>) -> Result<()> {
        let Rows { table, batch, .. } = rows;
        let customers = exact_ids(&batch.columns[0], |row| rows.place(row))?;
        if table.shape.is_typed() && matches!(batch.columns[0], Cells::Text(_)) {
            self.forms(table).see_text();
        }
        self.report.count_rows(table.number, (batch.places.len() + batch.ragged.len()) as u64);
        let mut ragged = batch.ragged.iter().peekable();
        for row in 0..batch.places.len() {
            let place = batch.places[row];
            while let Some(before) = ragged.next_if(|ragged| ragged.place < place) {
                self.leave_out_ragged(rows, before)?;
            }
            if let Some(&fingerprint) = batch.fingerprints.get(row)
                && !self.seen.lock().expect("no thread panics with it").insert(fingerprint)
            {
                self.leave_out(Reason::Duplicate, rows, place, String::new)?;
                continue;
            }
            let customer = match customer(&customers, row) {
                Ok(customer) => customer,
                Err(reason) => {
                    self.leave_out(reason, rows, place, || lossy(&batch.columns[0], row))?;
                    continue;
                }
            };
            if let CustomerId::Text(id) = customer {
                self.forms(table).see(id);
            }
            match self.judge(rows, row)? {
                Ok((day, amount)) => self.take(rows, row, customer, day, amount)?,
                Err((reason, value)) => self.leave_out(reason, rows, place, || clip(&value))?,
            }
        }
        ragged.try_for_each(|after| self.leave_out_ragged(rows, after))
    }

    /// The forms of ids in a table.
    fn forms(&mut self, table: &OpenTable) -> &mut IdForms {
        if self.id_forms.len() <= table.number {
            self.id_forms.resize(table.number + 1, IdForms::default());
        }
        &mut self.id_forms[table.number]
    }

    fn leave_out_ragged(&mut self, rows: Rows<'_>, ragged: &Ragged) -> Result<()> {
        let header = rows.table.shape.header().len();
        let value = || format!("{} fields, the header has {header}", ragged.fields);
        self.leave_out(Reason::Ragged, rows, ragged.place, value)
    }

    fn judge(&mut self, rows: Rows<'_>, row: usize) -> Result<Judged> {
        let batch = rows.batch;
        let day = match self.day(&batch.columns[1], row) {
            Ok(Some(day)) => day,
            Ok(None) => return Ok(Err((Reason::NoDate, String::new()))),
            Err((DateProblem::Unreadable, text)) => return Ok(Err((Reason::UnreadableDate, text))),
            Err((DateProblem::Ambiguous, text)) => {
                return Err(Error::Data(format!(
                    "{}: `{}` does not say which is the day and which the month; {}",
                    rows.place(row),
                    clip(&text),
                    advice(&text, texts(&batch.columns[1]))
                )));
            }
        };
        let amount = match rows.table.columns.amount {
            AmountColumns::Absent => return Ok(Ok((day, None))),
            AmountColumns::Amount(_) => self.number(rows, 2, row),
            AmountColumns::QuantityTimesPrice(..) => {
                self.number(rows, 2, row).and_then(|quantity| self.number(rows, 3, row).map(|price| quantity * price))
            }
        };
        if self.options.columns.optional_amount {
            return Ok(Ok((day, amount.ok().filter(|amount| amount.abs() <= LARGEST_AMOUNT))));
        }
        if let Err((Reason::UnreadableAmount, text)) = &amount
            && self.amounts.comma_in_doubt(text)
        {
            return Err(Error::Data(format!(
                "{}: is the comma in the amount `{}` a decimal point? Then add ⟨--decimal-comma⟩; else take the thousands \
                 separators out",
                rows.place(row),
                clip(text)
            )));
        }
        Ok(amount.and_then(|amount| {
            if amount.abs() <= LARGEST_AMOUNT {
                Ok((day, Some(amount)))
            } else {
                Err((Reason::ImpossibleAmount, amount.to_string()))
            }
        }))
    }

    fn take(
        &mut self,
        rows: Rows<'_>,
        row: usize,
        customer: CustomerId<'_>,
        day: Day,
        known: Option<f64>,
    ) -> Result<()> {
        let place = rows.batch.places[row];
        let amount = known.unwrap_or(0.0);
        if self.options.until.is_some_and(|until| day > until) {
            return self.leave_out(Reason::AfterEnd, rows, place, || day.to_string());
        }
        if amount < 0.0 {
            match self.options.returns {
                Returns::Net => self.report.returns += 1,
                Returns::Drop => return self.leave_out(Reason::Return, rows, place, || amount.to_string()),
                Returns::Error => {
                    return Err(Error::Data(format!(
                        "{}: the amount is {amount}; with ⟨--returns error⟩ no return may occur, with ⟨--returns net⟩ it \
                         would lower the customer's spend",
                        rows.place(row)
                    )));
                }
            }
        }
        self.report.at_price_zero += u64::from(known == Some(0.0));
        self.report.without_amount += u64::from(known.is_none());
        self.report.used += 1;
        self.days.add(day, rows.block, || rows.place(row));
        let attributes = &rows.batch.columns[rows.table.described..];
        if attributes.is_empty() {
            return self.log.add_to(&mut self.buffer, customer, day, amount);
        }
        let texts: Vec<Option<Cow<'_, str>>> = attributes.iter().map(|cells| cells.text(row)).collect();
        self.log.add_described(&mut self.buffer, customer, day, amount, texts.iter().map(Option::as_deref))
    }

    fn leave_out(&mut self, reason: Reason, rows: Rows<'_>, place: u64, value: impl FnOnce() -> String) -> Result<()> {
        let example = || Example { place: rows.table.shape.place(place), value: value() };
        if self.options.strict && !reason.asked_for() {
            let example = example();
            return Err(Error::Data(format!("a row {reason} ({example}); ⟨--strict⟩ allows none")));
        }
        self.report.left_out.count(reason, rows.block, example);
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
            Cells::Text(column) if let Some(day) = dates.iso_day(column.get(row)) => Ok(Some(day)),
            Cells::Text(column) => match std::str::from_utf8(column.get(row)) {
                Ok(text) => read(text),
                Err(_) => Err(unreadable("not UTF-8".to_owned())),
            },
            Cells::Integer(_) | Cells::Decimal(_) => read(&cells.text(row).unwrap_or_default()),
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

    fn number(&mut self, rows: Rows<'_>, column: usize, row: usize) -> std::result::Result<f64, (Reason, String)> {
        let missing = (Reason::NoAmount, String::new());
        match &rows.batch.columns[column] {
            Cells::Text(column) => {
                let cell = column.get(row);
                if cell.is_empty() {
                    return Err(missing);
                }
                if let Some(amount) = plain_amount(cell).filter(|_| !self.amounts.decimal_comma) {
                    return Ok(amount);
                }
                let text = std::str::from_utf8(cell).ok();
                if let Some(text) = text.filter(|_| !self.options.columns.optional_amount) {
                    self.currencies.add(text, rows.block, || rows.place(row));
                }
                let amount = text.and_then(|text| self.amounts.read(text));
                amount.ok_or_else(|| (Reason::UnreadableAmount, String::from_utf8_lossy(cell).trim().to_owned()))
            }
            Cells::Integer(numbers) => numbers[row].map(|number| number as f64).ok_or(missing),
            Cells::Real(numbers) => numbers[row].ok_or(missing),
            Cells::Decimal(numbers) => numbers.real(row).ok_or(missing),
            Cells::Date(_) | Cells::Moment { .. } => Err((Reason::UnreadableAmount, "a date".to_owned())),
        }
    }
}

/// The customer of a row, or why there is none.
fn customer(cells: &Cells, row: usize) -> std::result::Result<CustomerId<'_>, Reason> {
    match cells {
        Cells::Text(column) => {
            let cell = column.get(row);
            if let Some(number) = CustomerId::of_digits(cell) {
                return Ok(number);
            }
            let text = std::str::from_utf8(cell).map_err(|_| Reason::NotUtf8)?;
            if is_nobody(text) { Err(Reason::NoCustomer) } else { Ok(CustomerId::Text(text)) }
        }
        Cells::Integer(numbers) => numbers[row].map(CustomerId::Number).ok_or(Reason::NoCustomer),
        // A column of whole numbers with gaps, as pandas writes it.
        Cells::Real(numbers) => {
            let whole = numbers[row].filter(|number| number.fract() == 0.0);
            whole.map(|number| CustomerId::Number(number as i64)).ok_or(Reason::NoCustomer)
        }
        // Made text before.
        Cells::Decimal(_) | Cells::Date(_) | Cells::Moment { .. } => Err(Reason::NoCustomer),
    }
}

/// What exports write for nobody.
fn is_nobody(text: &str) -> bool {
    let first = text.bytes().next().unwrap_or(b'n');
    matches!(first, b'n' | b'N')
        && ["", "null", "nan", "none", "na", "n/a"].iter().any(|no| text.eq_ignore_ascii_case(no))
}

/// A cell for an example, whatever bytes are in it.
fn lossy(cells: &Cells, row: usize) -> String {
    match cells {
        Cells::Text(column) => clip(&String::from_utf8_lossy(column.get(row))),
        cells => cells.text(row).unwrap_or_default().into_owned(),
    }
}

fn texts(cells: &Cells) -> impl Iterator<Item = &str> {
    let column = match cells {
        Cells::Text(column) => Some(column),
        _ => None,
    };
    column.into_iter().flat_map(|column| (0..column.len()).filter_map(|i| std::str::from_utf8(column.get(i)).ok()))
}
