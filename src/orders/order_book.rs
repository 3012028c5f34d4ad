//! From lines to orders: what belongs together becomes one order, and what is told of the same order twice counts once.

use rustc_hash::FxHashSet;
use std::sync::Arc;

use super::contract::{Example, Reason, Returns, refused_row};
use super::customer_counts::CustomersSeen;
use super::lines_of_order::{Lines, Order};
use super::met_lines::Met;
use super::open_table::OpenTable;
use super::options::OrderOptions;
use super::order_lines::{OrderLines, Record, WholeLines, by_order};
use super::order_rule::{AmountPer, RepeatedOrders};
use super::report::ReadReport;
use super::returns::{Refunded, return_refused};
use super::table_rules::{RuleFinder, Rules};
use crate::error::{Error, Place, Result};
use crate::message::{opt, say};
use crate::summary::{Code, ExactSum, OrderBuffer, PurchaseLog};

/// Makes orders of lines.
pub(super) struct Settling<'a> {
    pub(super) log: &'a PurchaseLog,
    pub(super) options: &'a OrderOptions,
    pub(super) tables: &'a [Arc<OpenTable>],
    pub(super) report: &'a mut ReadReport,
    pub(super) customers: &'a mut CustomersSeen,
}

impl Settling<'_> {
    /// Puts all orders into the log.
    ///
    /// # Errors
    /// [`Error::question`] if it is in doubt what amounts are of, or which of two orders with one id counts; with strict rules, the first
    /// line that is no order.
    pub(super) fn settle(mut self, lines: OrderLines) -> Result<()> {
        let lines = lines.whole()?;
        let mut finder = RuleFinder { options: self.options, tables: self.tables, report: self.report };
        let (rules, refund_rules) = finder.find(&lines)?;
        let met = self.put_orders(&lines, &rules, &refund_rules)?;
        self.judge(met)
    }

    /// All orders, on all cores.
    fn put_orders(&mut self, lines: &WholeLines, rules: &Rules, refund_rules: &Rules) -> Result<Met> {
        let (log, options) = (self.log, self.options);
        let put = |records: &[Record]| {
            let mut part = Part::new(log, options, rules, refund_rules);
            let mut order = Order::default();
            for records in by_order(records) {
                order.read(records)?;
                part.put_order(&mut order)?;
            }
            log.settle(&mut part.buffer)?;
            Ok((part.report, part.customers, part.met))
        };
        let mut met = Met::default();
        for part in lines.in_parallel(put) {
            let (report, customers, of_part): (ReadReport, CustomersSeen, Met) = part?;
            self.report.add(report);
            self.customers.merge(customers);
            met.merge(of_part);
        }
        Ok(met)
    }

    /// Tells of what was met, or refuses it.
    fn judge(&mut self, met: Met) -> Result<()> {
        let Met { returns, repeated, conflicts, different, lacking } = met;
        if let Some((reason, (table, place, _))) = lacking
            .iter()
            .filter_map(|(reason, tally)| Some((reason, tally.first.as_ref()?)))
            .min_by_key(|(_, first)| *first)
            && self.options.strict
        {
            let place = self.place(*table, *place);
            return Err(refused_row(*reason, Example { place, value: String::new() }));
        }
        if let Some((table, place, (other_table, other_place))) = conflicts.first {
            let (place, other) = (self.place(table, place), self.place(other_table, other_place));
            let question = format!(
                "the order at {place} stands at {other} with other lines, amounts or words of a condition: which \
                 of them counts?"
            );
            let answers = ["first", "last", "add"].map(|counts| opt("repeated_orders").with(counts));
            return Err(Error::question(question, answers).knowing(place));
        }
        if let Some((table, place, _)) = different.first {
            return Err(Error::data(say![
                "the amounts of the order's lines differ, so that none of them is that of the order (",
                opt("amount_per").with("order"),
                ")"
            ])
            .at(self.place(table, place)));
        }
        if let Some((table, place, amount)) = &returns.first
            && self.options.returns == Returns::Error
        {
            return Err(return_refused(self.place(*table, *place), amount));
        }
        let by_option = [(Reason::Return, returns), (Reason::RepeatedOrder, repeated)];
        for (reason, tally) in lacking.into_iter().chain(by_option) {
            if let Some((table, place, value)) = tally.first {
                let place = self.place(table, place);
                self.report.left_out.count_rows(reason, tally.rows, usize::MAX, || Example { place, value });
            }
        }
        Ok(())
    }

    fn place(&self, table: usize, place: u64) -> Place {
        self.tables[table].shape.place(place)
    }
}

/// Makes orders of some of the lines.
struct Part<'a> {
    log: &'a PurchaseLog,
    options: &'a OrderOptions,
    rules: &'a Rules,
    refund_rules: &'a Rules,
    report: ReadReport,
    customers: CustomersSeen,
    buffer: OrderBuffer,
    met: Met,
    /// What the lines of the order come to; none if an amount is not known.
    paid: Option<ExactSum>,
}

impl<'a> Part<'a> {
    fn new(log: &'a PurchaseLog, options: &'a OrderOptions, rules: &'a Rules, refund_rules: &'a Rules) -> Self {
        Self {
            log,
            options,
            rules,
            refund_rules,
            report: ReadReport::default(),
            customers: CustomersSeen::default(),
            buffer: OrderBuffer::default(),
            met: Met::default(),
            paid: None,
        }
    }

    fn put_order(&mut self, order: &mut Order) -> Result<()> {
        self.report.further_lines += order.further;
        for line in &order.left_out {
            let reason = line.lacking.filter(|_| order.not_selected.is_empty()).unwrap_or(Reason::NotSelected);
            self.met.lacking.entry(reason).or_default().see(1, (line.table, line.place), String::new);
        }
        self.paid = Some(ExactSum::default());
        if order.lines.len() > 1 {
            self.count_on_one_day(&mut order.lines);
        }
        let order = &*order;
        for of_day in order.lines.chunk_by(|a, b| (a.customer, a.day) == (b.customer, b.day)) {
            if self.is_not_selected(order, of_day) {
                self.repeat(of_day);
            } else {
                self.put_day(of_day)?;
            }
        }
        if order.refunds.is_empty() { Ok(()) } else { self.put_refunds(order) }
    }

    /// An order's amount that stands on lines of several days is that of the first.
    fn count_on_one_day(&mut self, order: &mut Vec<Lines>) {
        if self.options.amount_per != Some(AmountPer::Order) {
            return;
        }
        let mut seen: FxHashSet<(Code, u64)> = FxHashSet::default();
        order.retain(|lines| {
            let counts = lines.is_negative() || seen.insert((lines.customer, lines.amount.to_bits()));
            if !counts {
                self.report.further_lines += u64::from(lines.count);
            }
            counts
        });
    }

    /// Whether an order does not count, since it does not meet the conditions as it stands in another file.
    fn is_not_selected(&mut self, order: &Order, of_day: &[Lines]) -> bool {
        if order.not_selected.is_empty() {
            return false;
        }
        let who = Some((of_day[0].customer, of_day[0].day));
        let elsewhere = |table: usize| of_day.iter().all(|lines| lines.table != table);
        let others = order.not_selected.iter().filter(|(whose, table, _)| *whose == who && elsewhere(*table));
        let others = others.map(|(_, table, place)| (*table, *place));
        let tables = of_day.iter().map(|lines| lines.table);
        match self.options.repeated_orders {
            Some(RepeatedOrders::Add) => false,
            Some(RepeatedOrders::First) => {
                others.map(|(table, _)| table).min().zip(tables.min()).is_some_and(|(other, table)| other < table)
            }
            Some(RepeatedOrders::Last) => others.map(|(table, _)| table).max() > tables.max(),
            None => {
                if let (Some(at), Some(other)) = (of_day.iter().map(Lines::at).min(), others.min()) {
                    self.met.conflict(at, other);
                }
                false
            }
        }
    }

    fn repeat(&mut self, lines: &[Lines]) {
        for lines in lines {
            self.met.repeated.see(u64::from(lines.count), lines.at(), String::new);
        }
    }

    /// The lines of an order of one customer and day, of which several files may tell.
    fn put_day(&mut self, lines: &[Lines]) -> Result<()> {
        if lines.iter().all(|one| one.table == lines[0].table) {
            return self.put_lines(lines);
        }
        let rules = self.rules;
        let content = |lines: &[Lines]| -> Vec<_> {
            let of_order = |lines: &Lines| (0, 0, ExactSum::new(lines.amount).unwrap_or_default(), false);
            match rules.of(&lines[0]) {
                AmountPer::Order => lines.iter().map(of_order).collect(),
                AmountPer::Line => lines.iter().map(Lines::content).collect(),
            }
        };
        let (kept, repeated) = self.kept(lines, content);
        repeated.into_iter().for_each(|lines| self.repeat(lines));
        kept.into_iter().try_for_each(|lines| self.put_lines(lines))
    }

    /// Of the lines in several tables those that count, and those that are told again: with the same content, or with another if it was
    /// said which of them counts.
    fn kept<'b, C: PartialEq>(
        &mut self,
        lines: &'b [Lines],
        content: impl Fn(&[Lines]) -> C,
    ) -> (Vec<&'b [Lines]>, Vec<&'b [Lines]>) {
        let mut of_tables = lines.chunk_by(|a, b| a.table == b.table);
        let Some(first) = of_tables.next() else { return Default::default() };
        let (known, mut kept, mut repeated) = (content(first), vec![first], Vec::new());
        for other in of_tables {
            match self.options.repeated_orders {
                _ if content(other) == known => repeated.push(other),
                Some(RepeatedOrders::Add) => kept.push(other),
                Some(RepeatedOrders::First) => repeated.push(other),
                Some(RepeatedOrders::Last) => {
                    repeated.append(&mut kept);
                    kept.push(other);
                }
                None => {
                    let first_of = |lines: &[Lines]| lines.iter().map(Lines::at).min().unwrap_or_default();
                    self.met.conflict(first_of(first), first_of(other));
                    return Default::default();
                }
            }
        }
        (kept, repeated)
    }

    /// The lines of one order in one table: those with positive amounts, and those with negative ones.
    fn put_lines(&mut self, lines: &[Lines]) -> Result<()> {
        let count = |lines: &[Lines]| lines.iter().map(|lines| u64::from(lines.count)).sum::<u64>();
        if self.rules.of(&lines[0]) == AmountPer::Order {
            for one in lines {
                if one.amounts_differ {
                    self.met.different.see(1, one.at(), String::new);
                }
                self.report.further_lines += u64::from(one.count) - 1;
                self.put(one, (!one.is_unpriced).then_some(one.amount))?;
            }
            return Ok(());
        }
        let mut sum = ExactSum::default();
        for one in lines {
            sum = sum.plus(one.sum)?;
        }
        self.report.further_lines += count(lines) - 1;
        let is_known = lines.iter().all(|lines| !lines.is_unpriced);
        // A single amount is what it was, to the last bit.
        let amount = if count(lines) == 1 { lines[0].amount } else { sum.value() };
        self.put(&lines[0], is_known.then_some(amount))
    }

    fn put(&mut self, lines: &Lines, known: Option<f64>) -> Result<()> {
        let amount = known.unwrap_or(0.0);
        self.paid = match (self.paid, known) {
            (Some(paid), Some(amount)) => Some(paid.plus(ExactSum::new(amount)?)?),
            _ => None,
        };
        if amount < 0.0 && self.options.returns != Returns::Net {
            self.met.returns.see(1, lines.at(), || amount.to_string());
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

    /// Whether the order counts as it stands in this table, too, if it was said which does.
    fn counts(&self, order: &Order, refund: &Lines) -> bool {
        let same = |lines: &&Lines| (lines.customer, lines.day) == (refund.customer, refund.day);
        let tables = order.lines.iter().filter(same).map(|lines| lines.table);
        let counted = match self.options.repeated_orders {
            Some(RepeatedOrders::First) => tables.min(),
            Some(RepeatedOrders::Last) => tables.max(),
            Some(RepeatedOrders::Add) | None => None,
        };
        counted.is_none_or(|table| table == refund.table)
    }

    /// What was paid back of an order, of which several files may tell, too.
    fn put_refunds(&mut self, order: &Order) -> Result<()> {
        let rules = self.refund_rules;
        let refund = |lines: &Lines| match rules.of(lines) {
            AmountPer::Order => lines.amount,
            AmountPer::Line => lines.sum.value(),
        };
        let (mut all, mut first) = (0.0, None);
        for of_day in order.refunds.chunk_by(|a, b| (a.customer, a.day) == (b.customer, b.day)) {
            let (kept, _) = self.kept(of_day, |lines| lines.iter().map(refund).collect::<Vec<_>>());
            let counts = |lines: &&Lines| refund(lines) != 0.0 && self.counts(order, lines);
            for lines in kept.into_iter().flatten().filter(counts).collect::<Vec<_>>() {
                let (refund, day) = (refund(lines), order.refund_day.unwrap_or(lines.day).max(lines.day));
                if self.options.returns == Returns::Error {
                    self.met.returns.see(1, lines.at(), || (-refund).to_string());
                    continue;
                }
                let refunded = Refunded { customer: lines.customer, day, refund };
                self.report.refund(refunded, self.options, self.log, &mut self.buffer, Place::default)?;
                all += refund;
                first = first.or(Some(lines.at()));
            }
        }
        if let (Some(at), Some(paid)) = (first, self.paid) {
            self.report.see_refund(all, paid.value(), at);
        }
        Ok(())
    }
}
