//! The evidence of a fit, as it is kept and shown.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{Advice, Draws, Estimate, FitOptions, Fitted, Verdict, fit_with_setting};
use crate::error::{Error, Result};
use crate::message::Message;
use crate::models::{Likelihood, Stages};

/// The evidence of a fit; vectors and matrices in the order of `parameters`, null for parameters that ran off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FitRecord {
    /// Whether it converged.
    pub verdict: Verdict,
    /// What else to know, with advice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cautions: Vec<Message>,
    /// Log-likelihood at the estimate.
    pub log_likelihood: f64,
    /// Standard deviation of the prior on the logarithms of the parameters, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior_sd: Option<f64>,
    /// Whether the covariance is the sandwich.
    #[serde(default)]
    pub robust: bool,
    /// Standard deviation of the prior on the coefficients of standardised covariates, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covariate_sd: Option<f64>,
    /// How many of the parameters, the last of them, are coefficients of covariates, which stand for themselves where others stand by
    /// their logarithms.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub coefficients: usize,
    /// Names, in the order of what follows.
    pub parameters: Vec<String>,
    /// Standard errors of the parameters.
    pub standard_errors: Vec<Option<f64>>,
    /// 95% intervals of the parameters, symmetric in their logarithms; of a parameter that the data do not determine from zero to
    /// infinity. In files an infinite end is null.
    #[serde(with = "ends")]
    pub intervals: Vec<Option<(f64, f64)>>,
    /// Covariance of the logarithms of the parameters.
    pub covariance_of_logs: Vec<Vec<Option<f64>>>,
    /// Correlation of the logarithms of the parameters.
    pub correlation_of_logs: Vec<Vec<Option<f64>>>,
    /// Customers in the likelihood.
    pub customers: u64,
    /// Distinct observations among them.
    pub distinct: usize,
    /// Newton iterations.
    pub iterations: u64,
    /// Evaluations of the likelihood.
    pub evaluations: u64,
    /// Largest entry of the gradient of the mean log-likelihood.
    pub gradient: f64,
    /// Smallest eigenvalue of the information on the logarithms of the parameters.
    pub smallest_information: f64,
    /// Largest over smallest eigenvalue; null if that is not positive.
    pub condition: Option<f64>,
    /// Log-likelihoods by the number of stages, if that was chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profile: Vec<ProfilePoint>,
    /// Draws of the parameters, if there are any.
    #[serde(default, rename = "bootstrap", skip_serializing_if = "Option::is_none")]
    pub draws: Option<Draws>,
}

/// The log-likelihood that a number of stages reaches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ProfilePoint {
    /// The number.
    pub k: Stages,
    /// Log-likelihood at the estimates with it.
    pub log_likelihood: f64,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Intervals in JSON, which has no infinity: an upper end that is null is infinite. Lower ends are finite.
mod ends {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    type Ends = Vec<Option<(f64, f64)>>;
    type Written = Vec<Option<(f64, Option<f64>)>>;

    pub(super) fn serialize<S: Serializer>(intervals: &Ends, serializer: S) -> Result<S::Ok, S::Error> {
        let end = |end: f64| Some(end).filter(|end| end.is_finite());
        let written: Written = intervals.iter().map(|interval| interval.map(|(low, high)| (low, end(high)))).collect();
        written.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Ends, D::Error> {
        let end = |end: Option<f64>| end.unwrap_or(f64::INFINITY);
        let written = Written::deserialize(deserializer)?;
        Ok(written.into_iter().map(|interval| interval.map(|(low, high)| (low, end(high)))).collect())
    }
}

/// A number for JSON, which has no word for what is none.
fn known(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

fn rows(matrix: &Array2<f64>) -> Vec<Vec<Option<f64>>> {
    matrix.rows().into_iter().map(|row| row.iter().map(|&cell| known(cell)).collect()).collect()
}

impl FitRecord {
    /// Fits a model and keeps the evidence.
    ///
    /// # Errors
    /// Those of [`fit`](super::fit).
    pub fn fit<M: Advice<N, Setting = ()>, const N: usize>(data: &M::Data, options: &FitOptions) -> Result<(M, Self)> {
        Self::fit_with_setting((), data, options)
    }

    /// [`FitRecord::fit`] of a model with this setting.
    ///
    /// # Errors
    /// Those of [`fit_with_setting`].
    pub fn fit_with_setting<M: Advice<N>, const N: usize>(
        setting: M::Setting,
        data: &M::Data,
        options: &FitOptions,
    ) -> Result<(M, Self)> {
        let Fitted { model, estimate } = fit_with_setting::<M, N>(setting, data, options)?;
        let cautions = model.advice(data, &estimate.verdict);
        Ok((model, Self::new(estimate, cautions, options)))
    }

    /// The evidence of this estimate, with what else to know.
    pub fn new(estimate: Estimate, cautions: Vec<Message>, options: &FitOptions) -> Self {
        Self {
            cautions,
            prior_sd: options.prior_sd,
            covariate_sd: None,
            coefficients: 0,
            robust: options.robust,
            standard_errors: estimate.standard_errors().into_iter().map(|error| error.and_then(known)).collect(),
            intervals: estimate.intervals(),
            covariance_of_logs: rows(&estimate.covariance),
            correlation_of_logs: rows(&estimate.correlation()),
            parameters: estimate.coordinates.into_iter().map(|coordinate| coordinate.name).collect(),
            verdict: estimate.verdict,
            log_likelihood: estimate.log_likelihood,
            customers: estimate.customers,
            distinct: estimate.distinct,
            iterations: estimate.iterations,
            evaluations: estimate.evaluations,
            gradient: estimate.gradient,
            smallest_information: estimate.smallest_information,
            condition: known(estimate.condition).filter(|condition| *condition > 0.0),
            profile: Vec::new(),
            draws: None,
        }
    }

    /// Number of parameters that were estimated, the number of stages among them where it was chosen.
    pub fn freedom(&self) -> usize {
        self.parameters.len() + usize::from(!self.profile.is_empty())
    }

    /// Akaike's criterion, `2 k - 2 ln L`, of `k` parameters.
    pub fn aic(&self) -> f64 {
        2.0 * self.freedom() as f64 - 2.0 * self.log_likelihood
    }

    /// Schwarz' criterion, `k ln(customers) - 2 ln L`, of `k` parameters.
    pub fn bic(&self) -> f64 {
        self.freedom() as f64 * (self.customers as f64).ln() - 2.0 * self.log_likelihood
    }

    /// Covariance of the logarithms of the parameters: that of the draws, if there are any. Parameters that ran off are held
    /// where they are, with a variance of zero; none if nothing is known of any.
    pub fn covariance(&self) -> Option<Array2<f64>> {
        if let Some(draws) = &self.draws {
            return Some(draws.moments(self.coefficients).1);
        }
        let n = self.covariance_of_logs.len();
        let known = self.covariance_of_logs.iter().flatten().any(Option::is_some);
        let cells = self.covariance_of_logs.iter().flatten().map(|cell| cell.unwrap_or(0.0)).collect();
        Array2::from_shape_vec((n, n), cells).ok().filter(|_| known)
    }

    /// Whether this can be the evidence for a model of this kind.
    ///
    /// # Errors
    /// [`Error::data`] if names or sizes differ, or a draw has impossible parameters.
    pub fn check<M: Likelihood<N>, const N: usize>(&self, setting: M::Setting) -> Result<()> {
        let size = N + self.coefficients;
        let square =
            |matrix: &Vec<Vec<Option<f64>>>| matrix.len() == size && matrix.iter().all(|row| row.len() == size);
        let whole = self.parameters.len() == size
            && self.parameters[..N] == M::PARAMETERS
            && self.standard_errors.len() == size
            && self.intervals.len() == size
            && square(&self.covariance_of_logs)
            && square(&self.correlation_of_logs);
        if !whole {
            return Err(Error::data(format!("damaged fit of the {} model", M::NAME)));
        }
        self.draws.iter().try_for_each(|draws| draws.check::<M, N>(setting, self.coefficients))
    }
}
