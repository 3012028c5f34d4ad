//! BG/NBD: the beta-geometric / negative binomial model of Fader, Hardie & Lee (2005).
//!
//! While alive, a customer purchases at random with rate `λ ~ Gamma(r, alpha)`; after each purchase the customer leaves
//! for good with probability `p ~ Beta(a, b)`. Source: "Counting Your Customers" the Easy Way, Marketing Science 24(2),
//! 275-284 (FHL05); equation numbers below are that paper's.

use rand::{Rng, RngExt};
use rand_distr::Exp1;
use serde::{Deserialize, Serialize};

use super::{Derivatives, Likelihood, MANY_ROWS, THINNED, Timing, draw_gamma, positive};
use crate::error::Result;
use crate::fit::Verdict;
use crate::special::beta_expectation;
use crate::special::negative_binomial::NegativeBinomial;
use crate::summary::{CountedHistories, FrequencyGroup, History};

/// A chance to leave that, over all purchases of the mean customer, comes to less than this is none, if it is not known well.
const NO_DROPOUT: f64 = 0.01;

/// A chance to stay below this is none.
const EVERYONE_LEAVES: f64 = 1e-4;

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
    /// ln L = Σ_i n(x > i) ln(r + i)  -  Σ_i n(x > i + 1) ln(1 + a/(b + i))  +  Σ ln( (1 - π) e^f₁ + π e^f₂ )
    /// f₁ = r ln(α/(α + T)) - x ln(α + T)            stayed after the last purchase, alive at T
    /// f₂ = r ln(α/(α + t_x)) - x ln(α + t_x)        left at the last purchase
    /// π  = a/(a + b + x - 1), 0 for x = 0
    /// ```
    ///
    /// with `n(x > i)` the number of customers with more than `i` repeat purchases, because
    /// `Γ(r+x)/Γ(r) = Π_{i<x} (r+i)` and `B(a,b+x)/B(a,b) = Π_{i<x} (b+i)/(a+b+i)`.
    fn log_likelihood(&self, data: &CountedHistories) -> Derivatives<4> {
        let above = data.repeats_above();
        let rates = Derivatives::sum(above, &|&(i, customers)| self.rate_term(i).times(customers));
        let stays = above.get(1..).unwrap_or_default();
        let stays = Derivatives::sum(stays, &|&(i, customers)| self.stay_term(i - 1.0).times(customers));
        let ages = data.times().iter().map(|&time| Decay::new(self, time)).collect::<Vec<_>>();
        let timing = Derivatives::sum(data.groups(), &|group| self.group_term(data, group, &ages));
        rates.plus(stays).plus(timing)
    }

    fn for_each_score(&self, data: &CountedHistories, mut each: impl FnMut([f64; 4], f64)) {
        for row in data.rows() {
            each(self.log_likelihood(&CountedHistories::new([row.history])).gradient, row.customers);
        }
    }

    fn cautions(&self, data: &CountedHistories, verdict: &Verdict) -> Vec<String> {
        let share = self.a / (self.a + self.b);
        let mut cautions = Vec::new();
        let settled = *verdict == Verdict::Converged;
        if !settled && share * data.purchases_per_customer() < NO_DROPOUT {
            cautions.push(
                "these data show no dropout (a/(a + b) is 0): customers who came back keep coming. Predictions are those \
                 of customers who never leave; do not extend them far beyond the observed time, which was too short to \
                 see anybody leave"
                    .to_owned(),
            );
        } else if !settled && 1.0 - share < EVERYONE_LEAVES {
            cautions.push(
                "these data show nobody who stays (a/(a + b) is 1): every customer leaves at the first repeat purchase. \
                 Check that repeat purchases are in the export"
                    .to_owned(),
            );
        } else if verdict.runs_off("a", false) && verdict.runs_off("b", false) {
            cautions.push(format!(
                "these data show next to no dropout but at the first repeat purchase: {:.2}% of those who come back leave \
                 then, and the others keep coming. Do not extend predictions far beyond the observed time",
                100.0 * share
            ));
        } else if verdict.runs_off("a", true) && verdict.runs_off("b", true) {
            cautions.push(format!(
                "all customers have the same chance to leave, {share:.4} after each purchase: a and b run off together \
                 and only their ratio means something"
            ));
        }
        if verdict.runs_off("r", true) && verdict.runs_off("alpha", true) {
            cautions.push(format!(
                "all customers purchase at the same rate, {:.4} per unit of time: r and alpha run off together and only \
                 their ratio means something",
                self.r / self.alpha
            ));
        }
        if let Verdict::Ridge { parameters } = verdict {
            let list = parameters.join(" and ");
            cautions.push(format!(
                "{list} are not determined separately: predictions can be used, these parameters should not be compared \
                 with others. More customers or a longer observation would settle them; so would --prior-sd 2"
            ));
        }
        cautions
    }

    fn thinned(data: &CountedHistories) -> Option<CountedHistories> {
        (data.rows().len() >= MANY_ROWS).then(|| data.thinned(THINNED))
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
    /// `ln(r + i)`, what the `i+1`-th repeat purchase adds, with derivatives in (ln r, ln alpha, ln a, ln b).
    fn rate_term(&self, i: f64) -> Derivatives<4> {
        let (r, ri) = (self.r, self.r + i);
        let mut d = Derivatives::ZERO;
        d.value = ri.ln();
        d.gradient[0] = r / ri;
        d.hessian[0][0] = r * i / (ri * ri);
        d
    }

    /// `-ln(1 + a/(b + i))`, what staying after it adds, likewise.
    fn stay_term(&self, i: f64) -> Derivatives<4> {
        let Self { a, b, .. } = *self;
        let (bi, abi) = (b + i, a + b + i);
        let mut d = Derivatives::ZERO;
        d.value = -(a / bi).ln_1p();
        d.gradient = [0.0, 0.0, -a / abi, a * b / (bi * abi)];
        d.hessian[2][2] = -a * bi / (abi * abi);
        d.hessian[2][3] = a * b / (abi * abi);
        d.hessian[3][2] = d.hessian[2][3];
        d.hessian[3][3] = a * b / (bi * abi) * ((a * i + (i - b) * (i + b)) / (bi * abi));
        d
    }

    /// `Σ ln((1 - π) e^f₁ + π e^f₂)` over the customers of one frequency, with derivatives in (ln r, ln alpha, ln a, ln b).
    ///
    /// With `w` the share of the second part, the gradient is the mixture `(1 - w) ∇f₁ + w ∇f₂`, and the Hessian the
    /// mixture of both Hessians plus `w (1 - w) Δ Δᵀ`, `Δ = ∇f₂ - ∇f₁`; in `ln a` and `ln b`, with `s = b/(b + x - 1)`, they
    /// reduce to multiples of `w - π` and of `w (1 - w) - π (1 - π) = (w - π)(1 - w - π)`.
    fn group_term(&self, data: &CountedHistories, group: &FrequencyGroup, ages: &[Decay]) -> Derivatives<4> {
        let r = self.r;
        let x = group.x;
        let last_chance = LastChance::new(self, x);
        let mut sums = GroupSums { product: 1.0, ..GroupSums::default() };
        for row in data.rows_of(group) {
            let (end, last) = (&ages[row.age as usize], &ages[row.recency as usize]);
            if x == 0.0 {
                sums.add_without_repeat(r, row.customers, end);
            } else {
                sums.add(r, x, &last_chance, row.customers, end, last);
            }
        }
        let s = last_chance.share_of_b;
        let mut d = Derivatives::ZERO;
        d.value = sums.value + sums.product.ln();
        d.gradient = [-r * sums.decay, r * sums.elapsed - x * sums.remaining, sums.excess, -s * sums.excess];
        d.hessian[0][0] = -r * sums.decay + r * r * sums.mm;
        d.hessian[0][1] = r * sums.elapsed - r * (r + x) * sums.mh;
        d.hessian[1][1] = -(r + x) * sums.both + (r + x) * (r + x) * sums.hh;
        d.hessian[0][2] = r * sums.m;
        d.hessian[0][3] = -s * r * sums.m;
        d.hessian[1][2] = -(r + x) * sums.h;
        d.hessian[1][3] = s * (r + x) * sums.h;
        d.hessian[2][2] = sums.excess_doubt;
        d.hessian[2][3] = -s * sums.excess_doubt;
        d.hessian[3][3] = s * s * sums.excess_doubt - s * (1.0 - s) * sums.excess;
        for i in 0..4 {
            for j in 0..i {
                d.hessian[i][j] = d.hessian[j][i];
            }
        }
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

    /// `E[X(t)] = E[ (1 - (1 + p t/α)^-r) / p ]` over `p ~ Beta(a, b)`.
    fn expectation_over_dropout(&self, t: f64) -> f64 {
        let Self { r, alpha, a, b } = *self;
        let odds = t / alpha;
        let purchases = |p: f64| -(-r * (p * odds).ln_1p()).exp_m1() / p;
        beta_expectation(a, b, 1.0 + odds * (1.0 + r), purchases).min(r * odds)
    }

    /// `P(K > n) = B(a, b + n) / B(a, b)`: a customer survives `n` chances to leave.
    fn survives(&self, n: u32) -> f64 {
        (0..n).map(|i| -(self.a / (self.b + f64::from(i))).ln_1p()).sum::<f64>().exp()
    }
}

/// What the likelihood needs of one point in time, shared by all customers of that age or recency.
struct Decay {
    /// The time itself, `t`.
    time: f64,
    /// `ln(α + t)`
    ln_total: f64,
    /// `ln(1 + t/α)`
    ln_decay: f64,
    /// `t / (α + t)`
    elapsed: f64,
    /// `α / (α + t)`
    remaining: f64,
    /// Their product.
    both: f64,
    /// `1 / (α + t)`
    inverse: f64,
}

impl Decay {
    fn new(model: &BgNbd, time: f64) -> Self {
        let total = model.alpha + time;
        Self {
            time,
            ln_total: total.ln(),
            ln_decay: (time / model.alpha).ln_1p(),
            elapsed: time / total,
            remaining: model.alpha / total,
            both: (time / total) * (model.alpha / total),
            inverse: 1.0 / total,
        }
    }
}

/// The chance to leave at the last of `x > 0` repeat purchases, as expected before what followed is known.
struct LastChance {
    /// `π = a/(a + b + x - 1)`
    leaves: f64,
    /// `1 - π`
    stays: f64,
    /// `ln(1 - π)`
    ln_stays: f64,
    /// `ln π`
    ln_leaves: f64,
    /// `ln π - ln(1 - π)`
    ln_odds: f64,
    /// `b/(b + x - 1)`; 0 for `x = 0`.
    share_of_b: f64,
}

impl LastChance {
    fn new(model: &BgNbd, x: f64) -> Self {
        if x == 0.0 {
            let none = f64::NEG_INFINITY;
            return Self { leaves: 0.0, stays: 1.0, ln_stays: 0.0, ln_leaves: none, ln_odds: none, share_of_b: 0.0 };
        }
        let (a, stays) = (model.a, model.b + (x - 1.0));
        Self {
            leaves: a / (a + stays),
            stays: stays / (a + stays),
            ln_stays: -(a / stays).ln_1p(),
            ln_leaves: -(stays / a).ln_1p(),
            ln_odds: (a / stays).ln(),
            share_of_b: model.b / stays,
        }
    }
}

/// Sums over the customers of one frequency; `M = ln((α+T)/(α+t_x))`, `h` its derivative in `-ln α`.
#[derive(Default)]
struct GroupSums {
    value: f64,
    /// Of factors whose logarithm belongs to the value.
    product: f64,
    /// `Σ (1-w) ln(1 + T/α) + w ln(1 + t_x/α)`; the next three are mixtures alike.
    decay: f64,
    elapsed: f64,
    remaining: f64,
    /// Of the products of the two.
    both: f64,
    /// `Σ w - π`
    excess: f64,
    /// `Σ w (1 - w) - π (1 - π)`
    excess_doubt: f64,
    /// `Σ w (1 - w)` times `M`, `h`, `M²`, `M h`, `h²`.
    m: f64,
    h: f64,
    mm: f64,
    mh: f64,
    hh: f64,
}

impl GroupSums {
    /// Adds `customers · ln(1 + e)`, `0 ≤ e ≤ 1`; for single customers as a product, whose logarithm is taken now and then.
    fn add_ln_1p(&mut self, e: f64, customers: f64) {
        if customers == 1.0 {
            self.product *= 1.0 + e;
            if self.product > 1e200 {
                self.value += self.product.ln();
                self.product = 1.0;
            }
        } else {
            self.value += customers * e.ln_1p();
        }
    }

    /// Customers without a repeat purchase, who had no chance to leave.
    fn add_without_repeat(&mut self, r: f64, customers: f64, end: &Decay) {
        self.value -= customers * r * end.ln_decay;
        self.decay += customers * end.ln_decay;
        self.elapsed += customers * end.elapsed;
        self.remaining += customers * end.remaining;
        self.both += customers * end.both;
    }

    fn add(&mut self, r: f64, x: f64, chance: &LastChance, customers: f64, end: &Decay, last: &Decay) {
        let since = (end.time - last.time) * last.inverse;
        // The tables' difference keeps its digits once it is not small.
        let m = if since < 0.125 { since.ln_1p() } else { end.ln_total - last.ln_total };
        let evidence = (r + x) * m;
        let log_odds = chance.ln_odds + evidence;
        let e = (-log_odds.abs()).exp();
        let larger = 1.0 / (1.0 + e);
        let smaller = e * larger;
        let likely_alive = log_odds <= 0.0;
        let (alive, left) = if likely_alive { (larger, smaller) } else { (smaller, larger) };
        let (top, ln_chance) = if likely_alive { (end, chance.ln_stays) } else { (last, chance.ln_leaves) };
        self.value += customers * (ln_chance - r * top.ln_decay - x * top.ln_total);
        self.add_ln_1p(e, customers);

        let mix = |at_end: f64, at_last: f64| customers * (alive * at_end + left * at_last);
        self.decay += mix(end.ln_decay, last.ln_decay);
        self.elapsed += mix(end.elapsed, last.elapsed);
        self.remaining += mix(end.remaining, last.remaining);
        self.both += mix(end.both, last.both);

        // w - π = w (1 - π) (1 - e^-evidence), which only little evidence makes small beside both.
        let excess = if evidence < 0.5 {
            left * chance.stays * -(-evidence).exp_m1()
        } else if chance.leaves < 0.5 {
            left - chance.leaves
        } else {
            chance.stays - alive
        };
        self.excess += customers * excess;
        self.excess_doubt += customers * excess * (alive - chance.leaves);

        let h = end.remaining * since;
        let doubt = customers * alive * left;
        self.m += doubt * m;
        self.h += doubt * h;
        self.mm += doubt * m * m;
        self.mh += doubt * m * h;
        self.hh += doubt * h * h;
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
        if history.frequency == 0 {
            return 1.0;
        }
        let Self { r, alpha, a, b } = *self;
        let x = history.x();
        let evidence = (r + x) * ((history.T - history.t_x) / (alpha + history.t_x)).ln_1p();
        let leave = a / (b + (x - 1.0));
        // Beyond e^700 there is no number.
        let odds = if evidence < 700.0 { leave * evidence.exp() } else { (leave.ln() + evidence).exp() };
        1.0 / (1.0 + odds)
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
            self.expectation_over_dropout(t)
        }
    }

    /// `λ ~ Gamma(r, alpha)`, `p ~ Beta(a, b)`; then exponential waiting times, and after each purchase the chance `p` to leave.
    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>) {
        times.clear();
        let lambda = draw_gamma(self.r, rng) / self.alpha;
        // A beta variate as the share of one gamma variate in two.
        let (a, b) = (draw_gamma(self.a, rng), draw_gamma(self.b, rng));
        let p = if a + b > 0.0 { a / (a + b) } else { self.a / (self.a + self.b) };
        let mut time = 0.0;
        loop {
            time += rng.sample::<f64, _>(Exp1) / lambda;
            // A rate that underflowed to zero waits for ever, or for no number at all.
            if time.is_nan() || time > t {
                return;
            }
            times.push(time);
            if rng.random::<f64>() < p {
                return;
            }
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
