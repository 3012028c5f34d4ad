//! `clv evaluate`: fit on what was known on a day, look at what came after.

mod text;

use std::path::PathBuf;

use clap::Args;

use super::Ending;
use super::fit::{FitFlags, timing_choices};
use super::shared::counts::orders_or_summary_files;
use super::shared::covariate_args::{CovariateArgs, CustomerTableArgs, join};
use super::shared::files::{names, table_files};
use super::shared::flags::{default_list, flags};
use super::shared::load::order_log;
use super::shared::loaded_summary::{Loaded, OrdersRead};
use super::shared::order_args::OrderArgs;
use super::shared::split_args::SplitArgs;
use super::shared::tables_folder::{check_folder, stage_tables};
use super::text::as_flag::as_flag;
use super::text::console::Console;
use super::text::words;
use crate::customer_table::CustomerTable;
use crate::error::{Error, Result};
use crate::evaluate::{Evaluation, EvaluationOptions, Experiment, Origins, TierCuts, evaluate as evaluate_split};
use crate::fit::TimingChoice;
use crate::message::{opt, say};
use crate::outputs::FileKind;
use crate::predict::Horizon;
use crate::report::{DataTable, evaluation_table_names, evaluation_tables as tables};
use crate::tables::Staged;
use text::{describe_split, describe_spread, evaluation_json};

const EXAMPLES: &str = "\
Examples:
  clv evaluate data/cdnow/orders-sample.csv --split 1997-09-30
  clv evaluate orders.csv --holdout 6m --origins 4 --step 3m
  clv evaluate orders.csv --split 0.7 --model bg-nbd,pareto-nbd --tiers 100,500 --tables results
  clv evaluate orders.csv --covariates channel --spend-covariates 'log(frequency)'";

/// Fit on the orders up to a day, and see what the forecast of the rest is worth
///
/// Compares expected with actual purchases and value of every customer, for the models and for simple rules on the same data:
/// zero for all; the last period again; order value x frequency; mean per period so far; a hiatus rule; regression on
/// recency, frequency and monetary value. Customers who joined after the split are counted, not scored.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct EvaluateArgs {
    /// Order files: CSV, TSV (also .gz, .zst, .zip), workbooks, JSON or Parquet; a pattern in quotes; - for standard input
    #[arg(required = true, value_name = "ORDERS")]
    files: Vec<String>,

    #[command(flatten)]
    division: SplitArgs,

    #[command(flatten)]
    origins: OriginFlags,

    #[command(flatten)]
    evaluation: EvaluationFlags,

    /// Folder for the tables, as CSV and as JSON: scores of all splits, the others of the latest
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    tables: Option<PathBuf>,

    #[command(flatten)]
    fit: FitFlags,

    #[command(flatten)]
    covariates: CovariateArgs,

    #[command(flatten)]
    customers: CustomerTableArgs,

    /// Understood, and refused with the reason.
    #[arg(long, value_name = "COLUMN", hide = true)]
    weights: Option<String>,

    #[command(flatten)]
    orders: OrderArgs,
}

flags! {
/// How many tests.
OriginFlags => Origins {
    /// Number of splits, each earlier than the one before
    #[arg(id = "origins", long = "origins", value_name = "N", default_value_t = Origins::default().count, help_heading = "Test")]
    count: u32,

    /// Time from one split to the one before [default: the length of the holdout]
    #[arg(long, value_name = "LENGTH", help_heading = "Test")]
    step: Option<Horizon>,
}
}

flags! {
/// What is tested, and how.
EvaluationFlags => EvaluationOptions {
    /// Models of when customers purchase, separated by commas; auto is the one that describes the orders before the split best
    #[arg(
        id = "model",
        long = "model",
        value_name = "NAMES",
        value_delimiter = ',',
        value_parser = timing_choices(),
        default_value = default_list(&EvaluationOptions::default().models),
        help_heading = "Test"
    )]
    models: Vec<TimingChoice>,

    /// Silence after which the hiatus rule considers a customer gone
    #[arg(long, value_name = "LENGTH", default_value_t = EvaluationOptions::default().hiatus, help_heading = "Test")]
    hiatus: Horizon,

    /// Tiers of customers: terciles, quartiles, deciles, another number like 5-tiles, or the amounts at which they are cut, like 100,500
    #[arg(long, value_name = "CUTS", default_value_t = EvaluationOptions::default().tiers, help_heading = "Test")]
    tiers: TierCuts,

    /// Intervals of each customer's purchases and value whose coverage is shown, in per cent
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = default_list(&EvaluationOptions::default().intervals), help_heading = "Test")]
    intervals: Vec<f64>,

    /// Seed of all random numbers
    #[arg(long, default_value_t = EvaluationOptions::default().seed, help_heading = "Test")]
    seed: u64,
}
}

impl EvaluateArgs {
    fn origins(&self) -> Result<Origins> {
        let mut origins = Origins { split: self.division.split()?, ..Origins::default() };
        self.origins.fill(&mut origins);
        origins.check().map(|()| origins)
    }

    /// Checked before anything is read.
    fn options(&self) -> Result<EvaluationOptions> {
        self.origins()?;
        let mut options = EvaluationOptions {
            with_spend: !self.orders.no_spend(),
            covariates: self.covariates.options(),
            fit: self.fit.options()?,
            ..EvaluationOptions::default()
        };
        self.evaluation.fill(&mut options);
        options.check().map(|()| options)
    }
}

pub(super) fn evaluate(args: &EvaluateArgs, console: &mut Console) -> Result<Ending> {
    let options = args.options()?;
    if args.weights.is_some() {
        return Err(Error::usage(say![
            "an evaluation divides orders at a day, and each is of one customer; ",
            opt("weights"),
            " goes with a summary, in clv fit, predict and compare"
        ]));
    }
    check_folder(args.tables.as_deref(), &[])?;
    let inputs = orders_or_summary_files(&args.files)?;
    let table_files = table_files(args.tables.as_ref(), &evaluation_table_names(&options.models));
    let outputs = args.customers.reading(args.orders.reading(&inputs, console)).writing(&table_files, FileKind::Table);
    outputs.check()?;
    let columns = args.customers.columns(&args.covariates.names())?;
    let kept = columns.of_orders.clone();
    let customers = columns.read(&args.orders)?;
    let (mut log, report) = order_log(&inputs, &args.orders, &kept, "what came after takes orders", console)?;
    let mut report = Some(report);
    let mut evaluations: Vec<Evaluation> = Vec::new();
    let mut loaded = None;
    let (unit, cohort) = (args.orders.unit_or_week(), args.orders.cohort()?);
    for experiment in args.origins()?.experiments(&mut log, unit, cohort, args.orders.until())? {
        let mut experiment = experiment?;
        if let Some(report) = report.take() {
            loaded = Some(tell_what_was_read(args, &mut experiment, report, customers.as_ref(), console)?);
        } else if let Some(customers) = &customers {
            customers.join(&mut experiment.summary)?;
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
    // Its cautions were warned of.
    for sentence in evaluations[0].advice().iter().skip(evaluations[0].cautions.len()) {
        console.say(sentence)?;
    }
    let mut files: Vec<PathBuf> = Vec::new();
    if let Some(folder) = &args.tables {
        let tables = tables::all(&evaluations);
        let tables: Vec<&DataTable> = tables.iter().filter(|table| !table.is_empty()).collect();
        let staged: Vec<Staged>;
        (files, staged) = stage_tables(folder, &tables)?.into_iter().unzip();
        outputs.commit(staged)?;
        console.say(format!("\nWrote the tables to {}", folder.display()))?;
    }
    let mut results = words::loaded_json(&loaded);
    results["evaluations"] = evaluations.iter().map(evaluation_json).collect();
    results["spread"] = tables::spread(&evaluations).records();
    results["advice"] = evaluations[0].advice().iter().map(|sentence| sentence.render(as_flag)).collect();
    results["files"] = names(&files);
    console.results(&results)?;
    Ok(Ending::Success)
}

fn tell_what_was_read(
    args: &EvaluateArgs,
    experiment: &mut Experiment,
    report: crate::orders::ReadReport,
    customers: Option<&CustomerTable>,
    console: &mut Console,
) -> Result<Loaded> {
    args.orders.refuse_unmatched(&experiment.excluded)?;
    console.count(report.rows, experiment.summary.len() as u64);
    let last = experiment.until;
    let orders = OrdersRead { report, excluded: experiment.excluded.clone(), last, end_option: Some("--split") };
    words::orders(console, &orders, &experiment.summary)?;
    words::attributes(console, &experiment.summary)?;
    if let Some(customers) = customers {
        let split = experiment.split();
        join(customers, &mut experiment.summary, Some(split), console)?;
    }
    experiment.cautions.iter().for_each(|caution| console.warn(caution));
    Ok(Loaded::of_orders(experiment.summary.clone(), orders))
}
