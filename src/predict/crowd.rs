//! Futures of many customers, drawn one customer after the other.

use rand::{Rng, RngExt};
use rand_distr::{Binomial, Distribution};

use super::counted_customers::CountedCustomers;
use super::grouping::Sum;
use super::{Customers, Modelled, SpendModels};
use crate::models::{Counts, FuturePurchases, GammaGamma, TimingFuture, draw_gamma};

/// What each row of counted customers has ahead.
pub(super) struct Crowd {
    pub(super) alive: Vec<f64>,
    /// Number of each row's future.
    pub(super) future: Vec<u32>,
    /// Given alive, the number of purchases of each distinct future.
    pub(super) counts: Vec<Counts>,
    ahead: Vec<TimingFuture>,
    /// Time ahead.
    t: f64,
}

impl Crowd {
    pub(super) fn new(customers: &Customers<'_, Modelled<'_>>, t: f64) -> Self {
        let known = customers.futures().map(&customers.individuals, |future| (future, future.counts(t)));
        let (ahead, counts) = known.into_iter().unzip();
        let future = customers.futures().by_customer().map(|future| future as u32).collect();
        Self { alive: customers.p_alive.clone(), future, counts, ahead, t }
    }
}

/// Some rows of counted customers, whose futures are drawn.
pub(super) struct Drawing<'a> {
    customers: &'a CountedCustomers,
    crowd: &'a Crowd,
    rows: Vec<Row>,
    /// `P(1 ≤ X ≤ n)` for `n` from 1 on, of each future whose numbers are listed.
    at_most: Vec<Vec<f64>>,
}

struct Row {
    row: usize,
    /// P(no purchase) where numbers are listed, P(not alive) where they are not: most draws end here.
    none: f64,
    alike: Alike,
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

fn at_most(counts: &Counts) -> Vec<f64> {
    if !counts.runs().is_empty() {
        return Vec::new();
    }
    let sum = |sum: &mut f64, chance: &f64| {
        *sum += chance;
        Some(*sum)
    };
    counts.single().iter().skip(1).scan(0.0, sum).collect()
}

impl<'a> Drawing<'a> {
    pub(super) fn new(customers: &'a CountedCustomers, crowd: &'a Crowd, rows: Vec<usize>) -> Self {
        let at_most: Vec<Vec<f64>> = crowd.counts.iter().map(at_most).collect();
        let row = |row: usize| {
            let future = crowd.future[row] as usize;
            let is_listed = crowd.counts[future].runs().is_empty();
            let some = if is_listed { at_most[future].last().copied().unwrap_or(0.0) } else { 1.0 };
            let none = 1.0 - crowd.alive[row] * some;
            Row { row, none, alike: Alike::new(customers.summary.weight(row) as u32, none) }
        };
        Self { customers, crowd, rows: rows.into_iter().map(row).collect(), at_most }
    }

    /// One future of everybody, added up by group.
    pub(super) fn draw(&self, spend: Option<&SpendModels>, rng: &mut impl Rng) -> Vec<Sum> {
        let grouping = &self.customers.grouping;
        let mut sums = vec![Sum::default(); grouping.names.len()];
        for Row { row, none, alike } in &self.rows {
            let sum = &mut sums[grouping.of[*row] as usize];
            for _ in 0..alike.purchasers(*none, rng) {
                let n = self.purchases(*row, *none, rng);
                if n > 0.0 {
                    let value = spend.map_or(0.0, |spend| self.value(*row, &spend.of(*row), n, rng));
                    *sum = sum.plus(Sum { purchases: n, value });
                }
            }
        }
        sums
    }

    /// Purchases of a customer who makes some, or, where numbers are not listed, is alive.
    fn purchases(&self, row: usize, none: f64, rng: &mut impl Rng) -> f64 {
        let Crowd { alive, future, counts, ahead, t } = self.crowd;
        let future = future[row] as usize;
        if !counts[future].runs().is_empty() {
            return ahead[future].draw_count(*t, rng);
        }
        let at_most = &self.at_most[future];
        let share = rng.random::<f64>() * (1.0 - none) / alive[row];
        (at_most.partition_point(|&chance| chance <= share) + 1).min(at_most.len()) as f64
    }

    /// Margin on the spend of `n` purchases: `γ'` times one gamma variate over another.
    fn value(&self, row: usize, spend: &GammaGamma, n: f64, rng: &mut impl Rng) -> f64 {
        let CountedCustomers { summary, margin, .. } = self.customers;
        let posterior = spend.posterior(summary.frequency[row], summary.monetary_value[row]);
        margin.of(row) * posterior.gamma * draw_gamma(posterior.p * n, rng) / draw_gamma(posterior.q, rng)
    }
}
