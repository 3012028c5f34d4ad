//! Scores by quantiles or thresholds.

use crate::error::{Error, Result};

/// How numbers become scores from 1, the least desirable, upwards.
#[derive(Clone, Debug, PartialEq)]
pub enum Scoring {
    /// So many groups of about the same size. Equal numbers are never divided, so that some groups may stay empty; the lowest
    /// number has always the lowest score and the highest the highest, unless all are equal.
    Quantiles(u32),
    /// One score more for each of these ascending numbers that is exceeded; of days, for each that is not exceeded.
    Thresholds(Vec<f64>),
}

/// Most groups of quantiles.
const MOST_QUANTILES: u32 = 100;

impl Scoring {
    /// The highest score.
    pub fn highest(&self) -> u32 {
        match self {
            Self::Quantiles(groups) => *groups,
            Self::Thresholds(thresholds) => thresholds.len() as u32 + 1,
        }
    }

    /// # Errors
    /// [`Error::usage`] unless there are 2 to 100 quantiles, or thresholds that ascend.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Quantiles(groups) if !(2..=MOST_QUANTILES).contains(groups) => Err(Error::usage(format!(
                "{groups} quantiles make no scores; give 2 to {MOST_QUANTILES}, for instance 5"
            ))),
            Self::Thresholds(thresholds)
                if thresholds.is_empty()
                    || thresholds.iter().any(|threshold| !threshold.is_finite())
                    || thresholds.windows(2).any(|pair| pair[0] >= pair[1]) =>
            {
                Err(Error::usage(format!(
                    "{thresholds:?} are not thresholds: give numbers that ascend, for instance 30,90,180"
                )))
            }
            _ => Ok(()),
        }
    }

    /// The score of each number, the largest number having the highest.
    ///
    /// In `k` quantiles, a number with `b` below it and `a` above it has the score `⌊k b/(b + a)⌋ + 1`, at most `k`; if all are
    /// equal, they have the middle one, `⌊k/2⌋ + 1`.
    pub fn scores(&self, numbers: &[f64]) -> Vec<u32> {
        match self {
            Self::Quantiles(groups) => quantile_scores(numbers, *groups),
            Self::Thresholds(thresholds) => {
                numbers.iter().map(|number| 1 + exceeded(thresholds, |threshold| threshold < *number)).collect()
            }
        }
    }

    /// The score of each number of days, the smallest number having the highest.
    pub fn scores_of_days(&self, days: &[f64]) -> Vec<u32> {
        match self {
            Self::Quantiles(groups) => quantile_scores(&days.iter().map(|days| -days).collect::<Vec<_>>(), *groups),
            Self::Thresholds(thresholds) => {
                days.iter().map(|days| 1 + exceeded(thresholds, |threshold| *days <= threshold)).collect()
            }
        }
    }
}

fn exceeded(thresholds: &[f64], holds: impl Fn(f64) -> bool) -> u32 {
    thresholds.iter().filter(|threshold| holds(**threshold)).count() as u32
}

fn quantile_scores(numbers: &[f64], groups: u32) -> Vec<u32> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_unstable_by(|&a, &b| numbers[a].total_cmp(&numbers[b]));
    let mut scores = vec![0; numbers.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&a, &b| numbers[a] == numbers[b]) {
        let others = (numbers.len() - equal.len()) as u64;
        let score = match u64::from(groups) {
            groups if others == 0 => groups / 2 + 1,
            groups => (groups * before as u64 / others + 1).min(groups),
        };
        equal.iter().for_each(|&row| scores[row] = score as u32);
        before += equal.len();
    }
    scores
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quintiles_are_those_counted_by_hand() {
        let quintiles = Scoring::Quantiles(5);
        assert_eq!(quintiles.scores(&[10.0, 50.0, 30.0, 20.0, 40.0]), [1, 5, 3, 2, 4]);
        assert_eq!(quintiles.scores_of_days(&[10.0, 50.0, 30.0, 20.0, 40.0]), [5, 1, 3, 4, 2]);
        // Six of ten are equal. Of the 2 six are below and three above: 5 6/9 = 3.3; then 5 7/9 = 3.9, 5 8/9 = 4.4.
        let tied = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(quintiles.scores(&tied), [1, 1, 1, 1, 1, 1, 4, 4, 5, 5]);
        // Nine of ten are equal, at the bottom and at the top.
        assert_eq!(quintiles.scores(&[&[1.0; 9][..], &[2.0]].concat()), [&[1; 9][..], &[5]].concat());
        assert_eq!(quintiles.scores(&[&[2.0; 9][..], &[1.0]].concat()), [&[5; 9][..], &[1]].concat());
        assert_eq!(quintiles.scores(&[1.0, 2.0]), [1, 5]);
        assert_eq!(quintiles.scores(&[7.0; 4]), [3; 4]);
        assert_eq!(quintiles.scores(&[]), [0; 0]);
    }

    #[test]
    fn thresholds_belong_to_the_better_side_of_days_alone() {
        let days = Scoring::Thresholds(vec![30.0, 90.0, 180.0]);
        assert_eq!(days.scores_of_days(&[0.0, 30.0, 31.0, 180.0, 181.0]), [4, 4, 3, 2, 1]);
        let over = Scoring::Thresholds(vec![1.0, 3.0, 6.0]);
        assert_eq!(over.scores(&[1.0, 2.0, 3.0, 6.0, 7.0]), [1, 2, 2, 3, 4]);
        for wrong in [vec![], vec![2.0, 1.0], vec![1.0, 1.0], vec![f64::NAN]] {
            assert!(Scoring::Thresholds(wrong).check().is_err());
        }
        assert!(Scoring::Quantiles(1).check().is_err());
    }

    proptest! {
        /// More is never worse, equals are equal, every score is one, and the ends have the end scores.
        #[test]
        fn scores_are_monotone(numbers in prop::collection::vec(-9i32..9, 1..60), groups in 2u32..12) {
            let numbers: Vec<f64> = numbers.into_iter().map(f64::from).collect();
            let scores = Scoring::Quantiles(groups).scores(&numbers);
            if numbers.iter().any(|number| *number != numbers[0]) {
                let of = |end: f64| scores[numbers.iter().position(|number| *number == end).unwrap()];
                prop_assert_eq!(of(numbers.iter().copied().fold(f64::INFINITY, f64::min)), 1);
                prop_assert_eq!(of(numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max)), groups);
            }
            for (a, score) in numbers.iter().zip(&scores) {
                prop_assert!((1..=groups).contains(score));
                for (b, other) in numbers.iter().zip(&scores) {
                    prop_assert!(a > b || score <= other);
                }
            }
        }
    }
}
