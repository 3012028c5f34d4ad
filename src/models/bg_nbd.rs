//! BG/NBD: the beta-geometric / negative binomial model of Fader, Hardie & Lee (2005).
//!
//! While alive, a customer purchases at random with rate `λ ~ Gamma(r, alpha)`; after each purchase the customer leaves
//! for good with probability `p ~ Beta(a, b)`. Source: "Counting Your Customers" the Easy Way, Marketing Science 24(2),
//! 275-284 (FHL05); equation numbers below are that paper's.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::beta_geometric::BetaGeometricNbd;
use super::counts::REST;
use super::dropout::survival;
use super::sampling::{draw_beta, draw_chances, draw_gamma, draw_poisson, draw_poisson_count};
use super::{Counts, Derivatives, FuturePurchases, Heterogeneity, Likelihood, Timing};
use crate::error::Result;
use crate::special::negative_binomial::NegativeBinomial;
use crate::special::{beta_expectation, discounted_share};
use crate::summary::{CountedHistories, History};

/// BG/NBD in the paper's notation. All four parameters are positive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BgNbd {
    /// Shape of the purchase rates over customers.
    pub r: f64,
    /// Rate of the purchase rates over customers, in time units: `E[λ] = r / alpha`.
    pub alpha: f64,
    /// First parameter of the dropout probabilities: `E[p] = a / (a + b)`.
    pub a: f64,
    /// Second parameter of the dropout probabilities.
    pub b: f64,
}

impl Likelihood<4> for BgNbd {
    type Data = CountedHistories;
    const NAME: &'static str = "bg-nbd";
    const TITLE: &'static str = "BG/NBD";

    parameters!(4: r, alpha, a, b);

    /// Equation 6, summed over customers:
    ///
    /// ```text
    /// L = Γ(r+x)/Γ(r) α^r [ B(a, b+x)/B(a, b) (α+T)^-(r+x)  +  [x > 0] B(a+1, b+x-1)/B(a, b) (α+t_x)^-(r+x) ]
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

impl BgNbd {
    /// A customer can leave after each repeat purchase.
    fn process(&self) -> BetaGeometricNbd {
        let Self { r, alpha, a, b } = *self;
        BetaGeometricNbd { r, alpha, a, b, earlier_chances: 0 }
    }

    /// A number of counts that is cheaper to sum than the integral over dropout is to evaluate.
    const COUNTS_WORTH_SUMMING: f64 = 3000.0;

    /// `Σ_k P(N = k) f(E[min(k, K)], P(K > k))`: `N` purchases wanted, `K` the purchase after which the customer leaves,
    /// `P(K > k) = B(a, b + k) / B(a, b)`. Every term is positive, and `f` at most one of the two.
    fn sum_over_counts(&self, counts: &NegativeBinomial, f: impl Fn(f64, f64) -> f64) -> f64 {
        let Self { a, b, .. } = *self;
        let (mut mass, mut k) = (counts.none(), 0.0);
        let (mut survives, mut purchases) = (1.0, 0.0);
        let mut sum = mass * f(purchases, survives);
        loop {
            let ratio = counts.step(k);
            mass *= ratio;
            k += 1.0;
            purchases += survives;
            survives *= (b + (k - 1.0)) / (a + b + (k - 1.0));
            let term = mass * f(purchases, survives);
            sum += term;
            // Past the mode the terms fall at least like a geometric series with this ratio.
            let falling = counts.step(k) * (k + 1.0) / k;
            if falling < 1.0 && term * falling < 1e-17 * sum * (1.0 - falling) || mass == 0.0 {
                return sum;
            }
        }
    }

    /// Whether the sum over counts is short, and can start: `(1 - z)^r` must not underflow.
    fn is_summed(counts: &NegativeBinomial) -> bool {
        counts.practical_maximum() < Self::COUNTS_WORTH_SUMMING && counts.none() > 1e-280
    }

    /// `E[X(t)] = E[ (1 - (1 + p t/α)^-r) / p ]` over `p ~ Beta(a, b)`.
    fn expectation_over_dropout(&self, t: f64) -> f64 {
        let Self { r, alpha, a, b } = *self;
        let odds = t / alpha;
        let purchases = |p: f64| -(-r * (p * odds).ln_1p()).exp_m1() / p;
        beta_expectation(a, b, 1.0 + odds * (1.0 + r), purchases).clamp(0.0, r * odds)
    }
}

impl Timing for BgNbd {
    type Future = Self;

    fn future(&self, history: &History) -> Self {
        let x = history.x();
        Self { r: self.r + x, alpha: self.alpha + history.T, a: self.a, b: self.b + x }
    }

    /// ```text
    /// P(alive) = 1 / (1 + [x > 0] a/(b + x - 1) ((α + T)/(α + t_x))^(r + x))
    /// ```
    ///
    /// A customer can leave only after a purchase that is counted, so it is 1 for `x = 0`. Source: Fader & Hardie, note 021.
    fn p_alive(&self, history: &History) -> f64 {
        1.0 / (1.0 + self.process().odds_of_having_left(history))
    }

    /// `λ ~ Gamma(r, alpha)`, `p ~ Beta(a, b)`; then exponential waiting times, and after each purchase the chance `p` to leave.
    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>) {
        times.clear();
        let lambda = draw_gamma(self.r, rng) / self.alpha;
        let p = draw_beta(self.a, self.b, rng);
        draw_poisson(lambda, t, rng, times, |rng| rng.random::<f64>() < p);
    }

    fn heterogeneity(&self) -> Vec<Heterogeneity> {
        vec![Heterogeneity::purchase_rate(self.r, self.alpha), Heterogeneity::dropout_after_purchase(self.a, self.b)]
    }
}

impl FuturePurchases for BgNbd {
    /// ```text
    /// E[X(t)] = (a + b - 1)/(a - 1) [ 1 - (α/(α + t))^r 2F1(r, b; a + b - 1; t/(α + t)) ]
    /// ```
    ///
    /// (equation 9), computed in one of two forms without that one's pole at `a = 1` and without its cancellation: a
    /// sum over purchase counts, or where that would be long, an integral over dropout probabilities.
    fn expected_purchases(&self, t: f64) -> f64 {
        if t <= 0.0 {
            return 0.0;
        }
        let counts = NegativeBinomial::new(self.r, self.alpha, t);
        if Self::is_summed(&counts) {
            self.sum_over_counts(&counts, |purchases, _| purchases)
        } else {
            self.expectation_over_dropout(t)
        }
    }

    /// ```text
    /// DERT = E[λ/(λ p + δ)] = r/(α δ) E[ z ∫₀^∞ e^(-z w) (1 + w)^-(r+1) dw ],  z = δ α/p,  p ~ Beta(a, b)
    /// ```
    fn dert(&self, delta: f64) -> f64 {
        let Self { r, alpha, a, b } = *self;
        let scale = delta * alpha;
        r / scale * beta_expectation(a, b, 1.0 + (1.0 + r) / scale, |p| discounted_share(r + 1.0, scale / p))
    }

    /// `E[e^(-λ p t)] = E[(1 + p t/α)^-r]` over `p ~ Beta(a, b)`: no purchase so far was the last. Below 1e-25 only the size
    /// is right.
    fn survival(&self, t: f64) -> f64 {
        if t <= 0.0 {
            return 1.0;
        }
        let counts = NegativeBinomial::new(self.r, self.alpha, t);
        if Self::is_summed(&counts) {
            return self.sum_over_counts(&counts, |_, survives| survives).clamp(0.0, 1.0);
        }
        let odds = t / self.alpha;
        beta_expectation(self.a, self.b, 1.0 + odds * (1.0 + self.r), |p| (-self.r * (p * odds).ln_1p()).exp())
    }

    /// Nobody leaves before it.
    fn ever_repeats(&self) -> f64 {
        1.0
    }

    /// Those who would leave first, with `p` near 1, slow on this scale.
    fn time_scale(&self) -> f64 {
        self.alpha / (1.0 + self.r)
    }

    /// `P(X(t) = n) = P(N = n) P(K > n) + P(N ≥ n) P(K = n)` (equation 8, in positive terms).
    fn mass(&self, n: f64, t: f64) -> f64 {
        let counts = NegativeBinomial::new(self.r, self.alpha, t);
        let survives = survival(self.a, self.b, n);
        let leaves_at = if n == 0.0 { 0.0 } else { survives * self.a / (self.b + (n - 1.0)) };
        (counts.pmf(n) * survives + counts.at_least(n) * leaves_at).clamp(0.0, 1.0)
    }

    /// `P(X(t) ≥ n) = P(N ≥ n) P(K ≥ n)`.
    fn tail(&self, n: f64, t: f64) -> f64 {
        if n == 0.0 {
            return 1.0;
        }
        NegativeBinomial::new(self.r, self.alpha, t).at_least(n) * survival(self.a, self.b, n - 1.0)
    }

    /// By recurrence: `P(N = n)`, `P(N ≥ n)` and `P(K > n)` each from the one before.
    fn counts(&self, t: f64) -> Counts {
        let counts = NegativeBinomial::new(self.r, self.alpha, t);
        let (mut mass, mut at_least, mut survives, mut leaves) = (counts.none(), 1.0, 1.0, 0.0);
        // Where nobody is without a purchase there is nothing to begin with.
        if mass < 1e-280 {
            return Counts::new(|n| self.mass(n, t), |n| self.tail(n, t));
        }
        let mut masses: Vec<f64> = Vec::new();
        let mut below = 0.0;
        while below < 1.0 - REST && at_least > 1e-2 * REST {
            if Counts::is_list_full(&masses) {
                return Counts::continued(masses, |n| self.mass(n, t), |n| self.tail(n, t));
            }
            let k = masses.len() as f64;
            masses.push(mass * survives + at_least * leaves);
            below += masses[masses.len() - 1];
            at_least = (at_least - mass).max(0.0);
            mass *= counts.step(k);
            leaves = survives * (self.a / (self.a + self.b + k));
            survives *= (self.b + k) / (self.a + self.b + k);
        }
        Counts::listed(masses)
    }

    fn draw_count(&self, t: f64, rng: &mut impl Rng) -> f64 {
        let wanted = draw_poisson_count(draw_gamma(self.r, rng) / self.alpha * t, rng);
        wanted.min(draw_chances(draw_beta(self.a, self.b, rng), rng))
    }
}
