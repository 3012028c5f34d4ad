//! Groups of customers, and sums over them.

use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::special::ExactTotal;
use crate::summary::Summary;

/// More groups than anybody compares.
const MOST_GROUPS: usize = 10_000;

/// Which group each customer belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// Names of the groups.
    pub names: Vec<String>,
    /// Number of each customer's group.
    pub of: Vec<u32>,
}

impl Grouping {
    /// All customers in one group.
    pub fn all(customers: usize) -> Self {
        Self { names: vec!["all".to_owned()], of: vec![0; customers] }
    }

    /// Groups by what this column says, in the order of their names; last those of whom it says nothing.
    ///
    /// # Errors
    /// [`Error::usage`] if the summary has no such column, or too many groups come of it.
    pub fn by(by: &str, summary: &Summary) -> Result<Self> {
        let attribute = summary
            .attribute(by)
            .ok_or_else(|| Error::usage(say![opt("by").with(by), ": there is no such column of customers"]))?;
        let mut order: Vec<u32> = (0..attribute.texts.len() as u32).collect();
        order.sort_unstable_by_key(|&text| &attribute.texts[text as usize]);
        let mut used = vec![false; order.len()];
        attribute.of.iter().flatten().for_each(|&text| used[text as usize] = true);
        order.retain(|&text| used[text as usize]);
        let mut names: Vec<String> = order.iter().map(|&text| attribute.texts[text as usize].to_string()).collect();
        let mut place = vec![0; attribute.texts.len()];
        order.iter().zip(0..).for_each(|(&text, group)| place[text as usize] = group);
        let unsaid = names.len() as u32;
        if attribute.of.contains(&None) {
            names.push("(none)".to_owned());
        }
        if names.len() > MOST_GROUPS {
            return Err(Error::usage(say![
                opt("by").with(by),
                format!(": {} groups; totals take at most {MOST_GROUPS}. Is it a column of customers?", names.len())
            ]));
        }
        let of = attribute.of.iter().map(|text| text.map_or(unsaid, |text| place[text as usize])).collect();
        Ok(Self { names, of })
    }

    /// Of the customers in these rows.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        Self { names: self.names.clone(), of: rows.iter().map(|&row| self.of[row]).collect() }
    }

    /// Sums of each group, and of all groups after them, of rows that stand for so many customers; exact, and rounded once.
    pub(super) fn sums(&self, purchases: &[f64], value: Option<&[f64]>, customers: impl Fn(usize) -> f64) -> Vec<Sum> {
        let everybody = self.names.len();
        let of = |numbers: &[f64]| -> Vec<f64> {
            let mut totals = vec![ExactTotal::default(); everybody];
            for (row, &group) in self.of.iter().enumerate() {
                totals[group as usize].add_times(numbers[row], customers(row));
            }
            let mut all = ExactTotal::default();
            totals.iter().for_each(|total| all.join(total));
            totals.iter().chain([&all]).map(ExactTotal::value).collect()
        };
        let values = value.map_or_else(|| vec![0.0; everybody + 1], of);
        of(purchases).into_iter().zip(values).map(|(purchases, value)| Sum { purchases, value }).collect()
    }

    pub(super) fn check(&self, customers: usize) -> Result<()> {
        if self.of.len() == customers && self.of.iter().all(|&group| (group as usize) < self.names.len()) {
            return Ok(());
        }
        Err(Error::usage(format!("groups are given for {} of {customers} customers", self.of.len())))
    }
}

/// Purchases and value of a group in one future.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub(super) purchases: f64,
    pub(super) value: f64,
}

impl Sum {
    pub(super) fn plus(self, other: Self) -> Self {
        Self { purchases: self.purchases + other.purchases, value: self.value + other.value }
    }
}
