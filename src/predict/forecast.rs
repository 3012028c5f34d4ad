//! Every customer's future in expectation, for any model of the family.

use super::futures::Futures;
use super::{DiscountRate, Horizon};
use crate::error::{Error, Result};
use crate::models::{GammaGamma, Timing, TimingModel};
use crate::summary::{Day, Grain, History, Summary, TimeUnit};

/// A number that is the same for all customers, or one for each, in the order of the summary.
#[derive(Clone, Debug, PartialEq)]
pub enum PerCustomer {
    /// The same for all.
    All(f64),
    /// One for each.
    Each(Vec<f64>),
}

impl PerCustomer {
    /// Of the customer in this row.
    pub fn of(&self, row: usize) -> f64 {
        match self {
            Self::All(number) => *number,
            Self::Each(numbers) => numbers[row],
        }
    }

    pub(super) fn check(&self, what: &str, customers: usize) -> Result<()> {
        match self {
            Self::Each(numbers) if numbers.len() != customers => {
                Err(Error::Usage(format!("{what} is given for {} of {customers} customers", numbers.len())))
            }
            _ => Ok(()),
        }
    }
}

/// What turns purchases into value.
#[derive(Clone, Debug)]
pub struct Valuation {
    /// Share of the spend that is earned.
    pub margin: PerCustomer,
    /// Annual rate.
    pub discount: DiscountRate,
    /// What it cost to acquire the customer.
    pub cac: Option<PerCustomer>,
}

impl Default for Valuation {
    /// All of the spend, undiscounted, at no cost.
    fn default() -> Self {
        Self { margin: PerCustomer::All(1.0), discount: DiscountRate::default(), cac: None }
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
    /// Which.
    pub horizon: Horizon,
    /// Last day.
    pub end: Day,
    /// From the end of the observation to that of the horizon, in the model's time unit.
    pub length: f64,
    /// Expected purchases; over the infinite future, of which there may be no end, discounted (DERT).
    pub purchases: Vec<f64>,
    /// Expected purchases, each discounted to the end of the observation (DET); present if there is a discount and an end.
    pub discounted: Option<Vec<f64>>,
    /// Expected discounted margin; present if there is a spend model.
    pub clv: Option<Vec<f64>>,
    /// Past and future together, less the cost of acquisition; present if both are known and meet.
    pub lifetime_value: Option<Vec<f64>>,
}

/// The answers for every row of a summary, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// P(alive) at the end of the observation.
    pub p_alive: Vec<f64>,
    /// Expected mean value of future purchases; present if there is a spend model.
    pub expected_spend: Option<Vec<f64>>,
    /// Margin on all orders so far, not compounded; present if there is a spend model and the summary knows their total.
    pub historical_value: Option<Vec<f64>>,
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

    /// The same between `delay` and `t`. What is left of a difference has an absolute error of about 1e-13 of the whole.
    fn given_alive_between(&self, history: &History, delay: f64, t: f64, delta: f64) -> (f64, f64) {
        let (purchases, discounted) = self.given_alive(history, t, delta);
        if delay == 0.0 {
            return (purchases, discounted);
        }
        let (before, discounted_before) = self.given_alive(history, delay, delta);
        let discounted = (discounted - discounted_before).max(0.0);
        (if t.is_infinite() { discounted } else { (purchases - before).max(0.0) }, discounted)
    }

    /// P(alive) at the end of the observation, of every row.
    pub(super) fn p_alive(&self, summary: &Summary) -> Vec<f64> {
        summary.histories().map(|history| self.timing.p_alive(&history)).collect()
    }

    /// Whether the model can be asked about these customers.
    ///
    /// # Errors
    /// [`Error::TimeUnit`] or [`Error::Grain`] if the summary was made in other units than the model, [`Error::Data`] if the model
    /// cannot tell of a history.
    pub fn check(&self, summary: &Summary) -> Result<()> {
        let observation = &summary.observation;
        if observation.unit != self.unit {
            return Err(Error::TimeUnit { model: self.unit.name(), data: observation.unit.name() });
        }
        if observation.grain != self.grain {
            return Err(Error::Grain { this: self.grain, other: observation.grain });
        }
        self.timing.kind().check_observation(observation)?;
        summary.histories().try_for_each(|history| self.timing.check_history(&history))
    }

    /// Answers every row of the summary.
    ///
    /// # Errors
    /// Those of [`Predictor::check`]; [`Error::Usage`] if a horizon does not lie in the future or is infinite without a discount;
    /// [`Error::InfiniteMean`] if the spend model has no mean.
    pub fn forecast(&self, summary: &Summary, horizons: &[Horizon], valuation: &Valuation) -> Result<Forecast> {
        self.check(summary)?;
        valuation.margin.check("the margin", summary.len())?;
        valuation.cac.iter().try_for_each(|cac| cac.check("the cost of acquisition", summary.len()))?;
        let observation = &summary.observation;
        let futures = Futures::new(summary.histories());
        let p_alive = self.p_alive(summary);
        let expected_spend = self.spend.map(|_| self.expected_spends(summary)).transpose()?;
        let historical_value = match (&summary.purchases, self.spend) {
            (Some(past), Some(_)) => Some(
                past.total.iter().enumerate().map(|(i, total)| valuation.margin.of(i) * total).collect::<Vec<f64>>(),
            ),
            _ => None,
        };
        let delta = valuation.discount.continuous(self.unit);

        let columns = |horizon: &Horizon| {
            let (delay, length) = horizon.bounds(observation)?;
            if length.is_infinite() && delta == 0.0 {
                return Err(Error::Usage(
                    "horizon forever takes a discount: without one, expected purchases may be infinite. Give for instance \
                     --discount 0.1"
                        .to_owned(),
                ));
            }
            let (purchases, discounted): (Vec<f64>, Vec<f64>) =
                futures.map(|history| self.given_alive_between(history, delay, length, delta)).into_iter().unzip();
            let purchases = futures.of_customers(&p_alive, &purchases);
            let discounted = (delta > 0.0 && length.is_finite()).then(|| futures.of_customers(&p_alive, &discounted));
            let clv = expected_spend.as_ref().map(|spend| {
                let worth = discounted.as_ref().unwrap_or(&purchases).iter().zip(spend).enumerate();
                worth.map(|(i, (discounted, spend))| valuation.margin.of(i) * spend * discounted).collect::<Vec<f64>>()
            });
            let past = historical_value.as_ref().filter(|_| delay == 0.0);
            let lifetime_value = clv.as_ref().zip(past).map(|(clv, past)| {
                let cost = |i: usize| valuation.cac.as_ref().map_or(0.0, |cac| cac.of(i));
                clv.iter().zip(past).enumerate().map(|(i, (clv, past))| past - cost(i) + clv).collect()
            });
            let end = horizon.end(observation.end);
            Ok(HorizonColumns { horizon: horizon.clone(), end, length, purchases, discounted, clv, lifetime_value })
        };
        let horizons = horizons.iter().map(columns).collect::<Result<Vec<_>>>()?;
        Ok(Forecast { p_alive, horizons, expected_spend, historical_value })
    }

    /// `E[M | x, m_x]` for every row; nothing without a spend model.
    pub(super) fn expected_spends(&self, summary: &Summary) -> Result<Vec<f64>> {
        let Some(spend) = self.spend else { return Ok(Vec::new()) };
        let rows = summary.frequency.iter().zip(&summary.monetary_value);
        rows.map(|(&x, &m)| spend.expected_spend(x, m)).collect()
    }
}
