//! Parquet out.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Float64Array, Int64Array, StringArray, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::add_encoded_arrow_schema_to_metadata;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::Compression;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::error::{Error, Place, Result};
use crate::summary::CustomerIds;
use crate::tables::arrow::AnyCell;
use crate::tables::{Table, TableColumn};

/// A row group that has been encoded and has no place in a file yet.
pub(in crate::tables) struct EncodedRows {
    schema: SchemaRef,
    columns: Vec<ArrowColumnChunk>,
}

impl std::fmt::Debug for EncodedRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncodedRows").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// Encodes some rows of a table; any thread can do it.
pub(in crate::tables) fn encode(table: &Table<'_>, rows: Range<usize>) -> Result<EncodedRows> {
    let encoded = || -> ParquetResult<EncodedRows> {
        let schema = schema(table);
        let arrays: Vec<ArrayRef> = table.columns.iter().map(|(_, column)| array(column, rows.clone())).collect();
        let mut properties = properties();
        for (field, _) in schema.fields().iter().zip(&arrays).filter(|(_, array)| !repeats(array)) {
            let column = ColumnPath::new(vec![field.name().clone()]);
            properties = properties.set_column_dictionary_enabled(column, false);
        }
        // Of a file without a place, to have its properties.
        let file = begin(io::sink(), &schema, properties)?;
        let writers = ArrowRowGroupWriterFactory::new(&file, Arc::clone(&schema)).create_column_writers(0)?;
        let mut columns = Vec::with_capacity(writers.len());
        for ((mut writer, array), field) in writers.into_iter().zip(&arrays).zip(schema.fields()) {
            for leaf in compute_leaves(field, array)? {
                writer.write(&leaf)?;
            }
            columns.push(writer.close()?);
        }
        Ok(EncodedRows { schema, columns })
    };
    encoded().map_err(|error| Error::data(format!("cannot make a table: {error}")))
}

/// Whether a dictionary pays: half of a sample of the cells are there twice.
fn repeats(array: &ArrayRef) -> bool {
    const SAMPLE: usize = 2048;
    let step = (array.len() / SAMPLE).max(1);
    let hash = |row| BuildHasherDefault::<DefaultHasher>::default().hash_one(AnyCell { array, row });
    let sample: Vec<u64> = (0..array.len()).step_by(step).map(hash).collect();
    let distinct: HashSet<u64> = sample.iter().copied().collect();
    2 * distinct.len() <= sample.len()
}

/// Writes encoded rows as row groups of a file.
pub(in crate::tables) struct ParquetWriter<W: Write + Send> {
    state: State<W>,
    metadata: Vec<KeyValue>,
}

enum State<W: Write + Send> {
    /// The columns are not known before there are rows.
    New(W),
    Begun(SerializedFileWriter<W>),
    Broken,
}

impl<W: Write + Send> ParquetWriter<W> {
    pub(in crate::tables) fn new(writer: W) -> Self {
        Self { state: State::New(writer), metadata: Vec::new() }
    }

    /// Adds to the file's metadata.
    pub(in crate::tables) fn say(&mut self, key: &str, text: String) {
        self.metadata.push(KeyValue::new(key.to_owned(), text));
    }

    pub(in crate::tables) fn write(&mut self, rows: EncodedRows, destination: &str) -> Result<()> {
        self.append(rows).map_err(|error| unwritable(destination, error))
    }

    fn append(&mut self, rows: EncodedRows) -> ParquetResult<()> {
        self.state = match std::mem::replace(&mut self.state, State::Broken) {
            State::New(writer) => {
                // Readers by Arrow take what the schema says, others the file's own metadata.
                let keys = std::mem::take(&mut self.metadata);
                let metadata: HashMap<String, String> =
                    keys.iter().filter_map(|entry| Some((entry.key.clone(), entry.value.clone()?))).collect();
                let properties = properties().set_key_value_metadata(Some(keys).filter(|keys| !keys.is_empty()));
                let schema = Arc::new(Schema::clone(&rows.schema).with_metadata(metadata));
                State::Begun(begin(writer, &schema, properties)?)
            }
            state => state,
        };
        let State::Begun(file) = &mut self.state else {
            return Err(ParquetError::General("an earlier part could not be written".to_owned()));
        };
        let mut group = file.next_row_group()?;
        for column in rows.columns {
            column.append_to_row_group(&mut group)?;
        }
        group.close().map(|_| ())
    }

    pub(in crate::tables) fn finish(self, destination: &str) -> Result<W> {
        match self.state {
            State::New(writer) => Ok(writer),
            State::Begun(file) => file.into_inner().map_err(|error| unwritable(destination, error)),
            State::Broken => Err(cannot_write(destination, &"an earlier part could not be")),
        }
    }
}

fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        // Every reader knows it, and it takes a third of zstd's time.
        .set_compression(Compression::SNAPPY)
        // Customers stand in the order of their ids: least and greatest of other columns would say little.
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
}

fn begin<W: Write + Send>(
    writer: W,
    schema: &SchemaRef,
    properties: WriterPropertiesBuilder,
) -> ParquetResult<SerializedFileWriter<W>> {
    let mut properties = properties.build();
    add_encoded_arrow_schema_to_metadata(schema, &mut properties);
    let columns = ArrowSchemaConverter::new().convert(schema)?;
    SerializedFileWriter::new(writer, columns.root_schema_ptr(), Arc::new(properties))
}

fn unwritable(destination: &str, error: ParquetError) -> Error {
    match error {
        ParquetError::External(error) if error.is::<io::Error>() => match error.downcast::<io::Error>() {
            Ok(error) => Error::writing(destination)(*error),
            Err(error) => cannot_write(destination, &error),
        },
        error => cannot_write(destination, &error),
    }
}

fn cannot_write(destination: &str, why: &dyn std::fmt::Display) -> Error {
    Error::data(format!("cannot write {destination}: {why}")).knowing(Place::new(destination, None))
}

/// Columns that always have something say so.
fn schema(table: &Table<'_>) -> SchemaRef {
    let field = |(name, column): &(String, TableColumn<'_>)| {
        let (kind, maybe_nothing) = match column {
            TableColumn::Customers(CustomerIds::Number(_)) | TableColumn::Integer(_) => (DataType::Int64, false),
            TableColumn::Customers(CustomerIds::Unsigned(_)) => (DataType::UInt64, false),
            TableColumn::Customers(CustomerIds::Text(_)) | TableColumn::Text(_) | TableColumn::Constant(..) => {
                (DataType::Utf8, false)
            }
            TableColumn::Count(_) => (DataType::UInt32, false),
            TableColumn::Real(_) => (DataType::Float64, false),
            TableColumn::MaybeReal(_) => (DataType::Float64, true),
            TableColumn::Day(_) | TableColumn::ConstantDay(..) => (DataType::Date32, false),
            TableColumn::MaybeDay(_) => (DataType::Date32, true),
            TableColumn::Attribute(_) => (DataType::Utf8, true),
        };
        let metadata = table.metadata.get(name).into_iter().flatten().map(|(what, text)| (what.clone(), text.clone()));
        Field::new(name, kind, maybe_nothing).with_metadata(metadata.collect())
    };
    Arc::new(Schema::new(table.columns.iter().map(field).collect::<Vec<Field>>()))
}

fn array(column: &TableColumn<'_>, rows: Range<usize>) -> ArrayRef {
    match column {
        TableColumn::Customers(CustomerIds::Number(ids)) => Arc::new(Int64Array::from(ids[rows].to_vec())),
        TableColumn::Customers(CustomerIds::Unsigned(ids)) => Arc::new(UInt64Array::from(ids[rows].to_vec())),
        TableColumn::Customers(CustomerIds::Text(ids)) => Arc::new(StringArray::from_iter_values(ids[rows].iter())),
        TableColumn::Count(cells) => Arc::new(UInt32Array::from(cells[rows].to_vec())),
        TableColumn::Integer(cells) => Arc::new(Int64Array::from(cells[rows].to_vec())),
        TableColumn::Real(cells) => Arc::new(Float64Array::from(cells[rows].to_vec())),
        TableColumn::MaybeReal(cells) => Arc::new(Float64Array::from(cells[rows].to_vec())),
        TableColumn::Day(cells) => Arc::new(Date32Array::from_iter_values(cells[rows].iter().map(|day| day.0))),
        TableColumn::MaybeDay(cells) => {
            Arc::new(cells[rows].iter().map(|day| day.map(|day| day.0)).collect::<Date32Array>())
        }
        TableColumn::Attribute(cells) => Arc::new(rows.map(|i| cells.text(i)).collect::<StringArray>()),
        TableColumn::Text(cells) => Arc::new(StringArray::from_iter_values(&cells[rows])),
        TableColumn::Constant(text, _) => Arc::new(StringArray::from_iter_values(rows.map(|_| text))),
        TableColumn::ConstantDay(day, _) => Arc::new(Date32Array::from(vec![day.0; rows.len()])),
    }
}
