//! The integrals of Pareto/NBD: over the time since a customer's last purchase, and the moment in it at which the customer may
//! have left.

use super::Derivatives;
use super::decay::Decay;
use crate::special::log_concave::panels;

/// The time since the last purchase, over which a customer who is alive has the hazards `n/(α + u)` of a next purchase and
/// `s/(β + u)` of dropout.
#[derive(Clone, Copy)]
pub(super) struct Silence {
    /// `n = r + x`
    pub(super) n: f64,
    pub(super) s: f64,
    /// `α + t_x`
    pub(super) alpha_t: f64,
    /// `β + t_x`
    pub(super) beta_t: f64,
    /// `T - t_x`
    pub(super) gap: f64,
}

impl Silence {
    /// The point `since` after the last purchase.
    fn after(&self, since: f64) -> Point {
        self.point(since, (since / self.alpha_t).ln_1p(), (since / self.beta_t).ln_1p())
    }

    fn point(&self, since: f64, ln_a: f64, ln_b: f64) -> Point {
        Point { since, ln_a, ln_b, by_a: 1.0 / (self.alpha_t + since), by_b: 1.0 / (self.beta_t + since) }
    }

    /// `e^-w`, `w = n ln((α+u)/(α+t)) + s ln((β+u)/(β+t))`: neither purchase nor dropout from `t` to `u`.
    fn survival(&self, at: &Point) -> f64 {
        (-(self.n * at.ln_a + self.s * at.ln_b)).exp()
    }

    /// Calls `visit` with the points and weights of a quadrature of `∫ e^(-w) f(u) du` over the gap; it returns what the point
    /// adds to the chances of dropout and of a purchase.
    ///
    /// Over `v = ln((c + u)/(c + t))`, `c` the smaller of `α` and `β`, all that is integrated is smooth at every scale.
    fn integrate(&self, mut visit: impl FnMut(&Point, f64) -> [f64; 2]) {
        let alpha_is_nearer = self.alpha_t < self.beta_t;
        let (nearer, farther) = if alpha_is_nearer { (self.alpha_t, self.beta_t) } else { (self.beta_t, self.alpha_t) };
        let steepness = |v: f64| {
            let since = nearer * v.exp_m1();
            let scale = nearer + since;
            self.n * scale / (self.alpha_t + since) + self.s * scale / (self.beta_t + since)
        };
        let mut sums = [0.0; 2];
        for panel in panels(0.0, (self.gap / nearer).ln_1p(), steepness) {
            let mut reached = 0.0;
            panel.for_each(|v, weight| {
                let since = nearer * v.exp_m1();
                let other = (since / farther).ln_1p();
                let at = if alpha_is_nearer { self.point(since, v, other) } else { self.point(since, other, v) };
                reached = self.survival(&at);
                let [left, next] = visit(&at, weight * (nearer + since) * reached);
                sums[0] += left;
                sums[1] += next;
            });
            // What is left of either integral is no more than the chance to get there.
            if reached < 1e-19 * sums[0].min(sums[1]) {
                return;
            }
        }
    }

    /// What a point of this weight adds to the chances of dropout and of a purchase.
    fn hazards(&self, at: &Point, weight: f64) -> [f64; 2] {
        [weight * self.s * at.by_b, weight * self.n * at.by_a]
    }

    /// How it can have ended, `a` and `b` being where it began.
    pub(super) fn ends(&self, left: &IfLeft, a: &Decay, b: &Decay) -> Ends {
        let end = self.after(self.gap);
        Ends::new(self.survival(&end), end.shifts(a.remaining, b.remaining), left)
    }

    /// `N`: dropout, or neither dropout nor purchase, before the end of the gap; and the second of these.
    pub(super) fn no_purchase_and_alive(&self) -> (f64, f64) {
        let mut left = 0.0;
        self.integrate(|at, weight| {
            let hazards = self.hazards(at, weight);
            left += hazards[0];
            hazards
        });
        let alive = self.survival(&self.after(self.gap));
        (left + alive, alive)
    }
}

/// A moment `u` after the last purchase, at `t`.
struct Point {
    /// `u - t`
    since: f64,
    /// `ln((α+u)/(α+t))`
    ln_a: f64,
    /// `ln((β+u)/(β+t))`
    ln_b: f64,
    /// `1/(α+u)`
    by_a: f64,
    /// `1/(β+u)`
    by_b: f64,
}

impl Point {
    /// `ln((α+u)/(α+t))`, `α/(α+t) - α/(α+u)` and the same with `β`, of which the shares that remain at `t` are given.
    fn shifts(&self, remaining_a: f64, remaining_b: f64) -> [f64; 4] {
        [self.ln_a, remaining_a * self.since * self.by_a, self.ln_b, remaining_b * self.since * self.by_b]
    }
}

/// How a silence can have ended: with dropout, or not at all.
pub(super) struct Ends {
    /// `N`, the chance of either.
    pub(super) no_purchase: f64,
    /// P(alive).
    pub(super) alive: f64,
    /// P(left).
    pub(super) left: f64,
    /// Means of the [`Point::shifts`] given dropout.
    pub(super) if_left: [f64; 4],
    /// Their covariances given dropout (upper triangle).
    pub(super) spread: [[f64; 4]; 4],
    /// The shifts at the end of the observation.
    at_end: [f64; 4],
}

impl Ends {
    /// Of the shifts at the end of the observation, the chance to get there, and the integrals over dropout.
    pub(super) fn new(alive: f64, at_end: [f64; 4], left: &IfLeft) -> Self {
        let no_purchase = left.one + alive;
        let if_left = left.means();
        Self {
            no_purchase,
            alive: alive / no_purchase,
            left: left.one / no_purchase,
            spread: left.covariances(&if_left),
            if_left,
            at_end,
        }
    }

    /// The mean over both ends of what is `at_end` if alive, and has the integral `if_left` over dropout.
    pub(super) fn mean(&self, at_end: f64, if_left: f64) -> f64 {
        self.alive * at_end + if_left / self.no_purchase
    }

    /// Of the shifts.
    pub(super) fn mean_shifts(&self, left: &IfLeft) -> [f64; 4] {
        std::array::from_fn(|i| self.mean(self.at_end[i], left.first[i]))
    }

    /// Covariances over both ends (upper triangle) of slopes that are such `multiples` of the shifts if the customer left, and grow by
    /// `steps` from the mean dropout to the end of the observation.
    pub(super) fn covariances(&self, multiples: &[f64; 4], steps: &[f64; 4]) -> [[f64; 4]; 4] {
        let of_pair = |i: usize, j: usize| {
            self.alive * self.left * steps[i] * steps[j] + self.left * multiples[i] * multiples[j] * self.spread[i][j]
        };
        std::array::from_fn(|i| std::array::from_fn(|j| if i <= j { of_pair(i, j) } else { 0.0 }))
    }

    /// Fills in the slopes in ln s and ln beta of `-s ln(1 + t/β) + ln N`, and adds to the covariances what makes them its bends, the
    /// history having been at `b` at the last purchase and at `end` when it ended.
    ///
    /// What the dropout takes away and what the survival adds nearly cancel over short gaps, so there `N = 1 - P(next purchase)` is
    /// differentiated instead.
    pub(super) fn add_dropout(
        &self,
        d: &mut Derivatives<4>,
        s: f64,
        left: &IfLeft,
        next: &IfPurchase,
        [b, end]: [&Decay; 2],
    ) {
        let next = next.over(self.no_purchase);
        d.gradient[2] = s * (next.lb - b.ln_decay);
        d.gradient[3] = s * (b.elapsed - next.kb);
        let h = &mut d.hessian;
        if self.no_purchase > 0.5 {
            let (by_s, by_beta) = (s * next.lb, -s * next.kb);
            h[2][2] = -s * b.ln_decay + by_s - s * s * next.lb_lb - by_s * by_s;
            h[2][3] = s * b.elapsed + by_beta + s * s * next.lb_kb - by_s * by_beta;
            h[3][3] = -s * b.both - s * next.bend_b - s * s * next.kb_kb - by_beta * by_beta;
        } else {
            let [_, _, lb, kb] = self.mean_shifts(left);
            h[2][2] -= s * (b.ln_decay + lb);
            h[2][3] += s * (b.elapsed + kb);
            h[3][3] -= s * self.mean(end.both, left.both_b) + left.both_b / self.no_purchase;
        }
    }

    /// `ln N`
    pub(super) fn ln_no_purchase(&self, next: &IfPurchase) -> f64 {
        if next.one < 0.5 { (-next.one).ln_1p() } else { self.no_purchase.ln() }
    }

    /// What the shifts grow from the mean dropout to the end of the observation.
    pub(super) fn beyond_mean(&self) -> [f64; 4] {
        std::array::from_fn(|i| self.at_end[i] - self.if_left[i])
    }
}

/// Integrals over the gap of `e^(-w)` times a hazard times a function.
#[derive(Default)]
pub(super) struct Moments {
    pub(super) left: IfLeft,
    pub(super) next: IfPurchase,
    /// With the hazard of dropout, of `α/(α+u)` and `αu/(α+u)²`.
    pub(super) remaining_a: f64,
    pub(super) both_a: f64,
}

/// With the hazard of dropout: of 1, of four shifts from the last purchase on, as [`Point::shifts`], of their products (upper
/// triangle), and of `βu/(β+u)²`.
#[derive(Default)]
pub(super) struct IfLeft {
    pub(super) one: f64,
    pub(super) first: [f64; 4],
    second: [[f64; 4]; 4],
    pub(super) both_b: f64,
}

/// With the hazard of a purchase: of 1, of the last two shifts, of their products, and of the second of them times
/// `t/(β+t) - β/(β+u)`.
#[derive(Clone, Copy, Default)]
pub(super) struct IfPurchase {
    pub(super) one: f64,
    pub(super) lb: f64,
    pub(super) kb: f64,
    pub(super) lb_lb: f64,
    pub(super) lb_kb: f64,
    pub(super) kb_kb: f64,
    pub(super) bend_b: f64,
}

impl Moments {
    pub(super) fn new((alpha, beta): (f64, f64), silence: &Silence, a: &Decay, b: &Decay) -> Self {
        let mut moments = Self::default();
        silence.integrate(|at, weight| {
            let shifts = at.shifts(a.remaining, b.remaining);
            let [left, next] = silence.hazards(at, weight);
            let (remaining_a, remaining_b) = (alpha * at.by_a, beta * at.by_b);
            let time = a.time + at.since;
            moments.left.add(left, &shifts);
            moments.remaining_a += left * remaining_a;
            moments.both_a += left * remaining_a * (time * at.by_a);
            moments.left.both_b += left * remaining_b * (time * at.by_b);
            moments.next.add(next, shifts[2], shifts[3], b.elapsed - remaining_b);
            [left, next]
        });
        moments
    }
}

impl IfLeft {
    #[inline]
    pub(super) fn add(&mut self, weight: f64, shifts: &[f64; 4]) {
        self.one += weight;
        for (i, shift) in shifts.iter().enumerate() {
            let first = weight * shift;
            self.first[i] += first;
            for (second, other) in self.second[i].iter_mut().zip(shifts).skip(i) {
                *second += first * other;
            }
        }
    }

    /// Means of the shifts given dropout; without a gap nobody has left.
    fn means(&self) -> [f64; 4] {
        self.first.map(|first| if self.one > 0.0 { first / self.one } else { 0.0 })
    }

    fn covariances(&self, mean: &[f64; 4]) -> [[f64; 4]; 4] {
        let covariance = |i: usize, j: usize| self.second[i][j] / self.one - mean[i] * mean[j];
        std::array::from_fn(|i| std::array::from_fn(|j| if self.one > 0.0 && i <= j { covariance(i, j) } else { 0.0 }))
    }
}

impl IfPurchase {
    #[inline]
    pub(super) fn add(&mut self, weight: f64, lb: f64, kb: f64, bend: f64) {
        self.one += weight;
        self.lb += weight * lb;
        self.kb += weight * kb;
        self.lb_lb += weight * lb * lb;
        self.lb_kb += weight * lb * kb;
        self.kb_kb += weight * kb * kb;
        self.bend_b += weight * kb * bend;
    }

    pub(super) fn over(self, total: f64) -> Self {
        let share = |value: f64| value / total;
        Self {
            one: share(self.one),
            lb: share(self.lb),
            kb: share(self.kb),
            lb_lb: share(self.lb_lb),
            lb_kb: share(self.lb_kb),
            kb_kb: share(self.kb_kb),
            bend_b: share(self.bend_b),
        }
    }
}
