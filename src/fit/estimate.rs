//! Where a fit ended, with the evidence.

use ndarray::Array2;

use super::{Coordinate, Verdict};

/// The maximum of a target, judged.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Estimate {
    /// What was looked for.
    pub coordinates: Vec<Coordinate>,
    /// Where it was found.
    pub theta: Vec<f64>,
    /// Log-likelihood there, over all customers; without prior and penalty.
    pub log_likelihood: f64,
    /// Covariance of the coordinates, of a model of the family the logarithms of its parameters. Not a number for those that ran off
    /// to a boundary.
    pub covariance: Array2<f64>,
    /// Customers in the likelihood.
    pub customers: u64,
    /// Distinct observations they collapsed to.
    pub distinct: usize,
    /// Newton iterations of the run that gave the estimate.
    pub iterations: u64,
    /// Evaluations of the target over all runs.
    pub evaluations: u64,
    /// Largest entry of the gradient of the mean log-likelihood in the coordinates, in their sizes, that did not run off.
    pub gradient: f64,
    /// Smallest eigenvalue of the information on the coordinates, in their sizes: one over the largest variance of any combination of them.
    pub smallest_information: f64,
    /// Largest over smallest eigenvalue.
    pub condition: f64,
    /// Whether, and how far, the estimate can be relied on.
    pub verdict: Verdict,
}

impl Estimate {
    /// What was estimated, by coordinate.
    pub fn values(&self) -> Vec<f64> {
        self.coordinates.iter().zip(&self.theta).map(|(coordinate, theta)| coordinate.value(*theta)).collect()
    }

    /// Standard error of each coordinate; none if it ran off.
    pub fn standard_errors_of_coordinates(&self) -> Vec<Option<f64>> {
        let variances = self.covariance.diag();
        variances.iter().map(|variance| Some(variance.sqrt()).filter(|error| error.is_finite())).collect()
    }

    /// Standard error of what was estimated; of a parameter `p` whose logarithm is the coordinate by the delta method, `p · se(ln p)`.
    pub fn standard_errors(&self) -> Vec<Option<f64>> {
        let places = self.coordinates.iter().zip(&self.theta).zip(self.standard_errors_of_coordinates());
        let error = |((coordinate, theta), error): ((&Coordinate, &f64), Option<f64>)| match coordinate.is_logarithm {
            true => error.map(|error| error * theta.exp()),
            false => error,
        };
        places.map(error).collect()
    }

    /// 95% interval of what was estimated, `θ ± 1.96 se`; of a parameter whose logarithm is the coordinate `p e^(± 1.96 se(ln p))`:
    /// never negative.
    pub fn intervals(&self) -> Vec<Option<(f64, f64)>> {
        const NORMAL_975: f64 = 1.959_963_984_540_054;
        let places = self.coordinates.iter().zip(&self.theta).zip(self.standard_errors_of_coordinates());
        let interval = |((coordinate, theta), error): ((&Coordinate, &f64), Option<f64>)| {
            let half = NORMAL_975 * error?;
            Some(match coordinate.is_logarithm {
                true => (theta.exp() / half.exp(), theta.exp() * half.exp()),
                false => (theta - half, theta + half),
            })
        };
        places.map(interval).collect()
    }

    /// Correlation of the coordinates.
    pub fn correlation(&self) -> Array2<f64> {
        let covariance = &self.covariance;
        Array2::from_shape_fn(covariance.raw_dim(), |(i, j)| {
            covariance[[i, j]] / (covariance[[i, i]] * covariance[[j, j]]).sqrt()
        })
    }
}

/// A model with the evidence of how it was estimated.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fitted<M> {
    /// The model at the estimated parameters.
    pub model: M,
    /// The evidence.
    pub estimate: Estimate,
}
