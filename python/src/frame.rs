//! Data frames of the caller's, read where they are.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatchReader};
use arrow_schema::{DataType, Field, Fields};
use clv::tables::{BytesRead, HeldRows, TableReader};
use pyo3::prelude::*;
use pyo3_arrow::error::PyArrowError;
use pyo3_arrow::input::AnyRecordBatch;

use crate::cells::Chunk;
use crate::column::array;
use crate::errors::DataError;

/// A table of the caller's, whose columns are borrowed.
#[pyclass(frozen, module = "clv._clv")]
pub(crate) struct Frame {
    name: String,
    header: Vec<String>,
    chunks: Vec<Arc<Chunk>>,
    metadata: HashMap<String, String>,
    /// What is known of the columns before there are rows.
    fields: Fields,
}

impl Frame {
    /// Names alone.
    pub(crate) fn without_rows(name: String, header: Vec<String>) -> Self {
        Self { name, header, chunks: Vec::new(), metadata: HashMap::new(), fields: Fields::empty() }
    }

    /// Begins to read it.
    pub(crate) fn open(&self) -> TableReader {
        TableReader::held(&self.name, self.header.clone(), self.rows().collect(), &BytesRead::default())
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Names of all columns.
    pub(crate) fn names(&self) -> &[String] {
        &self.header
    }

    /// Its rows, chunk by chunk.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Arc<dyn HeldRows>> {
        self.chunks.iter().map(|chunk| Arc::clone(chunk) as Arc<dyn HeldRows>)
    }

    /// What a column holds.
    pub(crate) fn content(&self, name: &str) -> Content {
        let place = find(&self.header, name);
        match self.chunks.first() {
            Some(chunk) => {
                let column = place.and_then(|place| chunk.columns[place].as_ref());
                column.map_or(Content::Other, |cells| Content::of(cells.data_type()))
            }
            None => {
                let field = place.and_then(|place| self.fields.get(place));
                field.map_or(Content::Other, |field| Content::of(field.data_type()))
            }
        }
    }

    /// Names and cells of the columns that are there, chunk by chunk.
    pub(crate) fn columns(&self) -> impl Iterator<Item = impl Iterator<Item = (&str, &ArrayRef)>> {
        self.chunks.iter().map(|chunk| {
            let columns = chunk.fields.iter().zip(&chunk.columns);
            columns.filter_map(|(field, column)| Some((field.name().as_str(), column.as_ref()?)))
        })
    }
}

/// The column with this name, or else with this name in other letters.
pub(crate) fn find(header: &[String], name: &str) -> Option<usize> {
    let exact = header.iter().position(|column| column == name);
    exact.or_else(|| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name)))
}

/// What a column holds, to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Text,
    /// Whole numbers of 64 bits, with a sign.
    Whole,
    /// Whole numbers of 64 bits, without a sign.
    Unsigned,
    /// Whole numbers of up to 38 digits.
    Wide,
    Real,
    Date,
    Other,
}

impl Content {
    pub(crate) fn of(kind: &DataType) -> Self {
        match kind {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::Text,
            DataType::Dictionary(_, values) => Self::of(values),
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => Self::Date,
            DataType::UInt64 => Self::Unsigned,
            DataType::Decimal32(_, 0)
            | DataType::Decimal64(_, 0)
            | DataType::Decimal128(_, 0)
            | DataType::Decimal256(_, 0) => Self::Wide,
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
        let schema = reader.schema();
        let header: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let chunk = |batch: arrow_array::RecordBatch| {
            let columns = batch.columns().iter().cloned().map(Some).collect();
            Arc::new(Chunk { name: name.clone(), fields: schema.fields().clone(), columns, rows: batch.num_rows() })
        };
        let chunks = reader.map(|batch| batch.map(chunk)).collect::<Result<Vec<_>, _>>().map_err(PyArrowError::from)?;
        Ok(Self { name, header, chunks, metadata: schema.metadata().clone(), fields: schema.fields().clone() })
    }

    /// From a column each: `None` for one that is not needed, or anything that [`array`] takes.
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
        let kind =
            |column: &Option<ArrayRef>| column.as_ref().map_or(DataType::Null, |column| column.data_type().clone());
        let fields = header.iter().zip(&columns).map(|(name, column)| Field::new(name, kind(column), true));
        let chunk = Chunk { name: name.clone(), fields: fields.collect::<Fields>(), columns, rows };
        let fields = chunk.fields.clone();
        Ok(Self { name, header, chunks: vec![Arc::new(chunk)], metadata: HashMap::new(), fields })
    }

    /// Frames with the same columns, one below the other.
    #[staticmethod]
    fn joined(frames: Vec<Py<Self>>) -> PyResult<Self> {
        let first = frames.first().ok_or_else(|| DataError::new_err("there are no frames"))?.get();
        let chunks = frames.iter().flat_map(|frame| frame.get().chunks.iter().cloned()).collect();
        if frames.iter().any(|frame| frame.get().header != first.header) {
            return Err(DataError::new_err(format!("{}: the columns changed on the way", first.name)));
        }
        let (name, header) = (first.name.clone(), first.header.clone());
        Ok(Self { name, header, chunks, metadata: first.metadata.clone(), fields: first.fields.clone() })
    }

    /// Names of the columns.
    #[getter]
    fn header(&self) -> Vec<String> {
        self.header.clone()
    }

    /// Whether a column holds text.
    fn is_text(&self, name: &str) -> bool {
        self.content(name) == Content::Text
    }

    /// What an Arrow schema says besides its columns.
    #[getter]
    fn metadata(&self) -> HashMap<String, String> {
        self.metadata.clone()
    }

    fn __len__(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.rows()).sum()
    }
}
