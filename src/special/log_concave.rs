//! Integrals of positive functions whose logarithm is concave, by Gauss-Legendre panels outwards from the mode.

use super::quadrature::{EIGHT, GaussLegendre, TWELVE, TWENTY};

/// Longest panel. The integrands of the family are, over the logarithm of time, analytic for `|Im v| < π`, and with 20
/// points a panel this long is exact to `((π + √(π² + 1.5²))/1.5)^-40 = 1e-26`.
const LONGEST: f64 = 3.0;

/// Most that the logarithm may change over a panel: 20 points integrate `e^-16v` over `[0, 1]` to 1e-21.
const STEEPEST: f64 = 16.0;

/// A part of the range with the rule that is exact on it.
#[derive(Clone, Copy, Debug)]
pub struct Panel {
    /// Where it begins, on the side of the mode.
    pub from: f64,
    /// Where it ends; below `from` if the march is to the left.
    pub to: f64,
    rule: &'static GaussLegendre,
}

impl Panel {
    /// The panel with more nodes, for what has a factor besides that is a polynomial of high degree.
    pub fn finer(self) -> Self {
        let rule: &'static GaussLegendre =
            if self.rule.points().len() < TWELVE.points().len() { &TWELVE } else { &TWENTY };
        Self { rule, ..self }
    }

    /// Calls `visit` with every node and its weight.
    #[inline]
    pub fn for_each(&self, mut visit: impl FnMut(f64, f64)) {
        let (middle, half) = (0.5 * (self.from + self.to), 0.5 * (self.to - self.from));
        for &(node, weight) in self.rule.points() {
            visit(middle + half * node, half.abs() * weight);
        }
    }
}

/// Panels from `from` to `to`, in this direction, along which a function falls whose logarithm has this slope; the slope
/// must not become less steep along the way. Infinitely many if `to` is infinite.
pub fn panels(from: f64, to: f64, slope: impl Fn(f64) -> f64) -> impl Iterator<Item = Panel> {
    let direction = if to < from { -1.0 } else { 1.0 };
    let mut at = from;
    std::iter::from_fn(move || {
        let left = (to - at).abs();
        if at == to || left.is_nan() {
            return None;
        }
        let mut length = left.min(LONGEST);
        let mut fall = length * slope(at + direction * length).abs();
        while fall > STEEPEST {
            // Not below what the least slope, here, allows.
            length *= (STEEPEST / fall).max(0.25);
            fall = length * slope(at + direction * length).abs();
        }
        let from = at;
        at = if length == left { to } else { at + direction * length };
        if at == from {
            // Too steep for the digits of its position: a spike without width.
            return None;
        }
        let rule = match (fall, length) {
            (fall, length) if fall <= 2.0 && length <= 0.7 => &EIGHT,
            (fall, length) if fall <= 7.0 && length <= 1.5 => &TWELVE,
            _ => &TWENTY,
        };
        Some(Panel { from, to: at, rule })
    })
}

/// `∫ f` over `[from, to]`, either of which may be infinite, for `f > 0` whose logarithm is concave with this slope.
///
/// Relative error about 1e-14, if `f` is analytic within a distance of π from the range and loses no digits itself.
pub fn log_concave_integral(from: f64, to: f64, slope: impl Fn(f64) -> f64, f: impl Fn(f64) -> f64) -> f64 {
    integral_around(mode(from, to, &slope), from, to, slope, f)
}

/// [`log_concave_integral`] of a function whose mode is known.
pub fn integral_around(mode: f64, from: f64, to: f64, slope: impl Fn(f64) -> f64, f: impl Fn(f64) -> f64) -> f64 {
    if from >= to {
        return 0.0;
    }
    let mut sum = 0.0;
    for end in [to, from] {
        for panel in panels(mode, end, &slope) {
            let mut part = 0.0;
            panel.for_each(|v, weight| part += weight * f(v));
            sum += part;
            if part <= 1e-19 * sum || part.is_nan() {
                break;
            }
        }
    }
    sum
}

/// About where a decreasing slope is zero, or the end of the range that is nearest to it. Of an empty range, its beginning.
pub fn mode(from: f64, to: f64, slope: impl Fn(f64) -> f64) -> f64 {
    if from >= to || to.is_nan() {
        return from;
    }
    let bounded = |v: f64| v.clamp(from, to);
    let (mut low, mut high) = (bounded(0.0), bounded(0.0));
    let mut step = 1.0;
    while low > from && slope(low) < 0.0 {
        (high, low) = (low, bounded(low - step));
        step *= 2.0;
    }
    step = 1.0;
    while high < to && slope(high) > 0.0 {
        (low, high) = (high, bounded(high + step));
        step *= 2.0;
    }
    if slope(low) <= 0.0 {
        return low;
    }
    if slope(high) >= 0.0 {
        return high;
    }
    // Good to the digits of the position: where the peak is narrow, so must this be.
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if slope(middle) > 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrals_with_known_values() {
        // ∫ e^(a v - e^v) dv = Γ(a), from a spike a thousandth wide to a tail a thousand long.
        for a in [1e-3f64, 0.5, 1.0, 7.5, 150.0, 1e6] {
            let ln_top = a * a.ln() - a;
            let ours = log_concave_integral(
                f64::NEG_INFINITY,
                f64::INFINITY,
                |v| a - v.exp(),
                |v| (a * v - v.exp() - ln_top).exp(),
            );
            let known = (super::super::ln_gamma(a) - ln_top).exp();
            // Rounding of a v - e^v - ln_top is a multiple of a.
            assert!((ours / known - 1.0).abs() < 1e-13 + 1e-15 * a, "{a}: {ours} {known}");
        }
        // Half of a logistic density, e^v/(1 + e^v)², whose poles are at ±iπ.
        let density = |v: f64| v.exp() / (1.0 + v.exp()).powi(2);
        let slope = |v: f64| (1.0 - v.exp()) / (1.0 + v.exp());
        let known = 1.0 / (1.0 + (-2f64).exp());
        assert!((log_concave_integral(f64::NEG_INFINITY, 2.0, slope, density) / known - 1.0).abs() < 1e-14);
    }
}
