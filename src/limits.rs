//! How large numbers may be: beyond, they mean nothing, and are refused where they come in.

use std::ops::RangeInclusive;

/// Parameters of models, in any unit of time and money: beyond these numbers run out, and no fit leads there.
pub const PARAMETERS: RangeInclusive<f64> = 1e-30..=1e30;

/// More repeat purchases than any customer makes.
pub const MOST_PURCHASES: u32 = 1_000_000;

/// The longest time in a unit that nobody names: three centuries in seconds.
pub const LONGEST_TIME: f64 = 1e10;

/// Largest amount of one order, either way. Beyond it an export is damaged or not in money.
pub const LARGEST_AMOUNT: f64 = 1e13;
