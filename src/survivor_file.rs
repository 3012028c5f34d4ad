//! Survivors of cohorts under contract as tables: one row a cohort and period.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::tables::{Cell, TableReader};

const COHORT: &str = "cohort";
const PERIOD: &str = "period";
const SURVIVORS: &str = "survivors";

/// Longest time under contract, in periods.
const MOST_PERIODS: u32 = 10_000;

/// Reads columns `period` (0, 1, 2, …), `survivors` (customers still there after it) and, if there are several, `cohort`.
///
/// # Errors
/// [`Error::Data`] with the place if a cell cannot be used, if a period stands twice, or is missing in between.
pub fn read(table: &mut TableReader) -> Result<Vec<Vec<f64>>> {
    let mut wanted = vec![table.column(PERIOD)?, table.column(SURVIVORS)?];
    let cohort = table.header().iter().position(|column| column == COHORT);
    wanted.extend(cohort);
    let mut cohorts: BTreeMap<String, BTreeMap<u32, f64>> = BTreeMap::new();
    while let Some(batch) = table.next_batch(&wanted, false)? {
        if let Some(ragged) = batch.ragged.first() {
            let (place, fields, columns) = (table.place(ragged.place), ragged.fields, table.header().len());
            return Err(Error::Data(format!("{place}: {fields} fields, the header has {columns}")));
        }
        for row in 0..batch.places.len() {
            let place = || table.place(batch.places[row]);
            let cell = |column: usize, name: &'static str| Cell { cells: &batch.columns[column], row, name, place };
            let name = cohort.map_or(Ok(String::new()), |_| cell(2, COHORT).text())?;
            let (period, survivors) = (cell(0, PERIOD).count()?, cell(1, SURVIVORS).real()?);
            if period > MOST_PERIODS {
                return Err(Error::Data(format!("{}: period {period}; the longest is {MOST_PERIODS}", place())));
            }
            if cohorts.entry(name).or_default().insert(period, survivors).is_some() {
                return Err(Error::Data(format!("{}: period {period} stands twice in one cohort", place())));
            }
        }
    }
    if cohorts.is_empty() {
        return Err(Error::Data(format!("{}: there is a header but no row", table.name())));
    }
    cohorts.into_iter().map(|(name, periods)| without_gaps(table.name(), &name, periods)).collect()
}

fn without_gaps(file: &str, cohort: &str, periods: BTreeMap<u32, f64>) -> Result<Vec<f64>> {
    match periods.keys().zip(0..).find(|(period, expected)| **period != *expected) {
        Some((period, expected)) => Err(Error::Data(format!(
            "{file}: {}period {expected} is missing before period {period}; a cohort begins with period 0 and all its \
             customers",
            if cohort.is_empty() { String::new() } else { format!("cohort `{cohort}`: ") }
        ))),
        None => Ok(periods.into_values().collect()),
    }
}
