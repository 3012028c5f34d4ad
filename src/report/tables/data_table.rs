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

    /// The number in this row, if there is one.
    pub fn number(&self, row: usize) -> Option<f64> {
        match self {
            Self::Text(_) => None,
            Self::Whole(cells) => Some(cells[row] as f64),
            Self::Real(cells) => cells[row],
        }
    }

    /// The text in this row: a number as it is.
    pub fn text(&self, row: usize) -> String {
        match self {
            Self::Text(cells) => cells[row].clone(),
            Self::Whole(cells) => cells[row].to_string(),
            Self::Real(cells) => cells[row].map_or_else(String::new, |number| number.to_string()),
        }
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

fn finite(number: f64) -> Option<f64> {
    Some(number).filter(|number| number.is_finite())
}

impl DataCells {
    fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Text(cells) => Self::Text(rows.iter().map(|&row| cells[row].clone()).collect()),
            Self::Whole(cells) => Self::Whole(rows.iter().map(|&row| cells[row]).collect()),
            Self::Real(cells) => Self::Real(rows.iter().map(|&row| cells[row]).collect()),
        }
    }
}

impl DataTable {
    /// Without columns yet.
    pub fn new(name: impl Into<String>, title: impl Into<String>) -> Self {
        Self { name: name.into(), title: title.into(), columns: Vec::new() }
    }

    /// Of a table that is written, with its columns.
    pub fn of(name: impl Into<String>, title: impl Into<String>, table: &Table<'_>) -> Self {
        let mut data = Self::new(name, title);
        for (name, column) in &table.columns {
            let cells = match column {
                TableColumn::Count(cells) => DataCells::Whole(cells.iter().map(|&count| count.into()).collect()),
                TableColumn::Integer(cells) => DataCells::Whole(cells.to_vec()),
                TableColumn::Real(cells) => DataCells::Real(cells.iter().map(|&cell| finite(cell)).collect()),
                TableColumn::MaybeReal(cells) => {
                    DataCells::Real(cells.iter().map(|cell| cell.and_then(finite)).collect())
                }
                column => DataCells::Text((0..table.rows()).map(|row| column.cell(row)).collect()),
            };
            data = data.with(name, cells);
        }
        data
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
        let cells = cells.into_iter().map(|cell| cell.into().and_then(finite));
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

    /// These rows alone.
    #[must_use]
    pub fn rows(mut self, rows: &[usize]) -> Self {
        self.columns.iter_mut().for_each(|column| column.cells = column.cells.select(rows));
        self
    }

    /// Without a column.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.columns.retain(|column| column.name != name);
        self
    }

    /// With the rows of another table below, as far as it has the columns; of others there is nothing, and zero of counts.
    #[must_use]
    pub fn stacked(mut self, other: &Self) -> Self {
        let more = other.len();
        for DataColumn { name, cells } in &mut self.columns {
            match (cells, other.column(name)) {
                (DataCells::Text(cells), Some(of)) => cells.extend((0..more).map(|row| of.text(row))),
                (DataCells::Text(cells), None) => cells.extend((0..more).map(|_| String::new())),
                (DataCells::Whole(cells), Some(DataCells::Whole(of))) => cells.extend(of),
                (DataCells::Whole(cells), _) => cells.extend((0..more).map(|_| 0)),
                (DataCells::Real(cells), of) => cells.extend((0..more).map(|row| of.and_then(|of| of.number(row)))),
            }
        }
        self
    }

    /// With nothing in these cells of a column of real numbers.
    #[must_use]
    pub fn blanked(mut self, name: &str, blank: impl Fn(usize) -> bool) -> Self {
        if let Some(DataCells::Real(cells)) = self.columns.iter_mut().find(|c| c.name == name).map(|c| &mut c.cells) {
            cells.iter_mut().enumerate().filter(|(row, _)| blank(*row)).for_each(|(_, cell)| *cell = None);
        }
        self
    }

    /// The rows in which the cell of this column is this text.
    #[must_use]
    pub fn rows_where(self, name: &str, text: &str) -> Self {
        let Some(cells) = self.column(name) else { return self };
        let kept: Vec<usize> = (0..cells.len()).filter(|&row| cells.text(row) == text).collect();
        self.rows(&kept)
    }

    /// With the texts of a column changed.
    #[must_use]
    pub fn relabelled(mut self, name: &str, label: impl Fn(&str) -> String) -> Self {
        if let Some(DataCells::Text(cells)) = self.columns.iter_mut().find(|c| c.name == name).map(|c| &mut c.cells) {
            cells.iter_mut().for_each(|cell| *cell = label(cell));
        }
        self
    }

    /// A wide table of a long one: a row each text of the column `rows`, a column each text of the column `across`, both in the
    /// order in which they come first. Of the first of the columns `cells` they are called as that text is, of the others
    /// `TEXT CELLS`. Where there is no such row there is nothing.
    #[must_use]
    pub fn pivoted(&self, rows: &str, across: &str, cells: &[&str]) -> Self {
        let mut wide = Self::new(&*self.name, &*self.title);
        let (Some(rows_of), Some(across_of)) = (self.column(rows), self.column(across)) else { return wide };
        let texts = |of: &DataCells| {
            let mut texts: Vec<String> = Vec::new();
            for text in (0..of.len()).map(|row| of.text(row)) {
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
            texts
        };
        let (heads, tops) = (texts(rows_of), texts(across_of));
        let place = |texts: &[String], text: String| texts.iter().position(|known| *known == text);
        wide = wide.text(rows, heads.iter().cloned());
        for (i, name) in cells.iter().enumerate() {
            let Some(of) = self.column(name) else { continue };
            let mut grid = vec![vec![None; heads.len()]; tops.len()];
            for row in 0..self.len() {
                let (down, right) = (place(&heads, rows_of.text(row)), place(&tops, across_of.text(row)));
                if let (Some(down), Some(right)) = (down, right) {
                    grid[right][down] = of.number(row);
                }
            }
            for (top, column) in tops.iter().zip(grid) {
                let name = if i == 0 { top.clone() } else { format!("{top} {name}") };
                wide = wide.real(&name, column);
            }
        }
        wide
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
    /// [`Error::io`].
    pub fn stage(&self, folder: &Path) -> Result<[Staged; 2]> {
        let csv = self.table().stage(&folder.join(format!("{}.csv", self.name)))?;
        let path = folder.join(format!("{}.json", self.name));
        let mut json = Staged::create(&path)?;
        serde_json::to_writer_pretty(&mut json, &self.records())
            .map_err(|error| Error::writing(path.display().to_string())(error.into()))?;
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

    #[test]
    fn long_tables_become_wide() {
        let long = DataTable::new("shares", "Shares")
            .text("cohort", ["b", "b", "a"])
            .whole("age", [0, 1, 0])
            .real("share", [1.0, 0.5, 0.75])
            .whole("complete", [1, 0, 1]);
        let wide = long.pivoted("cohort", "age", &["share", "complete"]);
        assert_eq!(
            wide.records().to_string(),
            r#"[{"0":1.0,"0 complete":1.0,"1":0.5,"1 complete":0.0,"cohort":"b"},{"0":0.75,"0 complete":1.0,"1":null,"1 complete":null,"cohort":"a"}]"#
        );
        let more = DataTable::new("more", "More").text("cohort", ["all"]).whole("age", [7]).real("share", [0.25]);
        assert_eq!(
            long.clone().stacked(&more).rows(&[0, 3]).without("complete").records().to_string(),
            r#"[{"age":0,"cohort":"b","share":1.0},{"age":7,"cohort":"all","share":0.25}]"#
        );
        let none = long.clone().blanked("share", |row| row == 1);
        assert_eq!(none.column("share").unwrap().number(1), None);
        let part = long.rows_where("cohort", "b").relabelled("cohort", str::to_uppercase);
        assert_eq!((part.len(), part.column("cohort").unwrap().text(1)), (2, "B".to_owned()));
    }
}
