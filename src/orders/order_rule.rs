//! Whether an amount is that of a line, so that lines add up, or that of the whole order on each of its lines.

use serde::{Deserialize, Serialize};

use super::lines_of_order::Lines;
use crate::error::{Error, Place, Result};
use crate::message::opt;
use crate::number_format::counted;

/// What an amount is the amount of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum AmountPer {
    /// The whole order: each of its lines repeats it, and it counts once.
    Order,
    /// The line: the amounts of lines add up.
    Line,
}

/// What happens to an order that stands in several files with other lines in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum RepeatedOrders {
    /// The order in the first file counts.
    First,
    /// The order in the last file counts.
    Last,
    /// All of them: they are several orders, or parts of one.
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
        let at = Some(lines.at());
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

    fn merge(&mut self, other: &Self) {
        self.several += other.several;
        self.constant += other.constant;
        self.of_items += other.of_items;
        let first = |ours: &mut Option<(usize, u64)>, theirs| *ours = [*ours, theirs].into_iter().flatten().min();
        first(&mut self.same, other.same);
        first(&mut self.other, other.other);
        first(&mut self.on_days, other.on_days);
    }

    /// What the amounts are of, and what is to be told of it.
    ///
    /// # Errors
    /// [`Error::question`] if either is possible.
    /// `option` says what they are of.
    pub(super) fn rule(
        &self,
        option: &'static str,
        place: impl Fn((usize, u64)) -> Place,
    ) -> Result<(AmountPer, Option<String>)> {
        let Self { name, several, constant, .. } = self;
        let ask = |what: String, at: Option<Place>| {
            let answers = ["order", "line"].map(|per| opt(option).with(per));
            Err(Error::question(what, answers).in_column(name).knowing(at.unwrap_or_default()))
        };
        if let Some(at) = self.on_days.filter(|_| self.is_total) {
            let at = place(at);
            let question = format!(
                "the order at {at} stands on several days with the same `{name}`: is that the amount of the \
                 order, or was it paid on each?"
            );
            return ask(question, Some(at));
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
        let same = self.same.map(&place);
        let at = same.as_ref().map_or_else(String::new, ToString::to_string);
        let but = self.other.map_or_else(String::new, |at| format!(", and not at {}", place(at)));
        let question = format!(
            "`{name}` is the same on all lines of {constant} of {orders} of several lines ({at}, for instance{but}): is it the amount of the \
             order, which counts once, or of each line?"
        );
        ask(question, same)
    }
}

/// The columns of all tables, and the place of each table's column among them.
#[derive(Debug)]
pub(super) struct OfTables {
    pub(super) columns: Vec<OfColumn>,
    pub(super) column_of: Vec<usize>,
}

impl OfTables {
    /// Looks at the lines of an order.
    pub(super) fn see(&mut self, order: &[Lines]) {
        for lines in order {
            if let Some(column) = self.column(lines.table) {
                column.see(lines);
            }
        }
        if order.len() > 1 {
            self.see_days(order);
        }
    }

    /// Looks for an amount of an order that stands on several days.
    fn see_days(&mut self, order: &[Lines]) {
        let mut lines: Vec<&Lines> = order.iter().filter(|lines| !lines.is_negative()).collect();
        let same = |one: &&Lines| (one.customer, one.table, one.amount.to_bits());
        lines.sort_unstable_by_key(|one| (same(one), one.day));
        for days in lines.chunk_by(|one, other| same(one) == same(other)).filter(|days| days.len() > 1) {
            if let Some(column) = self.column(days[0].table) {
                let at = days.iter().map(|lines| lines.at()).min();
                column.on_days = [column.on_days, at].into_iter().flatten().min();
            }
        }
    }

    fn column(&mut self, table: usize) -> Option<&mut OfColumn> {
        let column = *self.column_of.get(table)?;
        self.columns.get_mut(column)
    }

    /// Adds what was seen of other orders.
    pub(super) fn merge(&mut self, other: Self) {
        self.columns.iter_mut().zip(other.columns).for_each(|(ours, theirs)| ours.merge(&theirs));
    }

    /// These columns, of which nothing was seen yet.
    pub(super) fn unseen(&self) -> Self {
        let unseen = |column: &OfColumn| OfColumn::new(column.name.clone(), column.is_total);
        Self { columns: self.columns.iter().map(unseen).collect(), column_of: self.column_of.clone() }
    }
}
