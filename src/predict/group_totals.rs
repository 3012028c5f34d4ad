//! Totals of groups of counted customers.

use super::counted_customers::CountedCustomers;
use super::crowd::Drawing;
use super::expected::Expected;
use super::grouping::Sum;
use super::purchase_totals::PurchaseTotal;
use super::total::{GroupTotals, Total, TotalOptions, Totals};
use super::value_totals::ValueTotal;
use super::{Horizon, ParameterUncertainty, Predictor, SpendModels};
use crate::error::Result;
use crate::parallel::in_parallel;
use crate::random::{generator, stratified};
use crate::task::{phase, step};

/// Distinct futures of which the numbers of purchases are listed; of more, those of customers chosen by lot.
const MOST_FUTURES: usize = 50_000;

impl CountedCustomers {
    /// The purchases and the value of every group over a horizon, whatever the order and the ids of the customers.
    ///
    /// Given the parameters, the number of purchases of a group has a distribution that is computed: where that is affordable, the
    /// convolution of those of its customers; of more, the one with the same first four cumulants. Its value, where more than 1,000
    /// customers have moments of spend that tell, likewise; of the others futures are drawn from the exact distributions (number of
    /// purchases; spend on them, a gamma variate over another), and added up. Of groups of more than 20,000 customers so many are drawn,
    /// chosen by lot: what their sums deviate by, times the root of how many more there are, is how the sums of all deviate.
    ///
    /// That parameters are estimates enters each future anew: the value of all comes from drawn parameters of the spend model, and the
    /// sums are scaled as the expected purchases of the group move with drawn parameters of the timing model. Whatever is drawn is
    /// drawn evenly (one number in each of as many equal parts as there are futures), so that the ends of intervals hardly depend on
    /// the seed.
    ///
    /// # Errors
    /// [`Error::usage`](crate::Error::usage) if the horizon does not lie in the future, has no end or begins later than now, or for fewer
    /// than 20 futures; those of [`Predictor::forecast`].
    pub fn totals(
        &self,
        horizon: &Horizon,
        uncertainty: &ParameterUncertainty<'_>,
        options: &TotalOptions,
    ) -> Result<Totals> {
        options.check()?;
        let lot = self.lot(options.seed);
        let most_futures = if lot.is_some() { MOST_FUTURES } else { usize::MAX };
        let all = Expected::new(self, horizon, most_futures)?;
        let of_lot = lot.as_ref().map(|lot| Expected::new(lot, horizon, usize::MAX)).transpose()?;
        let few = of_lot.as_ref().unwrap_or(&all);
        let parameters = Parameters::draw(few, horizon, uncertainty, options)?;
        let futures = EqualFutures::new(&all, few, &parameters, options);
        let total = |expected: Sum, customers: u64, (purchases, value): Together| GroupTotals {
            customers,
            purchases: Total::new(expected.purchases, purchases),
            value: value.map(|value| Total::new(expected.value, value)),
        };
        let sizes = self.sizes();
        let mut together = (vec![0.0; futures.count], all.spend.as_ref().map(|_| vec![0.0; futures.count]));
        let groups = sizes.iter().enumerate().map(|(group, &customers)| {
            let futures = futures.of_group(group);
            add(&mut together.0, &futures.0);
            together.1.iter_mut().zip(&futures.1).for_each(|(sum, value)| add(sum, value));
            total(all.sums[group], customers, futures)
        });
        let groups: Vec<GroupTotals> = groups.collect();
        let all = total(all.sums[groups.len()], sizes.iter().sum(), together);
        Ok(Totals { all, groups, with_parameters: parameters.are_drawn })
    }

    /// Expected purchases of each group, and of all after them.
    fn expected_purchases(&self, predictor: &Predictor, horizon: &Horizon) -> Result<Vec<f64>> {
        let Self { summary, grouping, margin, .. } = self;
        let outlook = predictor.outlook(summary)?;
        let columns = outlook.undiscounted(&outlook.everybody(), horizon, margin)?;
        let sums = grouping.sums(&columns.purchases, None, |row| summary.weight(row));
        Ok(sums.into_iter().map(|sum| sum.purchases).collect())
    }
}

/// Purchases of a group in each future and, with a spend model, their value.
type Together = (Vec<f64>, Option<Vec<f64>>);

fn add(sums: &mut [f64], numbers: &[f64]) {
    sums.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
}

/// The parameters of each future: as far off as the estimates may be, or the estimates.
struct Parameters {
    are_drawn: bool,
    /// What the expected purchases of each group are beside those at the estimates.
    factors: Vec<Vec<f64>>,
    spends: Vec<Option<SpendModels>>,
}

impl Parameters {
    /// For some of the customers, who show what parameters do to all of their group.
    fn draw(
        few: &Expected<'_>,
        horizon: &Horizon,
        uncertainty: &ParameterUncertainty<'_>,
        options: &TotalOptions,
    ) -> Result<Self> {
        let (predictor, count, seed) = (&few.customers.predictor, options.futures as usize, options.seed);
        if !uncertainty.is_known(predictor) {
            return Ok(Self { are_drawn: false, factors: Vec::new(), spends: Vec::new() });
        }
        let timing_only = Predictor { spend: None, ..predictor.clone() };
        let purchases = |predictor: &Predictor| few.customers.expected_purchases(predictor, horizon);
        let factors = uncertainty.factors(&timing_only, count, seed, purchases)?;
        let spends = match &few.spend {
            Some(spend) => {
                let draws = uncertainty.spend_draws(predictor, count, seed)?;
                draws.iter().map(|draw| spend.with(draw)).collect::<Result<_>>()?
            }
            None => Vec::new(),
        };
        Ok(Self { are_drawn: true, factors, spends })
    }

    fn factor(&self, future: usize, group: usize) -> f64 {
        self.factors.get(future).map_or(1.0, |factors| factors[group])
    }

    /// The drawn spend model of a future, if it is not the estimate.
    fn spend(&self, future: usize) -> Option<&SpendModels> {
        self.spends.get(future).and_then(Option::as_ref)
    }
}

/// Equally likely futures of all groups.
struct EqualFutures<'a> {
    count: usize,
    seed: u64,
    parameters: &'a Parameters,
    /// What is expected of all customers, and of the few.
    expected: [&'a [Sum]; 2],
    purchases: Vec<PurchaseTotal>,
    value: Option<Vec<ValueTotal>>,
    /// Sums of the customers whose futures are drawn, by future and group; nothing if none are.
    drawn: Vec<Vec<Sum>>,
    /// By how much more the sums of all of them deviate than those of the few.
    roots: Vec<f64>,
}

impl<'a> EqualFutures<'a> {
    fn new(all: &'a Expected<'_>, few: &'a Expected<'_>, parameters: &'a Parameters, options: &TotalOptions) -> Self {
        let (count, seed) = (options.futures as usize, options.seed);
        let listed = if all.crowd.is_some() { all } else { few };
        let times = listed.times(all, |_, _| true);
        let purchases = PurchaseTotal::of_groups(listed, &times, &all.sums);
        let is_unknown: Vec<bool> = purchases.iter().map(|total| !total.is_known()).collect();
        let value = few.spend.as_ref().map(|_| ValueTotal::of_groups(all, few, listed, &times, &is_unknown));
        let is_drawn = |of: &Expected<'_>, row: usize| {
            let group = of.customers.grouping.of[row] as usize;
            is_unknown[group] || value.as_ref().is_some_and(|value| value[group].is_drawn(of, row))
        };
        let rows: Vec<usize> = (0..few.purchases.len()).filter(|&row| is_drawn(few, row)).collect();
        let roots: Vec<f64> = few.times(all, is_drawn).into_iter().map(f64::sqrt).collect();
        phase("futures", count as u64);
        let mut drawn = Vec::new();
        if let Some(crowd) = few.crowd.as_ref().filter(|_| !rows.is_empty()) {
            let drawing = Drawing::new(few.customers, crowd, rows);
            drawn = in_parallel(count, |i| {
                step(1);
                drawing.draw(parameters.spend(i).or(few.spend.as_ref()), &mut generator(seed, "futures", i))
            });
        }
        Self { count, seed, parameters, expected: [&all.sums, &few.sums], purchases, value, drawn, roots }
    }

    fn of_group(&self, group: usize) -> Together {
        (self.purchases_of(group), self.value.as_ref().map(|value| self.value_of(group, &value[group])))
    }

    fn purchases_of(&self, group: usize) -> Vec<f64> {
        let shares = stratified(&mut generator(self.seed, "purchases of a group", group), self.count);
        let [all, few] = self.expected.map(|sums| sums[group].purchases);
        let total = &self.purchases[group];
        let of_future = |(i, share): (usize, f64)| {
            let factor = self.parameters.factor(i, group);
            if total.is_known() {
                return total.quantile(share, factor);
            }
            let sum = all + self.roots[group] * (self.drawn[i][group].purchases - few);
            (sum.max(0.0) * factor + share).floor()
        };
        shares.into_iter().enumerate().map(of_future).collect()
    }

    fn value_of(&self, group: usize, total: &ValueTotal) -> Vec<f64> {
        let shares = stratified(&mut generator(self.seed, "value of a group", group), self.count);
        in_parallel(self.count, |i| {
            let drawn = self.drawn.get(i).map_or(0.0, |sums| sums[group].value);
            let of_spend = total.of_future(shares[i], drawn, self.roots[group], self.parameters.spend(i));
            self.parameters.factor(i, group) * of_spend
        })
    }
}
