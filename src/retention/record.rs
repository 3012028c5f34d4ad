//! Models of contracts, as files keep them.

use serde::{Deserialize, Serialize};

use crate::error::{Cause, Result};
use crate::fit::{FitOptions, FitRecord};
use crate::models::{Likelihood, Sbg, named};
use crate::summary::{CountedLifetimes, TimeUnit};

/// The models of contracts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", content = "parameters", rename_all = "kebab-case")]
pub enum RetentionModel {
    /// Shifted beta-geometric.
    Sbg(Sbg),
}

/// A model of contracts with the evidence of its fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RetentionRecord {
    /// Name and parameters.
    #[serde(flatten)]
    pub model: RetentionModel,
    /// Time from one renewal to the next.
    pub period: TimeUnit,
    /// Absent for published parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<FitRecord>,
}

/// How a model of contracts is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionOptions {
    /// Time from one renewal to the next.
    #[serde(rename = "unit")]
    pub period: TimeUnit,
    /// How it is fitted.
    pub fit: FitOptions,
}

impl Default for RetentionOptions {
    /// Renewals by the year.
    fn default() -> Self {
        Self { period: TimeUnit::Year, fit: FitOptions::default() }
    }
}

impl RetentionModel {
    /// The model's name in files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sbg(_) => Sbg::NAME,
        }
    }

    /// Its parameters, by name.
    pub fn parameters(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Sbg(model) => named(model),
        }
    }

    /// `S(t)`: the share of a new cohort that is still there after `t` renewals.
    pub fn survival(&self, t: u32) -> f64 {
        match self {
            Self::Sbg(model) => model.survival(t),
        }
    }

    /// `r(t) = S(t)/S(t-1)`: the share of those still there who make the `t`-th renewal; 1 at the start.
    pub fn retention(&self, t: u32) -> f64 {
        match self {
            Self::Sbg(model) => model.retention(t),
        }
    }

    /// Discounted expected residual lifetime (DERL) of a customer who has made `renewals` renewals and stands before the next one:
    /// payments of 1, due with each renewal, at a continuous rate `delta` > 0 a period.
    pub fn derl(&self, renewals: u32, delta: f64) -> f64 {
        match self {
            Self::Sbg(model) => model.derl(renewals, delta),
        }
    }
}

impl RetentionRecord {
    /// With parameters that are known.
    pub fn given(model: RetentionModel, period: TimeUnit) -> Self {
        Self { model, period, fit: None }
    }

    /// Fits sBG to the lifetimes of contracts.
    ///
    /// # Errors
    /// [`Error::usage`](crate::Error::usage) for options that cannot be; [`Cause::TooFew`] if too few customers left or stayed,
    /// [`Cause::NotConverged`] if the fit ended nowhere.
    pub fn fit(lifetimes: &CountedLifetimes, options: &RetentionOptions) -> Result<Self> {
        let RetentionOptions { period, fit } = options;
        fit.check()?;
        let (model, fit) = FitRecord::fit::<Sbg, _>(lifetimes, fit)?;
        Ok(Self { model: RetentionModel::Sbg(model), period: *period, fit: Some(fit) })
    }

    /// Whether parameters and evidence can be those of a fit.
    ///
    /// # Errors
    /// [`Cause::Parameter`] or [`Error::data`](crate::Error::data) with what is wrong.
    pub fn check(&self) -> Result<()> {
        match self.model {
            RetentionModel::Sbg(model) => {
                Sbg::from_parameters(model.parameters())?;
                self.fit.as_ref().map_or(Ok(()), |fit| fit.check::<Sbg, _>(()))
            }
        }
    }

    /// Refuses a unit other than the period between the renewals.
    ///
    /// # Errors
    /// [`Cause::TimeUnit`] with both.
    pub fn check_period(&self, unit: Option<TimeUnit>) -> Result<()> {
        match unit.filter(|unit| *unit != self.period) {
            Some(unit) => Err(Cause::TimeUnit { model: self.period.name(), data: unit.name() }.into()),
            None => Ok(()),
        }
    }
}
