//! Data frames of the caller's, read where they are.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowTimestampType, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, Int64Array, LargeStringArray, RecordBatchReader};
use arrow_schema::DataType;
use clv::tables::{BytesRead, HeldRows, TableReader};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyList, PyString};
use pyo3_arrow::buffer::AnyBufferProtocol;
use pyo3_arrow::error::PyArrowError;
use pyo3_arrow::input::{AnyArray, AnyRecordBatch};

use crate::cells::Chunk;
use crate::errors::DataError;

/// A table of the caller's, whose columns are borrowed.
#[pyclass(frozen, module = "clv._clv")]
pub(crate) struct Frame {
    name: String,
    header: Vec<String>,
    chunks: Vec<Arc<Chunk>>,
}

impl Frame {
    /// Names alone.
    pub(crate) fn without_rows(name: String, header: Vec<String>) -> Self {
        Self { name, header, chunks: Vec::new() }
    }

    /// Begins to read it.
    pub(crate) fn open(&self) -> TableReader {
        let chunks = self.chunks.iter().map(|chunk| Arc::clone(chunk) as Arc<dyn HeldRows>).collect();
        TableReader::held(&self.name, self.header.clone(), chunks, &BytesRead::default())
    }

    /// What a column holds.
    pub(crate) fn content(&self, name: &str) -> Content {
        let mut found = self.columns().take(1).flatten().filter(|(column, _)| *column == name);
        found.next().map_or(Content::Other, |(_, cells)| Content::of(cells.data_type()))
    }

    /// Names and cells of the columns that are there, chunk by chunk.
    pub(crate) fn columns(&self) -> impl Iterator<Item = impl Iterator<Item = (&str, &ArrayRef)>> {
        self.chunks.iter().map(|chunk| {
            let columns = chunk.header.iter().zip(&chunk.columns);
            columns.filter_map(|(name, column)| Some((&**name, column.as_ref()?)))
        })
    }
}

/// What a column holds, to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Text,
    Whole,
    Real,
    Date,
    Other,
}

impl Content {
    fn of(kind: &DataType) -> Self {
        match kind {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::Text,
            DataType::Dictionary(_, values) => Self::of(values),
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => Self::Date,
            kind if kind.is_integer() => Self::Whole,
            kind if kind.is_numeric() => Self::Real,
            _ => Self::Other,
        }
    }
}

#[pymethods]
impl Frame {
    /// From anything with `__arrow_c_stream__` or `__arrow_c_array__`; its buffers are borrowed.
    #[staticmethod]
    fn from_arrow(name: String, frame: AnyRecordBatch) -> PyResult<Self> {
        let reader = frame.into_reader()?;
        let header: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
        let chunk = |batch: arrow_array::RecordBatch| {
            let columns = batch.columns().iter().cloned().map(Some).collect();
            Arc::new(Chunk { name: name.clone(), header: header.clone(), columns, rows: batch.num_rows() })
        };
        let chunks = reader.map(|batch| batch.map(chunk)).collect::<Result<Vec<_>, _>>().map_err(PyArrowError::from)?;
        Ok(Self { name, header, chunks })
    }

    /// From a column each: `None` for one that is not needed, an array of numbers, a tuple of unit, zone and an array for moments, a
    /// list for text, or anything with an Arrow interface.
    #[staticmethod]
    fn from_columns(name: String, header: Vec<String>, columns: Vec<Option<Bound<'_, PyAny>>>) -> PyResult<Self> {
        let columns = columns.iter().map(|column| column.as_ref().map(array).transpose());
        let columns: Vec<Option<ArrayRef>> = columns.collect::<PyResult<_>>()?;
        let rows = columns.iter().flatten().map(|column| column.len()).next().unwrap_or(0);
        if let Some(i) = columns.iter().position(|column| column.as_ref().is_some_and(|column| column.len() != rows)) {
            let found = columns[i].as_ref().map_or(0, |column| column.len());
            return Err(DataError::new_err(format!(
                "{name}: column `{}` has {found} cells, and the first has {rows}",
                header[i]
            )));
        }
        let chunk = Chunk { name: name.clone(), header: header.clone(), columns, rows };
        Ok(Self { name, header, chunks: vec![Arc::new(chunk)] })
    }

    /// Names of the columns.
    #[getter]
    fn header(&self) -> Vec<String> {
        self.header.clone()
    }

    fn __len__(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.rows()).sum()
    }
}

fn array(column: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    if let Ok(cells) = column.cast::<PyList>() {
        let whole = cells
            .iter()
            .all(|cell| cell.is_none() || (cell.is_instance_of::<PyInt>() && !cell.is_instance_of::<PyBool>()));
        let numbers = whole.then(|| cells.extract::<Vec<Option<i64>>>().ok()).flatten();
        return match numbers.filter(|numbers| numbers.iter().any(Option::is_some)) {
            Some(numbers) => Ok(Arc::new(Int64Array::from(numbers))),
            None => text(cells),
        };
    }
    if let Ok((unit, zone, moments)) = column.extract::<(String, Option<String>, Bound<'_, PyAny>)>() {
        let moments = array(&moments)?;
        let moments = moments.as_primitive::<Int64Type>();
        fn of<T: ArrowTimestampType>(moments: &arrow_array::Int64Array, zone: Option<String>) -> ArrayRef {
            Arc::new(moments.reinterpret_cast::<T>().with_timezone_opt(zone))
        }
        return Ok(match &*unit {
            "s" => of::<TimestampSecondType>(moments, zone),
            "ms" => of::<TimestampMillisecondType>(moments, zone),
            "us" => of::<TimestampMicrosecondType>(moments, zone),
            _ => of::<TimestampNanosecondType>(moments, zone),
        });
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

/// Cells of any kind as text; nothing where there is none, or what does not equal itself: NaN and NaT.
fn text(cells: &Bound<'_, PyList>) -> PyResult<ArrayRef> {
    let text = |cell: Bound<'_, PyAny>| -> PyResult<Option<String>> {
        if cell.is_none() {
            return Ok(None);
        }
        if let Ok(text) = cell.cast::<PyString>() {
            return Ok(Some(text.to_cow()?.into_owned()));
        }
        if cell.ne(&cell).unwrap_or(true) {
            return Ok(None);
        }
        Ok(Some(cell.str()?.to_cow()?.into_owned()))
    };
    let texts: LargeStringArray =
        cells.iter().map(text).collect::<PyResult<Vec<Option<String>>>>()?.into_iter().collect();
    Ok(Arc::new(texts))
}
