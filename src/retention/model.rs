//! The models of contracts, and what they all say.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::models::{Bdw, Likelihood, Sbg, named};

/// The models of contracts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", content = "parameters", rename_all = "kebab-case")]
pub enum RetentionModel {
    /// Shifted beta-geometric.
    Sbg(Sbg),
    /// Beta-discrete-Weibull.
    Bdw(Bdw),
}

/// Which model of contracts is fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum RetentionFamily {
    /// Customers differ, and the chance of one to leave stays (shifted beta-geometric).
    #[default]
    Sbg,
    /// Customers differ, and the chance of each to leave rises or falls with time (beta-discrete-Weibull).
    Bdw,
    /// The one with the smaller BIC, with the reason.
    Auto,
}

impl RetentionModel {
    /// The model of this name with parameters that are known, in its order.
    ///
    /// # Errors
    /// [`Error::usage`] if there is no such model or it has another number of parameters; [`Cause::Parameter`](crate::error::Cause::Parameter)
    /// if one is out of range.
    pub fn of_parameters(name: &str, parameters: &[f64]) -> Result<Self> {
        fn of<M: Likelihood<N, Setting = ()>, const N: usize>(parameters: &[f64]) -> Result<M> {
            let wrong = |_| Error::usage(format!("{} has the parameters {}", M::NAME, M::PARAMETERS.join(", ")));
            M::from_parameters(parameters.try_into().map_err(wrong)?)
        }
        match name {
            Sbg::NAME => of(parameters).map(Self::Sbg),
            Bdw::NAME => of(parameters).map(Self::Bdw),
            _ => Err(Error::usage(format!("no model of contracts is called `{name}`; there are sbg and bdw"))),
        }
    }

    /// The same model with other parameters.
    ///
    /// # Errors
    /// As [`RetentionModel::of_parameters`].
    pub fn with_parameters(&self, parameters: &[f64]) -> Result<Self> {
        Self::of_parameters(self.name(), parameters)
    }

    /// The model's name in files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sbg(_) => Sbg::NAME,
            Self::Bdw(_) => Bdw::NAME,
        }
    }

    /// Its name in the literature.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Sbg(_) => Sbg::TITLE,
            Self::Bdw(_) => Bdw::TITLE,
        }
    }

    /// Its parameters, by name.
    pub fn parameters(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Sbg(model) => named(model),
            Self::Bdw(model) => named(model),
        }
    }

    /// What becomes of one customer's chance to leave, in words.
    pub fn trend(&self) -> String {
        match self {
            Self::Sbg(_) => "the chance of one customer to leave stays the same from renewal to renewal".into(),
            Self::Bdw(Bdw { c, .. }) => {
                let moves = if *c > 1.0 { "rises" } else { "falls" };
                format!("the chance of one customer to leave {moves} from renewal to renewal (c is {c:.3})")
            }
        }
    }

    /// `S(t)`: the share of a new cohort that is still there after `t` renewals.
    pub fn survival(&self, t: u32) -> f64 {
        match self {
            Self::Sbg(model) => model.survival(t),
            Self::Bdw(model) => model.survival(t),
        }
    }

    /// `r(t) = S(t)/S(t-1)`: the share of those still there who make the `t`-th renewal; 1 at the start.
    pub fn retention(&self, t: u32) -> f64 {
        match self {
            Self::Sbg(model) => model.retention(t),
            Self::Bdw(model) => model.retention(t),
        }
    }

    /// Discounted expected residual lifetime (DERL) of a customer who has made `renewals` renewals and stands before the next one:
    /// payments of 1, due with each renewal, at a continuous rate `delta` > 0 a period.
    pub fn derl(&self, renewals: u32, delta: f64) -> f64 {
        match self {
            Self::Sbg(model) => model.derl(renewals, delta),
            Self::Bdw(model) => model.derl(renewals, delta),
        }
    }
}
