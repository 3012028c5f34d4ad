//! An evaluation in words for people, in tables for files, and in JSON for machines.

use serde_json::{Value, json};

use crate::cli::shared::loaded_summary::Loaded;
use crate::cli::text::as_flag::as_flag;
use crate::cli::text::console::Console;
use crate::cli::text::words::{self, digits, number, rule, whole};
use crate::error::Result;
use crate::evaluate::{Calibration, Evaluation, Forecaster, ModelEvaluation, Quantity, Weight, Weights};
use crate::message::say;
use crate::models::{GammaGamma, Likelihood};
use crate::number_format::percent;
use crate::report::{Beside, DataTable, Format, TableView, evaluation_tables as tables};
use crate::summary::{Day, Grain};

/// One split, in words.
pub(super) fn describe_split(evaluation: &Evaluation, loaded: &Loaded, console: &mut Console) -> Result<()> {
    let Evaluation { split, until, customers, joined_later, .. } = evaluation;
    let later = if *joined_later > 0 {
        format!("; {} more joined later and are not scored", whole(*joined_later))
    } else {
        String::new()
    };
    let begin = Day(split.0 + 1);
    console.say(format!(
        "\nHoldout from {begin} to {until}: {} known on {split}{later}",
        words::counted(*customers, "customer")
    ))?;
    for what in Quantity::ALL {
        describe_scores(evaluation, what, console)?;
    }
    console.say(
        "MAE: of a model's medians, its best numbers by absolute error; of the expectations of the others\n\
         ranks: Spearman; Gini: normalised; top: share of the actual total from the customers with the highest \
         expectations",
    )?;
    if let Some(Err(error)) = &evaluation.spend {
        console.warn(say!["the models give no expected value: ", error.message()]);
    }
    for (kind, error) in &evaluation.failures {
        console.warn(say![kind.title(), " is left out: ", error.message()]);
    }
    describe_activity(evaluation, console)?;
    evaluation.models.iter().try_for_each(|model| describe_model(model, evaluation, loaded, console))
}

/// The names of forecasters as people read them, where the same model may stand twice.
fn labelled(table: DataTable, evaluation: &Evaluation) -> DataTable {
    let forecasters = || evaluation.scored.iter().map(|scored| scored.forecaster);
    table.relabelled("forecaster", |name| {
        forecasters().find(|who| who.name() == name).map_or_else(|| name.to_owned(), Forecaster::label)
    })
}

fn describe_scores(evaluation: &Evaluation, what: Quantity, console: &mut Console) -> Result<()> {
    let scores = labelled(tables::scores_of(evaluation, what), evaluation);
    let Some(actual) = scores.column("actual").filter(|cells| !cells.is_empty()).and_then(|cells| cells.number(0))
    else {
        return Ok(());
    };
    let (title, decimals, of_errors) = match what {
        Quantity::Purchases => ("Purchases", 0, 4),
        Quantity::Value => ("Value", 2, 3),
    };
    let view = TableView::new(format!("{title}: {} actual", number(actual, decimals)), scores)
        .column("forecaster", "forecast", Format::Plain)
        .column("expected", "total", Format::Number(decimals.max(1) as u8))
        .column("total_error", "off by", Format::SignedPercent(1))
        .column("mean_absolute_error", "MAE", Format::Number(of_errors))
        .column("root_mean_square_error", "RMSE", Format::Number(of_errors))
        .column("bias", "bias", Format::Number(of_errors))
        .column("correlation", "corr.", Format::Number(3))
        .column("rank_correlation", "ranks", Format::Number(3))
        .column("gini", "Gini", Format::Number(3))
        .column("top_10", "top 10%", Format::Percent(1))
        .column("top_20", "top 20%", Format::Percent(1));
    console.table(&view)
}

fn describe_activity(evaluation: &Evaluation, console: &mut Console) -> Result<()> {
    let view = TableView::new("Who purchases at all", labelled(tables::activity(evaluation), evaluation))
        .column("forecaster", "forecast", Format::Plain)
        .column("accuracy", "correct", Format::Percent(1))
        .column("sensitivity", "of those who did", Format::Percent(1))
        .column("specificity", "of those who did not", Format::Percent(1));
    console.table(&view)
}

fn describe_model(
    model: &ModelEvaluation,
    evaluation: &Evaluation,
    loaded: &Loaded,
    console: &mut Console,
) -> Result<()> {
    let title = model.forecaster.title();
    let parameters = model.model.parameters().into_iter().map(|(name, value)| format!("{name} {}", digits(value)));
    let parameters: Vec<String> = parameters.collect();
    console.say(format!("\n{}: {} ({})", model.forecaster.label(), parameters.join(", "), model.fit.verdict.word()))?;
    if let Some(selection) = model.selection.as_ref().filter(|_| model.effects.is_none()) {
        words::chosen(console, selection)?;
        if evaluation.models.iter().any(|other| other.forecaster == Forecaster::Model(model.model.kind())) {
            return console.say("  its figures are above");
        }
    }
    match &model.calibration {
        None => (),
        Some(Ok(calibration)) => calibrated(calibration, console)?,
        Some(Err(why)) => console.say(format!("  no calibrated forecast: {}", why.render(as_flag)))?,
    }
    let of_spend = model.spend.iter().flat_map(|(_, fit)| &fit.cautions).map(|caution| ("Gamma-Gamma", caution));
    for (title, caution) in model.fit.cautions.iter().map(|caution| (&*title, caution)).chain(of_spend) {
        console.warn(say!["{title}: ", caution]);
    }
    let (of_timing, of_spend) =
        model.effects.as_deref().map_or((None, None), |effects| (effects.timing.as_ref(), effects.spend.as_ref()));
    words::effects(console, of_timing, Some(&model.fit))?;
    let alike = evaluation.spend.as_ref().and_then(|spend| spend.as_ref().ok());
    if let Some((spend, fit)) = model.spend.as_ref().or(alike) {
        let [p, q, gamma] = spend.parameters().map(digits);
        console.say(format!("Gamma-Gamma: p {p}, q {q}, gamma {gamma} ({})", fit.verdict.word()))?;
        words::effects(console, of_spend, Some(fit))?;
    }
    let what = if model.value_deciles.is_some() { "value" } else { "purchases" };
    tables::of_model(model)
        .into_iter()
        .filter_map(|table| view_of(table, what))
        .try_for_each(|view| console.table(&view))?;
    console.say(format!(
        "log score of the number of purchases {:.4} per customer (histogram in hindsight, all customers alike: {:.4})",
        model.predictive.log_score, model.predictive.pooled_log_score
    ))?;
    if let Some(error) = model.tracking.mean_absolute_percentage_error() {
        let period = match loaded.summary.observation.grain {
            Grain::Day => Grain::Week,
            grain => grain,
        };
        console.say(format!("total purchases by {period}: off by {} on average (MAPE)", percent(error, 1)))?;
    }
    console.say(rule(loaded.summary.observation.unit))
}

/// How a table of a model is shown, if it is; `what` it expects of customers before all.
fn view_of(table: DataTable, what: &str) -> Option<TableView> {
    let name = table.name.clone();
    Some(match &*name {
        "purchase-deciles" | "value-deciles" if name.starts_with(what.trim_end_matches('s')) => {
            TableView::new(format!("Deciles of customers by expected {what}, per customer"), table)
                .column("decile", "decile", Format::Number(0))
                .column("customers", "customers", Format::Number(0))
                .column("expected", "expected", Format::Number(2))
                .column("actual", "actual", Format::Number(2))
        }
        "tiers" => TableView::new(format!("Tiers of {what}"), table)
            .column("tier", "tier", Format::Plain)
            .column("customers", "customers", Format::Number(0))
            .column("expected", "expected", Format::Number(0))
            .column("actual", "actual", Format::Number(0))
            .column("share", "share", Format::Percent(1))
            .column("nothing", "brought nothing", Format::Number(0))
            .column("precision", "precision", Format::Number(3))
            .column("recall", "recall", Format::Number(3))
            .column("f1", "F1", Format::Number(3)),
        "confusion" => {
            let wide = table.pivoted("expected", "actual", &["customers"]);
            let tiers: Vec<String> = wide.columns.iter().skip(1).map(|column| column.name.clone()).collect();
            let caption = "Customers by expected tier (down) and actual tier (across); ties are split";
            let view = TableView::new(caption, wide).column("expected", "tier", Format::Plain);
            tiers.iter().fold(view, |view, tier| view.column(tier, tier, Format::Number(1)))
        }
        "coverage" => {
            let is_learned =
                table.column("widened").is_some_and(|cells| !cells.is_empty() && cells.number(0).is_some());
            let view = TableView::new(
                "Intervals for single customers: nominal coverage, coverage by the model, actual coverage",
                table,
            )
            .column("what", "of", Format::Plain)
            .column("interval", "nominal", Format::Percent(1))
            .column("expected", "by the model", Format::Percent(1))
            .column("covered", "actual", Format::Percent(1));
            if is_learned { view.column("widened", "calibrated", Format::Percent(1)) } else { view }
        }
        _ => return None,
    })
}

/// How much is taken of the model's expectation, and of the last period, with standard errors.
fn calibrated(calibration: &Calibration, console: &mut Console) -> Result<()> {
    let weight = |weight: Weight| match weight.standard_error {
        Some(error) => format!("{} ({})", number(weight.estimate, 3), number(error, 3)),
        None => number(weight.estimate, 3),
    };
    let of = |what: Quantity| {
        let Weights { model, last_period, left_out } = calibration.weights(what)?;
        let without = match left_out {
            0 => String::new(),
            n => format!(", without {} who alone would have decided", words::counted(n as u64, "customer")),
        };
        Some(format!("{} {} and {}{without}", what.name(), weight(model), weight(last_period)))
    };
    let weights: Vec<String> = Quantity::ALL.into_iter().filter_map(of).collect();
    console.say(format!(
        "  calibrated {}, with weights of the model and of the last period (and standard errors): {}",
        calibration.days_in_words(),
        weights.join("; ")
    ))
}

/// Means over several splits.
pub(super) fn describe_spread(evaluations: &[Evaluation], console: &mut Console) -> Result<()> {
    const SHOWN: [(&str, &str); 5] = [
        ("total_error", "off by"),
        ("mean_absolute_error", "MAE"),
        ("root_mean_square_error", "RMSE"),
        ("rank_correlation", "ranks"),
        ("gini", "Gini"),
    ];
    let titles = |name: &str| {
        let forecasters = evaluations[0].scored.iter().map(|scored| scored.forecaster);
        // The chosen model may be another one on each split, and so is called by how it is chosen.
        let is_named =
            |who: &Forecaster| !matches!(who, Forecaster::Chosen(_) | Forecaster::Calibrated { chosen: true, .. });
        let named = forecasters.filter(is_named).find(|who| who.name() == name);
        named.map_or_else(|| name.to_owned(), |who| who.title().into_owned())
    };
    for what in Quantity::ALL {
        let table = tables::spread(evaluations).rows_where("what", what.name());
        if table.is_empty() {
            continue;
        }
        let wide = table.pivoted("forecaster", "score", &["mean", "sd"]).relabelled("forecaster", titles);
        let caption = format!("{} splits: {}, means and standard deviations", evaluations.len(), what.name());
        let view = TableView::new(caption, wide).column("forecaster", "forecast", Format::Plain);
        let view = SHOWN.iter().fold(view, |view, (score, heading)| {
            view.column_beside(score, heading, Format::Number(4), Beside::InBrackets(format!("{score} sd")))
        });
        console.table(&view)?;
    }
    Ok(())
}

pub(super) fn evaluation_json(evaluation: &Evaluation) -> Value {
    let model = |model: &ModelEvaluation| {
        let tables = tables::of_model(model).into_iter().map(|table| (table.name.replace('-', "_"), table.records()));
        let mut all: serde_json::Map<String, Value> = tables.collect();
        let parameters: std::collections::BTreeMap<_, _> = model.model.parameters().into_iter().collect();
        all.insert("forecaster".to_owned(), json!(model.forecaster.name()));
        all.insert("model".to_owned(), json!(model.model.kind().name()));
        all.insert("selection".to_owned(), json!(model.selection));
        all.insert("parameters".to_owned(), json!(parameters));
        if let Some(effects) = &model.effects {
            all.insert("covariates".to_owned(), json!(effects.timing));
            let of_spend = model.spend.as_ref().map(|(spend, _)| {
                let parameters: std::collections::BTreeMap<_, _> =
                    GammaGamma::PARAMETERS.into_iter().zip(spend.parameters()).collect();
                json!({ "parameters": parameters, "covariates": effects.spend })
            });
            all.insert("spend".to_owned(), json!(of_spend));
        }
        all.insert("verdict".to_owned(), json!(model.fit.verdict.word()));
        let not_calibrated =
            model.calibration.as_ref().and_then(|learned| learned.as_ref().err()).map(|why| why.render(as_flag));
        all.insert("not_calibrated".to_owned(), json!(not_calibrated));
        all.insert("log_score".to_owned(), json!(model.predictive.log_score));
        all.insert("pooled_log_score".to_owned(), json!(model.predictive.pooled_log_score));
        all.insert("tracking_mape".to_owned(), json!(model.tracking.mean_absolute_percentage_error()));
        Value::Object(all)
    };
    json!({
        "split": evaluation.split,
        "until": evaluation.until,
        "customers": evaluation.customers,
        "joined_later": evaluation.joined_later,
        "scores": tables::scores(std::slice::from_ref(evaluation)).records(),
        "activity": tables::activity(evaluation).records(),
        "calibration": tables::calibrations(std::slice::from_ref(evaluation)).records(),
        "past_forecasts": tables::past_forecasts(std::slice::from_ref(evaluation)).records(),
        "total_ranges": tables::total_ranges(std::slice::from_ref(evaluation)).records(),
        "models": evaluation.models.iter().map(model).collect::<Vec<Value>>(),
        "failures": evaluation.failures.iter().map(|(kind, error)| json!({ "model": kind.name(), "error": error.message().render(as_flag) })).collect::<Vec<Value>>(),
    })
}
