//! Columns of Arrow as cells.

use std::hash::{Hash, Hasher};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray, downcast_primitive_array};
use arrow_buffer::ToByteSlice;
use arrow_schema::{DataType, Field, TimeUnit};

use super::{Cells, DecimalColumn, TextColumn, time_zone};
use crate::error::{Error, Result};

/// The cells of an array.
///
/// Text, booleans and dictionaries are as they read; binary is text if it is UTF-8, and of the extension type `arrow.uuid` as UUIDs are
/// written; text of the extension type `arrow.opaque` that stands for decimals, as drivers of PostgreSQL hand them over, are decimals. Whole
/// numbers of any size and decimals keep every digit. Moments count microseconds; the smallest number is no moment, as
/// NumPy has it.
///
/// # Errors
/// [`Error::data`] with what the column is or has, to be read after its name: it holds neither text, numbers nor dates, or a cell that
/// cannot be represented.
pub fn cells(field: &Field, array: &ArrayRef) -> Result<Cells> {
    let is_uuid = field.metadata().get("ARROW:extension:name").is_some_and(|name| name == "arrow.uuid");
    if is_opaque_decimal(field)
        && let Some(decimals) = opaque_decimals(array)
    {
        return Ok(Cells::Decimal(decimals));
    }
    Ok(match array.data_type() {
        DataType::Utf8 => text(array.as_string::<i32>().iter())?,
        DataType::LargeUtf8 => text(array.as_string::<i64>().iter())?,
        DataType::Utf8View => text(array.as_string_view().iter())?,
        DataType::Binary => binary(array.as_binary::<i32>().iter())?,
        DataType::LargeBinary => binary(array.as_binary::<i64>().iter())?,
        DataType::BinaryView => binary(array.as_binary_view().iter())?,
        DataType::FixedSizeBinary(16) if is_uuid => {
            let texts: Vec<Option<String>> = array.as_fixed_size_binary().iter().map(|bytes| bytes.map(uuid)).collect();
            text(texts.iter().map(Option::as_deref))?
        }
        DataType::FixedSizeBinary(_) => binary(array.as_fixed_size_binary().iter())?,
        DataType::Boolean => {
            let word = |truth: Option<bool>| truth.map(|truth| if truth { "True" } else { "False" });
            text(array.as_boolean().iter().map(word))?
        }
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let values = arrow_select::take::take(dictionary.values(), dictionary.keys(), None).map_err(unreadable)?;
            cells(field, &values)?
        }
        DataType::Int8 => whole::<Int8Type>(array),
        DataType::Int16 => whole::<Int16Type>(array),
        DataType::Int32 => whole::<Int32Type>(array),
        DataType::Int64 => Cells::Integer(values::<Int64Type, _>(array, |number| number)),
        DataType::UInt8 => whole::<UInt8Type>(array),
        DataType::UInt16 => whole::<UInt16Type>(array),
        DataType::UInt32 => whole::<UInt32Type>(array),
        // Hashes, for instance; the same number is the same in every block.
        DataType::UInt64 => {
            let digits = values::<UInt64Type, _>(array, i128::from);
            Cells::Decimal(DecimalColumn::new(digits, 0))
        }
        DataType::Float16 => Cells::Real(values::<Float16Type, _>(array, f64::from)),
        DataType::Float32 => Cells::Real(values::<Float32Type, _>(array, f64::from)),
        DataType::Float64 => Cells::Real(values::<Float64Type, _>(array, |number| number)),
        DataType::Decimal32(_, scale) => decimal(array.as_primitive::<Decimal32Type>(), *scale, |n| Some(n.into()))?,
        DataType::Decimal64(_, scale) => decimal(array.as_primitive::<Decimal64Type>(), *scale, |n| Some(n.into()))?,
        DataType::Decimal128(_, scale) => decimal(array.as_primitive::<Decimal128Type>(), *scale, Some)?,
        DataType::Decimal256(_, scale) => {
            decimal(array.as_primitive::<Decimal256Type>(), *scale, arrow_buffer::i256::to_i128)?
        }
        DataType::Date32 => Cells::Date(values::<Date32Type, _>(array, |day| day)),
        DataType::Date64 => {
            let day = |millis: i64| i32::try_from(millis.div_euclid(86_400_000)).ok();
            Cells::Date(array.as_primitive::<Date64Type>().iter().map(|millis| millis.and_then(day)).collect())
        }
        DataType::Timestamp(unit, zone) => {
            let micros = match unit {
                TimeUnit::Second => micros::<TimestampSecondType>(array, |t| t.saturating_mul(1_000_000)),
                TimeUnit::Millisecond => micros::<TimestampMillisecondType>(array, |t| t.saturating_mul(1000)),
                TimeUnit::Microsecond => micros::<TimestampMicrosecondType>(array, |t| t),
                TimeUnit::Nanosecond => micros::<TimestampNanosecondType>(array, |t| t.div_euclid(1000)),
            };
            Cells::Moment { micros, zone: zone.as_deref().map(time_zone).transpose().map_err(unreadable)? }
        }
        DataType::Null => Cells::Integer(vec![None; array.len()]),
        other => {
            return Err(Error::data(format!("is of type {other}, which holds neither text, numbers nor dates")));
        }
    })
}

/// Whether text stands for decimal numbers of a database that Arrow has no type for, since each has a scale of its own.
fn is_opaque_decimal(field: &Field) -> bool {
    let said = |key: &str| field.metadata().get(key).map_or("", String::as_str);
    let kind = said("ARROW:extension:metadata").to_ascii_lowercase();
    said("ARROW:extension:name") == "arrow.opaque" && (kind.contains("\"numeric\"") || kind.contains("\"decimal\""))
}

fn opaque_decimals(array: &ArrayRef) -> Option<DecimalColumn> {
    // Not a number is none.
    let number = |text: Option<&'_ str>| text.filter(|text| !text.eq_ignore_ascii_case("nan")).map(str::to_owned);
    let texts: Vec<Option<String>> = match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().map(number).collect(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().map(number).collect(),
        DataType::Utf8View => array.as_string_view().iter().map(number).collect(),
        _ => return None,
    };
    DecimalColumn::of_texts(texts.iter().map(Option::as_deref))
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::data(format!("cannot be read: {error}"))
}

/// Where nothing is missing, nobody looks for what is.
fn values<T: ArrowPrimitiveType, R>(array: &ArrayRef, of: impl Fn(T::Native) -> R) -> Vec<Option<R>> {
    let array = array.as_primitive::<T>();
    match array.null_count() {
        0 => array.values().iter().map(|&value| Some(of(value))).collect(),
        _ => array.iter().map(|value| value.map(&of)).collect(),
    }
}

fn whole<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &ArrayRef) -> Cells {
    Cells::Integer(values::<T, _>(array, Into::into))
}

fn micros<T: ArrowPrimitiveType<Native = i64>>(array: &ArrayRef, to_micros: impl Fn(i64) -> i64) -> Vec<Option<i64>> {
    let moments = array.as_primitive::<T>().iter();
    moments.map(|moment| moment.filter(|moment| *moment != i64::MIN).map(&to_micros)).collect()
}

fn text<'a>(cells: impl Iterator<Item = Option<&'a str>>) -> Result<Cells> {
    TextColumn::from_cells(cells).map(Cells::Text).map_err(unreadable)
}

fn binary<'a>(cells: impl Iterator<Item = Option<&'a [u8]>>) -> Result<Cells> {
    let texts = cells.map(|cell| cell.map(std::str::from_utf8).transpose());
    let texts = texts.collect::<std::result::Result<Vec<Option<&str>>, _>>();
    text(texts.map_err(|_| Error::data("holds bytes that are not UTF-8 text"))?.into_iter())
}

fn uuid(bytes: &[u8]) -> String {
    let digits = super::hex(bytes);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// Digits after the point; a negative scale counts zeros before it.
fn decimal<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    scale: i8,
    wide: impl Fn(T::Native) -> Option<i128>,
) -> Result<Cells> {
    let zeros = 10_i128.checked_pow(u32::from(scale.min(0).unsigned_abs()));
    let digits = |number: T::Native| -> Result<i128> {
        let digits = wide(number).zip(zeros).and_then(|(number, zeros)| number.checked_mul(zeros));
        digits.ok_or_else(|| Error::data("holds a number of more than 38 digits"))
    };
    let digits = array.iter().map(|number| number.map(digits).transpose()).collect::<Result<_>>()?;
    Ok(Cells::Decimal(DecimalColumn::new(digits, usize::from(scale.max(0).unsigned_abs()))))
}

/// A cell of any type, also of one that holds others, to be hashed.
pub(super) struct AnyCell<'a> {
    pub(super) array: &'a dyn Array,
    pub(super) row: usize,
}

impl Hash for AnyCell<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { array, row } = *self;
        if array.is_null(row) {
            return state.write_u8(0);
        }
        state.write_u8(1);
        let all = |array: &dyn Array, state: &mut H| {
            array.len().hash(state);
            (0..array.len()).for_each(|row| AnyCell { array, row }.hash(state));
        };
        downcast_primitive_array!(
            array => array.value(row).to_byte_slice().hash(state),
            DataType::Utf8 => array.as_string::<i32>().value(row).hash(state),
            DataType::LargeUtf8 => array.as_string::<i64>().value(row).hash(state),
            DataType::Utf8View => array.as_string_view().value(row).hash(state),
            DataType::Binary => array.as_binary::<i32>().value(row).hash(state),
            DataType::LargeBinary => array.as_binary::<i64>().value(row).hash(state),
            DataType::BinaryView => array.as_binary_view().value(row).hash(state),
            DataType::FixedSizeBinary(_) => array.as_fixed_size_binary().value(row).hash(state),
            DataType::Boolean => array.as_boolean().value(row).hash(state),
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                AnyCell { array: dictionary.values(), row: dictionary.normalized_keys()[row] }.hash(state);
            }
            DataType::Struct(_) => {
                array.as_struct().columns().iter().for_each(|column| AnyCell { array: column, row }.hash(state));
            }
            DataType::List(_) => all(&array.as_list::<i32>().value(row), state),
            DataType::LargeList(_) => all(&array.as_list::<i64>().value(row), state),
            DataType::FixedSizeList(..) => all(&array.as_fixed_size_list().value(row), state),
            DataType::Map(..) => all(&array.as_map().value(row), state),
            // Of what no Parquet file holds, the data.
            _ => format!("{:?}", array.slice(row, 1)).hash(state),
        );
    }
}
