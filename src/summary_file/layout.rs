//! A summary as a table to be written.

use super::names::*;
use crate::summary::{Grain, Summary};
use crate::tables::{Table, TableColumn};

/// The columns that every answer begins with.
pub fn history_columns(summary: &Summary) -> Table<'_> {
    let mut table = Table::default();
    table.push(CUSTOMER, TableColumn::Customers(&summary.customers));
    table.push(FREQUENCY, TableColumn::Count(&summary.frequency));
    table.push(RECENCY, TableColumn::Real(&summary.recency));
    table.push(AGE, TableColumn::Real(&summary.T));
    for column in [RECENCY, AGE] {
        table.say(column, UNIT, summary.observation.unit.name());
    }
    if summary.knows_spend {
        table.push(MONETARY_VALUE, TableColumn::Real(&summary.monetary_value));
    }
    table
}

/// The whole summary as a table. Where the table cannot say in any other way what its times mean, in [`metadata`](super::metadata), columns do
/// (`unit`, `grain`, `observed_until`).
pub fn table(summary: &Summary, has_metadata: bool) -> Table<'_> {
    let mut table = history_columns(summary);
    if let Some(purchases) = &summary.purchases {
        table.push(FIRST_PURCHASE, TableColumn::Day(&purchases.first_purchase));
        table.push(LAST_PURCHASE, TableColumn::Day(&purchases.last_purchase));
        table.push(ORDERS, TableColumn::Count(&purchases.orders));
        if let Some(totals) = summary.totals() {
            table.push(TOTAL, TableColumn::Real(totals));
        }
    }
    if let Some(sums) = &summary.sum_log_interpurchase {
        table.push(SUM_LOG_INTERPURCHASE, TableColumn::Real(sums));
        table.say(SUM_LOG_INTERPURCHASE, UNIT, summary.observation.unit.name());
    }
    for attribute in &summary.attributes {
        table.push(&*attribute.name, TableColumn::Attribute(attribute));
    }
    let observation = &summary.observation;
    if !has_metadata {
        table.push(UNIT, TableColumn::Constant(observation.unit.name(), summary.len()));
    }
    if !has_metadata || observation.grain != Grain::Day {
        table.push(GRAIN, TableColumn::Constant(observation.grain.name(), summary.len()));
        table.push(OBSERVED_UNTIL, TableColumn::ConstantDay(observation.end, summary.len()));
    }
    table
}
