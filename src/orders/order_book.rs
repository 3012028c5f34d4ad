//! From lines to orders: what belongs together becomes one order, and what is told of the same order twice counts once.

use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, Mutex};

use super::contract::{Example, Reason, Returns};
use super::customer_counts::CustomersSeen;
use super::met_lines::Met;
use super::open_table::OpenTable;
use super::options::OrderOptions;
use super::order_lines::{BareLine, Line, Lines, OrderLines, Shard};
use super::order_rule::{AmountPer, RepeatedOrders};
use super::report::ReadReport;
use super::returns::{Refunded, return_refused};
use super::table_rules::{RuleFinder, Rules};
use crate::error::{Error, Result};
use crate::parallel::in_parallel;
use crate::summary::{Code, Day, ExactSum, OrderBuffer, PurchaseLog};

/// The orders of all tables that have ids.
#[derive(Debug, Default)]
pub(super) struct OrderBook {
    pub(super) orders: OrderLines,
    /// What was paid back, line by line, and zero where nothing was; on the days of the orders.
    pub(super) refunds: OrderLines,
    /// Hashes of orders that do not meet the conditions.
    pub(super) deselected: Mutex<FxHashSet<u64>>,
    /// The days on which orders were paid back, where they say so.
    pub(super) refund_days: Mutex<FxHashMap<u64, Day>>,
}

/// Makes orders of lines.
pub(super) struct Settling<'a> {
    pub(super) log: &'a PurchaseLog,
    pub(super) options: &'a OrderOptions,
    pub(super) tables: &'a [Arc<OpenTable>],
    pub(super) report: &'a mut ReadReport,
    pub(super) customers: &'a mut CustomersSeen,
    pub(super) buffer: OrderBuffer,
    pub(super) met: Met,
}

impl Settling<'_> {
    /// Puts all orders into the log.
    ///
    /// # Errors
    /// [`Error::Question`] if it is in doubt what amounts are of, or which of two orders with one id counts; with strict rules, the first
    /// line that is no order.
    pub(super) fn settle(mut self, book: OrderBook, mut bare: Vec<BareLine>) -> Result<()> {
        bare.sort_unstable_by_key(|line| (line.table, line.place));
        self.join(&book, bare)?;
        let mut finder = RuleFinder { options: self.options, tables: self.tables, report: self.report };
        let rules = finder.of_amounts(&book.orders)?;
        let refund_rules = finder.of_refunds(&book.refunds)?;
        self.put_orders(book.orders, &rules)?;
        self.judge()?;
        let days = book.refund_days.into_inner().expect("no thread panics while it holds days");
        for shard in book.refunds.into_shards() {
            self.put_refunds(&shard, &refund_rules, &days)?;
        }
        self.judge()?;
        self.log.settle(&mut self.buffer)
    }

    /// Tells of what was met, or refuses it.
    fn judge(&mut self) -> Result<()> {
        let Met { returns, repeated, conflicts, different } = std::mem::take(&mut self.met);
        if let Some((table, place, other)) = conflicts.first {
            return Err(Error::question(
                format!(
                    "the order at {} stands at {other} with other lines or amounts: which of them counts?",
                    self.place(table, place)
                ),
                ["--repeated-orders first", "--repeated-orders last", "--repeated-orders add"],
            ));
        }
        if let Some((table, place, _)) = different.first {
            return Err(Error::Data(format!(
                "{}: the amounts of the order's lines differ, so that none of them is that of the order (⟨--amount-per order⟩)",
                self.place(table, place)
            )));
        }
        if let Some((table, place, amount)) = &returns.first
            && self.options.returns == Returns::Error
        {
            return Err(return_refused(&self.place(*table, *place), amount));
        }
        for (reason, tally) in [(Reason::Return, returns), (Reason::RepeatedOrder, repeated)] {
            if let Some((table, place, value)) = tally.first {
                let place = self.place(table, place);
                self.report.left_out.count_rows(reason, tally.rows, usize::MAX, || Example { place, value });
            }
        }
        Ok(())
    }

    /// Joins lines without customer, day or amount to the others of their orders.
    fn join(&mut self, book: &OrderBook, bare: Vec<BareLine>) -> Result<()> {
        let deselected = book.deselected.lock().expect("no thread panics while it holds hashes");
        let mut alone = Vec::new();
        for line in bare {
            match book.orders.find(line.order, line.table) {
                Some(order) => {
                    self.report.further_lines += 1;
                    if let Some(amount) = line.amount {
                        let amount = Some(amount);
                        let BareLine { order: id, table, place, item, .. } = line;
                        book.orders.add(&Line {
                            order: id,
                            customer: order.customer,
                            day: order.day,
                            table,
                            place,
                            amount,
                            item,
                        })?;
                        // Counted again with the order's lines.
                        self.report.further_lines -= 1;
                    }
                }
                None if line.stands_alone && !deselected.contains(&line.order) => alone.push(line),
                None => self.leave_out_bare(&line, deselected.contains(&line.order))?,
            }
        }
        drop(deselected);
        for line in alone {
            let BareLine { order, customer, day, table, place, amount, item, .. } = line;
            let (Some(customer), Some(day)) = (customer, day) else { continue };
            book.orders.add(&Line { order, customer, day, table, place, amount, item })?;
        }
        Ok(())
    }

    fn leave_out_bare(&mut self, line: &BareLine, deselected: bool) -> Result<()> {
        let reason = if deselected { Reason::NotSelected } else { line.reason };
        let example = Example { place: self.place(line.table, line.place), value: String::new() };
        if self.options.strict && !reason.asked_for() {
            return Err(Error::Data(format!("a row {reason} ({example}); ⟨--strict⟩ allows none")));
        }
        self.report.left_out.count(reason, line.block, || example);
        Ok(())
    }

    fn place(&self, table: usize, place: u64) -> String {
        self.tables[table].shape.place(place)
    }

    /// All orders, on all cores.
    fn put_orders(&mut self, orders: OrderLines, rules: &Rules) -> Result<()> {
        let shards: Vec<Shard> = orders.into_shards().collect();
        let (log, options, tables) = (self.log, self.options, self.tables);
        let put = |i: usize| {
            let (mut report, mut customers) = (ReadReport::default(), CustomersSeen::default());
            let (buffer, met) = (OrderBuffer::default(), Met::default());
            let (of_part, of_customers) = (&mut report, &mut customers);
            let mut part = Settling { log, options, tables, report: of_part, customers: of_customers, buffer, met };
            part.put_shard(&shards[i], rules)?;
            log.settle(&mut part.buffer)?;
            let met = part.met;
            Ok((report, customers, met))
        };
        for part in in_parallel(shards.len(), put) {
            let (report, customers, met): (ReadReport, CustomersSeen, Met) = part?;
            self.report.add(report);
            self.customers.merge(customers);
            self.met.merge(met);
        }
        Ok(())
    }

    fn put_shard(&mut self, shard: &Shard, rules: &Rules) -> Result<()> {
        if shard.is_simple() {
            return shard
                .simple()
                .try_for_each(|lines| self.put_lines(std::slice::from_ref(lines), rules, &shard.sums));
        }
        for mut order in shard.orders() {
            self.count_on_one_day(&mut order, rules);
            for of_day in order.chunk_by(|a, b| (a.customer, a.day) == (b.customer, b.day)) {
                self.put_day(of_day, rules, &shard.sums)?;
            }
        }
        Ok(())
    }

    /// An order's amount that stands on lines of several days is that of the first.
    fn count_on_one_day(&mut self, order: &mut Vec<Lines>, rules: &Rules) {
        let mut seen: Vec<(Code, u64)> = Vec::new();
        order.retain(|lines| {
            if rules.of(lines) == AmountPer::Line || lines.is_negative() {
                return true;
            }
            let key = (lines.customer, lines.amount.to_bits());
            let days = seen.contains(&key);
            let repeats = days && self.options.amount_per == Some(AmountPer::Order);
            if !days {
                seen.push(key);
            }
            if repeats {
                self.report.further_lines += u64::from(lines.count);
            }
            !repeats
        });
    }

    /// The lines of an order of one customer and day, of which several files may tell.
    fn put_day(&mut self, lines: &[Lines], rules: &Rules, sums: &[ExactSum]) -> Result<()> {
        let of_tables: Vec<&[Lines]> = lines.chunk_by(|a, b| a.table() == b.table()).collect();
        let [first, others @ ..] = &of_tables[..] else { return Ok(()) };
        let content = |lines: &[Lines]| -> Result<Vec<_>> {
            match rules.of(&lines[0]) {
                AmountPer::Order => Ok(lines
                    .iter()
                    .map(|lines| (0, 0, ExactSum::new(lines.amount).unwrap_or_default(), false))
                    .collect()),
                AmountPer::Line => lines.iter().map(|lines| lines.content(sums)).collect(),
            }
        };
        let known = content(first)?;
        let mut kept = vec![*first];
        for other in others {
            if content(other)? == known {
                self.repeat(other);
                continue;
            }
            match self.options.repeated_orders {
                Some(RepeatedOrders::Add) => kept.push(*other),
                Some(RepeatedOrders::First) => self.repeat(other),
                Some(RepeatedOrders::Last) => {
                    kept.drain(..).for_each(|lines| self.repeat(lines));
                    kept.push(*other);
                }
                None => {
                    let at = |lines: &[Lines]| (lines[0].table(), lines.iter().map(Lines::place).min().unwrap_or(0));
                    let (table, place) = at(other);
                    let other = || self.tables[table].shape.place(place);
                    self.met.conflicts.see(1, at(first), other);
                    return Ok(());
                }
            }
        }
        kept.into_iter().try_for_each(|lines| self.put_lines(lines, rules, sums))
    }

    fn repeat(&mut self, lines: &[Lines]) {
        for lines in lines {
            self.met.repeated.see(u64::from(lines.count), (lines.table(), lines.place()), String::new);
        }
    }

    /// The lines of one order in one table: those with positive amounts, and those with negative ones.
    fn put_lines(&mut self, lines: &[Lines], rules: &Rules, sums: &[ExactSum]) -> Result<()> {
        let count = |lines: &[Lines]| lines.iter().map(|lines| u64::from(lines.count)).sum::<u64>();
        if rules.of(&lines[0]) == AmountPer::Order {
            for one in lines {
                if one.amounts_differ {
                    self.met.different.see(1, (one.table(), one.place()), String::new);
                }
                self.report.further_lines += u64::from(one.count) - 1;
                self.put(one, (!one.is_unpriced).then_some(one.amount))?;
            }
            return Ok(());
        }
        let mut sum = ExactSum::default();
        for one in lines {
            sum = sum.plus(one.sum(sums)?)?;
        }
        self.report.further_lines += count(lines) - 1;
        let is_known = lines.iter().all(|lines| !lines.is_unpriced);
        // A single amount is what it was, to the last bit.
        let amount = if count(lines) == 1 { lines[0].amount } else { sum.value() };
        self.put(&lines[0], is_known.then_some(amount))
    }

    fn put(&mut self, lines: &Lines, known: Option<f64>) -> Result<()> {
        let amount = known.unwrap_or(0.0);
        if amount < 0.0 && self.options.returns != Returns::Net {
            self.met.returns.see(1, (lines.table(), lines.place()), || amount.to_string());
            return Ok(());
        }
        self.report.returns += u64::from(amount < 0.0);
        self.report.at_price_zero += u64::from(known == Some(0.0));
        self.report.without_amount += u64::from(known.is_none());
        self.report.used += 1;
        if amount >= 0.0 {
            self.customers.see(lines.customer);
        }
        self.log.put(&mut self.buffer, lines.customer, lines.day, amount)
    }

    fn put_refunds(&mut self, shard: &Shard, rules: &Rules, days: &FxHashMap<u64, Day>) -> Result<()> {
        for (order, lines) in shard.by_order() {
            let mut seen: Vec<(Code, Day)> = Vec::new();
            for one in &lines {
                // Another file tells of the same order.
                if seen.contains(&(one.customer, one.day)) && self.options.repeated_orders != Some(RepeatedOrders::Add)
                {
                    continue;
                }
                seen.push((one.customer, one.day));
                let refund = match rules.of(one) {
                    AmountPer::Order => one.amount,
                    AmountPer::Line => one.sum(&shard.sums)?.value(),
                };
                let day = days.get(&order).copied().unwrap_or(one.day).max(one.day);
                if refund != 0.0 && self.options.returns == Returns::Error {
                    self.met.returns.see(1, (one.table(), one.place()), || (-refund).to_string());
                } else if refund != 0.0 {
                    let refunded = Refunded { customer: one.customer, day, refund };
                    self.report.refund(refunded, self.options, self.log, &mut self.buffer, || {
                        self.tables[one.table()].shape.place(one.place())
                    })?;
                }
            }
        }
        Ok(())
    }
}
