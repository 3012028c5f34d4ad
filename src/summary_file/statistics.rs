//! What a summary says of its customers' purchases beyond their rows, for models that ask for it.
//!
//! The text is beside what the summary says of its times, not in it, so that programs that do not know it read the summary as
//! before. It goes with every piece and copy of a frame, and is true of all the rows together: it names the histories it is of
//! (numbers of purchases agree by accident, in a bootstrap for instance), and of other rows it says nothing. That is no error:
//! whoever takes some rows of a frame, or adds some, has a summary still.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::checksum::DIGITS;
use crate::error::{Error, Result};
use crate::summary::{Day, History, Observation, PurchaseStatistics, Summary};
use crate::tables::{TableReader, hex};

/// The key under which Parquet files, Arrow schemas and frames have the statistics of a summary's purchases.
pub const PURCHASES_KEY: &str = "clv-purchases";

/// The newest form of it.
const VERSION: u32 = 1;

/// The text under the key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    version: u32,
    /// A hash of the histories they are of, and of what their times mean.
    histories: String,
    /// Days between the starts of two periods, and the number of interpurchase times.
    interpurchase_days: Vec<(u32, u64)>,
    /// First day of the period, in days since 1970-01-01, and the number of repeat purchases.
    repeat_purchases: Vec<(i32, u64)>,
    /// Of all of that.
    checksum: String,
}

/// What a summary says of its purchases under [`PURCHASES_KEY`], if it knows it:
/// `{"version":1,"histories":"…","interpurchase_days":[[1,5],[2,3]],"repeat_purchases":[[9863,8]],"checksum":"…"}`.
pub fn purchase_metadata(summary: &Summary) -> Option<String> {
    let statistics = summary.statistics.as_ref()?;
    let metadata = Metadata {
        version: VERSION,
        histories: histories_hash(summary),
        interpurchase_days: statistics.interpurchase_days().iter().map(|(&days, &count)| (days, count)).collect(),
        repeat_purchases: statistics.repeat_purchases().iter().map(|(day, &count)| (day.0, count)).collect(),
        checksum: String::new(),
    };
    Some(text(&Metadata { checksum: checksum(&metadata), ..metadata }))
}

/// The text in a table's own metadata, or among the attributes of the pandas frame that it was.
///
/// # Errors
/// [`Error::data`] if what stands there is no text.
pub(super) fn in_metadata(table: &TableReader) -> Result<Option<String>> {
    if let Some(text) = table.metadata(PURCHASES_KEY) {
        return Ok(Some(text));
    }
    let frame = table.metadata("pandas").and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    match frame.as_ref().map(|frame| &frame["attributes"][PURCHASES_KEY]) {
        None | Some(serde_json::Value::Null) => Ok(None),
        Some(serde_json::Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(damaged(table.name(), "it is no text")),
    }
}

/// The statistics in the text, if they are of these customers. Where checksums vouch for the rows, they must be.
///
/// # Errors
/// [`Error::data`] if they are damaged, or say what cannot be of these customers.
pub(super) fn statistics(
    text: &str,
    summary: &Summary,
    name: &str,
    rows_are_vouched_for: bool,
) -> Result<Option<PurchaseStatistics>> {
    let version = serde_json::from_str::<serde_json::Value>(text).ok().and_then(|json| json["version"].as_u64());
    if version.is_some_and(|version| version > VERSION.into()) {
        // What is not understood is not known; the rows say what they say.
        return Ok(None);
    }
    let mut metadata: Metadata = serde_json::from_str(text).map_err(|error| damaged(name, &error.to_string()))?;
    let stated = std::mem::take(&mut metadata.checksum);
    if checksum(&metadata) != stated {
        return Err(damaged(name, "its checksum is another"));
    }
    if metadata.histories != histories_hash(summary) {
        return match rows_are_vouched_for {
            true => Err(damaged(name, "it is of other customers")),
            false => Ok(None),
        };
    }
    decode(metadata, summary).map(Some).map_err(|why| damaged(name, &why))
}

/// The counts, if they may be those of the summary's customers.
fn decode(metadata: Metadata, summary: &Summary) -> std::result::Result<PurchaseStatistics, String> {
    let Metadata { interpurchase_days, repeat_purchases, .. } = metadata;
    if !interpurchase_days.is_sorted_by(|a, b| a.0 < b.0) || !repeat_purchases.is_sorted_by(|a, b| a.0 < b.0) {
        return Err("counts are not in ascending order".to_owned());
    }
    let day = |(day, count)| Day::new(day).map(|day| (day, count)).ok_or_else(|| format!("there is no day {day}"));
    let repeat_purchases = repeat_purchases.into_iter().map(day).collect::<std::result::Result<_, _>>()?;
    let statistics =
        PurchaseStatistics::new(summary.observation, interpurchase_days.into_iter().collect(), repeat_purchases)
            .map_err(|error| error.to_string())?;
    // Nobody has come back before somebody came.
    let early = statistics.repeat_purchases().keys().next();
    if let Some(day) = early.filter(|day| summary.observation.age(**day) >= summary.longest()) {
        return Err(format!("a repeat purchase on {day}, and nobody had come before"));
    }
    let purchases: u64 = summary.frequency.iter().map(|&x| u64::from(x)).sum();
    if statistics.purchases() != purchases {
        return Err(format!("{} repeat purchases, and the customers made {purchases}", statistics.purchases()));
    }
    Ok(statistics)
}

fn damaged(name: &str, why: &str) -> Error {
    Error::data(format!(
        "what the summary says of its purchases, under `{PURCHASES_KEY}`, is damaged ({why}). Summarise the orders again, or \
         write the file without it"
    )).in_file(name)
}

fn text(metadata: &Metadata) -> String {
    serde_json::to_string(metadata).expect("numbers and texts are JSON")
}

/// Of what stands there without one.
fn checksum(metadata: &Metadata) -> String {
    let mut digits = hex(&Sha256::digest(text(metadata)));
    digits.truncate(DIGITS);
    digits
}

/// A hash of all histories, in whatever order they stand and whoever they are of, and of what their times mean.
fn histories_hash(summary: &Summary) -> String {
    let Observation { unit, grain, end } = summary.observation;
    let rows = summary.histories().fold(0u64, |sum, history| sum.wrapping_add(history_hash(&history)));
    let counted = mixed(rows ^ mixed(summary.len() as u64));
    let mut hash = Sha256::new();
    hash.update(counted.to_le_bytes());
    // Ages are counted to the start of the last period, wherever in it the observation ends.
    hash.update(format!("{unit} {grain} {}", grain.start(end)));
    let mut digits = hex(&hash.finalize());
    digits.truncate(16);
    digits
}

fn history_hash(history: &History) -> u64 {
    mixed(u64::from(history.frequency) ^ mixed(history.t_x.to_bits() ^ mixed(history.T.to_bits())))
}

/// Every bit depends on every bit: SplitMix64 (Steele, Lea & Flood 2014, figure 17).
fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Cohort, PurchaseLog, TimeUnit};

    /// a: after 7, 1 and 7 days; b: after 30; c never came back.
    fn summary() -> Summary {
        let mut log = PurchaseLog::default();
        let orders = [("a", 100), ("a", 107), ("a", 108), ("a", 115), ("b", 90), ("b", 120), ("c", 101)];
        orders.iter().for_each(|&(customer, day)| log.add(customer, Day(day), 5.0).unwrap());
        log.summary(TimeUnit::Week, Day(125), &Cohort::default()).unwrap().0
    }

    fn read(text: &str, summary: &Summary, vouched: bool) -> std::result::Result<Option<PurchaseStatistics>, String> {
        statistics(text, summary, "table", vouched).map_err(|error| error.to_string())
    }

    /// The text with another checksum, as if it had been written so.
    fn changed(change: (&str, &str)) -> String {
        let known = purchase_metadata(&summary()).unwrap();
        assert!(known.contains(change.0), "{known}");
        let mut metadata: Metadata = serde_json::from_str(&known.replace(change.0, change.1)).unwrap();
        metadata.checksum.clear();
        text(&Metadata { checksum: checksum(&metadata), ..metadata })
    }

    #[test]
    fn what_is_written_is_read() {
        let known = summary();
        let text = purchase_metadata(&known).unwrap();
        let counts =
            r#""interpurchase_days":[[1,1],[7,2],[30,1]],"repeat_purchases":[[107,1],[108,1],[115,1],[120,1]],"#;
        assert!(text.starts_with(r#"{"version":1,"histories":""#) && text.contains(counts), "{text}");
        assert!(known.statistics.is_some());
        assert_eq!(read(&text, &known, true).unwrap(), known.statistics);
        // In another order, under other names, with other spend.
        let mut sorted = known.select(&[2, 0, 1]);
        sorted.customers = known.customers.clone();
        sorted.monetary_value = vec![1.0; 3];
        assert_eq!(read(&text, &sorted, false).unwrap(), known.statistics);
        assert_eq!(purchase_metadata(&known.select(&[0, 1])), None);
    }

    #[test]
    fn of_other_rows_it_says_nothing() {
        let known = summary();
        let text = purchase_metadata(&known).unwrap();
        let mut moved = known.clone();
        moved.recency[1] -= 1.0 / 7.0;
        let mut swapped = known.clone();
        swapped.frequency.swap(0, 1);
        let mut other_end = known.clone();
        other_end.observation.end = Day(126);
        let mut other_unit = known.clone();
        other_unit.observation.unit = TimeUnit::Day;
        // The last two have as many repeat purchases.
        for rows in [&[0][..], &[1, 2], &[0, 0, 1], &[0, 1], &[0, 1, 2, 2]] {
            assert_eq!(read(&text, &known.select(rows), false).unwrap(), None, "{rows:?}");
        }
        for other in [moved, swapped, other_end, other_unit] {
            assert_eq!(read(&text, &other, false).unwrap(), None);
            let refused = read(&text, &other, true).unwrap_err();
            assert!(refused.starts_with("table: ") && refused.contains("of other customers"), "{refused}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (change, why) in [
            (("[7,2]", "[7,1]"), "3 interpurchase times of 4 repeat purchases"),
            (("[30,1]],", "[30,2]],"), "5 interpurchase times of 4 repeat purchases"),
            (("[120,1]", "[126,1]"), "is on 1970-05-07"),
            (("[107,1]", "[90,1]"), "a repeat purchase on 1970-04-01, and nobody had come before"),
            (("[120,1]", "[2000000000,1]"), "there is no day 2000000000"),
            (("[115,1]", "[115,0]"), "a count of repeat purchases is 0"),
            (("[1,1]", "[0,1]"), "not 0 days apart"),
            (("[1,1],[7,2]", "[7,2],[1,1]"), "not in ascending order"),
            (("[1,1],[7,2]", "[7,1],[7,2]"), "not in ascending order"),
            (("[107,1],[108,1]", "[107,1],[107,1]"), "not in ascending order"),
            (
                ("[7,2],[30,1]],\"repeat_purchases\":[[107,1],", "[7,2]],\"repeat_purchases\":["),
                "3 repeat purchases, and the customers made 4",
            ),
        ] {
            let refused = read(&changed(change), &summary(), false).unwrap_err();
            assert!(
                refused.contains(why) && refused.contains("table: what the summary says of its purchases"),
                "{refused}"
            );
        }
        for wrong in ["", "{", "[]", "7", r#"{"version":1}"#, r#"{"version":-1}"#] {
            assert!(read(wrong, &summary(), false).unwrap_err().contains("is damaged"), "{wrong}");
        }
        assert_eq!(read(&changed(("\"version\":1", "\"version\":2")), &summary(), true).unwrap(), None);
    }

    /// Whatever byte is another one, the counts are those that were written, or none.
    #[test]
    fn damage_is_found() {
        let known = summary();
        let text = purchase_metadata(&known).unwrap();
        let mut found = 0;
        for place in 0..text.len() {
            for byte in b"0123456789[]{},:\"afz -e." {
                let mut bytes = text.clone().into_bytes();
                bytes[place] = *byte;
                let damaged = String::from_utf8(bytes).unwrap();
                match read(&damaged, &known, false) {
                    Err(_) => found += 1,
                    Ok(read) => assert!(read.is_none() || read == known.statistics, "{damaged}"),
                }
            }
        }
        assert!(found > 20 * text.len(), "{found} of {}", text.len());
    }
}
