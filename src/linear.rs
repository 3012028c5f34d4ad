//! Small symmetric matrices: factors, solutions, eigenvalues. All are read by slices of any size.

use ndarray::{Array1, Array2};

/// Lower triangular factor `L` with `A = L Lᵀ`.
#[derive(Clone, Debug)]
pub(crate) struct Cholesky(Array2<f64>);

impl Cholesky {
    /// Factors `a`; `None` unless it is (numerically) positive definite.
    pub(crate) fn new(a: &Array2<f64>) -> Option<Self> {
        let n = a.nrows();
        let mut l = Array2::zeros((n, n));
        for i in 0..n {
            for j in 0..=i {
                let dot: f64 = (0..j).map(|k| l[[i, k]] * l[[j, k]]).sum();
                let rest = a[[i, j]] - dot;
                if i == j {
                    // What is left of a diagonal entry after the subtraction must stand clear of its rounding error.
                    if rest.is_nan() || rest <= 1e-14 * a[[i, i]].abs() {
                        return None;
                    }
                    l[[i, i]] = rest.sqrt();
                } else {
                    l[[i, j]] = rest / l[[j, j]];
                }
            }
        }
        Some(Self(l))
    }

    /// Solves `A s = v`.
    pub(crate) fn solve(&self, mut v: Vec<f64>) -> Vec<f64> {
        let (l, n) = (&self.0, v.len());
        for i in 0..n {
            let dot: f64 = (0..i).map(|k| l[[i, k]] * v[k]).sum();
            v[i] = (v[i] - dot) / l[[i, i]];
        }
        for i in (0..n).rev() {
            let dot: f64 = (i + 1..n).map(|k| l[[k, i]] * v[k]).sum();
            v[i] = (v[i] - dot) / l[[i, i]];
        }
        v
    }

    /// `A⁻¹`.
    pub(crate) fn inverse(&self) -> Array2<f64> {
        let n = self.0.nrows();
        let mut inverse = Array2::zeros((n, n));
        for j in 0..n {
            let unit = (0..n).map(|i| f64::from(u8::from(i == j))).collect();
            // Symmetric, so columns are rows.
            inverse.row_mut(j).assign(&Array1::from(self.solve(unit)));
        }
        inverse
    }
}

/// The matrix with the rows and columns of held coordinates replaced by those of the identity.
pub(crate) fn holding(matrix: &Array2<f64>, held: &[bool]) -> Array2<f64> {
    Array2::from_shape_fn(matrix.raw_dim(), |(i, j)| match held[i] || held[j] {
        false => matrix[[i, j]],
        true => f64::from(u8::from(i == j)),
    })
}

/// Columns `l` with `Σ l lᵀ = C` of a matrix without negative eigenvalues, by Cholesky's method; what rounding makes of a singular
/// one is left out.
pub(crate) fn factor_columns(covariance: &Array2<f64>) -> Vec<Array1<f64>> {
    let n = covariance.nrows();
    let mut rest = covariance.clone();
    let mut columns = Vec::new();
    for k in 0..n {
        let pivot = rest[[k, k]];
        if pivot <= 1e-14 * covariance[[k, k]] {
            continue;
        }
        let column = &rest.column(k) / pivot.sqrt();
        for i in 0..n {
            for j in 0..n {
                rest[[i, j]] -= column[i] * column[j];
            }
        }
        columns.push(column);
    }
    columns
}

/// Eigenvalues, ascending, and their unit eigenvectors, by Jacobi rotations.
/// Source: Golub & Van Loan (2013), Matrix Computations, section 8.5.
pub(crate) fn eigen(matrix: &Array2<f64>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = matrix.nrows();
    let mut a = matrix.clone();
    let mut v = Array2::from_shape_fn((n, n), |(i, j)| f64::from(u8::from(i == j)));
    // Convergence is quadratic; six sweeps are usual for matrices of this size.
    for _ in 0..30 {
        for p in 0..n {
            for q in p + 1..n {
                if a[[p, q]] != 0.0 {
                    rotate(&mut a, &mut v, p, q);
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[[i, i]].total_cmp(&a[[j, j]]));
    (order.iter().map(|&i| a[[i, i]]).collect(), order.iter().map(|&k| v.column(k).to_vec()).collect())
}

/// Makes `a[p][q]` zero.
fn rotate(a: &mut Array2<f64>, v: &mut Array2<f64>, p: usize, q: usize) {
    let tau = (a[[q, q]] - a[[p, p]]) / (2.0 * a[[p, q]]);
    let t = tau.signum() / (tau.abs() + tau.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    let turn = |p: f64, q: f64| (c * p - s * q, s * p + c * q);
    for mut row in a.rows_mut().into_iter().chain(v.rows_mut()) {
        (row[p], row[q]) = turn(row[p], row[q]);
    }
    for k in 0..a.ncols() {
        (a[[p, k]], a[[q, k]]) = turn(a[[p, k]], a[[q, k]]);
    }
    (a[[p, q]], a[[q, p]]) = (0.0, 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn inverse_of_a_known_matrix() {
        // [[4, 2], [2, 3]] has determinant 8.
        let inverse = Cholesky::new(&array![[4.0, 2.0], [2.0, 3.0]]).unwrap().inverse();
        for (found, expected) in inverse.iter().zip([0.375, -0.25, -0.25, 0.5]) {
            assert!((found - expected).abs() < 1e-15);
        }
        assert!(Cholesky::new(&array![[1.0, 2.0], [2.0, 1.0]]).is_none());
    }

    #[test]
    fn columns_make_up_the_matrix() {
        for matrix in [array![[4.0, 2.0, 1.0], [2.0, 3.0, 0.5], [1.0, 0.5, 2.0]], array![[1.0, 1.0], [1.0, 1.0]]] {
            let mut sum = Array2::<f64>::zeros(matrix.raw_dim());
            for column in factor_columns(&matrix) {
                for ((i, j), cell) in sum.indexed_iter_mut() {
                    *cell += column[i] * column[j];
                }
            }
            assert!((&sum - &matrix).iter().all(|off| off.abs() < 1e-14), "{sum}");
        }
    }

    #[test]
    fn matrices_with_known_eigenvalues() {
        // [[2, 1], [1, 2]]: 1 along (1, -1), 3 along (1, 1)
        let (values, vectors) = eigen(&array![[2.0, 1.0], [1.0, 2.0]]);
        assert!((values[0] - 1.0).abs() < 1e-15 && (values[1] - 3.0).abs() < 1e-15);
        assert!((vectors[0][0] + vectors[0][1]).abs() < 1e-15);
        // The second difference matrix: 2 - 2 cos(kπ/(n + 1))
        for n in [4, 50] {
            let second = Array2::from_shape_fn((n, n), |(i, j)| match i.abs_diff(j) {
                0 => 2.0,
                1 => -1.0,
                _ => 0.0,
            });
            for (k, value) in eigen(&second).0.iter().enumerate() {
                let known = 2.0 - 2.0 * (std::f64::consts::PI * (k + 1) as f64 / (n + 1) as f64).cos();
                assert!((value - known).abs() < 1e-13, "{value} {known}");
            }
        }
    }
}
