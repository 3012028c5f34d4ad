//! Expected purchases of Pareto/CNBD-2 and their present value, of which only the time of leaving takes an integral.

use super::stages::MOST_STAGES;
use super::{FuturePurchases, ParetoNbd};
use crate::special::quadrature::TWENTY;

/// Beyond `e` to minus this, what has decayed is nothing.
const DECAYED: f64 = 45.0;

/// The most by which the logarithm of the integrand may change over a panel of twenty points, and the longest panel: its ends stay away
/// from the integrand's poles, which lie at a distance of `π`.
const STEEPEST: f64 = 24.0;
const LONGEST: f64 = 5.0;

/// Of every two events one is a purchase: `DET = ∫₀ᵗ e^(-δ v) (β/(β + v))^s M'(v) dv`, without discount the expected purchases, with
/// the purchases `M` of customers who never leave, of whom `w_j` are in stage `j`,
///
/// ```text
/// M'(v) = (w_0 n (1 - q^(n+1)) + w_1 (n + 1) (1 + q^(n+2)))/(2α),   q = α/(α + 2v)
/// ```
///
/// since `⌊N/2⌋ = N/2 - (1 - (-1)^N)/4` and `E[(-1)^N] = q^n`. No term is negative. The integral is taken over `y = ln(1 + v/m)`,
/// `m = min(α/2, β)`, up to where the powers of `q` have decayed; what is left is that of Pareto/NBD.
pub(super) fn discounted(events: &ParetoNbd, weights: &[f64; MOST_STAGES], t: f64, delta: f64) -> f64 {
    let ParetoNbd { r: n, alpha, s, beta } = *events;
    let rates = [weights[0] * n, weights[1] * (n + 1.0)].map(|rate| rate / (2.0 * alpha));
    let half = 0.5 * alpha;
    let scale = half.min(beta);
    let growth = |v: f64| {
        let ln_q = -(v / half).ln_1p();
        // q^(n+1) - 1
        let lost = ((n + 1.0) * ln_q).exp_m1();
        let last = (1.0 + lost) * half / (half + v);
        rates[1].mul_add(1.0 + last, -rates[0] * lost)
    };
    let worth = |v: f64| (-delta * v - s * (v / beta).ln_1p()).exp();
    // Bounds of how fast the integrand changes in y before v.
    let steepness = |v: f64| 1.0 + (n + 2.0) * (v + scale) / (v + half) + (delta + s / (v + beta)) * (v + scale);

    let settled = half * (DECAYED / (n + 1.0)).exp_m1();
    let gone = beta * (DECAYED / s).exp_m1();
    let worthless = if delta > 0.0 { DECAYED / delta } else { f64::INFINITY };
    let stop = settled.min(gone).min(worthless).min(t);
    let time = |y: f64| scale * y.exp_m1();
    let (mut sum, mut from) = (0.0, 0.0);
    let end = (stop / scale).ln_1p();
    while from < end {
        let reach = (end - from).min(LONGEST);
        let parts = (reach * steepness(time(from + reach)) / STEEPEST).ceil();
        let to = if parts <= 1.0 && reach == end - from { end } else { from + reach / parts.max(1.0) };
        if to <= from {
            break;
        }
        sum += TWENTY.integrate(from, to, |y| {
            let v = time(y);
            growth(v) * worth(v) * (v + scale)
        });
        from = to;
    }
    if settled < t.min(gone).min(worthless) {
        let steady = ParetoNbd { r: (rates[0] + rates[1]) * alpha, alpha, s, beta: beta + settled };
        let left = t - settled;
        sum += worth(settled) * if delta > 0.0 { steady.det(left, delta) } else { steady.expected_purchases(left) };
    }
    sum
}
