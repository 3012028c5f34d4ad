//! The histogram of repeat purchases and its chi-square.

use std::collections::BTreeMap;

use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::models::Timing;
use crate::summary::{CountedHistories, CountedRow};

/// Customers with one number of repeat purchases.
#[derive(Clone, Copy, Debug, PartialEq)]
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
pub struct ChiSquare {
    /// `Σ (actual - expected)² / expected`.
    pub statistic: f64,
    /// Bins less one less the number of parameters.
    pub degrees_of_freedom: u32,
    /// Probability of a statistic at least this large if the model holds.
    pub p_value: f64,
}

/// The statistic of a histogram under a model with this many estimated parameters; `None` if no degree of freedom is left.
pub fn chi_square(histogram: &[FrequencyBin], parameters: usize) -> Option<ChiSquare> {
    let degrees_of_freedom = histogram.len().checked_sub(parameters + 1).filter(|&left| left > 0)?;
    let statistic = histogram.iter().map(|bin| (bin.actual - bin.expected).powi(2) / bin.expected).sum();
    let distribution = ChiSquared::new(degrees_of_freedom as f64).ok()?;
    Some(ChiSquare { statistic, degrees_of_freedom: degrees_of_freedom as u32, p_value: distribution.sf(statistic) })
}
