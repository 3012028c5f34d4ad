//! `clv evaluate`: fit on what was known on a day, look at what came after.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::columns::HELP;
use super::console::Console;
use super::describe::{self, digits, number, rule, whole};
use super::fit::{FitArgs, timing_kinds};
use super::forecast::shares;
use super::load::{Loaded, OrderArgs, OrdersRead, order_log};
use super::table_files::stage_tables;
use crate::error::{Error, Result};
use crate::evaluate::{
    Evaluation, EvaluationOptions, Experiment, Forecaster, ModelEvaluation, Scored, Scores, Split, Spread, TierCuts,
    evaluate as evaluate_split,
};
use crate::models::TimingKind;
use crate::predict::Horizon;
use crate::report::DataTable;
use crate::report::evaluation_tables::{self as tables, SCORED};
use crate::summary::{Day, PurchaseLog};

const EXAMPLES: &str = "\
Examples:
  clv evaluate data/cdnow/orders-sample.csv --split 1997-09-30
  clv evaluate orders.csv --holdout 6m --origins 4 --step 3m
  clv evaluate orders.csv --split 0.7 --model bg-nbd,pareto-nbd --tiers 100,500 --tables results";

/// Fit on the orders up to a day, and see what the forecast of the rest is worth
///
/// Expected against actual purchases and value of every customer, for the models and for simple rules on the same data, whoever is
/// nearer: zero for all; the last period again; order value x frequency; mean per period so far; a hiatus rule; regression on
/// recency, frequency and monetary value. Customers who came after the split are counted, not scored.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{HELP}"))]
pub(super) struct EvaluateArgs {
    /// Order files: CSV, TSV (also .gz, .zst) or Parquet; a pattern in quotes; - for standard input
    #[arg(required = true, value_name = "ORDERS")]
    files: Vec<String>,

    /// Last day that is known, or share of the days that is [default: half of them, all but a year at most]
    #[arg(long, value_name = "DATE|FRACTION", conflicts_with = "holdout", help_heading = "Evaluation")]
    split: Option<String>,

    /// Length of what is to be foreseen, at the end of the orders: 39w, 6m, 1y
    #[arg(long, value_name = "LENGTH", help_heading = "Evaluation")]
    holdout: Option<Horizon>,

    /// Number of splits, each earlier than the one before
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Evaluation")]
    origins: u32,

    /// From one split to the one before [default: the length of the holdout]
    #[arg(long, value_name = "LENGTH", requires = "origins", help_heading = "Evaluation")]
    step: Option<Horizon>,

    /// Models of when customers purchase, separated by commas
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        value_parser = timing_kinds(),
        default_value = "bg-nbd",
        help_heading = "Evaluation"
    )]
    model: Vec<TimingKind>,

    /// Purchases alone, for orders without usable amounts
    #[arg(long, help_heading = "Evaluation")]
    no_spend: bool,

    /// Silence after which the hiatus rule takes a customer for gone
    #[arg(long, value_name = "LENGTH", default_value = "6m", help_heading = "Evaluation")]
    hiatus: Horizon,

    /// Tiers of customers: terciles, quartiles, deciles, or the amounts at which they are cut, like 100,500
    #[arg(long, value_name = "CUTS", default_value = "terciles", value_parser = tier_cuts, help_heading = "Evaluation")]
    tiers: TierCuts,

    /// Intervals of each customer's purchases and value whose coverage is shown, in per cent
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "50,80,90,95",
        help_heading = "Evaluation"
    )]
    intervals: Vec<f64>,

    /// Seed of everything that is drawn
    #[arg(long, default_value_t = 1, help_heading = "Evaluation")]
    seed: u64,

    /// Folder for all tables, as CSV and as JSON
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    tables: Option<PathBuf>,

    #[command(flatten)]
    fit: FitArgs,

    #[command(flatten)]
    orders: OrderArgs,
}

/// Most splits of one run.
const MOST_ORIGINS: u32 = 100;

fn tier_cuts(text: &str) -> Result<TierCuts> {
    let cuts = match text {
        "terciles" => TierCuts::Equal(3),
        "quartiles" => TierCuts::Equal(4),
        "deciles" => TierCuts::Equal(10),
        amounts => {
            let wrong = |_| Error::Usage("give terciles, quartiles, deciles, or amounts like 100,500".to_owned());
            TierCuts::Amounts(
                amounts.split(',').map(|amount| amount.trim().parse().map_err(wrong)).collect::<Result<_>>()?,
            )
        }
    };
    cuts.check().map(|()| cuts)
}

impl EvaluateArgs {
    fn split(&self) -> Result<Split> {
        match (&self.split, &self.holdout) {
            (Some(split), _) => split.parse(),
            (None, Some(holdout)) => Ok(Split::Holdout(holdout.clone())),
            (None, None) => Ok(Split::Usual),
        }
    }

    /// Checked before anything is read.
    fn options(&self) -> Result<EvaluationOptions> {
        self.split()?;
        if !(1..=MOST_ORIGINS).contains(&self.origins) {
            return Err(Error::Usage(format!("--origins is {}; give 1 to {MOST_ORIGINS}", self.origins)));
        }
        if let Some(twice) = (1..self.model.len()).find(|&i| self.model[..i].contains(&self.model[i])) {
            return Err(Error::Usage(format!("{} stands twice in --model", self.model[twice])));
        }
        self.hiatus.before(Day(0))?;
        Ok(EvaluationOptions {
            models: self.model.clone(),
            with_spend: !self.no_spend,
            fit: self.fit.options()?,
            hiatus: self.hiatus.clone(),
            intervals: shares("--intervals", &self.intervals)?,
            tiers: self.tiers.clone(),
            seed: self.seed,
        })
    }
}

pub(super) fn evaluate(args: &EvaluateArgs, console: &mut Console) -> Result<ExitCode> {
    let options = args.options()?;
    let (mut log, report) = order_log(&args.files, &args.orders, &[], console)?;
    let mut report = Some(report);
    let mut evaluations: Vec<Evaluation> = Vec::new();
    let mut loaded = None;
    for (split, until) in origins(args, &log)? {
        let unit = args.orders.unit_or_week();
        let experiment = Experiment::new(&mut log, unit, &args.orders.cohort()?, split, until).map_err(|error| {
            let early = !evaluations.is_empty() && matches!(error, Error::NoCustomers { .. });
            if early { Error::Usage(format!("{error}: give fewer --origins, or a shorter --step")) } else { error }
        })?;
        if let Some(report) = report.take() {
            loaded = Some(tell_what_was_read(args, &experiment, report, console)?);
        }
        evaluations.push(evaluate_split(&experiment, &options)?);
    }
    let loaded = loaded.expect("there is a split");
    for evaluation in &evaluations {
        describe_split(evaluation, &loaded, console)?;
    }
    if evaluations.len() > 1 {
        describe_spread(&evaluations, console)?;
    }
    console.say("")?;
    for sentence in evaluations[0].advice() {
        console.say(sentence)?;
    }
    if let Some(folder) = &args.tables {
        for staged in stage_tables(folder, &all_tables(&evaluations))? {
            staged.commit()?;
        }
        console.say(format!("\nWrote the tables to {}", folder.display()))?;
    }
    let mut results = describe::loaded_json(&loaded);
    results["evaluations"] = evaluations.iter().map(evaluation_json).collect();
    results["spread"] = tables::spread(&evaluations).records();
    results["advice"] = json!(evaluations[0].advice());
    console.results(&results)?;
    Ok(ExitCode::SUCCESS)
}

/// Splits and ends of their holdouts, the latest first, each holdout as long as the first.
fn origins(args: &EvaluateArgs, log: &PurchaseLog) -> Result<Vec<(Day, Day)>> {
    let (begin, mut until) = args.orders.whole_periods(log);
    let grain = log.grain();
    let mut split = args.split()?.day(begin, until, grain)?;
    let length = until.days_since(split);
    let mut origins = vec![(split, until)];
    while origins.len() < args.origins as usize {
        let back = |day: Day| match &args.step {
            Some(step) => step.before(day),
            None => Ok(Day(day.0 - length)),
        };
        let (earlier, end) = (back(split)?, back(until)?);
        // At the latest, a whole period of the grain before.
        (split, until) = (grain.start(split.min(Day(earlier.0 + 1))), grain.start(until.min(Day(end.0 + 1))));
        (split, until) = (Day(split.0 - 1), Day(until.0 - 1));
        if split < begin {
            return Err(Error::Usage(format!(
                "--origins {}: split {} would be {split}, and the first order is on {begin}. Give fewer, or a shorter --step",
                args.origins,
                origins.len() + 1
            )));
        }
        origins.push((split, until));
    }
    Ok(origins)
}

fn tell_what_was_read(
    args: &EvaluateArgs,
    experiment: &Experiment,
    report: crate::orders::ReadReport,
    console: &mut Console,
) -> Result<Loaded> {
    args.orders.refuse_unmatched(&experiment.excluded)?;
    console.count(report.rows, experiment.summary.len() as u64);
    let last = experiment.until;
    let orders = OrdersRead { report, excluded: experiment.excluded.clone(), last, end_option: Some("--split") };
    describe::orders(console, &orders, &experiment.summary)?;
    Ok(Loaded::of_orders(experiment.summary.clone(), orders))
}

const LABEL: usize = 26;

/// Heads of the columns of scores, and how their cells are written.
const COLUMNS: [(&str, usize, fn(&Scores, usize) -> String); 10] = [
    ("in all", 14, |scores, decimals| number(scores.expected, decimals)),
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
        Some(share) if signed => format!("{:+.1}%", 100.0 * share),
        Some(share) => format!("{:.1}%", 100.0 * share),
        None => "-".to_owned(),
    }
}

fn decimal(score: Option<f64>) -> String {
    score.map_or_else(|| "-".to_owned(), |score| number(score, 3))
}

/// One split, in words.
fn describe_split(evaluation: &Evaluation, loaded: &Loaded, console: &mut Console) -> Result<()> {
    let Evaluation { split, until, customers, joined_later, .. } = evaluation;
    let later = if *joined_later > 0 {
        format!("; {} more came later and are not scored", whole(*joined_later))
    } else {
        String::new()
    };
    let begin = Day(split.0 + 1);
    console.say(format!(
        "\nHoldout from {begin} to {until}: {} known on {split}{later}",
        describe::counted(*customers, "customer")
    ))?;
    for (what, of) in SCORED {
        describe_scores(evaluation, what, of, console)?;
    }
    if evaluation.scored.iter().any(|scored| scored.value.is_some()) {
        console.say("ranks: Spearman; Gini: normalised; top: share of the actual total that the best customers by expectation brought")?;
    }
    if let Some(Err(error)) = &evaluation.spend {
        console.warn(format!("value is not expected by the models: {error}"));
    }
    for (kind, error) in &evaluation.failures {
        console.warn(format!("{} is left out: {error}", kind.title()));
    }
    describe_activity(evaluation, console)?;
    evaluation.models.iter().try_for_each(|model| describe_model(model, evaluation, loaded, console))
}

fn describe_scores(
    evaluation: &Evaluation,
    what: &str,
    of: fn(&Scored) -> Option<Scores>,
    console: &mut Console,
) -> Result<()> {
    let rows: Vec<(Forecaster, Scores)> =
        evaluation.scored.iter().filter_map(|scored| Some((scored.forecaster, of(scored)?))).collect();
    let Some((_, first)) = rows.first() else { return Ok(()) };
    let decimals = if what == "value" { 2 } else { 1 };
    let heads: String = COLUMNS.iter().map(|(head, width, _)| format!("{head:>width$}")).collect();
    let title = format!("{}{}", what[..1].to_uppercase(), &what[1..]);
    console.say(format!("\n{title:<LABEL$}{heads}"))?;
    let width = COLUMNS[0].1;
    let actual = number(first.actual, if what == "value" { 2 } else { 0 });
    console.say(format!("{:<LABEL$}{actual:>width$}", "actual"))?;
    for (forecaster, scores) in rows {
        let cells: String =
            COLUMNS.iter().map(|(_, width, cell)| format!("{:>width$}", cell(&scores, decimals))).collect();
        console.say(format!("{:<LABEL$}{cells}", forecaster.title()))?;
    }
    Ok(())
}

fn describe_activity(evaluation: &Evaluation, console: &mut Console) -> Result<()> {
    console.say(format!(
        "\n{:<LABEL$}{:>14}{:>14}{:>14}",
        "Who purchases at all", "told right", "of those who", "of those who"
    ))?;
    console.say(format!("{:<LABEL$}{:>14}{:>14}{:>14}", "", "", "did", "did not"))?;
    for scored in &evaluation.scored {
        let Some(activity) = scored.activity else { continue };
        console.say(format!(
            "{:<LABEL$}{:>14}{:>14}{:>14}",
            scored.forecaster.title(),
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
    console.say(format!("\n{title}: {} ({})", parameters.join(", "), model.fit.verdict.word()))?;
    for caution in &model.fit.cautions {
        console.warn(format!("{title}: {caution}"));
    }
    if let Some(Ok((spend, fit))) = &evaluation.spend {
        use crate::models::Likelihood;
        let [p, q, gamma] = spend.parameters().map(digits);
        console.say(format!("Gamma-Gamma: p {p}, q {q}, gamma {gamma} ({})", fit.verdict.word()))?;
    }
    let (what, deciles) = match &model.value_deciles {
        Some(deciles) => ("value", deciles),
        None => ("purchases", &model.purchase_deciles),
    };
    console.say(format!("\nTenths of the customers by expected {what}, per customer"))?;
    line(console, "", deciles.iter().map(|decile| decile.decile.to_string()))?;
    line(console, "  expected", deciles.iter().map(|decile| number(decile.expected, 2)))?;
    line(console, "  actual", deciles.iter().map(|decile| number(decile.actual, 2)))?;

    let tiers = &model.tiers;
    console.say(format!(
        "\n{:<LABEL$}{:>12}{:>16}{:>16}{:>9}{:>11}{:>9}{:>9}",
        format!("Tiers of {what}"),
        "customers",
        "expected",
        "actual",
        "share",
        "precision",
        "recall",
        "F1"
    ))?;
    for tier in &tiers.tiers {
        console.say(format!(
            "  {:<24}{:>12}{:>16}{:>16}{:>9}{:>11}{:>9}{:>9}",
            tier.name,
            number(tier.customers, 0),
            number(tier.expected, 2),
            number(tier.actual, 2),
            percent(tier.share, false),
            decimal(tier.precision),
            decimal(tier.recall),
            decimal(tier.f1)
        ))?;
    }
    console.say("customers by tier of expectation (lines) and of what came (columns)")?;
    line(console, "", tiers.tiers.iter().map(|tier| tier.name.clone()))?;
    for (tier, row) in tiers.tiers.iter().zip(&tiers.confusion) {
        line(console, &format!("  {}", tier.name), row.iter().map(|n| number(*n, 1)))?;
    }

    let predictive = &model.predictive;
    console.say("\nIntervals of single customers: what was asked, what they hold by the model, how often they held")?;
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
        "log score of the number of purchases {:.4} a customer (histogram in hindsight, all customers alike: {:.4})",
        predictive.log_score, predictive.pooled_log_score
    ))?;
    if let Some(error) = model.tracking.mean_absolute_percentage_error() {
        let period = match loaded.summary.observation.grain {
            crate::summary::Grain::Day => crate::summary::Grain::Week,
            grain => grain,
        };
        console.say(format!("purchases of all by {period}: off by {:.1}% in the mean (MAPE)", 100.0 * error))?;
    }
    console.say(rule(loaded.summary.observation.unit))
}

fn line(console: &mut Console, label: &str, cells: impl Iterator<Item = String>) -> Result<()> {
    let cells: String = cells.map(|cell| format!(" {cell:>10}")).collect();
    console.say(format!("{label:<12}{cells}").trim_end())
}

/// Means over several splits.
fn describe_spread(evaluations: &[Evaluation], console: &mut Console) -> Result<()> {
    const SHOWN: [(&str, fn(&Scores) -> Option<f64>); 5] = [
        ("off by", Scores::total_error),
        ("MAE", |scores| Some(scores.mean_absolute_error)),
        ("RMSE", |scores| Some(scores.root_mean_square_error)),
        ("ranks", |scores| scores.rank_correlation),
        ("Gini", |scores| scores.gini),
    ];
    for (what, of) in SCORED {
        let forecasters: Vec<Forecaster> = evaluations[0].scored.iter().map(|scored| scored.forecaster).collect();
        let heads: String = SHOWN.iter().map(|(head, _)| format!("{head:>20}")).collect();
        console.say(format!("\n{:<LABEL$}{heads}", format!("{} splits: {what}", evaluations.len())))?;
        for forecaster in forecasters {
            let cells: Vec<String> = SHOWN
                .iter()
                .filter_map(|(_, score)| Spread::of(evaluations, forecaster, |scored| score(&of(scored)?)))
                .map(|spread| match spread.sd {
                    Some(sd) => format!("{} ({})", number(spread.mean, 4), number(sd, 4)),
                    None => number(spread.mean, 4),
                })
                .collect();
            if !cells.is_empty() {
                let cells: String = cells.iter().map(|cell| format!("{cell:>20}")).collect();
                console.say(format!("{:<LABEL$}{cells}", forecaster.title()))?;
            }
        }
    }
    console.say("mean over the splits, and standard deviation")
}

/// Tables of the first split, and scores of all.
fn all_tables(evaluations: &[Evaluation]) -> Vec<DataTable> {
    let first = &evaluations[0];
    let mut all = vec![tables::scores(evaluations), tables::activity(first)];
    if evaluations.len() > 1 {
        all.push(tables::spread(evaluations));
    }
    for (i, model) in first.models.iter().enumerate() {
        all.extend(tables::of_model(model).into_iter().map(|mut table| {
            if i > 0 {
                table.name = format!("{}-{}", table.name, model.model.kind().name());
            }
            table
        }));
    }
    all
}

fn evaluation_json(evaluation: &Evaluation) -> Value {
    let model = |model: &ModelEvaluation| {
        let tables = tables::of_model(model).into_iter().map(|table| (table.name.replace('-', "_"), table.records()));
        let mut all: serde_json::Map<String, Value> = tables.collect();
        let parameters: std::collections::BTreeMap<_, _> = model.model.parameters().into_iter().collect();
        all.insert("model".to_owned(), json!(model.model.kind().name()));
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
