//! Tables out, as CSV or Parquet, part by part.

use std::io::Write;
use std::ops::Range;
use std::path::Path;

use super::{Staged, Table};
use crate::error::{Error, Result};
use crate::parallel::in_turn;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// Comma-separated text with a header. Text that a spreadsheet would run as a formula has a quote before it.
    Csv,
    /// Comma-separated text with a header, all text as it is.
    RawCsv,
    /// Parquet.
    Parquet,
}

impl OutputFormat {
    /// By the ending of a file's name.
    ///
    /// # Errors
    /// [`Error::usage`] unless it ends in `.csv` or `.parquet`.
    pub fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("parquet") => Ok(Self::Parquet),
            _ => Err(Error::usage("the name must end in .csv or .parquet").in_file(path.display().to_string())),
        }
    }
}

impl Table<'_> {
    /// Writes it as CSV.
    ///
    /// # Errors
    /// [`Error::io`], naming `destination`.
    pub fn write_csv(&self, writer: impl Write + Send, destination: &str) -> Result<()> {
        let mut rows = TableWriter::csv(writer, destination);
        self.write(&mut rows)?;
        rows.finish().map(|_| ())
    }

    /// Begins the file that holds it; nothing is in place before the commit.
    ///
    /// # Errors
    /// [`Error::usage`] for an unknown ending, [`Error::io`] if it cannot be written.
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
    /// [`Error::usage`] if two columns have one name.
    pub fn encode(&self, format: OutputFormat, rows: Range<usize>) -> Result<TablePart> {
        self.check_names()?;
        Ok(TablePart(match format {
            OutputFormat::Csv => self.encode_csv(rows, true),
            OutputFormat::RawCsv => self.encode_csv(rows, false),
            #[cfg(feature = "parquet")]
            OutputFormat::Parquet => Encoded::Parquet(Box::new(super::parquet::encode(self, rows)?)),
            #[cfg(not(feature = "parquet"))]
            OutputFormat::Parquet => {
                return Err(Error::usage("this build of clv does not write Parquet; name a .csv file"));
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
    /// Writes to a file, in the format that the ending of its name says.
    ///
    /// # Errors
    /// [`Error::usage`] for an unknown ending, [`Error::io`] if it cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        Self::of_file(path, |file| file)
    }

    /// Writes to a file, whose hash is taken on the way.
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
                return Err(
                    Error::usage("this build of clv does not write Parquet; name a .csv file").in_file(destination)
                );
            }
        };
        Ok(Self { format, destination, sink })
    }
}

impl<W: Write + Send> TableWriter<W> {
    /// Writes CSV to a writer that messages call `destination`.
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
    /// Those of `part`; [`Error::io`] if the rows cannot be written.
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
    /// [`Error::io`].
    pub fn write(&mut self, part: TablePart) -> Result<()> {
        match (&mut self.sink, part.0) {
            (Sink::Csv { writer, begun }, Encoded::Csv { header, lines }) => {
                let header = if std::mem::replace(begun, true) { &[][..] } else { &header[..] };
                let written = writer.write_all(header).and_then(|()| writer.write_all(&lines));
                written.map_err(Error::writing(&self.destination))
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
    /// [`Error::io`].
    pub fn finish(self) -> Result<W> {
        match self.sink {
            Sink::Csv { mut writer, .. } => {
                writer.flush().map_err(Error::writing(&self.destination))?;
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

#[cfg(test)]
mod tests {
    use super::{is_formula, without_guard};

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
}
