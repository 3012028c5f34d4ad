//! The purchases and the value of many customers together: what to expect, and how surely.

use rand::{Rng, RngExt};
use rand_distr::{Gamma, StandardNormal};
use rand_pcg::Pcg64;

use super::futures::Futures;
use super::uncertainty::Direction;
use super::{Horizon, ParameterUncertainty, PerCustomer, Predictor, Valuation};
use crate::error::{Error, Result};
use crate::models::{GammaGamma, Timing};
use crate::parallel::in_parallel;
use crate::summary::Summary;

/// Which group each customer belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// Names of the groups.
    pub names: Vec<String>,
    /// Number of each customer's group.
    pub of: Vec<u32>,
}

/// How totals are found.
#[derive(Clone, Copy, Debug)]
pub struct TotalOptions {
    /// Number of simulated futures of everybody.
    pub futures: u32,
    /// Each future has a generator of its own, so that the number of threads changes nothing.
    pub seed: u64,
}

/// A total over many customers.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    /// Its expectation, computed and not simulated.
    pub expected: f64,
    /// Totals of the simulated futures, ascending.
    futures: Vec<f64>,
}

impl Total {
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
pub struct Totals {
    /// Of everybody.
    pub all: GroupTotals,
    /// Of each group.
    pub groups: Vec<GroupTotals>,
    /// Whether they hold the uncertainty of the parameters, or are given these.
    pub with_parameters: bool,
}

/// What is added up: purchases and value of each group in one future.
type Sums = Vec<(f64, f64)>;

impl Predictor {
    /// The purchases and the value of every group over a horizon.
    ///
    /// Futures of every customer are drawn from the exact distributions (number of purchases; spend on them, a gamma
    /// variate over another), added up, and scaled as the expected total moves when the parameters do, by draws from
    /// their normal distribution: `exp(Σ_k z_k ∂ ln E/∂θ_k)` over independent directions `θ_k` of one standard deviation.
    ///
    /// # Errors
    /// [`Error::Usage`] if the horizon does not lie in the future, has no end or begins later than now, or for fewer than 20
    /// futures; those of [`Predictor::forecast`].
    pub fn totals(
        &self,
        summary: &Summary,
        grouping: &Grouping,
        horizon: &Horizon,
        margin: &PerCustomer,
        uncertainty: &ParameterUncertainty<'_>,
        options: &TotalOptions,
    ) -> Result<Totals> {
        if !(20..=1_000_000).contains(&options.futures) {
            return Err(Error::Usage(format!("{} simulated futures; give 20 to 1000000", options.futures)));
        }
        let t = horizon.span(&summary.observation)?;
        let expected = self.expected_sums(summary, grouping, horizon, margin)?;
        let with_parameters = uncertainty.is_known(self);
        let directions = if with_parameters { uncertainty.directions(self)? } else { [Vec::new(), Vec::new()] };
        let slopes = directions
            .iter()
            .flatten()
            .map(|direction| {
                relative_slopes(direction, &expected, |p| p.expected_sums(summary, grouping, horizon, margin))
            })
            .collect::<Result<Vec<Sums>>>()?;
        let crowd = Crowd::new(self, summary, t, margin);
        let draw = |i: usize| {
            let mut rng = Pcg64::new(u128::from(options.seed), i as u128);
            let mut moves = vec![(0.0, 0.0); expected.len()];
            for slope in &slopes {
                let z: f64 = rng.sample(StandardNormal);
                for (moved, slope) in moves.iter_mut().zip(slope) {
                    *moved = (moved.0 + z * slope.0, moved.1 + z * slope.1);
                }
            }
            let mut sums = crowd.draw(grouping, &mut rng);
            for (sum, moved) in sums.iter_mut().zip(moves) {
                *sum = (sum.0 * moved.0.exp(), sum.1 * moved.1.exp());
            }
            sums
        };
        let drawn = in_parallel(options.futures as usize, draw);

        let mut sizes = vec![0u64; grouping.names.len()];
        grouping.of.iter().for_each(|&group| sizes[group as usize] += 1);
        let total = |expected: &[(f64, f64)], customers: u64, of: &dyn Fn(&Sums) -> (f64, f64)| {
            let (purchases, value): (Vec<f64>, Vec<f64>) = drawn.iter().map(of).unzip();
            let expected = add(expected);
            let value = self.spend.map(|_| Total::new(expected.1, value));
            GroupTotals { customers, purchases: Total::new(expected.0, purchases), value }
        };
        let all = total(&expected, summary.len() as u64, &|sums| add(sums));
        let of_group = |i: usize| total(&expected[i..=i], sizes[i], &move |sums: &Sums| sums[i]);
        Ok(Totals { all, groups: (0..sizes.len()).map(of_group).collect(), with_parameters })
    }

    /// Expected purchases and value of each group, not discounted.
    fn expected_sums(
        &self,
        summary: &Summary,
        grouping: &Grouping,
        horizon: &Horizon,
        margin: &PerCustomer,
    ) -> Result<Sums> {
        let valuation = Valuation { margin: margin.clone(), ..Valuation::default() };
        let forecast = self.forecast(summary, std::slice::from_ref(horizon), &valuation)?;
        let columns = &forecast.horizons[0];
        let mut sums = vec![(0.0, 0.0); grouping.names.len()];
        for (i, &group) in grouping.of.iter().enumerate() {
            let sum = &mut sums[group as usize];
            sum.0 += columns.purchases[i];
            sum.1 += columns.clv.as_ref().map_or(0.0, |clv| clv[i]);
        }
        Ok(sums)
    }
}

fn add(sums: &[(f64, f64)]) -> (f64, f64) {
    sums.iter().fold((0.0, 0.0), |all, sum| (all.0 + sum.0, all.1 + sum.1))
}

/// `∂ ln E / ∂θ` of each group's purchases and value along a direction.
fn relative_slopes(direction: &Direction, expected: &Sums, at: impl Fn(&Predictor) -> Result<Sums>) -> Result<Sums> {
    let relative = |slope: f64, of: f64| if of > 0.0 { slope / of } else { 0.0 };
    let slopes = direction.slopes(at)?;
    Ok(slopes.iter().zip(expected).map(|(s, e)| (relative(s.0, e.0), relative(s.1, e.1))).collect())
}

/// Everything that a future of every customer is drawn from.
struct Crowd {
    /// P(no purchase) of each customer: most draws end here.
    none: Vec<f64>,
    alive: Vec<f64>,
    future: Vec<u32>,
    /// `P(1 ≤ X(t) ≤ n | alive)` for `n` from 1 on, of each distinct future.
    at_most: Vec<Vec<f64>>,
    spend: Option<(GammaGamma, Vec<Spender>)>,
}

/// `q'`, and `γ'` times the margin.
#[derive(Clone, Copy)]
struct Spender {
    q: f64,
    scale: f64,
}

impl Crowd {
    fn new(predictor: &Predictor, summary: &Summary, t: f64, margin: &PerCustomer) -> Self {
        let futures = Futures::new(summary.histories());
        let at_most = futures.map(|history| {
            let counts = predictor.timing.posterior(history).counts(t);
            let sum = |sum: &mut f64, mass: &f64| {
                *sum += mass;
                Some(*sum)
            };
            counts[1..].iter().scan(0.0, sum).collect::<Vec<f64>>()
        });
        let alive: Vec<f64> = summary.histories().map(|history| predictor.timing.p_alive(&history)).collect();
        let future: Vec<u32> = futures.by_customer().map(|future| future as u32).collect();
        let some = |future: u32| at_most[future as usize].last().copied().unwrap_or(0.0);
        let none = alive.iter().zip(&future).map(|(alive, &future)| 1.0 - alive * some(future)).collect();
        let spender = |spend: GammaGamma| {
            let of = |i: usize| {
                let posterior = spend.posterior(summary.frequency[i], summary.monetary_value[i]);
                Spender { q: posterior.q, scale: posterior.gamma * margin.of(i) }
            };
            (spend, (0..summary.len()).map(of).collect())
        };
        Self { none, alive, future, at_most, spend: predictor.spend.map(spender) }
    }

    /// One future of everybody, added up by group.
    fn draw(&self, grouping: &Grouping, rng: &mut impl Rng) -> Sums {
        let mut sums = vec![(0.0, 0.0); grouping.names.len()];
        for (i, &none) in self.none.iter().enumerate() {
            let place: f64 = rng.random();
            if place < none {
                continue;
            }
            let at_most = &self.at_most[self.future[i] as usize];
            let share = (place - none) / self.alive[i];
            let n = (at_most.partition_point(|&mass| mass <= share) + 1).min(at_most.len()) as f64;
            let sum = &mut sums[grouping.of[i] as usize];
            sum.0 += n;
            if let Some((spend, spenders)) = &self.spend {
                let Spender { q, scale } = spenders[i];
                sum.1 += scale * gamma(spend.p * n, rng) / gamma(q, rng);
            }
        }
        sums
    }
}

/// A gamma variate of scale 1; of a shape that no distribution accepts, the mean.
fn gamma(shape: f64, rng: &mut impl Rng) -> f64 {
    Gamma::new(shape, 1.0).map_or(shape, |gamma| rng.sample(gamma))
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
