//! Gauss-Legendre quadrature: a fixed rule, and an adaptive integral built from it.

use std::sync::LazyLock;

/// A Gauss-Legendre rule on `[-1, 1]`, exact for polynomials of degree `2n - 1`.
#[derive(Debug)]
pub struct GaussLegendre {
    /// `(node, weight)` pairs, nodes ascending.
    points: Vec<(f64, f64)>,
}

impl GaussLegendre {
    /// The `n`-point rule: zeros of the Legendre polynomial by Newton's method from Tricomi's starting values.
    /// Source: Press et al. (2007), Numerical Recipes, section 4.6.1.
    pub fn new(n: usize) -> Self {
        let mut points: Vec<(f64, f64)> = (0..n)
            .map(|i| {
                let mut node = (std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
                let mut slope = 0.0;
                // Quadratic convergence from 1e-2: six steps reach the last bit, and the count is fixed.
                for _ in 0..6 {
                    let (value, derivative) = legendre(n, node);
                    slope = derivative;
                    node -= value / derivative;
                }
                (node, 2.0 / ((1.0 - node * node) * slope * slope))
            })
            .collect();
        points.reverse();
        Self { points }
    }

    /// `∫ f` over `[from, to]`.
    pub fn integrate(&self, from: f64, to: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        half * self.points.iter().map(|&(node, weight)| weight * f(middle + half * node)).sum::<f64>()
    }
}

/// `P_n(x)` and its derivative by the three-term recurrence.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut previous, mut value) = (1.0, x);
    for k in 2..=n {
        let k = k as f64;
        (previous, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * previous) / k);
    }
    (value, n as f64 * (x * value - previous) / (x * x - 1.0))
}

/// The 20-point rule that [`integrate_positive`] and the discounting share.
pub static TWENTY: LazyLock<GaussLegendre> = LazyLock::new(|| GaussLegendre::new(20));

/// Panels halved at most this often: a bound on the work, far beyond what a smooth integrand needs.
const DEEPEST: u32 = 40;

/// `∫ f` over the span of `breaks` (ascending), for a positive `f` that is smooth between the breaks and has no feature
/// much narrower than a twentieth of the gap it lies in: put breaks around a peak.
///
/// Each panel is compared with its two halves and halved until they agree to `1e-14` of the whole.
pub fn integrate_positive(breaks: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let panel = |from: f64, to: f64| TWENTY.integrate(from, to, &f);
    let mut waiting: Vec<(f64, f64, f64, u32)> =
        breaks.windows(2).map(|ends| (ends[0], ends[1], panel(ends[0], ends[1]), 0)).collect();
    let mut pending: f64 = waiting.iter().map(|panel| panel.2).sum();
    let mut settled = 0.0;
    while let Some((from, to, whole, depth)) = waiting.pop() {
        let middle = 0.5 * (from + to);
        let (left, right) = (panel(from, middle), panel(middle, to));
        pending += left + right - whole;
        if (left + right - whole).abs() <= 1e-14 * (settled + pending) || depth == DEEPEST {
            settled += left + right;
            pending -= left + right;
        } else {
            waiting.push((middle, to, right, depth + 1));
            waiting.push((from, middle, left, depth + 1));
        }
    }
    settled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_exact_for_polynomials() {
        let rule = GaussLegendre::new(20);
        // ∫ x^38 over [0, 2] = 2^39 / 39
        let exact = 2f64.powi(39) / 39.0;
        assert!((rule.integrate(0.0, 2.0, |x| x.powi(38)) / exact - 1.0).abs() < 1e-14);
    }

    #[test]
    fn the_adaptive_integral_finds_narrow_peaks_between_breaks() {
        // A normal density of width 1e-3, broken at its mode.
        let density = |x: f64| (-0.5 * (x / 1e-3).powi(2)).exp() / (1e-3 * (2.0 * std::f64::consts::PI).sqrt());
        let integral = integrate_positive(&[-50.0, -0.01, 0.01, 50.0], density);
        assert!((integral - 1.0).abs() < 1e-13, "{integral}");
    }
}
