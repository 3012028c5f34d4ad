//! Pareto/NBD: the model of Schmittlein, Morrison & Colombo (1987).
//!
//! While alive, a customer purchases at random with rate `λ ~ Gamma(r, alpha)`, and may leave at any moment, at a rate
//! `μ ~ Gamma(s, beta)`. Source: Counting Your Customers, Management Science 33(1), 1-24; in the notation of Fader & Hardie
//! (2005), A Note on Deriving the Pareto/NBD Model, note 009.
//!
//! Those write the likelihood with a difference of two Gaussian hypergeometric functions. Here it is the integral that
//! they solve, over the moment `u` at which the customer left: smooth and it loses no digits.

use rand::{Rng, RngExt};
use rand_distr::Exp1;
use serde::{Deserialize, Serialize};

use super::decay::Decay;
use super::pareto_silence::{Moments, Silence};
use super::rates::ln_rates;
use super::sampling::{draw_gamma, draw_poisson, draw_poisson_count};
use super::{Derivatives, FuturePurchases, Heterogeneity, Likelihood, Timing};
use crate::error::Result;
use crate::special::log_concave::{integral_around, mode};
use crate::special::negative_binomial::NegativeBinomial;
use crate::special::saddle_point::{deviance, ln_binomial_peak};
use crate::special::{beta_expectation_of_both, discounted_share};
use crate::summary::{CountedHistories, CountedRow, FrequencyGroup, History};

/// Pareto/NBD in the papers' notation. All four parameters are positive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParetoNbd {
    /// Shape of the purchase rates over customers.
    pub r: f64,
    /// Rate of the purchase rates over customers, in time units: `E[λ] = r / alpha`.
    pub alpha: f64,
    /// Shape of the dropout rates over customers.
    pub s: f64,
    /// Rate of the dropout rates over customers, in time units: `E[μ] = s / beta`.
    pub beta: f64,
}

impl Likelihood<4> for ParetoNbd {
    type Data = CountedHistories;
    const NAME: &'static str = "pareto-nbd";
    const TITLE: &'static str = "Pareto/NBD";

    parameters!(4: r, alpha, s, beta);

    /// ```text
    /// L = Γ(r+x)/Γ(r) α^r β^s [ (α+T)^-(r+x) (β+T)^-s  +  s ∫ (α+u)^-(r+x) (β+u)^-(s+1) du ],  t_x < u < T
    /// ```
    ///
    /// (note 009, before its equation 18), written as the likelihood of a customer alive at `t_x` times the probability
    /// `N` to be silent from then on:
    ///
    /// ```text
    /// ln L = Σ_{i<x} ln(r + i)  -  r ln(1 + t_x/α) - x ln(α + t_x) - s ln(1 + t_x/β)  +  ln N
    /// ```
    fn log_likelihood(&self, data: &CountedHistories) -> Derivatives<4> {
        let rates = ln_rates(self.r, data).placed(0);
        let times =
            Times { alpha: Decay::table(self.alpha, data.times()), beta: Decay::table(self.beta, data.times()) };
        rates.plus(Derivatives::over_groups_slowly(data, |group| self.group_term(data, group, &times)))
    }

    fn starts((): (), data: &CountedHistories) -> Vec<Self> {
        let (r, alpha) = data.purchase_rate_moments();
        let age = data.mean_age();
        let rescaled =
            |r: f64, s: f64, beta: f64| Self { r, alpha: r / data.purchases_per_time(), s, beta: beta * age };
        vec![
            Self { r, alpha, s: 0.6, beta: 0.5 * age },
            rescaled(0.5, 0.5, 0.3),
            rescaled(1.0, 1.0, 1.0),
            rescaled(3.0, 0.2, 1.0),
            rescaled(10.0, 5.0, 30.0),
        ]
    }

    fn scales((): (), data: &CountedHistories) -> [f64; 4] {
        [1.0, 1.0 / data.purchases_per_time(), 1.0, data.mean_age()]
    }

    fn check(data: &CountedHistories) -> Result<()> {
        data.check_repeat_customers(Self::NAME)
    }
}

/// The times of the data beside `alpha` and beside `beta`.
struct Times {
    alpha: Vec<Decay>,
    beta: Vec<Decay>,
}

impl ParetoNbd {
    /// The terms of the customers of one frequency, with derivatives in (ln r, ln alpha, ln s, ln beta).
    fn group_term(&self, data: &CountedHistories, group: &FrequencyGroup, times: &Times) -> Derivatives<4> {
        let term = |sum: Derivatives<4>, row: &CountedRow| {
            let at = |i: u32| (&times.alpha[i as usize], &times.beta[i as usize]);
            sum.plus(self.row_term(group.x, at(row.recency), at(row.age)).times(row.customers))
        };
        data.rows_of(group).iter().fold(Derivatives::ZERO, term)
    }

    /// The silence after a customer's last purchase, at `t`.
    fn silence(&self, x: f64, alpha_t: f64, beta_t: f64, gap: f64) -> Silence {
        Silence { n: self.r + x, s: self.s, alpha_t, beta_t, gap: gap.max(0.0) }
    }

    /// `-r ln(1 + t/α) - x ln(α + t) - s ln(1 + t/β) + ln N`.
    ///
    /// The end of the customer's life, or of the observation, has a distribution given the history: at `T` with
    /// probability P(alive), else at `u` with density `e^(-w) s/(β + u) / N`. First derivatives are means of those of
    /// the likelihood given the end, second derivatives such means and covariances, which are sums of terms of one sign.
    fn row_term(&self, x: f64, (a, b): (&Decay, &Decay), (end_a, end_b): (&Decay, &Decay)) -> Derivatives<4> {
        let Self { r, s, .. } = *self;
        let n = r + x;
        let silence = self.silence(x, a.total, b.total, end_a.time - a.time);
        let moments = Moments::new((self.alpha, self.beta), &silence, a, b);
        let ends = silence.ends(&moments.left, a, b);
        let [la, ka, ..] = ends.mean_shifts(&moments.left);

        let mut d = Derivatives::ZERO;
        d.value = -r * a.ln_decay - x * a.ln_total - s * b.ln_decay + ends.ln_no_purchase(&moments.next);
        d.gradient[0] = -r * (a.ln_decay + la);
        d.gradient[1] = r * (a.elapsed + ka) - x * ends.mean(end_a.remaining, moments.remaining_a);

        // Given the end, slopes are multiples of the shifts; who is alive at T has those of T and not that of a dropout.
        let multiples = [-r, n, -s, s + 1.0];
        let [to_la, to_ka, to_lb, to_kb] = ends.beyond_mean();
        let steps = [-r * to_la, n * to_ka, -s * to_lb - 1.0, s * to_kb + b.remaining - ends.if_left[3]];
        d.hessian = ends.covariances(&multiples, &steps);
        d.hessian[0][0] -= r * (a.ln_decay + la);
        d.hessian[0][1] += r * (a.elapsed + ka);
        d.hessian[1][1] -= n * ends.mean(end_a.both, moments.both_a);
        ends.add_dropout(&mut d, s, &moments.left, &moments.next, [b, end_b]);
        d.mirrored()
    }
}

impl Timing for ParetoNbd {
    type Future = Self;

    fn future(&self, history: &History) -> Self {
        let Self { r, alpha, s, beta } = *self;
        Self { r: r + history.x(), alpha: alpha + history.T, s, beta: beta + history.T }
    }

    /// The first of the two parts of the likelihood, in shares of both.
    fn p_alive(&self, history: &History) -> f64 {
        let t = history.t_x;
        let (no_purchase, alive) =
            self.silence(history.x(), self.alpha + t, self.beta + t, history.T - t).no_purchase_and_alive();
        alive / no_purchase
    }

    /// `λ ~ Gamma(r, alpha)`, `μ ~ Gamma(s, beta)`; a life with rate `μ`, and while it lasts, purchases with rate `λ`.
    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>) {
        times.clear();
        let (lambda, mu) = (draw_gamma(self.r, rng) / self.alpha, draw_gamma(self.s, rng) / self.beta);
        let life = rng.sample::<f64, _>(Exp1) / mu;
        draw_poisson(lambda, if life < t { life } else { t }, rng, times, |_| false);
    }

    fn heterogeneity(&self) -> Vec<Heterogeneity> {
        vec![
            Heterogeneity::purchase_rate(self.r, self.alpha),
            Heterogeneity::gamma("rate of leaving a time unit", self.s, self.beta),
        ]
    }
}

impl FuturePurchases for ParetoNbd {
    /// ```text
    /// E[X(t)] = r β/(α (s - 1)) [ 1 - (β/(β + t))^(s - 1) ]
    /// ```
    ///
    /// (SMC87, equation 17), without its pole at `s = 1`.
    fn expected_purchases(&self, t: f64) -> f64 {
        if t <= 0.0 {
            return 0.0;
        }
        let Self { r, alpha, s, beta } = *self;
        let ln_decay = (t / beta).ln_1p();
        let power = (s - 1.0) * ln_decay;
        let mean = if power == 0.0 { 1.0 } else { -(-power).exp_m1() / power };
        (r / alpha * beta * ln_decay * mean).min(r / alpha * t)
    }

    /// ```text
    /// DERT = r/α ∫₀^∞ e^(-δ u) (β/(β + u))^s du
    /// ```
    ///
    /// which Fader, Hardie & Lee (2005), RFM and CLV, equation 2, write with Tricomi's function.
    fn dert(&self, delta: f64) -> f64 {
        self.r / self.alpha / delta * discounted_share(self.s, delta * self.beta)
    }

    /// `(β/(β + t))^s`
    fn survival(&self, t: f64) -> f64 {
        (-self.s * (t / self.beta).ln_1p()).exp()
    }

    /// A purchase comes before the dropout:
    ///
    /// ```text
    /// E[λ/(λ + μ)] = r/(r + s) E[β/(p β + (1 - p) α)],  p ~ Beta(r + 1, s)
    /// ```
    ///
    /// since two gamma variates are a beta variate's shares of another, and `E[p f(p)]` is `r/(r + s)` times `E[f(p)]` there.
    fn ever_repeats(&self) -> f64 {
        let Self { r, alpha, s, beta } = *self;
        let bend = (alpha / beta).max(beta / alpha);
        let share = beta_expectation_of_both(r + 1.0, s, bend, |p, q| beta / (p * beta + q * alpha));
        (r / (r + s) * share).clamp(0.0, 1.0)
    }

    fn time_scale(&self) -> f64 {
        self.beta / (1.0 + self.s)
    }

    /// ```text
    /// P(X(t) = n) = P(N(t) = n) (β/(β+t))^s  +  ∫₀ᵗ P(N(u) = n) s/(β+u) (β/(β+u))^s du
    /// ```
    ///
    /// `N` purchases wanted; alive at `t`, or gone at `u`. Fader & Hardie (2006), note 012, solve the integral.
    fn mass(&self, n: f64, t: f64) -> f64 {
        if t <= 0.0 {
            return f64::from(u8::from(n == 0.0));
        }
        let stays = (-self.s * (t / self.beta).ln_1p()).exp();
        let alive = NegativeBinomial::new(self.r, self.alpha, t).pmf(n) * stays;
        // In ln u: a factor u of du, and -ln(β + u).
        let slope = |elapsed: f64| 1.0 - (self.s + 1.0) * elapsed;
        let gone = self.integral_over_counts(n, t, slope, |elapsed| self.s * elapsed);
        (alive + gone).clamp(0.0, 1.0)
    }

    /// `P(X(t) ≥ n) = ∫₀ᵗ P(N(u) = n) n/u (β/(β+u))^s du`: the `n`-th purchase comes at `u`, before the customer leaves.
    fn tail(&self, n: f64, t: f64) -> f64 {
        if n == 0.0 || t <= 0.0 {
            return f64::from(u8::from(n == 0.0));
        }
        let slope = |elapsed: f64| -self.s * elapsed;
        self.integral_over_counts(n, t, slope, |_| n).clamp(0.0, 1.0)
    }

    fn draw_count(&self, t: f64, rng: &mut impl Rng) -> f64 {
        let (lambda, mu) = (draw_gamma(self.r, rng) / self.alpha, draw_gamma(self.s, rng) / self.beta);
        let life = rng.sample::<f64, _>(Exp1) / mu;
        draw_poisson_count(lambda * if life < t { life } else { t }, rng)
    }
}

impl ParetoNbd {
    /// `∫ P(N(u) = x) (β/(β+u))^s f d ln u` up to `t`, `f` a function of `u/(β+u)`, with the logarithm of which the dropout
    /// has the slope `slope` in `ln u`, likewise.
    ///
    /// Over `v = ln(u/u₀)`, `u₀` near the mode: what `x` differs from its mean by has digits there for any `x`.
    fn integral_over_counts(&self, x: f64, t: f64, slope: impl Fn(f64) -> f64, f: impl Fn(f64) -> f64) -> f64 {
        let Self { r, alpha, s, beta } = *self;
        let rough = |u: f64| x * (alpha / (alpha + u)) - r * (u / (alpha + u)) + slope(u / (beta + u));
        // Rounding of a time through its logarithm must not bring it beyond t.
        let near = mode(f64::NEG_INFINITY, t.ln(), |v| rough(v.exp())).exp().min(t);
        let end = ((t - near) / near).ln_1p();
        let at_near = x * alpha - r * near;
        // x less its mean given that it is one of r + x, times alpha + u
        let off = |v: f64| at_near - r * near * v.exp_m1();
        let slope = |v: f64| {
            let u = near * v.exp();
            off(v) / (alpha + u) + slope(u / (beta + u))
        };
        let peak = if x > 0.0 { ln_binomial_peak(r, x) + (r / (r + x)).ln() } else { 0.0 };
        let integrand = |v: f64| {
            let u = near * v.exp();
            let (elapsed, remaining, off) = (u / (alpha + u), alpha / (alpha + u), off(v) / (alpha + u));
            let counts = if x > 0.0 {
                peak - deviance(x, (r + x) * elapsed, off) - deviance(r, (r + x) * remaining, -off)
            } else {
                -r * (u / alpha).ln_1p()
            };
            (counts - s * (u / beta).ln_1p()).exp() * f(u / (beta + u))
        };
        let middle = mode(f64::NEG_INFINITY, end, slope);
        integral_around(middle, f64::NEG_INFINITY, end, slope, integrand)
    }
}
