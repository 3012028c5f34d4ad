//! sBG: the shifted beta-geometric model of Fader & Hardie (2007), for contracts that are renewed, or not, period by period.
//!
//! At the end of each period a customer leaves with probability `θ ~ Beta(alpha, beta)`. Cohorts seem to become more loyal
//! because those who leave easily leave first. Source: How to Project Customer Retention, Journal of Interactive Marketing
//! 21(1), 76-90 (FH07).

use serde::{Deserialize, Serialize};

use super::dropout::{discounted_survival, ln_leave, ln_stay, survival};
use super::{Derivatives, Likelihood};
use crate::error::Result;
use crate::summary::CountedLifetimes;

/// sBG in the paper's notation. Both parameters are positive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sbg {
    /// First parameter of the probabilities to leave: `E[θ] = alpha / (alpha + beta)`.
    pub alpha: f64,
    /// Second parameter of the probabilities to leave.
    pub beta: f64,
}

impl Likelihood<2> for Sbg {
    type Data = CountedLifetimes;
    const NAME: &'static str = "sbg";
    const TITLE: &'static str = "sBG";

    parameters!(2: alpha, beta);

    /// ```text
    /// ln L = Σ_t n(left at the end of period t) ln P(T = t)  +  Σ_t n(seen for t periods, still there) ln S(t)
    /// P(T = t) = B(α+1, β+t-1)/B(α, β),   S(t) = B(α, β+t)/B(α, β)
    /// ```
    ///
    /// (FH07, equations 5, 6 and B3), summed by chances: so many customers stayed at their `i+1`-th, so many left.
    fn log_likelihood(&self, data: &CountedLifetimes) -> Derivatives<2> {
        Derivatives::sum(data.chances(), &|&(i, stayed, left)| {
            let stay = ln_stay(self.alpha, self.beta, i).times(stayed);
            stay.plus(ln_leave(self.alpha, self.beta, i).times(left))
        })
    }

    fn starts((): (), _data: &CountedLifetimes) -> Vec<Self> {
        [(1.0, 1.0), (0.5, 3.0), (5.0, 5.0), (0.1, 0.3)].map(|(alpha, beta)| Self { alpha, beta }).to_vec()
    }

    fn scales((): (), _data: &CountedLifetimes) -> [f64; 2] {
        [1.0; 2]
    }

    fn check(data: &CountedLifetimes) -> Result<()> {
        data.check(Self::NAME, 2)
    }
}

impl Sbg {
    /// `S(t) = B(α, β+t)/B(α, β)`: the share of a new cohort that is there after `t` renewals.
    pub fn survival(&self, t: u32) -> f64 {
        survival(self.alpha, self.beta, t.into())
    }

    /// `r(t) = S(t)/S(t-1) = (β + t - 1)/(α + β + t - 1)` for `t ≥ 1`: the share of those still there who make the `t`-th
    /// renewal (FH07, equation 8). Of the start, 1.
    pub fn retention(&self, t: u32) -> f64 {
        if t == 0 {
            return 1.0;
        }
        let stays = self.beta + (f64::from(t) - 1.0);
        stays / (self.alpha + stays)
    }

    /// The customer who has made `renewals` renewals, as a new one: `(α, β + renewals)`.
    pub fn posterior(&self, renewals: u32) -> Self {
        Self { alpha: self.alpha, beta: self.beta + f64::from(renewals) }
    }

    /// Discounted expected residual lifetime of a customer who has made `renewals` renewals and stands before the next one, in
    /// payments of 1 that are due with each renewal, at a continuous rate `δ > 0` a period:
    ///
    /// ```text
    /// DERL = Σ_{k ≥ 1} S(renewals + k)/S(renewals) e^(-δ (k - 1))
    /// ```
    ///
    /// Source: Fader & Hardie (2010), Customer-Base Valuation in a Contractual Setting, Marketing Science 29(1), equation 6.
    pub fn derl(&self, renewals: u32, delta: f64) -> f64 {
        let Self { alpha, beta } = self.posterior(renewals);
        discounted_survival(alpha, beta, delta) * delta.exp()
    }
}
