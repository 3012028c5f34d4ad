//! Whether columns tell customers apart at all, each from the others.

use super::Patterns;

/// Why a column's coefficient cannot be estimated.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Flaw {
    /// No customer of the fit has it.
    Empty,
    /// It is the same for every customer.
    Constant,
    /// It follows from these columns, by their places.
    Follows(Vec<usize>),
}

/// What is left of a column's variance, by rounding, where it follows from others.
const ROUNDING: f64 = 1e-9;

/// A part of a combination that matters.
const PART: f64 = 1e-5;

/// The first of these columns that the others before it do not leave anything of: Cholesky's method on the columns' covariance over
/// customers, of whom each pattern has so many.
pub(super) fn flaw(patterns: &Patterns, customers: &[f64], columns: &[u32]) -> Option<(usize, Flaw)> {
    let n = columns.len();
    let place = |column: u32| columns.iter().position(|known| *known == column);
    let total: f64 = customers.iter().sum();
    let (mut sums, mut products) = (vec![0.0; n], vec![vec![0.0; n]; n]);
    let mut own: Vec<(usize, f64)> = Vec::new();
    for (pattern, weight) in customers.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        own.clear();
        let columns = patterns.columns(pattern).iter().filter(|(_, z)| *z != 0.0);
        own.extend(columns.filter_map(|&(column, z)| Some((place(column)?, z))));
        for &(i, z) in &own {
            sums[i] += weight * z;
            own.iter().for_each(|&(j, other)| products[i][j] += weight * z * other);
        }
    }
    let covariance = |i: usize, j: usize| products[i][j] - sums[i] * sums[j] / total;
    let mut factor: Vec<Vec<f64>> = Vec::new();
    for i in 0..n {
        if products[i][i] == 0.0 {
            return Some((i, Flaw::Empty));
        }
        let variance = covariance(i, i);
        if variance <= ROUNDING * ROUNDING * products[i][i] || variance <= 1e-13 * products[i][i] {
            return Some((i, Flaw::Constant));
        }
        let mut row = vec![0.0; i + 1];
        for j in 0..i {
            let dot: f64 = (0..j).map(|k| row[k] * factor[j][k]).sum();
            row[j] = (covariance(i, j) - dot) / factor[j][j];
        }
        let rest = variance - row[..i].iter().map(|part| part * part).sum::<f64>();
        if rest <= ROUNDING * variance {
            return Some((i, Flaw::Follows(combination(&factor, &row[..i], variance, |j| covariance(j, j)))));
        }
        row[i] = rest.sqrt();
        factor.push(row);
    }
    None
}

/// The columns that a column with these products with the factor is made of.
fn combination(factor: &[Vec<f64>], row: &[f64], variance: f64, of: impl Fn(usize) -> f64) -> Vec<usize> {
    let n = row.len();
    let mut weights = row.to_vec();
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|k| factor[k][i] * weights[k]).sum();
        weights[i] = (weights[i] - dot) / factor[i][i];
    }
    (0..n).filter(|&i| (weights[i] * (of(i) / variance).sqrt()).abs() > PART).collect()
}
