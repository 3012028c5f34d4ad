//! Times between purchases, customer by customer.

use super::merging::Seen;
use super::places::Places;
use super::{Day, PurchaseLog, Summary};
use crate::error::Result;

impl PurchaseLog {
    /// The last two times between purchases, the earlier first, of each customer of the summary with three purchases or more up to the
    /// end of its observation, in whole periods of the grain. Sorted, and so the same however the orders came.
    ///
    /// # Errors
    /// [`Cause::Amount`](crate::error::Cause::Amount) if sums overflow; [`Error::io`](crate::error::Error::io) if a temporary file
    /// fails.
    pub fn last_interpurchase_periods(&mut self, summary: &Summary) -> Result<Vec<(u32, u32)>> {
        let (places, grain) = (Places::new(self, summary)?, self.grain());
        let periods =
            |earlier: Day, later: Day| (f64::from(later.days_since(earlier)) / grain.mean_days()).round() as u32;
        let fold = |pairs: &mut Vec<(u32, u32)>, _: &_, seen: &Seen<'_>| {
            if let (Some(_), [.., first, second, third]) = (places.row(seen.customer), seen.purchases) {
                pairs.push((periods(first.day, second.day), periods(second.day, third.day)));
            }
            Ok(())
        };
        let mut pairs = self.by_shard(summary.observation.end, fold)?.concat();
        pairs.sort_unstable();
        Ok(pairs)
    }

    /// `Σ ln(interpurchase time)` of each customer of the summary up to the end of its observation, the times in its unit: the column
    /// [`Summary::sum_log_interpurchase`]. 0 without a repeat purchase.
    ///
    /// # Errors
    /// As [`PurchaseLog::last_interpurchase_periods`].
    pub fn sum_log_interpurchase(&mut self, summary: &Summary) -> Result<Vec<f64>> {
        let places = Places::new(self, summary)?;
        let fold = |sums: &mut Vec<(usize, f64)>, _: &_, seen: &Seen<'_>| {
            let days = seen.purchases.windows(2).map(|pair| pair[1].day.days_since(pair[0].day) as u32);
            let sum = days.fold(0.0, |sum, days| sum + summary.observation.period_days(days).ln());
            sums.extend(places.row(seen.customer).map(|row| (row, sum)));
            Ok(())
        };
        let mut column = vec![0.0; summary.len()];
        for (row, sum) in self.by_shard(summary.observation.end, fold)?.into_iter().flatten() {
            column[row] = sum;
        }
        Ok(column)
    }
}

#[cfg(test)]
mod tests {
    use crate::summary::few_orders::{ORDERS, day};
    use crate::summary::{Cohort, Grain, PurchaseLog, TimeUnit};

    /// a: 31 January, 1 February (twice), 4 March; b: 30 December, 1 February, 1 April; c once. A return is no purchase.
    #[test]
    fn they_are_the_last_two_of_the_summarys_customers() {
        let periods = |grain, end: &str, cohort: &Cohort, more: &[(&str, &str)]| {
            let mut log = PurchaseLog::new(grain);
            let more = more.iter().map(|&(customer, date)| (customer, date, 1.0));
            let orders = ORDERS.into_iter().chain(more);
            orders.for_each(|(customer, date, amount)| log.add(customer, day(date), amount).unwrap());
            let (summary, _) = log.summary(TimeUnit::Week, day(end), cohort).unwrap();
            log.last_interpurchase_periods(&summary).unwrap()
        };
        let all = Cohort::default();
        assert_eq!(periods(Grain::Day, "2024-04-01", &all, &[]), [(1, 32), (33, 60)]);
        assert_eq!(periods(Grain::Day, "2024-03-31", &all, &[]), [(1, 32)]);
        // b: the weeks of 25 December, 29 January and 1 April. a has two, by week.
        assert_eq!(periods(Grain::Week, "2024-04-01", &all, &[]), [(5, 9)]);
        // February has 29 days, and is a month.
        assert_eq!(periods(Grain::Month, "2024-04-01", &all, &[]), [(1, 1), (2, 2)]);
        let cohort = Cohort { from: Some(day("2024-01-01")), first_purchase_before: None };
        let later = [("c", "2024-02-03"), ("c", "2024-02-10"), ("c", "2024-02-11"), ("x", "2024-02-11")];
        assert_eq!(periods(Grain::Day, "2024-04-01", &cohort, &later), [(1, 32), (7, 1)]);
    }
}
