//! Frames of polars in and out (feature `polars`).
//!
//! A [`DataFrame`] of orders, or of customers, is read where it is ([`reader`]); whatever the library makes of them, a summary,
//! predictions, scores, a description, is a [`Table`] that becomes a frame ([`frame`]).
//!
//! ```
//! use clv::answers::Questions;
//! use clv::model_file::{ModelFile, ModelOptions};
//! use clv::orders::{OrderOptions, read_tables};
//! use clv::simulate::{Simulation, published_cdnow};
//! use clv::summary::{Cohort, TimeUnit};
//! use clv::{polars as frames, summary_file};
//! use polars::prelude::*;
//!
//! // Columns are found by their names, as in files.
//! let simulation = Simulation {
//!     customers: 500,
//!     seed: 1,
//!     start: "2024-01-01".parse()?,
//!     joining: "12w".parse()?,
//!     length: "78w".parse()?,
//! };
//! let (mut customer, mut date, mut amount) = (Vec::new(), Vec::new(), Vec::new());
//! for (id, day, worth) in simulation.orders(&published_cdnow()?)? {
//!     customer.push(id);
//!     date.push(day.0);
//!     amount.push(worth);
//! }
//! let date = Column::new("order_date".into(), date).cast(&DataType::Date)?;
//! let mut orders = df!("customer_id" => customer, "amount" => amount)?;
//! orders.with_column(date)?;
//!
//! let tables = [frames::reader("orders", &orders)].map(Ok);
//! let (mut log, read) = read_tables(tables.into_iter(), &OrderOptions::default())?;
//! assert_eq!(read.used, orders.height() as u64);
//! let end = log.last_day().expect("there are orders");
//! let (summary, _) = log.summary(TimeUnit::Week, end, &Cohort::default())?;
//! let customers: DataFrame = frames::frame(&summary_file::table(&summary, false))?;
//!
//! let (model, _) = ModelFile::fit(&summary, &ModelOptions::default())?;
//! let (predictor, uncertainty) = (model.predictor()?, model.uncertainty());
//! let asked = Questions::default().of(&predictor, &uncertainty, &summary, None)?;
//! let predictions: DataFrame = frames::predictions(&asked)?;
//! assert_eq!(predictions.height(), customers.height());
//! assert!(predictions.column("clv_12m")?.f64()?.min() >= Some(0.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::ops::Range;
use std::sync::Arc;

use polars::prelude::*;

use crate::answers::Predicted;
use crate::error::{Error, Result};
use crate::summary::CustomerIds;
use crate::tables::{
    BytesRead, Cells, DecimalColumn, HeldRows, Table, TableColumn, TableReader, TextColumn, time_zone,
};

/// A frame to be read as a file is: its rows are copied block by block, when their turn comes. `name` stands for it in messages.
///
/// Text, categories, whole numbers, decimals, real numbers, dates, moments and booleans are read; columns of other types may be there as
/// long as nobody asks for them: reading those is an [`Error::data`] with the column.
pub fn reader(name: &str, frame: &DataFrame) -> TableReader {
    let header = frame.get_column_names().iter().map(|column| column.to_string()).collect();
    let rows: Arc<dyn HeldRows> = Arc::new(Rows { name: name.to_owned(), frame: frame.clone() });
    TableReader::held(name, header, vec![rows], &BytesRead::default())
}

/// A table as a frame. Days are dates, counts `u32`, whole numbers `i64`, or `u64` for ids beyond them.
///
/// # Errors
/// [`Error::usage`] if two columns have one name.
pub fn frame(table: &Table<'_>) -> Result<DataFrame> {
    table.check_names()?;
    let columns = table.columns.iter().map(|(name, column)| part(name, column, 0..table.rows())).collect();
    DataFrame::new(table.rows(), columns).map_err(|error| Error::data(format!("cannot make a frame: {error}")))
}

/// The answers for all customers, one row each.
///
/// # Errors
/// As [`Predicted::parts`].
pub fn predictions(question: &Predicted<'_>) -> Result<DataFrame> {
    let mut parts = question.parts(|part| frame(&part.table(question)))?.into_iter();
    let first = parts.next().unwrap_or_default();
    parts
        .try_fold(first, |above, below| above.vstack(&below))
        .map_err(|error| Error::data(format!("cannot make a frame: {error}")))
}

#[derive(Debug)]
struct Rows {
    name: String,
    frame: DataFrame,
}

impl HeldRows for Rows {
    fn rows(&self) -> usize {
        self.frame.height()
    }

    fn cells(&self, column: usize, rows: Range<usize>) -> Result<Cells> {
        let column = &self.frame.columns()[column];
        let part = column.slice(rows.start.cast_signed() as i64, rows.len());
        let refuse = |what: String| Error::data(format!("column `{}` {what}", column.name())).in_file(&*self.name);
        cells(part.as_materialized_series()).map_err(|error| match error {
            PolarsError::InvalidOperation(_) => {
                refuse(format!("is of type {}, which holds neither text, numbers nor dates", column.dtype()))
            }
            error => refuse(format!("cannot be read: {error}")),
        })
    }
}

fn cells(series: &Series) -> PolarsResult<Cells> {
    let integers = |series: &Series| -> PolarsResult<Vec<Option<i64>>> {
        Ok(series.strict_cast(&DataType::Int64)?.i64()?.iter().collect())
    };
    Ok(match series.dtype() {
        DataType::String => text(series.str()?.iter())?,
        DataType::Categorical(..) | DataType::Enum(..) => text(series.cast(&DataType::String)?.str()?.iter())?,
        DataType::Boolean => {
            text(series.bool()?.iter().map(|truth| truth.map(|truth| if truth { "True" } else { "False" })))?
        }
        // Hashes, for instance; the same number is the same in every block.
        DataType::UInt64 => {
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
            let zone = zone.as_deref().map(|zone| time_zone(zone.as_str()).map_err(unreadable)).transpose()?;
            Cells::Moment { micros, zone }
        }
        DataType::Null => Cells::Integer(vec![None; series.len()]),
        other => polars_bail!(InvalidOperation: "{other}"),
    })
}

fn unreadable(error: Error) -> PolarsError {
    PolarsError::ComputeError(error.to_string().into())
}

fn text<'a>(cells: impl Iterator<Item = Option<&'a str>>) -> PolarsResult<Cells> {
    TextColumn::from_cells(cells).map(Cells::Text).map_err(unreadable)
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
