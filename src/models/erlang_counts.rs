//! Numbers of purchases at regular intervals, before any dropout.

use super::stages::{MOST_STAGES, Stages};
use crate::special::negative_binomial::NegativeBinomial;

/// Purchases in a time `t` of customers who are in stage `j` with weight `w_j`: every `k`-th event is one, the first the
/// `k - j`-th. With `N_j` events in the time, of customers with `λ ~ Gamma(n + j, alpha)`, there are `W = ⌊(N_j + j)/k⌋`.
#[derive(Clone, Copy, Debug)]
pub(super) struct ErlangCounts {
    k: f64,
    /// Stage, weight and events of those who are in the stage.
    laws: [(f64, f64, NegativeBinomial); MOST_STAGES],
    count: usize,
}

/// A stage with so little weight is left out, unless the time is so short that nearly all purchases are of late stages.
const NO_WEIGHT: f64 = 1e-18;

impl ErlangCounts {
    pub(super) fn new(stages: Stages, weights: &[f64; MOST_STAGES], n: f64, alpha: f64, t: f64) -> Self {
        // Of stage j the next purchase is at most `(k/(n z))^j` times as likely as of the first, `z = t/(alpha + t)`.
        let sooner = (stages.k() / n * (1.0 + alpha / t)).max(1.0);
        let law = |j: usize| (j as f64, weights[j], NegativeBinomial::new(n + j as f64, alpha, t));
        let mut laws = [law(0); MOST_STAGES];
        let mut count = 0;
        for j in (0..stages.count()).filter(|&j| weights[j] * sooner.powi(j as i32) > NO_WEIGHT) {
            laws[count] = law(j);
            count += 1;
        }
        Self { k: stages.k(), laws, count }
    }

    fn laws(&self) -> &[(f64, f64, NegativeBinomial)] {
        &self.laws[..self.count]
    }

    /// `P(W ≥ m) = Σ_j w_j P(N_j ≥ m k - j)`, also between whole `m` of at least one.
    pub(super) fn at_least(&self, m: f64) -> f64 {
        if m == 0.0 {
            return 1.0;
        }
        let sum: f64 = self.laws().iter().map(|(j, weight, events)| weight * events.at_least(m * self.k - j)).sum();
        sum.clamp(0.0, 1.0)
    }

    /// `P(W < m)`, likewise, with all its digits also where it is next to nothing.
    pub(super) fn fewer_than(&self, m: f64) -> f64 {
        let sum: f64 = self.laws().iter().map(|(j, weight, events)| weight * events.fewer_than(m * self.k - j)).sum();
        sum.clamp(0.0, 1.0)
    }

    /// `P(W = m) = Σ_j w_j Σ_{i<k} P(N_j = m k - j + i)`, likewise.
    pub(super) fn pmf(&self, m: f64) -> f64 {
        let of_stage = |(j, weight, events): &(f64, f64, NegativeBinomial)| {
            let first = (m * self.k - j).max(0.0);
            let numbers = ((m + 1.0) * self.k - j - first).round() as u32;
            weight * (0..numbers).map(|i| events.pmf(first + f64::from(i))).sum::<f64>()
        };
        self.laws().iter().map(of_stage).sum::<f64>().clamp(0.0, 1.0)
    }

    /// `E[W]`, or a little more.
    pub(super) fn mean(&self) -> f64 {
        self.laws().iter().map(|(j, weight, events)| weight * (events.mean() + j)).sum::<f64>() / self.k
    }

    /// Whether the numbers of events are few enough to be walked through, and there is something to begin with.
    pub(super) fn is_walked(&self, most: f64) -> bool {
        self.laws().iter().all(|(.., events)| events.practical_maximum() < most && events.none() > 1e-280)
    }

    /// `P(W = 0)`, `P(W = 1)`, …, each from the one before, and a bound of how much smaller the one after it is at least, as long as
    /// `each` asks for more.
    pub(super) fn walk(&self, mut each: impl FnMut(f64, f64) -> bool) {
        let mut masses: [(f64, f64); MOST_STAGES] = [(0.0, 0.0); MOST_STAGES];
        for (place, (.., events)) in masses.iter_mut().zip(self.laws()) {
            *place = (events.none(), 0.0);
        }
        let mut m = 0.0;
        loop {
            let (mut chance, mut falls) = (0.0, 0.0f64);
            for ((mass, events_so_far), (j, weight, events)) in masses.iter_mut().zip(self.laws()) {
                let mut sum = 0.0;
                while *events_so_far < (m + 1.0) * self.k - j {
                    sum += *mass;
                    *mass *= events.step(*events_so_far);
                    *events_so_far += 1.0;
                }
                chance += weight * sum;
                falls = falls.max(events.largest_step_from(*events_so_far));
            }
            if !each(chance, falls.powf(self.k)) {
                return;
            }
            m += 1.0;
        }
    }
}
