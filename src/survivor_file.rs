//! Survivors of cohorts under contract as tables: one row a cohort and period.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::tables::{Cell, TableReader};

const COHORT: &str = "cohort";
const PERIOD: &str = "period";
const SURVIVORS: &str = "survivors";

/// One cohort.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// Its name; empty if there is only one.
    pub name: String,
    /// Customers at the start, after one period, after two, ….
    pub survivors: Vec<f64>,
}

/// Longest time under contract, in periods.
const MOST_PERIODS: u32 = 10_000;

/// Reads columns `period` (0, 1, 2, …), `survivors` (customers still there after it) and, if there are several, `cohort`.
///
/// # Errors
/// [`Error::data`] with the place if a cell cannot be used, if a period appears twice, or is missing in between, or if a cohort
/// grows.
pub fn read(table: &mut TableReader) -> Result<Vec<Cohort>> {
    let mut wanted = vec![table.column(PERIOD)?, table.column(SURVIVORS)?];
    let cohort = table.header().iter().position(|column| column == COHORT);
    wanted.extend(cohort);
    let mut cohorts: BTreeMap<String, BTreeMap<u32, f64>> = BTreeMap::new();
    while let Some(batch) = table.next_batch(&wanted, false)? {
        if let Some(ragged) = batch.ragged.first() {
            let (place, fields, columns) = (table.place(ragged.place), ragged.fields, table.header().len());
            return Err(Error::data(format!("{fields} fields, the header has {columns}")).at(place));
        }
        for row in 0..batch.places.len() {
            let place = || table.place(batch.places[row]);
            let cell = |column: usize, name: &'static str| Cell { cells: &batch.columns[column], row, name, place };
            let name = cohort.map_or(Ok(String::new()), |_| cell(2, COHORT).text())?;
            let (period, survivors) = (cell(0, PERIOD).count()?, cell(1, SURVIVORS).real()?);
            if period > MOST_PERIODS {
                return Err(Error::data(format!("period {period}; the longest is {MOST_PERIODS}")).at(place()));
            }
            if cohorts.entry(name).or_default().insert(period, survivors).is_some() {
                return Err(Error::data(format!("period {period} appears twice in one cohort")).at(place()));
            }
        }
    }
    if cohorts.is_empty() {
        return Err(Error::data("there is a header but no row").in_file(table.name()));
    }
    let check = |(name, periods): (String, BTreeMap<u32, f64>)| {
        let title = if name.is_empty() { String::new() } else { format!("cohort `{name}`: ") };
        let survivors = check(&periods).map_err(|what| Error::data(format!("{title}{what}")).in_file(table.name()))?;
        Ok(Cohort { name, survivors })
    };
    cohorts.into_iter().map(check).collect()
}

/// The survivors in order, or what is wrong with them.
fn check(periods: &BTreeMap<u32, f64>) -> std::result::Result<Vec<f64>, String> {
    let mut survivors: Vec<f64> = Vec::new();
    for ((&period, &count), expected) in periods.iter().zip(0..) {
        if period != expected {
            return Err(format!(
                "period {expected} is missing before period {period}; a cohort begins with period 0 and all its \
                 customers"
            ));
        }
        if count < 0.0 {
            return Err(format!("{count} survivors after period {period}"));
        }
        if let Some(&before) = survivors.last().filter(|&&before| count > before) {
            return Err(format!(
                "{count} survivors after period {period}, of {before} before; nobody joins a cohort later"
            ));
        }
        survivors.push(count);
    }
    Ok(survivors)
}
