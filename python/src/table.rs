//! Tables of answers, as Arrow and as NumPy.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int64Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, Date32Array, Float64Array, Int64Array, LargeStringArray, RecordBatch,
    UInt64Array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use clv::Error;
use clv::report::DataTable;
use clv::summary::CustomerIds;
use clv::tables::TableColumn;
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList, PyTuple};
use pyo3_arrow::error::{PyArrowError, PyArrowResult};
use pyo3_arrow::ffi::{ArrayIterator, to_stream_pycapsule};

use crate::cells::cast;
use crate::column::{LARGEST_EXACT, WIDEST};
use crate::errors::exception;
use crate::frame::{Content, Frame};

/// A table that the engine made: named columns of equal length.
///
/// It has an Arrow interface, so that `polars.DataFrame(table)`, `pyarrow.table(table)` and DuckDB take it as it is.
#[pyclass(frozen, module = "clv")]
#[derive(Debug)]
pub(crate) struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    /// Parts with the same columns, one below the other.
    pub(crate) fn of_parts(batches: Vec<RecordBatch>) -> Self {
        let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
        Self { schema, batches }
    }

    pub(crate) fn of(table: &clv::tables::Table<'_>) -> clv::Result<Self> {
        Ok(Self::of_parts(vec![batch(table)?]))
    }

    /// Name, title and columns of a small table.
    pub(crate) fn of_data(data: &DataTable) -> clv::Result<(String, String, Self)> {
        Ok((data.name.clone(), data.title.clone(), Self::of(&data.table())?))
    }

    /// With a column of ids, which are numbers or text here, in the type that they came in, if it takes them all.
    pub(crate) fn with_ids(self, name: &str, content: Content) -> Self {
        let kind = match content {
            Content::Text => DataType::LargeUtf8,
            Content::Unsigned => DataType::UInt64,
            Content::Wide => DataType::Decimal128(WIDEST, 0),
            Content::Whole | Content::Real | Content::Date | Content::Other => return self,
        };
        let Ok(place) = self.schema.index_of(name) else { return self };
        let cells = self.batches.iter().map(|batch| cast(batch.column(place), &kind));
        match cells.collect::<Result<Vec<ArrayRef>, _>>() {
            Ok(cells) => self.with_cells(place, cells),
            Err(_) => self,
        }
    }

    /// With something that its schema says, which goes with it to Arrow.
    pub(crate) fn with_metadata(self, metadata: HashMap<String, String>) -> Self {
        let schema = Arc::new(Schema::new_with_metadata(self.schema.fields().clone(), metadata));
        self.with_schema(schema)
    }

    /// With other names, or other metadata.
    fn with_schema(&self, schema: SchemaRef) -> Self {
        let batches = self.batches.iter().map(|batch| {
            let batch = RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec());
            batch.expect("columns have their types still")
        });
        Self { batches: batches.collect(), schema: Arc::clone(&schema) }
    }

    /// With a column of texts as what they were made from: numbers, or days.
    pub(crate) fn with_content(self, name: &str, content: Content) -> Self {
        let Ok(place) = self.schema.index_of(name) else { return self };
        let parts: Vec<ArrayRef> = self.batches.iter().map(|batch| Arc::clone(batch.column(place))).collect();
        let read =
            |kind: &DataType| -> Option<Vec<ArrayRef>> { parts.iter().map(|part| cast(part, kind).ok()).collect() };
        // Of a column of moments, each has its time.
        let is_day = |cell: Option<&str>| cell.is_none_or(|cell| cell.len() == "1997-09-30".len());
        let read = match content {
            Content::Whole => read(&DataType::Int64),
            Content::Unsigned => read(&DataType::UInt64),
            Content::Wide => read(&DataType::Decimal128(WIDEST, 0)),
            Content::Real => read(&DataType::Float64),
            Content::Date if parts.iter().all(|part| part.as_string::<i64>().iter().all(is_day)) => {
                read(&DataType::Date32)
            }
            Content::Date | Content::Text | Content::Other => None,
        };
        match read {
            Some(cells) => self.with_cells(place, cells),
            None => self,
        }
    }

    fn with_cells(self, place: usize, cells: Vec<ArrayRef>) -> Self {
        let batch = |(batch, cells): (RecordBatch, ArrayRef)| {
            let mut fields: Vec<Field> = batch.schema().fields().iter().map(|field| Field::clone(field)).collect();
            fields[place] = fields[place].clone().with_data_type(cells.data_type().clone()).with_nullable(true);
            let mut columns = batch.columns().to_vec();
            columns[place] = cells;
            let schema = Schema::new_with_metadata(fields, batch.schema().metadata().clone());
            RecordBatch::try_new(Arc::new(schema), columns).expect("the column is as long as it was")
        };
        Self::of_parts(self.batches.into_iter().zip(cells).map(batch).collect())
    }

    fn with_names(&self, name: impl Fn(&str) -> String) -> Self {
        let field = |field: &Arc<Field>| Field::clone(field).with_name(name(field.name()));
        let fields = self.schema.fields().iter().map(field).collect::<Vec<Field>>();
        self.with_schema(Arc::new(Schema::new_with_metadata(fields, self.schema.metadata().clone())))
    }

    /// The parts of a column.
    fn parts(&self, name: &str) -> PyResult<Vec<&ArrayRef>> {
        let place = self.schema.index_of(name).map_err(|_| {
            let names: Vec<&str> = self.schema.fields().iter().map(|field| &**field.name()).collect();
            PyKeyError::new_err(format!("there is no column `{name}`; there are {}", names.join(", ")))
        })?;
        Ok(self.batches.iter().map(|batch| batch.column(place)).collect())
    }
}

/// Cells of a column, part after part.
fn cells<T: ArrowPrimitiveType, C>(parts: &[&ArrayRef], cell: impl Fn(Option<T::Native>) -> C) -> Vec<C> {
    let mut cells = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
    for part in parts {
        let part = part.as_primitive::<T>();
        match part.null_count() {
            // Without nulls, a plain copy.
            0 => cells.extend(part.values().iter().map(|value| cell(Some(*value)))),
            _ => cells.extend(part.iter().map(&cell)),
        }
    }
    cells
}

/// Wide numbers as an array of Python's own.
fn objects<'py>(py: Python<'py>, parts: &[&ArrayRef]) -> PyResult<Bound<'py, PyAny>> {
    let numbers = PyList::new(py, cells::<Decimal128Type, Option<i128>>(parts, |cell| cell))?;
    py.import("numpy")?.call_method1("array", (numbers, "object"))
}

/// Whole numbers of 64 bits of which some are missing.
fn with_gaps<'py>(py: Python<'py>, parts: &[&ArrayRef]) -> Result<Bound<'py, PyAny>, arrow_schema::ArrowError> {
    let wide = parts.iter().map(|part| cast(part, &DataType::Decimal128(WIDEST, 0))).collect::<Result<Vec<_>, _>>()?;
    let wide: Vec<&ArrayRef> = wide.iter().collect();
    let numbers = cells::<Decimal128Type, Option<i128>>(&wide, |cell| cell);
    if numbers.iter().flatten().all(|number| number.unsigned_abs() <= LARGEST_EXACT) {
        let real = |number: Option<i128>| number.map_or(f64::NAN, |number| number as f64);
        return Ok(numbers.into_iter().map(real).collect::<Vec<f64>>().into_pyarray(py).into_any());
    }
    objects(py, &wide).map_err(|error| arrow_schema::ArrowError::ExternalError(Box::new(error)))
}

/// A table in the form of Arrow.
pub(crate) fn batch(table: &clv::tables::Table<'_>) -> clv::Result<RecordBatch> {
    table.check_names()?;
    let columns: Vec<(&str, ArrayRef)> =
        table.columns.iter().map(|(name, column)| (&**name, array(column, table.rows()))).collect();
    let field = |(name, array): &(&str, ArrayRef)| {
        let metadata = table.metadata.get(*name).into_iter().flatten().map(|(what, text)| (what.clone(), text.clone()));
        Field::new(*name, array.data_type().clone(), true).with_metadata(metadata.collect())
    };
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<Field>>());
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(schema), arrays).map_err(|error| clv::Error::data(error.to_string()))
}

fn array(column: &TableColumn<'_>, rows: usize) -> ArrayRef {
    let text = |cells: Vec<Option<&str>>| Arc::new(LargeStringArray::from(cells)) as ArrayRef;
    match column {
        TableColumn::Customers(CustomerIds::Number(ids)) => Arc::new(Int64Array::from(ids.clone())),
        TableColumn::Customers(CustomerIds::Unsigned(ids)) => Arc::new(UInt64Array::from(ids.clone())),
        TableColumn::Customers(CustomerIds::Text(ids)) => text(ids.iter().map(|id| Some(&**id)).collect()),
        // Signed, because differences of counts may be negative.
        TableColumn::Count(cells) => Arc::new(Int64Array::from_iter_values(cells.iter().map(|&count| count.into()))),
        TableColumn::Integer(cells) => Arc::new(Int64Array::from(cells.to_vec())),
        TableColumn::Real(cells) => Arc::new(Float64Array::from(cells.to_vec())),
        TableColumn::MaybeReal(cells) => Arc::new(Float64Array::from(cells.to_vec())),
        TableColumn::Day(cells) => Arc::new(Date32Array::from_iter_values(cells.iter().map(|day| day.0))),
        TableColumn::MaybeDay(cells) => Arc::new(cells.iter().map(|day| day.map(|day| day.0)).collect::<Date32Array>()),
        TableColumn::Attribute(cells) => text((0..rows).map(|row| cells.text(row)).collect()),
        TableColumn::Text(cells) => text(cells.iter().map(|cell| Some(&**cell)).collect()),
        TableColumn::Constant(cell, _) => text(vec![Some(cell); rows]),
        TableColumn::ConstantDay(day, _) => Arc::new(Date32Array::from(vec![day.0; rows])),
    }
}

#[pymethods]
impl Table {
    /// Columns of whole numbers, real numbers (NaN is nothing), days and text, and what the schema is to say.
    #[staticmethod]
    #[pyo3(signature = (frame, metadata=None))]
    fn of_frame(frame: &Frame, metadata: Option<HashMap<String, String>>) -> PyArrowResult<Self> {
        let cell = |name: &str, array: &ArrayRef| {
            let kind = match array.data_type() {
                DataType::UInt64 => DataType::UInt64,
                DataType::Decimal128(_, 0) => DataType::Decimal128(WIDEST, 0),
                kind if kind.is_integer() => DataType::Int64,
                kind if kind.is_numeric() => DataType::Float64,
                kind if kind.is_temporal() => DataType::Date32,
                _ => DataType::LargeUtf8,
            };
            let array = cast(array, &kind)?;
            let array = match kind {
                DataType::Float64 => {
                    let cells = array.as_primitive::<Float64Type>().iter();
                    Arc::new(cells.map(|cell| cell.filter(|number| !number.is_nan())).collect::<Float64Array>())
                }
                _ => array,
            };
            Ok((Field::new(name, kind, true), array))
        };
        let mut batches = Vec::new();
        for columns in frame.columns() {
            let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns
                .map(|(name, array)| cell(name, array))
                .collect::<Result<Vec<_>, arrow_schema::ArrowError>>()?
                .into_iter()
                .unzip();
            batches.push(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?);
        }
        Ok(Self::of_parts(batches).with_metadata(metadata.unwrap_or_default()))
    }

    /// What its schema says besides its columns.
    #[getter]
    fn metadata(&self) -> HashMap<String, String> {
        self.schema.metadata().clone()
    }

    /// Names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// A column as a NumPy array: days as datetime64[D], text and numbers beyond 64 bits as objects; where there is nothing NaN, NaT or
    /// None. Whole numbers with gaps are floating numbers if these hold them all, and objects if not.
    fn column<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let parts = self.parts(name)?;
        let kind = parts.first().map_or(&DataType::Null, |part| part.data_type());
        Ok(match kind {
            DataType::Int64 | DataType::UInt64 if parts.iter().any(|part| part.null_count() > 0) => {
                with_gaps(py, &parts).map_err(PyArrowError::from)?
            }
            DataType::Int64 => cells::<Int64Type, i64>(&parts, |cell| cell.unwrap_or(0)).into_pyarray(py).into_any(),
            DataType::Float64 => {
                cells::<Float64Type, f64>(&parts, |cell| cell.unwrap_or(f64::NAN)).into_pyarray(py).into_any()
            }
            DataType::UInt64 => cells::<UInt64Type, u64>(&parts, |cell| cell.unwrap_or(0)).into_pyarray(py).into_any(),
            DataType::Decimal128(..) => objects(py, &parts)?,
            DataType::Date32 => {
                let days = cells::<Date32Type, i64>(&parts, |day| day.map_or(i64::MIN, i64::from));
                PyArray1::from_vec(py, days).call_method1("view", ("datetime64[D]",))?
            }
            _ => {
                let texts = parts.iter().flat_map(|part| part.as_string::<i64>().iter());
                let texts = PyList::new(py, texts.collect::<Vec<Option<&str>>>())?;
                py.import("numpy")?.call_method1("array", (texts, "object"))?
            }
        })
    }

    /// This table without a column.
    pub(crate) fn without(&self, name: &str) -> PyResult<Self> {
        let places: Vec<usize> =
            (0..self.schema.fields().len()).filter(|&i| self.schema.field(i).name() != name).collect();
        let project = |batch: &RecordBatch| batch.project(&places).map_err(PyArrowError::from);
        Ok(Self::of_parts(self.batches.iter().map(project).collect::<Result<_, _>>()?))
    }

    /// This table with another name for a column.
    fn renamed(&self, old: &str, new: &str) -> PyResult<Self> {
        if old != new && self.schema.index_of(new).is_ok() {
            return Err(exception(Error::usage(format!(
                "there is a column `{new}` already, and two of a name are none"
            ))));
        }
        Ok(self.with_names(|name| if name == old { new } else { name }.to_owned()))
    }

    fn __getitem__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        self.column(py, name)
    }

    fn __contains__(&self, name: &str) -> bool {
        self.schema.index_of(name).is_ok()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.columns().into_pyobject(py)?.call_method0("__iter__")
    }

    /// Number of rows.
    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyArrowResult<Bound<'py, PyCapsule>> {
        let field = Field::new_struct("", self.schema.fields().clone(), false);
        let field = Arc::new(field.with_metadata(self.schema.metadata().clone()));
        let arrays: Vec<Result<ArrayRef, _>> = self
            .batches
            .iter()
            .map(|batch| Ok(Arc::new(arrow_array::StructArray::from(batch.clone())) as ArrayRef))
            .collect();
        to_stream_pycapsule(py, Box::new(ArrayIterator::new(arrays, field)), requested_schema)
    }

    /// A dictionary of NumPy arrays.
    fn to_numpy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let pairs = self.columns().into_iter().map(|name| Ok((name.clone(), self.column(py, &name)?)));
        let pairs: Vec<(String, Bound<'_, PyAny>)> = pairs.collect::<PyResult<_>>()?;
        py.import("builtins")?.call_method1("dict", (pairs,))
    }

    /// A pandas frame, with this index if there is one.
    #[pyo3(signature = (index=None))]
    fn to_pandas<'py>(slf: Bound<'py, Self>, index: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("clv.frames")?.call_method1("to_pandas", (&slf, index))
    }

    /// A polars frame.
    fn to_polars<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("clv.frames")?.call_method1("to_polars", (&slf,))
    }

    /// A pyarrow table.
    fn to_arrow<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("clv.frames")?.call_method1("to_arrow", (&slf,))
    }

    fn __reduce__<'py>(slf: Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let (columns, metadata) = (slf.get().to_numpy(py)?, slf.get().metadata());
        let make = py.import("clv.frames")?.getattr("table_of_columns")?;
        Ok((make, (columns, metadata).into_pyobject(py)?))
    }

    fn __repr__<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("clv.frames")?.call_method1("text_of", (&slf,))
    }

    fn _repr_html_<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("clv.frames")?.call_method1("html_of", (&slf,))
    }
}
