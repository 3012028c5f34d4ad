//! Tables out, as CSV or Parquet, part by part.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use super::Staged;
use crate::error::{Error, Result};
use crate::parallel::in_turn;
use crate::summary::{Attribute, CustomerIds, Day};

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// Comma-separated text with a header. Text that a spreadsheet would run as a formula has a quote before it.
    Csv,
    /// The same with all text as it is.
    RawCsv,
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
    /// Whole numbers.
    Integer(&'a [i64]),
    /// Real numbers.
    Real(&'a [f64]),
    /// Real numbers, or nothing.
    MaybeReal(&'a [Option<f64>]),
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
    /// What is said of columns besides, by their names and by what it is, where the format has a place for it.
    pub said: BTreeMap<String, BTreeMap<String, String>>,
}

impl<'a> Table<'a> {
    /// Adds a column.
    pub fn push(&mut self, name: impl Into<String>, column: TableColumn<'a>) {
        self.columns.push((name.into(), column));
    }

    /// Says something of a column, as `unit` says `week`: Parquet keeps it with the column, as Arrow does.
    pub fn say(&mut self, column: &str, what: &str, text: impl Into<String>) {
        self.said.entry(column.to_owned()).or_default().insert(what.to_owned(), text.into());
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
    ///
    /// # Errors
    /// [`Error::Usage`] with the name.
    pub fn check_names(&self) -> Result<()> {
        let twice =
            (1..self.columns.len()).find(|&i| self.columns[..i].iter().any(|(name, _)| *name == self.columns[i].0));
        match twice {
            Some(i) => Err(Error::Usage(format!("two columns would be named `{}`; rename yours", self.columns[i].0))),
            None => Ok(()),
        }
    }

    /// Writes it as CSV.
    ///
    /// # Errors
    /// [`Error::Io`], naming `destination`.
    pub fn write_csv(&self, writer: impl Write + Send, destination: &str) -> Result<()> {
        let mut rows = TableWriter::csv(writer, destination);
        self.write(&mut rows)?;
        rows.finish().map(|_| ())
    }

    /// Begins the file that holds it; nothing is in place before the commit.
    ///
    /// # Errors
    /// [`Error::Usage`] for an unknown ending, [`Error::Io`] if it cannot be written.
    pub fn stage(&self, path: &Path) -> Result<Staged> {
        let mut rows = TableWriter::create(path)?;
        self.write(&mut rows)?;
        rows.finish()
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// Those of [`TableWriter::parts`], and of [`Table::encode`].
    pub(crate) fn write<W: Write + Send>(&self, rows: &mut TableWriter<W>) -> Result<()> {
        let format = rows.format;
        rows.parts(self.rows(), |rows| Ok((self.encode(format, rows)?, ())), |()| ())
    }

    /// Some of its rows, in the form in which they are written.
    ///
    /// # Errors
    /// [`Error::Usage`] if two columns have one name.
    pub fn encode(&self, format: OutputFormat, rows: Range<usize>) -> Result<TablePart> {
        self.check_names()?;
        Ok(TablePart(match format {
            OutputFormat::Csv => self.encode_csv(rows, true),
            OutputFormat::RawCsv => self.encode_csv(rows, false),
            #[cfg(feature = "parquet")]
            OutputFormat::Parquet => Encoded::Parquet(Box::new(super::parquet::encode(self, rows)?)),
            #[cfg(not(feature = "parquet"))]
            OutputFormat::Parquet => {
                return Err(Error::Usage("this build of clv does not write Parquet; name a .csv file".to_owned()));
            }
        }))
    }

    fn encode_csv(&self, rows: Range<usize>, guarded: bool) -> Encoded {
        const MEMORY: &str = "memory takes any bytes";
        let header = csv_lines(|header| header.write_record(self.columns.iter().map(|(name, _)| name)).expect(MEMORY));
        let lines = csv_lines(|records| {
            let mut cell = String::new();
            for row in rows {
                for (_, column) in &self.columns {
                    cell.clear();
                    column.write_cell(row, &mut cell);
                    if guarded && column.is_text() && is_formula(&cell) {
                        cell.insert(0, GUARD);
                    }
                    records.write_field(&cell).expect(MEMORY);
                }
                records.write_record(None::<&[u8]>).expect(MEMORY);
            }
        });
        Encoded::Csv { header, lines }
    }
}

fn csv_lines(write: impl FnOnce(&mut csv::Writer<Vec<u8>>)) -> Vec<u8> {
    let mut records = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(Vec::new());
    write(&mut records);
    records.into_inner().expect("memory takes any bytes")
}

/// Rows of a table, ready to be written.
#[derive(Debug)]
pub struct TablePart(Encoded);

#[derive(Debug)]
enum Encoded {
    Csv {
        header: Vec<u8>,
        lines: Vec<u8>,
    },
    #[cfg(feature = "parquet")]
    Parquet(Box<super::parquet::EncodedRows>),
}

/// Writes parts of a table, all of the same columns, one below the other.
pub struct TableWriter<W: Write + Send> {
    /// The form in which parts are written.
    pub format: OutputFormat,
    destination: String,
    sink: Sink<W>,
}

impl<W: Write + Send> std::fmt::Debug for TableWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableWriter").field("format", &self.format).field("destination", &self.destination).finish()
    }
}

enum Sink<W: Write + Send> {
    Csv {
        writer: W,
        begun: bool,
    },
    #[cfg(feature = "parquet")]
    Parquet(Box<super::parquet::ParquetWriter<W>>),
}

impl TableWriter<Staged> {
    /// To a file by the ending of its name.
    ///
    /// # Errors
    /// [`Error::Usage`] for an unknown ending, [`Error::Io`] if it cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        Self::of_file(path, |file| file)
    }

    /// To a file of which the hash is taken while it is written.
    ///
    /// # Errors
    /// As [`TableWriter::create`].
    pub fn create_hashed(path: &Path) -> Result<Self> {
        Self::of_file(path, Staged::hashed)
    }

    fn of_file(path: &Path, with: impl FnOnce(Staged) -> Staged) -> Result<Self> {
        let format = OutputFormat::of(path)?;
        let destination = path.display().to_string();
        let sink = match format {
            OutputFormat::Csv | OutputFormat::RawCsv => Sink::Csv { writer: with(Staged::create(path)?), begun: false },
            #[cfg(feature = "parquet")]
            OutputFormat::Parquet => {
                Sink::Parquet(Box::new(super::parquet::ParquetWriter::new(with(Staged::create(path)?))))
            }
            #[cfg(not(feature = "parquet"))]
            OutputFormat::Parquet => {
                return Err(Error::Usage(format!(
                    "{destination}: this build of clv does not write Parquet; name a .csv file"
                )));
            }
        };
        Ok(Self { format, destination, sink })
    }
}

impl<W: Write + Send> TableWriter<W> {
    /// As CSV to a writer that messages call `destination`.
    pub fn csv(writer: W, destination: &str) -> Self {
        let sink = Sink::Csv { writer, begun: false };
        Self { format: OutputFormat::Csv, destination: destination.to_owned(), sink }
    }

    /// Says something of the table besides, where the format has a place for it.
    #[cfg_attr(not(feature = "parquet"), allow(unused_variables, unused_mut))]
    pub(crate) fn with_metadata(mut self, key: &str, text: String) -> Self {
        #[cfg(feature = "parquet")]
        if let Sink::Parquet(writer) = &mut self.sink {
            writer.say(key, text);
        }
        self
    }

    /// Whether text stays as it is, also where a spreadsheet would run it.
    pub fn with_raw_text(self, raw: bool) -> Self {
        let format = if raw && self.format == OutputFormat::Csv { OutputFormat::RawCsv } else { self.format };
        Self { format, ..self }
    }

    /// Writes so many rows in parts that are made on all cores; `each` is told in order what else came of them.
    ///
    /// # Errors
    /// Those of `part`; [`Error::Io`] if the rows cannot be written.
    pub fn parts<R: Send>(
        &mut self,
        rows: usize,
        part: impl Fn(Range<usize>) -> Result<(TablePart, R)> + Sync,
        mut each: impl FnMut(R),
    ) -> Result<()> {
        // A table without rows has a header too.
        let parts = rows.div_ceil(PART_ROWS).max(1);
        let range = |i: usize| (i * PART_ROWS)..((i + 1) * PART_ROWS).min(rows);
        in_turn(
            parts,
            |i| part(range(i)),
            |made| {
                let (part, rest) = made?;
                self.write(part)?;
                each(rest);
                Ok(())
            },
        )
    }

    /// Writes a part.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&mut self, part: TablePart) -> Result<()> {
        match (&mut self.sink, part.0) {
            (Sink::Csv { writer, begun }, Encoded::Csv { header, lines }) => {
                let header = if std::mem::replace(begun, true) { &[][..] } else { &header[..] };
                let written = writer.write_all(header).and_then(|()| writer.write_all(&lines));
                written.map_err(Error::io(format!("cannot write {}", self.destination)))
            }
            #[cfg(feature = "parquet")]
            (Sink::Parquet(writer), Encoded::Parquet(rows)) => writer.write(*rows, &self.destination),
            #[cfg(feature = "parquet")]
            _ => unreachable!("parts are encoded in the writer's format"),
        }
    }

    /// Ends the table and returns what it was written to.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(self) -> Result<W> {
        match self.sink {
            Sink::Csv { mut writer, .. } => {
                writer.flush().map_err(Error::io(format!("cannot write {}", self.destination)))?;
                Ok(writer)
            }
            #[cfg(feature = "parquet")]
            Sink::Parquet(writer) => writer.finish(&self.destination),
        }
    }
}

/// Rows that are encoded together.
pub const PART_ROWS: usize = 1 << 16;

/// What spreadsheets take for "this is text", and do not show.
const GUARD: char = '\'';

/// Whether a spreadsheet would run a text, or run it without the quotes before it. A number with its sign is just that.
fn is_formula(text: &str) -> bool {
    let inside = text.trim_start_matches(GUARD);
    let runs = inside.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    runs && (inside.len() < text.len() || text.parse::<f64>().is_err())
}

/// A text as it was before a quote was put before it, if one was.
pub(crate) fn without_guard(text: &str) -> &str {
    text.strip_prefix(GUARD).filter(|text| is_formula(text)).unwrap_or(text)
}

impl TableColumn<'_> {
    /// Whether it holds what others have written.
    fn is_text(&self) -> bool {
        matches!(self, Self::Customers(CustomerIds::Text(_)) | Self::Attribute(_) | Self::Text(_))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Customers(ids) => ids.len(),
            Self::Count(cells) => cells.len(),
            Self::Integer(cells) => cells.len(),
            Self::Real(cells) => cells.len(),
            Self::MaybeReal(cells) => cells.len(),
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
            Self::Customers(CustomerIds::Number(ids)) => cell.write_str(itoa::Buffer::new().format(ids[row])),
            Self::Customers(CustomerIds::Unsigned(ids)) => cell.write_str(itoa::Buffer::new().format(ids[row])),
            Self::Customers(CustomerIds::Text(ids)) => cell.write_str(&ids[row]),
            Self::Count(cells) => cell.write_str(itoa::Buffer::new().format(cells[row])),
            Self::Integer(cells) => cell.write_str(itoa::Buffer::new().format(cells[row])),
            Self::Real(cells) => {
                write_real(cells[row], cell);
                Ok(())
            }
            Self::MaybeReal(cells) => {
                cells[row].inspect(|&number| write_real(number, cell));
                Ok(())
            }
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

/// The shortest digits that read back to the same bits, without an exponent, in less time than `Display` takes.
fn write_real(number: f64, cell: &mut String) {
    let mut buffer = ryu::Buffer::new();
    let short = buffer.format(number);
    match short.strip_suffix(".0") {
        Some(whole) => cell.push_str(whole),
        None if short.contains('e') => write!(cell, "{number}").expect("a string takes any text"),
        None => cell.push_str(short),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_formula, without_guard, write_real};

    #[test]
    fn what_a_spreadsheet_would_run_is_text_and_comes_back() {
        for text in
            ["=1+1", "+cmd|' /C calc'!A0", "-abc", "@SUM(A1)", "\tx", "'=x", "''@y", "-", "+1-555-0100", "＝x", "'-5"]
        {
            assert!(is_formula(text), "{text}");
            assert_eq!(without_guard(&format!("'{text}")), text);
        }
        for text in ["", "a=b", "-5", "+3.25", "-1e5", "'", "'quoted'", "12", "é"] {
            assert!(!is_formula(text), "{text}");
            assert_eq!(without_guard(text), text);
        }
    }

    #[test]
    fn numbers_are_written_in_their_shortest_form() {
        let spread = |i: u64| f64::from_bits(i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let special =
            [0.0, -0.0, 1.0, -7.0, 0.1, 1e15, 1e16, 1e-5, 1e-7, 123456.789, f64::MAX, f64::NAN, f64::INFINITY];
        let cents = (0..1000).map(|i| f64::from(i) / 100.0);
        for number in (0..100_000).map(spread).chain(special).chain(cents) {
            let mut cell = String::new();
            write_real(number, &mut cell);
            // Where two texts are as short and as near, the library takes the other one.
            assert_eq!(cell.len(), number.to_string().len(), "{cell} for {number}");
            let read: f64 = cell.parse().unwrap();
            assert!(read.to_bits() == number.to_bits() || number.is_nan(), "{cell} for {number}");
        }
    }
}
