//! How far off totals were that were foreseen before, and what follows for the next.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Total;

/// The distribution of `ln(came / expected)` of the next total, from those of earlier ones.
///
/// Errors `e` of one series of forecasts are normal about a mean `m` with variance `τ²`, of which is known beforehand, as the conjugate prior
/// has it, that `m` is near zero (as if two errors had been zero) and that `τ` is near a spread `s` (as if four errors had shown it). Of `n`
/// errors with mean `ē` the next is then Student's t with `ν = 4 + n` degrees of freedom about
///
/// ```text
/// n ē/(2 + n),   scale² = (1 + 1/(2 + n)) (4 s² + Σ (e - ē)² + 2 n/(2 + n) ē²)/(4 + n)
/// ```
///
/// (Gelman et al., 2013, Bayesian Data Analysis, section 3.3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TotalErrors {
    /// Number of earlier forecasts.
    pub forecasts: usize,
    center: f64,
    scale: f64,
    degrees: f64,
}

/// As many errors of zero the prior knows of the mean, and as many errors of its spread.
const KNOWN_OF_MEAN: f64 = 2.0;
const KNOWN_OF_SPREAD: f64 = 4.0;

/// The spread of errors of total purchases before any is known: the root mean square of `ln(came / expected)` over 36 forecasts of 91 days
/// for four shops (CDNOW, an online grocery, Online Retail, Complete Journey), each shop counted alike.
pub const USUAL_ERROR_OF_PURCHASES: f64 = 0.10;

/// The same of total value, over 23 forecasts for three of the shops.
pub const USUAL_ERROR_OF_VALUE: f64 = 0.16;

/// Points of a total's own distribution.
const POINTS: usize = 200;

impl TotalErrors {
    /// Of earlier totals, as `(expected, came)`, and the spread that is usual. Totals that are not above zero have no ratio, and are left
    /// out; none if none is left.
    pub fn new(earlier: impl IntoIterator<Item = (f64, f64)>, usual: f64) -> Option<Self> {
        let is_known = |(expected, came): &(f64, f64)| *expected > 0.0 && *came > 0.0;
        let errors: Vec<f64> =
            earlier.into_iter().filter(is_known).map(|(expected, came)| (came / expected).ln()).collect();
        let n = errors.len() as f64;
        let mean = errors.iter().sum::<f64>() / n;
        let squares: f64 = errors.iter().map(|error| (error - mean).powi(2)).sum();
        let degrees = KNOWN_OF_SPREAD + n;
        let of_mean = KNOWN_OF_MEAN * n / (KNOWN_OF_MEAN + n) * mean * mean;
        let variance = (KNOWN_OF_SPREAD * usual * usual + squares + of_mean) / degrees;
        (!errors.is_empty()).then(|| Self {
            forecasts: errors.len(),
            center: n * mean / (KNOWN_OF_MEAN + n),
            scale: (variance * (1.0 + 1.0 / (KNOWN_OF_MEAN + n))).sqrt(),
            degrees,
        })
    }

    /// The interval that holds a total with this probability, the error of earlier ones included: that of the product of what the model says
    /// of it, and the exponential of the next error.
    pub fn interval(&self, total: &Total, share: f64) -> (f64, f64) {
        (self.quantile(total, 0.5 - 0.5 * share), self.quantile(total, 0.5 + 0.5 * share))
    }

    fn quantile(&self, total: &Total, share: f64) -> f64 {
        let point = |i: usize| total.quantile((i as f64 + 0.5) / POINTS as f64);
        let points: Vec<f64> = (0..POINTS).map(point).collect();
        let error = self.error();
        // A total of nothing stays one, whatever the error.
        let below = |ln_x: f64| {
            let of_point = |&point: &f64| if point > 0.0 { error.cdf(ln_x - point.ln()) } else { 1.0 };
            points.iter().map(of_point).sum::<f64>() / POINTS as f64
        };
        let nothing = points.iter().filter(|point| **point <= 0.0).count() as f64 / POINTS as f64;
        let Some(least) = points.iter().find(|point| **point > 0.0).filter(|_| share > nothing) else { return 0.0 };
        let (mut low, mut high) =
            (least.ln() + error.inverse_cdf(1e-9), points[POINTS - 1].ln() + error.inverse_cdf(1.0 - 1e-9));
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if below(middle) < share { low = middle } else { high = middle }
        }
        (0.5 * (low + high)).exp()
    }

    fn error(&self) -> StudentsT {
        StudentsT::new(self.center, self.scale, self.degrees).expect("a positive scale")
    }
}

/// The interval of a total: by the model, and with the errors of earlier forecasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TotalRange {
    /// By the model: single customers are uncertain, and so may be its parameters; it itself is not.
    pub by_model: (f64, f64),
    /// Number of its earlier forecasts.
    pub past_forecasts: usize,
    /// With the errors of these; none if there are none.
    pub with_past_errors: Option<(f64, f64)>,
}

impl TotalRange {
    /// The interval that holds a total with this probability, and how far off earlier ones were.
    pub fn new(total: &Total, share: f64, errors: Option<&TotalErrors>) -> Self {
        Self {
            by_model: total.interval(share),
            past_forecasts: errors.map_or(0, |errors| errors.forecasts),
            with_past_errors: errors.map(|errors| errors.interval(total, share)),
        }
    }

    /// What to plan with: the range with past errors, if there are any.
    pub fn planned(&self) -> (f64, f64) {
        self.with_past_errors.unwrap_or(self.by_model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f64, expected: f64, tolerance: f64) {
        assert!((value / expected - 1.0).abs() < tolerance, "{value} {expected}");
    }

    #[test]
    fn the_next_error_is_that_of_the_conjugate_prior() {
        // Errors ln 1.1 and ln 0.9 by hand: mean -.00502517, squares .02013440, so scale² = 1.25 (.04 + .02013440 + .0000252523)/6.
        let errors = TotalErrors::new([(100.0, 110.0), (10.0, 9.0), (0.0, 3.0), (5.0, 0.0)], 0.1).unwrap();
        assert_eq!((errors.forecasts, errors.degrees), (2, 6.0));
        near(errors.center, -0.002_512_584, 1e-6);
        near(errors.scale, (1.25f64 * 0.060_159_65 / 6.0).sqrt(), 1e-6);
        assert_eq!(TotalErrors::new([(1.0, 0.0)], 0.1), None);
    }

    #[test]
    fn a_certain_total_has_the_error_alone() {
        let errors = TotalErrors::new([(100.0, 100.0)], 0.1).unwrap();
        // Student's t with 5 degrees, scale √(4/3 · .04/5), at .9: 1.475884 by the table.
        let reach = (1.475_884 * (4.0f64 / 3.0 * 0.04 / 5.0).sqrt()).exp();
        let (low, high) = errors.interval(&Total::of_futures(1000.0, vec![1000.0; 50]), 0.8);
        near(low, 1000.0 / reach, 1e-6);
        near(high, 1000.0 * reach, 1e-6);
    }

    #[test]
    fn what_may_be_nothing_stays_so() {
        let errors = TotalErrors::new([(100.0, 100.0)], 0.1).unwrap();
        let total = Total::of_futures(0.5, [0.0, 1.0].repeat(100));
        assert_eq!(errors.interval(&total, 0.8).0, 0.0);
        assert!(errors.interval(&total, 0.8).1 > 1.0);
    }
}
