//! How a model is fitted.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::message::{opt, say};

/// How a model is fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitOptions {
    /// Standard deviation of a normal prior on the logarithm of each parameter around its scale in the data, for samples
    /// too small to stand alone, also of fewer than ten customers who came back; none for plain maximum likelihood. 2 lets
    /// a parameter be fifty times larger or smaller.
    pub prior_sd: Option<f64>,
    /// Standard errors from the sandwich `H⁻¹ (Σ g gᵀ) H⁻¹`, which hold where the model is only nearly true, instead of
    /// `H⁻¹`. Source: White (1982), Econometrica 50(1).
    pub robust: bool,
}

impl FitOptions {
    /// Checks that the prior is one.
    ///
    /// # Errors
    /// [`Error::usage`].
    pub fn check(&self) -> Result<()> {
        match self.prior_sd {
            Some(sd) if !(0.01..=1000.0).contains(&sd) => {
                Err(Error::usage(say![opt("prior_sd"), " is {sd:?}; give a number from 0.01 to 1000, for instance 2"]))
            }
            _ => Ok(()),
        }
    }
}
