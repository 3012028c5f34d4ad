//! Rows that somebody holds in memory, read where they are.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use super::batch::{by_name, fingerprint};
use super::source::BytesRead;
use super::{Batch, Cells};
use crate::error::Result;

/// Rows of a block: each is decoded by one thread, and only so many are ever copied at once.
const BLOCK_ROWS: usize = 1 << 16;

/// Some rows of a table in memory.
pub trait HeldRows: fmt::Debug + Send + Sync {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// The cells of a column, by its number in the header, in these rows.
    ///
    /// # Errors
    /// [`crate::Error::data`], naming the column, if it holds neither text, numbers nor dates.
    fn cells(&self, column: usize, rows: Range<usize>) -> Result<Cells>;

    /// The number by which messages call a row, where it has one of its own; others are counted from 1.
    fn place(&self, row: usize) -> Option<u64> {
        let _ = row;
        None
    }
}

/// Rows in the order in which somebody hands them over.
pub(super) type Handed = Box<dyn Iterator<Item = Result<Arc<dyn HeldRows>>> + Send>;

/// A table in memory, all of it or bit by bit.
pub(super) struct HeldTable {
    header: Arc<Vec<String>>,
    chunks: Handed,
    open: Option<Arc<dyn HeldRows>>,
    /// The next row in the open chunk.
    next: usize,
    /// Rows of the chunks before it.
    before: usize,
    progress: BytesRead,
}

impl fmt::Debug for HeldTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldTable").field("header", &self.header).field("before", &self.before).finish_non_exhaustive()
    }
}

/// Rows that one thread reads.
#[derive(Debug)]
pub(super) struct HeldBlock {
    header: Arc<Vec<String>>,
    chunk: Arc<dyn HeldRows>,
    rows: Range<usize>,
    before: usize,
    progress: BytesRead,
}

impl HeldTable {
    pub(super) fn new(header: Vec<String>, chunks: Handed, progress: BytesRead) -> Self {
        Self { header: Arc::new(header), chunks, open: None, next: 0, before: 0, progress }
    }

    pub(super) fn next_block(&mut self) -> Result<Option<HeldBlock>> {
        loop {
            if let Some(chunk) = &self.open {
                let rows = self.next..(self.next + BLOCK_ROWS).min(chunk.rows());
                if !rows.is_empty() {
                    self.next = rows.end;
                    let (header, chunk) = (Arc::clone(&self.header), Arc::clone(chunk));
                    let progress = self.progress.clone();
                    return Ok(Some(HeldBlock { header, chunk, rows, before: self.before, progress }));
                }
                self.before += chunk.rows();
            }
            self.open = None;
            let Some(chunk) = self.chunks.next().transpose()? else { return Ok(None) };
            self.open = Some(chunk);
            self.next = 0;
        }
    }
}

impl HeldBlock {
    pub(super) fn batch(self, columns: &[usize], fingerprints: bool) -> Result<Batch> {
        let cells = |&column: &usize| self.chunk.cells(column, self.rows.clone());
        let fingerprints = if fingerprints { self.fingerprints()? } else { Vec::new() };
        let columns = columns.iter().map(cells).collect::<Result<_>>()?;
        self.progress.add(self.rows.len() as u64);
        let place = |row: usize| self.chunk.place(row).unwrap_or((self.before + row + 1) as u64);
        let places = self.rows.map(place).collect();
        Ok(Batch { columns, places, ragged: Vec::new(), fingerprints })
    }

    fn fingerprints(&self) -> Result<Vec<u128>> {
        let order = by_name(&self.header).into_iter();
        let columns: Vec<Cells> =
            order.map(|column| self.chunk.cells(column, self.rows.clone())).collect::<Result<_>>()?;
        let row =
            |row: usize| fingerprint(columns.iter().map(|cells| CellIn { cells, row }).collect::<Vec<_>>().iter());
        Ok((0..self.rows.len()).map(row).collect())
    }
}

/// One cell, to be hashed.
struct CellIn<'a> {
    cells: &'a Cells,
    row: usize,
}

impl Hash for CellIn<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.cells {
            Cells::Text(cells) => cells.get(self.row).hash(state),
            Cells::Integer(cells) => cells[self.row].hash(state),
            Cells::Real(cells) => cells[self.row].map(f64::to_bits).hash(state),
            Cells::Decimal(cells) => cells.text(self.row).hash(state),
            Cells::Date(cells) => cells[self.row].hash(state),
            Cells::Moment { micros, .. } => micros[self.row].hash(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::TableReader;

    #[derive(Debug)]
    struct Counts(Range<i64>);

    impl HeldRows for Counts {
        fn rows(&self) -> usize {
            (self.0.end - self.0.start) as usize
        }

        fn cells(&self, column: usize, rows: Range<usize>) -> Result<Cells> {
            let value = |row: usize| if column == 0 { self.0.start + row as i64 } else { 7 };
            Ok(Cells::Integer(rows.map(|row| Some(value(row))).collect()))
        }
    }

    #[test]
    fn rows_that_are_handed_over_once_are_read_once() {
        let whole: Vec<Arc<dyn HeldRows>> = vec![Arc::new(Counts(1..4)), Arc::new(Counts(4..5))];
        let header = vec!["number".to_owned()];
        let failing = whole.into_iter().map(Ok).chain([Err(crate::error::Error::data("the connection is gone"))]);
        let mut table = TableReader::handed_over("query", header, failing, &BytesRead::default());
        let rows = |batch: Option<Batch>| batch.unwrap().places;
        assert_eq!(rows(table.next_batch(&[0], false).unwrap()), [1, 2, 3]);
        assert_eq!(rows(table.next_batch(&[0], false).unwrap()), [4]);
        assert_eq!(table.next_batch(&[0], false).unwrap_err().to_string(), "the connection is gone");
        assert!(table.origin().open().unwrap_err().to_string().contains("once"));
    }

    #[test]
    fn every_row_is_read_once_and_in_its_place() {
        let lengths = [0, 3, BLOCK_ROWS as i64 + 5, 0, 1];
        let mut start = 1;
        let mut chunks: Vec<Arc<dyn HeldRows>> = Vec::new();
        for length in lengths {
            chunks.push(Arc::new(Counts(start..start + length)));
            start += length;
        }
        let progress = BytesRead::default();
        let header = vec!["number".to_owned(), "seven".to_owned()];
        let mut table = TableReader::held("frame", header, chunks, &progress);
        let mut seen = Vec::new();
        while let Some(batch) = table.next_batch(&[1, 0], true).unwrap() {
            let [Cells::Integer(sevens), Cells::Integer(numbers)] = &batch.columns[..] else { panic!("two columns") };
            assert!(sevens.iter().all(|seven| *seven == Some(7)));
            let places: Vec<Option<i64>> = batch.places.iter().map(|place| Some(*place as i64)).collect();
            assert_eq!(*numbers, places);
            seen.extend(batch.fingerprints);
        }
        assert_eq!(seen.len() as i64, start - 1);
        assert_eq!(progress.get() as i64, start - 1);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len() as i64, start - 1, "different rows have different fingerprints");
        assert_eq!(table.place(3).to_string(), "frame row 3");
    }
}
