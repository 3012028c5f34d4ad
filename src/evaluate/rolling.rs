//! Several splits: how much of a score is chance.

use super::evaluation::{Evaluation, Forecaster, Scored};

/// Mean of a score over several splits, and how it varies.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Spread {
    /// Splits that know it.
    pub splits: usize,
    /// Mean.
    pub mean: f64,
    /// Standard deviation over splits, `n - 1` in the denominator; none of one split.
    pub sd: Option<f64>,
}

impl Spread {
    /// The spread of these numbers; none if there are none.
    pub fn new(numbers: &[f64]) -> Option<Self> {
        let splits = numbers.len();
        let mean = numbers.iter().sum::<f64>() / splits as f64;
        let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
        let sd = (splits > 1).then(|| (squares / (splits - 1) as f64).sqrt());
        (splits > 0).then_some(Self { splits, mean, sd })
    }

    /// The spread of one forecaster's score over the evaluations that have it.
    pub fn of(evaluations: &[Evaluation], who: Forecaster, score: impl Fn(&Scored) -> Option<f64>) -> Option<Self> {
        // By name: what is chosen may differ from split to split.
        let is_theirs = |scored: &&Scored| scored.forecaster.name() == who.name();
        let scored = evaluations.iter().filter_map(|evaluation| evaluation.scored.iter().find(is_theirs));
        Self::new(&scored.filter_map(score).collect::<Vec<f64>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_standard_deviation() {
        assert_eq!(Spread::new(&[1.0, 3.0, 5.0]), Some(Spread { splits: 3, mean: 3.0, sd: Some(2.0) }));
        assert_eq!(Spread::new(&[4.0]), Some(Spread { splits: 1, mean: 4.0, sd: None }));
        assert_eq!(Spread::new(&[]), None);
    }
}
