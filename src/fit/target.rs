//! What an optimiser or a bootstrap sees of anything that can be fitted.

use ndarray::Array2;
use rand_pcg::Pcg64;

use super::Resampling;
use crate::error::Result;
use crate::models::Derivatives;

/// One of the numbers that a fit looks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinate {
    /// Name of what is estimated, for instance `alpha`.
    pub name: String,
    /// Where a prior or a start may stand, to within a few orders of magnitude.
    pub center: f64,
    /// A change that makes a difference: 1 of a logarithm.
    pub size: f64,
    /// Whether the coordinate is the logarithm of what is estimated, which then is positive.
    pub is_logarithm: bool,
}

impl Coordinate {
    /// The logarithm of a positive parameter of about this size.
    pub fn logarithm(name: &str, scale: f64) -> Self {
        Self { name: name.to_owned(), center: scale.ln(), size: 1.0, is_logarithm: true }
    }

    /// A number of either sign, of about this size.
    pub fn real(name: &str, size: f64) -> Self {
        Self { name: name.to_owned(), center: 0.0, size, is_logarithm: false }
    }

    /// How far from the center a place is, in sizes.
    pub fn off(&self, theta: f64) -> f64 {
        (theta - self.center) / self.size
    }

    /// What is estimated, at this place.
    pub fn value(&self, theta: f64) -> f64 {
        if self.is_logarithm { theta.exp() } else { theta }
    }
}

/// A log-likelihood, or more, at a point `θ`, with its derivatives in `θ`.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetValue {
    /// The value.
    pub value: f64,
    /// First derivatives.
    pub gradient: Vec<f64>,
    /// Second derivatives; both triangles are filled.
    pub hessian: Array2<f64>,
}

impl TargetValue {
    /// Where there is no such model: a value that no step accepts.
    pub fn impossible(size: usize) -> Self {
        Self { value: f64::NEG_INFINITY, gradient: vec![0.0; size], hessian: Array2::zeros((size, size)) }
    }

    /// Adds a term of one coordinate alone: its value, and its first and second derivative.
    pub fn add(&mut self, i: usize, value: f64, slope: f64, bend: f64) {
        self.value += value;
        self.gradient[i] += slope;
        self.hessian[[i, i]] += bend;
    }

    /// Every part multiplied by `factor`.
    pub(super) fn times(mut self, factor: f64) -> Self {
        self.value *= factor;
        self.gradient.iter_mut().for_each(|slope| *slope *= factor);
        self.hessian *= factor;
        self
    }
}

impl<const N: usize> From<Derivatives<N>> for TargetValue {
    fn from(d: Derivatives<N>) -> Self {
        Self { value: d.value, gradient: d.gradient.to_vec(), hessian: Array2::from(d.hessian.to_vec()) }
    }
}

/// An objective to be maximised over some coordinates: the log-likelihood of a model and its data, or that with a prior or a penalty
/// added.
///
/// [`Plain`](super::Plain) is that of a model of the family, [`WithPrior`](super::WithPrior) and
/// [`WithPenalty`](super::WithPenalty) go around any other. [`maximum`](super::maximum) fits it.
pub trait Target: Sync {
    /// Name of the model, for messages.
    fn name(&self) -> &'static str;

    /// What is looked for, in the order of every vector and matrix.
    fn coordinates(&self) -> &[Coordinate];

    /// Number of customers, or other observations that are independent of each other.
    fn customers(&self) -> f64;

    /// Number of distinct observations they collapse to.
    fn distinct(&self) -> usize;

    /// The function at `θ`.
    fn at(&self, theta: &[f64]) -> TargetValue;

    /// `Σ g gᵀ` over the gradients `g` of single customers' log-likelihoods at `θ`.
    fn score_products(&self, theta: &[f64]) -> Array2<f64>;

    /// Where a fit begins, in the order in which places are tried.
    fn starts(&self) -> Vec<Vec<f64>>;

    /// Whether the data can identify the model at all.
    ///
    /// # Errors
    /// [`Cause::TooFew`](crate::error::Cause::TooFew) and others, with what is missing and what to do.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// What is like it at a fraction of the cost, to come near the maximum first; none where it is cheap itself.
    fn thinned(&self) -> Option<Box<dyn Target + '_>> {
        None
    }

    /// The log-likelihood alone, where there is more around it.
    fn likelihood(&self) -> Option<&dyn Target> {
        None
    }

    /// How far from its center, in sizes, coordinate `i` has run off: a parameter whose logarithm it is, to 10,000 times its scale.
    fn run_off(&self, i: usize) -> f64 {
        let _ = i;
        RUN_OFF.ln()
    }
}

/// A parameter this many times larger or smaller than its scale has run off.
const RUN_OFF: f64 = 1e4;

/// A target whose data can be drawn anew.
pub trait Redraw: Target {
    /// The target with other data: its customers, resampled, or as many drawn from the model at `θ`.
    fn redrawn(&self, by: Resampling, theta: &[f64], rng: &mut Pcg64) -> Box<dyn Target + '_>;
}

impl<T: Target + ?Sized> Target for Box<T> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn coordinates(&self) -> &[Coordinate] {
        (**self).coordinates()
    }

    fn customers(&self) -> f64 {
        (**self).customers()
    }

    fn distinct(&self) -> usize {
        (**self).distinct()
    }

    fn at(&self, theta: &[f64]) -> TargetValue {
        (**self).at(theta)
    }

    fn score_products(&self, theta: &[f64]) -> Array2<f64> {
        (**self).score_products(theta)
    }

    fn starts(&self) -> Vec<Vec<f64>> {
        (**self).starts()
    }

    fn check(&self) -> Result<()> {
        (**self).check()
    }

    fn thinned(&self) -> Option<Box<dyn Target + '_>> {
        (**self).thinned()
    }

    fn likelihood(&self) -> Option<&dyn Target> {
        (**self).likelihood()
    }

    fn run_off(&self, i: usize) -> f64 {
        (**self).run_off(i)
    }
}
