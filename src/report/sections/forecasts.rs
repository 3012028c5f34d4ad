//! What is expected of a summary's customers, horizon by horizon: sums with intervals, tiers, the most valuable ones.

use super::horizon_words::horizon_in_words;
use crate::answers::{HorizonSums, most_valuable};
use crate::error::Result;
use crate::evaluate::{Quantity, TierCuts};
use crate::parallel::in_parallel;
use crate::predict::{
    Customers, Grouping, Horizon, HorizonOutlook, Modelled, ParameterUncertainty, Predictor, Total, TotalErrors,
    TotalOptions, TotalRange, Totals, Valuation, ValueQuestions,
};
use crate::summary::{Day, Summary};
use crate::tables::PART_ROWS;

/// The interval of totals and of single customers.
pub(crate) const INTERVAL: f64 = 0.8;

/// What is expected of the customers.
#[derive(Debug)]
pub struct Forecasts {
    /// One entry a horizon that begins now and ends.
    pub horizons: Vec<HorizonForecast>,
    /// Expected number of customers who are alive now.
    pub alive: f64,
    /// The most valuable customers over the last horizon, or the most active where there is no spend model.
    pub top: Vec<TopCustomer>,
    /// Expected number who are, of those who came back.
    pub alive_repeaters: f64,
    /// Share of the spend that is earned, if it is the same for all customers; else its mean.
    pub margin: f64,
    /// Whether it is the same for all.
    pub one_margin: bool,
    /// Annual rate of discount.
    pub discount: f64,
}

/// What is expected over one horizon.
#[derive(Debug)]
pub struct HorizonForecast {
    /// Which.
    pub horizon: Horizon,
    /// Its last day.
    pub end: Day,
    /// Purchases of all.
    pub purchases: f64,
    /// Value of all, discounted; none without a spend model.
    pub value: Option<f64>,
    /// Totals with intervals, not discounted.
    pub totals: Totals,
    /// The range of all purchases.
    pub purchases_range: TotalRange,
    /// The range of their value, not discounted; none without a spend model.
    pub value_range: Option<TotalRange>,
    /// Simulated futures behind the intervals.
    pub futures: u32,
    /// Thirds by what is expected: name, customers, and what is expected of them; the best first.
    pub tiers: Vec<(String, f64, f64)>,
    /// Value of each customer, or purchases where there is no spend model.
    pub worth: Vec<f64>,
}

/// One of the most valuable customers.
#[derive(Clone, Debug, PartialEq)]
pub struct TopCustomer {
    /// Row of the summary.
    pub row: usize,
    /// Chance to be alive.
    pub p_alive: f64,
    /// Expected spend of a purchase.
    pub spend: Option<f64>,
    /// Horizon by horizon.
    pub horizons: Vec<TopHorizon>,
}

/// What is expected of one of the most valuable customers over a horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopHorizon {
    /// Purchases.
    pub purchases: f64,
    /// Their value, discounted.
    pub value: Option<f64>,
    /// Interval of the number of purchases.
    pub counts: (f64, f64),
    /// Interval of the value, not discounted.
    pub interval: Option<(f64, f64)>,
}

/// Sums over some of the customers.
struct Part {
    alive: f64,
    alive_repeaters: f64,
    /// One entry a horizon.
    sums: Vec<HorizonSums>,
    /// What each of them is worth, likewise.
    worth: Vec<Vec<f64>>,
}

impl HorizonForecast {
    /// The share of all that a tier is expected to bring; none of nothing.
    pub(crate) fn share(&self, expected: f64) -> Option<f64> {
        let all: f64 = self.worth.iter().sum();
        (all > 0.0).then(|| expected / all)
    }
}

impl Forecasts {
    /// Of all customers of a summary; `most` of them are told one by one.
    ///
    /// # Errors
    /// Those of [`Predictor::outlook`] and [`Outlook::totals`](crate::predict::Outlook::totals).
    pub fn new(
        predictor: &Predictor,
        summary: &Summary,
        horizons: &[Horizon],
        valuation: &Valuation,
        uncertainty: &ParameterUncertainty<'_>,
        most: usize,
        seed: u64,
    ) -> Result<Self> {
        summary.check_unweighted("a report")?;
        let outlook = predictor.outlook(summary)?;
        let ahead = outlook.ahead(horizons, &valuation.discount)?;
        let rows: Vec<usize> = (0..summary.len()).collect();
        let parts: Vec<&[usize]> = rows.chunks(PART_ROWS).collect();
        let part = |i: usize| -> Result<Part> {
            let forecast = outlook.customers(parts[i]).forecast(&ahead, valuation)?;
            let repeaters = forecast.p_alive.iter().zip(parts[i]).filter(|(_, row)| summary.frequency[**row] > 0);
            Ok(Part {
                alive: forecast.p_alive.iter().sum(),
                alive_repeaters: repeaters.map(|(alive, _)| alive).sum(),
                sums: forecast.horizons.iter().map(|columns| HorizonSums::of(columns, summary, parts[i])).collect(),
                worth: forecast.horizons.into_iter().map(|one| one.clv.unwrap_or(one.purchases)).collect(),
            })
        };
        let parts = in_parallel(parts.len(), part).into_iter().collect::<Result<Vec<Part>>>()?;
        let options = TotalOptions { seed, ..TotalOptions::default() };
        let counted = outlook.counted(&Grouping::all(summary.len()), &valuation.margin)?;
        let of_horizon = |i: usize| {
            let horizon = &horizons[i];
            let worth: Vec<f64> = parts.iter().flat_map(|part| part.worth[i].iter().copied()).collect();
            let mut sums = parts[0].sums[i].clone();
            parts[1..].iter().for_each(|part| sums.add(&part.sums[i]));
            let totals = counted.totals(horizon, uncertainty, &options)?;
            let range = |total: &Total| TotalRange::new(total, INTERVAL, None);
            Ok(HorizonForecast {
                end: sums.end,
                purchases: sums.purchases(),
                value: sums.clv(),
                horizon: sums.horizon,
                purchases_range: range(&totals.all.purchases),
                value_range: totals.all.value.as_ref().map(range),
                totals,
                futures: options.futures,
                tiers: thirds(&worth),
                worth,
            })
        };
        let of_horizons = in_parallel(horizons.len(), of_horizon);
        let of_horizons = of_horizons.into_iter().collect::<Result<Vec<HorizonForecast>>>()?;
        let best = |last: &HorizonForecast| most_valuable(&summary.customers, &rows, &last.worth, most);
        let best = of_horizons.last().map_or(Vec::new(), best);
        Ok(Self {
            alive: parts.iter().map(|part| part.alive).sum(),
            top: top(&outlook.customers(&best), &ahead, horizons, valuation)?,
            alive_repeaters: parts.iter().map(|part| part.alive_repeaters).sum(),
            margin: rows.iter().map(|&row| valuation.margin.of(row)).sum::<f64>() / rows.len() as f64,
            one_margin: matches!(valuation.margin, crate::predict::PerCustomer::All(_)),
            discount: valuation.discount.per_year(),
            horizons: of_horizons,
        })
    }

    /// With ranges of totals that hold how far off earlier ones were.
    pub fn with_past_errors(mut self, errors: impl Fn(Quantity) -> Option<TotalErrors>) -> Self {
        let (of_purchases, of_value) = (errors(Quantity::Purchases), errors(Quantity::Value));
        for horizon in &mut self.horizons {
            let totals = &horizon.totals.all;
            horizon.purchases_range = TotalRange::new(&totals.purchases, INTERVAL, of_purchases.as_ref());
            horizon.value_range =
                totals.value.as_ref().map(|value| TotalRange::new(value, INTERVAL, of_value.as_ref()));
        }
        self
    }

    /// Whether it is known how far off earlier forecasts were.
    pub fn knows_past_errors(&self) -> bool {
        self.horizons.iter().any(|horizon| horizon.purchases_range.past_forecasts > 0)
    }

    /// Their names.
    pub fn labels(&self) -> Vec<String> {
        self.horizons.iter().map(|horizon| horizon_in_words(&horizon.horizon)).collect()
    }
}

fn thirds(worth: &[f64]) -> Vec<(String, f64, f64)> {
    let cuts = TierCuts::Equal(3);
    cuts.names().into_iter().zip(cuts.sums(worth)).map(|(name, (customers, sum))| (name, customers, sum)).collect()
}

/// Everything about these customers.
fn top(
    customers: &Customers<'_, Modelled<'_>>,
    ahead: &[HorizonOutlook],
    horizons: &[Horizon],
    valuation: &Valuation,
) -> Result<Vec<TopCustomer>> {
    let forecast = customers.forecast(ahead, valuation)?;
    let questions = ValueQuestions { intervals: vec![INTERVAL], over: Vec::new() };
    let intervals = horizons.iter().map(|horizon| {
        let ask = || customers.values(horizon, &valuation.margin, &[], &questions);
        Ok(customers.knows_spend().then(ask).transpose()?.and_then(|answers| answers.intervals.into_iter().next()))
    });
    let intervals = intervals.collect::<Result<Vec<_>>>()?;
    let counts = horizons.iter().map(|horizon| customers.count_intervals(horizon, &[], &[INTERVAL]));
    let counts = counts.collect::<Result<Vec<_>>>()?;
    let customer = |(i, &row): (usize, &usize)| TopCustomer {
        row,
        p_alive: forecast.p_alive[i],
        spend: forecast.expected_spend.as_ref().map(|spend| spend[i]),
        horizons: forecast
            .horizons
            .iter()
            .zip(counts.iter().flatten())
            .zip(&intervals)
            .map(|((columns, (low, high)), intervals)| TopHorizon {
                purchases: columns.purchases[i],
                value: columns.clv.as_ref().map(|clv| clv[i]),
                counts: (low[i], high[i]),
                interval: intervals.as_ref().map(|(low, high)| (low[i], high[i])),
            })
            .collect(),
    };
    Ok(customers.rows().iter().enumerate().map(customer).collect())
}
