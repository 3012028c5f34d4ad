//! How the amounts of all tables are written.

use std::sync::Arc;

use super::conventions::{Convention, Evidence};
use super::open_table::{Conventions, OpenTable};
use super::seen::Seen;
use crate::error::Result;
use crate::message::Message;

/// What was found in each table.
#[derive(Debug, Default)]
pub(super) struct FoundConventions {
    pub(super) conventions: Vec<Conventions>,
    misread: bool,
    /// What is to be told of it.
    pub(super) told: Vec<Message>,
}

impl FoundConventions {
    /// Of these tables, from what was seen of them.
    ///
    /// # Errors
    /// [`Error::question`](crate::Error::question) if amounts of a table contradict each other, or fit several conventions.
    pub(super) fn of(tables: &[Arc<OpenTable>], seen: &mut Seen) -> Result<Self> {
        let evidence: Vec<[Evidence; 3]> = (0..tables.len()).map(|table| seen.evidence(table).clone()).collect();
        let mut found = Self::default();
        for table in tables {
            let mut conventions = table.conventions;
            for (which, convention) in conventions.iter_mut().enumerate() {
                let Some(name) = table.amount_name(which).filter(|_| convention.is_none()) else { continue };
                let own = &evidence[table.number][which];
                *convention = match own.convention(name) {
                    // What is in doubt is written like the rest of the row, and of the export.
                    Err(question) if !own.is_contradictory() => {
                        let row = of_row(&evidence[table.number]);
                        Some(row.or_else(|| of_others(table, which, tables, &evidence)).ok_or(question)?)
                    }
                    own => own?,
                };
                let Some(convention) = *convention else { continue };
                found.misread |= own.misread(convention);
                found
                    .told
                    .extend(own.told(name, convention).map(Message::from).filter(|told| !found.told.contains(told)));
            }
            found.conventions.push(conventions);
        }
        Ok(found)
    }

    /// Whether amounts were read in another way.
    pub(super) fn is_misread(&self) -> bool {
        self.misread
    }
}

/// The convention on which the other columns of a table agree.
fn of_row(evidence: &[Evidence; 3]) -> Option<Convention> {
    agreed(evidence.iter().filter_map(|column| column.convention("").ok().flatten()))
}

/// The convention on which all other tables with the same columns agree.
fn of_others(
    table: &OpenTable,
    which: usize,
    tables: &[Arc<OpenTable>],
    evidence: &[[Evidence; 3]],
) -> Option<Convention> {
    let same =
        tables.iter().filter(|other| other.number != table.number && other.shape.header() == table.shape.header());
    agreed(same.filter_map(|other| evidence[other.number][which].convention("").ok().flatten()))
}

fn agreed(mut conventions: impl Iterator<Item = Convention>) -> Option<Convention> {
    let first = conventions.next()?;
    conventions.all(|other| other == first).then_some(first)
}
