//! The distribution function of a beta variate, for many arguments at the same parameters.

use std::f64::consts::PI;

use super::gamma::stirling_error;
use super::log_concave::integral_around;
use super::saddle_point::deviance;

/// `P(X ≤ x)` for `X ~ Beta(a, b)`: the regularised incomplete beta function `I_x(a, b)`.
#[derive(Clone, Copy, Debug)]
pub struct BetaCdf {
    a: f64,
    b: f64,
    /// `ln √(a b/(2π (a + b)))` and the errors of Stirling's formula: the density times `x (1 - x)` at its peak.
    ln_peak: f64,
    /// `ln` of the density times `x (1 - x)`, but for `x^a (1 - x)^b`.
    ln_front: f64,
}

/// Of larger parameters the continued fraction takes more terms, about `√max(a, b)`, than an integral takes points, and `ln_front`
/// loses digits.
const LARGE: f64 = 1e5;

/// More terms of the continued fraction than it takes.
const MOST_TERMS: u32 = 5_000;

impl BetaCdf {
    /// For positive `a` and `b`.
    pub fn new(a: f64, b: f64) -> Self {
        let n = a + b;
        let ln_peak = 0.5 * (a * (b / n) / (2.0 * PI)).ln() + stirling_error(n) - stirling_error(a) - stirling_error(b);
        Self { a, b, ln_peak, ln_front: ln_peak + a * (b / a).ln_1p() + b * (a / b).ln_1p() }
    }

    /// `P(X ≤ x)`, given `rest = 1 - x` to full precision, too. Relative error about 1e-12 in the lower half.
    pub fn at(&self, x: f64, rest: f64) -> f64 {
        if x <= 0.0 || rest <= 0.0 {
            return f64::from(u8::from(x > 0.0));
        }
        self.with_slope([x, rest], [x.ln(), rest.ln()]).0
    }

    /// `P(X ≤ x)` and its slope in `ln(x/(1 - x))`, given `x` and `1 - x`, both positive, and their logarithms.
    pub fn with_slope(&self, [x, rest]: [f64; 2], logarithms: [f64; 2]) -> (f64, f64) {
        let [ln_x, ln_rest] = logarithms;
        let front = match self.is_large() {
            true => self.front(x, rest),
            false => (self.ln_front + self.a * ln_x + self.b * ln_rest).exp(),
        };
        let below = self.is_below(x, rest);
        // The tail is about this over the distance to its mode, in standard deviations: nothing beside 1.
        let tail = if front < 1e-17 { front } else { self.tail(below, [x, rest], front) };
        (if below { tail } else { 1.0 - tail }, front)
    }

    /// `P(X ≤ x)` for `0 < x < 1` with all its digits also where it is next to nothing, given `1 - x` as well.
    pub fn lower(&self, x: f64, rest: f64) -> f64 {
        let front = self.front(x, rest);
        if self.is_below(x, rest) {
            return self.tail(true, [x, rest], front);
        }
        let upper = self.tail(false, [x, rest], front);
        // Where next to everybody is at 1, what is left here is not the difference from 1.
        if upper < 0.9 { 1.0 - upper } else { self.integral(x, rest, front).clamp(0.0, 1.0) }
    }

    /// Density times `x (1 - x)`, of which no large logarithms are left.
    fn front(&self, x: f64, rest: f64) -> f64 {
        let Self { a, b, .. } = *self;
        let (n, above) = (a + b, a * rest - b * x);
        (self.ln_peak - deviance(a, n * x, above) - deviance(b, n * rest, -above)).exp()
    }

    fn is_large(&self) -> bool {
        self.a.max(self.b) > LARGE
    }

    /// Whether the lower tail is the one that is computed.
    fn is_below(&self, x: f64, rest: f64) -> bool {
        x * (self.b + 1.0) < (self.a + 1.0) * rest
    }

    /// `P(X ≤ x)`, or `P(X > x)`, given the density times `x (1 - x)` here.
    ///
    /// The continued fraction of Abramowitz & Stegun (1964), 26.5.8, by the method of Lentz.
    fn tail(&self, below: bool, [x, rest]: [f64; 2], front: f64) -> f64 {
        let Self { a, b, .. } = *self;
        let tail = match (below, self.is_large()) {
            (true, false) => front * fraction(a, b, x) / a,
            (false, false) => front * fraction(b, a, rest) / b,
            (true, true) => self.integral(x, rest, front),
            (false, true) => self.mirrored().integral(rest, x, front),
        };
        tail.clamp(0.0, 1.0)
    }

    fn mirrored(&self) -> Self {
        Self { a: self.b, b: self.a, ..*self }
    }

    /// `P(X ≤ x)` as the integral of the density over the log-odds, in which it is log-concave, in shares of its value at `x`. The
    /// number of points does not grow with the parameters.
    fn integral(&self, x: f64, rest: f64, front: f64) -> f64 {
        let Self { a, b, .. } = *self;
        if front == 0.0 {
            return 0.0;
        }
        let n = a + b;
        let odds = x / rest;
        let ln_share = |w: f64| {
            // The logarithm of the smaller of x and 1 - x has digits to spare.
            if x <= rest { a * w - n * (x * w.exp_m1()).ln_1p() } else { -b * w - n * (rest * (-w).exp_m1()).ln_1p() }
        };
        let slope = |w: f64| {
            let odds = odds * w.exp();
            (a - b * odds) / (1.0 + odds)
        };
        let mode = (a / b / odds).ln().min(0.0);
        // From here on to the left the density is an exponential.
        let end = (-40.0 - (n * odds).ln()).min(mode);
        let nearer = integral_around(mode, end, 0.0, slope, |w| ln_share(w).exp());
        front * (nearer + ln_share(end).exp() / a)
    }
}

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut product = d;
    for m in 1..MOST_TERMS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            product *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (a, b, x, I_x(a, b)) computed with mpmath at 40 digits.
    const REFERENCE: &[(f64, f64, f64, f64)] = &[
        (30.897841106735623, 53.13258770580177, 0.49118422623851177, 0.989060130632753819),
        (1056.2369644134822, 52.443989796335764, 0.9742277258296836, 0.999970262710992343),
        (0.04357376589311249, 7.886203199930554, 0.09323715703457634, 0.983972204388716655),
        (41.217140157396635, 159.47825509385902, 0.11735311684603268, 0.000220941640219999948),
        (5.643277795706525, 1.7366747814152286, 0.815977773674241, 0.571106995654393327),
        (17.985300649454796, 0.34621236028950364, 0.9109537825403372, 0.0418910293160850782),
        (0.6942491502504777, 177.4337026565433, 0.013794054115433014, 0.954817343123583384),
        (0.18454412305407358, 77.88269556554972, 1e-09, 0.0528211998735786279),
        (29.091900815349156, 0.758748241677456, 0.8616374805453322, 0.00739305062880751183),
        (481.6624325603872, 1.3439067878265685, 0.9917678453658977, 0.0361522380125385786),
        (1642.938558786256, 130.98552234246912, 0.9156979421934448, 0.0502090259442837605),
        (1303.4499116383295, 13.112044262316711, 0.9939325042642123, 0.941711747453388363),
        (0.3040476630813133, 210.34297072057421, 0.005423387932153764, 0.930079739876264842),
        (1378.823571176263, 151.78366414281714, 0.888540967632595, 0.0574527822615651015),
        (1.712819847160351, 0.9951033112814212, 1e-09, 3.81663823677838026e-16),
        (0.06496368086424059, 2.5355799112425808, 0.09282560590173382, 0.922103634107574088),
        (0.03282758790849485, 34.1824154810612, 1e-09, 0.578829298742665426),
        (0.9722950431744316, 90.27224100570795, 0.009009173997166066, 0.571162559480555506),
        (1.0370672222034572, 8.783248267642172, 0.25858191217648796, 0.9231698965274873),
        (0.05937511472381193, 266.255562372614, 1e-09, 0.419991790345161876),
        (125.60765478635886, 108.30354398899341, 0.41155826874311796, 0.0000567831145814788137),
        (191.04859981108095, 3.9678333878060474, 0.985988098101341, 0.704292049396063212),
        (0.03496038903240595, 0.43669815401091916, 1e-09, 0.457229440431385125),
        (1215.8038604628232, 1.2290371530345534, 0.999999999, 0.999999952020527732),
    ];

    /// `(a, b, x, P(X ≤ x))` of large parameters, from an integral over the log-odds. `1 - x` has the digits of `x`.
    const LARGE_REFERENCE: &[(f64, f64, f64, f64)] = &[
        (6000000.0, 3200000.0, 0.6520168714816004, 0.158629775419778409),
        (6000000.0, 3200000.0, 0.6525663721581698, 0.993785251874740726),
        (1000000000000.0, 40.0, 0.9999999999567093, 0.288056873613717019),
        (1000000000000.0, 40.0, 0.9999999999641911, 0.737001868064799854),
        (3.74, 600000.0, 3.351475584399315e-06, 0.182233924686022514),
        (3.74, 600000.0, 1.3538421078515663e-05, 0.970127161229434196),
        (200000.0, 2000000000.0, 9.865751864619821e-05, 1.07618475490641858e-9),
        (100000000.0, 100000000.0, 0.5000035355339059, 0.539827837227122223),
        (150000.0, 0.7, 0.9999873148457158, 0.0849646304499260362),
        (1000000000.0, 2.5, 0.9999999833292229, 3.21908883923713477e-6),
    ];

    #[test]
    fn large_parameters_take_no_more_and_lose_no_digits_but_those_of_the_argument() {
        for &(a, b, x, known) in LARGE_REFERENCE {
            let cdf = BetaCdf::new(a, b);
            // What a last digit of x or of 1 - x makes, in standard deviations.
            let digit = f64::EPSILON * (a.min(b)).sqrt() + 1e-12;
            let (ours, lower) = (cdf.at(x, 1.0 - x), cdf.lower(x, 1.0 - x));
            assert!((ours - known).abs() < digit, "{a} {b} {x}: {ours} {known}");
            assert!((lower / known - 1.0).abs() < 10.0 * digit, "{a} {b} {x}: {lower} {known}");
        }
        for (a, b) in [(1e30, 1e30), (1e30, 1e-30), (1e-30, 1e30), (1e-30, 1e-30), (1e30, 3.0), (0.1, 1e20)] {
            let cdf = BetaCdf::new(a, b);
            for x in [1e-300, 1e-30, 1e-9, 0.25, 0.5, 1.0 - 1e-9] {
                let (ours, lower) = (cdf.at(x, 1.0 - x), cdf.lower(x, 1.0 - x));
                assert!((0.0..=1.0).contains(&ours) && (0.0..=1.0).contains(&lower), "{a} {b} {x}: {ours} {lower}");
            }
        }
    }

    #[test]
    fn agrees_with_forty_digits() {
        for &(a, b, x, known) in REFERENCE {
            let ours = BetaCdf::new(a, b).at(x, 1.0 - x);
            assert!((ours - known).abs() < 1e-12 + 1e-11 * known.min(1.0 - known), "{a} {b} {x}: {ours} {known}");
        }
        let cdf = BetaCdf::new(2.0, 3.0);
        assert_eq!((cdf.at(0.0, 1.0), cdf.at(1.0, 0.0)), (0.0, 1.0));
    }
}
