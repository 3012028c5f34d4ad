//! The likelihood of regular purchases with a beta distributed chance to leave: the beta-geometric models with Erlang waiting times.

use super::Derivatives;
use super::beta_geometric::{BetaGeometricNbd, LastChance, LogSum};
use super::decay::Decay;
use super::stages::{StageTerms, Stages};
use crate::special::ln_gamma;
use crate::summary::{CountedHistories, FrequencyGroup, History};

/// A process of purchases and dropout, of which each purchase takes `k` events.
#[derive(Clone, Copy, Debug)]
pub(super) struct BetaGeometricCnbd {
    pub(super) stages: Stages,
    pub(super) process: BetaGeometricNbd,
}

impl BetaGeometricCnbd {
    /// With `n = r + k x`, `u = (T - t_x)/(α + T)`, `S_k` the sum of [`StageTerms`], `π` and the dropout terms as in
    /// [`BetaGeometricNbd::log_likelihood`]:
    ///
    /// ```text
    /// ln L = (k - 1) Σ ln(interpurchase time) - Σx ln (k - 1)!                          if the data know them
    ///        + Σ_i n(x > i) Σ_{l<k} ln(r + k i + l)  -  Σ_i n(c > i + 1) ln(1 + a/(b + i))  +  Σ ln( (1 - π) e^f₁ + π e^f₂ )
    /// f₁ = r ln(α/(α + T)) - k x ln(α + T) + ln S_k(n, u)
    /// f₂ = r ln(α/(α + t_x)) - k x ln(α + t_x)
    /// ```
    pub(super) fn log_likelihood(&self, data: &CountedHistories) -> Derivatives<4> {
        if self.stages == Stages::ONE {
            return self.process.log_likelihood(data);
        }
        let rates = ln_event_rates(self.process.r, self.stages, data).placed(0);
        let ages = Decay::table(self.process.alpha, data.times());
        let timing = Derivatives::over_groups(data, |group| self.group_term(data, group, &ages));
        let mut d = rates.plus(self.process.stays(data)).plus(timing);
        d.value += ln_interpurchase_density(self.stages, data);
        d
    }

    /// Odds of having left at the last of the chances: `π/(1 - π) ((α + T)/(α + t_x))^n / S_k`.
    pub(super) fn odds_of_having_left(&self, history: &History) -> f64 {
        if self.stages == Stages::ONE {
            return self.process.odds_of_having_left(history);
        }
        let BetaGeometricNbd { r, alpha, .. } = self.process;
        let n = r + self.stages.k() * history.x();
        let silence = (history.T - history.t_x).max(0.0);
        let (_, ln_sum) = StageTerms::new(self.stages, n).weights(silence / (alpha + history.T));
        let evidence = (n * (silence / (alpha + history.t_x)).ln_1p() - ln_sum).clamp(0.0, f64::INFINITY);
        self.process.odds_with_evidence(history, evidence)
    }

    /// Where fits begin: as with exponential times, and as many events as make so many purchases.
    pub(super) fn starts(stages: Stages, data: &CountedHistories) -> Vec<[f64; 4]> {
        let starts = BetaGeometricNbd::starts(data).into_iter();
        starts.map(|[r, alpha, a, b]| [r, alpha / stages.k(), a, b]).collect()
    }

    pub(super) fn scales(stages: Stages, data: &CountedHistories) -> [f64; 4] {
        let [r, alpha, a, b] = BetaGeometricNbd::scales(data);
        [r, alpha / stages.k(), a, b]
    }

    /// `Σ ln((1 - π) e^f₁ + π e^f₂)` over the customers of one frequency, with derivatives in (ln r, ln alpha, ln a, ln b).
    ///
    /// `f₁` is `f₂` less the evidence of [`StageTerms::evidence`]. The mixture is that of
    /// [`BetaGeometricNbd`](super::beta_geometric::BetaGeometricNbd).
    fn group_term(&self, data: &CountedHistories, group: &FrequencyGroup, ages: &[Decay]) -> Derivatives<4> {
        let BetaGeometricNbd { r, a, b, earlier_chances, .. } = self.process;
        let kx = self.stages.k() * group.x;
        let terms = StageTerms::new(self.stages, r + kx);
        let chances = group.x + f64::from(earlier_chances);
        let chance = LastChance::new(a, b, chances);
        let mut d = Derivatives::ZERO;
        let mut sums = DropoutSums::new();
        for row in data.rows_of(group) {
            let (end, last) = (&ages[row.age as usize], &ages[row.recency as usize]);
            let evidence = terms.evidence(r, last, end);
            let gone = gone(r, kx, last);
            if chances == 0.0 {
                d = d.plus(gone.plus(evidence.times(-1.0)).times(row.customers));
                continue;
            }
            let shares = sums.add(&chance, &evidence, &gone, group.x, row.customers);
            mix(&mut d, &evidence, &gone, shares, row.customers, &mut sums);
        }
        let s = chance.share_of_b;
        let mut all = d.placed::<4>(0);
        all.value += sums.value.sum();
        all.gradient[2] = sums.excess;
        all.gradient[3] = -s * sums.excess;
        for i in 0..2 {
            all.hessian[i][2] = sums.doubt_times_slope[i];
            all.hessian[i][3] = -s * sums.doubt_times_slope[i];
        }
        all.hessian[2][2] = sums.excess_doubt;
        all.hessian[2][3] = -s * sums.excess_doubt;
        all.hessian[3][3] = s * s * sums.excess_doubt - s * (1.0 - s) * sums.excess;
        all.mirrored()
    }
}

/// `f₂` of a row.
fn gone(r: f64, kx: f64, last: &Decay) -> Derivatives<2> {
    let cross = r * last.elapsed;
    Derivatives {
        value: -r * last.ln_decay - kx * last.ln_total,
        gradient: [-r * last.ln_decay, r * last.elapsed - kx * last.remaining],
        hessian: [[-r * last.ln_decay, cross], [cross, -(r + kx) * last.both]],
    }
}

/// What the chance to leave adds, over the customers of one frequency; `w` is the chance to have left.
struct DropoutSums {
    value: LogSum,
    /// `Σ w - π`
    excess: f64,
    /// `Σ w (1 - w) - π (1 - π)`
    excess_doubt: f64,
    /// `Σ w (1 - w)` times the slopes of `f₂ - f₁`.
    doubt_times_slope: [f64; 2],
}

impl DropoutSums {
    fn new() -> Self {
        Self { value: LogSum::new(), excess: 0.0, excess_doubt: 0.0, doubt_times_slope: [0.0; 2] }
    }

    /// Adds the value of a row, and returns `1 - w` and `w`.
    fn add(
        &mut self,
        chance: &LastChance,
        evidence: &Derivatives<2>,
        gone: &Derivatives<2>,
        x: f64,
        customers: f64,
    ) -> (f64, f64) {
        let evidence = evidence.value;
        let log_odds = chance.ln_odds + evidence;
        let e = (-log_odds.abs()).exp();
        let larger = 1.0 / (1.0 + e);
        let likely_alive = log_odds <= 0.0;
        let (stays, leaves) = if likely_alive { (larger, e * larger) } else { (e * larger, larger) };
        if let Some(silent) = chance.next_to_nothing(x, evidence) {
            self.value.add(customers * (-silent).ln_1p());
        } else {
            let larger = if likely_alive { chance.ln_stays - evidence } else { chance.ln_leaves };
            self.value.add(customers * (larger + gone.value));
            self.value.add_ln_1p(e, customers);
        }
        let excess = chance.excess(evidence, stays, leaves);
        self.excess += customers * excess;
        self.excess_doubt += customers * excess * (stays - chance.leaves);
        (stays, leaves)
    }
}

/// Adds the slopes of a mixture of `f₁ = f₂ - evidence` and `f₂`, in these shares, and the bends: those of both, and `w (1 - w) Δ Δᵀ`,
/// `Δ` being the slopes of the evidence.
fn mix(
    d: &mut Derivatives<2>,
    evidence: &Derivatives<2>,
    gone: &Derivatives<2>,
    (stays, leaves): (f64, f64),
    customers: f64,
    sums: &mut DropoutSums,
) {
    let doubt = customers * stays * leaves;
    let apart = evidence.gradient;
    for i in 0..2 {
        d.gradient[i] += customers * (gone.gradient[i] - stays * apart[i]);
        sums.doubt_times_slope[i] += doubt * apart[i];
        for j in 0..2 {
            d.hessian[i][j] +=
                customers * (gone.hessian[i][j] - stays * evidence.hessian[i][j]) + doubt * apart[i] * apart[j];
        }
    }
}

/// `Σ_{i<kx} ln(r + i) = ln Γ(r + k x) - ln Γ(r)` over all customers, with derivatives in ln r.
pub(super) fn ln_event_rates(r: f64, stages: Stages, data: &CountedHistories) -> Derivatives<1> {
    let k = stages.k();
    Derivatives::sum(data.repeats_above(), &|&(i, customers)| {
        let event = |sum: Derivatives<1>, l: u32| {
            let event = k * i + f64::from(l);
            let rate = r + event;
            let term = Derivatives { value: rate.ln(), gradient: [r / rate], hessian: [[r * event / (rate * rate)]] };
            sum.plus(term)
        };
        (0..stages.number()).fold(Derivatives::ZERO, event).times(customers)
    })
}

/// `(k - 1) Σ ln(interpurchase time) - Σx ln (k - 1)!`, which no parameter moves; 0 if the data do not know them.
pub(super) fn ln_interpurchase_density(stages: Stages, data: &CountedHistories) -> f64 {
    data.log_interpurchase_times()
        .map_or(0.0, |sum| (stages.k() - 1.0) * sum - data.repeat_purchases() * ln_gamma(stages.k()))
}
