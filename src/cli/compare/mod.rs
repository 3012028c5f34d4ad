//! `clv compare`: several models of purchase timing on the same orders, side by side.

mod text;

use std::collections::BTreeMap;

use clap::Args;
use serde_json::{Value, json};

use super::Ending;
use super::fit::{FitFlags, timing_kinds};
use super::shared::counts::{counts_files, counts_folder, read_counts};
use super::shared::covariate_args::{CustomerTableArgs, TimingCovariateArgs, join};
use super::shared::load::{Purpose, orders_or_summary, orders_split};
use super::shared::order_args::OrderArgs;
use super::shared::weight_args::WeightArgs;
use super::text::as_flag::as_flag;
use super::text::console::Console;
use super::text::words::{self, rule};
use crate::covariates::CovariateOptions;
use crate::error::{Error, Result};
use crate::evaluate::{Compared, Comparison, Later, compare_with as fit_all, eligible};
use crate::message::{opt, say};
use crate::models::{TimingKind, check_distinct};
use crate::report::{DataTable, comparison_tables};
use crate::summary::{Day, Summary};
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
  clv compare counts
  clv compare orders.csv --models bg-nbd --covariates channel,plan
  clv compare orders.csv --grain week --unit week")]
pub(super) struct CompareArgs {
    /// Order files, one summary, or a folder with counts of one
    #[arg(required = true, value_name = "ORDERS|SUMMARY|COUNTS")]
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
    covariates: TimingCovariateArgs,

    #[command(flatten)]
    customers: CustomerTableArgs,

    #[command(flatten)]
    weights: WeightArgs,

    #[command(flatten)]
    orders: OrderArgs,
}

pub(super) fn compare(args: &CompareArgs, console: &mut Console) -> Result<Ending> {
    let options = args.fit.options()?;
    let covariates = args.covariates.options();
    covariates.check()?;
    let (summary, later, mut results) = customers(args, &covariates, console)?;
    let summary = &summary;
    let kinds = if args.models.is_empty() { eligible(summary) } else { args.models.clone() };
    check_distinct(&kinds, "models")?;
    let data = summary.counted_histories();
    let comparison = fit_all(&kinds, summary, &data, later.as_ref(), &options, &covariates)?;
    text::describe(&comparison, later.as_ref(), console)?;
    console.say(rule(summary.observation.unit))?;
    comparison.cautions.iter().for_each(|caution| console.warn(caution));
    for (kind, error) in &comparison.failures {
        console.warn(say![kind.title(), " is left out: ", error.message()]);
    }
    for contender in &comparison.contenders {
        if let Some(effects) = &contender.effects {
            console.say(format!("\n{}", contender.title()))?;
            words::effects(console, Some(effects), Some(&contender.fit))?;
        }
    }
    for contender in &comparison.contenders {
        for caution in &contender.fit.cautions {
            console.warn(say![contender.title().into_owned(), ": ", caution]);
        }
    }
    console.say(format!("\n{}", comparison.advice()))?;
    results["models"] = models_json(&comparison);
    results["failures"] = comparison
        .failures
        .iter()
        .map(|(kind, error)| json!({ "model": kind.name(), "error": error.message().render(as_flag) }))
        .collect();
    results["advice"] = json!(comparison.advice());
    console.results(&results)?;
    Ok(Ending::Success)
}

/// Customers, of orders also what they did afterwards, and what there is to say of them for machines.
fn customers(
    args: &CompareArgs,
    covariates: &CovariateOptions,
    console: &mut Console,
) -> Result<(Summary, Option<Later>, Value)> {
    let folder = counts_folder(&args.files);
    let inputs = if folder.is_some() { Vec::new() } else { expand(&args.files)? };
    let outputs = args.customers.reading(args.orders.reading(&inputs, console));
    outputs.reading_files(&counts_files(folder)).check()?;
    if let Some(folder) = folder {
        if args.split.is_some() {
            return Err(Error::usage(say![
                format!("{} holds counts; ", folder.display()),
                opt("split"),
                " takes orders"
            ]));
        }
        let counts = read_counts(folder, &args.orders, &args.weights, &args.customers, console)?;
        return Ok((counts.timing().clone(), None, json!({ "counts": words::counts_json(&counts) })));
    }
    let columns = args.customers.columns(&args.covariates.names())?;
    let kept = columns.of_orders.clone();
    let (mut loaded, later) = match args.split {
        Some(split) => {
            args.weights.refuse("--split takes orders")?;
            let (loaded, later) = orders_split(&inputs, &args.orders, &kept, split, console)?;
            (loaded, Some(later))
        }
        None => {
            let opportunities = args.models.iter().any(|kind| kind.is_discrete());
            // Customers of a table are known by their ids.
            let weights = Some(&args.weights);
            let purpose = Purpose { names_nobody: covariates.is_empty(), opportunities, weights, ..Purpose::default() };
            (orders_or_summary(&inputs, &args.orders, &kept, purpose, console)?, None)
        }
    };
    if let Some(table) = columns.read(&args.orders)? {
        join(&table, &mut loaded.summary, args.split, console)?;
    }
    let results = words::loaded_json(&loaded);
    Ok((loaded.summary, later, results))
}

/// The models for machines, under the names that the tables have.
fn models_json(comparison: &Comparison) -> Value {
    let [models, _, histogram, holdout] = comparison_tables(comparison);
    let of = |contender: &Compared, table: &DataTable| {
        table.clone().rows_where("model", &contender.name()).without("model").records()
    };
    let model = |(contender, mut record): (&Compared, Value)| {
        let parameters: BTreeMap<_, _> = contender.model.parameters().into_iter().collect();
        if let Some(effects) = &contender.effects {
            record["covariates"] = json!(effects);
            record["likelihood_ratio"] = json!(
                contender
                    .likelihood_ratio()
                    .map(|test| json!({ "statistic": test.statistic, "degrees": test.degrees, "p": test.p }))
            );
        }
        record["parameters"] = json!(parameters);
        record["fit"] = json!(contender.fit);
        record["comparable"] = json!(contender.is_comparable());
        record["frequency_histogram"] = of(contender, &histogram);
        record["conditional_expectations"] = of(contender, &holdout);
        record
    };
    let records = match models.records() {
        Value::Array(records) => records,
        _ => Vec::new(),
    };
    comparison.contenders.iter().zip(records).map(model).collect()
}
