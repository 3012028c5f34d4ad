//! What was read, and what became of it: every row is accounted for.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Place, Result};
use crate::message::{opt, say};
use crate::orders::MAX_LEFT_OUT;

/// Why a row or a contract is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriptionReason {
    /// More or fewer fields than the header.
    Ragged,
    /// No customer.
    NoCustomer,
    /// No first day.
    NoStart,
    /// A first day that is no date.
    UnreadableStart,
    /// A last day that is no date.
    UnreadableEnd,
    /// The contract ends before it begins.
    EndBeforeStart,
    /// It begins after the last day of which the table tells.
    AfterUntil,
    /// It ended before ends were recorded.
    BeforeObserved,
    /// The customer came back, and first contracts count alone.
    Again,
}

impl SubscriptionReason {
    const ALL: [Self; 9] = [
        Self::Ragged,
        Self::NoCustomer,
        Self::NoStart,
        Self::UnreadableStart,
        Self::UnreadableEnd,
        Self::EndBeforeStart,
        Self::AfterUntil,
        Self::BeforeObserved,
        Self::Again,
    ];

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ragged => "fields that are not as many as the header's",
            Self::NoCustomer => "no customer",
            Self::NoStart => "no start",
            Self::UnreadableStart => "a start that is no date",
            Self::UnreadableEnd => "an end that is no date",
            Self::EndBeforeStart => "an end before the start",
            Self::AfterUntil => "a start after the last day",
            Self::BeforeObserved => "an end before ends were recorded",
            Self::Again => "a customer who came back",
        }
    }

    /// Whether an option leaves it out, and not a fault of the row.
    pub fn by_option(self) -> bool {
        matches!(self, Self::AfterUntil | Self::BeforeObserved | Self::Again)
    }
}

/// A row that was left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// Where it stands.
    pub place: Place,
    /// What stands there.
    pub value: String,
}

/// What was read, and what became of it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SubscriptionReport {
    /// Rows of the table.
    pub rows: u64,
    /// Rows left out, by reason, with the first of them.
    pub left_out: Vec<(SubscriptionReason, u64, Example)>,
    /// Rows that went on with a contract of the same customer.
    pub joined: u64,
    /// Contracts of customers who had had one before.
    pub again: u64,
    /// Contracts that the lifetimes are of.
    pub contracts: u64,
    /// Of these: running on the last day.
    pub running: u64,
    /// Of these: ended, in a period that is over.
    pub left: u64,
    /// Of these: ended in a period that is not over, at whose end they will have left; till then they are seen to stay.
    pub leaving: u64,
    /// Of these: contracts of which no renewal, made or not, was seen yet.
    pub before_renewal: u64,
    /// Of these: begun before ends were recorded.
    pub begun_before: u64,
}

impl SubscriptionReport {
    pub(super) fn leave_out(&mut self, reason: SubscriptionReason, example: impl FnOnce() -> Example) {
        match self.left_out.iter_mut().find(|(known, ..)| *known == reason) {
            Some((_, rows, _)) => *rows += 1,
            None => self.left_out.push((reason, 1, example())),
        }
    }

    /// Adds what another part of the table had, whose examples are later.
    pub(super) fn join(&mut self, other: Self) {
        self.rows += other.rows;
        for (reason, rows, example) in other.left_out {
            match self.left_out.iter_mut().find(|(known, ..)| *known == reason) {
                Some((_, known, first)) => {
                    *known += rows;
                    let line = |example: &Example| example.place.row.map(|row| row.number());
                    if line(&example) < line(first) {
                        *first = example;
                    }
                }
                None => self.left_out.push((reason, rows, example)),
            }
        }
    }

    /// Rows left out for a reason.
    pub fn rows_left_out(&self, reason: SubscriptionReason) -> u64 {
        self.left_out.iter().find(|(known, ..)| *known == reason).map_or(0, |(_, rows, _)| *rows)
    }

    /// In words, a line for each thing to know.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{} rows, {} contracts: {} running, {} ended, {} ended in a period that is not over",
            self.rows, self.contracts, self.running, self.left, self.leaving
        )];
        let counted = [
            (self.joined, "rows go on with a contract of the same customer"),
            (self.again, "contracts are of customers who came back"),
            (
                self.begun_before,
                "contracts began before ends were recorded, and count from their first renewal after that",
            ),
            (self.before_renewal, "contracts have not come to a renewal that was seen, and say nothing yet"),
        ];
        lines.extend(counted.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")));
        for reason in SubscriptionReason::ALL {
            if let Some((_, rows, example)) = self.left_out.iter().find(|(known, ..)| *known == reason) {
                lines.push(format!("{rows} left out: {} ({})", reason.words(), example.place));
            }
        }
        lines
    }

    /// Refuses a table of which too much cannot be used.
    ///
    /// # Errors
    /// [`Error::data`] with the first such row: if there is any and none may be, or if they are more than a tenth.
    pub(super) fn check(&self, strict: bool) -> Result<()> {
        let faults: Vec<_> = self.left_out.iter().filter(|(reason, ..)| !reason.by_option()).collect();
        let unusable: u64 = faults.iter().map(|(_, rows, _)| rows).sum();
        let too_many = unusable > 1 && unusable as f64 > MAX_LEFT_OUT * self.rows as f64;
        let Some((reason, _, example)) = faults.first().filter(|_| too_many || (strict && unusable > 0)) else {
            return Ok(());
        };
        let words = format!("{unusable} of {} rows cannot be used; the first has {}", self.rows, reason.words());
        let words = if too_many { say![words] } else { say![words, ", and ", opt("strict"), " allows none"] };
        Err(Error::data(words).at(example.place.clone().of_value(&example.value)))
    }
}
