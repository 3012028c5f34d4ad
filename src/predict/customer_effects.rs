//! What moves the parameters of customers' models.

use crate::covariates::{Effects, UnknownLevels};

/// What moves the parameters of the models of customers who differ by covariates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomerEffects {
    /// Of the timing model.
    pub timing: Option<Effects>,
    /// Of the spend model.
    pub spend: Option<Effects>,
    /// How to treat a customer whose level of a covariate no customer of the fit had.
    pub unknown_levels: UnknownLevels,
}
