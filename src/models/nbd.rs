//! NBD: purchases at a gamma distributed rate by customers who never leave, the benchmark beside which the others show what
//! dropout is worth.
//!
//! Source: Ehrenberg (1959), The Pattern of Consumer Purchases, Applied Statistics 8(1); the likelihood for each customer as
//! in Schmittlein, Morrison & Colombo (1987).

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::decay::Decay;
use super::rates::ln_rates;
use super::sampling::{draw_gamma, draw_poisson, draw_poisson_count};
use super::{Derivatives, FuturePurchases, Heterogeneity, Likelihood, Timing};
use crate::error::Result;
use crate::special::negative_binomial::NegativeBinomial;
use crate::summary::{CountedHistories, CountedRow, History};

/// NBD in the usual notation. Both parameters are positive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nbd {
    /// Shape of the purchase rates over customers.
    pub r: f64,
    /// Rate of the purchase rates over customers, in time units: `E[λ] = r / alpha`.
    pub alpha: f64,
}

impl Likelihood<2> for Nbd {
    type Data = CountedHistories;
    const NAME: &'static str = "nbd";
    const TITLE: &'static str = "NBD";

    parameters!(2: r, alpha);

    /// Of purchases at the times when they were made, so that it compares with that of models with dropout:
    ///
    /// ```text
    /// ln L = Σ_{i<x} ln(r + i)  +  r ln(α/(α + T)) - x ln(α + T)
    /// ```
    fn log_likelihood(&self, data: &CountedHistories) -> Derivatives<2> {
        let rates = ln_rates(self.r, data).placed(0);
        let ages = Decay::table(self.alpha, data.times());
        rates.plus(Derivatives::sum(data.rows(), &|row: &CountedRow| {
            self.age_term(row.history.x(), &ages[row.age as usize]).times(row.customers)
        }))
    }

    fn starts((): (), data: &CountedHistories) -> Vec<Self> {
        let (r, alpha) = data.purchase_rate_moments();
        let rescaled = |r: f64| Self { r, alpha: r / data.purchases_per_time() };
        vec![Self { r, alpha }, rescaled(0.3), rescaled(1.0), rescaled(10.0)]
    }

    fn scales((): (), data: &CountedHistories) -> [f64; 2] {
        [1.0, 1.0 / data.purchases_per_time()]
    }

    fn check(data: &CountedHistories) -> Result<()> {
        data.check_repeat_customers(Self::NAME)
    }
}

impl Nbd {
    /// `-r ln(1 + T/α) - x ln(α + T)` with derivatives in (ln r, ln alpha).
    fn age_term(&self, x: f64, age: &Decay) -> Derivatives<2> {
        let r = self.r;
        let mut d = Derivatives::ZERO;
        d.value = -r * age.ln_decay - x * age.ln_total;
        d.gradient = [-r * age.ln_decay, r * age.elapsed - x * age.remaining];
        d.hessian = [[-r * age.ln_decay, r * age.elapsed], [r * age.elapsed, -(r + x) * age.both]];
        d
    }
}

impl Timing for Nbd {
    type Future = Self;

    fn future(&self, history: &History) -> Self {
        Self { r: self.r + history.x(), alpha: self.alpha + history.T }
    }

    /// Nobody leaves.
    fn p_alive(&self, _history: &History) -> f64 {
        1.0
    }

    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>) {
        times.clear();
        let lambda = draw_gamma(self.r, rng) / self.alpha;
        draw_poisson(lambda, t, rng, times, |_| false);
    }

    fn heterogeneity(&self) -> Vec<Heterogeneity> {
        vec![Heterogeneity::gamma("purchases a time unit", self.r, self.alpha)]
    }
}

impl FuturePurchases for Nbd {
    /// `E[X(t)] = r t/α`
    fn expected_purchases(&self, t: f64) -> f64 {
        if t > 0.0 { self.r / self.alpha * t } else { 0.0 }
    }

    /// `DET = r/α (1 - e^(-δ t))/δ`
    fn det(&self, t: f64, delta: f64) -> f64 {
        let discounted = if delta == 0.0 { t } else { -(-delta * t).exp_m1() / delta };
        self.r / self.alpha * discounted
    }

    /// `DERT = r/(α δ)`
    fn dert(&self, delta: f64) -> f64 {
        self.r / self.alpha / delta
    }

    fn survival(&self, _t: f64) -> f64 {
        1.0
    }

    fn ever_repeats(&self) -> f64 {
        1.0
    }

    fn time_scale(&self) -> f64 {
        self.alpha
    }

    fn mass(&self, n: f64, t: f64) -> f64 {
        NegativeBinomial::new(self.r, self.alpha, t).pmf(n)
    }

    fn tail(&self, n: f64, t: f64) -> f64 {
        NegativeBinomial::new(self.r, self.alpha, t).at_least(n)
    }

    fn draw_count(&self, t: f64, rng: &mut impl Rng) -> f64 {
        draw_poisson_count(draw_gamma(self.r, rng) / self.alpha * t, rng)
    }
}
