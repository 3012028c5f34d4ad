//! How a table is shown, on the page and on the terminal: which columns, under which headings, written how.

use super::data_table::{DataCells, DataTable};
use crate::number_format::{grouped, parameter, percent, short, signed_percent};

/// A table as people see it: which columns of the data, under which headings, written how.
#[derive(Clone, Debug, PartialEq)]
pub struct TableView {
    /// Its caption.
    pub caption: String,
    /// The numbers and texts.
    pub data: DataTable,
    /// What is shown of them, from left to right; the first column heads the rows.
    pub columns: Vec<ViewColumn>,
    /// The column of the data, if there is one, that says to which horizon a row belongs: the page shows the rows of one horizon.
    pub row_horizon: Option<String>,
    /// Whether a click on a heading of the page sorts by it.
    pub sortable: bool,
    /// Whether the page has a field that leaves the rows with a text.
    pub filterable: bool,
    /// Whether long texts take several lines on the page, as words do; names of customers are clipped.
    pub wraps: bool,
    /// Whether a long table scrolls in a box of its own; on paper its first 50 rows remain.
    pub scrolls: bool,
}

/// A column of a [`TableView`].
#[derive(Clone, Debug, PartialEq)]
pub struct ViewColumn {
    /// Its name in the data.
    pub name: String,
    /// What stands above it.
    pub heading: String,
    /// How its numbers are written.
    pub format: Format,
    /// What stands in its cells beside them.
    pub beside: Beside,
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
    /// By how much something is off, as a percentage with its sign.
    SignedPercent(u8),
    /// A parameter of a model, or its error: four decimals, or four digits where it is very small or large.
    Parameter,
    /// A chance that may be too small to show: three decimals, or `<.001`.
    PValue,
}

/// What other columns of the data add to a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// A number in brackets, from the column of this name: `0.2426 (0.0126)`.
    InBrackets(String),
    /// The ends of an interval, from two columns: `12.64 (10.75 to 14.53)`.
    Interval(String, String),
    /// A star where the column of this name has 0: what it counts is not over yet.
    StarUnless(String),
}

/// On which side cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Left, as text does.
    Left,
    /// Right, as numbers do.
    Right,
}

impl TableView {
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
    pub fn column(self, name: &str, heading: &str, format: Format) -> Self {
        self.column_beside(name, heading, format, Beside::Nothing)
    }

    /// With a column of the data to which others add something.
    #[must_use]
    pub fn column_beside(mut self, name: &str, heading: &str, format: Format, beside: Beside) -> Self {
        let align = match self.data.column(name) {
            None | Some(DataCells::Text(_)) => Align::Left,
            Some(_) => Align::Right,
        };
        let (name, heading) = (name.to_owned(), heading.to_owned());
        self.columns.push(ViewColumn { name, heading, format, beside, align, horizon: None });
        self
    }

    /// With a column of estimates with the ends of their intervals, in the columns `NAME_loPERCENT` and `NAME_hiPERCENT`.
    #[must_use]
    pub fn column_with_interval(self, name: &str, heading: &str, format: Format, percent: &str) -> Self {
        let ends = Beside::Interval(format!("{name}_lo{percent}"), format!("{name}_hi{percent}"));
        self.column_beside(name, heading, format, ends)
    }

    /// With the cells of the last column on this side.
    #[must_use]
    pub fn aligned(mut self, align: Align) -> Self {
        if let Some(column) = self.columns.last_mut() {
            column.align = align;
        }
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

    /// The cell of a column in a row, as people read it; none where there is nothing.
    pub fn cell(&self, column: &ViewColumn, row: usize) -> Option<String> {
        let format = |name: &str| self.data.column(name).and_then(|cells| column.format.cell(cells, row));
        let text = format(&column.name)?;
        Some(match &column.beside {
            Beside::Nothing => text,
            Beside::InBrackets(name) => format(name).map_or(text.clone(), |other| format!("{text} ({other})")),
            Beside::Interval(low, high) => match format(low).zip(format(high)) {
                Some((low, high)) => format!("{text} ({low} to {high})"),
                None => text,
            },
            Beside::StarUnless(name) => match self.data.column(name).and_then(|cells| cells.number(row)) {
                Some(0.0) => text + "*",
                _ => text + " ",
            },
        })
    }
}

impl Format {
    /// The cell as people read it; none where there is nothing.
    pub fn cell(self, cells: &DataCells, row: usize) -> Option<String> {
        match cells {
            DataCells::Text(cells) => Some(cells[row].clone()),
            _ => cells.number(row).map(|number| self.number(number)),
        }
    }

    /// The number as people read it.
    pub fn number(self, number: f64) -> String {
        match self {
            Self::Plain => short(number),
            Self::Number(decimals) => grouped(number, usize::from(decimals)),
            Self::Percent(decimals) => percent(number, usize::from(decimals)),
            Self::SignedPercent(decimals) => signed_percent(number, usize::from(decimals)),
            Self::Parameter => parameter(number),
            Self::PValue if number < 0.0005 => "<.001".to_owned(),
            Self::PValue => grouped(number, 3),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Align, Beside, DataTable, Format, TableView};

    #[test]
    fn cells_are_written_as_asked() {
        let data = DataTable::new("t", "T").text("who", ["a"]).real("share", [0.1234]).real("none", [f64::NAN]);
        let table = TableView::plain("T", data);
        assert_eq!(table.columns[0].align, Align::Left);
        assert_eq!(table.columns[1].align, Align::Right);
        let share = table.data.column("share").unwrap();
        let written = |format: Format| format.cell(share, 0).unwrap();
        assert_eq!(written(Format::Percent(1)), "12.3%");
        assert_eq!(written(Format::SignedPercent(1)), "+12.3%");
        assert_eq!(written(Format::Number(2)), "0.12");
        assert_eq!(written(Format::PValue), "0.123");
        assert_eq!(Format::PValue.number(0.0004), "<.001");
        assert_eq!(Format::Plain.cell(table.data.column("none").unwrap(), 0), None);
    }

    #[test]
    fn other_columns_stand_beside() {
        let data = DataTable::new("t", "T")
            .real("rate", [0.5, 0.25])
            .real("rate_lo95", [Some(0.4), None])
            .real("rate_hi95", [Some(0.6), None])
            .whole("complete", [0, 1]);
        let star = Beside::StarUnless("complete".to_owned());
        let table = TableView::new("T", data)
            .column_with_interval("rate", "rate", Format::Percent(0), "95")
            .column_beside("rate", "rate", Format::Percent(0), star)
            .column_beside("rate", "rate", Format::Number(2), Beside::InBrackets("rate_lo95".to_owned()));
        let row = |row: usize| table.columns.iter().map(|column| table.cell(column, row).unwrap()).collect::<Vec<_>>();
        assert_eq!(row(0), ["50% (40% to 60%)", "50%*", "0.50 (0.40)"]);
        assert_eq!(row(1), ["25%", "25% ", "0.25"]);
    }
}
