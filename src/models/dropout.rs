//! Beta-geometric dropout: a chance `p ~ Beta(a, b)` to leave, the same at every moment for one customer.

use super::Derivatives;

/// `ln (b + i)/(a + b + i) = -ln(1 + a/(b + i))`: stays at the `i+1`-th chance, having stayed at `i` before. Derivatives in
/// (ln a, ln b).
pub(super) fn ln_stay(a: f64, b: f64, i: f64) -> Derivatives<2> {
    let (bi, abi) = (b + i, a + b + i);
    let mut d = Derivatives::ZERO;
    d.value = -(a / bi).ln_1p();
    d.gradient = [-a / abi, a * b / (bi * abi)];
    d.hessian[0][0] = -a * bi / (abi * abi);
    d.hessian[0][1] = a * b / (abi * abi);
    d.hessian[1][0] = d.hessian[0][1];
    d.hessian[1][1] = a * b / (bi * abi) * ((a * i + (i - b) * (i + b)) / (bi * abi));
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
pub(super) fn survival(a: f64, b: f64, n: u32) -> f64 {
    (0..n).map(|i| -(a / (b + f64::from(i))).ln_1p()).sum::<f64>().exp()
}
