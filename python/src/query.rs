//! The summary as SQL.

use clv::Result;
use clv::sql::{ORDER_AMOUNT, ORDER_DAY, Query, SqlOptions};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::options_of;
use crate::errors::exception;
use crate::orders::order_options;

/// A query with these options, and these of the orders; in place of a table there may be a query.
#[pyfunction]
#[pyo3(signature = (sql, given, over=None, sorted=false))]
pub(crate) fn query(
    sql: &Bound<'_, PyDict>,
    given: &Bound<'_, PyDict>,
    over: Option<&str>,
    sorted: bool,
) -> PyResult<String> {
    let text = || {
        let query = made(sql, given, over)?;
        if sorted { query.sorted() } else { query }.text()
    };
    text().map_err(exception)
}

/// The query for the orders alone, and the names of its columns with their day and their amount.
#[pyfunction]
#[pyo3(signature = (sql, given, over=None))]
pub(crate) fn query_of_orders(
    sql: &Bound<'_, PyDict>,
    given: &Bound<'_, PyDict>,
    over: Option<&str>,
) -> PyResult<(String, &'static str, &'static str)> {
    let text = made(sql, given, over).and_then(|query| query.orders_text());
    text.map(|text| (text, ORDER_DAY, ORDER_AMOUNT)).map_err(exception)
}

/// The query for what became of the rows.
#[pyfunction]
#[pyo3(signature = (sql, given, over=None))]
pub(crate) fn query_of_audit(
    sql: &Bound<'_, PyDict>,
    given: &Bound<'_, PyDict>,
    over: Option<&str>,
) -> PyResult<String> {
    made(sql, given, over).and_then(|query| query.audit_text()).map_err(exception)
}

fn made(sql: &Bound<'_, PyDict>, given: &Bound<'_, PyDict>, over: Option<&str>) -> Result<Query> {
    let query = Query::new(options_of::<SqlOptions>(sql)?, order_options(given, false, None)?)?;
    Ok(if let Some(over) = over { query.over(over) } else { query })
}
