//! Pareto/CNBD-k: Pareto/NBD with regular purchases.
//!
//! As Pareto/NBD, a customer may leave at any moment, at a rate `μ ~ Gamma(s, beta)`; but while alive, the time between purchases is
//! Erlang-k with rate `λ ~ Gamma(r, alpha)` of its stages, as in BG/CNBD-k. With `k = 1` it is Pareto/NBD. Its relative with a regularity
//! of each customer's own is Pareto/GGG: Platzer & Reutterer (2016), Ticking Away the Moments, Marketing Science 35(5), 779-799.
//!
//! Dropout does not wait for a purchase, so events until dropout are those of Pareto/NBD, and every `k`-th of them is a purchase.

use rand::{Rng, RngExt};
use rand_distr::Exp1;
use serde::{Deserialize, Serialize};

use super::beta_geometric_regular::{ln_event_rates, ln_interpurchase_density};
use super::decay::Decay;
use super::erlang_counts::ErlangCounts;
use super::pareto_regular::RegularSilence;
use super::pareto_two_stage;
use super::sampling::{draw_erlang, draw_gamma, draw_poisson_count};
use super::stages::{MOST_STAGES, StageTerms, Stages};
use super::{Counts, Derivatives, FutureKey, FuturePurchases, Heterogeneity, Likelihood, ParetoNbd, Timing};
use crate::error::Result;
use crate::special::{beta_expectation_of_both, weighted_increase};
use crate::summary::{CountedHistories, FrequencyGroup, History};

/// Pareto/CNBD-k in the notation of Pareto/NBD. All four parameters are positive; `k` is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParetoCnbd {
    /// Stages between purchases.
    pub k: Stages,
    /// Shape of the rates of stages over customers.
    pub r: f64,
    /// Rate of the rates of stages over customers, in time units: a customer purchases at `λ/k`, in the mean `r / (k alpha)`.
    pub alpha: f64,
    /// Shape of the dropout rates over customers.
    pub s: f64,
    /// Rate of the dropout rates over customers, in time units: `E[μ] = s / beta`.
    pub beta: f64,
}

impl Likelihood<4> for ParetoCnbd {
    type Data = CountedHistories;
    const NAME: &'static str = "pareto-cnbd";
    const TITLE: &'static str = "Pareto/CNBD";

    regular_parameters!(4: r, alpha, s, beta);

    /// With `n = r + k x` and `S_k(u)` the sum of the stages' weights at `u`:
    ///
    /// ```text
    /// L = Π itt^(k-1)/(k-1)!  Γ(n)/Γ(r) α^r β^s [ (α+T)^-n S_k(T) (β+T)^-s  +  s ∫ (α+u)^-n S_k(u) (β+u)^-(s+1) du ],  t_x < u < T
    /// ```
    ///
    /// the interpurchase times count where the data know them.
    fn log_likelihood(&self, data: &CountedHistories) -> Derivatives<4> {
        if self.k == Stages::ONE {
            return self.plain().log_likelihood(data);
        }
        let rates = ln_event_rates(self.r, self.k, data).placed(0);
        let (a, b) = (Decay::table(self.alpha, data.times()), Decay::table(self.beta, data.times()));
        let silences = Derivatives::over_groups_slowly(data, |group| self.group_term(data, group, &a, &b));
        let mut d = rates.plus(silences);
        d.value += ln_interpurchase_density(self.k, data);
        d
    }

    fn starts(k: Stages, data: &CountedHistories) -> Vec<Self> {
        let starts = ParetoNbd::starts((), data).into_iter();
        starts.map(|ParetoNbd { r, alpha, s, beta }| Self { k, r, alpha: alpha / k.k(), s, beta }).collect()
    }

    fn scales(k: Stages, data: &CountedHistories) -> [f64; 4] {
        let [r, alpha, s, beta] = ParetoNbd::scales((), data);
        [r, alpha / k.k(), s, beta]
    }

    fn check(data: &CountedHistories) -> Result<()> {
        data.check_repeat_customers(Self::NAME)
    }
}

impl ParetoCnbd {
    /// Names on the command line by `k`, from 1 on.
    pub(super) const NAMES: [&'static str; MOST_STAGES] = with_stages!("pareto-cnbd");

    /// Titles, likewise.
    pub(super) const TITLES: [&'static str; MOST_STAGES] = with_stages!("Pareto/CNBD");

    /// Of the events.
    fn plain(&self) -> ParetoNbd {
        let Self { r, alpha, s, beta, .. } = *self;
        ParetoNbd { r, alpha, s, beta }
    }

    /// The terms of the customers of one frequency, with derivatives in (ln r, ln alpha, ln s, ln beta).
    fn group_term(&self, data: &CountedHistories, group: &FrequencyGroup, a: &[Decay], b: &[Decay]) -> Derivatives<4> {
        let kx = self.k.k() * group.x;
        let terms = StageTerms::new(self.k, self.r + kx);
        let of_row = |row: &crate::summary::CountedRow| {
            let (a_last, b_last) = (&a[row.recency as usize], &b[row.recency as usize]);
            let silence = self.silence(&terms, kx, &row.history);
            let mut d = silence.derivatives(self.r, (self.alpha, self.beta), (a_last, b_last));
            d.value -= self.r * a_last.ln_decay + kx * a_last.ln_total + self.s * b_last.ln_decay;
            d.times(row.customers)
        };
        data.rows_of(group).iter().map(of_row).fold(Derivatives::ZERO, Derivatives::plus)
    }

    fn silence<'a>(&self, terms: &'a StageTerms, kx: f64, history: &History) -> RegularSilence<'a> {
        RegularSilence {
            terms,
            k: self.k.k(),
            n: self.r + kx,
            s: self.s,
            alpha_t: self.alpha + history.t_x,
            beta_t: self.beta + history.t_x,
            gap: (history.T - history.t_x).max(0.0),
        }
    }

    /// What a new customer has ahead.
    fn new_customer(&self) -> ParetoRegularFuture {
        let mut weights = [0.0; MOST_STAGES];
        weights[0] = 1.0;
        ParetoRegularFuture { stages: self.k, weights, events: self.plain() }
    }
}

impl Timing for ParetoCnbd {
    type Future = ParetoRegularFuture;

    /// The stage depends on the time since the last purchase.
    fn future_key(&self, history: &History) -> FutureKey {
        FutureKey::of_all(history)
    }

    /// `μ ~ Gamma(s, beta + T)`; in stage `j` with weight `w_j`, and there `λ ~ Gamma(r + k x + j, alpha + T)`.
    fn future(&self, history: &History) -> ParetoRegularFuture {
        let n = self.r + self.k.k() * history.x();
        let alpha = self.alpha + history.T;
        let (weights, _) = StageTerms::new(self.k, n).weights((history.T - history.t_x).max(0.0) / alpha);
        let events = ParetoNbd { r: n, alpha, s: self.s, beta: self.beta + history.T };
        ParetoRegularFuture { stages: self.k, weights, events }
    }

    /// The first of the two parts of the likelihood, in shares of both.
    fn p_alive(&self, history: &History) -> f64 {
        if self.k == Stages::ONE {
            return self.plain().p_alive(history);
        }
        let kx = self.k.k() * history.x();
        let terms = StageTerms::new(self.k, self.r + kx);
        let (no_purchase, alive) = self.silence(&terms, kx, history).no_purchase_and_alive();
        alive / no_purchase
    }

    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>) {
        times.clear();
        let (lambda, mu) = (draw_gamma(self.r, rng) / self.alpha, draw_gamma(self.s, rng) / self.beta);
        let life = rng.sample::<f64, _>(Exp1) / mu;
        draw_erlang(self.k, lambda, if life < t { life } else { t }, rng, times, |_| false);
    }

    fn heterogeneity(&self) -> Vec<Heterogeneity> {
        vec![
            Heterogeneity::purchase_rate(self.r, self.k.k() * self.alpha),
            Heterogeneity::gamma("rate of leaving a time unit", self.s, self.beta),
        ]
    }
}

delegate_future_purchases!(ParetoCnbd: .new_customer);

/// What a customer has ahead who is alive, purchases at regular intervals and may leave at any moment: a mixture over the hidden stages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParetoRegularFuture {
    stages: Stages,
    weights: [f64; MOST_STAGES],
    /// Events and dropout of who is in the first stage; in stage `j` the shape is `r + j`.
    events: ParetoNbd,
}

/// After so many decays of the discount nothing is worth anything.
const NOTHING_LEFT: f64 = 60.0;

impl ParetoRegularFuture {
    /// Stage, weight and events of those who are in the stage.
    fn of_stages(&self) -> impl Iterator<Item = (f64, f64, ParetoNbd)> + '_ {
        let weights = self.weights.iter().enumerate().take(self.stages.count()).filter(|(_, weight)| **weight > 0.0);
        weights.map(|(j, weight)| (j as f64, *weight, ParetoNbd { r: self.events.r + j as f64, ..self.events }))
    }

    /// With one stage it is that of Pareto/NBD.
    fn plain(&self) -> Option<ParetoNbd> {
        (self.stages == Stages::ONE).then_some(self.events)
    }

    /// `E[λ]/k`: purchases a time unit while alive, in the mean.
    pub fn expected_rate(&self) -> f64 {
        let events: f64 = self.of_stages().map(|(_, weight, events)| weight * events.r).sum();
        events / (self.events.alpha * self.stages.k())
    }

    /// `∫₀ᵗ e^(-δ v) P(alive at v) dM(v)`, `M` the expected purchases of who never leaves.
    fn discounted(&self, t: f64, delta: f64) -> f64 {
        if self.stages.count() == 2 {
            return pareto_two_stage::discounted(&self.events, &self.weights, t, delta);
        }
        let ParetoNbd { r, alpha, s, beta } = self.events;
        let wanted = |v: f64| ErlangCounts::new(self.stages, &self.weights, r, alpha, v).expected();
        let worth = |v: f64| (-delta * v - s * (v / beta).ln_1p()).exp();
        let falls = |v: f64| delta + s / (beta + v);
        weighted_increase(wanted, worth, falls, t, self.time_scale())
    }
}

impl FuturePurchases for ParetoRegularFuture {
    /// `E[Y(t)] = ∫₀ᵗ (β/(β + v))^s dM(v)`, `M` the expected purchases of who never leaves.
    fn expected_purchases(&self, t: f64) -> f64 {
        match self.plain() {
            Some(plain) => plain.expected_purchases(t),
            None if t <= 0.0 => 0.0,
            None => self.discounted(t, 0.0),
        }
    }

    /// `DET = ∫₀ᵗ e^(-δ v) (β/(β + v))^s dM(v)`
    fn det(&self, t: f64, delta: f64) -> f64 {
        match self.plain() {
            Some(plain) => plain.det(t, delta),
            None if t <= 0.0 => 0.0,
            None => self.discounted(t.min(if delta > 0.0 { NOTHING_LEFT / delta } else { t }), delta),
        }
    }

    fn dert(&self, delta: f64) -> f64 {
        match self.plain() {
            Some(plain) => plain.dert(delta),
            None => self.discounted(NOTHING_LEFT / delta, delta),
        }
    }

    fn time_scale(&self) -> f64 {
        let ParetoNbd { r, alpha, s, beta } = self.events;
        (alpha / (1.0 + r)).min(beta / (1.0 + s))
    }

    /// `Σ_j w_j Σ_{i<k} P(m k - j + i events before dropout)`
    fn mass(&self, m: f64, t: f64) -> f64 {
        let k = self.stages.k();
        let of_stage = |(j, weight, events): (f64, f64, ParetoNbd)| {
            let first = (m * k - j).max(0.0);
            let numbers = ((m + 1.0) * k - j - first).round() as u32;
            weight * (0..numbers).map(|i| events.mass(first + f64::from(i), t)).sum::<f64>()
        };
        self.of_stages().map(of_stage).sum::<f64>().clamp(0.0, 1.0)
    }

    /// `Σ_j w_j P(at least m k - j events before dropout)`
    fn tail(&self, m: f64, t: f64) -> f64 {
        if m == 0.0 {
            return 1.0;
        }
        let k = self.stages.k();
        self.of_stages().map(|(j, weight, events)| weight * events.tail(m * k - j, t)).sum::<f64>().clamp(0.0, 1.0)
    }

    fn survival(&self, t: f64) -> f64 {
        self.events.survival(t)
    }

    /// The next purchase comes before the dropout: `Σ_j w_j E[(λ/(λ + μ))^(k-j)]`.
    ///
    /// Two gamma variates are a beta variate's shares of another, `p ~ Beta(r + j, s)`, and `λ/(λ + μ) = p β/(p β + (1 - p) α)`; the
    /// power of `p` is taken into the distribution.
    fn ever_repeats(&self) -> f64 {
        if let Some(plain) = self.plain() {
            return plain.ever_repeats();
        }
        let of_stage = |(j, weight, ParetoNbd { r, alpha, s, beta }): (f64, f64, ParetoNbd)| {
            let power = self.stages.k() - j;
            let shares = (0..power as u32).map(|i| (r + f64::from(i)) / (r + s + f64::from(i)));
            let bend = power * (alpha / beta).max(beta / alpha);
            let rest = |p: f64, q: f64| (beta / (p * beta + q * alpha)).powf(power);
            weight * shares.product::<f64>() * beta_expectation_of_both(r + power, s, bend, rest)
        };
        self.of_stages().map(of_stage).sum::<f64>().clamp(0.0, 1.0)
    }

    fn draw_count(&self, t: f64, rng: &mut impl Rng) -> f64 {
        let place = rng.random::<f64>();
        let mut below = 0.0;
        let stage = self.weights[..self.stages.count() - 1].iter().take_while(|weight| {
            below += **weight;
            below <= place
        });
        let j = stage.count() as f64;
        let ParetoNbd { r, alpha, s, beta } = self.events;
        let (lambda, mu) = (draw_gamma(r + j, rng) / alpha, draw_gamma(s, rng) / beta);
        let life = rng.sample::<f64, _>(Exp1) / mu;
        let events = draw_poisson_count(lambda * if life < t { life } else { t }, rng);
        ((events + j) / self.stages.k()).floor()
    }
}
