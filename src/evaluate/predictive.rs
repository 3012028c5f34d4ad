//! Whether the model's uncertainty is honest: the probability it gave to what came, and how often its intervals held.

use rand::seq::index::sample;

use super::experiment::Experiment;
use super::widths::{Widths, widened_count, widened_value};
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
    /// The same of intervals as wide as earlier days teach; none if they teach nothing.
    pub widened: Option<f64>,
}

/// Customers whose intervals of value are looked at: they show a coverage of 80% to within 0.6 points, one standard error.
const MOST_VALUED: usize = 4000;

/// The least probability that is told apart from an impossibility.
const IMPOSSIBLE: f64 = 1e-300;

/// What came, under the distributions of a model, with intervals of these shares; and the median number of purchases of every customer.
pub(super) fn predictive(
    customers: &Customers<'_, Modelled<'_>>,
    experiment: &Experiment,
    (expected, expected_value): (&[f64], Option<&[f64]>),
    learned: Option<Widths>,
    (shares, seed): (&[f64], u64),
) -> Result<(Predictive, Vec<f64>)> {
    let (width, is_learned) = (learned.unwrap_or_default(), learned.is_some());
    let horizon = Horizon::until(experiment.until);
    let came = &experiment.holdout.purchases;
    let answer = |row: usize, counts: &CountDistribution<'_>| {
        let logarithm = counts.probability(came[row]).max(IMPOSSIBLE).ln();
        let held = |share: &f64| {
            let (probability, low, high) = counts.interval(*share);
            let came = f64::from(came[row]);
            let (from, to) = widened_count((low, high), expected[row], width.purchases);
            [probability, f64::from((low..=high).contains(&came)), f64::from((from..=to).contains(&came))]
        };
        (logarithm, shares.iter().map(held).collect::<Vec<[f64; 3]>>(), counts.quantile(0.5).0)
    };
    let answers = customers.count_distributions(&horizon, answer)?;
    let count = answers.len() as f64;
    let coverage = |(i, share): (usize, &f64)| {
        let mean = |of: usize| answers.iter().map(|(_, intervals, _)| intervals[i][of]).sum::<f64>() / count;
        Coverage { share: *share, expected: mean(0), covered: mean(1), widened: is_learned.then(|| mean(2)) }
    };
    let predictive = Predictive {
        log_score: answers.iter().map(|(logarithm, ..)| logarithm).sum::<f64>() / count,
        pooled_log_score: pooled_log_score(came),
        purchases: shares.iter().enumerate().map(coverage).collect(),
        value: expected_value
            .map(|expected| {
                values(customers, experiment, expected, learned.and_then(|widths| widths.value), (shares, seed))
            })
            .transpose()?,
    };
    Ok((predictive, answers.into_iter().map(|(.., median)| median).collect()))
}

fn pooled_log_score(came: &[u32]) -> f64 {
    let mut sorted = came.to_vec();
    sorted.sort_unstable();
    let customers = sorted.len() as f64;
    let shares = sorted.chunk_by(|a, b| a == b).map(|equal| equal.len() as f64 / customers);
    shares.map(|share| share * share.ln()).sum()
}

/// Rows of the customers whose intervals of value are looked at, drawn by lot.
pub(super) fn some_rows(all: usize, seed: u64) -> Vec<usize> {
    let mut rows = sample(&mut generator(seed, "coverage", 0), all, all.min(MOST_VALUED)).into_vec();
    rows.sort_unstable();
    rows
}

/// The intervals of value of some customers, and how many of them held.
fn values(
    customers: &Customers<'_, Modelled<'_>>,
    experiment: &Experiment,
    expected: &[f64],
    width: Option<f64>,
    (shares, seed): (&[f64], u64),
) -> Result<(usize, Vec<Coverage>)> {
    let all = experiment.summary.len();
    let rows = some_rows(all, seed);
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
        let held_by = |width: f64| {
            let held = |i: &usize| {
                let (low, high) = widened_value((low[*i], high[*i]), expected[rows[*i]], width);
                // More came back than was spent: nothing was earned.
                (low..=high).contains(&experiment.holdout.value[rows[*i]].max(0.0))
            };
            (0..rows.len()).filter(held).count() as f64 / count
        };
        Coverage {
            share: *share,
            expected: (0..rows.len()).map(probability).sum::<f64>() / count,
            covered: held_by(1.0),
            widened: width.map(held_by),
        }
    };
    Ok((rows.len(), shares.iter().zip(&answers.intervals).map(coverage).collect()))
}
