//! Models and simple rules on the same question: what will these customers do?

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::baselines::{Baseline, Expectations, active};
use super::calibration::Calibration;
use super::conditional::{ConditionalGroup, by_frequency, conditional_means};
use super::experiment::Experiment;
use super::histogram::LAST_BIN;
use super::past_forecasts::{PastForecast, PastTotal, errors_of_totals};
use super::predictive::{Predictive, predictive};
use super::quantity::Quantity;
use super::scores::{Actual, Scores};
use super::tiers::{Decile, TierCuts, Tiers, deciles};
use super::total_ranges::TestedRange;
use super::tracking::Tracking;
use super::with_covariates::{WithCovariates, with_covariates};
use crate::covariates::{CovariateOptions, Design};
use crate::error::{Error, Result};
use crate::fit::{AUTO, FitOptions, FitRecord, Selection, TimingChoice};
use crate::message::{Message, opt, say};
use crate::models::{GammaGamma, TimingKind, TimingModel, check_distinct};
use crate::parallel::in_parallel;
use crate::predict::{
    CustomerEffects, Horizon, Modelled, ParameterUncertainty, PerCustomer, Predictor, TotalErrors, shares,
};
use crate::summary::{Day, Summary};

/// What is evaluated, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvaluationOptions {
    /// Models of purchase timing; that of spend is always Gamma-Gamma. What [`TimingChoice::Auto`] chooses by the orders up to the
    /// split is tested like any other, so that choosing is judged, too.
    pub models: Vec<TimingChoice>,
    /// Whether value is evaluated too.
    #[serde(rename = "spend")]
    pub with_spend: bool,
    /// What is known of customers on the split, with which each model is fitted and tested, too.
    pub covariates: CovariateOptions,
    /// How they are fitted.
    pub fit: FitOptions,
    /// Silence before the split after which the hiatus rule takes a customer for gone.
    pub hiatus: Horizon,
    /// Intervals whose coverage is looked at, in per cent.
    pub intervals: Vec<f64>,
    /// Tiers.
    pub tiers: TierCuts,
    /// Seed of what is drawn by lot.
    pub seed: u64,
}

impl Default for EvaluationOptions {
    fn default() -> Self {
        Self {
            models: vec![TimingKind::BgNbd.into(), TimingChoice::Auto],
            with_spend: true,
            covariates: CovariateOptions::default(),
            fit: FitOptions::default(),
            hiatus: Horizon::months(6),
            intervals: vec![50.0, 80.0, 90.0, 95.0],
            tiers: TierCuts::Equal(3),
            seed: 1,
        }
    }
}

impl EvaluationOptions {
    /// Checks what can be checked before the orders are read.
    ///
    /// # Errors
    /// [`Error::usage`].
    pub fn check(&self) -> Result<()> {
        check_distinct(&self.models, "model")?;
        self.hiatus.before(Day(0))?;
        shares("intervals", &self.intervals)?;
        self.check_covariates()?;
        self.fit.check()
    }

    /// Whether some model takes the covariates.
    fn check_covariates(&self) -> Result<()> {
        self.covariates.check()?;
        if !self.covariates.spend.is_empty() && !self.with_spend {
            return Err(Error::usage(say![
                opt("spend_covariates"),
                " does not go with ",
                opt("with_spend").with(false)
            ]));
        }
        let check = |choice: &TimingChoice| match choice {
            TimingChoice::Kind(kind) => {
                Design::check_model(&self.covariates, kind.title(), kind.parameters(), kind.is_discrete())
            }
            TimingChoice::Auto => Ok(()),
        };
        let checked: Vec<Result<()>> = self.models.iter().map(check).collect();
        if checked.iter().any(Result::is_ok) { Ok(()) } else { checked.into_iter().collect() }
    }
}

/// How models and simple rules did on one split.
#[derive(Debug)]
pub struct Evaluation {
    /// Last day that they knew.
    pub split: Day,
    /// Last day of the holdout.
    pub until: Day,
    /// Customers known on the split.
    pub customers: u64,
    /// Customers who came later, of whom nothing could be foreseen.
    pub joined_later: u64,
    /// What is doubtful about how the orders were divided, in words with advice.
    pub cautions: Vec<Message>,
    /// The models first, each with covariates before the same without, then what earlier days teach to make of them, then the simple rules.
    pub scored: Vec<Scored>,
    /// What else there is to say of the models.
    pub models: Vec<ModelEvaluation>,
    /// Models that could not be fitted, and why.
    pub failures: Vec<(TimingChoice, Error)>,
    /// Gamma-Gamma at its estimate; or why there is none, if value is evaluated.
    pub spend: Option<Result<(GammaGamma, FitRecord)>>,
}

impl Evaluation {
    /// The simple rule by which the best fifth of the customers brought most, and what its best tenth and fifth brought.
    pub fn best_order(&self, what: Quantity) -> Option<(Baseline, [f64; 2])> {
        let orders = self.rules().filter_map(|(rule, scored)| {
            let [tenth, fifth] = scored.of(what)?.top;
            Some((rule, [tenth?, fifth?]))
        });
        orders.max_by(|a, b| a.1[1].total_cmp(&b.1[1]))
    }

    /// The simple rules that could have been followed.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (Baseline, &Scored)> {
        self.scored.iter().filter_map(|scored| match scored.forecaster {
            Forecaster::Baseline(rule) if scored.forecaster.is_foresight() => Some((rule, scored)),
            _ => None,
        })
    }
}

impl Evaluation {
    /// How far off the next total may be, as those of the first model were: in this test, and on earlier days.
    pub fn errors_of_totals(&self, what: Quantity) -> Option<TotalErrors> {
        let model = self.models.first()?;
        let own = self.scored.iter().find(|scored| scored.forecaster == model.forecaster)?;
        let total = |scores: Scores| PastTotal { expected: scores.expected, came: scores.actual };
        let test = PastForecast {
            day: self.split,
            until: self.until,
            purchases: total(own.purchases),
            value: own.value.map(total),
        };
        let calibrated =
            self.models.iter().find(|other| other.calibration.is_some() && other.model.kind() == model.model.kind());
        let earlier = calibrated.map_or(&[][..], ModelEvaluation::past);
        let past: Vec<PastForecast> = std::iter::once(test).chain(earlier.iter().copied()).collect();
        errors_of_totals(&past, what)
    }
}

/// What the name of a model with covariates ends in.
pub const WITH_COVARIATES: &str = "-covariates";

/// Who expected something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forecaster {
    /// A model.
    Model(TimingKind),
    /// The model that [`TimingChoice::Auto`] chose.
    Chosen(TimingKind),
    /// A model with covariates, beside the same without them.
    WithCovariates {
        /// Which.
        model: TimingKind,
        /// Whether [`TimingChoice::Auto`] chose it.
        chosen: bool,
    },
    /// A model mixed with each customer's last period: a [`Calibration`].
    Calibrated {
        /// The model.
        model: TimingKind,
        /// Whether [`TimingChoice::Auto`] chose it.
        chosen: bool,
    },
    /// A simple rule.
    Baseline(Baseline),
}

impl Forecaster {
    /// Name in files.
    pub fn name(self) -> Cow<'static, str> {
        match self {
            Self::Model(kind) => kind.name().into(),
            Self::Chosen(_) => AUTO.into(),
            Self::WithCovariates { .. } => format!("{}{WITH_COVARIATES}", self.without_covariates().name()).into(),
            Self::Calibrated { chosen: false, .. } => "calibrated".into(),
            Self::Calibrated { chosen: true, .. } => "calibrated-auto".into(),
            Self::Baseline(baseline) => baseline.name().into(),
        }
    }

    /// The same model without covariates; else itself.
    pub fn without_covariates(self) -> Self {
        match self {
            Self::WithCovariates { model, chosen: false } => Self::Model(model),
            Self::WithCovariates { model, chosen: true } => Self::Chosen(model),
            other => other,
        }
    }

    /// Name for people.
    pub fn title(self) -> Cow<'static, str> {
        match self {
            Self::Model(kind) | Self::Chosen(kind) => kind.title().into(),
            Self::WithCovariates { model, .. } => format!("{} with covariates", model.title()).into(),
            Self::Calibrated { .. } => "calibrated".into(),
            Self::Baseline(baseline) => baseline.title().into(),
        }
    }

    /// Name for people, where the same model may appear twice.
    pub fn label(self) -> String {
        match self {
            Self::Chosen(_) | Self::WithCovariates { chosen: true, .. } => format!("{AUTO}: {}", self.title()),
            Self::Calibrated { model, .. } => format!("calibrated: {}", model.title()),
            _ => self.title().into_owned(),
        }
    }

    /// Whether it is a model, named or chosen.
    pub fn is_model(self) -> bool {
        matches!(self, Self::Model(_) | Self::Chosen(_))
    }

    /// Whether it is a simple rule.
    pub fn is_rule(self) -> bool {
        matches!(self, Self::Baseline(_))
    }

    /// Whether it could have been known on the split.
    pub fn is_foresight(self) -> bool {
        self != Self::Baseline(Baseline::Hindsight)
    }
}

impl Scored {
    /// The scores of one quantity; none if it was not foreseen.
    pub fn of(&self, quantity: Quantity) -> Option<Scores> {
        match quantity {
            Quantity::Purchases => Some(self.purchases),
            Quantity::Value => self.value,
        }
    }
}

/// Scores of one forecaster.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Scored {
    /// Who.
    pub forecaster: Forecaster,
    /// Of the number of purchases.
    pub purchases: Scores,
    /// Of their value; none if it expects none.
    pub value: Option<Scores>,
    /// Of whether customers purchase at all; none if it does not say.
    pub activity: Option<ActivityScores>,
}

impl Scored {
    /// Value, if it is expected, else purchases.
    pub(crate) fn most(&self) -> Quantity {
        if self.value.is_some() { Quantity::Value } else { Quantity::Purchases }
    }
}

/// How customers who purchased were told from those who did not.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ActivityScores {
    /// Expected to purchase, and did.
    pub right_active: u64,
    /// Expected to purchase, and did not.
    pub wrong_active: u64,
    /// Not expected to, and did.
    pub wrong_inactive: u64,
    /// Not expected to, and did not.
    pub right_inactive: u64,
}

impl ActivityScores {
    fn new(expected: &[bool], came: &[u32]) -> Self {
        let count = |active: bool, purchased: bool| {
            expected.iter().zip(came).filter(|(expected, n)| (**expected, **n > 0) == (active, purchased)).count()
                as u64
        };
        Self {
            right_active: count(true, true),
            wrong_active: count(true, false),
            wrong_inactive: count(false, true),
            right_inactive: count(false, false),
        }
    }

    /// Share of the customers who were told right.
    pub fn accuracy(&self) -> f64 {
        let right = self.right_active + self.right_inactive;
        right as f64 / (right + self.wrong_active + self.wrong_inactive) as f64
    }

    /// Share of those who purchased who were expected to; none if nobody purchased.
    pub fn sensitivity(&self) -> Option<f64> {
        ratio(self.right_active, self.wrong_inactive)
    }

    /// Share of those who did not purchase who were not expected to; none if everybody purchased.
    pub fn specificity(&self) -> Option<f64> {
        ratio(self.right_inactive, self.wrong_active)
    }
}

fn ratio(part: u64, rest: u64) -> Option<f64> {
    (part + rest > 0).then(|| part as f64 / (part + rest) as f64)
}

/// What there is to say of one model.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ModelEvaluation {
    /// Named or chosen.
    pub forecaster: Forecaster,
    /// At its estimate on the split.
    pub model: TimingModel,
    /// The evidence of its fit.
    pub fit: FitRecord,
    /// Beside which others it stood, if it was chosen.
    pub selection: Option<Selection>,
    /// What moves its parameters, if it has covariates; then they are those of a customer with zeros in all columns.
    pub effects: Option<Arc<CustomerEffects>>,
    /// The spend model, if it has covariates, and the evidence of its fit.
    pub spend: Option<(GammaGamma, FitRecord)>,
    /// What earlier days teach to make of its expectations; or why they teach nothing, in words. Asked of the first model, and of the
    /// chosen one.
    pub calibration: Option<std::result::Result<Calibration, Message>>,
    /// Ranges of the totals: of purchases, and of value if there is a spend model; for models whose calibration is asked for.
    pub total_ranges: Vec<TestedRange>,
    /// Means of purchases by tenths of the customers.
    pub purchase_deciles: Vec<Decile>,
    /// Means of value by tenths of the customers; none without a spend model.
    pub value_deciles: Option<Vec<Decile>>,
    /// Tiers of value, or of purchases without a spend model.
    pub tiers: Tiers,
    /// Its distributions.
    pub predictive: Predictive,
    /// Repeat purchases over the calendar.
    pub tracking: Tracking,
    /// Means of purchases by repeat purchases before the split.
    pub by_frequency: Vec<ConditionalGroup>,
    /// Means of purchases by time since the last purchase, in time units.
    pub by_recency: Vec<ConditionalGroup>,
}

impl ModelEvaluation {
    /// What it expected on earlier days, and what came.
    pub fn past(&self) -> &[PastForecast] {
        self.calibration.as_ref().and_then(|learned| learned.as_ref().ok()).map_or(&[], |learned| &learned.past)
    }
}

/// What came, ready to be compared with.
struct Came {
    purchases: Actual,
    value: Actual,
}

/// Fits the models to what was known on the split, and scores them and the simple rules on what came.
///
/// # Errors
/// [`Error::data`] if none of the models can be fitted; those of predictions.
pub fn evaluate(experiment: &Experiment, options: &EvaluationOptions) -> Result<Evaluation> {
    options.tiers.check()?;
    let hiatus = options.hiatus.before(experiment.split())?;
    let came = Came {
        purchases: Actual::new(experiment.holdout.purchases.iter().map(|&n| f64::from(n)).collect()),
        value: Actual::new(experiment.holdout.value.clone()),
    };
    let summary = &experiment.summary;
    let spend = options.with_spend.then(|| fit_spend(summary, &options.fit));
    let mut evaluation = Evaluation {
        split: experiment.split(),
        until: experiment.until,
        customers: summary.len() as u64,
        joined_later: experiment.joined_later,
        cautions: experiment.cautions.clone(),
        scored: Vec::new(),
        models: Vec::new(),
        failures: Vec::new(),
        spend: None,
    };
    let of_spend = spend.as_ref().and_then(|spend| spend.as_ref().ok());
    let data = summary.counted_histories();
    // One after the other: the slow ones are on all cores.
    let mut fits: Vec<Fit> = Vec::new();
    let mut without: Vec<(TimingChoice, Error)> = Vec::new();
    for &choice in &options.models {
        let plain = choice.check_observation(&summary.observation).and_then(|()| choice.fit(&data, &options.fit));
        let (model, record, selection) = match plain {
            Ok(plain) => plain,
            Err(error) => {
                evaluation.failures.push((choice, error));
                continue;
            }
        };
        let is_calibrated = fits.is_empty() || choice == TimingChoice::Auto;
        let known = fits.iter().find(|fit| fit.effects.is_none() && fit.model.kind() == model.kind());
        let known = known.and_then(|fit| fit.calibration.clone());
        let learn = || Calibration::learn(&experiment.earlier, model.kind(), of_spend.is_some(), &options.fit);
        let calibration = is_calibrated.then(|| known.unwrap_or_else(learn));
        let plain = Fit { model, record, selection, spend: None, effects: None, calibration };
        // A model that is named and chosen has its covariates once.
        let is_known = |fit: &Fit| fit.effects.is_some() && fit.model.kind() == model.kind();
        if !options.covariates.is_empty() && !fits.iter().any(is_known) {
            let known = (&plain.model, &plain.record);
            match with_covariates(known, of_spend, summary, &options.covariates, &options.fit) {
                Ok(WithCovariates { timing: (model, record), spend, effects }) => {
                    fits.push(Fit { model, record, spend, effects: Some(effects), calibration: None, ..plain.clone() });
                }
                Err(error) => without.push((choice, error.reworded(|why| say!["with covariates: ", why]))),
            }
        }
        fits.push(plain);
    }
    if !without.is_empty() && fits.iter().all(|fit| fit.effects.is_none()) {
        let (choice, error) = without.swap_remove(0);
        let (title, split) = (choice.title(), experiment.split());
        return Err(error.reworded(|why| say!["{title} could not be fitted to the orders until {split} ", why]));
    }
    evaluation.failures.extend(without);
    let model = |fit: &Fit| of_model(experiment, &came, fit.clone(), of_spend, options).map(Box::new);
    let rule = |baseline| of_baseline(experiment, &came, baseline, hiatus, options.with_spend);
    let done = in_parallel(fits.len() + Baseline::ALL.len(), |i| match i.checked_sub(fits.len()) {
        None => Done::Model(model(&fits[i])),
        Some(i) => Done::Rule(rule(Baseline::ALL[i]).map(Box::new)),
    });
    let (mut calibrated, mut rules): (Vec<Scored>, Vec<Scored>) = (Vec::new(), Vec::new());
    for done in done {
        match done {
            Done::Model(done) => {
                let OfModel { scored, calibrated: mixed, model } = *done?;
                evaluation.scored.push(scored);
                evaluation.models.push(model);
                // A model that is named and chosen is calibrated once.
                let is_new = |mixed: &Scored| !calibrated.iter().any(|other| other.purchases == mixed.purchases);
                calibrated.extend(mixed.filter(is_new));
            }
            Done::Rule(scored) => rules.extend(scored.map(|scored| *scored)),
        }
    }
    evaluation.scored.extend(calibrated.into_iter().chain(rules));
    if evaluation.models.is_empty() && !evaluation.failures.is_empty() {
        let (choice, error) = evaluation.failures.swap_remove(0);
        let (title, split) = (choice.title(), experiment.split());
        return Err(error.reworded(|why| say!["{title} could not be fitted to the orders until {split}: ", why]));
    }
    evaluation.spend = spend;
    Ok(evaluation)
}

/// A model at its estimate, the evidence, beside which others it stood if it was chosen, and what earlier days teach of it.
#[derive(Clone)]
struct Fit {
    model: TimingModel,
    record: FitRecord,
    selection: Option<Selection>,
    /// The spend model, if it has covariates.
    spend: Option<(GammaGamma, FitRecord)>,
    effects: Option<Arc<CustomerEffects>>,
    calibration: Option<std::result::Result<Calibration, Message>>,
}

/// What there is to say of a model, and of what an earlier day makes of it.
struct OfModel {
    scored: Scored,
    calibrated: Option<Scored>,
    model: ModelEvaluation,
}

/// What came of one forecaster.
enum Done {
    /// Or why it could not be evaluated.
    Model(Result<Box<OfModel>>),
    /// None if the data do not tell.
    Rule(Option<Box<Scored>>),
}

/// Gamma-Gamma, if it can tell what everybody spends in the mean.
fn fit_spend(summary: &Summary, options: &FitOptions) -> Result<(GammaGamma, FitRecord)> {
    let (spend, fit) = FitRecord::fit::<GammaGamma, 3>(&summary.counted_spend(), options)?;
    spend.expected_spend(0, 0.0)?;
    Ok((spend, fit))
}

fn of_baseline(
    experiment: &Experiment,
    came: &Came,
    baseline: Baseline,
    hiatus: Day,
    with_spend: bool,
) -> Option<Scored> {
    let Expectations { purchases, value } = baseline.expectations(experiment, hiatus)?;
    let active = match baseline {
        Baseline::Hiatus => Some(active(experiment, hiatus)),
        Baseline::LastPeriod => Some(purchases.iter().map(|n| *n > 0.0).collect()),
        _ => None,
    };
    Some(Scored {
        forecaster: Forecaster::Baseline(baseline),
        purchases: came.purchases.scores(&purchases),
        value: with_spend.then(|| came.value.scores(&value)),
        activity: active.map(|active| ActivityScores::new(&active, &experiment.holdout.purchases)),
    })
}

fn of_model(
    experiment: &Experiment,
    came: &Came,
    Fit { model: timing, record: fit, selection, spend: spend_fit, effects, calibration }: Fit,
    plain_spend: Option<&(GammaGamma, FitRecord)>,
    options: &EvaluationOptions,
) -> Result<OfModel> {
    let summary = &experiment.summary;
    let observation = &summary.observation;
    let (unit, grain, currency) = (observation.unit, observation.grain, summary.currency);
    let spend_and_fit = spend_fit.as_ref().or(plain_spend);
    let spend = spend_and_fit.map(|spend| spend.0);
    let predictor = Predictor { timing, spend, unit, grain, currency, effects: effects.clone() };
    let horizon = Horizon::until(experiment.until);
    let outlook = predictor.outlook(summary)?;
    let customers = outlook.everybody();
    let columns = outlook.undiscounted(&customers, &horizon, &PerCustomer::All(1.0))?;
    let (purchases, value) = (&columns.purchases, columns.clv.as_ref());
    let chances =
        customers.chances(&outlook.chances_ahead(std::slice::from_ref(&horizon))?[0]).p_purchase.unwrap_or_default();
    let active: Vec<bool> = chances.iter().map(|chance| *chance >= 0.5).collect();
    let actual = &came.purchases.numbers;
    let silence: Vec<f64> = summary.T.iter().zip(&summary.recency).map(|(T, recency)| T - recency).collect();
    let forecaster = match (&effects, &selection) {
        (Some(_), chosen) => Forecaster::WithCovariates { model: timing.kind(), chosen: chosen.is_some() },
        (None, None) => Forecaster::Model(timing.kind()),
        (None, Some(_)) => Forecaster::Chosen(timing.kind()),
    };
    let differ = effects.as_ref().is_some_and(|effects| effects.timing.is_some());
    let of_customers = || -> Result<Option<Tracking>> {
        let customers = Modelled::new(&predictor, summary)?;
        Ok(Tracking::of_customers(&customers, summary, &experiment.activity, experiment.until))
    };
    let tracking = if differ { of_customers()? } else { None };
    let alike = || Tracking::new(&timing, observation, &experiment.activity, experiment.until);
    let learned = calibration.as_ref().and_then(|learned| learned.as_ref().ok());
    let (predictive, medians) = predictive(
        &customers,
        experiment,
        (purchases, value.map(Vec::as_slice)),
        learned.map(|learned| learned.widths),
        (&shares("intervals", &options.intervals)?, options.seed),
    )?;
    let of_value = || customers.value_medians(&horizon, &PerCustomer::All(1.0), &[]);
    let value_medians = value.map(|_| of_value()).transpose()?.unwrap_or_default();
    let scored = Scored {
        forecaster,
        purchases: came.purchases.scores_with(purchases, &medians),
        value: value.map(|value| came.value.scores_with(value, &value_medians)),
        activity: Some(ActivityScores::new(&active, &experiment.holdout.purchases)),
    };
    let calibrated = learned.map(|calibration| {
        let last = experiment.recent.expected();
        let mixed = |of, model: &[f64], last: &[f64]| calibration.mixed(of, model, last);
        let purchases = mixed(Quantity::Purchases, purchases, &last.purchases).unwrap_or_default();
        let value = value.and_then(|value| mixed(Quantity::Value, value, &last.value));
        Scored {
            forecaster: Forecaster::Calibrated { model: timing.kind(), chosen: selection.is_some() },
            purchases: came.purchases.scores(&purchases),
            value: value.map(|value| came.value.scores(&value)),
            activity: None,
        }
    });
    let uncertainty = ParameterUncertainty { timing: Some(&fit), spend: spend_and_fit.map(|spend| &spend.1) };
    let past = learned.map_or(&[][..], |learned| &learned.past);
    let ranges = || TestedRange::of(&outlook, &uncertainty, experiment, past, options.seed);
    let total_ranges = calibration.is_some().then(ranges).transpose()?.unwrap_or_default();
    let model = ModelEvaluation {
        forecaster,
        model: timing,
        fit,
        selection,
        effects,
        spend: spend_fit,
        total_ranges,
        calibration,
        purchase_deciles: deciles(purchases, actual),
        value_deciles: value.map(|value| deciles(value, &came.value.numbers)),
        tiers: match value {
            Some(value) => Tiers::new(&options.tiers, value, &came.value.numbers),
            None => Tiers::new(&options.tiers, purchases, actual),
        },
        predictive,
        tracking: tracking.unwrap_or_else(alike),
        by_frequency: by_frequency(&summary.frequency, LAST_BIN, purchases, actual),
        by_recency: conditional_means(&silence, &even_edges(&silence), purchases, actual),
    };
    Ok(OfModel { scored, calibrated, model })
}

/// Groups shown by recency.
const RECENCY_GROUPS: usize = 8;

/// Edges of equally wide groups, whole numbers where that can be, that hold all of these numbers.
fn even_edges(numbers: &[f64]) -> Vec<f64> {
    let largest = numbers.iter().copied().fold(0.0, f64::max);
    let width = ((largest + 1.0) / RECENCY_GROUPS as f64).ceil();
    (0..=RECENCY_GROUPS).map(|i| i as f64 * width).collect()
}
