//! Repeat purchases of a whole cohort over the calendar.

use std::collections::BTreeMap;

use crate::models::Timing;
use crate::summary::{Day, TimeUnit};

/// Expected repeat purchases of a cohort up to `until`: a customer whose first purchase was on day `s` adds
/// `E[X(until - s)]`. FHL05, section 4.
pub fn expected_repeat_purchases(
    timing: &impl Timing,
    unit: TimeUnit,
    first_purchases: impl IntoIterator<Item = Day>,
    until: Day,
) -> f64 {
    let mut starts: BTreeMap<Day, f64> = BTreeMap::new();
    for first in first_purchases {
        *starts.entry(first).or_default() += 1.0;
    }
    starts
        .range(..until)
        .map(|(&first, customers)| customers * timing.expected_purchases(unit.between(first, until)))
        .sum()
}

/// Repeat purchases up to `until`, from each customer's ascending purchase days.
pub fn actual_repeat_purchases(purchase_days: &[Vec<Day>], until: Day) -> u64 {
    let repeats = |days: &Vec<Day>| days.partition_point(|&day| day <= until).saturating_sub(1);
    purchase_days.iter().map(|days| repeats(days) as u64).sum()
}
