//! What to make of where a run ended: the verdict, and how far off the estimate may be.

use ndarray::Array2;

use super::newton::{END_OF_REACH, Ending, Run, largest};
use super::verdict::{along, limits};
use super::{Coordinate, Estimate, Target, Verdict};
use crate::linear::{Cholesky, eigen, holding};

/// An estimate, and the target there, by which estimates are compared.
pub(super) struct Judged {
    pub(super) estimate: Estimate,
    pub(super) objective: f64,
}

/// Largest gradient of the mean log-likelihood that counts as zero where a run was cut off.
const ZERO_GRADIENT: f64 = 1e-6;

/// Below this eigenvalue of the information a combination of parameters is uncertain by more than a factor of `e`.
const LEAST_INFORMATION: f64 = 1.0;

/// Turns a run into an estimate with standard errors and verdict; none if it did not end at an optimum or a limit.
pub(super) fn judge(target: &dyn Target, robust: bool, run: &Run) -> Option<Judged> {
    let coordinates = target.coordinates();
    let within = |(theta, coordinate): (&f64, &Coordinate)| coordinate.off(*theta).abs() < END_OF_REACH;
    let slopes: Vec<f64> = (run.theta.iter().zip(coordinates))
        .zip(&run.function.gradient)
        .map(|(place, slope)| if within(place) { slope * place.1.size } else { 0.0 })
        .collect();
    let gradient = largest(slopes.into_iter());
    // Nothing follows from numbers that are none.
    let known = run.function.value.is_finite() && run.function.hessian.iter().all(|cell| cell.is_finite());
    // Where a run says itself that nothing is to be gained, a slope across a steep ridge may remain.
    if !known || !gradient.is_finite() || run.ending == Ending::Lost && gradient > ZERO_GRADIENT {
        return None;
    }
    let customers = target.customers();
    let information = &run.function.hessian * customers;
    // On coordinates in their sizes.
    let sized = Array2::from_shape_fn(information.raw_dim(), |(i, j)| {
        information[[i, j]] * coordinates[i].size * coordinates[j].size
    });
    let (eigenvalues, _) = eigen(&sized);
    let limits = limits(coordinates, &run.theta, |i| target.run_off(i));
    let held: Vec<bool> =
        coordinates.iter().map(|coordinate| limits.iter().any(|limit| limit.parameter == coordinate.name)).collect();
    let verdict = if !limits.is_empty() {
        Verdict::Boundary { limits, undetermined: flat(coordinates, &holding(&sized, &held)) }
    } else if run.ending == Ending::Lost {
        return None;
    } else if eigenvalues[0] < LEAST_INFORMATION {
        Verdict::Ridge { parameters: flat(coordinates, &sized) }
    } else if run.ending == Ending::Optimum {
        Verdict::Converged
    } else {
        return None;
    };
    let objective = -run.function.value * customers;
    let estimate = Estimate {
        coordinates: coordinates.to_vec(),
        theta: run.theta.clone(),
        log_likelihood: target.likelihood().map_or(objective, |likelihood| likelihood.at(&run.theta).value),
        covariance: covariance(target, &run.theta, &information, &held, robust),
        customers: customers as u64,
        distinct: target.distinct(),
        iterations: run.iterations,
        evaluations: run.evaluations,
        gradient,
        smallest_information: eigenvalues[0],
        condition: eigenvalues[eigenvalues.len() - 1] / eigenvalues[0],
        verdict,
    };
    Some(Judged { estimate, objective })
}

/// The parameters along whose combinations the information is too small.
fn flat(coordinates: &[Coordinate], information: &Array2<f64>) -> Vec<String> {
    let (values, vectors) = eigen(information);
    let small = values.iter().take_while(|value| **value < LEAST_INFORMATION).count();
    along(coordinates, &vectors[..small])
}

/// Inverse information, or the sandwich, of the parameters that stayed inside.
fn covariance(
    target: &dyn Target,
    theta: &[f64],
    information: &Array2<f64>,
    held: &[bool],
    robust: bool,
) -> Array2<f64> {
    let Some(factor) = Cholesky::new(&holding(information, held)) else {
        return Array2::from_elem(information.raw_dim(), f64::NAN);
    };
    let inverse = factor.inverse();
    let mut covariance = match robust {
        true => inverse.dot(&target.score_products(theta)).dot(&inverse),
        false => inverse,
    };
    for ((i, j), cell) in covariance.indexed_iter_mut() {
        if held[i] || held[j] {
            *cell = f64::NAN;
        }
    }
    covariance
}
