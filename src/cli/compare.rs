//! `clv compare`: several models of purchase timing on the same orders, side by side.

use clap::Args;
use serde_json::{Value, json};

use super::Ending;
use super::fit::{FitFlags, timing_kinds};
use super::shared::load::{Purpose, orders_or_summary, orders_split};
use super::shared::order_args::OrderArgs;
use super::text::console::Console;
use super::text::words::{self, digits, number, rule};
use crate::error::Result;
use crate::evaluate::{Compared, Comparison, HoldoutErrors, Later, compare as fit_all, eligible};
use crate::models::{TimingKind, check_distinct};
use crate::summary::Day;
use crate::tables::expand;

/// Fit several models of purchase timing and compare them
///
/// Likelihood, AIC and BIC, the histogram of repeat purchases, and with --split the purchases that came after, customer by
/// customer. The model with the smallest BIC comes first.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  clv compare data/cdnow/orders-sample.csv --split 1997-09-30
  clv compare summary.parquet --models bg-nbd,mbg-nbd
  clv compare orders.csv --grain week --unit week")]
pub(super) struct CompareArgs {
    /// Order files, or one summary
    #[arg(required = true, value_name = "ORDERS|SUMMARY")]
    files: Vec<String>,

    /// Models to compare, separated by commas [default: all that apply]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = timing_kinds(), help_heading = "Comparison")]
    models: Vec<TimingKind>,

    /// Last day of the orders that are fitted; later ones, up to --until, show how good the forecast was
    #[arg(long, value_name = "DATE", help_heading = "Comparison")]
    split: Option<Day>,

    #[command(flatten)]
    fit: FitFlags,

    #[command(flatten)]
    orders: OrderArgs,
}

pub(super) fn compare(args: &CompareArgs, console: &mut Console) -> Result<Ending> {
    let options = args.fit.options()?;
    let inputs = expand(&args.files)?;
    args.orders.reading(&inputs, console).check()?;
    let (loaded, later) = match args.split {
        Some(split) => {
            let (loaded, later) = orders_split(&inputs, &args.orders, split, console)?;
            (loaded, Some(later))
        }
        None => {
            let opportunities = args.models.iter().any(|kind| kind.is_discrete());
            let purpose = Purpose { names_nobody: true, opportunities, ..Purpose::default() };
            (orders_or_summary(&inputs, &args.orders, &[], purpose, console)?, None)
        }
    };
    let summary = &loaded.summary;
    let kinds = if args.models.is_empty() { eligible(summary) } else { args.models.clone() };
    check_distinct(&kinds, "--models")?;
    let comparison = fit_all(&kinds, summary, later.as_ref(), &options)?;
    say(&comparison, later.as_ref(), console)?;
    console.say(rule(summary.observation.unit))?;
    comparison.cautions.iter().for_each(|caution| console.warn(caution));
    for (kind, error) in &comparison.failures {
        console.warn(format!("{} is left out: {error}", kind.title()));
    }
    for contender in &comparison.contenders {
        for caution in &contender.fit.cautions {
            console.warn(format!("{}: {caution}", contender.title()));
        }
    }
    console.say(format!("\n{}", comparison.advice()))?;
    let mut results = words::loaded_json(&loaded);
    results["models"] = comparison.contenders.iter().map(contender_json).collect();
    results["failures"] = comparison
        .failures
        .iter()
        .map(|(kind, error)| json!({ "model": kind.name(), "error": error.to_string() }))
        .collect();
    results["advice"] = json!(comparison.advice());
    console.results(&results)?;
    Ok(Ending::Success)
}

const LABEL: usize = 24;
const COLUMN: usize = 18;

fn row(console: &mut Console, label: &str, cells: impl Iterator<Item = String>) -> Result<()> {
    let cells: String = cells.map(|cell| format!(" {cell:>COLUMN$}")).collect();
    console.say(format!("{label:<LABEL$}{cells}").trim_end())
}

/// The table, a column a model.
fn say(comparison: &Comparison, later: Option<&Later>, console: &mut Console) -> Result<()> {
    let all = &comparison.contenders;
    console.say("")?;
    row(console, "", all.iter().map(|contender| contender.title().to_owned()))?;
    for (discrete, name) in names(all) {
        let label = if discrete { format!("{name} (opportunities)") } else { name.to_owned() };
        row(console, &label, all.iter().map(|contender| parameter(contender, discrete, name)))?;
    }
    row(console, "log-likelihood", all.iter().map(|contender| number(contender.fit.log_likelihood, 1)))?;
    row(console, "AIC", all.iter().map(|contender| criterion(contender, contender.fit.aic())))?;
    row(console, "BIC", all.iter().map(|contender| criterion(contender, contender.fit.bic())))?;
    row(console, "verdict", all.iter().map(|contender| contender.fit.verdict.word().to_owned()))?;
    row(console, "seconds", all.iter().map(|contender| format!("{:.3}", contender.time.as_secs_f64())))?;

    console.say("\nCustomers by repeat purchases")?;
    let bins = &all[0].histogram;
    row(console, "", std::iter::once("actual".to_owned()).chain(titles(all)))?;
    for (i, bin) in bins.iter().enumerate() {
        let more = if i + 1 == bins.len() { "+" } else { "" };
        let expected = all.iter().map(|contender| number(contender.histogram[i].expected, 1));
        row(console, &format!("  {}{more}", bin.x), std::iter::once(number(bin.actual, 0)).chain(expected))?;
    }
    let test = |of: &dyn Fn(&crate::evaluate::ChiSquare) -> String| -> Vec<String> {
        let cell = |contender: &Compared| contender.chi_square.as_ref().map_or("-".to_owned(), of);
        std::iter::once(String::new()).chain(all.iter().map(cell)).collect()
    };
    row(console, "chi-square", test(&|test| number(test.statistic, 2)).into_iter())?;
    row(console, "  degrees of freedom", test(&|test| test.degrees_of_freedom.to_string()).into_iter())?;
    row(console, "  p-value", test(&|test| p_value(test.p_value)).into_iter())?;

    let Some(later) = later else { return Ok(()) };
    holdout(all, later, console)
}

fn titles(all: &[Compared]) -> impl Iterator<Item = String> + '_ {
    all.iter().map(|contender| contender.title().to_owned())
}

/// How the models foresaw what came later.
fn holdout(all: &[Compared], later: &Later, console: &mut Console) -> Result<()> {
    let of = |f: &dyn Fn(&HoldoutErrors) -> String| -> Vec<String> {
        all.iter().filter_map(|contender| contender.holdout.as_ref()).map(f).collect()
    };
    let Some(first) = all.first().and_then(|contender| contender.holdout.as_ref()) else { return Ok(()) };
    console.say(format!("\nPurchases after the observation, until {}", later.until))?;
    let with_actual = |actual: String, cells: Vec<String>| std::iter::once(actual).chain(cells);
    row(console, "", std::iter::once("actual".to_owned()).chain(titles(all)))?;
    row(
        console,
        "total",
        with_actual(number(first.scores.actual, 0), of(&|errors| number(errors.scores.expected, 1))),
    )?;
    let off = |errors: &HoldoutErrors| {
        errors.scores.total_error().map_or_else(String::new, |off| format!("{:+.1}%", 100.0 * off))
    };
    if first.scores.actual > 0.0 {
        row(console, "  off by", with_actual(String::new(), of(&off)))?;
    }
    row(
        console,
        "mean absolute error",
        with_actual(String::new(), of(&|errors| number(errors.scores.mean_absolute_error, 4))),
    )?;
    row(
        console,
        "root mean square error",
        with_actual(String::new(), of(&|errors| number(errors.scores.root_mean_square_error, 4))),
    )?;
    let correlation = |errors: &HoldoutErrors| {
        errors.scores.correlation.map_or_else(|| "-".to_owned(), |correlation| number(correlation, 3))
    };
    row(console, "correlation", with_actual(String::new(), of(&correlation)))?;
    console.say("per customer, by repeat purchases in the observation")?;
    let groups = &first.by_frequency;
    for (i, group) in groups.iter().enumerate() {
        let more = if group.to.is_infinite() { "+" } else { "" };
        let cells = of(&|errors| number(errors.by_frequency[i].expected, 3));
        row(console, &format!("  {}{more}", group.from), with_actual(number(group.actual, 3), cells))?;
    }
    Ok(())
}

/// All parameter names, in the order in which the models name them; the same name means something else in a model of
/// discrete opportunities.
fn names(all: &[Compared]) -> Vec<(bool, &'static str)> {
    let mut names = Vec::new();
    for kind in all.iter().map(|contender| contender.model.kind()) {
        for &name in kind.parameters() {
            if !names.contains(&(kind.is_discrete(), name)) {
                names.push((kind.is_discrete(), name));
            }
        }
    }
    names
}

/// Estimate and standard error.
fn parameter(contender: &Compared, discrete: bool, name: &str) -> String {
    let place = contender.model.parameters().iter().position(|(own, _)| *own == name);
    let Some(place) = place.filter(|_| contender.model.kind().is_discrete() == discrete) else { return String::new() };
    let value = digits(contender.model.parameters()[place].1);
    match contender.fit.standard_errors[place] {
        Some(error) => format!("{value} ({})", digits(error)),
        None => value,
    }
}

/// A criterion; of models of discrete opportunities it does not compare with the others'.
fn criterion(contender: &Compared, value: f64) -> String {
    if contender.model.kind().is_discrete() { "-".to_owned() } else { number(value, 1) }
}

fn p_value(p: f64) -> String {
    if p < 0.0005 { "<.001".to_owned() } else { format!("{p:.3}") }
}

fn contender_json(contender: &Compared) -> Value {
    let histogram: Vec<Value> = contender
        .histogram
        .iter()
        .map(|bin| json!({ "frequency": bin.x, "actual": bin.actual, "expected": bin.expected }))
        .collect();
    json!({
        "model": contender.model.kind().name(),
        "parameters": contender.model.parameters().into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        "fit": contender.fit,
        "aic": contender.fit.aic(),
        "bic": contender.fit.bic(),
        "comparable": !contender.model.kind().is_discrete(),
        "histogram": histogram,
        "chi_square": contender.chi_square.map(|test| json!({
            "statistic": test.statistic,
            "degrees_of_freedom": test.degrees_of_freedom,
            "p_value": test.p_value,
        })),
        "holdout": contender.holdout.as_ref().map(|errors| json!({
            "expected": errors.scores.expected,
            "actual": errors.scores.actual,
            "mean_absolute_error": errors.scores.mean_absolute_error,
            "root_mean_square_error": errors.scores.root_mean_square_error,
            "correlation": errors.scores.correlation,
        })),
        "seconds": contender.time.as_secs_f64(),
    })
}
