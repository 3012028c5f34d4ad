//! One order, put together of its lines.

use super::order_lines::{Kind, Line, Record};
use crate::error::Result;
use crate::summary::{Code, Day, ExactSum};

/// The lines of an order that agree in customer, day, table and sign of the amount.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines {
    pub(super) customer: Code,
    pub(super) day: Day,
    pub(super) table: usize,
    /// Of the first of them.
    pub(super) place: u64,
    pub(super) count: u32,
    pub(super) sum: ExactSum,
    /// Hashes of what tells lines apart: of one of them, and the sum over all.
    item: u32,
    content: u32,
    /// Of the first of them, and zero where it is not known.
    pub(super) amount: f64,
    /// Amounts are not all the same, nor are the items; an amount is not known.
    pub(super) amounts_differ: bool,
    pub(super) items_differ: bool,
    pub(super) is_unpriced: bool,
}

/// Whose and when.
pub(super) type Who = (Code, Day);

impl Lines {
    fn new(line: &Line, (customer, day): Who) -> Result<Self> {
        let amount = line.amount.unwrap_or(0.0);
        Ok(Self {
            customer,
            day,
            table: line.table,
            place: line.place,
            count: 1,
            sum: ExactSum::new(amount)?,
            item: line.item,
            content: line.item,
            amount,
            amounts_differ: false,
            items_differ: false,
            is_unpriced: line.amount.is_none(),
        })
    }

    pub(super) fn is_negative(&self) -> bool {
        self.amount < 0.0
    }

    /// Table and place.
    pub(super) fn at(&self) -> (usize, u64) {
        (self.table, self.place)
    }

    fn holds(&self, line: &Line, (customer, day): Who) -> bool {
        let same = self.customer == customer && self.day == day && self.table == line.table;
        same && self.is_negative() == line.amount.is_some_and(|amount| amount < 0.0)
    }

    fn add(&mut self, line: &Line) -> Result<()> {
        let amount = line.amount.unwrap_or(0.0);
        self.sum = self.sum.plus(ExactSum::new(amount)?)?;
        self.count += 1;
        self.place = self.place.min(line.place);
        self.amounts_differ |= amount != self.amount;
        self.items_differ |= line.item != self.item;
        self.content = self.content.wrapping_add(line.item);
        self.is_unpriced |= line.amount.is_none();
        Ok(())
    }

    /// What is the same of the same lines in another file.
    pub(super) fn content(&self) -> (u32, u32, ExactSum, bool) {
        (self.count, self.content, self.sum, self.is_negative())
    }
}

/// An order.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// By customer, day, table and sign.
    pub(super) lines: Vec<Lines>,
    /// What was paid back, likewise; on the days of the order.
    pub(super) refunds: Vec<Lines>,
    /// When it was paid back, where that is said.
    pub(super) refund_day: Option<Day>,
    /// Lines without anything that counts.
    pub(super) further: u64,
    /// Lines that lack what no line of the order has.
    pub(super) left_out: Vec<Line>,
    /// Where lines do not meet the conditions, and whose they are, as far as they say it.
    pub(super) not_selected: Vec<(Option<Who>, usize, u64)>,
    /// Lines that lack something.
    bare: Vec<Line>,
}

impl Order {
    /// Becomes the order of these lines.
    pub(super) fn read(&mut self, records: &[Record]) -> Result<()> {
        self.lines.clear();
        self.refunds.clear();
        self.left_out.clear();
        self.bare.clear();
        self.not_selected.clear();
        (self.refund_day, self.further) = (None, 0);
        for record in records {
            let line = record.line();
            match (line.kind, line.lacking, line.customer.zip(line.day)) {
                (Kind::NotSelected, _, who) => self.not_selected.push((who, line.table, line.place)),
                (Kind::RefundDay, ..) => {
                    self.refund_day = [self.refund_day, line.day].into_iter().flatten().min();
                }
                (Kind::Line, None, Some(who)) => put(&mut self.lines, &line, who)?,
                (Kind::Refund, None, Some(who)) => put(&mut self.refunds, &line, who)?,
                _ => self.bare.push(line),
            }
        }
        if !self.bare.is_empty() {
            self.join()?;
        }
        for lines in [&mut self.lines, &mut self.refunds] {
            if lines.len() > 1 {
                lines.sort_unstable_by_key(|lines| (lines.customer, lines.day, lines.table, lines.is_negative()));
            }
        }
        Ok(())
    }

    /// Lines that lack something are of the customer and the day of others in the same table, or in the first.
    fn join(&mut self) -> Result<()> {
        let mut others: Vec<(usize, u64, Who)> =
            self.lines.iter().map(|lines| (lines.table, lines.place, (lines.customer, lines.day))).collect();
        others.sort_unstable();
        for line in std::mem::take(&mut self.bare) {
            let of_table = others.partition_point(|(table, ..)| *table < line.table);
            let found = others.get(of_table).filter(|(table, ..)| *table == line.table).or(others.first());
            let alone = || line.customer.zip(line.day).filter(|_| line.stands_alone && self.not_selected.is_empty());
            match (line.kind, found.map(|(.., who)| *who).or_else(alone)) {
                (Kind::Line, Some(_)) if line.amount.is_none() && found.is_some() => self.further += 1,
                (Kind::Line, Some(who)) => put(&mut self.lines, &line, who)?,
                (Kind::Line, None) => self.left_out.push(line),
                (_, Some(who)) => put(&mut self.refunds, &line, who)?,
                (_, None) => {}
            }
        }
        Ok(())
    }
}

/// Adds a line to those that it agrees with; whole lines come by customer and day, so that they are the last ones.
fn put(all: &mut Vec<Lines>, line: &Line, who: Who) -> Result<()> {
    /// With positive and with negative amounts.
    const LAST: usize = 2;
    let start = if line.lacking.is_none() { all.len().saturating_sub(LAST) } else { 0 };
    match all[start..].iter_mut().find(|lines| lines.holds(line, who)) {
        Some(lines) => lines.add(line),
        None => {
            all.push(Lines::new(line, who)?);
            Ok(())
        }
    }
}
