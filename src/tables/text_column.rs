//! A column of text in one allocation.

use std::ops::Range;
use std::sync::Arc;

/// Text cells, each a part of bytes that several columns may share.
#[derive(Clone, Debug, Default)]
pub struct TextColumn {
    bytes: Arc<Vec<u8>>,
    cells: Vec<Range<u32>>,
}

impl TextColumn {
    /// Cells in these places, which fit into 32 bits.
    pub(super) fn new(bytes: Arc<Vec<u8>>, cells: Vec<Range<u32>>) -> Self {
        Self { bytes, cells }
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Cell `i`, without white space around it.
    pub fn get(&self, i: usize) -> &[u8] {
        let Range { start, end } = self.cells[i];
        self.bytes[start as usize..end as usize].trim_ascii()
    }
}
