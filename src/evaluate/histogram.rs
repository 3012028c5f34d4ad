//! The histogram of repeat purchases and its chi-square.

use std::collections::BTreeMap;

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::by_model::{rows_by_model, sums_by_model};
use crate::models::Timing;
use crate::predict::Individuals;
use crate::summary::{CountedHistories, CountedRow, Summary};

/// Customers with one number of repeat purchases.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct FrequencyBin {
    /// Number of repeat purchases; the last bin takes all larger numbers too.
    pub x: u32,
    /// Customers seen.
    pub actual: f64,
    /// Customers expected: the sum over all customers of `P(X(T) = x)`.
    pub expected: f64,
}

/// Last bin of the histograms of FHL05: seven repeat purchases or more.
pub const LAST_BIN: u32 = 7;

/// [`frequency_histogram`] of customers who may differ: each is expected by the model of its own.
pub fn frequency_histogram_of(customers: &impl Individuals, summary: &Summary, last: u32) -> Vec<FrequencyBin> {
    let actual =
        |x: u32| summary.sum_over_customers(|row| if summary.frequency[row].min(last) == x { 1.0 } else { 0.0 });
    let of = |rows: &[usize]| {
        let data = CountedHistories::weighted(rows.iter().map(|&row| (customers.history(row), summary.weight(row))));
        let bins = frequency_histogram(&customers.timing(rows[0]), &data, last);
        bins.into_iter().map(|bin| bin.expected).collect()
    };
    let expected = sums_by_model(&rows_by_model(customers, summary), of);
    (0..=last).zip(expected).map(|(x, expected)| FrequencyBin { x, actual: actual(x), expected }).collect()
}

/// Actual and expected customers with 0, 1, …, `last` or more repeat purchases in the observation.
pub fn frequency_histogram(timing: &impl Timing, data: &CountedHistories, last: u32) -> Vec<FrequencyBin> {
    let mut ages: BTreeMap<u64, f64> = BTreeMap::new();
    for CountedRow { history, customers, .. } in data.rows() {
        *ages.entry(history.T.to_bits()).or_default() += customers;
    }
    let probability = |x: u32, age: f64| if x == last { timing.at_least(x, age) } else { timing.pmf(x, age) };
    (0..=last)
        .map(|x| FrequencyBin {
            x,
            actual: data
                .rows()
                .iter()
                .filter(|row| row.history.frequency.min(last) == x)
                .map(|row| row.customers)
                .sum(),
            expected: ages.iter().map(|(&age, customers)| customers * probability(x, f64::from_bits(age))).sum(),
        })
        .collect()
}

/// Pearson's goodness of fit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChiSquare {
    /// `Σ (actual - expected)² / expected`.
    pub statistic: f64,
    /// Bins less one less the number of parameters.
    pub degrees_of_freedom: u32,
    /// Probability of a statistic at least this large if the model holds.
    pub p_value: f64,
}

/// Fewest customers expected in a bin of the test.
const FEWEST_EXPECTED: f64 = 5.0;

/// The statistic of a histogram under a model with this many estimated parameters, neighbouring bins with few expected
/// customers taken together; `None` if no degree of freedom is left.
pub fn chi_square(histogram: &[FrequencyBin], parameters: usize) -> Option<ChiSquare> {
    let bins = pooled(histogram);
    let degrees_of_freedom = bins.len().checked_sub(parameters + 1).filter(|&left| left > 0)?;
    let statistic = bins.iter().map(|(actual, expected)| (actual - expected).powi(2) / expected).sum();
    let distribution = ChiSquared::new(degrees_of_freedom as f64).ok()?;
    Some(ChiSquare { statistic, degrees_of_freedom: degrees_of_freedom as u32, p_value: distribution.sf(statistic) })
}

/// Actual and expected customers, with at least five expected in each bin.
fn pooled(histogram: &[FrequencyBin]) -> Vec<(f64, f64)> {
    let mut bins: Vec<(f64, f64)> = Vec::new();
    let mut open = (0.0, 0.0);
    for bin in histogram {
        open = (open.0 + bin.actual, open.1 + bin.expected);
        if open.1 >= FEWEST_EXPECTED {
            bins.push(std::mem::take(&mut open));
        }
    }
    // What is left at the end belongs to the last bin.
    if let Some(last) = bins.last_mut() {
        *last = (last.0 + open.0, last.1 + open.1);
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_with_few_expected_are_taken_together() {
        let bin = |x, actual, expected| FrequencyBin { x, actual, expected };
        let histogram = [bin(0, 10.0, 12.0), bin(1, 6.0, 4.0), bin(2, 2.0, 2.0), bin(3, 1.0, 0.5), bin(4, 1.0, 1e-9)];
        // 12 | 4 + 2 + the rest: (10 - 12)²/12 + (10 - 6.5)²/6.5
        let test = chi_square(&histogram, 0).unwrap();
        assert!((test.statistic - (4.0 / 12.0 + 12.25 / 6.5)).abs() < 1e-8, "{}", test.statistic);
        assert_eq!(test.degrees_of_freedom, 1);
        assert_eq!(chi_square(&histogram, 1), None);
    }
}
