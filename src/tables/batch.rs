//! Rows of a table, by column.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::{DecimalColumn, TextColumn};
use crate::summary::Day;

/// The cells of one column in a batch; `None` where there is nothing.
#[derive(Clone, Debug)]
pub enum Cells {
    /// As written; empty is nothing.
    Text(TextColumn),
    /// Whole numbers.
    Integer(Vec<Option<i64>>),
    /// Real numbers.
    Real(Vec<Option<f64>>),
    /// Decimal numbers, and whole ones of more than 64 bits, to the last digit.
    Decimal(DecimalColumn),
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
    /// Microseconds since 1970-01-01 00:00.
    Moment {
        /// The count.
        micros: Vec<Option<i64>>,
        /// The zone the column is in, if it counts from midnight UTC; none if from midnight on the wall's clock.
        zone: Option<TimeZone>,
    },
}

impl Cells {
    /// The cell in a row as text; none where there is nothing.
    pub fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        let text = match self {
            Self::Text(column) => String::from_utf8_lossy(column.get(row)),
            Self::Integer(numbers) => Cow::Owned(numbers[row]?.to_string()),
            Self::Real(numbers) => Cow::Owned(numbers[row]?.to_string()),
            Self::Decimal(numbers) => Cow::Owned(numbers.text(row)?),
            Self::Date(days) => Cow::Owned(Day::new(days[row]?)?.to_string()),
            Self::Moment { micros, zone } => Cow::Owned(moment(micros[row]?, zone.as_ref())?),
        };
        Some(text).filter(|text| !text.is_empty())
    }
}

impl Cells {
    /// Whether the same stands in two rows.
    pub(crate) fn same(&self, one: usize, other: usize) -> bool {
        match self {
            Self::Text(column) => column.get(one) == column.get(other),
            Self::Date(days) => days[one] == days[other],
            cells => cells.text(one) == cells.text(other),
        }
    }
}

/// A moment on the clock of its zone, ISO 8601; midnight is the day alone.
fn moment(micros: i64, zone: Option<&TimeZone>) -> Option<String> {
    let zone = zone.cloned().unwrap_or(TimeZone::UTC);
    let moment = zone.to_datetime(Timestamp::from_microsecond(micros).ok()?);
    Some(if moment.time() == Time::midnight() { moment.date().to_string() } else { moment.to_string() })
}

/// A row with more or fewer fields than the header, which no column can be read from.
#[derive(Clone, Copy, Debug)]
pub struct Ragged {
    /// Its line.
    pub place: u64,
    /// Number of fields.
    pub fields: usize,
}

/// Rows of a table, by column.
#[derive(Debug)]
pub struct Batch {
    /// The columns asked for, in the order asked.
    pub columns: Vec<Cells>,
    /// Line (CSV) or row (Parquet) of each row, counted from 1.
    pub places: Vec<u64>,
    /// Rows left out of the columns.
    pub ragged: Vec<Ragged>,
    /// Hash of every row's cells, if asked for.
    pub fingerprints: Vec<u128>,
}

/// A 128-bit hash of a row: equal for equal cells, whatever the order of the columns.
pub(super) fn fingerprint<'a, T: Hash + ?Sized + 'a>(cells: impl Iterator<Item = &'a T> + Clone) -> u128 {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        cells.clone().for_each(|cell| cell.hash(&mut hasher));
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// Column numbers in the order of the column names, so that files with another order of columns hash alike.
pub(super) fn by_name(header: &[String]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..header.len()).collect();
    order.sort_by_key(|&i| &header[i]);
    order
}
