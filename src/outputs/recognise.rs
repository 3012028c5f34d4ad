//! Files that clv made, known by what they hold.
//!
//! Known are those of earlier versions, too: a file says what it is by the beginning of a table, the format of a model, the frame of a
//! page. Orders are never taken for clv's own, though `clv simulate` writes some: their header is that of many exports.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};

use crate::model_file::FORMAT;

/// What clv writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A model file.
    Model,
    /// The page of a report.
    Page,
    /// A summary, predictions, totals, or a small table.
    Table,
    /// One of the tables of counted customers.
    Counts,
    /// Everything delivered of an order history.
    State,
    /// Orders that were simulated, never told from those of others.
    Orders,
    /// What a fitter with the names of `lifetimes` saved of itself, in Python.
    Fitter,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Model => "a model file",
            Self::Page => "a report",
            Self::Table => "a table",
            Self::Counts => "a table of counts",
            Self::State => "a state",
            Self::Orders => "an order file",
            Self::Fitter => "a saved fitter",
        })
    }
}

/// Bytes in which a header or the frame of a page must have begun.
const START: u64 = 1 << 20;

/// What a file is, if clv made it. Small tables are known by their names, too: that which it is to have.
///
/// # Errors
/// If it cannot be read.
pub(super) fn recognise(file: &Path, name: &Path) -> io::Result<Option<FileKind>> {
    let mut start = Vec::new();
    File::open(file)?.take(START).read_to_end(&mut start)?;
    let first = start.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    let reader = || File::open(file).map(BufReader::new);
    Ok(match first {
        _ if start.starts_with(b"PAR1") => parquet(file),
        Some(b'{') => by_format(reader()?),
        Some(b'[') => is_records(reader()?, name).then_some(FileKind::Table),
        Some(b'<') => is_page(&start).then_some(FileKind::Page),
        _ => header(&start).is_some_and(|header| is_table(&header, name)).then_some(FileKind::Table),
    })
}

#[derive(serde::Deserialize)]
struct Format {
    format: String,
}

/// The format of a saved fitter.
const FITTER: &str = "clv-lifetimes";

fn by_format(file: impl Read) -> Option<FileKind> {
    match &*serde_json::from_reader::<_, Format>(file).ok()?.format {
        FORMAT => Some(FileKind::Model),
        FITTER => Some(FileKind::Fitter),
        _ => None,
    }
}

/// What the page says of itself.
const GENERATOR: &[u8] = b"<meta name=\"generator\" content=\"clv\">";

/// What pages had before they said so, in this order.
const FRAME: [&[u8]; 4] = [
    b"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src ",
    b"<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
    b"<a class=\"skip\" href=\"#content\">Skip to the content</a>\n<header>\n",
    b"<main id=\"content\" tabindex=\"-1\">\n<noscript>",
];

fn is_page(start: &[u8]) -> bool {
    let head = find(start, b"</head>").map_or(start, |end| &start[..end]);
    let mut rest = start.trim_ascii_start();
    let has_frame = rest.starts_with(FRAME[0])
        && FRAME.iter().all(|part| find(rest, part).map(|at| rest = &rest[at + part.len()..]).is_some());
    has_frame || find(head, GENERATOR).is_some()
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, part)
}

/// Names of the columns, if the file begins with a line of them.
fn header(start: &[u8]) -> Option<Vec<String>> {
    let mut line = Vec::new();
    (&mut &*start).read_until(b'\n', &mut line).ok()?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.strip_suffix(b"\n")?);
    let record = reader.records().next()?.ok()?;
    Some(record.iter().map(str::to_owned).collect())
}

/// Customers begin like this...
const CUSTOMERS: [&str; 4] = ["customer_id", "frequency", "recency", "T"];

/// ...and have some of these besides, which tables with the names of `lifetimes` by others do not; a name that ends in `_` stands
/// for all that begin with it.
const OWN: [&[&str]; 6] = [
    &["first_purchase", "last_purchase", "orders"],
    &["p_alive", "purchases_"],
    &["p_alive", "clv_"],
    &["p_alive", "det_"],
    &["p_alive", "dert"],
    &["days_since_last", "recency_score", "frequency_score", "rfm_score"],
];

/// The table of periods, and what it has besides if it is known or was asked for.
const RETENTION: [&str; 3] = ["period", "survival", "retention"];
const OF_RETENTION: [&str; 9] = [
    "group",
    "actual_survival",
    "survival_low",
    "survival_high",
    "residual_lifetime",
    "residual_value",
    "elasticity",
    "base",
    "revenue",
];

fn is_table(header: &[String], name: &Path) -> bool {
    let has = |name: &str| header.iter().any(|column| column == name);
    let begins =
        |names: &[&str]| header.len() >= names.len() && names.iter().zip(header).all(|(name, column)| name == column);
    let has_like =
        |name: &str| has(name) || name.ends_with('_') && header.iter().any(|column| column.starts_with(name));
    let is_customers = begins(&CUSTOMERS) && OWN.iter().any(|names| names.iter().all(|name| has_like(name)));
    let is_totals = begins(&["horizon", "end"]) && has("customers") && has("parameters") && has("purchases");
    let projected: Vec<&String> = header.iter().filter(|name| !OF_RETENTION.contains(&name.as_str())).collect();
    let is_retention = *projected == RETENTION;
    // Answers by history, of `clv sql`.
    let times = ["days", "periods"].map(|of| [format!("recency_{of}"), format!("age_{of}")]);
    let is_lookup = times.iter().any(|[recency, age]| begins(&["frequency", recency, age, "p_alive"]));
    is_customers || is_totals || is_retention || is_lookup || is_small(header, name)
}

#[cfg(feature = "report")]
fn is_small(header: &[String], name: &Path) -> bool {
    let stem = name.file_stem().and_then(|stem| stem.to_str());
    stem.is_some_and(|stem| crate::report::is_table_of(stem, header))
}

#[cfg(not(feature = "report"))]
fn is_small(_: &[String], _: &Path) -> bool {
    false
}

/// Whether it is a small table as JSON; its columns stand in the order of the alphabet.
fn is_records(file: impl Read, name: &Path) -> bool {
    match serde_json::from_reader::<_, Records>(file) {
        // A table without rows has no columns in JSON, and nothing to lose.
        Ok(Records(first)) => first.is_none_or(|columns| is_small(&columns.into_keys().collect::<Vec<_>>(), name)),
        Err(_) => false,
    }
}

/// The first object of an array; the others are read over.
struct Records(Option<BTreeMap<String, IgnoredAny>>);

impl<'de> Deserialize<'de> for Records {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Array;
        impl<'de> Visitor<'de> for Array {
            type Value = Records;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of objects")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Records, A::Error> {
                let first = array.next_element()?;
                while array.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Records(first))
            }
        }
        deserializer.deserialize_seq(Array)
    }
}

#[cfg(feature = "parquet")]
fn parquet(file: &Path) -> Option<FileKind> {
    use crate::tables::{BytesRead, FileOptions, Input, TableReader};
    let table =
        TableReader::open(&Input::Path(file.to_owned()), &FileOptions::default(), &BytesRead::default()).ok()?;
    if table.metadata(crate::state_file::KEY).is_some() {
        return Some(FileKind::State);
    }
    if table.metadata(crate::counts_file::KEY).is_some() {
        return Some(FileKind::Counts);
    }
    is_table(table.header(), file).then_some(FileKind::Table)
}

/// A build that does not write Parquet knows none of its own.
#[cfg(not(feature = "parquet"))]
fn parquet(_: &Path) -> Option<FileKind> {
    None
}
