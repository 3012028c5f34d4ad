//! Every customer's future, for any model of the family.

use super::futures::Futures;
use super::{DiscountRate, Horizon};
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
    /// Expected purchases; over the infinite future, of which there may be no end, discounted (DERT).
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
        let (purchases, discounted) = self.given_alive(history, t, delta);
        CustomerForecast { purchases: alive * purchases, discounted: alive * discounted }
    }

    /// Expected purchases, plain and discounted, given that the customer is alive.
    fn given_alive(&self, history: &History, t: f64, delta: f64) -> (f64, f64) {
        let future = self.timing.posterior(history);
        if t.is_infinite() {
            let dert = future.dert(delta);
            return (dert, dert);
        }
        let purchases = future.expected_purchases(t);
        if delta == 0.0 {
            return (purchases, purchases);
        }
        (purchases, future.det(t, delta))
    }

    /// Answers every row of the summary.
    ///
    /// # Errors
    /// [`Error::TimeUnit`] or [`Error::Grain`] if the summary was made in other units than the model,
    /// [`Error::Usage`] if a horizon does not lie in the future or is infinite without a discount, [`Error::InfiniteMean`] if
    /// the spend model has no mean.
    pub fn forecast(&self, summary: &Summary, horizons: &[Horizon], valuation: &Valuation) -> Result<Forecast> {
        let observation = &summary.observation;
        if observation.unit != self.unit {
            return Err(Error::TimeUnit { model: self.unit.name(), data: observation.unit.name() });
        }
        if observation.grain != self.grain {
            return Err(Error::Grain { this: self.grain, other: observation.grain });
        }
        self.timing.kind().check_observation(observation)?;
        summary.histories().try_for_each(|history| self.timing.check_history(&history))?;
        let futures = Futures::new(summary.histories());
        let p_alive: Vec<f64> = summary.histories().map(|history| self.timing.p_alive(&history)).collect();
        let expected_spend = self.spend.map(|spend| expected_spend(&spend, summary)).transpose()?;
        let delta = valuation.discount.continuous(self.unit);

        let columns = |horizon: &Horizon| {
            let length = horizon.length(observation)?;
            if length.is_infinite() && delta == 0.0 {
                return Err(Error::Usage(
                    "horizon forever takes a discount: without one, expected purchases may be infinite. Give for instance \
                     --discount 0.1"
                        .to_owned(),
                ));
            }
            let (purchases, discounted): (Vec<f64>, Vec<f64>) =
                futures.map(|history| self.given_alive(history, length, delta)).into_iter().unzip();
            let by_customer = |given_alive: &[f64]| -> Vec<f64> {
                futures.by_customer().zip(&p_alive).map(|(future, alive)| alive * given_alive[future]).collect()
            };
            let purchases = by_customer(&purchases);
            let clv = expected_spend.as_ref().map(|spend| {
                let present = if delta == 0.0 { &purchases } else { &by_customer(&discounted) };
                present.iter().zip(spend).map(|(discounted, spend)| valuation.margin * spend * discounted).collect()
            });
            Ok(HorizonColumns {
                label: horizon.label().to_owned(),
                end: horizon.end(observation.end),
                length,
                purchases,
                clv,
            })
        };
        let horizons = horizons.iter().map(columns).collect::<Result<Vec<_>>>()?;
        Ok(Forecast { p_alive, horizons, expected_spend })
    }

    /// `P(n purchases over the horizon | history)` of every row, for `n` from 0 to `most`:
    /// `P(alive) P(X(t) = n)` of the posterior customer, and for `n = 0` also the chance that there is none.
    ///
    /// # Errors
    /// [`Error::Usage`] if the horizon does not lie in the future, or has no end.
    pub fn count_probabilities(&self, summary: &Summary, horizon: &Horizon, most: u32) -> Result<Vec<Vec<f64>>> {
        let t = horizon.length_with_end(&summary.observation)?;
        let futures = Futures::new(summary.histories());
        let masses = futures.map(|history| {
            let future = self.timing.posterior(history);
            (0..=most).map(|n| future.pmf(n, t)).collect::<Vec<f64>>()
        });
        let mut columns = vec![Vec::with_capacity(summary.len()); most as usize + 1];
        for (history, future) in summary.histories().zip(futures.by_customer()) {
            let alive = self.timing.p_alive(&history);
            for (n, (column, mass)) in columns.iter_mut().zip(&masses[future]).enumerate() {
                column.push(alive * mass + if n == 0 { 1.0 - alive } else { 0.0 });
            }
        }
        Ok(columns)
    }
}

/// `E[M | x, m_x]` for every row.
fn expected_spend(spend: &GammaGamma, summary: &Summary) -> Result<Vec<f64>> {
    let rows = summary.frequency.iter().zip(&summary.monetary_value);
    rows.map(|(&x, &m)| spend.expected_spend(x, m)).collect()
}
