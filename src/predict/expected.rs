//! What is expected of counted customers.

use super::counted_customers::CountedCustomers;
use super::crowd::Crowd;
use super::grouping::Sum;
use super::{Horizon, Individuals, SpendModels};
use crate::error::Result;

/// What is expected of counted customers over a horizon at the estimates.
pub(super) struct Expected<'a> {
    pub(super) customers: &'a CountedCustomers,
    pub(super) spend: Option<SpendModels>,
    /// Of each row's customers, of each of them.
    pub(super) purchases: Vec<f64>,
    pub(super) value: Option<Vec<f64>>,
    /// Of each group, and of all after them.
    pub(super) sums: Vec<Sum>,
    /// Unless there are too many futures.
    pub(super) crowd: Option<Crowd>,
}

impl<'a> Expected<'a> {
    /// Numbers of purchases are known unless there are more futures than `most_futures`.
    pub(super) fn new(customers: &'a CountedCustomers, horizon: &Horizon, most_futures: usize) -> Result<Self> {
        let CountedCustomers { predictor, summary, grouping, margin } = customers;
        let outlook = predictor.outlook(summary)?;
        let everybody = outlook.everybody();
        let columns = outlook.undiscounted(&everybody, horizon, margin)?;
        let t = everybody.individuals.span(horizon)?;
        let sums = grouping.sums(&columns.purchases, columns.clv.as_deref(), |row| summary.weight(row));
        let crowd = (everybody.futures().len() <= most_futures).then(|| Crowd::new(&everybody, t));
        drop(everybody);
        Ok(Self { customers, spend: outlook.spend, purchases: columns.purchases, value: columns.clv, sums, crowd })
    }

    /// How many times as many customers of each group another one has, of those in some rows.
    pub(super) fn times(&self, other: &Self, is_wanted: impl Fn(&Self, usize) -> bool) -> Vec<f64> {
        let sizes = |of: &Self| {
            let mut sizes = vec![0.0; of.sums.len() - 1];
            let groups = of.customers.grouping.of.iter().enumerate().filter(|(row, _)| is_wanted(of, *row));
            groups.for_each(|(row, &group)| sizes[group as usize] += of.customers.summary.weight(row));
            sizes
        };
        let (own, others) = (sizes(self), sizes(other));
        own.iter().zip(others).map(|(own, other)| if *own > 0.0 { other / own } else { 1.0 }).collect()
    }
}
