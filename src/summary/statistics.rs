//! What models ask of purchases beyond (x, t_x, T), counted: how long customers waited from one to the next, and when they came.

use std::collections::BTreeMap;

use super::{Day, Observation};
use crate::error::{Error, Result};

/// The repeat purchases of a summary's customers: how many followed the one before after so many days, and how many were on
/// each day. Whole numbers, so that those of different customers add up without rounding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseStatistics {
    pub(super) observation: Observation,
    pub(super) interpurchase_days: BTreeMap<u32, u64>,
    pub(super) repeat_purchases: BTreeMap<Day, u64>,
}

/// Interpurchase times of fewer periods on average are measured coarsely.
const COARSE: f64 = 7.0;

/// More repeat purchases than this are not all different numbers as reals.
const MOST: u64 = 1 << f64::MANTISSA_DIGITS;

impl PurchaseStatistics {
    /// From counts by the number of days between the starts of the periods of the grain in which one purchase and the next were
    /// made, and from counts by the first day of the period of the repeat purchase.
    ///
    /// # Errors
    /// [`Error::data`] if a count is 0, the two do not add up to one number of purchases, two periods cannot be so many days
    /// apart, or a day is no start of a period up to the end of the observation.
    pub fn new(
        observation: Observation,
        interpurchase_days: BTreeMap<u32, u64>,
        repeat_purchases: BTreeMap<Day, u64>,
    ) -> Result<Self> {
        let Observation { grain, end, .. } = observation;
        let wrong = |what: String| Err(Error::data(what));
        if let Some(days) = interpurchase_days.keys().find(|days| !grain.has_starts_apart(**days)) {
            return wrong(format!("two purchases by the {grain} are not {days} days apart"));
        }
        if let Some(day) = repeat_purchases.keys().find(|day| grain.start(**day) != **day || **day > end) {
            return wrong(format!("no repeat purchase by the {grain}, observed until {end}, is on {day}"));
        }
        match (sum(&interpurchase_days), sum(&repeat_purchases)) {
            (Some(times), Some(purchases)) if times == purchases => {
                Ok(Self { observation, interpurchase_days, repeat_purchases })
            }
            (Some(times), Some(purchases)) => {
                wrong(format!("{times} interpurchase times of {purchases} repeat purchases"))
            }
            _ => wrong("a count of repeat purchases is 0, or they are more than 2^53".to_owned()),
        }
    }

    /// What was observed.
    pub fn observation(&self) -> &Observation {
        &self.observation
    }

    /// Number of interpurchase times by their length: the days between the starts of the two periods of the grain. With the day as
    /// grain these are the days from a purchase to the next, with the week multiples of 7.
    pub fn interpurchase_days(&self) -> &BTreeMap<u32, u64> {
        &self.interpurchase_days
    }

    /// Number of repeat purchases by the first day of their period of the grain.
    pub fn repeat_purchases(&self) -> &BTreeMap<Day, u64> {
        &self.repeat_purchases
    }

    /// Number of repeat purchases, which is that of interpurchase times.
    pub fn purchases(&self) -> u64 {
        self.repeat_purchases.values().sum()
    }

    /// Interpurchase times in the observation's unit, measured as `t_x` and `T` are, ascending, and the number of each.
    pub fn interpurchase_times(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        self.interpurchase_days.iter().map(|(&days, &count)| (self.observation.period_days(days), count))
    }

    /// `Σ ln(interpurchase time)` over all repeat purchases, the times in the observation's unit: what the likelihood of regular
    /// (Erlang) timing needs besides (x, t_x, T). 0 without a repeat purchase.
    pub fn log_interpurchase_times(&self) -> f64 {
        self.interpurchase_times().map(|(time, count)| count as f64 * time.ln()).sum()
    }

    /// The mean interpurchase time in periods of the grain; none without a repeat purchase.
    pub fn mean_periods(&self) -> Option<f64> {
        let days: f64 = self.interpurchase_days.iter().map(|(&days, &count)| f64::from(days) * count as f64).sum();
        let purchases = self.purchases();
        (purchases > 0).then(|| days / purchases as f64 / self.observation.grain.mean_days())
    }

    /// Whether interpurchase times are so short against the grain that purchases look regular, whoever comes: fewer than 7 periods on
    /// average. Where a customer purchases in each period with the same chance, the earlier of two times that sum to `N` periods is any
    /// whole number from 1 to `N - 1`, and `(M - 1/2)²` of their share `M` is `v = (N - 2)/(12 N)` on average; of `N = 14` the
    /// number of stages by Wheat & Morrison (1990), `k = (1 - 4v)/(8v)`, is 1.25, where it is 1 of finely measured times.
    pub fn is_coarse(&self) -> bool {
        self.mean_periods().is_some_and(|periods| periods < COARSE)
    }

    /// Adds those of other customers, observed alike.
    ///
    /// # Errors
    /// [`Error::data`] if the observations differ, or there are more than 2^53 purchases.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.observation != other.observation {
            let described = |Observation { unit, grain, end }| format!("in {unit}s by {grain} until {end}");
            return Err(Error::data(format!(
                "of some customers purchases were counted {}, and of others {}; put together only summaries that \
                 were made alike",
                described(self.observation),
                described(other.observation)
            )));
        }
        if self.purchases() + other.purchases() > MOST {
            return Err(Error::data("there are more than 2^53 repeat purchases"));
        }
        for (days, count) in &other.interpurchase_days {
            *self.interpurchase_days.entry(*days).or_default() += count;
        }
        for (day, count) in &other.repeat_purchases {
            *self.repeat_purchases.entry(*day).or_default() += count;
        }
        Ok(())
    }
}

/// The sum of counts of which none is 0, unless it is too large.
fn sum<K>(counts: &BTreeMap<K, u64>) -> Option<u64> {
    let sum = counts.values().try_fold(0u64, |sum, &count| sum.checked_add(count).filter(|_| count > 0));
    sum.filter(|sum| *sum <= MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::few_orders::{ORDERS, day, days, summary};
    use crate::summary::{Grain, Summary, TimeUnit};

    /// Over four centuries, after which the calendar repeats itself, days between starts tell the number of months and years.
    #[test]
    fn days_between_starts_tell_the_number_of_periods() {
        let mut starts = vec![day("2000-01-01")];
        for _ in 0..12 * 800 {
            starts.push(Day(Grain::Month.last_day(*starts.last().unwrap()).0 + 1));
        }
        for (grain, unit, step) in [(Grain::Month, TimeUnit::Month, 1), (Grain::Year, TimeUnit::Year, 12)] {
            let starts: Vec<Day> = starts.iter().copied().step_by(step).collect();
            let cycle = starts.len() / 2;
            for from in 0..cycle {
                for periods in (1..=cycle).step_by(if from % 16 == 0 { 1 } else { 97 }) {
                    let days = starts[from + periods].days_since(starts[from]) as u32;
                    assert!(grain.has_starts_apart(days), "{grain} {} {periods}", starts[from]);
                    assert_eq!(unit.of_period_days(grain, days), periods as f64, "{grain} {}", starts[from]);
                }
            }
        }
        for (grain, not) in [
            (Grain::Day, vec![0]),
            (Grain::Week, vec![0, 1, 6, 8, 13]),
            (Grain::Month, vec![0, 1, 20, 45, 75]),
            (Grain::Year, vec![0, 31, 350, 500]),
        ] {
            assert!(not.iter().all(|&days| !grain.has_starts_apart(days)), "{grain}");
        }
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let of =
            |orders: &[(&str, &str, f64)]| summary(orders, Grain::Day, TimeUnit::Day, "2024-04-01").statistics.unwrap();
        let whole = of(&ORDERS);
        let mut parts = of(&ORDERS[..5]);
        parts.merge(&of(&ORDERS[5..])).unwrap();
        assert_eq!(parts, whole);
        let other = summary(&ORDERS, Grain::Day, TimeUnit::Week, "2024-04-01").statistics.unwrap();
        let refused = parts.merge(&other).unwrap_err().to_string();
        assert!(refused.contains("in days by day until 2024-04-01, and of others in weeks by day"), "{refused}");
        assert_eq!(parts, whole);
    }

    #[test]
    fn some_customers_have_none() {
        let all = summary(&ORDERS, Grain::Day, TimeUnit::Day, "2024-04-01");
        assert_eq!(all.select(&[2, 0, 1]).statistics, all.statistics);
        for rows in [&[0, 1][..], &[0, 1, 1], &[0, 1, 2, 2], &[]] {
            assert_eq!(all.select(rows).statistics, None, "{rows:?}");
        }
        let counted = all.counted_histories();
        assert_eq!(counted.statistics(), all.statistics.as_ref());
        assert_eq!(counted.reweighted(|weight| weight).statistics(), None);
        // Of other purchases than there are rows for they are not told.
        let fewer = Summary { frequency: vec![2, 1, 0], ..all };
        assert_eq!(fewer.counted_histories().statistics(), None);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Week, end: day("2024-04-01") };
        let refused = |times: &[(u32, u64)], on: &[(&str, u64)]| {
            PurchaseStatistics::new(observation, times.iter().copied().collect(), days(on)).unwrap_err().to_string()
        };
        assert!(PurchaseStatistics::new(observation, [(7, 3)].into(), days(&[("2024-04-01", 3)])).is_ok());
        assert!(PurchaseStatistics::new(observation, BTreeMap::new(), BTreeMap::new()).is_ok());
        for (times, on, why) in [
            ((7, 3), ("2024-04-01", 2), "3 interpurchase times of 2 repeat purchases"),
            ((8, 3), ("2024-04-01", 3), "by the week are not 8 days apart"),
            ((0, 3), ("2024-04-01", 3), "not 0 days apart"),
            ((7, 3), ("2024-03-31", 3), "by the week, observed until 2024-04-01, is on 2024-03-31"),
            ((7, 3), ("2024-04-08", 3), "is on 2024-04-08"),
            ((7, 0), ("2024-04-01", 0), "a count of repeat purchases is 0"),
            ((7, u64::MAX), ("2024-04-01", u64::MAX), "more than 2^53"),
        ] {
            let message = refused(&[times], &[on]);
            assert!(message.contains(why), "{message}");
        }
    }
}
