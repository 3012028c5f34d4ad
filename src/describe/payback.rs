//! How long it takes until customers have earned what it cost to acquire them.

use super::cohorts::Cohorts;
use super::lifetime::{ROUNDING, first_purchases};
use crate::error::Result;
use crate::predict::PerCustomer;
use crate::summary::{CohortPeriod, Summary};

/// One cohort.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CohortPayback {
    /// The cohort's name.
    pub label: String,
    /// Customers.
    pub customers: u64,
    /// Mean cost of acquisition.
    pub cost: f64,
    /// What a customer has earned so far, on average.
    pub earned: f64,
    /// Age in periods at the end of which a customer had first earned the cost, on average: 0 for the period of
    /// acquisition. None if not yet.
    pub age: Option<u32>,
    /// Share of the customers who have earned their own cost by now.
    pub paid_back: f64,
}

/// All cohorts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Payback {
    /// What makes a cohort.
    pub period: CohortPeriod,
    /// By cohort.
    pub cohorts: Vec<CohortPayback>,
    /// Share of all customers who have earned their own cost by now.
    pub paid_back: f64,
}

impl Payback {
    /// From what cohorts earned by age (the `revenue` of `earned` being the margin, less other costs), what each
    /// customer has earned so far, and what each cost to acquire.
    ///
    /// # Errors
    /// [`Error::usage`](crate::Error::usage) if the summary has no days of first purchases.
    pub fn new(summary: &Summary, earned: &Cohorts, so_far: &[f64], cost: &PerCustomer) -> Result<Self> {
        let period = earned.period;
        let first = first_purchases(summary)?;
        // By cohort: the sum of costs, and the number of customers who are worth theirs.
        let mut sums = vec![(0.0, 0u64); earned.cohorts.len()];
        for row in 0..summary.len() {
            let number = period.number(first[row]);
            let Ok(place) = earned.cohorts.binary_search_by_key(&number, |cohort| cohort.number) else { continue };
            sums[place].0 += cost.of(row);
            sums[place].1 += u64::from(reaches(so_far[row], cost.of(row)));
        }
        let cohorts = earned.cohorts.iter().zip(&sums).map(|(cohort, &(costs, paid))| {
            let customers = (cohort.customers as f64).max(1.0);
            let cost = costs / customers;
            let reached = cohort.cells.iter().find(|cell| reaches(cell.revenue_per_customer, cost));
            CohortPayback {
                label: cohort.label.clone(),
                customers: cohort.customers,
                cost,
                earned: cohort.cells.last().map_or(0.0, |cell| cell.revenue_per_customer),
                age: reached.map(|cell| cell.age),
                paid_back: paid as f64 / customers,
            }
        });
        let paid: u64 = sums.iter().map(|sums| sums.1).sum();
        Ok(Self { period, cohorts: cohorts.collect(), paid_back: paid as f64 / (summary.len() as f64).max(1.0) })
    }
}

fn reaches(earned: f64, cost: f64) -> bool {
    earned >= cost * (1.0 - ROUNDING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Cohort, Day, PurchaseLog, TimeUnit};

    #[test]
    fn cohorts_pay_back_when_their_margin_reaches_the_cost() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let mut log = PurchaseLog::default();
        for (customer, date, amount) in
            [("a", "2020-01-05", 10.0), ("a", "2020-03-01", 30.0), ("b", "2020-01-09", 4.0), ("c", "2020-02-10", 4.0)]
        {
            log.add(customer, day(date), amount).unwrap();
        }
        let (summary, _) = log.summary(TimeUnit::Day, day("2020-03-31"), &Cohort::default()).unwrap();
        let activity = log.cohort_activity(&summary, CohortPeriod::Month, |_| 0.5).unwrap();
        let earned = Cohorts::new(&activity, CohortPeriod::Month, day("2020-03-31"));
        let payback = Payback::new(&summary, &earned, &[20.0, 2.0, 2.0], &PerCustomer::All(8.0)).unwrap();
        let [january, february] = &payback.cohorts[..] else { panic!("{payback:?}") };
        // January earns (5 + 2)/2 at once and (20 + 2)/2 by March.
        assert_eq!((january.age, january.earned, january.paid_back), (Some(2), 11.0, 0.5));
        assert_eq!((february.age, february.earned, february.cost, february.paid_back), (None, 2.0, 8.0, 0.0));
        assert_eq!(payback.paid_back, 1.0 / 3.0);
    }
}
