//! BdW: the beta-discrete-Weibull model of Fader, Hardie, Liu, Davin & Steenburgh (2018), for contracts whose customers leave more, or
//! less, easily the longer they stay.
//!
//! A customer is there after `t` renewals with probability `(1 - θ)^(t^c)`, `θ ~ Beta(a, b)`: with `c > 1` the chance of one customer to
//! leave rises from renewal to renewal, with `c < 1` it falls, with `c = 1` it stays and the model is sBG. Source: "How to Project
//! Customer Retention" Revisited: The Role of Duration Dependence, Journal of Interactive Marketing 43, 1-16 (FHLDS18).

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::sampling::draw_beta;
use super::{Derivatives, Likelihood};
use crate::error::Result;
use crate::special::{digamma_difference, ln_beta_ratio, sum_until, trigamma, trigamma_difference};
use crate::summary::CountedLifetimes;

/// BdW in the paper's notation. All parameters are positive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bdw {
    /// First parameter of the probabilities to leave at the first renewal: `E[θ] = a / (a + b)`.
    pub a: f64,
    /// Second parameter of those.
    pub b: f64,
    /// How the chance of one customer to leave changes with time: it rises above 1 and falls below.
    pub c: f64,
}

/// Logarithm of the largest `t^c` whose square is a number.
const LARGEST: f64 = 300.0;

/// `τ = t^c` with what its derivatives in `c` take: `τ ln t` and `τ (ln t)²`.
struct Power {
    tau: f64,
    slope: f64,
    bend: f64,
}

impl Power {
    fn of(t: f64, c: f64) -> Self {
        if t <= 0.0 {
            return Self { tau: 0.0, slope: 0.0, bend: 0.0 };
        }
        let ln = t.ln();
        let tau = (c * ln).min(LARGEST).exp();
        Self { tau, slope: tau * ln, bend: tau * ln * ln }
    }
}

/// `(t + k)^c - t^c`, without cancellation.
fn growth(t: f64, k: f64, c: f64) -> f64 {
    if t <= 0.0 {
        return (c * k.ln()).min(LARGEST).exp();
    }
    let exponent = c * (k / t).ln_1p();
    (c * t.ln()).min(LARGEST).exp() * exponent.min(LARGEST).exp_m1()
}

impl Likelihood<3> for Bdw {
    type Data = CountedLifetimes;
    const NAME: &'static str = "bdw";
    const TITLE: &'static str = "BdW";

    parameters!(3: a, b, c);

    /// ```text
    /// ln L = Σ_i  stayed(i) ln r(i+1) + left(i) ln(1 - r(i+1))
    /// r(t) = S(t)/S(t-1),   S(t) = B(a, b + t^c)/B(a, b)
    /// ```
    ///
    /// summed by chances, so that `ln S(t)` and `ln P(T = t) = ln S(t-1) + ln(1 - r(t))` of customers seen from a later renewal on are
    /// divided by what they had survived before (FHLDS18).
    fn log_likelihood(&self, data: &CountedLifetimes) -> Derivatives<3> {
        Derivatives::sum(data.chances(), &|&(i, stayed, left)| {
            let stay = self.ln_stay(i);
            let mut sum = Derivatives::ZERO;
            // What nobody did may have a probability of zero.
            if stayed > 0.0 {
                sum = sum.plus(stay.times(stayed));
            }
            if left > 0.0 {
                sum = sum.plus(ln_one_minus_exp(&stay).times(left));
            }
            sum
        })
    }

    fn starts((): (), _data: &CountedLifetimes) -> Vec<Self> {
        let starts = [(1.0, 1.0, 1.0), (0.5, 3.0, 1.0), (0.3, 1.5, 1.6), (5.0, 5.0, 0.7), (0.1, 0.3, 1.0)];
        starts.map(|(a, b, c)| Self { a, b, c }).to_vec()
    }

    fn scales((): (), _data: &CountedLifetimes) -> [f64; 3] {
        [1.0; 3]
    }

    fn check(data: &CountedLifetimes) -> Result<()> {
        data.check(Self::NAME, 3)
    }
}

/// `ln(1 - e^f)` of a negative `f`.
fn ln_one_minus_exp(f: &Derivatives<3>) -> Derivatives<3> {
    // With D = -f: h = ln(1 - e^-D), h' = 1/(e^D - 1), h'' = -e^D/(e^D - 1)² = -h' (1 + h').
    let slope = 1.0 / (-f.value).exp_m1();
    let bend = -slope * (1.0 + slope);
    Derivatives {
        value: (-f.value.exp_m1()).ln(),
        gradient: f.gradient.map(|one| -slope * one),
        hessian: std::array::from_fn(|i| {
            std::array::from_fn(|j| bend * (f.gradient[i] * f.gradient[j]) - slope * f.hessian[i][j])
        }),
    }
}

impl Bdw {
    /// `ln r(i+1) = ln B(a, b + (i+1)^c) - ln B(a, b + i^c)` with derivatives in the logarithms of the parameters.
    fn ln_stay(&self, i: f64) -> Derivatives<3> {
        let Self { a, b, c } = *self;
        let (before, after) = (Power::of(i, c), Power::of(i + 1.0, c));
        let (z0, z1, m) = (b + before.tau, b + after.tau, growth(i, 1.0, c));
        let value = -ln_beta_ratio(a, z0, m);
        // In a, z0 and z1, of which b moves the latter two alike and c by the slopes of t^c.
        let (by_a, by_z0, by_z1) =
            (-digamma_difference(a + z0, m), digamma_difference(z0, a), -digamma_difference(z1, a));
        let (by_z0_z0, by_z1_z1) = (-trigamma_difference(z0, a), trigamma_difference(z1, a));
        let (by_a_z0, by_a_z1) = (trigamma(a + z0), -trigamma(a + z1));
        let by_b = digamma_difference(z0, m) - digamma_difference(a + z0, m);
        let by_c = by_z0 * before.slope + by_z1 * after.slope;
        let by_a_a = trigamma_difference(a + z0, m);
        let by_b_b = trigamma_difference(a + z0, m) - trigamma_difference(z0, m);
        let by_b_c = by_z0_z0 * before.slope + by_z1_z1 * after.slope;
        let by_a_c = by_a_z0 * before.slope + by_a_z1 * after.slope;
        let by_c_c = by_z0_z0 * before.slope * before.slope
            + by_z1_z1 * after.slope * after.slope
            + by_z0 * before.bend
            + by_z1 * after.bend;
        let gradient = [a * by_a, b * by_b, c * by_c];
        let mut d = Derivatives { value, gradient, ..Derivatives::ZERO };
        d.hessian[0] = [a * a * by_a_a + gradient[0], a * b * by_a_a, a * c * by_a_c];
        d.hessian[1] = [0.0, b * b * by_b_b + gradient[1], b * c * by_b_c];
        d.hessian[2] = [0.0, 0.0, c * c * by_c_c + gradient[2]];
        d.mirrored()
    }

    /// `ln S(t) = ln B(a, b + t^c) - ln B(a, b)`: of the share of a new cohort that is there after `t` renewals.
    pub fn ln_survival(&self, t: u32) -> f64 {
        self.ln_stays(0.0, t.into())
    }

    /// `ln P(T = t) = ln S(t-1) + ln(1 - r(t))` for `t ≥ 1`: of the share that leaves at the `t`-th renewal.
    pub fn ln_leaving(&self, t: u32) -> f64 {
        let before = t.max(1) - 1;
        self.ln_survival(before) + (-self.ln_stays(before.into(), 1.0).exp_m1()).ln()
    }

    /// `ln S(n + k)/S(n)`.
    fn ln_stays(&self, n: f64, k: f64) -> f64 {
        if k <= 0.0 {
            return 0.0;
        }
        -ln_beta_ratio(self.a, self.b + Power::of(n, self.c).tau, growth(n, k, self.c))
    }

    /// `S(t)`: the share of a new cohort that is there after `t` renewals.
    pub fn survival(&self, t: u32) -> f64 {
        self.ln_survival(t).exp()
    }

    /// `r(t) = B(a, b + t^c)/B(a, b + (t-1)^c)` for `t ≥ 1`: the share of those still there who make the `t`-th renewal. Of the start, 1.
    pub fn retention(&self, t: u32) -> f64 {
        if t == 0 { 1.0 } else { self.ln_stays(f64::from(t) - 1.0, 1.0).exp() }
    }

    /// Discounted expected residual lifetime of a customer who has made `renewals` renewals and stands before the next one, in
    /// payments of 1 that are due with each renewal, at a continuous rate `δ > 0` a period:
    ///
    /// ```text
    /// DERL = Σ_{k ≥ 1} S(renewals + k)/S(renewals) e^(-δ (k - 1))
    /// ```
    pub fn derl(&self, renewals: u32, delta: f64) -> f64 {
        let n = f64::from(renewals);
        let term = |i: f64| (self.ln_stays(n, i + 1.0) - delta * i).exp();
        // What is left after a term is at most the term over 1 - e^-δ.
        let (first, lost) = (term(0.0), -(-delta).exp_m1());
        sum_until(term, |i| term(i) <= 1e-17 * lost * first, first).0
    }

    /// The number of the renewal that a new customer does not make, at least 1; infinite if there is none:
    /// `⌈(ln U / ln(1 - θ))^(1/c)⌉`.
    pub fn draw_lifetime(&self, rng: &mut impl Rng) -> f64 {
        let theta = draw_beta(self.a, self.b, rng);
        let exponent = -(1.0 - rng.random::<f64>()).ln() / -(-theta).ln_1p();
        let renewal = exponent.powf(1.0 / self.c).ceil().max(1.0);
        if renewal.is_nan() { f64::INFINITY } else { renewal }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (a, b, c, t, ln S(t), ln P(T = t)) to 25 digits with mpmath.
    const POINTS: &[(f64, f64, f64, u32, f64, f64)] = &[
        (0.25934, 1.72255, 1.58436, 1, -0.1402451838116011, -2.033666271733582),
        (0.25934, 1.72255, 1.58436, 4, -0.52268148806233659, -2.7830117032243403),
        (0.25934, 1.72255, 1.58436, 12, -0.94441993403294383, -4.2860577624764741),
        (0.25934, 1.72255, 1.58436, 60, -1.5994964360820273, -6.573521732275902),
        (0.52303, 0.89428, 1.1964, 12, -1.763482962849092, -4.6824999802267262),
        (0.05, 20.0, 0.5, 12, -0.0081647104110772986, -8.0497826725378898),
        (2.0, 3.0, 3.0, 4, -5.9392936747790724, -4.5785928696115777),
        (2.0, 3.0, 3.0, 60, -22.081193130684096, -24.32455886762042),
        (0.001, 1000.0, 1.5, 1, -9.9999950000033333e-7, -13.815511557963774),
        (0.001, 1000.0, 1.5, 60, -0.00038184857456259367, -11.74482311628686),
    ];

    fn close(ours: f64, known: f64, digits: f64, what: &str) {
        assert!((ours / known - 1.0).abs() < digits, "{what}: {ours} {known}");
    }

    #[test]
    fn survival_agrees_with_twenty_five_digits() {
        for &(a, b, c, t, survival, leaving) in POINTS {
            let model = Bdw { a, b, c };
            close(model.ln_survival(t), survival, 2e-14, &format!("ln S {model:?} {t}"));
            close(model.ln_leaving(t), leaving, 2e-14, &format!("ln P {model:?} {t}"));
        }
    }

    /// Residual lifetimes at 10% a period, without the first payment: (a, b, c), and after 0, 1 and 4 renewals.
    #[test]
    fn residual_lifetimes_agree_with_many_digits() {
        let known = [
            ([0.25934, 1.72255, 1.58436], [4.994241732899514, 5.320769511954858, 6.652270672088648]),
            ([0.52303, 0.89428, 1.1964], [2.691619321887386, 3.69242841080493, 5.486444056395108]),
            ([0.704, 1.182, 1.0], [2.695147405574574, 3.730416926907793, 5.358566236221964]),
        ];
        for ([a, b, c], known) in known {
            for (renewals, known) in [0, 1, 4].into_iter().zip(known) {
                let delta = 0.1f64.ln_1p();
                // Here each payment is discounted to the renewal before.
                close(Bdw { a, b, c }.derl(renewals, delta) / 1.1, known, 1e-13, &format!("{a} {b} {c} {renewals}"));
            }
        }
    }

    #[test]
    fn customers_seen_later_are_known_to_have_survived() {
        let model = Bdw { a: 0.25934, b: 1.72255, c: 1.58436 };
        let data = CountedLifetimes::of_customers([(4, 11, true, 1.0)]).unwrap();
        close(model.log_likelihood(&data).value, -3.7633762744141375, 1e-14, "ln P(T = 12 | T > 4)");
    }

    #[test]
    fn without_duration_dependence_it_is_sbg() {
        let (model, sbg) = (Bdw { a: 0.668, b: 3.806, c: 1.0 }, crate::models::Sbg { alpha: 0.668, beta: 3.806 });
        for t in [0, 1, 7, 100, 5000] {
            close(model.survival(t), sbg.survival(t), 1e-13, "S");
            close(model.retention(t), sbg.retention(t), 1e-13, "r");
            close(model.derl(t, 0.01), sbg.derl(t, 0.01), 1e-12, "DERL");
        }
    }

    #[test]
    fn drawn_lifetimes_are_those_of_the_model() {
        use rand::SeedableRng;
        let mut rng = rand_pcg::Pcg64::seed_from_u64(7);
        let model = Bdw { a: 0.5, b: 2.0, c: 1.4 };
        let drawn: Vec<f64> = (0..100_000).map(|_| model.draw_lifetime(&mut rng)).collect();
        for t in [1, 2, 5, 20] {
            let share = drawn.iter().filter(|&&renewal| renewal > f64::from(t)).count() as f64 / 1e5;
            assert!((share - model.survival(t)).abs() < 0.006, "{t}: {share}");
        }
    }
}
