//! Single cells by name and place, for small tables whose every cell must be right.

use std::borrow::Cow;

use super::Cells;
use crate::error::{Error, Place, Result};
use crate::summary::{Day, Grain, MOST_PURCHASES, TimeUnit};

/// One cell of a table, whatever type its column has.
#[derive(Debug)]
pub(crate) struct Cell<'a, P: Fn() -> Place> {
    pub(crate) cells: &'a Cells,
    pub(crate) row: usize,
    pub(crate) name: &'static str,
    pub(crate) place: P,
}

impl<P: Fn() -> Place> Cell<'_, P> {
    fn wrong(&self, found: &str) -> Error {
        Error::data(format!("{} is `{found}`", self.name)).at((self.place)().in_column(self.name).of_value(found))
    }

    pub(crate) fn text(&self) -> Result<String> {
        let text = match self.cells {
            Cells::Moment { .. } => None,
            Cells::Text(column) if std::str::from_utf8(column.get(self.row)).is_err() => None,
            cells => cells.text(self.row),
        };
        text.map(Cow::into_owned).ok_or_else(|| self.wrong(""))
    }

    pub(crate) fn real(&self) -> Result<f64> {
        let number = match self.cells {
            Cells::Integer(numbers) => numbers[self.row].map(|number| number as f64),
            Cells::Real(numbers) => numbers[self.row],
            _ => self.text()?.parse().ok(),
        };
        match number {
            Some(number) if number.is_finite() => Ok(number),
            Some(number) => Err(self.wrong(&number.to_string())),
            None => Err(self.wrong(&self.text().unwrap_or_default())),
        }
    }

    pub(crate) fn time(&self) -> Result<f64> {
        self.real().and_then(|time| if time >= 0.0 { Ok(time) } else { Err(self.wrong(&time.to_string())) })
    }

    pub(crate) fn count(&self) -> Result<u32> {
        let number = self.real()?;
        let whole = number.fract() == 0.0 && (0.0..=f64::from(MOST_PURCHASES)).contains(&number);
        if whole { Ok(number as u32) } else { Err(self.wrong(&number.to_string())) }
    }

    pub(crate) fn grain(&self) -> Result<Grain> {
        let text = self.text()?;
        Grain::ALL.into_iter().find(|grain| grain.name() == text).ok_or_else(|| self.wrong(&text))
    }

    pub(crate) fn unit(&self) -> Result<TimeUnit> {
        let text = self.text()?;
        TimeUnit::ALL.into_iter().find(|unit| unit.name() == text).ok_or_else(|| self.wrong(&text))
    }

    pub(crate) fn day(&self) -> Result<Day> {
        match self.cells {
            Cells::Date(days) => days[self.row].and_then(Day::new).ok_or_else(|| self.wrong("")),
            Cells::Moment { micros, .. } => micros[self.row]
                .and_then(|micros| Day::new(i32::try_from(micros.div_euclid(86_400_000_000)).ok()?))
                .ok_or_else(|| self.wrong("")),
            _ => {
                let text = self.text()?;
                text.parse().map_err(|_| self.wrong(&text))
            }
        }
    }
}
