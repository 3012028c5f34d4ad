//! A penalty on large parameters, around any target.

use super::newton::END_OF_REACH;
use super::term::{Term, WithTerm};
use super::{Target, TargetValue};
use crate::error::{Error, Result};

/// A ridge: `-n Σ c_i p_i²` of a target's parameters `p` themselves, not of their logarithms, `n` the number of customers. So `Σ c_i p_i²`
/// is taken from the mean log-likelihood of a customer; where `c_i` is 0, a parameter is free.
#[derive(Clone, Debug)]
pub struct Penalty {
    coefficients: Vec<f64>,
}

/// A target whose parameters are kept small by a [`Penalty`]. It keeps its weight however many customers there are, which a
/// [prior](super::WithPrior) does not.
pub type WithPenalty<T> = WithTerm<T, Penalty>;

impl<T: Target> WithPenalty<T> {
    /// Adds a penalty with the coefficients `c_i`, per squared unit of each parameter.
    ///
    /// # Errors
    /// [`Error::usage`] if one is below zero, or there are not as many as coordinates.
    pub fn new(target: T, coefficients: &[f64]) -> Result<Self> {
        if let Some(c) = coefficients.iter().find(|c| !(**c >= 0.0 && c.is_finite())) {
            return Err(Error::usage(format!("a penalty of {c}: its coefficients are numbers from 0 on")));
        }
        if coefficients.len() != target.coordinates().len() {
            return Err(Error::usage(format!(
                "{} coefficients of a penalty on {} parameters",
                coefficients.len(),
                target.coordinates().len()
            )));
        }
        Ok(Self::of(target, Penalty { coefficients: coefficients.to_vec() }))
    }
}

impl Term for Penalty {
    fn add(&self, target: &dyn Target, theta: &[f64], sum: &mut TargetValue) {
        let weights = self.coefficients.iter().map(|c| c * target.customers());
        for (i, (coordinate, weight)) in target.coordinates().iter().zip(weights).enumerate() {
            let p = coordinate.value(theta[i]);
            match coordinate.is_logarithm {
                true => sum.add(i, -weight * p * p, -2.0 * weight * p * p, -4.0 * weight * p * p),
                false => sum.add(i, -weight * p * p, -2.0 * weight * p, -2.0 * weight),
            }
        }
    }

    /// A penalty makes a parameter small, but not zero: only at the end of its range has it run off.
    fn run_off(&self, i: usize, without: f64) -> f64 {
        if self.coefficients[i] == 0.0 { without } else { END_OF_REACH }
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Kind;
    use crate::fit::{FitOptions, Fitted, Verdict, fit_penalized, maximum_likelihood};
    use crate::models::{BgBb, Likelihood};
    use crate::summary::{Counted, CountedHistories, History};

    /// Supporters by years with a donation and the last of them, out of six: Fader, Hardie & Shang (2010), table 1.
    fn donations() -> CountedHistories {
        const SUPPORTERS: [&[f64]; 7] = [
            &[3464.0],
            &[1091.0, 277.0, 129.0, 78.0, 119.0, 129.0],
            &[613.0, 255.0, 155.0, 173.0, 234.0],
            &[322.0, 181.0, 225.0, 357.0],
            &[240.0, 284.0, 512.0],
            &[335.0, 728.0],
            &[1203.0],
        ];
        CountedHistories::weighted(SUPPORTERS.iter().zip(0..).flat_map(|(row, frequency)| {
            let first = f64::from(frequency);
            row.iter()
                .zip(0..)
                .map(move |(&supporters, after)| (History::new(frequency, first + f64::from(after), 6.0), supporters))
        }))
    }

    /// The package lifetimes 0.11.3 with `penalizer_coef` 0.1 and 10, which minimises the same sum by BFGS to 1e-7; the
    /// larger penalty is where the parameters are small.
    #[test]
    fn penalty_shrinks_parameters_as_far_as_lifetimes_does() {
        let data = donations();
        for (coefficient, expected, objective) in [
            (0.1, [0.534786, 0.391387, 0.166681, 0.492213], 3.13322428),
            (10.0, [0.0932158, 0.084187, 0.024979, 0.0725276], 3.79580369),
        ] {
            let fitted: Fitted<BgBb> = fit_penalized(&data, &FitOptions::default(), &[coefficient; 4]).unwrap();
            let parameters = fitted.model.parameters();
            for (ours, theirs) in parameters.iter().zip(expected) {
                assert!((ours / theirs - 1.0).abs() < 1e-5, "{ours} {theirs}");
            }
            let squares: f64 = parameters.iter().map(|p| p * p).sum();
            let ours = coefficient * squares - fitted.estimate.log_likelihood / data.customers();
            assert!((ours - objective).abs() < 1e-8, "{ours}");
            assert_eq!(fitted.estimate.verdict, Verdict::Converged);
        }
    }

    #[test]
    fn penalty_of_zero_is_none_and_one_below_zero_is_refused() {
        let data = donations();
        let plain: Fitted<BgBb> = maximum_likelihood(&data).unwrap();
        let penalized = |c| fit_penalized::<BgBb, 4>(&data, &FitOptions::default(), &[c; 4]);
        assert_eq!(penalized(0.0).unwrap().model, plain.model);
        assert_eq!(penalized(-1.0).unwrap_err().kind(), Kind::Usage);
        assert_eq!(penalized(f64::NAN).unwrap_err().kind(), Kind::Usage);
    }
}
