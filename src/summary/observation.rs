//! What was observed: the calendar of a summary.

use super::{Day, Grain, TimeUnit};

/// What the numbers of a summary mean in the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Unit of `recency` and `T`.
    pub unit: TimeUnit,
    /// Period within which orders are one purchase.
    pub grain: Grain,
    /// Last day observed.
    pub end: Day,
}

impl Observation {
    /// Times in `unit`, orders merged by `grain`, observed to the end of the day `end`.
    pub const fn new(unit: TimeUnit, grain: Grain, end: Day) -> Self {
        Self { unit, grain, end }
    }

    /// The age at the end of a customer whose first purchase was on this day: from the start of its period to the start of
    /// the last one observed.
    pub fn age(&self, first_purchase: Day) -> f64 {
        self.time(first_purchase, self.grain.start(self.end))
    }

    /// Whether time is counted in whole periods of the calendar, those in which a customer's orders are one purchase.
    pub fn counts_periods(&self) -> bool {
        self.unit.counts(self.grain)
    }

    /// The time from the start of one period to that of another.
    pub fn time(&self, earlier: Day, later: Day) -> f64 {
        self.unit.between_periods(self.grain, earlier, later)
    }

    /// The time between two starts of periods that lie so many days apart.
    pub(super) fn period_days(&self, days: u32) -> f64 {
        self.unit.of_period_days(self.grain, days)
    }
}
