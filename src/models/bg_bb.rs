//! BG/BB: the beta-geometric / beta-Bernoulli model of Fader, Hardie & Shang (2010), for purchases that can be made, or not,
//! at each of a number of opportunities: yearly donations, weekly shopping trips, issues of a magazine.
//!
//! Before each opportunity a customer leaves for good with probability `θ ~ Beta(gamma, delta)`; one who is still there
//! purchases with probability `p ~ Beta(alpha, beta)`. In a [`History`] `T` is the number `n` of opportunities and `t_x` the
//! number of the last one used. Source: Customer-Base Analysis in a Discrete-Time Noncontractual Setting, Marketing Science
//! 29(6), 1086-1108 (FHS10).

use std::cell::RefCell;

use rand::{Rng, RngExt};
use rand_distr::Binomial;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::dropout::{discounted_survival, ln_leave, ln_stay, ln_stay_after, survival};
use super::sampling::{draw_beta, draw_chances};
use super::{Counts, Derivatives, FuturePurchases, Heterogeneity, Likelihood, Timing};
use crate::error::{Error, Result};
use crate::special::{Run, ln_rising_ratio, sum_points};
use crate::summary::{Counted, CountedHistories, CountedRow, FrequencyGroup, History};

/// BG/BB in the paper's notation. All four parameters are positive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BgBb {
    /// First parameter of the purchase probabilities: `E[p] = alpha / (alpha + beta)`.
    pub alpha: f64,
    /// Second parameter of the purchase probabilities.
    pub beta: f64,
    /// First parameter of the dropout probabilities: `E[θ] = gamma / (gamma + delta)`.
    pub gamma: f64,
    /// Second parameter of the dropout probabilities.
    pub delta: f64,
}

impl Likelihood<4> for BgBb {
    type Data = CountedHistories;
    const NAME: &'static str = "bg-bb";
    const TITLE: &'static str = "BG/BB";
    const DISCRETE: bool = true;

    parameters!(4: alpha, beta, gamma, delta);

    /// FHS10 equation 5:
    ///
    /// ```text
    /// L = B(α+x, β+n-x)/B(α, β) B(γ, δ+n)/B(γ, δ)
    ///   + Σ_{t_x ≤ m < n} B(α+x, β+m-x)/B(α, β) B(γ+1, δ+m)/B(γ, δ)
    /// ```
    ///
    /// with every beta function as the product of the chances it stands for.
    fn log_likelihood(&self, data: &CountedHistories) -> Derivatives<4> {
        let most = data.times().last().map_or(0.0, |&n| n.min(MOST_OPPORTUNITIES));
        let dropout = Dropout::new(self, most as usize);
        Derivatives::sum(data.groups(), &|group| self.group_term(data, group, &dropout))
    }

    fn starts((): (), data: &CountedHistories) -> Vec<Self> {
        let rate = (data.repeat_purchases() / (data.customers() * data.mean_age())).clamp(0.001, 0.9);
        let with =
            |size: f64, gamma: f64, delta: f64| Self { alpha: size * rate, beta: size * (1.0 - rate), gamma, delta };
        vec![with(2.0, 0.7, 2.8), with(1.0, 1.0, 1.0), with(5.0, 0.2, 10.0), with(20.0, 0.05, 10.0)]
    }

    fn scales((): (), _data: &CountedHistories) -> [f64; 4] {
        [1.0; 4]
    }

    fn check(data: &CountedHistories) -> Result<()> {
        data.check_histories()?;
        data.rows().iter().try_for_each(|row| check_opportunities(&row.history))?;
        if data.times().last().is_some_and(|&most| most < FEWEST_OPPORTUNITIES) {
            return Err(Error::data(format!(
                "bg-bb cannot be fitted: nobody had more than two opportunities, and who has left cannot be told from who \
                 passed. At least {FEWEST_OPPORTUNITIES} are needed; shorter periods or a longer observation give them"
            )));
        }
        data.check_repeat_customers(Self::NAME)
    }
}

/// Refuses a history that is not one of opportunities.
fn check_opportunities(history: &History) -> Result<()> {
    let History { frequency, t_x, T } = *history;
    if t_x.fract() == 0.0 && T.fract() == 0.0 && history.x() <= t_x && t_x <= T && T <= MOST_OPPORTUNITIES {
        return Ok(());
    }
    Err(Error::data(format!(
        "bg-bb takes whole opportunities, used at most once each, up to {MOST_OPPORTUNITIES}: frequency {frequency}, \
         recency {t_x} and T {T} are none"
    )))
}

/// Fewest opportunities of the customer who had most.
const FEWEST_OPPORTUNITIES: f64 = 3.0;

/// More opportunities than a customer has; the likelihood of one history sums over them.
pub(crate) const MOST_OPPORTUNITIES: f64 = 10_000.0;

/// Opportunities up to this one are added up singly, later ones in runs.
const SINGLE: u32 = 256;

/// The chances to stay at the `i+1`-th opportunity, and to leave, with derivatives in (ln gamma, ln delta).
struct Dropout {
    stay: Vec<Derivatives<2>>,
    leave: Vec<Derivatives<2>>,
    /// `ln B(γ, δ+m)/B(γ, δ)`
    survival: Vec<Derivatives<2>>,
}

impl Dropout {
    fn new(model: &BgBb, opportunities: usize) -> Self {
        let of = |term: fn(f64, f64, f64) -> Derivatives<2>| -> Vec<Derivatives<2>> {
            (0..=opportunities).map(|i| term(model.gamma, model.delta, i as f64)).collect()
        };
        let stay = of(ln_stay);
        Self { leave: of(ln_leave), survival: cumulative(&stay), stay }
    }
}

/// Sums of the first `m` terms, `m` from 0 to all of them.
fn cumulative(terms: &[Derivatives<2>]) -> Vec<Derivatives<2>> {
    let mut sums = vec![Derivatives::ZERO];
    for (m, term) in terms.iter().enumerate() {
        sums.push(sums[m].plus(*term));
    }
    sums
}

impl BgBb {
    /// The terms of the customers of one frequency.
    fn group_term(&self, data: &CountedHistories, group: &FrequencyGroup, dropout: &Dropout) -> Derivatives<4> {
        let (x, rows) = (group.x, data.rows_of(group));
        let used = (0..group.x as usize).fold(Derivatives::ZERO, |sum, i| {
            // A purchase is what a customer stays for here: β/(α + β + i) is the chance of none.
            let Derivatives { value, gradient: [b, a], hessian: [[bb, ba], [_, aa]] } =
                ln_stay(self.beta, self.alpha, i as f64);
            sum.plus(Derivatives { value, gradient: [a, b], hessian: [[aa, ba], [ba, bb]] })
        });
        let longest = rows.iter().map(|row| row.history.T.min(MOST_OPPORTUNITIES) as usize).max().unwrap_or(0);
        let pass: Vec<Derivatives<2>> = (0..longest.saturating_sub(group.x as usize))
            .map(|j| ln_stay_after(self.alpha, x, self.beta, j as f64))
            .collect();
        let passed = cumulative(&pass);
        let term = |sum: Derivatives<4>, row: &CountedRow| {
            if check_opportunities(&row.history).is_err() {
                // It cannot have happened.
                return sum.plus(Derivatives { value: f64::NEG_INFINITY, ..Derivatives::ZERO });
            }
            let History { t_x, T, .. } = row.history;
            let before = (t_x - x) as usize;
            let until_last = used.plus(passed[before]).placed(0);
            let alive = until_last.plus(dropout.survival[t_x as usize].placed(2));
            sum.plus(alive.plus(self.silence(x, t_x, T, &pass[before..], dropout)).times(row.customers))
        };
        rows.iter().fold(Derivatives::ZERO, term)
    }

    /// `ln N`, the chance of no purchase after `t_x`, up to `n`, for a customer alive at `t_x`.
    ///
    /// Its derivatives are means and covariances over the ways to end; in `gamma` and `delta`, where these nearly cancel if
    /// a purchase is unlikely anyway, those of one less the chance of a next purchase.
    fn silence(&self, x: f64, t_x: f64, n: f64, pass: &[Derivatives<2>], dropout: &Dropout) -> Derivatives<4> {
        let (from, to) = (t_x as usize, n as usize);
        let mut so_far = Derivatives::<4>::ZERO;
        let mut ends = Vec::with_capacity(to - from + 1);
        let mut purchase = Derivatives::<2>::ZERO;
        for m in from..to {
            ends.push(so_far.plus(dropout.leave[m].placed(2)));
            so_far = so_far.plus(dropout.stay[m].placed(2));
            let chance = (self.alpha + x) / (self.alpha + self.beta + m as f64);
            purchase = purchase.plus(so_far.part::<2>(2).exp().times(chance));
            so_far = so_far.plus(pass[m - from].placed(0));
        }
        ends.push(so_far);

        let shares: Vec<f64> = ends.iter().map(|end| end.value.exp()).collect();
        let total: f64 = shares.iter().sum();
        let mut d = Derivatives::<4>::mixture(&ends, &shares);
        if purchase.value < 0.5 {
            d.value = (-purchase.value).ln_1p();
        }
        let slopes = purchase.gradient.map(|slope| -slope / total);
        d.gradient[2..].copy_from_slice(&slopes);
        if total > 0.5 {
            for (i, bends) in purchase.hessian.iter().enumerate() {
                for (j, bend) in bends.iter().enumerate() {
                    d.hessian[2 + i][2 + j] = -bend / total - slopes[i] * slopes[j];
                }
            }
        }
        d
    }

    /// `Σ f(i) C(i, x) B(α+x, β+i-x)/B(α, β) B(γ, δ+i)/B(γ, δ)` over `x ≤ i ≤ n`: alive after `i` opportunities, `x` of them
    /// used.
    fn sum_over_opportunities(&self, x: f64, n: f64, f: impl Fn(f64) -> f64) -> f64 {
        let Self { alpha, beta, gamma, delta } = *self;
        let ln_start = -ln_rising_ratio(beta, alpha, x) - ln_rising_ratio(gamma, delta, x);
        // The first term may underflow where the sum does not.
        let (mut term, mut ln_scale) = (1.0, ln_start);
        let mut sum = 0.0;
        let mut i = x;
        while i <= n {
            sum += term * f(i);
            term *= (i + 1.0) / (i + 1.0 - x)
                * ((beta + (i - x)) / (alpha + beta + i))
                * ((delta + i) / (gamma + delta + i));
            if term > 1e200 {
                (term, sum, ln_scale) = (term * 1e-200, sum * 1e-200, ln_scale + 200.0 * std::f64::consts::LN_10);
            }
            i += 1.0;
        }
        // In two steps: the scale alone may underflow.
        let half = (0.5 * ln_scale).exp();
        sum * half * half
    }
}

impl Timing for BgBb {
    type Future = Self;

    fn future(&self, history: &History) -> Self {
        let (x, n) = (history.x(), history.T);
        Self { alpha: self.alpha + x, beta: self.beta + (n - x).max(0.0), gamma: self.gamma, delta: self.delta + n }
    }

    /// Has not left before one of the `n` opportunities; 0 of a history that cannot be. FHS10's equation 11 is about the next one, and so lower by the factor
    /// `(δ + n)/(γ + δ + n)`.
    fn p_alive(&self, history: &History) -> f64 {
        let Self { alpha, beta, gamma, delta } = *self;
        if check_opportunities(history).is_err() {
            return 0.0;
        }
        let x = history.x();
        let (mut here, mut left, mut m) = (1.0, 0.0, history.t_x);
        while m < history.T {
            left += here * (gamma / (gamma + delta + m));
            here *= (delta + m) / (gamma + delta + m) * ((beta + (m - x)) / (alpha + beta + m));
            m += 1.0;
        }
        if here > 0.0 { here / (here + left) } else { 0.0 }
    }

    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>) {
        times.clear();
        let (p, theta) = (draw_beta(self.alpha, self.beta, rng), draw_beta(self.gamma, self.delta, rng));
        for i in 1..=t.max(0.0) as u32 {
            if rng.random::<f64>() < theta {
                return;
            }
            if rng.random::<f64>() < p {
                times.push(f64::from(i));
            }
        }
    }

    fn moment(&self, t: f64) -> f64 {
        t.floor()
    }

    fn is_discrete(&self) -> bool {
        Self::DISCRETE
    }

    fn check_ahead(&self, t: f64) -> Result<()> {
        if t.is_infinite() || t <= MOST_OPPORTUNITIES {
            return Ok(());
        }
        Err(Error::usage(format!(
            "bg-bb looks at most {MOST_OPPORTUNITIES} opportunities ahead, and {t} are asked for; give a shorter horizon, or count \
             longer periods"
        )))
    }

    fn check_history(&self, history: &History) -> Result<()> {
        check_opportunities(history)
    }

    fn heterogeneity(&self) -> Vec<Heterogeneity> {
        vec![
            Heterogeneity::beta("chance to purchase at an opportunity while alive", self.alpha, self.beta),
            Heterogeneity::beta("chance to leave before an opportunity", self.gamma, self.delta),
        ]
    }
}

impl FuturePurchases for BgBb {
    /// `E[X(n)] = Σ_{i ≤ n} α/(α + β) B(γ, δ+i)/B(γ, δ)` over the whole opportunities in `t` (FHS10, equation 8, before it is
    /// summed).
    fn expected_purchases(&self, t: f64) -> f64 {
        self.det(t, 0.0)
    }

    /// Each opportunity's purchase is worth `e^(-δ i)`.
    fn det(&self, t: f64, delta: f64) -> f64 {
        let worth = (-delta).exp();
        let last = t.max(0.0).floor();
        let (mut survives, mut sum, mut i) = (1.0, 0.0, 0.0);
        while i < last.min(f64::from(SINGLE)) {
            survives *= worth * ((self.delta + i) / (self.gamma + self.delta + i));
            sum += survives;
            if survives < 1e-18 * sum {
                break;
            }
            i += 1.0;
        }
        if i == f64::from(SINGLE) {
            let value = |i: f64| survival(self.gamma, self.delta, i) * (-delta * i).exp();
            sum_points(SINGLE + 1, (last as u32).saturating_add(1), SINGLE, |i, weight| sum += weight * value(i));
        }
        self.alpha / (self.alpha + self.beta) * sum
    }

    fn dert(&self, delta: f64) -> f64 {
        self.alpha / (self.alpha + self.beta) * discounted_survival(self.gamma, self.delta, delta)
    }

    /// `B(γ, δ + n)/B(γ, δ)` after the `n` whole opportunities in `t`.
    fn survival(&self, t: f64) -> f64 {
        survival(self.gamma, self.delta, t.max(0.0).floor())
    }

    /// `Σ_i B(α+1, β+i-1)/B(α, β) B(γ, δ+i)/B(γ, δ)` over all `i ≥ 1`: the first use is that of the `i`-th opportunity.
    ///
    /// The first terms singly, then in runs that double in length, until the terms are a power law, of which the rest is known.
    fn ever_repeats(&self) -> f64 {
        let Self { alpha, beta, gamma, delta } = *self;
        let (mut passes, mut survives, mut sum) = (1.0, 1.0, 0.0);
        for i in 0..SINGLE {
            let i = f64::from(i);
            survives *= (delta + i) / (gamma + delta + i);
            sum += passes * (alpha / (alpha + beta + i)) * survives;
            passes *= (beta + i) / (alpha + beta + i);
        }
        let first_use = |i: f64| {
            let passes = survival(alpha, beta, i - 1.0);
            passes * (alpha / (alpha + beta + (i - 1.0))) * survival(gamma, delta, i)
        };
        let power_law = 1e17 * (1.0 + alpha + beta + gamma + delta);
        let mut run = Run { from: f64::from(SINGLE + 1), log2: SINGLE.ilog2() };
        let mut before = 0.0;
        while run.from < power_law {
            let here: f64 = run.points().map(|(i, weight)| weight * first_use(i)).sum();
            sum += here;
            // Ever steeper on the way, the rest is less than a geometric series.
            let ratio = here / before;
            if here == 0.0 || ratio < 1.0 && here * ratio < 1e-17 * sum * (1.0 - ratio) {
                return sum.clamp(0.0, 1.0);
            }
            before = here;
            run = Run { from: run.end(), log2: run.log2 + 1 };
        }
        (sum + first_use(run.from) * run.from / (alpha + gamma)).clamp(0.0, 1.0)
    }

    /// One opportunity.
    fn time_scale(&self) -> f64 {
        1.0
    }

    /// FHS10 equation 7: alive after all opportunities, or gone after `i` of them, `n` of them used.
    fn mass(&self, n: f64, t: f64) -> f64 {
        let last = t.max(0.0).floor();
        if n > last {
            return 0.0;
        }
        let left = |i: f64| if i < last { self.gamma / (self.gamma + self.delta + i) } else { 1.0 };
        self.sum_over_opportunities(n, last, left).clamp(0.0, 1.0)
    }

    /// The `n`-th purchase is made at one of the opportunities.
    fn tail(&self, n: f64, t: f64) -> f64 {
        if n == 0.0 {
            return 1.0;
        }
        self.sum_over_opportunities(n, t.max(0.0).floor(), |i| n / i).clamp(0.0, 1.0)
    }

    /// Of many opportunities the chances between whole numbers are those of a polynomial through the nearest.
    fn counts(&self, t: f64) -> Counts {
        let last = t.max(0.0).floor();
        let known = RefCell::new(FxHashMap::default());
        let mass = |n: f64| *known.borrow_mut().entry(n as u32).or_insert_with(|| self.mass(n, t));
        Counts::new(|n| between(&mass, last, n), |n| self.tail(n, t))
    }

    fn draw_count(&self, t: f64, rng: &mut impl Rng) -> f64 {
        let (p, theta) = (draw_beta(self.alpha, self.beta, rng), draw_beta(self.gamma, self.delta, rng));
        let there = (draw_chances(theta, rng) - 1.0).min(t.max(0.0).floor());
        Binomial::new(there as u64, p).map_or(0.0, |binomial| rng.sample(binomial) as f64)
    }
}

/// The values of a function of whole numbers from 0 to `last` also between them: the polynomial through the eight nearest.
fn between(f: &impl Fn(f64) -> f64, last: f64, at: f64) -> f64 {
    const NEAREST: u32 = 8;
    if at.fract() == 0.0 || last < f64::from(NEAREST) {
        return f(at.floor());
    }
    let first = (at.floor() - f64::from(NEAREST / 2 - 1)).clamp(0.0, last + 1.0 - f64::from(NEAREST));
    let place = |i: u32| first + f64::from(i);
    (0..NEAREST)
        .map(|i| {
            let others = (0..NEAREST).filter(|j| *j != i).map(|j| (at - place(j)) / (place(i) - place(j)));
            f(place(i)) * others.product::<f64>()
        })
        .sum::<f64>()
        .max(0.0)
}
