//! Purchases of a whole cohort by day.

use std::collections::BTreeMap;

use super::merging::Seen;
use super::{Cohort, Day, PurchaseLog};
use crate::error::Result;

/// First and repeat purchases of a cohort by day; by the first day of the period where the grain is longer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Activity {
    /// Customers by the day of their first purchase.
    pub first_purchases: BTreeMap<Day, u64>,
    /// Repeat purchases.
    pub repeat_purchases: BTreeMap<Day, u64>,
}

impl Activity {
    fn add(&mut self, other: Self) {
        for (ours, others) in
            [(&mut self.first_purchases, other.first_purchases), (&mut self.repeat_purchases, other.repeat_purchases)]
        {
            others.into_iter().for_each(|(day, count)| *ours.entry(day).or_default() += count);
        }
    }

    /// Repeat purchases up to a day.
    pub fn repeats_until(&self, until: Day) -> u64 {
        self.repeat_purchases.range(..=until).map(|(_, count)| count).sum()
    }
}

impl PurchaseLog {
    /// What the customers of a cohort who came up to `split` purchased up to `until`, and how many came later.
    ///
    /// # Errors
    /// [`Cause::Amount`](crate::error::Cause::Amount) if sums overflow; [`Error::io`](crate::error::Error::io) if a temporary file
    /// fails.
    pub fn activity(&mut self, cohort: &Cohort, split: Day, until: Day) -> Result<(Activity, u64)> {
        let fold = |(activity, later): &mut (Activity, u64), _: &_, seen: &Seen<'_>| {
            let Some((first, repeats)) = seen.purchases.split_first().filter(|(first, _)| cohort.takes(first.day))
            else {
                return Ok(());
            };
            if first.day > split {
                *later += 1;
                return Ok(());
            }
            *activity.first_purchases.entry(first.day).or_default() += 1;
            repeats.iter().for_each(|repeat| *activity.repeat_purchases.entry(repeat.day).or_default() += 1);
            Ok(())
        };
        let (mut all, mut later) = (Activity::default(), 0);
        for (of_shard, later_in_shard) in self.by_shard(until, fold)? {
            all.add(of_shard);
            later += later_in_shard;
        }
        Ok((all, later))
    }
}
