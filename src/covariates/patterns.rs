//! Customers of whom the same is said.

use super::coding::Code;
use crate::summary::Numbering;

/// Which customers share their covariates, and what these are. Patterns are in the order of their values, whatever that of the customers.
#[derive(Clone, Debug)]
pub struct Patterns {
    /// Of each customer.
    of: Vec<u32>,
    /// Columns and values of every pattern, one a covariate, one pattern after the other.
    values: Vec<(u32, f64)>,
    /// Number of covariates.
    width: usize,
    count: usize,
}

impl Patterns {
    /// Of customers with these codes, one list a covariate, whose columns begin at these places.
    pub(super) fn new(customers: usize, codes: &[Vec<Code>], first_columns: &[u32]) -> Self {
        let width = codes.len();
        let mut of = vec![0u32; customers];
        let mut keys: Vec<Vec<(u32, u64)>> = vec![Vec::with_capacity(width)];
        for (codes, first) in codes.iter().zip(first_columns) {
            let mut numbers = Numbering::new();
            for (of, code) in of.iter_mut().zip(codes) {
                let (column, value) = code.map_or((0, 0), |(column, z)| (column, z.to_bits()));
                *of = numbers.number((*of, column, value));
            }
            let longer = |&(before, column, value): &(u32, u32, u64)| {
                let mut key = keys[before as usize].clone();
                key.push((first + column, value));
                key
            };
            keys = numbers.keys().iter().map(longer).collect();
        }
        let mut order: Vec<usize> = (0..keys.len()).collect();
        let value = |i: usize| keys[i].iter().map(|&(column, bits)| (column, f64::from_bits(bits)));
        order.sort_by(|&i, &j| {
            let unequal = value(i).zip(value(j)).map(|(a, b)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            unequal.into_iter().find(|ordering| ordering.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        });
        let mut rank = vec![0u32; keys.len()];
        order.iter().enumerate().for_each(|(place, &i)| rank[i] = place as u32);
        of.iter_mut().for_each(|of| *of = rank[*of as usize]);
        let values = order.iter().flat_map(|&i| value(i).collect::<Vec<_>>()).collect();
        Self { of, values, width, count: keys.len() }
    }

    /// Number of patterns.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none, which is never so.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The pattern of each customer.
    pub fn of(&self) -> &[u32] {
        &self.of
    }

    /// The columns of a pattern, one a covariate, with their values in standard deviations; where the value is 0, any column.
    pub fn columns(&self, pattern: usize) -> &[(u32, f64)] {
        &self.values[pattern * self.width..][..self.width]
    }

    /// Number of customers of each pattern, where a row stands for so many.
    pub fn sizes(&self, customers: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut sizes = vec![0.0; self.len()];
        self.of.iter().enumerate().for_each(|(row, &of)| sizes[of as usize] += customers(row));
        sizes
    }

    /// Rows of each pattern, in order, of those for whom `counts`; patterns of whom there are none have none.
    pub fn rows(&self, counts: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let sizes = self.sizes(|row| f64::from(u8::from(counts(row))));
        let mut rows: Vec<Vec<usize>> = sizes.iter().map(|&size| Vec::with_capacity(size as usize)).collect();
        let those = self.of.iter().enumerate().filter(|(row, _)| counts(*row));
        those.for_each(|(row, &of)| rows[of as usize].push(row));
        rows
    }
}
