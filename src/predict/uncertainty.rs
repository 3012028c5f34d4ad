//! That parameters are estimates: standard errors of what follows from them, and draws of them.

use ndarray::{Array1, Array2};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

use super::{Forecast, Horizon, Predictor, Valuation};
use crate::error::{Error, Result};
use crate::fit::FitRecord;
use crate::linear::factor_columns;
use crate::message::{Message, opt, say};
use crate::models::{GammaGamma, Likelihood};
use crate::random::generator;
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
        let nearly_normal = |fit: Option<&FitRecord>, covariance: &Array2<f64>| {
            fit.is_some_and(|fit| fit.draws.is_some()) || refuse_what_is_not_nearly_normal(covariance).is_ok()
        };
        self.covariances(predictor).is_ok_and(|(timing, spend)| {
            nearly_normal(self.timing, &timing) && spend.iter().all(|spend| nearly_normal(self.spend, spend))
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
        let (timing, spend) = self.covariances(predictor)?;
        refuse_what_is_not_nearly_normal(&timing)?;
        spend.iter().try_for_each(refuse_what_is_not_nearly_normal)?;
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
        let timings = draws_of(self.timing, &predictor.timing.values(), &timing, count, &mut timing_generator(seed))?;
        let spends = predictor.spend.map(|spend| self.spend_draws(&spend, count, seed)).transpose()?;
        let draw = |(i, timing): (usize, &Vec<f64>)| {
            let timing = predictor.timing.kind().with_parameters(timing)?;
            Ok(Predictor { timing, spend: spends.as_ref().map(|spends| spends[i]), ..*predictor })
        };
        timings.iter().enumerate().map(draw).collect()
    }

    /// Draws of the spend model, likewise; those of a bootstrap again and again.
    pub(super) fn spend_draws(&self, spend: &GammaGamma, count: usize, seed: u64) -> Result<Vec<GammaGamma>> {
        let covariance = self.spend.and_then(FitRecord::covariance).unwrap_or_else(|| Array2::zeros((3, 3)));
        let mut rng = generator(seed, "draws of spend", 0);
        let draws = draws_of(self.spend, &spend.parameters(), &covariance, count, &mut rng)?;
        draws.iter().map(|draw| GammaGamma::from_parameters([draw[0], draw[1], draw[2]])).collect()
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
                let timing = timing_only.timing.kind().with_parameters(draw)?;
                let moved = quantities(&Predictor { timing, ..*timing_only })?;
                Ok(moved.iter().zip(&now).map(|(moved, now)| relative(*moved, *now, 1.0)).collect())
            };
            let factors: Vec<Vec<f64>> = drawn.draws.iter().take(count).map(at).collect::<Result<_>>()?;
            return Ok(factors.iter().cycle().take(count).cloned().collect());
        }
        let [directions, _] = self.directions(timing_only)?;
        let slopes = directions.iter().map(|direction| direction.slopes(&quantities)).collect::<Result<Vec<_>>>()?;
        let mut rng = timing_generator(seed);
        let draw = |_| {
            let mut moves = vec![0.0; now.len()];
            for slopes in &slopes {
                let z: f64 = rng.sample(StandardNormal);
                let steps = slopes.iter().zip(&now).map(|(slope, now)| z * relative(*slope, *now, 0.0));
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

/// Draws of the parameters of one model: of the bootstrap, again and again if need be, or from the normal distribution of their
/// logarithms.
fn draws_of(
    fit: Option<&FitRecord>,
    estimates: &[f64],
    covariance: &Array2<f64>,
    count: usize,
    rng: &mut impl Rng,
) -> Result<Vec<Vec<f64>>> {
    if let Some(drawn) = fit.and_then(|fit| fit.draws.as_ref()) {
        return Ok(drawn.draws.iter().cycle().take(count).cloned().collect());
    }
    refuse_what_is_not_nearly_normal(covariance)?;
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

fn refuse_what_is_not_nearly_normal(covariance: &Array2<f64>) -> Result<()> {
    match covariance.diag().iter().map(|variance| variance.sqrt()).find(|sd| *sd > NEARLY_NORMAL) {
        Some(widest) => Err(Error::usage(say![
            "an estimate is uncertain by a factor of e^{widest:.1}, and so not nearly normal; ",
            opt("bootstrap").with(200.0),
            " tells how far off it may be"
        ])),
        None => Ok(()),
    }
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
