//! An evaluation in words for people, in tables for files, and in JSON for machines.

use serde_json::{Value, json};

use crate::cli::shared::loaded_summary::Loaded;
use crate::cli::text::console::Console;
use crate::cli::text::words::{self, digits, number, rule, whole};
use crate::error::Result;
use crate::evaluate::{Evaluation, Forecaster, ModelEvaluation, Quantity, Scores, Spread};
use crate::fit::AUTO;
use crate::models::Likelihood;
use crate::report::evaluation_tables as tables;
use crate::summary::{Day, Grain};

const LABEL: usize = 26;

/// Head and width of a column of scores, and how a cell is written with so many decimals of a total.
type Column = (&'static str, usize, fn(&Scores, usize) -> String);

const COLUMNS: [Column; 10] = [
    ("total", 14, |scores, decimals| number(scores.expected, decimals)),
    ("off by", 9, |scores, _| percent(scores.total_error(), true)),
    ("MAE", 10, |scores, decimals| number(scores.mean_absolute_error, 4.min(5 - decimals))),
    ("RMSE", 10, |scores, decimals| number(scores.root_mean_square_error, 4.min(5 - decimals))),
    ("bias", 10, |scores, decimals| number(scores.bias(), 4.min(5 - decimals))),
    ("corr.", 7, |scores, _| decimal(scores.correlation)),
    ("ranks", 7, |scores, _| decimal(scores.rank_correlation)),
    ("Gini", 7, |scores, _| decimal(scores.gini)),
    ("top 10%", 9, |scores, _| percent(scores.top[0], false)),
    ("top 20%", 9, |scores, _| percent(scores.top[1], false)),
];

fn percent(share: Option<f64>, signed: bool) -> String {
    match share {
        // A zero has no sign, nor has what is rounded to one.
        Some(share) if share.abs() < 0.0005 => "0.0%".to_owned(),
        Some(share) if signed => format!("{:+.1}%", 100.0 * share),
        Some(share) => format!("{:.1}%", 100.0 * share),
        None => "-".to_owned(),
    }
}

fn decimal(score: Option<f64>) -> String {
    score.map_or_else(|| "-".to_owned(), |score| number(score, 3))
}

/// One split, in words.
pub(super) fn describe_split(evaluation: &Evaluation, loaded: &Loaded, console: &mut Console) -> Result<()> {
    let Evaluation { split, until, customers, joined_later, .. } = evaluation;
    let later = if *joined_later > 0 {
        format!("; {} more came later and are not scored", whole(*joined_later))
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
        "ranks: Spearman; Gini: normalised; top: share of the actual total from the customers with the highest expectations",
    )?;
    if let Some(Err(error)) = &evaluation.spend {
        console.warn(format!("the models give no expected value: {error}"));
    }
    for (kind, error) in &evaluation.failures {
        console.warn(format!("{} is left out: {error}", kind.title()));
    }
    describe_activity(evaluation, console)?;
    evaluation.models.iter().try_for_each(|model| describe_model(model, evaluation, loaded, console))
}

fn describe_scores(evaluation: &Evaluation, what: Quantity, console: &mut Console) -> Result<()> {
    let rows: Vec<(Forecaster, Scores)> =
        evaluation.scored.iter().filter_map(|scored| Some((scored.forecaster, scored.of(what)?))).collect();
    let Some((_, first)) = rows.first() else { return Ok(()) };
    let decimals = if what == Quantity::Value { 2 } else { 1 };
    let heads: String = COLUMNS.iter().map(|(head, width, _)| format!("{head:>width$}")).collect();
    let title = if what == Quantity::Value { "Value" } else { "Purchases" };
    console.say(format!("\n{title:<LABEL$}{heads}"))?;
    let width = COLUMNS[0].1;
    let actual = number(first.actual, if what == Quantity::Value { 2 } else { 0 });
    console.say(format!("{:<LABEL$}{actual:>width$}", "actual"))?;
    for (forecaster, scores) in rows {
        let cells: String =
            COLUMNS.iter().map(|(_, width, cell)| format!("{:>width$}", cell(&scores, decimals))).collect();
        console.say(format!("{:<LABEL$}{cells}", forecaster.label()))?;
    }
    Ok(())
}

fn describe_activity(evaluation: &Evaluation, console: &mut Console) -> Result<()> {
    console.say(format!(
        "\n{:<LABEL$}{:>14}{:>14}{:>14}",
        "Who purchases at all", "correct", "of those who", "of those who"
    ))?;
    console.say(format!("{:<LABEL$}{:>14}{:>14}{:>14}", "", "", "did", "did not"))?;
    for scored in &evaluation.scored {
        let Some(activity) = scored.activity else { continue };
        console.say(format!(
            "{:<LABEL$}{:>14}{:>14}{:>14}",
            scored.forecaster.label(),
            percent(Some(activity.accuracy()), false),
            percent(activity.sensitivity(), false),
            percent(activity.specificity(), false)
        ))?;
    }
    Ok(())
}

fn describe_model(
    model: &ModelEvaluation,
    evaluation: &Evaluation,
    loaded: &Loaded,
    console: &mut Console,
) -> Result<()> {
    let title = model.model.kind().title();
    let parameters = model.model.parameters().into_iter().map(|(name, value)| format!("{name} {}", digits(value)));
    let parameters: Vec<String> = parameters.collect();
    console.say(format!("\n{}: {} ({})", model.forecaster.label(), parameters.join(", "), model.fit.verdict.word()))?;
    if let Some(selection) = &model.selection {
        words::chosen(console, selection)?;
        if evaluation.models.iter().any(|other| other.forecaster == Forecaster::Model(model.model.kind())) {
            return console.say("  its figures are above");
        }
    }
    for caution in &model.fit.cautions {
        console.warn(format!("{title}: {caution}"));
    }
    if let Some(Ok((spend, fit))) = &evaluation.spend {
        let [p, q, gamma] = spend.parameters().map(digits);
        console.say(format!("Gamma-Gamma: p {p}, q {q}, gamma {gamma} ({})", fit.verdict.word()))?;
    }
    let (what, deciles) = match &model.value_deciles {
        Some(deciles) => ("value", deciles),
        None => ("purchases", &model.purchase_deciles),
    };
    console.say(format!("\nDeciles of customers by expected {what}, per customer"))?;
    line(console, "", deciles.iter().map(|decile| decile.decile.to_string()))?;
    line(console, "  expected", deciles.iter().map(|decile| number(decile.expected, 2)))?;
    line(console, "  actual", deciles.iter().map(|decile| number(decile.actual, 2)))?;

    let tiers = &model.tiers;
    let heads = [("customers", 12), ("expected", 16), ("actual", 16), ("share", 9), ("nothing", 10)];
    let scores = [("precision", 11), ("recall", 9), ("F1", 9)];
    let heads: String = heads.iter().chain(&scores).map(|(head, width)| format!("{head:>width$}")).collect();
    console.say(format!("\n{:<LABEL$}{heads}", format!("Tiers of {what}")))?;
    for tier in &tiers.tiers {
        console.say(format!(
            "  {:<24}{:>12}{:>16}{:>16}{:>9}{:>10}{:>11}{:>9}{:>9}",
            tier.name,
            number(tier.customers, 0),
            number(tier.expected, 2),
            number(tier.actual, 2),
            percent(tier.share, false),
            number(tier.nothing, 0),
            decimal(tier.precision),
            decimal(tier.recall),
            decimal(tier.f1)
        ))?;
    }
    console.say("nothing: customers of the tier who brought nothing")?;
    console.say("customers by expected tier (rows) and actual tier (columns); ties are split")?;
    line(console, "", tiers.tiers.iter().map(|tier| tier.name.clone()))?;
    for (tier, row) in tiers.tiers.iter().zip(&tiers.confusion) {
        line(console, &format!("  {}", tier.name), row.iter().map(|n| number(*n, 1)))?;
    }

    let predictive = &model.predictive;
    console.say("\nIntervals for single customers: nominal coverage, coverage by the model, actual coverage")?;
    let value = predictive.value.iter().map(|(_, intervals)| ("value", intervals));
    for (what, intervals) in std::iter::once(("purchases", &predictive.purchases)).chain(value) {
        let cells = intervals.iter().map(|c| {
            format!(
                "{}: {} {}",
                percent(Some(c.share), false),
                percent(Some(c.expected), false),
                percent(Some(c.covered), false)
            )
        });
        console.say(format!("  {what:<12}{}", cells.map(|cell| format!("  {cell}")).collect::<String>()))?;
    }
    console.say(format!(
        "log score of the number of purchases {:.4} per customer (histogram in hindsight, all customers alike: {:.4})",
        predictive.log_score, predictive.pooled_log_score
    ))?;
    if let Some(error) = model.tracking.mean_absolute_percentage_error() {
        let period = match loaded.summary.observation.grain {
            Grain::Day => Grain::Week,
            grain => grain,
        };
        console.say(format!("total purchases by {period}: off by {:.1}% on average (MAPE)", 100.0 * error))?;
    }
    console.say(rule(loaded.summary.observation.unit))
}

fn line(console: &mut Console, label: &str, cells: impl Iterator<Item = String>) -> Result<()> {
    let cells: String = cells.map(|cell| format!(" {cell:>13}")).collect();
    console.say(format!("{label:<16}{cells}").trim_end())
}

/// Means over several splits.
pub(super) fn describe_spread(evaluations: &[Evaluation], console: &mut Console) -> Result<()> {
    const SHOWN: [tables::Score; 5] = [
        ("off by", Scores::total_error),
        ("MAE", |scores| Some(scores.mean_absolute_error)),
        ("RMSE", |scores| Some(scores.root_mean_square_error)),
        ("ranks", |scores| scores.rank_correlation),
        ("Gini", |scores| scores.gini),
    ];
    for what in Quantity::ALL {
        let forecasters: Vec<Forecaster> = evaluations[0].scored.iter().map(|scored| scored.forecaster).collect();
        let heads: String = SHOWN.iter().map(|(head, _)| format!("{head:>20}")).collect();
        console.say(format!("\n{:<LABEL$}{heads}", format!("{} splits: {}", evaluations.len(), what.name())))?;
        for forecaster in forecasters {
            let cells: Vec<String> = SHOWN
                .iter()
                .filter_map(|(_, score)| Spread::of(evaluations, forecaster, |scored| score(&scored.of(what)?)))
                .map(|spread| match spread.sd {
                    Some(sd) => format!("{} ({})", number(spread.mean, 4), number(sd, 4)),
                    None => number(spread.mean, 4),
                })
                .collect();
            if !cells.is_empty() {
                let cells: String = cells.iter().map(|cell| format!("{cell:>20}")).collect();
                let label = match forecaster {
                    // Another one on each split, maybe.
                    Forecaster::Chosen(_) => AUTO.to_owned(),
                    _ => forecaster.label(),
                };
                console.say(format!("{label:<LABEL$}{cells}"))?;
            }
        }
    }
    console.say("mean over the splits, and standard deviation")
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
        all.insert("verdict".to_owned(), json!(model.fit.verdict.word()));
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
        "models": evaluation.models.iter().map(model).collect::<Vec<Value>>(),
        "failures": evaluation.failures.iter().map(|(kind, error)| json!({ "model": kind.name(), "error": error.to_string() })).collect::<Vec<Value>>(),
    })
}
