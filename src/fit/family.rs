//! Fits of a timing model that is known only at run time.

use super::regular::{Open, fit_stages};
use super::{Blocks, BootstrapOptions, Draws, FitOptions, FitRecord, RegressionOptions};
use super::{bootstrap, redraw_regression, regress};
use crate::covariates::Effects;
use crate::error::Result;
use crate::models::*;
use crate::summary::CountedHistories;

/// The fit of a model, or of one with a number of stages that may be open.
macro_rules! fitted {
    ($open:ident, $data:ident, $options:ident,) => {
        FitRecord::fit($data, $options)
    };
    ($open:ident, $data:ident, $options:ident, $setting:ident => $stages:ident) => {
        fit_stages($stages, $open, $data, $options)
    };
}

/// Writes what is fitted of any model on the list.
macro_rules! fits {
    ($($(#[$doc:meta])* $model:ident $(($setting:ident))?),* $(,)?) => {
        impl TimingKind {
            /// Fits such a model by maximum likelihood.
            ///
            /// # Errors
            /// Those of [`crate::fit::fit`].
            pub fn fit(self, data: &CountedHistories, options: &FitOptions) -> Result<(TimingModel, FitRecord)> {
                self.fit_open(Open::FromOne, data, options)
            }

            /// [`TimingKind::fit`], with what the number of stages may come to where it is open.
            pub(super) fn fit_open(
                self,
                open: Open,
                data: &CountedHistories,
                options: &FitOptions,
            ) -> Result<(TimingModel, FitRecord)> {
                match self {
                    $(Self::$model $((stages @ (None::<$setting> | Some(_))))? => {
                        let fitted: Result<($model, FitRecord)> = fitted!(open, data, options, $($setting => stages)?);
                        fitted.map(|(model, fit)| (model.into(), fit))
                    })*
                }
            }
        }

        impl TimingModel {
            /// Refits to resampled or simulated customers.
            ///
            /// # Errors
            /// Those of [`crate::fit::bootstrap`].
            pub fn bootstrap(
                &self,
                data: &CountedHistories,
                options: &FitOptions,
                how: &BootstrapOptions,
            ) -> Result<Draws> {
                match self {
                    $(Self::$model(model) => bootstrap(model, data, options, how),)*
                }
            }

            /// Fits coefficients of covariates to this model, beginning where it is without them; `log_likelihood` is what it has there.
            ///
            /// # Errors
            /// Those of [`crate::fit::regress`].
            pub fn regress(
                &self,
                log_likelihood: f64,
                data: &Blocks<CountedHistories>,
                options: &RegressionOptions<'_>,
            ) -> Result<(TimingModel, FitRecord, Effects)> {
                match self {
                    $(Self::$model(model) => {
                        let (model, fit, effects) = regress(model, log_likelihood, data, options)?;
                        Ok((model.into(), fit, effects))
                    })*
                }
            }

            /// [`TimingModel::bootstrap`] with coefficients of covariates.
            ///
            /// # Errors
            /// Those of [`crate::fit::redraw_regression`].
            pub fn bootstrap_regression(
                &self,
                effects: &Effects,
                data: &Blocks<CountedHistories>,
                options: &RegressionOptions<'_>,
                how: &BootstrapOptions,
            ) -> Result<Draws> {
                match self {
                    $(Self::$model(model) => redraw_regression(model, effects, data, options, how),)*
                }
            }

            /// Checks that the parameters are possible, and that the evidence, if any, is of such a model.
            ///
            /// # Errors
            /// [`Cause::Parameter`](crate::error::Cause::Parameter) or [`Error::data`](crate::Error::data).
            pub fn check(&self, fit: Option<&FitRecord>) -> Result<()> {
                match self {
                    $(Self::$model(model) => {
                        $model::with_setting(model.setting(), model.parameters())?;
                        fit.map_or(Ok(()), |fit| fit.check::<$model, _>(model.setting()))
                    })*
                }
            }
        }
    };
}

for_timing_models!(fits);
