//! Whether the model's uncertainty is honest: the probability it gave to what came, and how often its intervals held.

use rand::seq::index::sample;

use super::experiment::Experiment;
use crate::error::Result;
use crate::predict::{CountDistribution, Customers, Horizon, Modelled, PerCustomer, ValueQuestions};
use crate::random::generator;

/// How distributions, and not only expectations, compare with what came.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Predictive {
    /// Mean of `ln P(purchases that came)` over customers; the larger the better.
    pub log_score: f64,
    /// Log score of a forecaster who knows the histogram of the holdout, but nothing of single customers: `Σ f ln f`.
    pub pooled_log_score: f64,
    /// Intervals of each customer's purchases.
    pub purchases: Vec<Coverage>,
    /// Intervals of each customer's value, of so many customers drawn by lot; none without a spend model.
    pub value: Option<(usize, Vec<Coverage>)>,
}

/// How often intervals held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// What was asked: the interval leaves out at most half of the rest on each side.
    pub share: f64,
    /// What the intervals hold by the model, more than was asked where a single number is likely.
    pub expected: f64,
    /// Share of the customers for whom they held.
    pub covered: f64,
}

/// Customers whose intervals of value are looked at: they show a coverage of 80% to within 0.6 points, one standard error.
const MOST_VALUED: usize = 4000;

/// The least probability that is told apart from an impossibility.
const IMPOSSIBLE: f64 = 1e-300;

/// What came, under the distributions of a model, with intervals of these shares.
pub(super) fn predictive(
    customers: &Customers<'_, Modelled<'_>>,
    experiment: &Experiment,
    shares: &[f64],
    seed: u64,
) -> Result<Predictive> {
    let horizon = Horizon::until(experiment.until);
    let came = &experiment.holdout.purchases;
    let answer = |row: usize, counts: &CountDistribution<'_>| {
        let logarithm = counts.probability(came[row]).max(IMPOSSIBLE).ln();
        let intervals = shares.iter().map(|share| interval(counts, *share, came[row])).collect::<Vec<(f64, bool)>>();
        (logarithm, intervals)
    };
    let answers = customers.count_distributions(&horizon, answer)?;
    let count = answers.len() as f64;
    let coverage = |(i, share): (usize, &f64)| Coverage {
        share: *share,
        expected: answers.iter().map(|(_, intervals)| intervals[i].0).sum::<f64>() / count,
        covered: answers.iter().filter(|(_, intervals)| intervals[i].1).count() as f64 / count,
    };
    Ok(Predictive {
        log_score: answers.iter().map(|(logarithm, _)| logarithm).sum::<f64>() / count,
        pooled_log_score: pooled_log_score(came),
        purchases: shares.iter().enumerate().map(coverage).collect(),
        value: customers.knows_spend().then(|| values(customers, experiment, shares, seed)).transpose()?,
    })
}

/// The probability of the interval of this share, and whether it holds what came.
fn interval(counts: &CountDistribution<'_>, share: f64, came: u32) -> (f64, bool) {
    let (low, up_to_low) = counts.quantile(0.5 - 0.5 * share);
    let (high, up_to_high) = counts.quantile(0.5 + 0.5 * share);
    // Of large numbers the chance of a single one is nothing beside that of the interval.
    let at_low = if low <= f64::from(u32::MAX) { counts.probability(low as u32) } else { 0.0 };
    (up_to_high - up_to_low + at_low, (low..=high).contains(&f64::from(came)))
}

fn pooled_log_score(came: &[u32]) -> f64 {
    let mut sorted = came.to_vec();
    sorted.sort_unstable();
    let customers = sorted.len() as f64;
    let shares = sorted.chunk_by(|a, b| a == b).map(|equal| equal.len() as f64 / customers);
    shares.map(|share| share * share.ln()).sum()
}

/// The intervals of value of some customers, and how many of them held.
fn values(
    customers: &Customers<'_, Modelled<'_>>,
    experiment: &Experiment,
    shares: &[f64],
    seed: u64,
) -> Result<(usize, Vec<Coverage>)> {
    let all = experiment.summary.len();
    let mut rows = sample(&mut generator(seed, "coverage", 0), all, all.min(MOST_VALUED)).into_vec();
    rows.sort_unstable();
    let horizon = Horizon::until(experiment.until);
    let questions = ValueQuestions { intervals: shares.to_vec(), over: vec![0.0] };
    let answers = customers.some(&rows).values(&horizon, &PerCustomer::All(1.0), &[], &questions)?;
    let count = rows.len() as f64;
    let coverage = |(share, (low, high)): (&f64, &(Vec<f64>, Vec<f64>))| {
        let probability = |i: usize| match (low[i], high[i]) {
            // Both ends at nothing: the point mass.
            (_, 0.0) => 1.0 - answers.over[0][i],
            (0.0, _) => 0.5 + 0.5 * share,
            _ => *share,
        };
        let held = |i: &usize| {
            let came = experiment.holdout.value[rows[*i]];
            // More came back than was spent: nothing was earned.
            (low[*i]..=high[*i]).contains(&came.max(0.0))
        };
        let all = 0..rows.len();
        Coverage {
            share: *share,
            expected: all.clone().map(probability).sum::<f64>() / count,
            covered: all.filter(held).count() as f64 / count,
        }
    };
    Ok((rows.len(), shares.iter().zip(&answers.intervals).map(coverage).collect()))
}
