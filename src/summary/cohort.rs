//! What is seen of a log at the end of an observation: the summary of a cohort.

use serde::{Deserialize, Serialize};

use super::customer_codes::SHARDS;
use super::customer_rows::{CustomerRow, summary_of};
use super::merging::{Merging, Seen, orders};
use super::purchase_counts::PurchaseCounts;
use super::purchases::{SOUND, Shard, id};
use super::{Day, Grain, Observation, PurchaseLog, Summary, TimeUnit};
use crate::error::{Cause, Error, Result};
use crate::message::{flag, opt, say};
use crate::parallel::in_parallel;

/// Which customers of a log a summary takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cohort {
    /// Only customers whose first purchase is on this day or later.
    pub from: Option<Day>,
    /// Only customers whose first purchase is before this day.
    pub first_purchase_before: Option<Day>,
}

impl Cohort {
    /// Refuses days that cut a period of the grain in two.
    ///
    /// # Errors
    /// [`Error::usage`] with the days that do not.
    pub fn check(&self, grain: Grain) -> Result<()> {
        for (option, day) in [("from", self.from), ("first_purchase_before", self.first_purchase_before)] {
            if let Some(day) = day.filter(|&day| grain.start(day) != day) {
                let next = Day(grain.last_day(day).0 + 1);
                return Err(Error::usage(say![
                    opt(option).with(day.to_string()),
                    format!(
                        " cuts a {grain} in two, whose orders are one purchase; give {} or {next}",
                        grain.start(day)
                    )
                ]));
            }
        }
        Ok(())
    }

    pub(super) fn takes(&self, first_purchase: Day) -> bool {
        self.from.is_none_or(|from| first_purchase >= from)
            && self.first_purchase_before.is_none_or(|before| first_purchase < before)
    }
}

/// What a summary left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Excluded {
    /// Customers outside the cohort.
    pub customers: u64,
    /// Their orders.
    pub orders: u64,
    /// One of them, the first by text.
    pub example: Option<String>,
    /// Returns of customers who had purchased nothing before.
    pub unmatched_returns: u64,
    /// Orders and returns after the end.
    pub later_orders: u64,
}

impl Excluded {
    /// Refuses returns without a purchase, as strict reading does.
    ///
    /// # Errors
    /// [`Error::data`] with their number.
    pub fn check_returns(&self) -> Result<()> {
        match self.unmatched_returns {
            0 => Ok(()),
            returns => Err(Error::data(say![
                "{returns} returns follow no purchase of their customer; ",
                flag("strict"),
                " allows none"
            ])),
        }
    }

    fn add(&mut self, other: Self) {
        self.customers += other.customers;
        self.orders += other.orders;
        self.unmatched_returns += other.unmatched_returns;
        self.later_orders += other.later_orders;
        self.example = match (self.example.take(), other.example) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

impl PurchaseLog {
    /// What `fold` makes of each shard up to a day, on all cores.
    pub(super) fn by_shard<A: Default + Send>(
        &mut self,
        until: Day,
        fold: impl Fn(&mut A, &Shard, &Seen<'_>) -> Result<()> + Sync,
    ) -> Result<Vec<A>> {
        self.settle_all()?;
        let held = self.held.get_mut().expect(SOUND);
        let (held, shards, grain) = (&*held, &self.shards, self.grain);
        let folded = in_parallel(SHARDS, |number| {
            let shard = shards[number].lock().expect(SOUND);
            let mut all = A::default();
            let (orders, merged) = (held.orders.shard(number)?, held.merged.shard(number)?);
            let mut days = Merging::new(&orders, &merged);
            while let Some(seen) = days.next_customer(grain, until)? {
                fold(&mut all, &shard, &seen)?;
            }
            Ok(all)
        });
        folded.into_iter().collect()
    }

    /// One row per customer of the cohort, as seen at `end`; what happened later is left out. Sorted by customer: by number
    /// if all ids are whole numbers, else by text.
    ///
    /// # Errors
    /// [`Cause::Amount`](crate::error::Cause::Amount) if sums overflow, [`Cause::NoCustomers`](crate::error::Cause::NoCustomers) if nobody is left; [`Error::io`] if a temporary file fails.
    pub fn summary(&mut self, unit: TimeUnit, end: Day, cohort: &Cohort) -> Result<(Summary, Excluded)> {
        let (summary, excluded) = self.summary_of_part(unit, end, cohort)?;
        match summary.is_empty() {
            true => Err(Cause::NoCustomers { end: end.to_string() }.into()),
            false => Ok((summary, excluded)),
        }
    }

    /// The same of a log that is a part of one, and so without a row where nobody is left.
    ///
    /// # Errors
    /// As [`PurchaseLog::summary`], of which nobody is none.
    pub fn summary_of_part(&mut self, unit: TimeUnit, end: Day, cohort: &Cohort) -> Result<(Summary, Excluded)> {
        type Folded = (Vec<CustomerRow>, Excluded, PurchaseCounts);
        let last_period = self.grain.start(end);
        let fold = |all: &mut Folded, shard: &Shard, seen: &Seen<'_>| {
            let (rows, excluded, counts) = all;
            let &Seen { customer, purchases, returned, later } = seen;
            excluded.later_orders += later;
            let Some(first) = purchases.first() else {
                excluded.unmatched_returns += orders(returned);
                return Ok(());
            };
            if !cohort.takes(first.day) {
                excluded.add(Excluded {
                    customers: 1,
                    orders: orders(purchases) + orders(returned),
                    example: Some(id(shard, customer)),
                    ..Excluded::default()
                });
                return Ok(());
            }
            let (row, unmatched) = CustomerRow::new(customer, purchases, returned)?;
            excluded.unmatched_returns += unmatched;
            counts.add(purchases, last_period);
            rows.push(row);
            Ok(())
        };
        let (mut excluded, mut counts) = (Excluded::default(), PurchaseCounts::default());
        let mut rows = Vec::new();
        for (of_shard, left_out, counted) in self.by_shard(end, fold)? {
            rows.push(of_shard);
            excluded.add(left_out);
            counts.merge(counted);
        }
        let rows = rows.concat();
        let observation = Observation { unit, grain: self.grain, end };
        let statistics = Some(counts.finished(observation));
        Ok((Summary { statistics, ..summary_of(rows, self, observation) }, excluded))
    }
}
