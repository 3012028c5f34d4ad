//! A penalty on large parameters.

use crate::error::{Error, Result};
use crate::models::Derivatives;

/// A penalty on large parameters, for samples too small to stand alone: `Σ c_i p_i²` is taken from the mean log-likelihood of a
/// customer. It keeps its weight however many customers there are, which the prior of [`prior_sd`](super::FitOptions::prior_sd) does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Penalty<const N: usize> {
    /// `c_i`, per squared unit of each parameter: none below zero.
    pub coefficients: [f64; N],
}

impl<const N: usize> Penalty<N> {
    pub(super) fn check(&self) -> Result<()> {
        match self.coefficients.iter().find(|c| !(**c >= 0.0 && c.is_finite())) {
            None => Ok(()),
            Some(c) => Err(Error::Usage(format!("a penalty of {c}: its coefficients are numbers from 0 on"))),
        }
    }

    /// `Σ c_i e^(2 θ_i)`
    pub(super) fn at(&self, theta: &[f64]) -> Derivatives<N> {
        let mut d = Derivatives::ZERO;
        for (i, (theta, c)) in theta.iter().zip(self.coefficients).enumerate() {
            let term = c * (2.0 * theta).exp();
            d.value += term;
            d.gradient[i] = 2.0 * term;
            d.hessian[i][i] = 4.0 * term;
        }
        d
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            let penalty = Penalty { coefficients: [coefficient; 4] };
            let fitted: Fitted<BgBb> = fit_penalized(&data, &FitOptions::default(), &penalty).unwrap();
            let parameters = fitted.model.parameters();
            for (ours, theirs) in parameters.iter().zip(expected) {
                assert!((ours / theirs - 1.0).abs() < 1e-5, "{ours} {theirs}");
            }
            let squares: f64 = parameters.iter().map(|p| p * p).sum();
            let ours = coefficient * squares - fitted.log_likelihood / data.customers();
            assert!((ours - objective).abs() < 1e-8, "{ours}");
            assert_eq!(fitted.verdict, Verdict::Converged);
        }
    }

    #[test]
    fn penalty_of_zero_is_none_and_one_below_zero_is_refused() {
        let data = donations();
        let plain: Fitted<BgBb> = maximum_likelihood(&data).unwrap();
        let penalized = |c| fit_penalized::<BgBb, 4>(&data, &FitOptions::default(), &Penalty { coefficients: [c; 4] });
        assert_eq!(penalized(0.0).unwrap().model, plain.model);
        assert!(matches!(penalized(-1.0), Err(Error::Usage(_))));
        assert!(matches!(penalized(f64::NAN), Err(Error::Usage(_))));
    }
}
