//! Eigenvalues of the small symmetric matrices of a fit.

/// Eigenvalues, ascending, and their unit eigenvectors, by Jacobi rotations.
/// Source: Golub & Van Loan (2013), Matrix Computations, section 8.5.
pub(super) fn decomposition<const N: usize>(matrix: &[[f64; N]; N]) -> ([f64; N], [[f64; N]; N]) {
    let mut a = *matrix;
    let mut v: [[f64; N]; N] = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    // Convergence is quadratic; six sweeps are usual for matrices of this size.
    for _ in 0..30 {
        for p in 0..N {
            for q in p + 1..N {
                if a[p][q] != 0.0 {
                    rotate(&mut a, &mut v, p, q);
                }
            }
        }
    }
    let mut order: [usize; N] = std::array::from_fn(|i| i);
    order.sort_by(|&i, &j| a[i][i].total_cmp(&a[j][j]));
    (order.map(|i| a[i][i]), order.map(|k| v.map(|row| row[k])))
}

/// Makes `a[p][q]` zero.
fn rotate<const N: usize>(a: &mut [[f64; N]; N], v: &mut [[f64; N]; N], p: usize, q: usize) {
    let tau = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let t = tau.signum() / (tau.abs() + tau.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    for row in a.iter_mut().chain(v.iter_mut()) {
        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
    let (row_p, row_q) = (a[p], a[q]);
    a[p] = std::array::from_fn(|k| c * row_p[k] - s * row_q[k]);
    a[q] = std::array::from_fn(|k| s * row_p[k] + c * row_q[k]);
    (a[p][q], a[q][p]) = (0.0, 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_with_known_eigenvalues() {
        // [[2, 1], [1, 2]]: 1 along (1, -1), 3 along (1, 1)
        let (values, vectors) = decomposition(&[[2.0, 1.0], [1.0, 2.0]]);
        assert!((values[0] - 1.0).abs() < 1e-15 && (values[1] - 3.0).abs() < 1e-15);
        assert!((vectors[0][0] + vectors[0][1]).abs() < 1e-15);
        // The second difference matrix of size 4: 2 - 2 cos(kπ/5)
        let second =
            std::array::from_fn(|i: usize| std::array::from_fn(|j: usize| [2.0, -1.0, 0.0, 0.0][i.abs_diff(j)]));
        let (values, _) = decomposition::<4>(&second);
        for (k, value) in values.iter().enumerate() {
            let known = 2.0 - 2.0 * (std::f64::consts::PI * (k + 1) as f64 / 5.0).cos();
            assert!((value - known).abs() < 1e-14, "{value} {known}");
        }
    }
}
