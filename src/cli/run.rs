//! `clv run`: orders in, everything out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::columns::HELP;
use super::console::Console;
use super::fit::{ModelArgs, fit_models, stage_model};
use super::forecast::ForecastArgs;
use super::load::{OrderArgs, keep_apart, orders};
use super::words;
use crate::error::{Error, Result};
use crate::predict::Predictor;
use crate::summary::TimeUnit;
use crate::tables::TableWriter;

const EXAMPLES: &str = "\
Examples:
  clv run data/cdnow/orders.csv
  clv run 'exports/*.csv.gz' --margin 0.3 --discount 0.1 --horizons 3m,12m --format csv
  clv run items.csv --customer CustomerID --date InvoiceDate --date-format '%m/%d/%Y %H:%M'";

/// Read orders, fit the models, predict every customer
///
/// Leaves two files in the output folder: model.json, and customers with one row per customer: history, P(alive), expected
/// spend, and for each horizon expected purchases and value.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{HELP}"))]
pub(super) struct RunArgs {
    /// Order files: CSV, TSV (also .gz, .zst) or Parquet; a pattern in quotes; - for standard input
    #[arg(required = true, value_name = "ORDERS")]
    files: Vec<String>,

    /// Output folder
    #[arg(short, long, value_name = "DIR", default_value = "clv-results", help_heading = "Output")]
    output: PathBuf,

    /// Form of the table of customers
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    format: Format,

    #[command(flatten)]
    models: ModelArgs,

    #[command(flatten)]
    forecast: ForecastArgs,

    #[command(flatten)]
    orders: OrderArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Csv,
    Parquet,
}

#[allow(clippy::derivable_impls)] // the default depends on the build
impl Default for Format {
    fn default() -> Self {
        if cfg!(feature = "parquet") { Self::Parquet } else { Self::Csv }
    }
}

pub(super) fn run(args: &RunArgs, console: &mut Console) -> Result<ExitCode> {
    args.forecast.check()?;
    args.models.options()?;
    if args.models.no_spend {
        args.forecast.check_without_spend()?;
    }
    let model_path = args.output.join("model.json");
    let (name, other) = match args.format {
        Format::Csv => ("customers.csv", "customers.parquet"),
        Format::Parquet => ("customers.parquet", "customers.csv"),
    };
    let customers_path = args.output.join(name);
    keep_apart(&args.files, &[Some(&model_path), Some(&customers_path), args.forecast.totals_file()])?;
    let loaded = orders(&args.files, &args.orders, &args.forecast.columns(), TimeUnit::Week, console)?;
    let model = fit_models(&loaded.summary, &args.models, console)?;
    let predictor = model.predictor()?;
    let uncertainty = model.uncertainty();
    let folder = NewFolder::create(&args.output)?;
    let predict = |predictor: &Predictor| {
        let summary = &loaded.summary;
        let predicted = args.forecast.predict(predictor, &uncertainty, summary, None, args.orders.decimal_comma())?;
        let totals = predicted.stage_totals()?;
        let mut rows = TableWriter::create(&customers_path)?;
        let overview = predicted.write(&mut rows)?;
        Ok((predicted, overview, rows.finish()?, totals))
    };
    let (predicted, overview, customers, totals) = match predict(&predictor) {
        // What can be known is worth having: everybody's purchases.
        Err(error @ Error::InfiniteMean { .. }) => {
            console.warn(format!("{error}. Values are left out"));
            predict(&Predictor { spend: None, ..predictor }).map_err(|_| error)?
        }
        predicted => predicted?,
    };
    folder.keep();
    for staged in [stage_model(&model, &model_path)?, customers].into_iter().chain(totals) {
        staged.commit()?;
    }
    // What an earlier run left in the other form belongs to another model.
    let _ = std::fs::remove_file(args.output.join(other));

    overview.describe(&predicted, console)?;
    console.say(format!("\nWrote {} and {}", model_path.display(), customers_path.display()))?;
    let mut results = words::loaded_json(&loaded);
    results["model"] = serde_json::to_value(&model).expect("a model file is JSON");
    results["forecast"] = overview.json(&predicted);
    results["files"] = json!([model_path, customers_path]);
    console.results(&results)?;
    Ok(ExitCode::SUCCESS)
}

/// The folder of the results, which goes away again if it is new and nothing comes of them.
pub(super) struct NewFolder<'a>(Option<&'a Path>);

impl<'a> NewFolder<'a> {
    pub(super) fn create(path: &'a Path) -> Result<Self> {
        let is_new = !path.exists();
        std::fs::create_dir_all(path)
            .map_err(Error::io(format!("cannot create the output folder {}", path.display())))?;
        Ok(Self(is_new.then_some(path)))
    }

    pub(super) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for NewFolder<'_> {
    fn drop(&mut self) {
        // Whatever is in it stays, and so it does.
        self.0.map(std::fs::remove_dir);
    }
}
