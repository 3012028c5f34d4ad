//! The first rows of orders, as they are read.

use std::sync::Arc;

use super::columns::AmountColumns;
use super::dates::RecentDays;
use super::open_table::{OpenTable, Rows};
use super::options::OrderOptions;
use super::report::FirstRow;
use super::row_cells::{CellReader, lossy};
use super::seen::Seen;
use crate::error::Result;

/// Of a table that was read, at most so many.
pub(super) fn first_rows(table: &Arc<OpenTable>, options: &OrderOptions, most: usize) -> Result<Vec<FirstRow>> {
    if !table.origin.is_rereadable() {
        return Ok(Vec::new());
    }
    let Some(batch) = table.origin.open()?.next_batch(&table.wanted, false)? else { return Ok(Vec::new()) };
    let (mut seen, mut recent) = (Seen::new(options), RecentDays::default());
    let rows = Rows { table, block: 0, batch: &batch };
    let row = |row: usize| {
        let mut cells = CellReader { options, table, recent: &mut recent, seen: &mut seen };
        let mut number = |which| cells.number(rows, row, which).number.ok();
        let text = |column: usize| lossy(&batch.columns[column], row);
        let (written, amount) = match table.columns.amount {
            AmountColumns::Absent => (String::new(), None),
            AmountColumns::Amount(_) => (text(2), number(0)),
            AmountColumns::QuantityTimesPrice(..) => {
                let product = number(0).zip(number(1)).map(|(quantity, price)| quantity * price);
                (format!("{} x {}", text(2), text(3)), product)
            }
        };
        let day = cells.day(&batch.columns[1], row).ok().flatten();
        FirstRow { place: rows.place(row), customer: text(0), date: text(1), day, written, amount }
    };
    Ok((0..batch.places.len().min(most)).map(row).collect())
}
