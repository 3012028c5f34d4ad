//! From the sorted records of a shard to each customer's purchases.

use super::customer_codes::Code;
use super::order_store::{Key, Merged, Order, Several};
use super::{Day, ExactSum, Grain};
use crate::error::Result;

/// One customer's orders, or returns, in one period of the grain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purchase {
    /// First day of the period.
    pub(super) day: Day,
    pub(super) amount: Several,
}

/// What is seen of a customer up to a day: purchases and returns by period, each ascending.
pub(super) struct Seen<'a> {
    pub(super) customer: Code,
    pub(super) purchases: &'a [Purchase],
    pub(super) returned: &'a [Purchase],
    /// Orders and returns afterwards.
    pub(super) later: u64,
}

pub(super) fn orders(purchases: &[Purchase]) -> u64 {
    purchases.iter().map(|purchase| u64::from(purchase.amount.orders)).sum()
}

/// Walks through the sorted records of a shard.
pub(super) struct Merging<'a> {
    orders: &'a [Order],
    merged: &'a [Merged],
    purchases: Vec<Purchase>,
    returned: Vec<Purchase>,
}

impl<'a> Merging<'a> {
    pub(super) fn new(orders: &'a [Order], merged: &'a [Merged]) -> Self {
        Self { orders, merged, purchases: Vec::new(), returned: Vec::new() }
    }

    fn next_key(&self) -> Option<Key> {
        let order = self.orders.first().map(|order| order.key);
        let merged = self.merged.first().map(|merged| merged.key);
        order.into_iter().chain(merged).min()
    }

    /// All orders, or all returns, of the next customer and day.
    pub(super) fn next_day(&mut self) -> Result<Option<Merged>> {
        let Some(key) = self.next_key() else { return Ok(None) };
        let mut all = Merged { key, ..Merged::default() };
        while let Some((order, rest)) = self.orders.split_first().filter(|(order, _)| order.key == key) {
            all.amount.add(Several { orders: 1, sum: ExactSum::new(order.amount)? })?;
            self.orders = rest;
        }
        while let Some((merged, rest)) = self.merged.split_first().filter(|(merged, _)| merged.key == key) {
            all.amount.add(merged.amount)?;
            self.merged = rest;
        }
        Ok(Some(all))
    }

    /// The next customer's purchases and returns up to a day, by period, each ascending; one who had none yet has none.
    pub(super) fn next_customer(&mut self, grain: Grain, until: Day) -> Result<Option<Seen<'_>>> {
        let Some(customer) = self.next_key().map(Key::customer) else { return Ok(None) };
        self.purchases.clear();
        self.returned.clear();
        let mut later = 0;
        while self.next_key().is_some_and(|key| key.customer() == customer) {
            let Some(Merged { key, amount }) = self.next_day()? else { break };
            if key.day() > until {
                later += u64::from(amount.orders);
                continue;
            }
            let day = grain.start(key.day());
            let periods = if key.is_return() { &mut self.returned } else { &mut self.purchases };
            match periods.last_mut() {
                Some(last) if last.day == day => last.amount.add(amount)?,
                _ => periods.push(Purchase { day, amount }),
            }
        }
        Ok(Some(Seen { customer, purchases: &self.purchases, returned: &self.returned, later }))
    }
}

impl Several {
    fn add(&mut self, others: Self) -> Result<()> {
        self.orders = self.orders.saturating_add(others.orders);
        self.sum = self.sum.plus(others.sum)?;
        Ok(())
    }
}
