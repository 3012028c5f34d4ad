//! Maximum likelihood: the fit of any model that states its [`Likelihood`], and a verdict on it.

mod bootstrap;
mod cholesky;
mod eigen;
mod newton;
mod penalty;
mod record;
mod verdict;

use argmin::core::{CostFunction, Error as ArgminError, Executor, Operator, State};
use argmin::solver::neldermead::NelderMead;
use ndarray::Array2;

pub use bootstrap::{Bootstrap, BootstrapOptions, Resample, Resampling, bootstrap};
pub use penalty::Penalty;
pub use record::FitRecord;
pub use verdict::{Limit, Verdict};

use crate::error::{Error, Result};
use crate::models::{Derivatives, Likelihood};
use crate::summary::Counted;
use crate::task::checkpoint;
pub(crate) use cholesky::{Cholesky, holding};
use newton::{DampedNewton, Ending, largest, out_of_reach};

/// How a model is fitted.
#[derive(Clone, Copy, Debug, Default)]
pub struct FitOptions {
    /// Standard deviation of a normal prior on the logarithm of each parameter around its scale in the data, for samples
    /// too small to stand alone, also of fewer than ten customers who came back; none for plain maximum likelihood. 2 lets
    /// a parameter be fifty times larger or smaller.
    pub prior_sd: Option<f64>,
    /// Standard errors from the sandwich `H⁻¹ (Σ g gᵀ) H⁻¹`, which hold where the model is only nearly true, instead of
    /// `H⁻¹`. Source: White (1982), Econometrica 50(1).
    pub robust: bool,
}

impl FitOptions {
    /// Checks that the prior is one.
    ///
    /// # Errors
    /// [`Error::Usage`].
    pub fn check(&self) -> Result<()> {
        match self.prior_sd {
            Some(sd) if !(0.01..=1000.0).contains(&sd) => {
                Err(Error::Usage(format!("⟨--prior-sd⟩ is {sd:?}; give a number from 0.01 to 1000, for instance 2")))
            }
            _ => Ok(()),
        }
    }
}

/// A model with the evidence of how it was estimated.
#[derive(Clone, Debug)]
pub struct Fitted<M> {
    /// The model at the estimated parameters.
    pub model: M,
    /// Log-likelihood at the estimate, over all customers; without prior and penalty.
    pub log_likelihood: f64,
    /// Covariance of the logarithms of the parameters. Not a number for those that ran off to a boundary.
    pub covariance_of_logs: Array2<f64>,
    /// Customers in the likelihood.
    pub customers: u64,
    /// Distinct observations they collapsed to.
    pub distinct: usize,
    /// Newton iterations of the run that gave the estimate.
    pub iterations: u64,
    /// Evaluations of the likelihood over all runs.
    pub evaluations: u64,
    /// Largest entry of the gradient of the mean log-likelihood in the logarithms of the parameters that did not run off.
    pub gradient: f64,
    /// Smallest eigenvalue of the information on the logarithms of the parameters: one over the largest variance of any
    /// combination of them.
    pub smallest_information: f64,
    /// Largest over smallest eigenvalue.
    pub condition: f64,
    /// Whether, and how far, the estimate can be relied on.
    pub verdict: Verdict,
}

impl<M> Fitted<M> {
    /// Standard error of the logarithm of each parameter; none if it ran off.
    pub fn standard_errors_of_logs(&self) -> Vec<Option<f64>> {
        let variances = self.covariance_of_logs.diag();
        variances.iter().map(|variance| Some(variance.sqrt()).filter(|error| error.is_finite())).collect()
    }

    /// Standard error of each parameter by the delta method, `p · se(ln p)`.
    pub fn standard_errors<const N: usize>(&self) -> Vec<Option<f64>>
    where
        M: Likelihood<N>,
    {
        let errors = self.standard_errors_of_logs().into_iter().zip(self.model.parameters());
        errors.map(|(error, parameter)| error.map(|error| error * parameter)).collect()
    }

    /// 95% interval of each parameter, `p e^(± 1.96 se(ln p))`: never negative.
    pub fn intervals<const N: usize>(&self) -> Vec<Option<(f64, f64)>>
    where
        M: Likelihood<N>,
    {
        const NORMAL_975: f64 = 1.959_963_984_540_054;
        let errors = self.standard_errors_of_logs().into_iter().zip(self.model.parameters());
        let interval = |parameter: f64, error: f64| {
            let factor = (NORMAL_975 * error).exp();
            (parameter / factor, parameter * factor)
        };
        errors.map(|(error, parameter)| error.map(|error| interval(parameter, error))).collect()
    }

    /// Correlation of the logarithms of the parameters.
    pub fn correlation(&self) -> Array2<f64> {
        let covariance = &self.covariance_of_logs;
        Array2::from_shape_fn(covariance.raw_dim(), |(i, j)| {
            covariance[[i, j]] / (covariance[[i, i]] * covariance[[j, j]]).sqrt()
        })
    }
}

/// What a fit makes as large as it can, and how it judges what came out.
#[derive(Clone, Copy)]
struct Aim<const N: usize> {
    options: FitOptions,
    penalty: Option<Penalty<N>>,
}

impl<const N: usize> Aim<N> {
    /// Of the likelihood, and of the prior in the options.
    fn of(options: &FitOptions) -> Self {
        Self { options: *options, penalty: None }
    }

    /// Whether it is more than the likelihood.
    fn is_bent(&self) -> bool {
        self.options.prior_sd.is_some() || self.penalty.is_some()
    }
}

/// Minus the mean log-likelihood (and log-prior, and penalty), which keeps tolerances independent of the number of customers.
struct Objective<'a, M: Likelihood<N>, const N: usize> {
    data: &'a M::Data,
    customers: f64,
    prior: Option<Prior<N>>,
    penalty: Option<Penalty<N>>,
}

/// Independent normal priors on the logarithms of the parameters.
#[derive(Clone, Copy)]
struct Prior<const N: usize> {
    means: [f64; N],
    precision: f64,
}

impl<const N: usize> Prior<N> {
    /// `-Σ (θ - mean)² / (2 sd²)`
    fn log_density(&self, theta: &[f64]) -> Derivatives<N> {
        let mut d = Derivatives::ZERO;
        for (i, (theta, mean)) in theta.iter().zip(self.means).enumerate() {
            let off = theta - mean;
            d.value -= 0.5 * self.precision * off * off;
            d.gradient[i] = -self.precision * off;
            d.hessian[i][i] = -self.precision;
        }
        d
    }
}

impl<'a, M: Likelihood<N>, const N: usize> Objective<'a, M, N> {
    fn new(data: &'a M::Data, aim: &Aim<N>) -> Self {
        let means = M::scales(data).map(f64::ln);
        let prior = aim.options.prior_sd.map(|sd| Prior { means, precision: 1.0 / (sd * sd) });
        Self { data, customers: data.customers(), prior, penalty: aim.penalty }
    }

    fn at(&self, theta: &[f64]) -> Derivatives<N> {
        checkpoint();
        let Ok(model) = model_at::<M, N>(theta) else {
            // A parameter beyond the range of a number: a value that no step accepts.
            return Derivatives { value: f64::INFINITY, ..Derivatives::ZERO };
        };
        let likelihood = model.log_likelihood(self.data);
        let posterior = self.prior.map_or(likelihood, |prior| likelihood.plus(prior.log_density(theta)));
        let mean = posterior.times(-1.0 / self.customers);
        self.penalty.map_or(mean, |penalty| mean.plus(penalty.at(theta)))
    }
}

fn model_at<M: Likelihood<N>, const N: usize>(theta: &[f64]) -> Result<M> {
    M::from_parameters(std::array::from_fn(|i| theta[i].exp()))
}

impl<M: Likelihood<N>, const N: usize> Operator for Objective<'_, M, N> {
    type Param = Vec<f64>;
    type Output = Derivatives<N>;
    fn apply(&self, theta: &Vec<f64>) -> std::result::Result<Derivatives<N>, ArgminError> {
        Ok(self.at(theta))
    }
}

impl<M: Likelihood<N>, const N: usize> CostFunction for Objective<'_, M, N> {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, theta: &Vec<f64>) -> std::result::Result<f64, ArgminError> {
        Ok(self.at(theta).value)
    }
}

/// Distinct rows from which a start is improved on a part of them first, and the part.
const MANY_ROWS: usize = 20_000;
const THINNED: usize = 16;

/// Iterations allowed to one Newton run; five to ten are usual.
const NEWTON_ITERATIONS: u64 = 200;

/// Iterations allowed to the derivative-free fallback.
const SIMPLEX_ITERATIONS: u64 = 2000;

/// Where one Newton run ended.
#[derive(Clone)]
struct Run<const N: usize> {
    theta: Vec<f64>,
    function: Derivatives<N>,
    ending: Ending,
    iterations: u64,
    evaluations: u64,
}

/// [`fit`] by plain maximum likelihood.
///
/// # Errors
/// As [`fit`].
pub fn maximum_likelihood<M: Likelihood<N>, const N: usize>(data: &M::Data) -> Result<Fitted<M>> {
    fit(data, &FitOptions::default())
}

/// Fits a model on the logarithms of its parameters.
///
/// Newton's method from the moments of the data, by way of a part of them where they are many. If that does not end at a
/// well-determined interior optimum, then also from fixed starts, and if none ends anywhere, from where a Nelder-Mead
/// simplex does. The best end is taken, and judged. The work is bounded, whatever the data.
///
/// # Errors
/// [`Error::TooFew`] or [`Error::NoTime`] if the data cannot identify the model; [`Error::NotConverged`], with the best
/// point found, if no run ended at an optimum or a limit.
pub fn fit<M: Likelihood<N>, const N: usize>(data: &M::Data, options: &FitOptions) -> Result<Fitted<M>> {
    fit_to(data, &Aim::of(options))
}

/// [`fit`] with a penalty on large parameters. Its curvature counts as information in the covariance.
///
/// # Errors
/// As [`fit`]; [`Error::Usage`] if a coefficient of the penalty is below zero.
pub fn fit_penalized<M: Likelihood<N>, const N: usize>(
    data: &M::Data,
    options: &FitOptions,
    penalty: &Penalty<N>,
) -> Result<Fitted<M>> {
    penalty.check()?;
    let penalty = penalty.coefficients.iter().any(|c| *c > 0.0).then_some(*penalty);
    fit_to(data, &Aim { options: *options, penalty })
}

/// With a prior, few customers are enough, if there is one.
fn check<M: Likelihood<N>, const N: usize>(data: &M::Data, options: &FitOptions) -> Result<()> {
    match M::check(data) {
        Err(Error::TooFew { found: 1.., .. }) if options.prior_sd.is_some() => Ok(()),
        checked => checked,
    }
}

fn fit_to<M: Likelihood<N>, const N: usize>(data: &M::Data, aim: &Aim<N>) -> Result<Fitted<M>> {
    check::<M, N>(data, &aim.options)?;
    let mut evaluations = 0;
    let mut best: Option<Judged<M>> = None;
    let mut farthest: Option<Run<N>> = None;
    let thinned = (data.distinct() >= MANY_ROWS).then(|| data.thinned(THINNED));
    for start in M::starts(data) {
        let mut theta = start.parameters().map(f64::ln).to_vec();
        if let Some(part) = &thinned {
            let run = newton_run::<M, N>(part, aim, theta.clone())?;
            evaluations += run.evaluations;
            if run.ending == Ending::Optimum {
                theta = run.theta;
            }
        }
        let run = newton_run::<M, N>(data, aim, theta)?;
        evaluations += run.evaluations;
        if let Some(judged) = judge::<M, N>(data, aim, &run)? {
            let done = judged.fitted.verdict == Verdict::Converged;
            best = better(best, judged);
            if done {
                break;
            }
        }
        farthest = lower(farthest, run);
    }
    if best.is_none() {
        let from = farthest.as_ref().expect("every model has a start").theta.clone();
        let run = newton_run::<M, N>(data, aim, simplex_run::<M, N>(data, aim, &from)?)?;
        evaluations += run.evaluations;
        best = judge(data, aim, &run)?;
        farthest = lower(farthest, run);
    }
    match best {
        Some(judged) => Ok(Fitted { evaluations, ..judged.fitted }),
        None => Err(not_converged::<M, N>(data, &farthest.expect("a run"), evaluations)),
    }
}

/// [`fit`] where the answer is known to be near: from there alone, if that converges.
fn fit_from<M: Likelihood<N>, const N: usize>(data: &M::Data, options: &FitOptions, near: &M) -> Result<Fitted<M>> {
    check::<M, N>(data, options)?;
    let aim = &Aim::of(options);
    let run = newton_run::<M, N>(data, aim, near.parameters().map(f64::ln).to_vec())?;
    match judge::<M, N>(data, aim, &run)? {
        Some(judged) if judged.fitted.verdict == Verdict::Converged => Ok(judged.fitted),
        _ => fit(data, options),
    }
}

fn newton_run<M: Likelihood<N>, const N: usize>(data: &M::Data, aim: &Aim<N>, start: Vec<f64>) -> Result<Run<N>> {
    let objective = Objective::<M, N>::new(data, aim);
    let solver = DampedNewton::<N>::new(objective.customers, M::scales(data).map(f64::ln));
    let result = Executor::new(objective, solver)
        .configure(|state| state.param(start).max_iters(NEWTON_ITERATIONS))
        .ctrlc(false)
        .run()
        .map_err(|error| Error::Optimiser(error.to_string()))?;
    let evaluations = result.problem.counts.values().sum();
    let iterations = result.state.get_iter();
    let theta = result.state.get_param().cloned().expect("the solver keeps its parameters");
    let (ending, function) = result.solver.outcome();
    Ok(Run { theta, function, ending, iterations, evaluations })
}

/// Nelder-Mead from a simplex of unit steps in the logarithms.
fn simplex_run<M: Likelihood<N>, const N: usize>(data: &M::Data, aim: &Aim<N>, start: &[f64]) -> Result<Vec<f64>> {
    let mut corners = vec![start.to_vec()];
    corners.extend((0..N).map(|i| {
        let mut corner = start.to_vec();
        corner[i] += 1.0;
        corner
    }));
    let solver =
        NelderMead::new(corners).with_sd_tolerance(1e-14).map_err(|error| Error::Optimiser(error.to_string()))?;
    let result = Executor::new(Objective::<M, N>::new(data, aim), solver)
        .configure(|state| state.max_iters(SIMPLEX_ITERATIONS))
        .ctrlc(false)
        .run()
        .map_err(|error| Error::Optimiser(error.to_string()))?;
    Ok(result.state.get_best_param().cloned().unwrap_or_else(|| start.to_vec()))
}

fn lower<const N: usize>(best: Option<Run<N>>, run: Run<N>) -> Option<Run<N>> {
    match best {
        // Not a number is higher than any.
        Some(best) if best.function.value.total_cmp(&run.function.value).is_le() => Some(best),
        _ => Some(run),
    }
}

/// A fit, and its log-likelihood with prior and penalty, by which fits are compared.
struct Judged<M> {
    fitted: Fitted<M>,
    objective: f64,
}

/// The better of two fits: the likelier, or where they are equally likely the better determined.
fn better<M>(best: Option<Judged<M>>, judged: Judged<M>) -> Option<Judged<M>> {
    const SAME: f64 = 1e-6;
    match best {
        Some(best) => {
            let gain = judged.objective - best.objective;
            let settled = judged.fitted.verdict == Verdict::Converged;
            if gain > SAME || gain > -SAME && settled { Some(judged) } else { Some(best) }
        }
        None => Some(judged),
    }
}

/// Largest gradient of the mean log-likelihood that counts as zero where a run was cut off.
const ZERO_GRADIENT: f64 = 1e-6;

/// Below this eigenvalue of the information a combination of parameters is uncertain by more than a factor of `e`.
const LEAST_INFORMATION: f64 = 1.0;

/// Turns a run into a fit with standard errors and verdict; none if it did not end at an optimum or a limit.
fn judge<M: Likelihood<N>, const N: usize>(data: &M::Data, aim: &Aim<N>, run: &Run<N>) -> Result<Option<Judged<M>>> {
    let centers = M::scales(data).map(f64::ln);
    let within = |i: usize| !out_of_reach(run.theta[i], centers[i]);
    let slopes: [f64; N] = std::array::from_fn(|i| if within(i) { run.function.gradient[i] } else { 0.0 });
    let gradient = largest(&slopes);
    // Nothing follows from numbers that are none.
    let known = run.function.value.is_finite() && run.function.hessian.iter().flatten().all(|cell| cell.is_finite());
    // Where a run says itself that nothing is to be gained, a slope across a steep ridge may remain.
    if !known || !gradient.is_finite() || run.ending == Ending::Lost && gradient > ZERO_GRADIENT {
        return Ok(None);
    }
    let model = model_at::<M, N>(&run.theta)?;
    let customers = data.customers();
    let information = run.function.times(customers).hessian;
    let (eigenvalues, _) = eigen::decomposition(&information);
    let mut limits = verdict::limits(&M::PARAMETERS, &model.parameters(), &M::scales(data));
    if aim.penalty.is_some() {
        // A penalty makes parameters small, but not zero.
        limits.retain(|limit| M::PARAMETERS.iter().zip(0..).any(|(name, i)| limit.parameter == *name && !within(i)));
    }
    let verdict = if !limits.is_empty() {
        let held = M::PARAMETERS.map(|name| limits.iter().any(|limit| limit.parameter == name));
        Verdict::Boundary { limits, undetermined: flat(&M::PARAMETERS, &holding(&information, held)) }
    } else if run.ending == Ending::Lost {
        return Ok(None);
    } else if eigenvalues[0] < LEAST_INFORMATION {
        Verdict::Ridge { parameters: flat(&M::PARAMETERS, &information) }
    } else if run.ending == Ending::Optimum {
        Verdict::Converged
    } else {
        return Ok(None);
    };
    let covariance_of_logs = covariance::<M, N>(data, &model, &information, &verdict, aim.options.robust);
    let objective = -run.function.value * customers;
    let fitted = Fitted {
        model,
        log_likelihood: if aim.is_bent() { model.log_likelihood(data).value } else { objective },
        covariance_of_logs,
        customers: customers as u64,
        distinct: data.distinct(),
        iterations: run.iterations,
        evaluations: run.evaluations,
        gradient,
        smallest_information: eigenvalues[0],
        condition: eigenvalues[N - 1] / eigenvalues[0],
        verdict,
    };
    Ok(Some(Judged { fitted, objective }))
}

/// The parameters along whose combinations the information is too small.
fn flat<const N: usize>(names: &[&str; N], information: &[[f64; N]; N]) -> Vec<String> {
    let (values, vectors) = eigen::decomposition(information);
    let small = values.iter().take_while(|value| **value < LEAST_INFORMATION).count();
    verdict::along(names, &vectors[..small])
}

/// Inverse information, or the sandwich, of the parameters that stayed inside.
fn covariance<M: Likelihood<N>, const N: usize>(
    data: &M::Data,
    model: &M,
    information: &[[f64; N]; N],
    verdict: &Verdict,
    robust: bool,
) -> Array2<f64> {
    let held = M::PARAMETERS.map(|name| verdict.runs_off(name, false) || verdict.runs_off(name, true));
    let Some(factor) = Cholesky::new(&holding(information, held)) else {
        return Array2::from_elem((N, N), f64::NAN);
    };
    let inverse = Array2::from(factor.inverse().to_vec());
    let mut covariance = if robust {
        let mut scores = Array2::<f64>::zeros((N, N));
        data.each_alone(|one, customers| {
            let score = model.log_likelihood(one).gradient;
            for i in 0..N {
                for j in 0..N {
                    scores[[i, j]] += customers * score[i] * score[j];
                }
            }
        });
        inverse.dot(&scores).dot(&inverse)
    } else {
        inverse
    };
    for i in 0..N {
        for j in 0..N {
            if held[i] || held[j] {
                covariance[[i, j]] = f64::NAN;
            }
        }
    }
    covariance
}

fn not_converged<M: Likelihood<N>, const N: usize>(data: &M::Data, run: &Run<N>, evaluations: u64) -> Error {
    let parameters = M::PARAMETERS.iter().zip(&run.theta);
    let best: Vec<String> = parameters.map(|(name, theta)| format!("{name} {:.4e}", theta.exp())).collect();
    Error::NotConverged {
        model: M::NAME,
        best: best.join(", "),
        log_likelihood: -run.function.value * data.customers(),
        gradient: largest(&run.function.gradient),
        evaluations,
    }
}
