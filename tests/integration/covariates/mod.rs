//! Customers who differ by what is known of them: fits, what they rest on, answers, refusals.

mod answers;
mod command;
mod fits;
mod holdout;
mod pages;
mod recovery;
mod refusals;
pub mod rows;
mod simulation;

use clv::covariates::{CovariateOptions, Effects};
use clv::fit::FitRecord;
use clv::model_file::{ModelFile, ModelOptions};
use clv::models::{TimingKind, TimingModel};
use clv::summary::Summary;

/// Names from a list.
fn names(list: &str) -> Vec<String> {
    list.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The same covariates in both processes.
fn in_both(list: &str) -> CovariateOptions {
    CovariateOptions { purchases: names(list), dropout: names(list), ..CovariateOptions::default() }
}

fn options(timing: TimingKind, covariates: CovariateOptions) -> ModelOptions {
    let with_spend = !covariates.spend.is_empty();
    ModelOptions { timing: timing.into(), covariates, with_spend, ..ModelOptions::default() }
}

/// A fit of the timing model with its evidence.
fn timing(summary: &Summary, kind: TimingKind, covariates: CovariateOptions) -> (TimingModel, FitRecord, Effects) {
    let (file, _) =
        ModelFile::fit(summary, &options(kind, covariates)).unwrap_or_else(|error| panic!("{kind}: {error}"));
    let timing = file.timing.unwrap();
    (timing.model, timing.fit.unwrap(), timing.covariates.unwrap())
}
