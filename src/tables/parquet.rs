//! Parquet in and out. The one file that calls polars.

use std::io::{Cursor, Write};

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use polars::prelude::*;

use super::source::ParquetContent;
use super::write::{Table, TableColumn};
use super::{Batch, Cells, TextColumn, by_name, fingerprint, one_line};
use crate::error::{Error, Result};
use crate::summary::CustomerIds;

/// Rows read at a time: a few row groups of most writers.
const SLICE_ROWS: usize = 1 << 20;

/// Reads a Parquet file slice by slice.
#[derive(Debug)]
pub(super) struct ParquetTable {
    name: String,
    content: ParquetContent,
    header: Vec<String>,
    rows: usize,
    next: usize,
    counted: u64,
}

impl ParquetTable {
    pub(super) fn new(name: &str, content: ParquetContent) -> Result<Self> {
        let mut table = Self { name: name.to_owned(), content, header: Vec::new(), rows: 0, next: 0, counted: 0 };
        (table.header, table.rows) = match &table.content {
            ParquetContent::File(file, _) => describe(ParquetReader::new(table.reopen(file)?)),
            ParquetContent::Memory(bytes) => describe(ParquetReader::new(Cursor::new(bytes.as_slice()))),
        }
        .map_err(|error| table.unreadable(&error))?;
        Ok(table)
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    pub(super) fn next_batch(&mut self, columns: &[usize], fingerprints: bool) -> Result<Option<Batch>> {
        if self.next >= self.rows {
            return Ok(None);
        }
        // Whole rows are hashed, so all columns are needed for that.
        let wanted: Vec<usize> = if fingerprints { (0..self.header.len()).collect() } else { columns.to_vec() };
        let slice = (self.next, SLICE_ROWS.min(self.rows - self.next));
        let frame = match &self.content {
            ParquetContent::File(file, _) => read_slice(ParquetReader::new(self.reopen(file)?), slice, &wanted),
            ParquetContent::Memory(bytes) => {
                read_slice(ParquetReader::new(Cursor::new(bytes.as_slice())), slice, &wanted)
            }
        }
        .map_err(|error| self.unreadable(&error))?;
        let batch = Batch {
            columns: columns.iter().map(|&i| self.cells(&frame, &self.header[i])).collect::<Result<_>>()?,
            places: (slice.0 + 1..=slice.0 + frame.height()).map(|row| row as u64).collect(),
            ragged: Vec::new(),
            fingerprints: if fingerprints { self.fingerprints(&frame)? } else { Vec::new() },
        };
        self.next += slice.1;
        self.count_bytes();
        Ok(Some(batch))
    }

    fn reopen(&self, file: &std::fs::File) -> Result<std::fs::File> {
        file.try_clone().map_err(Error::io(format!("cannot read {}", self.name)))
    }

    /// Polars reads by memory map, so progress is the share of rows.
    fn count_bytes(&mut self) {
        if let ParquetContent::File(file, progress) = &self.content {
            let size = file.metadata().map_or(0, |metadata| metadata.len());
            let read = (size as f64 * self.next as f64 / self.rows as f64) as u64;
            let read = read.min(size);
            progress.add(read - self.counted);
            self.counted = read;
        }
    }

    fn unreadable(&self, error: &PolarsError) -> Error {
        Error::Data(format!(
            "{}: a damaged or unsupported Parquet file ({})",
            self.name,
            one_line(&error.to_string(), 160)
        ))
    }

    fn cells(&self, frame: &DataFrame, name: &str) -> Result<Cells> {
        let column = frame.column(name).map_err(|error| self.unreadable(&error))?;
        cells(column.as_materialized_series()).map_err(|_| {
            Error::Data(format!(
                "{}: column `{name}` is of type {}, which holds neither text, numbers nor dates",
                self.name,
                column.dtype()
            ))
        })
    }

    fn fingerprints(&self, frame: &DataFrame) -> Result<Vec<u128>> {
        let columns = frame.columns();
        let order = by_name(&self.header);
        let row = |i: usize| -> PolarsResult<u128> {
            let cells = order.iter().map(|&c| columns[c].get(i)).collect::<PolarsResult<Vec<AnyValue<'_>>>>()?;
            Ok(fingerprint(cells.iter()))
        };
        (0..frame.height()).map(row).collect::<PolarsResult<_>>().map_err(|error| self.unreadable(&error))
    }
}

fn describe<R: polars::io::mmap::MmapBytesReader>(mut reader: ParquetReader<R>) -> PolarsResult<(Vec<String>, usize)> {
    let names = reader.schema()?.iter_names().map(|name| name.to_string()).collect();
    Ok((names, reader.num_rows()?))
}

fn read_slice<R: polars::io::mmap::MmapBytesReader>(
    reader: ParquetReader<R>,
    slice: (usize, usize),
    columns: &[usize],
) -> PolarsResult<DataFrame> {
    let mut columns = columns.to_vec();
    columns.sort_unstable();
    columns.dedup();
    reader.with_slice(Some(slice)).with_projection(Some(columns)).set_rechunk(true).finish()
}

fn cells(series: &Series) -> PolarsResult<Cells> {
    let integers = |series: &Series| -> PolarsResult<Vec<Option<i64>>> {
        Ok(series.strict_cast(&DataType::Int64)?.i64()?.iter().collect())
    };
    Ok(match series.dtype() {
        DataType::String => text(series)?,
        DataType::Categorical(..) | DataType::Enum(..) | DataType::Binary => text(&series.cast(&DataType::String)?)?,
        dtype if dtype.is_integer() => Cells::Integer(integers(series)?),
        DataType::Float32 | DataType::Float64 | DataType::Decimal(..) => {
            Cells::Real(series.cast(&DataType::Float64)?.f64()?.iter().collect())
        }
        DataType::Date => Cells::Date(series.to_physical_repr().i32()?.iter().collect()),
        DataType::Datetime(unit, zone) => {
            let to_micros = |count: i64| match unit {
                TimeUnit::Nanoseconds => count.div_euclid(1000),
                TimeUnit::Microseconds => count,
                TimeUnit::Milliseconds => count.saturating_mul(1000),
            };
            let micros = integers(&series.to_physical_repr())?.into_iter().map(|count| count.map(to_micros)).collect();
            Cells::Moment { micros, zone: zone.as_deref().map(|zone| time_zone(zone.as_str())).transpose()? }
        }
        DataType::Null => Cells::Integer(vec![None; series.len()]),
        other => polars_bail!(InvalidOperation: "{other}"),
    })
}

/// A zone by name, or by offset: `+01:00`.
fn time_zone(name: &str) -> PolarsResult<TimeZone> {
    let by_offset = || {
        // An instant written with the offset is parsed by the library, so the offset is too.
        let written = format!("2000-01-01T00:00:00{name}");
        let instant: Timestamp = written.parse().ok()?;
        let midnight: Timestamp = "2000-01-01T00:00:00Z".parse().ok()?;
        let ahead = midnight.as_second() - instant.as_second();
        Offset::from_seconds(i32::try_from(ahead).ok()?).ok().map(TimeZone::fixed)
    };
    match TimeZone::get(name).ok().or_else(by_offset) {
        Some(zone) => Ok(zone),
        None => polars_bail!(InvalidOperation: "unknown time zone {name}"),
    }
}

fn text(series: &Series) -> PolarsResult<Cells> {
    let mut cells = TextColumn::default();
    for cell in series.str()?.iter() {
        cells.push(cell.unwrap_or_default().as_bytes());
    }
    Ok(Cells::Text(cells))
}

/// Writes a table as Parquet, compressed with zstd.
pub(super) fn write(table: &Table<'_>, writer: impl Write, destination: &str) -> Result<()> {
    let order = table.ordered();
    let columns = table.columns.iter().map(|(name, column)| in_order(name, column, &order)).collect();
    let written = DataFrame::new(order.len(), columns)
        .and_then(|mut frame| ParquetWriter::new(writer).with_row_group_size(Some(1 << 18)).finish(&mut frame));
    match written {
        Ok(_) => Ok(()),
        Err(PolarsError::IO { error, .. }) => {
            Err(Error::io(format!("cannot write {destination}"))(std::io::Error::new(error.kind(), error.to_string())))
        }
        Err(error) => Err(Error::Data(format!("cannot write {destination}: {error}"))),
    }
}

fn in_order(name: &str, column: &TableColumn<'_>, order: &[usize]) -> Column {
    let name = PlSmallStr::from(name);
    match column {
        TableColumn::Customers(CustomerIds::Number(ids)) => {
            Column::new(name, order.iter().map(|&i| ids[i]).collect::<Vec<i64>>())
        }
        TableColumn::Customers(CustomerIds::Text(ids)) => {
            Column::new(name, order.iter().map(|&i| &*ids[i]).collect::<Vec<&str>>())
        }
        TableColumn::Count(cells) => Column::new(name, order.iter().map(|&i| cells[i]).collect::<Vec<u32>>()),
        TableColumn::Real(cells) => Column::new(name, order.iter().map(|&i| cells[i]).collect::<Vec<f64>>()),
        TableColumn::Day(cells) => {
            let days = order.iter().map(|&i| cells[i].0).collect::<Vec<i32>>();
            Int32Chunked::from_vec(name, days).into_date().into_column()
        }
        TableColumn::MaybeDay(cells) => {
            let days = order.iter().map(|&i| cells[i].map(|day| day.0));
            Int32Chunked::from_iter_options(name, days).into_date().into_column()
        }
        TableColumn::Attribute(cells) => {
            Column::new(name, order.iter().map(|&i| cells.text(i)).collect::<Vec<Option<&str>>>())
        }
        TableColumn::Text(cells) => Column::new(name, order.iter().map(|&i| &*cells[i]).collect::<Vec<&str>>()),
        TableColumn::Constant(text, _) => Column::new(name, vec![*text; order.len()]),
        TableColumn::ConstantDay(day, _) => {
            Int32Chunked::from_vec(name, vec![day.0; order.len()]).into_date().into_column()
        }
    }
}
