//! What `clv describe` found, as a table of customers and for machines.

use serde_json::{Value, json};

use super::args::Asked;
use super::description::Found;
use crate::columns;
use crate::describe::{Pattern, Treatment};
use crate::summary::Summary;
use crate::summary_file::{history_columns, push_purchases};
use crate::tables::{Table, TableColumn};

/// What was found of a summary's customers.
pub(super) struct Described<'a> {
    pub(super) summary: &'a Summary,
    pub(super) asked: &'a Asked,
    pub(super) found: &'a Found,
    /// Whether orders were read, rather than a summary.
    pub(super) of_orders: bool,
    /// Column of the groups.
    pub(super) by: Option<&'a str>,
}

/// One row per customer.
pub(super) struct CustomersTable<'a> {
    described: &'a Described<'a>,
    days_since_last: Vec<i64>,
    treatments: Vec<String>,
}

impl<'a> Described<'a> {
    /// Everything that is known of each customer.
    pub(super) fn customers(&'a self) -> CustomersTable<'a> {
        let description = &self.found.description;
        let treatment = |(current, future): (&u32, &u32)| Treatment::of(*current, *future).name().to_owned();
        let terciles = description.potential.as_ref();
        CustomersTable {
            described: self,
            days_since_last: description.rfm.days_since_last.iter().map(|days| *days as i64).collect(),
            treatments: terciles.map_or(Vec::new(), |t| t.current.iter().zip(&t.future).map(treatment).collect()),
        }
    }

    /// Sums for machines; the tables are beside it.
    pub(super) fn json(&self) -> Value {
        let description = &self.found.description;
        let values = description.values.as_ref();
        let [goods, serving] = self.found.costs;
        let negative = values.map(|values| {
            let rows = values.negative();
            let customer = |&row: &usize| {
                json!({ "customer_id": self.summary.customers.text(row), "lifetime_value": values.value[row] })
            };
            json!({
                "customers": rows.len(),
                "total": rows.iter().map(|&row| values.value[row]).sum::<f64>(),
                "list": rows.iter().map(customer).collect::<Vec<Value>>(),
            })
        });
        let concentration = description.concentration.as_ref().map(|concentration| {
            json!({
                "customers": concentration.customers,
                "gini": concentration.gini(),
                "counted_as_zero": { "customers": concentration.negative, "total": concentration.negative_total },
            })
        });
        let regularity = description.regularity.as_ref().map(|regularity| {
            json!({
                "customers": regularity.customers,
                "k": regularity.k(),
                "standard_error": regularity.standard_error(),
                "k_by_chance": regularity.k_by_chance(),
                "pattern": regularity.pattern().map(Pattern::name),
            })
        });
        json!({
            "from": description.span.map(|span| span.from),
            "to": description.span.map(|span| span.to),
            "revenue": values.map(|values| values.revenue.iter().sum::<f64>()),
            "cogs": goods,
            "serving": serving,
            "earned": values.map(|values| values.earned.iter().sum::<f64>()),
            "acquisition": values.map(|values| values.acquisition),
            "lifetime_value": values.map(|values| values.total()),
            "profit_period": self.asked.period.name(),
            "negative": negative,
            "concentration": concentration,
            "regularity": regularity,
            "cohort_period": description.cohorts.as_ref().map(|cohorts| cohorts.period.name()),
            "control": description.groups.as_ref().map(|groups| &groups.control),
            "share_paid_back": description.payback.as_ref().map(|payback| payback.paid_back),
        })
    }
}

impl CustomersTable<'_> {
    /// The table.
    pub(super) fn table(&self) -> Table<'_> {
        let Described { summary, found, by, .. } = self.described;
        let description = &found.description;
        let mut table = history_columns(summary);
        push_purchases(&mut table, summary);
        if let Some(attribute) = by.and_then(|by| summary.attribute(by)) {
            table.push(&*attribute.name, TableColumn::Attribute(attribute));
        }
        if let Some(values) = &description.values {
            table.push_column(&columns::REVENUE, &[], TableColumn::Real(&values.revenue));
            table.push_column(&columns::PROFIT, &[], TableColumn::Real(&values.value));
            table.push_column(&columns::PROFIT_PER_PERIOD, &[], TableColumn::MaybeReal(&values.per_period));
        }
        let rfm = &description.rfm;
        table.push_column(&columns::DAYS_SINCE_LAST, &[], TableColumn::Integer(&self.days_since_last));
        table.push_column(&columns::RECENCY_SCORE, &[], TableColumn::Count(&rfm.recency));
        table.push_column(&columns::FREQUENCY_SCORE, &[], TableColumn::Count(&rfm.frequency));
        if let Some(monetary) = &rfm.monetary {
            table.push_column(&columns::MONETARY_SCORE, &[], TableColumn::Count(monetary));
        }
        table.push_column(&columns::RFM_SCORE, &[], TableColumn::Real(&rfm.combined));
        if let Some((label, clv)) = &found.future {
            table.push_column(&columns::CLV, &[label], TableColumn::Real(clv));
        }
        if let Some(potential) = &description.potential {
            table.push_column(&columns::CURRENT_TERCILE, &[], TableColumn::Count(&potential.current));
            table.push_column(&columns::FUTURE_TERCILE, &[], TableColumn::Count(&potential.future));
            table.push_column(&columns::TREATMENT, &[], TableColumn::Text(&self.treatments));
        }
        table
    }
}
