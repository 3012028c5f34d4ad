//! Columns of Arrow as the engine reads them.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use clv::tables::{Cells, DecimalColumn, HeldRows, TextColumn, time_zone};
use clv::{Error, Result};

use crate::column::WIDEST;

/// Rows of a frame: a column may be left out, if nobody reads it.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) name: String,
    pub(crate) header: Vec<String>,
    pub(crate) columns: Vec<Option<ArrayRef>>,
    pub(crate) rows: usize,
}

impl HeldRows for Chunk {
    fn rows(&self) -> usize {
        self.rows
    }

    fn cells(&self, column: usize, rows: Range<usize>) -> Result<Cells> {
        let refuse = |what: String| Error::Data(format!("{}: column `{}` {what}", self.name, self.header[column]));
        let array = self.columns[column].as_ref().ok_or_else(|| refuse("was not handed over".to_owned()))?;
        cells(&array.slice(rows.start, rows.len())).map_err(|error| match error {
            Wrong::Type => {
                refuse(format!("is of type {}, which holds neither text, numbers nor dates", array.data_type()))
            }
            Wrong::Cell(what) => refuse(what),
        })
    }
}

enum Wrong {
    Type,
    Cell(String),
}

impl From<ArrowError> for Wrong {
    fn from(error: ArrowError) -> Self {
        Self::Cell(format!("cannot be read: {error}"))
    }
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self::Cell(format!("cannot be read: {error}"))
    }
}

fn cells(array: &ArrayRef) -> std::result::Result<Cells, Wrong> {
    Ok(match array.data_type() {
        DataType::Utf8 => Cells::Text(TextColumn::from_cells(array.as_string::<i32>().iter())?),
        DataType::LargeUtf8 => Cells::Text(TextColumn::from_cells(array.as_string::<i64>().iter())?),
        DataType::Utf8View => Cells::Text(TextColumn::from_cells(array.as_string_view().iter())?),
        DataType::Dictionary(_, values) => cells(&cast(array, values)?)?,
        DataType::Int64 => Cells::Integer(array.as_primitive::<Int64Type>().iter().collect()),
        // Hashes, for instance; the same number is the same in every block.
        DataType::UInt64 => {
            let digits = array.as_primitive::<UInt64Type>().iter().map(|number| number.map(i128::from)).collect();
            Cells::Decimal(DecimalColumn::new(digits, 0))
        }
        kind if kind.is_integer() => cells(&cast(array, &DataType::Int64)?)?,
        DataType::Float64 => Cells::Real(array.as_primitive::<Float64Type>().iter().collect()),
        DataType::Decimal128(_, scale) if *scale >= 0 => {
            let digits = array.as_primitive::<Decimal128Type>().iter().collect();
            Cells::Decimal(DecimalColumn::new(digits, *scale as usize))
        }
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => {
            let narrower = cast(array, &DataType::Decimal128(WIDEST, (*scale).max(0)));
            cells(&narrower.or_else(|_| cast(array, &DataType::Utf8))?)?
        }
        kind if kind.is_numeric() => cells(&cast(array, &DataType::Float64)?)?,
        DataType::Date32 => Cells::Date(array.as_primitive::<Date32Type>().iter().collect()),
        DataType::Date64 => cells(&cast(array, &DataType::Date32)?)?,
        DataType::Timestamp(unit, zone) => {
            let micros = match unit {
                TimeUnit::Second => {
                    micros(array.as_primitive::<TimestampSecondType>(), |t| t.saturating_mul(1_000_000))
                }
                TimeUnit::Millisecond => {
                    micros(array.as_primitive::<TimestampMillisecondType>(), |t| t.saturating_mul(1000))
                }
                TimeUnit::Microsecond => micros(array.as_primitive::<TimestampMicrosecondType>(), |t| t),
                TimeUnit::Nanosecond => micros(array.as_primitive::<TimestampNanosecondType>(), |t| t.div_euclid(1000)),
            };
            Cells::Moment { micros, zone: zone.as_deref().map(time_zone).transpose()? }
        }
        DataType::Boolean => {
            let text = |truth: Option<bool>| truth.map(|truth| if truth { "True" } else { "False" });
            Cells::Text(TextColumn::from_cells(array.as_boolean().iter().map(text))?)
        }
        DataType::Null => Cells::Integer(vec![None; array.len()]),
        _ => return Err(Wrong::Type),
    })
}

/// Without a cell that does not fit becoming none.
pub(crate) fn cast(array: &ArrayRef, kind: &DataType) -> std::result::Result<ArrayRef, ArrowError> {
    cast_with_options(array, kind, &CastOptions { safe: false, ..CastOptions::default() })
}

/// Moments in microseconds. NumPy's not-a-time is the smallest number.
fn micros<T: arrow_array::ArrowPrimitiveType<Native = i64>>(
    moments: &PrimitiveArray<T>,
    to_micros: impl Fn(i64) -> i64,
) -> Vec<Option<i64>> {
    moments.iter().map(|moment| moment.filter(|moment| *moment != i64::MIN).map(&to_micros)).collect()
}
