//! How the dates of all tables are written.

use std::sync::Arc;

use super::date_forms::DateEvidence;
use super::dates::{DateReader, is_swappable, question};
use super::open_table::OpenTable;
use super::options::OrderOptions;
use super::seen::Seen;
use crate::error::{Error, Result};
use crate::message::{Message, opt, say};

/// What was found in each table.
#[derive(Debug, Default)]
pub(super) struct FoundDates {
    /// Of tables whose dates are to be read again.
    pub(super) readers: Vec<Option<DateReader>>,
    /// What is to be told of it.
    pub(super) told: Vec<Message>,
}

impl FoundDates {
    /// Of these tables, from what was seen of them.
    ///
    /// # Errors
    /// [`Error::question`] if day and month could be either way round.
    pub(super) fn of(tables: &[Arc<OpenTable>], seen: &mut Seen, options: &OrderOptions) -> Result<Self> {
        let mut found = Self { readers: vec![None; tables.len()], told: Vec::new() };
        if options.dates.has_format() {
            return Ok(found);
        }
        let evidence: Vec<DateEvidence> = (0..tables.len()).map(|table| seen.dates(table).clone()).collect();
        for table in tables {
            let own = &evidence[table.number];
            if let Some((day, number)) = &own.serial {
                let name = &table.shape.header()[table.columns.date];
                found.told.push(format!("`{name}` holds days as spreadsheets number them: {number} is {day}").into());
            }
            let Some((_, place, text)) = &own.first else { continue };
            // Of a column with dates of several forms none reads all.
            let is_whole = own.rows as f64 >= MOST * seen.report.rows_of(table.number) as f64;
            let reader = own.one().filter(|_| is_whole).cloned();
            let reader =
                reader.or_else(|| of_others(table, tables, &evidence).filter(|other| own.forms.contains(other)));
            let ask = |forms: &[DateReader]| {
                let (words, answers) = question(text, forms);
                Error::question(words, answers).at(place.clone()).of_value(text.clone())
            };
            match reader {
                Some(reader) if table.origin.is_rereadable() => {
                    found.told.push(told(table, &reader));
                    found.readers[table.number] = Some(reader);
                }
                Some(reader) => return Err(ask(&[reader])),
                None if is_swappable(text) => return Err(ask(&own.forms)),
                None => {}
            }
        }
        found.told.dedup();
        Ok(found)
    }

    /// Whether tables are to be read again.
    pub(super) fn is_misread(&self) -> bool {
        self.readers.iter().any(Option::is_some)
    }
}

/// The share of a table's rows that a form has to read.
const MOST: f64 = 0.9;

fn told(table: &OpenTable, reader: &DateReader) -> Message {
    let name = &table.shape.header()[table.columns.date];
    say![
        format!("`{name}` is read as "),
        opt("date_format").with(reader.format().unwrap_or_default()),
        ", the only form that fits"
    ]
}

/// The form on which all other tables with the same columns agree.
fn of_others(table: &OpenTable, tables: &[Arc<OpenTable>], evidence: &[DateEvidence]) -> Option<DateReader> {
    let same =
        tables.iter().filter(|other| other.number != table.number && other.shape.header() == table.shape.header());
    let mut forms = same.filter_map(|other| evidence[other.number].one());
    let first = forms.next()?;
    forms.all(|other| other == first).then(|| first.clone())
}
