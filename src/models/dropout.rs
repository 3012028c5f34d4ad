//! Beta-geometric dropout: a chance `p ~ Beta(a, b)` to leave, the same at every moment for one customer.

use super::Derivatives;
use crate::special::{beta_expectation, ln_rising_ratio};

/// `ln (b + i)/(a + b + i) = -ln(1 + a/(b + i))`: stays at the `i+1`-th chance, having stayed at `i` before. Derivatives in
/// (ln a, ln b).
pub(super) fn ln_stay(a: f64, b: f64, i: f64) -> Derivatives<2> {
    ln_stay_after(a, 0.0, b, i)
}

/// `-ln(1 + (a + k)/(b + i))`: the same after `k` draws that came out the other way.
pub(super) fn ln_stay_after(a: f64, k: f64, b: f64, i: f64) -> Derivatives<2> {
    let (ak, bi) = (a + k, b + i);
    let all = ak + bi;
    let mut d = Derivatives::ZERO;
    d.value = -(ak / bi).ln_1p();
    d.gradient = [-a / all, ak * b / (bi * all)];
    d.hessian[0][0] = -a * (k + bi) / (all * all);
    d.hessian[0][1] = a * b / (all * all);
    d.hessian[1][0] = d.hessian[0][1];
    d.hessian[1][1] = ak * b / (bi * all) * ((ak * i + (i - b) * (i + b)) / (bi * all));
    d
}

/// `ln a/(a + b + i) = -ln(1 + (b + i)/a)`: leaves at the `i+1`-th chance, likewise.
pub(super) fn ln_leave(a: f64, b: f64, i: f64) -> Derivatives<2> {
    let (bi, abi) = (b + i, a + b + i);
    let mut d = Derivatives::ZERO;
    d.value = -(bi / a).ln_1p();
    d.gradient = [bi / abi, -b / abi];
    d.hessian[0][0] = -a * bi / (abi * abi);
    d.hessian[0][1] = a * b / (abi * abi);
    d.hessian[1][0] = d.hessian[0][1];
    d.hessian[1][1] = -b * (a + i) / (abi * abi);
    d
}

/// `P(K > n) = B(a, b + n) / B(a, b)`: stays at `n` chances.
pub(super) fn survival(a: f64, b: f64, n: f64) -> f64 {
    (-ln_rising_ratio(a, b, n)).exp()
}

/// `Σ_{k ≥ 1} B(a, b + k)/B(a, b) e^(-δ k) = E[ q/(1 - q) ]`, `q = (1 - p) e^-δ`, `p ~ Beta(a, b)`: one a moment as long as the
/// customer stays, at a rate `δ > 0` a moment.
///
/// `E[(1 - p) f(p)]` is `b/(a + b)` times `E[f(p)]`, `p ~ Beta(a, b + 1)`, of a function that is nowhere zero.
pub(super) fn discounted_survival(a: f64, b: f64, delta: f64) -> f64 {
    let (worth, lost) = ((-delta).exp(), -(-delta).exp_m1());
    b / (a + b) * beta_expectation(a, b + 1.0, 1.0 / lost, |p| worth / (lost + p * worth))
}
