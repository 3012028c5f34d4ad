//! Which columns of a table are an order's.

use clv::orders::Columns;
use pyo3::prelude::*;

use crate::errors::exception;
use crate::frame::Frame;
use crate::given::GivenColumns;

/// Numbers of the columns of an order in this header: found by their names, or as named.
#[pyfunction]
pub(crate) fn order_columns(name: String, header: Vec<String>, columns: GivenColumns) -> PyResult<Vec<usize>> {
    let table = Frame::without_rows(name, header).open();
    let choose = || Columns::choose(&table, &columns.understood()?.0);
    choose().map(|columns| columns.numbers()).map_err(exception)
}
