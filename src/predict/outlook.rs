//! The door to every answer about the customers of a summary: what they have ahead.

use super::chances::HorizonChances;
use super::futures::{Futures, between};
use super::{
    Customers, DiscountRate, Forecast, Horizon, HorizonColumns, HorizonOutlook, Individuals, Modelled, PerCustomer,
    Predictor, SpendModels, Valuation,
};
use crate::error::{Error, Result};
use crate::models::Timing;
use crate::summary::{Summary, check_time};

/// The customers of a summary as their models see them, ready to answer: for all of them, or for those in some
/// [rows](Outlook::customers).
///
/// A future depends on the model and on what it remembers of a history, so there are far fewer futures than customers; each is made
/// and asked once.
#[derive(Debug)]
pub struct Outlook<'a, I = Modelled<'a>> {
    pub(super) individuals: I,
    pub(super) summary: &'a Summary,
    pub(super) spend: Option<SpendModels>,
    pub(super) futures: Futures,
}

impl Predictor {
    /// These customers, ready to answer.
    ///
    /// # Errors
    /// Those of [`Predictor::check`] and [`Modelled::new`]; [`Cause::InfiniteMean`](crate::error::Cause::InfiniteMean) if the spend model has no mean.
    pub fn outlook<'a>(&self, summary: &'a Summary) -> Result<Outlook<'a>> {
        self.check(summary)?;
        Outlook::new(Modelled::new(self, summary)?, summary, SpendModels::new(self, summary)?)
    }

    /// Expectations of every row of the summary: P(alive), expected spend, and over each horizon purchases and value.
    ///
    /// ```
    /// use clv::predict::Valuation;
    /// use clv::simulate::published_cdnow;
    /// use clv::summary::{Grain, History, Observation, Summary, TimeUnit};
    ///
    /// let observation = Observation::new(TimeUnit::Week, Grain::Day, "1997-09-30".parse()?);
    /// let histories = [(History::new(0, 0.0, 38.0), 0.0), (History::new(2, 30.43, 38.86), 25.5)];
    /// let summary = Summary::from_histories(histories, observation);
    /// let horizons = ["39w".parse()?, "12m".parse()?];
    /// let forecast = published_cdnow()?.predictor()?.forecast(&summary, &horizons, &Valuation::default())?;
    /// assert_eq!(forecast.p_alive[0], 1.0);
    /// assert!((forecast.horizons[0].purchases[1] - 1.226).abs() < 5e-4);
    /// # Ok::<(), clv::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Predictor::outlook`], [`Outlook::ahead`] and [`Customers::forecast`].
    pub fn forecast(&self, summary: &Summary, horizons: &[Horizon], valuation: &Valuation) -> Result<Forecast> {
        valuation.check(summary.len())?;
        let outlook = self.outlook(summary)?;
        let ahead = outlook.ahead(horizons, &valuation.discount)?;
        outlook.everybody().forecast(&ahead, valuation)
    }
}

impl Outlook<'_> {
    /// The models.
    pub fn predictor(&self) -> &Predictor {
        &self.individuals.predictor
    }
}

impl<'a, I: Individuals> Outlook<'a, I> {
    /// The customers of a summary, seen so.
    ///
    /// # Errors
    /// [`Cause::InfiniteMean`](crate::error::Cause::InfiniteMean) if the spend model has no mean.
    pub fn new(individuals: I, summary: &'a Summary, spend: Option<SpendModels>) -> Result<Self> {
        if let Some(spend) = &spend {
            let mut rows = summary.frequency.iter().zip(&summary.monetary_value).enumerate();
            rows.try_for_each(|(row, (&x, &m))| {
                let of = |error: Error| error.of_customer(|| summary.customers.text(row).into_owned());
                spend.of(row).expected_spend(x, m).map(|_| ()).map_err(of)
            })?;
        }
        let futures = Futures::new(&individuals, 0..summary.len());
        Ok(Self { individuals, summary, spend, futures })
    }

    /// The customers in these rows, in their order.
    pub fn customers(&self, rows: &[usize]) -> Customers<'_, I> {
        self.in_rows(rows.to_vec(), None)
    }

    /// All customers.
    pub fn everybody(&self) -> Customers<'_, I> {
        self.in_rows((0..self.summary.len()).collect(), Some(&self.futures))
    }

    fn in_rows<'o>(&'o self, rows: Vec<usize>, futures: Option<&'o Futures>) -> Customers<'o, I> {
        let p_alive = self.p_alive(rows.iter().copied());
        let individuals = self.individuals.clone();
        Customers::new(individuals, self.summary, self.spend.clone(), (rows, p_alive), (futures, &self.futures))
    }

    /// Expectations over some horizons.
    ///
    /// # Errors
    /// [`Error::usage`] if a horizon does not lie in the future or is infinite without a discount.
    pub fn ahead(&self, horizons: &[Horizon], discount: &DiscountRate) -> Result<Vec<HorizonOutlook>> {
        let over = |horizon| {
            HorizonOutlook::new(&self.individuals, &self.futures, &self.summary.observation, horizon, discount)
        };
        horizons.iter().map(over).collect()
    }

    /// Expectations of all customers (`everybody`) over one horizon, not discounted, with this share of spend earned.
    ///
    /// # Errors
    /// Those of [`Outlook::ahead`] and [`Customers::forecast`].
    pub(crate) fn undiscounted(
        &self,
        everybody: &Customers<'_, I>,
        horizon: &Horizon,
        margin: &PerCustomer,
    ) -> Result<HorizonColumns> {
        let ahead = self.ahead(std::slice::from_ref(horizon), &DiscountRate::default())?;
        let valuation = Valuation { margin: margin.clone(), ..Valuation::default() };
        let forecast = everybody.forecast(&ahead, &valuation)?;
        Ok(forecast.horizons.into_iter().next().expect("one horizon was asked for"))
    }

    /// Chances over some horizons.
    ///
    /// # Errors
    /// [`Error::usage`] if a horizon does not lie in the future.
    pub fn chances_ahead(&self, horizons: &[Horizon]) -> Result<Vec<HorizonChances>> {
        let chances = |horizon| HorizonChances::new(&self.individuals, &self.futures, horizon);
        horizons.iter().map(chances).collect()
    }

    /// Expected purchases of every row from `begin` to `end`, in time units from the end of the observation.
    ///
    /// # Errors
    /// [`Error::usage`] unless `end` is finite and not negative, and the model can look so far ahead.
    pub fn expected_purchases(&self, begin: f64, end: f64) -> Result<Vec<f64>> {
        // In a unit that may have no name.
        check_time("the horizon of expected purchases", end, None)?;
        if !self.summary.is_empty() {
            self.individuals.timing(0).check_ahead(end)?;
        }
        let given_alive = self.futures.map(&self.individuals, |future| between(&future, begin, end, 0.0).0);
        Ok(self.futures.of_customers(&self.p_alive(0..self.summary.len()), &given_alive))
    }

    /// P(alive) at the end of the observation.
    pub(super) fn p_alive(&self, rows: impl Iterator<Item = usize>) -> Vec<f64> {
        rows.map(|row| self.individuals.timing(row).p_alive(&self.individuals.history(row))).collect()
    }
}
