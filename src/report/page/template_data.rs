//! Charts and tables as the template takes them: every cell is text already.

use std::collections::BTreeMap;

use serde::Serialize;

use super::visible::visible;
use crate::error::{Error, Result};
use crate::report::tables::view::{Align, TableView};
use crate::report::{Chart, DataCells, ViewColumn};

/// Rows of a chart's data that are in the page as a table, for each horizon.
const CHART_ROWS: usize = 200;
/// Rows of a long table that are printed.
const PRINTED_ROWS: usize = 50;
/// A text of more characters may be clipped; the whole of it is in a hint.
const SHORT_TEXT: usize = 24;

#[derive(Serialize)]
pub(crate) struct TemplateChart {
    id: String,
    title: String,
    words: String,
    by_horizon: bool,
    data: TemplateTable,
}

#[derive(Serialize)]
pub(crate) struct TemplateTable {
    id: String,
    caption: String,
    headings: Vec<Heading>,
    rows: Vec<Row>,
    sortable: bool,
    filterable: bool,
    scrolls: bool,
    /// Said below it if not all rows are there, or not all are printed.
    capped: String,
    printed: String,
}

#[derive(Serialize)]
struct Heading {
    text: String,
    numbers: bool,
    right: bool,
    horizon: Option<usize>,
}

#[derive(Serialize)]
struct Row {
    horizon: Option<usize>,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    text: String,
    long: bool,
    /// By which numbers are sorted.
    value: Option<f64>,
}

impl TemplateChart {
    pub(crate) fn of(chart: &Chart, horizons: &[String]) -> Result<Self> {
        let mut table = TableView::plain(format!("{}: data", chart.title), chart.data.clone()).scrolls();
        let by_horizon = chart.data.column("horizon").is_some();
        table.row_horizon = by_horizon.then(|| "horizon".to_owned());
        Ok(Self {
            id: chart.id.clone(),
            title: visible(&chart.title),
            words: visible(&chart.words),
            by_horizon,
            data: TemplateTable::of(&table, format!("{}-data", chart.id), horizons, Some(CHART_ROWS))?,
        })
    }
}

impl TemplateTable {
    /// The table with at most so many rows for each horizon.
    pub(crate) fn of(table: &TableView, id: String, horizons: &[String], most: Option<usize>) -> Result<Self> {
        let columns: Vec<&DataCells> =
            table.columns.iter().map(|column| cells(table, &column.name)).collect::<Result<_>>()?;
        let belongs = row_horizons(table, horizons)?;
        let mut taken = BTreeMap::<Option<usize>, usize>::new();
        let mut rows = Vec::new();
        for (row, &horizon) in belongs.iter().enumerate() {
            let count = taken.entry(horizon).or_default();
            *count += 1;
            if most.is_none_or(|most| *count <= most) {
                rows.push(Row { horizon, cells: table_row(table, &columns, row) });
            }
        }
        let longest = taken.values().copied().max().unwrap_or_default();
        let long = |most: usize, what: &str| {
            if longest > most { format!("The first {most} of {longest} rows{what}.") } else { String::new() }
        };
        Ok(Self {
            id,
            caption: visible(&table.caption),
            headings: table.columns.iter().zip(&columns).map(|(column, cells)| heading(column, cells)).collect(),
            rows,
            sortable: table.sortable,
            filterable: table.filterable,
            scrolls: table.scrolls,
            capped: most.map_or_else(String::new, |most| long(most, "")),
            printed: if table.scrolls { long(PRINTED_ROWS, " are printed") } else { String::new() },
        })
    }
}

fn cells<'a>(table: &'a TableView, name: &str) -> Result<&'a DataCells> {
    let missing = || Error::data(format!("table `{}` of the page has no column `{name}`", table.data.name));
    table.data.column(name).ok_or_else(missing)
}

/// To which horizon each row belongs.
fn row_horizons(table: &TableView, horizons: &[String]) -> Result<Vec<Option<usize>>> {
    let Some(name) = &table.row_horizon else { return Ok(vec![None; table.data.len()]) };
    match cells(table, name)? {
        DataCells::Text(labels) => {
            let place = |label: &String| horizons.iter().position(|horizon| *horizon == visible(label));
            Ok(labels.iter().map(place).collect())
        }
        _ => Err(Error::data(format!("column `{name}` of table `{}` is no text", table.data.name))),
    }
}

fn heading(column: &ViewColumn, cells: &DataCells) -> Heading {
    let numbers = !matches!(cells, DataCells::Text(_));
    Heading { text: visible(&column.heading), numbers, right: column.align == Align::Right, horizon: column.horizon }
}

/// Type has a minus as wide as a digit, where a terminal has the hyphen that programs read.
fn with_true_minus(number: &str) -> String {
    number.replace('-', "−")
}

fn table_row(table: &TableView, columns: &[&DataCells], row: usize) -> Vec<Cell> {
    let cell = |(column, cells): (&ViewColumn, &&DataCells)| {
        let text = table.cell(column, row).unwrap_or_else(|| "–".to_owned());
        let text = if matches!(cells, DataCells::Text(_)) { visible(&text) } else { with_true_minus(&text) };
        let value = cells.number(row);
        let long = !table.wraps && text.chars().nth(SHORT_TEXT).is_some();
        Cell { long, value: value.filter(|_| table.sortable), text }
    };
    table.columns.iter().zip(columns).map(cell).collect()
}
