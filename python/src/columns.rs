//! The list of columns.

use clv::columns::{Column, DESCRIPTION, ON_REQUEST, PREDICTION, SUMMARY, TOTALS};
use clv::tables::TableColumn;
use pyo3::prelude::*;

use crate::errors::exception;
use crate::table::Table;

/// The name of a cell's column, and what it is of a column.
type Of = (&'static str, fn(&Column) -> String);

/// Every column of every table of customers, and of totals.
#[pyfunction]
pub(crate) fn columns() -> PyResult<Table> {
    const TABLES: [(&str, &[Column]); 5] = [
        ("summary", SUMMARY),
        ("prediction", PREDICTION),
        ("on request", ON_REQUEST),
        ("totals", TOTALS),
        ("description", DESCRIPTION),
    ];
    const CELLS: [Of; 6] = [
        ("column", Column::example),
        ("meaning", |column| column.meaning.to_owned()),
        ("formula", |column| column.formula.to_owned()),
        ("unit", |column| column.unit.name().to_owned()),
        ("source", |column| column.source.to_owned()),
        ("option", |column| column.option.unwrap_or_default().to_owned()),
    ];
    let all = || TABLES.iter().flat_map(|(name, columns)| columns.iter().map(move |column| (*name, column)));
    let names: Vec<String> = all().map(|(name, _)| name.to_owned()).collect();
    let cells = CELLS.map(|(name, of)| (name, all().map(|(_, column)| of(column)).collect::<Vec<String>>()));
    let mut table = clv::tables::Table::default();
    table.push("table", TableColumn::Text(&names));
    for (name, cells) in &cells {
        table.push(*name, TableColumn::Text(cells));
    }
    Table::of(&table).map_err(exception)
}
