//! `clv compare`: several models of purchase timing on the same orders, side by side.

mod text;

use std::collections::BTreeMap;

use clap::Args;
use serde_json::{Value, json};

use super::Ending;
use super::fit::{FitFlags, timing_kinds};
use super::shared::load::{Purpose, orders_or_summary, orders_split};
use super::shared::order_args::OrderArgs;
use super::text::as_flag::as_flag;
use super::text::console::Console;
use super::text::words::{self, rule};
use crate::error::Result;
use crate::evaluate::{Compared, Comparison, compare as fit_all, eligible};
use crate::message::say;
use crate::models::{TimingKind, check_distinct};
use crate::report::{DataTable, comparison_tables};
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
    check_distinct(&kinds, "models")?;
    let comparison = fit_all(&kinds, summary, &summary.counted_histories(), later.as_ref(), &options)?;
    text::describe(&comparison, later.as_ref(), console)?;
    console.say(rule(summary.observation.unit))?;
    comparison.cautions.iter().for_each(|caution| console.warn(caution));
    for (kind, error) in &comparison.failures {
        console.warn(say![kind.title(), " is left out: ", error.message()]);
    }
    for contender in &comparison.contenders {
        for caution in &contender.fit.cautions {
            console.warn(say![contender.title(), ": ", caution]);
        }
    }
    console.say(format!("\n{}", comparison.advice()))?;
    let mut results = words::loaded_json(&loaded);
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

/// The models for machines, under the names that the tables have.
fn models_json(comparison: &Comparison) -> Value {
    let [models, _, histogram, holdout] = comparison_tables(comparison);
    let of = |contender: &Compared, table: &DataTable| {
        table.clone().rows_where("model", contender.model.kind().name()).without("model").records()
    };
    let model = |(contender, mut record): (&Compared, Value)| {
        let parameters: BTreeMap<_, _> = contender.model.parameters().into_iter().collect();
        record["parameters"] = json!(parameters);
        record["fit"] = json!(contender.fit);
        record["comparable"] = json!(!contender.model.kind().is_discrete());
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
