//! How far ahead, as users say it.

use clv::Result;
use clv::predict::Horizon;
use clv::summary::{Grain, TimeUnit};
use pyo3::prelude::*;

/// How far ahead: text, or a number of time units.
#[derive(FromPyObject)]
pub(crate) enum Ahead {
    Time(f64),
    Text(String),
}

impl Ahead {
    /// In a unit that may have no name.
    pub(crate) fn horizon(&self, unit: Option<TimeUnit>, grain: Grain) -> Result<Horizon> {
        match self {
            Self::Time(number) => Horizon::time(*number, unit, grain),
            Self::Text(text) => text.parse(),
        }
    }
}
