//! That parameters are estimates: standard errors of what follows from them, and draws of them.

use ndarray::{Array1, Array2};
use rand::Rng;

use super::{Forecast, Horizon, Predictor, Valuation};
use crate::error::{Error, Result};
use crate::fit::FitRecord;
use crate::linear::factor_columns;
use crate::message::{Message, opt, say};
use crate::models::{GammaGamma, Likelihood};
use crate::random::{generator, stratified_normals};
use crate::summary::Summary;

/// What is known of how far the estimates may be off, from the evidence of the fits.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParameterUncertainty<'a> {
    /// Of the timing model.
    pub timing: Option<&'a FitRecord>,
    /// Of the spend model.
    pub spend: Option<&'a FitRecord>,
}

/// Standard errors of the expectations in a [`Forecast`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
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
#[non_exhaustive]
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
struct Direction {
    forth: Predictor,
    back: Predictor,
    step: f64,
}

impl Direction {
    /// The slopes of quantities along the direction, per standard deviation.
    fn slopes(&self, quantities: impl Fn(&Predictor) -> Result<Vec<f64>>) -> Result<Vec<f64>> {
        let (forth, back) = (quantities(&self.forth)?, quantities(&self.back)?);
        Ok(forth.iter().zip(&back).map(|(forth, back)| (forth - back) / (2.0 * self.step)).collect())
    }
}

impl ParameterUncertainty<'_> {
    /// Whether the uncertainty of all of the predictor's estimates is known: from a bootstrap, or from a covariance of nearly
    /// normal estimates.
    pub fn is_known(&self, predictor: &Predictor) -> bool {
        let [of_timing, of_spend] = predictor.units();
        let nearly_normal = |fit: Option<&FitRecord>, covariance: &Array2<f64>, units: &[f64]| {
            fit.is_some_and(|fit| fit.draws.is_some()) || refuse_what_is_not_nearly_normal(covariance, units).is_ok()
        };
        self.covariances(predictor).is_ok_and(|(timing, spend)| {
            nearly_normal(self.timing, &timing, &of_timing)
                && spend.iter().all(|spend| nearly_normal(self.spend, spend, &of_spend))
        })
    }

    /// Covariances of the logarithms of the parameters of the timing model, and of the spend model.
    fn covariances(&self, predictor: &Predictor) -> Result<(Array2<f64>, Option<Array2<f64>>)> {
        let of = |fit: Option<&FitRecord>, name: &str| {
            let unknown = |why: Message| {
                Error::usage(say![
                    "the uncertainty of the {name} parameters is not known: ",
                    why,
                    ". Without it there are no standard errors and no draws of parameters"
                ])
            };
            let fit = fit.ok_or_else(|| unknown("the model file holds estimates without a covariance".into()))?;
            fit.covariance().ok_or_else(|| {
                unknown(say!["see the verdict of the fit; ", opt("bootstrap").with(200.0), " would tell it"])
            })
        };
        let timing = of(self.timing, predictor.timing.kind().name())?;
        let spend = predictor.spend.map(|_| of(self.spend, GammaGamma::NAME)).transpose()?;
        Ok((timing, spend))
    }

    /// Independent directions of one standard deviation, one per parameter: of the timing model, and of the spend model.
    fn directions(&self, predictor: &Predictor) -> Result<[Vec<Direction>; 2]> {
        let (timing, spend_covariance) = self.covariances(predictor)?;
        let [of_timing, of_spend] = predictor.units();
        refuse_what_is_not_nearly_normal(&timing, &of_timing)?;
        spend_covariance.iter().try_for_each(|spend| refuse_what_is_not_nearly_normal(spend, &of_spend))?;
        let along = |covariance: &Array2<f64>, units: &[f64], moved: &dyn Fn(&Array1<f64>) -> Result<Predictor>| {
            let direction = |column: &Array1<f64>| {
                let parts = column.iter().zip(units).map(|(part, unit)| (part * unit).abs());
                let longest = parts.fold(0.0, f64::max);
                let step = STEP / longest;
                Ok(Direction { forth: moved(&(column * step))?, back: moved(&(column * -step))?, step })
            };
            factor_columns(covariance).iter().map(direction).collect::<Result<Vec<Direction>>>()
        };
        let timing = along(&timing, &of_timing, &|moves| predictor.with_timing_moved(moves))?;
        let spend = |spend: Array2<f64>| along(&spend, &of_spend, &|moves| predictor.with_spend_moved(moves));
        let spend = spend_covariance.map_or(Ok(Vec::new()), spend)?;
        Ok([timing, spend])
    }

    /// Standard errors of the forecast with these options: `√(gᵀ C g)`, `g` the gradient of each number in the logarithms of the
    /// parameters, `C` the covariance of their estimates; with a bootstrap, the standard deviation over its refits. Estimates of
    /// the two models are independent, as the models are; parameters that ran off are held.
    ///
    /// # Errors
    /// [`Error::usage`] if the covariance is not known; otherwise those of [`Predictor::forecast`].
    pub fn standard_errors(
        &self,
        predictor: &Predictor,
        summary: &Summary,
        horizons: &[Horizon],
        valuation: &Valuation,
    ) -> Result<StandardErrors> {
        let forecast = |predictor: &Predictor| predictor.forecast(summary, horizons, valuation);
        if self.timing.is_some_and(|fit| fit.draws.is_some()) {
            return self.spread_over_refits(predictor, forecast);
        }
        let [timing, spend] = self.directions(predictor)?;
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

    /// Standard deviations of the forecasts of the bootstrap's refits.
    fn spread_over_refits(
        &self,
        predictor: &Predictor,
        forecast: impl Fn(&Predictor) -> Result<Forecast>,
    ) -> Result<StandardErrors> {
        let refits = |fit: Option<&FitRecord>| Some(fit?.draws.as_ref()?.draws.len());
        let count = refits(self.timing).into_iter().chain(refits(self.spend)).min().unwrap_or(0);
        let now = forecast(predictor)?;
        let (mut squares, mut sums) = (StandardErrors::none(&now), StandardErrors::none(&now));
        for draw in self.draws(predictor, count, 0)? {
            let moved = forecast(&draw)?;
            squares.add_slopes(&moved, &now, 1.0);
            sums.add_differences(&moved, &now);
        }
        // Root of the mean square about the estimate, less the square of the mean, for n - 1.
        let n = count as f64;
        for (square, sum) in squares.columns_mut().zip(sums.columns_mut()) {
            for (square, sum) in square.iter_mut().zip(sum) {
                *square = ((*square * *square - *sum * *sum / n).max(0.0) / (n - 1.0)).sqrt();
            }
        }
        Ok(squares)
    }

    /// Predictors with other parameters, as far off as the estimates may be: those of the bootstrap, if there was one, else
    /// drawn from a normal distribution of their logarithms.
    ///
    /// # Errors
    /// [`Error::usage`] if the covariance is not known or too wide for a normal distribution, or if the bootstrap has fewer draws.
    pub fn draws(&self, predictor: &Predictor, count: usize, seed: u64) -> Result<Vec<Predictor>> {
        let (timing, _) = self.covariances(predictor)?;
        let fits = [Some(self.timing), predictor.spend.map(|_| self.spend)];
        let bootstraps = fits.into_iter().flatten().flatten().filter_map(|fit| fit.draws.as_ref());
        if let Some(few) = bootstraps.map(|drawn| drawn.draws.len()).find(|&draws| draws < count) {
            return Err(Error::usage(format!(
                "{count} draws of the parameters are asked for, and the bootstrap in the model file has {few}"
            )));
        }
        let (of_timing, [units, _]) = (predictor.timing_values(), predictor.units());
        let estimates = (&of_timing[..], predictor.timing.values().len());
        let timings = draws_of(self.timing, estimates, &units, &timing, count, &mut timing_generator(seed))?;
        let spends = match predictor.spend {
            Some(_) => self.spend_draws(predictor, count, seed)?,
            None => vec![predictor.clone(); count],
        };
        timings.iter().zip(spends).map(|(timing, predictor)| predictor.with_timing_values(timing)).collect()
    }

    /// Predictors with draws of the spend model, likewise; those of a bootstrap again and again.
    pub(super) fn spend_draws(&self, predictor: &Predictor, count: usize, seed: u64) -> Result<Vec<Predictor>> {
        let estimates = predictor.spend_values();
        let known = self.spend.and_then(FitRecord::covariance);
        let covariance = known.unwrap_or_else(|| Array2::zeros((estimates.len(), estimates.len())));
        let mut rng = generator(seed, "draws of spend", 0);
        let [_, units] = predictor.units();
        let estimates = (&estimates[..], GammaGamma::PARAMETERS.len());
        let draws = draws_of(self.spend, estimates, &units, &covariance, count, &mut rng)?;
        draws.iter().map(|draw| predictor.with_spend_values(draw)).collect()
    }

    /// How positive quantities move with draws of the timing model, in shares of what they are at the estimate: `exp(Σ_k z_k ∂ ln
    /// E/∂θ_k)` over independent directions `θ_k` of one standard deviation, or as they are at the draws of the bootstrap.
    pub(super) fn factors(
        &self,
        timing_only: &Predictor,
        count: usize,
        seed: u64,
        quantities: impl Fn(&Predictor) -> Result<Vec<f64>>,
    ) -> Result<Vec<Vec<f64>>> {
        let now = quantities(timing_only)?;
        let relative = |moved: f64, now: f64, unmoved: f64| if now > 0.0 { moved / now } else { unmoved };
        if let Some(drawn) = self.timing.and_then(|fit| fit.draws.as_ref()) {
            let at = |draw: &Vec<f64>| {
                let moved = quantities(&timing_only.with_timing_values(draw)?)?;
                Ok(moved.iter().zip(&now).map(|(moved, now)| relative(*moved, *now, 1.0)).collect())
            };
            let factors: Vec<Vec<f64>> = drawn.draws.iter().take(count).map(at).collect::<Result<_>>()?;
            return Ok(factors.iter().cycle().take(count).cloned().collect());
        }
        let [directions, _] = self.directions(timing_only)?;
        let slopes = directions.iter().map(|direction| direction.slopes(&quantities)).collect::<Result<Vec<_>>>()?;
        let normals = normals(&mut timing_generator(seed), count, slopes.len());
        let draw = |i: usize| {
            let mut moves = vec![0.0; now.len()];
            for (slopes, normals) in slopes.iter().zip(&normals) {
                let steps = slopes.iter().zip(&now).map(|(slope, now)| normals[i] * relative(*slope, *now, 0.0));
                moves.iter_mut().zip(steps).for_each(|(moved, step)| *moved += step);
            }
            moves.into_iter().map(f64::exp).collect()
        };
        Ok((0..count).map(draw).collect())
    }
}

fn timing_generator(seed: u64) -> impl Rng {
    generator(seed, "draws of timing", 0)
}

/// Standard normal numbers in so many independent directions, drawn evenly along each.
fn normals(rng: &mut impl Rng, count: usize, directions: usize) -> Vec<Vec<f64>> {
    (0..directions).map(|_| stratified_normals(rng, count)).collect()
}

/// Draws of the parameters of one model, and of its coefficients after them: of the bootstrap, again and again if need be, or from the
/// normal distribution of the logarithms of the first and of the others themselves.
fn draws_of(
    fit: Option<&FitRecord>,
    (estimates, parameters): (&[f64], usize),
    units: &[f64],
    covariance: &Array2<f64>,
    count: usize,
    rng: &mut impl Rng,
) -> Result<Vec<Vec<f64>>> {
    if let Some(drawn) = fit.and_then(|fit| fit.draws.as_ref()) {
        return Ok(drawn.draws.iter().cycle().take(count).cloned().collect());
    }
    refuse_what_is_not_nearly_normal(covariance, units)?;
    let columns = factor_columns(covariance);
    let normals = normals(rng, count, columns.len());
    let draw = |i: usize| {
        let mut moves = Array1::zeros(estimates.len());
        for (column, normals) in columns.iter().zip(&normals) {
            moves = moves + column * normals[i];
        }
        moved(estimates, parameters, &moves)
    };
    Ok((0..count).map(draw).collect())
}

/// Coefficients are compared by what they do to a logarithm over one standard deviation of their columns.
fn refuse_what_is_not_nearly_normal(covariance: &Array2<f64>, units: &[f64]) -> Result<()> {
    let deviations = covariance.diag().into_iter().zip(units).map(|(variance, unit)| variance.sqrt() * unit);
    match deviations.into_iter().find(|sd| *sd > NEARLY_NORMAL) {
        Some(widest) => Err(Error::usage(say![
            "an estimate is uncertain by a factor of e^{widest:.1}, and so not nearly normal; ",
            opt("bootstrap").with(200.0),
            " tells how far off it may be"
        ])),
        None => Ok(()),
    }
}

/// Estimates moved: parameters by their logarithms, coefficients after them as they are.
fn moved(estimates: &[f64], parameters: usize, moves: &Array1<f64>) -> Vec<f64> {
    let moved = |(i, (estimate, by)): (usize, (&f64, &f64))| match i < parameters {
        true => (estimate.ln() + by).exp(),
        false => estimate + by,
    };
    estimates.iter().zip(moves).enumerate().map(moved).collect()
}

impl Predictor {
    fn with_timing_moved(&self, moves: &Array1<f64>) -> Result<Self> {
        self.with_timing_values(&moved(&self.timing_values(), self.timing.values().len(), moves))
    }

    fn with_spend_moved(&self, moves: &Array1<f64>) -> Result<Self> {
        self.with_spend_values(&moved(&self.spend_values(), GammaGamma::PARAMETERS.len(), moves))
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
        self.combine(forth, back, |error, forth, back| error.hypot((forth - back) / apart));
    }

    fn add_differences(&mut self, forth: &Forecast, back: &Forecast) {
        self.combine(forth, back, |sum, forth, back| sum + (forth - back));
    }

    fn combine(&mut self, forth: &Forecast, back: &Forecast, f: impl Fn(f64, f64, f64) -> f64) {
        for ((cells, forth), back) in self.columns_mut().zip(columns(forth)).zip(columns(back)) {
            cells
                .iter_mut()
                .zip(forth.iter().zip(back))
                .for_each(|(cell, (forth, back))| *cell = f(*cell, *forth, *back));
        }
    }

    fn columns_mut(&mut self) -> impl Iterator<Item = &mut Vec<f64>> {
        let horizons = self.horizons.iter_mut().flat_map(|errors| {
            std::iter::once(&mut errors.purchases).chain(&mut errors.discounted).chain(&mut errors.clv)
        });
        std::iter::once(&mut self.p_alive).chain(&mut self.expected_spend).chain(horizons)
    }
}

/// The columns that have standard errors, in the order of theirs.
fn columns(forecast: &Forecast) -> impl Iterator<Item = &Vec<f64>> {
    let horizons = forecast
        .horizons
        .iter()
        .flat_map(|columns| std::iter::once(&columns.purchases).chain(&columns.discounted).chain(&columns.clv));
    std::iter::once(&forecast.p_alive).chain(&forecast.expected_spend).chain(horizons)
}

fn add_slopes(errors: &mut [f64], forth: &[f64], back: &[f64], apart: f64) {
    for ((error, forth), back) in errors.iter_mut().zip(forth).zip(back) {
        *error = error.hypot((forth - back) / apart);
    }
}
