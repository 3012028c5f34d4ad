//! `clv fit`: orders or a summary in, a model file out.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde_json::json;

use super::Ending;
use super::shared::counts::{counts_files, counts_folder, read_counts};
use super::shared::covariate_args::{CovariateArgs, CustomerColumns, CustomerTableArgs};
use super::shared::files::names;
use super::shared::flags::flags;
use super::shared::load::{Purpose, orders_or_summary};
use super::shared::loaded_summary::Loaded;
use super::shared::order_args::OrderArgs;
use super::shared::weight_args::WeightArgs;
use super::text::console::Console;
use super::text::words;
use crate::error::{Error, Result};
use crate::fit::{AUTO, FitOptions, Resampling, TimingChoice};
use crate::model_file::{FittedModels, ModelFile, ModelOptions};
use crate::models::TimingKind;
use crate::outputs::FileKind;
use crate::summary::FitData;
use crate::tables::{Input, Staged, expand};

/// Fit a model of purchases, and Gamma-Gamma for spend, by maximum likelihood
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  clv fit data/cdnow/orders-sample.csv --until 1997-09-30 -o model.json
  clv fit summary.parquet -o model.json
  clv fit counted.csv --weights customers --unit week --until 2024-12-31 -o model.json")]
pub(super) struct FitCommandArgs {
    /// Order files, or one summary, or a folder that clv count wrote
    #[arg(required = true, value_name = "ORDERS|SUMMARY|COUNTS")]
    files: Vec<String>,

    /// Model file [default: standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,

    #[command(flatten)]
    models: ModelArgs,

    #[command(flatten)]
    weights: WeightArgs,

    #[command(flatten)]
    orders: OrderArgs,
}

/// Which models are fitted, and how.
#[derive(Debug, Args)]
pub(super) struct ModelArgs {
    #[command(flatten)]
    model: TimingFlag,

    #[command(flatten)]
    fit: FitFlags,

    #[command(flatten)]
    bootstrap: BootstrapFlags,

    #[command(flatten)]
    covariates: CovariateArgs,

    #[command(flatten)]
    pub(super) customers: CustomerTableArgs,
}

flags! {
/// Which model.
TimingFlag => ModelOptions {
    /// Model of when customers purchase; auto takes the one that describes the orders best, by BIC
    #[arg(id = "model", long = "model", value_name = "NAME", value_parser = timing_choices(), default_value_t = ModelOptions::default().timing, help_heading = "Fit")]
    timing: TimingChoice,
}
}

flags! {
/// Whether estimates are bootstrapped.
BootstrapFlags => ModelOptions {
    /// Refit this many times to resampled customers, and keep the estimates as the uncertainty of the parameters; 200 is usual
    #[arg(long, value_name = "N", help_heading = "Fit")]
    bootstrap: Option<u32>,

    /// How customers are resampled
    #[arg(long, value_enum, default_value_t, requires = "bootstrap", help_heading = "Fit")]
    bootstrap_by: Resampling,
}
}

flags! {
/// Options on any fit.
FitFlags => FitOptions {
    /// Standard errors that hold even if the models are only nearly true (sandwich)
    #[arg(long, help_heading = "Fit")]
    robust: bool,

    /// Standard deviation of a prior on the logarithm of each parameter, for small samples, also of fewer than ten returning customers; 2 is mild
    #[arg(long, value_name = "SD", help_heading = "Fit")]
    prior_sd: Option<f64>,
}
}

/// The names of the models, for `--help`, completions and messages; those with a number of stages are understood besides.
fn names_of_models() -> impl Iterator<Item = PossibleValue> {
    let named = TimingKind::ALL.iter().map(|kind| PossibleValue::new(kind.name()));
    let numbered = TimingKind::numbered().map(|kind| PossibleValue::new(kind.name()).hide(true));
    named.chain(numbered)
}

/// A model by name.
pub(super) fn timing_kinds() -> impl TypedValueParser<Value = TimingKind> {
    PossibleValuesParser::new(names_of_models()).try_map(|name| name.parse::<TimingKind>())
}

/// A model by name, or a choice among them.
pub(super) fn timing_choices() -> impl TypedValueParser<Value = TimingChoice> {
    let names = names_of_models().chain([PossibleValue::new(AUTO)]);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<TimingChoice>())
}

impl ModelArgs {
    /// Which models are fitted, checked.
    pub(super) fn options(&self, orders: &OrderArgs) -> Result<ModelOptions> {
        let covariates = self.covariates.options();
        let mut options = ModelOptions { with_spend: !orders.no_spend(), covariates, ..ModelOptions::default() };
        self.model.fill(&mut options);
        self.fit.fill(&mut options.fit);
        self.bootstrap.fill(&mut options);
        options.check().map(|()| options)
    }

    /// Columns of customers that are wanted, and where they come from.
    pub(super) fn columns(&self) -> Result<CustomerColumns> {
        self.customers.columns(&self.covariates.names())
    }
}

impl FitFlags {
    /// The options, checked.
    pub(super) fn options(&self) -> Result<FitOptions> {
        let mut options = FitOptions::default();
        self.fill(&mut options);
        options.check().map(|()| options)
    }
}

pub(super) fn fit(args: &FitCommandArgs, console: &mut Console) -> Result<Ending> {
    if args.output.is_none() && !console.json {
        console.reserve_stdout("-o FILE")?;
    }
    let options = args.models.options(&args.orders)?;
    let folder = counts_folder(&args.files);
    let inputs = if folder.is_some() { Vec::new() } else { expand(&args.files)? };
    let outputs = args.models.customers.reading(args.orders.reading(&inputs, console));
    let outputs = outputs.reading_files(&counts_files(folder)).writing(&args.output, FileKind::Model);
    outputs.check()?;
    let (model, mut results) = match folder {
        Some(folder) => {
            let table = &args.models.customers;
            let counts = read_counts(folder, &args.orders, &args.weights, table, console)?;
            (fit_models(&counts, &options, console)?.file, json!({ "counts": words::counts_json(&counts) }))
        }
        None => {
            let loaded = customers(args, &inputs, &options, console)?;
            (fit_models(&loaded.summary, &options, console)?.file, words::loaded_json(&loaded))
        }
    };
    match &args.output {
        Some(path) => {
            outputs.write(path, model.to_json().as_bytes())?;
            console.say(format!("\nWrote {}", path.display()))?;
        }
        None if !console.json => console.data(model.to_json().as_bytes())?,
        None => {}
    }
    results["model"] = serde_json::to_value(&model).expect("a model file is JSON");
    results["files"] = names(&args.output);
    console.results(&results)?;
    Ok(Ending::Success)
}

/// Reads orders, or a summary.
fn customers(args: &FitCommandArgs, inputs: &[Input], options: &ModelOptions, console: &mut Console) -> Result<Loaded> {
    let columns = args.models.columns()?;
    // Customers of a table are known by their ids.
    let purpose = Purpose {
        names_nobody: options.covariates.is_empty(),
        weights: Some(&args.weights),
        ..Purpose::to_fit(options)
    };
    let mut loaded = orders_or_summary(inputs, &args.orders, &columns.of_orders, purpose, console)?;
    columns.join(&args.orders, &mut loaded.summary, console)?;
    if options.with_spend {
        loaded.check_spend()?;
    }
    Ok(loaded)
}

/// Fits the timing model, and the spend model unless it is not wanted.
pub(super) fn fit_models<'a>(
    data: impl Into<FitData<'a>>,
    options: &ModelOptions,
    console: &mut Console,
) -> Result<FittedModels> {
    let fitted = ModelFile::fit_and_count(data, options)?;
    words::timing(console, &fitted.file)?;
    if fitted.file.spend.is_some() {
        words::spend(console, &fitted.file, fitted.without_spend)?;
    }
    Ok(fitted)
}

/// Begins a model file; it is in place after the commit.
pub(super) fn stage_model(model: &ModelFile, path: &Path) -> Result<Staged> {
    let mut staged = Staged::create(path)?;
    staged.write_all(model.to_json().as_bytes()).map_err(Error::writing(path.display().to_string()))?;
    Ok(staged)
}
