//! A normal prior around any target.

use ndarray::Array2;
use rand_pcg::Pcg64;

use super::{Coordinate, Evaluation, Redraw, Resampling, Target};
use crate::error::{Error, Result};

/// A target with independent normal priors on its coordinates, around their centers: `-Σ (θ - center)²/(2 sd²)` is added,
/// in the coordinates' sizes. With it, few customers are enough.
#[derive(Debug)]
pub struct WithPrior<T> {
    target: T,
    precision: f64,
}

impl<T: Target> WithPrior<T> {
    /// With this standard deviation.
    pub fn new(target: T, sd: f64) -> Self {
        Self { target, precision: 1.0 / (sd * sd) }
    }
}

impl<T: Target> Target for WithPrior<T> {
    fn name(&self) -> &'static str {
        self.target.name()
    }

    fn coordinates(&self) -> &[Coordinate] {
        self.target.coordinates()
    }

    fn customers(&self) -> f64 {
        self.target.customers()
    }

    fn distinct(&self) -> usize {
        self.target.distinct()
    }

    fn at(&self, theta: &[f64]) -> Evaluation {
        let mut sum = self.target.at(theta);
        // A sum of its own, which is exact to its own digits.
        let mut density = 0.0;
        for (i, (theta, coordinate)) in theta.iter().zip(self.coordinates()).enumerate() {
            let (off, precision) = (coordinate.off(*theta), self.precision);
            density -= 0.5 * precision * off * off;
            sum.add(i, 0.0, -precision * off / coordinate.size, -precision / (coordinate.size * coordinate.size));
        }
        sum.value += density;
        sum
    }

    fn score_products(&self, theta: &[f64]) -> Array2<f64> {
        self.target.score_products(theta)
    }

    fn starts(&self) -> Vec<Vec<f64>> {
        self.target.starts()
    }

    fn check(&self) -> Result<()> {
        match self.target.check() {
            Err(Error::TooFew { found: 1.., .. }) => Ok(()),
            checked => checked,
        }
    }

    fn thinned(&self) -> Option<Box<dyn Target + '_>> {
        let precision = self.precision;
        self.target.thinned().map(|target| Box::new(WithPrior { target, precision }) as Box<dyn Target>)
    }

    fn likelihood(&self) -> Option<&dyn Target> {
        self.target.likelihood().or(Some(&self.target))
    }

    fn run_off(&self) -> f64 {
        self.target.run_off()
    }
}

impl<T: Redraw> Redraw for WithPrior<T> {
    fn redrawn(&self, by: Resampling, theta: &[f64], rng: &mut Pcg64) -> Box<dyn Target + '_> {
        Box::new(WithPrior { target: self.target.redrawn(by, theta, rng), precision: self.precision })
    }
}
