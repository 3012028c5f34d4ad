//! A derivative-free search, where Newton's method ends nowhere.

use argmin::core::{CostFunction, Executor, State};
use argmin::solver::neldermead::NelderMead;

use crate::error::{Cause, Error, Result};

/// Iterations allowed.
const ITERATIONS: u64 = 2000;

/// Where Nelder-Mead ends that starts from a simplex of unit steps.
pub(super) fn lowest<C: CostFunction<Param = Vec<f64>, Output = f64>>(function: C, start: &[f64]) -> Result<Vec<f64>> {
    let mut corners = vec![start.to_vec()];
    corners.extend((0..start.len()).map(|i| {
        let mut corner = start.to_vec();
        corner[i] += 1.0;
        corner
    }));
    let failed = |error: argmin::core::Error| Error::from(Cause::Optimiser(error.to_string()));
    let solver = NelderMead::new(corners).with_sd_tolerance(1e-14).map_err(failed)?;
    let result = Executor::new(function, solver)
        .configure(|state| state.max_iters(ITERATIONS))
        .ctrlc(false)
        .run()
        .map_err(failed)?;
    Ok(result.state.get_best_param().cloned().unwrap_or_else(|| start.to_vec()))
}
