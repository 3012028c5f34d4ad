//! What can be said of a finished fit, and what to do about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Coordinate;

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
#[non_exhaustive]
pub struct Limit {
    /// Its name.
    pub parameter: String,
    /// To infinity, rather than to zero.
    pub infinite: bool,
    /// To minus infinity, of what is not positive.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub negative: bool,
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
        let end = match (self.infinite, self.negative) {
            (false, _) => "0",
            (true, false) => "infinity",
            (true, true) => "-infinity",
        };
        write!(f, "{} -> {end}", self.parameter)
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

/// The coordinates that are as far from their centers as `run_off` says of each, or farther.
pub(super) fn limits(coordinates: &[Coordinate], theta: &[f64], run_off: impl Fn(usize) -> f64) -> Vec<Limit> {
    let off = |(i, (coordinate, theta)): (usize, (&Coordinate, &f64))| {
        let off = coordinate.off(*theta);
        // Also if it is no number.
        let gone = off.is_nan() || off.abs() >= run_off(i);
        gone.then(|| Limit {
            parameter: coordinate.name.clone(),
            infinite: off > 0.0 || !coordinate.is_logarithm,
            negative: off < 0.0 && !coordinate.is_logarithm,
        })
    };
    coordinates.iter().zip(theta).enumerate().filter_map(off).collect()
}

/// A part of a unit vector that matters by itself.
const LARGE_PART: f64 = 0.3;

/// Names of the coordinates that make up most of some direction, in their order.
pub(super) fn along(coordinates: &[Coordinate], directions: &[Vec<f64>]) -> Vec<String> {
    let mut part = vec![false; coordinates.len()];
    directions.iter().flat_map(|direction| largest_parts(direction)).for_each(|i| part[i] = true);
    coordinates.iter().zip(part).filter(|(_, part)| *part).map(|(coordinate, _)| coordinate.name.clone()).collect()
}

/// The large parts of a unit vector; where it has many small ones, the largest that are half of it together.
fn largest_parts(direction: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..direction.len()).collect();
    order.sort_by(|&i, &j| direction[j].abs().total_cmp(&direction[i].abs()));
    let mut covered = 0.0;
    let matters = |&i: &usize| {
        let part = direction[i].abs();
        let matters = part > LARGE_PART || covered < 0.5;
        covered += part * part;
        matters
    };
    order.into_iter().take_while(matters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_of_many_coordinates_are_named() {
        let coordinates: Vec<Coordinate> = (0..50).map(|i| Coordinate::real(&format!("c{i}"), 1.0)).collect();
        // One large part and 49 small ones: it is all that matters.
        let mut one = vec![0.1; 50];
        one[7] = (1.0f64 - 0.49).sqrt();
        assert_eq!(along(&coordinates, &[one]), ["c7"]);
        // Nothing but small parts: the largest, as many as are half of it.
        let small: Vec<f64> = (0..50).map(|i| if i % 10 == 3 { 0.26 } else { 0.1213 }).collect();
        let named = along(&coordinates, &[small]);
        assert!(
            named.len() < 20
                && ["c3", "c13", "c23", "c33", "c43"].iter().all(|name| named.contains(&(*name).to_owned()))
        );
    }

    #[test]
    fn limits_of_logarithms_are_zero_and_infinity_and_of_others_the_infinities() {
        let coordinates =
            [Coordinate::logarithm("r", 2.0), Coordinate::logarithm("a", 1.0), Coordinate::real("g", 10.0)];
        let words = |theta: [f64; 3]| {
            let limits = limits(&coordinates, &theta, |_| 9.0);
            limits.iter().map(Limit::to_string).collect::<Vec<String>>()
        };
        assert_eq!(words([2f64.ln() + 8.9, -8.9, 89.0]), Vec::<String>::new());
        assert_eq!(words([2f64.ln() + 9.1, -9.1, -91.0]), ["r -> infinity", "a -> 0", "g -> -infinity"]);
        assert_eq!(words([0.0, f64::NAN, 91.0]), ["a -> 0", "g -> infinity"]);
    }
}
