//! A normal prior around any target.

use super::term::{Term, WithTerm};
use super::{Target, TargetValue};
use crate::error::{Cause, Result};

/// Independent normal priors on a target's coordinates, around their centers: `-Σ (θ - center)²/(2 sd²)`, in the coordinates' sizes.
#[derive(Clone, Debug)]
pub struct NormalPrior {
    /// Number of the coordinates that are a model's own; coefficients follow them.
    parameters: usize,
    /// Standard deviation of those; none without a prior.
    of_parameters: Option<f64>,
    /// Of the coefficients.
    of_coefficients: Option<f64>,
}

impl NormalPrior {
    /// On the first coordinates, and on the coefficients after them.
    pub(super) fn of_both(parameters: usize, of_parameters: Option<f64>, of_coefficients: Option<f64>) -> Self {
        Self { parameters, of_parameters, of_coefficients }
    }
}

/// A target with [normal priors](NormalPrior) on its coordinates. With them, few customers are enough.
pub type WithPrior<T> = WithTerm<T, NormalPrior>;

impl<T: Target> WithPrior<T> {
    /// Adds a prior with this standard deviation.
    pub fn new(target: T, sd: f64) -> Self {
        let all = target.coordinates().len();
        Self::of(target, NormalPrior::of_both(all, Some(sd), None))
    }
}

impl Term for NormalPrior {
    fn add(&self, target: &dyn Target, theta: &[f64], sum: &mut TargetValue) {
        // A sum of its own, which is exact to its own digits.
        let mut density = 0.0;
        for (i, (theta, coordinate)) in theta.iter().zip(target.coordinates()).enumerate() {
            let sd = if i < self.parameters { self.of_parameters } else { self.of_coefficients };
            let Some(precision) = sd.map(|sd| 1.0 / (sd * sd)) else { continue };
            let off = coordinate.off(*theta);
            density -= 0.5 * precision * off * off;
            sum.add(i, 0.0, -precision * off / coordinate.size, -precision / (coordinate.size * coordinate.size));
        }
        sum.value += density;
    }

    fn check(&self, without: Result<()>) -> Result<()> {
        match without {
            Err(error) if self.of_parameters.is_some() && matches!(error.cause(), Cause::TooFew { found: 1.., .. }) => {
                Ok(())
            }
            checked => checked,
        }
    }
}
