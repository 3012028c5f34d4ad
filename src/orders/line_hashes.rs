//! Hashes that tell orders apart, and the lines of one.

use std::hash::{BuildHasher, Hash, Hasher};

use rustc_hash::{FxBuildHasher, FxHasher};

use super::customers::is_nothing;
use super::open_table::Rows;
use crate::tables::Cells;

/// A hash of the order's id, the same for numbers of all types; none if there is none.
pub(super) fn order_of(cells: &Cells, row: usize) -> Option<u64> {
    // The upper bits divide the orders.
    let hash = |text: &[u8]| FxBuildHasher.hash_one(text).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    match cells {
        Cells::Text(column) => {
            let cell = column.get(row);
            let is_id = std::str::from_utf8(cell).map_or(true, |text| !is_nothing(text));
            is_id.then(|| hash(cell))
        }
        cells => cells.text(row).map(|text| hash(text.as_bytes())),
    }
}

/// A hash of what tells a line from others.
pub(super) fn item_of(rows: Rows<'_>, row: usize) -> u32 {
    let places = &rows.table.places;
    let mut hasher = FxHasher::default();
    for cells in &rows.batch.columns[places.items..places.attributes] {
        match cells {
            Cells::Text(column) => column.get(row).hash(&mut hasher),
            cells => cells.text(row).hash(&mut hasher),
        }
    }
    (hasher.finish().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}
