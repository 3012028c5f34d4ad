//! A model of the family and its counted rows as a target: the logarithms of the parameters are the coordinates.

use std::borrow::Cow;

use ndarray::Array2;
use rand_distr::{Distribution, Poisson};
use rand_pcg::Pcg64;

use super::{Coordinate, Redraw, Resampling, Target, TargetValue};
use crate::error::Result;
use crate::models::{Likelihood, Resample};
use crate::summary::Counted;
use crate::task::checkpoint;

/// The log-likelihood of a model over counted rows.
#[derive(Clone, Debug)]
pub struct Plain<'a, M: Likelihood<N>, const N: usize> {
    setting: M::Setting,
    data: Cow<'a, M::Data>,
    coordinates: Vec<Coordinate>,
}

/// Distinct rows from which a start is improved on a part of them first, and the part.
pub(super) const MANY_ROWS: usize = 20_000;
pub(super) const THINNED: usize = 16;

impl<'a, M: Likelihood<N>, const N: usize> Plain<'a, M, N> {
    /// The likelihood of these rows under a model with this setting.
    pub fn new(setting: M::Setting, data: &'a M::Data) -> Self {
        Self::of(setting, Cow::Borrowed(data))
    }

    fn of(setting: M::Setting, data: Cow<'a, M::Data>) -> Self {
        let scales = M::PARAMETERS.iter().zip(M::scales(setting, &data));
        let coordinates = scales.map(|(name, scale)| Coordinate::logarithm(name, scale)).collect();
        Self { setting, data, coordinates }
    }

    /// The model at `θ`.
    ///
    /// # Errors
    /// [`Cause::Parameter`](crate::error::Cause::Parameter) beyond the range of parameters.
    pub fn model(setting: M::Setting, theta: &[f64]) -> Result<M> {
        M::with_setting(setting, std::array::from_fn(|i| theta[i].exp()))
    }

    /// The place of a model.
    pub fn theta(model: &M) -> Vec<f64> {
        model.parameters().map(f64::ln).to_vec()
    }
}

impl<M: Likelihood<N>, const N: usize> Target for Plain<'_, M, N> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn coordinates(&self) -> &[Coordinate] {
        &self.coordinates
    }

    fn customers(&self) -> f64 {
        self.data.customers()
    }

    fn distinct(&self) -> usize {
        self.data.distinct()
    }

    fn at(&self, theta: &[f64]) -> TargetValue {
        checkpoint();
        match Self::model(self.setting, theta) {
            Ok(model) => model.log_likelihood(&self.data).into(),
            // A parameter beyond the range of a number.
            Err(_) => TargetValue::impossible(N),
        }
    }

    fn score_products(&self, theta: &[f64]) -> Array2<f64> {
        let Ok(model) = Self::model(self.setting, theta) else { return Array2::from_elem((N, N), f64::NAN) };
        let mut products = Array2::zeros((N, N));
        self.data.each_alone(|one, customers| {
            let score = model.log_likelihood(one).gradient;
            for i in 0..N {
                for j in 0..N {
                    products[[i, j]] += customers * score[i] * score[j];
                }
            }
        });
        products
    }

    fn starts(&self) -> Vec<Vec<f64>> {
        M::starts(self.setting, &self.data).iter().map(Self::theta).collect()
    }

    fn check(&self) -> Result<()> {
        M::check(&self.data)
    }

    fn thinned(&self) -> Option<Box<dyn Target + '_>> {
        (self.distinct() >= MANY_ROWS)
            .then(|| Box::new(Self::of(self.setting, Cow::Owned(self.data.thinned(THINNED)))) as Box<dyn Target>)
    }
}

impl<M: Resample<N>, const N: usize> Redraw for Plain<'_, M, N> {
    fn redrawn(&self, by: Resampling, theta: &[f64], rng: &mut Pcg64) -> Box<dyn Target + '_> {
        let data = match by {
            Resampling::Customers => M::reweighted(&self.data, |customers| poisson(customers, rng)),
            Resampling::Model => Self::model(self.setting, theta)
                .map_or_else(|_| self.data.clone().into_owned(), |model| model.simulated(&self.data, rng)),
        };
        Box::new(Self::of(self.setting, Cow::Owned(data)))
    }
}

/// A Poisson variate; of a mean that no distribution accepts, the mean.
pub(super) fn poisson(mean: f64, rng: &mut Pcg64) -> f64 {
    Poisson::new(mean).map_or(mean, |distribution| distribution.sample(rng))
}
