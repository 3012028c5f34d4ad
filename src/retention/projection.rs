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
    /// Share of what a renewal pays that is left of it, from 0 to 1; all of it, unless given.
    pub margin: Option<f64>,
    /// Probability of the interval of survival, per cent.
    pub interval: Option<f64>,
}

/// `d ln DERL / d ln r`, of all retention rates together: the term of the `k`-th renewal has `k` of them, so that it is the mean of `k`
/// weighted by the terms, `1 - d ln DERL/dδ`; by differences with one Richardson step, about nine digits.
fn elasticity(record: &RetentionRecord, renewals: u32, delta: f64) -> f64 {
    let ln = |h: f64| record.model.derl(renewals, delta * h.exp()).ln();
    let central = |h: f64| (ln(h) - ln(-h)) / (2.0 * h);
    let slope = (4.0 * central(2e-3) - central(4e-3)) / 3.0;
    1.0 - slope / delta
}

/// Customers expected to be there after 0, 1, … periods, of so many who have made 0, 1, … renewals.
fn base(record: &RetentionRecord, running: &[u64], periods: u32) -> Vec<f64> {
    let mut base = vec![0.0; periods as usize + 1];
    for (made, &customers) in (0..).zip(running).filter(|(_, customers)| **customers > 0) {
        let mut there = customers as f64;
        for (k, sum) in (0..).zip(&mut base) {
            // Product by product, where survival itself may be next to nothing.
            there *= if k == 0 { 1.0 } else { record.model.retention(made + k) };
            *sum += there;
        }
    }
    base
}

/// Longest projection.
const MOST_PERIODS: u32 = 1000;

impl Default for ProjectionOptions {
    /// Twelve periods, without value.
    fn default() -> Self {
        Self { periods: 12, discount: None, payment: None, margin: None, interval: None }
    }
}

impl ProjectionOptions {
    /// Checks what can be checked without a model; `has_base` says whether there is a base of customers whose revenue a payment gives.
    ///
    /// # Errors
    /// [`Error::usage`], naming the option.
    pub fn check_with_base(&self, has_base: bool) -> Result<()> {
        if self.payment.is_some() && self.discount.is_none() && !has_base {
            return Err(Error::usage(say![
                opt("payment"),
                " turns residual lifetimes into value, and these take a ",
                opt("discount"),
                "; give one"
            ]));
        }
        self.check_values()
    }

    /// Checks what can be checked without a model, of survivors.
    ///
    /// # Errors
    /// [`Error::usage`], naming the option.
    pub fn check(&self) -> Result<()> {
        self.check_with_base(false)
    }

    fn check_values(&self) -> Result<()> {
        if !(1..=MOST_PERIODS).contains(&self.periods) {
            return Err(Error::usage(say![opt("periods"), format!(" is {}; give 1 to {MOST_PERIODS}", self.periods)]));
        }
        if self.discount.is_some_and(|rate| rate.per_year() == 0.0) {
            return Err(Error::usage(say![
                opt("discount"),
                " is 0, and without a discount the residual lifetime may be infinite; give a positive rate"
            ]));
        }
        if let Some(margin) = self.margin.filter(|margin| !(*margin > 0.0 && *margin <= 1.0)) {
            return Err(Error::usage(say![opt("margin"), " is {margin:?}; give a share above 0, up to 1"]));
        }
        if self.margin.is_some() && self.payment.is_none() {
            return Err(Error::usage(say![opt("margin"), " is a share of the ", opt("payment"), "; give one"]));
        }
        if let Some(percent) = self.interval.filter(|percent| !(*percent >= 1.0 && *percent <= 99.99)) {
            return Err(Error::usage(say![opt("interval"), " is {percent:?}; give per cent, for instance 95"]));
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
    /// Per cent by which the residual lifetime grows if every retention rate from there on is larger by one per cent; present with a
    /// discount.
    pub elasticity: Option<Vec<f64>>,
    /// Residual lifetime times the payment and its margin; present with both.
    pub residual_value: Option<Vec<f64>>,
    /// Lower and upper ends of the intervals of survival; present if asked for, and known.
    pub survival_interval: Option<(Vec<f64>, Vec<f64>)>,
    /// Expected customers still there of those who are there now; present with them.
    pub base: Option<Vec<f64>>,
    /// What these pay in the period: their number times the payment; present with both.
    pub revenue: Option<Vec<f64>>,
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
        Self::of(record, lifetimes, None, options)
    }

    /// Besides, what becomes of the customers who are there now: so many who have made 0, 1, … renewals.
    ///
    /// ```text
    /// base(k) = Σ_n running(n) S(n + k)/S(n),   revenue(k) = payment base(k)
    /// ```
    ///
    /// # Errors
    /// Those of [`ProjectionOptions::check_with_base`].
    pub fn with_base(
        record: &RetentionRecord,
        lifetimes: Option<&CountedLifetimes>,
        running: &[u64],
        options: &ProjectionOptions,
    ) -> Result<Self> {
        options.check_with_base(true)?;
        Self::of(record, lifetimes, Some(running), options)
    }

    fn of(
        record: &RetentionRecord,
        lifetimes: Option<&CountedLifetimes>,
        running: Option<&[u64]>,
        options: &ProjectionOptions,
    ) -> Result<Self> {
        let model = &record.model;
        let period: Vec<u32> = (0..=options.periods).collect();
        let delta = options.discount.map(|rate| rate.continuous(record.period));
        let residual: Option<Vec<f64>> =
            delta.map(|delta| period.iter().map(|&made| model.derl(made, delta)).collect());
        let margin = options.margin.unwrap_or(1.0);
        let value = |payment: f64| residual.as_ref().map(|all| all.iter().map(|one| one * payment * margin).collect());
        let base: Option<Vec<f64>> = running.map(|running| base(record, running, options.periods));
        let pays = |payment: f64| base.as_ref().map(|base| base.iter().map(|there| there * payment).collect());
        let interval = |percent: f64| -> Result<Option<(Vec<f64>, Vec<f64>)>> {
            period
                .iter()
                .map(|&t| record.survival_interval(t, percent / 100.0))
                .collect::<Result<Option<Vec<_>>>>()
                .map(|ends| ends.map(|ends| ends.into_iter().unzip()))
        };
        Ok(Self {
            actual_survival: match lifetimes {
                Some(lifetimes) => share_kept(lifetimes, options.periods),
                None => vec![None; period.len()],
            },
            survival: period.iter().map(|&t| model.survival(t)).collect(),
            retention: period.iter().map(|&t| model.retention(t)).collect(),
            residual_value: options.payment.and_then(value),
            survival_interval: options.interval.map(interval).transpose()?.flatten(),
            revenue: options.payment.and_then(pays),
            base,
            elasticity: delta.map(|delta| period.iter().map(|&made| elasticity(record, made, delta)).collect()),
            residual_lifetime: residual,
            period,
        })
    }

    /// Whether anything was seen of customers.
    pub fn has_actual(&self) -> bool {
        self.actual_survival.iter().any(Option::is_some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Bdw;
    use crate::retention::RetentionModel;
    use crate::summary::TimeUnit;

    /// Against the sum with all rates larger and smaller, term by term.
    #[test]
    fn elasticity_is_what_larger_rates_are_worth() {
        let model = Bdw { a: 0.25934, b: 1.72255, c: 1.58436 };
        let record = RetentionRecord::given(RetentionModel::Bdw(model), TimeUnit::Year);
        let delta = 0.1f64.ln_1p();
        for made in [0, 4] {
            let worth = |factor: f64| {
                let (mut there, mut sum) = (1.0, 0.0);
                for k in 1..2000u32 {
                    there *= model.retention(made + k) * factor;
                    sum += there * (-delta * f64::from(k - 1)).exp();
                }
                sum
            };
            let known = (worth(1.0001).ln() - worth(0.9999).ln()) / (1.0001f64.ln() - 0.9999f64.ln());
            let ours = elasticity(&record, made, delta);
            assert!((ours / known - 1.0).abs() < 1e-6, "{ours} {known}");
        }
    }

    /// By hand: two customers who have made no renewal and one who has made one.
    #[test]
    fn the_base_goes_down_customer_by_customer() {
        let model = Bdw { a: 1.0, b: 1.0, c: 1.0 };
        let record = RetentionRecord::given(RetentionModel::Bdw(model), TimeUnit::Month);
        let options = ProjectionOptions { periods: 2, payment: Some(10.0), ..ProjectionOptions::default() };
        let projection = Projection::with_base(&record, None, &[2, 1], &options).unwrap();
        // S(t) = 1/(1 + t).
        let base = [3.0, 2.0 / 2.0 + 2.0 / 3.0, 2.0 / 3.0 + 2.0 / 4.0];
        for ((ours, pays), known) in projection.base.unwrap().iter().zip(projection.revenue.unwrap()).zip(base) {
            assert!((ours - known).abs() < 1e-13 && (pays - 10.0 * known).abs() < 1e-12, "{ours} {known}");
        }
    }
}
