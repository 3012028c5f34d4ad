//! How customers are written: what tells whether `13085.0` is the number 13085.

use crate::summary::whole_number;

/// The forms of the ids in one column of text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct IdForms {
    /// Some are whole numbers with zeros after a decimal point.
    reals: bool,
    /// Some are no whole numbers.
    names: bool,
    /// The column is known to be text.
    text: bool,
}

impl IdForms {
    /// Takes note of an id that is not written as whole numbers are.
    pub(super) fn see(&mut self, id: &str) {
        // Most ids end here: they are names like those before.
        if self.names && !id.ends_with('0') {
            return;
        }
        match whole_number(id) {
            None => self.names = true,
            Some(whole) => self.reals |= whole.len() < id.len(),
        }
    }

    /// Takes note that the column is of the type text.
    pub(super) fn see_text(&mut self) {
        self.text = true;
    }

    /// Of all rows of a table.
    pub(super) fn and(self, other: Self) -> Self {
        Self { reals: self.reals || other.reals, names: self.names || other.names, text: self.text || other.text }
    }
}

/// What the ids of several tables are.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdKind {
    /// Ids like `13085.0` are whole numbers: where they stand, nothing else does.
    pub(super) reals_are_whole: bool,
    /// Ids are text even if all look like numbers.
    pub(super) text: bool,
}

impl IdKind {
    pub(super) fn of(tables: &[IdForms]) -> Self {
        let reals = tables.iter().filter(|forms| forms.reals);
        let reals_are_whole = reals.clone().next().is_some() && reals.clone().all(|forms| !forms.names);
        // Text like `13085.0` was a number once.
        Self { reals_are_whole, text: tables.iter().any(|forms| forms.text && !(forms.reals && reals_are_whole)) }
    }
}
