//! CSV, TSV and the like, record by record, by the `csv` crate: it knows the line of every record and every ragged one.

use std::fmt;
use std::io::Read;

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
const LINES_IN_A_RECORD: u64 = 1000;

/// Reads delimited text.
pub(super) struct DelimitedReader {
    name: String,
    records: csv::Reader<Box<dyn Read + Send>>,
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
        let mut records = ReaderBuilder::new()
            .delimiter(delimiter.0)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(text.into_reader());
        let mut record = ByteRecord::new();
        records.read_byte_record(&mut record).map_err(|error| read_error(name, 1, error))?;
        let header: Vec<String> = record
            .iter()
            .map(|field| String::from_utf8_lossy(field).trim_start_matches('\u{feff}').trim().to_owned())
            .collect();
        let hashing_order = by_name(&header);
        Ok(Self { name: name.to_owned(), records, header, hashing_order, record })
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
            let place = self.record.position().map_or(before, csv::Position::line);
            if self.records.position().line() - place > LINES_IN_A_RECORD {
                return Err(Error::Data(format!(
                    "{} line {place}: a quote opened here is not closed within {LINES_IN_A_RECORD} lines",
                    self.name
                )));
            }
            if self.record.len() != self.header.len() {
                batch.ragged.push(Ragged { place, fields: self.record.len() });
                continue;
            }
            for (cells, &column) in cells.iter_mut().zip(columns) {
                cells.push(&self.record[column]);
            }
            if fingerprints {
                batch.fingerprints.push(fingerprint(self.hashing_order.iter().map(|&i| &self.record[i])));
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
