//! The search for the maximum of a target.

use argmin::core::{CostFunction, Error as ArgminError, Executor, Operator, State};

use super::judge::{Judged, judge};
use super::newton::{DampedNewton, Ending, Run, largest};
use super::{Estimate, Target, TargetValue, Verdict, simplex};
use crate::error::{Cause, Error, Result};
use crate::linear::Cholesky;

/// Minus the mean of the target over its customers, which keeps tolerances independent of how many there are.
struct Objective<'a>(&'a dyn Target);

impl Operator for Objective<'_> {
    type Param = Vec<f64>;
    type Output = TargetValue;
    fn apply(&self, theta: &Vec<f64>) -> std::result::Result<TargetValue, ArgminError> {
        Ok(self.0.at(theta).times(-1.0 / self.0.customers()))
    }
}

impl CostFunction for Objective<'_> {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, theta: &Vec<f64>) -> std::result::Result<f64, ArgminError> {
        self.apply(theta).map(|evaluation| evaluation.value)
    }
}

/// Iterations allowed to one Newton run; five to ten are usual.
const ITERATIONS: u64 = 200;

/// The maximum of a target, judged.
///
/// Newton's method from the target's first start, by way of a part of the data where they are many. If that does not end at a
/// well-determined interior optimum, then also from the other starts, and if none ends anywhere, from where a Nelder-Mead simplex
/// does. The best end is taken. The work is bounded, whatever the data. With `robust`, the covariance is the sandwich
/// `H⁻¹ (Σ g gᵀ) H⁻¹`.
///
/// # Errors
/// Those of [`Target::check`]; [`Cause::NotConverged`](crate::error::Cause::NotConverged), with the best point found, if no run ended at an optimum or a limit.
pub fn maximum(target: &dyn Target, robust: bool) -> Result<Estimate> {
    target.check()?;
    let mut evaluations = 0;
    let mut best: Option<Judged> = None;
    let mut farthest: Option<Run> = None;
    let thinned = target.thinned();
    for mut theta in target.starts() {
        if let Some(part) = &thinned {
            let run = newton_run(part, theta.clone())?;
            evaluations += run.evaluations;
            if run.ending == Ending::Optimum {
                theta = run.theta;
            }
        }
        let run = newton_run(target, theta)?;
        evaluations += run.evaluations;
        if let Some(judged) = judge(target, robust, &run) {
            let done = judged.estimate.verdict == Verdict::Converged;
            best = Some(better(best, judged));
            if done {
                break;
            }
        }
        farthest = Some(lower(farthest, run));
    }
    if best.is_none() {
        let from = farthest.as_ref().expect("every target has a start").theta.clone();
        let run = newton_run(target, simplex::lowest(Objective(target), &from)?)?;
        evaluations += run.evaluations;
        best = judge(target, robust, &run);
        farthest = Some(lower(farthest, run));
    }
    match best {
        Some(judged) => Ok(Estimate { evaluations, ..judged.estimate }),
        None => Err(not_converged(target, &farthest.expect("a run"), evaluations)),
    }
}

/// The [`maximum`] where it is known to be near: from there alone, if that converges.
pub(super) fn maximum_near(target: &dyn Target, near: &[f64]) -> Result<Estimate> {
    target.check()?;
    let run = newton_run(target, near.to_vec())?;
    match judge(target, false, &run) {
        Some(judged) if judged.estimate.verdict == Verdict::Converged => Ok(judged.estimate),
        _ => maximum(target, false),
    }
}

/// What is left to gain where a maximum is near enough: what is promised then is off by much less.
const NEARLY_NOTHING: f64 = 1e-4;

/// The log-likelihood at the [`maximum`], which is known to be near.
///
/// Newton's method to where its next step promises less than 1e-4, with that promise, `½ gᵀ H⁻¹ g`: what third derivatives change in it
/// is of the order of its 1.5th power. A test needs no more, and the last steps of a search are half of its cost.
pub(super) fn value_near(target: &dyn Target, near: &[f64]) -> Result<f64> {
    const STEPS: usize = 8;
    target.check()?;
    let mut theta = near.to_vec();
    let mut reached = f64::NEG_INFINITY;
    for _ in 0..STEPS {
        let here = target.at(&theta);
        // Too long a step, or no top.
        let Some(factor) = Cholesky::new(&-here.hessian).filter(|_| here.value > reached) else { break };
        let step = factor.solve(here.gradient.clone());
        let promised: f64 = step.iter().zip(&here.gradient).map(|(step, slope)| 0.5 * step * slope).sum();
        if promised.abs() < NEARLY_NOTHING {
            return Ok(here.value + promised);
        }
        reached = here.value;
        theta.iter_mut().zip(&step).for_each(|(theta, step)| *theta += step);
    }
    Ok(maximum(target, false)?.log_likelihood)
}

fn newton_run(target: &dyn Target, start: Vec<f64>) -> Result<Run> {
    let solver = DampedNewton::new(target.customers(), target.coordinates());
    let result = Executor::new(Objective(target), solver)
        .configure(|state| state.param(start).max_iters(ITERATIONS))
        .ctrlc(false)
        .run()
        .map_err(|error| Cause::Optimiser(error.to_string()))?;
    let evaluations = result.problem.counts.values().sum();
    let iterations = result.state.get_iter();
    let theta = result.state.get_param().cloned().expect("the solver keeps its parameters");
    let (ending, function) = result.solver.outcome();
    Ok(Run { theta, function, ending, iterations, evaluations })
}

fn lower(best: Option<Run>, run: Run) -> Run {
    match best {
        // Not a number is higher than any.
        Some(best) if best.function.value.total_cmp(&run.function.value).is_le() => best,
        _ => run,
    }
}

/// The better of two estimates: the likelier, or where they are equally likely the better determined.
fn better(best: Option<Judged>, judged: Judged) -> Judged {
    const SAME: f64 = 1e-6;
    let Some(best) = best else { return judged };
    let gain = judged.objective - best.objective;
    let settled = judged.estimate.verdict == Verdict::Converged;
    if gain > SAME || gain > -SAME && settled { judged } else { best }
}

fn not_converged(target: &dyn Target, run: &Run, evaluations: u64) -> Error {
    let coordinates = target.coordinates().iter().zip(&run.theta);
    let best: Vec<String> = coordinates
        .map(|(coordinate, theta)| format!("{} {:.4e}", coordinate.name, coordinate.value(*theta)))
        .collect();
    let cause = Cause::NotConverged {
        model: target.name(),
        best: best.join(", "),
        log_likelihood: -run.function.value * target.customers(),
        gradient: largest(run.function.gradient.iter().copied()),
        evaluations,
    };
    cause.into()
}
