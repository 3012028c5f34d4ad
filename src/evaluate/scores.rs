//! How near expectations came to what happened, customer by customer and in all.

use super::ranking::Ranking;

/// Shares of the customers, the best ones by expectation, whose share of the actual total is told.
pub const TOP_SHARES: [f64; 2] = [0.1, 0.2];

/// Errors of one number per customer: purchases, or value.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Scores {
    /// Number of customers.
    pub customers: u64,
    /// Expected in all.
    pub expected: f64,
    /// What came in all.
    pub actual: f64,
    /// `Σ |forecast - actual| / n`, of the medians of who has a distribution, since these are the best that it says of absolute errors
    /// (Gneiting, 2011); of the expectations of who has none.
    pub mean_absolute_error: f64,
    /// `Σ |expected - actual| / n`, of the expectations of everybody.
    pub mean_absolute_error_of_mean: f64,
    /// `√(Σ (expected - actual)² / n)`.
    pub root_mean_square_error: f64,
    /// Pearson's; none if either side is constant.
    pub correlation: Option<f64>,
    /// Spearman's: Pearson's of the ranks, the middle one for equals.
    pub rank_correlation: Option<f64>,
    /// Gini coefficient of the actual numbers in the order of the expected ones, over that in their own order: 1 if the order is
    /// right, 0 if it says nothing. Wang, Liu & Miao (2019), arXiv:1912.07753.
    pub gini: Option<f64>,
    /// Shares of the actual total that the best [`TOP_SHARES`] of the customers by expectation brought.
    pub top: [Option<f64>; 2],
}

/// What came, and its order, which is the same for all who expected it.
#[derive(Clone, Debug)]
pub(super) struct Actual {
    pub(super) numbers: Vec<f64>,
    ranks: Vec<f64>,
    /// Gini coefficient.
    gini: Option<f64>,
}

impl Actual {
    pub(super) fn new(numbers: Vec<f64>) -> Self {
        let ranking = Ranking::new(&numbers);
        let gini = ranking.concentration(&numbers).filter(|gini| *gini > 0.0);
        Self { ranks: ranking.mid_ranks(), gini, numbers }
    }

    /// The scores of these expectations, in the same order.
    pub(super) fn scores(&self, expected: &[f64]) -> Scores {
        self.scores_with(expected, expected)
    }

    /// The scores of these expectations, and of these medians by absolute error.
    pub(super) fn scores_with(&self, expected: &[f64], medians: &[f64]) -> Scores {
        let actual = &self.numbers;
        let customers = actual.len() as f64;
        let mean = |forecast: &[f64], term: &dyn Fn(f64) -> f64| {
            forecast.iter().zip(actual).map(|(forecast, actual)| term(forecast - actual)).sum::<f64>() / customers
        };
        let ranking = Ranking::new(expected);
        Scores {
            customers: actual.len() as u64,
            expected: expected.iter().sum(),
            actual: actual.iter().sum(),
            mean_absolute_error: mean(medians, &f64::abs),
            mean_absolute_error_of_mean: mean(expected, &f64::abs),
            root_mean_square_error: mean(expected, &|error| error * error).sqrt(),
            correlation: correlation(expected, actual),
            rank_correlation: correlation(&ranking.mid_ranks(), &self.ranks),
            gini: self.gini.and_then(|gini| Some(ranking.concentration(actual)? / gini)),
            top: TOP_SHARES.map(|share| ranking.caught(actual, share)),
        }
    }
}

impl Scores {
    /// The scores of what was expected against what came, of at least one customer.
    pub fn new(expected: &[f64], actual: &[f64]) -> Self {
        Self::with_medians(expected, expected, actual)
    }

    /// The scores of expectations and of medians, by absolute error, against what came, of at least one customer.
    pub fn with_medians(expected: &[f64], medians: &[f64], actual: &[f64]) -> Self {
        Actual::new(actual.to_vec()).scores_with(expected, medians)
    }

    /// Mean error: expected above actual, per customer.
    pub fn bias(&self) -> f64 {
        (self.expected - self.actual) / self.customers as f64
    }

    /// Expected above actual in all, as a share of the actual; none if there was nothing.
    pub fn total_error(&self) -> Option<f64> {
        (self.actual > 0.0).then(|| self.expected / self.actual - 1.0)
    }
}

/// Pearson's correlation; none if either side is constant.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let constant = |numbers: &[f64]| numbers.iter().all(|number| *number == numbers[0]);
    if constant(a) || constant(b) {
        return None;
    }
    let mean = |numbers: &[f64]| numbers.iter().sum::<f64>() / numbers.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut product, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        product += a * b;
        square_a += a * a;
        square_b += b * b;
    }
    Some(product / (square_a.sqrt() * square_b.sqrt())).filter(|correlation| correlation.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_a_small_list() {
        let (expected, actual) = ([1.0, 0.5, 0.0, 2.5], [2.0, 0.0, 0.0, 2.0]);
        let scores = Scores::new(&expected, &actual);
        assert_eq!((scores.expected, scores.actual, scores.bias(), scores.total_error()), (4.0, 4.0, 0.0, Some(0.0)));
        assert_eq!(scores.mean_absolute_error, 0.5);
        assert!((scores.root_mean_square_error - 0.375f64.sqrt()).abs() < 1e-15);
        // Deviations 0, -.5, -1, 1.5 and 1, -1, -1, 1: 3/√(3.5 · 4)
        assert!((scores.correlation.unwrap() - 3.0 / 14.0f64.sqrt()).abs() < 1e-15);
        // Ranks 2 3 4 1 and 1.5 3.5 3.5 1.5: deviations -.5 .5 1.5 -1.5 and -1 1 1 -1: 4/√(5 · 4)
        assert!((scores.rank_correlation.unwrap() - 4.0 / 20.0f64.sqrt()).abs() < 1e-15);
        // In order of expectation 2, 2, 0, 0, which is their own order.
        assert_eq!((scores.gini, scores.top), (Some(1.0), [Some(0.2), Some(0.4)]));
    }

    #[test]
    fn what_says_nothing_has_no_correlation() {
        let scores = Scores::new(&[0.0, 0.0], &[3.0, 1.0]);
        assert_eq!((scores.correlation, scores.rank_correlation, scores.gini), (None, None, Some(0.0)));
        assert_eq!(scores.total_error(), Some(-1.0));
        let nothing = Scores::new(&[0.3, 0.1], &[0.0, 0.0]);
        assert_eq!((nothing.gini, nothing.top, nothing.total_error()), (None, [None, None], None));
    }
}
