//! How well a fit knows what it projects.

use statrs::distribution::{ContinuousCDF, Normal};

use super::RetentionModel;
use super::RetentionRecord;
use crate::error::Result;
use crate::fit::Verdict;

impl RetentionRecord {
    /// Interval of `S(t)` with this probability, by the delta method on its log-odds: `logit S ± z √(gᵀ C g)`, with `C` the covariance of
    /// the logarithms of the parameters and `g` the gradient in them. `None` without a fit, or if one of the
    /// parameters ran off, so that their errors are not known.
    ///
    /// # Errors
    /// Those of [`RetentionModel::with_parameters`], at the end of the range of parameters.
    pub fn survival_interval(&self, t: u32, probability: f64) -> Result<Option<(f64, f64)>> {
        let known = self.fit.as_ref().filter(|fit| !matches!(fit.verdict, Verdict::Boundary { .. }));
        let Some(covariance) = known.and_then(|fit| fit.covariance()) else { return Ok(None) };
        if t == 0 {
            return Ok(Some((1.0, 1.0)));
        }
        let logit = |model: &RetentionModel| {
            let survival = model.survival(t);
            survival.ln() - (-survival).ln_1p()
        };
        let gradient = self.gradient(logit)?;
        let n = gradient.len();
        let variance: f64 = (0..n)
            .flat_map(|i| (0..n).map(move |j| (i, j)))
            .map(|(i, j)| gradient[i] * covariance[[i, j]] * gradient[j])
            .sum();
        let width = Normal::standard().inverse_cdf(0.5 + 0.5 * probability) * variance.max(0.0).sqrt();
        let center = logit(&self.model);
        let share = |odds: f64| 1.0 / (1.0 + (-odds).exp());
        Ok(Some((share(center - width), share(center + width))))
    }

    /// Gradient in the logarithms of the parameters, by central differences with one Richardson step: about ten digits.
    fn gradient(&self, f: impl Fn(&RetentionModel) -> f64) -> Result<Vec<f64>> {
        const STEP: f64 = 1e-3;
        let parameters: Vec<f64> = self.model.parameters().into_iter().map(|(_, value)| value).collect();
        let at = |i: usize, step: f64| -> Result<f64> {
            let mut moved = parameters.clone();
            moved[i] *= step.exp();
            Ok(f(&self.model.with_parameters(&moved)?))
        };
        let slope = |i: usize| -> Result<f64> {
            let central = |h: f64| -> Result<f64> { Ok((at(i, h)? - at(i, -h)?) / (2.0 * h)) };
            Ok((4.0 * central(STEP)? - central(2.0 * STEP)?) / 3.0)
        };
        (0..parameters.len()).map(slope).collect()
    }
}
