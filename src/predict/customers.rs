//! Answers for some customers of an outlook, of whom P(alive) is computed once.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::futures::Futures;
use super::{Forecast, HorizonColumns, HorizonOutlook, Individuals, Modelled, Predictor, SpendModels, Valuation};
use crate::error::Result;
use crate::models::Timing;
use crate::summary::Summary;

/// Customers in some rows of an outlook, in the order of the rows.
#[derive(Clone, Debug)]
pub struct Customers<'o, I> {
    pub(super) individuals: I,
    pub(super) summary: &'o Summary,
    pub(super) spend: Option<SpendModels>,
    pub(super) rows: Vec<usize>,
    pub(super) p_alive: Vec<f64>,
    /// Of these customers, numbered when they are first asked for.
    futures: OnceLock<Cow<'o, Futures>>,
    /// Of the whole outlook, by which its expectations are kept.
    of_all: &'o Futures,
}

impl<'o, I: Individuals> Customers<'o, I> {
    /// Customers in rows with their P(alive), of whom the futures may be known, and among whom those of the whole outlook are.
    pub(super) fn new(
        individuals: I,
        summary: &'o Summary,
        spend: Option<SpendModels>,
        (rows, p_alive): (Vec<usize>, Vec<f64>),
        (futures, of_all): (Option<&'o Futures>, &'o Futures),
    ) -> Self {
        let futures = futures.map_or_else(OnceLock::new, |futures| OnceLock::from(Cow::Borrowed(futures)));
        Self { individuals, summary, spend, rows, p_alive, futures, of_all }
    }

    pub(super) fn futures(&self) -> &Futures {
        self.futures.get_or_init(|| Cow::Owned(self.of_all.of_some(&self.rows)))
    }

    /// Number of customers.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows of these customers in the summary.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// P(alive) at the end of the observation.
    pub fn p_alive(&self) -> &[f64] {
        &self.p_alive
    }

    /// Whether it is known what purchases are worth.
    pub fn knows_spend(&self) -> bool {
        self.spend.is_some()
    }

    /// The customers at some places among these.
    pub fn some(&self, places: &[usize]) -> Self {
        Self {
            individuals: self.individuals.clone(),
            rows: places.iter().map(|&place| self.rows[place]).collect(),
            p_alive: places.iter().map(|&place| self.p_alive[place]).collect(),
            futures: OnceLock::new(),
            spend: self.spend.clone(),
            ..*self
        }
    }

    /// Of each customer, what it is given alive times the chance of that; what is given is known for the whole outlook.
    pub(super) fn when_alive(&self, given_alive: &[f64]) -> Vec<f64> {
        let rows = self.rows.iter().zip(&self.p_alive);
        rows.map(|(&row, alive)| alive * given_alive[self.of_all.of_customer(row)]).collect()
    }

    /// Expectations over horizons, which are those of the outlook; the valuation is that of the whole summary.
    ///
    /// # Errors
    /// [`Cause::InfiniteMean`](crate::error::Cause::InfiniteMean) if the spend model has no mean; [`Error::usage`](crate::Error::usage) if
    /// the margin or the cost is given for some other number of customers.
    pub fn forecast(&self, ahead: &[HorizonOutlook], valuation: &Valuation) -> Result<Forecast> {
        valuation.check(self.summary.len())?;
        let expected_spend = self.expected_spend()?;
        let historical_value = match (self.summary.totals(), &self.spend) {
            (Some(totals), Some(_)) => {
                Some(self.rows.iter().map(|&row| valuation.margin.of(row) * totals[row]).collect::<Vec<f64>>())
            }
            _ => None,
        };
        let known = Known { expected_spend, historical_value };
        let horizons = ahead.iter().map(|outlook| self.columns(outlook, &known, valuation)).collect();
        let Known { expected_spend, historical_value } = known;
        Ok(Forecast { p_alive: self.p_alive.clone(), horizons, expected_spend, historical_value })
    }

    fn columns(&self, outlook: &HorizonOutlook, known: &Known, valuation: &Valuation) -> HorizonColumns {
        let purchases = self.when_alive(&outlook.purchases);
        let discounted = outlook.discounted.as_deref().map(|discounted| self.when_alive(discounted));
        let clv = known.expected_spend.as_ref().map(|spend| {
            let worth = discounted.as_ref().unwrap_or(&purchases).iter().zip(spend).zip(&self.rows);
            worth.map(|((discounted, spend), &row)| valuation.margin.of(row) * spend * discounted).collect::<Vec<f64>>()
        });
        let past = known.historical_value.as_ref().filter(|_| outlook.delay == 0.0);
        let lifetime_value = clv.as_ref().zip(past).map(|(clv, past)| {
            let cost = |row: usize| valuation.cac.as_ref().map_or(0.0, |cac| cac.of(row));
            clv.iter().zip(past).zip(&self.rows).map(|((clv, past), &row)| past - cost(row) + clv).collect()
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
    }

    /// `E[M | x, m_x]`; none without a spend model.
    fn expected_spend(&self) -> Result<Option<Vec<f64>>> {
        let expected = |spend: &SpendModels| {
            let of = |&row: &usize| {
                spend.of(row).expected_spend(self.summary.frequency[row], self.summary.monetary_value[row])
            };
            self.rows.iter().map(of).collect::<Result<Vec<f64>>>()
        };
        self.spend.as_ref().map(expected).transpose()
    }
}

impl<'o> Customers<'o, Modelled<'o>> {
    /// The customers as other parameters of the same models would have them.
    ///
    /// # Errors
    /// [`Cause::Parameter`](crate::error::Cause::Parameter) if those of a customer are out of their range.
    pub fn with_parameters(&self, predictor: &Predictor) -> Result<Self> {
        let individuals = self.individuals.with_parameters(predictor, &self.rows)?;
        let alive = |&row: &usize| individuals.timing(row).p_alive(&individuals.history(row));
        let spend = match &self.spend {
            Some(spend) => spend.with(predictor)?,
            None => None,
        };
        Ok(Self {
            p_alive: self.rows.iter().map(alive).collect(),
            individuals,
            spend,
            rows: self.rows.clone(),
            futures: self.futures.clone(),
            ..*self
        })
    }
}

/// What is known of the customers whatever the horizon.
struct Known {
    expected_spend: Option<Vec<f64>>,
    historical_value: Option<Vec<f64>>,
}
