//! What the times of a summary mean: their unit, the grain of the purchases, and the end of the observation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::checksum::Checksums;
use super::names::{AGE, FIRST_PURCHASE, METADATA_KEY};
use super::{Stated, SummaryOptions};
use crate::error::{Error, Result};
use crate::message::{Message, opt, say};
use crate::summary::{Day, Grain, Observation, Summary, TimeUnit};
use crate::tables::TableReader;

/// The newest form of it.
const VERSION: u32 = 1;

/// The text under the key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    version: u32,
    unit: TimeUnit,
    grain: Grain,
    end: Day,
    /// In files, of each column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    checksums: BTreeMap<String, String>,
}

/// What a table says of its times in its own metadata: under [`METADATA_KEY`], or as the attributes of the pandas frame that it was.
///
/// # Errors
/// [`Error::data`] if that is damaged, or of a newer version.
pub fn stated(table: &TableReader) -> Result<Stated> {
    in_metadata(table).map(|(stated, _)| stated)
}

/// What a table says of its times, with checksums of the columns if there are any.
pub(super) fn in_metadata(table: &TableReader) -> Result<(Stated, Checksums)> {
    let name = table.name();
    if let Some(text) = table.metadata(METADATA_KEY) {
        return Stated::with_checksums(&text, name);
    }
    let frame: Option<Frame> = table.metadata("pandas").and_then(|text| serde_json::from_str(&text).ok());
    let Some(said) = frame.and_then(|frame| frame.attributes.clv) else { return Ok(Default::default()) };
    let said: Attributes = serde_json::from_value(said).map_err(|error| {
        Error::data(format!("what the frame said of its times, as its attribute `clv`, is damaged ({error})"))
            .in_file(name)
    })?;
    Ok((Stated { unit: said.unit, grain: said.grain, end: said.until }, Checksums::default()))
}

/// What pandas says of a frame that it wrote.
#[derive(Deserialize)]
struct Frame {
    #[serde(default)]
    attributes: FrameAttributes,
}

#[derive(Default, Deserialize)]
struct FrameAttributes {
    clv: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Attributes {
    unit: Option<TimeUnit>,
    grain: Option<Grain>,
    until: Option<Day>,
}

/// What a table says of its times under [`METADATA_KEY`]: `{"version":1,"unit":"week","grain":"day","end":"1997-09-30"}`.
pub fn metadata(observation: &Observation) -> String {
    text(observation, BTreeMap::new())
}

/// What a file says of the times of the summary that it holds, with checksums of the columns.
pub(super) fn metadata_of(summary: &Summary) -> String {
    let observation = &summary.observation;
    text(observation, Checksums::of(summary, metadata(observation)).columns)
}

fn text(observation: &Observation, checksums: BTreeMap<String, String>) -> String {
    let Observation { unit, grain, end } = *observation;
    let metadata = Metadata { version: VERSION, unit, grain, end, checksums };
    serde_json::to_string(&metadata).expect("names and a day are JSON")
}

impl Stated {
    /// From the text under [`METADATA_KEY`] in what messages call `name`.
    ///
    /// # Errors
    /// [`Error::data`] if it is damaged, or of a newer version.
    pub fn from_metadata(text: &str, name: &str) -> Result<Self> {
        Self::with_checksums(text, name).map(|(stated, _)| stated)
    }

    /// What the text says of times, with the checksums of the columns.
    pub(super) fn with_checksums(text: &str, name: &str) -> Result<(Self, Checksums)> {
        let Metadata { version, unit, grain, end, checksums } = serde_json::from_str(text).map_err(|error| {
            Error::data(format!("what the summary says of its times, under `{METADATA_KEY}`, is damaged ({error})"))
                .in_file(name)
        })?;
        if version > VERSION {
            return Err(Error::data("a newer version of clv wrote this summary").in_file(name));
        }
        let observation = Observation { unit, grain, end };
        Ok((observation.into(), Checksums { times: metadata(&observation), columns: checksums }))
    }

    /// What both say.
    ///
    /// # Errors
    /// [`Error::data`] where they differ.
    pub(super) fn and(self, other: Self) -> Result<Self> {
        fn one<T: PartialEq + std::fmt::Display>(what: &str, a: Option<T>, b: Option<T>) -> Result<Option<T>> {
            match (a, b) {
                (Some(a), Some(b)) if a != b => Err(Error::data(format!(
                    "of some customers the {what} is {a}, and of others {b}; put together only summaries that \
                     were made alike"
                ))),
                (a, b) => Ok(a.or(b)),
            }
        }
        Ok(Self {
            unit: one("time unit", self.unit, other.unit)?,
            grain: one("period of a purchase", self.grain, other.grain)?,
            end: one("end of the observation", self.end, other.end)?,
        })
    }
}

/// The times of a table of customers.
pub(super) struct Times<'a> {
    pub(super) name: &'a str,
    pub(super) first_purchase: Option<&'a [Day]>,
    pub(super) T: &'a [f64],
    /// Whether `T` is a number of opportunities, and so of periods.
    pub(super) counts_periods: bool,
    pub(super) stated: Stated,
}

impl Times<'_> {
    /// What they mean, by what the table states, the dates in it, and what the caller says.
    ///
    /// # Errors
    /// [`Error::usage`] or a question if that remains unknown, or if the caller says otherwise than the table; [`Error::data`] if
    /// ages do not lead to one end of the observation, or to another than was observed.
    pub(super) fn observation(&self, options: &SummaryOptions) -> Result<Observation> {
        let Self { stated, .. } = self;
        let name = self.name;
        let grain = self.grain(options)?;
        let unit = match (stated.unit, options.unit) {
            (Some(stated), Some(given)) if stated != given => {
                return Err(Error::usage(format!("recency and T are in {stated}s, not in {given}s")).in_file(name));
            }
            (stated, given) => stated.or(given),
        };
        let Some(first) = self.first_purchase else {
            let (unit, grain, end) = self.told(unit, grain, options)?;
            return Ok(Observation { unit, grain, end });
        };
        let grain = grain.unwrap_or_default();
        if let Some(day) = first.iter().copied().find(|&day| grain.start(day) != day) {
            return Err(Error::usage(format!(
                "purchases were merged by day, not by {grain} (a first purchase is on {day}); summarise the \
                 orders again"
            ))
            .in_file(name));
        }
        let (unit, end) = self.unit_and_end(unit, grain, first, options)?;
        // Ages are counted to the start of the last period, which may have been observed for longer.
        let ends_then = |until: &Day| grain.start(*until) == end;
        if let Some(until) = options.until.filter(|until| !ends_then(until)) {
            return Err(Error::usage(say![
                "a summary up to {end} cannot be cut at {until}; summarise the orders again with ",
                opt("until").with(until.to_string())
            ])
            .in_file(name));
        }
        if let Some(observed) = stated.end.filter(|observed| !ends_then(observed)) {
            return Err(Error::data(format!(
                "{FIRST_PURCHASE} and {AGE} lead to {end}, and the customers were observed until {observed}; summarise the orders \
                 again"
            )).in_file(name));
        }
        Ok(Observation { unit, grain, end: options.until.or(stated.end).unwrap_or(end) })
    }

    fn grain(&self, options: &SummaryOptions) -> Result<Option<Grain>> {
        match (self.stated.grain, options.grain) {
            (Some(stated), Some(given)) if stated != given => {
                Err(Error::usage(format!("purchases were merged by {stated}, not by {given}")).in_file(self.name))
            }
            (stated, given) => Ok(stated.or(given)),
        }
    }

    /// What is told of a table without dates, or else of the model that is to be asked.
    fn told(
        &self,
        unit: Option<TimeUnit>,
        grain: Option<Grain>,
        options: &SummaryOptions,
    ) -> Result<(TimeUnit, Grain, Day)> {
        let unit = unit.or(options.model.map(|(unit, _)| unit));
        let grain = grain.or(unit.filter(|_| self.counts_periods).map(TimeUnit::grain)).unwrap_or_default();
        let end = options.until.or(self.stated.end);
        if let (Some(unit), Some(end)) = (unit, end) {
            return Ok((unit, grain, end));
        }
        let missing = [
            (
                unit.is_none() && self.counts_periods,
                "how long an opportunity is",
                say![opt("unit").with("month"), " ", opt("grain").with("month")],
            ),
            (unit.is_none() && !self.counts_periods, "the time unit", say![opt("unit").with("week")]),
            (end.is_none(), "the end of the observation", say![opt("until").with("1997-09-30")]),
        ];
        let missing = missing.into_iter().filter(|(missing, ..)| *missing);
        let (what, how): (Vec<&str>, Vec<Message>) = missing.map(|(_, what, how)| (what, how)).unzip();
        let what = what.join(", nor ");
        let message =
            say!["a summary without dates does not say {what}; give for instance ", Message::joined(how, " ")];
        Err(Error::usage(message).in_file(self.name))
    }

    /// The unit in which every `first_purchase + T` is the same day, and that day.
    fn unit_and_end(
        &self,
        known: Option<TimeUnit>,
        grain: Grain,
        first: &[Day],
        options: &SummaryOptions,
    ) -> Result<(TimeUnit, Day)> {
        let T = self.T;
        let end_in = |unit: TimeUnit| {
            let end = |i: usize| unit.after_period(grain, first[i], T[i]);
            let day = end(0).round();
            let same = (0..T.len()).all(|i| (end(i) - day).abs() < 1e-6) && day.abs() < f64::from(i32::MAX);
            same.then(|| Day::new(day as i32)).flatten().map(|day| (unit, day))
        };
        let none = |units: &str| {
            Error::data(format!("{FIRST_PURCHASE} and {AGE} do not lead to one end of the observation in {units}"))
                .in_file(self.name)
        };
        if let Some(unit) = known {
            return end_in(unit).ok_or_else(|| none(&format!("{unit}s")));
        }
        let fitting: Vec<(TimeUnit, Day)> = TimeUnit::ALL.into_iter().filter_map(end_in).collect();
        match &fitting[..] {
            [] => Err(none("any time unit")),
            &[only] => Ok(only),
            several => self.told_apart(several, grain, options),
        }
    }

    /// Few first days do not tell one unit from another. The end of the observation does, if it is known, be it that of the model's
    /// data; customers who all came last are as old in any unit.
    fn told_apart(
        &self,
        fitting: &[(TimeUnit, Day)],
        grain: Grain,
        options: &SummaryOptions,
    ) -> Result<(TimeUnit, Day)> {
        let ending = |end: Day| {
            let mut ending = fitting.iter().filter(move |(_, day)| *day == grain.start(end));
            ending.next().filter(|_| ending.next().is_none()).copied()
        };
        let of_model = |unit: TimeUnit| fitting.iter().find(|(fits, _)| *fits == unit).copied();
        let at_once = fitting.iter().all(|(_, day)| *day == fitting[0].1);
        let known = options.until.or(self.stated.end);
        let told = match (known, options.model) {
            (_, Some((unit, _))) if at_once => of_model(unit),
            (Some(end), _) => ending(end),
            (None, Some((_, Some(end)))) => ending(end),
            (None, _) => None,
        };
        told.ok_or_else(|| {
            let ends: Vec<String> = fitting.iter().map(|(unit, day)| format!("{day} in {unit}s")).collect();
            let question = if at_once {
                "all customers came last, and so their ages do not say what unit of time they are in; which is it?"
                    .to_owned()
            } else {
                format!(
                    "several time units fit the dates, and lead to other ends of the observation ({}); which is it?",
                    ends.join(", ")
                )
            };
            Error::question(question, fitting.iter().map(|(unit, _)| opt("unit").with(unit.name()))).in_file(self.name)
        })
    }
}
