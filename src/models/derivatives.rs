//! A value with its gradient and Hessian, as every likelihood returns it.

use crate::parallel::in_parallel;
use crate::summary::{CountedHistories, FrequencyGroup};

/// Rows from which a sum is worth the threads: half a millisecond of work and more. Of slow terms, such as integrals; and of quick ones.
const MANY_SLOW_ROWS: usize = 4096;
const MANY_ROWS: usize = 32_768;

/// A function value with first and second derivatives in `N` variables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Derivatives<const N: usize> {
    /// The value.
    pub value: f64,
    /// First derivatives.
    pub gradient: [f64; N],
    /// Second derivatives; both triangles are filled.
    pub hessian: [[f64; N]; N],
}

impl<const N: usize> Derivatives<N> {
    /// Zero, with zero derivatives.
    pub const ZERO: Self = Self { value: 0.0, gradient: [0.0; N], hessian: [[0.0; N]; N] };

    /// Sum of terms in the order given, by pairs of blocks, so that the rounding error grows with the logarithm of the
    /// number of terms and the digits do not depend on anything but that order.
    pub fn sum<T>(terms: &[T], term: &impl Fn(&T) -> Self) -> Self {
        const BLOCK: usize = 64;
        if terms.len() <= BLOCK {
            return terms.iter().map(term).fold(Self::ZERO, Self::plus);
        }
        let (left, right) = terms.split_at(terms.len() / 2);
        Self::sum(left, term).plus(Self::sum(right, term))
    }

    /// [`Derivatives::sum`] over the groups of these customers: on all cores, if there are many rows. The sum is the same to the bit.
    pub(super) fn over_groups(data: &CountedHistories, term: impl Fn(&FrequencyGroup) -> Self + Sync) -> Self {
        Self::over_many_groups(MANY_ROWS, data, term)
    }

    /// [`Derivatives::over_groups`] of terms that are slow to compute.
    pub(super) fn over_groups_slowly(data: &CountedHistories, term: impl Fn(&FrequencyGroup) -> Self + Sync) -> Self {
        Self::over_many_groups(MANY_SLOW_ROWS, data, term)
    }

    fn over_many_groups(many: usize, data: &CountedHistories, term: impl Fn(&FrequencyGroup) -> Self + Sync) -> Self {
        let groups = data.groups();
        if data.rows().len() < many {
            return Self::sum(groups, &term);
        }
        let terms = in_parallel(groups.len(), |i| term(&groups[i]));
        Self::sum(&terms, &|term| *term)
    }

    /// The sum of two, term by term.
    pub fn plus(mut self, other: Self) -> Self {
        self.value += other.value;
        for i in 0..N {
            self.gradient[i] += other.gradient[i];
            for j in 0..N {
                self.hessian[i][j] += other.hessian[i][j];
            }
        }
        self
    }

    /// This function among `M` variables, of which its own are those from `first` on.
    pub fn placed<const M: usize>(&self, first: usize) -> Derivatives<M> {
        let mut d = Derivatives { value: self.value, ..Derivatives::ZERO };
        for i in 0..N {
            d.gradient[first + i] = self.gradient[i];
            for j in 0..N {
                d.hessian[first + i][first + j] = self.hessian[i][j];
            }
        }
        d
    }

    /// The part of it in the `M` variables from `first` on.
    pub fn part<const M: usize>(&self, first: usize) -> Derivatives<M> {
        Derivatives {
            value: self.value,
            gradient: std::array::from_fn(|i| self.gradient[first + i]),
            hessian: std::array::from_fn(|i| std::array::from_fn(|j| self.hessian[first + i][first + j])),
        }
    }

    /// `e^f`
    pub fn exp(&self) -> Self {
        let value = self.value.exp();
        let bend = |i: usize, j: usize| value * (self.hessian[i][j] + self.gradient[i] * self.gradient[j]);
        Self {
            value,
            gradient: self.gradient.map(|slope| value * slope),
            hessian: std::array::from_fn(|i| std::array::from_fn(|j| bend(i, j))),
        }
    }

    /// `ln Σ e^f` over the functions given, with the values `e^f`: the derivatives are means over the functions, and the
    /// second ones have the covariance of the first ones besides.
    pub fn mixture(functions: &[Self], shares: &[f64]) -> Self {
        let total: f64 = shares.iter().sum();
        let weighted = || functions.iter().zip(shares.iter().map(|share| share / total));
        let mut d = Self { value: total.ln(), ..Self::ZERO };
        for (function, share) in weighted() {
            for i in 0..N {
                d.gradient[i] += share * function.gradient[i];
            }
        }
        for (function, share) in weighted() {
            let off: [f64; N] = std::array::from_fn(|i| function.gradient[i] - d.gradient[i]);
            for i in 0..N {
                for j in 0..N {
                    d.hessian[i][j] += share * (function.hessian[i][j] + off[i] * off[j]);
                }
            }
        }
        d
    }

    /// Fills the lower triangle of the Hessian from the upper.
    pub fn mirrored(mut self) -> Self {
        self.hessian = std::array::from_fn(|i| std::array::from_fn(|j| self.hessian[i.min(j)][i.max(j)]));
        self
    }

    /// Every part multiplied by `factor`.
    pub fn times(mut self, factor: f64) -> Self {
        self.value *= factor;
        for i in 0..N {
            self.gradient[i] *= factor;
            for j in 0..N {
                self.hessian[i][j] *= factor;
            }
        }
        self
    }
}
