//! A shop whose orders are known, in cents.

use std::collections::BTreeMap;

/// A generator that gives the same numbers everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    /// A number below `end`: xorshift64*.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

#[derive(Clone)]
pub struct Item {
    pub sku: String,
    pub quantity: i64,
    /// Of one piece.
    pub price: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    Kept,
    Cancelled,
    Refunded,
}

#[derive(Clone)]
pub struct Order {
    pub id: usize,
    pub customer: usize,
    /// Day of 2023, from 0.
    pub day: i64,
    pub items: Vec<Item>,
    pub fate: Fate,
    /// What was paid back of an order that was kept, and how many days later.
    pub partial_refund: i64,
    pub refund_delay: i64,
    pub currency: &'static str,
}

impl Order {
    pub fn total(&self) -> i64 {
        self.items.iter().map(|item| item.quantity * item.price).sum()
    }
}

pub struct Shop {
    pub orders: Vec<Order>,
}

impl Shop {
    /// Amounts are of whole units where there are no cents.
    pub fn new(seed: u64, whole: bool) -> Self {
        let mut random = Random::new(seed);
        let mut orders = Vec::new();
        for customer in 0..40 {
            let start = random.below(150) as i64;
            for _ in 0..=random.below(5) {
                orders.push(order(&mut random, customer, start, whole));
            }
        }
        orders.sort_by_key(|order: &Order| (order.day, order.customer));
        orders.iter_mut().enumerate().for_each(|(i, order)| order.id = 1001 + i);
        Self { orders }
    }

    /// What is to come out of the orders that count.
    pub fn truth(
        &self,
        counts: impl Fn(&Order) -> bool,
        id: impl Fn(&Order) -> String,
        net: impl Fn(&Order) -> i64,
    ) -> Truth {
        let mut truth = Truth::default();
        for order in self.orders.iter().filter(|order| counts(order)) {
            let known =
                truth.0.entry(id(order)).or_insert_with(|| Known { first: order.day, last: order.day, cents: 0 });
            known.first = known.first.min(order.day);
            known.last = known.last.max(order.day);
            known.cents += net(order);
        }
        truth
    }
}

fn order(random: &mut Random, customer: usize, start: i64, whole: bool) -> Order {
    let items = 1 + random.below(4).min(2);
    let item = |i: u64, random: &mut Random| {
        // From a few units to thousands, so that thousands are separated in some.
        let size = 10_i64.pow(1 + random.below(3) as u32);
        let cents = 1 + random.below(99) as i64;
        let price = 100 * (1 + random.below(9) as i64) * size / 10 + if whole { 0 } else { cents };
        Item { sku: format!("sku-{i}-{}", random.below(50)), quantity: 1 + random.below(3) as i64, price }
    };
    let items: Vec<Item> = (0..items).map(|i| item(i, random)).collect();
    let fate = match random.below(20) {
        0 => Fate::Cancelled,
        1 => Fate::Refunded,
        _ => Fate::Kept,
    };
    let total: i64 = items.iter().map(|item| item.quantity * item.price).sum();
    let unit = if whole { 100 } else { 1 };
    let partial_refund = if fate == Fate::Kept && random.chance(15) { total / 3 / unit * unit } else { 0 };
    Order {
        id: 0,
        customer,
        day: start + random.below(180) as i64,
        items,
        fate,
        partial_refund,
        refund_delay: random.below(20) as i64,
        currency: if random.chance(30) { "USD" } else { "EUR" },
    }
}

/// Customers by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth(pub BTreeMap<String, Known>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub first: i64,
    pub last: i64,
    pub cents: i64,
}

/// A day of 2023 or 2024 as ISO 8601 has it.
pub fn date(day: i64) -> String {
    let (year, mut day) = if day < 365 { (2023, day) } else { (2024, day - 365) };
    let february = if year == 2024 { 29 } else { 28 };
    for (month, length) in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter().enumerate() {
        if day < length {
            return format!("{year}-{:02}-{:02}", month + 1, day + 1);
        }
        day -= length;
    }
    unreachable!("two years")
}
