//! BG/CNBD-k: BG/NBD with regular purchases.
//!
//! As BG/NBD, but the time between a customer's purchases is Erlang-k with rate `λ ~ Gamma(r, alpha)` of its stages: a purchase is every
//! `k`-th event of a hidden Poisson process that begins anew after each purchase. With `k = 1` it is BG/NBD. Source: Reutterer, Platzer &
//! Schröder (2021), Leveraging Purchase Regularity for Predicting Customer Behavior the Easy Way, International Journal of Research in
//! Marketing 38(1), 194-215.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::beta_geometric::BetaGeometricNbd;
use super::beta_geometric_regular::BetaGeometricCnbd;
use super::regular_future::RegularFuture;
use super::sampling::{draw_beta, draw_erlang, draw_gamma};
use super::stages::{MOST_STAGES, StageTerms, Stages};
use super::{Counts, Derivatives, FutureKey, FuturePurchases, Heterogeneity, Likelihood, Timing};
use crate::error::Result;
use crate::summary::{CountedHistories, History};

/// BG/CNBD-k in the paper's notation. All four parameters are positive; `k` is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BgCnbd {
    /// Stages between purchases.
    pub k: Stages,
    /// Shape of the rates of stages over customers.
    pub r: f64,
    /// Rate of the rates of stages over customers, in time units: a customer purchases at `λ/k`, in the mean `r / (k alpha)`.
    pub alpha: f64,
    /// First parameter of the dropout probabilities: `E[p] = a / (a + b)`.
    pub a: f64,
    /// Second parameter of the dropout probabilities.
    pub b: f64,
}

impl Likelihood<4> for BgCnbd {
    type Data = CountedHistories;
    const NAME: &'static str = "bg-cnbd";
    const TITLE: &'static str = "BG/CNBD";

    regular_parameters!(4: r, alpha, a, b);

    /// ```text
    /// L = Π itt^(k-1)/(k-1)!  Γ(r+kx)/Γ(r) α^r [ B(a, b+x)/B(a, b) (α+T)^-(r+kx) S_k  +  [x > 0] B(a+1, b+x-1)/B(a, b) (α+t_x)^-(r+kx) ]
    /// ```
    ///
    /// with `S_k = Σ_{j<k} (r+kx)_j/j! ((T-t_x)/(α+T))^j`; the interpurchase times count where the data know them.
    fn log_likelihood(&self, data: &CountedHistories) -> Derivatives<4> {
        self.process().log_likelihood(data)
    }

    fn starts(k: Stages, data: &CountedHistories) -> Vec<Self> {
        let starts = BetaGeometricCnbd::starts(k, data).into_iter();
        starts.map(|[r, alpha, a, b]| Self { k, r, alpha, a, b }).collect()
    }

    fn scales(k: Stages, data: &CountedHistories) -> [f64; 4] {
        BetaGeometricCnbd::scales(k, data)
    }

    fn check(data: &CountedHistories) -> Result<()> {
        data.check_repeat_customers(Self::NAME)
    }
}

impl BgCnbd {
    /// Names on the command line by `k`, from 1 on.
    pub(super) const NAMES: [&'static str; MOST_STAGES] = with_stages!("bg-cnbd");

    /// Titles, likewise.
    pub(super) const TITLES: [&'static str; MOST_STAGES] = with_stages!("BG/CNBD");

    /// A customer can leave after each repeat purchase.
    fn process(&self) -> BetaGeometricCnbd {
        let Self { k, r, alpha, a, b } = *self;
        BetaGeometricCnbd { stages: k, process: BetaGeometricNbd { r, alpha, a, b, earlier_chances: 0 } }
    }

    /// What a new customer has ahead.
    fn new_customer(&self) -> RegularFuture {
        RegularFuture::after_purchase(self.k, [self.r, self.alpha], [self.a, self.b])
    }
}

impl Timing for BgCnbd {
    type Future = RegularFuture;

    /// The stage depends on the time since the last purchase.
    fn future_key(&self, history: &History) -> FutureKey {
        FutureKey::of_all(history)
    }

    /// `p ~ Beta(a, b + x)`; in stage `j` with weight `w_j`, and there `λ ~ Gamma(r + k x + j, alpha + T)`.
    fn future(&self, history: &History) -> RegularFuture {
        let (x, n) = (history.x(), self.r + self.k.k() * history.x());
        let alpha = self.alpha + history.T;
        let (weights, _) = StageTerms::new(self.k, n).weights((history.T - history.t_x).max(0.0) / alpha);
        RegularFuture::new(self.k, weights, [n, alpha], [self.a, self.b + x])
    }

    /// ```text
    /// P(alive) = 1 / (1 + [x > 0] a/(b + x - 1) ((α + T)/(α + t_x))^(r + k x) / S_k)
    /// ```
    fn p_alive(&self, history: &History) -> f64 {
        1.0 / (1.0 + self.process().odds_of_having_left(history))
    }

    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>) {
        times.clear();
        let lambda = draw_gamma(self.r, rng) / self.alpha;
        let p = draw_beta(self.a, self.b, rng);
        draw_erlang(self.k, lambda, t, rng, times, |rng| rng.random::<f64>() < p);
    }

    fn heterogeneity(&self) -> Vec<Heterogeneity> {
        vec![
            Heterogeneity::purchase_rate(self.r, self.k.k() * self.alpha),
            Heterogeneity::dropout_after_purchase(self.a, self.b),
        ]
    }
}

delegate_future_purchases!(BgCnbd: .new_customer);
