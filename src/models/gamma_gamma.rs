//! Gamma-Gamma: the model of spend per purchase of Colombo & Jiang (1999) and Fader, Hardie & Lee (2005).
//!
//! A customer's purchases are worth `z ~ Gamma(p, ν)` each, with `ν ~ Gamma(q, gamma)` over customers, independent of how
//! often they purchase. Source: Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value, note 025 (GG13).

use std::f64::consts::PI;

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::sampling::{draw_gamma, whole_number};
use super::{Derivatives, Likelihood, Resample};
use crate::error::{Cause, Result};
use crate::special::gamma::stirling_error;
use crate::special::{ln_gamma_ratio_slopes, trigamma};
use crate::summary::{CountedSpend, SpendGroup, SpendRow};

/// Gamma-Gamma in the paper's notation. All three parameters are positive; `gamma` is in units of money.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GammaGamma {
    /// Shape of a customer's purchase values.
    pub p: f64,
    /// Shape of the spread over customers.
    pub q: f64,
    /// Scale of the spread over customers, in the currency of the orders.
    pub gamma: f64,
}

impl Likelihood<3> for GammaGamma {
    type Data = CountedSpend;
    const NAME: &'static str = "gamma-gamma";
    const TITLE: &'static str = "Gamma-Gamma";

    parameters!(3: p, q, gamma);

    /// Log-density of the mean spend `m` over `x` purchases, GG13 equation 1a:
    ///
    /// ```text
    /// ln f = ln Γ(px + q) - ln Γ(px) - ln Γ(q) + q ln γ + (px - 1) ln m + px ln x - (px + q) ln(γ + x m)
    /// ```
    ///
    /// With `A = px`, `N = A + q` and `s = x m/(γ + x m)` it is `-ln m - ln B(A, q) + A ln s + q ln(1 - s)`, whose terms may
    /// be a billion times their sum; so each is taken from its value at `s = A/N`. What depends on `x` alone is summed
    /// over its histogram.
    fn log_likelihood(&self, data: &CountedSpend) -> Derivatives<3> {
        Derivatives::sum(data.groups(), &|group| self.group_term(group, data.rows_of(group)))
    }

    fn starts((): (), data: &CountedSpend) -> Vec<Self> {
        let mean = data.mean_spend();
        [(6.0, 4.0), (1.0, 2.0), (2.0, 10.0), (30.0, 3.0)]
            .map(|(p, q): (f64, f64)| Self { p, q, gamma: mean * (q - 1.0) / p })
            .to_vec()
    }

    fn scales((): (), data: &CountedSpend) -> [f64; 3] {
        [1.0, 1.0, data.mean_spend()]
    }

    fn check(data: &CountedSpend) -> Result<()> {
        data.check_customers(Self::NAME)
    }
}

impl Resample<3> for GammaGamma {
    fn reweighted(data: &CountedSpend, weight: impl FnMut(f64) -> f64) -> CountedSpend {
        data.reweighted(weight)
    }

    fn simulated(&self, data: &CountedSpend, rng: &mut impl Rng) -> CountedSpend {
        let mut spend = Vec::new();
        for row in data.rows() {
            for _ in 0..whole_number(row.customers, rng) {
                let nu = self.draw_customer(rng);
                // The mean of x gamma variates is one of x times the shape.
                let mean = draw_gamma(self.p * row.x, rng) / (nu * row.x);
                spend.push((row.x as u32, mean));
            }
        }
        CountedSpend::new(spend)
    }
}

impl GammaGamma {
    /// `Σ ln f` over the customers of one frequency, with derivatives in (ln p, ln q, ln gamma).
    fn group_term(&self, group: &SpendGroup, rows: &[SpendRow]) -> Derivatives<3> {
        let Self { p, q, gamma } = *self;
        let (shape, n) = (p * group.x, p * group.x + q);
        let (ln_shape, ln_q) = (-(q / shape).ln_1p(), -(shape / q).ln_1p());
        let mut sums = SpendSums::default();
        for row in rows {
            let total = row.x * row.mean;
            let inverse = 1.0 / (gamma + total);
            let (share, rest) = (total * inverse, gamma * inverse);
            let (ln_share, ln_rest) = (-(gamma / total).ln_1p(), -(total / gamma).ln_1p());
            let customers = row.customers;
            sums.value += customers * (shape * (ln_share - ln_shape) + q * (ln_rest - ln_q) - row.ln_mean);
            sums.ln_share += customers * ln_share;
            sums.ln_rest += customers * ln_rest;
            sums.above += customers * ((q * total - shape * gamma) * inverse);
            sums.share += customers * share;
            sums.rest += customers * rest;
            sums.both += customers * share * rest;
        }

        let customers = group.customers;
        // ln of 1/B(A, q) (A/N)^A (q/N)^q, from Stirling's formula and its errors
        let peak =
            0.5 * (shape * q / (2.0 * PI * n)).ln() + stirling_error(n) - stirling_error(shape) - stirling_error(q);
        let (slope_p, bend_p) = ln_gamma_ratio_slopes(shape, q);
        let (slope_q, bend_q) = ln_gamma_ratio_slopes(q, shape);
        let (by_p, by_q) = (shape * sums.ln_share + customers * slope_p, q * sums.ln_rest + customers * slope_q);
        let cross = customers * shape * q * trigamma(n);
        let mut d = Derivatives::ZERO;
        d.value = sums.value + customers * peak;
        d.gradient = [by_p, by_q, sums.above];
        d.hessian = [
            [shape * sums.ln_share + customers * bend_p, cross, -shape * sums.rest],
            [cross, q * sums.ln_rest + customers * bend_q, q * sums.share],
            [-shape * sums.rest, q * sums.share, -n * sums.both],
        ];
        d
    }

    /// Draws a new customer: the rate `ν ~ Gamma(q, gamma)` of purchase values.
    pub fn draw_customer(&self, rng: &mut impl Rng) -> f64 {
        draw_gamma(self.q, rng) / self.gamma
    }

    /// Draws the value `z ~ Gamma(p, ν)` of a purchase of a customer with rate `nu`.
    pub fn draw_spend(&self, nu: f64, rng: &mut impl Rng) -> f64 {
        draw_gamma(self.p, rng) / nu
    }

    /// The parameters of a new customer who spends like one with `x` repeat purchases of mean value `m`:
    /// `(p, q + p x, gamma + x m)`. GG13, section 3.
    ///
    /// Spend below zero, after returns, counts as none.
    pub fn posterior(&self, x: u32, m: f64) -> Self {
        let x = f64::from(x);
        Self { p: self.p, q: self.q + self.p * x, gamma: self.gamma + x * m.max(0.0) }
    }

    /// Expected mean value of a new customer's purchases, `p gamma / (q - 1)` (GG13, equation 3).
    ///
    /// # Errors
    /// [`Cause::InfiniteMean`](crate::error::Cause::InfiniteMean) if `q ≤ 1`: the mean over customers is then infinite and no number is right.
    pub fn population_mean(&self) -> Result<f64> {
        self.expected_spend(0, 0.0)
    }

    /// Expected mean value of the future purchases of a customer with `x` repeat purchases of mean value `m`:
    ///
    /// ```text
    /// E[M | x, m] = p (gamma + x m) / (p x + q - 1)
    /// ```
    ///
    /// (GG13, equation 5), the population's mean if `x = 0`; `m` below zero, after returns, counts as none.
    ///
    /// # Errors
    /// [`Cause::InfiniteMean`](crate::error::Cause::InfiniteMean) if `p x + q ≤ 1`.
    pub fn expected_spend(&self, x: u32, m: f64) -> Result<f64> {
        let (count, m) = (f64::from(x), m.max(0.0));
        // q - 1 first: it is exact near 1.
        let above_one = (self.q - 1.0) + self.p * count;
        if above_one > 0.0 {
            Ok(self.p * (self.gamma + count * m) / above_one)
        } else {
            Err(Cause::InfiniteMean { p: self.p, q: self.q, x, customer: None }.into())
        }
    }
}

/// Gamma-Gamma on the edge `q = 1` of the models with a finite mean over customers: where a fit held to `q ≥ 1` ends if the data
/// would have it lower.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaGammaEdge {
    /// As [`GammaGamma::p`].
    pub p: f64,
    /// As [`GammaGamma::gamma`].
    pub gamma: f64,
}

impl GammaGammaEdge {
    /// The model with its `q`.
    pub fn model(&self) -> GammaGamma {
        GammaGamma { p: self.p, q: 1.0, gamma: self.gamma }
    }
}

impl Likelihood<2> for GammaGammaEdge {
    type Data = CountedSpend;
    const NAME: &'static str = "gamma-gamma with q = 1";
    const TITLE: &'static str = "Gamma-Gamma, q = 1";

    parameters!(2: p, gamma);

    /// The log-likelihood of [`GammaGamma`] with `q = 1`, which is no variable.
    fn log_likelihood(&self, data: &CountedSpend) -> Derivatives<2> {
        let Derivatives { value, gradient: [p, _, gamma], hessian: [[pp, _, cross], _, [_, _, bend]] } =
            self.model().log_likelihood(data);
        Derivatives { value, gradient: [p, gamma], hessian: [[pp, cross], [cross, bend]] }
    }

    fn starts((): (), data: &CountedSpend) -> Vec<Self> {
        let mean = data.mean_spend();
        [6.0, 1.0, 30.0].map(|p| Self { p, gamma: mean / p }).to_vec()
    }

    fn scales((): (), data: &CountedSpend) -> [f64; 2] {
        [1.0, data.mean_spend()]
    }

    fn check(data: &CountedSpend) -> Result<()> {
        GammaGamma::check(data)
    }
}

/// Sums over the customers of one frequency, with `s = x m/(γ + x m)`.
#[derive(Default)]
struct SpendSums {
    value: f64,
    ln_share: f64,
    ln_rest: f64,
    /// `q s - A (1 - s)`, the slope in `ln γ`.
    above: f64,
    share: f64,
    rest: f64,
    both: f64,
}
