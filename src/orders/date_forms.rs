//! In which form the dates of a table are written, where they are not ISO 8601.

use rustc_hash::FxHashSet;

use super::dates::{DateReader, forms, is_swappable};
use crate::error::Place;
use crate::summary::Day;

/// Dates of a table that cannot be read as they stand, and the forms that read all of them.
#[derive(Clone, Debug, Default)]
pub(super) struct DateEvidence {
    pub(super) rows: u64,
    /// The first of them, with its block and its place.
    pub(super) first: Option<(usize, Place, String)>,
    pub(super) forms: Vec<DateReader>,
    /// Texts met before, of which there are few.
    known: FxHashSet<String>,
    /// The earliest day that is a number as spreadsheets have it, and the number.
    pub(super) serial: Option<(Day, String)>,
}

/// Texts that are remembered.
const MOST_KNOWN: usize = 1 << 14;

impl DateEvidence {
    /// Takes note of a text in a block; blocks come in ascending order.
    pub(super) fn see(&mut self, text: &str, block: usize, place: impl FnOnce() -> Place) {
        self.rows += 1;
        if self.first.is_none() {
            self.first = Some((block, place(), text.to_owned()));
            self.forms = forms(text);
        }
        if self.known.contains(text) {
            return;
        }
        self.forms.retain(|form| form.reads(text));
        if self.known.len() < MOST_KNOWN {
            self.known.insert(text.to_owned());
        }
    }

    /// Takes note of a day as spreadsheets number them.
    pub(super) fn see_serial(&mut self, text: &str, day: Day) {
        if self.serial.as_ref().is_none_or(|(known, _)| day < *known) {
            self.serial = Some((day, text.to_owned()));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        if let Some((day, text)) = &other.serial {
            self.see_serial(text, *day);
        }
        let Some((block, ..)) = &other.first else { return };
        match &self.first {
            None => self.forms = other.forms,
            Some(_) => self.forms.retain(|form| other.forms.contains(form)),
        }
        if self.first.as_ref().is_none_or(|(own, ..)| block < own) {
            self.first = other.first;
        }
    }

    /// The one form that reads them all; forms with names of months that read the same differ in nothing.
    pub(super) fn one(&self) -> Option<&DateReader> {
        let (_, _, first) = self.first.as_ref()?;
        match &self.forms[..] {
            [one] => Some(one),
            [one, ..] if !is_swappable(first) => Some(one),
            _ => None,
        }
    }
}
