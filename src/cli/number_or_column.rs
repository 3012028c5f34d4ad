//! Numbers that a user gives once for all customers, or names a column with one for each.

use std::str::FromStr;

use crate::answers::{CustomerNumber, NumberRange};
use crate::error::Result;
use crate::predict::PerCustomer;
use crate::summary::Summary;

/// What stands after `--margin` or `--cac`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum NumberOrColumn {
    Number(f64),
    Column(String),
}

impl FromStr for NumberOrColumn {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.parse() {
            Ok(number) => Ok(Self::Number(number)),
            Err(_) if text.chars().all(|c| c.is_ascii_digit() || ".,%-".contains(c)) => {
                Err("give a number like 0.3, or the name of a column".to_owned())
            }
            Err(_) => Ok(Self::Column(text.to_owned())),
        }
    }
}

impl From<NumberOrColumn> for CustomerNumber {
    fn from(given: NumberOrColumn) -> Self {
        match given {
            NumberOrColumn::Number(number) => Self::Number(number),
            NumberOrColumn::Column(name) => Self::Column(name),
        }
    }
}

impl NumberOrColumn {
    /// The name, if it is a column's.
    pub(super) fn column(&self) -> Option<&str> {
        match self {
            Self::Number(_) => None,
            Self::Column(name) => Some(name),
        }
    }

    /// The number of every customer.
    pub(super) fn of(&self, summary: &Summary, range: &NumberRange, decimal_comma: bool) -> Result<PerCustomer> {
        CustomerNumber::from(self.clone()).of(summary, range, decimal_comma)
    }

    /// Refuses a number out of range.
    pub(super) fn check(&self, range: &NumberRange) -> Result<()> {
        CustomerNumber::from(self.clone()).check(range)
    }
}
