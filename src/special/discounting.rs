//! Integrals over discounted time.

use super::log_concave::log_concave_integral;
use super::quadrature::TWENTY;

/// `∫₀ᵗ e^(-δ s) dE(s) = e^(-δ t) E(t) + δ ∫₀ᵗ e^(-δ s) E(s) ds` for an increasing `E` with `E(0) = 0` and a rate `δ ≥ 0`.
///
/// `E` may bend on the time scale `scale` near zero; the integral is taken over `v = ln(1 + s/scale)`, in which it is
/// smooth, by 20-point Gauss-Legendre panels of length at most 1, or 3 where there are many.
pub fn discounted_increase(increasing: impl Fn(f64) -> f64, t: f64, delta: f64, scale: f64) -> f64 {
    discounted_increase_in_panels(increasing, t, delta, scale, 3.0)
}

/// [`discounted_increase`] with panels of length `length_of_many` where there are many.
pub fn discounted_increase_in_panels(
    increasing: impl Fn(f64) -> f64,
    t: f64,
    delta: f64,
    scale: f64,
    length_of_many: f64,
) -> f64 {
    /// The most that the discount may take away over a panel, in its logarithm.
    const STEEPEST: f64 = 4.0;
    const MANY: f64 = 8.0;
    if delta == 0.0 {
        return increasing(t);
    }
    // Beyond this nothing is worth anything.
    let t = t.min(60.0 / delta);
    let end = (t / scale).ln_1p();
    let panels = (end / if end > MANY { length_of_many } else { 1.0 }).ceil().max(1.0);
    let width = end / panels;
    let time = |v: f64| scale * v.exp_m1();
    let mut integral = 0.0;
    let mut from = 0.0;
    for i in 1..=panels as u32 {
        let to = width * f64::from(i);
        let parts = (delta * (time(to) - time(from)) / STEEPEST).ceil().max(1.0);
        // Parts of equal lengths of time.
        let between = |part: f64| (time(from) + (time(to) - time(from)) * (part / parts)) / scale;
        let mut begin = from;
        for part in 1..=parts as u32 {
            let stop = if f64::from(part) == parts { to } else { between(f64::from(part)).ln_1p() };
            integral += TWENTY.integrate(begin, stop, |v| {
                let s = time(v);
                (-delta * s).exp() * increasing(s) * (s + scale)
            });
            begin = stop;
        }
        from = to;
    }
    (-delta * t).exp() * increasing(t) + delta * integral
}

/// `∫₀ᵗ G(s) dE(s) = G(t) E(t) + ∫₀ᵗ E(s) G(s) h(s) ds` for an increasing `E` with `E(0) = 0` and a weight `G` that falls from 1 with the
/// hazard `h`.
///
/// `E` and `G` may bend on the time scale `scale` near zero; the integral is taken over `v = ln(1 + s/scale)`, in which both are smooth,
/// by 20-point Gauss-Legendre panels of length at most 1, shorter where the weight falls quickly, to where nothing of it is left.
pub fn weighted_increase(
    increasing: impl Fn(f64) -> f64,
    weight: impl Fn(f64) -> f64,
    hazard: impl Fn(f64) -> f64,
    t: f64,
    scale: f64,
) -> f64 {
    /// The most that the weight may fall over a panel, in its logarithm.
    const STEEPEST: f64 = 4.0;
    let end = (t / scale).ln_1p();
    let time = |v: f64| scale * v.exp_m1();
    let (all, mut integral, mut from) = (increasing(t), 0.0, 0.0);
    while from < end {
        let mut length = (end - from).min(1.0);
        while length * hazard(time(from + length)) * (time(from + length) + scale) > STEEPEST {
            length *= 0.5;
        }
        let to = if end - from <= length { end } else { from + length };
        let part = TWENTY.integrate(from, to, |v| {
            let s = time(v);
            increasing(s) * weight(s) * hazard(s) * (s + scale)
        });
        integral += part;
        let left = weight(time(to)) * all;
        if left < 1e-18 * integral || left == 0.0 || to <= from {
            return integral;
        }
        from = to;
    }
    weight(t) * all + integral
}

/// `z ∫₀^∞ e^(-z w) (1 + w)^-n dw` for `n ≥ 0, z > 0`: the present value of a perpetuity that dies away like `(1 + w)^-n`, in
/// shares of one that does not. It is `z U(1, 2 - n, z)`, or `z e^z E_n(z)` with the generalised exponential integral.
///
/// For `z ≥ 1` by a continued fraction; below, over `v = ln(1 + w)`, in which the integrand is log-concave. Relative error
/// about 1e-14.
pub fn discounted_share(n: f64, z: f64) -> f64 {
    if z >= 1.0 {
        return z * scaled_exponential_integral(n, z);
    }
    let slope = |v: f64| (1.0 - n) - z * v.exp();
    let ln_z = z.ln();
    log_concave_integral(0.0, f64::INFINITY, slope, |v| (ln_z + (1.0 - n) * v - z * v.exp_m1()).exp())
}

/// `e^z E_n(z) = 1/(z + n - 1 n/(z + n + 2 - 2 (n + 1)/(z + n + 4 - ...)))`, from the front, by the modified Lentz method. The
/// number of terms is about `80/z`. Source: NIST Digital Library of Mathematical Functions, 8.19.17, contracted.
fn scaled_exponential_integral(n: f64, z: f64) -> f64 {
    const MOST_TERMS: u32 = 1000;
    let mut b = z + n;
    let (mut c, mut d) = (f64::INFINITY, 1.0 / b);
    let mut value = d;
    for i in 1..MOST_TERMS {
        let k = f64::from(i);
        let a = -k * (n - 1.0 + k);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        value *= c * d;
        if (c * d - 1.0).abs() < 3e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discounting_a_constant_stream_and_a_saturating_one() {
        // E(s) = s: (1 - e^(-δt)) / δ. E(s) = 1 - e^(-s): (1 - e^(-(1+δ)t)) / (1 + δ).
        let (t, delta) = (52.0, 0.05);
        let constant = discounted_increase(|s| s, t, delta, 40.0);
        assert!((constant / (-(-delta * t).exp_m1() / delta) - 1.0).abs() < 1e-13);
        let saturating = discounted_increase(|s| -(-s).exp_m1(), t, delta, 1.0);
        assert!((saturating / (-(-(1.0 + delta) * t).exp_m1() / (1.0 + delta)) - 1.0).abs() < 1e-13, "{saturating}");
    }

    #[test]
    fn weights_of_any_form() {
        // ∫ e^(-δ s) ds, and ∫ (1 + s)^-2 ds = t/(1 + t).
        let discounted = weighted_increase(|s| s, |s| (-0.05 * s).exp(), |_| 0.05, 52.0, 3.0);
        assert!((discounted / (-(-0.05f64 * 52.0).exp_m1() / 0.05) - 1.0).abs() < 1e-14, "{discounted}");
        for t in [1e-3, 1.0, 1e4] {
            let power = weighted_increase(|s| s, |s| (1.0 + s).powi(-2), |s| 2.0 / (1.0 + s), t, 0.3);
            assert!((power / (t / (1.0 + t)) - 1.0).abs() < 1e-13, "{t}: {power}");
        }
    }

    /// (n, z, z U(1, 2 - n, z)) computed with mpmath at 50 digits.
    const SHARES: &[(f64, f64, f64)] = &[
        (0.5, 1e-06, 0.00177045562202691925),
        (0.5, 0.3, 0.574739144059374456),
        (1.0, 0.001, 0.00633787407032548809),
        (1.0, 2.0, 0.722657233776445169),
        (1e-06, 1e-06, 0.999986761779317018),
        (1e-06, 5.0, 0.999999829577849335),
        (1.6, 0.02, 0.0278100211615048592),
        (3.25, 1000000.0, 0.999996750013812427),
        (40.0, 1e-09, 2.56410256403508788e-11),
        (1000.5, 3.0, 0.00299250976156659984),
        (100000.0, 1000.0, 0.00990108715895713872),
        (2.0, 1e+30, 1.0),
        (7.5, 1e-12, 1.53846153846125871e-13),
    ];

    #[test]
    fn shares_agree_with_fifty_digits() {
        for &(n, z, known) in SHARES {
            assert!(
                (discounted_share(n, z) / known - 1.0).abs() < 1e-13,
                "{n} {z}: {} {known}",
                discounted_share(n, z)
            );
        }
    }
}
