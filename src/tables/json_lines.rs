//! Records of JSON: one a line, or all in one list.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::held::HeldRows;
use super::source::unreadable;
use super::{Cells, TextColumn};
use crate::error::{Error, Place, Result, Row};

/// A record with its line, or its number.
type Record = (u64, Map<String, Value>);

/// Records at once.
const RECORDS: usize = 1 << 14;

/// No line is longer: what goes on for so long is no record of an order.
const LONGEST_LINE: u64 = 1 << 24;

/// Whether a text holds records of JSON.
pub(super) fn is_json(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    match start.first() {
        Some(b'{') => {
            start[1..].trim_ascii_start().starts_with(b"\"") || start[1..].trim_ascii_start().starts_with(b"}")
        }
        Some(b'[') => start[1..].trim_ascii_start().starts_with(b"{"),
        _ => false,
    }
}

/// Reads records, and says which names they have.
pub(super) struct JsonReader {
    name: String,
    header: Arc<Vec<String>>,
    text: BufReader<Box<dyn Read + Send>>,
    line: u64,
    /// Whether records stand in one list, and so are counted themselves.
    is_list: bool,
    first: Option<Vec<Record>>,
}

/// Some records.
#[derive(Debug)]
struct Records {
    places: Vec<u64>,
    /// Column by column.
    columns: Vec<Vec<Value>>,
}

impl JsonReader {
    /// Columns are what the first records have; records within records have the names of both.
    pub(super) fn new(name: &str, text: Box<dyn Read + Send>) -> Result<Self> {
        let mut reader = Self {
            name: name.to_owned(),
            header: Arc::default(),
            text: BufReader::new(text),
            line: 0,
            is_list: false,
            first: None,
        };
        let first = reader.records()?.unwrap_or_default();
        let header: BTreeSet<&String> = first.iter().flat_map(|(_, record)| record.keys()).collect();
        reader.header = Arc::new(header.into_iter().cloned().collect());
        reader.first = Some(first);
        Ok(reader)
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// Whether places are lines.
    pub(super) fn has_lines(&self) -> bool {
        !self.is_list
    }

    fn place(&self) -> Place {
        Place::new(&self.name, Row::Line(self.line))
    }

    /// The next records, none at the end.
    fn records(&mut self) -> Result<Option<Vec<Record>>> {
        let mut records = Vec::new();
        let mut line = Vec::new();
        while records.len() < RECORDS {
            line.clear();
            self.line += 1;
            let read = (&mut self.text).take(LONGEST_LINE).read_until(b'\n', &mut line);
            if read.map_err(|error| unreadable(self.place(), error))? == 0 {
                break;
            }
            let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
            if text.first() == Some(&b'[') {
                return self.list(&line).map(Some);
            }
            if !text.is_empty() {
                records.push((self.line, self.record(text)?));
            }
        }
        Ok(if records.is_empty() { None } else { Some(records) })
    }

    fn record(&self, text: &[u8]) -> Result<Map<String, Value>> {
        let record: Map<String, Value> = serde_json::from_slice(text).map_err(|error| self.no_record(&error))?;
        let mut flat = Map::new();
        flatten(String::new(), record, &mut flat);
        Ok(flat)
    }

    fn no_record(&self, error: &serde_json::Error) -> Error {
        Error::data(format!("no record of JSON ({error}); write one a line, or all in one list")).at(self.place())
    }

    /// All records of a list, whose first line was read.
    fn list(&mut self, first: &[u8]) -> Result<Vec<Record>> {
        self.is_list = true;
        let text = std::io::Cursor::new(first.to_vec()).chain(&mut self.text);
        let records: std::result::Result<Vec<Map<String, Value>>, _> = serde_json::from_reader(text);
        let records = records.map_err(|error| self.no_record(&error))?;
        Ok((1..)
            .zip(records)
            .map(|(number, record)| {
                let mut flat = Map::new();
                flatten(String::new(), record, &mut flat);
                (number, flat)
            })
            .collect())
    }

    fn next_rows(&mut self) -> Result<Option<Arc<dyn HeldRows>>> {
        let records = match self.first.take() {
            Some(first) => Some(first),
            None => self.records()?,
        };
        let Some(records) = records else { return Ok(None) };
        let (places, mut records): (Vec<u64>, Vec<Map<String, Value>>) = records.into_iter().unzip();
        let column = |name: &String| records.iter_mut().map(|record| record.remove(name).unwrap_or_default()).collect();
        let columns = self.header.iter().map(column).collect();
        Ok(Some(Arc::new(Records { places, columns })))
    }
}

impl Iterator for JsonReader {
    type Item = Result<Arc<dyn HeldRows>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_rows().transpose()
    }
}

/// What stands within a record within another is `customer.id`.
fn flatten(prefix: String, record: Map<String, Value>, flat: &mut Map<String, Value>) {
    for (name, value) in record {
        let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            Value::Object(inner) => flatten(name, inner, flat),
            value => {
                flat.insert(name, value);
            }
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

impl HeldRows for Records {
    fn rows(&self) -> usize {
        self.places.len()
    }

    fn place(&self, row: usize) -> Option<u64> {
        Some(self.places[row])
    }

    fn cells(&self, column: usize, rows: Range<usize>) -> Result<Cells> {
        let values = &self.columns[column][rows];
        let is_all = |is_one: &dyn Fn(&Value) -> bool| values.iter().all(|value| value.is_null() || is_one(value));
        if is_all(&|_| false) {
            return Ok(Cells::Text(TextColumn::from_cells(values.iter().map(|_| None))?));
        }
        if is_all(&Value::is_i64) {
            return Ok(Cells::Integer(values.iter().map(Value::as_i64).collect()));
        }
        // Beyond 64 bits only text has every digit.
        if is_all(&|value| value.is_f64() || value.is_i64()) {
            return Ok(Cells::Real(values.iter().map(Value::as_f64).collect()));
        }
        let texts: Vec<Option<String>> = values.iter().map(text).collect();
        Ok(Cells::Text(TextColumn::from_cells(texts.iter().map(Option::as_deref))?))
    }
}
