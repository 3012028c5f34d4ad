//! Tables of the page.

use super::number::{grouped, short};
use crate::report::{DataCells, DataTable};

/// A table of the page: which columns of the data, under which headings, written how.
#[derive(Clone, Debug, PartialEq)]
pub struct PageTable {
    /// Its caption.
    pub caption: String,
    /// The numbers and texts.
    pub data: DataTable,
    /// What is shown of them, from left to right; the first column heads the rows.
    pub columns: Vec<PageColumn>,
    /// The column of the data, if there is one, that says to which horizon a row belongs: other rows are not shown.
    pub row_horizon: Option<String>,
    /// Whether a click on a heading sorts by it.
    pub sortable: bool,
    /// Whether there is a field that leaves the rows with a text.
    pub filterable: bool,
    /// Whether long texts take several lines, as words do; names of customers are clipped.
    pub wraps: bool,
    /// Whether a long table scrolls in a box of its own; on paper its first 50 rows remain.
    pub scrolls: bool,
}

/// A column of a [`PageTable`].
#[derive(Clone, Debug, PartialEq)]
pub struct PageColumn {
    /// Its name in the data.
    pub name: String,
    /// What stands above it.
    pub heading: String,
    /// How its numbers are written.
    pub format: Format,
    /// On which side its cells stand.
    pub align: Align,
    /// The horizon, by its place in the page's list, to which it belongs: shown only with it.
    pub horizon: Option<usize>,
}

/// How a cell is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As it is; of a number four significant digits.
    Plain,
    /// With so many decimals and commas between the thousands: counts with none, money with two.
    Number(u8),
    /// A share, as a percentage with so many decimals.
    Percent(u8),
}

/// On which side cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Left, as text does.
    Left,
    /// Right, as numbers do.
    Right,
}

impl PageTable {
    /// Of no columns yet, neither sortable nor filterable.
    pub fn new(caption: impl Into<String>, data: DataTable) -> Self {
        Self {
            caption: caption.into(),
            data,
            columns: Vec::new(),
            row_horizon: None,
            sortable: false,
            filterable: false,
            wraps: false,
            scrolls: false,
        }
    }

    /// With all columns of the data, under their own names.
    pub fn plain(caption: impl Into<String>, data: DataTable) -> Self {
        let names: Vec<String> = data.columns.iter().map(|column| column.name.clone()).collect();
        names.iter().fold(Self::new(caption, data), |table, name| {
            let format = match table.data.column(name) {
                Some(DataCells::Whole(_)) => Format::Number(0),
                _ => Format::Plain,
            };
            table.column(name, &name.replace('_', " "), format)
        })
    }

    /// With a column of the data; numbers stand right.
    #[must_use]
    pub fn column(mut self, name: &str, heading: &str, format: Format) -> Self {
        let align = match self.data.column(name) {
            None | Some(DataCells::Text(_)) => Align::Left,
            Some(_) => Align::Right,
        };
        let (name, heading) = (name.to_owned(), heading.to_owned());
        self.columns.push(PageColumn { name, heading, format, align, horizon: None });
        self
    }

    /// With a column that is shown only with this horizon.
    #[must_use]
    pub fn column_of(mut self, horizon: usize, name: &str, heading: &str, format: Format) -> Self {
        self = self.column(name, heading, format);
        if let Some(column) = self.columns.last_mut() {
            column.horizon = Some(horizon);
        }
        self
    }

    /// With rows that belong to the horizon named in this column of the data.
    #[must_use]
    pub fn rows_by_horizon(mut self, name: &str) -> Self {
        self.row_horizon = Some(name.to_owned());
        self
    }

    /// To be sorted by any column.
    #[must_use]
    pub fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    /// To be filtered by a text.
    #[must_use]
    pub fn filterable(mut self) -> Self {
        self.filterable = true;
        self
    }

    /// With long texts in several lines.
    #[must_use]
    pub fn wraps(mut self) -> Self {
        self.wraps = true;
        self
    }

    /// In a box that scrolls.
    #[must_use]
    pub fn scrolls(mut self) -> Self {
        self.scrolls = true;
        self
    }
}

impl Format {
    /// The cell as people read it; a dash where there is nothing.
    pub(crate) fn cell(self, cells: &DataCells, row: usize) -> String {
        match cells {
            DataCells::Text(cells) => cells[row].clone(),
            DataCells::Whole(cells) => self.number(cells[row] as f64),
            DataCells::Real(cells) => cells[row].map_or_else(|| "–".to_owned(), |number| self.number(number)),
        }
    }

    fn number(self, number: f64) -> String {
        match self {
            Self::Plain => short(number),
            Self::Number(decimals) => grouped(number, usize::from(decimals)),
            Self::Percent(decimals) => format!("{}%", grouped(100.0 * number, usize::from(decimals))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Align, Format, PageTable};
    use crate::report::DataTable;

    #[test]
    fn cells_are_written_as_asked() {
        let data = DataTable::new("t", "T").text("who", ["a"]).real("share", [0.1234]).real("none", [f64::NAN]);
        let table = PageTable::plain("T", data);
        assert_eq!(table.columns[0].align, Align::Left);
        assert_eq!(table.columns[1].align, Align::Right);
        let share = table.data.column("share").unwrap();
        assert_eq!(Format::Percent(1).cell(share, 0), "12.3%");
        assert_eq!(Format::Number(2).cell(share, 0), "0.12");
        assert_eq!(Format::Plain.cell(table.data.column("none").unwrap(), 0), "–");
    }
}
