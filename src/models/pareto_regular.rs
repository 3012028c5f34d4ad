//! The silence after the last of regular purchases, in which the customer may have left at any moment.

use super::Derivatives;
use super::stages::{StageMeans, StageTerms};
use crate::special::log_concave::panels;

/// The time since the last purchase of a customer with `n = r + k x`, in which fewer than `k` events came; dropout has the hazard
/// `s/(β + u)`.
pub(super) struct RegularSilence<'a> {
    pub(super) terms: &'a StageTerms,
    pub(super) n: f64,
    pub(super) s: f64,
    /// `α + t_x`
    pub(super) alpha_t: f64,
    /// `β + t_x`
    pub(super) beta_t: f64,
    /// `T - t_x`
    pub(super) gap: f64,
}

/// A moment after the last purchase: so long since, with the means over the stages there.
pub(super) struct Moment {
    pub(super) since: f64,
    pub(super) means: StageMeans,
    /// `e^-w S_k`, `w = n ln((α+u)/(α+t_x)) + s ln((β+u)/(β+t_x))`: neither purchase nor dropout so far.
    pub(super) survival: f64,
}

impl RegularSilence<'_> {
    pub(super) fn at(&self, since: f64) -> Moment {
        let means = self.terms.means(since / (self.alpha_t + since));
        let hazard = self.n * (since / self.alpha_t).ln_1p() + self.s * (since / self.beta_t).ln_1p();
        Moment { since, means, survival: (means.ln_sum - hazard).exp() }
    }

    /// Calls `visit` with moments of dropout and the chance that it was there, `∫ e^-w S_k s/(β + u) du` by a quadrature.
    ///
    /// Over `v = ln((c + u)/(c + t_x))`, `c` the smaller of `α` and `β`, in which all that is integrated is smooth at every scale.
    pub(super) fn if_left(&self, mut visit: impl FnMut(&Moment, f64)) {
        let nearer = self.alpha_t.min(self.beta_t);
        let steepness = |v: f64| {
            let since = nearer * v.exp_m1();
            let scale = nearer + since;
            self.n * scale / (self.alpha_t + since) + self.s * scale / (self.beta_t + since)
        };
        let mut left = 0.0;
        for panel in panels(0.0, (self.gap / nearer).ln_1p(), steepness) {
            let mut reached = 0.0;
            panel.for_each(|v, weight| {
                let since = nearer * v.exp_m1();
                let at = self.at(since);
                reached = at.survival;
                let chance = weight * (nearer + since) * at.survival * self.s / (self.beta_t + since);
                left += chance;
                visit(&at, chance);
            });
            if reached < 1e-19 * left {
                return;
            }
        }
    }

    /// `N`: dropout, or neither dropout nor purchase, before the end of the gap; and the second of these.
    pub(super) fn no_purchase_and_alive(&self) -> (f64, f64) {
        let mut left = 0.0;
        self.if_left(|_, chance| left += chance);
        let alive = self.at(self.gap).survival;
        (left + alive, alive)
    }

    /// `ln N` and the derivatives of the likelihood in (ln r, ln alpha, ln s, ln beta), without what no history changes: means over how
    /// the silence ended of those given the end, second ones also their covariances.
    pub(super) fn derivatives(&self, r: f64, (alpha, beta): (f64, f64), t_x: f64) -> Derivatives<4> {
        let given = |at: &Moment, left: f64| {
            let (time, means) = (t_x + at.since, &at.means);
            let (rest_a, rest_b) = (alpha / (self.alpha_t + at.since), beta / (self.beta_t + at.since));
            let (ln_a, ln_b) = ((time / alpha).ln_1p(), (time / beta).ln_1p());
            let (gone_a, gone_b) = (time / (self.alpha_t + at.since), time / (self.beta_t + at.since));
            let kx = self.n - r;
            let slope_r = r * (means.slope - ln_a);
            Given {
                slopes: [
                    slope_r,
                    r * gone_a - (kx + means.stage) * rest_a,
                    left - self.s * ln_b,
                    self.s * gone_b - left * rest_b,
                ],
                bends: [
                    slope_r + r * r * (means.slope_variance - means.bend),
                    r * gone_a - r * rest_a * means.covariance,
                    -(self.n + means.stage) * rest_a * gone_a + rest_a * rest_a * means.stage_variance,
                    -self.s * ln_b,
                    self.s * gone_b,
                    -(self.s + left) * rest_b * gone_b,
                ],
            }
        };
        let end = self.at(self.gap);
        let alive = given(&end, 0.0);
        let mut sums = Sums { total: end.survival, ..Sums::default() };
        (0..6).for_each(|i| sums.bends[i] = end.survival * alive.bends[i]);
        self.if_left(|at, chance| sums.add(chance, &given(at, 1.0), &alive.slopes));
        sums.over(&alive.slopes)
    }
}

/// Derivatives given how the silence ended: in `r`, `α`, `s`, `β`, and in `rr`, `rα`, `αα`, `ss`, `sβ`, `ββ`.
struct Given {
    slopes: [f64; 4],
    bends: [f64; 6],
}

/// Sums over the ends of the silence; of slopes what they differ by from those of a customer who is alive.
#[derive(Default)]
struct Sums {
    total: f64,
    off: [f64; 4],
    products: [[f64; 4]; 4],
    bends: [f64; 6],
}

impl Sums {
    fn add(&mut self, chance: f64, given: &Given, alive: &[f64; 4]) {
        self.total += chance;
        let off: [f64; 4] = std::array::from_fn(|i| given.slopes[i] - alive[i]);
        for i in 0..4 {
            self.off[i] += chance * off[i];
            for j in i..4 {
                self.products[i][j] += chance * off[i] * off[j];
            }
        }
        (0..6).for_each(|i| self.bends[i] += chance * given.bends[i]);
    }

    fn over(&self, alive: &[f64; 4]) -> Derivatives<4> {
        let mean: [f64; 4] = self.off.map(|off| off / self.total);
        let mut d = Derivatives { value: self.total.ln(), ..Derivatives::ZERO };
        for i in 0..4 {
            d.gradient[i] = alive[i] + mean[i];
            for j in i..4 {
                d.hessian[i][j] = self.products[i][j] / self.total - mean[i] * mean[j];
            }
        }
        for ((i, j), bend) in [(0, 0), (0, 1), (1, 1), (2, 2), (2, 3), (3, 3)].into_iter().zip(self.bends) {
            d.hessian[i][j] += bend / self.total;
        }
        d.mirrored()
    }
}
