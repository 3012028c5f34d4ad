//! Scores of recency, frequency and monetary value (RFM).
//!
//! Recency is the number of days from the last purchase to the end of the observation, frequency the number of purchases, *the
//! first included*, and monetary value the *total* net amount of all purchases and returns, not their mean. (Elsewhere in this
//! library frequency and monetary value are those of the repeat purchases, as the models take them.)

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::summary::Summary;

/// How numbers become scores from 1, the least desirable, upwards.
#[derive(Clone, Debug, PartialEq)]
pub enum Scoring {
    /// So many groups of about the same size. Equal numbers are never divided: their score comes from the middle of their ranks.
    Quantiles(u32),
    /// One score more for each of these ascending numbers that is exceeded; of days, for each that is not exceeded.
    Thresholds(Vec<f64>),
}

/// Most groups of quantiles.
const MOST_QUANTILES: u32 = 100;

impl Scoring {
    /// The highest score.
    pub fn highest(&self) -> u32 {
        match self {
            Self::Quantiles(groups) => *groups,
            Self::Thresholds(thresholds) => thresholds.len() as u32 + 1,
        }
    }

    /// # Errors
    /// [`Error::Usage`] unless there are 2 to 100 quantiles, or thresholds that ascend.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Quantiles(groups) if !(2..=MOST_QUANTILES).contains(groups) => Err(Error::Usage(format!(
                "{groups} quantiles make no scores; give 2 to {MOST_QUANTILES}, for instance 5"
            ))),
            Self::Thresholds(thresholds)
                if thresholds.is_empty()
                    || thresholds.iter().any(|threshold| !threshold.is_finite())
                    || thresholds.windows(2).any(|pair| pair[0] >= pair[1]) =>
            {
                Err(Error::Usage(format!(
                    "{thresholds:?} are no thresholds: give numbers that ascend, for instance 30,90,180"
                )))
            }
            _ => Ok(()),
        }
    }

    /// The score of each number, the largest number having the highest.
    ///
    /// Of `n` numbers in `k` quantiles, one with the mid-rank `r` (the mean of the ranks 1 to `n` that its equals take) has the
    /// score `⌊k (r − ½)/n⌋ + 1`.
    pub fn scores(&self, numbers: &[f64]) -> Vec<u32> {
        match self {
            Self::Quantiles(groups) => quantile_scores(numbers, *groups),
            Self::Thresholds(thresholds) => {
                numbers.iter().map(|number| 1 + exceeded(thresholds, |threshold| threshold < *number)).collect()
            }
        }
    }

    /// The same where the smallest number has the highest score.
    pub fn scores_of_days(&self, days: &[f64]) -> Vec<u32> {
        match self {
            Self::Quantiles(groups) => quantile_scores(&days.iter().map(|days| -days).collect::<Vec<_>>(), *groups),
            Self::Thresholds(thresholds) => {
                days.iter().map(|days| 1 + exceeded(thresholds, |threshold| *days <= threshold)).collect()
            }
        }
    }
}

fn exceeded(thresholds: &[f64], holds: impl Fn(f64) -> bool) -> u32 {
    thresholds.iter().filter(|threshold| holds(**threshold)).count() as u32
}

fn quantile_scores(numbers: &[f64], groups: u32) -> Vec<u32> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_unstable_by(|&a, &b| numbers[a].total_cmp(&numbers[b]));
    let mut scores = vec![0; numbers.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&a, &b| numbers[a] == numbers[b]) {
        let after = before + equal.len();
        // r − ½ = (before + after)/2
        let score = u64::from(groups) * (before + after) as u64 / (2 * numbers.len() as u64) + 1;
        equal.iter().for_each(|&row| scores[row] = score as u32);
        before = after;
    }
    scores
}

/// How the three become scores, and the weights of each in the combined one.
#[derive(Clone, Debug, PartialEq)]
pub struct RfmScoring {
    /// Of the days since the last purchase.
    pub recency: Scoring,
    /// Of the number of purchases.
    pub frequency: Scoring,
    /// Of the total net amount.
    pub monetary: Scoring,
    /// Weights of recency, frequency and monetary value.
    pub weights: [f64; 3],
}

impl RfmScoring {
    /// # Errors
    /// [`Error::Usage`] if a scoring is none, or the weights are not numbers from 0 upwards with a positive sum.
    pub fn check(&self) -> Result<()> {
        [&self.recency, &self.frequency, &self.monetary].into_iter().try_for_each(Scoring::check)?;
        let weights = self.weights;
        let total: f64 = weights.iter().sum();
        if weights.iter().all(|&weight| weight >= 0.0) && total > 0.0 && total.is_finite() {
            return Ok(());
        }
        Err(Error::Usage(format!("{weights:?} are no weights: give three numbers from 0 upwards, like 2,1,1")))
    }
}

impl Default for RfmScoring {
    /// Quintiles, equally weighted.
    fn default() -> Self {
        let quintiles = Scoring::Quantiles(5);
        Self { recency: quintiles.clone(), frequency: quintiles.clone(), monetary: quintiles, weights: [1.0; 3] }
    }
}

/// The scores of every customer, in the order of the summary.
#[derive(Clone, Debug, PartialEq)]
pub struct Rfm {
    /// Days from the last purchase to the end of the observation.
    pub days_since_last: Vec<f64>,
    /// Number of purchases, the first included.
    pub purchases: Vec<u32>,
    /// Score of the days since the last purchase, the fewest the highest.
    pub recency: Vec<u32>,
    /// Score of the number of purchases.
    pub frequency: Vec<u32>,
    /// Score of the total net amount, where the summary knows it.
    pub monetary: Option<Vec<u32>>,
    /// Weighted mean of the scores.
    pub combined: Vec<f64>,
    /// Highest scores of recency and frequency.
    pub highest: [u32; 2],
}

impl Rfm {
    /// Scores every customer of a summary.
    ///
    /// # Errors
    /// Those of [`RfmScoring::check`].
    pub fn new(summary: &Summary, scoring: &RfmScoring) -> Result<Self> {
        scoring.check()?;
        let weights = scoring.weights;
        let days_since_last = days_since_last(summary);
        let purchases: Vec<u32> = summary.frequency.iter().map(|repeats| repeats.saturating_add(1)).collect();
        let counts: Vec<f64> = purchases.iter().map(|&purchases| f64::from(purchases)).collect();
        let recency = scoring.recency.scores_of_days(&days_since_last);
        let frequency = scoring.frequency.scores(&counts);
        let monetary = summary.purchases.as_ref().map(|columns| scoring.monetary.scores(&columns.total));
        let combined = (0..summary.len()).map(|row| {
            let scores = [Some(recency[row]), Some(frequency[row]), monetary.as_ref().map(|monetary| monetary[row])];
            weighted_mean(scores, weights)
        });
        let combined = combined.collect();
        let highest = [scoring.recency.highest(), scoring.frequency.highest()];
        Ok(Self { days_since_last, purchases, recency, frequency, monetary, combined, highest })
    }

    /// Every pair of a recency and a frequency score, with its customers; the highest recency first, the lowest frequency first.
    pub fn cells(&self, summary: &Summary) -> Vec<RfmCell> {
        let mut cells: BTreeMap<(u32, u32), (u64, f64)> = BTreeMap::new();
        let total = |row: usize| summary.purchases.as_ref().map_or(0.0, |columns| columns.total[row]);
        for row in 0..summary.len() {
            let cell = cells.entry((self.recency[row], self.frequency[row])).or_default();
            *cell = (cell.0 + 1, cell.1 + total(row));
        }
        let pairs = (1..=self.highest[0]).rev().flat_map(|r| (1..=self.highest[1]).map(move |f| (r, f)));
        let cell = |(recency, frequency)| {
            let (customers, value) = cells.get(&(recency, frequency)).copied().unwrap_or_default();
            let value = summary.purchases.is_some().then_some(value);
            let mean_monetary = value.filter(|_| customers > 0).map(|value| value / customers as f64);
            RfmCell { recency, frequency, customers, value, mean_monetary }
        };
        pairs.map(cell).collect()
    }
}

/// The customers with one recency and one frequency score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RfmCell {
    /// Recency score.
    pub recency: u32,
    /// Frequency score.
    pub frequency: u32,
    /// How many.
    pub customers: u64,
    /// Their total net amount, where it is known.
    pub value: Option<f64>,
    /// The mean of it over customers, where there are any.
    pub mean_monetary: Option<f64>,
}

/// Of those that are known.
fn weighted_mean(scores: [Option<u32>; 3], weights: [f64; 3]) -> f64 {
    let known = || scores.iter().zip(weights).filter_map(|(score, weight)| Some((f64::from((*score)?), weight)));
    let (sum, total) = known().fold((0.0, 0.0), |(sum, total), (score, weight)| (sum + weight * score, total + weight));
    // Where all the weight is on what is not known, the known scores count alike.
    if total > 0.0 { sum / total } else { known().map(|(score, _)| score).sum::<f64>() / known().count() as f64 }
}

fn days_since_last(summary: &Summary) -> Vec<f64> {
    let observation = &summary.observation;
    match &summary.purchases {
        Some(columns) => {
            columns.last_purchase.iter().map(|last| f64::from(observation.end.days_since(*last))).collect()
        }
        None => {
            let days = observation.unit.days();
            summary.T.iter().zip(&summary.recency).map(|(age, last)| ((age - last) * days).round()).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::summary::{Day, Grain, History, Observation, TimeUnit};

    #[test]
    fn quintiles_are_those_counted_by_hand() {
        let quintiles = Scoring::Quantiles(5);
        assert_eq!(quintiles.scores(&[10.0, 50.0, 30.0, 20.0, 40.0]), [1, 5, 3, 2, 4]);
        assert_eq!(quintiles.scores_of_days(&[10.0, 50.0, 30.0, 20.0, 40.0]), [5, 1, 3, 4, 2]);
        // Six of ten are equal: ranks 1 to 6, mid-rank 3.5, 5 (3.5 - 0.5)/10 = 1.5.
        let tied = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(quintiles.scores(&tied), [2, 2, 2, 2, 2, 2, 4, 4, 5, 5]);
        assert_eq!(quintiles.scores(&[7.0; 4]), [3; 4]);
        assert_eq!(quintiles.scores(&[]), [0; 0]);
    }

    #[test]
    fn thresholds_belong_to_the_better_side_of_days_alone() {
        let days = Scoring::Thresholds(vec![30.0, 90.0, 180.0]);
        assert_eq!(days.scores_of_days(&[0.0, 30.0, 31.0, 180.0, 181.0]), [4, 4, 3, 2, 1]);
        let over = Scoring::Thresholds(vec![1.0, 3.0, 6.0]);
        assert_eq!(over.scores(&[1.0, 2.0, 3.0, 6.0, 7.0]), [1, 2, 2, 3, 4]);
        for wrong in [vec![], vec![2.0, 1.0], vec![1.0, 1.0], vec![f64::NAN]] {
            assert!(Scoring::Thresholds(wrong).check().is_err());
        }
        assert!(Scoring::Quantiles(1).check().is_err());
    }

    #[test]
    fn without_totals_two_scores_remain() {
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(1000) };
        let history = |frequency, t_x| (History { frequency, t_x, T: 10.0 }, 5.0);
        let summary = Summary::from_histories([history(0, 0.0), history(3, 9.0)], observation);
        let scoring = RfmScoring { weights: [2.0, 1.0, 1.0], ..RfmScoring::default() };
        let rfm = Rfm::new(&summary, &scoring).unwrap();
        assert_eq!(rfm.days_since_last, [70.0, 7.0]);
        assert_eq!((&*rfm.purchases, &*rfm.recency, &*rfm.frequency), (&[1, 4][..], &[2, 4][..], &[2, 4][..]));
        assert_eq!((rfm.monetary.as_ref(), &*rfm.combined), (None, &[2.0, 4.0][..]));
        let cells = rfm.cells(&summary);
        assert_eq!((cells.len(), cells.iter().map(|cell| cell.customers).sum::<u64>()), (25, 2));
        assert!(Rfm::new(&summary, &RfmScoring { weights: [0.0; 3], ..RfmScoring::default() }).is_err());
        let only_money = RfmScoring { weights: [0.0, 0.0, 1.0], ..RfmScoring::default() };
        assert_eq!(Rfm::new(&summary, &only_money).unwrap().combined, [2.0, 4.0]);
    }

    proptest! {
        /// More is never worse, equals are equal, and every score is one.
        #[test]
        fn scores_are_monotone(numbers in prop::collection::vec(-9i32..9, 1..60), groups in 2u32..12) {
            let numbers: Vec<f64> = numbers.into_iter().map(f64::from).collect();
            let scores = Scoring::Quantiles(groups).scores(&numbers);
            for (a, score) in numbers.iter().zip(&scores) {
                prop_assert!((1..=groups).contains(score));
                for (b, other) in numbers.iter().zip(&scores) {
                    prop_assert!(a > b || score <= other);
                }
            }
        }
    }
}
