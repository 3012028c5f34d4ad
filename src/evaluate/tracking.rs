//! Repeat purchases of a whole cohort over the calendar.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::by_model::{rows_by_model, sums_by_model};
use crate::models::Timing;
use crate::predict::Individuals;
use crate::summary::{Activity, Day, Grain, Observation, Summary};

/// Repeat purchases of a cohort up to some days, as they came and as a model expected them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tracking {
    /// End of the observation the model was fitted to.
    pub split: Day,
    /// By the end of each week; of each month or year, where that is the grain.
    pub points: Vec<TrackingPoint>,
}

/// Purchases from the beginning to the end of a week.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrackingPoint {
    /// Its last day.
    pub end: Day,
    /// As they came.
    pub actual: u64,
    /// As expected.
    pub expected: f64,
}

/// Expected repeat purchases of a cohort up to each of these days: a customer whose first purchase was on day `s` adds
/// `E[X(until - s)]`. FHL05, section 4.
pub fn expected_repeat_purchases(
    timing: &impl Timing,
    observation: &Observation,
    activity: &Activity,
    days: &[Day],
) -> Vec<f64> {
    expected_since(timing, observation, &activity.first_purchases, days)
}

/// The same of customers who may differ: each is expected by the model of its own. None if their first purchases are not known.
pub fn expected_repeat_purchases_of(customers: &impl Individuals, summary: &Summary, days: &[Day]) -> Option<Vec<f64>> {
    let first_purchase = &summary.purchases.as_ref()?.first_purchase;
    let of = |rows: &[usize]| {
        let mut first_purchases: BTreeMap<Day, u64> = BTreeMap::new();
        rows.iter().for_each(|&row| *first_purchases.entry(first_purchase[row]).or_default() += 1);
        expected_since(&customers.timing(rows[0]), &summary.observation, &first_purchases, days)
    };
    Some(sums_by_model(&rows_by_model(customers, summary), of))
}

fn expected_since(
    timing: &impl Timing,
    observation: &Observation,
    first_purchases: &BTreeMap<Day, u64>,
    days: &[Day],
) -> Vec<f64> {
    // There are many pairs of days, and few differences.
    let mut known: FxHashMap<u64, f64> = FxHashMap::default();
    let mut expected = |time: f64| {
        *known.entry(time.to_bits()).or_insert_with(|| if time > 0.0 { timing.expected_purchases(time) } else { 0.0 })
    };
    let mut until = |day: Day| {
        let end = observation.grain.start(day);
        let starts = first_purchases.range(..end);
        starts.map(|(&first, &customers)| customers as f64 * expected(observation.time(first, end))).sum()
    };
    days.iter().map(|&day| until(day)).collect()
}

impl Tracking {
    /// The tracking of a model that was fitted to this observation of the cohort, up to a later day.
    pub fn new(timing: &impl Timing, observation: &Observation, activity: &Activity, until: Day) -> Self {
        let ends = period_ends(observation, activity, until);
        let expected = expected_repeat_purchases(timing, observation, activity, &ends);
        Self::of(observation, activity, ends, expected)
    }

    /// The same of customers who may differ. None if their first purchases are not known.
    pub fn of_customers(
        customers: &impl Individuals,
        summary: &Summary,
        activity: &Activity,
        until: Day,
    ) -> Option<Self> {
        let ends = period_ends(&summary.observation, activity, until);
        let expected = expected_repeat_purchases_of(customers, summary, &ends)?;
        Some(Self::of(&summary.observation, activity, ends, expected))
    }

    fn of(observation: &Observation, activity: &Activity, ends: Vec<Day>, expected: Vec<f64>) -> Self {
        let split = observation.end;
        let points = ends.into_iter().zip(expected).map(|(end, expected)| TrackingPoint {
            end,
            actual: activity.repeats_until(end),
            expected,
        });
        Self { split, points: points.collect() }
    }

    /// Purchases within each week; the first may be shorter.
    pub fn by_period(&self) -> Vec<TrackingPoint> {
        let before = std::iter::once((0, 0.0)).chain(self.points.iter().map(|point| (point.actual, point.expected)));
        let within = self.points.iter().zip(before).map(|(point, (actual, expected))| TrackingPoint {
            end: point.end,
            actual: point.actual - actual,
            expected: point.expected - expected,
        });
        within.collect()
    }

    /// Mean absolute error of the weeks after the split as a share of what came, weeks without a purchase left out.
    pub fn mean_absolute_percentage_error(&self) -> Option<f64> {
        let weeks = self.by_period().into_iter().filter(|week| week.end > self.split && week.actual > 0);
        let errors: Vec<f64> = weeks.map(|week| (week.expected / week.actual as f64 - 1.0).abs()).collect();
        (!errors.is_empty()).then(|| errors.iter().sum::<f64>() / errors.len() as f64)
    }
}

/// Ends of whole weeks before and after the split, one of which ends there; of months or years, where that is the grain.
fn period_ends(observation: &Observation, activity: &Activity, until: Day) -> Vec<Day> {
    const WEEK: i32 = 7;
    let Some((&begin, _)) = activity.first_purchases.first_key_value() else { return Vec::new() };
    let split = observation.end;
    match observation.grain {
        Grain::Day | Grain::Week => {
            let before = split.days_since(begin) / WEEK;
            let after = until.days_since(split) / WEEK;
            (-before..=after).map(|week| Day(split.0 + WEEK * week)).collect()
        }
        grain => {
            let ends = std::iter::successors(Some(grain.last_day(begin)), |&end| Some(grain.last_day(Day(end.0 + 1))));
            ends.take_while(|&end| end <= until).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Nbd;
    use crate::summary::{PurchaseLog, TimeUnit};

    #[test]
    fn weeks_are_counted_from_the_split() {
        let day = |text: &str| -> Day { text.parse().unwrap() };
        let mut log = PurchaseLog::new(Grain::Day);
        for (customer, date) in [("a", "2020-01-01"), ("a", "2020-01-09"), ("a", "2020-01-20"), ("b", "2020-01-05")] {
            log.add(customer, day(date), 1.0).unwrap();
        }
        let split = day("2020-01-14");
        let observation = Observation { unit: TimeUnit::Day, grain: Grain::Day, end: split };
        let (activity, _) = log.activity(&Default::default(), split, day("2020-01-27")).unwrap();
        // Two purchases a day in the mean.
        let nbd = Nbd { r: 4.0, alpha: 2.0 };
        let tracking = Tracking::new(&nbd, &observation, &activity, day("2020-01-27"));
        let expected = [12.0 + 4.0, 26.0 + 18.0, 40.0 + 32.0];
        let dates = ["2020-01-07", "2020-01-14", "2020-01-21"];
        let point = |i: usize| (tracking.points[i].end, tracking.points[i].actual, tracking.points[i].expected);
        assert_eq!(tracking.points.len(), 3);
        for i in 0..3 {
            assert_eq!(point(i), (day(dates[i]), i as u64, expected[i]));
        }
        assert_eq!(tracking.by_period()[2].expected, 28.0);
        assert_eq!(tracking.mean_absolute_percentage_error(), Some(27.0));
    }
}
