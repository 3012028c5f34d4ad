//! Days, amounts and texts of single cells.

use super::amounts::{AmountReader, plain_amount};
use super::contract::Reason;
use super::conventions::{Convention, Written};
use super::currencies::{Currency, Stated};
use super::customers::is_nothing;
use super::dates::{DateProblem, FoundDay, RecentDays, is_seconds, is_seconds_or_hour, is_serial, month};
use super::open_table::{OpenTable, Rows};
use super::options::OrderOptions;
use super::seen::Seen;
use crate::error::Result;
use crate::summary::{Day, Grain};
use crate::tables::{Cells, clip};

/// Reads cells, and takes note of how they are written.
pub(super) struct CellReader<'a> {
    pub(super) options: &'a OrderOptions,
    pub(super) table: &'a OpenTable,
    pub(super) recent: &'a mut RecentDays,
    pub(super) seen: &'a mut Seen,
}

/// A number, or why there is none and what stands there; and the currency beside it.
pub(super) struct AmountsOf {
    pub(super) number: Unread<f64>,
    pub(super) currency: Option<Currency>,
}

/// What a cell says, or why it says nothing and what stands there.
pub(super) type Unread<T> = std::result::Result<T, (Reason, String)>;

impl From<Unread<f64>> for AmountsOf {
    fn from(number: Unread<f64>) -> Self {
        Self { number, currency: None }
    }
}

impl CellReader<'_> {
    pub(super) fn day(&mut self, cells: &Cells, row: usize) -> FoundDay {
        let dates = &self.table.dates;
        dates.day_by(cells, row, |text| self.day_of_text(text, cells))
    }

    /// Of a text among others in its column.
    fn day_of_text(&mut self, text: &str, others: &Cells) -> FoundDay {
        if text.is_empty() {
            return Ok(None);
        }
        let dates = &self.table.dates;
        // A month is a day where a purchase is all of a month, or a year.
        let months = matches!(self.options.grain, Grain::Month | Grain::Year);
        let read = || match dates.day(text) {
            Err(DateProblem::Unreadable) if months && month(text).is_some() => Ok(month(text)),
            day => day.map(Some),
        };
        let day = self.recent.day(text.as_bytes(), || read().and_then(|day| day.ok_or(DateProblem::Unreadable)));
        match day {
            Ok(day) => {
                if is_serial(text) && !dates.has_format() {
                    self.seen.dates(self.table.number).see_serial(text, day);
                }
                Ok(Some(day))
            }
            Err(DateProblem::Unreadable) if is_nothing(text) => Ok(None),
            // One of those beside it that can be nothing else tells what it is.
            Err(DateProblem::Ambiguous) if is_seconds_or_hour(text) && any(others, is_seconds) => {
                dates.since_1970(text).map(Some).ok_or_else(|| (DateProblem::Unreadable, text.to_owned()))
            }
            Err(problem) => Err((problem, text.to_owned())),
        }
    }

    /// The number in the amounts' column with this number: the amount or the quantity, the price, the refund.
    pub(super) fn number(&mut self, rows: Rows<'_>, row: usize, which: usize) -> AmountsOf {
        let column = if which == 2 { rows.table.refund_place() } else { 2 + which };
        let missing = || Err((Reason::NoAmount, String::new()));
        match &rows.batch.columns[column] {
            Cells::Text(column) => self.number_of_text(rows, row, which, column.get(row)),
            Cells::Integer(numbers) => numbers[row].map_or_else(missing, |number| Ok(number as f64)).into(),
            Cells::Real(numbers) => numbers[row].map_or_else(missing, Ok).into(),
            Cells::Decimal(numbers) => numbers.real(row).map_or_else(missing, Ok).into(),
            Cells::Date(_) | Cells::Moment { .. } => Err((Reason::UnreadableAmount, "a date".to_owned())).into(),
        }
    }

    fn number_of_text(&mut self, rows: Rows<'_>, row: usize, which: usize, cell: &[u8]) -> AmountsOf {
        let convention = rows.table.conventions[which];
        if let Some((amount, news)) = plain_number(convention, cell) {
            if let Some(written) = news {
                self.see_written(rows, row, which, (written, cell));
            }
            return Ok(amount).into();
        }
        let Ok(text) = std::str::from_utf8(cell) else {
            return Err((Reason::UnreadableAmount, String::from_utf8_lossy(cell).trim().to_owned())).into();
        };
        match (AmountReader { convention }).read(text) {
            Some(amount) => {
                if convention.is_none() {
                    self.see_written(rows, row, which, (amount.written, cell));
                }
                AmountsOf { number: Ok(amount.number), currency: amount.currency }
            }
            None if is_nothing(text) => Err((Reason::NoAmount, String::new())).into(),
            None => Err((Reason::UnreadableAmount, text.trim().to_owned())).into(),
        }
    }

    fn see_written(&mut self, rows: Rows<'_>, row: usize, which: usize, (written, cell): (Written, &[u8])) {
        let evidence = &mut self.seen.evidence(rows.table.number)[which];
        // Nearly every amount is like those before.
        if written == Written::WithPoint && evidence.has_point() && !cell.contains(&b',') {
            return;
        }
        evidence.see(written, &String::from_utf8_lossy(cell), rows.block, || rows.place(row));
    }

    /// The currency that a column states in a row.
    pub(super) fn stated(&mut self, cells: Option<&Cells>, row: usize) -> Option<Stated> {
        let cells = cells?;
        let text = match cells {
            Cells::Text(column) => String::from_utf8_lossy(column.get(row)),
            cells => cells.text(row)?,
        };
        if let Some((known, stated)) = &self.seen.recent_currency
            && **known == *text
        {
            return stated.clone();
        }
        let word = || Stated::Word(text.trim().to_owned());
        let stated = (!is_nothing(&text)).then(|| Currency::named(&text).map_or_else(word, Stated::Known));
        self.seen.recent_currency = Some((text.into_owned(), stated.clone()));
        stated
    }

    /// An amount of a day, if that is known, in the currency of all, given what stands beside it and what a column states; or why it is
    /// left out.
    pub(super) fn in_one_currency(
        &mut self,
        rows: Rows<'_>,
        row: usize,
        (amount, day): (f64, Option<Day>),
        (beside, stated): (Option<Currency>, Option<Stated>),
    ) -> Result<Unread<f64>> {
        let Some(kept) = self.options.currency else {
            let seen = &mut self.seen.currencies;
            if let Some(currency) = beside {
                seen.add(currency, rows.block, || rows.place(row));
            }
            match stated {
                Some(Stated::Known(currency)) => seen.add(currency, rows.block, || rows.place(row)),
                Some(Stated::Word(word)) => seen.add_word(&word, rows.block, || rows.place(row)),
                None => {}
            }
            return Ok(Ok(amount));
        };
        let currency = match (beside, stated) {
            (_, Some(Stated::Word(word))) => return Ok(Err((Reason::OtherCurrency, word))),
            // The column tells which dollar it is.
            (Some(beside), Some(Stated::Known(stated))) => match beside.and(stated) {
                Some(currency) => Some(currency),
                None => return Ok(Err((Reason::OtherCurrency, format!("{beside} and {stated}")))),
            },
            (None, Some(Stated::Known(stated))) => Some(stated),
            (beside, None) => beside,
        };
        let Some(other) = currency.filter(|currency| currency.and(kept).is_none()) else { return Ok(Ok(amount)) };
        match &self.options.rates {
            None => Ok(Err((Reason::OtherCurrency, other.to_string()))),
            Some(rates) => {
                let rate = rates.rate(other, day, || rows.place(row))?;
                self.seen.report.converted += 1;
                Ok(Ok(amount * rate))
            }
        }
    }
}

/// An amount in its most frequent form, if the convention reads it so; and how it is written, where that tells of a convention not known
/// yet.
pub(super) fn plain_number(convention: Option<Convention>, cell: &[u8]) -> Option<(f64, Option<Written>)> {
    let (amount, written) = plain_amount(cell)?;
    let is_read_so = convention != Some(Convention::Comma) || written == Written::Plain;
    let is_news = convention.is_none() && written != Written::Plain;
    is_read_so.then_some((amount, is_news.then_some(written)))
}

/// A cell for an example, whatever bytes are in it.
pub(super) fn lossy(cells: &Cells, row: usize) -> String {
    match cells {
        Cells::Text(column) => clip(&String::from_utf8_lossy(column.get(row))),
        cells => cells.text(row).unwrap_or_default().into_owned(),
    }
}

/// Whether this is so of any text of a column.
fn any(cells: &Cells, is_so: impl Fn(&str) -> bool) -> bool {
    match cells {
        Cells::Text(column) => (0..column.len()).any(|row| std::str::from_utf8(column.get(row)).is_ok_and(&is_so)),
        Cells::Integer(numbers) => (0..numbers.len()).any(|row| cells.text(row).is_some_and(|text| is_so(&text))),
        _ => false,
    }
}
