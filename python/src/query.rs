//! The summary as SQL.

use clv::sql::{Query, SqlOptions};
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
        let query = Query::new(options_of::<SqlOptions>(sql)?, order_options(given, false, None)?)?;
        let query = if let Some(over) = over { query.over(over) } else { query };
        if sorted { query.sorted() } else { query }.text()
    };
    text().map_err(exception)
}
