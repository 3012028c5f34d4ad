//! The repeat purchases of a log's customers, counted as they are seen.

use std::collections::BTreeMap;

use super::merging::Purchase;
use super::{Day, Observation, PurchaseStatistics};

/// Repeat purchases as they are counted, customer by customer.
#[derive(Debug, Default)]
pub(super) struct PurchaseCounts {
    interpurchase_days: Tally,
    /// By the days from the start of the purchase's period to that of the last one observed.
    days_before: Tally,
}

impl PurchaseCounts {
    /// Counts the purchases of a customer, ascending; the last period observed begins on this day.
    pub(super) fn add(&mut self, purchases: &[Purchase], last: Day) {
        for pair in purchases.windows(2) {
            self.interpurchase_days.add(pair[1].day.days_since(pair[0].day) as u32, 1);
            self.days_before.add(last.days_since(pair[1].day) as u32, 1);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.interpurchase_days.merge(other.interpurchase_days);
        self.days_before.merge(other.days_before);
    }

    pub(super) fn finished(self, observation: Observation) -> PurchaseStatistics {
        let last = observation.grain.start(observation.end);
        PurchaseStatistics {
            observation,
            interpurchase_days: self.interpurchase_days.counts().collect(),
            repeat_purchases: self
                .days_before
                .counts()
                .map(|(days, count)| (Day(last.0 - days as i32), count))
                .collect(),
        }
    }
}

/// Counts of numbers of days, nearly all of which are small.
#[derive(Debug, Default)]
struct Tally {
    /// By number.
    few: Vec<u64>,
    /// Of numbers from [`Tally::MANY`] on.
    many: BTreeMap<u32, u64>,
}

impl Tally {
    /// Eleven years.
    const MANY: u32 = 1 << 12;

    fn add(&mut self, number: u32, count: u64) {
        let place = number as usize;
        match self.few.get_mut(place) {
            Some(known) => *known += count,
            None if number < Self::MANY => {
                self.few.resize(place + 1, 0);
                self.few[place] = count;
            }
            None => *self.many.entry(number).or_default() += count,
        }
    }

    fn merge(&mut self, other: Self) {
        other.counts().for_each(|(number, count)| self.add(number, count));
    }

    /// Those that are not 0, ascending.
    fn counts(self) -> impl Iterator<Item = (u32, u64)> {
        let few = (0..).zip(self.few).filter(|&(_, count)| count > 0);
        few.chain(self.many)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::few_orders::{ORDERS, day, days, summary};
    use crate::summary::{Cohort, Grain, PurchaseLog, TimeUnit};

    #[test]
    fn repeat_purchases_are_counted_by_length_and_by_day() {
        let by = |grain, end| summary(&ORDERS, grain, TimeUnit::Week, end).statistics.unwrap();
        // a: 1 day and 32 days; b: 33 and 60. A return is no purchase, the orders of a day are one.
        let daily = by(Grain::Day, "2024-04-01");
        assert_eq!(*daily.interpurchase_days(), [(1, 1), (32, 1), (33, 1), (60, 1)].into());
        assert_eq!(*daily.repeat_purchases(), days(&[("2024-02-01", 2), ("2024-03-04", 1), ("2024-04-01", 1)]));
        let sum = [1.0, 32.0, 33.0, 60.0].map(|days: f64| (days / 7.0).ln()).iter().sum::<f64>();
        assert!((daily.log_interpurchase_times() - sum).abs() < 1e-14);
        // Until the day before, b's last purchase is not seen.
        let earlier = by(Grain::Day, "2024-03-31");
        assert_eq!(*earlier.interpurchase_days(), [(1, 1), (32, 1), (33, 1)].into());
        // By week, 31 January and 1 February are one purchase. a: 29 January to 4 March; b: 25 December, 29 January, 1 April.
        let weekly = by(Grain::Week, "2024-04-01");
        assert_eq!(*weekly.interpurchase_days(), [(35, 2), (63, 1)].into());
        // By month. a: January, February, March; b: December, February, April. February has 29 days.
        let monthly = summary(&ORDERS, Grain::Month, TimeUnit::Month, "2024-04-01").statistics.unwrap();
        assert_eq!(*monthly.interpurchase_days(), [(29, 1), (31, 1), (60, 1), (62, 1)].into());
        assert_eq!(*monthly.repeat_purchases(), days(&[("2024-02-01", 2), ("2024-03-01", 1), ("2024-04-01", 1)]));
        assert_eq!(monthly.log_interpurchase_times(), 2.0 * 2f64.ln());
    }

    /// Number of the period that a day is in, and the day on which it begins, by arithmetic on the date as text.
    fn period(grain: Grain, date: Day) -> (i32, Day) {
        let text = date.to_string();
        let (year, month): (i32, i32) = (text[..4].parse().unwrap(), text[5..7].parse().unwrap());
        match grain {
            Grain::Day => (date.0, date),
            // 1970-01-01 was a Thursday.
            Grain::Week => ((date.0 + 3).div_euclid(7), Day((date.0 + 3).div_euclid(7) * 7 - 3)),
            Grain::Month => (12 * year + month, day(&format!("{year}-{month:02}-01"))),
            Grain::Year => (year, day(&format!("{year}-01-01"))),
        }
    }

    /// For every grain and unit, from the orders of each customer: the sum of the logarithms of what lies between purchases.
    #[test]
    fn sums_are_those_of_the_times_one_by_one() {
        let last = day("2025-03-17");
        let orders: Vec<(i32, Day)> = (0..900i32)
            .map(|i| (i % 211, Day(last.0 - (i * 7919 % 1361) * (1 + i % 3))))
            .filter(|(_, date)| date.0 > last.0 - 3000)
            .collect();
        let (from, until) = (day("2019-01-01"), day("2024-11-20"));
        for grain in Grain::ALL {
            let mut log = PurchaseLog::new(grain);
            orders.iter().for_each(|(customer, date)| log.add(&customer.to_string(), *date, 1.0).unwrap());
            let mut times = Vec::new();
            let mut on = BTreeMap::<Day, u64>::new();
            for customer in 0..211 {
                let seen = orders.iter().filter(|(of, date)| *of == customer && *date <= until);
                let mut periods: Vec<(i32, Day)> = seen.map(|(_, date)| period(grain, *date)).collect();
                periods.sort_unstable();
                periods.dedup();
                if periods.first().is_some_and(|(_, first)| *first >= from) {
                    times.extend(periods.windows(2).map(|pair| (pair[1].0 - pair[0].0, pair[1].1.0 - pair[0].1.0)));
                    periods[1..].iter().for_each(|(_, start)| *on.entry(*start).or_default() += 1);
                }
            }
            assert!(times.len() > 20, "{grain}: {}", times.len());
            for unit in TimeUnit::ALL {
                let cohort = Cohort { from: Some(from), first_purchase_before: None };
                let (summary, _) = log.summary(unit, until, &cohort).unwrap();
                let statistics = summary.statistics.as_ref().unwrap();
                let time = |&(periods, days): &(i32, i32)| match unit.name() == grain.name() {
                    true => f64::from(periods),
                    false => f64::from(days) / [1.0, 7.0, 30.4375, 365.25][unit as usize],
                };
                let expected: f64 = times.iter().map(|pair| time(pair).ln()).sum();
                let found = statistics.log_interpurchase_times();
                assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{grain} {unit}: {found} {expected}");
                assert_eq!(*statistics.repeat_purchases(), on, "{grain}");
                // From the first purchase to the last is the sum of what lies between.
                let total: f64 = statistics.interpurchase_times().map(|(time, count)| time * count as f64).sum();
                let recency: f64 = summary.recency.iter().sum();
                assert!((total - recency).abs() <= 1e-12 * recency, "{grain} {unit}: {total} {recency}");
            }
        }
    }

    #[test]
    fn long_times_are_counted_too() {
        let (mut tally, mut other) = (Tally::default(), Tally::default());
        for number in [3, Tally::MANY - 1, Tally::MANY, 5_000_000, 3] {
            tally.add(number, 1);
            other.add(number, 2);
        }
        tally.merge(other);
        let expected = [(3, 6), (Tally::MANY - 1, 3), (Tally::MANY, 3), (5_000_000, 3)];
        assert_eq!(tally.counts().collect::<Vec<_>>(), expected);
    }
}
