//! What estimates would have come out of other customers: refits to resampled or simulated data.

use rand::Rng;
use rand_distr::Poisson;
use serde::{Deserialize, Serialize};

use super::{FitOptions, fit_from};
use crate::error::{Error, Result};
use crate::models::Likelihood;
use crate::parallel::in_parallel;
use crate::random::generator;
use crate::task::{phase, step};

/// Where the data of a refit come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resampling {
    /// The customers themselves, each a Poisson(1) number of times, so that a row shared by `c` counts Poisson(c). Holds
    /// where the model is only nearly true. Source: Hanley & MacGibbon (2006), Creating non-parametric bootstrap samples
    /// using Poisson frequencies, Computer Methods and Programs in Biomedicine 83(1).
    #[default]
    Customers,
    /// The fitted model, for customers observed as long as these (or, of spend, with as many purchases): the parametric
    /// bootstrap. Source: Efron (1979), Bootstrap Methods, Annals of Statistics 7(1).
    Model,
}

/// How a bootstrap is run.
#[derive(Clone, Copy, Debug)]
pub struct BootstrapOptions {
    /// Number of refits.
    pub refits: u32,
    /// Where their data come from.
    pub by: Resampling,
    /// Each refit has a generator of its own, so that the number of threads changes nothing.
    pub seed: u64,
}

/// Fewer tell nothing of a spread.
const FEWEST_REFITS: u32 = 10;

/// More are not waited for.
const MOST_REFITS: u32 = 100_000;

impl BootstrapOptions {
    /// Whether the number of refits makes sense.
    ///
    /// # Errors
    /// [`Error::Usage`] if not.
    pub fn check(&self) -> Result<()> {
        if (FEWEST_REFITS..=MOST_REFITS).contains(&self.refits) {
            return Ok(());
        }
        Err(Error::Usage(format!(
            "a bootstrap of {}: give {FEWEST_REFITS} to {MOST_REFITS} refits, for instance 200",
            self.refits
        )))
    }
}

/// Estimates of refits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// Where the data came from.
    pub by: Resampling,
    /// Seed of them all.
    pub seed: u64,
    /// Refits that ended nowhere, and are not among the draws.
    pub failed: u32,
    /// The parameters of each refit.
    pub draws: Vec<Vec<f64>>,
}

impl Bootstrap {
    /// Mean of the logarithms of each parameter, and their covariance.
    pub fn moments_of_logs(&self) -> (Vec<f64>, ndarray::Array2<f64>) {
        let logs: Vec<Vec<f64>> = self.draws.iter().map(|draw| draw.iter().map(|p| p.ln()).collect()).collect();
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
        const RUNS_OFF: f64 = 3.0;
        let (mean, covariance) = self.moments_of_logs();
        let deviations = covariance.diag().iter().map(|variance| variance.sqrt()).collect::<Vec<f64>>();
        let error = |(mean, deviation): (&f64, f64)| (deviation < RUNS_OFF).then(|| mean.exp() * deviation);
        mean.iter().zip(deviations).map(error).collect()
    }

    /// Whether this can be a bootstrap of such a model.
    ///
    /// # Errors
    /// [`Error::Data`] if there are too few refits, [`Error::Parameter`] if the parameters of one are not possible.
    pub(super) fn check<M: Likelihood<N>, const N: usize>(&self) -> Result<()> {
        let damaged = || Error::Data(format!("damaged fit of the {} model", M::NAME));
        if self.draws.len() < FEWEST_REFITS as usize / 2 {
            return Err(damaged());
        }
        let possible = |draw: &Vec<f64>| M::from_parameters(draw[..].try_into().map_err(|_| damaged())?).map(|_| ());
        self.draws
            .iter()
            .try_for_each(possible)
            .map_err(|error| Error::Data(format!("a refit of the bootstrap: {error}")))
    }
}

/// What a bootstrap needs of a model and its data.
pub trait Resample<const N: usize>: Likelihood<N> {
    /// The same observations with other weights, made of the old ones row by row.
    fn reweighted(data: &Self::Data, weight: impl FnMut(f64) -> f64) -> Self::Data;

    /// As many customers, observed alike, whose purchases are drawn from this model.
    fn simulated(&self, data: &Self::Data, rng: &mut impl Rng) -> Self::Data;
}

/// Refits the model, each time from the estimate, to data resampled or simulated.
///
/// # Errors
/// [`Error::Usage`] for fewer than ten refits or more than a hundred thousand; [`Error::Bootstrap`] if more than one in ten
/// ended nowhere.
pub fn bootstrap<M, const N: usize>(
    model: &M,
    data: &M::Data,
    options: &FitOptions,
    how: &BootstrapOptions,
) -> Result<Bootstrap>
where
    M: Resample<N> + Sync + Send,
    M::Data: Sync,
{
    how.check()?;
    // Nobody looks at the errors of a refit.
    let options = FitOptions { robust: false, ..*options };
    phase("refits", how.refits.into());
    let refit = |i: usize| -> Result<[f64; N]> {
        step(1);
        let mut rng = generator(how.seed, M::NAME, i);
        let other = match how.by {
            Resampling::Customers => M::reweighted(data, |customers| poisson(customers, &mut rng)),
            Resampling::Model => model.simulated(data, &mut rng),
        };
        fit_from(&other, &options, model).map(|refitted| refitted.model.parameters())
    };
    let (mut draws, mut failed, mut first) = (Vec::new(), 0, None);
    for refit in in_parallel(how.refits as usize, refit) {
        match refit {
            Ok(parameters) => draws.push(parameters.to_vec()),
            Err(error) => {
                failed += 1;
                first.get_or_insert(error);
            }
        }
    }
    if let Some(first) = first.filter(|_| failed * 10 > how.refits) {
        return Err(Error::Bootstrap { model: M::NAME, failed, refits: how.refits, first: first.to_string() });
    }
    Ok(Bootstrap { by: how.by, seed: how.seed, failed, draws })
}

/// A Poisson variate; of a mean that no distribution accepts, the mean.
fn poisson(mean: f64, rng: &mut impl Rng) -> f64 {
    Poisson::new(mean).map_or(mean, |distribution| rand_distr::Distribution::sample(&distribution, rng))
}
