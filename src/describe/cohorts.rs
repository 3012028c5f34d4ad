//! Retention and revenue by cohort of first purchase.

use crate::summary::{CohortActivity, CohortPeriod, Day};

/// A cohort in one period of its age.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CohortCell {
    /// Age in periods: 0 in the calendar period of the first purchase.
    pub age: u32,
    /// Customers with a purchase in it.
    pub active: u64,
    /// Share of the cohort with a purchase in it.
    pub retention: f64,
    /// Net amount of purchases and returns in it.
    pub revenue: f64,
    /// Net amount up to its end by customer of the cohort.
    pub revenue_per_customer: f64,
    /// Whether the period was over at the end of the observation.
    pub complete: bool,
}

/// The customers whose first purchase was in one calendar period.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CohortHistory {
    /// Number of the period, as [`CohortPeriod::number`] counts.
    pub number: i32,
    /// `1997-03`, `1997-Q1` or `1997`.
    pub label: String,
    /// Customers.
    pub customers: u64,
    /// By age, from 0 on.
    pub cells: Vec<CohortCell>,
}

/// All cohorts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Cohorts {
    /// What makes a cohort, and its age.
    pub period: CohortPeriod,
    /// Those with customers, ascending.
    pub cohorts: Vec<CohortHistory>,
}

impl Cohorts {
    /// From what was counted up to the end of the observation.
    pub fn new(activity: &[CohortActivity], period: CohortPeriod, end: Day) -> Self {
        let cohorts = activity.iter().map(|cohort| {
            let customers = (cohort.customers as f64).max(1.0);
            let mut so_far = 0.0;
            let cells = cohort.ages.iter().zip(0..).map(|(cell, age)| {
                so_far += cell.value;
                CohortCell {
                    age,
                    active: cell.active,
                    retention: cell.active as f64 / customers,
                    revenue: cell.value,
                    revenue_per_customer: so_far / customers,
                    complete: period.first_day(cohort.number + age as i32 + 1) <= Day(end.0 + 1),
                }
            });
            let cells = cells.collect();
            CohortHistory {
                number: cohort.number,
                label: period.label(cohort.number),
                customers: cohort.customers,
                cells,
            }
        });
        Self { period, cohorts: cohorts.collect() }
    }

    /// Retention at this age of all cohorts that have been observed to its end, each by its size; none if no cohort
    /// has.
    pub fn retention(&self, age: u32) -> Option<f64> {
        let complete = self.cohorts.iter().filter_map(|cohort| {
            let cell = cohort.cells.get(age as usize).filter(|cell| cell.complete)?;
            Some((cell.active, cohort.customers))
        });
        let (active, customers) = complete.fold((0, 0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
        (customers > 0).then(|| active as f64 / customers as f64)
    }

    /// The largest age.
    pub fn oldest(&self) -> u32 {
        self.cohorts.iter().map(|cohort| cohort.cells.len().saturating_sub(1)).max().unwrap_or(0) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::AgeActivity;

    #[test]
    fn shares_and_sums_are_those_counted_by_hand() {
        let period = CohortPeriod::Month;
        let end: Day = "2020-03-30".parse().unwrap();
        let january = period.number("2020-01-01".parse().unwrap());
        let cell = |(active, value)| AgeActivity { active, value };
        let activity = |number, customers, cells: &[(u64, f64)]| CohortActivity {
            number,
            customers,
            ages: cells.iter().copied().map(cell).collect(),
        };
        let activity = [
            activity(january, 4, &[(4, 40.0), (1, -2.0), (2, 10.0)]),
            activity(january + 1, 6, &[(6, 60.0), (4, 30.0)]),
        ];
        let cohorts = Cohorts::new(&activity, period, end);
        let first = &cohorts.cohorts[0];
        assert_eq!((&*first.label, first.customers, cohorts.oldest()), ("2020-01", 4, 2));
        let per_customer: Vec<f64> = first.cells.iter().map(|cell| cell.revenue_per_customer).collect();
        assert_eq!(per_customer, [10.0, 9.5, 12.0]);
        // March lacks its last day.
        assert_eq!(first.cells.iter().map(|cell| cell.complete).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!((cohorts.retention(0), cohorts.retention(1), cohorts.retention(2)), (Some(1.0), Some(0.25), None));
        let whole = Cohorts::new(&activity, period, "2020-03-31".parse().unwrap());
        assert_eq!((whole.retention(1), whole.retention(2)), (Some(0.5), Some(0.5)));
    }
}
