//! Which columns of a table are an order's.

use clv::orders::{ColumnNames, Columns};
use pyo3::prelude::*;

use crate::errors::exception;
use crate::frame::Frame;

/// Numbers of the columns of an order in this header: found by their names, or as named.
#[pyfunction]
#[pyo3(signature = (name, header, customer=None, date=None, amount=None, quantity=None, price=None, without_amount=false))]
pub(crate) fn order_columns(
    name: String,
    header: Vec<String>,
    customer: Option<String>,
    date: Option<String>,
    amount: Option<String>,
    quantity: Option<String>,
    price: Option<String>,
    without_amount: bool,
) -> PyResult<Vec<usize>> {
    let names = ColumnNames { customer, date, amount, quantity, price, without_amount };
    let table = Frame::without_rows(name, header).open();
    Columns::choose(&table, &names).map(|columns| columns.numbers()).map_err(exception)
}
