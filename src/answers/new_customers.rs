//! Customers without history, of whom a model alone knows.

use crate::error::Result;
use crate::predict::Predictor;
use crate::summary::{Observation, Summary};

/// Customers acquired on the last day of an observation.
#[derive(Clone, Debug)]
pub struct NewCustomers {
    /// One of them.
    pub one: Summary,
    /// Many, for their totals, if they are asked for.
    pub crowd: Option<Summary>,
}

impl NewCustomers {
    /// One, and so many of them for totals; `describe` says what they are like, where the model has covariates. Their first purchase is
    /// worth what purchases of such customers are on average.
    ///
    /// # Errors
    /// Those of `describe`, of covariates that it leaves open, and
    /// [`Cause::InfiniteMean`](crate::error::Cause::InfiniteMean) if the spend model has no mean.
    pub fn new(
        predictor: &Predictor,
        observation: Observation,
        crowd: Option<u32>,
        describe: impl Fn(&mut Summary) -> Result<()>,
    ) -> Result<Self> {
        let customers = |count: u32, first: f64| -> Result<Summary> {
            let mut new = Summary::of_new_customers(count as usize, first, observation);
            describe(&mut new)?;
            Ok(new)
        };
        let first = predictor.mean_spend_of_new(&customers(1, 0.0)?)?.unwrap_or(0.0);
        Ok(Self { one: customers(1, first)?, crowd: crowd.map(|count| customers(count, first)).transpose()? })
    }
}
