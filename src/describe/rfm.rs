//! Scores of recency, frequency and monetary value (RFM).
//!
//! Recency is the number of days from the last purchase to the end of the observation, frequency the number of
//! purchases, *the first included*, and monetary value the *total* net amount of all purchases and returns, not their
//! mean. (Elsewhere in this library frequency and monetary value are those of the repeat purchases, as the models take
//! them.)

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::scoring::Scoring;
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::summary::Summary;

/// How customers are scored, as users say it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RfmOptions {
    /// Number of quantiles, unless there are thresholds.
    pub rfm: u32,
    /// Thresholds of the days since the last purchase.
    pub recency_days: Vec<f64>,
    /// Thresholds of the number of purchases, the first included.
    pub frequency_over: Vec<f64>,
    /// Thresholds of the total net amount.
    pub monetary_over: Vec<f64>,
    /// Weights of recency, frequency and monetary score in their mean.
    pub rfm_weights: Vec<f64>,
}

impl Default for RfmOptions {
    /// Quintiles, equally weighted.
    fn default() -> Self {
        let thresholds = Vec::new;
        Self {
            rfm: 5,
            recency_days: thresholds(),
            frequency_over: thresholds(),
            monetary_over: thresholds(),
            rfm_weights: vec![1.0; 3],
        }
    }
}

impl RfmOptions {
    /// The scoring that they ask for.
    ///
    /// # Errors
    /// [`Error::usage`] if there are not three weights; those of [`RfmScoring::check`].
    pub fn scoring(&self) -> Result<RfmScoring> {
        let quantiles_or = |thresholds: &[f64]| match thresholds {
            [] => Scoring::Quantiles(self.rfm),
            _ => Scoring::Thresholds(thresholds.to_vec()),
        };
        let weights = <[f64; 3]>::try_from(&*self.rfm_weights)
            .map_err(|_| Error::usage(say![opt("rfm_weights"), " takes three numbers, like 2,1,1"]))?;
        let scoring = RfmScoring {
            recency: quantiles_or(&self.recency_days),
            frequency: quantiles_or(&self.frequency_over),
            monetary: quantiles_or(&self.monetary_over),
            weights,
        };
        scoring.check().map(|()| scoring)
    }
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
    /// [`Error::usage`] if a scoring is none, or the weights are not numbers from 0 upwards with a positive sum.
    pub fn check(&self) -> Result<()> {
        [&self.recency, &self.frequency, &self.monetary].into_iter().try_for_each(Scoring::check)?;
        let weights = self.weights;
        let total: f64 = weights.iter().sum();
        if weights.iter().all(|&weight| weight >= 0.0) && total > 0.0 && total.is_finite() {
            return Ok(());
        }
        Err(Error::usage(format!("{weights:?} are no weights: give three numbers from 0 upwards, like 2,1,1")))
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
#[non_exhaustive]
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
        let monetary = summary.totals().map(|totals| scoring.monetary.scores(totals));
        let combined = (0..summary.len()).map(|row| {
            let scores = [Some(recency[row]), Some(frequency[row]), monetary.as_ref().map(|monetary| monetary[row])];
            weighted_mean(scores, weights)
        });
        let combined = combined.collect();
        let highest = [scoring.recency.highest(), scoring.frequency.highest()];
        Ok(Self { days_since_last, purchases, recency, frequency, monetary, combined, highest })
    }

    /// Every pair of a recency and a frequency score, with its customers; the highest recency first, the lowest
    /// frequency first.
    pub fn cells(&self, summary: &Summary) -> Vec<RfmCell> {
        let mut cells: BTreeMap<(u32, u32), (u64, f64)> = BTreeMap::new();
        let totals = summary.totals();
        let total = |row: usize| totals.map_or(0.0, |totals| totals[row]);
        for row in 0..summary.len() {
            let cell = cells.entry((self.recency[row], self.frequency[row])).or_default();
            *cell = (cell.0 + 1, cell.1 + total(row));
        }
        let pairs = (1..=self.highest[0]).rev().flat_map(|r| (1..=self.highest[1]).map(move |f| (r, f)));
        let cell = |(recency, frequency)| {
            let (customers, value) = cells.get(&(recency, frequency)).copied().unwrap_or_default();
            let value = totals.is_some().then_some(value);
            let mean_monetary = value.filter(|_| customers > 0).map(|value| value / customers as f64);
            RfmCell { recency, frequency, customers, value, mean_monetary }
        };
        pairs.map(cell).collect()
    }
}

/// The customers with one recency and one frequency score.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
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
    use super::*;
    use crate::summary::{Day, Grain, History, Observation, TimeUnit};

    #[test]
    fn without_totals_two_scores_remain() {
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(1000) };
        let history = |frequency, t_x| (History::new(frequency, t_x, 10.0), 5.0);
        let summary = Summary::from_histories([history(0, 0.0), history(3, 9.0)], observation);
        let scoring = RfmScoring { weights: [2.0, 1.0, 1.0], ..RfmScoring::default() };
        let rfm = Rfm::new(&summary, &scoring).unwrap();
        assert_eq!(rfm.days_since_last, [70.0, 7.0]);
        assert_eq!((&*rfm.purchases, &*rfm.recency, &*rfm.frequency), (&[1, 4][..], &[1, 5][..], &[1, 5][..]));
        assert_eq!((rfm.monetary.as_ref(), &*rfm.combined), (None, &[1.0, 5.0][..]));
        let cells = rfm.cells(&summary);
        assert_eq!((cells.len(), cells.iter().map(|cell| cell.customers).sum::<u64>()), (25, 2));
        assert!(Rfm::new(&summary, &RfmScoring { weights: [0.0; 3], ..RfmScoring::default() }).is_err());
        let only_money = RfmScoring { weights: [0.0, 0.0, 1.0], ..RfmScoring::default() };
        assert_eq!(Rfm::new(&summary, &only_money).unwrap().combined, [1.0, 5.0]);
    }
}
