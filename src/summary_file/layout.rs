//! A summary as a table to be written.

use crate::columns::{
    AGE, CUSTOMER, FIRST_PURCHASE, FREQUENCY, GRAIN, LAST_PURCHASE, MONETARY_VALUE, OBSERVED_UNTIL, ORDERS, RECENCY,
    SUM_LOG_INTERPURCHASE, TOTAL, UNIT, WEIGHTS,
};
use crate::summary::{Grain, Summary};
use crate::tables::{Table, TableColumn};

/// The columns that every answer begins with.
pub fn history_columns(summary: &Summary) -> Table<'_> {
    let currency = summary.currency.as_ref().map(ToString::to_string);
    let mut table = Table::measured_in(summary.observation.unit.name(), currency);
    table.push_column(&CUSTOMER, &[], TableColumn::Customers(&summary.customers));
    table.push_column(&FREQUENCY, &[], TableColumn::Count(&summary.frequency));
    table.push_column(&RECENCY, &[], TableColumn::Real(&summary.recency));
    table.push_column(&AGE, &[], TableColumn::Real(&summary.T));
    if summary.knows_spend {
        table.push_column(&MONETARY_VALUE, &[], TableColumn::Real(&summary.monetary_value));
    }
    if let Some(weights) = &summary.weights {
        table.push_column(&WEIGHTS, &[], TableColumn::Real(weights.customers()));
    }
    table
}

/// The columns of a summary that tell of all purchases, the first included, if it has them.
pub fn push_purchases<'a>(table: &mut Table<'a>, summary: &'a Summary) {
    let Some(purchases) = &summary.purchases else { return };
    table.push_column(&FIRST_PURCHASE, &[], TableColumn::Day(&purchases.first_purchase));
    table.push_column(&LAST_PURCHASE, &[], TableColumn::Day(&purchases.last_purchase));
    table.push_column(&ORDERS, &[], TableColumn::Count(&purchases.orders));
    if let Some(totals) = summary.totals() {
        table.push_column(&TOTAL, &[], TableColumn::Real(totals));
    }
}

/// The whole summary as a table. Where the table cannot say in any other way what its times mean, in [`metadata`](super::metadata), columns do
/// (`unit`, `grain`, `observed_until`).
pub fn table(summary: &Summary, has_metadata: bool) -> Table<'_> {
    let mut table = history_columns(summary);
    push_purchases(&mut table, summary);
    if let Some(sums) = &summary.sum_log_interpurchase {
        table.push_column(&SUM_LOG_INTERPURCHASE, &[], TableColumn::Real(sums));
    }
    for attribute in &summary.attributes {
        table.push(&*attribute.name, TableColumn::Attribute(attribute));
    }
    let observation = &summary.observation;
    if !has_metadata {
        table.push_column(&UNIT, &[], TableColumn::Constant(observation.unit.name(), summary.len()));
    }
    if !has_metadata || observation.grain != Grain::Day {
        table.push_column(&GRAIN, &[], TableColumn::Constant(observation.grain.name(), summary.len()));
        table.push_column(&OBSERVED_UNTIL, &[], TableColumn::ConstantDay(observation.end, summary.len()));
    }
    table
}
