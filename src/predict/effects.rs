//! Models of customers who differ by covariates.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CustomerEffects, Predictor};
use crate::covariates::{Covariate, Effects, Shifts, UnknownLevels, each_once};
use crate::error::{Error, Result};
use crate::models::{GammaGamma, Likelihood, TimingModel};
use crate::summary::Summary;

/// Timing models, one for each pattern of covariates.
#[derive(Clone, Debug)]
pub(super) struct TimingModels {
    base: TimingModel,
    shifts: Option<Arc<Shifts>>,
    /// Of each pattern, if they are few.
    models: Arc<[TimingModel]>,
}

/// Patterns of which the models are kept.
const KEPT: usize = 10_000;

impl TimingModels {
    /// Of a summary's customers.
    pub(super) fn new(predictor: &Predictor, summary: &Summary) -> Result<Self> {
        let (base, effects) = (predictor.timing, predictor.effects.as_deref());
        let names = base.kind().parameters();
        let of = |timing: &Effects, unknown| timing.shifts(summary, unknown, names);
        let shifts =
            effects.and_then(|effects| effects.timing.as_ref().map(|timing| of(timing, effects.unknown_levels)));
        Self::shifted(base, shifts.transpose()?, None)
    }

    /// The same customers with the parameters of another predictor; of those in these rows.
    pub(super) fn with(&self, predictor: &Predictor, rows: &[usize]) -> Result<Self> {
        let base = predictor.timing;
        let effects = predictor.effects.as_deref().and_then(|effects| effects.timing.as_ref());
        let names = base.kind().parameters();
        let shifts = self.shifts.as_ref().zip(effects).map(|(shifts, effects)| shifts.with(effects, names));
        Self::shifted(base, shifts.transpose()?, Some(rows))
    }

    fn shifted(base: TimingModel, shifts: Option<Shifts>, rows: Option<&[usize]>) -> Result<Self> {
        let Some(shifts) = shifts else { return Ok(Self { base, shifts: None, models: Arc::new([]) }) };
        let count = shifts.patterns().len();
        let model = |pattern: usize| moved(&base, &shifts, pattern as u32);
        let models = match (count <= KEPT, rows) {
            (true, _) => (0..count).map(model).collect::<Result<Vec<TimingModel>>>()?,
            // Every model that will be asked for is possible.
            (false, None) => (0..count).try_for_each(|pattern| model(pattern).map(|_| ())).map(|()| Vec::new())?,
            (false, Some(rows)) => {
                let mut patterns = rows.iter().map(|&row| shifts.pattern(row) as usize);
                patterns.try_for_each(|pattern| model(pattern).map(|_| ())).map(|()| Vec::new())?
            }
        };
        Ok(Self { base, shifts: Some(Arc::new(shifts)), models: models.into() })
    }

    pub(super) fn number(&self, row: usize) -> u32 {
        self.shifts.as_ref().map_or(0, |shifts| shifts.pattern(row))
    }

    pub(super) fn of(&self, row: usize) -> TimingModel {
        let Some(shifts) = &self.shifts else { return self.base };
        let pattern = shifts.pattern(row);
        let known = self.models.get(pattern as usize).copied();
        known.unwrap_or_else(|| moved(&self.base, shifts, pattern).expect("every model was made before"))
    }
}

fn moved(base: &TimingModel, shifts: &Shifts, pattern: u32) -> Result<TimingModel> {
    let mut values = base.values();
    shifts.apply(pattern, &mut values);
    base.kind().with_parameters(&values)
}

/// Spend models: one for all customers, or one for each pattern of covariates.
#[derive(Clone, Debug)]
pub struct SpendModels {
    base: GammaGamma,
    shifts: Option<Arc<Shifts>>,
}

impl From<GammaGamma> for SpendModels {
    fn from(base: GammaGamma) -> Self {
        Self { base, shifts: None }
    }
}

impl SpendModels {
    /// Of a summary's customers; none without a spend model.
    pub(super) fn new(predictor: &Predictor, summary: &Summary) -> Result<Option<Self>> {
        let Some(base) = predictor.spend else { return Ok(None) };
        let effects = predictor.effects.as_deref();
        let (spend, unknown) = effects.map_or_else(Default::default, |all| (all.spend.as_ref(), all.unknown_levels));
        Self::of_customers(base, spend, summary, unknown).map(Some)
    }

    /// Of a summary's customers, as these effects move the model.
    ///
    /// # Errors
    /// Those of [`Effects::shifts`], and of parameters that are none.
    pub fn of_customers(
        base: GammaGamma,
        effects: Option<&Effects>,
        summary: &Summary,
        unknown: UnknownLevels,
    ) -> Result<Self> {
        let shifts = effects.map(|spend| spend.shifts(summary, unknown, &GammaGamma::PARAMETERS));
        Self::checked(base, shifts.transpose()?)
    }

    /// The same customers with the parameters of another predictor; none if it has none of spend.
    pub(super) fn with(&self, predictor: &Predictor) -> Result<Option<Self>> {
        let Some(base) = predictor.spend else { return Ok(None) };
        let effects = predictor.effects.as_deref().and_then(|effects| effects.spend.as_ref());
        let shifts = self.shifts.as_ref().zip(effects);
        let shifts = shifts.map(|(shifts, effects)| shifts.with(effects, &GammaGamma::PARAMETERS)).transpose()?;
        Self::checked(base, shifts).map(Some)
    }

    /// Every model that will be asked for is possible.
    fn checked(base: GammaGamma, shifts: Option<Shifts>) -> Result<Self> {
        let models = Self { base, shifts: shifts.map(Arc::new) };
        let patterns = models.shifts.as_ref().map_or(0, |shifts| shifts.patterns().len());
        (0..patterns)
            .try_for_each(|pattern| GammaGamma::from_parameters(models.parameters(pattern as u32)).map(|_| ()))?;
        Ok(models)
    }

    fn parameters(&self, pattern: u32) -> [f64; 3] {
        let mut parameters = self.base.parameters();
        self.shifts.iter().for_each(|shifts| shifts.apply(pattern, &mut parameters));
        parameters
    }

    /// Whether all customers have the same.
    pub(super) fn is_one(&self) -> bool {
        self.shifts.is_none()
    }

    /// Number of the model of the customer in a row; where numbers are the same, models are.
    pub fn number(&self, row: usize) -> u32 {
        self.shifts.as_ref().map_or(0, |shifts| shifts.pattern(row))
    }

    /// The model of the customer in a row. All have the same `p` and `q`.
    pub fn of(&self, row: usize) -> GammaGamma {
        let [p, q, gamma] = self.parameters(self.number(row));
        GammaGamma { p, q, gamma }
    }
}

impl SpendModels {
    /// Log-likelihood of the mean amounts of a summary's customers, whose models these are.
    pub fn log_likelihood(&self, summary: &Summary) -> f64 {
        let of_group = |rows: &Vec<usize>| self.of(rows[0]).log_likelihood(&summary.spend_of(rows)).value;
        rows_by_model(summary.len(), |row| self.number(row)).iter().map(of_group).sum()
    }
}

/// The rows of all customers whose models have the same number, group by group.
pub(super) fn rows_by_model(customers: usize, number: impl Fn(usize) -> u32) -> Vec<Vec<usize>> {
    let mut rows: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    (0..customers).for_each(|row| rows.entry(number(row)).or_default().push(row));
    rows.into_values().collect()
}

impl Predictor {
    /// Whether customers differ by covariates.
    pub fn has_covariates(&self) -> bool {
        !self.covariates().is_empty()
    }

    /// The models of customers with zeros in all columns, and what these customers are, if others differ.
    pub fn of_reference(&self) -> (Self, Option<String>) {
        let Some(effects) = self.effects.as_deref().filter(|_| self.has_covariates()) else {
            return (Self { effects: None, ..self.clone() }, None);
        };
        let mut covariates: Vec<&Covariate> = Vec::new();
        let of_spend = effects.spend.as_ref().filter(|_| self.spend.is_some());
        for covariate in effects.timing.iter().chain(of_spend).flat_map(|effects| &effects.covariates) {
            if !covariates.iter().any(|known| known.name == covariate.name) {
                covariates.push(covariate);
            }
        }
        let what: Vec<String> = covariates.into_iter().map(Covariate::reference).collect();
        (Self { effects: None, ..self.clone() }, Some(what.join(", ")))
    }

    /// Names of all covariates, each once.
    pub fn covariates(&self) -> Vec<String> {
        let of_spend = |effects: &&Effects| self.spend.is_some() && !effects.covariates.is_empty();
        let effects = self.effects.iter();
        let effects = effects.flat_map(|effects| effects.timing.iter().chain(effects.spend.as_ref().filter(of_spend)));
        let names = effects.flat_map(|effects| &effects.covariates).map(|covariate| &covariate.name);
        each_once(names).into_iter().map(str::to_owned).collect()
    }

    /// Names of those of the timing model.
    pub fn covariates_of_timing(&self) -> Vec<String> {
        let timing = self.effects.as_deref().and_then(|effects| effects.timing.as_ref());
        timing.iter().flat_map(|timing| &timing.covariates).map(|covariate| covariate.name.clone()).collect()
    }

    /// With this way with what the fit did not know.
    #[must_use]
    pub fn with_unknown_levels(self, unknown_levels: UnknownLevels) -> Self {
        let effects =
            self.effects.as_deref().map(|effects| Arc::new(CustomerEffects { unknown_levels, ..effects.clone() }));
        Self { effects, ..self }
    }

    /// The spend models of these customers; none without a spend model.
    ///
    /// # Errors
    /// Those of covariates.
    pub fn spend_models(&self, customers: &Summary) -> Result<Option<SpendModels>> {
        SpendModels::new(self, customers)
    }

    /// Expected mean spend of a new customer like the first of these; none without a spend model.
    ///
    /// # Errors
    /// Those of covariates, and [`Cause::InfiniteMean`](crate::error::Cause::InfiniteMean).
    pub fn mean_spend_of_new(&self, customers: &Summary) -> Result<Option<f64>> {
        SpendModels::new(self, customers)?.map(|spend| spend.of(0).population_mean()).transpose()
    }

    /// Refuses models whose customers differ, where one model is asked for.
    ///
    /// # Errors
    /// [`Error::usage`] with what asks, and what to do.
    pub fn check_alike(&self, what: &str) -> Result<()> {
        if !self.has_covariates() {
            return Ok(());
        }
        Err(Error::usage(format!(
            "{what} takes a model without covariates, and this one has {}: its customers differ. Fit without covariates for it",
            self.covariates().join(", ")
        )))
    }

    /// Of the timing model, and of the spend model: 1 for each parameter, and one standard deviation of the column of each coefficient.
    pub(super) fn units(&self) -> [Vec<f64>; 2] {
        let effects = self.effects.as_deref();
        let of = |parameters: usize, effects: Option<&Effects>| {
            std::iter::repeat_n(1.0, parameters).chain(effects.map(Effects::units).unwrap_or_default()).collect()
        };
        [
            of(self.timing.values().len(), effects.and_then(|effects| effects.timing.as_ref())),
            of(GammaGamma::PARAMETERS.len(), effects.and_then(|effects| effects.spend.as_ref())),
        ]
    }

    /// The parameters of the timing model, and its coefficients after them.
    pub(super) fn timing_values(&self) -> Vec<f64> {
        let effects = self.effects.as_deref().and_then(|effects| effects.timing.as_ref());
        self.timing.values().into_iter().chain(effects.map(Effects::estimates).unwrap_or_default()).collect()
    }

    /// With these in the same order.
    pub(super) fn with_timing_values(&self, values: &[f64]) -> Result<Self> {
        let kind = self.timing.kind();
        let (parameters, coefficients) = values.split_at(kind.parameters().len().min(values.len()));
        let effects = self.effects.as_deref().map(|effects| {
            let timing = effects.timing.as_ref().map(|timing| timing.with_estimates(coefficients));
            Arc::new(CustomerEffects { timing, ..effects.clone() })
        });
        Ok(Self { timing: kind.with_parameters(parameters)?, effects, ..self.clone() })
    }

    /// The parameters of the spend model, and its coefficients after them.
    pub(super) fn spend_values(&self) -> Vec<f64> {
        let effects = self.effects.as_deref().and_then(|effects| effects.spend.as_ref());
        let parameters = self.spend.map(|spend| spend.parameters()).into_iter().flatten();
        parameters.chain(effects.map(Effects::estimates).unwrap_or_default()).collect()
    }

    /// With these in the same order.
    pub(super) fn with_spend_values(&self, values: &[f64]) -> Result<Self> {
        let [p, q, gamma, coefficients @ ..] = values else { return Ok(self.clone()) };
        let effects = self.effects.as_deref().map(|effects| {
            let spend = effects.spend.as_ref().map(|spend| spend.with_estimates(coefficients));
            Arc::new(CustomerEffects { spend, ..effects.clone() })
        });
        let spend = self.spend.map(|_| GammaGamma::from_parameters([*p, *q, *gamma])).transpose()?;
        Ok(Self { spend, effects, ..self.clone() })
    }

    /// `E[M | x, m_x]` for every row; nothing without a spend model.
    pub(super) fn expected_spends(&self, summary: &Summary) -> Result<Vec<f64>> {
        let Some(spend) = SpendModels::new(self, summary)? else { return Ok(Vec::new()) };
        let rows = summary.frequency.iter().zip(&summary.monetary_value).enumerate();
        rows.map(|(row, (&x, &m))| spend.of(row).expected_spend(x, m)).collect()
    }
}
