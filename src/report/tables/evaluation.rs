//! An evaluation as small tables.

use super::effects::coefficients_table;
use crate::answers::effect_rows;
use crate::evaluate::{
    ConditionalGroup, Coverage, Decile, Evaluation, Forecaster, ModelEvaluation, PastForecast, PastTotal, Quantity,
    Scored, Scores, Spread, TestedRange,
};
use crate::report::DataTable;

/// A score by name, and what it is.
pub type Score = (&'static str, fn(&Scores) -> Option<f64>);

/// The scores of purchases or of value, in the order in which they are shown.
pub const SCORES: [Score; 12] = [
    ("expected", |scores| Some(scores.expected)),
    ("actual", |scores| Some(scores.actual)),
    ("total_error", Scores::total_error),
    ("mean_absolute_error", |scores| Some(scores.mean_absolute_error)),
    ("mean_absolute_error_of_mean", |scores| Some(scores.mean_absolute_error_of_mean)),
    ("root_mean_square_error", |scores| Some(scores.root_mean_square_error)),
    ("bias", |scores| Some(scores.bias())),
    ("correlation", |scores| scores.correlation),
    ("rank_correlation", |scores| scores.rank_correlation),
    ("gini", |scores| scores.gini),
    ("top_10", |scores| scores.top[0]),
    ("top_20", |scores| scores.top[1]),
];

fn kind(forecaster: Forecaster) -> &'static str {
    match forecaster {
        Forecaster::Model(_) => "model",
        Forecaster::Chosen(_) => "chosen model",
        Forecaster::WithCovariates { chosen: false, .. } => "model",
        Forecaster::WithCovariates { chosen: true, .. } => "chosen model",
        Forecaster::Calibrated { .. } => "calibrated model",
        Forecaster::Baseline(_) if forecaster.is_foresight() => "baseline",
        Forecaster::Baseline(_) => "hindsight",
    }
}

/// Everybody's scores of one quantity on one split.
pub fn scores_of(evaluation: &Evaluation, what: Quantity) -> DataTable {
    let name = format!("scores-{}", what.name());
    scores_table(&name, std::slice::from_ref(evaluation), &[what])
}

/// Every table: scores of all splits, the others of the latest, which comes first; those of a second model are named after it.
pub fn all(evaluations: &[Evaluation]) -> Vec<DataTable> {
    let first = &evaluations[0];
    let mut all = vec![scores(evaluations), activity(first)];
    if evaluations.len() > 1 {
        all.push(spread(evaluations));
    }
    all.push(contenders(evaluations));
    all.push(calibrations(evaluations));
    all.push(past_forecasts(evaluations));
    all.push(total_ranges(evaluations));
    for (i, model) in first.models.iter().enumerate() {
        all.extend(of_model(model).into_iter().map(|mut table| {
            if i > 0 {
                table.name = format!("{}-{}", table.name, model.forecaster.name());
            }
            table
        }));
    }
    all
}

/// The models among which was chosen on each split, the best first.
fn contenders(evaluations: &[Evaluation]) -> DataTable {
    let rows = || {
        evaluations.iter().flat_map(|evaluation| {
            let selections = evaluation.models.iter().filter_map(|model| model.selection.as_ref());
            selections.flat_map(move |chosen| chosen.contenders.iter().map(move |one| (evaluation.split, one)))
        })
    };
    DataTable::new("contenders", "What was chosen from")
        .text("split", rows().map(|(split, _)| split.to_string()))
        .text("model", rows().map(|(_, one)| one.model.name()))
        .whole("parameters", rows().map(|(_, one)| one.parameters as u64))
        .real("log_likelihood", rows().map(|(_, one)| one.log_likelihood))
        .real("bic", rows().map(|(_, one)| one.bic))
}

/// What earlier days taught on each split: how much of a model's expectation, and of the last period, is taken.
pub fn calibrations(evaluations: &[Evaluation]) -> DataTable {
    let rows = || {
        evaluations.iter().flat_map(|evaluation| {
            let learned =
                evaluation.models.iter().filter_map(|model| Some((model, model.calibration.as_ref()?.as_ref().ok()?)));
            learned.flat_map(move |(model, calibration)| {
                Quantity::ALL.into_iter().flat_map(move |what| {
                    let weights = calibration.weights(what);
                    let parts =
                        weights.map(|w| [("model", w.model, w.left_out), ("last-period", w.last_period, w.left_out)]);
                    let of = move |(part, weight, left_out)| {
                        (evaluation.split, model, calibration, what, part, weight, left_out)
                    };
                    parts.into_iter().flatten().map(of)
                })
            })
        })
    };
    DataTable::new("calibration", "What earlier days taught")
        .text("split", rows().map(|row| row.0.to_string()))
        .text("learned_on", rows().map(|row| row.2.past.first().map(|past| past.day.to_string()).unwrap_or_default()))
        .text("learned_from", rows().map(|row| row.2.past.last().map(|past| past.day.to_string()).unwrap_or_default()))
        .whole("days", rows().map(|row| row.2.past.len() as u64))
        .text("forecaster", rows().map(|row| row.1.forecaster.name()))
        .text("model", rows().map(|row| row.2.model.name()))
        .whole("customers", rows().map(|row| row.2.customers))
        .text("what", rows().map(|row| row.3.name()))
        .text("part", rows().map(|row| row.4))
        .real("weight", rows().map(|row| row.5.estimate))
        .real("standard_error", rows().map(|row| row.5.standard_error))
        .whole("left_out", rows().map(|row| row.6 as u64))
}

/// What models expected on earlier days in all, and what came: the errors that the ranges of totals are widened by.
pub fn past_forecasts(evaluations: &[Evaluation]) -> DataTable {
    let mut rows: Vec<(&Evaluation, &ModelEvaluation, &PastForecast, Quantity, PastTotal)> = Vec::new();
    for evaluation in evaluations {
        for model in &evaluation.models {
            for past in model.past() {
                let totals = Quantity::ALL.into_iter().filter_map(|what| Some((what, past.total(what)?)));
                rows.extend(totals.map(|(what, total)| (evaluation, model, past, what, total)));
            }
        }
    }
    DataTable::new("past-forecasts", "What was expected on earlier days, and what came")
        .text("split", rows.iter().map(|row| row.0.split.to_string()))
        .text("forecaster", rows.iter().map(|row| row.1.forecaster.name()))
        .text("day", rows.iter().map(|row| row.2.day.to_string()))
        .text("until", rows.iter().map(|row| row.2.until.to_string()))
        .text("what", rows.iter().map(|row| row.3.name()))
        .real("expected", rows.iter().map(|row| row.4.expected))
        .real("actual", rows.iter().map(|row| row.4.came))
}

/// Ranges of the totals of the holdout, by the model and with its past errors, and what came.
pub fn total_ranges(evaluations: &[Evaluation]) -> DataTable {
    let mut rows: Vec<(&Evaluation, &ModelEvaluation, &TestedRange)> = Vec::new();
    for evaluation in evaluations {
        for model in &evaluation.models {
            rows.extend(model.total_ranges.iter().map(|range| (evaluation, model, range)));
        }
    }
    let past = |end: fn(&(f64, f64)) -> f64| rows.iter().map(move |row| row.2.range.with_past_errors.as_ref().map(end));
    let table = DataTable::new("total-ranges", "80% ranges of totals, and what came")
        .text("split", rows.iter().map(|row| row.0.split.to_string()))
        .text("forecaster", rows.iter().map(|row| row.1.forecaster.name()))
        .text("what", rows.iter().map(|row| row.2.what.name()))
        .real("expected", rows.iter().map(|row| row.2.expected))
        .real("actual", rows.iter().map(|row| row.2.actual))
        .real("lo80", rows.iter().map(|row| row.2.range.by_model.0))
        .real("hi80", rows.iter().map(|row| row.2.range.by_model.1));
    table
        .whole("past_forecasts", rows.iter().map(|row| row.2.range.past_forecasts as u64))
        .real("lo80_past", past(|range| range.0))
        .real("hi80_past", past(|range| range.1))
}

/// Everybody's scores on every split.
pub fn scores(evaluations: &[Evaluation]) -> DataTable {
    scores_table("scores", evaluations, &Quantity::ALL)
}

fn scores_table(name: &str, evaluations: &[Evaluation], quantities: &[Quantity]) -> DataTable {
    let rows: Vec<(&Evaluation, &Scored, &str, Scores)> = evaluations
        .iter()
        .flat_map(|evaluation| evaluation.scored.iter().map(move |scored| (evaluation, scored)))
        .flat_map(|(evaluation, scored)| {
            quantities.iter().filter_map(move |&what| Some((evaluation, scored, what.name(), scored.of(what)?)))
        })
        .collect();
    let table = DataTable::new(name, "Errors in the test")
        .text("split", rows.iter().map(|row| row.0.split.to_string()))
        .text("until", rows.iter().map(|row| row.0.until.to_string()))
        .text("forecaster", rows.iter().map(|row| row.1.forecaster.name()))
        .text("kind", rows.iter().map(|row| kind(row.1.forecaster)))
        .text("what", rows.iter().map(|row| row.2))
        .whole("customers", rows.iter().map(|row| row.3.customers));
    SCORES.iter().fold(table, |table, (name, of)| table.real(name, rows.iter().map(|row| of(&row.3))))
}

/// Means of the scores over several splits, and their standard deviations.
pub fn spread(evaluations: &[Evaluation]) -> DataTable {
    let Some(first) = evaluations.first() else { return DataTable::new("spread", "") };
    let mut rows: Vec<(Forecaster, &str, &str, Spread)> = Vec::new();
    for forecaster in first.scored.iter().map(|scored| scored.forecaster) {
        for what in Quantity::ALL {
            for (name, score) in SCORES {
                let spread = Spread::of(evaluations, forecaster, |scored| score(&scored.of(what)?));
                rows.extend(spread.map(|spread| (forecaster, what.name(), name, spread)));
            }
        }
    }
    DataTable::new("spread", "Errors over several splits")
        .text("forecaster", rows.iter().map(|row| row.0.name()))
        .text("kind", rows.iter().map(|row| kind(row.0)))
        .text("what", rows.iter().map(|row| row.1))
        .text("score", rows.iter().map(|row| row.2))
        .whole("splits", rows.iter().map(|row| row.3.splits as u64))
        .real("mean", rows.iter().map(|row| row.3.mean))
        .real("sd", rows.iter().map(|row| row.3.sd))
}

/// Who was expected to purchase, and who did.
pub fn activity(evaluation: &Evaluation) -> DataTable {
    let rows = || evaluation.scored.iter().filter_map(|scored| Some((scored.forecaster, scored.activity?)));
    DataTable::new("activity", "Who purchases at all")
        .text("forecaster", rows().map(|row| row.0.name()))
        .whole("right_active", rows().map(|row| row.1.right_active))
        .whole("wrong_active", rows().map(|row| row.1.wrong_active))
        .whole("wrong_inactive", rows().map(|row| row.1.wrong_inactive))
        .whole("right_inactive", rows().map(|row| row.1.right_inactive))
        .real("accuracy", rows().map(|row| row.1.accuracy()))
        .real("sensitivity", rows().map(|row| row.1.sensitivity()))
        .real("specificity", rows().map(|row| row.1.specificity()))
}

/// All that there is to show of one model.
pub fn of_model(evaluation: &ModelEvaluation) -> Vec<DataTable> {
    vec![
        deciles("purchase-deciles", "Purchases by tenths of the customers", Some(&evaluation.purchase_deciles)),
        deciles("value-deciles", "Value by tenths of the customers", evaluation.value_deciles.as_ref()),
        tiers(evaluation),
        confusion(evaluation),
        coverage(evaluation),
        coefficients(evaluation),
        tracking(evaluation),
        conditional("by-frequency", "Purchases by repeat purchases before", "frequency", &evaluation.by_frequency),
        conditional("by-recency", "Purchases by time since the last one", "silence", &evaluation.by_recency),
    ]
}

/// What covariates do in it, if it has any.
fn coefficients(evaluation: &ModelEvaluation) -> DataTable {
    let (effects, spend) = (evaluation.effects.as_deref(), evaluation.spend.as_ref().map(|(_, fit)| fit));
    let timing = effects.and_then(|effects| effects.timing.as_ref()).map(|timing| (timing, Some(&evaluation.fit)));
    let spend = effects.and_then(|effects| effects.spend.as_ref()).map(|effects| (effects, spend));
    let rows = timing.into_iter().chain(spend).flat_map(|(effects, fit)| effect_rows(effects, fit));
    coefficients_table(&rows.collect::<Vec<_>>())
}

fn deciles(name: &str, title: &str, deciles: Option<&Vec<Decile>>) -> DataTable {
    let rows = || deciles.into_iter().flatten();
    DataTable::new(name, title)
        .whole("decile", rows().map(|row| u64::from(row.decile)))
        .real("customers", rows().map(|row| row.customers))
        .real("expected", rows().map(|row| row.expected))
        .real("actual", rows().map(|row| row.actual))
}

/// Tiers by expectation, and what they brought.
pub fn tiers(evaluation: &ModelEvaluation) -> DataTable {
    let rows = || evaluation.tiers.tiers.iter();
    DataTable::new("tiers", "Tiers by expectation")
        .text("tier", rows().map(|row| &*row.name))
        .real("customers", rows().map(|row| row.customers))
        .real("expected", rows().map(|row| row.expected))
        .real("actual", rows().map(|row| row.actual))
        .real("nothing", rows().map(|row| row.nothing))
        .real("share", rows().map(|row| row.share))
        .real("precision", rows().map(|row| row.precision))
        .real("recall", rows().map(|row| row.recall))
        .real("f1", rows().map(|row| row.f1))
}

fn confusion(evaluation: &ModelEvaluation) -> DataTable {
    let tiers = &evaluation.tiers;
    let cells = || {
        let rows = tiers.tiers.iter().zip(&tiers.confusion);
        rows.flat_map(|(expected, row)| tiers.tiers.iter().zip(row).map(move |(actual, n)| (expected, actual, *n)))
    };
    DataTable::new("confusion", "Tiers by expectation and by what came")
        .text("expected", cells().map(|cell| &*cell.0.name))
        .text("actual", cells().map(|cell| &*cell.1.name))
        .real("customers", cells().map(|cell| cell.2))
}

/// How often intervals held.
pub fn coverage(evaluation: &ModelEvaluation) -> DataTable {
    let of = |what: &'static str, intervals: &[Coverage]| -> Vec<(&'static str, Coverage)> {
        intervals.iter().map(|coverage| (what, *coverage)).collect()
    };
    let mut rows = of("purchases", &evaluation.predictive.purchases);
    rows.extend(evaluation.predictive.value.iter().flat_map(|(_, intervals)| of("value", intervals)));
    DataTable::new("coverage", "How often intervals held")
        .text("what", rows.iter().map(|row| row.0))
        .real("interval", rows.iter().map(|row| row.1.share))
        .real("expected", rows.iter().map(|row| row.1.expected))
        .real("covered", rows.iter().map(|row| row.1.covered))
        .real("widened", rows.iter().map(|row| row.1.widened))
}

fn tracking(evaluation: &ModelEvaluation) -> DataTable {
    let (all, within) = (&evaluation.tracking.points, evaluation.tracking.by_period());
    DataTable::new("tracking", "Repeat purchases by period")
        .text("end_day", all.iter().map(|point| point.end.to_string()))
        .whole("actual", within.iter().map(|point| point.actual))
        .real("expected", within.iter().map(|point| point.expected))
        .whole("cumulative_actual", all.iter().map(|point| point.actual))
        .real("cumulative_expected", all.iter().map(|point| point.expected))
}

fn conditional(name: &str, title: &str, by: &str, groups: &[ConditionalGroup]) -> DataTable {
    let label = |group: &ConditionalGroup| match group.to {
        to if to.is_infinite() => format!("{}+", group.from),
        to if to == group.from + 1.0 => group.from.to_string(),
        to => format!("{} to {to}", group.from),
    };
    DataTable::new(name, title)
        .text(by, groups.iter().map(label))
        .whole("customers", groups.iter().map(|group| group.customers))
        .real("actual", groups.iter().map(|group| group.actual))
        .real("expected", groups.iter().map(|group| group.expected))
}
