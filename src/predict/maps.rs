//! What a model says of histories that nobody may have: maps over recency and frequency.

use rustc_hash::FxHashMap;

use super::futures::until;
use super::{DiscountRate, Horizon, Predictor};
use crate::error::Result;
use crate::models::{FutureKey, Timing};
use crate::summary::{History, Observation, Summary};

/// Histories of customers of one age, by frequency and by bins of recency.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HistoryGrid {
    /// Largest number of repeat purchases; the smallest is 1, since without one there is no recency.
    pub most: u32,
    /// Edges of the bins of recency, from 0 to the age.
    pub recency: Vec<f64>,
    /// Age of all of them.
    pub T: f64,
}

/// A history of the grid, in the middle of its bin.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct GridCell {
    /// Edges of its bin.
    pub recency: (f64, f64),
    /// The history.
    pub history: History,
}

/// A point of a curve on which all histories are worth the same.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct IsoPoint {
    /// What they are worth.
    pub level: f64,
    /// Repeat purchases.
    pub frequency: u32,
    /// Age at the last of them.
    pub recency: f64,
}

/// Bins of recency.
const BINS: u32 = 24;

/// Numbers of purchases that are shown, at least and at most.
const FREQUENCIES: (u32, u32) = (6, 30);

impl HistoryGrid {
    /// Up to the age of the oldest customer, and up to a frequency that few exceed.
    pub fn of(summary: &Summary) -> Self {
        let T = summary.T.iter().copied().fold(0.0, f64::max);
        let mut repeats: Vec<u32> = summary.frequency.iter().copied().filter(|&x| x > 0).collect();
        repeats.sort_unstable();
        let few = repeats.get(repeats.len() * 98 / 100).copied().unwrap_or(0);
        let width = match summary.observation.counts_periods() {
            true => (T / f64::from(BINS)).ceil().max(1.0),
            false => T / f64::from(BINS),
        };
        let bins = if width > 0.0 { (T / width).round().max(1.0) as u32 } else { 0 };
        let recency = (0..=bins).map(|bin| (f64::from(bin) * width).min(T)).collect();
        Self { most: few.clamp(FREQUENCIES.0, FREQUENCIES.1), recency, T }
    }

    /// The cells that can be histories of this model, by frequency and then recency.
    fn cells(&self, predictor: &Predictor, observation: &Observation) -> Vec<GridCell> {
        let cell = |frequency: u32, edges: &[f64]| {
            let middle = 0.5 * (edges[0] + edges[1]);
            let t_x = if observation.counts_periods() { edges[1] } else { middle };
            let T = if observation.counts_periods() { self.T.round() } else { self.T };
            GridCell { recency: (edges[0], edges[1]), history: History::new(frequency, t_x.min(T), T) }
        };
        let cells = (1..=self.most).flat_map(|x| self.recency.windows(2).map(move |edges| cell(x, edges)));
        cells.filter(|cell| predictor.timing.check_history(&cell.history).is_ok()).collect()
    }

    /// P(alive) of each cell.
    pub fn p_alive(&self, predictor: &Predictor, observation: &Observation) -> Vec<(GridCell, f64)> {
        let cells = self.cells(predictor, observation).into_iter();
        cells.map(|cell| (cell, predictor.timing.p_alive(&cell.history))).collect()
    }

    /// Expected purchases of each cell over a horizon.
    ///
    /// # Errors
    /// [`Error::usage`](crate::error::Error::usage) if the horizon does not lie in the future.
    pub fn purchases(
        &self,
        predictor: &Predictor,
        observation: &Observation,
        horizon: &Horizon,
    ) -> Result<Vec<(GridCell, f64)>> {
        let t = horizon.length(observation)?;
        let cells = self.cells(predictor, observation).into_iter();
        Ok(cells.map(|cell| (cell, predictor.purchases(&cell.history, t, 0.0).purchases)).collect())
    }

    /// Curves on which histories of this age are worth the same over a horizon, where the repeat purchases were worth
    /// `monetary_value` in the mean, of which this margin is earned; purchases count where there is no spend model. Fader, Hardie & Lee (2005), RFM and CLV. Nothing for models
    /// of opportunities, whose recency is a whole number.
    ///
    /// Given its frequency, the value of a customer rises with recency, through P(alive) first, so each curve has one recency for
    /// each frequency, found by bisection.
    ///
    /// # Errors
    /// [`Error::usage`](crate::error::Error::usage) if the horizon does not lie in the future, or is infinite without a discount.
    pub fn iso_values(
        &self,
        predictor: &Predictor,
        observation: &Observation,
        horizon: &Horizon,
        discount: &DiscountRate,
        monetary_value: f64,
        margin: f64,
    ) -> Result<Vec<IsoPoint>> {
        if predictor.timing.is_discrete() {
            return Ok(Vec::new());
        }
        let (t, delta) = (horizon.length(observation)?, discount.continuous(observation.unit));
        let mut curves = Vec::new();
        for x in 1..=self.most {
            let spend = predictor.spend.map(|spend| spend.expected_spend(x, monetary_value)).transpose()?;
            curves.push((x, spend.map_or(1.0, |spend| margin * spend)));
        }
        let mut ahead: FxHashMap<FutureKey, f64> = FxHashMap::default();
        let mut worth = |x: u32, spend: f64, t_x: f64| {
            let history = History::new(x, t_x, self.T);
            let future = || until(&predictor.timing.future(&history), t, delta).1;
            let given_alive = *ahead.entry(predictor.timing.future_key(&history)).or_insert_with(future);
            spend * given_alive * predictor.timing.p_alive(&history)
        };
        let best = curves.iter().map(|&(x, spend)| worth(x, spend, self.T)).fold(0.0, f64::max);
        let mut points = Vec::new();
        for level in round_levels(best) {
            for &(x, spend) in &curves {
                let recency = recency_with(level, self.T, |t_x| worth(x, spend, t_x));
                points.extend(recency.map(|recency| IsoPoint { level, frequency: x, recency }));
            }
        }
        Ok(points)
    }
}

/// The recency at which a customer is worth so much; none if it always is more, or never so much.
fn recency_with(level: f64, T: f64, mut worth: impl FnMut(f64) -> f64) -> Option<f64> {
    let (mut low, mut high) = (0.0, T);
    // Not so at either end, also if it is not a number.
    if !(worth(low) < level && worth(high) >= level) {
        return None;
    }
    while high - low > 1e-6 * T {
        let middle = 0.5 * (low + high);
        if worth(middle) < level { low = middle } else { high = middle }
    }
    Some(high)
}

/// Round numbers below the largest, each about twice the one before.
fn round_levels(best: f64) -> Vec<f64> {
    const LEVELS: usize = 6;
    if !(best.is_finite() && best > 0.0) {
        return Vec::new();
    }
    let top = best.log10().floor() as i32;
    let rounds = (top - 3..=top).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(power)));
    let mut levels: Vec<f64> = rounds.filter(|level| *level < best).collect();
    levels.drain(..levels.len().saturating_sub(LEVELS));
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{BgNbd, GammaGamma, TimingModel};
    use crate::summary::{Day, Grain, TimeUnit};

    #[test]
    fn histories_on_a_curve_are_worth_the_same() {
        let timing = TimingModel::BgNbd(BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 });
        let spend = GammaGamma { p: 6.25, q: 3.74, gamma: 15.44 };
        let predictor = Predictor {
            timing,
            spend: Some(spend),
            unit: TimeUnit::Week,
            grain: Grain::Day,
            currency: None,
            effects: None,
        };
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(10_000) };
        let grid = HistoryGrid { most: 12, recency: vec![0.0, 20.0, 38.0], T: 38.0 };
        let horizon: Horizon = "39w".parse().unwrap();
        let points = grid.iso_values(&predictor, &observation, &horizon, &DiscountRate::default(), 35.0, 0.5).unwrap();
        assert!(points.len() > 20);
        for IsoPoint { level, frequency, recency } in points {
            let history = History::new(frequency, recency, 38.0);
            let value = predictor.purchases(&history, 39.0, 0.0).purchases
                * 0.5
                * spend.expected_spend(frequency, 35.0).unwrap();
            assert!((value / level - 1.0).abs() < 1e-4, "{value} at {level}");
        }
        let map = grid.p_alive(&predictor, &observation);
        assert_eq!(map.len(), 24);
        assert!(map.iter().all(|(cell, alive)| *alive == timing.p_alive(&cell.history)));
    }

    #[test]
    fn levels_are_round() {
        assert_eq!(round_levels(730.0), [10.0, 20.0, 50.0, 100.0, 200.0, 500.0]);
        assert!(round_levels(0.0).is_empty());
        assert!(round_levels(f64::NAN).is_empty());
    }
}
