//! Gamma-Gamma: the model of spend per purchase of Colombo & Jiang (1999) and Fader, Hardie & Lee (2005).
//!
//! A customer's purchases are worth `z ~ Gamma(p, ν)` each, with `ν ~ Gamma(q, gamma)` over customers, independent of how
//! often they purchase. Source: Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value, note 025 (GG13).

use serde::{Deserialize, Serialize};

use super::{Derivatives, Likelihood, positive};
use crate::error::{Error, Result};
use crate::special::{digamma, ln_gamma, trigamma};
use crate::summary::{CountedSpend, SpendRow};

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
    const PARAMETERS: [&'static str; 3] = ["p", "q", "gamma"];

    fn from_parameters(parameters: [f64; 3]) -> Result<Self> {
        let [p, q, gamma] = positive(Self::NAME, Self::PARAMETERS, parameters)?;
        Ok(Self { p, q, gamma })
    }

    fn parameters(&self) -> [f64; 3] {
        [self.p, self.q, self.gamma]
    }

    /// Log-density of the mean spend `m` over `x` purchases, GG13 equation 1a:
    ///
    /// ```text
    /// ln f = ln Γ(px + q) - ln Γ(px) - ln Γ(q) + q ln γ + (px - 1) ln m + px ln x - (px + q) ln(γ + x m)
    /// ```
    ///
    /// The gamma functions depend on `x` alone and are summed over its histogram.
    fn log_likelihood(&self, data: &CountedSpend) -> Derivatives<3> {
        let shapes = Derivatives::sum(data.by_frequency(), &|&(x, customers)| self.shape_term(x).times(customers));
        let spend = Derivatives::sum(data.rows(), &|row| self.spend_term(row).times(row.customers));
        shapes.plus(spend).in_logs(self.parameters())
    }

    fn starts(data: &CountedSpend) -> Vec<Self> {
        let mean = data.mean_spend();
        [(6.0, 4.0), (1.0, 2.0), (2.0, 10.0), (30.0, 3.0)]
            .map(|(p, q): (f64, f64)| Self { p, q, gamma: mean * (q - 1.0) / p })
            .to_vec()
    }

    fn scales(data: &CountedSpend) -> [f64; 3] {
        [1.0, 1.0, data.mean_spend()]
    }

    fn customers(data: &CountedSpend) -> f64 {
        data.customers()
    }

    fn distinct(data: &CountedSpend) -> usize {
        data.rows().len()
    }

    fn check(data: &CountedSpend) -> Result<()> {
        data.check_customers(Self::NAME)
    }
}

impl GammaGamma {
    /// `ln Γ(px + q) - ln Γ(px) - ln Γ(q)` with derivatives in (p, q, gamma).
    fn shape_term(&self, x: f64) -> Derivatives<3> {
        let Self { p, q, .. } = *self;
        let (px, pxq) = (p * x, p * x + q);
        let mut d = Derivatives::ZERO;
        d.value = ln_gamma(pxq) - ln_gamma(px) - ln_gamma(q);
        d.gradient = [x * (digamma(pxq) - digamma(px)), digamma(pxq) - digamma(q), 0.0];
        let both = trigamma(pxq);
        d.hessian[0][0] = x * x * (both - trigamma(px));
        d.hessian[0][1] = x * both;
        d.hessian[1][0] = x * both;
        d.hessian[1][1] = both - trigamma(q);
        d
    }

    /// `-ln m - px ln(1 + γ/(x m)) - q ln(1 + x m/γ)`, the rest of the log-density, with derivatives in (p, q, gamma).
    fn spend_term(&self, row: &SpendRow) -> Derivatives<3> {
        let Self { p, q, gamma } = *self;
        let (x, total) = (row.x, row.x * row.mean);
        let (ln_above, ln_below) = ((gamma / total).ln_1p(), (total / gamma).ln_1p());
        let inverse = 1.0 / (gamma + total);
        let mut d = Derivatives::ZERO;
        d.value = -row.mean.ln() - p * x * ln_above - q * ln_below;
        d.gradient = [-x * ln_above, -ln_below, inverse * (q * total / gamma - p * x)];
        d.hessian[0][2] = -x * inverse;
        d.hessian[1][2] = total / gamma * inverse;
        d.hessian[2][0] = d.hessian[0][2];
        d.hessian[2][1] = d.hessian[1][2];
        d.hessian[2][2] = (p * x + q) * inverse * inverse - q / (gamma * gamma);
        d
    }

    /// The parameters of a new customer who spends like one with `x` repeat purchases of mean value `m`:
    /// `(p, q + p x, gamma + x m)`. GG13, section 3.
    ///
    /// A customer without repeat spend (`x = 0` or `m ≤ 0`) tells the model nothing, so the population's parameters remain.
    pub fn posterior(&self, x: u32, m: f64) -> Self {
        if x == 0 || m <= 0.0 {
            return *self;
        }
        let x = f64::from(x);
        Self { p: self.p, q: self.q + self.p * x, gamma: self.gamma + x * m }
    }

    /// Expected mean value of a new customer's purchases, `p gamma / (q - 1)` (GG13, equation 3).
    ///
    /// # Errors
    /// [`Error::InfiniteMean`] if `q ≤ 1`: the mean over customers is then infinite and no number is right.
    pub fn expected_spend(&self) -> Result<f64> {
        if self.q > 1.0 { Ok(self.p * self.gamma / (self.q - 1.0)) } else { Err(Error::InfiniteMean { q: self.q }) }
    }
}
