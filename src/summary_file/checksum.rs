//! Checksums of the columns of a summary: a damaged file is not taken for other customers.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::layout::table;
use super::names::{
    AGE, CUSTOMER, FIRST_PURCHASE, FREQUENCY, GRAIN, LAST_PURCHASE, METADATA_KEY, MONETARY_VALUE, OBSERVED_UNTIL,
    ORDERS, RECENCY, TOTAL,
};
use crate::error::{Error, Result};
use crate::parallel::in_parallel;
use crate::summary::Summary;
use crate::tables::{TableColumn, hex};

/// What a table says of its columns, in the order of their rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Checksums {
    /// What it says of its times, which every checksum covers.
    pub(super) times: String,
    /// By the columns' names.
    pub(super) columns: BTreeMap<String, String>,
}

/// Hexadecimal digits of a checksum.
pub(super) const DIGITS: usize = 32;

impl Checksums {
    /// Of a whole summary whose times are told by this text.
    pub(super) fn of(summary: &Summary, times: String) -> Self {
        let columns = table(summary, true).columns;
        let columns: Vec<(String, TableColumn<'_>)> =
            columns.into_iter().filter(|(name, _)| name != GRAIN && name != OBSERVED_UNTIL).collect();
        let sums = in_parallel(columns.len(), |i| checksum(&times, &columns[i].0, &columns[i].1));
        Self { columns: columns.into_iter().map(|(name, _)| name).zip(sums).collect(), times }
    }

    /// Whether there are any.
    pub(super) fn vouch(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Compares them with those of what was read, where the column itself `was_read`. Of other columns that the user keeps, those
    /// that were read are compared.
    ///
    /// # Errors
    /// [`Error::data`] with the first column that is missing, or holds something else.
    pub(super) fn check(&self, summary: &Summary, name: &str, was_read: impl Fn(&str) -> bool) -> Result<()> {
        if !self.vouch() {
            return Ok(());
        }
        let found = Self::of(summary, self.times.clone()).columns;
        let differs = |(column, stated): &(&String, &String)| match found.get(*column) {
            Some(found) => found != *stated,
            None => STANDARD.contains(&column.as_str()),
        };
        match self.columns.iter().filter(|(column, _)| was_read(column)).find(differs) {
            Some((column, _)) => Err(Error::data(format!(
                "column `{column}` does not hold what clv wrote there: the file is damaged, or another program changed it and kept \
                 clv's note of it. Summarise the orders again; if the change is meant, write the file without `{METADATA_KEY}` in its \
                 metadata"
            )).in_file(name)),
            None => Ok(()),
        }
    }
}

/// Columns without which a summary says something else.
const STANDARD: [&str; 9] =
    [CUSTOMER, FREQUENCY, RECENCY, AGE, MONETARY_VALUE, FIRST_PURCHASE, LAST_PURCHASE, ORDERS, TOTAL];

fn checksum(times: &str, name: &str, column: &TableColumn<'_>) -> String {
    let mut hash = Sha256::new();
    text(&mut hash, Some(times));
    text(&mut hash, Some(name));
    match column {
        TableColumn::Customers(ids) => (0..ids.len()).for_each(|row| text(&mut hash, Some(&ids.text(row)))),
        TableColumn::Count(cells) => cells.iter().for_each(|cell| hash.update(cell.to_le_bytes())),
        TableColumn::Real(cells) => cells.iter().for_each(|cell| hash.update(cell.to_le_bytes())),
        TableColumn::Day(cells) => cells.iter().for_each(|cell| hash.update(cell.0.to_le_bytes())),
        TableColumn::Attribute(cells) => (0..cells.of.len()).for_each(|row| text(&mut hash, cells.text(row))),
        other => (0..other.len()).for_each(|row| text(&mut hash, Some(&other.cell(row)))),
    }
    let mut digits = hex(&hash.finalize());
    digits.truncate(DIGITS);
    digits
}

/// With its length, so that nothing moves from one cell into the next unseen.
fn text(hash: &mut Sha256, text: Option<&str>) {
    hash.update(text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
    hash.update(text.unwrap_or_default());
}
