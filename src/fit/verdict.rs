//! What can be said of a finished fit, and what to do about it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether, and how far, an estimate can be relied on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "status")]
pub enum Verdict {
    /// An interior maximum: zero gradient, well-determined parameters.
    Converged,
    /// A maximum, but these parameters are not determined separately by the data: moving them together by a factor of `e`
    /// or more costs less than half a unit of log-likelihood. Predictions barely depend on where along the ridge they are.
    Ridge {
        /// Names.
        parameters: Vec<String>,
    },
    /// The likelihood keeps rising, ever more slowly, as these parameters run off to zero or infinity. Predictions are
    /// those of the limit; these parameters have no standard errors.
    Boundary {
        /// What runs off.
        limits: Vec<Limit>,
        /// Which of the other parameters the data then do not determine.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        undetermined: Vec<String>,
    },
}

/// A parameter that runs off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Its name.
    pub parameter: String,
    /// To infinity, rather than to zero.
    pub infinite: bool,
}

impl Verdict {
    /// The verdict in one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::Ridge { .. } => "ridge",
            Self::Boundary { .. } => "boundary",
        }
    }

    /// Whether a parameter runs off to infinity, or to zero.
    pub fn runs_off(&self, parameter: &str, infinite: bool) -> bool {
        let Self::Boundary { limits, .. } = self else { return false };
        limits.iter().any(|limit| limit.parameter == parameter && limit.infinite == infinite)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.parameter, if self.infinite { "infinity" } else { "0" })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Converged => write!(f, "converged"),
            Self::Ridge { parameters } => write!(f, "on a ridge ({})", parameters.join(", ")),
            Self::Boundary { limits, undetermined } => {
                let limits: Vec<String> = limits.iter().map(Limit::to_string).collect();
                write!(f, "at a boundary ({}", limits.join(", "))?;
                if !undetermined.is_empty() {
                    write!(f, "; {} not determined", undetermined.join(", "))?;
                }
                write!(f, ")")
            }
        }
    }
}

/// A parameter this many times larger or smaller than its scale has run off.
const RUN_OFF: f64 = 1e4;

/// The parameters that have run off.
pub(super) fn limits(names: &[&str], parameters: &[f64], scales: &[f64]) -> Vec<Limit> {
    let relative = parameters.iter().zip(scales).map(|(value, scale)| value / scale);
    names
        .iter()
        .zip(relative)
        .filter(|(_, size)| !(*size < RUN_OFF && *size * RUN_OFF > 1.0))
        .map(|(name, size)| Limit { parameter: (*name).to_owned(), infinite: size > 1.0 })
        .collect()
}

/// Names of the parameters that make up most of some direction.
pub(super) fn along<const N: usize>(names: &[&str; N], directions: &[[f64; N]]) -> Vec<String> {
    let part_of = |i: usize| directions.iter().any(|direction| direction[i].abs() > 0.3);
    (0..N).filter(|&i| part_of(i)).map(|i| names[i].to_owned()).collect()
}
