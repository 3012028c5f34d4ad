//! Models of one split with what was known of customers then, to be held beside the same models without.

use std::sync::Arc;

use crate::covariates::CovariateOptions;
use crate::error::{Error, Result};
use crate::fit::{FitOptions, FitRecord, SummaryRegression};
use crate::models::{GammaGamma, TimingModel};
use crate::predict::CustomerEffects;
use crate::summary::Summary;

/// Models with coefficients.
pub(super) struct WithCovariates {
    /// The timing model and the evidence of its fit.
    pub(super) timing: (TimingModel, FitRecord),
    /// The spend model, if it has covariates.
    pub(super) spend: Option<(GammaGamma, FitRecord)>,
    pub(super) effects: Arc<CustomerEffects>,
}

/// Models with coefficients, beginning from their fits without them; of purchases, of spend or of both, as the options have it.
pub(super) fn with_covariates(
    (model, record): (&TimingModel, &FitRecord),
    spend: Option<&(GammaGamma, FitRecord)>,
    summary: &Summary,
    covariates: &CovariateOptions,
    fit: &FitOptions,
) -> Result<WithCovariates> {
    let how = SummaryRegression { covariates, fit: *fit, tests: false, bootstrap: None };
    let mut effects = CustomerEffects::default();
    let mut timing = (*model, record.clone());
    if !covariates.is_empty_of_timing() {
        let (model, record, of_timing) = how.of_timing((model, record), summary)?;
        timing = (model, record);
        effects.timing = Some(of_timing);
    }
    let mut moved_spend = None;
    if let (false, Some((model, record))) = (covariates.spend.is_empty(), spend) {
        let (model, record, of_spend) = how.of_spend((model, record), summary)?;
        model.expected_spend(0, 0.0)?;
        moved_spend = Some((model, record));
        effects.spend = Some(of_spend);
    }
    if effects.timing.is_none() && effects.spend.is_none() {
        return Err(Error::data("there is no spend model for them to move"));
    }
    Ok(WithCovariates { timing, spend: moved_spend, effects: Arc::new(effects) })
}
