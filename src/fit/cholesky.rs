//! Cholesky factorisation of the small symmetric matrices of a fit.

/// Lower triangular factor `L` with `A = L Lᵀ`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cholesky<const N: usize>([[f64; N]; N]);

impl<const N: usize> Cholesky<N> {
    /// Factors `a`; `None` unless it is (numerically) positive definite.
    pub(crate) fn new(a: &[[f64; N]; N]) -> Option<Self> {
        let mut l = [[0.0; N]; N];
        for i in 0..N {
            for j in 0..=i {
                let dot: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
                let rest = a[i][j] - dot;
                if i == j {
                    // What is left of a diagonal entry after the subtraction must stand clear of its rounding error.
                    if rest.is_nan() || rest <= 1e-14 * a[i][i].abs() {
                        return None;
                    }
                    l[i][i] = rest.sqrt();
                } else {
                    l[i][j] = rest / l[j][j];
                }
            }
        }
        Some(Self(l))
    }

    /// Solves `A s = v`.
    pub(crate) fn solve(&self, mut v: [f64; N]) -> [f64; N] {
        let l = &self.0;
        for i in 0..N {
            let dot: f64 = (0..i).map(|k| l[i][k] * v[k]).sum();
            v[i] = (v[i] - dot) / l[i][i];
        }
        for i in (0..N).rev() {
            let dot: f64 = (i + 1..N).map(|k| l[k][i] * v[k]).sum();
            v[i] = (v[i] - dot) / l[i][i];
        }
        v
    }

    /// `A⁻¹`.
    pub(super) fn inverse(&self) -> [[f64; N]; N] {
        let columns: [[f64; N]; N] = std::array::from_fn(|j| {
            let unit = std::array::from_fn(|i| if i == j { 1.0 } else { 0.0 });
            self.solve(unit)
        });
        // Symmetric, so columns are rows.
        columns
    }
}

/// The matrix with the rows and columns of held coordinates replaced by those of the identity.
pub(crate) fn holding<const N: usize>(matrix: &[[f64; N]; N], held: [bool; N]) -> [[f64; N]; N] {
    std::array::from_fn(|i| {
        std::array::from_fn(|j| match held[i] || held[j] {
            false => matrix[i][j],
            true => f64::from(u8::from(i == j)),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_of_a_known_matrix() {
        // [[4, 2], [2, 3]] has determinant 8.
        let inverse = Cholesky::new(&[[4.0, 2.0], [2.0, 3.0]]).unwrap().inverse();
        for (found, expected) in inverse.iter().flatten().zip([0.375, -0.25, -0.25, 0.5]) {
            assert!((found - expected).abs() < 1e-15);
        }
        assert!(Cholesky::new(&[[1.0, 2.0], [2.0, 1.0]]).is_none());
    }
}
