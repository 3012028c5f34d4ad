//! Totals by horizon and group as a table.

use super::predicted::{Predicted, per_cent};
use crate::columns::{
    CUSTOMERS, Column, HORIZON, HORIZON_END, P_TOTAL_OVER, PARAMETERS, TOTAL_HIGH, TOTAL_HIGH_PAST, TOTAL_LOW,
    TOTAL_LOW_PAST, TOTAL_PURCHASES, TOTAL_VALUE,
};
use crate::predict::{Total, TotalErrors};
use crate::summary::Day;
use crate::tables::{Table, TableColumn};

/// What stands for a group in the totals of all customers.
pub const ALL: &str = "(all)";

/// Totals by horizon and group, by column.
#[derive(Debug)]
pub struct TotalsTable {
    horizon: Vec<String>,
    end: Vec<Day>,
    by: Option<String>,
    group: Vec<String>,
    customers: Vec<u32>,
    /// Whether the uncertainty of the parameters is in the intervals.
    parameters: Vec<String>,
    numbers: Vec<Numbers>,
    currency: Option<String>,
}

/// A column of numbers.
#[derive(Debug)]
struct Numbers {
    column: Column,
    parts: Vec<String>,
    cells: Vec<f64>,
}

impl TotalsTable {
    /// The totals of the horizons that have them.
    pub fn new(predicted: &Predicted<'_>) -> Self {
        let mut table = Self {
            horizon: Vec::new(),
            end: Vec::new(),
            by: predicted.by.clone(),
            group: Vec::new(),
            customers: Vec::new(),
            parameters: Vec::new(),
            numbers: Vec::new(),
            currency: predicted.summary.currency.as_ref().map(ToString::to_string),
        };
        for (horizon, totals) in predicted.totals() {
            let groups = predicted.groups.iter().zip(&totals.groups).filter(|_| predicted.by.is_some());
            let groups = groups.map(|(name, totals)| (&**name, totals));
            for (name, group) in std::iter::once((ALL, &totals.all)).chain(groups) {
                table.horizon.push(horizon.to_string());
                table.parameters.push(if totals.with_parameters { "estimated" } else { "given" }.to_owned());
                table.end.push(horizon.end(predicted.summary.observation.end));
                table.group.push(name.to_owned());
                table.customers.push(u32::try_from(group.customers).unwrap_or(u32::MAX));
                let (of_purchases, of_value) = (predicted.errors.purchases.as_ref(), predicted.errors.value.as_ref());
                table.push_total(TOTAL_PURCHASES, (&group.purchases, of_purchases), &predicted.total_shares);
                if let Some(value) = &group.value {
                    table.push_total(TOTAL_VALUE, (value, of_value), &predicted.total_shares);
                    if let Some(target) = predicted.target {
                        table.push_number(P_TOTAL_OVER, &[&target.to_string()], value.p_over(target));
                    }
                }
            }
        }
        table
    }

    fn push_total(&mut self, column: Column, (total, errors): (&Total, Option<&TotalErrors>), shares: &[f64]) {
        self.push_number(column, &[], total.expected);
        for share in shares {
            let (low, high) = total.interval(*share);
            let parts = [column.name, &*per_cent(*share).to_string()];
            self.push_number(TOTAL_LOW, &parts, low);
            self.push_number(TOTAL_HIGH, &parts, high);
            let Some((low, high)) = errors.map(|errors| errors.interval(total, *share)) else { continue };
            self.push_number(TOTAL_LOW_PAST, &parts, low);
            self.push_number(TOTAL_HIGH_PAST, &parts, high);
        }
    }

    fn push_number(&mut self, column: Column, parts: &[&str], number: f64) {
        match self.numbers.iter_mut().find(|known| known.column == column && known.parts == parts) {
            Some(known) => known.cells.push(number),
            None => {
                let parts = parts.iter().map(|part| (*part).to_owned()).collect();
                self.numbers.push(Numbers { column, parts, cells: vec![number] });
            }
        }
    }

    /// The form in which it is written.
    pub fn table(&self) -> Table<'_> {
        let mut table = Table::measured_in("", self.currency.clone());
        table.push_column(&HORIZON, &[], TableColumn::Text(&self.horizon));
        table.push_column(&HORIZON_END, &[], TableColumn::Day(&self.end));
        if let Some(by) = &self.by {
            table.push(&**by, TableColumn::Text(&self.group));
        }
        table.push_column(&CUSTOMERS, &[], TableColumn::Count(&self.customers));
        table.push_column(&PARAMETERS, &[], TableColumn::Text(&self.parameters));
        for Numbers { column, parts, cells } in &self.numbers {
            let parts: Vec<&str> = parts.iter().map(|part| &**part).collect();
            table.push_column(column, &parts, TableColumn::Real(cells));
        }
        table
    }
}
