//! Customers as a predictor sees them: alike, or by their covariates.

use std::sync::Arc;

use super::effects::{TimingModels, rows_by_model};
use super::{Horizon, Individuals, OneModel, Predictor};
use crate::error::Result;
use crate::models::TimingModel;
use crate::summary::{History, Summary};

/// The customers of a summary as a [`Predictor`] sees them: alike, or by their covariates.
#[derive(Clone, Debug)]
pub struct Modelled<'a> {
    pub(super) predictor: Arc<Predictor>,
    models: TimingModels,
    summary: &'a Summary,
}

impl<'a> Modelled<'a> {
    /// Customers as this predictor sees them.
    ///
    /// # Errors
    /// [`Error::usage`](crate::Error::usage) if a covariate is missing in the summary; [`Error::data`](crate::Error::data) with what was not
    /// known to the fit.
    pub fn new(predictor: &Predictor, summary: &'a Summary) -> Result<Self> {
        let models = TimingModels::new(predictor, summary)?;
        Ok(Self { predictor: Arc::new(predictor.clone()), models, summary })
    }

    /// Log-likelihood of all histories. What lies between purchases is known of all together, and is the same for every model.
    pub fn log_likelihood(&self) -> f64 {
        let pooled = self.summary.counted_histories();
        let groups = rows_by_model(self.summary.len(), |row| self.models.number(row));
        if let [_] = &groups[..] {
            return self.models.of(0).log_likelihood(&pooled).0;
        }
        let mut between = pooled.log_interpurchase_times();
        let of_group = |rows: &Vec<usize>| {
            let histories = self.summary.histories_of(rows);
            let histories = match &mut between {
                Some(sum) => histories.with_log_interpurchase_times(std::mem::take(sum)),
                None => histories,
            };
            self.models.of(rows[0]).log_likelihood(&histories).0
        };
        groups.iter().map(of_group).sum()
    }

    /// As other parameters of the same models would have those in some rows.
    pub(super) fn with_parameters(&self, predictor: &Predictor, rows: &[usize]) -> Result<Self> {
        let models = self.models.with(predictor, rows)?;
        Ok(Self { predictor: Arc::new(predictor.clone()), models, summary: self.summary })
    }

    fn alike(&self) -> OneModel<'a> {
        let Predictor { timing, unit, grain, .. } = *self.predictor;
        OneModel { timing, unit, grain, summary: self.summary }
    }
}

impl Individuals for Modelled<'_> {
    type Timing = TimingModel;

    fn model_number(&self, row: usize) -> u32 {
        self.models.number(row)
    }

    fn timing(&self, row: usize) -> TimingModel {
        self.models.of(row)
    }

    fn history(&self, row: usize) -> History {
        self.summary.history(row)
    }

    fn bounds(&self, horizon: &Horizon) -> Result<(f64, f64)> {
        self.alike().bounds(horizon)
    }
}
