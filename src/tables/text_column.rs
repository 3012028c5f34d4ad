//! A column of text in one allocation.

use std::ops::Range;
use std::sync::Arc;

use crate::error::{Error, Result};

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

    /// These cells; nothing is empty text.
    ///
    /// # Errors
    /// [`Error::data`] beyond 4 GB.
    pub fn from_cells<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Result<Self> {
        let (mut bytes, mut cells) = (Vec::new(), Vec::with_capacity(texts.size_hint().0));
        for text in texts {
            let start = bytes.len();
            bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
            match (u32::try_from(start), u32::try_from(bytes.len())) {
                (Ok(start), Ok(end)) => cells.push(start..end),
                _ => return Err(Error::data("more than 4 GB of text in one column of a block")),
            }
        }
        Ok(Self::new(Arc::new(bytes), cells))
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Cell `i`, without white space around it; of `="00123"`, by which spreadsheets keep text as it is, the text.
    pub fn get(&self, i: usize) -> &[u8] {
        let Range { start, end } = self.cells[i];
        without_formula(self.bytes[start as usize..end as usize].trim_ascii())
    }
}

/// What stands in a formula that is a text and nothing else, `="12.50"`; anything else as it is.
pub(super) fn without_formula(cell: &[u8]) -> &[u8] {
    // Nearly no cell is one.
    if cell.first() != Some(&b'=') {
        return cell;
    }
    let text = cell[1..].trim_ascii_start().strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
    text.filter(|text| !text.contains(&b'"')).map_or(cell, <[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use super::without_formula;

    #[test]
    fn formulas_that_are_texts_are_the_texts() {
        for (cell, text) in [
            ("=\"00123\"", "00123"),
            ("= \" 12.50 \"", "12.50"),
            ("=\"\"", ""),
            ("=\"", "=\""),
            ("=", "="),
            ("=1+2", "=1+2"),
            ("=\"a\"&\"b\"", "=\"a\"&\"b\""),
            ("12", "12"),
        ] {
            assert_eq!(without_formula(cell.as_bytes()), text.as_bytes(), "{cell}");
        }
    }
}
