//! MBG/NBD: the modified BG/NBD model of Batislam, Denizel & Filiztekin (2007), and of Hoppe & Wagner (2007).
//!
//! As BG/NBD, but a customer can also leave right after the *first* purchase, with the same probability `p ~ Beta(a, b)`. So
//! a customer without a repeat purchase is not alive for certain. Source: Empirical Validation and Comparison of Models for
//! Customer Base Analysis, International Journal of Research in Marketing 24(3), 201-209.
//!
//! All of it is BG/NBD's: a new customer leaves at once with probability `a/(a + b)`, and is otherwise a new customer of
//! BG/NBD with `(r, alpha, a, b + 1)`.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::beta_geometric::BetaGeometricNbd;
use super::sampling::{draw_beta, draw_chances, draw_gamma, draw_poisson, draw_poisson_count};
use super::{BgNbd, Derivatives, FuturePurchases, Heterogeneity, Likelihood, Timing};
use crate::error::Result;
use crate::summary::{CountedHistories, History};

/// MBG/NBD in the papers' notation. All four parameters are positive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MbgNbd {
    /// Shape of the purchase rates over customers.
    pub r: f64,
    /// Rate of the purchase rates over customers, in time units: `E[λ] = r / alpha`.
    pub alpha: f64,
    /// First parameter of the dropout probabilities: `E[p] = a / (a + b)`.
    pub a: f64,
    /// Second parameter of the dropout probabilities.
    pub b: f64,
}

impl Likelihood<4> for MbgNbd {
    type Data = CountedHistories;
    const NAME: &'static str = "mbg-nbd";
    const TITLE: &'static str = "MBG/NBD";

    parameters!(4: r, alpha, a, b);

    /// ```text
    /// L = Γ(r+x)/Γ(r) α^r [ B(a, b+x+1)/B(a, b) (α+T)^-(r+x)  +  B(a+1, b+x)/B(a, b) (α+t_x)^-(r+x) ]
    /// ```
    fn log_likelihood(&self, data: &CountedHistories) -> Derivatives<4> {
        self.process().log_likelihood(data)
    }

    fn starts((): (), data: &CountedHistories) -> Vec<Self> {
        let starts = BetaGeometricNbd::starts(data).into_iter();
        starts.map(|[r, alpha, a, b]| Self { r, alpha, a, b }).collect()
    }

    fn scales((): (), data: &CountedHistories) -> [f64; 4] {
        BetaGeometricNbd::scales(data)
    }

    fn check(data: &CountedHistories) -> Result<()> {
        data.check_repeat_customers(Self::NAME)
    }
}

impl MbgNbd {
    /// A customer can leave after the first purchase and after each repeat purchase.
    fn process(&self) -> BetaGeometricNbd {
        let Self { r, alpha, a, b } = *self;
        BetaGeometricNbd { r, alpha, a, b, earlier_chances: 1 }
    }

    /// `b/(a + b)`: a new customer stays.
    fn stays(&self) -> f64 {
        self.b / (self.a + self.b)
    }

    /// The customer who did.
    fn stayed(&self) -> BgNbd {
        BgNbd { r: self.r, alpha: self.alpha, a: self.a, b: self.b + 1.0 }
    }
}

impl Timing for MbgNbd {
    type Future = BgNbd;

    /// Who is alive has stayed at the last chance, and can leave again only after another purchase.
    fn future(&self, history: &History) -> BgNbd {
        self.stayed().future(history)
    }

    /// ```text
    /// P(alive) = 1 / (1 + a/(b + x) ((α + T)/(α + t_x))^(r + x))
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
            draw_poisson(lambda, t, rng, times, leaves);
        }
    }

    fn heterogeneity(&self) -> Vec<Heterogeneity> {
        vec![Heterogeneity::purchase_rate(self.r, self.alpha), Heterogeneity::dropout_after_purchase(self.a, self.b)]
    }
}

impl FuturePurchases for MbgNbd {
    fn expected_purchases(&self, t: f64) -> f64 {
        self.stays() * self.stayed().expected_purchases(t)
    }

    fn dert(&self, delta: f64) -> f64 {
        self.stays() * self.stayed().dert(delta)
    }

    fn survival(&self, t: f64) -> f64 {
        self.stays() * self.stayed().survival(t)
    }

    /// Unless the customer leaves at once.
    fn ever_repeats(&self) -> f64 {
        self.stays()
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

    fn draw_count(&self, t: f64, rng: &mut impl Rng) -> f64 {
        let wanted = draw_poisson_count(draw_gamma(self.r, rng) / self.alpha * t, rng);
        // The first chance to leave is before any of them.
        wanted.min(draw_chances(draw_beta(self.a, self.b, rng), rng) - 1.0)
    }
}
