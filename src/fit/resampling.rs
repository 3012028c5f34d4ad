//! How data are drawn anew.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Where the data of a refit come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Resampling {
    /// The customers themselves, each a Poisson(1) number of times, so that a row shared by `c` counts Poisson(c). Holds
    /// where the model is only nearly true. Source: Hanley & MacGibbon (2006), Creating non-parametric bootstrap samples
    /// using Poisson frequencies, Computer Methods and Programs in Biomedicine 83(1).
    #[default]
    #[cfg_attr(feature = "cli", value(help = "Drawn from these customers (Poisson weights)"))]
    Customers,
    /// The fitted model, for customers observed as long as these (or, of spend, with as many purchases): the parametric
    /// bootstrap. Source: Efron (1979), Bootstrap Methods, Annals of Statistics 7(1).
    #[cfg_attr(feature = "cli", value(help = "Simulated by the fitted model"))]
    Model,
}

/// How a bootstrap is run.
#[derive(Clone, Copy, Debug)]
pub struct BootstrapOptions {
    /// Number of refits.
    pub refits: u32,
    /// Where their data come from.
    pub by: Resampling,
    /// Each refit has a generator of its own, so that the number of threads changes nothing.
    pub seed: u64,
}

/// Fewer tell nothing of a spread.
pub(super) const FEWEST_REFITS: u32 = 10;

/// More are not waited for.
const MOST_REFITS: u32 = 100_000;

impl BootstrapOptions {
    /// Whether the number of refits makes sense.
    ///
    /// # Errors
    /// [`Error::usage`] if not.
    pub fn check(&self) -> Result<()> {
        if (FEWEST_REFITS..=MOST_REFITS).contains(&self.refits) {
            return Ok(());
        }
        Err(Error::usage(format!(
            "a bootstrap of {}: give {FEWEST_REFITS} to {MOST_REFITS} refits, for instance 200",
            self.refits
        )))
    }
}
