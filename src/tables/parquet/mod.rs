//! Parquet in.

mod bytes;
mod page_header;
mod pages;
mod write;

use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowSelection, RowSelector};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels, parquet_to_arrow_schema};
use parquet::basic::Type;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::Length;
use parquet::schema::types::SchemaDescriptor;

use super::arrow::{AnyCell, cells};
use super::batch::{by_name, fingerprint};
use super::guard::guarded;
use super::shown::one_line;
use super::source::{Binary, BytesRead};
use super::{Batch, Cells};
use crate::error::{Error, Result};
use crate::message::say;
use bytes::FileBytes;
use pages::{CheckedGroups, rows_of};
pub(super) use write::{EncodedRows, ParquetWriter, encode};

/// Rows of a block: smaller row groups are read together up to it, larger ones in slices.
const BLOCK_ROWS: usize = 1 << 18;

/// Rows that are decoded at once where whole rows are wanted, however long their text is.
const WHOLE_ROWS: usize = 1 << 14;

/// A Parquet file, read by row groups.
#[derive(Debug)]
pub(super) struct ParquetTable {
    file: Arc<ParquetFile>,
    /// The next row group, and the first of its rows that has not been read.
    next: (usize, usize),
    /// Rows before it.
    before: usize,
}

#[derive(Debug)]
struct ParquetFile {
    name: String,
    bytes: Arc<FileBytes>,
    progress: BytesRead,
    metadata: Arc<ParquetMetaData>,
    schema: Schema,
    header: Vec<String>,
    rows: usize,
}

/// Rows of a file, not decoded yet.
#[derive(Debug)]
pub(super) struct ParquetBlock {
    file: Arc<ParquetFile>,
    /// The row groups that they are in.
    groups: Vec<usize>,
    /// The first of them there, and in the file.
    offset: usize,
    first: usize,
    rows: usize,
}

impl ParquetTable {
    pub(super) fn new(name: &str, content: Binary) -> Result<Self> {
        let (bytes, progress) = match content {
            Binary::File(file, progress) => {
                let bytes = FileBytes::of_file(file).map_err(Error::reading(name))?;
                (bytes, progress)
            }
            Binary::Memory(bytes, progress) => (FileBytes::Memory(bytes.into()), progress),
        };
        let described = guarded_parquet(|| describe(&bytes));
        let (metadata, schema, rows) = described.map_err(|error| damaged(name, &bytes, "", &error))?;
        let header = schema.fields().iter().map(|field| field.name().clone()).collect();
        let (bytes, metadata) = (Arc::new(bytes), Arc::new(metadata));
        let file = ParquetFile { name: name.to_owned(), bytes, progress, metadata, schema, header, rows };
        Ok(Self { file: Arc::new(file), next: (0, 0), before: 0 })
    }

    pub(super) fn header(&self) -> &[String] {
        &self.file.header
    }

    pub(super) fn column_type(&self, column: usize) -> Option<&DataType> {
        self.file.schema.fields().get(column).map(|field| field.data_type())
    }

    /// What the file says of itself under a key.
    pub(super) fn metadata(&self, key: &str) -> Option<String> {
        let entries = self.file.metadata.file_metadata().key_value_metadata()?;
        entries.iter().find(|entry| entry.key == key).and_then(|entry| entry.value.clone())
    }

    /// Whole row groups up to [`BLOCK_ROWS`] together, larger ones alone, in slices.
    pub(super) fn next_block(&mut self) -> Option<ParquetBlock> {
        let metadata = &self.file.metadata;
        let rows_of = |group: usize| rows_of(metadata.row_group(group));
        let (mut group, offset) = self.next;
        while group < metadata.num_row_groups() && rows_of(group) == 0 {
            group += 1;
        }
        if group == metadata.num_row_groups() {
            return None;
        }
        let mut groups = vec![group];
        let mut rows = (rows_of(group) - offset).min(BLOCK_ROWS);
        if offset + rows == rows_of(group) {
            group += 1;
            while offset == 0 && group < metadata.num_row_groups() && rows + rows_of(group) <= BLOCK_ROWS {
                rows += rows_of(group);
                groups.push(group);
                group += 1;
            }
            self.next = (group, 0);
        } else {
            self.next = (group, offset + rows);
        }
        let first = self.before;
        self.before += rows;
        Some(ParquetBlock { file: Arc::clone(&self.file), groups, offset, first, rows })
    }
}

impl ParquetBlock {
    /// The columns with these numbers.
    pub(super) fn batch(&self, columns: &[usize], fingerprints: bool) -> Result<Batch> {
        let file = &self.file;
        // Whole rows are hashed, so all columns are needed for that.
        let wanted = if fingerprints { (0..file.header.len()).collect() } else { sorted(columns) };
        let size = if fingerprints { self.rows.min(WHOLE_ROWS) } else { self.rows };
        let read = || -> ParquetResult<_> {
            let batches = self.read(&wanted, size)?;
            let hashes =
                if fingerprints { batches.iter().flat_map(|batch| self.hashes(batch)).collect() } else { Vec::new() };
            let place = |column: &usize| wanted.binary_search(column).expect("what is asked for is read");
            let cells = columns
                .iter()
                .map(|column| self.cells(&batches, place(column), *column))
                .collect::<ParquetResult<Vec<_>>>()?;
            Ok((cells, hashes))
        };
        let (cells, fingerprints) = guarded_parquet(read).map_err(|error| self.unreadable(&error))?;
        let columns = cells.into_iter().collect::<Result<Vec<Cells>>>()?;
        self.count_bytes();
        let places = (self.first + 1..=self.first + self.rows).map(|row| row as u64).collect();
        Ok(Batch { columns, places, ragged: Vec::new(), fingerprints })
    }

    fn read(&self, columns: &[usize], size: usize) -> ParquetResult<Vec<RecordBatch>> {
        let ParquetFile { bytes, metadata, schema, .. } = &*self.file;
        let described = metadata.file_metadata().schema_descr();
        let mask = ProjectionMask::roots(described, columns.iter().copied());
        let levels = parquet_to_arrow_field_levels(described, mask, Some(schema.fields()))?;
        let groups =
            CheckedGroups { bytes: Arc::clone(bytes), metadata: Arc::clone(metadata), groups: self.groups.clone() };
        let rows = RowSelection::from(vec![RowSelector::skip(self.offset), RowSelector::select(self.rows)]);
        let reader = ParquetRecordBatchReader::try_new_with_row_groups(&levels, &groups, size, Some(rows))?;
        let batches: Vec<RecordBatch> = reader.collect::<std::result::Result<_, _>>()?;
        let found: usize = batches.iter().map(RecordBatch::num_rows).sum();
        if found == self.rows { Ok(batches) } else { Err(shorter(found, self.rows)) }
    }

    /// Or what is wrong with the column itself.
    fn cells(&self, batches: &[RecordBatch], place: usize, column: usize) -> ParquetResult<Result<Cells>> {
        let arrays: Vec<&dyn Array> = batches.iter().map(|batch| &**batch.column(place)).collect();
        let whole = match batches {
            [batch] => Arc::clone(batch.column(place)),
            _ => arrow_select::concat::concat(&arrays)?,
        };
        let ParquetFile { name, header, schema, .. } = &*self.file;
        let found = cells(schema.field(column), &whole);
        let column = &header[column];
        Ok(found
            .map_err(|error| error.reworded(|what| say!["column `{column}` ", what]).in_column(column).in_file(name)))
    }

    fn hashes(&self, batch: &RecordBatch) -> Vec<u128> {
        let order = by_name(&self.file.header);
        let row = |row: usize| {
            let cells = order.iter().map(|&column| AnyCell { array: batch.column(column), row });
            fingerprint(cells.collect::<Vec<_>>().iter())
        };
        (0..batch.num_rows()).map(row).collect()
    }

    /// Few columns are read, so progress is the share of rows.
    fn count_bytes(&self) {
        let size = self.file.bytes.len() as f64;
        let before = |row: usize| (size * row as f64 / self.file.rows as f64) as u64;
        self.file.progress.add(before(self.first + self.rows) - before(self.first));
    }

    fn unreadable(&self, error: &ParquetError) -> Error {
        let (first, rows) = (self.first, self.rows);
        damaged(&self.file.name, &self.file.bytes, &format!(" in rows {} to {}", first + 1, first + rows), error)
    }
}

fn sorted(columns: &[usize]) -> Vec<usize> {
    let mut sorted = columns.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
}

/// What the reader answers; that it panicked, as it may on a damaged file, is one of its errors here.
fn guarded_parquet<R>(work: impl FnOnce() -> ParquetResult<R>) -> ParquetResult<R> {
    guarded(work).unwrap_or_else(|message| Err(ParquetError::General(message)))
}

fn damaged(name: &str, bytes: &FileBytes, place: &str, error: &ParquetError) -> Error {
    let end = bytes.up_to(bytes.len().saturating_sub(4), 4).unwrap_or_default();
    let cut_short = match &*end {
        b"PAR1" => "",
        _ => ", cut short or still being written",
    };
    Error::data(format!(
        "a damaged, encrypted or unsupported Parquet file of {} bytes{place}{cut_short} ({})",
        bytes.len(),
        one_line(&error.to_string(), 160)
    ))
    .in_file(name)
}

fn shorter(found: usize, rows: usize) -> ParquetError {
    ParquetError::General(format!("{found} of {rows} rows found"))
}

/// What the file says of its pages and its columns, and the number of its rows.
fn describe(bytes: &FileBytes) -> ParquetResult<(ParquetMetaData, Schema, usize)> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(bytes)?;
    let claimed = metadata.row_groups().iter().map(|group| usize::try_from(group.num_rows()).ok());
    let rows = claimed.into_iter().try_fold(0, |sum: usize, rows| sum.checked_add(rows?));
    let rows = rows.ok_or_else(|| ParquetError::General("a number of rows that no file has".to_owned()))?;
    let described = metadata.file_metadata();
    let schema = parquet_to_arrow_schema(described.schema_descr(), described.key_value_metadata())?;
    let schema = with_micros(&schema, described.schema_descr());
    Ok((metadata, schema, rows))
}

/// Moments of 96 bits are read as microseconds: of nanoseconds there are only those of the years 1678 to 2262, and others would become
/// some of these.
fn with_micros(schema: &Schema, described: &SchemaDescriptor) -> Schema {
    let columns = described.root_schema().get_fields();
    let is_int96 = |i: usize| columns[i].is_primitive() && columns[i].get_physical_type() == Type::INT96;
    let fields = schema.fields().iter().enumerate().map(|(i, field)| match field.data_type() {
        DataType::Timestamp(_, zone) if is_int96(i) => {
            let kind = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
            Arc::new(Field::clone(field).with_data_type(kind))
        }
        _ => Arc::clone(field),
    });
    Schema::new(fields.collect::<Vec<_>>())
}
