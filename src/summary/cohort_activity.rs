//! What customers who came in the same month did, month by month of their age.

use std::fmt;

use jiff::civil::Date;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::merging::{Purchase, Seen};
use super::places::Places;
use super::{Day, ExactSum, Grain, PurchaseLog, Summary};
use crate::error::{Error, Result};
use crate::message::{opt, say};

/// The calendar period of first purchase that makes a cohort, and in which its age is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum CohortPeriod {
    /// Calendar months.
    #[default]
    Month,
    /// Calendar quarters.
    Quarter,
    /// Calendar years.
    Year,
}

impl CohortPeriod {
    /// The period's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }

    /// Number of the period that `day` falls in, counted from the one that begins the year 0.
    pub fn number(self, day: Day) -> i32 {
        let date = day.date();
        (12 * i32::from(date.year()) + i32::from(date.month()) - 1).div_euclid(self.months())
    }

    /// First day of the period with this number; the last or first day there is, beyond the calendar.
    pub fn first_day(self, number: i32) -> Day {
        let month = number.saturating_mul(self.months());
        let date = i16::try_from(month.div_euclid(12)).ok().map(|year| (year, month.rem_euclid(12) as i8 + 1));
        let date = date.and_then(|(year, month)| Date::new(year, month, 1).ok());
        date.map_or(if number < 0 { Day::FIRST } else { Day::LAST }, Day::from)
    }

    /// `1997-03`, `1997-Q1` or `1997`.
    pub fn label(self, number: i32) -> String {
        let (year, within) = (number.div_euclid(12 / self.months()), number.rem_euclid(12 / self.months()) + 1);
        match self {
            Self::Month => format!("{year:04}-{within:02}"),
            Self::Quarter => format!("{year:04}-Q{within}"),
            Self::Year => format!("{year:04}"),
        }
    }

    /// Whether periods of `grain`, whose orders are one purchase, fit into these.
    pub fn holds(self, grain: Grain) -> bool {
        match grain {
            Grain::Day | Grain::Week | Grain::Month => true,
            Grain::Year => self == Self::Year,
        }
    }
}

impl fmt::Display for CohortPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A cohort in one period of its age.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AgeActivity {
    /// Customers with a purchase.
    pub active: u64,
    /// Net amount of purchases and returns, or what was earned of it.
    pub value: f64,
}

/// The customers whose first purchase was in one period.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CohortActivity {
    /// Number of the period, as [`CohortPeriod::number`] counts.
    pub number: i32,
    /// Customers.
    pub customers: u64,
    /// By age in periods, from 0 to that at the end of the observation, whose period may not be over.
    pub ages: Vec<AgeActivity>,
}

/// More periods than anybody reads: a hundred years of months.
const MOST_PERIODS: i32 = 1200;

/// By cohort and age: customers with a purchase, and their net amounts.
type Cells = FxHashMap<(i32, i32), (u64, ExactSum)>;

impl PurchaseLog {
    /// What the customers of `summary` did in each period of their age, in one pass; cohorts ascending, those without
    /// customers left out. Purchases and returns from the first purchase in the summary on count, each times the
    /// `share` of its customer's row. A purchase is on the first day of its period of the grain.
    ///
    /// # Errors
    /// [`Error::usage`] if the summary has no days of first purchases, or more than 1,200 periods; [`Cause::Amount`](crate::error::Cause::Amount) if
    /// sums overflow; [`Error::io`] if a temporary file fails.
    pub fn cohort_activity(
        &mut self,
        summary: &Summary,
        period: CohortPeriod,
        share: impl Fn(usize) -> f64 + Sync,
    ) -> Result<Vec<CohortActivity>> {
        let Some(columns) = &summary.purchases else {
            return Err(Error::usage("cohorts take the days of first purchases; give the orders"));
        };
        let end = summary.observation.end;
        let mut cohorts = empty_cohorts(&columns.first_purchase, period, period.number(end))?;
        let places = Places::new(self, summary)?;
        let cells = self.by_shard(end, |cells: &mut Cells, _, seen: &Seen<'_>| {
            let Some(row) = places.row(seen.customer) else { return Ok(()) };
            add_customer(cells, seen, columns.first_purchase[row], period, share(row))
        })?;
        for ((number, age), (active, value)) in merged(cells)? {
            let Ok(place) = cohorts.binary_search_by_key(&number, |cohort| cohort.number) else { continue };
            if let Some(cell) = cohorts[place].ages.get_mut(age as usize) {
                *cell = AgeActivity { active, value: value.value() };
            }
        }
        Ok(cohorts)
    }
}

fn empty_cohorts(first_purchases: &[Day], period: CohortPeriod, last: i32) -> Result<Vec<CohortActivity>> {
    let mut customers: FxHashMap<i32, u64> = FxHashMap::default();
    first_purchases.iter().for_each(|&day| *customers.entry(period.number(day)).or_default() += 1);
    let first = customers.keys().copied().min().unwrap_or(last);
    if last - first >= MOST_PERIODS {
        return Err(Error::usage(say![
            format!(
                "{} {period}s lie between the first purchase, {}, and the end; cohorts take at most \
                 {MOST_PERIODS}. Leave out what is not a real date with ",
                last - first,
                first_purchases.iter().min().expect("there are customers")
            ),
            opt("from"),
            ", or take longer periods"
        ]));
    }
    let cohort = |(number, customers): (i32, u64)| {
        let ages = vec![AgeActivity::default(); (last - number + 1).max(0) as usize];
        CohortActivity { number, customers, ages }
    };
    let mut cohorts: Vec<CohortActivity> = customers.into_iter().map(cohort).collect();
    cohorts.sort_unstable_by_key(|cohort| cohort.number);
    Ok(cohorts)
}

fn add_customer(cells: &mut Cells, seen: &Seen<'_>, first: Day, period: CohortPeriod, share: f64) -> Result<()> {
    let cohort = period.number(first);
    let mut before = None;
    let counts = |purchase: &&Purchase| purchase.day >= first;
    for purchase in seen.purchases.iter().filter(counts) {
        let age = period.number(purchase.day) - cohort;
        let cell = cells.entry((cohort, age)).or_default();
        // Purchases ascend, and so the customer's in one period are neighbours.
        cell.0 += u64::from(before != Some(age));
        before = Some(age);
        cell.1 = cell.1.plus(earned(purchase, share)?)?;
    }
    for back in seen.returned.iter().filter(counts) {
        let cell = cells.entry((cohort, period.number(back.day) - cohort)).or_default();
        cell.1 = cell.1.plus(earned(back, share)?)?;
    }
    Ok(())
}

fn earned(purchase: &Purchase, share: f64) -> Result<ExactSum> {
    let sum = purchase.amount.sum;
    if share == 1.0 { Ok(sum) } else { ExactSum::new(sum.value() * share) }
}

fn merged(shards: Vec<Cells>) -> Result<Cells> {
    let mut all = Cells::default();
    for (key, (active, value)) in shards.into_iter().flatten() {
        let sum = all.entry(key).or_default();
        *sum = (sum.0 + active, sum.1.plus(value)?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Cohort, TimeUnit};

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn periods_have_numbers_and_names() {
        for (period, label, first) in [
            (CohortPeriod::Month, "1997-03", "1997-03-01"),
            (CohortPeriod::Quarter, "1997-Q1", "1997-01-01"),
            (CohortPeriod::Year, "1997", "1997-01-01"),
        ] {
            let number = period.number(day("1997-03-31"));
            assert_eq!((period.label(number), period.first_day(number)), (label.to_owned(), day(first)));
            assert_eq!(period.number(day("1998-03-31")) - number, 12 / period.months());
        }
        assert_eq!(CohortPeriod::Month.first_day(i32::MAX), Day::LAST);
        assert_eq!(CohortPeriod::Month.first_day(i32::MIN), Day::FIRST);
    }

    #[test]
    fn activity_is_by_cohort_and_age() {
        let mut log = PurchaseLog::default();
        for (customer, date, amount) in [
            ("a", "2020-01-05", 10.0),
            ("a", "2020-01-20", 5.0),
            ("a", "2020-03-01", 7.0),
            ("b", "2020-01-31", 1.0),
            ("b", "2020-02-01", -0.5),
            ("c", "2020-01-01", -9.0),
            ("c", "2020-02-10", 4.0),
        ] {
            log.add(customer, day(date), amount).unwrap();
        }
        let (summary, _) = log.summary(TimeUnit::Day, day("2020-03-15"), &Cohort::default()).unwrap();
        let cell = |active, value| AgeActivity { active, value };
        let cohorts = log.cohort_activity(&summary, CohortPeriod::Month, |_| 1.0).unwrap();
        assert_eq!(cohorts.iter().map(|cohort| cohort.customers).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(cohorts[0].ages, [cell(2, 16.0), cell(0, -0.5), cell(1, 7.0)]);
        assert_eq!(cohorts[1].ages, [cell(1, 4.0), cell(0, 0.0)]);
        let halves = log.cohort_activity(&summary, CohortPeriod::Quarter, |_| 0.5).unwrap();
        assert_eq!(halves[0].ages, [cell(3, 13.25)]);
        log.add("x", day("1066-10-14"), 1.0).unwrap();
        let (summary, _) = log.summary(TimeUnit::Day, day("2020-03-15"), &Cohort::default()).unwrap();
        assert!(log.cohort_activity(&summary, CohortPeriod::Month, |_| 1.0).is_err());
        assert_eq!(log.cohort_activity(&summary, CohortPeriod::Year, |_| 1.0).unwrap().len(), 2);
    }
}
