//! Model against data: how often customers purchased, what they did afterwards, how the whole cohort went.

mod compare;
mod histogram;
mod holdout;
mod published;
mod tracking;

pub use compare::{Comparison, Contender, HoldoutErrors, Later, compare, eligible};
pub use histogram::{ChiSquare, FrequencyBin, LAST_BIN, chi_square, frequency_histogram};
pub use holdout::{FrequencyGroup, Holdout};
pub use published::{Figure, Status, reproduce};
pub use tracking::{actual_repeat_purchases, expected_repeat_purchases};
