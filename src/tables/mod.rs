//! Tables in files: CSV and TSV (plain, gzip, zstd, zip, in many encodings), workbooks, JSON, Parquet, standard input; and safe writing.
//!
//! Readers hand over batches of columns and know where each row stands.

mod archive;
#[cfg(feature = "arrow")]
pub mod arrow;
mod batch;
mod beside;
mod blocks;
mod cell;
mod copy;
pub(crate) mod customer_names;
mod decimal_column;
mod delimited;
mod encoding;
mod file_options;
#[cfg(feature = "parquet")]
mod guard;
mod gzip;
mod held;
mod ids;
mod input;
mod json_lines;
#[cfg(feature = "parquet")]
mod parquet;
mod partitions;
mod shown;
mod source;
mod staged;
mod table;
mod text_column;
mod time_zones;
mod workbook;
mod write;

use std::ops::Deref;
use std::sync::Arc;

pub use batch::{Batch, Cells, Ragged};
pub(crate) use beside::{folder, remove_abandoned};
pub(crate) use cell::Cell;
pub use decimal_column::DecimalColumn;
pub use delimited::Delimiter;
pub use encoding::Encoding;
pub use file_options::FileOptions;
#[cfg(all(feature = "cli", feature = "parquet"))]
pub(crate) use guard::is_guarded;
pub use held::HeldRows;
pub(crate) use ids::exact_ids;
pub use input::{Input, expand};
pub(crate) use shown::{clip, list};
pub use source::BytesRead;
pub use staged::Staged;
pub(crate) use staged::{check_destination, hex};
pub use table::{Table, TableColumn};
pub use text_column::TextColumn;
pub use time_zones::time_zone;
pub(crate) use write::without_guard;
pub use write::{OutputFormat, PART_ROWS, TablePart, TableWriter};

use crate::error::{Error, Place, Result, Row};
use crate::message::{Message, flag, opt, say};
use delimited::{DelimitedBlock, DelimitedReader};
use encoding::Found;
use held::{HeldBlock, HeldTable};
use json_lines::{JsonReader, is_json};
use partitions::Partitions;
use source::{Content, Source, Text};
use workbook::Sheet;

/// What is known of a table before its rows are read.
#[derive(Clone, Debug)]
pub struct TableShape {
    name: String,
    header: Vec<String>,
    /// Whether its rows are lines of text.
    has_lines: bool,
    /// Whether its columns have types.
    is_typed: bool,
    /// How it was read, where that is worth telling.
    told: Vec<Message>,
    /// What its text was written in, if it is not UTF-8 and nobody said so.
    encoding: Found,
}

/// Reads a table batch by batch.
#[derive(Debug)]
pub struct TableReader {
    shape: TableShape,
    reader: Reader,
    origin: TableOrigin,
    /// What the folders of its file say.
    beside: Arc<Partitions>,
}

/// Where a table came from, so that it can be read again.
#[derive(Clone, Debug)]
pub(crate) struct TableOrigin(Origin);

#[derive(Clone, Debug)]
enum Origin {
    File { source: Source, options: FileOptions },
    Held { name: String, header: Vec<String>, chunks: Vec<Arc<dyn HeldRows>> },
    HandedOver { name: String },
}

impl TableOrigin {
    /// Whether it can be read again.
    pub(crate) fn is_rereadable(&self) -> bool {
        !matches!(self.0, Origin::HandedOver { .. })
    }

    /// Whether it is a file, or what is read like one.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.0, Origin::File { .. })
    }

    /// The table from its first row, whose progress nobody watches.
    pub(crate) fn open(&self) -> Result<TableReader> {
        match &self.0 {
            Origin::File { source, options } => {
                TableReader::of_content(source.open(options.encoding)?, source.clone(), options, &BytesRead::default())
            }
            Origin::Held { name, header, chunks } => {
                Ok(TableReader::held(name, header.clone(), chunks.clone(), &BytesRead::default()))
            }
            Origin::HandedOver { name } => Err(Error::data(say![
                "the amounts turn out to be written as few are, and these rows are handed over once: say it with ",
                flag("decimal_comma"),
                " or ",
                opt("thousands"),
                ", or let the database make numbers of them"
            ])
            .in_file(name)),
        }
    }
}

impl Deref for TableReader {
    type Target = TableShape;

    fn deref(&self) -> &TableShape {
        &self.shape
    }
}

#[derive(Debug)]
enum Reader {
    Delimited(DelimitedReader),
    Held(HeldTable),
    #[cfg(feature = "parquet")]
    Parquet(parquet::ParquetTable),
}

impl TableReader {
    /// Opens a file, or standard input, whatever it turns out to hold.
    ///
    /// # Errors
    /// [`Error::io`] if it cannot be read; [`Error::data`] if it is empty, binary, or not a table.
    pub fn open(input: &Input, options: &FileOptions, progress: &BytesRead) -> Result<Self> {
        let (content, source) = source::open(input, options.encoding, progress)?;
        Self::of_content(content, source, options, progress)
    }

    fn of_content(content: Content, source: Source, options: &FileOptions, progress: &BytesRead) -> Result<Self> {
        let name = source.input().to_string();
        let opened = match content {
            Content::Text(text) if is_json(&text.start) => Opened::json(&name, text, progress)?,
            Content::Text(text) => Opened::delimited(&name, text, options)?,
            Content::Workbook(bytes) => Opened::workbook(&name, bytes, options, progress)?,
            #[cfg(feature = "parquet")]
            Content::Parquet(content) => {
                let reader = parquet::ParquetTable::new(&name, content)?;
                Opened::typed(reader.header().to_vec(), Reader::Parquet(reader))
            }
            #[cfg(not(feature = "parquet"))]
            Content::Parquet(_) => {
                return Err(
                    Error::data("a Parquet file, which this build of clv does not read; save it as CSV").in_file(name)
                );
            }
        };
        if options.sheet.is_some() && !opened.is_workbook {
            return Err(
                Error::usage(say![opt("sheet"), " names a sheet of a workbook, and this is none"]).in_file(name)
            );
        }
        let Opened { mut header, reader, has_lines, is_typed, told, encoding, .. } = opened;
        let beside = Partitions::beside(&mut header, source.input());
        let origin = TableOrigin(Origin::File { source, options: options.clone() });
        let told = told.into_iter().collect();
        Ok(Self { shape: TableShape { name, header, has_lines, is_typed, told, encoding }, reader, origin, beside })
    }

    /// Where it came from.
    pub(crate) fn origin(&self) -> &TableOrigin {
        &self.origin
    }

    /// A table whose rows somebody holds in memory, chunk by chunk; they are read where they are. `progress` counts them.
    ///
    /// ```
    /// use std::ops::Range;
    /// use std::sync::Arc;
    ///
    /// use clv::orders::{OrderOptions, read_tables};
    /// use clv::tables::{BytesRead, Cells, HeldRows, TableReader};
    ///
    /// /// Number of the customer, days since 1970, amount.
    /// #[derive(Debug)]
    /// struct Sales(Vec<(i64, i32, f64)>);
    ///
    /// impl HeldRows for Sales {
    ///     fn rows(&self) -> usize {
    ///         self.0.len()
    ///     }
    ///
    ///     fn cells(&self, column: usize, rows: Range<usize>) -> clv::Result<Cells> {
    ///         let rows = self.0[rows].iter();
    ///         Ok(match column {
    ///             0 => Cells::Integer(rows.map(|row| Some(row.0)).collect()),
    ///             1 => Cells::Date(rows.map(|row| Some(row.1)).collect()),
    ///             _ => Cells::Real(rows.map(|row| Some(row.2)).collect()),
    ///         })
    ///     }
    /// }
    ///
    /// let sales: Arc<dyn HeldRows> = Arc::new(Sales(vec![(1, 19_723, 20.0), (2, 19_730, 15.0), (1, 19_760, 35.0)]));
    /// let header = ["customer_id", "order_date", "amount"].map(str::to_owned).to_vec();
    /// let table = TableReader::held("sales", header, vec![sales], &BytesRead::default());
    /// let (log, report) = read_tables([Ok(table)].into_iter(), &OrderOptions::default())?;
    /// assert_eq!((report.used, log.last_day()), (3, Some("2024-02-07".parse()?)));
    /// # Ok::<(), clv::Error>(())
    /// ```
    pub fn held(name: &str, header: Vec<String>, chunks: Vec<Arc<dyn HeldRows>>, progress: &BytesRead) -> Self {
        let name = name.to_owned();
        let all = Box::new(chunks.clone().into_iter().map(Ok));
        let held = HeldTable::new(header.clone(), all, progress.clone());
        let origin = TableOrigin(Origin::Held { name: name.clone(), header: header.clone(), chunks });
        Self { shape: TableShape::of_rows(name, header), reader: Reader::Held(held), origin, beside: Arc::default() }
    }

    /// A table whose rows somebody hands over bit by bit, such as the result of a query: each part is read when its turn comes, and given
    /// back. Such a table is read once.
    pub fn handed_over(
        name: &str,
        header: Vec<String>,
        rows: impl Iterator<Item = Result<Arc<dyn HeldRows>>> + Send + 'static,
        progress: &BytesRead,
    ) -> Self {
        let name = name.to_owned();
        let held = HeldTable::new(header.clone(), Box::new(rows), progress.clone());
        let origin = TableOrigin(Origin::HandedOver { name: name.clone() });
        Self { shape: TableShape::of_rows(name, header), reader: Reader::Held(held), origin, beside: Arc::default() }
    }

    /// What a Parquet file says of itself under a key.
    pub(crate) fn metadata(&self, key: &str) -> Option<String> {
        match &self.reader {
            #[cfg(feature = "parquet")]
            Reader::Parquet(reader) => reader.metadata(key),
            _ => {
                let _ = key;
                None
            }
        }
    }

    /// The type of a column of a Parquet file, by its number; of other tables nobody knows.
    #[cfg(feature = "parquet")]
    pub fn column_type(&self, column: usize) -> Option<&arrow_schema::DataType> {
        match &self.reader {
            Reader::Parquet(reader) if !self.beside.has(column) => reader.column_type(column),
            _ => None,
        }
    }

    /// The next rows of the columns with these numbers, `None` at the end.
    ///
    /// # Errors
    /// [`Error::io`] or [`Error::data`] with the place at which the file cannot be read.
    pub fn next_batch(&mut self, columns: &[usize], fingerprints: bool) -> Result<Option<Batch>> {
        self.next_block()?.map(|block| block.batch(columns, fingerprints)).transpose()
    }

    /// The next rows as they stand in the file, to be parsed anywhere; `None` at the end.
    ///
    /// # Errors
    /// As [`TableReader::next_batch`].
    pub fn next_block(&mut self) -> Result<Option<Block>> {
        let block = match &mut self.reader {
            Reader::Delimited(reader) => reader.next_block()?.map(BlockKind::Delimited),
            Reader::Held(reader) => reader.next_block()?.map(BlockKind::Held),
            #[cfg(feature = "parquet")]
            Reader::Parquet(reader) => reader.next_block().map(BlockKind::Parquet),
        };
        Ok(block.map(|kind| Block { kind, beside: Arc::clone(&self.beside) }))
    }
}

/// A file that was opened, as what it turned out to be.
struct Opened {
    header: Vec<String>,
    reader: Reader,
    has_lines: bool,
    is_typed: bool,
    is_workbook: bool,
    told: Option<Message>,
    encoding: Found,
}

impl Opened {
    /// A table whose columns have types, and whose rows have numbers.
    fn typed(header: Vec<String>, reader: Reader) -> Self {
        let (told, encoding) = (None, Found::default());
        Self { header, reader, has_lines: false, is_typed: true, is_workbook: false, told, encoding }
    }

    fn delimited(name: &str, text: Text, options: &FileOptions) -> Result<Self> {
        let encoding = Arc::clone(&text.encoding);
        let reader = DelimitedReader::new(name, text, options.delimiter)?;
        let (header, told) = (reader.header().to_vec(), reader.told());
        let typed = Self::typed(header, Reader::Delimited(reader));
        Ok(Self { has_lines: true, is_typed: false, told, encoding, ..typed })
    }

    fn json(name: &str, text: Text, progress: &BytesRead) -> Result<Self> {
        let encoding = Arc::clone(&text.encoding);
        let reader = JsonReader::new(name, text.into_reader())?;
        let (header, has_lines) = (reader.header().to_vec(), reader.has_lines());
        let held = HeldTable::new(header.clone(), Box::new(reader), progress.clone());
        Ok(Self { has_lines, encoding, ..Self::typed(header, Reader::Held(held)) })
    }

    fn workbook(name: &str, bytes: Vec<u8>, options: &FileOptions, progress: &BytesRead) -> Result<Self> {
        let workbook::Opened { sheet, header, told } = Sheet::open(name, bytes, options.sheet.as_deref())?;
        let rows: Arc<dyn HeldRows> = Arc::new(sheet);
        let held = HeldTable::new(header.clone(), Box::new(std::iter::once(Ok(rows))), progress.clone());
        Ok(Self { is_workbook: true, told, ..Self::typed(header, Reader::Held(held)) })
    }
}

/// Rows of a table that have been found and not been parsed, which any thread can do.
#[derive(Debug)]
pub struct Block {
    kind: BlockKind,
    beside: Arc<Partitions>,
}

#[derive(Debug)]
enum BlockKind {
    Delimited(DelimitedBlock),
    Held(HeldBlock),
    #[cfg(feature = "parquet")]
    Parquet(parquet::ParquetBlock),
}

impl Block {
    /// The columns with these numbers.
    ///
    /// # Errors
    /// As [`TableReader::next_batch`].
    pub fn batch(self, columns: &[usize], fingerprints: bool) -> Result<Batch> {
        let Self { kind, beside } = self;
        beside.batch(columns, |columns| kind.batch(columns, fingerprints))
    }
}

impl BlockKind {
    fn batch(self, columns: &[usize], fingerprints: bool) -> Result<Batch> {
        match self {
            Self::Delimited(block) => block.batch(columns, fingerprints),
            Self::Held(block) => block.batch(columns, fingerprints),
            #[cfg(feature = "parquet")]
            Self::Parquet(block) => block.batch(columns, fingerprints),
        }
    }
}

impl TableShape {
    /// Of rows that somebody has.
    fn of_rows(name: String, header: Vec<String>) -> Self {
        let (told, encoding) = (Vec::new(), Found::default());
        Self { name, header, has_lines: false, is_typed: true, told, encoding }
    }

    /// How the table was read, where that is worth telling; the rest once its rows are read.
    pub(crate) fn told(&self) -> Vec<Message> {
        let western = self.encoding.get().filter(|encoding| !encoding.is_utf16()).map(|encoding| {
            say![
                format!("{} is not UTF-8, and was read as {encoding}; ", self.name),
                opt("encoding").with("iso-8859-2"),
                " would name another"
            ]
        });
        self.told.iter().cloned().chain(western).collect()
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Column names.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// A row's place: the line, or the number of the row.
    pub fn place(&self, place: u64) -> Place {
        Place::new(&self.name, if self.has_lines { Row::Line(place) } else { Row::Row(place) })
    }

    /// Whether its columns have types, so that text is known to be text; of CSV nobody knows.
    pub fn is_typed(&self) -> bool {
        self.is_typed
    }

    /// The number of the column with this name.
    ///
    /// # Errors
    /// [`Error::data`] if there is none, with the nearest name, or if there are two.
    pub fn column(&self, name: &str) -> Result<usize> {
        let header = self.header();
        let mut found = (0..header.len()).filter(|&i| header[i] == name);
        match (found.next(), found.next()) {
            (Some(column), None) => Ok(column),
            (Some(_), Some(_)) => {
                Err(Error::data(format!("two columns are named `{name}`")).in_column(name).in_file(&self.name))
            }
            (None, _) => {
                let nearest = header.iter().max_by(|a, b| similarity(a, name).total_cmp(&similarity(b, name)));
                let hint = match nearest {
                    // A letter is in many names.
                    Some(nearest) if name.chars().count() > 2 && similarity(nearest, name) > 0.7 => {
                        format!("did you mean `{nearest}`?")
                    }
                    _ => format!("it has {}", list(header)),
                };
                Err(Error::data(format!("no column `{name}`; {hint}")).in_column(name).in_file(&self.name))
            }
        }
    }
}

fn similarity(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(&a.to_lowercase(), &b.to_lowercase())
}
