//! Tables out, as CSV or Parquet.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use super::Staged;
use crate::error::{Error, Result};
use crate::summary::{Attribute, CustomerIds, Day};

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// Comma-separated text with a header.
    Csv,
    /// Parquet.
    Parquet,
}

impl OutputFormat {
    /// By the ending of a file's name.
    ///
    /// # Errors
    /// [`Error::Usage`] unless it ends in `.csv` or `.parquet`.
    pub fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("parquet") => Ok(Self::Parquet),
            _ => Err(Error::Usage(format!("{}: the name must end in .csv or .parquet", path.display()))),
        }
    }
}

/// A column to be written.
#[derive(Clone, Copy, Debug)]
pub enum TableColumn<'a> {
    /// Customer ids.
    Customers(&'a CustomerIds),
    /// Counts.
    Count(&'a [u32]),
    /// Real numbers.
    Real(&'a [f64]),
    /// Days.
    Day(&'a [Day]),
    /// Days, or nothing.
    MaybeDay(&'a [Option<Day>]),
    /// What is said of the customers, or nothing.
    Attribute(&'a Attribute),
    /// Text.
    Text(&'a [String]),
    /// The same text in every row.
    Constant(&'a str, usize),
    /// The same day in every row.
    ConstantDay(Day, usize),
}

/// Named columns of equal length.
#[derive(Clone, Debug, Default)]
pub struct Table<'a> {
    /// Names and cells.
    pub columns: Vec<(String, TableColumn<'a>)>,
    /// The order of the rows, where it is not that of the columns.
    pub order: Option<Vec<usize>>,
}

impl<'a> Table<'a> {
    /// Adds a column.
    pub fn push(&mut self, name: impl Into<String>, column: TableColumn<'a>) {
        self.columns.push((name.into(), column));
    }

    /// Adds a column of numbers, if they are known.
    pub fn push_known(&mut self, name: impl Into<String>, numbers: Option<&'a Vec<f64>>) {
        if let Some(numbers) = numbers {
            self.push(name, TableColumn::Real(numbers));
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// A column of the user's may not have the name of another.
    fn check_names(&self) -> Result<()> {
        let twice =
            (1..self.columns.len()).find(|&i| self.columns[..i].iter().any(|(name, _)| *name == self.columns[i].0));
        match twice {
            Some(i) => Err(Error::Usage(format!("two columns would be named `{}`; rename yours", self.columns[i].0))),
            None => Ok(()),
        }
    }

    /// Row numbers in the order of writing.
    pub(super) fn ordered(&self) -> Vec<usize> {
        self.order.clone().unwrap_or_else(|| (0..self.rows()).collect())
    }

    /// Writes it as CSV.
    ///
    /// # Errors
    /// [`Error::Io`], naming `destination`.
    pub fn write_csv(&self, writer: impl Write, destination: &str) -> Result<()> {
        let failed = |error: csv::Error| match error.into_kind() {
            csv::ErrorKind::Io(error) => Error::io(format!("cannot write {destination}"))(error),
            other => Error::Data(format!("cannot write {destination}: {other:?}")),
        };
        self.check_names()?;
        let mut records = csv::Writer::from_writer(writer);
        records.write_record(self.columns.iter().map(|(name, _)| name)).map_err(failed)?;
        let mut cell = String::new();
        for row in self.ordered() {
            for (_, column) in &self.columns {
                cell.clear();
                column.write_cell(row, &mut cell);
                records.write_field(&cell).map_err(failed)?;
            }
            records.write_record(None::<&[u8]>).map_err(failed)?;
        }
        records.flush().map_err(Error::io(format!("cannot write {destination}")))
    }

    /// Begins the file that holds it; nothing is in place before the commit.
    ///
    /// # Errors
    /// [`Error::Usage`] for an unknown ending, [`Error::Io`] if it cannot be written.
    pub fn stage(&self, path: &Path) -> Result<Staged> {
        let format = OutputFormat::of(path)?;
        self.check_names()?;
        let mut staged = Staged::create(path)?;
        match format {
            OutputFormat::Csv => self.write_csv(&mut staged, &path.display().to_string())?,
            #[cfg(feature = "parquet")]
            OutputFormat::Parquet => super::parquet::write(self, &mut staged, &path.display().to_string())?,
            #[cfg(not(feature = "parquet"))]
            OutputFormat::Parquet => {
                return Err(Error::Usage(format!(
                    "{}: this build of clv does not write Parquet; name a .csv file",
                    path.display()
                )));
            }
        }
        Ok(staged)
    }
}

impl TableColumn<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Customers(ids) => ids.len(),
            Self::Count(cells) => cells.len(),
            Self::Real(cells) => cells.len(),
            Self::Day(cells) => cells.len(),
            Self::MaybeDay(cells) => cells.len(),
            Self::Attribute(cells) => cells.of.len(),
            Self::Text(cells) => cells.len(),
            Self::Constant(_, rows) | Self::ConstantDay(_, rows) => *rows,
        }
    }

    /// A cell as text.
    pub fn cell(&self, row: usize) -> String {
        let mut cell = String::new();
        self.write_cell(row, &mut cell);
        cell
    }

    /// Numbers in the shortest form that reads back to the same bits.
    fn write_cell(&self, row: usize, cell: &mut String) {
        let written = match self {
            Self::Customers(ids) => cell.write_str(&ids.text(row)),
            Self::Count(cells) => write!(cell, "{}", cells[row]),
            Self::Real(cells) => write!(cell, "{}", cells[row]),
            Self::Day(cells) => write!(cell, "{}", cells[row]),
            Self::MaybeDay(cells) => cells[row].map_or(Ok(()), |day| write!(cell, "{day}")),
            Self::Attribute(cells) => cell.write_str(cells.text(row).unwrap_or_default()),
            Self::Text(cells) => cell.write_str(&cells[row]),
            Self::Constant(text, _) => cell.write_str(text),
            Self::ConstantDay(day, _) => write!(cell, "{day}"),
        };
        written.expect("a string takes any text");
    }
}
