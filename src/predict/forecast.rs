//! Every customer's future, for any model of the family.

use std::collections::HashMap;

use super::{DiscountRate, Horizon, discounted_expected_purchases};
use crate::error::{Error, Result};
use crate::models::{GammaGamma, Timing, TimingModel};
use crate::summary::{Day, Grain, History, Summary, TimeUnit};

/// What turns purchases into value.
#[derive(Clone, Copy, Debug)]
pub struct Valuation {
    /// Share of the spend that is earned.
    pub margin: f64,
    /// Annual rate.
    pub discount: DiscountRate,
}

impl Default for Valuation {
    /// All of the spend, undiscounted.
    fn default() -> Self {
        Self { margin: 1.0, discount: DiscountRate::default() }
    }
}

/// Expected future of one customer over one horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CustomerForecast {
    /// `E[Y(t) | history]`: expected purchases, `P(alive) · E[X(t)]` of a new customer with the posterior parameters.
    pub purchases: f64,
    /// The same, each purchase discounted to the end of the observation.
    pub discounted: f64,
}

/// A customer's answers that depend on the horizon, by column.
#[derive(Clone, Debug, PartialEq)]
pub struct HorizonColumns {
    /// Column names end in this.
    pub label: String,
    /// Last day.
    pub end: Day,
    /// Length in the model's time unit.
    pub length: f64,
    /// Expected purchases.
    pub purchases: Vec<f64>,
    /// Expected discounted margin; present if there is a spend model.
    pub clv: Option<Vec<f64>>,
}

/// The answers for every row of a summary, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// P(alive) at the end of the observation.
    pub p_alive: Vec<f64>,
    /// Expected mean value of future purchases; present if there is a spend model.
    pub expected_spend: Option<Vec<f64>>,
    /// One entry a horizon.
    pub horizons: Vec<HorizonColumns>,
}

/// A timing model, with or without a spend model, ready to answer.
#[derive(Clone, Copy, Debug)]
pub struct Predictor {
    /// When customers purchase.
    pub timing: TimingModel,
    /// What their purchases are worth.
    pub spend: Option<GammaGamma>,
    /// Time unit of the timing model.
    pub unit: TimeUnit,
    /// Grain of the purchases it was fitted to.
    pub grain: Grain,
}

impl Predictor {
    /// Expected purchases of a customer with this history over the next `t` time units, discounted at `delta` a unit.
    pub fn purchases(&self, history: &History, t: f64, delta: f64) -> CustomerForecast {
        let alive = self.timing.p_alive(history);
        let future = self.timing.posterior(history);
        let purchases = alive * future.expected_purchases(t);
        let discounted = if delta == 0.0 {
            purchases
        } else {
            let scale = future.time_scale();
            alive * discounted_expected_purchases(|s| future.expected_purchases(s), t, delta, scale)
        };
        CustomerForecast { purchases, discounted }
    }

    /// Answers every row of the summary; equal histories are answered once.
    ///
    /// # Errors
    /// [`Error::TimeUnit`] or [`Error::Grain`] if the summary was made in other units than the model,
    /// [`Error::Usage`] if a horizon does not lie in the future, [`Error::InfiniteMean`] if the spend model has no mean.
    pub fn forecast(&self, summary: &Summary, horizons: &[Horizon], valuation: &Valuation) -> Result<Forecast> {
        let observation = &summary.observation;
        if observation.unit != self.unit {
            return Err(Error::TimeUnit { model: self.unit.name(), data: observation.unit.name() });
        }
        if observation.grain != self.grain {
            return Err(Error::Grain { this: self.grain, other: observation.grain });
        }
        let (distinct, row_to_distinct) = distinct_histories(summary);
        let by_row = |answers: &[f64]| row_to_distinct.iter().map(|&i| answers[i]).collect::<Vec<f64>>();
        let alive: Vec<f64> = distinct.iter().map(|history| self.timing.p_alive(history)).collect();
        let expected_spend = self.spend.map(|spend| expected_spend(&spend, summary)).transpose()?;
        let delta = valuation.discount.continuous(self.unit);

        let columns = |horizon: &Horizon| {
            let length = horizon.length(observation)?;
            let answers: Vec<CustomerForecast> =
                distinct.iter().map(|history| self.purchases(history, length, delta)).collect();
            let purchases: Vec<f64> = answers.iter().map(|answer| answer.purchases).collect();
            let clv = expected_spend.as_ref().map(|spend| {
                let discounted = row_to_distinct.iter().map(|&i| answers[i].discounted);
                discounted.zip(spend).map(|(discounted, spend)| valuation.margin * spend * discounted).collect()
            });
            let end = horizon.end(observation.end);
            Ok(HorizonColumns { label: horizon.label().to_owned(), end, length, purchases: by_row(&purchases), clv })
        };
        let horizons = horizons.iter().map(columns).collect::<Result<Vec<_>>>()?;
        Ok(Forecast { p_alive: by_row(&alive), horizons, expected_spend })
    }
}

/// `E[M | x, m_x]` for every row.
fn expected_spend(spend: &GammaGamma, summary: &Summary) -> Result<Vec<f64>> {
    let rows = summary.frequency.iter().zip(&summary.monetary_value);
    rows.map(|(&x, &m)| spend.expected_spend(x, m)).collect()
}

/// The distinct histories, and which of them each row has.
fn distinct_histories(summary: &Summary) -> (Vec<History>, Vec<usize>) {
    let mut known = HashMap::new();
    let mut distinct = Vec::new();
    let rows = summary
        .histories()
        .map(|history| {
            *known.entry(history.key()).or_insert_with(|| {
                distinct.push(history);
                distinct.len() - 1
            })
        })
        .collect();
    (distinct, rows)
}
