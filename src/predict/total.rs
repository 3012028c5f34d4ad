//! The purchases and the value of many customers together: what to expect, and how surely.

use rand::{Rng, RngExt};
use rand_distr::{Binomial, Distribution};

use super::counted_customers::CountedCustomers;
use super::drawn::{Drawn, chosen};
use super::grouping::{Grouping, Sum};
use super::{
    Customers, Horizon, Individuals, Modelled, Outlook, ParameterUncertainty, PerCustomer, Predictor, SpendModels,
};
use crate::error::{Error, Result};
use crate::models::{FuturePurchases, GammaGamma, TimingFuture, draw_gamma};
use crate::parallel::in_parallel;
use crate::random::generator;
use crate::task::{phase, step};

/// How totals are found.
#[derive(Clone, Copy, Debug)]
pub struct TotalOptions {
    /// Number of simulated futures of everybody.
    pub futures: u32,
    /// Each future has a generator of its own, so that the number of threads changes nothing.
    pub seed: u64,
}

impl TotalOptions {
    /// Whether the number of futures makes sense.
    ///
    /// # Errors
    /// [`Error::usage`] if not.
    pub fn check(&self) -> Result<()> {
        if (20..=1_000_000).contains(&self.futures) {
            return Ok(());
        }
        Err(Error::usage(format!("{} simulated futures; give 20 to 1000000", self.futures)))
    }
}

/// A total over many customers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Total {
    /// Its expectation, computed and not simulated.
    pub expected: f64,
    /// Totals of the simulated futures, ascending.
    futures: Vec<f64>,
}

impl Total {
    #[cfg(test)]
    pub(super) fn of_futures(expected: f64, futures: Vec<f64>) -> Self {
        Self::new(expected, futures)
    }

    fn new(expected: f64, mut futures: Vec<f64>) -> Self {
        futures.sort_unstable_by(f64::total_cmp);
        Self { expected, futures }
    }

    /// The value below which this share of the futures lies, between neighbours by the `(n + 1) p` rule.
    pub fn quantile(&self, share: f64) -> f64 {
        let last = self.futures.len() - 1;
        let place = (share * (last + 2) as f64 - 1.0).clamp(0.0, last as f64);
        let below = place.floor() as usize;
        let above = (below + 1).min(last);
        self.futures[below] + (place - below as f64) * (self.futures[above] - self.futures[below])
    }

    /// Interval that holds the total with this probability.
    pub fn interval(&self, share: f64) -> (f64, f64) {
        (self.quantile(0.5 - 0.5 * share), self.quantile(0.5 + 0.5 * share))
    }

    /// Share of the futures in which the total is more than `target`.
    pub fn p_over(&self, target: f64) -> f64 {
        let beaten = self.futures.len() - self.futures.partition_point(|&total| total <= target);
        beaten as f64 / self.futures.len() as f64
    }

    /// Share of the futures in which it is less, and in which it is no more, than was seen: where the actual total falls.
    pub fn place(&self, actual: f64) -> (f64, f64) {
        let share = |count: usize| count as f64 / self.futures.len() as f64;
        (
            share(self.futures.partition_point(|&total| total < actual)),
            share(self.futures.partition_point(|&total| total <= actual)),
        )
    }
}

/// The totals of one group, or of everybody.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GroupTotals {
    /// Number of customers.
    pub customers: u64,
    /// Number of purchases.
    pub purchases: Total,
    /// Margin times spend, not discounted; present if there is a spend model.
    pub value: Option<Total>,
}

/// Totals over one horizon.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Totals {
    /// Of everybody.
    pub all: GroupTotals,
    /// Of each group.
    pub groups: Vec<GroupTotals>,
    /// Whether they hold the uncertainty of the parameters, or are given these.
    pub with_parameters: bool,
}

impl Outlook<'_> {
    /// The purchases and the value of every group over a horizon: [`CountedCustomers::totals`] of these customers.
    ///
    /// # Errors
    /// Those of [`Outlook::counted`] and [`CountedCustomers::totals`].
    pub fn totals(
        &self,
        grouping: &Grouping,
        horizon: &Horizon,
        margin: &PerCustomer,
        uncertainty: &ParameterUncertainty<'_>,
        options: &TotalOptions,
    ) -> Result<Totals> {
        options.check()?;
        self.individuals.span(horizon)?;
        self.counted(grouping, margin)?.totals(horizon, uncertainty, options)
    }
}

impl CountedCustomers {
    /// The purchases and the value of every group over a horizon, whatever the order and the ids of the customers.
    ///
    /// Futures of every customer are drawn from the exact distributions (number of purchases; spend on them, a gamma
    /// variate over another), and added up. That parameters are estimates enters each future anew: the spend of all comes from
    /// drawn parameters of the spend model, and the sums are scaled as the expected purchases of the group move with drawn
    /// parameters of the timing model, counts to a whole number that is right in the mean. So a group without a purchase in
    /// a future stays without.
    ///
    /// Of a group of more than 20,000 customers, so many are drawn, chosen by lot: what their sums deviate by, times the root of how
    /// many more there are, is how the sums of the whole group deviate.
    ///
    /// # Errors
    /// [`Error::usage`] if the horizon does not lie in the future, has no end or begins later than now, or for fewer than 20 futures;
    /// those of [`Predictor::forecast`].
    pub fn totals(
        &self,
        horizon: &Horizon,
        uncertainty: &ParameterUncertainty<'_>,
        options: &TotalOptions,
    ) -> Result<Totals> {
        options.check()?;
        let predictor = &self.predictor;
        let expected = self.expected_sums(predictor, horizon)?.1;
        let with_parameters = uncertainty.is_known(predictor);
        let (count, seed) = (options.futures as usize, options.seed);
        let timing_only = Predictor { spend: None, ..predictor.clone() };
        let chosen = match chosen(self, seed) {
            None => None,
            Some(lot) => {
                let few = self.some(&lot);
                let (purchases, expected) = few.expected_sums(predictor, horizon)?;
                Some(Drawn::new(self, few, purchases, expected))
            }
        };
        let few = chosen.as_ref().map_or(self, |few| &few.customers);
        let purchases = |predictor: &Predictor| -> Result<Vec<f64>> {
            Ok(few.expected_sums(predictor, horizon)?.1.iter().map(|sum| sum.purchases).collect())
        };
        let groups = self.grouping.names.len();
        let factors = match with_parameters {
            true => uncertainty.factors(&timing_only, count, seed, purchases)?,
            false => vec![vec![1.0; groups]; count],
        };
        let outlook = predictor.outlook(&few.summary)?;
        let crowd = Crowd::new(&outlook.everybody(), horizon, &few.margin)?;
        let spends = match &outlook.spend {
            Some(spend) if with_parameters => {
                let draws = uncertainty.spend_draws(predictor, count, seed)?;
                draws.iter().map(|draw| spend.with(draw)).collect::<Result<Vec<Option<SpendModels>>>>()?
            }
            spend => vec![spend.clone(); count],
        };
        let draw = |i: usize| {
            step(1);
            let mut rng = generator(seed, "futures", i);
            let mut sums = crowd.draw(&few.grouping, spends[i].as_ref(), &mut rng);
            if let Some(chosen) = &chosen {
                chosen.of_all(&mut sums, spends[i].as_ref(), &expected);
            }
            for (sum, factor) in sums.iter_mut().zip(&factors[i]) {
                sum.purchases = (sum.purchases * factor + rng.random::<f64>()).floor();
                sum.value *= factor;
            }
            sums
        };
        phase("futures", count as u64);
        let drawn = in_parallel(count, draw);
        let sizes = self.sizes();
        let total = |expected: Sum, customers: u64, of: &dyn Fn(&Vec<Sum>) -> Sum| {
            let (purchases, value): (Vec<f64>, Vec<f64>) =
                drawn.iter().map(of).map(|sum| (sum.purchases, sum.value)).unzip();
            let value = predictor.spend.map(|_| Total::new(expected.value, value));
            GroupTotals { customers, purchases: Total::new(expected.purchases, purchases), value }
        };
        let add = |sums: &Vec<Sum>| sums.iter().copied().fold(Sum::default(), Sum::plus);
        let all = total(expected[groups], sizes.iter().sum(), &add);
        let of_group = |i: usize| total(expected[i], sizes[i], &move |sums: &Vec<Sum>| sums[i]);
        Ok(Totals { all, groups: (0..groups).map(of_group).collect(), with_parameters })
    }

    /// Expected purchases of each row's customers, and the sums of each group and, after them, of all, not discounted.
    fn expected_sums(&self, predictor: &Predictor, horizon: &Horizon) -> Result<(Vec<f64>, Vec<Sum>)> {
        let outlook = predictor.outlook(&self.summary)?;
        let columns = outlook.undiscounted(&outlook.everybody(), horizon, &self.margin)?;
        let sums = self.grouping.sums(&columns.purchases, columns.clv.as_deref(), |row| self.summary.weight(row));
        Ok((columns.purchases, sums))
    }
}

/// Everything that a future of every customer is drawn from.
struct Crowd {
    /// P(no purchase) of the customers of each row, where numbers are listed: most draws end here.
    none: Vec<f64>,
    /// How many customers each row stands for.
    alike: Vec<Alike>,
    alive: Vec<f64>,
    future: Vec<u32>,
    /// Of each distinct future.
    numbers: Vec<Numbers>,
    /// Time ahead.
    t: f64,
    spenders: Vec<Spender>,
}

/// What a customer's number of purchases, given that the customer is alive, is drawn from.
enum Numbers {
    /// `P(1 ≤ X(t) ≤ n)` for `n` from 1 on.
    AtMost(Vec<f64>),
    /// Where they are too many to be listed, the model itself.
    Drawn(TimingFuture),
}

/// Customers whose numbers of purchases are drawn alike.
enum Alike {
    /// So few that each is drawn.
    Few(u32),
    /// How many of them purchase at all.
    Many(Binomial),
}

impl Alike {
    fn new(customers: u32, none: f64) -> Self {
        const FEW: u32 = 4;
        match Binomial::new(customers.into(), 1.0 - none) {
            Ok(purchasers) if customers > FEW => Self::Many(purchasers),
            _ => Self::Few(customers),
        }
    }

    /// Number of those who purchase.
    fn purchasers(&self, none: f64, rng: &mut impl Rng) -> u64 {
        match self {
            Self::Few(customers) => (0..*customers).map(|_| u64::from(rng.random::<f64>() >= none)).sum(),
            Self::Many(purchasers) => purchasers.sample(rng),
        }
    }
}

#[derive(Clone, Copy)]
struct Spender {
    x: u32,
    mean: f64,
    margin: f64,
}

impl Numbers {
    fn new(future: TimingFuture, t: f64) -> Self {
        let counts = future.counts(t);
        if !counts.runs().is_empty() {
            return Self::Drawn(future);
        }
        let sum = |sum: &mut f64, mass: &f64| {
            *sum += mass;
            Some(*sum)
        };
        Self::AtMost(counts.single()[1..].iter().scan(0.0, sum).collect())
    }
}

impl Crowd {
    fn new(customers: &Customers<'_, Modelled<'_>>, horizon: &Horizon, margin: &PerCustomer) -> Result<Self> {
        let t = customers.individuals.span(horizon)?;
        let numbers = customers.futures().map(&customers.individuals, |future| Numbers::new(future, t));
        let alive = customers.p_alive.clone();
        let future: Vec<u32> = customers.futures().by_customer().map(|future| future as u32).collect();
        let none = |(alive, &future): (&f64, &u32)| match &numbers[future as usize] {
            Numbers::AtMost(at_most) => 1.0 - alive * at_most.last().copied().unwrap_or(0.0),
            Numbers::Drawn(_) => 1.0 - alive,
        };
        let none: Vec<f64> = alive.iter().zip(&future).map(none).collect();
        let summary = customers.summary;
        let alike = none.iter().enumerate().map(|(row, none)| Alike::new(summary.weight(row) as u32, *none)).collect();
        let spender =
            |i: usize| Spender { x: summary.frequency[i], mean: summary.monetary_value[i], margin: margin.of(i) };
        Ok(Self { none, alike, alive, future, numbers, t, spenders: (0..summary.len()).map(spender).collect() })
    }

    /// One future of everybody, added up by group.
    fn draw(&self, grouping: &Grouping, spend: Option<&SpendModels>, rng: &mut impl Rng) -> Vec<Sum> {
        let mut sums = vec![Sum::default(); grouping.names.len()];
        for (i, &none) in self.none.iter().enumerate() {
            for _ in 0..self.alike[i].purchasers(none, rng) {
                let n = match &self.numbers[self.future[i] as usize] {
                    Numbers::AtMost(at_most) => {
                        let share = rng.random::<f64>() * (1.0 - none) / self.alive[i];
                        (at_most.partition_point(|&mass| mass <= share) + 1).min(at_most.len()) as f64
                    }
                    Numbers::Drawn(future) => future.draw_count(self.t, rng),
                };
                if n == 0.0 {
                    continue;
                }
                let value = spend.map_or(0.0, |spend| self.spenders[i].value(&spend.of(i), n, rng));
                let sum = &mut sums[grouping.of[i] as usize];
                *sum = sum.plus(Sum { purchases: n, value });
            }
        }
        sums
    }
}

impl Spender {
    /// Margin on the spend of `n` purchases: `γ'` times one gamma variate over another.
    fn value(&self, spend: &GammaGamma, n: f64, rng: &mut impl Rng) -> f64 {
        let posterior = spend.posterior(self.x, self.mean);
        self.margin * posterior.gamma * draw_gamma(posterior.p * n, rng) / draw_gamma(posterior.q, rng)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_chances_of_a_total() {
        let total = Total::new(5.0, (1..=9).map(f64::from).rev().collect());
        assert_eq!(total.quantile(0.5), 5.0);
        assert_eq!(total.interval(0.8), (1.0, 9.0));
        assert_eq!((total.quantile(0.0), total.quantile(1.0)), (1.0, 9.0));
        assert!((total.quantile(0.25) - 2.5).abs() < 1e-12);
        assert_eq!((total.p_over(3.0), total.p_over(9.0), total.p_over(0.0)), (6.0 / 9.0, 0.0, 1.0));
        assert_eq!(total.place(4.0), (3.0 / 9.0, 4.0 / 9.0));
    }
}
