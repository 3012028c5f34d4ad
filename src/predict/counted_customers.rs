//! Everybody of whom totals are told, those who are alike counted.

use super::grouping::Grouping;
use super::{Individuals, Outlook, PerCustomer, Predictor};
use crate::error::{Error, Result};
use crate::parallel::{in_parallel, threads};
use crate::summary::{Summary, Weights};

/// The customers of a summary in groups, with those who are alike in one row that stands for all of them. Rows are in an order of
/// their own, so that nothing that is told of them depends on the order of the customers, or on their ids.
#[derive(Clone, Debug)]
pub struct CountedCustomers {
    pub(super) predictor: Predictor,
    /// With weights.
    pub(super) summary: Summary,
    pub(super) grouping: Grouping,
    pub(super) margin: PerCustomer,
}

/// All that a total depends on, of one customer: the group, the number of the model of purchases and of that of spend, and the bits of
/// what was seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    group: u32,
    timing: u32,
    spend: u32,
    frequency: u32,
    seen: [u64; 3],
    margin: u64,
}

impl Outlook<'_> {
    /// These customers in groups, those who are alike counted, with the share of spend that is earned.
    ///
    /// # Errors
    /// [`Error::usage`] if the group or the margin of a customer is missing, or if rows stand for parts of customers.
    pub fn counted(&self, grouping: &Grouping, margin: &PerCustomer) -> Result<CountedCustomers> {
        let summary = self.summary;
        grouping.check(summary.len())?;
        margin.check("the margin", summary.len())?;
        if summary.weights.as_ref().is_some_and(|weights| !weights.are_whole()) {
            return Err(Error::usage(
                "totals with intervals are of whole customers, and a weight is not whole: give whole weights, or ask for expectations \
                 alone",
            ));
        }
        // A zero has two signs.
        let bits = |number: f64| (number + 0.0).to_bits();
        let key = |row: usize| Key {
            group: grouping.of[row],
            timing: self.individuals.model_number(row),
            spend: self.spend.as_ref().map_or(0, |spend| spend.number(row)),
            frequency: summary.frequency[row],
            seen: [
                bits(summary.recency[row]),
                bits(summary.T[row]),
                // Who has not come back has no mean, whatever stands there.
                self.spend
                    .as_ref()
                    .filter(|_| summary.frequency[row] > 0)
                    .map_or(0, |_| bits(summary.monetary_value[row])),
            ],
            margin: self.spend.as_ref().map_or(0, |_| bits(margin.of(row))),
        };
        let size = summary.len().div_ceil(threads()).max(1);
        let mut keys = in_parallel(summary.len().div_ceil(size), |part| {
            let rows = part * size..((part + 1) * size).min(summary.len());
            let mut keys: Vec<(Key, u32)> = rows.map(|row| (key(row), row as u32)).collect();
            keys.sort_unstable_by_key(|(key, _)| *key);
            keys
        })
        .concat();
        // Sorted runs one after the other, which a stable sort merges.
        keys.sort_by_key(|(key, _)| *key);
        let alike = || keys.chunk_by(|a, b| a.0 == b.0);
        let rows: Vec<usize> = alike().map(|rows| rows[0].1 as usize).collect();
        let customers = |rows: &[(Key, u32)]| rows.iter().map(|(_, row)| summary.weight(*row as usize)).sum();
        let weights = Weights::of_rows(alike().map(customers).collect());
        drop(keys);
        Ok(CountedCustomers {
            predictor: self.predictor().clone(),
            summary: Summary { weights: Some(weights), statistics: None, ..summary.select(&rows) },
            grouping: grouping.select(&rows),
            margin: margin.select(&rows),
        })
    }
}

impl CountedCustomers {
    /// Of some of these rows, each of so many customers, the others with none.
    pub(super) fn some(&self, customers: &[u32]) -> Self {
        let rows: Vec<usize> = (0..self.summary.len()).filter(|&row| customers[row] > 0).collect();
        let weights = Weights::of_rows(rows.iter().map(|&row| customers[row].into()).collect());
        Self {
            predictor: self.predictor.clone(),
            summary: Summary { weights: Some(weights), ..self.summary.select(&rows) },
            grouping: self.grouping.select(&rows),
            margin: self.margin.select(&rows),
        }
    }

    /// Number of customers of each group.
    pub(super) fn sizes(&self) -> Vec<u64> {
        let mut sizes = vec![0; self.grouping.names.len()];
        let rows = self.grouping.of.iter().enumerate();
        rows.for_each(|(row, &group)| sizes[group as usize] += self.summary.weight(row) as u64);
        sizes
    }
}
