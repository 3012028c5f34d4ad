//! A prior or a penalty, added to the log-likelihood of any target.

use ndarray::Array2;
use rand_pcg::Pcg64;

use super::{Coordinate, Redraw, Resampling, Target, TargetValue};
use crate::error::Result;

/// A term of the coordinates `θ` alone, to be added to a log-likelihood: the logarithm of a prior density, or a penalty.
pub trait Term: Clone + Sync {
    /// Adds it, with its derivatives, to what the target is at `θ`.
    fn add(&self, target: &dyn Target, theta: &[f64], sum: &mut TargetValue);

    /// Whether the data can identify the model with it, given whether they can without.
    ///
    /// # Errors
    /// What [`Target::check`] found, unless the term mends it.
    fn check(&self, without: Result<()>) -> Result<()> {
        without
    }

    /// How far from its center coordinate `i` has run off with it, given [`Target::run_off`] without.
    fn run_off(&self, i: usize, without: f64) -> f64 {
        let _ = i;
        without
    }
}

/// A target with a term added to its function, itself a target.
#[derive(Debug)]
pub struct WithTerm<T, A> {
    target: T,
    term: A,
}

impl<T: Target, A: Term> WithTerm<T, A> {
    /// This target with this term.
    pub fn of(target: T, term: A) -> Self {
        Self { target, term }
    }
}

impl<T: Target, A: Term> Target for WithTerm<T, A> {
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

    fn at(&self, theta: &[f64]) -> TargetValue {
        let mut sum = self.target.at(theta);
        self.term.add(&self.target, theta, &mut sum);
        sum
    }

    fn score_products(&self, theta: &[f64]) -> Array2<f64> {
        self.target.score_products(theta)
    }

    fn starts(&self) -> Vec<Vec<f64>> {
        self.target.starts()
    }

    fn check(&self) -> Result<()> {
        self.term.check(self.target.check())
    }

    fn thinned(&self) -> Option<Box<dyn Target + '_>> {
        let term = self.term.clone();
        self.target.thinned().map(|target| Box::new(WithTerm { target, term }) as Box<dyn Target>)
    }

    fn likelihood(&self) -> Option<&dyn Target> {
        self.target.likelihood().or(Some(&self.target))
    }

    fn run_off(&self, i: usize) -> f64 {
        self.term.run_off(i, self.target.run_off(i))
    }
}

impl<T: Redraw, A: Term> Redraw for WithTerm<T, A> {
    fn redrawn(&self, by: Resampling, theta: &[f64], rng: &mut Pcg64) -> Box<dyn Target + '_> {
        Box::new(WithTerm { target: self.target.redrawn(by, theta, rng), term: self.term.clone() })
    }
}
