//! What a model expects of customers, beside what they have been worth.

use jiff::ToSpan;

use super::{Equity, LifetimeValues, Potential};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::predict::{DiscountRate, Horizon, PerCustomer, Predictor, Valuation};
use crate::summary::{Day, Summary};

/// Each customer's expected value over a horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedValue {
    /// The horizon's name in columns: `12m`.
    pub label: String,
    /// Discounted expected margin, in the order of the summary.
    pub clv: Vec<f64>,
}

/// What is expected of customers over some horizons.
pub(super) struct Expected {
    pub(super) equity: Vec<Equity>,
    pub(super) potential: Option<Potential>,
    /// Over the last horizon.
    pub(super) last: ExpectedValue,
}

impl Expected {
    /// By a model that values customers; nothing by one without a spend model.
    pub(super) fn new(
        predictor: &Predictor,
        summary: &Summary,
        horizons: &[Horizon],
        valuation: &Valuation,
        so_far: Option<&LifetimeValues>,
    ) -> Result<Option<Self>> {
        let Some(spend) = predictor.spend else { return Ok(None) };
        let forecast = predictor.forecast(summary, horizons, valuation)?;
        let new = Summary::of_new_customers(1, spend.population_mean()?, summary.observation);
        let new = predictor.forecast(&new, horizons, &of_one(valuation))?;
        let acquired_last_year = acquired_last_year(summary);
        let equity = forecast.horizons.iter().zip(&new.horizons).map(|(all, one)| Equity {
            horizon: all.horizon.to_string(),
            of_customers: all.clv.iter().flatten().sum(),
            of_a_new_customer: one.lifetime_value.as_ref().or(one.clv.as_ref()).map_or(0.0, |value| value[0]),
            acquired_last_year,
        });
        let equity = equity.collect();
        let last = forecast.horizons.into_iter().next_back();
        let last = last.and_then(|last| Some(ExpectedValue { label: last.horizon.label(), clv: last.clv? }));
        Ok(last.map(|last| {
            let potential = so_far.map(|values| Potential::new(&values.earned, &last.clv));
            Self { equity, potential, last }
        }))
    }
}

/// What a purchase is worth in the future: the margin that is given, or the one realised so far where costs are known.
pub(super) fn valuation(
    margin: &PerCustomer,
    cac: Option<&PerCustomer>,
    discount: DiscountRate,
    realised: Option<&LifetimeValues>,
) -> Result<Valuation> {
    let margin = realised.map_or_else(|| Ok(margin.clone()), realised_margin)?;
    Ok(Valuation { margin, discount, cac: cac.cloned() })
}

/// The margin realised so far, for the future.
fn realised_margin(values: &LifetimeValues) -> Result<PerCustomer> {
    let realised = values.realised_margin().filter(|margin| *margin > 0.0 && margin.is_finite());
    realised.map(PerCustomer::All).ok_or_else(|| {
        Error::data(say![
            "the costs leave no margin on the orders so far, so there is none to value the future with; leave out ",
            opt("model"),
            ", or give a ",
            opt("margin")
        ])
    })
}

/// Customers whose first purchase was in the last year of the observation.
fn acquired_last_year(summary: &Summary) -> u64 {
    let year_ago = Day::from(summary.observation.end.date().saturating_sub(1.year()));
    let first = summary.purchases.iter().flat_map(|columns| &columns.first_purchase);
    first.filter(|first| **first > year_ago).count() as u64
}

/// The valuation of one new customer: the mean margin, and the mean cost.
fn of_one(valuation: &Valuation) -> Valuation {
    let mean = |numbers: &PerCustomer| match numbers {
        PerCustomer::All(number) => PerCustomer::All(*number),
        PerCustomer::Each(numbers) => PerCustomer::All(numbers.iter().sum::<f64>() / (numbers.len() as f64).max(1.0)),
    };
    Valuation { margin: mean(&valuation.margin), discount: valuation.discount, cac: valuation.cac.as_ref().map(mean) }
}
