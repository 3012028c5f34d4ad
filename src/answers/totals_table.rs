//! Totals by horizon and group as a table.

use super::predicted::{Predicted, per_cent};
use crate::predict::Total;
use crate::summary::Day;
use crate::tables::{Table, TableColumn};

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
    numbers: Vec<(String, Vec<f64>)>,
}

impl TotalsTable {
    /// Of the horizons with totals.
    pub fn new(predicted: &Predicted<'_>) -> Self {
        let mut table = Self {
            horizon: Vec::new(),
            end: Vec::new(),
            by: predicted.by.clone(),
            group: Vec::new(),
            customers: Vec::new(),
            parameters: Vec::new(),
            numbers: Vec::new(),
        };
        for (horizon, totals) in predicted.totals() {
            let groups = predicted.groups.iter().zip(&totals.groups).filter(|_| predicted.by.is_some());
            let groups = groups.map(|(name, totals)| (&**name, totals));
            for (name, group) in std::iter::once(("(all)", &totals.all)).chain(groups) {
                table.horizon.push(horizon.to_string());
                table.parameters.push(if totals.with_parameters { "estimated" } else { "given" }.to_owned());
                table.end.push(horizon.end(predicted.summary.observation.end));
                table.group.push(name.to_owned());
                table.customers.push(u32::try_from(group.customers).unwrap_or(u32::MAX));
                table.push_total("purchases", &group.purchases, &predicted.total_shares);
                if let Some(value) = &group.value {
                    table.push_total("value", value, &predicted.total_shares);
                    if let Some(target) = predicted.target {
                        table.push_number(format!("p_value_over_{target}"), value.p_over(target));
                    }
                }
            }
        }
        table
    }

    fn push_total(&mut self, what: &str, total: &Total, shares: &[f64]) {
        self.push_number(what.to_owned(), total.expected);
        for share in shares {
            let (low, high) = total.interval(*share);
            let percent = per_cent(*share);
            self.push_number(format!("{what}_lo{percent}"), low);
            self.push_number(format!("{what}_hi{percent}"), high);
        }
    }

    fn push_number(&mut self, name: String, number: f64) {
        match self.numbers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, numbers)) => numbers.push(number),
            None => self.numbers.push((name, vec![number])),
        }
    }

    /// The form in which it is written.
    pub fn table(&self) -> Table<'_> {
        let mut table = Table::default();
        table.push("horizon", TableColumn::Text(&self.horizon));
        table.push("end", TableColumn::Day(&self.end));
        if let Some(by) = &self.by {
            table.push(&**by, TableColumn::Text(&self.group));
        }
        table.push("customers", TableColumn::Count(&self.customers));
        table.push("parameters", TableColumn::Text(&self.parameters));
        for (name, numbers) in &self.numbers {
            table.push(&**name, TableColumn::Real(numbers));
        }
        table
    }
}
