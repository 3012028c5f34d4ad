//! From orders and models to the page: the test on a holdout, the description, the forecasts.

use serde::{Deserialize, Serialize};

use crate::answers::HorizonSums;
use crate::customer_table::CustomerTable;
use crate::describe::{Description, Potential, Regularity};
use crate::error::{Cause, Error, Result};
use crate::evaluate::{
    Comparison, Division, Evaluation, EvaluationOptions, Experiment, Split, compare_with, eligible, evaluate,
};
use crate::fit::{Contender, TimingChoice, quick_to_fit};
use crate::message::{Message, opt, say};
use crate::model_file::{ModelFile, ModelOptions};
use crate::models::TimingKind;
use crate::orders::ReadReport;
use crate::predict::{Horizon, Predictor, Valuation};
use crate::summary::{Cohort, CohortPeriod, CountedHistories, Day, Excluded, PurchaseLog, Summary, TimeUnit};
use crate::tables::clip;
use crate::task::phase;

use crate::report::sections::regularity;
use crate::report::sections::verdicts;
use crate::report::{Forecasts, Page, Report};

/// How a page is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PageOptions {
    /// Whether the forecast is tested.
    pub test: bool,
    /// Where orders are divided for the test.
    pub split: Split,
    /// Whether all models that apply are compared.
    pub compare: bool,
    /// Number of customers that are listed.
    pub top: usize,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Which models are fitted, and how.
    #[serde(skip)]
    pub models: ModelOptions,
    /// Time unit of the models in the test.
    #[serde(skip)]
    pub unit: TimeUnit,
    /// Customers whom the test takes.
    #[serde(skip)]
    pub cohort: Cohort,
    /// End of the observation, if it was given.
    #[serde(skip)]
    pub until: Option<Day>,
}

impl Default for PageOptions {
    fn default() -> Self {
        Self {
            test: true,
            split: Split::Usual,
            compare: false,
            top: 200,
            seed: 1,
            models: ModelOptions::default(),
            unit: TimeUnit::default(),
            cohort: Cohort::default(),
            until: None,
        }
    }
}

/// More customers than a page holds.
const MOST_LISTED: usize = 2000;

/// Fewer days on either side of a split than this tell nothing, unless they were asked for.
const FEWEST_DAYS: i32 = 28;

/// What the orders say beside their summary, taken before they are let go.
#[derive(Debug)]
pub struct LookedBack {
    /// Or why there is none.
    pub evaluation: std::result::Result<Evaluation, Message>,
    /// If there were orders.
    pub description: Option<Description>,
    /// The day of the last of them, up to the end of the observation.
    pub last_order: Option<Day>,
}

/// What a page is made from.
#[derive(Debug)]
pub struct Material<'a> {
    /// The customers.
    pub summary: &'a Summary,
    /// Their histories, counted.
    pub histories: &'a CountedHistories,
    /// What became of the orders, unless a summary was read.
    pub orders: Option<(&'a ReadReport, &'a Excluded)>,
    /// What the orders say besides.
    pub looked_back: LookedBack,
    /// The models, fitted.
    pub model: &'a ModelFile,
    /// The fitted models, ready to predict.
    pub predictor: &'a Predictor,
    /// What a purchase is worth.
    pub valuation: Valuation,
    /// How far ahead.
    pub horizons: Vec<Horizon>,
    /// The file with all customers, if one is written beside the page.
    pub all_customers: Option<&'a str>,
    /// What that file has in all, horizon by horizon, if it has calibrated numbers; else empty.
    pub calibrated: &'a [HorizonSums],
}

impl PageOptions {
    /// Checks what can be checked before the orders are read.
    ///
    /// # Errors
    /// [`Error::usage`].
    pub fn check(&self) -> Result<()> {
        if (1..=MOST_LISTED).contains(&self.top) {
            return Ok(());
        }
        Err(Error::usage(say![opt("top"), format!(" is {}; give 1 to {MOST_LISTED}", self.top)]))
    }

    fn split_is_given(&self) -> bool {
        self.test && self.split != Split::Usual
    }

    /// Tests a forecast on the orders, and describes them.
    ///
    /// # Errors
    /// [`Error::usage`] if there are no orders to be divided as asked; else what fails on a division that was asked for.
    pub fn look_back(&self, log: Option<&mut PurchaseLog>, summary: &Summary) -> Result<LookedBack> {
        self.look_back_with(log, summary, None)
    }

    /// [`PageOptions::look_back`] where covariates are in a table of customers, too.
    ///
    /// # Errors
    /// Likewise.
    pub fn look_back_with(
        &self,
        log: Option<&mut PurchaseLog>,
        summary: &Summary,
        customers: Option<&CustomerTable>,
    ) -> Result<LookedBack> {
        let Some(log) = log else {
            if self.split_is_given() {
                return Err(Error::usage(say![
                    "a summary cannot be divided; ",
                    opt("split"),
                    " and ",
                    opt("holdout"),
                    " take orders"
                ]));
            }
            let why = "a summary was read, and the test takes orders".into();
            return Ok(LookedBack { evaluation: Err(why), description: None, last_order: None });
        };
        let tested = if self.test { self.test(log, customers) } else { Ok(Err("none was asked for".into())) };
        let evaluation = match tested {
            Ok(evaluation) => evaluation,
            // Data that do not suffice for a test may still suffice for a forecast.
            Err(error) if matches!(error.cause(), Cause::Io { .. } | Cause::Amount { .. }) => return Err(error),
            Err(error) if self.split_is_given() => return Err(error),
            Err(error) => Err(error.message()),
        };
        phase("description", 0);
        let mut description = Description::of_orders(log, summary)?;
        // The page speaks of months.
        description.cohorts = description.cohorts.filter(|cohorts| cohorts.period == CohortPeriod::Month);
        let last_order = summary.last_order(log);
        Ok(LookedBack { evaluation, description: Some(description), last_order })
    }

    fn test(
        &self,
        log: &mut PurchaseLog,
        customers: Option<&CustomerTable>,
    ) -> Result<std::result::Result<Evaluation, Message>> {
        phase("test on a holdout", 0);
        let (begin, _) = log.whole_periods(self.until);
        let Division { split, until, cautions } = self.split.divide(log, self.until)?;
        let days = split.days_since(begin).min(until.days_since(split));
        if days < FEWEST_DAYS && !self.split_is_given() {
            return Ok(Err(format!("the orders span only {} days", until.days_since(begin) + 1).into()));
        }
        let mut experiment = Experiment { cautions, ..Experiment::new(log, self.unit, &self.cohort, split, until)? };
        if let Some(customers) = customers {
            customers.join(&mut experiment.summary)?;
        }
        let others = eligible(&experiment.summary);
        let others =
            others.into_iter().map(TimingChoice::Kind).filter(|kind| *kind != self.models.timing && self.compare);
        let options = EvaluationOptions {
            models: std::iter::once(self.models.timing).chain(others).collect(),
            with_spend: self.models.with_spend,
            covariates: self.models.covariates.clone(),
            fit: self.models.fit,
            seed: self.seed,
            ..EvaluationOptions::default()
        };
        evaluate(&experiment, &options).map(Ok)
    }

    /// The page.
    ///
    /// # Errors
    /// [`crate::Error`] if a horizon does not suit the summary, or a model cannot be fitted.
    pub fn page(&self, material: Material<'_>) -> Result<Page> {
        let Material {
            summary,
            histories,
            orders,
            looked_back,
            model,
            predictor,
            valuation,
            horizons,
            all_customers,
            calibrated,
        } = material;
        let LookedBack { evaluation, mut description, last_order } = looked_back;
        let beyond = model.beyond_observation(summary, &horizons)?;
        let (mut horizons, others): (Vec<Horizon>, Vec<Horizon>) = horizons.into_iter().partition(Horizon::is_span);
        let others: Vec<String> = others.iter().map(Horizon::to_string).collect();
        if horizons.is_empty() {
            horizons.push(Horizon::months(12));
        }
        phase("forecasts", 0);
        let uncertainty = model.uncertainty();
        let errors = |what| evaluation.as_ref().ok()?.errors_of_totals(what);
        let forecasts = Forecasts::new(predictor, summary, &horizons, &valuation, &uncertainty, self.top, self.seed)?;
        let forecasts = forecasts.with_past_errors(errors);
        if let (Some(description), Some(totals), Some(last), Some(_)) =
            (&mut description, summary.totals(), forecasts.horizons.last(), predictor.spend)
        {
            let earned = |(row, total): (usize, &f64)| total * valuation.margin.of(row);
            let earned: Vec<f64> = totals.iter().enumerate().map(earned).collect();
            description.potential = Some(Potential::new(&earned, &last.worth));
        }
        let kinds = eligible(summary);
        let ModelOptions { fit, covariates, .. } = &self.models;
        let compared = || compare_with(&kinds, summary, histories, None, fit, covariates);
        let comparison = self.compare.then(compared).transpose()?;
        let regularity = description.as_ref().and_then(|description| description.regularity.as_ref());
        let better = self.better(model, summary, histories, comparison.as_ref(), regularity);
        let source = orders.map_or_else(|| "a summary".to_owned(), |(report, _)| source(report));
        let mut doubts = verdicts::doubts(summary.cautions(last_order), beyond, valuation.discount.caution());
        if !better.as_ref().is_some_and(|better| better.model.is_regular()) {
            doubts.extend(regularity::doubt(regularity, predictor.timing.kind()));
        }
        Report {
            source: &source,
            summary,
            histories,
            doubts: &doubts,
            orders,
            model,
            predictor,
            forecasts: &forecasts,
            other_horizons: &others,
            discount: &valuation.discount,
            evaluation: evaluation.as_ref(),
            comparison: comparison.as_ref(),
            better: better.as_ref(),
            description: description.as_ref(),
            all_customers,
            calibrated,
        }
        .page()
    }
}

impl PageOptions {
    /// A model that describes the customers clearly better than the one that was fitted, if one is known or quickly found, and the
    /// model was not chosen for describing them best.
    fn better(
        &self,
        model: &ModelFile,
        summary: &Summary,
        histories: &CountedHistories,
        comparison: Option<&Comparison>,
        regularity: Option<&Regularity>,
    ) -> Option<Contender> {
        let record = model.timing.as_ref()?;
        let (own, fit) = (record.model.kind(), &record.fit_without_covariates()?);
        if own.is_discrete() || record.selection.is_some() {
            return None;
        }
        phase("other models", 0);
        let regular = regularity::is_likely(regularity, summary);
        let is_other = |kind: TimingKind| {
            !kind.is_discrete() && kind.without_stages() != own.without_stages() && (regular || !kind.is_regular())
        };
        match comparison {
            Some(comparison) => {
                let others = comparison.contenders.iter();
                let others = others.filter(|one| one.effects.is_none() && is_other(one.model.kind()));
                Contender::clearly_better(others.map(|one| Contender::new(one.model.kind(), &one.fit)), fit)
            }
            None => {
                let others: Vec<TimingKind> = quick_to_fit().into_iter().filter(|kind| is_other(*kind)).collect();
                Contender::better_than(fit, &others, histories, &self.models.fit)
            }
        }
    }
}

/// What the orders are called: by the name of their file, without folders, or by the number of files.
fn source(report: &ReadReport) -> String {
    match &report.files[..] {
        [file] => clip(file.file_name()),
        files => format!("{} files of orders", files.len()),
    }
}
