//! Variates that models are simulated from.

use rand::{Rng, RngExt};
use rand_distr::{Exp1, Poisson, StandardNormal};

use super::stages::Stages;
use crate::special::sigmoid;
use crate::summary::MOST_PURCHASES;

/// A whole number that is this one in the mean.
pub(super) fn whole_number(number: f64, rng: &mut impl Rng) -> u64 {
    (number + rng.random::<f64>()).floor() as u64
}

/// A gamma variate of this shape and scale 1. A shape that no distribution accepts, beyond the range of parameters, gives
/// its mean.
pub(crate) fn draw_gamma(shape: f64, rng: &mut impl Rng) -> f64 {
    rand_distr::Gamma::new(shape, 1.0).map_or(shape, |gamma| rng.sample(gamma))
}

/// The logarithm of a gamma variate, also where the variate is too small for a number: one of shape `z + 1` times a uniform one
/// to the power of `1/z`.
pub(super) fn draw_ln_gamma(shape: f64, rng: &mut impl Rng) -> f64 {
    let exponential: f64 = rng.sample(Exp1);
    draw_gamma(shape + 1.0, rng).ln() - exponential / shape
}

/// A beta variate, as the share of one gamma variate in two.
pub(super) fn draw_beta(a: f64, b: f64, rng: &mut impl Rng) -> f64 {
    // Of smaller shapes a variate may be no number, and both of them none.
    const SMALL: f64 = 0.02;
    if a < SMALL || b < SMALL {
        return sigmoid(draw_ln_gamma(a, rng) - draw_ln_gamma(b, rng));
    }
    let (one, other) = (draw_gamma(a, rng), draw_gamma(b, rng));
    if one + other > 0.0 { one / (one + other) } else { a / (a + b) }
}

/// The number of purchases at a rate and over a time whose product this is.
pub(super) fn draw_poisson_count(mean: f64, rng: &mut impl Rng) -> f64 {
    match Poisson::new(mean) {
        Ok(poisson) => rng.sample(poisson),
        // Nothing; or more than the distribution accepts, nearly normal.
        Err(_) if mean > 1.0 => (mean + mean.sqrt() * rng.sample::<f64, _>(StandardNormal)).max(0.0),
        Err(_) => 0.0,
    }
}

/// The number of chances to leave, each taken with probability `p`, up to the one that is taken, at least 1; infinite if none is.
pub(super) fn draw_chances(p: f64, rng: &mut impl Rng) -> f64 {
    let chances = (rng.sample::<f64, _>(Exp1) / -(-p).ln_1p()).floor() + 1.0;
    if chances.is_nan() { f64::INFINITY } else { chances }
}

/// Draws the purchases of a customer with rate `lambda` up to `t`; after each, `leaves` says whether it was the last.
pub(super) fn draw_poisson<R: Rng>(
    lambda: f64,
    t: f64,
    rng: &mut R,
    times: &mut Vec<f64>,
    leaves: impl FnMut(&mut R) -> bool,
) {
    draw_erlang(Stages::ONE, lambda, t, rng, times, leaves);
}

/// [`draw_poisson`] where each purchase takes `k` events.
pub(super) fn draw_erlang<R: Rng>(
    stages: Stages,
    lambda: f64,
    t: f64,
    rng: &mut R,
    times: &mut Vec<f64>,
    mut leaves: impl FnMut(&mut R) -> bool,
) {
    let mut time = 0.0;
    loop {
        let events = (0..stages.number()).map(|_| rng.sample::<f64, _>(Exp1)).sum::<f64>();
        time += events / lambda;
        // A rate that underflowed to zero waits for ever, or for no number at all.
        if time.is_nan() || time > t {
            return;
        }
        times.push(time);
        if times.len() >= MOST_PURCHASES as usize || leaves(rng) {
            return;
        }
    }
}
