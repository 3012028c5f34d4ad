//! Maximum likelihood: the fit of any [`Target`], models of the family first, and a verdict on it.

mod advice;
mod blocks;
mod draws;
mod estimate;
mod family;
mod judge;
mod maximum;
mod newton;
mod options;
mod penalty;
mod plain;
mod prior;
mod record;
mod regress;
mod regress_summary;
mod regression;
mod regular;
mod resampling;
mod selection;
mod simplex;
mod target;
mod term;
mod verdict;

pub use advice::Advice;
pub use blocks::Blocks;
pub use draws::{Draws, bootstrap, redraw};
pub use estimate::{Estimate, Fitted};
pub use maximum::maximum;
pub use options::FitOptions;
pub use penalty::{Penalty, WithPenalty};
pub use plain::Plain;
pub use prior::{NormalPrior, WithPrior};
pub use record::{FitRecord, ProfilePoint};
pub use regress::{RegressionOptions, redraw_regression, regress};
pub use regress_summary::SummaryRegression;
pub use regression::{Regression, Slope};
pub use resampling::{BootstrapOptions, Resampling};
pub use selection::{AUTO, CONTENDERS, Contender, LeftOut, Selection, TimingChoice, degree, is_clear, quick_to_fit};
pub use target::{Coordinate, Redraw, Target, TargetValue};
pub use term::{Term, WithTerm};
pub use verdict::{Limit, Verdict};

use crate::error::Result;
use crate::models::Likelihood;

/// Fits a model by plain maximum likelihood: [`fit`] with the usual options.
///
/// ```
/// use clv::fit::{Fitted, Verdict, maximum_likelihood};
/// use clv::models::BgNbd;
/// use clv::summary::{CountedHistories, History};
///
/// // x repeat purchases, the last at age t_x, observed to age T; every history 30 times.
/// let histories = [(0, 0.0), (1, 9.0), (2, 20.0), (0, 0.0), (5, 31.0), (1, 3.0), (0, 0.0), (3, 26.0)];
/// let rows = histories.map(|(x, t_x)| (History::new(x, t_x, 36.0), 30.0));
/// let fitted: Fitted<BgNbd> = maximum_likelihood(&CountedHistories::weighted(rows))?;
/// assert!(fitted.estimate.log_likelihood < 0.0 && fitted.model.r > 0.0);
/// println!("{:?}: {}", fitted.model, fitted.estimate.verdict);
/// # Ok::<(), clv::Error>(())
/// ```
///
/// # Errors
/// As [`fit`].
pub fn maximum_likelihood<M: Likelihood<N, Setting = ()>, const N: usize>(data: &M::Data) -> Result<Fitted<M>> {
    fit(data, &FitOptions::default())
}

/// Fits a model on the logarithms of its parameters: the [`maximum`] of its likelihood, or with the prior in the options.
///
/// # Errors
/// [`Cause::TooFew`](crate::error::Cause::TooFew) or [`Cause::NoTime`](crate::error::Cause::NoTime) if the data cannot identify the model;
/// [`Cause::NotConverged`](crate::error::Cause::NotConverged), with the best point found, if no run ended at an optimum or a limit.
pub fn fit<M: Likelihood<N, Setting = ()>, const N: usize>(data: &M::Data, options: &FitOptions) -> Result<Fitted<M>> {
    fit_with_setting((), data, options)
}

/// [`fit`] of a model with this setting.
///
/// # Errors
/// As [`fit`].
pub fn fit_with_setting<M: Likelihood<N>, const N: usize>(
    setting: M::Setting,
    data: &M::Data,
    options: &FitOptions,
) -> Result<Fitted<M>> {
    let plain = Plain::<M, N>::new(setting, data);
    let estimate = match options.prior_sd {
        Some(sd) => maximum(&WithPrior::new(plain, sd), options.robust)?,
        None => maximum(&plain, options.robust)?,
    };
    Ok(Fitted { model: Plain::model(setting, &estimate.theta)?, estimate })
}

/// [`fit`] with a normal prior of its own, with this standard deviation, on the logarithm of the last parameter in its scale.
///
/// # Errors
/// As [`fit`].
pub fn fit_with_prior_on_last<M: Likelihood<N, Setting = ()>, const N: usize>(
    data: &M::Data,
    options: &FitOptions,
    sd: f64,
) -> Result<Fitted<M>> {
    let prior = NormalPrior::of_both(N - 1, options.prior_sd, Some(sd));
    let estimate = maximum(&WithTerm::of(Plain::<M, N>::new((), data), prior), options.robust)?;
    Ok(Fitted { model: Plain::model((), &estimate.theta)?, estimate })
}

/// [`fit`] with a [penalty](WithPenalty) of these coefficients on large parameters. Its curvature counts as information in the
/// covariance.
///
/// # Errors
/// As [`fit`]; [`Error::usage`](crate::Error::usage) if a coefficient of the penalty is below zero.
pub fn fit_penalized<M: Likelihood<N, Setting = ()>, const N: usize>(
    data: &M::Data,
    options: &FitOptions,
    penalty: &[f64; N],
) -> Result<Fitted<M>> {
    let plain = Plain::<M, N>::new((), data);
    let estimate = match options.prior_sd {
        Some(sd) => maximum(&WithPenalty::new(WithPrior::new(plain, sd), penalty)?, options.robust)?,
        None => maximum(&WithPenalty::new(plain, penalty)?, options.robust)?,
    };
    Ok(Fitted { model: Plain::model((), &estimate.theta)?, estimate })
}
