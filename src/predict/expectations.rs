//! Expectations over a horizon, by distinct future.

use super::futures::{Futures, between};
use super::{DiscountRate, Horizon, Individuals};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::summary::{Day, Observation};

/// Expectations over one horizon, by distinct future, given that the customer is alive.
#[derive(Clone, Debug)]
pub struct HorizonOutlook {
    pub(super) horizon: Horizon,
    pub(super) end: Day,
    pub(super) delay: f64,
    pub(super) length: f64,
    pub(super) purchases: Vec<f64>,
    /// If there is a discount and an end.
    pub(super) discounted: Option<Vec<f64>>,
}

impl HorizonOutlook {
    /// Of these futures.
    ///
    /// # Errors
    /// [`Error::usage`] if the horizon does not lie in the future or is infinite without a discount.
    pub(super) fn new(
        individuals: &impl Individuals,
        futures: &Futures,
        observation: &Observation,
        horizon: &Horizon,
        discount: &DiscountRate,
    ) -> Result<Self> {
        let delta = discount.continuous(observation.unit);
        let (delay, length) = individuals.bounds(horizon)?;
        if length.is_infinite() && delta == 0.0 {
            return Err(Error::usage(say![
                "horizon forever takes a discount: without one, expected purchases may be infinite. Give for instance ",
                opt("discount").with(0.1)
            ]));
        }
        let answers = futures.map(individuals, |future| between(&future, delay, length, delta));
        let (purchases, discounted) = answers.into_iter().unzip();
        Ok(Self {
            horizon: horizon.clone(),
            end: horizon.end(observation.end),
            delay,
            length,
            purchases,
            discounted: (delta > 0.0 && length.is_finite()).then_some(discounted),
        })
    }
}
