//! Some of many customers, chosen by lot, whose futures stand for those of all.

use rand::seq::index::sample;

use super::SpendModels;
use super::counted_customers::CountedCustomers;
use super::grouping::Sum;
use crate::error::Result;
use crate::random::generator;

/// Customers of a group beyond which not all are drawn.
const MOST: u64 = 20_000;

/// The chosen customers, group by group.
pub(super) struct Drawn {
    pub(super) customers: CountedCustomers,
    /// How many times as many customers each group has.
    times: Vec<f64>,
    /// Expected purchases of each row's customers.
    purchases: Vec<f64>,
    /// Expectations of each group's chosen customers at the estimates.
    expected: Vec<Sum>,
}

/// How many customers of each row the lot falls on, of groups that are not too large all; none if no group is. The lot falls on the
/// customers one after the other in the order of the rows, which is not that of their ids.
pub(super) fn chosen(all: &CountedCustomers, seed: u64) -> Option<Vec<u32>> {
    let sizes = all.sizes();
    if sizes.iter().all(|&size| size <= MOST) {
        return None;
    }
    let mut lots: Vec<Vec<usize>> = (0..sizes.len())
        .map(|group| {
            let (all, few) = (sizes[group] as usize, sizes[group].min(MOST) as usize);
            let mut lot = sample(&mut generator(seed, "chosen customers", group), all, few).into_vec();
            lot.sort_unstable_by(|a, b| b.cmp(a));
            lot
        })
        .collect();
    let mut upto = vec![0; sizes.len()];
    let rows = all.grouping.of.iter().enumerate();
    let count = |(row, &group): (usize, &u32)| {
        let (lot, upto) = (&mut lots[group as usize], &mut upto[group as usize]);
        *upto += all.summary.weight(row) as usize;
        let before = lot.len();
        while lot.last().is_some_and(|place| place < upto) {
            lot.pop();
        }
        (before - lot.len()) as u32
    };
    Some(rows.map(count).collect())
}

impl Drawn {
    /// Those on whom the lot fell, with expectations over the horizon, row by row and of each group.
    pub(super) fn new(
        all: &CountedCustomers,
        customers: CountedCustomers,
        purchases: Vec<f64>,
        expected: Vec<Sum>,
    ) -> Self {
        let times =
            all.sizes().iter().zip(customers.sizes()).map(|(all, few)| *all as f64 / few.max(1) as f64).collect();
        Self { customers, times, purchases, expected }
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
        let CountedCustomers { summary, grouping, margin, .. } = &self.customers;
        let mut values = vec![0.0; self.expected.len()];
        for (row, (&group, purchases)) in grouping.of.iter().zip(&self.purchases).enumerate() {
            let mean = spend.of(row).expected_spend(summary.frequency[row], summary.monetary_value[row])?;
            values[group as usize] += summary.weight(row) * margin.of(row) * mean * purchases;
        }
        Ok(values)
    }
}
