//! Models and simple rules on the same question: what will these customers do?

use serde::{Deserialize, Serialize};

use super::baselines::{Baseline, Expectations, active};
use super::conditional::{ConditionalGroup, by_frequency, conditional_means};
use super::experiment::Experiment;
use super::histogram::LAST_BIN;
use super::predictive::{Predictive, predictive};
use super::scores::{Actual, Scores};
use super::tiers::{Decile, TierCuts, Tiers, deciles};
use super::tracking::Tracking;
use crate::error::{Error, Result};
use crate::fit::{AUTO, FitOptions, FitRecord, Selection, TimingChoice};
use crate::message::{Message, say};
use crate::models::{GammaGamma, TimingKind, TimingModel, check_distinct};
use crate::parallel::in_parallel;
use crate::predict::{DiscountRate, Horizon, Predictor, Valuation, shares};
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
        self.fit.check()
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
    /// The models first, then the simple rules.
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

/// Who expected something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forecaster {
    /// A model.
    Model(TimingKind),
    /// The model that [`TimingChoice::Auto`] chose.
    Chosen(TimingKind),
    /// A simple rule.
    Baseline(Baseline),
}

impl Forecaster {
    /// Name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model(kind) => kind.name(),
            Self::Chosen(_) => AUTO,
            Self::Baseline(baseline) => baseline.name(),
        }
    }

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Model(kind) | Self::Chosen(kind) => kind.title(),
            Self::Baseline(baseline) => baseline.title(),
        }
    }

    /// Name for people, where the same model may appear twice.
    pub fn label(self) -> String {
        match self {
            Self::Chosen(kind) => format!("{AUTO}: {}", kind.title()),
            _ => self.title().to_owned(),
        }
    }

    /// Whether it is a model, named or chosen.
    pub fn is_model(self) -> bool {
        !matches!(self, Self::Baseline(_))
    }

    /// Whether it could have been known on the split.
    pub fn is_foresight(self) -> bool {
        self != Self::Baseline(Baseline::Hindsight)
    }
}

/// What is foreseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Number of purchases.
    Purchases,
    /// Their value.
    Value,
}

impl Quantity {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Purchases, Self::Value];

    /// What the quantity is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Purchases => "purchases",
            Self::Value => "value",
        }
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
    let gamma_gamma = spend.as_ref().and_then(|spend| Some(spend.as_ref().ok()?.0));
    let data = summary.counted_histories();
    // One after the other: the slow ones are on all cores.
    let mut fits = Vec::new();
    for &choice in &options.models {
        match choice.check_observation(&summary.observation).and_then(|()| choice.fit(&data, &options.fit)) {
            Ok(fit) => fits.push(fit),
            Err(error) => evaluation.failures.push((choice, error)),
        }
    }
    let model = |fit: &Fit| of_model(experiment, &came, fit.clone(), gamma_gamma, options).map(Box::new);
    let rule = |baseline| of_baseline(experiment, &came, baseline, hiatus, options.with_spend);
    let done = in_parallel(fits.len() + Baseline::ALL.len(), |i| match i.checked_sub(fits.len()) {
        None => Done::Model(model(&fits[i])),
        Some(i) => Done::Rule(rule(Baseline::ALL[i]).map(Box::new)),
    });
    for done in done {
        match done {
            Done::Model(done) => {
                let (scored, model) = *done?;
                evaluation.scored.push(scored);
                evaluation.models.push(model);
            }
            Done::Rule(scored) => evaluation.scored.extend(scored.map(|scored| *scored)),
        }
    }
    if evaluation.models.is_empty() && !evaluation.failures.is_empty() {
        let (choice, error) = evaluation.failures.swap_remove(0);
        let (title, split) = (choice.title(), experiment.split());
        return Err(error.reworded(|why| say!["{title} could not be fitted to the orders until {split}: ", why]));
    }
    evaluation.spend = spend;
    Ok(evaluation)
}

/// A model at its estimate, the evidence, and beside which others it stood if it was chosen.
type Fit = (TimingModel, FitRecord, Option<Selection>);

/// What came of one forecaster.
enum Done {
    /// Or why it could not be evaluated.
    Model(Result<Box<(Scored, ModelEvaluation)>>),
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
    (timing, fit, selection): Fit,
    spend: Option<GammaGamma>,
    options: &EvaluationOptions,
) -> Result<(Scored, ModelEvaluation)> {
    let summary = &experiment.summary;
    let observation = &summary.observation;
    let (unit, grain, currency) = (observation.unit, observation.grain, summary.currency);
    let predictor = Predictor { timing, spend, unit, grain, currency, effects: None };
    let horizon = Horizon::until(experiment.until);
    let horizons = std::slice::from_ref(&horizon);
    let outlook = predictor.outlook(summary)?;
    let customers = outlook.everybody();
    let forecast = customers.forecast(&outlook.ahead(horizons, &DiscountRate::default())?, &Valuation::default())?;
    let columns = &forecast.horizons[0];
    let (purchases, value) = (&columns.purchases, columns.clv.as_ref());
    let chances = customers.chances(&outlook.chances_ahead(horizons)?[0]).p_purchase.unwrap_or_default();
    let active: Vec<bool> = chances.iter().map(|chance| *chance >= 0.5).collect();
    let actual = &came.purchases.numbers;
    let silence: Vec<f64> = summary.T.iter().zip(&summary.recency).map(|(T, recency)| T - recency).collect();
    let forecaster = match selection {
        None => Forecaster::Model(timing.kind()),
        Some(_) => Forecaster::Chosen(timing.kind()),
    };
    let scored = Scored {
        forecaster,
        purchases: came.purchases.scores(purchases),
        value: value.map(|value| came.value.scores(value)),
        activity: Some(ActivityScores::new(&active, &experiment.holdout.purchases)),
    };
    let model = ModelEvaluation {
        forecaster,
        model: timing,
        fit,
        selection,
        purchase_deciles: deciles(purchases, actual),
        value_deciles: value.map(|value| deciles(value, &came.value.numbers)),
        tiers: match value {
            Some(value) => Tiers::new(&options.tiers, value, &came.value.numbers),
            None => Tiers::new(&options.tiers, purchases, actual),
        },
        predictive: predictive(&customers, experiment, &shares("intervals", &options.intervals)?, options.seed)?,
        tracking: Tracking::new(&timing, observation, &experiment.activity, experiment.until),
        by_frequency: by_frequency(&summary.frequency, LAST_BIN, purchases, actual),
        by_recency: conditional_means(&silence, &even_edges(&silence), purchases, actual),
    };
    Ok((scored, model))
}

/// Groups shown by recency.
const RECENCY_GROUPS: usize = 8;

/// Edges of equally wide groups, whole numbers where that can be, that hold all of these numbers.
fn even_edges(numbers: &[f64]) -> Vec<f64> {
    let largest = numbers.iter().copied().fold(0.0, f64::max);
    let width = ((largest + 1.0) / RECENCY_GROUPS as f64).ceil();
    (0..=RECENCY_GROUPS).map(|i| i as f64 * width).collect()
}
