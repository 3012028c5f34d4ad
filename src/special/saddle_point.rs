//! Loader's saddle-point form of the binomial mass, for real counts: no gamma function of a large argument is subtracted
//! from another. Source: Loader (2000), Fast and Accurate Computation of Binomial Probabilities.

use super::gamma::{LN_SQRT_TWO_PI, stirling_error};

/// The deviance `x ln(x/m) - (x - m) ≥ 0` of `x > 0` from `m > 0`, given `d = x - m` to full precision.
pub fn deviance(x: f64, m: f64, d: f64) -> f64 {
    let v = d / (x + m);
    if v.abs() >= 0.1 {
        return x * (x / m).ln() - d;
    }
    // x ln(x/m) = 2x artanh v, and d = v (x + m)
    let mut sum = d * v;
    let (mut power, square) = (2.0 * x * v, v * v);
    for j in 1..20 {
        power *= square;
        let term = power / f64::from(2 * j + 1);
        sum += term;
        if term.abs() <= 1e-17 * sum.abs() {
            break;
        }
    }
    sum
}

/// `ln [ Γ(x + y + 1) / (Γ(x + 1) Γ(y + 1)) p^x (1 - p)^y ]` for `x, y > 0`, given `p`, `1 - p`, and
/// `d = x (1 - p) - y p`, all to full precision.
pub fn ln_binomial_mass(x: f64, y: f64, p: f64, one_minus_p: f64, d: f64) -> f64 {
    let n = x + y;
    ln_binomial_peak(x, y) - deviance(x, n * p, d) - deviance(y, n * one_minus_p, -d)
}

/// The logarithm of the [binomial mass](ln_binomial_mass) at `p = x/(x + y)`, where it is largest.
pub fn ln_binomial_peak(x: f64, y: f64) -> f64 {
    let n = x + y;
    let spread = 0.5 * (n / (x * y)).ln() - LN_SQRT_TWO_PI;
    spread + (stirling_error(n) - stirling_error(x) - stirling_error(y))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (z, δ(z)) and (x, m, deviance) computed with mpmath at 50 digits.
    const STIRLING: &[(f64, f64)] = &[
        (1e-06, 5.98883098407317986),
        (0.01, 1.4340079537031842),
        (1.0, 0.0810614667953272582),
        (3.5, 0.023746163656297496),
        (11.9, 7.00115605153420994e-3),
        (12.1, 6.88548740280074792e-3),
        (1000.0, 8.33333305555563492e-5),
        (1000000000.0, 8.33333333333333333e-11),
    ];
    const DEVIANCE: &[(f64, f64, f64)] = &[
        (1.0, 2.0, 0.306852819440054691),
        (1000000.0, 1000001.0, 4.99999666666916666e-7),
        (1000000.0, 1100000.0, 4689.82019567513996),
        (0.5, 0.500001, 9.99998666726177877e-13),
        (1e-06, 5.0, 4.9999835750515296),
        (300000.0, 0.001, 5.55578791078614254e+6),
        (10.0, 12.0, 0.176784432060453738),
    ];

    #[test]
    fn stirling_error_and_deviance_agree_with_fifty_digits() {
        for &(z, known) in STIRLING {
            assert!((stirling_error(z) - known).abs() < 5e-15 + 1e-15 * known.abs(), "δ({z})");
        }
        for &(x, m, known) in DEVIANCE {
            assert!((deviance(x, m, x - m) / known - 1.0).abs() < 1e-13, "deviance of {x} from {m}");
        }
    }
}
