//! What amounts and refunds are of, table by table: as the options say, or as it is found in the orders.

use std::sync::Arc;

use super::open_table::OpenTable;
use super::options::OrderOptions;
use super::order_lines::{Lines, OrderLines};
use super::order_rule::{AmountPer, OfColumn, look_at_orders};
use super::report::ReadReport;
use crate::error::{Error, Result};

/// The tables' rules for amounts, or for refunds.
pub(super) struct Rules(Vec<AmountPer>);

impl Rules {
    pub(super) fn of(&self, lines: &Lines) -> AmountPer {
        self.0.get(lines.table()).copied().unwrap_or(AmountPer::Line)
    }
}

/// Finds the rules of these tables, and reports how.
pub(super) struct RuleFinder<'a> {
    pub(super) options: &'a OrderOptions,
    pub(super) tables: &'a [Arc<OpenTable>],
    pub(super) report: &'a mut ReadReport,
}

impl RuleFinder<'_> {
    /// Each table's rule for amounts. Files of one export have the same columns, and one rule.
    pub(super) fn of_amounts(&mut self, orders: &OrderLines) -> Result<Rules> {
        if let Some(given) = self.options.amount_per {
            return Ok(Rules(vec![given; self.tables.len()]));
        }
        let is_total = |table: &OpenTable| table.columns.amount_is_total(table.shape.header());
        let name = |table: &OpenTable| table.columns.amount_name(table.shape.header()).map(str::to_owned);
        self.found(orders, name, is_total)
    }

    /// Each table's rule for refunds.
    pub(super) fn of_refunds(&mut self, refunds: &OrderLines) -> Result<Rules> {
        if let Some(given) = self.options.refund_per {
            return Ok(Rules(vec![given; self.tables.len()]));
        }
        let name = |table: &OpenTable| table.columns.refund.map(|column| table.shape.header()[column].clone());
        self.found(refunds, name, |_| true).map_err(|error| match error {
            Error::Question { question, .. } => Error::question(question, ["--refund-per order", "--refund-per line"]),
            error => error,
        })
    }

    fn found(
        &mut self,
        lines: &OrderLines,
        name: impl Fn(&OpenTable) -> Option<String>,
        is_total: impl Fn(&OpenTable) -> bool,
    ) -> Result<Rules> {
        let mut columns: Vec<OfColumn> = Vec::new();
        let mut column_of = Vec::new();
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
        look_at_orders(lines, &mut columns, &column_of);
        let mut rules = Vec::new();
        for column in &columns {
            let (rule, told) = column.rule(|(table, place)| self.tables[table].shape.place(place))?;
            self.report.told.extend(told);
            rules.push(rule);
        }
        Ok(Rules(column_of.iter().map(|&column| rules.get(column).copied().unwrap_or(AmountPer::Line)).collect()))
    }
}
