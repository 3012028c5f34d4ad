//! The customers of a summary as they are found, column by column.

use super::names::CUSTOMER;
use crate::error::Result;
use crate::summary::CustomerIds;
use crate::tables::{Batch, Cell, Cells, TableShape, exact_ids, without_guard};

/// Customers of some rows.
pub(super) enum Ids {
    /// Whole numbers of a column of such.
    Numbers(Vec<i64>),
    /// Anything else, as text; of the type text if the column is.
    Texts { texts: Vec<String>, typed: bool },
}

impl Default for Ids {
    fn default() -> Self {
        Self::Numbers(Vec::new())
    }
}

impl Ids {
    /// The customers of a batch: by their column, or by row.
    pub(super) fn of(batch: &Batch, nameless: bool, table: &TableShape) -> Result<Self> {
        if nameless {
            return Ok(Self::Numbers(batch.places.iter().map(|place| *place as i64).collect()));
        }
        let place = |row: usize| table.place(batch.places[row]);
        let cells = exact_ids(&batch.columns[0], place)?;
        if let Cells::Integer(cells) = &*cells
            && let Some(numbers) = cells.iter().copied().collect::<Option<Vec<i64>>>()
        {
            return Ok(Self::Numbers(numbers));
        }
        let typed = table.is_typed() && matches!(batch.columns[0], Cells::Text(_));
        let cell = |row: usize| Cell { cells: &cells, row, name: CUSTOMER, place: move || place(row) };
        let plain = |id: String| if table.is_typed() { id } else { without_guard(&id).to_owned() };
        let texts = (0..batch.places.len()).map(|row| cell(row).text().map(plain));
        Ok(Self::Texts { texts: texts.collect::<Result<_>>()?, typed })
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Numbers(numbers) => numbers.is_empty(),
            Self::Texts { texts, .. } => texts.is_empty(),
        }
    }

    fn into_texts(self) -> (Vec<String>, bool) {
        match self {
            Self::Numbers(numbers) => (numbers.iter().map(i64::to_string).collect(), false),
            Self::Texts { texts, typed } => (texts, typed),
        }
    }

    /// Adds those of the rows that follow.
    pub(super) fn append(&mut self, other: Self) {
        *self = match (std::mem::take(self), other) {
            (Self::Numbers(mut all), Self::Numbers(others)) => {
                all.extend(others);
                Self::Numbers(all)
            }
            (all, others) => {
                let ((mut texts, typed), (others, others_typed)) = (all.into_texts(), others.into_texts());
                texts.extend(others);
                Self::Texts { texts, typed: typed || others_typed }
            }
        };
    }

    /// Numbers if all are, unless they are known to be text.
    pub(super) fn finished(self) -> CustomerIds {
        match self {
            Self::Numbers(numbers) => CustomerIds::Number(numbers),
            Self::Texts { texts, typed } => {
                let reals = texts.iter().any(|id| id.ends_with(".0"));
                match CustomerIds::new(texts.iter().map(String::as_str).collect()) {
                    // Text like `13085.0` was a number once.
                    numbers if !typed || reals => numbers,
                    _ => CustomerIds::Text(texts.into_iter().map(String::into_boxed_str).collect()),
                }
            }
        }
    }
}

/// One that appears twice.
pub(super) fn repeated(ids: &CustomerIds) -> Option<String> {
    fn first<T: Ord + Clone>(mut ids: Vec<T>) -> Option<T> {
        if !ids.is_sorted() {
            ids.sort_unstable();
        }
        ids.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone())
    }
    match ids {
        CustomerIds::Number(numbers) => first(numbers.clone()).map(|number| number.to_string()),
        CustomerIds::Unsigned(numbers) => first(numbers.clone()).map(|number| number.to_string()),
        CustomerIds::Text(texts) => first(texts.iter().collect()).map(|text| text.to_string()),
    }
}
