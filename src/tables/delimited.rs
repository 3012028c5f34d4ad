//! CSV, TSV and the like, record by record, by the `csv` crate: it knows the line of every record and every ragged one.

use std::fmt;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use csv::{ByteRecord, ReaderBuilder};

use super::source::{Text, unreadable};
use super::{BATCH_ROWS, Batch, Cells, Ragged, TextColumn, by_name, clip, fingerprint};
use crate::error::{Error, Result};

/// The character between fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiter(pub u8);

impl std::str::FromStr for Delimiter {
    type Err = Error;

    /// Reads one ASCII character, or `tab`.
    fn from_str(text: &str) -> Result<Self> {
        match text.as_bytes() {
            b"tab" | b"\\t" => Ok(Self(b'\t')),
            [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(Self(*byte)),
            _ => Err(Error::Usage(format!("`{text}` cannot be a delimiter; give one character, or tab"))),
        }
    }
}

/// A record that runs over this many lines has a quote that was never closed.
const LINES_IN_A_RECORD: u64 = 100;

/// Reads delimited text.
pub(super) struct DelimitedReader {
    name: String,
    records: csv::Reader<Watched<Box<dyn Read + Send>>>,
    seen: Seen,
    header: Vec<String>,
    hashing_order: Vec<usize>,
    record: ByteRecord,
}

impl fmt::Debug for DelimitedReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelimitedReader").field("name", &self.name).field("header", &self.header).finish()
    }
}

impl DelimitedReader {
    /// Reads the header; the delimiter is the most frequent of `,` `;` tab and `|` in it, unless given.
    pub(super) fn new(name: &str, text: Text, delimiter: Option<Delimiter>) -> Result<Self> {
        let delimiter = delimiter.unwrap_or_else(|| most_frequent_delimiter(&text.start));
        let seen = Seen::default();
        let mut records = ReaderBuilder::new()
            .delimiter(delimiter.0)
            .has_headers(false)
            .flexible(true)
            // Lines end in a line feed; a carriage return before it is white space.
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(1 << 16)
            .from_reader(Watched { inner: text.into_reader(), seen: seen.clone() });
        let mut record = ByteRecord::new();
        records.read_byte_record(&mut record).map_err(|error| read_error(name, 1, error))?;
        let header: Vec<String> = record
            .iter()
            .map(|field| String::from_utf8_lossy(field).trim_start_matches('\u{feff}').trim().to_owned())
            .collect();
        let hashing_order = by_name(&header);
        Ok(Self { name: name.to_owned(), records, seen, header, hashing_order, record })
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    pub(super) fn next_batch(&mut self, columns: &[usize], fingerprints: bool) -> Result<Option<Batch>> {
        let mut cells = vec![TextColumn::default(); columns.len()];
        let mut batch = Batch { columns: Vec::new(), places: Vec::new(), ragged: Vec::new(), fingerprints: Vec::new() };
        while batch.places.len() + batch.ragged.len() < BATCH_ROWS {
            let before = self.records.position().line();
            let more = self.records.read_byte_record(&mut self.record);
            if !more.map_err(|error| read_error(&self.name, before, error))? {
                break;
            }
            let place = self.place();
            self.refuse_open_quotes(place)?;
            // A line of blanks is no row.
            if self.record.len() == 1 && self.record[0].trim_ascii().is_empty() && self.header.len() > 1 {
                continue;
            }
            if self.record.len() != self.header.len() {
                batch.ragged.push(Ragged { place, fields: self.record.len() });
                continue;
            }
            for (cells, &column) in cells.iter_mut().zip(columns) {
                cells.push(&self.record[column]);
            }
            if fingerprints {
                batch.fingerprints.push(fingerprint(self.hashing_order.iter().map(|&i| self.record[i].trim_ascii())));
            }
            batch.places.push(place);
        }
        if batch.places.is_empty() && batch.ragged.is_empty() {
            return Ok(None);
        }
        batch.columns = cells.into_iter().map(Cells::Text).collect();
        Ok(Some(batch))
    }
}

impl DelimitedReader {
    /// Line on which the record just read begins. The parser has counted the lines it passed, blank ones before the record
    /// too, so it is counted back from where the record ended.
    fn place(&self) -> u64 {
        let next = self.records.position().line();
        let inside = self.record.as_slice().iter().filter(|&&byte| byte == b'\n').count() as u64;
        // The last line of a file may lack its end, or have it inside a quote.
        next.saturating_sub(inside + u64::from(!self.seen.end())).max(1)
    }

    fn open_at_the_end(&self) -> bool {
        let last = self.record.iter().next_back().unwrap_or_default();
        self.seen.end() && last.contains(&b'\n') && self.seen.last() != b'"'
    }

    /// A quote that is not closed turns all that follows into one field.
    fn refuse_open_quotes(&self, place: u64) -> Result<()> {
        let lines = self.records.position().line() - place;
        let to_the_end = self.open_at_the_end();
        if lines > LINES_IN_A_RECORD || to_the_end {
            let reach = if to_the_end { "the file".to_owned() } else { format!("{LINES_IN_A_RECORD} lines") };
            return Err(Error::Data(format!(
                "{} line {place}: a quote opened here is not closed within {reach}",
                self.name
            )));
        }
        Ok(())
    }
}

/// What has been read of the text so far.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<(AtomicBool, AtomicU8)>);

impl Seen {
    /// Whether its end has been met, which a record ended by a line feed does not need.
    fn end(&self) -> bool {
        self.0.0.load(Ordering::Relaxed)
    }

    /// The last byte that was no end of a line.
    fn last(&self) -> u8 {
        self.0.1.load(Ordering::Relaxed)
    }
}

/// Takes note of what is read.
struct Watched<R> {
    inner: R,
    seen: Seen,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if read == 0 {
            self.seen.0.0.store(true, Ordering::Relaxed);
        }
        if let Some(&last) = buffer[..read].iter().rev().find(|byte| !matches!(byte, b'\r' | b'\n')) {
            self.seen.0.1.store(last, Ordering::Relaxed);
        }
        Ok(read)
    }
}

fn most_frequent_delimiter(start: &[u8]) -> Delimiter {
    let header = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| header.iter().filter(|&&byte| byte == delimiter).count();
    // `max_by_key` keeps the last of equals: the comma.
    let best = [b'|', b'\t', b';', b','].into_iter().max_by_key(|&delimiter| count(delimiter));
    Delimiter(best.unwrap_or(b','))
}

fn read_error(name: &str, line: u64, error: csv::Error) -> Error {
    let what = format!("{name} line {line}");
    match error.into_kind() {
        csv::ErrorKind::Io(error) => unreadable(&what, error),
        other => Error::Data(format!("{what}: {}", clip(&format!("{other:?}")))),
    }
}
