//! MBG/CNBD-k: MBG/NBD with regular purchases.
//!
//! As BG/CNBD-k, but a customer can also leave right after the *first* purchase, with the same probability `p ~ Beta(a, b)`. With `k = 1`
//! it is MBG/NBD. Source: Reutterer, Platzer & Schröder (2021), International Journal of Research in Marketing 38(1), 194-215.
//!
//! All of it is BG/CNBD-k's: a new customer leaves at once with probability `a/(a + b)`, and is otherwise a new customer of BG/CNBD-k with
//! `(r, alpha, a, b + 1)`.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::beta_geometric::BetaGeometricNbd;
use super::beta_geometric_regular::BetaGeometricCnbd;
use super::regular_future::RegularFuture;
use super::sampling::{draw_beta, draw_chances, draw_erlang, draw_gamma, draw_poisson_count};
use super::stages::{MOST_STAGES, Stages};
use super::{BgCnbd, Derivatives, FutureKey, FuturePurchases, Heterogeneity, Likelihood, Timing};
use crate::error::Result;
use crate::summary::{CountedHistories, History};

/// MBG/CNBD-k in the paper's notation. All four parameters are positive; `k` is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MbgCnbd {
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

impl Likelihood<4> for MbgCnbd {
    type Data = CountedHistories;
    const NAME: &'static str = "mbg-cnbd";
    const TITLE: &'static str = "MBG/CNBD";

    regular_parameters!(4: r, alpha, a, b);

    /// ```text
    /// L = Π itt^(k-1)/(k-1)!  Γ(r+kx)/Γ(r) α^r [ B(a, b+x+1)/B(a, b) (α+T)^-(r+kx) S_k  +  B(a+1, b+x)/B(a, b) (α+t_x)^-(r+kx) ]
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

impl MbgCnbd {
    /// Names on the command line by `k`, from 1 on.
    pub(super) const NAMES: [&'static str; MOST_STAGES] = with_stages!("mbg-cnbd");

    /// Titles, likewise.
    pub(super) const TITLES: [&'static str; MOST_STAGES] = with_stages!("MBG/CNBD");

    /// A customer can leave after the first purchase and after each repeat purchase.
    fn process(&self) -> BetaGeometricCnbd {
        let Self { k, r, alpha, a, b } = *self;
        BetaGeometricCnbd { stages: k, process: BetaGeometricNbd { r, alpha, a, b, earlier_chances: 1 } }
    }

    /// `b/(a + b)`: a new customer stays.
    fn stays(&self) -> f64 {
        self.b / (self.a + self.b)
    }

    /// The customer who did.
    fn stayed(&self) -> BgCnbd {
        BgCnbd { k: self.k, r: self.r, alpha: self.alpha, a: self.a, b: self.b + 1.0 }
    }
}

impl Timing for MbgCnbd {
    type Future = RegularFuture;

    fn future_key(&self, history: &History) -> FutureKey {
        FutureKey::of_all(history)
    }

    /// Who is alive has stayed at the last chance, and can leave again only after another purchase.
    fn future(&self, history: &History) -> RegularFuture {
        self.stayed().future(history)
    }

    /// ```text
    /// P(alive) = 1 / (1 + a/(b + x) ((α + T)/(α + t_x))^(r + k x) / S_k)
    /// ```
    fn p_alive(&self, history: &History) -> f64 {
        1.0 / (1.0 + self.process().odds_of_having_left(history))
    }

    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>) {
        times.clear();
        let lambda = draw_gamma(self.r, rng) / self.alpha;
        let p = draw_beta(self.a, self.b, rng);
        let leaves = |rng: &mut _| RngExt::random::<f64>(rng) < p;
        if !leaves(rng) {
            draw_erlang(self.k, lambda, t, rng, times, leaves);
        }
    }

    fn heterogeneity(&self) -> Vec<Heterogeneity> {
        vec![
            Heterogeneity::purchase_rate(self.r, self.k.k() * self.alpha),
            Heterogeneity::dropout_after_purchase(self.a, self.b),
        ]
    }
}

impl FuturePurchases for MbgCnbd {
    fn expected_purchases(&self, t: f64) -> f64 {
        self.stays() * self.stayed().expected_purchases(t)
    }

    fn det(&self, t: f64, delta: f64) -> f64 {
        self.stays() * self.stayed().det(t, delta)
    }

    fn dert(&self, delta: f64) -> f64 {
        self.stays() * self.stayed().dert(delta)
    }

    fn time_scale(&self) -> f64 {
        self.stayed().time_scale()
    }

    fn mass(&self, n: f64, t: f64) -> f64 {
        let leaves_at_once = if n == 0.0 { self.a / (self.a + self.b) } else { 0.0 };
        (leaves_at_once + self.stays() * self.stayed().mass(n, t)).clamp(0.0, 1.0)
    }

    fn tail(&self, n: f64, t: f64) -> f64 {
        if n == 0.0 { 1.0 } else { self.stays() * self.stayed().tail(n, t) }
    }

    fn survival(&self, t: f64) -> f64 {
        self.stays() * self.stayed().survival(t)
    }

    /// Unless the customer leaves at once.
    fn ever_repeats(&self) -> f64 {
        self.stays()
    }

    fn draw_count(&self, t: f64, rng: &mut impl Rng) -> f64 {
        let events = draw_poisson_count(draw_gamma(self.r, rng) / self.alpha * t, rng);
        // The first chance to leave is before any of them.
        (events / self.k.k()).floor().min(draw_chances(draw_beta(self.a, self.b, rng), rng) - 1.0)
    }
}
