//! `clv predict`: a model file and orders or a summary in, every customer's future out.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Ending;
use super::shared::counts::{counts_files, counts_folder, read_counts};
use super::shared::covariate_args::{CustomerTableArgs, described};
use super::shared::files::{names, read_models};
use super::shared::forecast_args::ForecastArgs;
use super::shared::load::{Purpose, log_or_summary};
use super::shared::loaded_summary::Loaded;
use super::shared::order_args::OrderArgs;
use super::shared::weight_args::WeightArgs;
use super::text::column_help;
use super::text::console::Console;
use super::text::overview;
use super::text::words;
use crate::answers::{NewCustomers, Overview, Predicted, Questions};
use crate::covariates::UnknownLevels;
use crate::error::{Error, Result};
use crate::fit::FitOptions;
use crate::message::{flag, opt, say};
use crate::model_file::ModelFile;
use crate::outputs::{FileKind, Outputs};
use crate::predict::Predictor;
use crate::summary::{Observation, Summary};
use crate::tables::{TableWriter, expand};

const EXAMPLES: &str = "\
Examples:
  clv predict orders.csv --model model.json -o customers.parquet
  clv predict data/cdnow/orders-sample.csv --until 1997-09-30 --horizons 39w \\
      --model models/fader-hardie-lee-2005-bg-nbd.json --model models/fader-hardie-2013-gamma-gamma.json | head";

/// Predict every customer's purchases and value with a model file
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", column_help::of_predictions()))]
pub(super) struct PredictArgs {
    /// Order files, or one summary, or a folder that clv count wrote, whose rows are answered instead of customers
    #[arg(required_unless_present = "new", conflicts_with = "new", value_name = "ORDERS|SUMMARY|COUNTS")]
    files: Vec<String>,

    /// Predict a customer without history, acquired today: on the last day of the model's data, or on --until
    #[arg(long, help_heading = "Prediction")]
    new: bool,

    /// Totals of this many new customers, with intervals
    #[arg(long, value_name = "N", requires = "new", value_parser = clap::value_parser!(u32).range(1..=10_000_000), help_heading = "Totals")]
    cohort: Option<u32>,

    /// Model file; give two to take timing from one and spend from the other
    #[arg(short, long, value_name = "FILE", required = true, help_heading = "Prediction")]
    model: Vec<PathBuf>,

    /// Table of customers, .parquet or .csv [default: CSV on standard output; words alone with --new]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,

    /// What a new customer is like, of a model with covariates: channel=online; once for each covariate
    #[arg(long, value_name = "NAME=VALUE", requires = "new", help_heading = "Covariates")]
    with: Vec<String>,

    /// How to treat a customer whose level was not in the fit
    #[arg(long, value_enum, default_value_t, help_heading = "Covariates")]
    unknown_levels: UnknownLevels,

    #[command(flatten)]
    customers: CustomerTableArgs,

    #[command(flatten)]
    forecast: ForecastArgs,

    #[command(flatten)]
    weights: WeightArgs,

    #[command(flatten)]
    orders: OrderArgs,
}

pub(super) fn predict(args: &PredictArgs, console: &mut Console) -> Result<Ending> {
    if args.output.is_none() && !args.new {
        console.reserve_stdout("-o FILE")?;
    }
    let questions = args.forecast.questions(args.orders.decimal_comma())?;
    let folder = counts_folder(&args.files);
    let inputs = if folder.is_some() { Vec::new() } else { expand(&args.files)? };
    let outputs = args.customers.reading(args.orders.reading(&inputs, console).reading_files(&args.model));
    let outputs = outputs.reading_files(&counts_files(folder));
    let outputs = outputs.writing(&args.output, FileKind::Table).writing(args.forecast.totals_file(), FileKind::Table);
    outputs.check()?;
    if args.cohort.is_some() && !args.new {
        return Err(Error::usage(say![opt("cohort"), " goes with ", flag("new")]));
    }
    let model = read_models(&args.model, console)?.expect("clap requires one");
    let mut predictor = model.predictor()?;
    if predictor.spend.is_none() {
        console.say("The model has no spend model: purchases are predicted, values are not")?;
    }
    predictor.spend = predictor.spend.filter(|_| !args.orders.no_spend());
    predictor = predictor.with_unknown_levels(args.unknown_levels);
    if args.new {
        return predict_new(args, &questions, &model, &predictor, &outputs, console);
    }
    let values = predictor.spend.is_some();
    let mut log = None;
    let loaded = match folder {
        Some(folder) => {
            let counts = read_counts(folder, &args.orders, &args.weights, &args.customers, console)?;
            let name = folder.display().to_string();
            let summary = counts.customers_for(values).map_err(|error| error.in_file(&name))?.clone();
            Loaded { summary, orders: None, name: Some(name) }
        }
        None => {
            let orders = if values { args.orders.clone() } else { args.orders.with_optional_amounts() };
            let purpose = Purpose { values, weights: Some(&args.weights), ..Purpose::of(&model) };
            let columns = args.customers.columns(&predictor.covariates())?;
            let kept = columns.beside(questions.columns());
            let (mut loaded, orders_read) = log_or_summary(&inputs, &orders, &kept, purpose, console)?;
            log = orders_read.filter(|_| args.forecast.calibrate);
            columns.join(&args.orders, &mut loaded.summary, console)?;
            loaded
        }
    };
    if values {
        loaded.check_spend()?;
    }
    warn_of_questions(&questions, &model, &loaded.summary, console)?;
    let uncertainty = model.uncertainty();
    let calibrated = match (args.forecast.calibrate, log) {
        (false, _) => Vec::new(),
        (true, Some(mut log)) => {
            let orders = (&mut log, &loaded.summary);
            args.forecast.calibrated(&model, &predictor, FitOptions::default(), orders, &args.orders, console)?
        }
        (true, None) => {
            return Err(Error::usage(say![
                flag("calibrate"),
                " takes orders: a summary does not say what customers did in their last period"
            ]));
        }
    };
    let predicted = questions.of(&predictor, &uncertainty, &loaded.summary, None)?.with_calibrated(calibrated);
    let overview = write(args, &predicted, &outputs, console)?;
    if let Some(path) = &args.output {
        overview::describe(&overview, &predicted, console)?;
        console.say(format!("\nWrote {}", path.display()))?;
        let mut results = words::loaded_json(&loaded);
        results["forecast"] = overview::json(&overview, &predicted);
        results["files"] = names([path]);
        console.results(&results)?;
    }
    Ok(Ending::Success)
}

/// What is doubtful about what is asked.
pub(super) fn warn_of_questions(
    questions: &Questions,
    model: &ModelFile,
    summary: &Summary,
    console: &mut Console,
) -> Result<()> {
    let beyond = model.beyond_observation(summary, &questions.horizons)?;
    beyond.into_iter().chain(questions.discount.caution()).for_each(|caution| console.warn(caution));
    Ok(())
}

/// Of one customer without history, and of many such.
fn predict_new(
    args: &PredictArgs,
    questions: &Questions,
    model: &ModelFile,
    predictor: &Predictor,
    outputs: &Outputs,
    console: &mut Console,
) -> Result<Ending> {
    if let [column, ..] = &questions.columns()[..] {
        return Err(Error::usage(say![
            "`{column}` is a column of orders, and with ",
            flag("new"),
            " there are none: ",
            opt("margin"),
            " and ",
            opt("cac"),
            " take a number then"
        ])
        .in_column(column));
    }
    if args.forecast.calibrate {
        return Err(Error::usage(say![
            flag("calibrate"),
            " is about customers with orders, and ",
            flag("new"),
            " takes none"
        ]));
    }
    args.orders.refuse_what_needs_orders("--new takes no orders", true)?;
    args.weights.refuse("--new takes no summary")?;
    let data = model.data.as_ref().expect("a predictor has its data's units");
    let end = args.orders.until().unwrap_or(data.end);
    let observation = Observation { unit: predictor.unit, grain: predictor.grain, end };
    let like = |new: &mut Summary| described(&args.with, &predictor.covariates(), new);
    let NewCustomers { one, crowd } = NewCustomers::new(predictor, observation, args.cohort, like)?;
    warn_of_questions(questions, model, &one, console)?;
    let uncertainty = model.uncertainty();
    let predicted = questions.of(predictor, &uncertainty, &one, crowd.as_ref())?;
    let overview = if let Some(path) = &args.output {
        let overview = write(args, &predicted, outputs, console)?;
        overview::describe_new(&overview, &predicted, console)?;
        console.say(format!("\nWrote {}", path.display()))?;
        overview
    } else {
        outputs.commit(args.forecast.stage_totals(&predicted, console.raw_text)?)?;
        let overview = Overview::without_table(&predicted)?;
        overview::describe_new(&overview, &predicted, console)?;
        if questions.ask_for_more() {
            overview::describe_columns(&overview, &predicted, console)?;
        }
        overview
    };
    console.results(&json!({ "forecast": overview::json(&overview, &predicted), "files": names(&args.output) }))?;
    Ok(Ending::Success)
}

/// Writes the customers and the totals.
fn write(args: &PredictArgs, predicted: &Predicted<'_>, outputs: &Outputs, console: &mut Console) -> Result<Overview> {
    let raw_text = console.raw_text;
    let totals = args.forecast.stage_totals(predicted, raw_text)?;
    let overview = match &args.output {
        Some(path) => {
            let mut rows = TableWriter::create(path)?.with_raw_text(raw_text);
            let overview = Overview::write(predicted, &mut rows)?;
            outputs.commit(std::iter::once(rows.finish()?).chain(totals))?;
            overview
        }
        None => {
            let mut rows = TableWriter::csv(console.stdout(), "standard output").with_raw_text(raw_text);
            let overview = Overview::write(predicted, &mut rows)?;
            rows.finish()?;
            // In words, and so on standard error.
            overview::describe_totals(predicted, console)?;
            outputs.commit(totals)?;
            overview
        }
    };
    Ok(overview)
}
