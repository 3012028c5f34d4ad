//! A normal prior around any target.

use super::term::{Term, WithTerm};
use super::{Evaluation, Target};
use crate::error::{Cause, Result};

/// Independent normal priors on a target's coordinates, around their centers: `-Σ (θ - center)²/(2 sd²)`, in the coordinates' sizes.
#[derive(Clone, Debug)]
pub struct NormalPrior {
    precision: f64,
}

/// A target with [normal priors](NormalPrior) on its coordinates. With them, few customers are enough.
pub type WithPrior<T> = WithTerm<T, NormalPrior>;

impl<T: Target> WithPrior<T> {
    /// Adds a prior with this standard deviation.
    pub fn new(target: T, sd: f64) -> Self {
        Self::of(target, NormalPrior { precision: 1.0 / (sd * sd) })
    }
}

impl Term for NormalPrior {
    fn add(&self, target: &dyn Target, theta: &[f64], sum: &mut Evaluation) {
        // A sum of its own, which is exact to its own digits.
        let mut density = 0.0;
        for (i, (theta, coordinate)) in theta.iter().zip(target.coordinates()).enumerate() {
            let (off, precision) = (coordinate.off(*theta), self.precision);
            density -= 0.5 * precision * off * off;
            sum.add(i, 0.0, -precision * off / coordinate.size, -precision / (coordinate.size * coordinate.size));
        }
        sum.value += density;
    }

    fn check(&self, without: Result<()>) -> Result<()> {
        match without {
            Err(error) if matches!(error.cause(), Cause::TooFew { found: 1.., .. }) => Ok(()),
            checked => checked,
        }
    }
}
