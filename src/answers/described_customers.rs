//! What is said of every customer without a model, and beside one, as a table.

use crate::columns;
use crate::describe::{Description, Treatment};
use crate::summary::Summary;
use crate::summary_file::{history_columns, push_purchases};
use crate::tables::{Table, TableColumn};

/// One row per customer of a summary that was described.
#[derive(Debug)]
pub struct DescribedCustomers<'a> {
    summary: &'a Summary,
    description: &'a Description,
    days_since_last: Vec<i64>,
    treatments: Vec<String>,
}

impl<'a> DescribedCustomers<'a> {
    /// Everything that is known of each customer of this summary.
    pub fn new(summary: &'a Summary, description: &'a Description) -> Self {
        let treatment = |(current, future): (&u32, &u32)| Treatment::of(*current, *future).name().to_owned();
        let terciles = description.potential.as_ref();
        Self {
            summary,
            description,
            days_since_last: description.rfm.days_since_last.iter().map(|days| *days as i64).collect(),
            treatments: terciles.map_or(Vec::new(), |t| t.current.iter().zip(&t.future).map(treatment).collect()),
        }
    }

    /// The table: the history, the column of the groups, value, scores, and what is expected.
    pub fn table(&self) -> Table<'_> {
        let Self { summary, description, .. } = self;
        let mut table = history_columns(summary);
        push_purchases(&mut table, summary);
        if let Some(attribute) = description.groups.as_ref().and_then(|groups| summary.attribute(&groups.by)) {
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
        if let Some(expected) = &description.expected {
            table.push_column(&columns::CLV, &[&expected.label], TableColumn::Real(&expected.clv));
        }
        if let Some(potential) = &description.potential {
            table.push_column(&columns::CURRENT_TERCILE, &[], TableColumn::Count(&potential.current));
            table.push_column(&columns::FUTURE_TERCILE, &[], TableColumn::Count(&potential.future));
            table.push_column(&columns::TREATMENT, &[], TableColumn::Text(&self.treatments));
        }
        table
    }
}
