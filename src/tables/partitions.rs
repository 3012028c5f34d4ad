//! Columns that the folders of a file say, of a table in parts: in every row the same.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHasher;

use super::{Batch, Cells, Input, TextColumn};
use crate::error::Result;

/// What stands beside the columns of a file.
#[derive(Debug, Default)]
pub(super) struct Partitions {
    /// Columns of the file itself.
    own: usize,
    values: Vec<String>,
}

impl Partitions {
    /// Adds the columns that folders say to those of a file, where it has none of their name.
    pub(super) fn beside(header: &mut Vec<String>, input: &Input) -> Arc<Self> {
        let mut partitions = Self { own: header.len(), values: Vec::new() };
        for (column, value) in input.partitions() {
            if !header.contains(&column) {
                header.push(column);
                partitions.values.push(value);
            }
        }
        Arc::new(partitions)
    }

    /// Whether a column is not the file's own.
    #[cfg(feature = "parquet")]
    pub(super) fn has(&self, column: usize) -> bool {
        !self.values.is_empty() && column >= self.own
    }

    /// These columns, of which some are read by `own`.
    pub(super) fn batch(&self, columns: &[usize], own: impl FnOnce(&[usize]) -> Result<Batch>) -> Result<Batch> {
        if self.values.is_empty() {
            return own(columns);
        }
        let of_file: Vec<usize> = columns.iter().copied().filter(|&column| column < self.own).collect();
        let mut batch = own(&of_file)?;
        let rows = batch.places.len();
        let mut read = std::mem::take(&mut batch.columns).into_iter();
        for &column in columns {
            batch.columns.push(match column.checked_sub(self.own) {
                None => read.next().expect("every column of the file is read"),
                Some(place) => self.column(place, rows)?,
            });
        }
        // Equal rows in two folders are not equal.
        let folder = self.hash();
        batch.fingerprints.iter_mut().for_each(|fingerprint| *fingerprint ^= folder);
        Ok(batch)
    }

    fn column(&self, place: usize, rows: usize) -> Result<Cells> {
        let value = Some(&*self.values[place]).filter(|value| !value.is_empty());
        TextColumn::from_cells(std::iter::repeat_n(value, rows)).map(Cells::Text)
    }

    fn hash(&self) -> u128 {
        let mut hasher = FxHasher::default();
        self.values.hash(&mut hasher);
        u128::from(hasher.finish()) << 32
    }
}
