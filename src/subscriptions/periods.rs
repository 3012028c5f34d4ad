//! Contract periods: whole calendar months and years from the first day of each contract.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::summary::{Day, TimeUnit};

/// The day of the `k`-th renewal of a contract that began on `start`: `k` periods later. Months and years are those of the calendar; a
/// contract of 31 January is renewed on the last day of February, and on 31 March again.
pub fn renewal(unit: TimeUnit, start: Day, k: i32) -> Day {
    let months = |months: i64| Day::from(start.date().saturating_add((i64::from(k) * months).months()));
    match unit {
        TimeUnit::Day => Day(start.0.saturating_add(k)),
        TimeUnit::Week => Day(start.0.saturating_add(k.saturating_mul(7))),
        TimeUnit::Month => months(1),
        TimeUnit::Year => months(12),
    }
}

/// Whole periods from `start` to `day`, which is not before it: the renewals that fall on it or before.
pub fn whole_periods(unit: TimeUnit, start: Day, day: Day) -> u32 {
    let days = day.days_since(start).max(0);
    let periods = match unit {
        TimeUnit::Day => days,
        TimeUnit::Week => days / 7,
        TimeUnit::Month => whole_months(start, day),
        TimeUnit::Year => whole_months(start, day) / 12,
    };
    periods.max(0) as u32
}

fn whole_months(start: Day, day: Day) -> i32 {
    let (from, to) = (start.date(), day.date());
    let months = 12 * (i32::from(to.year()) - i32::from(from.year())) + i32::from(to.month()) - i32::from(from.month());
    // In a shorter month the last day stands for those it lacks.
    let is_last = |date: Date| date.day() == date.days_in_month();
    let reached = to.day() >= from.day() || is_last(to);
    months - i32::from(!reached)
}

/// The first renewal on `day` or after it.
pub(super) fn next_renewal(unit: TimeUnit, start: Day, day: Day) -> u32 {
    let whole = whole_periods(unit, start, day);
    whole + u32::from(renewal(unit, start, whole as i32) < day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn months_end_where_the_calendar_ends_them() {
        let months = |start: &str, end: &str| whole_periods(TimeUnit::Month, day(start), day(end));
        assert_eq!(months("2023-01-31", "2023-02-27"), 0);
        assert_eq!(months("2023-01-31", "2023-02-28"), 1);
        assert_eq!(months("2023-01-31", "2023-03-30"), 1);
        assert_eq!(months("2023-01-31", "2023-03-31"), 2);
        assert_eq!(months("2023-11-15", "2024-02-14"), 2);
        assert_eq!(whole_periods(TimeUnit::Year, day("2020-02-29"), day("2021-02-28")), 1);
        assert_eq!(whole_periods(TimeUnit::Year, day("2020-02-29"), day("2024-02-28")), 3);
        assert_eq!(whole_periods(TimeUnit::Week, day("2024-01-01"), day("2024-01-14")), 1);
        assert_eq!(next_renewal(TimeUnit::Month, day("2023-01-31"), day("2023-02-28")), 1);
        assert_eq!(next_renewal(TimeUnit::Month, day("2023-01-31"), day("2023-03-01")), 2);
        assert_eq!(next_renewal(TimeUnit::Month, day("2023-01-31"), day("2023-01-31")), 0);
    }

    /// The count of periods is that of renewals, one by one, for every pair of days in three years.
    #[test]
    fn periods_are_renewals() {
        let first = day("2023-01-28");
        for unit in TimeUnit::ALL {
            for start in (0..40).map(|days| Day(first.0 + days)) {
                for later in 0..1100 {
                    let end = Day(start.0 + later);
                    let whole = whole_periods(unit, start, end) as i32;
                    assert!(
                        renewal(unit, start, whole) <= end && renewal(unit, start, whole + 1) > end,
                        "{start} {end}"
                    );
                }
            }
        }
    }
}
