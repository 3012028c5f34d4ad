//! The gamma function's logarithm, its derivatives, and differences of those, for positive arguments.

/// `ln Γ(z)` for `z > 0`. Relative error about 2e-16; `+∞` at 0.
pub fn ln_gamma(z: f64) -> f64 {
    libm::lgamma(z)
}

/// From this argument on the asymptotic expansions below, cut after eight terms, are exact to double precision.
const ASYMPTOTIC: f64 = 12.0;

/// Bernoulli numbers `B_2, B_4, …, B_16`.
const BERNOULLI: [f64; 8] =
    [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0, -3617.0 / 510.0];

/// `ln √(2π)`
pub(super) const LN_SQRT_TWO_PI: f64 = 0.918_938_533_204_672_74;

/// The error of Stirling's formula, `δ(z) = ln Γ(z + 1) - (z + 1/2) ln z + z - ln √(2π)`, for `z > 0`.
///
/// `Σ B_2k / (2k (2k - 1) z^(2k-1))` from 12 on, the definition below. Absolute error about 5e-15, far less for large `z`.
pub fn stirling_error(z: f64) -> f64 {
    if z < ASYMPTOTIC {
        return ln_gamma(z + 1.0) - (z + 0.5) * z.ln() + z - LN_SQRT_TWO_PI;
    }
    let inverse_square = 1.0 / (z * z);
    let series = BERNOULLI.iter().enumerate().rev().fold(0.0, |sum, (i, bernoulli)| {
        let k = (i + 1) as f64;
        sum * inverse_square + bernoulli / (2.0 * k * (2.0 * k - 1.0))
    });
    series / z
}

/// `ψ'(z) = d²/dz² ln Γ(z)` for `z > 0`.
///
/// Recurrence `ψ'(z) = ψ'(z+1) + 1/z²` up to 12, then `1/z + 1/(2z²) + Σ B_2k / z^(2k+1)`.
/// Relative error about 1e-15. Source: Abramowitz & Stegun (1964), 6.4.6 and 6.4.12.
pub fn trigamma(z: f64) -> f64 {
    let (mut z, mut below) = (z, 0.0);
    while z < ASYMPTOTIC {
        below += 1.0 / (z * z);
        z += 1.0;
    }
    let inverse_square = 1.0 / (z * z);
    let tail = BERNOULLI.iter().rev().fold(0.0, |sum, bernoulli| (sum + bernoulli) * inverse_square);
    below + 1.0 / z + 0.5 * inverse_square + tail / z
}

/// `ψ(z + d) - ψ(z)` for `z > 0, d ≥ 0`, without the cancellation where `d` is small beside `z`.
///
/// Recurrence up to 12, then the expansion `ψ(z) = ln z - 1/(2z) - Σ B_2k / (2k z^2k)` (Abramowitz & Stegun 1964, 6.3.18)
/// subtracted term by term: with `s = 1/z, w = 1/(z + d)`,
/// `s^m - w^m = (s - w)(s^(m-1) + s^(m-2) w + … + w^(m-1))` and `s - w = d s w`. Relative error about 2e-15.
pub fn digamma_difference(z: f64, d: f64) -> f64 {
    let (mut z, mut below) = (z, 0.0);
    while z < ASYMPTOTIC {
        below += d / (z * (z + d));
        z += 1.0;
    }
    let (s, w) = (1.0 / z, 1.0 / (z + d));
    below + (d * s).ln_1p() + d * s * w * (0.5 + digamma_tail(s, w))
}

/// `Σ B_2k/2k (s^2k - w^2k) / (s - w)`
fn digamma_tail(s: f64, w: f64) -> f64 {
    let terms = BERNOULLI.iter().enumerate().rev();
    terms.map(|(i, bernoulli)| bernoulli / (2 * i + 2) as f64 * geometric(s, w, 2 * i + 2)).sum()
}

/// `ψ'(z) - ψ'(z + d)` for `z > 0, d ≥ 0`, likewise. Relative error about 2e-15.
pub fn trigamma_difference(z: f64, d: f64) -> f64 {
    let (mut z, mut below) = (z, 0.0);
    while z < ASYMPTOTIC {
        below += d / (z * (z + d)) * (1.0 / z + 1.0 / (z + d));
        z += 1.0;
    }
    let (s, w) = (1.0 / z, 1.0 / (z + d));
    below + d * s * w * (1.0 + 0.5 * (s + w) + trigamma_tail(s, w))
}

/// `Σ B_2k (s^(2k+1) - w^(2k+1)) / (s - w)`
fn trigamma_tail(s: f64, w: f64) -> f64 {
    let terms = BERNOULLI.iter().enumerate().rev();
    terms.map(|(i, bernoulli)| bernoulli * geometric(s, w, 2 * i + 3)).sum()
}

/// First and second derivative of `ln Γ(z + d) - ln Γ(z)` in `ln z`, for `z, d > 0`:
/// `z [ψ(z+d) - ψ(z)]`, and that less `z² [ψ'(z) - ψ'(z+d)]`.
///
/// Both terms of the second nearly cancel for `z` large beside `d`, where their expansions are subtracted by hand, and their poles do
/// at zero, where `ψ(z) = ψ(1+z) - 1/z` and `ψ'(z) = ψ'(1+z) + 1/z²` are put in.
pub fn ln_gamma_ratio_slopes(z: f64, d: f64) -> (f64, f64) {
    if z < 1.0 {
        // ψ(z + d) - ψ(1 + z) = ψ(1 + z + d) - ψ(1 + z) - 1/(z + d)
        let inverse = 1.0 / (z + d);
        let first = z * (digamma_difference(1.0 + z, d) - inverse);
        let second = z * z * (inverse * inverse - trigamma_difference(1.0 + z, d));
        return (1.0 + first, first + second);
    }
    let first = z * digamma_difference(z, d);
    if z < ASYMPTOTIC || d > 0.25 * z {
        return (first, first - z * z * trigamma_difference(z, d));
    }
    let (s, w) = (1.0 / z, 1.0 / (z + d));
    let share = d * w;
    // z ln(1 + d/z) - z d/(z + d) = z (v²/2 + v³/3 + …), v = d/(z + d), and -z d w²/2 from the next terms.
    let second = z * cubic_rest(share) + 0.5 * z * w * w * d * (d - 1.0);
    (first, second + share * (digamma_tail(s, w) - z * trigamma_tail(s, w)))
}

/// `-ln(1 - v) - v - v²/2 = v³/3 + v⁴/4 + …` for `0 ≤ v ≤ 0.2`.
fn cubic_rest(v: f64) -> f64 {
    (3..26).rev().fold(0.0, |sum, k| (sum + 1.0 / f64::from(k)) * v) * v * v
}

/// `Σ_{i < m} ln(1 + a/(b + i)) = ln [ Γ(a + b + m) Γ(b) / (Γ(a + b) Γ(b + m)) ]`, for `a, b > 0` and also between whole `m ≥ 0`.
///
/// Of few terms the sum; of many, its first terms and then the difference of Stirling's formulas, taken by hand. Relative error
/// about 1e-15, absolute about 1e-17 where it is small.
pub fn ln_rising_ratio(a: f64, b: f64, m: f64) -> f64 {
    const MANY: f64 = 64.0;
    let term = |i: f64| (a / (b + i)).ln_1p();
    if m <= MANY && m.fract() == 0.0 {
        return (0..m as u32).map(|i| term(f64::from(i))).sum();
    }
    let skipped = (ASYMPTOTIC - b).ceil().max(0.0);
    let skipped_terms: f64 = (0..skipped as u32).map(|i| term(f64::from(i))).sum();
    skipped_terms + rising_ratio_by_stirling(a, b + skipped, m - skipped)
}

/// `ln B(a, b) - ln B(a, b + m) = ln [ Γ(a + b + m) Γ(b) / (Γ(a + b) Γ(b + m)) ]` for `a, b > 0` and any `m ≥ 0`, small or large, whole or
/// not; of whole ones [`ln_rising_ratio`].
///
/// The recurrence in `b`, whose terms `ln(1 + a m/(b (a + b + m)))` are positive, up to 12, then the difference of Stirling's formulas.
/// Relative error about 1e-14, absolute about 1e-19 where it is small.
pub fn ln_beta_ratio(a: f64, b: f64, m: f64) -> f64 {
    let (mut b, mut below) = (b, 0.0);
    while b < ASYMPTOTIC {
        below += (a / b * (m / (a + b + m))).ln_1p();
        b += 1.0;
    }
    below + rising_ratio_by_stirling(a, b, m)
}

/// [`ln_rising_ratio`] for large `b`.
fn rising_ratio_by_stirling(a: f64, b: f64, m: f64) -> f64 {
    // ln of (a + b + m) b / ((a + b)(b + m)), in the form that keeps its digits
    let cross = (a / (a + b)) * (m / (b + m));
    let bend = if cross < 0.5 { (-cross).ln_1p() } else { (a / (b + m)).ln_1p() - (a / b).ln_1p() };
    let stirling = (stirling_error(a + b + m) - stirling_error(a + b)) - (stirling_error(b + m) - stirling_error(b));
    (b - 0.5) * bend + a * (m / (a + b)).ln_1p() + m * (a / (b + m)).ln_1p() + stirling
}

/// `s^(m-1) + s^(m-2) w + … + w^(m-1)`.
fn geometric(s: f64, w: f64, m: usize) -> f64 {
    let (mut sum, mut power) = (1.0, 1.0);
    for _ in 1..m {
        power *= w;
        sum = sum * s + power;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (z, ψ'(z)) computed with mpmath at 50 digits.
    const TRIGAMMA: [(f64, f64); 7] = [
        (1e-3, 1000001.6425331958),
        (0.25, 17.197329154507111),
        (1.0, 1.6449340668482264),
        (2.5, 0.49035775610023486),
        (11.9, 0.087663201190004184),
        (12.1, 0.086153646470986286),
        (1e6, 1.0000005000001667e-6),
    ];

    #[test]
    fn trigamma_agrees_with_fifty_digits() {
        for (z, known) in TRIGAMMA {
            assert!((trigamma(z) / known - 1.0).abs() < 2e-15, "ψ'({z}) = {}", trigamma(z));
        }
    }

    /// (a, b, m, Σ_{i<m} ln(1 + a/(b + i))) computed with mpmath at 60 digits.
    const RISING: &[(f64, f64, f64, f64)] = &[
        (0.8, 2.4, 63.0, 2.67465093843554635),
        (0.8, 2.4, 65.0, 2.69878533396207155),
        (0.8, 2.4, 1000000.0, 10.3838647816632486),
        (1e-06, 1e-06, 1000000.0, 0.693161573283200778),
        (1e+30, 1e-30, 1000000.0, 56262117.2982265487),
        (1e+30, 1e+30, 1000000.0, 693147.180559945309),
        (1.0, 1e+30, 1000000.0, 9.9999999999999998e-25),
        (1e-20, 12.0, 100000.0, 9.07037877838658853e-20),
        (1000000.0, 3.0, 100.5, 1013.86163965652744),
        (0.3, 1000000.0, 4321.25, 0.00129358251464035785),
        (0.000574503318756264, 766.6276976543361, 707.0, 0.000375606828662775261),
        (11978.454068988718, 32689.33472563301, 21.0, 6.55455692216831779),
        (1.8338332004148478e-08, 561541220.935541, 198.0, 6.46611319799456925e-15),
        (0.00048598092233424815, 818270152909.3721, 2245.0, 1.33333369824772729e-12),
        (536079284.7571284, 33.65612980399818, 15679.0, 179126.127436494395),
        (1.0287941367305442e-05, 49798.14503196385, 218890.0, 0.0000173411671349580659),
        (290.81995818756656, 6684010.50875723, 22753.0, 0.988275906648619129),
        (1.908221411191584e-07, 14608476.482389688, 9026.0, 1.17865051604168079e-10),
        (0.01060115514444345, 4.170950438899323e-08, 212635.0, 12.5818235000611178),
        (28.508986170368207, 2379460.3991019125, 247778.0, 2.82407086493116101),
        (1916856.810496741, 26422466240.151936, 943.0, 0.0684088441806542444),
        (104273852.60339154, 7.805866527629177, 476358.0, 3044261.85565126925),
        (3778619894.082348, 8.893776155105558e-07, 47.0, 917.453524858275101),
        (0.00021864463468102458, 203987134826.11197, 1516.0, 1.62493220578887584e-12),
    ];

    #[test]
    fn rising_ratios_agree_with_sixty_digits() {
        for &(a, b, m, known) in RISING {
            let ours = ln_rising_ratio(a, b, m);
            assert!((ours - known).abs() < 5e-15 * known + 1e-17, "{a} {b} {m}: {ours} {known}");
        }
    }

    /// (z, d, ψ(z + d) - ψ(z), ψ'(z) - ψ'(z + d)) computed with mpmath at 50 digits.
    const DIFFERENCES: &[(f64, f64, f64, f64)] = &[
        (1e-06, 1e-06, 500000.000001644953, 7.5000000000000007e+11),
        (1e-06, 1000000.0, 1.00001439272407798e+6, 1.00000000000164502e+12),
        (0.3, 0.7, 2.92530855729860017, 10.6004304792595047),
        (5.0, 1e-06, 2.21322931342252764e-7, 4.8789721531202742e-8),
        (11.99, 3.0, 0.23186475807470984, 0.0179916438656011163),
        (12.0, 1e-09, 8.69018728679947935e-11, 7.54720536834386579e-12),
        (1000.0, 0.001, 1.00049966616671719e-6, 1.00099949849983536e-9),
        (100000000000.0, 1.0, 1.0e-11, 1.0e-22),
        (100000000000.0, 1000000.0, 9.99995000038333033e-6, 9.9999000010999885e-17),
        (40.0, 1000000.0, 10.1392226831493682, 0.0253141038807894681),
    ];

    #[test]
    fn differences_agree_with_fifty_digits() {
        for &(z, d, first, second) in DIFFERENCES {
            assert!((digamma_difference(z, d) / first - 1.0).abs() < 3e-15, "ψ at {z} {d}");
            assert!((trigamma_difference(z, d) / second - 1.0).abs() < 3e-15, "ψ' at {z} {d}");
        }
    }

    /// (a, b, m, ln B(a, b) - ln B(a, b + m)) computed with mpmath at 40 digits.
    const BETA_RATIOS: &[(f64, f64, f64, f64)] = &[
        (0.8, 2.4, 0.3, 0.0976075439859023838),
        (0.25934, 1.72255, 7.99, 0.496267932389061001),
        (2.0, 3.0, 0.001, 0.000583246545327728171),
        (5.0, 0.4, 65.5, 18.0880650558193831),
        (1.5, 30.25, 0.7, 0.0340408429389651433),
        (1.3, 12.0, 1e6, 14.7139046966608377),
        (0.001, 1000.0, 0.41, 4.10120752121512705e-7),
        (1e-6, 1e6, 0.5, 5.00000124999749977e-13),
        (300.0, 0.001, 12.5, 59.7041191372444299),
        (1e4, 1e4, 3.7, 2.56439485802452212),
    ];

    #[test]
    fn ratios_of_beta_functions_agree_with_forty_digits() {
        for &(a, b, m, known) in BETA_RATIOS {
            let ours = ln_beta_ratio(a, b, m);
            assert!((ours - known).abs() < 2e-14 * known + 1e-19, "{a} {b} {m}: {ours} {known}");
        }
        assert_eq!(ln_beta_ratio(0.3, 2.0, 0.0), 0.0);
    }
}
