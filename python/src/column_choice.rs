//! Which columns of a table are an order's.

use clv::message::Opt;
use clv::orders::{ColumnNames, Columns};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::Arguments;
use crate::errors::exception;
use crate::frame::Frame;

/// Numbers of the columns of an order in this header: found by their names, or as the options of orders name them.
#[pyfunction]
pub(crate) fn order_columns(
    name: String,
    header: Vec<String>,
    given: &Bound<'_, PyDict>,
    amount_is_optional: bool,
) -> PyResult<Vec<usize>> {
    let table = Frame::without_rows(name, header).open();
    let names = Arguments::of(given)?.take::<ColumnNames>().map_err(exception)?;
    let names = ColumnNames { optional_amount: amount_is_optional, ..names };
    Columns::choose(&table, &names).map(|columns| columns.numbers()).map_err(exception)
}

/// The columns that those of orders may be by their names, by role, if some are not recognised and all may be told.
#[pyfunction]
pub(crate) fn guessed_columns(header: Vec<String>, given: &Bound<'_, PyDict>) -> PyResult<Vec<(String, String)>> {
    let table = Frame::without_rows("orders".to_owned(), header).open();
    let names = Arguments::of(given)?.take::<ColumnNames>().map_err(exception)?;
    let guesses = Columns::guesses(&table, &names).map_err(exception)?;
    let name = |guess: &Opt| guess.value().map(ToString::to_string).unwrap_or_default();
    Ok(guesses.iter().map(|guess| (guess.name().to_owned(), name(guess))).collect())
}
