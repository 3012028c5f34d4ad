//! Parquet in and out. The one file that calls polars.

use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use jiff::tz::TimeZone;
use polars::io::mmap::ReaderBytes;
use polars::io::parquet::metadata::{FileMetadata, FileMetadataRef};
use polars::io::parquet::write::{BatchedWriter, KeyValueMetadata};
use polars::prelude::*;

use super::guard::guarded;
use super::source::{BytesRead, ParquetContent};
use super::write::{Table, TableColumn};
use super::{Batch, Cells, DecimalColumn, TextColumn, by_name, fingerprint, one_line, time_zone};
use crate::error::{Error, Result};
use crate::summary::CustomerIds;

/// Rows of a block; smaller row groups are read together up to it.
const BLOCK_ROWS: usize = 1 << 18;

/// Larger row groups are read in slices of so many rows.
const SLICE_ROWS: usize = 1 << 20;

/// A Parquet file, read by row groups.
#[derive(Debug)]
pub(super) struct ParquetTable {
    file: Arc<ParquetFile>,
    /// The blocks to come.
    blocks: std::vec::IntoIter<Place>,
}

struct ParquetFile {
    name: String,
    /// The whole file, mapped into memory or held there.
    bytes: ReaderBytes<'static>,
    progress: BytesRead,
    metadata: FileMetadataRef,
    header: Vec<String>,
}

/// Rows of a file, not decoded yet.
#[derive(Debug)]
pub(super) struct ParquetBlock {
    file: Arc<ParquetFile>,
    place: Place,
}

/// Where the rows of a block are.
#[derive(Debug)]
struct Place {
    /// The first of them in the file.
    first: usize,
    rows: usize,
    /// The row groups that they are in.
    metadata: FileMetadataRef,
    /// The first of them there.
    slice: usize,
}

impl fmt::Debug for ParquetFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetFile").field("name", &self.name).field("header", &self.header).finish()
    }
}

impl ParquetTable {
    pub(super) fn new(name: &str, content: ParquetContent) -> Result<Self> {
        let (bytes, progress) = match content {
            ParquetContent::File(mut file, progress) => (mapped(name, &mut file)?, progress),
            ParquetContent::Memory(bytes, progress) => (ReaderBytes::Owned(bytes.into()), progress),
        };
        let described = guarded_polars(|| describe(&bytes));
        let (metadata, header) = described.map_err(|error| damaged(name, &bytes, "", &error))?;
        let blocks = blocks(&metadata).into_iter();
        let file = ParquetFile { name: name.to_owned(), bytes, progress, metadata, header };
        Ok(Self { file: Arc::new(file), blocks })
    }

    pub(super) fn header(&self) -> &[String] {
        &self.file.header
    }

    /// What the file says of itself under a key.
    pub(super) fn metadata(&self, key: &str) -> Option<String> {
        let said = self.file.metadata.key_value_metadata().as_ref()?;
        said.iter().find(|said| said.key == key).and_then(|said| said.value.clone())
    }

    pub(super) fn next_block(&mut self) -> Option<ParquetBlock> {
        let place = self.blocks.next()?;
        Some(ParquetBlock { file: Arc::clone(&self.file), place })
    }
}

/// Whole row groups up to [`BLOCK_ROWS`] together, larger ones alone, each block with a description of its groups only: the reader
/// opens every group that it knows of.
fn blocks(file: &FileMetadataRef) -> Vec<Place> {
    let mut shared = (**file).clone();
    let groups = std::mem::take(&mut shared.row_groups);
    let mut blocks: Vec<FileMetadata> = Vec::new();
    for group in groups.into_iter().filter(|group| group.num_rows() > 0) {
        match blocks.last_mut() {
            Some(block) if block.num_rows + group.num_rows() <= BLOCK_ROWS => {
                block.num_rows += group.num_rows();
                block.row_groups.push(group);
            }
            _ => blocks.push(FileMetadata { num_rows: group.num_rows(), row_groups: vec![group], ..shared.clone() }),
        }
    }
    let mut before = 0;
    let mut places = Vec::new();
    for block in blocks {
        let metadata = Arc::new(block);
        for slice in (0..metadata.num_rows).step_by(SLICE_ROWS) {
            let rows = SLICE_ROWS.min(metadata.num_rows - slice);
            places.push(Place { first: before + slice, rows, metadata: Arc::clone(&metadata), slice });
        }
        before += metadata.num_rows;
    }
    places
}

impl ParquetBlock {
    fn rows(&self) -> usize {
        self.place.rows
    }

    /// The columns with these numbers.
    pub(super) fn batch(&self, columns: &[usize], fingerprints: bool) -> Result<Batch> {
        let file = &self.file;
        // Whole rows are hashed, so all columns are needed for that.
        let wanted: Vec<usize> = if fingerprints { (0..file.header.len()).collect() } else { columns.to_vec() };
        let (frame, cells) = guarded_polars(|| {
            let frame = self.read(wanted)?;
            let cells = columns.iter().map(|&i| self.cells(&frame, &file.header[i])).collect::<Result<Vec<Cells>>>();
            Ok((frame, cells))
        })
        .map_err(|error| self.unreadable(&error))?;
        let batch = Batch {
            columns: cells?,
            places: (self.place.first + 1..=self.place.first + frame.height()).map(|row| row as u64).collect(),
            ragged: Vec::new(),
            fingerprints: if fingerprints { self.fingerprints(&frame)? } else { Vec::new() },
        };
        self.count_bytes();
        Ok(batch)
    }

    fn read(&self, mut columns: Vec<usize>) -> PolarsResult<DataFrame> {
        columns.sort_unstable();
        columns.dedup();
        let mut reader = ParquetReader::new(Cursor::new(&*self.file.bytes));
        reader.set_metadata(Arc::clone(&self.place.metadata));
        let reader = reader.with_slice(Some((self.place.slice, self.rows()))).with_projection(Some(columns));
        // Blocks are decoded side by side, each by one thread.
        let frame = reader.read_parallel(ParallelStrategy::None).finish()?;
        // Of a damaged file, columns may come in different lengths.
        let lengths = frame.columns().iter().map(Column::len).chain([frame.height()]);
        if let Some(other) = lengths.into_iter().find(|&length| length != self.rows()) {
            polars_bail!(ComputeError: "{other} of {} rows found", self.rows());
        }
        Ok(frame)
    }

    /// Polars reads by memory map, so progress is the share of rows.
    fn count_bytes(&self) {
        let size = self.file.bytes.len() as f64;
        let before = |row: usize| (size * row as f64 / self.file.metadata.num_rows as f64) as u64;
        self.file.progress.add(before(self.place.first + self.rows()) - before(self.place.first));
    }

    fn unreadable(&self, error: &PolarsError) -> Error {
        let (first, rows) = (self.place.first, self.rows());
        damaged(&self.file.name, &self.file.bytes, &format!(" in rows {} to {}", first + 1, first + rows), error)
    }

    fn cells(&self, frame: &DataFrame, name: &str) -> Result<Cells> {
        let column = frame.column(name).map_err(|error| self.unreadable(&error))?;
        cells(column.as_materialized_series()).map_err(|_| {
            Error::Data(format!(
                "{}: column `{name}` is of type {}, which holds neither text, numbers nor dates",
                self.file.name,
                column.dtype()
            ))
        })
    }

    fn fingerprints(&self, frame: &DataFrame) -> Result<Vec<u128>> {
        let columns = frame.columns();
        let order = by_name(&self.file.header);
        let row = |i: usize| -> PolarsResult<u128> {
            let cells = order.iter().map(|&c| columns[c].get(i)).collect::<PolarsResult<Vec<AnyValue<'_>>>>()?;
            Ok(fingerprint(cells.iter()))
        };
        (0..frame.height()).map(row).collect::<PolarsResult<_>>().map_err(|error| self.unreadable(&error))
    }
}

fn mapped(name: &str, file: &mut File) -> Result<ReaderBytes<'static>> {
    let failed = || Error::io(format!("cannot read {name}"));
    if file.metadata().map_err(failed())?.is_file() {
        let ReaderBytes::Owned(bytes) = ReaderBytes::from(file) else { unreachable!("a file is mapped") };
        return Ok(ReaderBytes::Owned(bytes));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed())?;
    Ok(ReaderBytes::Owned(bytes.into()))
}

/// What polars answers; that it panicked, as it does on some damaged files, is one of its errors here.
fn guarded_polars<R>(work: impl FnOnce() -> PolarsResult<R>) -> PolarsResult<R> {
    guarded(work).unwrap_or_else(|said| Err(PolarsError::ComputeError(said.into())))
}

fn damaged(name: &str, bytes: &[u8], place: &str, error: &PolarsError) -> Error {
    let cut_short = if bytes.ends_with(b"PAR1") { "" } else { ", cut short or still being written" };
    Error::Data(format!(
        "{name}: a damaged or unsupported Parquet file of {} bytes{place}{cut_short} ({})",
        bytes.len(),
        one_line(&error.to_string(), 160)
    ))
}

fn describe(bytes: &[u8]) -> PolarsResult<(FileMetadataRef, Vec<String>)> {
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let header = reader.schema()?.iter_names().map(|name| name.to_string()).collect();
    Ok((Arc::clone(reader.get_metadata()?), header))
}

fn cells(series: &Series) -> PolarsResult<Cells> {
    let integers = |series: &Series| -> PolarsResult<Vec<Option<i64>>> {
        Ok(series.strict_cast(&DataType::Int64)?.i64()?.iter().collect())
    };
    Ok(match series.dtype() {
        DataType::String => text(series)?,
        DataType::Categorical(..) | DataType::Enum(..) | DataType::Binary => text(&series.cast(&DataType::String)?)?,
        // Hashes, for instance.
        DataType::UInt64 if series.u64()?.iter().flatten().any(|number| i64::try_from(number).is_err()) => {
            let digits = series.u64()?.iter().map(|number| number.map(i128::from)).collect();
            Cells::Decimal(DecimalColumn::new(digits, 0))
        }
        dtype if dtype.is_integer() => Cells::Integer(integers(series)?),
        DataType::Decimal(_, scale) => {
            Cells::Decimal(DecimalColumn::new(series.decimal()?.physical().iter().collect(), *scale))
        }
        DataType::Float32 | DataType::Float64 => Cells::Real(series.cast(&DataType::Float64)?.f64()?.iter().collect()),
        DataType::Date => Cells::Date(series.to_physical_repr().i32()?.iter().collect()),
        DataType::Datetime(unit, zone) => {
            let to_micros = |count: i64| match unit {
                TimeUnit::Nanoseconds => count.div_euclid(1000),
                TimeUnit::Microseconds => count,
                TimeUnit::Milliseconds => count.saturating_mul(1000),
            };
            let micros = integers(&series.to_physical_repr())?.into_iter().map(|count| count.map(to_micros)).collect();
            Cells::Moment { micros, zone: zone.as_deref().map(|zone| zone_of(zone.as_str())).transpose()? }
        }
        DataType::Null => Cells::Integer(vec![None; series.len()]),
        other => polars_bail!(InvalidOperation: "{other}"),
    })
}

fn zone_of(name: &str) -> PolarsResult<TimeZone> {
    time_zone(name).map_err(|error| PolarsError::InvalidOperation(error.to_string().into()))
}

fn text(series: &Series) -> PolarsResult<Cells> {
    let column = TextColumn::from_cells(series.str()?.iter());
    column.map(Cells::Text).map_err(|error| PolarsError::ComputeError(error.to_string().into()))
}

/// Some rows of a table.
pub(super) fn frame(table: &Table<'_>, rows: Range<usize>) -> Result<DataFrame> {
    let columns = table.columns.iter().map(|(name, column)| part(name, column, rows.clone())).collect();
    DataFrame::new(rows.len(), columns).map_err(|error| Error::Data(format!("cannot make a table: {error}")))
}

/// Writes frames as row groups.
pub(super) struct FrameWriter<W: Write> {
    writer: Rc<RefCell<W>>,
    begun: Option<BatchedWriter<Shared<W>>>,
    metadata: Option<KeyValueMetadata>,
}

/// The writer that remains when the one of Parquet has taken its own.
struct Shared<W>(Rc<RefCell<W>>);

impl<W: Write> Write for Shared<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

impl<W: Write> FrameWriter<W> {
    pub(super) fn new(writer: W) -> Self {
        Self { writer: Rc::new(RefCell::new(writer)), begun: None, metadata: None }
    }

    /// Adds to the file's metadata.
    pub(super) fn say(&mut self, key: &str, text: String) {
        self.metadata = Some(KeyValueMetadata::from_static(vec![(key.to_owned(), text)]));
    }

    pub(super) fn write(&mut self, frame: &DataFrame, destination: &str) -> Result<()> {
        let failed = |error| unwritable(destination, error);
        let batches = match &mut self.begun {
            Some(batches) => batches,
            None => {
                let writer = ParquetWriter::new(Shared(Rc::clone(&self.writer)));
                // Every reader knows it, and it takes a third of zstd's time.
                let writer = writer.with_compression(ParquetCompression::Snappy);
                // Customers stand in the order of their ids: least and greatest of other columns would say little.
                let writer = writer.with_statistics(StatisticsOptions::empty());
                let writer = writer.with_key_value_metadata(self.metadata.take());
                self.begun.insert(writer.batched(frame.schema()).map_err(failed)?)
            }
        };
        batches.write_batch(frame).map_err(failed)
    }

    pub(super) fn finish(self, destination: &str) -> Result<W> {
        if let Some(batches) = self.begun {
            batches.finish().map_err(|error| unwritable(destination, error))?;
        }
        let writer = Rc::into_inner(self.writer).expect("the other holder is gone").into_inner();
        Ok(writer)
    }
}

fn unwritable(destination: &str, error: PolarsError) -> Error {
    match error {
        PolarsError::IO { error, .. } => {
            Error::io(format!("cannot write {destination}"))(std::io::Error::new(error.kind(), error.to_string()))
        }
        error => Error::Data(format!("cannot write {destination}: {error}")),
    }
}

fn part(name: &str, column: &TableColumn<'_>, rows: Range<usize>) -> Column {
    let name = PlSmallStr::from(name);
    let days = |days: Vec<i32>| Int32Chunked::from_vec(name.clone(), days).into_date().into_column();
    match column {
        TableColumn::Customers(CustomerIds::Number(ids)) => Column::new(name, &ids[rows]),
        TableColumn::Customers(CustomerIds::Unsigned(ids)) => Column::new(name, &ids[rows]),
        TableColumn::Customers(CustomerIds::Text(ids)) => {
            Column::new(name, ids[rows].iter().map(|id| &**id).collect::<Vec<&str>>())
        }
        TableColumn::Count(cells) => Column::new(name, &cells[rows]),
        TableColumn::Integer(cells) => Column::new(name, &cells[rows]),
        TableColumn::Real(cells) => Column::new(name, &cells[rows]),
        TableColumn::MaybeReal(cells) => Column::new(name, &cells[rows]),
        TableColumn::Day(cells) => days(cells[rows].iter().map(|day| day.0).collect()),
        TableColumn::MaybeDay(cells) => {
            let days = cells[rows].iter().map(|day| day.map(|day| day.0));
            Int32Chunked::from_iter_options(name, days).into_date().into_column()
        }
        TableColumn::Attribute(cells) => Column::new(name, rows.map(|i| cells.text(i)).collect::<Vec<Option<&str>>>()),
        TableColumn::Text(cells) => Column::new(name, cells[rows].iter().map(|cell| &**cell).collect::<Vec<&str>>()),
        TableColumn::Constant(text, _) => Column::new(name, vec![*text; rows.len()]),
        TableColumn::ConstantDay(day, _) => days(vec![day.0; rows.len()]),
    }
}
