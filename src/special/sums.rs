//! Sums over long runs of whole numbers by few of their terms.

use std::sync::LazyLock;

/// Points of a rule. On a run `[n, 2n)` of a function that is analytic to the right of zero, twelve leave an error of
/// `(3 + √8)^-24 = 4e-19`.
pub const POINTS: usize = 12;

/// The shortest run for which a rule is worth having, `2^5`, and the longest whose terms are told from an integral, `2^20`.
const SHORTEST: u32 = 5;
const LONGEST: u32 = 20;

/// Points `y` and weights with `Σ_{0 ≤ i < n} f(i) = n Σ_k w_k f(n y_k - 1/2)`, exact for polynomials of degree 23: the rule of Gauss
/// for the sum, as that of Legendre is for the integral. Its polynomials are those of Gram; all weights are positive.
#[derive(Clone, Copy, Debug)]
struct Rule {
    points: [(f64, f64); POINTS],
    /// `Π_{j≠k} 1/(y_k - y_j)`, for the polynomial through the values at the points.
    barycentric: [f64; POINTS],
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| (SHORTEST..=LONGEST).map(Rule::new).collect());

impl Rule {
    /// For `n = 2^log2` terms. With `x = 2y - 1` the polynomials satisfy `p_{k+1} = x p_k - β_k p_{k-1}`,
    /// `β_k = k² (1 - k²/n²)/(4k² - 1)` (Abramowitz & Stegun 1964, 22.17; of Legendre for infinite `n`). The zeros of each lie
    /// between those of the one before.
    fn new(log2: u32) -> Self {
        let n = f64::from(log2).exp2();
        let beta = |k: usize| {
            let square = (k * k) as f64;
            square * (1.0 - square / (n * n)) / (4.0 * square - 1.0)
        };
        let last_two =
            |degree: usize, x: f64| (1..degree).fold((1.0, x), |(before, here), k| (here, x * here - beta(k) * before));
        let mut zeros = vec![0.0];
        for degree in 2..=POINTS {
            let ends = [&[-1.0], &zeros[..], &[1.0]].concat();
            zeros = ends.windows(2).map(|ends| zero_between(ends[0], ends[1], |x| last_two(degree, x).1)).collect();
        }
        // One over the sum of squares of the polynomials scaled to norm 1.
        let weight = |x: f64| {
            let (mut before, mut here, mut norm, mut sum) = (1.0, x, 1.0, 1.0);
            for k in 1..POINTS {
                norm *= beta(k);
                sum += here * here / norm;
                (before, here) = (here, x * here - beta(k) * before);
            }
            1.0 / sum
        };
        let mut points = [(0.0, 0.0); POINTS];
        points.iter_mut().zip(&zeros).for_each(|(point, &x)| *point = (0.5 * (x + 1.0), weight(x)));
        let factor =
            |y: f64| points.iter().filter(|(other, _)| *other != y).map(|(other, _)| y - other).product::<f64>();
        Self { points, barycentric: points.map(|(y, _)| 1.0 / factor(y)) }
    }
}

/// Where a function changes its sign.
fn zero_between(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let rising = f(low) < 0.0;
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if (f(middle) < 0.0) == rising { low = middle } else { high = middle }
    }
}

/// A run of `2^log2` whole numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// The first of them.
    pub from: f64,
    /// How many, as a power of two.
    pub log2: u32,
}

impl Run {
    /// Whether it is long enough for a rule; of shorter ones the terms are taken singly.
    pub fn is_long(&self) -> bool {
        self.log2 >= SHORTEST
    }

    /// Number of terms.
    pub fn length(&self) -> f64 {
        f64::from(self.log2).exp2()
    }

    /// The first number after it.
    pub fn end(&self) -> f64 {
        self.from + self.length()
    }

    /// The two halves of the range.
    pub fn halves(&self) -> [Self; 2] {
        let log2 = self.log2 - 1;
        let first = Self { from: self.from, log2 };
        [first, Self { from: first.end(), log2 }]
    }

    /// Points, not whole numbers, and their weights: `Σ_{from ≤ i < end} f(i) = Σ w f(point)` for a long run over which `f` is
    /// close to a polynomial.
    pub fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let n = self.length();
        self.rule().points.iter().map(move |(y, weight)| (self.from + (n * y - 0.5), n * weight))
    }

    /// The polynomial through these values at the points, at `i`. Berrut & Trefethen (2004), Barycentric Lagrange
    /// Interpolation, SIAM Review 46(3).
    pub fn interpolated(&self, values: &[f64; POINTS], i: f64) -> f64 {
        let rule = self.rule();
        let at = ((i - self.from) + 0.5) / self.length();
        let (mut over, mut under) = (0.0, 0.0);
        for (((y, _), factor), value) in rule.points.iter().zip(&rule.barycentric).zip(values) {
            if at == *y {
                return *value;
            }
            let share = factor / (at - y);
            over += share * value;
            under += share;
        }
        over / under
    }

    fn rule(&self) -> &'static Rule {
        &RULES[(self.log2.clamp(SHORTEST, LONGEST) - SHORTEST) as usize]
    }
}

/// Points and weights for `Σ_{from ≤ i < to} f(i)`, `f` analytic to the right of zero: the number of points grows with the
/// logarithm of the range. Terms before `exact` are taken singly.
pub fn sum_points(from: u32, to: u32, exact: u32, mut each: impl FnMut(f64, f64)) {
    let mut at = from;
    while at < to {
        let log2 = (to - at).min(at.max(1)).ilog2();
        if at < exact || log2 < SHORTEST {
            each(f64::from(at), 1.0);
            at += 1;
        } else {
            Run { from: f64::from(at), log2 }.points().for_each(|(point, weight)| each(point, weight));
            at += 1 << log2;
        }
    }
}

/// Terms that are added singly before runs begin.
const SINGLE: u32 = 64;

/// More runs than any sum has been seen to take.
const MOST_PIECES: usize = 4000;

/// Share of the sum by which rules may differ where terms have lost some digits.
const CLOSE: f64 = 1e-13;

/// `Σ_{0 ≤ i < end} f(i)` of a positive function that is analytic to the right of zero and rises, if at all, without a narrow peak, and
/// the first number `end` beyond 64 from which on `is_over` says so. The sum is known to be `least` or more.
pub fn sum_until(f: impl Fn(f64) -> f64, is_over: impl Fn(f64) -> bool, least: f64) -> (f64, f64) {
    let mut sum: f64 = (0..SINGLE).map(|i| f(i.into())).sum();
    let mut from = f64::from(SINGLE);
    let mut pieces = 0;
    while from.is_finite() && !is_over(from) {
        let run = Run { from, log2: from.log2() as u32 };
        add_run(run, rule_over(&run, &f), &f, least, &mut sum, &mut pieces);
        from = run.end();
    }
    (sum, from)
}

fn rule_over(run: &Run, f: &impl Fn(f64) -> f64) -> f64 {
    run.points().map(|(i, weight)| weight * f(i)).sum()
}

/// Adds the terms of a run, to this share of the sum, which is at least so much.
fn add_run(run: Run, whole: f64, f: &impl Fn(f64) -> f64, least: f64, sum: &mut f64, pieces: &mut usize) {
    *pieces += 1;
    let [first, second] = run.halves();
    if !first.is_long() {
        *sum += (0..1u32 << run.log2).map(|i| f(run.from + f64::from(i))).sum::<f64>();
        return;
    }
    let halves = [first, second].map(|half| rule_over(&half, f));
    if *pieces > MOST_PIECES || (halves[0] + halves[1] - whole).abs() <= CLOSE * (*sum + whole).max(least) {
        *sum += halves[0] + halves[1];
        return;
    }
    add_run(first, halves[0], f, least, sum, pieces);
    add_run(second, halves[1], f, least, sum, pieces);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(from: u32, to: u32, f: impl Fn(f64) -> f64) -> (f64, u32) {
        let (mut sum, mut terms) = (0.0, 0);
        sum_points(from, to, 64, |i, weight| {
            sum += weight * f(i);
            terms += 1;
        });
        (sum, terms)
    }

    #[test]
    fn functions_that_rise_and_fall_are_added_up() {
        // A geometric series that begins with a step at a million, a thousand wide; all of its terms added exactly.
        let ratio = 1.0 - 1e-5;
        let f = |i: f64| (i * f64::ln(ratio)).exp() / (1.0 + ((1e6 - i) / 1e3).exp());
        let (sum, end) = sum_until(f, |i| i > 1e7, 1e-9);
        assert!((sum / 4.540490133422817 - 1.0).abs() < 1e-13 && end > 1e7, "{sum} {end}");
    }

    #[test]
    fn rules_are_exact_for_polynomials() {
        // Σ_{i<32} i^23 over 32, in 40 digits, and of odd degree about the middle.
        let run = Run { from: 0.0, log2: 5 };
        let power: f64 = run.points().map(|(i, weight)| weight * i.powi(23)).sum();
        let known: f64 = (0..32u32).map(|i| f64::from(i).powi(23)).sum();
        assert!((power / known - 1.0).abs() < 1e-13, "{power} {known}");
        for log2 in 5..=40 {
            let run = Run { from: 7.0, log2 };
            assert!(run.points().all(|(i, weight)| weight > 0.0 && i > 6.0 && i < run.end()));
            let total: f64 = run.points().map(|(_, weight)| weight).sum();
            let first: f64 = run.points().map(|(i, weight)| weight * i).sum();
            let n = run.length();
            assert!((total / n - 1.0).abs() < 1e-14 && (first / (n * (7.0 + 0.5 * (n - 1.0))) - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn values_between_the_points_are_those_of_the_polynomial() {
        let run = Run { from: 1000.0, log2: 9 };
        let f = |i: f64| (i / 1000.0).powi(11) - 3.0 * (i / 1000.0).powi(4);
        let mut values = [0.0; POINTS];
        values.iter_mut().zip(run.points()).for_each(|(value, (i, _))| *value = f(i));
        for i in [1000.0, 1000.4, 1100.0, 1255.5, 1511.0, run.points().next().unwrap().0] {
            assert!((run.interpolated(&values, i) / f(i) - 1.0).abs() < 1e-12, "{i}");
        }
    }

    /// (from, to, Σ ln(i + 1/2), Σ 1/(i + 3), Σ i/(i + 10⁻⁶)²) computed with mpmath at 50 digits.
    const SUMS: &[(u32, u32, f64, f64, f64)] = &[
        (0, 1000000, 12815510.9045378227, 12.8927287228627236, 14.3927224330031961),
        (100, 100001, 1050943.54282513656, 6.88309369995618433, 6.91276859214347441),
        (64, 97, 144.578669061603107, 0.402950483397720699, 0.418497233079463832),
        (777, 1000003, 12811157.7274017957, 7.15686330087784735, 7.16071634369438752),
        (5, 70, 224.355196278031558, 2.26795301071207134, 2.73521729614966755),
    ];

    #[test]
    fn sums_agree_with_fifty_digits() {
        for &(from, to, logarithms, inverses, bends) in SUMS {
            let (ours, terms) = sum(from, to, |i| (i + 0.5).ln());
            assert!((ours / logarithms - 1.0).abs() < 1e-15, "{from} {to}: {ours}");
            assert!(terms < 500, "{terms}");
            assert!((sum(from, to, |i| 1.0 / (i + 3.0)).0 / inverses - 1.0).abs() < 1e-14);
            assert!((sum(from, to, |i| i / (i + 1e-6).powi(2)).0 / bends - 1.0).abs() < 1e-14);
        }
    }
}
