//! The likelihood of purchases at a gamma rate with a beta distributed chance to leave at a number of moments: after each
//! repeat purchase (BG/NBD), or also after the first purchase of all (MBG/NBD).

use super::Derivatives;
use super::decay::Decay;
use super::dropout::ln_stay;
use super::rates::ln_rates;
use crate::summary::{CountedHistories, FrequencyGroup, History};

/// The four parameters, and how often a customer could have left before the first repeat purchase: 0 or 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct BetaGeometricNbd {
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) earlier_chances: u8,
}

impl BetaGeometricNbd {
    /// With `k` the number of chances to leave that a customer had, `x` or `x + 1`, and `π = a/(a + b + k - 1)`, 0 for
    /// `k = 0`:
    ///
    /// ```text
    /// ln L = Σ_i n(x > i) ln(r + i)  -  Σ_i n(k > i + 1) ln(1 + a/(b + i))  +  Σ ln( (1 - π) e^f₁ + π e^f₂ )
    /// f₁ = r ln(α/(α + T)) - x ln(α + T)            stayed at the last chance, alive at T
    /// f₂ = r ln(α/(α + t_x)) - x ln(α + t_x)        left at the last chance
    /// ```
    ///
    /// with `n(x > i)` the number of customers with more than `i` repeat purchases, because
    /// `Γ(r+x)/Γ(r) = Π_{i<x} (r+i)` and `B(a,b+k)/B(a,b) = Π_{i<k} (b+i)/(a+b+i)`. No gamma function is left.
    pub(super) fn log_likelihood(&self, data: &CountedHistories) -> Derivatives<4> {
        let rates = ln_rates(self.r, data).placed(0);
        let stays = self.stays(data);
        let ages = Decay::table(self.alpha, data.times());
        let timing = Derivatives::over_groups(data, |group| self.group_term(data, group, &ages));
        rates.plus(stays).plus(timing)
    }

    /// What staying at all chances but the last adds.
    pub(super) fn stays(&self, data: &CountedHistories) -> Derivatives<4> {
        let later = f64::from(1 - self.earlier_chances);
        let stays = data.repeats_above().get(usize::from(1 - self.earlier_chances)..).unwrap_or_default();
        Derivatives::sum(stays, &|&(i, customers)| self.stay_term(i - later).times(customers))
    }

    /// Odds of having left at the last of the chances: `π/(1 - π) ((α + T)/(α + t_x))^(r + x)`.
    pub(super) fn odds_of_having_left(&self, history: &History) -> f64 {
        let silence = history.T - history.t_x;
        self.odds_with_evidence(history, (self.r + history.x()) * (silence / (self.alpha + history.t_x)).ln_1p())
    }

    /// `π/(1 - π) e^evidence`, the evidence being what the silence after the last purchase says for having left.
    pub(super) fn odds_with_evidence(&self, history: &History, evidence: f64) -> f64 {
        let chances = history.x() + f64::from(self.earlier_chances);
        if chances == 0.0 {
            return 0.0;
        }
        let leave = self.a / (self.b + (chances - 1.0));
        // Beyond e^700 there is no number.
        if evidence < 700.0 { leave * evidence.exp() } else { (leave.ln() + evidence).exp() }
    }

    /// Where fits begin: `(r, alpha, a, b)`.
    pub(super) fn starts(data: &CountedHistories) -> Vec<[f64; 4]> {
        let (r, alpha) = data.purchase_rate_moments();
        let rescaled = |r: f64, a: f64, b: f64| [r, r / data.purchases_per_time(), a, b];
        vec![
            [r, alpha, 0.8, 2.4],
            rescaled(0.3, 1.0, 3.0),
            rescaled(1.0, 1.0, 1.0),
            rescaled(3.0, 0.2, 5.0),
            rescaled(10.0, 0.05, 10.0),
        ]
    }

    pub(super) fn scales(data: &CountedHistories) -> [f64; 4] {
        [1.0, 1.0 / data.purchases_per_time(), 1.0, 1.0]
    }

    /// What staying at the `i+1`-th chance adds.
    fn stay_term(&self, i: f64) -> Derivatives<4> {
        ln_stay(self.a, self.b, i).placed(2)
    }

    /// `Σ ln((1 - π) e^f₁ + π e^f₂)` over the customers of one frequency, with derivatives in (ln r, ln alpha, ln a, ln b).
    ///
    /// With `w` the share of the second part, the gradient is the mixture `(1 - w) ∇f₁ + w ∇f₂`, and the Hessian the
    /// mixture of both Hessians plus `w (1 - w) Δ Δᵀ`, `Δ = ∇f₂ - ∇f₁`; in `ln a` and `ln b`, with `s = b/(b + k - 1)`, they
    /// reduce to multiples of `w - π` and of `w (1 - w) - π (1 - π) = (w - π)(1 - w - π)`.
    fn group_term(&self, data: &CountedHistories, group: &FrequencyGroup, ages: &[Decay]) -> Derivatives<4> {
        let r = self.r;
        let x = group.x;
        let chances = x + f64::from(self.earlier_chances);
        let last_chance = LastChance::new(self.a, self.b, chances);
        let mut sums = GroupSums::default();
        for row in data.rows_of(group) {
            let (end, last) = (&ages[row.age as usize], &ages[row.recency as usize]);
            if chances == 0.0 {
                sums.add_without_chance(r, row.customers, end);
            } else {
                sums.add(r, x, &last_chance, row.customers, end, last);
            }
        }
        let s = last_chance.share_of_b;
        let mut d = Derivatives::ZERO;
        d.value = sums.value.sum();
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
        d.mirrored()
    }
}

/// The last of `k` chances to leave, as expected before what followed is known.
pub(super) struct LastChance {
    /// `π = a/(a + b + k - 1)`
    pub(super) leaves: f64,
    /// `1 - π`
    pub(super) stays: f64,
    /// `ln(1 - π)`
    pub(super) ln_stays: f64,
    /// `ln π`
    pub(super) ln_leaves: f64,
    /// `ln π - ln(1 - π)`
    pub(super) ln_odds: f64,
    /// `b/(b + k - 1)`; 0 for `k = 0`.
    pub(super) share_of_b: f64,
}

impl LastChance {
    pub(super) fn new(a: f64, b: f64, chances: f64) -> Self {
        if chances == 0.0 {
            let none = f64::NEG_INFINITY;
            return Self { leaves: 0.0, stays: 1.0, ln_stays: 0.0, ln_leaves: none, ln_odds: none, share_of_b: 0.0 };
        }
        let stays = b + (chances - 1.0);
        Self {
            leaves: a / (a + stays),
            stays: stays / (a + stays),
            ln_stays: -(a / stays).ln_1p(),
            ln_leaves: -(stays / a).ln_1p(),
            ln_odds: (a / stays).ln(),
            share_of_b: b / stays,
        }
    }

    /// `(1 - π) (1 - e^-evidence)` of customers without a repeat purchase, if it is small: the likelihood is 1 less that, and its
    /// logarithm is next to nothing, too.
    pub(super) fn next_to_nothing(&self, x: f64, evidence: f64) -> Option<f64> {
        if x > 0.0 {
            return None;
        }
        Some(self.stays * -(-evidence).exp_m1()).filter(|silent| *silent < 0.5)
    }

    /// `w - π = w (1 - π) (1 - e^-evidence)`, which only little evidence makes small beside both; `w` is the chance to have left.
    pub(super) fn excess(&self, evidence: f64, alive: f64, left: f64) -> f64 {
        if evidence < 0.5 {
            left * self.stays * -(-evidence).exp_m1()
        } else if self.leaves < 0.5 {
            left - self.leaves
        } else {
            self.stays - alive
        }
    }
}

/// Sums over the customers of one frequency; `M = ln((α+T)/(α+t_x))`, `h` its derivative in `-ln α`.
#[derive(Default)]
struct GroupSums {
    value: LogSum,
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

/// A sum of which many terms are logarithms.
pub(super) struct LogSum {
    value: f64,
    /// Of factors whose logarithm belongs to the value.
    product: f64,
}

impl LogSum {
    pub(super) fn new() -> Self {
        Self { value: 0.0, product: 1.0 }
    }

    pub(super) fn add(&mut self, term: f64) {
        self.value += term;
    }

    /// Adds `customers · ln(1 + e)`, `0 ≤ e ≤ 1`; for single customers as a product, whose logarithm is taken now and then.
    pub(super) fn add_ln_1p(&mut self, e: f64, customers: f64) {
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

    pub(super) fn sum(&self) -> f64 {
        self.value + self.product.ln()
    }
}

impl Default for LogSum {
    fn default() -> Self {
        Self::new()
    }
}

impl GroupSums {
    /// Customers who had no chance to leave, for want of a repeat purchase.
    fn add_without_chance(&mut self, r: f64, customers: f64, end: &Decay) {
        self.value.add(-customers * r * end.ln_decay);
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
        if let Some(silent) = chance.next_to_nothing(x, evidence) {
            self.value.add(customers * (-silent).ln_1p());
        } else {
            self.value.add(customers * (ln_chance - r * top.ln_decay - x * top.ln_total));
            self.value.add_ln_1p(e, customers);
        }

        let mix = |at_end: f64, at_last: f64| customers * (alive * at_end + left * at_last);
        self.decay += mix(end.ln_decay, last.ln_decay);
        self.elapsed += mix(end.elapsed, last.elapsed);
        self.remaining += mix(end.remaining, last.remaining);
        self.both += mix(end.both, last.both);

        let excess = chance.excess(evidence, alive, left);
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
