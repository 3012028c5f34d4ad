//! Tables of customers, of which covariates are columns.

use clv::Result;
use clv::customer_table::{CustomerTable, Joined};
use pyo3::prelude::*;

use crate::summary::Source;

/// A table, the columns of it that are wanted, and the one with the customer, if that was named.
#[derive(FromPyObject)]
pub(crate) struct CustomerColumns(Source, Vec<String>, Option<String>);

impl CustomerColumns {
    pub(crate) fn read(&self) -> Result<CustomerTable> {
        let Self(source, columns, customer) = self;
        CustomerTable::read(&mut source.open()?, customer.as_deref(), columns)
    }
}

/// Says of how many customers the table says nothing, if there are any.
pub(crate) fn without_rows(table: &CustomerTable, joined: Joined) -> Option<String> {
    let (example, customers) = (joined.example?, joined.without);
    let of = if customers == 1 { "customer" } else { "customers" };
    let (name, columns) = (table.name(), table.columns().join(", "));
    Some(format!(
        "{customers} {of} without a row in {name}, such as `{example}`: of them {columns} is not known, which is a level of its own"
    ))
}
