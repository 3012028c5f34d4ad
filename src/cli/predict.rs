//! `clv predict`: a model file and orders or a summary in, every customer's future out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::console::Console;
use super::describe;
use super::forecast::ForecastArgs;
use super::load::{OrderArgs, orders_or_summary};
use crate::error::Result;
use crate::model_file::ModelFile;

/// Predict every customer's purchases and value with a model file
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  clv predict orders.csv --model model.json -o customers.parquet
  clv predict data/cdnow/orders-sample.csv --until 1997-09-30 --horizons 39w \\
      --model models/fader-hardie-lee-2005-bg-nbd.json --model models/fader-hardie-2013-gamma-gamma.json | head")]
pub(super) struct PredictArgs {
    /// Order files, or one summary
    #[arg(required = true, value_name = "ORDERS|SUMMARY")]
    files: Vec<String>,

    /// Model file; give two to take timing from one and spend from the other
    #[arg(short, long, value_name = "FILE", required = true, help_heading = "Prediction")]
    model: Vec<PathBuf>,

    /// Table of customers, .parquet or .csv [default: CSV on standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,

    #[command(flatten)]
    forecast: ForecastArgs,

    #[command(flatten)]
    orders: OrderArgs,
}

pub(super) fn predict(args: &PredictArgs, console: &mut Console) -> Result<ExitCode> {
    if args.output.is_none() {
        console.reserve_stdout("-o FILE")?;
    }
    args.forecast.check()?;
    let mut files = args.model.iter().map(|path| ModelFile::read(path));
    let first = files.next().expect("clap requires one")?;
    let model = files.try_fold(first, |model, other| model.join(other?))?;
    let predictor = model.predictor()?;
    let loaded = orders_or_summary(&args.files, &args.orders, Some(predictor.unit), console)?;
    if predictor.spend.is_none() {
        console.say("The model has no spend model: purchases are predicted, values are not")?;
    }
    let predicted = args.forecast.predict(&predictor, model.timing_fit(), &loaded.summary)?;
    match &args.output {
        Some(path) => {
            predicted.table().stage(path)?.commit()?;
            predicted.describe(console)?;
            console.say(format!("\nWrote {}", path.display()))?;
            let mut results = describe::loaded_json(&loaded);
            results["forecast"] = predicted.json();
            results["files"] = json!([path]);
            console.results(&results)?;
        }
        None => predicted.table().write_csv(console.stdout(), "standard output")?,
    }
    Ok(ExitCode::SUCCESS)
}
