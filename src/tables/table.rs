//! A table to be written: named columns of equal length.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::columns::{Column, Unit};
use crate::error::{Error, Result};
use crate::summary::{Attribute, CustomerIds, Day};

/// A column to be written.
#[derive(Clone, Copy, Debug)]
pub enum TableColumn<'a> {
    /// Customer ids.
    Customers(&'a CustomerIds),
    /// Counts.
    Count(&'a [u32]),
    /// Whole numbers.
    Integer(&'a [i64]),
    /// Real numbers.
    Real(&'a [f64]),
    /// Real numbers, or nothing.
    MaybeReal(&'a [Option<f64>]),
    /// Days.
    Day(&'a [Day]),
    /// Days, or nothing.
    MaybeDay(&'a [Option<Day>]),
    /// What is said of the customers, or nothing.
    Attribute(&'a Attribute),
    /// Text.
    Text(&'a [String]),
    /// One text, in every row.
    Constant(&'a str, usize),
    /// One day, in every row.
    ConstantDay(Day, usize),
}

/// Named columns of equal length.
#[derive(Clone, Debug, Default)]
pub struct Table<'a> {
    /// Names and cells.
    pub columns: Vec<(String, TableColumn<'a>)>,
    /// What is said of columns besides, by their names and by what it is, where the format has a place for it.
    pub metadata: BTreeMap<String, BTreeMap<String, String>>,
    /// The unit of times, and the currency of amounts if it is known.
    units: (Option<&'static str>, Option<String>),
}

impl<'a> Table<'a> {
    /// A table without columns whose times are in `time`, and amounts in `currency` if that is known.
    pub fn measured_in(time: &'static str, currency: Option<String>) -> Self {
        Self { units: (Some(time), currency), ..Self::default() }
    }

    /// Adds a column from the list in [`crate::columns`], under the name it has with these `parts`, and says what it means.
    pub fn push_column(&mut self, column: &Column, parts: &[&str], cells: TableColumn<'a>) {
        let name = column.of(parts);
        // What belongs to a column is measured as that is.
        let its = || Some(self.metadata.get(*parts.first()?)?.get("unit")?.clone());
        let unit = match column.unit {
            Unit::Its => its().unwrap_or_default(),
            Unit::Time => self.units.0.unwrap_or(Unit::Time.name()).to_owned(),
            Unit::Money => self.units.1.clone().unwrap_or_else(|| Unit::Money.name().to_owned()),
            unit => unit.name().to_owned(),
        };
        let facts =
            [("description", column.meaning), ("formula", column.formula), ("unit", &*unit), ("source", column.source)];
        for (what, text) in facts.into_iter().filter(|(_, text)| !text.is_empty()) {
            self.say(&name, what, text);
        }
        self.push(name, cells);
    }

    /// Adds a column from the list, if its numbers are known.
    pub fn push_known(&mut self, column: &Column, parts: &[&str], numbers: Option<&'a Vec<f64>>) {
        if let Some(numbers) = numbers {
            self.push_column(column, parts, TableColumn::Real(numbers));
        }
    }

    /// Adds a column.
    pub fn push(&mut self, name: impl Into<String>, column: TableColumn<'a>) {
        self.columns.push((name.into(), column));
    }

    /// Says something of a column, as `unit` says `week`: Parquet keeps it with the column, as Arrow does.
    pub fn say(&mut self, column: &str, what: &str, text: impl Into<String>) {
        self.metadata.entry(column.to_owned()).or_default().insert(what.to_owned(), text.into());
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// A column of the user's may not have the name of another.
    ///
    /// # Errors
    /// [`Error::usage`] with the name.
    pub fn check_names(&self) -> Result<()> {
        let twice =
            (1..self.columns.len()).find(|&i| self.columns[..i].iter().any(|(name, _)| *name == self.columns[i].0));
        match twice {
            Some(i) => Err(Error::usage(format!("two columns would be named `{}`; rename yours", self.columns[i].0))),
            None => Ok(()),
        }
    }
}

impl TableColumn<'_> {
    /// Whether it holds what others have written.
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Customers(CustomerIds::Text(_)) | Self::Attribute(_) | Self::Text(_))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Customers(ids) => ids.len(),
            Self::Count(cells) => cells.len(),
            Self::Integer(cells) => cells.len(),
            Self::Real(cells) => cells.len(),
            Self::MaybeReal(cells) => cells.len(),
            Self::Day(cells) => cells.len(),
            Self::MaybeDay(cells) => cells.len(),
            Self::Attribute(cells) => cells.of.len(),
            Self::Text(cells) => cells.len(),
            Self::Constant(_, rows) | Self::ConstantDay(_, rows) => *rows,
        }
    }

    /// A cell as text.
    pub fn cell(&self, row: usize) -> String {
        let mut cell = String::new();
        self.write_cell(row, &mut cell);
        cell
    }

    /// Numbers in the shortest form that reads back to the same bits.
    pub(super) fn write_cell(&self, row: usize, cell: &mut String) {
        let written = match self {
            Self::Customers(CustomerIds::Number(ids)) => cell.write_str(itoa::Buffer::new().format(ids[row])),
            Self::Customers(CustomerIds::Unsigned(ids)) => cell.write_str(itoa::Buffer::new().format(ids[row])),
            Self::Customers(CustomerIds::Text(ids)) => cell.write_str(&ids[row]),
            Self::Count(cells) => cell.write_str(itoa::Buffer::new().format(cells[row])),
            Self::Integer(cells) => cell.write_str(itoa::Buffer::new().format(cells[row])),
            Self::Real(cells) => {
                write_real(cells[row], cell);
                Ok(())
            }
            Self::MaybeReal(cells) => {
                cells[row].inspect(|&number| write_real(number, cell));
                Ok(())
            }
            Self::Day(cells) => write!(cell, "{}", cells[row]),
            Self::MaybeDay(cells) => cells[row].map_or(Ok(()), |day| write!(cell, "{day}")),
            Self::Attribute(cells) => cell.write_str(cells.text(row).unwrap_or_default()),
            Self::Text(cells) => cell.write_str(&cells[row]),
            Self::Constant(text, _) => cell.write_str(text),
            Self::ConstantDay(day, _) => write!(cell, "{day}"),
        };
        written.expect("a string takes any text");
    }
}

/// The shortest digits that read back to the same bits, without an exponent, in less time than `Display` takes.
fn write_real(number: f64, cell: &mut String) {
    let mut buffer = ryu::Buffer::new();
    let short = buffer.format(number);
    match short.strip_suffix(".0") {
        Some(whole) => cell.push_str(whole),
        None if short.contains('e') => write!(cell, "{number}").expect("a string takes any text"),
        None => cell.push_str(short),
    }
}

#[cfg(test)]
mod tests {
    use super::write_real;

    #[test]
    fn numbers_are_written_in_their_shortest_form() {
        let spread = |i: u64| f64::from_bits(i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let special =
            [0.0, -0.0, 1.0, -7.0, 0.1, 1e15, 1e16, 1e-5, 1e-7, 123456.789, f64::MAX, f64::NAN, f64::INFINITY];
        let cents = (0..1000).map(|i| f64::from(i) / 100.0);
        for number in (0..100_000).map(spread).chain(special).chain(cents) {
            let mut cell = String::new();
            write_real(number, &mut cell);
            // Where two texts are as short and as near, the library takes the other one.
            assert_eq!(cell.len(), number.to_string().len(), "{cell} for {number}");
            let read: f64 = cell.parse().unwrap();
            assert!(read.to_bits() == number.to_bits() || number.is_nan(), "{cell} for {number}");
        }
    }
}
