//! A damped Newton method as an argmin solver.
//!
//! argmin's own trust region never terminates by itself and its L-BFGS can hang in the line search; a likelihood with two
//! to six parameters and an exact Hessian deserves neither. Levenberg damping, as in Nocedal & Wright (2006), chapter 4.

use argmin::core::{
    ArgminError, Error, IterState, KV, Operator, Problem, Solver, State, TerminationReason, TerminationStatus,
};

use super::{Coordinate, TargetValue};
use crate::linear::{Cholesky, holding};

/// Iteration state: position, gradient, nothing else.
pub(super) type NewtonState = IterState<Vec<f64>, Vec<f64>, (), (), (), f64>;

/// Longest step in one coordinate, in its size: a factor of e² in one parameter.
const LONGEST_STEP: f64 = 2.0;

/// Coordinates stay within so many sizes of their centers, parameters within a factor of 1e8, `e^18.4`, of their scale: what runs off has done
/// so by then, and the formulas keep their digits.
const REACH: f64 = 18.4;

/// So far out a coordinate has come to the end of its range, beyond which its slope is not followed.
pub(super) const END_OF_REACH: f64 = REACH * (1.0 - 1e-12);

/// After an undamped step this short the next one, by quadratic convergence, is below rounding.
const LAST_STEP: f64 = 1e-7;

/// A step that promises to raise the log-likelihood of all customers by less than this has arrived, however long it is:
/// on a ridge, or at a limit that lies at infinity.
const LEAST_GAIN: f64 = 1e-9;

/// A long step that is refused although it promised some gain, but no more than this a customer: what is left to gain is hidden by
/// rounding. It is where parameters run off, since the terms of the likelihood grow as what they add up to stands still.
const HIDDEN_GAIN: f64 = 1e-9;

/// A step longer than this is no last step of Newton's method.
const LONG_STEP: f64 = 1e-2;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// At a point that the next step does not move.
    Optimum,
    /// Where nothing more is to be gained, although steps are long.
    Flat,
    /// Neither.
    Lost,
}

/// Where one Newton run ended.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) theta: Vec<f64>,
    /// The objective.
    pub(super) function: TargetValue,
    pub(super) ending: Ending,
    pub(super) iterations: u64,
    pub(super) evaluations: u64,
}

/// Minimises a function given with gradient and Hessian as an argmin [`Operator`].
#[derive(Clone, Debug)]
pub(super) struct DampedNewton {
    here: TargetValue,
    damping: f64,
    last_step: f64,
    /// Of the last undamped step, by its slope, for all customers.
    last_gain: f64,
    /// Whether that step was refused for a gain that rounding hides.
    gain_is_hidden: bool,
    customers: f64,
    coordinates: Vec<Coordinate>,
}

impl DampedNewton {
    /// For a function of these coordinates that is a mean over so many customers.
    pub(super) fn new(customers: f64, coordinates: &[Coordinate]) -> Self {
        Self {
            here: TargetValue::impossible(coordinates.len()),
            damping: 0.0,
            last_step: f64::INFINITY,
            last_gain: f64::INFINITY,
            gain_is_hidden: false,
            customers,
            coordinates: coordinates.to_vec(),
        }
    }

    fn within_reach(&self, theta: &[f64], step: &[f64]) -> Vec<f64> {
        let moved = theta.iter().zip(step).zip(&self.coordinates);
        let within = |((theta, step), Coordinate { center, size, .. }): ((&f64, &f64), &Coordinate)| {
            (theta + step).clamp(center - REACH * size, center + REACH * size)
        };
        moved.map(within).collect()
    }

    /// Whether not even the longest step gains anything, by the slope here.
    fn level(&self) -> bool {
        self.steepest(&self.here) * LONGEST_STEP * self.customers <= LEAST_GAIN
    }

    /// Largest slope, by coordinates in their sizes.
    fn steepest(&self, at: &TargetValue) -> f64 {
        largest(at.gradient.iter().zip(&self.coordinates).map(|(slope, coordinate)| slope * coordinate.size))
    }

    /// Longest part of a step, in sizes.
    fn length(&self, step: &[f64]) -> f64 {
        largest(step.iter().zip(&self.coordinates).map(|(part, coordinate)| part / coordinate.size))
    }

    fn slope(&self, step: &[f64]) -> f64 {
        step.iter().zip(&self.here.gradient).map(|(s, g)| s * g).sum()
    }

    /// The step `-(H + λ D)⁻¹ g` with `D = |diag H|`, cut to the longest step allowed; damping rises until `H + λ D` is
    /// positive definite. Coordinates at the end of their range that would leave it are held.
    fn step(&mut self, theta: &[f64]) -> Option<Vec<f64>> {
        let offs = theta.iter().zip(&self.coordinates).map(|(theta, coordinate)| coordinate.off(*theta));
        let ends = |(off, slope): (f64, &f64)| off.abs() >= END_OF_REACH && off * slope <= 0.0;
        let held: Vec<bool> = offs.zip(&self.here.gradient).map(ends).collect();
        let hessian = holding(&self.here.hessian, &held);
        let downhill: Vec<f64> =
            self.here.gradient.iter().zip(&held).map(|(slope, held)| if *held { 0.0 } else { -slope }).collect();
        for _ in 0..60 {
            let mut damped = hessian.clone();
            damped.diag_mut().iter_mut().for_each(|cell| *cell += self.damping * cell.abs().max(1e-12));
            if let Some(factor) = Cholesky::new(&damped) {
                let mut step = factor.solve(downhill.clone());
                let longest = self.length(&step);
                if longest.is_finite() {
                    let cut = (LONGEST_STEP / longest).min(1.0);
                    step.iter_mut().for_each(|s| *s *= cut);
                    return Some(step);
                }
            }
            self.raise_damping();
        }
        None
    }

    fn raise_damping(&mut self) {
        self.damping = (4.0 * self.damping).max(1e-3);
    }

    fn lower_damping(&mut self) {
        self.damping = if self.damping < 1e-5 { 0.0 } else { self.damping / 10.0 };
    }

    /// A step is good if the function falls by a part of what its slope promises, or, where the values differ by no more
    /// than rounding, if the gradient shrinks.
    fn improves(&self, step: &[f64], there: &TargetValue) -> bool {
        if !there.value.is_finite() || there.gradient.iter().any(|g| !g.is_finite()) {
            return false;
        }
        let slope = self.slope(step);
        let rounding = 1e-14 * (1.0 + self.here.value.abs());
        let fall = self.here.value - there.value;
        fall >= -1e-4 * slope && fall > rounding
            || fall.abs() <= rounding && self.steepest(there) <= self.steepest(&self.here)
    }
}

/// Largest absolute entry.
pub(super) fn largest(vector: impl Iterator<Item = f64>) -> f64 {
    // What is not a number counts as larger than any.
    vector.fold(0.0, |largest, v| if v.abs() > largest || v.is_nan() { v.abs() } else { largest })
}

impl<O: Operator<Param = Vec<f64>, Output = TargetValue>> Solver<O, NewtonState> for DampedNewton {
    fn name(&self) -> &str {
        "damped Newton"
    }

    fn init(&mut self, problem: &mut Problem<O>, mut state: NewtonState) -> Result<(NewtonState, Option<KV>), Error> {
        let theta = state.take_param().ok_or(ArgminError::NotInitialized { text: "no start".into() })?;
        self.here = problem.apply(&theta)?;
        let cost = self.here.value;
        Ok((state.param(theta).cost(cost).gradient(self.here.gradient.clone()), None))
    }

    fn next_iter(
        &mut self,
        problem: &mut Problem<O>,
        mut state: NewtonState,
    ) -> Result<(NewtonState, Option<KV>), Error> {
        let theta = state.take_param().ok_or(ArgminError::NotInitialized { text: "no start".into() })?;
        for _ in 0..60 {
            let damping = self.damping;
            let Some(step) = self.step(&theta) else { break };
            let trial = self.within_reach(&theta, &step);
            let step: Vec<f64> = trial.iter().zip(&theta).map(|(trial, theta)| trial - theta).collect();
            let there = problem.apply(&trial)?;
            let undamped = damping == 0.0 && self.damping == 0.0;
            let (length, gain) = (self.length(&step), -self.slope(&step) * self.customers);
            if self.improves(&step, &there) {
                if undamped {
                    (self.last_step, self.last_gain) = (length, gain);
                }
                let (cost, gradient) = (there.value, there.gradient.clone());
                self.here = there;
                self.lower_damping();
                // Where next to nothing is left to gain, only an undamped step tells an optimum from a plain.
                if self.level() {
                    self.damping = 0.0;
                }
                return Ok((state.param(trial).cost(cost).gradient(gradient), None));
            }
            // At the optimum to the last bit a step cannot improve any more.
            let hidden = length > LONG_STEP && gain <= HIDDEN_GAIN * self.customers;
            if undamped && (length <= LAST_STEP || gain <= LEAST_GAIN || hidden) {
                (self.last_step, self.last_gain, self.gain_is_hidden) = (length, gain, hidden);
                break;
            }
            self.raise_damping();
        }
        let reason = TerminationReason::SolverExit("no step improves the likelihood".into());
        let (cost, gradient) = (self.here.value, self.here.gradient.clone());
        Ok((state.param(theta).cost(cost).gradient(gradient).terminate_with(reason), None))
    }

    fn terminate(&mut self, _state: &NewtonState) -> TerminationStatus {
        let flat =
            self.last_step > LONG_STEP && self.last_step.is_finite() && (self.last_gain <= LEAST_GAIN || self.level());
        if self.last_step <= LAST_STEP || flat {
            TerminationStatus::Terminated(TerminationReason::SolverConverged)
        } else {
            TerminationStatus::NotTerminated
        }
    }
}

impl DampedNewton {
    /// How the run ended, and the function there.
    pub(super) fn outcome(self) -> (Ending, TargetValue) {
        let ending = if self.last_step <= LAST_STEP {
            Ending::Optimum
        } else if self.last_gain <= LEAST_GAIN || self.level() || self.gain_is_hidden {
            Ending::Flat
        } else {
            Ending::Lost
        };
        (ending, self.here)
    }
}
