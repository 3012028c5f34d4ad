//! One column of the caller's as an Arrow array, borrowed where it can be.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowTimestampType, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, LargeStringArray};
use clv::tables::DecimalColumn;
use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyString};
use pyo3_arrow::buffer::AnyBufferProtocol;
use pyo3_arrow::error::PyArrowError;
use pyo3_arrow::input::AnyArray;

/// Digits that the widest whole numbers have.
pub(crate) const WIDEST: u8 = 38;

/// From an array of numbers, one with a mask of what is missing, a tuple of unit, zone and an array for moments, a list of cells, or
/// anything with an Arrow interface.
pub(crate) fn array(column: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    if let Ok(cells) = column.cast::<PyList>() {
        return objects(cells);
    }
    if let Ok((unit, zone, moments)) = column.extract::<(String, Option<String>, Bound<'_, PyAny>)>() {
        let moments = array(&moments)?;
        return Ok(timestamps(moments.as_primitive::<Int64Type>(), &unit, zone));
    }
    if let Ok((numbers, missing)) = column.extract::<(Bound<'_, PyAny>, Bound<'_, PyArray1<bool>>)>() {
        let missing = BooleanArray::from(missing.readonly().as_slice()?.to_vec());
        return Ok(arrow_select::nullif::nullif(&array(&numbers)?, &missing).map_err(PyArrowError::from)?);
    }
    if column.hasattr("__arrow_c_stream__")? || column.hasattr("__arrow_c_array__")? {
        let (chunks, field) = column.extract::<AnyArray>()?.into_chunked_array()?.into_inner();
        let chunks: Vec<&dyn Array> = chunks.iter().map(|chunk| &**chunk).collect();
        return match chunks[..] {
            [] => Ok(arrow_array::new_empty_array(field.data_type())),
            _ => Ok(arrow_select::concat::concat(&chunks).map_err(PyArrowError::from)?),
        };
    }
    Ok(column.extract::<AnyBufferProtocol>()?.into_arrow_array()?)
}

fn timestamps(moments: &Int64Array, unit: &str, zone: Option<String>) -> ArrayRef {
    fn of<T: ArrowTimestampType>(moments: &Int64Array, zone: Option<String>) -> ArrayRef {
        Arc::new(moments.reinterpret_cast::<T>().with_timezone_opt(zone))
    }
    match unit {
        "s" => of::<TimestampSecondType>(moments, zone),
        "ms" => of::<TimestampMillisecondType>(moments, zone),
        "us" => of::<TimestampMicrosecondType>(moments, zone),
        _ => of::<TimestampNanosecondType>(moments, zone),
    }
}

/// What one object is.
enum Cell<'py> {
    Nothing,
    Whole(i128),
    Real(f64),
    Other(Bound<'py, PyAny>),
}

impl<'py> Cell<'py> {
    /// Nothing is `None`, and what does not equal itself: NaN, NaT, `pandas.NA`.
    fn of(cell: Bound<'py, PyAny>) -> Self {
        if cell.is_none() {
            return Self::Nothing;
        }
        if cell.is_instance_of::<PyString>() || cell.is_instance_of::<PyBool>() {
            return Self::Other(cell);
        }
        if let Ok(number) = cell.cast::<PyInt>() {
            return number.extract().map_or(Self::Other(cell), Self::Whole);
        }
        if let Ok(number) = cell.cast::<PyFloat>() {
            let number = number.value();
            return if number.is_nan() { Self::Nothing } else { Self::Real(number) };
        }
        if cell.ne(&cell).unwrap_or(true) {
            return Self::Nothing;
        }
        if let Some(number) = whole(&cell) {
            return Self::Whole(number);
        }
        Self::Other(cell)
    }

    /// As Python writes it.
    fn text(&self) -> PyResult<Option<String>> {
        Ok(match self {
            Self::Nothing => None,
            Self::Whole(number) => Some(number.to_string()),
            Self::Real(number) => Some(format!("{number:?}")),
            Self::Other(cell) => Some(cell.str()?.to_cow()?.into_owned()),
        })
    }
}

/// The whole number that a scalar of NumPy or a decimal is.
fn whole(cell: &Bound<'_, PyAny>) -> Option<i128> {
    if cell.hasattr("__index__").ok()? {
        return cell.call_method0("__index__").ok()?.extract().ok();
    }
    let is_decimal = cell.hasattr("as_tuple").ok()? && cell.hasattr("to_integral_value").ok()?;
    if !is_decimal {
        return None;
    }
    // A whole number of another size would be as many digits long.
    let is_short = cell.call_method0("adjusted").ok()?.extract::<i64>().ok()? < WIDEST.into();
    let is_whole = cell.call_method0("to_integral_value").ok()?.eq(cell).ok()?;
    if is_short && is_whole { cell.call_method0("__int__").ok()?.extract().ok() } else { None }
}

/// A column of objects: whole numbers if every one of them is, however large; numbers if none of them loses digits by it; else text.
fn objects(cells: &Bound<'_, PyList>) -> PyResult<ArrayRef> {
    let cells: Vec<Cell<'_>> = cells.iter().map(Cell::of).collect();
    let kind = cells.iter().try_fold(Kind::default(), |kind, cell| kind.with(cell));
    let whole = |cell: &Cell<'_>| if let Cell::Whole(number) = cell { Some(*number) } else { None };
    Ok(match kind.filter(|kind| kind.largest.is_some()) {
        Some(Kind { has_reals: false, largest: Some(largest) }) if largest <= i64::MAX as u128 => {
            Arc::new(cells.iter().map(|cell| whole(cell).map(|number| number as i64)).collect::<Int64Array>())
        }
        None if let Some(decimals) = decimals(&cells) => decimals,
        Some(Kind { has_reals: false, .. }) => {
            let numbers: Decimal128Array = cells.iter().map(whole).collect();
            Arc::new(numbers.with_precision_and_scale(WIDEST, 0).map_err(PyArrowError::from)?)
        }
        Some(Kind { largest: Some(largest), .. }) if largest <= LARGEST_EXACT => {
            let real = |cell: &Cell<'_>| match cell {
                Cell::Whole(number) => Some(*number as f64),
                Cell::Real(number) => Some(*number),
                _ => None,
            };
            Arc::new(cells.iter().map(real).collect::<Float64Array>())
        }
        _ => Arc::new(cells.iter().map(Cell::text).collect::<PyResult<LargeStringArray>>()?),
    })
}

/// A column of decimals, whole or not, with every digit of theirs; none if there is anything else, or nothing.
fn decimals(cells: &[Cell<'_>]) -> Option<ArrayRef> {
    let is_number = |cell: &Cell<'_>| match cell {
        Cell::Nothing | Cell::Whole(_) => true,
        Cell::Real(_) => false,
        Cell::Other(cell) => cell.hasattr("as_tuple").unwrap_or(false),
    };
    if cells.iter().all(|cell| matches!(cell, Cell::Nothing)) || !cells.iter().all(is_number) {
        return None;
    }
    let texts: Vec<Option<String>> = cells.iter().map(Cell::text).collect::<PyResult<_>>().ok()?;
    let (digits, scale) = DecimalColumn::of_texts(texts.iter().map(Option::as_deref))?.into_parts();
    let numbers: Decimal128Array = digits.into_iter().collect();
    Some(Arc::new(numbers.with_precision_and_scale(WIDEST, i8::try_from(scale).ok()?).ok()?))
}

/// Whole numbers up to this one are floating numbers, too.
pub(crate) const LARGEST_EXACT: u128 = 1 << 53;

/// What numbers a column has.
#[derive(Clone, Copy, Default)]
struct Kind {
    has_reals: bool,
    /// The largest size of a whole one, if there is any number.
    largest: Option<u128>,
}

impl Kind {
    /// With another cell; nothing if that is no number, or too wide a one.
    fn with(self, cell: &Cell<'_>) -> Option<Self> {
        let larger = |size: u128| Some(self.largest.unwrap_or(0).max(size));
        match cell {
            Cell::Nothing => Some(self),
            Cell::Whole(number) if number.unsigned_abs() < 10_u128.pow(WIDEST.into()) => {
                Some(Self { largest: larger(number.unsigned_abs()), ..self })
            }
            Cell::Real(_) => Some(Self { has_reals: true, largest: larger(0) }),
            Cell::Whole(_) | Cell::Other(_) => None,
        }
    }
}
