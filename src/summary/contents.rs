//! Everything a log holds, as records that can be kept, moved and added to another log.

use rustc_hash::FxHashSet;

use super::customer_codes::SHARDS;
use super::merging::Merging;
use super::order_store::{Key, Merged, Several};
use super::purchases::{OrderBuffer, SOUND, Span, id, span};
use super::{CustomerId, Day, ExactSum, PurchaseLog};
use crate::error::Result;

/// All orders, or all returns, of one customer on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CustomerDay {
    /// Who.
    pub customer: String,
    /// When.
    pub day: Day,
    /// Whether these are returns.
    pub is_return: bool,
    /// How many.
    pub orders: u32,
    /// What they amount to together.
    pub amount: ExactSum,
}

/// What is said of a customer in a column, by the earliest order that says anything.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttributeValue {
    /// Who.
    pub customer: String,
    /// The column.
    pub column: String,
    /// The day of the order.
    pub day: Day,
    /// What is said.
    pub text: String,
    /// Whether another order says something else.
    pub differs: bool,
}

/// All that a log holds.
#[derive(Clone, Copy, Debug)]
pub struct Contents<'a>(&'a PurchaseLog);

impl Contents<'_> {
    /// Everything the log holds of the customers of one shard, merged by day, in the order of the customers' ids: which shard
    /// a customer is in, and so the order of all of them, does not depend on how the orders came.
    ///
    /// # Errors
    /// [`Cause::Amount`](crate::error::Cause::Amount) if sums overflow; [`Error::io`](crate::error::Error::io) if a temporary file fails.
    pub fn shard(self, shard: usize) -> Result<(Vec<CustomerDay>, Vec<AttributeValue>)> {
        let log = self.0;
        let (orders, merged) = {
            let held = log.held.lock().expect(SOUND);
            (held.orders.shard(shard)?, held.merged.shard(shard)?)
        };
        let shard = log.shards[shard].lock().expect(SOUND);
        let mut merging = Merging::new(&orders, &merged);
        let mut days: Vec<Merged> = Vec::new();
        while let Some(day) = merging.next_day()? {
            days.push(day);
        }
        let of_customers = days.chunk_by(|a, b| a.key.customer() == b.key.customer());
        let mut of_customers: Vec<(String, &[Merged])> =
            of_customers.map(|days| (id(&shard, days[0].key.customer()), days)).collect();
        of_customers.sort_by(|(a, _), (b, _)| a.cmp(b));
        let day = |customer: &String, day: &Merged| CustomerDay {
            customer: customer.clone(),
            day: day.key.day(),
            is_return: day.key.is_return(),
            orders: day.amount.orders,
            amount: day.amount.sum,
        };
        let days = of_customers.iter().flat_map(|(customer, days)| days.iter().map(move |one| day(customer, one)));
        let days = days.collect();
        let mut values: Vec<AttributeValue> = shard
            .attributes
            .iter()
            .map(|(column, (code, day, text, differs))| AttributeValue {
                customer: id(&shard, code),
                column: column.to_owned(),
                day,
                text: text.to_owned(),
                differs,
            })
            .collect();
        values.sort_by(|a, b| (&a.customer, &a.column).cmp(&(&b.customer, &b.column)));
        Ok((days, values))
    }
}

impl PurchaseLog {
    /// Adds all orders, or all returns, of a customer on a day.
    ///
    /// # Errors
    /// As [`PurchaseLog::add_to`].
    pub fn add_day(&self, buffer: &mut OrderBuffer, day: &CustomerDay) -> Result<()> {
        let key = Key::new(self.code(CustomerId::Text(&day.customer))?, day.day, day.is_return);
        buffer.days = span(buffer.days, Some((day.day, day.day)));
        buffer.merged.push(Merged { key, amount: Several { orders: day.orders, sum: day.amount } });
        self.settle_if_full(buffer)
    }

    /// Adds what is said of a customer.
    ///
    /// # Errors
    /// [`Cause::TooManyCustomers`](crate::error::Cause::TooManyCustomers).
    pub fn add_attribute(&self, value: &AttributeValue) -> Result<()> {
        let code = self.code(CustomerId::Text(&value.customer))?;
        self.shard(code.shard()).attributes.set(&value.column, (code, value.day, &value.text, value.differs));
        Ok(())
    }

    /// Numbers of the shards into which the log is divided.
    pub fn shards() -> std::ops::Range<usize> {
        0..SHARDS
    }

    /// Everything it holds, to be looked at by any thread.
    ///
    /// # Errors
    /// As [`PurchaseLog::add_to`].
    pub fn contents(&mut self) -> Result<Contents<'_>> {
        self.settle_all().map(|()| Contents(self))
    }

    /// On how many days of customers there are orders both here and in another log, with the first example by shard, and so
    /// something may be in both.
    ///
    /// # Errors
    /// [`Error::io`](crate::error::Error::io) if a temporary file fails.
    pub fn shared_days(&mut self, other: &mut Self) -> Result<Option<(u64, String, Day)>> {
        let apart = |a: Span, b: Span| match (a, b) {
            (Some(a), Some(b)) => a.1 < b.0 || b.1 < a.0,
            _ => true,
        };
        if apart(self.days(), other.days()) {
            return Ok(None);
        }
        let (this, other) = (self.contents()?, other.contents()?);
        let mut shared = None;
        for shard in Self::shards() {
            let days = |log: Contents<'_>| -> Result<Vec<(String, Day)>> {
                let mut days: Vec<(String, Day)> =
                    log.shard(shard)?.0.into_iter().map(|day| (day.customer, day.day)).collect();
                days.dedup();
                Ok(days)
            };
            let ours: FxHashSet<(String, Day)> = days(this)?.into_iter().collect();
            for (customer, day) in days(other)?.into_iter().filter(|day| ours.contains(day)) {
                shared.get_or_insert((0, customer, day)).0 += 1;
            }
        }
        Ok(shared)
    }
}
