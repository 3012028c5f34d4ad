//! What a customer has ahead who is alive, purchases at regular intervals and may leave after each purchase.

use rand::{Rng, RngExt};

use super::counts::REST;
use super::dropout::survival;
use super::erlang_counts::{EVENTS_WORTH_WALKING, ErlangCounts, Thinned};
use super::sampling::{draw_beta, draw_chances, draw_gamma, draw_poisson_count};
use super::stages::{MOST_STAGES, Stages};
use super::{BgNbd, Counts, FuturePurchases};
use crate::special::{
    beta_expectation_of_both, beta_points, discounted_increase_in_panels, gamma_expectation, sum_until,
};

/// A mixture over the hidden stages in which the customer may be: in stage `j` with weight `w_j`, there with `λ ~ Gamma(n + j, alpha)`
/// for the rate of events, of which every `k`-th is a purchase; after each purchase the chance `p ~ Beta(a, b)` to leave.
///
/// With `W` the number of purchases wanted and `K` the purchase after which the customer leaves, `P(K > m) = B(a, b + m)/B(a, b)`,
/// independent of `W`, the number of purchases is the smaller of the two, as for BG/NBD.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegularFuture {
    stages: Stages,
    weights: [f64; MOST_STAGES],
    n: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

/// More purchases than that are not told apart.
const LARGEST_BEND: f64 = 1e60;

/// A gamma distribution of a shape below this spreads the rates so much that no waves are left.
const MANY_RATES: f64 = 3.0;

/// A smaller share of customers who stay is added up for itself.
const FEW: f64 = 0.1;

/// Such a share is none.
const NOBODY: f64 = 1e-17;

impl RegularFuture {
    /// With the weights of the stages, `n` and `alpha` of the rates, and `a` and `b` of the chance to leave.
    pub(super) fn new(stages: Stages, weights: [f64; MOST_STAGES], [n, alpha]: [f64; 2], [a, b]: [f64; 2]) -> Self {
        Self { stages, weights, n, alpha, a, b }
    }

    /// Of who has just purchased, and so is in the first stage.
    pub(super) fn after_purchase(stages: Stages, rates: [f64; 2], dropout: [f64; 2]) -> Self {
        let mut weights = [0.0; MOST_STAGES];
        weights[0] = 1.0;
        Self::new(stages, weights, rates, dropout)
    }

    /// `E[λ]/k`: purchases a time unit while alive, in the mean.
    pub fn expected_rate(&self) -> f64 {
        (self.n + self.mean_stage()) / (self.alpha * self.stages.k())
    }

    fn mean_stage(&self) -> f64 {
        self.weights.iter().zip(0u8..).map(|(weight, j)| weight * f64::from(j)).sum()
    }

    /// `Σ_m P(W = m) P(K > m) = Σ_m P(W < m) P(K = m)`, all terms of which are positive: from where nobody wants more, `P(K > m)`.
    fn few_who_stay(&self, counts: &ErlangCounts) -> f64 {
        let middle = counts.mean().ceil();
        let least = counts.fewer_than(middle + 1.0) * self.stays(middle);
        let leaves_next = |i: f64| self.stays(i) * self.a / (self.a + self.b + i) * counts.fewer_than(i + 1.0);
        let (sum, end) = sum_until(leaves_next, |m| counts.at_least(m) < NOBODY, least);
        sum + self.stays(end)
    }

    /// With one stage it is that of BG/NBD.
    fn plain(&self) -> Option<BgNbd> {
        (self.stages == Stages::ONE).then_some(BgNbd { r: self.n, alpha: self.alpha, a: self.a, b: self.b })
    }

    fn counts_in(&self, t: f64) -> ErlangCounts {
        ErlangCounts::new(self.stages, &self.weights, self.n, self.alpha, t)
    }

    /// `P(K > m)`
    fn stays(&self, m: f64) -> f64 {
        survival(self.a, self.b, m)
    }

    /// The scale on which what is asked changes with `p`.
    fn bend(&self, counts: &ErlangCounts) -> f64 {
        1.0 + counts.mean() * (1.0 + self.n)
    }

    /// `Σ_m P(W = m) f(E[min(m, K)], P(K > m))`; every term is positive, and `f` at most one of the two.
    fn sum_over_counts(&self, counts: &ErlangCounts, f: impl Fn(f64, f64) -> f64) -> f64 {
        let (mut survives, mut purchases, mut sum, mut m) = (1.0, 0.0, 0.0, 0.0);
        counts.walk(|chance, falls| {
            let term = chance * f(purchases, survives);
            sum += term;
            purchases += survives;
            survives *= (self.b + m) / (self.a + self.b + m);
            m += 1.0;
            let falling = falls * (m + 1.0) / m;
            !(falling < 1.0 && term * falling < 1e-17 * sum * (1.0 - falling) || m > EVENTS_WORTH_WALKING)
        });
        sum
    }
}

impl FuturePurchases for RegularFuture {
    /// ```text
    /// E[Y(t)] = Σ_m P(W = m) E[min(m, K)] = E[(1 - (1 - p)^W)/p]
    /// ```
    ///
    /// a sum over numbers of purchases, or where that would be long, an integral over dropout probabilities.
    fn expected_purchases(&self, t: f64) -> f64 {
        if let Some(plain) = self.plain() {
            return plain.expected_purchases(t);
        }
        if t <= 0.0 {
            return 0.0;
        }
        let counts = self.counts_in(t);
        let expected = match counts.is_walked(EVENTS_WORTH_WALKING) {
            true => self.sum_over_counts(&counts, |purchases, _| purchases),
            false => {
                let thinned = Thinned::new(&counts);
                beta_expectation_of_both(self.a, self.b, self.bend(&counts), |p, c| thinned.purchases(p, c))
            }
        };
        if expected > counts.mean() { counts.mean() } else { expected }
    }

    /// Purchases of one rate come in waves, for which long panels are too long; those of many rates do not.
    fn det(&self, t: f64, delta: f64) -> f64 {
        if let Some(plain) = self.plain() {
            return plain.det(t, delta);
        }
        let length_of_many = if self.n + self.mean_stage() < MANY_RATES { 3.0 } else { 1.0 };
        discounted_increase_in_panels(|s| self.expected_purchases(s), t, delta, self.time_scale(), length_of_many)
    }

    /// ```text
    /// DERT = Σ_j w_j E[ φ^(k-j) / (1 - (1 - p) φ^k) ],   φ = λ/(λ + δ)
    /// ```
    ///
    /// over `λ ~ Gamma(n + j, alpha)` and `p ~ Beta(a, b)`: the first purchase is worth `φ^(k-j)`, and each later one `(1 - p) φ^k` of the
    /// one before.
    fn dert(&self, delta: f64) -> f64 {
        if let Some(plain) = self.plain() {
            return plain.dert(delta);
        }
        let k = self.stages.k();
        let scale = delta * self.alpha;
        // So much larger than 1 can a sum of purchases be.
        let bend = 1.0 + (self.n + k + 60.0) * 60.0 / scale;
        let dropout = beta_points(self.a, self.b, bend.min(LARGEST_BEND));
        let of_stage = |(j, weight): (usize, &f64)| {
            let j = j as f64;
            let worth = |lambda: f64| {
                // ln φ, exact where φ is next to 1
                let ln_phi = -(scale / lambda).ln_1p();
                let (lost, kept) = (-(k * ln_phi).exp_m1(), (k * ln_phi).exp());
                let later: f64 = dropout.iter().map(|(p, _, share)| share / (lost + p * kept)).sum();
                ((k - j) * ln_phi).exp() * later
            };
            weight * gamma_expectation(self.n + j, worth)
        };
        self.weights.iter().enumerate().take(self.stages.count()).map(of_stage).sum()
    }

    fn time_scale(&self) -> f64 {
        self.alpha / (1.0 + self.n)
    }

    /// `P(Y = m) = P(W = m) P(K > m) + P(W ≥ m) P(K = m)`
    fn mass(&self, m: f64, t: f64) -> f64 {
        if let Some(plain) = self.plain() {
            return plain.mass(m, t);
        }
        if t <= 0.0 {
            return f64::from(u8::from(m == 0.0));
        }
        let counts = self.counts_in(t);
        let survives = self.stays(m);
        let leaves_at = if m == 0.0 { 0.0 } else { survives * self.a / (self.b + (m - 1.0)) };
        (counts.pmf(m) * survives + counts.at_least(m) * leaves_at).clamp(0.0, 1.0)
    }

    /// `P(Y ≥ m) = P(W ≥ m) P(K ≥ m)`
    fn tail(&self, m: f64, t: f64) -> f64 {
        if let Some(plain) = self.plain() {
            return plain.tail(m, t);
        }
        match m == 0.0 || t <= 0.0 {
            true => f64::from(u8::from(m == 0.0)),
            false => self.counts_in(t).at_least(m) * self.stays(m - 1.0),
        }
    }

    /// `Σ_m P(W = m) P(K > m)`: no purchase so far was the last.
    fn survival(&self, t: f64) -> f64 {
        if let Some(plain) = self.plain() {
            return plain.survival(t);
        }
        if t <= 0.0 {
            return 1.0;
        }
        let counts = self.counts_in(t);
        if counts.is_walked(EVENTS_WORTH_WALKING) {
            return self.sum_over_counts(&counts, |_, survives| survives).clamp(0.0, 1.0);
        }
        let thinned = Thinned::new(&counts);
        let stay = beta_expectation_of_both(self.a, self.b, self.bend(&counts), |p, c| thinned.survival(p, c));
        match stay < FEW {
            true => self.few_who_stay(&counts).clamp(0.0, 1.0),
            false => stay.clamp(0.0, 1.0),
        }
    }

    /// Nobody leaves before the next purchase.
    fn ever_repeats(&self) -> f64 {
        1.0
    }

    fn counts(&self, t: f64) -> Counts {
        if let Some(plain) = self.plain() {
            return plain.counts(t);
        }
        let counts = self.counts_in(t);
        let continued = |masses| Counts::continued(masses, |m| self.mass(m, t), |m| self.tail(m, t));
        // Where nobody is without a purchase there is nothing to begin with.
        if t <= 0.0 || !counts.is_walked(f64::INFINITY) {
            return Counts::new(|m| self.mass(m, t), |m| self.tail(m, t));
        }
        let (mut masses, mut below, mut at_least): (Vec<f64>, f64, f64) = (Vec::new(), 0.0, 1.0);
        let (mut survives, mut leaves, mut is_full) = (1.0, 0.0, false);
        counts.walk(|chance, _| {
            if Counts::is_list_full(&masses) {
                is_full = true;
                return false;
            }
            let m = masses.len() as f64;
            masses.push(chance * survives + at_least * leaves);
            below += masses[masses.len() - 1];
            at_least = (at_least - chance).max(0.0);
            leaves = survives * (self.a / (self.a + self.b + m));
            survives *= (self.b + m) / (self.a + self.b + m);
            below < 1.0 - REST && at_least > 1e-2 * REST
        });
        if is_full { continued(masses) } else { Counts::listed(masses) }
    }

    fn draw_count(&self, t: f64, rng: &mut impl Rng) -> f64 {
        let place = rng.random::<f64>();
        let mut below = 0.0;
        let stage = self.weights[..self.stages.count() - 1].iter().take_while(|weight| {
            below += **weight;
            below <= place
        });
        let j = stage.count() as f64;
        let events = draw_poisson_count(draw_gamma(self.n + j, rng) / self.alpha * t, rng);
        ((events + j) / self.stages.k()).floor().min(draw_chances(draw_beta(self.a, self.b, rng), rng))
    }
}
