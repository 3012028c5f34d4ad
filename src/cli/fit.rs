//! `clv fit`: orders or a summary in, a model file out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::console::Console;
use super::describe;
use super::load::{OrderArgs, orders_or_summary};
use crate::error::{Error, Result};
use crate::fit::{Fitted, maximum_likelihood};
use crate::model_file::ModelFile;
use crate::models::{BgNbd, GammaGamma, TimingModel};
use crate::summary::{Summary, TimeUnit};
use crate::tables::Staged;

/// Fit BG/NBD and Gamma-Gamma by maximum likelihood
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  clv fit data/cdnow/orders-sample.csv --until 1997-09-30 -o model.json
  clv fit summary.parquet -o model.json")]
pub(super) struct FitArgs {
    /// Order files, or one summary
    #[arg(required = true, value_name = "ORDERS|SUMMARY")]
    files: Vec<String>,

    /// Model file [default: standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,

    /// Fit purchases alone, for orders without usable amounts
    #[arg(long, help_heading = "Fit")]
    no_spend: bool,

    #[command(flatten)]
    orders: OrderArgs,
}

pub(super) fn fit(args: &FitArgs, console: &mut Console) -> Result<ExitCode> {
    if args.output.is_none() && !console.json {
        console.reserve_stdout("-o FILE")?;
    }
    let loaded = orders_or_summary(&args.files, &args.orders, TimeUnit::Week, console)?;
    let model = fit_models(&loaded.summary, args.no_spend, console)?;
    match &args.output {
        Some(path) => {
            stage_model(&model, path)?.commit()?;
            console.say(format!("\nWrote {}", path.display()))?;
        }
        None if !console.json => console.data(model.to_json().as_bytes())?,
        None => {}
    }
    let mut results = describe::loaded_json(&loaded);
    results["model"] = serde_json::to_value(&model).expect("a model file is JSON");
    results["files"] = json!(args.output.iter().collect::<Vec<_>>());
    console.results(&results)?;
    Ok(ExitCode::SUCCESS)
}

/// Fits the timing model, and the spend model unless it is not wanted.
pub(super) fn fit_models(summary: &Summary, no_spend: bool, console: &mut Console) -> Result<ModelFile> {
    let mut model = ModelFile::new(&summary.observation);
    let timing: Fitted<BgNbd> = maximum_likelihood(&summary.counted_histories())?;
    model.set_timing(&timing, TimingModel::BgNbd);
    if !no_spend {
        let spend = summary.counted_spend();
        let fitted: Fitted<GammaGamma> = maximum_likelihood(&spend).map_err(|error| match error {
            Error::TooFew { .. } => Error::Data(format!("{error}. To predict purchases alone, add --no-spend")),
            other => other,
        })?;
        model.set_spend(&fitted, spend.correlation());
    }
    describe::models(console, &model)?;
    Ok(model)
}

/// Begins a model file; it is in place after the commit.
pub(super) fn stage_model(model: &ModelFile, path: &Path) -> Result<Staged> {
    let mut staged = Staged::create(path)?;
    staged.write_all(model.to_json().as_bytes()).map_err(Error::io(format!("cannot write {}", path.display())))?;
    Ok(staged)
}
