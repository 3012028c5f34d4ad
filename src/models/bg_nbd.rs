//! BG/NBD: the beta-geometric / negative binomial model of Fader, Hardie & Lee (2005).
//!
//! While alive, a customer purchases at random with rate `λ ~ Gamma(r, alpha)`; after each purchase the customer leaves
//! for good with probability `p ~ Beta(a, b)`. Source: "Counting Your Customers" the Easy Way, Marketing Science 24(2),
//! 275-284 (FHL05); equation numbers below are that paper's.

use serde::{Deserialize, Serialize};

use super::{Derivatives, Likelihood, Timing, positive};
use crate::error::Result;
use crate::special::negative_binomial::NegativeBinomial;
use crate::special::quadrature::integrate_positive;
use crate::special::{log1p_exp, sigmoid};
use crate::summary::{CountedHistories, CountedRow, History};

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
    const PARAMETERS: [&'static str; 4] = ["r", "alpha", "a", "b"];

    fn from_parameters(parameters: [f64; 4]) -> Result<Self> {
        let [r, alpha, a, b] = positive(Self::NAME, Self::PARAMETERS, parameters)?;
        Ok(Self { r, alpha, a, b })
    }

    fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }

    /// Equation 6, summed over customers and grouped so that no gamma function is left:
    ///
    /// ```text
    /// ln L = Σ_i n(x > i) [ ln(r + i) - ln(1 + a/(b + i)) ]  +  Σ [ r ln α - (r + x) ln(α + T) + ln(1 + e^d) ]
    /// ```
    ///
    /// with `d = ln(a/(b + x - 1)) + (r + x) ln((α + T)/(α + t_x))`, `e^d` absent for `x = 0`, and `n(x > i)` the number of customers with more
    /// than `i` repeat purchases, because `Γ(r+x)/Γ(r) = Π_{i<x} (r+i)` and `B(a,b+x)/B(a,b) = Π_{i<x} (b+i)/(a+b+i)`.
    fn log_likelihood(&self, data: &CountedHistories) -> Derivatives<4> {
        let counts = Derivatives::sum(data.repeats_above(), &|&(i, customers)| self.count_term(i).times(customers));
        let timing = Derivatives::sum(data.rows(), &|row| self.timing_term(row).times(row.customers));
        counts.plus(timing).in_logs(self.parameters())
    }

    fn starts(data: &CountedHistories) -> Vec<Self> {
        let (r, alpha) = data.purchase_rate_moments();
        let moments = Self { r, alpha, a: 0.8, b: 2.4 };
        let rescaled = |r: f64, a: f64, b: f64| Self { r, alpha: r / data.purchases_per_time(), a, b };
        vec![
            moments,
            rescaled(0.3, 1.0, 3.0),
            rescaled(1.0, 1.0, 1.0),
            rescaled(3.0, 0.2, 5.0),
            rescaled(10.0, 0.05, 10.0),
        ]
    }

    fn scales(data: &CountedHistories) -> [f64; 4] {
        [1.0, 1.0 / data.purchases_per_time(), 1.0, 1.0]
    }

    fn customers(data: &CountedHistories) -> f64 {
        data.customers()
    }

    fn distinct(data: &CountedHistories) -> usize {
        data.rows().len()
    }

    fn check(data: &CountedHistories) -> Result<()> {
        data.check_repeat_customers(Self::NAME)
    }
}

impl BgNbd {
    /// The log-odds that a customer with `x > 0` has left: the logarithm of the likelihood's second term over its first,
    ///
    /// ```text
    /// d = ln( a / (b + x - 1) ) + (r + x) ln( (α + T) / (α + t_x) )
    /// ```
    fn dropout_log_odds(&self, history: &History) -> f64 {
        let x = history.x();
        let Self { r, alpha, a, b } = *self;
        (a / (b + (x - 1.0))).ln() + (r + x) * ((history.T - history.t_x) / (alpha + history.t_x)).ln_1p()
    }

    /// `ln(r + i) - ln(1 + a/(b + i))`, what the `i+1`-th repeat purchase adds, with derivatives in (r, alpha, a, b).
    fn count_term(&self, i: f64) -> Derivatives<4> {
        let (r, b, ab) = (self.r + i, self.b + i, self.a + self.b + i);
        let mut d = Derivatives::ZERO;
        d.value = r.ln() - (self.a / b).ln_1p();
        d.gradient = [1.0 / r, 0.0, -1.0 / ab, self.a / (b * ab)];
        d.hessian[0][0] = -1.0 / (r * r);
        d.hessian[2][2] = 1.0 / (ab * ab);
        d.hessian[2][3] = d.hessian[2][2];
        d.hessian[3][2] = d.hessian[2][2];
        // 1/(a+b+i)² - 1/(b+i)², without the cancellation when a is small
        d.hessian[3][3] = -self.a * (b + ab) / (b * b * ab * ab);
        d
    }

    /// `r ln α - (r + x) ln(α + T) + ln(1 + e^d)` with derivatives in (r, alpha, a, b).
    fn timing_term(&self, row: &CountedRow) -> Derivatives<4> {
        let Self { r, alpha, b, a } = *self;
        let History { t_x, T, .. } = row.history;
        let x = row.history.x();
        let at_end = 1.0 / (alpha + T);
        let mut d = Derivatives::ZERO;
        // r ln(α/(α+T)) - x ln(α+T)
        let ln_decay = -(T / alpha).ln_1p();
        d.value = r * ln_decay - x * (alpha + T).ln();
        d.gradient = [ln_decay, r * T / alpha * at_end - x * at_end, 0.0, 0.0];
        let cross = T / alpha * at_end;
        d.hessian[0][1] = cross;
        d.hessian[1][0] = cross;
        d.hessian[1][1] = (r + x) * at_end * at_end - r / (alpha * alpha);
        if x == 0.0 {
            return d;
        }

        let log_odds = self.dropout_log_odds(&row.history);
        let left = sigmoid(log_odds);
        let at_last = 1.0 / (alpha + t_x);
        let ln_ratio = ((T - t_x) * at_last).ln_1p();
        // 1/(α+T) - 1/(α+t_x)
        let gap = -(T - t_x) * at_end * at_last;
        let b_x = b + (x - 1.0);
        let slope = [ln_ratio, (r + x) * gap, 1.0 / a, -1.0 / b_x];

        d.value += log1p_exp(log_odds);
        for i in 0..4 {
            d.gradient[i] += left * slope[i];
            for j in 0..4 {
                d.hessian[i][j] += left * (1.0 - left) * (slope[i] * slope[j]);
            }
        }
        d.hessian[0][1] += left * gap;
        d.hessian[1][0] += left * gap;
        d.hessian[1][1] -= left * (r + x) * gap * (at_end + at_last);
        d.hessian[2][2] -= left / (a * a);
        d.hessian[3][3] += left / (b_x * b_x);
        d
    }

    /// A number of counts that is cheaper to sum than the integral over dropout is to evaluate.
    const COUNTS_WORTH_SUMMING: f64 = 3000.0;

    /// `E[X(t)] = Σ_k P(N = k) E[min(k, K)]`: `N` purchases wanted, `K` the purchase after which the customer leaves,
    /// `P(K ≥ k) = B(a, b + k - 1) / B(a, b)`. Every term is positive.
    fn sum_over_counts(&self, counts: &NegativeBinomial) -> f64 {
        let Self { a, b, .. } = *self;
        let (mut mass, mut k) = (counts.none(), 0.0);
        let (mut survives, mut purchases) = (1.0, 0.0);
        let mut sum = 0.0;
        loop {
            let ratio = counts.step(k);
            mass *= ratio;
            k += 1.0;
            purchases += survives;
            survives *= (b + (k - 1.0)) / (a + b + (k - 1.0));
            let term = mass * purchases;
            sum += term;
            // Past the mode the terms fall at least like a geometric series with this ratio.
            let falling = counts.step(k) * (k + 1.0) / k;
            if falling < 1.0 && term * falling < 1e-17 * sum * (1.0 - falling) || mass == 0.0 {
                return sum;
            }
        }
    }

    /// `E[X(t)] = E[ (1 - (1 + p t/α)^-r) / p ]` over `p ~ Beta(a, b)`, integrated over `u = ln(p / (1 - p))` and divided
    /// by the integral of the beta density itself, so that no beta function is needed.
    fn integral_over_dropout(&self, t: f64) -> f64 {
        let Self { r, alpha, a, b } = *self;
        let odds = t / alpha;
        let ln_density = |u: f64| -a * log1p_exp(-u) - b * log1p_exp(u);
        let mode = (a / b).ln();
        let peak = ln_density(mode);
        let purchases = |u: f64| {
            let p = sigmoid(u);
            let y = p * odds;
            if y < 1e-300 { r * odds } else { -(-r * y.ln_1p()).exp_m1() / p }
        };
        // The density falls like e^{a u} to the left and e^{-b u} to the right of the mode, whose width is about 1/√a + 1/√b;
        // (1 + p t/α)^-r bends where p t/α is near 1 and near 1/r.
        let width = (1.0 / a + 1.0 / b).sqrt();
        let left = mode - 45.0 / a.min(1.0) - 12.0 * width;
        let right = mode + 45.0 / b.min(1.0) + 12.0 * width;
        let mut breaks = vec![left, right, 0.0];
        for center in [mode, -odds.ln(), -(odds * r).ln()] {
            breaks.extend([-8.0, -2.0, 0.0, 2.0, 8.0].map(|steps| center + steps * width.min(4.0)));
        }
        breaks.retain(|u| (left..=right).contains(u));
        breaks.sort_by(f64::total_cmp);
        let weight = |u: f64| (ln_density(u) - peak).exp();
        let mean = integrate_positive(&breaks, |u| weight(u) * purchases(u)) / integrate_positive(&breaks, weight);
        mean.min(r * odds)
    }

    /// `P(K > n) = B(a, b + n) / B(a, b)`: a customer survives `n` chances to leave.
    fn survives(&self, n: u32) -> f64 {
        (0..n).map(|i| -(self.a / (self.b + f64::from(i))).ln_1p()).sum::<f64>().exp()
    }
}

impl Timing for BgNbd {
    fn posterior(&self, history: &History) -> Self {
        let x = history.x();
        Self { r: self.r + x, alpha: self.alpha + history.T, a: self.a, b: self.b + x }
    }

    /// ```text
    /// P(alive) = 1 / (1 + [x > 0] a/(b + x - 1) ((α + T)/(α + t_x))^(r + x))
    /// ```
    ///
    /// A customer can leave only after a purchase that is counted, so it is 1 for `x = 0`. Source: Fader & Hardie, note 021.
    fn p_alive(&self, history: &History) -> f64 {
        if history.frequency == 0 { 1.0 } else { sigmoid(-self.dropout_log_odds(history)) }
    }

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
        // (1 - z)^r must not underflow for the sum to start.
        if counts.practical_maximum() < Self::COUNTS_WORTH_SUMMING && counts.none() > 1e-280 {
            self.sum_over_counts(&counts)
        } else {
            self.integral_over_dropout(t)
        }
    }

    fn time_scale(&self) -> f64 {
        self.alpha
    }

    /// `P(X(t) = n) = P(N = n) P(K > n) + P(N ≥ n) P(K = n)` (equation 8, in positive terms).
    fn pmf(&self, n: u32, t: f64) -> f64 {
        let counts = NegativeBinomial::new(self.r, self.alpha, t);
        let survives = self.survives(n);
        let leaves_at = if n == 0 { 0.0 } else { survives * self.a / (self.b + f64::from(n - 1)) };
        counts.pmf(n) * survives + counts.at_least(n) * leaves_at
    }

    /// `P(X(t) ≥ n) = P(N ≥ n) P(K ≥ n)`.
    fn at_least(&self, n: u32, t: f64) -> f64 {
        if n == 0 { 1.0 } else { NegativeBinomial::new(self.r, self.alpha, t).at_least(n) * self.survives(n - 1) }
    }
}
