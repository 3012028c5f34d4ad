//! A few orders, for the tests of what summaries count.

use std::collections::BTreeMap;

use super::{Cohort, Day, Grain, PurchaseLog, Summary, TimeUnit};

pub(super) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(super) fn days(texts: &[(&str, u64)]) -> BTreeMap<Day, u64> {
    texts.iter().map(|&(text, count)| (day(text), count)).collect()
}

pub(super) fn summary(orders: &[(&str, &str, f64)], grain: Grain, unit: TimeUnit, end: &str) -> Summary {
    let mut log = PurchaseLog::new(grain);
    orders.iter().for_each(|&(customer, date, amount)| log.add(customer, day(date), amount).unwrap());
    log.summary(unit, day(end), &Cohort::default()).unwrap().0
}

/// Two customers who come again, one who does not, a return, and two orders on a day.
pub(super) const ORDERS: [(&str, &str, f64); 9] = [
    ("a", "2024-01-31", 1.0),
    ("a", "2024-02-01", 1.0),
    ("a", "2024-02-01", 5.0),
    ("a", "2024-02-29", -1.0),
    ("a", "2024-03-04", 1.0),
    ("b", "2023-12-30", 1.0),
    ("b", "2024-02-01", 1.0),
    ("b", "2024-04-01", 1.0),
    ("c", "2024-02-01", 1.0),
];
