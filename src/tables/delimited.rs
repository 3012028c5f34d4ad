//! CSV, TSV and their kin.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use csv::{ByteRecord, ReaderBuilder};
use memchr::{memchr, memchr2_iter};

use super::batch::{by_name, fingerprint};
use super::blocks::{BlockReader, LINES_IN_A_RECORD, RawBlock, lines};
use super::source::Text;
use super::text_column::without_formula;
use super::{Batch, Cells, Ragged, TextColumn, clip};
use crate::error::{Error, Place, Result, Row};
use crate::message::Message;
use crate::number_format::counted;
use crate::options::as_text;

/// The character between fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiter(pub u8);

impl fmt::Display for Delimiter {
    /// As it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == b'\t' { f.write_str("tab") } else { write!(f, "{}", char::from(self.0)) }
    }
}

as_text!(Delimiter);

impl std::str::FromStr for Delimiter {
    type Err = Error;

    /// Reads one ASCII character, or `tab`.
    fn from_str(text: &str) -> Result<Self> {
        match text.as_bytes() {
            b"tab" | b"\\t" => Ok(Self(b'\t')),
            [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(Self(*byte)),
            _ => Err(Error::usage(format!("`{text}` cannot be a delimiter; give one character, or tab"))),
        }
    }
}

/// Reads delimited text.
pub(super) struct DelimitedReader {
    form: Arc<Form>,
    blocks: BlockReader,
    /// What follows the header in its block.
    first: Option<RawBlock>,
    /// Lines above the header in which something stands.
    titles: u64,
    /// The line of the header.
    header_line: u64,
}

/// What it takes to parse a block.
#[derive(Debug)]
struct Form {
    name: String,
    delimiter: Delimiter,
    header: Vec<String>,
    hashing_order: Vec<usize>,
}

impl fmt::Debug for DelimitedReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelimitedReader").field("form", &self.form).finish()
    }
}

impl DelimitedReader {
    /// Reads the header, which may stand below titles; the delimiter is the most frequent of `,` `;` tab and `|` in it, unless given.
    pub(super) fn new(name: &str, text: Text, delimiter: Option<Delimiter>) -> Result<Self> {
        let told = told_delimiter(&text.start);
        let lines_of_start: Vec<&[u8]> = text.start.split(|&byte| byte == b'\n').take(LOOKED_AT).collect();
        let first = usize::from(told.is_some());
        let above = first + lines_above(&lines_of_start[first..], delimiter.or(told));
        let is_title = |line: &&&[u8]| !line.trim_ascii().is_empty();
        let titles = lines_of_start[first..above].iter().filter(is_title).count() as u64;
        let header = lines_of_start.get(above).copied().unwrap_or_default();
        let delimiter = delimiter.or(told).unwrap_or_else(|| most_frequent_delimiter(header));
        let mut blocks = BlockReader::new(name, text.into_reader(), delimiter.0);
        let mut first = blocks.next()?;
        let mut record = ByteRecord::new();
        if let Some(block) = &mut first {
            const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
            if block.bytes.starts_with(BYTE_ORDER_MARK) {
                block.bytes.drain(..BYTE_ORDER_MARK.len());
            }
            for _ in 0..above {
                let end = memchr(b'\n', &block.bytes).map_or(block.bytes.len(), |end| end + 1);
                block.line += 1;
                block.bytes.drain(..end);
            }
            let mut records = reader(delimiter, &block.bytes);
            records.read_byte_record(&mut record).map_err(|error| read_error(name, block.line, error))?;
            let end = records.position().byte() as usize;
            block.line += lines(&block.bytes[..end]);
            block.bytes.drain(..end);
        }
        let name_of = |field| String::from_utf8_lossy(without_formula(field)).trim().to_owned();
        let header: Vec<String> = record.iter().map(|field| name_of(field.trim_ascii())).collect();
        let hashing_order = by_name(&header);
        let form = Arc::new(Form { name: name.to_owned(), delimiter, header, hashing_order });
        Ok(Self { form, blocks, first, titles, header_line: above as u64 + 1 })
    }

    /// What is to be told of titles above the header.
    pub(super) fn told(&self) -> Option<Message> {
        let Self { form, titles, header_line, .. } = self;
        let name = &form.name;
        (*titles > 0).then(|| {
            let titles = counted(*titles, "line");
            format!("{name}: the header is in line {header_line}, and {titles} above it left out").into()
        })
    }

    pub(super) fn header(&self) -> &[String] {
        &self.form.header
    }

    pub(super) fn next_block(&mut self) -> Result<Option<DelimitedBlock>> {
        let block = match self.first.take().filter(|block| !block.bytes.is_empty()) {
            Some(block) => Some(block),
            None => self.blocks.next()?,
        };
        Ok(block.map(|block| DelimitedBlock { form: Arc::clone(&self.form), block }))
    }
}

/// Whole records, not parsed yet.
#[derive(Debug)]
pub(super) struct DelimitedBlock {
    form: Arc<Form>,
    block: RawBlock,
}

impl DelimitedBlock {
    /// The columns with these numbers.
    pub(super) fn batch(self, columns: &[usize], fingerprints: bool) -> Result<Batch> {
        let mut rows = Rows {
            form: &self.form,
            columns,
            cells: vec![Vec::new(); columns.len()],
            fingerprints: fingerprints.then(Vec::new),
            places: Vec::new(),
            ragged: Vec::new(),
        };
        let RawBlock { bytes, line } = self.block;
        let bytes = match memchr(b'"', &bytes) {
            None => {
                rows.split(&bytes, line);
                bytes
            }
            Some(_) => rows.parse(&bytes, line)?,
        };
        let bytes = Arc::new(bytes);
        let Rows { cells, fingerprints, places, ragged, .. } = rows;
        let columns = cells.into_iter().map(|cells| Cells::Text(TextColumn::new(Arc::clone(&bytes), cells))).collect();
        Ok(Batch { columns, places, ragged, fingerprints: fingerprints.unwrap_or_default() })
    }
}

/// The rows of a block as they are found.
struct Rows<'a> {
    form: &'a Form,
    columns: &'a [usize],
    cells: Vec<Vec<Range<u32>>>,
    fingerprints: Option<Vec<u128>>,
    places: Vec<u64>,
    ragged: Vec<Ragged>,
}

impl Rows<'_> {
    /// Text without quotes: every delimiter and every line feed is one.
    fn split(&mut self, bytes: &[u8], mut line: u64) {
        let mut fields: Vec<Range<u32>> = Vec::new();
        let mut start = 0;
        for end in memchr2_iter(self.form.delimiter.0, b'\n', bytes) {
            fields.push(start as u32..end as u32);
            start = end + 1;
            if bytes[end] == b'\n' {
                self.row(bytes, &fields, line);
                fields.clear();
                line += 1;
            }
        }
        if start < bytes.len() || !fields.is_empty() {
            fields.push(start as u32..bytes.len() as u32);
            self.row(bytes, &fields, line);
        }
    }

    /// Text with quotes; the cells without them are returned.
    fn parse(&mut self, bytes: &[u8], line: u64) -> Result<Vec<u8>> {
        let mut records = reader(self.form.delimiter, bytes);
        let mut record = ByteRecord::new();
        let mut unquoted = Vec::with_capacity(bytes.len());
        let mut fields = Vec::new();
        let (mut counted, mut next_line) = (0, line);
        while records.read_byte_record(&mut record).map_err(|error| read_error(&self.form.name, next_line, error))? {
            let end = records.position().byte() as usize;
            next_line += lines(&bytes[counted..end]);
            counted = end;
            // Counted back from the end: blank lines may stand before the record.
            let inside = lines(record.as_slice());
            let place = next_line - inside - u64::from(bytes[end - 1] == b'\n');
            if inside > LINES_IN_A_RECORD {
                let place = Place::new(&self.form.name, Row::Line(place));
                let message = format!("a quote opened here is not closed within {LINES_IN_A_RECORD} lines");
                return Err(Error::data(message).at(place));
            }
            let start = unquoted.len();
            unquoted.extend_from_slice(record.as_slice());
            fields.clear();
            fields.extend(
                (0..record.len())
                    .filter_map(|i| record.range(i))
                    .map(|field| (start + field.start) as u32..(start + field.end) as u32),
            );
            self.row(&unquoted, &fields, place);
        }
        Ok(unquoted)
    }

    fn row(&mut self, bytes: &[u8], fields: &[Range<u32>], place: u64) {
        let field = |i: usize| bytes[fields[i].start as usize..fields[i].end as usize].trim_ascii();
        // A line of blanks is no row.
        if fields.len() == 1 && field(0).is_empty() && (self.form.header.len() > 1 || fields[0].is_empty()) {
            return;
        }
        if fields.len() != self.form.header.len() {
            self.ragged.push(Ragged { place, fields: fields.len() });
            return;
        }
        for (cells, &column) in self.cells.iter_mut().zip(self.columns) {
            cells.push(fields[column].clone());
        }
        if let Some(fingerprints) = &mut self.fingerprints {
            fingerprints.push(fingerprint(self.form.hashing_order.iter().map(|&i| field(i))));
        }
        self.places.push(place);
    }
}

fn reader(delimiter: Delimiter, bytes: &[u8]) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(delimiter.0)
        .has_headers(false)
        .flexible(true)
        // Lines end in a line feed; a carriage return before it is white space.
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(bytes)
}

/// The delimiter that a first line `sep=;` tells, as Excel writes and reads it.
fn told_delimiter(start: &[u8]) -> Option<Delimiter> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let line = start.split(|&byte| byte == b'\n').next()?.trim_ascii_end();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line.strip_prefix(b"sep=")? {
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() => Some(Delimiter(*byte)),
        // A tab was trimmed.
        [] => Some(Delimiter(b'\t')),
        _ => None,
    }
}

/// Lines among which the header is looked for.
const LOOKED_AT: usize = 30;

/// Fields of a line, and those of them in which something stands.
fn fields(line: &[u8], delimiter: Delimiter) -> (usize, usize) {
    let mut record = ByteRecord::new();
    let is_read = reader(delimiter, line).read_byte_record(&mut record).unwrap_or(false);
    let filled = record.iter().filter(|field| !field.trim_ascii().is_empty()).count();
    if is_read { (record.len(), filled) } else { (0, 0) }
}

/// Lines above the header: blank ones, and titles, which fill one field. A header has more, and the line below it as many.
fn lines_above(lines: &[&[u8]], delimiter: Option<Delimiter>) -> usize {
    let delimiter_of = |line: &[u8]| delimiter.unwrap_or_else(|| most_frequent_delimiter(line));
    let Some(header) = lines.iter().position(|line| fields(line, delimiter_of(line)).1 > 1) else { return 0 };
    let delimiter = delimiter_of(lines[header]);
    let below = lines[header + 1..].iter().find(|line| !line.trim_ascii().is_empty());
    let is_header = below.is_some_and(|below| fields(below, delimiter).0 == fields(lines[header], delimiter).0);
    if is_header { header } else { 0 }
}

fn most_frequent_delimiter(header: &[u8]) -> Delimiter {
    let count = |delimiter: u8| header.iter().filter(|&&byte| byte == delimiter).count();
    // `max_by_key` keeps the last of equals: the comma.
    let best = [b'|', b'\t', b';', b','].into_iter().max_by_key(|&delimiter| count(delimiter));
    Delimiter(best.unwrap_or(b','))
}

fn read_error(name: &str, line: u64, error: csv::Error) -> Error {
    Error::data(clip(&Cow::from(error.to_string()))).at(Place::new(name, Row::Line(line)))
}
