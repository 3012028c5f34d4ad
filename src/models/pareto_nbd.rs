//! Pareto/NBD: the model of Schmittlein, Morrison & Colombo (1987).
//!
//! While alive, a customer purchases at random with rate `λ ~ Gamma(r, alpha)`, and may leave at any moment, at a rate
//! `μ ~ Gamma(s, beta)`. Source: Counting Your Customers, Management Science 33(1), 1-24; in the notation of Fader & Hardie
//! (2005), A Note on Deriving the Pareto/NBD Model, note 009.
//!
//! Those write the likelihood with a difference of two Gaussian hypergeometric functions. Here it is the integral that
//! they solve, over the moment `u` at which the customer left: smooth and positive, it loses no digits.

use rand::{Rng, RngExt};
use rand_distr::Exp1;
use serde::{Deserialize, Serialize};

use super::decay::Decay;
use super::{
    Derivatives, Likelihood, NO_DROPOUT, Timing, draw_gamma, draw_poisson, ln_rates, no_dropout_caution, positive,
    rate_cautions, ridge_caution,
};
use crate::error::Result;
use crate::fit::Verdict;
use crate::special::discounted_share;
use crate::special::log_concave::{log_concave_integral, panels};
use crate::special::negative_binomial::NegativeBinomial;
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
    const PARAMETERS: [&'static str; 4] = ["r", "alpha", "s", "beta"];

    fn from_parameters(parameters: [f64; 4]) -> Result<Self> {
        let [r, alpha, s, beta] = positive(Self::NAME, Self::PARAMETERS, parameters)?;
        Ok(Self { r, alpha, s, beta })
    }

    fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.s, self.beta]
    }

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
        rates.plus(Derivatives::sum(data.groups(), &|group| self.group_term(data, group, &times)))
    }

    fn cautions(&self, data: &CountedHistories, verdict: &Verdict) -> Vec<String> {
        let settled = *verdict == Verdict::Converged;
        let leaves = 1.0 - (-self.s * (data.mean_age() / self.beta).ln_1p()).exp();
        let dropout = if !settled && leaves < NO_DROPOUT {
            Some(no_dropout_caution("the chance to leave within the observed time"))
        } else if verdict.runs_off("s", false) && verdict.runs_off("beta", false) {
            Some(format!(
                "customers leave at once or not at all: {:.1}% are gone by the end of the mean observation, most of them \
                 from the start",
                100.0 * leaves
            ))
        } else if verdict.runs_off("s", true) && verdict.runs_off("beta", true) {
            Some(format!(
                "all customers leave at the same rate, {:.4} per unit of time: s and beta run off together and only their \
                 ratio means something",
                self.s / self.beta
            ))
        } else {
            None
        };
        [dropout, rate_cautions(self.r, self.alpha, verdict), ridge_caution(verdict)].into_iter().flatten().collect()
    }

    fn starts(data: &CountedHistories) -> Vec<Self> {
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

    fn scales(data: &CountedHistories) -> [f64; 4] {
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
        Silence { n: self.r + x, s: self.s, alpha_t, beta_t, gap }
    }

    /// `-r ln(1 + t/α) - x ln(α + t) - s ln(1 + t/β) + ln N`.
    ///
    /// The end of the customer's life, or of the observation, has a distribution given the history: at `T` with
    /// probability P(alive), else at `u` with density `e^(-w) s/(β + u) / N`. First derivatives are means of those of
    /// the likelihood given the end, second derivatives such means and covariances; all the latter are sums of terms of
    /// one sign. In `s` and `beta`, what the dropout takes away and what the survival adds nearly cancel over short
    /// gaps, so there `N = 1 - ∫ e^(-w) n/(α + u) du`, the chance of no next purchase, is differentiated instead.
    fn row_term(&self, x: f64, (a, b): (&Decay, &Decay), (end_a, end_b): (&Decay, &Decay)) -> Derivatives<4> {
        let Self { r, s, .. } = *self;
        let n = r + x;
        let silence = self.silence(x, a.total, b.total, end_a.time - a.time);
        let m = Moments::new(self, &silence, a, b);
        let end = silence.after(silence.gap);
        let alive_weight = silence.survival(&end);
        let no_purchase = m.left.one + alive_weight;
        let (alive, left) = (alive_weight / no_purchase, m.left.one / no_purchase);

        // Of ln((α+u)/(α+t)), α/(α+t) - α/(α+u), and the same with β: means given dropout, and at T.
        let mean = m.left.means();
        let last = end.shifts(a.remaining, b.remaining);
        let spread = m.left.covariances(&mean);
        // What they grow from the mean dropout to T.
        let [la, ka, lb, kb]: [f64; 4] = std::array::from_fn(|i| last[i] - mean[i]);
        let doubt = alive * left;
        // Slopes of ln s - (s + 1) ln(β + u) against those of -s ln(β + T): differences of their means.
        let (survived, remained) = (1.0 + s * lb, s * kb + b.remaining - mean[3]);

        let mixed = |at_end: f64, if_left: f64| alive * at_end + if_left / no_purchase;
        let la_mean = mixed(last[0], m.left.first[0]);
        let ka_mean = mixed(last[1], m.left.first[1]);

        let mut d = Derivatives::ZERO;
        let certain = if m.next.one < 0.5 { (-m.next.one).ln_1p() } else { no_purchase.ln() };
        d.value = -r * a.ln_decay - x * a.ln_total - s * b.ln_decay + certain;
        let next = m.next.over(no_purchase);
        d.gradient = [
            -r * (a.ln_decay + la_mean),
            r * (a.elapsed + ka_mean) - x * mixed(end_a.remaining, m.left.remaining_a),
            s * (next.lb - b.ln_decay),
            s * (b.elapsed - next.kb),
        ];

        let h = &mut d.hessian;
        h[0][0] = -r * (a.ln_decay + la_mean) + r * r * (doubt * la * la + left * spread[0][0]);
        h[0][1] = r * (a.elapsed + ka_mean) - r * n * (doubt * la * ka + left * spread[0][1]);
        h[1][1] = -n * mixed(end_a.both, m.left.both_a) + n * n * (doubt * ka * ka + left * spread[1][1]);
        h[0][2] = r * (doubt * la * survived + left * s * spread[0][2]);
        h[0][3] = -r * (doubt * la * remained + left * (s + 1.0) * spread[0][3]);
        h[1][2] = -n * (doubt * ka * survived + left * s * spread[1][2]);
        h[1][3] = n * (doubt * ka * remained + left * (s + 1.0) * spread[1][3]);
        if no_purchase > 0.5 {
            let (by_s, by_beta) = (s * next.lb, -s * next.kb);
            h[2][2] = -s * b.ln_decay + by_s - s * s * next.lb_lb - by_s * by_s;
            h[2][3] = s * b.elapsed + by_beta + s * s * next.lb_kb - by_s * by_beta;
            h[3][3] = -s * b.both - s * next.bend_b - s * s * next.kb_kb - by_beta * by_beta;
        } else {
            let (lb_mean, kb_mean) = (mixed(last[2], m.left.first[2]), mixed(last[3], m.left.first[3]));
            h[2][2] = -s * (b.ln_decay + lb_mean) + doubt * survived * survived + left * s * s * spread[2][2];
            h[2][3] = s * (b.elapsed + kb_mean) - doubt * survived * remained - left * s * (s + 1.0) * spread[2][3];
            h[3][3] = -s * mixed(end_b.both, m.left.both_b) - m.left.both_b / no_purchase
                + doubt * remained * remained
                + left * (s + 1.0) * (s + 1.0) * spread[3][3];
        }
        d.mirrored()
    }
}

/// The time since the last purchase, over which a customer who is alive has the hazards `n/(α + u)` of a next purchase and
/// `s/(β + u)` of dropout.
#[derive(Clone, Copy)]
struct Silence {
    /// `n = r + x`
    n: f64,
    s: f64,
    /// `α + t_x`
    alpha_t: f64,
    /// `β + t_x`
    beta_t: f64,
    /// `T - t_x`
    gap: f64,
}

impl Silence {
    /// The point `since` after the last purchase.
    fn after(&self, since: f64) -> Point {
        self.point(since, (since / self.alpha_t).ln_1p(), (since / self.beta_t).ln_1p())
    }

    fn point(&self, since: f64, ln_a: f64, ln_b: f64) -> Point {
        Point { since, ln_a, ln_b, by_a: 1.0 / (self.alpha_t + since), by_b: 1.0 / (self.beta_t + since) }
    }

    /// `e^-w`, `w = n ln((α+u)/(α+t)) + s ln((β+u)/(β+t))`: neither purchase nor dropout from `t` to `u`.
    fn survival(&self, at: &Point) -> f64 {
        (-(self.n * at.ln_a + self.s * at.ln_b)).exp()
    }

    /// Calls `visit` with the points and weights of a quadrature of `∫ e^(-w) f(u) du` over the gap; it returns what the point
    /// adds to the chances of dropout and of a purchase.
    ///
    /// Over `v = ln((c + u)/(c + t))`, `c` the smaller of `α` and `β`, all that is integrated is smooth at every scale.
    fn integrate(&self, mut visit: impl FnMut(&Point, f64) -> [f64; 2]) {
        let alpha_is_nearer = self.alpha_t < self.beta_t;
        let (nearer, farther) = if alpha_is_nearer { (self.alpha_t, self.beta_t) } else { (self.beta_t, self.alpha_t) };
        let steepness = |v: f64| {
            let since = nearer * v.exp_m1();
            let scale = nearer + since;
            self.n * scale / (self.alpha_t + since) + self.s * scale / (self.beta_t + since)
        };
        let mut sums = [0.0; 2];
        for panel in panels(0.0, (self.gap / nearer).ln_1p(), steepness) {
            let mut reached = 0.0;
            panel.for_each(|v, weight| {
                let since = nearer * v.exp_m1();
                let other = (since / farther).ln_1p();
                let at = if alpha_is_nearer { self.point(since, v, other) } else { self.point(since, other, v) };
                reached = self.survival(&at);
                let [left, next] = visit(&at, weight * (nearer + since) * reached);
                sums[0] += left;
                sums[1] += next;
            });
            // What is left of either integral is no more than the chance to get there.
            if reached < 1e-19 * sums[0].min(sums[1]) {
                return;
            }
        }
    }

    /// What a point of this weight adds to the chances of dropout and of a purchase.
    fn ends(&self, at: &Point, weight: f64) -> [f64; 2] {
        [weight * self.s * at.by_b, weight * self.n * at.by_a]
    }

    /// `N`: dropout, or neither dropout nor purchase, before the end of the gap; and the second of these.
    fn no_purchase_and_alive(&self) -> (f64, f64) {
        let mut left = 0.0;
        self.integrate(|at, weight| {
            let ends = self.ends(at, weight);
            left += ends[0];
            ends
        });
        let alive = self.survival(&self.after(self.gap));
        (left + alive, alive)
    }
}

/// A moment `u` after the last purchase, at `t`.
struct Point {
    /// `u - t`
    since: f64,
    /// `ln((α+u)/(α+t))`
    ln_a: f64,
    /// `ln((β+u)/(β+t))`
    ln_b: f64,
    /// `1/(α+u)`
    by_a: f64,
    /// `1/(β+u)`
    by_b: f64,
}

impl Point {
    /// `ln((α+u)/(α+t))`, `α/(α+t) - α/(α+u)` and the same with `β`, of which the shares that remain at `t` are given.
    fn shifts(&self, remaining_a: f64, remaining_b: f64) -> [f64; 4] {
        [self.ln_a, remaining_a * self.since * self.by_a, self.ln_b, remaining_b * self.since * self.by_b]
    }
}

/// Integrals over the gap of `e^(-w)` times a hazard times a function.
#[derive(Default)]
struct Moments {
    left: IfLeft,
    next: IfPurchase,
}

/// With the hazard of dropout: of 1, of the four [`Point::shifts`], of their products (upper triangle), and of
/// `α/(α+u)`, `αu/(α+u)²` and `βu/(β+u)²`.
#[derive(Default)]
struct IfLeft {
    one: f64,
    first: [f64; 4],
    second: [[f64; 4]; 4],
    remaining_a: f64,
    both_a: f64,
    both_b: f64,
}

/// With the hazard of a purchase: of 1, of the last two shifts, of their products, and of the second of them times
/// `t/(β+t) - β/(β+u)`.
#[derive(Clone, Copy, Default)]
struct IfPurchase {
    one: f64,
    lb: f64,
    kb: f64,
    lb_lb: f64,
    lb_kb: f64,
    kb_kb: f64,
    bend_b: f64,
}

impl Moments {
    fn new(model: &ParetoNbd, silence: &Silence, a: &Decay, b: &Decay) -> Self {
        let mut moments = Self::default();
        silence.integrate(|at, weight| {
            let shifts = at.shifts(a.remaining, b.remaining);
            let [left, next] = silence.ends(at, weight);
            let (remaining_a, remaining_b) = (model.alpha * at.by_a, model.beta * at.by_b);
            let time = a.time + at.since;
            moments.left.add(left, &shifts);
            moments.left.remaining_a += left * remaining_a;
            moments.left.both_a += left * remaining_a * (time * at.by_a);
            moments.left.both_b += left * remaining_b * (time * at.by_b);
            moments.next.add(next, shifts[2], shifts[3], b.elapsed - remaining_b);
            [left, next]
        });
        moments
    }
}

impl IfLeft {
    #[inline]
    fn add(&mut self, weight: f64, shifts: &[f64; 4]) {
        self.one += weight;
        for (i, shift) in shifts.iter().enumerate() {
            let first = weight * shift;
            self.first[i] += first;
            for (second, other) in self.second[i].iter_mut().zip(shifts).skip(i) {
                *second += first * other;
            }
        }
    }

    /// Means of the shifts given dropout; without a gap nobody has left.
    fn means(&self) -> [f64; 4] {
        self.first.map(|first| if self.one > 0.0 { first / self.one } else { 0.0 })
    }

    fn covariances(&self, mean: &[f64; 4]) -> [[f64; 4]; 4] {
        let covariance = |i: usize, j: usize| self.second[i][j] / self.one - mean[i] * mean[j];
        std::array::from_fn(|i| std::array::from_fn(|j| if self.one > 0.0 && i <= j { covariance(i, j) } else { 0.0 }))
    }
}

impl IfPurchase {
    #[inline]
    fn add(&mut self, weight: f64, lb: f64, kb: f64, bend: f64) {
        self.one += weight;
        self.lb += weight * lb;
        self.kb += weight * kb;
        self.lb_lb += weight * lb * lb;
        self.lb_kb += weight * lb * kb;
        self.kb_kb += weight * kb * kb;
        self.bend_b += weight * kb * bend;
    }

    fn over(self, total: f64) -> Self {
        let share = |value: f64| value / total;
        Self {
            one: share(self.one),
            lb: share(self.lb),
            kb: share(self.kb),
            lb_lb: share(self.lb_lb),
            lb_kb: share(self.lb_kb),
            kb_kb: share(self.kb_kb),
            bend_b: share(self.bend_b),
        }
    }
}

impl Timing for ParetoNbd {
    type Future = Self;

    fn posterior(&self, history: &History) -> Self {
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

    /// `λ ~ Gamma(r, alpha)`, `μ ~ Gamma(s, beta)`; a life with rate `μ`, and while it lasts, purchases with rate `λ`.
    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>) {
        times.clear();
        let (lambda, mu) = (draw_gamma(self.r, rng) / self.alpha, draw_gamma(self.s, rng) / self.beta);
        let life = rng.sample::<f64, _>(Exp1) / mu;
        draw_poisson(lambda, if life < t { life } else { t }, rng, times, |_| false);
    }

    fn time_scale(&self) -> f64 {
        self.beta / (1.0 + self.s)
    }

    /// ```text
    /// P(X(t) = n) = P(N(t) = n) (β/(β+t))^s  +  ∫₀ᵗ P(N(u) = n) s/(β+u) (β/(β+u))^s du
    /// ```
    ///
    /// `N` purchases wanted; alive at `t`, or gone at `u`. Fader & Hardie (2006), note 013, solve the integral.
    fn pmf(&self, n: u32, t: f64) -> f64 {
        let stays = (-self.s * (t / self.beta).ln_1p()).exp();
        let alive = NegativeBinomial::new(self.r, self.alpha, t).pmf(n) * stays;
        // In ln u: a factor u of du, and -ln(β + u).
        let slope = |elapsed: f64| 1.0 - (self.s + 1.0) * elapsed;
        let gone = self.integral_over_counts(n, t, slope, |elapsed| self.s * elapsed);
        alive + gone
    }

    /// `P(X(t) ≥ n) = ∫₀ᵗ P(N(u) = n) n/u (β/(β+u))^s du`: the `n`-th purchase comes at `u`, before the customer leaves.
    fn at_least(&self, n: u32, t: f64) -> f64 {
        if n == 0 {
            return 1.0;
        }
        let slope = |elapsed: f64| -self.s * elapsed;
        self.integral_over_counts(n, t, slope, |_| f64::from(n))
    }
}

impl ParetoNbd {
    /// `∫ P(N(u) = n) (β/(β+u))^s f d ln u` up to `t`, `f` a function of `u/(β+u)`, with the logarithm of which the dropout
    /// has the slope `slope` in `ln u`, likewise.
    ///
    /// Over `v = ln(u/u₀)`, `u₀` at the mode, in which the integrand in shares of that at `u₀` keeps its digits for any `n`.
    fn integral_over_counts(&self, n: u32, t: f64, slope: impl Fn(f64) -> f64, f: impl Fn(f64) -> f64) -> f64 {
        let Self { r, alpha, s, beta } = *self;
        let x = f64::from(n);
        let total_slope = |u: f64| x - (r + x) * (u / (alpha + u)) + slope(u / (beta + u));
        let peak = peak(total_slope, t);
        let integrand = |v: f64| {
            let u = peak * v.exp();
            let ln_share = x * v - (r + x) * ln_ratio(alpha, peak, v) - s * ln_ratio(beta, peak, v);
            ln_share.exp() * f(u / (beta + u))
        };
        let to = (t / peak).ln();
        let integral = log_concave_integral(f64::NEG_INFINITY, to, |v| total_slope(peak * v.exp()), integrand);
        NegativeBinomial::new(r, alpha, peak).pmf(n) * (-s * (peak / beta).ln_1p()).exp() * integral
    }
}

/// `ln((c + u)/(c + u₀))` for `u = u₀ e^v`.
fn ln_ratio(c: f64, u0: f64, v: f64) -> f64 {
    // The first form keeps the digits near u₀, the second where c + u₀ is nearly u₀.
    if v > -0.5 { (u0 / (c + u0) * v.exp_m1()).ln_1p() } else { ((c + u0 * v.exp()) / (c + u0)).ln() }
}

/// The time up to `t` at which a slope that falls from a positive value is zero.
fn peak(slope: impl Fn(f64) -> f64, t: f64) -> f64 {
    if slope(t) >= 0.0 {
        return t;
    }
    let (mut low, mut high) = (t, t);
    while slope(low) < 0.0 && low > 1e-300 {
        (high, low) = (low, 1e-3 * low);
    }
    // As exact as its digits: a narrow peak must not be missed.
    for _ in 0..70 {
        let middle = (low * high).sqrt();
        if middle <= low || middle >= high {
            break;
        }
        if slope(middle) > 0.0 { low = middle } else { high = middle }
    }
    low
}
