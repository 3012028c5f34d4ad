//! Numbers that a user gives once for all customers, or names a column with one for each.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{Error, Result};
use crate::orders::read_amount;
use crate::predict::{PerCustomer, share};
use crate::summary::Summary;
use crate::tables::clip;

/// A number of each customer: a margin, a cost of acquisition.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum CustomerNumber {
    /// One number for all customers.
    Number(f64),
    /// The column that has it.
    Column(String),
    /// One for every customer, in the summary's order.
    Each(Vec<f64>),
}

impl FromStr for CustomerNumber {
    type Err = String;

    /// Reads a number, or else the name of a column.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Self::read(text, text.parse().ok(), "give a number like 20, or the name of a column")
    }
}

impl fmt::Display for CustomerNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Column(name) => f.write_str(name),
            Self::Each(numbers) => write!(f, "{} numbers", numbers.len()),
        }
    }
}

impl<'de> Deserialize<'de> for CustomerNumber {
    /// A number, several, or a text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NumbersOrColumn(Self::from_str))
    }
}

/// Reads one number, one for each customer, or what a text says.
struct NumbersOrColumn(fn(&str) -> std::result::Result<CustomerNumber, String>);

impl<'de> Visitor<'de> for NumbersOrColumn {
    type Value = CustomerNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number for all, one for each customer, or the name of a column")
    }

    fn visit_f64<E>(self, number: f64) -> std::result::Result<CustomerNumber, E> {
        Ok(CustomerNumber::Number(number))
    }

    fn visit_i64<E>(self, number: i64) -> std::result::Result<CustomerNumber, E> {
        Ok(CustomerNumber::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> std::result::Result<CustomerNumber, E> {
        Ok(CustomerNumber::Number(number as f64))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<CustomerNumber, E> {
        (self.0)(text).map_err(|advice| E::custom(format!("`{text}` is no number; {advice}")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> std::result::Result<CustomerNumber, A::Error> {
        let mut each = Vec::with_capacity(numbers.size_hint().unwrap_or(0));
        while let Some(number) = numbers.next_element()? {
            each.push(number);
        }
        Ok(CustomerNumber::Each(each))
    }
}

/// Which numbers are possible.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NumberRange {
    /// What they are, for messages.
    pub what: &'static str,
    /// Whether a number is one of them.
    pub holds: fn(f64) -> bool,
    /// What to give instead.
    pub advice: &'static str,
    /// Whether they are shares, which may be written in per cent.
    pub is_share: bool,
}

/// Share of the spend that is earned.
pub const MARGIN: NumberRange = NumberRange {
    what: "the margin",
    holds: |margin| (1e-6..=1.0).contains(&margin),
    advice: "give a fraction like 0.3, or 30%",
    is_share: true,
};

/// Cost of acquisition.
pub const CAC: NumberRange = NumberRange {
    what: "the cost of acquisition",
    holds: |cost| (0.0..=1e13).contains(&cost),
    advice: "give an amount of money, 0 or more",
    is_share: false,
};

impl CustomerNumber {
    /// Reads a share, a fraction like 0.3 or per cents like 30%, or else the name of a column.
    ///
    /// # Errors
    /// What to give instead of something that is neither.
    pub fn share(text: &str) -> std::result::Result<Self, String> {
        Self::read(text, share(text), "give a fraction like 0.3, per cents like 30%, or the name of a column")
    }

    /// Reads a number that is given by name, where a text may be a share.
    pub(super) fn deserialize_share<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NumbersOrColumn(Self::share))
    }

    fn read(text: &str, number: Option<f64>, advice: &str) -> std::result::Result<Self, String> {
        match number {
            Some(number) => Ok(Self::Number(number)),
            // No column is called so.
            None if text.chars().all(|c| c.is_ascii_digit() || ".,%- ".contains(c)) => Err(advice.to_owned()),
            None => Ok(Self::Column(text.to_owned())),
        }
    }

    /// The name, if it is a column's.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Number(_) | Self::Each(_) => None,
            Self::Column(name) => Some(name),
        }
    }

    /// Refuses a number out of range.
    ///
    /// # Errors
    /// [`Error::usage`] with the number.
    pub fn check(&self, range: &NumberRange) -> Result<()> {
        match self {
            Self::Number(number) if !(range.holds)(*number) => {
                Err(Error::usage(format!("{} is {number}; {}", range.what, range.advice)))
            }
            _ => Ok(()),
        }
    }

    /// The number of every customer, from the column if there is one.
    ///
    /// # Errors
    /// [`Error::data`], naming the customer, where the column has a gap or what is no number in the range.
    pub fn of(&self, summary: &Summary, range: &NumberRange, decimal_comma: bool) -> Result<PerCustomer> {
        let name = match self {
            Self::Number(number) => return self.check(range).map(|()| PerCustomer::All(*number)),
            Self::Each(numbers) => return each(numbers, summary, range),
            Self::Column(name) => name,
        };
        let attribute = summary.attribute(name).ok_or_else(|| {
            Error::usage(format!("{} is `{name}`, neither a number nor a column that was read", range.what))
        })?;
        let read = |text: &str| match text.trim().strip_suffix('%').filter(|_| range.is_share) {
            Some(percent) => read_amount(percent, decimal_comma).map(|percent| percent / 100.0),
            None => read_amount(text, decimal_comma),
        };
        let numbers: Vec<Option<f64>> =
            attribute.texts.iter().map(|text| read(text).filter(|number| (range.holds)(*number))).collect();
        let of = |row: usize| {
            let customer = || clip(&summary.customers.text(row));
            match attribute.of[row] {
                None => Err(Error::data(format!(
                    "{} of customer `{}` is missing: column `{name}` is empty. Fill it, or give one number for all",
                    range.what,
                    customer()
                ))),
                Some(text) => numbers[text as usize].ok_or_else(|| {
                    let text = clip(&attribute.texts[text as usize]);
                    Error::data(format!(
                        "{} of customer `{}` is `{text}` in column `{name}`; {}",
                        range.what,
                        customer(),
                        range.advice
                    ))
                }),
            }
        };
        (0..summary.len()).map(of).collect::<Result<_>>().map(PerCustomer::Each)
    }
}

fn each(numbers: &[f64], summary: &Summary, range: &NumberRange) -> Result<PerCustomer> {
    if numbers.len() != summary.len() {
        return Err(Error::usage(format!(
            "{}: {} numbers for {} customers; give one number for all, or one for each",
            range.what,
            numbers.len(),
            summary.len()
        )));
    }
    match (0..numbers.len()).find(|&row| !(range.holds)(numbers[row])) {
        Some(row) => Err(Error::data(format!(
            "{} of customer `{}` is {}; {}",
            range.what,
            clip(&summary.customers.text(row)),
            numbers[row],
            range.advice
        ))),
        None => Ok(PerCustomer::Each(numbers.to_vec())),
    }
}
