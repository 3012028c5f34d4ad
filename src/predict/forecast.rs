//! Every customer's future in expectation, for any model of the family.

use std::sync::Arc;

use super::futures::until;
use super::{CustomerEffects, DiscountRate, Horizon};
use crate::error::{Cause, Error, Result};
use crate::models::{GammaGamma, Timing, TimingModel};
use crate::summary::{CurrencyCode, Day, Grain, History, Summary, TimeUnit};

/// A number that is the same for all customers, or one for each, in the order of the summary.
#[derive(Clone, Debug, PartialEq)]
pub enum PerCustomer {
    /// One number for all customers.
    All(f64),
    /// One number for each, in the order of the summary.
    Each(Vec<f64>),
}

impl PerCustomer {
    /// The number of the customer in this row.
    pub fn of(&self, row: usize) -> f64 {
        match self {
            Self::All(number) => *number,
            Self::Each(numbers) => numbers[row],
        }
    }

    /// The numbers of the customers in these rows.
    pub fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::All(number) => Self::All(*number),
            Self::Each(numbers) => Self::Each(rows.iter().map(|&row| numbers[row]).collect()),
        }
    }

    pub(super) fn check(&self, what: &str, customers: usize) -> Result<()> {
        match self {
            Self::Each(numbers) if numbers.len() != customers => {
                Err(Error::usage(format!("{what} is given for {} of {customers} customers", numbers.len())))
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

impl Valuation {
    /// Whether it is of so many customers.
    pub(super) fn check(&self, customers: usize) -> Result<()> {
        self.margin.check("the margin", customers)?;
        self.cac.iter().try_for_each(|cac| cac.check("the cost of acquisition", customers))
    }

    /// The valuation of the customers in these rows.
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            margin: self.margin.select(rows),
            discount: self.discount,
            cac: self.cac.as_ref().map(|cac| cac.select(rows)),
        }
    }
}

impl Default for Valuation {
    /// All of the spend, undiscounted, at no cost.
    fn default() -> Self {
        Self { margin: PerCustomer::All(1.0), discount: DiscountRate::default(), cac: None }
    }
}

/// Expected future of one customer over one horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CustomerForecast {
    /// `E[Y(t) | history]`: expected purchases, `P(alive) · E[X(t)]` of a new customer with the posterior parameters.
    pub purchases: f64,
    /// Expected purchases, each discounted to the end of the observation.
    pub discounted: f64,
}

/// A customer's answers that depend on the horizon, by column.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
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
#[non_exhaustive]
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

impl Forecast {
    /// What customers are ranked by: value over the last horizon, or purchases where there is no spend model.
    pub fn worth(&self) -> &[f64] {
        let last = &self.horizons[self.horizons.len() - 1];
        last.clv.as_ref().unwrap_or(&last.purchases)
    }
}

/// A timing model, with or without a spend model, ready to answer.
#[derive(Clone, Debug)]
pub struct Predictor {
    /// When customers purchase.
    pub timing: TimingModel,
    /// What their purchases are worth.
    pub spend: Option<GammaGamma>,
    /// Time unit of the timing model.
    pub unit: TimeUnit,
    /// Grain of the purchases it was fitted to.
    pub grain: Grain,
    /// What the amounts of the spend model are in, if it is known.
    pub currency: Option<CurrencyCode>,
    /// What moves the parameters of customers who differ; then the models are those of one with zeros in all columns.
    pub effects: Option<Arc<CustomerEffects>>,
}

impl Predictor {
    /// Expected purchases of a customer with this history over the next `t` time units, plain and discounted at `delta` per unit.
    ///
    /// ```
    /// use clv::simulate::published_cdnow;
    /// use clv::summary::History;
    ///
    /// // Fader, Hardie & Lee (2005): 1.226 purchases in the next 39 weeks.
    /// let predictor = published_cdnow()?.predictor()?;
    /// let forecast = predictor.purchases(&History::new(2, 30.43, 38.86), 39.0, 0.0);
    /// assert!((forecast.purchases - 1.226).abs() < 5e-4);
    /// # Ok::<(), clv::Error>(())
    /// ```
    pub fn purchases(&self, history: &History, t: f64, delta: f64) -> CustomerForecast {
        let alive = self.timing.p_alive(history);
        let (purchases, discounted) = until(&self.timing.future(history), t, delta);
        CustomerForecast { purchases: alive * purchases, discounted: alive * discounted }
    }

    /// The models, without that of spend if it has no mean, and then why.
    pub fn usable(self) -> (Self, Option<Error>) {
        match self.spend.map_or(Ok(0.0), |spend| spend.expected_spend(0, 0.0)) {
            Ok(_) => (self, None),
            Err(error) => (Self { spend: None, ..self }, Some(error)),
        }
    }

    /// Whether the model can be asked about these customers.
    ///
    /// # Errors
    /// [`Cause::TimeUnit`](crate::error::Cause::TimeUnit), [`Cause::Grain`](crate::error::Cause::Grain) or [`Cause::Currency`](crate::error::Cause::Currency) if the summary was made in other units than the model, [`Error::data`] if no customer
    /// can have a history, or the model cannot tell of it.
    pub fn check(&self, summary: &Summary) -> Result<()> {
        let observation = &summary.observation;
        if observation.unit != self.unit {
            return Err(Cause::TimeUnit { model: self.unit.name(), data: observation.unit.name() }.into());
        }
        if observation.grain != self.grain {
            return Err(Cause::Grain { this: self.grain.name(), other: observation.grain.name() }.into());
        }
        CurrencyCode::check(self.currency.filter(|_| self.spend.is_some()), summary.currency)?;
        self.timing.kind().check_observation(observation)?;
        summary.check()?;
        summary.histories().try_for_each(|history| self.timing.check_history(&history))
    }
}
