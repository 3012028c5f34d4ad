//! Sheets of workbooks, as Excel and others write them: cells have types, and a row has the number that the spreadsheet shows.

use std::io::Cursor;
use std::ops::Range;

use calamine::{Data, ExcelDateTime, Reader, SheetType, SheetVisible, Sheets, open_workbook_auto_from_rs};
use jiff::civil::{DateTime, date};

use super::held::HeldRows;
use super::shown::list;
use super::{Cells, TextColumn};
use crate::error::{Error, Result};
use crate::message::{Message, opt, say};

/// The rows of a sheet below its header.
#[derive(Debug)]
pub(super) struct Sheet {
    cells: calamine::Range<Data>,
    /// Places of the rows in which something stands, among those of the range.
    rows: Vec<u32>,
    /// Rows of the spreadsheet above those of the range.
    above: u32,
    kinds: Vec<Kind>,
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Integer,
    Real,
    Date,
    Moment,
    Text,
}

/// A sheet, the names of its columns, and what there is to tell of it.
pub(super) struct Opened {
    pub(super) sheet: Sheet,
    pub(super) header: Vec<String>,
    pub(super) told: Option<Message>,
}

impl Sheet {
    /// The sheet that is wanted, or else the first that is shown.
    pub(super) fn open(name: &str, bytes: Vec<u8>, wanted: Option<&str>) -> Result<Opened> {
        let unreadable =
            |error: calamine::Error| Error::data(format!("a workbook that cannot be read ({error})")).in_file(name);
        let mut workbook: Sheets<Cursor<Vec<u8>>> =
            open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(unreadable)?;
        let is_shown =
            |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
        let names: Vec<String> =
            workbook.sheets_metadata().iter().filter(is_shown).map(|sheet| sheet.name.clone()).collect();
        let chosen = match wanted {
            Some(wanted) => names.iter().find(|name| *name == wanted).ok_or_else(|| {
                Error::usage(say![opt("sheet"), " is `", wanted.to_owned(), "`; the workbook has ", list(&names)])
                    .in_file(name)
            })?,
            None => names.first().ok_or_else(|| Error::data("a workbook without a sheet").in_file(name))?,
        };
        let cells = workbook.worksheet_range(chosen).map_err(unreadable)?;
        let others = names.len() - 1;
        let told = (others > 0 && wanted.is_none()).then(|| {
            say![
                format!("{name}: the sheet is `{chosen}`, the first of {}; ", names.len()),
                opt("sheet").with(names[1].clone()),
                " would take another"
            ]
        });
        let above = cells.start().map_or(0, |(row, _)| row);
        let filled: Vec<u32> =
            (0..).zip(cells.rows()).filter(|(_, row)| row.iter().any(is_filled)).map(|(row, _)| row).collect();
        let of_row = |row: u32| cells.rows().nth(row as usize).unwrap_or_default();
        // A title fills one cell of its row.
        let is_header = |row: &&u32| of_row(**row).iter().filter(|cell| is_filled(cell)).count() > 1;
        let header_row = filled.iter().find(is_header).or(filled.first()).copied();
        let header_row =
            header_row.ok_or_else(|| Error::data(format!("the sheet `{chosen}` is empty")).in_file(name))?;
        let header: Vec<String> =
            of_row(header_row).iter().map(|cell| text(cell).unwrap_or_default().trim().to_owned()).collect();
        let rows: Vec<u32> = filled.into_iter().filter(|row| *row > header_row).collect();
        let width = header.len();
        let mut kinds: Vec<Option<Kind>> = vec![None; width];
        for &row in &rows {
            kinds.iter_mut().zip(of_row(row)).for_each(|(kind, cell)| *kind = joined(*kind, kind_of(cell)));
        }
        let kinds = kinds.into_iter().map(|kind| kind.unwrap_or(Kind::Text)).collect();
        Ok(Opened { sheet: Self { cells, rows, above, kinds }, header, told })
    }

    fn cell(&self, row: usize, column: usize) -> &Data {
        self.cells.get((self.rows[row] as usize, column)).unwrap_or(&Data::Empty)
    }
}

fn is_filled(cell: &Data) -> bool {
    text(cell).is_some_and(|text| !text.trim().is_empty())
}

/// What one kind of cells is together with another.
fn joined(one: Option<Kind>, other: Option<Kind>) -> Option<Kind> {
    use Kind::{Date, Integer, Moment, Real, Text};
    match (one, other) {
        (kind, None) | (None, kind) => kind,
        (Some(one), Some(other)) if one == other => Some(one),
        (Some(Integer | Real), Some(Integer | Real)) => Some(Real),
        (Some(Date | Moment), Some(Date | Moment)) => Some(Moment),
        _ => Some(Text),
    }
}

/// Whole numbers beyond this are not told apart by a spreadsheet.
const WHOLE: f64 = 9_007_199_254_740_992.0;

fn kind_of(cell: &Data) -> Option<Kind> {
    match cell {
        Data::Empty => None,
        Data::String(text) if text.trim().is_empty() => None,
        Data::Int(_) => Some(Kind::Integer),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < WHOLE => Some(Kind::Integer),
        Data::Float(_) => Some(Kind::Real),
        Data::DateTime(moment) if moment.is_datetime() => {
            Some(if moment.as_f64().fract() == 0.0 { Kind::Date } else { Kind::Moment })
        }
        _ => Some(Kind::Text),
    }
}

fn number(cell: &Data) -> Option<f64> {
    match cell {
        Data::Int(number) => Some(*number as f64),
        Data::Float(number) => Some(*number),
        _ => None,
    }
}

fn clock(moment: &ExcelDateTime) -> Option<DateTime> {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    DateTime::new(
        i16::try_from(year).ok()?,
        month as i8,
        day as i8,
        hour as i8,
        minute as i8,
        second as i8,
        i32::from(milli) * 1_000_000,
    )
    .ok()
}

/// Microseconds since 1970 on the wall's clock.
fn micros(cell: &Data) -> Option<i64> {
    let Data::DateTime(moment) = cell else { return None };
    let since = clock(moment)?.duration_since(date(1970, 1, 1).at(0, 0, 0, 0));
    i64::try_from(since.as_micros()).ok()
}

/// A cell as text; none where there is nothing.
fn text(cell: &Data) -> Option<String> {
    match cell {
        Data::Empty => None,
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Some(text.clone()),
        Data::Int(number) => Some(number.to_string()),
        Data::Float(number) => Some(number.to_string()),
        Data::Bool(is_true) => Some(if *is_true { "TRUE" } else { "FALSE" }.to_owned()),
        Data::DateTime(moment) if moment.is_datetime() => {
            let clock = clock(moment)?;
            Some(if moment.as_f64().fract() == 0.0 { clock.date().to_string() } else { clock.to_string() })
        }
        Data::DateTime(duration) => Some(duration.as_f64().to_string()),
        Data::Error(error) => Some(error.to_string()),
    }
}

impl HeldRows for Sheet {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn place(&self, row: usize) -> Option<u64> {
        Some(u64::from(self.above + self.rows[row] + 1))
    }

    fn cells(&self, column: usize, rows: Range<usize>) -> Result<Cells> {
        let cells = || rows.clone().map(|row| self.cell(row, column));
        const DAY: i64 = 86_400_000_000;
        Ok(match self.kinds[column] {
            Kind::Integer => Cells::Integer(cells().map(|cell| number(cell).map(|number| number as i64)).collect()),
            Kind::Real => Cells::Real(cells().map(number).collect()),
            Kind::Date => {
                let day = |cell| i32::try_from(micros(cell)?.div_euclid(DAY)).ok();
                Cells::Date(cells().map(day).collect())
            }
            Kind::Moment => Cells::Moment { micros: cells().map(micros).collect(), zone: None },
            Kind::Text => {
                let texts: Vec<Option<String>> = cells().map(text).collect();
                Cells::Text(TextColumn::from_cells(texts.iter().map(Option::as_deref))?)
            }
        })
    }
}
