//! The charts, one file a family: from a table with columns of these names to a [`Chart`](super::Chart).
//!
//! Colours are names of the page's style sheet (`var(--actual)`), so that a chart follows the page into the dark and
//! onto paper without being drawn again.

mod alive;
mod calibration;
pub(super) mod chart;
mod cohorts;
mod conditional;
mod contenders;
mod encoding;
mod factors;
mod frequency;
mod heterogeneity;
mod iso_value;
mod lorenz;
mod spend;
mod tracking;

pub use alive::{alive_map, purchases_map};
pub use calibration::{decile_calibration, interval_coverage};
pub use cohorts::cohort_retention;
pub use conditional::{conditional_by_frequency, conditional_by_silence};
pub use contenders::contender_errors;
pub use factors::factors;
pub use frequency::frequency_histogram;
pub use heterogeneity::heterogeneity;
pub use iso_value::iso_value;
pub use lorenz::lorenz;
pub use spend::spend_distribution;
pub use tracking::{tracking_by_period, tracking_cumulative};
