//! Maximum likelihood: the fit of any model that states its [`Likelihood`], and a verdict on it.

mod cholesky;
mod newton;
mod verdict;

use argmin::core::{CostFunction, Error as ArgminError, Executor, Operator, State};
use argmin::solver::neldermead::NelderMead;
use ndarray::Array2;

pub use verdict::Verdict;

use crate::error::{Error, Result};
use crate::models::{Derivatives, Likelihood};
use cholesky::Cholesky;
use newton::{DampedNewton, largest};

/// A model with the evidence of how it was estimated.
#[derive(Clone, Debug)]
pub struct Fitted<M> {
    /// The model at the estimated parameters.
    pub model: M,
    /// Log-likelihood at the estimate, over all customers.
    pub log_likelihood: f64,
    /// Covariance of the logarithms of the parameters: the inverse of the observed information. None at a boundary.
    pub covariance_of_logs: Option<Array2<f64>>,
    /// Standard errors of the parameters by the delta method, in the order of the model's parameter names.
    pub standard_errors: Option<Vec<f64>>,
    /// Customers in the likelihood.
    pub customers: u64,
    /// Distinct observations they collapsed to.
    pub distinct: usize,
    /// Newton iterations of the run that gave the estimate.
    pub iterations: u64,
    /// Evaluations of the likelihood over all runs.
    pub evaluations: u64,
    /// Largest entry of the gradient of the mean log-likelihood in the logarithms of the parameters.
    pub gradient: f64,
    /// Whether, and how far, the estimate can be relied on.
    pub verdict: Verdict,
}

/// Minus the mean log-likelihood, which keeps tolerances independent of the number of customers.
struct Objective<'a, M: Likelihood<N>, const N: usize> {
    data: &'a M::Data,
    customers: f64,
}

impl<M: Likelihood<N>, const N: usize> Objective<'_, M, N> {
    fn at(&self, theta: &[f64]) -> Derivatives<N> {
        match model_at::<M, N>(theta) {
            Ok(model) => model.log_likelihood(self.data).times(-1.0 / self.customers),
            // A parameter beyond the range of a number: a value that no step accepts.
            Err(_) => Derivatives { value: f64::INFINITY, ..Derivatives::ZERO },
        }
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

/// Iterations allowed to one Newton run; ten are usual.
const NEWTON_ITERATIONS: u64 = 200;

/// Iterations allowed to the derivative-free fallback.
const SIMPLEX_ITERATIONS: u64 = 2000;

/// Where one Newton run ended.
#[derive(Clone)]
struct Run<const N: usize> {
    theta: Vec<f64>,
    function: Derivatives<N>,
    converged: bool,
    iterations: u64,
    evaluations: u64,
}

/// Fits a model by maximum likelihood on the logarithms of its parameters.
///
/// Newton's method from the moments of the data; if that does not end at an optimum, from fixed starts too, and at last
/// from where a Nelder-Mead simplex ends. The best end is taken, and judged.
///
/// # Errors
/// [`Error::TooFew`] if the data cannot identify the model; [`Error::NotConverged`], with the best point found, if no run
/// ended at an optimum.
pub fn maximum_likelihood<M: Likelihood<N>, const N: usize>(data: &M::Data) -> Result<Fitted<M>> {
    M::check(data)?;
    let mut best: Option<Run<N>> = None;
    let mut evaluations = 0;
    for start in M::starts(data) {
        let run = newton_run::<M, N>(data, start.parameters().map(f64::ln).to_vec())?;
        evaluations += run.evaluations;
        let done = run.converged;
        best = better(best, run);
        if done {
            break;
        }
    }
    let mut best = best.expect("every model has a start");
    if !best.converged {
        let run = newton_run::<M, N>(data, simplex_run::<M, N>(data, &best.theta)?)?;
        evaluations += run.evaluations;
        best = better(Some(best), run).expect("two runs");
    }
    judge(data, best, evaluations)
}

fn newton_run<M: Likelihood<N>, const N: usize>(data: &M::Data, start: Vec<f64>) -> Result<Run<N>> {
    let objective = Objective::<M, N> { data, customers: M::customers(data) };
    let result = Executor::new(objective, DampedNewton::<N>::new())
        .configure(|state| state.param(start).max_iters(NEWTON_ITERATIONS))
        .ctrlc(false)
        .run()
        .map_err(|error| Error::Optimiser(error.to_string()))?;
    let evaluations = result.problem.counts.values().sum();
    let (converged, function) = result.solver.outcome();
    let iterations = result.state.get_iter();
    let theta = result.state.get_param().cloned().expect("the solver keeps its parameters");
    Ok(Run { theta, function, converged, iterations, evaluations })
}

/// Nelder-Mead from a simplex of unit steps in the logarithms.
fn simplex_run<M: Likelihood<N>, const N: usize>(data: &M::Data, start: &[f64]) -> Result<Vec<f64>> {
    let objective = Objective::<M, N> { data, customers: M::customers(data) };
    let mut corners = vec![start.to_vec()];
    corners.extend((0..N).map(|i| {
        let mut corner = start.to_vec();
        corner[i] += 1.0;
        corner
    }));
    let solver =
        NelderMead::new(corners).with_sd_tolerance(1e-14).map_err(|error| Error::Optimiser(error.to_string()))?;
    let result = Executor::new(objective, solver)
        .configure(|state| state.max_iters(SIMPLEX_ITERATIONS))
        .ctrlc(false)
        .run()
        .map_err(|error| Error::Optimiser(error.to_string()))?;
    Ok(result.state.get_best_param().cloned().unwrap_or_else(|| start.to_vec()))
}

fn better<const N: usize>(best: Option<Run<N>>, run: Run<N>) -> Option<Run<N>> {
    match best {
        Some(best) if best.function.value <= run.function.value => Some(best),
        _ => Some(run),
    }
}

/// Turns the best run into a fit with standard errors and verdict, or into an error.
fn judge<M: Likelihood<N>, const N: usize>(data: &M::Data, run: Run<N>, evaluations: u64) -> Result<Fitted<M>> {
    let model = model_at::<M, N>(&run.theta)?;
    let parameters = model.parameters();
    let customers = M::customers(data);
    let log_likelihood = -run.function.value * customers;
    let gradient = largest(&run.function.gradient);
    let information = Cholesky::new(&run.function.times(customers).hessian);
    let verdict =
        verdict::of(&M::PARAMETERS, &parameters, &M::scales(data), run.converged, information.is_some(), gradient);
    let Some(verdict) = verdict else {
        let best = M::PARAMETERS.iter().zip(parameters).map(|(name, value)| format!("{name} {value:.6}"));
        return Err(Error::NotConverged {
            model: M::NAME,
            best: best.collect::<Vec<_>>().join(", "),
            log_likelihood,
            gradient,
            iterations: run.iterations,
        });
    };
    let covariance = information.filter(|_| verdict == Verdict::Converged).map(|information| information.inverse());
    Ok(Fitted {
        model,
        log_likelihood,
        standard_errors: covariance.map(|covariance| (0..N).map(|i| parameters[i] * covariance[i][i].sqrt()).collect()),
        covariance_of_logs: covariance.map(|covariance| Array2::from(covariance.to_vec())),
        customers: customers as u64,
        distinct: M::distinct(data),
        iterations: run.iterations,
        evaluations,
        gradient,
        verdict,
    })
}
