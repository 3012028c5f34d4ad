//! 95% intervals of means, shares and their differences.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// A lower and an upper end.
pub type Interval = (f64, f64);

/// The 97.5% quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The size, mean and variance of some numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sample {
    /// How many.
    pub n: f64,
    /// Their mean; 0 of none.
    pub mean: f64,
    /// `Σ (v − mean)²/(n − 1)`; 0 of fewer than two.
    pub variance: f64,
}

impl Sample {
    /// The mean of these numbers, with its interval.
    pub fn new(numbers: &[f64]) -> Self {
        let n = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / n.max(1.0);
        let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
        Self { n, mean, variance: squares / (n - 1.0).max(1.0) }
    }

    /// 95% interval of the mean, `mean ± t_{n−1} s/√n` (Student 1908); none of fewer than two numbers.
    pub fn mean_interval(&self) -> Option<Interval> {
        (self.n > 1.0).then(|| around(self.mean, quantile(self.n - 1.0) * (self.variance / self.n).sqrt()))
    }

    /// 95% interval of the difference of two means, of this sample and another, whose variances need not be equal:
    /// Welch's t with the degrees of freedom `(a + b)²/(a²/(n₁−1) + b²/(n₂−1))`, `a = s₁²/n₁`, `b = s₂²/n₂` (Welch
    /// 1947, Biometrika 34). None where either has fewer than two numbers.
    pub fn welch(&self, other: &Self) -> Option<Interval> {
        if self.n < 2.0 || other.n < 2.0 {
            return None;
        }
        let (a, b) = (self.variance / self.n, other.variance / other.n);
        let difference = self.mean - other.mean;
        // Without any spread there is no doubt.
        if a + b == 0.0 {
            return Some((difference, difference));
        }
        // Shares of the variance, which neither overflow nor vanish when squared.
        let (a, b, sum) = (a / (a + b), b / (a + b), a + b);
        let degrees = 1.0 / (a * a / (self.n - 1.0) + b * b / (other.n - 1.0));
        Some(around(difference, quantile(degrees) * sum.sqrt()))
    }
}

/// A number of successes out of so many.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Share {
    /// Successes.
    pub successes: u64,
    /// Out of so many.
    pub of: u64,
}

impl Share {
    /// Successes out of all; 0 of none.
    pub fn value(&self) -> f64 {
        self.successes as f64 / (self.of as f64).max(1.0)
    }

    /// 95% score interval, `(2 n p + z² ± z √(z² + 4 n p (1 − p)))/(2 (n + z²))` (Wilson 1927); none of fewer than two.
    pub fn wilson(&self) -> Option<Interval> {
        let (n, p) = (self.of as f64, self.value());
        let middle = 2.0 * n * p + Z * Z;
        let reach = Z * (Z * Z + 4.0 * n * p * (1.0 - p)).sqrt();
        let end = |sum: f64| (sum / (2.0 * (n + Z * Z))).clamp(0.0, 1.0);
        (self.of > 1).then(|| (end(middle - reach), end(middle + reach)))
    }

    /// 95% interval of the difference of two independent shares, this one and another: `d − √((p₁−l₁)² + (u₂−p₂)²)` to
    /// `d + √((u₁−p₁)² + (p₂−l₂)²)` with the Wilson intervals `l` to `u` of each (Newcombe 1998, Statistics in Medicine
    /// 17, 873-890, method 10). None where either is of fewer than two.
    pub fn newcombe(&self, other: &Self) -> Option<Interval> {
        let ((l1, u1), (l2, u2)) = (self.wilson()?, other.wilson()?);
        let (p1, p2) = (self.value(), other.value());
        let difference = p1 - p2;
        Some((difference - (p1 - l1).hypot(u2 - p2), difference + (u1 - p1).hypot(p2 - l2)))
    }
}

fn around(middle: f64, reach: f64) -> Interval {
    (middle - reach, middle + reach)
}

/// The 97.5% quantile of Student's t. Beyond 1,000 degrees of freedom by the expansion of Abramowitz & Stegun 26.7.5 to
/// the third order, which is good to 1e-12 there, while the inverse of the incomplete beta loses digits.
fn quantile(degrees: f64) -> f64 {
    if degrees <= 1000.0 {
        return StudentsT::new(0.0, 1.0, degrees).map_or(f64::INFINITY, |student| student.inverse_cdf(0.975));
    }
    let (z, v) = (Z, degrees);
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
    z + first / v + second / (v * v) + third / v.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<Interval>, low: f64, high: f64, by: f64) -> bool {
        found.is_some_and(|found| (found.0 - low).abs() < by && (found.1 - high).abs() < by)
    }

    /// scipy.stats.t.ppf(0.975, df), scipy 1.17.1.
    const QUANTILES: [(f64, f64); 9] = [
        (1.0, 12.706204736174694),
        (2.0, 4.302652729749462),
        (2.5, 3.5746548420036817),
        (10.0, 2.228138851986274),
        (30.7, 2.040321537812142),
        (999.0, 1.9623414611334493),
        (1001.0, 1.9623367052808798),
        (5000.5, 1.9604385042432446),
        (1e6, 1.959966356814107),
    ];

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (degrees, expected) in QUANTILES {
            assert!((quantile(degrees) / expected - 1.0).abs() < 1e-8, "{degrees}: {} {expected}", quantile(degrees));
        }
        assert!((quantile(1e300) - Z).abs() < 1e-15);
    }

    /// Newcombe (1998), table II, method 10: (a) 56/70 - 48/80, (b) 9/10 - 3/10, (c) 6/7 - 2/7, (d) 5/56 - 0/29,
    /// (e) 0/10 - 0/20, (f) 0/10 - 0/10, (g) 10/10 - 0/20, (h) 10/10 - 0/10.
    #[test]
    fn differences_of_shares_are_newcombes() {
        for (a, n, b, m, low, high) in [
            (56, 70, 48, 80, 0.0524, 0.3339),
            (9, 10, 3, 10, 0.1705, 0.8090),
            (6, 7, 2, 7, 0.0582, 0.8062),
            (5, 56, 0, 29, -0.0381, 0.1926),
            (0, 10, 0, 20, -0.1611, 0.2775),
            (0, 10, 0, 10, -0.2775, 0.2775),
            (10, 10, 0, 20, 0.6791, 1.0),
            (10, 10, 0, 10, 0.6075, 1.0),
        ] {
            let found = Share { successes: a, of: n }.newcombe(&Share { successes: b, of: m });
            assert!(near(found, low, high, 5.1e-5), "{a}/{n} - {b}/{m}: {found:?}");
        }
    }

    /// Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3: 81/263, 15/148, 0/20, 1/29.
    #[test]
    fn intervals_of_shares_are_wilsons() {
        for (a, n, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            assert!(near(Share { successes: a, of: n }.wilson(), low, high, 5.1e-5), "{a}/{n}");
        }
    }

    /// Student's sleep data as `t.test(extra ~ group, data = sleep)` has them in the manual of R: 95% interval
    /// -3.3654832 to 0.2054832 on 17.776 degrees of freedom.
    #[test]
    fn differences_of_means_are_welchs() {
        let one = Sample::new(&[0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]);
        let two = Sample::new(&[1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]);
        assert!(near(one.welch(&two), -3.3654832, 0.2054832, 5.1e-8), "{:?}", one.welch(&two));
    }

    #[test]
    fn one_is_not_enough() {
        let (one, two) = (Sample::new(&[3.0]), Sample::new(&[3.0, 5.0]));
        assert_eq!((one.mean_interval(), one.welch(&two), two.welch(&one)), (None, None, None));
        assert_eq!(Sample::new(&[]).mean_interval(), None);
        let share = Share { successes: 1, of: 1 };
        assert_eq!((share.wilson(), share.newcombe(&Share { successes: 1, of: 2 })), (None, None));
        assert_eq!(Share { successes: 0, of: 0 }.value(), 0.0);
        assert_eq!(Sample::new(&[4.0; 3]).welch(&Sample::new(&[1.0; 2])), Some((3.0, 3.0)));
    }
}
