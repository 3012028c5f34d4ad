//! What can be said of a finished fit.

use std::fmt;

/// Whether, and how far, an estimate can be relied on.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// An interior maximum: zero gradient, positive definite information.
    Converged,
    /// The likelihood keeps rising, ever more slowly, as these parameters run off to zero or infinity. Predictions are
    /// those of the limit; the parameters themselves and their standard errors mean nothing.
    Boundary {
        /// `(parameter, tends to infinity rather than to zero)`
        parameters: Vec<(String, bool)>,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Converged => write!(f, "converged"),
            Self::Boundary { parameters } => {
                let limits: Vec<String> = parameters
                    .iter()
                    .map(|(name, infinite)| format!("{name} -> {}", if *infinite { "infinity" } else { "0" }))
                    .collect();
                write!(f, "at a boundary ({})", limits.join(", "))
            }
        }
    }
}

/// A parameter this many times larger or smaller than its scale has run off.
const RUN_OFF: f64 = 1e4;

/// Largest gradient of the mean log-likelihood at which it counts as flat.
const FLAT: f64 = 1e-6;

/// The verdict on the end point of a fit; `None` if it is not an optimum of any kind. `information` says whether the
/// information matrix is positive definite.
pub(super) fn of(
    names: &[&str],
    parameters: &[f64],
    scales: &[f64],
    converged: bool,
    information: bool,
    gradient: f64,
) -> Option<Verdict> {
    let run_off: Vec<(String, bool)> = names
        .iter()
        .zip(parameters.iter().zip(scales))
        .filter(|(_, (value, scale))| !(scale.recip() * **value < RUN_OFF && **value * RUN_OFF > **scale))
        .map(|(name, (value, scale))| ((*name).to_owned(), value > scale))
        .collect();
    if !run_off.is_empty() && gradient < FLAT {
        Some(Verdict::Boundary { parameters: run_off })
    } else if converged && information && gradient < FLAT {
        Some(Verdict::Converged)
    } else {
        None
    }
}
