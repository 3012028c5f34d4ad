//! The purchases of all customers together: how many, and how surely.

use ndarray::{Array1, Array2};
use statrs::distribution::{ContinuousCDF, Normal};

use super::futures::Futures;
use super::{Horizon, Predictor};
use crate::error::Result;
use crate::models::{Timing, TimingModel};
use crate::summary::{CountedHistories, Summary};

/// The purchases of all customers over a horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TotalPurchases {
    /// Expected number.
    pub expected: f64,
    /// Standard deviation of the number about its expectation, given the parameters: customers are independent.
    pub chance: f64,
    /// Standard deviation of the expectation, because the parameters are estimates; none if their covariance is not known.
    pub estimate: Option<f64>,
}

impl TotalPurchases {
    /// Interval that holds the number with this probability: normal, as a sum over many customers is.
    pub fn interval(&self, share: f64) -> (f64, f64) {
        let quantile = Normal::standard().inverse_cdf(0.5 + 0.5 * share);
        let reach = quantile * self.chance.hypot(self.estimate.unwrap_or(0.0));
        ((self.expected - reach).max(0.0), self.expected + reach)
    }
}

/// Step of the central differences in the logarithms of the parameters; their error is about its square.
const STEP: f64 = 1e-4;

impl Predictor {
    /// Expected purchases of all customers, with what they vary by chance, `Σ Var[Y | history]`, and with the parameters:
    /// `gᵀ C g`, `g` the gradient of the expectation in the logarithms of the parameters, `C` the covariance of their
    /// estimates (the delta method).
    ///
    /// # Errors
    /// [`crate::Error::Usage`] if the horizon does not lie in the future, or has no end.
    pub fn total_purchases(
        &self,
        summary: &Summary,
        horizon: &Horizon,
        covariance_of_logs: Option<&Array2<f64>>,
    ) -> Result<TotalPurchases> {
        let t = horizon.length_with_end(&summary.observation)?;
        let data = summary.counted_histories();
        let futures = Futures::new(data.rows().iter().map(|row| row.history));
        let estimate = match covariance_of_logs {
            Some(covariance) => {
                let gradient = gradient(&self.timing, |timing| expected(timing, &data, &futures, t))?;
                Some(gradient.dot(&covariance.dot(&gradient)).max(0.0).sqrt())
            }
            None => None,
        };
        let chance = variance(&self.timing, &data, &futures, t).sqrt();
        Ok(TotalPurchases { expected: expected(&self.timing, &data, &futures, t), chance, estimate })
    }
}

fn expected(timing: &TimingModel, data: &CountedHistories, futures: &Futures, t: f64) -> f64 {
    let given_alive = futures.map(|history| timing.posterior(history).expected_purchases(t));
    let rows = data.rows().iter().zip(futures.by_customer());
    rows.map(|(row, future)| row.customers * timing.p_alive(&row.history) * given_alive[future]).sum()
}

/// `Σ E[Y²] - E[Y]²`, from the chances of each number of purchases of those alive.
fn variance(timing: &TimingModel, data: &CountedHistories, futures: &Futures, t: f64) -> f64 {
    let given_alive = futures.map(|history| {
        let counts = timing.posterior(history).counts(t);
        let moment =
            |power: i32| -> f64 { counts.iter().enumerate().map(|(n, mass)| mass * (n as f64).powi(power)).sum() };
        (moment(1), moment(2))
    });
    let spread = |alive: f64, (first, second): (f64, f64)| alive * second - (alive * first).powi(2);
    let rows = data.rows().iter().zip(futures.by_customer());
    rows.map(|(row, future)| row.customers * spread(timing.p_alive(&row.history), given_alive[future])).sum()
}

/// Gradient of a function of the model in the logarithms of its parameters, by central differences.
fn gradient(timing: &TimingModel, f: impl Fn(&TimingModel) -> f64) -> Result<Array1<f64>> {
    let parameters: Vec<f64> = timing.parameters().into_iter().map(|(_, value)| value).collect();
    let at = |i: usize, step: f64| -> Result<f64> {
        let mut moved = parameters.clone();
        moved[i] *= step.exp();
        Ok(f(&timing.kind().with_parameters(&moved)?))
    };
    (0..parameters.len()).map(|i| Ok((at(i, STEP)? - at(i, -STEP)?) / (2.0 * STEP))).collect()
}
