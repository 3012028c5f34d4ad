//! The fold from orders to customers.
//!
//! Its state is the set of purchases (customer, period) with their net amounts. Adding an order and merging two states
//! are associative and commutative, so that batches, files, threads and partitions may come in any order.

use std::collections::HashMap;

use rustc_hash::FxHashMap;

use super::attributes::AttributeLog;
use super::{CustomerIds, Day, ExactSum, Grain, Observation, PurchaseColumns, Summary, TimeUnit};
use crate::error::{Error, Result};

/// One customer's orders, or returns, in one period of the grain.
#[derive(Clone, Copy, Debug)]
struct Purchase {
    /// Customer number above, day below: sorts by customer, then day.
    key: u64,
    orders: u32,
    amount: ExactSum,
}

impl Purchase {
    fn new(customer: u32, day: Day, orders: u32, amount: ExactSum) -> Self {
        // Flipping the sign bit makes the unsigned order of days the calendar's.
        let day = (day.0 as u32) ^ (1 << 31);
        Self { key: u64::from(customer) << 32 | u64::from(day), orders, amount }
    }

    fn customer(&self) -> u32 {
        (self.key >> 32) as u32
    }

    fn day(&self) -> Day {
        Day((self.key as u32 ^ (1 << 31)) as i32)
    }
}

/// Purchases with the sorted, merged part in front and what came since behind.
#[derive(Clone, Debug, Default)]
struct Merged {
    purchases: Vec<Purchase>,
    sorted: usize,
}

impl Merged {
    fn push(&mut self, purchase: Purchase) -> Result<()> {
        self.purchases.push(purchase);
        // Sorting whenever the new part outgrows the old keeps the memory within a factor of what must be kept.
        if self.purchases.len() - self.sorted > self.sorted.max(1 << 20) { self.compact() } else { Ok(()) }
    }

    /// Sorts, and merges what has the same customer and day.
    fn compact(&mut self) -> Result<()> {
        if self.sorted == self.purchases.len() {
            return Ok(());
        }
        self.purchases.sort_unstable_by_key(|purchase| purchase.key);
        let mut kept = 0;
        for i in 1..self.purchases.len() {
            let next = self.purchases[i];
            let last = &mut self.purchases[kept];
            if next.key == last.key {
                last.amount = last.amount.plus(next.amount)?;
                last.orders = last.orders.saturating_add(next.orders);
            } else {
                kept += 1;
                self.purchases[kept] = next;
            }
        }
        self.purchases.truncate(kept + 1);
        self.sorted = self.purchases.len();
        Ok(())
    }

    fn of_customers(&self) -> impl Iterator<Item = &[Purchase]> {
        self.purchases.chunk_by(|a, b| a.customer() == b.customer())
    }
}

/// Which customers of a log a summary takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cohort {
    /// Only customers whose first purchase is on this day or later.
    pub from: Option<Day>,
    /// Only customers whose first purchase is before this day.
    pub first_purchase_before: Option<Day>,
}

impl Cohort {
    fn takes(&self, first_purchase: Day) -> bool {
        self.from.is_none_or(|from| first_purchase >= from)
            && self.first_purchase_before.is_none_or(|before| first_purchase < before)
    }
}

/// What a summary left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excluded {
    /// Customers outside the cohort.
    pub customers: u64,
    /// Their orders.
    pub orders: u64,
    /// One of them.
    pub example: Option<String>,
    /// Returns of customers who had purchased nothing before.
    pub unmatched_returns: u64,
}

/// The order history, folded: every customer's purchases, merged by day (or another grain).
#[derive(Clone, Debug, Default)]
pub struct PurchaseLog {
    grain: Grain,
    numbers: FxHashMap<Box<str>, u32>,
    /// Day of the last order, within its period.
    last: Option<Day>,
    purchases: Merged,
    returns: Merged,
    attributes: AttributeLog,
}

impl PurchaseLog {
    /// An empty log whose orders merge within periods of `grain`.
    pub fn new(grain: Grain) -> Self {
        Self { grain, ..Self::default() }
    }

    /// The same, which keeps columns with these names too.
    pub fn with_attributes(grain: Grain, names: &[String]) -> Self {
        Self { grain, attributes: AttributeLog::new(names), ..Self::default() }
    }

    /// Adds an order. A negative amount is a return: it lowers the customer's spend and is no purchase.
    ///
    /// # Errors
    /// [`Error::Amount`] if the amount, or the sum it leads to, is not a finite amount of money.
    pub fn add(&mut self, customer: &str, day: Day, amount: f64) -> Result<()> {
        self.add_described(customer, day, amount, std::iter::empty())
    }

    /// Adds an order, with what it says of the customer in each of the columns kept.
    ///
    /// # Errors
    /// As [`PurchaseLog::add`].
    pub fn add_described<'a>(
        &mut self,
        customer: &str,
        day: Day,
        amount: f64,
        attributes: impl Iterator<Item = Option<&'a str>>,
    ) -> Result<()> {
        let number = self.number(customer)?;
        self.attributes.add(number, day, attributes);
        self.last = self.last.max(Some(day));
        let purchase = Purchase::new(number, self.grain.start(day), 1, ExactSum::new(amount)?);
        if amount < 0.0 { self.returns.push(purchase) } else { self.purchases.push(purchase) }
    }

    fn number(&mut self, customer: &str) -> Result<u32> {
        if let Some(&number) = self.numbers.get(customer) {
            return Ok(number);
        }
        let number = u32::try_from(self.numbers.len()).map_err(|_| Error::TooManyCustomers)?;
        self.numbers.insert(customer.into(), number);
        Ok(number)
    }

    /// Adds everything another log holds.
    ///
    /// # Errors
    /// [`Error::Grain`] if the two merge orders by different periods; otherwise as [`PurchaseLog::add`].
    pub fn merge(&mut self, other: Self) -> Result<()> {
        if self.grain != other.grain {
            return Err(Error::Grain { this: self.grain, other: other.grain });
        }
        self.last = self.last.max(other.last);
        let mut renumbered = vec![0; other.numbers.len()];
        for (customer, &number) in &other.numbers {
            renumbered[number as usize] = self.number(customer)?;
        }
        self.attributes.merge(other.attributes, &renumbered);
        for (into, from) in [(&mut self.purchases, other.purchases), (&mut self.returns, other.returns)] {
            for Purchase { key, orders, amount } in from.purchases {
                let key = u64::from(renumbered[(key >> 32) as usize]) << 32 | key & u64::from(u32::MAX);
                into.push(Purchase { key, orders, amount })?;
            }
        }
        Ok(())
    }

    /// The last day with an order or a return, if there is one.
    pub fn last_day(&self) -> Option<Day> {
        self.last
    }

    /// Customer ids in the order of their numbers.
    fn ids(&self) -> Vec<&str> {
        let mut ids = vec![""; self.numbers.len()];
        for (id, &number) in &self.numbers {
            ids[number as usize] = id;
        }
        ids
    }

    /// One row per customer of the cohort, as seen at `end`; what happened later is left out. Sorted by customer: by number
    /// if all ids are whole numbers, else by text.
    ///
    /// # Errors
    /// [`Error::Amount`] if sums overflow, [`Error::NoCustomers`] if nobody is left.
    pub fn summary(&mut self, unit: TimeUnit, end: Day, cohort: &Cohort) -> Result<(Summary, Excluded)> {
        self.purchases.compact()?;
        self.returns.compact()?;
        let ids = self.ids();
        let mut excluded = Excluded::default();
        let mut rows = Vec::new();
        let mut returns = self.returns.of_customers().peekable();
        for all in self.purchases.of_customers() {
            let customer = all[0].customer();
            // Customers with returns alone have no purchases and are passed over here.
            while let Some(others) = returns.next_if(|returned| returned[0].customer() < customer) {
                excluded.unmatched_returns += orders(seen_by(others, end));
            }
            let returned = returns.next_if(|returned| returned[0].customer() == customer).unwrap_or(&[]);
            let (seen, returned) = (seen_by(all, end), seen_by(returned, end));
            let Some(first) = seen.first() else {
                excluded.unmatched_returns += orders(returned);
                continue;
            };
            if !cohort.takes(first.day()) {
                excluded.customers += 1;
                excluded.orders += orders(seen) + orders(returned);
                excluded.example.get_or_insert_with(|| ids[customer as usize].to_owned());
                continue;
            }
            let (row, unmatched) = CustomerRow::new(seen, returned)?;
            excluded.unmatched_returns += unmatched;
            rows.push(row);
        }
        excluded.unmatched_returns += returns.map(|others| orders(seen_by(others, end))).sum::<u64>();
        if rows.is_empty() {
            return Err(Error::NoCustomers { end });
        }
        let observation = Observation { unit, grain: self.grain, end };
        Ok((summary_of(rows, &ids, &self.attributes, observation), excluded))
    }

    /// Purchases of each customer of `summary` after the end of its observation and up to `until`, in its order.
    ///
    /// # Errors
    /// [`Error::Amount`] if sums overflow.
    pub fn purchases_after(&mut self, summary: &Summary, until: Day) -> Result<Vec<u32>> {
        self.purchases.compact()?;
        let ids = self.ids();
        let mut later = HashMap::new();
        for all in self.purchases.of_customers() {
            let count = seen_by(all, until).len() - seen_by(all, summary.observation.end).len();
            later.insert(ids[all[0].customer() as usize], count as u32);
        }
        Ok((0..summary.len()).map(|i| later.get(&*summary.customers.text(i)).copied().unwrap_or(0)).collect())
    }

    /// Purchase days of each customer up to `until`, first purchases first within a customer.
    ///
    /// # Errors
    /// [`Error::Amount`] if sums overflow.
    pub fn purchase_days(&mut self, until: Day) -> Result<Vec<Vec<Day>>> {
        self.purchases.compact()?;
        let days = |all| seen_by(all, until).iter().map(Purchase::day).collect::<Vec<_>>();
        Ok(self.purchases.of_customers().map(days).filter(|days| !days.is_empty()).collect())
    }
}

/// The part of one customer's purchases up to `end`.
fn seen_by(purchases: &[Purchase], end: Day) -> &[Purchase] {
    &purchases[..purchases.partition_point(|purchase| purchase.day() <= end)]
}

fn orders(purchases: &[Purchase]) -> u64 {
    purchases.iter().map(|purchase| u64::from(purchase.orders)).sum()
}

/// What the summary keeps of one customer.
struct CustomerRow {
    customer: u32,
    frequency: u32,
    first: Day,
    last: Day,
    orders: u32,
    repeat_spend: ExactSum,
    total: ExactSum,
}

impl CustomerRow {
    /// From the purchases and returns seen, and the number of returns that follow no purchase. A return lowers the amount
    /// of the latest purchase on its day or before.
    fn new(purchases: &[Purchase], returned: &[Purchase]) -> Result<(Self, u64)> {
        let (first, last) = (&purchases[0], &purchases[purchases.len() - 1]);
        let mut repeat_spend = purchases[1..].iter().try_fold(ExactSum::default(), |sum, p| sum.plus(p.amount))?;
        let mut first_spend = first.amount;
        let second = purchases.get(1).map(Purchase::day);
        let mut unmatched = 0;
        for back in returned {
            if back.day() < first.day() {
                unmatched += u64::from(back.orders);
            } else if second.is_some_and(|second| back.day() >= second) {
                repeat_spend = repeat_spend.plus(back.amount)?;
            } else {
                first_spend = first_spend.plus(back.amount)?;
            }
        }
        let row = Self {
            customer: first.customer(),
            frequency: purchases.len() as u32 - 1,
            first: first.day(),
            last: last.day(),
            orders: u32::try_from(orders(purchases)).unwrap_or(u32::MAX),
            repeat_spend,
            total: repeat_spend.plus(first_spend)?,
        };
        Ok((row, unmatched))
    }
}

fn summary_of(rows: Vec<CustomerRow>, ids: &[&str], attributes: &AttributeLog, observation: Observation) -> Summary {
    let ids = CustomerIds::new(rows.iter().map(|row| ids[row.customer as usize]).collect());
    let order = ids.ascending();
    let customers = ids.reordered(&order);
    let rows: Vec<&CustomerRow> = order.iter().map(|&i| &rows[i]).collect();
    let mean = |row: &&CustomerRow| match row.frequency {
        0 => 0.0,
        x => row.repeat_spend.value() / f64::from(x),
    };
    Summary {
        customers,
        frequency: rows.iter().map(|row| row.frequency).collect(),
        recency: rows.iter().map(|row| observation.time(row.first, row.last)).collect(),
        T: rows.iter().map(|row| observation.age(row.first)).collect(),
        monetary_value: rows.iter().map(mean).collect(),
        purchases: Some(PurchaseColumns {
            first_purchase: rows.iter().map(|row| row.first).collect(),
            last_purchase: rows.iter().map(|row| row.last).collect(),
            orders: rows.iter().map(|row| row.orders).collect(),
            total: rows.iter().map(|row| row.total.value()).collect(),
        }),
        attributes: attributes.of(&rows.iter().map(|row| row.customer).collect::<Vec<u32>>(), observation.end),
        observation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn log(orders: &[(&str, &str, f64)]) -> PurchaseLog {
        let mut log = PurchaseLog::new(Grain::Day);
        for &(customer, date, amount) in orders {
            log.add(customer, day(date), amount).unwrap();
        }
        log
    }

    const ORDERS: [(&str, &str, f64); 9] = [
        ("b", "2020-01-05", 10.0),
        ("a", "2020-03-01", 0.1),
        ("a", "2020-01-01", 7.0),
        ("a", "2020-03-01", 0.2),
        ("a", "2020-02-01", 30.0),
        ("b", "2020-01-20", -4.0),
        ("a", "2020-02-10", -10.0),
        ("c", "2019-12-31", -5.0),
        ("b", "2020-01-05", 2.5),
    ];

    fn summary(log: &mut PurchaseLog) -> (Summary, Excluded) {
        log.summary(TimeUnit::Day, day("2020-03-31"), &Cohort::default()).unwrap()
    }

    #[test]
    fn orders_of_a_day_merge_and_returns_are_netted() {
        let (summary, excluded) = summary(&mut log(&ORDERS));
        assert_eq!(summary.customers, CustomerIds::new(vec!["a", "b"]));
        assert_eq!(summary.frequency, [2, 0]);
        assert_eq!(summary.recency, [60.0, 0.0]);
        assert_eq!(summary.T, [90.0, 86.0]);
        // a: repeat purchases 30 - 10 and 0.1 + 0.2
        assert_eq!(summary.monetary_value, [20.3 / 2.0, 0.0]);
        let purchases = summary.purchases.unwrap();
        assert_eq!(purchases.orders, [4, 2]);
        assert_eq!(purchases.total, [27.3, 8.5]);
        assert_eq!(excluded, Excluded { unmatched_returns: 1, ..Excluded::default() });
    }

    #[test]
    fn order_and_partition_do_not_matter() {
        let whole = summary(&mut log(&ORDERS));
        for cut in 0..ORDERS.len() {
            let (left, right) = ORDERS.split_at(cut);
            let mut merged = log(right);
            merged.merge(log(left)).unwrap();
            assert_eq!(summary(&mut merged), whole, "cut at {cut}");
        }
    }

    #[test]
    fn later_orders_and_other_cohorts_are_left_out() {
        let mut log = log(&ORDERS);
        let cohort = Cohort { from: Some(day("2020-01-02")), first_purchase_before: None };
        let (summary, excluded) = log.summary(TimeUnit::Day, day("2020-02-29"), &cohort).unwrap();
        assert_eq!(summary.customers, CustomerIds::new(vec!["b"]));
        assert_eq!((excluded.customers, excluded.orders, excluded.example.as_deref()), (1, 3, Some("a")));
        let (summary, _) = log.summary(TimeUnit::Day, day("2020-02-29"), &Cohort::default()).unwrap();
        assert_eq!(log.purchases_after(&summary, day("2020-03-31")).unwrap(), [1, 0]);
    }
}
