//! The years to come of customers under contract.

use serde::{Deserialize, Serialize};

use super::{RetentionRecord, share_kept};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::predict::DiscountRate;
use crate::summary::CountedLifetimes;

/// What is projected.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProjectionOptions {
    /// Number of periods.
    pub periods: u32,
    /// Annual discount rate, which gives residual lifetimes.
    pub discount: Option<DiscountRate>,
    /// What a renewal pays, to turn residual lifetimes into value.
    pub payment: Option<f64>,
}

/// Longest projection.
const MOST_PERIODS: u32 = 1000;

impl Default for ProjectionOptions {
    /// Twelve periods, without value.
    fn default() -> Self {
        Self { periods: 12, discount: None, payment: None }
    }
}

impl ProjectionOptions {
    /// Checks what can be checked without a model.
    ///
    /// # Errors
    /// [`Error::usage`], naming the option.
    pub fn check(&self) -> Result<()> {
        if !(1..=MOST_PERIODS).contains(&self.periods) {
            return Err(Error::usage(say![opt("periods"), format!(" is {}; give 1 to {MOST_PERIODS}", self.periods)]));
        }
        if self.discount.is_some_and(|rate| rate.per_year() == 0.0) {
            return Err(Error::usage(say![
                opt("discount"),
                " is 0, and without a discount the residual lifetime may be infinite; give a positive rate"
            ]));
        }
        if self.payment.is_some() && self.discount.is_none() {
            return Err(Error::usage(say![
                opt("payment"),
                " turns residual lifetimes into value, and these take a ",
                opt("discount"),
                "; give one"
            ]));
        }
        match self.payment.filter(|payment| !(*payment > 0.0 && payment.is_finite())) {
            Some(payment) => Err(Error::usage(say![opt("payment"), " is {payment}; give a positive amount"])),
            None => Ok(()),
        }
    }
}

/// Survival, retention and residual lifetimes, one entry a period from 0 on, in columns of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// Renewals that were made: 0, 1, ….
    pub period: Vec<u32>,
    /// Share of the cohorts that was still there ([`share_kept`]); `None` where none has been seen for so long.
    pub actual_survival: Vec<Option<f64>>,
    /// `S(t)`: share of a new cohort that is still there.
    pub survival: Vec<f64>,
    /// `r(t)`: share of those still there who make this renewal.
    pub retention: Vec<f64>,
    /// DERL: renewals still to be expected of a customer who stands before the next one, discounted; present with a discount.
    pub residual_lifetime: Option<Vec<f64>>,
    /// Residual lifetime times the payment; present with one.
    pub residual_value: Option<Vec<f64>>,
}

impl Projection {
    /// Of customers as this model has them, beside what has been seen of them.
    ///
    /// # Errors
    /// Those of [`ProjectionOptions::check`].
    ///
    /// ```
    /// use clv::retention::{Projection, ProjectionOptions, RetentionOptions, RetentionRecord};
    /// use clv::summary::CountedLifetimes;
    ///
    /// // The high-end customers of Fader & Hardie (2007), of whom the paper expects 46.0% after year 8.
    /// let survivors = [1000.0, 869.0, 743.0, 653.0, 593.0, 551.0, 517.0, 491.0];
    /// let lifetimes = CountedLifetimes::from_survivors(&[survivors])?;
    /// let record = RetentionRecord::fit(&lifetimes, &RetentionOptions::default())?;
    /// let projection = Projection::new(&record, Some(&lifetimes), &ProjectionOptions::default())?;
    /// assert!((projection.survival[8] - 0.460).abs() < 5e-4);
    /// # Ok::<(), clv::Error>(())
    /// ```
    pub fn new(
        record: &RetentionRecord,
        lifetimes: Option<&CountedLifetimes>,
        options: &ProjectionOptions,
    ) -> Result<Self> {
        options.check()?;
        let model = &record.model;
        let period: Vec<u32> = (0..=options.periods).collect();
        let delta = options.discount.map(|rate| rate.continuous(record.period));
        let residual: Option<Vec<f64>> =
            delta.map(|delta| period.iter().map(|&made| model.derl(made, delta)).collect());
        let value = |payment: f64| residual.as_ref().map(|all| all.iter().map(|one| one * payment).collect());
        Ok(Self {
            actual_survival: match lifetimes {
                Some(lifetimes) => share_kept(lifetimes, options.periods),
                None => vec![None; period.len()],
            },
            survival: period.iter().map(|&t| model.survival(t)).collect(),
            retention: period.iter().map(|&t| model.retention(t)).collect(),
            residual_value: options.payment.and_then(value),
            residual_lifetime: residual,
            period,
        })
    }

    /// Whether anything was seen of customers.
    pub fn has_actual(&self) -> bool {
        self.actual_survival.iter().any(Option::is_some)
    }
}
