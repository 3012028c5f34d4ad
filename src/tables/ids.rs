//! Columns of customers: an id is never a floating number on its way.

use std::borrow::Cow;

use super::{Cells, TextColumn};
use crate::error::{Error, Place, Result};

/// Beyond this a floating number has lost digits of the whole number that it was.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// The ids of a column, so that none is a floating number on its way.
///
/// # Errors
/// [`Error::data`] with the place of a floating number that has lost digits.
pub(crate) fn exact_ids<'a>(cells: &'a Cells, place: impl Fn(usize) -> Place) -> Result<Cow<'a, Cells>> {
    match cells {
        Cells::Real(numbers) => {
            if let Some(row) = numbers.iter().position(|number| number.is_some_and(|id| id.abs() >= LARGEST_WHOLE)) {
                let number = numbers[row].unwrap_or_default();
                return Err(Error::data(format!(
                    "the customer is the floating-point number {number}, which has lost digits of what it was; hand ids over as text or \
                     whole numbers"
                ))
                .at(place(row)));
            }
            Ok(Cow::Borrowed(cells))
        }
        Cells::Decimal(numbers) => {
            let texts: Vec<Option<String>> = (0..numbers.len()).map(|row| numbers.text(row)).collect();
            Ok(Cow::Owned(Cells::Text(TextColumn::from_cells(texts.iter().map(Option::as_deref))?)))
        }
        _ => Ok(Cow::Borrowed(cells)),
    }
}
