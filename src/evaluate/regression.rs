//! Ordinary least squares on recency, frequency and monetary value: what a spreadsheet does.

use ndarray::Array2;

use crate::linear::{Cholesky, holding};
use crate::summary::{Summary, TimeUnit};

/// Number of regressors.
const N: usize = 3;

/// `y = intercept + slopes · (time since the last purchase, x/T, m)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Regression {
    means: [f64; N],
    slopes: [f64; N],
    intercept: f64,
}

/// Time since the last purchase, repeat purchases a time unit, and their mean amount. A rate, since customers are older when the rule
/// is applied than when it is learned, and have more purchases if they only go on; lives of less than a month count as one.
fn regressors(summary: &Summary) -> impl Iterator<Item = [f64; N]> + '_ {
    let month = TimeUnit::Month.days() / summary.observation.unit.days();
    (0..summary.len()).map(move |row| {
        let rate = f64::from(summary.frequency[row]) / summary.T[row].max(month);
        [summary.T[row] - summary.recency[row], rate, summary.monetary_value[row]]
    })
}

impl Regression {
    /// Of a number for each customer of the summary. A regressor that is constant, or nearly a combination of the others, has
    /// no slope.
    pub(super) fn new(summary: &Summary, numbers: &[f64]) -> Self {
        let count = summary.len() as f64;
        let mean = |of: &mut dyn Iterator<Item = f64>| of.sum::<f64>() / count;
        let means: [f64; N] = std::array::from_fn(|i| mean(&mut regressors(summary).map(|x| x[i])));
        let intercept = mean(&mut numbers.iter().copied());
        let scales: [f64; N] =
            std::array::from_fn(|i| regressors(summary).map(|x| (x[i] - means[i]).powi(2)).sum::<f64>().sqrt());
        let mut squares = Array2::zeros((N, N));
        let mut products = [0.0; N];
        for (x, y) in regressors(summary).zip(numbers) {
            let x: [f64; N] =
                std::array::from_fn(|i| if scales[i] > 0.0 { (x[i] - means[i]) / scales[i] } else { 0.0 });
            for i in 0..N {
                products[i] += x[i] * (y - intercept);
                (0..N).for_each(|j| squares[[i, j]] += x[i] * x[j]);
            }
        }
        let slopes = solve(&squares, &products);
        let slopes = std::array::from_fn(|i| if scales[i] > 0.0 { slopes[i] / scales[i] } else { 0.0 });
        Self { means, slopes, intercept }
    }

    /// Its expectation of each customer, none below zero.
    pub(super) fn expected(&self, summary: &Summary) -> Vec<f64> {
        let expected = |x: [f64; N]| {
            let slopes = self.slopes.iter().zip(x).zip(self.means);
            (self.intercept + slopes.map(|((slope, x), mean)| slope * (x - mean)).sum::<f64>()).max(0.0)
        };
        regressors(summary).map(expected).collect()
    }
}

/// The least squares; where the matrix is singular, without the later regressors.
fn solve(squares: &Array2<f64>, products: &[f64]) -> Vec<f64> {
    let mut held: Vec<bool> = squares.diag().iter().map(|square| *square < 0.5).collect();
    for last in (0..=products.len()).rev() {
        let products = products.iter().zip(&held).map(|(product, held)| if *held { 0.0 } else { *product }).collect();
        if let Some(factor) = Cholesky::new(&holding(squares, &held)) {
            return factor.solve(products);
        }
        if let Some(last) = last.checked_sub(1) {
            held[last] = true;
        }
    }
    vec![0.0; products.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Day, Grain, History, Observation, TimeUnit};

    fn summary(rows: &[(u32, f64, f64)]) -> Summary {
        summary_of_age(30.0, rows)
    }

    fn summary_of_age(T: f64, rows: &[(u32, f64, f64)]) -> Summary {
        let history = |&(frequency, silence, m): &(u32, f64, f64)| (History::new(frequency, T - silence, T), m);
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(0) };
        Summary::from_histories(rows.iter().map(history), observation)
    }

    #[test]
    fn a_linear_rule_is_found() {
        let rows = [(1, 3.0, 10.0), (2, 8.0, 5.0), (4, 1.0, 40.0), (7, 2.0, 8.0), (3, 20.0, 25.0)];
        let rule = |&(x, silence, m): &(u32, f64, f64)| 4.0 + 0.5 * f64::from(x) - 0.125 * silence + 0.02 * m;
        let numbers: Vec<f64> = rows.iter().map(rule).collect();
        let found = Regression::new(&summary(&rows), &numbers);
        let new = [(9, 0.5, 100.0), (0, 29.0, 0.0)];
        for (expected, row) in found.expected(&summary(&new)).into_iter().zip(&new) {
            assert!((expected - rule(row)).abs() < 1e-12, "{expected} for {row:?}");
        }
        // Below zero there is nothing to expect.
        let falling: Vec<f64> = rows.iter().map(|row| -rule(row)).collect();
        assert_eq!(Regression::new(&summary(&rows), &falling).expected(&summary(&rows)), [0.0; 5]);
    }

    #[test]
    fn who_goes_on_as_before_is_expected_to() {
        // Everybody keeps a pace of their own: what is learned in 20 weeks of age holds in 40, at twice the purchases.
        let (young, old) = (
            [(2, 3.0, 10.0), (4, 8.0, 5.0), (8, 1.0, 40.0), (14, 2.0, 8.0), (6, 20.0, 25.0)],
            [3.0, 7.0, 0.5, 4.0, 11.0],
        );
        let later: Vec<f64> = young.iter().map(|&(x, ..)| f64::from(x)).collect();
        let grown: Vec<(u32, f64, f64)> =
            young.iter().zip(old).map(|(&(x, _, m), silence)| (2 * x, silence, m)).collect();
        let expected = Regression::new(&summary_of_age(20.0, &young), &later).expected(&summary_of_age(40.0, &grown));
        for (expected, later) in expected.into_iter().zip(later) {
            assert!((expected - later).abs() < 1e-12, "{expected} instead of {later}");
        }
    }

    #[test]
    fn what_the_data_do_not_tell_has_no_slope() {
        // Everybody alike; then frequency and value the same thing.
        let alike = summary(&[(1, 3.0, 10.0); 4]);
        assert_eq!(Regression::new(&alike, &[1.0, 2.0, 3.0, 6.0]).expected(&alike), [3.0; 4]);
        let same = summary(&[(1, 3.0, 1.0), (2, 8.0, 2.0), (4, 1.0, 4.0), (7, 2.0, 7.0)]);
        let numbers = [1.0, 2.0, 4.0, 7.0];
        for (expected, number) in Regression::new(&same, &numbers).expected(&same).into_iter().zip(numbers) {
            assert!((expected - number).abs() < 1e-9, "{expected}");
        }
    }
}
