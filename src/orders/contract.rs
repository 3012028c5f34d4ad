//! The data contract: what makes a row an order, and a count of every row that is none.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Place};
use crate::message::{flag, say};

/// What happens to negative amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Returns {
    /// They lower the customer's spend and are no purchases.
    #[default]
    Net,
    /// They are left out.
    Drop,
    /// They are an error.
    Error,
}

/// What happens to rows that are equal in every column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// Every one is an order.
    #[default]
    Keep,
    /// The first is an order, the others are left out; takes memory for every row, whatever is said of memory.
    Drop,
}

/// Why a row is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// More or fewer fields than the header.
    Ragged,
    /// Equal to an earlier row in every column.
    Duplicate,
    /// It does not meet a condition.
    NotSelected,
    /// The customer is empty.
    NoCustomer,
    /// The customer is no UTF-8 text.
    NotUtf8,
    /// The date is empty.
    NoDate,
    /// The date is no date.
    UnreadableDate,
    /// The amount is empty.
    NoAmount,
    /// The amount is no number.
    UnreadableAmount,
    /// The amount is infinite, not a number, or beyond any money.
    ImpossibleAmount,
    /// In another currency than the one that is kept.
    OtherCurrency,
    /// Of an order that stands in another file, too.
    RepeatedOrder,
    /// A return, with returns dropped.
    Return,
    /// After the end of the observation.
    AfterEnd,
}

impl Reason {
    /// All reasons, in the order of reporting.
    pub const ALL: [Self; 14] = [
        Self::Ragged,
        Self::Duplicate,
        Self::NotSelected,
        Self::NoCustomer,
        Self::NotUtf8,
        Self::NoDate,
        Self::UnreadableDate,
        Self::NoAmount,
        Self::UnreadableAmount,
        Self::ImpossibleAmount,
        Self::OtherCurrency,
        Self::RepeatedOrder,
        Self::Return,
        Self::AfterEnd,
    ];

    /// Whether the user asked for it, so that it is no fault of the data.
    pub fn is_by_option(self) -> bool {
        matches!(
            self,
            Self::Duplicate
                | Self::NotSelected
                | Self::OtherCurrency
                | Self::RepeatedOrder
                | Self::Return
                | Self::AfterEnd
        )
    }

    /// Whether something stands there that could not be read.
    pub fn is_unreadable(self) -> bool {
        matches!(
            self,
            Self::Ragged | Self::NotUtf8 | Self::UnreadableDate | Self::UnreadableAmount | Self::ImpossibleAmount
        )
    }

    /// For machines.
    pub fn key(self) -> &'static str {
        match self {
            Self::Ragged => "ragged",
            Self::Duplicate => "duplicate",
            Self::NotSelected => "not_selected",
            Self::NoCustomer => "no_customer",
            Self::NotUtf8 => "not_utf8",
            Self::NoDate => "no_date",
            Self::UnreadableDate => "unreadable_date",
            Self::NoAmount => "no_amount",
            Self::UnreadableAmount => "unreadable_amount",
            Self::ImpossibleAmount => "impossible_amount",
            Self::OtherCurrency => "other_currency",
            Self::RepeatedOrder => "repeated_order",
            Self::Return => "return",
            Self::AfterEnd => "after_end",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ragged => "with more or fewer fields than the header",
            Self::Duplicate => "equal to an earlier row",
            Self::NotSelected => "that do not meet the conditions",
            Self::NoCustomer => "without a customer",
            Self::NotUtf8 => "whose customer is not UTF-8 text; save the file as UTF-8",
            Self::NoDate => "without a date",
            Self::UnreadableDate => "with an unreadable date",
            Self::NoAmount => "without an amount",
            Self::UnreadableAmount => "with an unreadable amount",
            Self::ImpossibleAmount => "with an amount that is not finite or beyond 1e13",
            Self::OtherCurrency => "in another currency",
            Self::RepeatedOrder => "of orders that stand in an earlier file, too",
            Self::Return => "that are returns",
            Self::AfterEnd => "after the end of the observation",
        })
    }
}

/// One row as an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Example {
    /// File and line.
    pub place: Place,
    /// What stands there.
    pub value: String,
}

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)?;
        if self.value.is_empty() { Ok(()) } else { write!(f, ": `{}`", self.value) }
    }
}

/// A row that is not used, where every row is to be.
pub(super) fn refused_row(reason: Reason, example: Example) -> Error {
    let message = say!["a row {reason} ({example}); ", flag("strict"), " allows none"];
    Error::data(message).knowing(example.place.of_value(example.value))
}

/// Different values kept as examples of a reason.
const EXAMPLES: usize = 8;

/// Rows not used, by reason, each with the first examples.
#[derive(Clone, Debug, Default)]
pub struct LeftOut {
    rows: [u64; Reason::ALL.len()],
    /// The first with different values, each with the block in which it stands.
    examples: [Vec<(usize, Example)>; Reason::ALL.len()],
}

impl LeftOut {
    /// Counts a row of a block; blocks come in ascending order.
    pub(super) fn count(&mut self, reason: Reason, block: usize, example: impl FnOnce() -> Example) {
        self.rows[reason as usize] += 1;
        let examples = &mut self.examples[reason as usize];
        if examples.len() < EXAMPLES && (examples.is_empty() || reason.is_unreadable()) {
            let example = example();
            if examples.iter().all(|(_, known)| known.value != example.value) {
                examples.push((block, example));
            }
        }
    }

    /// Counts several rows, of which one is an example.
    pub(super) fn count_rows(&mut self, reason: Reason, rows: u64, block: usize, example: impl FnOnce() -> Example) {
        self.count(reason, block, example);
        self.rows[reason as usize] += rows - 1;
    }

    /// Adds the rows of other blocks.
    pub(super) fn add(&mut self, other: Self) {
        for (rows, others) in self.rows.iter_mut().zip(other.rows) {
            *rows += others;
        }
        for (examples, others) in self.examples.iter_mut().zip(other.examples) {
            examples.extend(others);
            // Within a block they are in the order of its rows.
            examples.sort_by_key(|(block, _)| *block);
            let mut values: Vec<String> = Vec::new();
            examples.retain(|(_, example)| {
                let new = !values.contains(&example.value);
                if new {
                    values.push(example.value.clone());
                }
                new
            });
            examples.truncate(EXAMPLES);
        }
    }

    /// Rows left out for this reason.
    pub fn rows(&self, reason: Reason) -> u64 {
        self.rows[reason as usize]
    }

    /// Rows left out that nobody asked to be left out.
    pub fn not_by_option(&self) -> u64 {
        Reason::ALL.into_iter().filter(|reason| !reason.is_by_option()).map(|reason| self.rows(reason)).sum()
    }

    /// All rows left out.
    pub fn total(&self) -> u64 {
        self.rows.iter().sum()
    }

    /// Rows left out because the user asked for it.
    pub fn by_option(&self) -> u64 {
        self.total() - self.not_by_option()
    }

    /// The reasons that occurred, with counts and examples.
    pub fn reasons(&self) -> impl Iterator<Item = (Reason, u64, &Example)> {
        Reason::ALL.into_iter().filter_map(|reason| Some((reason, self.rows(reason), self.examples(reason).next()?)))
    }

    /// The first rows left out for this reason whose values differ.
    pub fn examples(&self, reason: Reason) -> impl Iterator<Item = &Example> {
        self.examples[reason as usize].iter().map(|(_, example)| example)
    }
}
