//! The lines of orders, put together by the order's id.

use std::sync::{Mutex, MutexGuard};

use rustc_hash::FxHashMap;

use super::contract::Reason;
use crate::error::Result;
use crate::summary::{Code, Day, ExactSum};

/// A line of an order that has all that an order has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// A hash of the order's id.
    pub(super) order: u64,
    pub(super) customer: Code,
    pub(super) day: Day,
    /// The table and the place of the row in it.
    pub(super) table: usize,
    pub(super) place: u64,
    /// None if it is not known, and need not be.
    pub(super) amount: Option<f64>,
    /// A hash of what tells it from other lines.
    pub(super) item: u64,
}

/// A line that lacks what may stand on another line of its order.
#[derive(Debug)]
pub(super) struct BareLine {
    pub(super) order: u64,
    pub(super) table: usize,
    pub(super) place: u64,
    pub(super) block: usize,
    /// Why it is no order by itself.
    pub(super) reason: Reason,
    pub(super) customer: Option<Code>,
    pub(super) day: Option<Day>,
    pub(super) amount: Option<f64>,
    pub(super) item: u64,
    /// It lacks nothing but what a condition looks at, which it meets without.
    pub(super) stands_alone: bool,
}

/// The lines of an order that agree in customer, day, table and sign of the amount.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines {
    pub(super) customer: Code,
    pub(super) day: Day,
    table: u32,
    /// Of the first of them.
    place: u32,
    pub(super) count: u32,
    /// The place of the sum among those of the shard, if there are several lines.
    sum: u32,
    /// Hashes of what tells lines apart: of one of them, and the sum over all.
    item: u32,
    content: u32,
    pub(super) amount: f64,
    /// Amounts are not all the same, nor are the items; an amount is not known.
    pub(super) amounts_differ: bool,
    pub(super) items_differ: bool,
    pub(super) is_unpriced: bool,
}

impl Lines {
    fn new(line: &Line) -> Self {
        Self {
            customer: line.customer,
            day: line.day,
            table: line.table as u32,
            place: place(line),
            count: 1,
            sum: u32::MAX,
            item: line.item as u32,
            content: line.item as u32,
            amount: line.amount.unwrap_or(0.0),
            amounts_differ: false,
            items_differ: false,
            is_unpriced: line.amount.is_none(),
        }
    }

    pub(super) fn table(&self) -> usize {
        self.table as usize
    }

    pub(super) fn place(&self) -> u64 {
        u64::from(self.place)
    }

    pub(super) fn is_negative(&self) -> bool {
        self.amount < 0.0
    }

    fn holds(&self, line: &Line) -> bool {
        let same = self.customer == line.customer && self.day == line.day && self.table == line.table as u32;
        same && self.is_negative() == line.amount.is_some_and(|amount| amount < 0.0)
    }

    fn add(&mut self, line: &Line, sums: &mut Vec<ExactSum>) -> Result<()> {
        let amount = line.amount.unwrap_or(0.0);
        if self.sum == u32::MAX {
            self.sum = sums.len() as u32;
            sums.push(ExactSum::new(self.amount)?);
        }
        let sum = &mut sums[self.sum as usize];
        *sum = sum.plus(ExactSum::new(amount)?)?;
        self.count += 1;
        self.place = self.place.min(place(line));
        self.amounts_differ |= amount != self.amount;
        self.items_differ |= line.item as u32 != self.item;
        self.content = self.content.wrapping_add(line.item as u32);
        self.is_unpriced |= line.amount.is_none();
        Ok(())
    }

    /// The sum of the lines' amounts, among the sums of the order's shard.
    pub(super) fn sum(&self, sums: &[ExactSum]) -> Result<ExactSum> {
        match sums.get(self.sum as usize) {
            Some(sum) => Ok(*sum),
            None => ExactSum::new(self.amount),
        }
    }

    /// What is the same of the same lines in another file.
    pub(super) fn content(&self, sums: &[ExactSum]) -> Result<(u32, u32, ExactSum, bool)> {
        Ok((self.count, self.content, self.sum(sums)?, self.is_negative()))
    }
}

fn place(line: &Line) -> u32 {
    u32::try_from(line.place).unwrap_or(u32::MAX)
}

const SHARD_BITS: u32 = 8;

/// The orders of all tables; many threads add lines, in any order.
#[derive(Debug)]
pub(super) struct OrderLines(Vec<Mutex<Shard>>);

/// Orders with neighbouring hashes.
#[derive(Debug, Default)]
pub(super) struct Shard {
    first: FxHashMap<u64, Lines>,
    /// What does not agree with the first lines of its order.
    others: FxHashMap<u64, Vec<Lines>>,
    pub(super) sums: Vec<ExactSum>,
}

const SOUND: &str = "no thread panics while it holds orders";

impl Default for OrderLines {
    fn default() -> Self {
        Self((0..1 << SHARD_BITS).map(|_| Mutex::default()).collect())
    }
}

impl OrderLines {
    fn shard(&self, order: u64) -> MutexGuard<'_, Shard> {
        self.0[(order >> (u64::BITS - SHARD_BITS)) as usize].lock().expect(SOUND)
    }

    pub(super) fn add(&self, line: &Line) -> Result<()> {
        self.shard(line.order).add(line)
    }

    /// The lines of an order in this table that come first, or those in the first table.
    pub(super) fn find(&self, order: u64, table: usize) -> Option<Lines> {
        let shard = self.shard(order);
        let lines = shard.first.get(&order).into_iter().chain(shard.others.get(&order).into_iter().flatten());
        lines.min_by_key(|lines| (lines.table() != table, lines.table, lines.place)).copied()
    }

    /// The orders, part by part.
    pub(super) fn into_shards(self) -> impl Iterator<Item = Shard> {
        self.0.into_iter().map(|shard| shard.into_inner().expect(SOUND))
    }

    /// All lines that agree with each other.
    pub(super) fn for_each(&self, mut each: impl FnMut(&Lines)) {
        for shard in &self.0 {
            let shard = shard.lock().expect(SOUND);
            shard.first.values().chain(shard.others.values().flatten()).for_each(&mut each);
        }
    }

    /// Orders whose lines do not all agree, in an order of their own.
    pub(super) fn for_each_divided(&self, mut each: impl FnMut(&[Lines])) {
        for shard in &self.0 {
            let shard = shard.lock().expect(SOUND);
            for (order, others) in &shard.others {
                let mut all = others.clone();
                all.extend(shard.first.get(order));
                each(&all);
            }
        }
    }
}

impl Shard {
    fn add(&mut self, line: &Line) -> Result<()> {
        let Self { first, others, sums } = self;
        let known = match first.entry(line.order) {
            std::collections::hash_map::Entry::Vacant(vacant) => {
                vacant.insert(Lines::new(line));
                return Ok(());
            }
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
        };
        if known.holds(line) {
            return known.add(line, sums);
        }
        let others = others.entry(line.order).or_default();
        match others.iter_mut().find(|lines| lines.holds(line)) {
            Some(lines) => lines.add(line, sums),
            None => {
                others.push(Lines::new(line));
                Ok(())
            }
        }
    }

    /// The lines of each order, by customer, day, table and sign.
    pub(super) fn orders(&self) -> impl Iterator<Item = Vec<Lines>> {
        self.by_order().map(|(_, lines)| lines)
    }

    /// The same with the hashes of the orders.
    pub(super) fn by_order(&self) -> impl Iterator<Item = (u64, Vec<Lines>)> {
        self.first.iter().map(|(order, first)| {
            let mut lines = vec![*first];
            lines.extend(self.others.get(order).into_iter().flatten());
            lines.sort_unstable_by_key(|lines| (lines.customer, lines.day, lines.table, lines.is_negative()));
            (*order, lines)
        })
    }

    /// Whether all lines of every order agree, by order.
    pub(super) fn is_simple(&self) -> bool {
        self.others.is_empty()
    }

    pub(super) fn simple(&self) -> impl Iterator<Item = &Lines> {
        self.first.values()
    }
}
