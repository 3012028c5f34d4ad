//! What a summary's customers have before them, each distinct future computed once; answers for any of their rows.

use super::chances::{Chances, GivenAlive};
use super::futures::Futures;
use super::{DiscountRate, Forecast, Horizon, HorizonColumns, Predictor, Valuation};
use crate::error::{Error, Result};
use crate::models::Timing;
use crate::summary::{Day, History, Summary};

/// The futures of a summary's customers over some horizons, given that they are alive. Each depends on `x` and `T` alone, so there
/// are far fewer of them than customers, and what is asked of single customers afterwards costs little.
#[derive(Debug)]
pub struct Outlook<'a> {
    predictor: Predictor,
    summary: &'a Summary,
    futures: Futures,
    horizons: Vec<HorizonOutlook>,
}

/// One horizon, by distinct future.
#[derive(Debug)]
struct HorizonOutlook {
    horizon: Horizon,
    end: Day,
    delay: f64,
    length: f64,
    purchases: Vec<f64>,
    /// If there is a discount and an end.
    discounted: Option<Vec<f64>>,
    chances: GivenAlive,
}

impl Predictor {
    /// The futures of these customers.
    ///
    /// # Errors
    /// Those of [`Predictor::check`]; [`Error::Usage`] if a horizon does not lie in the future or is infinite without a discount;
    /// [`Error::InfiniteMean`] if the spend model has no mean.
    pub fn outlook<'a>(
        &self,
        summary: &'a Summary,
        horizons: &[Horizon],
        discount: &DiscountRate,
    ) -> Result<Outlook<'a>> {
        self.check(summary)?;
        if let Some(spend) = self.spend {
            let mut rows = summary.frequency.iter().zip(&summary.monetary_value).enumerate();
            rows.try_for_each(|(row, (&x, &m))| {
                let of = |error: Error| error.of_customer(|| summary.customers.text(row).into_owned());
                spend.expected_spend(x, m).map(|_| ()).map_err(of)
            })?;
        }
        let futures = Futures::new(summary.histories());
        let delta = discount.continuous(self.unit);
        let horizons = horizons.iter().map(|horizon| {
            let (delay, length) = self.bounds(horizon, &summary.observation)?;
            if length.is_infinite() && delta == 0.0 {
                return Err(Error::Usage(
                    "horizon forever takes a discount: without one, expected purchases may be infinite. Give for instance \
                     ⟨--discount 0.1⟩"
                        .to_owned(),
                ));
            }
            let (purchases, discounted) =
                futures.map(|history| self.given_alive_between(history, delay, length, delta)).into_iter().unzip();
            Ok(HorizonOutlook {
                horizon: horizon.clone(),
                end: horizon.end(summary.observation.end),
                delay,
                length,
                purchases,
                discounted: (delta > 0.0 && length.is_finite()).then_some(discounted),
                chances: self.chances_given_alive(&futures, horizon, length),
            })
        });
        let horizons = horizons.collect::<Result<_>>()?;
        Ok(Outlook { predictor: *self, summary, futures, horizons })
    }

    /// Answers every row of the summary.
    ///
    /// # Errors
    /// Those of [`Predictor::outlook`]; [`Error::Usage`] if the margin or the cost is given for some other number of customers.
    pub fn forecast(&self, summary: &Summary, horizons: &[Horizon], valuation: &Valuation) -> Result<Forecast> {
        valuation.margin.check("the margin", summary.len())?;
        valuation.cac.iter().try_for_each(|cac| cac.check("the cost of acquisition", summary.len()))?;
        let rows: Vec<usize> = (0..summary.len()).collect();
        self.outlook(summary, horizons, &valuation.discount)?.forecast(&rows, valuation)
    }

    /// Expected purchases, plain and discounted, given that the customer is alive.
    pub(super) fn given_alive(&self, history: &History, t: f64, delta: f64) -> (f64, f64) {
        let future = self.timing.posterior(history);
        if t.is_infinite() {
            let dert = future.dert(delta);
            return (dert, dert);
        }
        let purchases = future.expected_purchases(t);
        if delta == 0.0 {
            return (purchases, purchases);
        }
        (purchases, future.det(t, delta))
    }

    /// The same between `delay` and `t`. What is left of a difference has an absolute error of about 1e-13 of the whole.
    pub(super) fn given_alive_between(&self, history: &History, delay: f64, t: f64, delta: f64) -> (f64, f64) {
        let (purchases, discounted) = self.given_alive(history, t, delta);
        if delay == 0.0 {
            return (purchases, discounted);
        }
        let (before, discounted_before) = self.given_alive(history, delay, delta);
        let discounted = (discounted - discounted_before).max(0.0);
        (if t.is_infinite() { discounted } else { (purchases - before).max(0.0) }, discounted)
    }
}

impl Outlook<'_> {
    /// Expectations of the customers in these rows, in their order; the valuation is that of the whole summary.
    ///
    /// # Errors
    /// [`Error::InfiniteMean`] if the spend model has no mean.
    pub fn forecast(&self, rows: &[usize], valuation: &Valuation) -> Result<Forecast> {
        let Self { predictor, summary, .. } = self;
        let p_alive: Vec<f64> = rows.iter().map(|&row| predictor.timing.p_alive(&summary.history(row))).collect();
        let expected = |spend: crate::models::GammaGamma| {
            let of = |&row: &usize| spend.expected_spend(summary.frequency[row], summary.monetary_value[row]);
            rows.iter().map(of).collect::<Result<Vec<f64>>>()
        };
        let expected_spend = predictor.spend.map(expected).transpose()?;
        let historical_value = match (summary.totals(), predictor.spend) {
            (Some(totals), Some(_)) => {
                Some(rows.iter().map(|&row| valuation.margin.of(row) * totals[row]).collect::<Vec<f64>>())
            }
            _ => None,
        };
        let columns = |outlook: &HorizonOutlook| {
            let of_rows = |given_alive: &[f64]| self.futures.of_rows(rows, &p_alive, given_alive);
            let purchases = of_rows(&outlook.purchases);
            let discounted = outlook.discounted.as_deref().map(of_rows);
            let clv = expected_spend.as_ref().map(|spend| {
                let worth = discounted.as_ref().unwrap_or(&purchases).iter().zip(spend).zip(rows);
                worth
                    .map(|((discounted, spend), &row)| valuation.margin.of(row) * spend * discounted)
                    .collect::<Vec<f64>>()
            });
            let past = historical_value.as_ref().filter(|_| outlook.delay == 0.0);
            let lifetime_value = clv.as_ref().zip(past).map(|(clv, past)| {
                let cost = |row: usize| valuation.cac.as_ref().map_or(0.0, |cac| cac.of(row));
                clv.iter().zip(past).zip(rows).map(|((clv, past), &row)| past - cost(row) + clv).collect()
            });
            HorizonColumns {
                horizon: outlook.horizon.clone(),
                end: outlook.end,
                length: outlook.length,
                purchases,
                discounted,
                clv,
                lifetime_value,
            }
        };
        let horizons = self.horizons.iter().map(columns).collect();
        Ok(Forecast { p_alive, horizons, expected_spend, historical_value })
    }

    /// Chances of the customers in these rows over each horizon, given that they are alive now with these probabilities.
    pub fn chances(&self, rows: &[usize], p_alive: &[f64]) -> Vec<Chances> {
        let of_rows = |given_alive: &Vec<f64>| self.futures.of_rows(rows, p_alive, given_alive);
        let chances = self.horizons.iter().map(|outlook| Chances {
            p_purchase: outlook.chances.p_purchase.as_ref().map(of_rows),
            p_alive: outlook.chances.p_alive.as_ref().map(of_rows),
        });
        chances.collect()
    }
}
