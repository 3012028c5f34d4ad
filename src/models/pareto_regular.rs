//! The silence after the last of regular purchases, in which the customer may have left at any moment.

use super::Derivatives;
use super::decay::Decay;
use super::pareto_silence::{Ends, IfLeft, IfPurchase};
use super::stages::{AfterSilence, StageTerms};
use crate::special::log_concave::panels;

/// With more, the smallest rule does not have the degree of the polynomials.
const FEW_STAGES: f64 = 4.0;

/// The time since the last purchase of a customer with `n = r + k x`, in which fewer than `k` events came; dropout has the hazard
/// `s/(β + u)`.
pub(super) struct RegularSilence<'a> {
    pub(super) terms: &'a StageTerms,
    pub(super) k: f64,
    pub(super) n: f64,
    pub(super) s: f64,
    /// `α + t_x`
    pub(super) alpha_t: f64,
    /// `β + t_x`
    pub(super) beta_t: f64,
    /// `T - t_x`
    pub(super) gap: f64,
}

impl RegularSilence<'_> {
    /// `e^-w S_k`, `w = n ln((α+u)/(α+t_x)) + s ln((β+u)/(β+t_x))`: neither purchase nor dropout so far.
    fn survival(&self, since: f64) -> f64 {
        let (_, ln_sum) = self.terms.weights(since / (self.alpha_t + since));
        let hazard = self.n * (since / self.alpha_t).ln_1p() + self.s * (since / self.beta_t).ln_1p();
        (ln_sum - hazard).exp()
    }

    /// Calls `visit` with points of a quadrature over the gap, and their weights; it returns the chance to get there, and what the point
    /// adds to the chances of dropout and of a purchase.
    ///
    /// Over `v = ln((c + u)/(c + t_x))`, `c` the smaller of `α` and `β`, in which all that is integrated is smooth at every scale; the
    /// sums over the stages are, but for this steepness, polynomials of degree `k - 1` in `e^v`.
    fn integrate(&self, mut visit: impl FnMut(f64, f64) -> (f64, [f64; 2])) {
        let nearer = self.alpha_t.min(self.beta_t);
        let steepness = |v: f64| {
            let since = nearer * v.exp_m1();
            let scale = nearer + since;
            self.n * scale / (self.alpha_t + since) + self.s * scale / (self.beta_t + since) + self.k
        };
        let mut sums = [0.0; 2];
        for panel in panels(0.0, (self.gap / nearer).ln_1p(), steepness) {
            let panel = if self.k > FEW_STAGES { panel.finer() } else { panel };
            let mut reached = 0.0;
            panel.for_each(|v, weight| {
                let since = nearer * v.exp_m1();
                let (survival, [left, next]) = visit(since, weight * (nearer + since));
                reached = survival;
                sums[0] += left;
                sums[1] += next;
            });
            if reached < 1e-19 * sums[0].min(sums[1]) {
                return;
            }
        }
    }

    /// `N`: dropout, or neither dropout nor purchase, before the end of the gap; and the second of these.
    pub(super) fn no_purchase_and_alive(&self) -> (f64, f64) {
        let mut left = 0.0;
        self.integrate(|since, weight| {
            let survival = self.survival(since);
            let chance = weight * survival * self.s / (self.beta_t + since);
            left += chance;
            (survival, [chance; 2])
        });
        let alive = self.survival(self.gap);
        (left + alive, alive)
    }

    /// `ln N` and the derivatives of the likelihood in (ln r, ln alpha, ln s, ln beta), without what no history changes, `a` and `b`
    /// being at the last purchase. As for Pareto/NBD: means over how the silence ended of those given the end, and of second ones also
    /// their covariances.
    pub(super) fn derivatives(&self, r: f64, scales: (f64, f64), (a, b): (&Decay, &Decay)) -> Derivatives<4> {
        let (mut left, mut next, mut given) = (IfLeft::default(), IfPurchase::default(), [0.0; 5]);
        self.integrate(|since, weight| {
            let at = self.at(since, r, scales, (a, b));
            let chance = weight * at.survival;
            let (leaves, purchases) = (chance * self.s * at.b.inverse, chance * at.purchase);
            left.add(leaves, &at.shifts);
            left.both_b += leaves * at.b.both;
            next.add(purchases, at.shifts[2], at.shifts[3], b.elapsed - at.b.remaining);
            given.iter_mut().zip(at.given).for_each(|(sum, given)| *sum += leaves * given);
            (at.survival, [leaves, purchases])
        });
        let end = self.at(self.gap, r, scales, (a, b));
        let ends = Ends::new(end.survival, end.shifts, &left);
        let [by_r, by_alpha, r_r, r_alpha, alpha_alpha] = std::array::from_fn(|i| ends.mean(end.given[i], given[i]));

        let mut d = Derivatives { value: ends.ln_no_purchase(&next), ..Derivatives::ZERO };
        d.gradient = [by_r, by_alpha, 0.0, 0.0];
        // Who is alive at the end has the slopes of that moment, and not that of a dropout.
        let s = self.s;
        let [to_r, to_alpha, to_lb, to_kb] = ends.beyond_mean();
        let steps = [-to_r, -to_alpha, -s * to_lb - 1.0, s * to_kb + b.remaining - ends.if_left[3]];
        d.hessian = ends.covariances(&[-1.0, -1.0, -s, s + 1.0], &steps);
        d.hessian[0][0] += r_r;
        d.hessian[0][1] += r_alpha;
        d.hessian[1][1] += alpha_alpha;
        ends.add_dropout(&mut d, s, &left, &next, [b, &end.b]);
        d.mirrored()
    }

    fn at(&self, since: f64, r: f64, (alpha, beta): (f64, f64), (a, b): (&Decay, &Decay)) -> Moment {
        let ((_, now_a), (ln_b, now_b)) = (a.after(alpha, since), b.after(beta, since));
        let AfterSilence { evidence, stage, last } = self.terms.evidence_after(since, r, a, &now_a);
        let kx = self.n - r;
        let Derivatives { gradient: [by_r, by_alpha], hessian: [[r_r, r_alpha], [_, alpha_alpha]], .. } = evidence;
        // From the last purchase on, unless that is so long ago that little of its time is left in the sum.
        let (slope_alpha, bend_alpha) = match stage {
            None => (r * a.elapsed - kx * a.remaining - by_alpha, -self.n * a.both - alpha_alpha),
            Some((stage, variance)) => (
                r * now_a.elapsed - (kx + stage) * now_a.remaining,
                now_a.remaining * now_a.remaining * variance - (self.n + stage) * now_a.both,
            ),
        };
        Moment {
            survival: (-evidence.value - self.s * ln_b).exp(),
            purchase: last * (self.n + self.k - 1.0) * now_a.inverse,
            shifts: [by_r, by_alpha, ln_b, b.remaining * since * now_b.inverse],
            given: [-r * a.ln_decay - by_r, slope_alpha, -r * a.ln_decay - r_r, r * a.elapsed - r_alpha, bend_alpha],
            b: now_b,
        }
    }
}

/// A moment after the last purchase.
struct Moment {
    /// The chance of neither purchase nor dropout so far.
    survival: f64,
    /// The hazard of a purchase: that of the next event, for who is in the last stage.
    purchase: f64,
    /// The slopes in ln r and ln alpha of `-ln P(fewer than k events so far)`, `ln((β+u)/(β+t_x))`, `β/(β+t_x) - β/(β+u)`.
    shifts: [f64; 4],
    /// Derivatives of the likelihood in `r`, `α`, `rr`, `rα`, `αα`, given that the silence ends here.
    given: [f64; 5],
    b: Decay,
}
