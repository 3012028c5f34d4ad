//! What a model expects of customers, beside what they have been worth.

use jiff::ToSpan;

use super::{Equity, LifetimeValues, Potential};
use crate::covariates::{LOG_FREQUENCY, Values};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::predict::{DiscountRate, Horizon, PerCustomer, Predictor, Valuation};
use crate::summary::{Attribute, Day, Summary};

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
        if predictor.spend.is_none() {
            return Ok(None);
        }
        let forecast = predictor.forecast(summary, horizons, valuation)?;
        let new = predictor.forecast(&newcomers(predictor, summary)?, horizons, &of_one(valuation))?;
        let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / (values.len() as f64).max(1.0);
        let acquired_last_year = acquired_last_year(summary);
        let equity = forecast.horizons.iter().zip(&new.horizons).map(|(all, one)| Equity {
            horizon: all.horizon.to_string(),
            of_customers: all.clv.iter().flatten().sum(),
            of_a_new_customer: one.lifetime_value.as_ref().or(one.clv.as_ref()).map_or(0.0, mean),
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
    rows_of_last_year(summary).len() as u64
}

fn rows_of_last_year(summary: &Summary) -> Vec<usize> {
    let year_ago = Day::from(summary.observation.end.date().saturating_sub(1.year()));
    let first = summary.purchases.iter().flat_map(|columns| &columns.first_purchase);
    first.enumerate().filter(|(_, first)| **first > year_ago).map(|(row, _)| row).collect()
}

/// A new customer who stands for all; of a model with covariates as many as came in the last year, or in all if none did, each of whom
/// is like one of these.
fn newcomers(predictor: &Predictor, summary: &Summary) -> Result<Summary> {
    let Some(spend) = predictor.spend.filter(|_| predictor.has_covariates()) else {
        let mean = predictor.spend.map(|spend| spend.population_mean()).transpose()?.unwrap_or_default();
        return Ok(Summary::of_new_customers(1, mean, summary.observation));
    };
    let last_year = rows_of_last_year(summary);
    let like = if last_year.is_empty() { summary.clone() } else { summary.select(&last_year) };
    let mut new = Summary::of_new_customers(like.len(), spend.population_mean()?, summary.observation);
    for name in predictor.covariates().iter().filter(|name| *name != LOG_FREQUENCY) {
        let said: Vec<Option<String>> = match Values::of(&like, name)? {
            Values::Texts(texts) => (0..like.len()).map(|row| texts.text(row).map(str::to_owned)).collect(),
            Values::Numbers(numbers) => {
                numbers.iter().map(|number| Some(number.to_string()).filter(|_| !number.is_nan())).collect()
            }
        };
        new.attributes.push(Attribute::new(name.clone(), &said));
    }
    // What each is expected to spend on the first purchase.
    if let (Some(models), Some(purchases)) = (predictor.spend_models(&new)?, &mut new.purchases) {
        let means = (0..like.len()).map(|row| models.of(row).population_mean());
        purchases.total = means.collect::<Result<Vec<f64>>>()?;
    }
    Ok(new)
}

/// The valuation of one new customer: the mean margin, and the mean cost.
fn of_one(valuation: &Valuation) -> Valuation {
    let mean = |numbers: &PerCustomer| match numbers {
        PerCustomer::All(number) => PerCustomer::All(*number),
        PerCustomer::Each(numbers) => PerCustomer::All(numbers.iter().sum::<f64>() / (numbers.len() as f64).max(1.0)),
    };
    Valuation { margin: mean(&valuation.margin), discount: valuation.discount, cac: valuation.cac.as_ref().map(mean) }
}
