//! Small tables: what a chart shows, what the command prints, what `--tables` writes.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::tables::{Staged, Table, TableColumn};

/// Named columns of equal length, and what they are together.
#[derive(Clone, Debug, PartialEq)]
pub struct DataTable {
    /// Name of its files, in lower case with dashes.
    pub name: String,
    /// What it shows, for people.
    pub title: String,
    /// Its columns.
    pub columns: Vec<DataColumn>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct DataColumn {
    /// Its name, in the field's words.
    pub name: String,
    /// Its cells.
    pub cells: DataCells,
}

/// Cells of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum DataCells {
    /// Text.
    Text(Vec<String>),
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Real numbers, or nothing where there is none; never an infinite one.
    Real(Vec<Option<f64>>),
}

impl DataCells {
    /// Number of cells.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Whole(cells) => cells.len(),
            Self::Real(cells) => cells.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cell in this row, as JSON.
    pub fn value(&self, row: usize) -> Value {
        match self {
            Self::Text(cells) => Value::from(&*cells[row]),
            Self::Whole(cells) => Value::from(cells[row]),
            Self::Real(cells) => Value::from(cells[row]),
        }
    }
}

impl DataTable {
    /// Without columns yet.
    pub fn new(name: impl Into<String>, title: impl Into<String>) -> Self {
        Self { name: name.into(), title: title.into(), columns: Vec::new() }
    }

    /// With a column of text.
    #[must_use]
    pub fn text<T: Into<String>>(self, name: &str, cells: impl IntoIterator<Item = T>) -> Self {
        self.with(name, DataCells::Text(cells.into_iter().map(Into::into).collect()))
    }

    /// With a column of counts.
    #[must_use]
    pub fn whole(self, name: &str, cells: impl IntoIterator<Item = u64>) -> Self {
        let cells = cells.into_iter().map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        self.with(name, DataCells::Whole(cells.collect()))
    }

    /// With a column of real numbers, some of which may be missing; what is not finite is.
    #[must_use]
    pub fn real<T: Into<Option<f64>>>(self, name: &str, cells: impl IntoIterator<Item = T>) -> Self {
        let cells = cells.into_iter().map(|cell| cell.into().filter(|number| number.is_finite()));
        self.with(name, DataCells::Real(cells.collect()))
    }

    fn with(mut self, name: &str, cells: DataCells) -> Self {
        debug_assert!(
            self.columns.first().is_none_or(|first| first.cells.len() == cells.len()),
            "{}: {name}",
            self.name
        );
        self.columns.push(DataColumn { name: name.to_owned(), cells });
        self
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The column with this name.
    pub fn column(&self, name: &str) -> Option<&DataCells> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.cells)
    }

    /// Its rows as JSON: an array with an object a row.
    pub fn records(&self) -> Value {
        let record = |row: usize| {
            let cells = self.columns.iter().map(|column| (column.name.clone(), column.cells.value(row)));
            Value::Object(cells.collect::<Map<String, Value>>())
        };
        (0..self.len()).map(record).collect()
    }

    /// The form in which tables are written.
    pub fn table(&self) -> Table<'_> {
        let mut table = Table::default();
        for column in &self.columns {
            let cells = match &column.cells {
                DataCells::Text(cells) => TableColumn::Text(cells),
                DataCells::Whole(cells) => TableColumn::Integer(cells),
                DataCells::Real(cells) => TableColumn::MaybeReal(cells),
            };
            table.push(&*column.name, cells);
        }
        table
    }

    /// Begins its two files in a folder, `NAME.csv` and `NAME.json`; nothing is in place before the commit.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn stage(&self, folder: &Path) -> Result<[Staged; 2]> {
        let csv = self.table().stage(&folder.join(format!("{}.csv", self.name)))?;
        let path = folder.join(format!("{}.json", self.name));
        let mut json = Staged::create(&path)?;
        serde_json::to_writer_pretty(&mut json, &self.records())
            .map_err(|error| Error::io(format!("cannot write {}", path.display()))(error.into()))?;
        Ok([csv, json])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_number_is_nothing() {
        let table = DataTable::new("errors", "Errors")
            .text("of", ["a", "b, \"c\""])
            .whole("customers", [3, 0])
            .real("error", [0.5, f64::NAN]);
        assert_eq!(
            table.records().to_string(),
            r#"[{"customers":3,"error":0.5,"of":"a"},{"customers":0,"error":null,"of":"b, \"c\""}]"#
        );
        let mut csv = Vec::new();
        table.table().write_csv(&mut csv, "memory").unwrap();
        assert_eq!(String::from_utf8(csv).unwrap(), "of,customers,error\na,3,0.5\n\"b, \"\"c\"\"\",0,\n");
    }
}
