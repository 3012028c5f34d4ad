//! Answers that were made by history, joined with the summary where it is.
//!
//! What a model says of when customers purchase depends on three numbers alone: frequency, recency and age. So a table of the answers to every
//! distinct history says what is to be said of any number of customers, and a database joins it by whole numbers. What customers spend is
//! arithmetic.

use super::text::indented;
use super::{Dialect, quoted};
use crate::columns::{
    CLV, CUSTOMER, EXPECTED_SPEND, FIRST_PURCHASE, FREQUENCY, LAST_PURCHASE, MONETARY_VALUE, OBSERVED_UNTIL,
};
use crate::error::{Error, Result};
use crate::models::GammaGamma;
use crate::summary::{History, Observation, Summary};

/// The distinct histories of a summary, by whole numbers of days, or of periods where the calendar's months or years are counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Histories {
    /// Repeat purchases.
    pub frequency: Vec<u32>,
    /// From the first purchase to the last.
    pub recency: Vec<u32>,
    /// From the first purchase to the end.
    pub age: Vec<u32>,
    observation: Observation,
}

/// How far a time may be from a whole number for it to be that: what was written with fewer digits.
const ROUNDING: f64 = 1e-3;

impl Histories {
    /// Of the customers of a summary, or of counted rows.
    ///
    /// # Errors
    /// [`Error::data`] if a time is no whole number of days, or periods.
    pub fn of(summary: &Summary) -> Result<Self> {
        let observation = summary.observation;
        let whole = |time: f64| {
            let number = if counts_calendar(observation) { time } else { time * observation.unit.days() };
            let rounded = number.round();
            match (number - rounded).abs() <= ROUNDING && rounded <= f64::from(u32::MAX) {
                true => Ok(rounded as u32),
                false => Err(Error::data(format!(
                    "a time of {time} {}s is {number} {}, and whole ones tell histories apart; summarise by the day, or by periods",
                    observation.unit,
                    what_counts(observation)
                ))),
            }
        };
        let mut all = summary
            .histories()
            .map(|History { frequency, t_x, T }| Ok((frequency, whole(t_x)?, whole(T)?)))
            .collect::<Result<Vec<_>>>()?;
        all.sort_unstable();
        all.dedup();
        Ok(Self {
            frequency: all.iter().map(|(frequency, ..)| *frequency).collect(),
            recency: all.iter().map(|(_, recency, _)| *recency).collect(),
            age: all.iter().map(|(.., age)| *age).collect(),
            observation,
        })
    }

    /// One customer of each history, with the times that a summary has.
    pub fn summary(&self) -> Summary {
        let time = |whole: u32| match counts_calendar(self.observation) {
            true => f64::from(whole),
            false => f64::from(whole) / self.observation.unit.days(),
        };
        let times = self.frequency.iter().zip(&self.recency).zip(&self.age);
        let histories = times.map(|((&x, &t_x), &T)| (History::new(x, time(t_x), time(T)), 0.0));
        Summary { knows_spend: false, ..Summary::from_histories(histories, self.observation) }
    }

    /// Names of the three columns that tell histories apart.
    pub fn columns(&self) -> [String; 3] {
        let of = |time: &str| format!("{time}_{}", what_counts(self.observation));
        [FREQUENCY.name.to_owned(), of("recency"), of("age")]
    }
}

/// Whether time is the number of the calendar's months or years.
fn counts_calendar(observation: Observation) -> bool {
    observation.counts_periods() && observation.unit.days() > 7.0
}

fn what_counts(observation: Observation) -> &'static str {
    if counts_calendar(observation) { "periods" } else { "days" }
}

/// A query that joins answers with a summary.
#[derive(Clone, Debug)]
pub struct Scores {
    /// Whose SQL.
    pub dialect: Dialect,
    /// The table with the summary: `customer_id`, `frequency`, `first_purchase`, `last_purchase`, `monetary_value`, `observed_until`.
    pub summary: String,
    /// The table with the answers.
    pub lookup: String,
    /// Of both.
    pub observation: Observation,
    /// The columns of answers, and in which column of value, if any, each is multiplied with the expected spend.
    pub answers: Vec<(String, Option<String>)>,
    /// What purchases are worth, if that is asked.
    pub spend: Option<GammaGamma>,
    /// Share of the spend that is earned.
    pub margin: f64,
}

impl Scores {
    /// The text of the query.
    ///
    /// # Errors
    /// [`Error::usage`] for names that no table has.
    pub fn text(&self) -> Result<String> {
        let dialect = self.dialect;
        let (summary, lookup) = (quoted::table(dialect, &self.summary)?, quoted::table(dialect, &self.lookup)?);
        let observation = self.observation;
        let (first, last) = (format!("summary.{}", FIRST_PURCHASE.name), format!("summary.{}", LAST_PURCHASE.name));
        let end = dialect.date(observation.grain.start(observation.end));
        let mut fields = vec![format!("summary.{}", CUSTOMER.name)];
        let spend = self.spend.map(|spend| self.expected_spend(spend));
        for (answer, _) in &self.answers {
            fields.push(format!("lookup.{}", quoted::column(dialect, answer)?));
        }
        if let Some(spend) = &spend {
            fields.push(format!("{spend} as {}", EXPECTED_SPEND.name));
            for (answer, value) in &self.answers {
                let Some(value) = value else { continue };
                let (answer, value) = (quoted::column(dialect, answer)?, quoted::column(dialect, value)?);
                let margin = dialect.double(&format!("{:?}", self.margin));
                fields.push(format!("{margin} * ({spend}) * lookup.{answer} as {value}"));
            }
        }
        let keys = [
            format!("lookup.{f} = summary.{f}", f = FREQUENCY.name),
            format!("lookup.recency_{} = {}", what_counts(observation), self.whole(&first, &last)),
            format!("lookup.age_{} = {}", what_counts(observation), self.whole(&first, &end)),
            // Answers to other days are others.
            format!("summary.{} = {}", OBSERVED_UNTIL.name, dialect.date(observation.end)),
        ];
        Ok(format!(
            "-- Every customer's answers, observed until {}: of each history those of the table {}.\n\
             -- Whoever has a history that is not in it has no answers: make it anew from the summary of today.\n\
             -- Made by clv {}\nselect\n{}\nfrom {summary} as summary\nleft join {lookup} as lookup\n  on {}\n",
            observation.end,
            self.lookup.escape_debug(),
            env!("CARGO_PKG_VERSION"),
            indented(&fields.join(",\n")),
            keys.join("\n  and ")
        ))
    }

    /// Whole days or periods from one date to another.
    fn whole(&self, earlier: &str, later: &str) -> String {
        let dialect = self.dialect;
        match (counts_calendar(self.observation), self.observation.unit) {
            (false, _) => dialect.days(earlier, later),
            (true, crate::summary::TimeUnit::Year) => dialect.years(earlier, later),
            (true, _) => dialect.months(earlier, later),
        }
    }

    /// `p (gamma + x m) / (p x + q - 1)`, in the order in which [`GammaGamma::expected_spend`] computes it.
    fn expected_spend(&self, GammaGamma { p, q, gamma }: GammaGamma) -> String {
        let dialect = self.dialect;
        let number = |value: f64| dialect.double(&format!("{value:?}"));
        let x = dialect.double(&format!("summary.{}", FREQUENCY.name));
        let m = format!("summary.{}", MONETARY_VALUE.name);
        let spent = format!("{x} * case when {m} > 0 then {m} else 0 end");
        format!("{p} * ({} + {spent}) / ({} + {p} * {x})", number(gamma), number(q - 1.0), p = number(p))
    }
}

/// The name of the column of value over the horizon of an answer.
pub fn value_column(label: &str) -> String {
    CLV.of(&[label])
}
