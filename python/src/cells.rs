//! Columns of Arrow as the engine reads them.

use std::ops::Range;

use arrow_array::ArrayRef;
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{ArrowError, DataType, Fields};
use clv::tables::arrow::cells;
use clv::tables::{Cells, HeldRows};
use clv::{Error, Result};

/// Rows of a frame: a column may be left out, if nobody reads it.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) name: String,
    pub(crate) fields: Fields,
    pub(crate) columns: Vec<Option<ArrayRef>>,
    pub(crate) rows: usize,
}

impl HeldRows for Chunk {
    fn rows(&self) -> usize {
        self.rows
    }

    fn cells(&self, column: usize, rows: Range<usize>) -> Result<Cells> {
        let field = &self.fields[column];
        let refuse =
            |what: &dyn std::fmt::Display| Error::data(format!("{}: column `{}` {what}", self.name, field.name()));
        let array = self.columns[column].as_ref().ok_or_else(|| refuse(&"was not handed over"))?;
        cells(field, &array.slice(rows.start, rows.len())).map_err(|what| refuse(&what))
    }
}

/// Without a cell that does not fit becoming none.
pub(crate) fn cast(array: &ArrayRef, kind: &DataType) -> std::result::Result<ArrayRef, ArrowError> {
    cast_with_options(array, kind, &CastOptions { safe: false, ..CastOptions::default() })
}
