//! Whether an amount is that of a line, so that lines add up, or that of the whole order on each of its lines.

use super::order_lines::{Lines, OrderLines};
use crate::error::{Error, Result};
use crate::thousands::counted;

/// What an amount is the amount of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountPer {
    /// The whole order: it stands on each line, and counts once.
    Order,
    /// The line: lines add up.
    Line,
}

/// What happens to an order that stands in several files with other lines in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatedOrders {
    /// That of the first file counts.
    First,
    /// That of the last file counts.
    Last,
    /// All are orders, or lines of one.
    Add,
}

/// So many orders of several items are no accident.
const ENOUGH_ORDERS: u64 = 20;

/// A column of amounts, in all tables that have it.
#[derive(Debug, Default)]
pub(super) struct OfColumn {
    pub(super) name: String,
    /// Its name says that it is of the whole order.
    pub(super) is_total: bool,
    /// Orders of several lines with amounts, those with the same on all, and those among them whose items differ.
    several: u64,
    constant: u64,
    of_items: u64,
    /// The first table and place of an order whose amounts are the same on all lines, and of another one.
    same: Option<(usize, u64)>,
    other: Option<(usize, u64)>,
    /// Of an order that stands on several days with the same amount.
    on_days: Option<(usize, u64)>,
}

impl OfColumn {
    pub(super) fn new(name: String, is_total: bool) -> Self {
        Self { name, is_total, ..Self::default() }
    }

    fn see(&mut self, lines: &Lines) {
        if lines.count < 2 {
            return;
        }
        let at = Some((lines.table(), lines.place()));
        let first = |known: &mut Option<(usize, u64)>| *known = [*known, at].into_iter().flatten().min();
        self.several += 1;
        if lines.amounts_differ {
            first(&mut self.other);
        } else {
            self.constant += 1;
            self.of_items += u64::from(lines.items_differ);
            first(&mut self.same);
        }
    }

    /// What the amounts are of, and what is to be told of it.
    ///
    /// # Errors
    /// [`Error::Question`] if either is possible.
    pub(super) fn rule(&self, place: impl Fn((usize, u64)) -> String) -> Result<(AmountPer, Option<String>)> {
        let Self { name, several, constant, .. } = self;
        let ask = |what: String| Err(Error::question(what, ["--amount-per order", "--amount-per line"]));
        if let Some(at) = self.on_days.filter(|_| self.is_total) {
            return ask(format!(
                "the order at {} stands on several days with the same `{name}`: is that the amount of the order, or was it paid on each?",
                place(at)
            ));
        }
        if *several == 0 {
            return Ok((AmountPer::Line, None));
        }
        let orders = counted(*several, "order");
        let all_constant = constant == several;
        if all_constant && (self.is_total || self.of_items > ENOUGH_ORDERS) {
            let told = format!(
                "`{name}` is the same on all lines of each of {orders} of several lines, and counts once an order"
            );
            return Ok((AmountPer::Order, Some(told)));
        }
        let mostly_constant =
            if self.is_total { *constant > 0 } else { *several >= ENOUGH_ORDERS && 10 * constant >= 9 * several };
        if !all_constant && !mostly_constant {
            return Ok((
                AmountPer::Line,
                Some(format!("the lines of {orders} of several lines add up: `{name}` differs between them")),
            ));
        }
        let at = self.same.map_or_else(String::new, &place);
        let but = self.other.map_or_else(String::new, |at| format!(", and not at {}", place(at)));
        ask(format!(
            "`{name}` is the same on all lines of {constant} of {orders} of several lines ({at}, for instance{but}): is it the amount of the \
             order, which counts once, or of each line?"
        ))
    }
}

/// Looks at the orders of all tables; `column_of` has the place of each table's column among these.
pub(super) fn look_at_orders(orders: &OrderLines, columns: &mut [OfColumn], column_of: &[usize]) {
    orders.for_each(|lines| {
        if let Some(column) = column_of.get(lines.table()).and_then(|&column| columns.get_mut(column)) {
            column.see(lines);
        }
    });
    orders.for_each_divided(|all| {
        for one in all.iter().filter(|one| !one.is_negative()) {
            let repeats = |other: &&Lines| {
                other.customer == one.customer
                    && other.table() == one.table()
                    && other.day != one.day
                    && other.amount == one.amount
            };
            if let Some(column) = column_of.get(one.table()).and_then(|&column| columns.get_mut(column))
                && all.iter().any(|other| repeats(&other))
            {
                let at = Some((one.table(), one.place()));
                column.on_days = [column.on_days, at].into_iter().flatten().min();
            }
        }
    });
}
