//! That parameters are estimates: standard errors of what follows from them, and draws of them.

use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

use super::{Forecast, Horizon, Predictor, Valuation};
use crate::error::{Error, Result};
use crate::fit::FitRecord;
use crate::models::{GammaGamma, Likelihood};
use crate::summary::Summary;

/// What is known of how far the estimates may be off, from the evidence of the fits.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParameterUncertainty<'a> {
    /// Of the timing model.
    pub timing: Option<&'a FitRecord>,
    /// Of the spend model.
    pub spend: Option<&'a FitRecord>,
}

/// Standard errors of the expectations in a [`Forecast`], by the delta method.
#[derive(Clone, Debug, PartialEq)]
pub struct StandardErrors {
    /// Of P(alive).
    pub p_alive: Vec<f64>,
    /// Of the expected spend.
    pub expected_spend: Option<Vec<f64>>,
    /// One entry a horizon.
    pub horizons: Vec<HorizonErrors>,
}

/// Standard errors of the columns of one horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct HorizonErrors {
    /// Of the expected purchases.
    pub purchases: Vec<f64>,
    /// Of the same, discounted.
    pub discounted: Option<Vec<f64>>,
    /// Of the value.
    pub clv: Option<Vec<f64>>,
}

/// Step of the central differences, in the logarithm of the parameter that moves most; their error is about its square.
const STEP: f64 = 1e-4;

/// A standard deviation of the logarithm of a parameter, a factor of 20, beyond which its estimate is not nearly normal.
const NEARLY_NORMAL: f64 = 3.0;

/// The model moved a little forth and back along one of the directions in which the estimates are uncertain, independently
/// of the others.
pub(super) struct Direction {
    forth: Predictor,
    back: Predictor,
    step: f64,
}

impl Direction {
    /// The slopes of pairs of quantities along the direction, per standard deviation.
    pub(super) fn slopes(&self, quantities: impl Fn(&Predictor) -> Result<Vec<(f64, f64)>>) -> Result<Vec<(f64, f64)>> {
        let (forth, back) = (quantities(&self.forth)?, quantities(&self.back)?);
        let slope = |forth: f64, back: f64| (forth - back) / (2.0 * self.step);
        Ok(forth.iter().zip(&back).map(|(f, b)| (slope(f.0, b.0), slope(f.1, b.1))).collect())
    }
}

impl ParameterUncertainty<'_> {
    /// Whether the covariance of all of the predictor's estimates is known.
    pub fn is_known(&self, predictor: &Predictor) -> bool {
        self.covariances(predictor).is_ok()
    }

    /// Covariances of the logarithms of the parameters of the timing model, and of the spend model.
    fn covariances(&self, predictor: &Predictor) -> Result<(Array2<f64>, Option<Array2<f64>>)> {
        let of = |fit: Option<&FitRecord>, name: &str| {
            let unknown = |why: &str| {
                Error::Usage(format!(
                    "the uncertainty of the {name} parameters is not known: {why}. Without it there are no standard errors and no \
                     draws of parameters"
                ))
            };
            let fit = fit.ok_or_else(|| unknown("the model file holds estimates without a covariance"))?;
            fit.covariance()
                .ok_or_else(|| unknown("one of them ran off, see the verdict; --bootstrap 200 would tell it"))
        };
        let timing = of(self.timing, predictor.timing.kind().name())?;
        let spend = predictor.spend.map(|_| of(self.spend, GammaGamma::NAME)).transpose()?;
        Ok((timing, spend))
    }

    /// Independent directions of one standard deviation, one per parameter: of the timing model, and of the spend model.
    pub(super) fn directions(&self, predictor: &Predictor) -> Result<[Vec<Direction>; 2]> {
        let (timing, spend) = self.covariances(predictor)?;
        let along = |covariance: &Array2<f64>, moved: &dyn Fn(&Array1<f64>) -> Result<Predictor>| {
            let direction = |column: &Array1<f64>| {
                let longest = column.iter().fold(0.0f64, |longest, part| longest.max(part.abs()));
                let step = STEP / longest;
                Ok(Direction { forth: moved(&(column * step))?, back: moved(&(column * -step))?, step })
            };
            factor_columns(covariance).iter().map(direction).collect::<Result<Vec<Direction>>>()
        };
        let timing = along(&timing, &|logs| predictor.with_timing_moved(logs))?;
        let spend = spend.map_or(Ok(Vec::new()), |spend| along(&spend, &|logs| predictor.with_spend_moved(logs)))?;
        Ok([timing, spend])
    }

    /// Standard errors of the forecast with these options: `√(gᵀ C g)`, `g` the gradient of each number in the logarithms of the
    /// parameters, `C` the covariance of their estimates. Estimates of the two models are independent, as the models are.
    ///
    /// # Errors
    /// [`Error::Usage`] if the covariance is not known; otherwise those of [`Predictor::forecast`].
    pub fn standard_errors(
        &self,
        predictor: &Predictor,
        summary: &Summary,
        horizons: &[Horizon],
        valuation: &Valuation,
    ) -> Result<StandardErrors> {
        let [timing, spend] = self.directions(predictor)?;
        let forecast = |predictor: &Predictor| predictor.forecast(summary, horizons, valuation);
        let now = forecast(predictor)?;
        let mut errors = StandardErrors::none(&now);
        for Direction { forth, back, step } in timing {
            errors.add_slopes(&forecast(&forth)?, &forecast(&back)?, 2.0 * step);
        }
        // Spend multiplies everything that is worth something, and touches nothing else.
        if let (Some(expected), Some(of_spend)) = (&now.expected_spend, &mut errors.expected_spend) {
            for Direction { forth, back, step } in spend {
                add_slopes(of_spend, &forth.expected_spends(summary)?, &back.expected_spends(summary)?, 2.0 * step);
            }
            for (columns, errors) in now.horizons.iter().zip(&mut errors.horizons) {
                let rows = errors.clv.iter_mut().flatten().zip(columns.clv.iter().flatten());
                for ((error, clv), (of_spend, spend)) in rows.zip(of_spend.iter().zip(expected)) {
                    *error = error.hypot(clv * of_spend / spend);
                }
            }
        }
        Ok(errors)
    }

    /// Predictors with other parameters, as far off as the estimates may be: those of the bootstrap, if there was one, else
    /// drawn from a normal distribution of their logarithms.
    ///
    /// # Errors
    /// [`Error::Usage`] if the covariance is not known or too wide for a normal distribution, or if the bootstrap has fewer draws.
    pub fn draws(&self, predictor: &Predictor, count: usize, seed: u64) -> Result<Vec<Predictor>> {
        let (timing, spend) = self.covariances(predictor)?;
        let mut rng = Pcg64::seed_from_u64(seed);
        let timings = draws_of(self.timing, &predictor.timing.values(), &timing, count, &mut rng)?;
        let spends = match (predictor.spend, &spend) {
            (Some(model), Some(covariance)) => {
                Some(draws_of(self.spend, &model.parameters(), covariance, count, &mut rng)?)
            }
            _ => None,
        };
        let draw = |i: usize| {
            let timing = predictor.timing.kind().with_parameters(&timings[i])?;
            let drawn = |draws: &Vec<Vec<f64>>| GammaGamma::from_parameters([draws[i][0], draws[i][1], draws[i][2]]);
            Ok(Predictor { timing, spend: spends.as_ref().map(drawn).transpose()?, ..*predictor })
        };
        (0..count).map(draw).collect()
    }
}

fn draws_of(
    fit: Option<&FitRecord>,
    estimates: &[f64],
    covariance: &Array2<f64>,
    count: usize,
    rng: &mut Pcg64,
) -> Result<Vec<Vec<f64>>> {
    if let Some(bootstrap) = fit.and_then(|fit| fit.bootstrap.as_ref()) {
        return match bootstrap.draws.get(..count) {
            Some(draws) => Ok(draws.to_vec()),
            None => Err(Error::Usage(format!(
                "{count} draws of the parameters are asked for, and the bootstrap in the model file has {}",
                bootstrap.draws.len()
            ))),
        };
    }
    if let Some(widest) = covariance.diag().iter().map(|variance| variance.sqrt()).find(|sd| *sd > NEARLY_NORMAL) {
        return Err(Error::Usage(format!(
            "an estimate is uncertain by a factor of e^{widest:.1}, and so not nearly normal; draw parameters from a \
             --bootstrap instead"
        )));
    }
    let columns = factor_columns(covariance);
    let draw = |_| {
        let mut logs: Array1<f64> = estimates.iter().map(|estimate| estimate.ln()).collect();
        for column in &columns {
            logs = logs + column * rng.sample::<f64, _>(StandardNormal);
        }
        logs.iter().map(|log| log.exp()).collect()
    };
    Ok((0..count).map(draw).collect())
}

/// Columns `l` with `Σ l lᵀ = C`, by Cholesky's method; what rounding makes of a singular matrix is left out.
fn factor_columns(covariance: &Array2<f64>) -> Vec<Array1<f64>> {
    let n = covariance.nrows();
    let mut rest = covariance.clone();
    let mut columns = Vec::new();
    for k in 0..n {
        let pivot = rest[[k, k]];
        if pivot <= 1e-14 * covariance[[k, k]] {
            continue;
        }
        let column = &rest.column(k) / pivot.sqrt();
        for i in 0..n {
            for j in 0..n {
                rest[[i, j]] -= column[i] * column[j];
            }
        }
        columns.push(column);
    }
    columns
}

impl Predictor {
    fn with_timing_moved(&self, logs: &Array1<f64>) -> Result<Self> {
        let moved: Vec<f64> = self.timing.values().iter().zip(logs).map(|(value, log)| value * log.exp()).collect();
        Ok(Self { timing: self.timing.kind().with_parameters(&moved)?, ..*self })
    }

    fn with_spend_moved(&self, logs: &Array1<f64>) -> Result<Self> {
        let moved = |spend: GammaGamma| {
            let [p, q, gamma] = spend.parameters();
            GammaGamma::from_parameters([p * logs[0].exp(), q * logs[1].exp(), gamma * logs[2].exp()])
        };
        Ok(Self { spend: self.spend.map(moved).transpose()?, ..*self })
    }
}

impl StandardErrors {
    fn none(forecast: &Forecast) -> Self {
        let zero = |column: &Vec<f64>| vec![0.0; column.len()];
        Self {
            p_alive: zero(&forecast.p_alive),
            expected_spend: forecast.expected_spend.as_ref().map(zero),
            horizons: forecast
                .horizons
                .iter()
                .map(|columns| HorizonErrors {
                    purchases: zero(&columns.purchases),
                    discounted: columns.discounted.as_ref().map(zero),
                    clv: columns.clv.as_ref().map(zero),
                })
                .collect(),
        }
    }

    /// Adds, squared under the root, the slopes of two forecasts so far apart.
    fn add_slopes(&mut self, forth: &Forecast, back: &Forecast, apart: f64) {
        add_slopes(&mut self.p_alive, &forth.p_alive, &back.p_alive, apart);
        let horizons = forth.horizons.iter().zip(&back.horizons);
        for (errors, (forth, back)) in self.horizons.iter_mut().zip(horizons) {
            add_slopes(&mut errors.purchases, &forth.purchases, &back.purchases, apart);
            for (errors, forth, back) in [
                (&mut errors.discounted, &forth.discounted, &back.discounted),
                (&mut errors.clv, &forth.clv, &back.clv),
            ] {
                if let (Some(errors), Some(forth), Some(back)) = (errors, forth, back) {
                    add_slopes(errors, forth, back, apart);
                }
            }
        }
    }
}

fn add_slopes(errors: &mut [f64], forth: &[f64], back: &[f64], apart: f64) {
    for ((error, forth), back) in errors.iter_mut().zip(forth).zip(back) {
        *error = error.hypot((forth - back) / apart);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_columns_make_up_the_matrix() {
        for matrix in [array![[4.0, 2.0, 1.0], [2.0, 3.0, 0.5], [1.0, 0.5, 2.0]], array![[1.0, 1.0], [1.0, 1.0]]] {
            let mut sum = Array2::<f64>::zeros(matrix.raw_dim());
            for column in factor_columns(&matrix) {
                for ((i, j), cell) in sum.indexed_iter_mut() {
                    *cell += column[i] * column[j];
                }
            }
            assert!((&sum - &matrix).iter().all(|off| off.abs() < 1e-14), "{sum}");
        }
    }
}
