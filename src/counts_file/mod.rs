//! Counted customers as files: a folder with `timing.parquet`, and `spend.parquet` and `joint.parquet` where there is such a table.
//!
//! Each file says under [`KEY`] what all of them are, with a checksum of each table: tables of two counts are never taken for one.
//! `timing.parquet` and `joint.parquet` are summaries besides, whose rows have weights.

mod rows;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::columns::{AGE, FREQUENCY, MONETARY_VALUE, RECENCY, WEIGHTS};
use crate::error::{Error, Result};
use crate::summary::{Counts, CurrencyCode, Day, Grain, Observation, PurchaseStatistics, Summary, TimeUnit};
use crate::summary_file::{METADATA_KEY, metadata};
use crate::tables::{BytesRead, FileOptions, Input, Staged, Table, TableColumn, TableReader, TableWriter};
use rows::{checksum, read_rows};

/// The key of the files' metadata under which counts describe themselves.
pub const KEY: &str = "clv-counts";

/// The newest form of it.
const VERSION: u32 = 1;

/// The tables that there may be, by the names of their files without the ending.
pub const PARTS: [&str; 3] = ["timing", "spend", "joint"];

/// What every file says of all.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    version: u32,
    unit: TimeUnit,
    grain: Grain,
    end: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency: Option<CurrencyCode>,
    customers: f64,
    /// Columns that are told apart.
    told_apart: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    statistics: Option<Statistics>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sum_log_interpurchase: Option<f64>,
    /// A checksum of each table.
    tables: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Statistics {
    /// Days between the starts of two periods, and the number of interpurchase times.
    interpurchase_days: Vec<(u32, u64)>,
    /// First day of the period, in days since 1970-01-01, and the number of repeat purchases.
    repeat_purchases: Vec<(i32, u64)>,
}

impl Statistics {
    fn of(statistics: &PurchaseStatistics) -> Self {
        Self {
            interpurchase_days: statistics.interpurchase_days().iter().map(|(&days, &count)| (days, count)).collect(),
            repeat_purchases: statistics.repeat_purchases().iter().map(|(day, &count)| (day.0, count)).collect(),
        }
    }

    fn statistics(self, observation: Observation) -> Result<PurchaseStatistics> {
        let day = |(day, count)| {
            let day = Day::new(day).ok_or_else(|| Error::data(format!("there is no day {day}")));
            day.map(|day| (day, count))
        };
        let repeat_purchases = self.repeat_purchases.into_iter().map(day).collect::<Result<_>>()?;
        PurchaseStatistics::new(observation, self.interpurchase_days.into_iter().collect(), repeat_purchases)
    }
}

/// The file of a table in a folder.
pub fn file_of(folder: &Path, part: &str) -> PathBuf {
    folder.join(part).with_extension("parquet")
}

/// The files of counts that may be in a folder.
pub fn files_of(folder: &Path) -> [PathBuf; 3] {
    PARTS.map(|part| file_of(folder, part))
}

/// Whether this is a folder with counts, whole or not.
pub fn is_counts(path: &Path) -> bool {
    path.is_dir() && files_of(path).iter().any(|file| file.is_file())
}

fn parts(counts: &Counts) -> impl Iterator<Item = (&'static str, &Summary)> {
    let tables = [Some(counts.timing()), counts.spend(), counts.joint()];
    PARTS.into_iter().zip(tables).filter_map(|(part, table)| Some((part, table?)))
}

/// The columns of one of the tables.
pub fn table<'a>(part: &str, rows: &'a Summary) -> Table<'a> {
    let currency = rows.currency.as_ref().map(ToString::to_string);
    let mut table = Table::measured_in(rows.observation.unit.name(), currency);
    for attribute in &rows.attributes {
        table.push(&*attribute.name, TableColumn::Attribute(attribute));
    }
    table.push_column(&FREQUENCY, &[], TableColumn::Count(&rows.frequency));
    if part != "spend" {
        table.push_column(&RECENCY, &[], TableColumn::Real(&rows.recency));
        table.push_column(&AGE, &[], TableColumn::Real(&rows.T));
    }
    if part != "timing" {
        table.push_column(&MONETARY_VALUE, &[], TableColumn::Real(&rows.monetary_value));
    }
    if let Some(weights) = &rows.weights {
        table.push_column(&WEIGHTS, &[], TableColumn::Real(weights.customers()));
    }
    table
}

/// Begins the files of counts in a folder that is there; nothing is in place before the commit.
///
/// # Errors
/// [`Error::usage`] if a column that is told apart has the name of another, [`Error::io`] if a file cannot be written.
pub fn stage(counts: &Counts, folder: &Path) -> Result<Vec<Staged>> {
    let timing = counts.timing();
    let Observation { unit, grain, end } = timing.observation;
    let tables = parts(counts).map(|(part, rows)| (part.to_owned(), checksum(&table(part, rows)))).collect();
    let description = Description {
        version: VERSION,
        unit,
        grain,
        end,
        currency: timing.currency,
        customers: counts.customers(),
        told_apart: counts.told_apart().into_iter().map(str::to_owned).collect(),
        statistics: counts.statistics().map(Statistics::of),
        sum_log_interpurchase: counts.sum_log_interpurchase(),
        tables,
    };
    let text = serde_json::to_string(&description).expect("names and numbers are JSON");
    let staged = parts(counts).map(|(part, rows)| {
        let mut file = TableWriter::create(&file_of(folder, part))?.with_metadata(KEY, text.clone());
        if part != "spend" {
            file = file.with_metadata(METADATA_KEY, metadata(&timing.observation));
        }
        let table = table(part, rows);
        table.check_names()?;
        table.write(&mut file)?;
        file.finish()
    });
    staged.collect()
}

/// Reads counts from a folder.
///
/// # Errors
/// [`Error::data`] if a table is missing, is damaged or is of another count; [`Error::io`] if one cannot be read.
pub fn read(folder: &Path, progress: &BytesRead) -> Result<Counts> {
    let (timing, name) = open(folder, PARTS[0], &BytesRead::default())?;
    let text = described(&timing, &name)?;
    let description = understood(&text, &name)?;
    let Description { unit, grain, end, currency, .. } = description;
    let observation = Observation { unit, grain, end };
    let empty =
        |knows_spend| Summary { currency, knows_spend, ..Summary::from_histories(std::iter::empty(), observation) };
    let mut tables = [None, None, None];
    for (part, place) in PARTS.into_iter().zip(&mut tables) {
        let Some(stated) = description.tables.get(part) else { continue };
        let (mut reader, name) = open(folder, part, progress)?;
        if described(&reader, &name)? != text {
            return Err(wrong("it is of another count than the files beside it", &name));
        }
        let rows = read_rows(part, &mut reader, empty(part != PARTS[0]), &description.told_apart)?;
        if checksum(&table(part, &rows)) != *stated {
            return Err(wrong("what is in it is not what was written", &name));
        }
        *place = Some(rows);
    }
    let [Some(mut timing), spend, joint] = tables else {
        return Err(wrong("it does not know of itself", &name));
    };
    timing.statistics = description.statistics.map(|statistics| statistics.statistics(observation)).transpose()?;
    let counts = Counts::from_tables(timing, spend, joint, description.sum_log_interpurchase);
    let counts = counts.map_err(|error| wrong(&error.to_string(), &name))?;
    if counts.customers() != description.customers {
        return Err(wrong("the customers are not as many as it says", &name));
    }
    Ok(counts)
}

/// Counts of tables that somebody else counted, with the columns of [`PARTS`], whose rows come in any order, and may be equal.
///
/// # Errors
/// [`Error::data`] if a column is missing or holds something else, or if the tables are not of as many customers.
pub fn of_tables(
    tables: [Option<&mut TableReader>; 3],
    told_apart: &[String],
    observation: Observation,
) -> Result<Counts> {
    let mut counted = [None, None, None];
    for ((part, table), place) in PARTS.into_iter().zip(tables).zip(&mut counted) {
        let Some(table) = table else { continue };
        let empty = Summary { knows_spend: part != PARTS[0], ..Summary::from_histories([], observation) };
        let rows = read_rows(part, table, empty, told_apart)?;
        let counts = Counts::new(&rows, told_apart, part == PARTS[2])?;
        *place = match part {
            "timing" => Some(counts.timing().clone()),
            "spend" => counts.spend().cloned(),
            _ => counts.joint().cloned(),
        };
    }
    let [timing, spend, joint] = counted;
    let timing = timing.ok_or_else(|| Error::data("there is no table of histories"))?;
    Counts::from_tables(timing, spend, joint, None)
}

fn open(folder: &Path, part: &str, progress: &BytesRead) -> Result<(TableReader, String)> {
    let path = file_of(folder, part);
    let name = path.display().to_string();
    if !path.is_file() {
        return Err(wrong("it is not there, and belongs to these counts", &name));
    }
    Ok((TableReader::open(&Input::Path(path), &FileOptions::default(), progress)?, name))
}

fn described(table: &TableReader, name: &str) -> Result<String> {
    table.metadata(KEY).ok_or_else(|| wrong("clv did not write it", name))
}

fn understood(text: &str, name: &str) -> Result<Description> {
    let version = serde_json::from_str::<serde_json::Value>(text).ok().and_then(|json| json["version"].as_u64());
    if version.is_some_and(|version| version > VERSION.into()) {
        return Err(Error::data("a newer version of clv wrote these counts").in_file(name));
    }
    serde_json::from_str(text).map_err(|error| wrong(&format!("what it says of itself is damaged: {error}"), name))
}

fn wrong(why: &str, name: &str) -> Error {
    Error::data(format!("no table of counts that can be used: {why}. Count the summary again")).in_file(name)
}
