//! How subscriptions are read.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::orders::DateReader;
use crate::summary::Day;

/// What becomes of customers who come back after their contract has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Again {
    /// Each time counts as a new customer's contract.
    New,
    /// The first time counts alone.
    First,
}

/// What becomes of customers with two contracts at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Overlaps {
    /// They are one contract, from the first day of the one to the last of the other.
    Join,
    /// Each is a contract by itself.
    Apart,
}

/// How subscriptions are read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubscriptionOptions {
    /// Column of the customer, if it is not to be found by its name.
    pub customer: Option<String>,
    /// Column of the first day.
    pub start: Option<String>,
    /// Column of the day on which the contract ended; empty while it runs.
    pub end: Option<String>,
    /// Column of groups that are fitted apart, for instance the plan.
    pub by: Option<String>,
    /// Form and zone of dates.
    pub dates: DateReader,
    /// Last day of which the table tells: contracts that end later are running.
    pub until: Option<Day>,
    /// First day from which ends were recorded, if some customers began before: those who had left by then are not in the table.
    pub observed_from: Option<Day>,
    /// What becomes of customers who come back.
    pub again: Option<Again>,
    /// What becomes of two contracts at once.
    pub overlaps: Option<Overlaps>,
    /// Days from the end of one contract to the start of the next within which it is the same contract.
    pub pause: u32,
    /// Whether any row left out is an error.
    pub strict: bool,
}

impl SubscriptionOptions {
    /// Checks what can be checked without a table; the last day of which it tells.
    ///
    /// # Errors
    /// [`Error::usage`], naming the option; [`Error::question`] if the last day is not said.
    pub fn check(&self) -> Result<Day> {
        let Some(until) = self.until else {
            return Err(Error::question(
                say![
                    "up to which day does the table tell who left? The last date in it need not be that day: ends may lie ahead. Say it with ",
                    opt("until"),
                    ", for instance the day of the export"
                ],
                [opt("until")],
            ));
        };
        match self.observed_from.filter(|from| *from >= until) {
            Some(from) => Err(Error::usage(say![
                opt("observed_from"),
                format!(" is {from}, and has to be before "),
                opt("until"),
                format!(", {until}")
            ])),
            None => Ok(until),
        }
    }
}
