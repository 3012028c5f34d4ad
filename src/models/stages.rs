//! Erlang waiting times: a purchase is every `k`-th event of a hidden Poisson process, which begins anew after each purchase.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Derivatives;
use super::decay::Decay;
use crate::error::{Error, Result};

/// The number `k` of hidden stages between purchases, the same for all customers: 1 for exponential waiting times, more for more
/// regular ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Stages(u8);

/// More stages are hardly told apart.
pub(super) const MOST_STAGES: usize = 12;

impl Stages {
    /// One: exponential waiting times.
    pub const ONE: Self = Self(1);

    /// So many.
    ///
    /// # Errors
    /// [`Error::usage`] unless there are 1 to 12.
    pub fn new(k: u32) -> Result<Self> {
        match u8::try_from(k) {
            Ok(stages) if (1..=MOST_STAGES).contains(&usize::from(stages)) => Ok(Self(stages)),
            _ => Err(Error::usage(format!("k is {k}; regular timing has 1 to {MOST_STAGES} stages between purchases"))),
        }
    }

    /// All there can be.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=MOST_STAGES as u8).map(Self)
    }

    /// One more, unless these are the most.
    pub fn next(self) -> Option<Self> {
        Self::new(self.number() + 1).ok()
    }

    /// How many.
    pub fn number(self) -> u32 {
        self.0.into()
    }

    pub(super) fn count(self) -> usize {
        self.0.into()
    }

    /// `k` as a real number.
    pub fn k(self) -> f64 {
        self.0.into()
    }
}

impl fmt::Display for Stages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl From<Stages> for u32 {
    fn from(stages: Stages) -> Self {
        stages.number()
    }
}

impl TryFrom<u32> for Stages {
    type Error = Error;

    fn try_from(k: u32) -> Result<Self> {
        Self::new(k)
    }
}

/// In which stage customers are after a silence, given that fewer than `k` events came in it: of customers with `n = r + k x`, with
/// `u = (T - t_x)/(α + T)`, stage `j` has the weight
///
/// ```text
/// w_j = (n)_j/j! u^j / S_k(n, u),   S_k(n, u) = Σ_{j<k} (n)_j/j! u^j
/// ```
pub(super) struct StageTerms {
    k: usize,
    n: f64,
    /// `D_j = Σ_{i<j} 1/(n + i)`, the slope of `ln (n)_j` in `n`, and `Σ_{i<j} 1/(n + i)²`.
    slopes: [(f64, f64); MOST_STAGES],
}

/// Means over the stages.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StageMeans {
    /// `ln S_k`
    pub(super) ln_sum: f64,
    /// Of the stage `J`, and its variance.
    pub(super) stage: f64,
    pub(super) stage_variance: f64,
    /// Of `D_J`, and its variance.
    pub(super) slope: f64,
    pub(super) slope_variance: f64,
    /// Covariance of the two.
    pub(super) covariance: f64,
    /// Of `Σ_{i<J} 1/(n + i)²`.
    pub(super) bend: f64,
    /// Weight of the last stage.
    pub(super) last: f64,
}

/// What a silence says, and in which stage it leaves who is alive.
pub(super) struct AfterSilence {
    /// For having left, with derivatives in (ln r, ln alpha).
    pub(super) evidence: Derivatives<2>,
    /// Mean and variance of the stage, unless the silence says next to nothing.
    pub(super) stage: Option<(f64, f64)>,
    /// Chance of the last stage.
    pub(super) last: f64,
}

/// Silences after which so few events are expected, beside the stages, and that are so short a part of `α + T`, say next to nothing:
/// what they do say is computed from the chance of `k` events or more.
const QUIET: f64 = 0.5;
const SHORT: f64 = 0.75;

/// So large an `n u` puts everybody into the last stage, and its powers are no numbers.
const LAST_STAGE: f64 = 1e20;

impl StageTerms {
    pub(super) fn new(stages: Stages, n: f64) -> Self {
        let mut slopes = [(0.0, 0.0); MOST_STAGES];
        for j in 1..stages.count() {
            let inverse = 1.0 / (n + (j - 1) as f64);
            slopes[j] = (slopes[j - 1].0 + inverse, slopes[j - 1].1 + inverse * inverse);
        }
        Self { k: stages.count(), n, slopes }
    }

    /// Unscaled weights, in ascending order of the stages, with the logarithm of what they are to be multiplied by.
    fn terms(&self, u: f64) -> ([f64; MOST_STAGES], f64) {
        let mut terms = [0.0; MOST_STAGES];
        let step = |j: usize| (self.n + (j - 1) as f64) / j as f64 * u;
        if self.n * u > LAST_STAGE {
            let last = self.k - 1;
            terms[last] = 1.0;
            (1..=last).rev().for_each(|j| terms[j - 1] = terms[j] / step(j));
            return (terms, (1..=last).map(|j| step(j).ln()).sum());
        }
        terms[0] = 1.0;
        (1..self.k).for_each(|j| terms[j] = terms[j - 1] * step(j));
        (terms, 0.0)
    }

    /// Weights that add up to one, and `ln S_k`.
    pub(super) fn weights(&self, u: f64) -> ([f64; MOST_STAGES], f64) {
        let (mut terms, ln_scale) = self.terms(u);
        let later: f64 = terms[1..self.k].iter().sum();
        let sum = terms[0] + later;
        // Where hardly anybody is past the first stage, the sum itself has lost what is later.
        let ln_sum = if ln_scale == 0.0 { later.ln_1p() } else { ln_scale + sum.ln() };
        terms[..self.k].iter_mut().for_each(|term| *term /= sum);
        (terms, ln_sum)
    }

    /// What a silence from `last` to `end` says for having left, `-ln P(fewer than k events in it)`, with derivatives in (ln r, ln alpha);
    /// `n = r + k x`.
    ///
    /// With `q = (α + t_x)/(α + T)` and `u = 1 - q` there are `j` events with chance `t_j = (n)_j/j! q^n u^j`, whose logarithm has the
    /// slopes `r (D_j - M)` and `n h - ρ j`, with `M = -ln q`, `h` its slope in `-ln α`, `ρ = α/(α + T)`.
    pub(super) fn evidence(&self, r: f64, last: &Decay, end: &Decay) -> Derivatives<2> {
        let silence = (end.time - last.time).max(0.0);
        if self.k == 2 {
            // Without what nobody asks for here: it is the innermost loop of a fit.
            return evidence_of_two_stages(r, self.n, [silence * end.inverse, silence * last.inverse], last, end).1;
        }
        self.evidence_after(silence, r, last, end).evidence
    }

    /// The [evidence](Self::evidence) of a silence of this length, with what it leaves behind.
    pub(super) fn evidence_after(&self, silence: f64, r: f64, last: &Decay, end: &Decay) -> AfterSilence {
        let n = self.n;
        let (u, since) = (silence * end.inverse, silence * last.inverse);
        let is_quiet = n * since < QUIET * (self.k - 1) as f64 && u < SHORT;
        if self.k == 2 {
            let (first, evidence) = evidence_of_two_stages(r, n, [u, since], last, end);
            let second = n * u * first;
            let stage = (!is_quiet).then_some((second, second * first));
            return AfterSilence { evidence, stage, last: second };
        }
        // The tables' difference keeps its digits once it is not small.
        let m = if since < 0.125 { since.ln_1p() } else { end.ln_total - last.ln_total };
        let rest = end.remaining;
        let h = rest * since;
        // 1 less both that remain, of which the one at the end may be next to nothing.
        let h_slope = h * if rest < 0.5 { last.elapsed - rest } else { end.elapsed - last.remaining };
        if is_quiet {
            let evidence = self.evidence_of_little([r, u, m, h, h_slope], end);
            return AfterSilence { evidence, stage: None, last: self.weights(u).0[self.k - 1] };
        }
        let means = self.means(u);
        let (slope, stage) = (r * (m - means.slope), rest * means.stage - n * h);
        let cross = r * (rest * means.covariance - h);
        let bend = end.both * means.stage - rest * rest * means.stage_variance - n * h_slope;
        let evidence = Derivatives {
            value: (n * m - means.ln_sum).clamp(0.0, f64::INFINITY),
            gradient: [slope, stage],
            hessian: [[slope - r * r * (means.slope_variance - means.bend), cross], [cross, bend]],
        };
        AfterSilence { evidence, stage: Some((means.stage, means.stage_variance)), last: means.last }
    }

    /// `-ln(1 - τ)` with `τ = Σ_{j≥k} t_j`, which is small: nothing of the sum over the other stages is left but rounding.
    fn evidence_of_little(&self, [r, u, m, h, h_slope]: [f64; 5], end: &Decay) -> Derivatives<2> {
        let n = self.n;
        let (mut term, mut slope, mut bend) = ((-n * m).exp(), 0.0, 0.0);
        let (mut sum, mut gradient, mut hessian) = (0.0, [0.0; 2], [[0.0; 2]; 2]);
        let mut j = 0.0;
        loop {
            if j >= self.k as f64 {
                let slopes = [r * (slope - m), n * h - end.remaining * j];
                let bends = [slopes[0] - r * r * bend, r * h, n * h_slope - end.both * j];
                sum += term;
                for i in 0..2 {
                    gradient[i] += term * slopes[i];
                    hessian[i][i] += term * (slopes[i] * slopes[i] + bends[2 * i]);
                }
                hessian[0][1] += term * (slopes[0] * slopes[1] + bends[1]);
                // The slopes grow slowly.
                let falls = u * (n + j) / (j + 1.0);
                if falls < 1.0 && term * j <= 1e-17 * sum * (1.0 - falls) || term == 0.0 {
                    break;
                }
            }
            let inverse = 1.0 / (n + j);
            slope += inverse;
            bend += inverse * inverse;
            term *= u * (n + j) / (j + 1.0);
            j += 1.0;
        }
        let less = 1.0 / (1.0 - sum);
        let gradient = gradient.map(|slope| less * slope);
        let bend = |i: usize, l: usize| less * hessian[i][l] + gradient[i] * gradient[l];
        Derivatives { value: -(-sum).ln_1p(), gradient, hessian: [[bend(0, 0), bend(0, 1)], [bend(0, 1), bend(1, 1)]] }
    }

    fn means(&self, u: f64) -> StageMeans {
        let (weights, ln_sum) = self.weights(u);
        let mut means = StageMeans { ln_sum, last: weights[self.k - 1], ..StageMeans::default() };
        for (j, (weight, (slope, bend))) in weights.iter().zip(&self.slopes).enumerate().take(self.k).skip(1) {
            means.stage += weight * j as f64;
            means.slope += weight * slope;
            means.bend += weight * bend;
        }
        for (j, (weight, (slope, _))) in weights.iter().zip(&self.slopes).enumerate().take(self.k) {
            let (off, slope_off) = (j as f64 - means.stage, slope - means.slope);
            means.stage_variance += weight * off * off;
            means.slope_variance += weight * slope_off * slope_off;
            means.covariance += weight * off * slope_off;
        }
        means
    }
}

/// [`StageTerms::evidence`] of two stages, `n m - ln(1 + n u)`, without a difference:
///
/// ```text
/// evidence = n δ + ε(n u),   δ = m - u = -ln(1 - u) - u,   ε(y) = y - ln(1 + y)
/// ```
///
/// and likewise its derivatives, with the weight `w = 1/(1 + n u)` of the first stage, which comes first.
fn evidence_of_two_stages(r: f64, n: f64, [u, since]: [f64; 2], last: &Decay, end: &Decay) -> (f64, Derivatives<2>) {
    let rest = end.remaining;
    let excess = match u {
        u if u < SERIES => less_ln_1p(-u),
        // The tables' difference keeps its digits once it is not small.
        u if since < 0.5 => since.ln_1p() - u,
        u => end.ln_total - last.ln_total - u,
    };
    let first = 1.0 / (1.0 + n * u);
    let both = n * (n + 1.0) * u * since * first;
    let slope = r * (excess + n * u * u * first);
    let cross = -r * rest * since * u * (2.0 * n + 1.0 + n * n * u) * first * first;
    let evidence = Derivatives {
        value: n * excess + if n * u < SERIES { less_ln_1p(n * u) } else { n * u - (n * u).ln_1p() },
        gradient: [slope, -rest * both],
        hessian: [
            [slope + (r * u * first).powi(2), cross],
            [cross, rest * both * (rest * (1.0 + first) - last.elapsed)],
        ],
    };
    (first, evidence)
}

/// Up to this size [`less_ln_1p`] has all its digits.
const SERIES: f64 = 0.05;

/// `y - ln(1 + y) = y²/2 - y³/3 + y⁴/4 - …`
fn less_ln_1p(y: f64) -> f64 {
    let inner = (3..=13).rev().fold(0.0, |inner, i| f64::from(i).recip() - y * inner);
    y * y * (0.5 - y * inner)
}
