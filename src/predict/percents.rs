//! Per cents, as users give them.

use crate::error::{Error, Result};
use crate::message::{opt, say};

/// Per cents that were given, as shares.
///
/// # Errors
/// [`Error::usage`], naming the option, unless each is between 0 and 100 and stands once.
pub fn shares(option: &'static str, percents: &[f64]) -> Result<Vec<f64>> {
    match percents.iter().find(|percent| !(**percent > 0.0 && **percent < 100.0)) {
        Some(wrong) => {
            Err(Error::usage(say![opt(option), " has {wrong}; give per cents between 0 and 100, like 50,80,90"]))
        }
        None if has_twice(percents) => Err(Error::usage(say![opt(option), " names a number twice"])),
        None => Ok(percents.iter().map(|percent| percent / 100.0).collect()),
    }
}

/// Whether a number stands twice.
pub(crate) fn has_twice(numbers: &[f64]) -> bool {
    numbers.iter().enumerate().any(|(i, number)| numbers[..i].contains(number))
}
