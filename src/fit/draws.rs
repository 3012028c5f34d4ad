//! Draws of the parameters: what estimates would have come out of other customers.

use serde::{Deserialize, Serialize};

use super::maximum::maximum_near;
use super::resampling::FEWEST_REFITS;
use super::{BootstrapOptions, FitOptions, Plain, Redraw, Resampling, WithPrior};
use crate::error::{Cause, Error, Result};
use crate::message::say;
use crate::models::{Likelihood, Resample};
use crate::parallel::in_parallel;
use crate::random::generator;
use crate::task::{phase, step};

/// Parameters drawn as far from each other as the estimates may be off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Draws {
    /// Where the data came from.
    pub by: Resampling,
    /// Seed of them all.
    pub seed: u64,
    /// Refits that ended nowhere, and are not among them.
    pub failed: u32,
    /// The parameters of each, in the order of the model.
    pub draws: Vec<Vec<f64>>,
}

impl Draws {
    /// Mean of the logarithms of each parameter, and their covariance.
    pub fn moments_of_logs(&self) -> (Vec<f64>, ndarray::Array2<f64>) {
        self.moments(0)
    }

    /// Mean and covariance of the logarithms of the parameters, and of the coefficients after them.
    pub fn moments(&self, coefficients: usize) -> (Vec<f64>, ndarray::Array2<f64>) {
        let log = |draw: &Vec<f64>| {
            let parameters = draw.len() - coefficients;
            draw.iter().enumerate().map(|(i, p)| if i < parameters { p.ln() } else { *p }).collect()
        };
        let logs: Vec<Vec<f64>> = self.draws.iter().map(log).collect();
        let (n, parameters) = (logs.len() as f64, logs.first().map_or(0, Vec::len));
        let mean: Vec<f64> = (0..parameters).map(|i| logs.iter().map(|log| log[i]).sum::<f64>() / n).collect();
        let covariance = ndarray::Array2::from_shape_fn((parameters, parameters), |(i, j)| {
            logs.iter().map(|log| (log[i] - mean[i]) * (log[j] - mean[j])).sum::<f64>() / (n - 1.0)
        });
        (mean, covariance)
    }

    /// Standard error of each parameter, as everywhere: itself times the standard deviation of its logarithm; none if it runs
    /// off in some of the refits.
    pub fn standard_errors(&self) -> Vec<Option<f64>> {
        self.standard_errors_with(0)
    }

    /// The same with coefficients after the parameters, whose standard deviations are their own.
    pub fn standard_errors_with(&self, coefficients: usize) -> Vec<Option<f64>> {
        const RUNS_OFF: f64 = 3.0;
        let (mean, covariance) = self.moments(coefficients);
        let parameters = mean.len() - coefficients;
        let deviations = covariance.diag().iter().map(|variance| variance.sqrt()).collect::<Vec<f64>>();
        let error = |(i, (mean, deviation)): (usize, (&f64, f64))| match i < parameters {
            true => (deviation < RUNS_OFF).then(|| mean.exp() * deviation),
            false => Some(deviation),
        };
        mean.iter().zip(deviations).enumerate().map(error).collect()
    }

    /// Whether this can be a bootstrap of such a model.
    ///
    /// # Errors
    /// [`Error::data`] if there are too few refits, [`Cause::Parameter`](crate::error::Cause::Parameter) if the parameters of one are not possible.
    pub(super) fn check<M: Likelihood<N>, const N: usize>(
        &self,
        setting: M::Setting,
        coefficients: usize,
    ) -> Result<()> {
        let damaged = || Error::data(format!("damaged fit of the {} model", M::NAME));
        if self.draws.len() < FEWEST_REFITS as usize / 2 {
            return Err(damaged());
        }
        let possible = |draw: &Vec<f64>| {
            let (parameters, others) = draw.split_at_checked(N).ok_or_else(damaged)?;
            if others.len() != coefficients || others.iter().any(|coefficient| !coefficient.is_finite()) {
                return Err(damaged());
            }
            M::with_setting(setting, parameters.try_into().map_err(|_| damaged())?).map(|_| ())
        };
        self.draws
            .iter()
            .try_for_each(possible)
            .map_err(|error| Error::data(say!["a refit of the bootstrap: ", error.message()]))
    }
}

/// Refits a target, each time from its maximum at `theta`, to data drawn anew.
///
/// # Errors
/// [`Error::usage`] for fewer than ten refits or more than a hundred thousand; [`Cause::Bootstrap`](crate::error::Cause::Bootstrap) if more than one in ten
/// ended nowhere.
pub fn redraw(target: &dyn Redraw, theta: &[f64], how: &BootstrapOptions) -> Result<Draws> {
    how.check()?;
    phase("refits", how.refits.into());
    let refit = |i: usize| -> Result<Vec<f64>> {
        step(1);
        let mut rng = generator(how.seed, target.name(), i);
        let other = target.redrawn(how.by, theta, &mut rng);
        maximum_near(&other, theta).map(|refitted| refitted.values())
    };
    let (mut draws, mut failed, mut first) = (Vec::new(), 0, None);
    for refit in in_parallel(how.refits as usize, refit) {
        match refit {
            Ok(parameters) => draws.push(parameters),
            Err(error) => {
                failed += 1;
                first.get_or_insert(error);
            }
        }
    }
    if let Some(first) = first.filter(|_| failed * 10 > how.refits) {
        let first = Box::new(first);
        return Err(Cause::Bootstrap { model: target.name(), failed, refits: how.refits, first }.into());
    }
    Ok(Draws { by: how.by, seed: how.seed, failed, draws })
}

/// [`redraw`] of a model of the family.
///
/// # Errors
/// Those of [`redraw`].
pub fn bootstrap<M: Resample<N>, const N: usize>(
    model: &M,
    data: &M::Data,
    options: &FitOptions,
    how: &BootstrapOptions,
) -> Result<Draws> {
    let (target, theta) = (Plain::<M, N>::new(model.setting(), data), Plain::theta(model));
    match options.prior_sd {
        Some(sd) => redraw(&WithPrior::new(target, sd), &theta, how),
        None => redraw(&target, &theta, how),
    }
}
