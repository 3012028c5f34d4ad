//! A chart: data, how they are drawn, and how to read it.

use serde_json::{Map, Value, json};

use crate::report::page::visible::visible;
use crate::report::{DataCells, DataTable};

/// A chart of the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Its name in the page, in lower case with dashes; no two may have the same.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// How to read it, in a sentence or two; what screen readers say of it, too.
    pub words: String,
    /// What it shows, in numbers.
    pub data: DataTable,
    /// How it is drawn: Vega-Lite without data, which are under the name `table`. A parameter `horizon` is set by the
    /// page.
    pub spec: Value,
}

impl Chart {
    /// Of the data, under their title and name.
    pub(crate) fn new(data: &DataTable, words: &str, spec: Value) -> Self {
        let (id, title) = (data.name.clone(), data.title.clone());
        Self { id, title, words: words.to_owned(), data: data.clone(), spec }
    }

    /// What the page's script takes: the data column by column, since names once are enough.
    pub(crate) fn embedded(&self) -> Value {
        let columns: Map<String, Value> =
            self.data.columns.iter().map(|column| (column.name.clone(), cells(&column.cells))).collect();
        let description = format!("{}. {}", self.title, self.words);
        json!({"id": self.id, "description": visible(&description), "columns": columns, "spec": self.spec})
    }
}

fn cells(cells: &DataCells) -> Value {
    match cells {
        DataCells::Text(cells) => cells.iter().map(|text| visible(text)).collect(),
        DataCells::Whole(cells) => cells.iter().copied().collect(),
        DataCells::Real(cells) => cells.iter().map(|cell| cell.map(rounded)).collect(),
    }
}

/// Six significant digits are more than a screen shows.
pub(crate) fn rounded(number: f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(number)
}
