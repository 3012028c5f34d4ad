//! Fits of models whose parameters differ by covariates, and tests of the coefficients.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::maximum::value_near;
use super::prior::NormalPrior;
use super::regression::{Regression, Slope};
use super::term::WithTerm;
use super::{Advice, Blocks, BootstrapOptions, Draws, Estimate, FitOptions, FitRecord, Plain, Verdict};
use super::{maximum, redraw};
use crate::covariates::{Coefficient, CovariateTest, Design, Effects, Process};
use crate::error::Result;
use crate::linear::Cholesky;
use crate::message::{Message, opt, say};
use crate::models::{Likelihood, Resample};
use crate::summary::CountedRows;

/// Which coefficients a fit has, and what holds them.
#[derive(Clone, Copy, Debug)]
pub struct RegressionOptions<'a> {
    /// The covariates.
    pub design: &'a Design,
    /// The columns of each process.
    pub coefficients: &'a [(Process, usize)],
    /// Standard deviation of a normal prior on the coefficients of standardised columns.
    pub sd: Option<f64>,
    /// How the parameters are fitted.
    pub fit: FitOptions,
    /// Whether each covariate is tested.
    pub tests: bool,
}

impl RegressionOptions<'_> {
    fn slopes<M: Likelihood<N>, const N: usize>(&self) -> Vec<Slope> {
        let slope = |&(process, column): &(Process, usize)| Slope {
            name: crate::covariates::coefficient_name(process, &self.design.columns()[column]),
            column,
            moves: process.moved(&M::PARAMETERS),
        };
        self.coefficients.iter().map(slope).collect()
    }

    fn prior(&self, parameters: usize) -> NormalPrior {
        NormalPrior::of_both(parameters, self.fit.prior_sd, self.sd)
    }

    /// One unit of each coefficient's column, in standard deviations.
    fn units(&self) -> impl Iterator<Item = f64> + '_ {
        self.coefficients.iter().map(|&(_, column)| self.design.scale(column))
    }
}

/// Fits a model with coefficients, beginning at its fit without; also the coefficients.
///
/// # Errors
/// Those of [`maximum`].
pub fn regress<M: Advice<N>, const N: usize>(
    plain: &M,
    log_likelihood_without: f64,
    blocks: &Blocks<M::Data>,
    options: &RegressionOptions<'_>,
) -> Result<(M, FitRecord, Effects)>
where
    M::Data: CountedRows,
    M::Setting: Sync,
{
    let slopes = options.slopes::<M, N>();
    let zeros = std::iter::repeat_n(0.0, slopes.len());
    let near: Vec<f64> = Plain::theta(plain).into_iter().chain(zeros).collect();
    let target = Regression::<M, N>::new(plain.setting(), blocks, &slopes, &near);
    let held = options.sd.is_some() || options.fit.prior_sd.is_some();
    let estimate = match held {
        true => maximum(&WithTerm::of(target, options.prior(N)), options.fit.robust)?,
        false => maximum(&target, options.fit.robust)?,
    };
    let model = Plain::<M, N>::model(plain.setting(), &estimate.theta)?;
    let mut cautions = model.advice(&blocks.pooled, &estimate.verdict);
    cautions.extend(runs_off(&estimate.verdict, &slopes));
    let mut tests = Vec::new();
    if options.tests && !held {
        let plain = (plain, log_likelihood_without);
        tests = self::tests::<M, N>(plain, blocks, options, &slopes, &estimate, &mut cautions)?;
    }
    let estimate = in_own_units(estimate, N, options.units());
    let coefficients = options.coefficients.iter().zip(&estimate.theta[N..]);
    let coefficient = |(&(process, column), estimate): (&(Process, usize), &f64)| Coefficient {
        process,
        column: options.design.columns()[column].clone(),
        estimate: *estimate,
    };
    let effects = Effects {
        covariates: options.design.covariates().to_vec(),
        coefficients: coefficients.map(coefficient).collect(),
        sd: options.sd,
        log_likelihood_without: Some(log_likelihood_without).filter(|_| !held),
        tests,
    };
    let mut record = FitRecord::new(estimate, cautions, &options.fit);
    record.coefficients = effects.coefficients.len();
    record.covariate_sd = options.sd;
    Ok((model, record, effects))
}

/// Refits a model with coefficients to customers drawn anew: the parameters of each, then its coefficients.
///
/// # Errors
/// Those of [`redraw`].
pub fn redraw_regression<M: Resample<N>, const N: usize>(
    model: &M,
    effects: &Effects,
    blocks: &Blocks<M::Data>,
    options: &RegressionOptions<'_>,
    how: &BootstrapOptions,
) -> Result<Draws>
where
    M::Data: CountedRows,
    M::Setting: Sync,
{
    let slopes = options.slopes::<M, N>();
    let standard = effects.estimates().into_iter().zip(options.units()).map(|(own, scale)| own * scale);
    let theta: Vec<f64> = Plain::theta(model).into_iter().chain(standard).collect();
    let target = Regression::<M, N>::new(model.setting(), blocks, &slopes, &theta);
    let mut draws = match options.sd.is_some() || options.fit.prior_sd.is_some() {
        true => redraw(&WithTerm::of(target, options.prior(N)), &theta, how)?,
        false => redraw(&target, &theta, how)?,
    };
    for draw in &mut draws.draws {
        draw[N..].iter_mut().zip(options.units()).for_each(|(coefficient, scale)| *coefficient /= scale);
    }
    Ok(draws)
}

/// An estimate with coefficients of columns in their own units.
fn in_own_units(mut estimate: Estimate, parameters: usize, units: impl Iterator<Item = f64>) -> Estimate {
    for (i, scale) in units.enumerate() {
        let k = parameters + i;
        estimate.theta[k] /= scale;
        estimate.coordinates[k].size /= scale;
        estimate.covariance.row_mut(k).mapv_inplace(|cell| cell / scale);
        estimate.covariance.column_mut(k).mapv_inplace(|cell| cell / scale);
    }
    estimate
}

/// A difference of log-likelihoods that is none.
const LEAST_LIKELIHOOD: f64 = 1e-6;

/// Every covariate of every process beside the model without it; of the plain model, without any, the log-likelihood is known.
fn tests<M: Likelihood<N>, const N: usize>(
    (plain, log_likelihood_without): (&M, f64),
    blocks: &Blocks<M::Data>,
    options: &RegressionOptions<'_>,
    slopes: &[Slope],
    estimate: &Estimate,
    cautions: &mut Vec<Message>,
) -> Result<Vec<CovariateTest>>
where
    M::Data: CountedRows,
    M::Setting: Sync,
{
    let mut tests: Vec<CovariateTest> = Vec::new();
    let mut seen: Vec<(Process, &str)> = Vec::new();
    let covariate = |column: usize| &*options.design.covariate_of(column).name;
    for &(process, column) in options.coefficients {
        let name = covariate(column);
        if seen.contains(&(process, name)) {
            continue;
        }
        seen.push((process, name));
        let without = |k: &usize| {
            let (of, column) = options.coefficients[*k];
            of == process && covariate(column) == name
        };
        let (left_out, kept): (Vec<usize>, Vec<usize>) = (0..slopes.len()).partition(without);
        let fewer: Vec<Slope> = kept.iter().map(|&k| slopes[k].clone()).collect();
        let near = without_coefficients(estimate, N, &kept, &left_out);
        let target = Regression::<M, N>::new(plain.setting(), blocks, &fewer, &near);
        let without = if kept.is_empty() { Ok(log_likelihood_without) } else { value_near(&target, &near) };
        let without = match without {
            Ok(without) => without,
            Err(error) => {
                cautions.push(say![
                    "{name} in {process} is not tested, since the model without it has no fit: ",
                    error.message()
                ]);
                continue;
            }
        };
        let statistic = 2.0 * (estimate.log_likelihood - without);
        if statistic < -LEAST_LIKELIHOOD {
            cautions.push(say![format!("without {name} in {process} the model is likelier by {:.3}: the fit is not at its maximum. Leave covariates out, or hold coefficients with ", -0.5 * statistic), opt("covariate_sd").with(1.0)]);
        }
        let degrees = left_out.len() as u32;
        let p =
            ChiSquared::new(f64::from(degrees)).map_or(f64::NAN, |distribution| distribution.sf(statistic.max(0.0)));
        tests.push(CovariateTest { process, covariate: name.to_owned(), degrees, statistic, p });
    }
    Ok(tests)
}

/// About where the maximum is with some coefficients zero, from the shape of the likelihood at that without restriction:
/// `θ_kept - C_kept,out C_out,out⁻¹ θ_out`.
fn without_coefficients(estimate: &Estimate, parameters: usize, kept: &[usize], out: &[usize]) -> Vec<f64> {
    let kept: Vec<usize> = (0..parameters).chain(kept.iter().map(|k| parameters + k)).collect();
    let out: Vec<usize> = out.iter().map(|k| parameters + k).collect();
    let at = |i: usize| estimate.theta[i];
    let covariance = &estimate.covariance;
    let of_out = ndarray::Array2::from_shape_fn((out.len(), out.len()), |(i, j)| covariance[[out[i], out[j]]]);
    let known = covariance.iter().all(|cell| cell.is_finite());
    let Some(factor) = Cholesky::new(&of_out).filter(|_| known) else { return kept.into_iter().map(at).collect() };
    let weights = factor.solve(out.iter().map(|&i| at(i)).collect());
    let moved =
        |i: usize| at(i) - out.iter().zip(&weights).map(|(&j, weight)| covariance[[i, j]] * weight).sum::<f64>();
    kept.into_iter().map(moved).collect()
}

/// What it means that coefficients run off.
fn runs_off(verdict: &Verdict, slopes: &[Slope]) -> Option<Message> {
    let Verdict::Boundary { limits, .. } = verdict else { return None };
    let gone: Vec<&str> = limits
        .iter()
        .map(|limit| &*limit.parameter)
        .filter(|name| slopes.iter().any(|slope| slope.name == **name))
        .collect();
    (!gone.is_empty()).then(|| {
        say![format!("{} runs off: the customers with it are too few, or all alike in it, so its size means nothing. Put levels together, or hold coefficients with ", gone.join(", ")), opt("covariate_sd").with(1.0)]
    })
}
