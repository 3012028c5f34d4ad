//! Some of many customers, chosen by lot, whose futures stand for those of all.

use rand::seq::index::sample;

use super::grouping::{Grouping, Sum};
use super::{Horizon, PerCustomer, Predictor, SpendModels, Valuation};
use crate::error::Result;
use crate::random::generator;
use crate::summary::Summary;

/// Customers of a group beyond which not all are drawn.
const MOST: usize = 20_000;

/// The chosen customers, group by group.
pub(super) struct Drawn {
    pub(super) summary: Summary,
    pub(super) grouping: Grouping,
    pub(super) margin: PerCustomer,
    /// How many times as many customers each group has.
    times: Vec<f64>,
    /// Expected purchases of each.
    purchases: Vec<f64>,
    /// Expectations of each group's chosen customers at the estimates.
    expected: Vec<Sum>,
}

impl Drawn {
    /// Of groups that are not too large, all customers; none if no group is.
    pub(super) fn new(
        predictor: &Predictor,
        summary: &Summary,
        grouping: &Grouping,
        margin: &PerCustomer,
        horizon: &Horizon,
        seed: u64,
    ) -> Result<Option<Self>> {
        let sizes = grouping.sizes();
        if sizes.iter().all(|&size| size as usize <= MOST) {
            return Ok(None);
        }
        let mut members: Vec<Vec<usize>> = sizes.iter().map(|&size| Vec::with_capacity(size as usize)).collect();
        grouping.of.iter().enumerate().for_each(|(row, &group)| members[group as usize].push(row));
        let chosen = members.iter().enumerate().flat_map(|(group, rows)| {
            let lot = sample(&mut generator(seed, "chosen customers", group), rows.len(), rows.len().min(MOST));
            lot.into_iter().map(|place| rows[place]).collect::<Vec<usize>>()
        });
        let mut rows: Vec<usize> = chosen.collect();
        rows.sort_unstable();
        let (few, margin) = (summary.select(&rows), margin.select(&rows));
        let valuation = Valuation { margin, ..Valuation::default() };
        let forecast = predictor.forecast(&few, std::slice::from_ref(horizon), &valuation)?;
        let columns = forecast.horizons.into_iter().next();
        let (purchases, value) = columns.map_or_else(Default::default, |columns| (columns.purchases, columns.clv));
        let grouping = grouping.select(&rows);
        let expected = grouping.sums(&purchases, value.as_deref());
        let times = sizes.iter().zip(grouping.sizes()).map(|(all, few)| *all as f64 / few.max(1) as f64);
        Ok(Some(Self { times: times.collect(), summary: few, grouping, margin: valuation.margin, purchases, expected }))
    }

    /// What all customers' sums are in a future in which the chosen ones' are these, and the spend has these parameters:
    /// `E + √(N/n) (s - e)`, where `E` is what is expected of all `N`, and `e` of the `n` chosen.
    pub(super) fn of_all(&self, sums: &mut [Sum], spend: Option<&SpendModels>, all: &[Sum]) {
        let moved = spend.and_then(|spend| self.values(spend).ok());
        for (group, sum) in sums.iter_mut().enumerate().filter(|(group, _)| self.times[*group] > 1.0) {
            let (root, expected, all) = (self.times[group].sqrt(), self.expected[group], all[group]);
            let value = moved.as_ref().map_or(expected.value, |moved| moved[group]);
            let share = if expected.value > 0.0 { value / expected.value } else { 1.0 };
            *sum = Sum {
                purchases: (all.purchases + root * (sum.purchases - expected.purchases)).max(0.0),
                value: (all.value * share + root * (sum.value - value)).max(0.0),
            };
        }
    }

    /// Expected values of the groups' chosen customers with this model of spend.
    fn values(&self, spend: &SpendModels) -> Result<Vec<f64>> {
        let mut values = vec![0.0; self.expected.len()];
        for (row, (&group, purchases)) in self.grouping.of.iter().zip(&self.purchases).enumerate() {
            let mean = spend.of(row).expected_spend(self.summary.frequency[row], self.summary.monetary_value[row])?;
            values[group as usize] += self.margin.of(row) * mean * purchases;
        }
        Ok(values)
    }
}
