//! What a model states to be fitted.

use rand::Rng;

use super::Derivatives;
use super::sampling::whole_number;
use super::timing::Timing;
use crate::error::{Cause, Result};
use crate::summary::{Counted, CountedHistories, History, PARAMETERS};

/// What maximum likelihood needs of a model with `N` positive parameters.
pub trait Likelihood<const N: usize>: Copy + std::fmt::Debug {
    /// The counted observations it is fitted to.
    type Data: Counted;

    /// What is fixed before a fit rather than estimated by it; of most models nothing.
    type Setting: Copy + std::fmt::Debug + Send + Sync;

    /// Name in files and on the command line, for instance `bg-nbd`.
    const NAME: &'static str;

    /// Name in the literature, for instance `BG/NBD`.
    const TITLE: &'static str;

    /// Whether it counts opportunities, each used or not, rather than measures time. Its likelihood is then a probability
    /// and not a density, and does not compare with that of the others.
    const DISCRETE: bool = false;

    /// Parameter names in the notation of the model's paper.
    const PARAMETERS: [&'static str; N];

    /// The model with this setting and these parameters.
    ///
    /// # Errors
    /// [`Cause::Parameter`](crate::error::Cause::Parameter) unless every parameter is within [`PARAMETERS`].
    fn with_setting(setting: Self::Setting, parameters: [f64; N]) -> Result<Self>;

    /// The model with these parameters, where that is all there is to it.
    ///
    /// # Errors
    /// [`Cause::Parameter`](crate::error::Cause::Parameter) unless every parameter is within [`PARAMETERS`].
    fn from_parameters(parameters: [f64; N]) -> Result<Self>
    where
        Self: Likelihood<N, Setting = ()>,
    {
        Self::with_setting((), parameters)
    }

    /// Its setting.
    fn setting(&self) -> Self::Setting;

    /// Its parameters, in the order of [`Self::PARAMETERS`].
    fn parameters(&self) -> [f64; N];

    /// Sum of the log-likelihood over all observations, with derivatives in `θ = ln(parameters)`.
    fn log_likelihood(&self, data: &Self::Data) -> Derivatives<N>;

    /// Where a fit begins: moments of the data first, then fixed fallbacks.
    fn starts(setting: Self::Setting, data: &Self::Data) -> Vec<Self>;

    /// The size of each parameter in data of this unit of time and money, to within a few orders of magnitude.
    fn scales(setting: Self::Setting, data: &Self::Data) -> [f64; N];

    /// Says in words why these data cannot identify the parameters at all.
    ///
    /// # Errors
    /// [`Cause::TooFew`](crate::error::Cause::TooFew) and others, with what is missing and what to do.
    fn check(data: &Self::Data) -> Result<()>;
}

/// What a bootstrap needs of a model and its data.
pub trait Resample<const N: usize>: Likelihood<N> {
    /// The observations with other weights, made of the old ones row by row.
    fn reweighted(data: &Self::Data, weight: impl FnMut(f64) -> f64) -> Self::Data;

    /// As many customers, observed alike, whose purchases are drawn from this model.
    fn simulated(&self, data: &Self::Data, rng: &mut impl Rng) -> Self::Data;
}

impl<M, const N: usize> Resample<N> for M
where
    M: Timing + Likelihood<N, Data = CountedHistories>,
{
    fn reweighted(data: &CountedHistories, weight: impl FnMut(f64) -> f64) -> CountedHistories {
        data.reweighted(weight)
    }

    fn simulated(&self, data: &CountedHistories, rng: &mut impl Rng) -> CountedHistories {
        let mut times = Vec::new();
        let mut histories = Vec::new();
        for row in data.rows() {
            let T = row.history.T;
            for _ in 0..whole_number(row.customers, rng) {
                self.draw_purchases(T, rng, &mut times);
                histories.push(History::of_purchases(&times, T));
            }
        }
        CountedHistories::new(histories)
    }
}

/// The parameters of a model with their names.
pub fn named<M: Likelihood<N>, const N: usize>(model: &M) -> Vec<(&'static str, f64)> {
    M::PARAMETERS.into_iter().zip(model.parameters()).collect()
}

/// Checks that all parameters are within their range.
pub(super) fn positive<const N: usize>(
    model: &'static str,
    names: [&'static str; N],
    values: [f64; N],
) -> Result<[f64; N]> {
    for (name, value) in names.into_iter().zip(values) {
        if !PARAMETERS.contains(&value) {
            return Err(Cause::Parameter { model, name, value }.into());
        }
    }
    Ok(values)
}
