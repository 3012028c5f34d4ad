//! What amounts and refunds are of, table by table: as the options say, or as it is found in the orders.

use std::sync::Arc;

use super::lines_of_order::{Lines, Order};
use super::open_table::OpenTable;
use super::options::OrderOptions;
use super::order_lines::{Record, WholeLines, by_order};
use super::order_rule::{AmountPer, OfColumn, OfTables};
use super::report::ReadReport;
use crate::error::Result;
use crate::message::Message;

/// The tables' rules for amounts, or for refunds.
pub(super) struct Rules(Vec<AmountPer>);

impl Rules {
    pub(super) fn of(&self, lines: &Lines) -> AmountPer {
        self.0.get(lines.table).copied().unwrap_or(AmountPer::Line)
    }
}

/// Finds the rules of these tables, and reports how.
pub(super) struct RuleFinder<'a> {
    pub(super) options: &'a OrderOptions,
    pub(super) tables: &'a [Arc<OpenTable>],
    pub(super) report: &'a mut ReadReport,
}

impl RuleFinder<'_> {
    /// Each table's rules for amounts and for refunds. Files of one export have the same columns, and one rule.
    pub(super) fn find(&mut self, lines: &WholeLines) -> Result<(Rules, Rules)> {
        let is_total = |table: &OpenTable| table.columns.amount_is_total(table.shape.header());
        let name = |table: &OpenTable| table.columns.amount_name(table.shape.header()).map(str::to_owned);
        let mut amounts = self.columns(name, is_total);
        let name = |table: &OpenTable| table.columns.refund.map(|column| table.shape.header()[column].clone());
        let mut refunds = self.columns(name, |_| true);
        let OrderOptions { amount_per, refund_per, .. } = *self.options;
        let in_doubt = |of: &OfTables, given: Option<AmountPer>| given.is_none() && !of.columns.is_empty();
        if in_doubt(&amounts, amount_per) || in_doubt(&refunds, refund_per) {
            let look = |records: &[Record]| {
                let (mut seen, mut order) = ([amounts.unseen(), refunds.unseen()], Order::default());
                for records in by_order(records) {
                    // Nearly all have one line.
                    if records.len() > 1 {
                        order.read(records)?;
                        seen[0].see(&order.lines);
                        seen[1].see(&order.refunds);
                    }
                }
                Ok(seen)
            };
            let seen: Vec<[OfTables; 2]> = lines.in_parallel(look).collect::<Result<_>>()?;
            for [of_amounts, of_refunds] in seen {
                amounts.merge(of_amounts);
                refunds.merge(of_refunds);
            }
        }
        Ok((self.rules("amount_per", amounts, amount_per)?, self.rules("refund_per", refunds, refund_per)?))
    }

    /// The columns of the tables, by name.
    fn columns(&self, name: impl Fn(&OpenTable) -> Option<String>, is_total: impl Fn(&OpenTable) -> bool) -> OfTables {
        let (mut columns, mut column_of): (Vec<OfColumn>, _) = (Vec::new(), Vec::new());
        for table in self.tables {
            let Some(name) = name(table) else {
                column_of.push(usize::MAX);
                continue;
            };
            let total = is_total(table);
            let known = columns.iter().position(|column| column.name == name && column.is_total == total);
            column_of.push(known.unwrap_or(columns.len()));
            if known.is_none() {
                columns.push(OfColumn::new(name, total));
            }
        }
        OfTables { columns, column_of }
    }

    fn rules(&mut self, option: &'static str, of: OfTables, given: Option<AmountPer>) -> Result<Rules> {
        if let Some(given) = given {
            return Ok(Rules(vec![given; self.tables.len()]));
        }
        let mut rules = Vec::new();
        for column in &of.columns {
            let (rule, told) = column.rule(option, |(table, place)| self.tables[table].shape.place(place))?;
            self.report.told.extend(told.map(Message::from));
            rules.push(rule);
        }
        let rule = |&column: &usize| rules.get(column).copied().unwrap_or(AmountPer::Line);
        Ok(Rules(of.column_of.iter().map(rule).collect()))
    }
}
