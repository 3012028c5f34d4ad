//! `clv run`: orders in, everything out.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::Ending;
use super::columns::HELP;
use super::console::Console;
use super::fit::{ModelArgs, fit_models, stage_model};
use super::forecast::ForecastArgs;
use super::load::{OrderArgs, keep_apart, order_log, summarise};
use super::new_folder::NewFolder;
use super::overview::Overview;
use super::report::{PageArgs, say_verdicts, verdicts_json};
use super::table_files::check_folder;
use super::words;
use crate::error::{Error, Result};
use crate::predict::Predictor;
use crate::report::Material;
use crate::summary::TimeUnit;
use crate::tables::TableWriter;

const EXAMPLES: &str = "\
Examples:
  clv run data/cdnow/orders.csv
  clv run 'exports/*.csv.gz' --margin 0.3 --discount 0.1 --horizons 3m,12m --format csv
  clv run items.csv --customer CustomerID --date InvoiceDate --date-format '%m/%d/%Y %H:%M'";

/// Read orders, fit the models, predict every customer
///
/// Leaves three files in the output folder: model.json; customers, with one row per customer: history, P(alive), expected spend,
/// and for each horizon expected purchases and value; and report.html, to look at.
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

    /// Write no report: fits, predictions and their tables alone
    #[arg(long, conflicts_with_all = ["split", "holdout", "no_holdout", "compare", "top", "tables"], help_heading = "Report")]
    no_report: bool,

    #[command(flatten)]
    page: PageArgs,

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

pub(super) fn run(args: &RunArgs, console: &mut Console) -> Result<Ending> {
    let questions = args.forecast.questions(args.orders.decimal_comma())?;
    let options = args.page.options(&args.models, &args.orders, args.forecast.seed)?;
    if args.models.no_spend {
        questions.check_without_spend()?;
    }
    let model_path = args.output.join("model.json");
    let (name, other) = match args.format {
        Format::Csv => ("customers.csv", "customers.parquet"),
        Format::Parquet => ("customers.parquet", "customers.csv"),
    };
    let customers_path = args.output.join(name);
    let report_path = args.output.join("report.html");
    let outputs = [Some(&*model_path), Some(&*customers_path), args.forecast.totals_file(), Some(&*report_path)];
    keep_apart(&args.files, &outputs)?;
    check_folder(args.page.tables.as_deref(), &outputs.iter().flatten().copied().collect::<Vec<&Path>>())?;
    let instead = "clv predict and clv report take one";
    let (mut log, read) = order_log(&args.files, &args.orders, &questions.columns(), instead, console)?;
    let loaded = summarise(&mut log, read, &args.orders, TimeUnit::Week, None, console)?;
    let look_back = || options.look_back(Some(&mut log), &loaded.summary);
    let looked_back = (!args.no_report).then(look_back).transpose()?;
    drop(log);
    let model = fit_models(&loaded.summary, &args.models, console)?;
    let predictor = model.predictor()?;
    let uncertainty = model.uncertainty();
    let folder = NewFolder::create(&args.output)?;
    let predict = |predictor: &Predictor| {
        let summary = &loaded.summary;
        let predicted = questions.of(predictor, &uncertainty, summary, None)?;
        let totals = args.forecast.stage_totals(&predicted)?;
        let mut rows = TableWriter::create(&customers_path)?;
        let overview = Overview::write(&predicted, &mut rows)?;
        Ok((predicted, overview, rows.finish()?, totals))
    };
    let mut predictor = predictor;
    let (predicted, overview, customers, totals) = match predict(&predictor) {
        // What can be known is worth having: everybody's purchases.
        Err(error @ Error::InfiniteMean { .. }) => {
            console.warn(format!("{error}. Values are left out"));
            predictor.spend = None;
            predict(&predictor).map_err(|_| error)?
        }
        predicted => predicted?,
    };
    let value = &args.forecast.value;
    let page = |looked_back| {
        let material = Material {
            summary: &loaded.summary,
            orders: loaded.read(),
            looked_back,
            model: &model,
            predictor: &predictor,
            valuation: value.valuation(&loaded.summary, args.orders.decimal_comma())?,
            horizons: value.horizons()?,
            all_customers: Some(name),
        };
        let page = options.page(material)?;
        Ok::<_, Error>((args.page.stage(&page, &report_path)?, page))
    };
    let (pages, page) = looked_back.map(page).transpose()?.unzip();
    folder.keep();
    let mut files = vec![model_path, customers_path];
    for staged in [stage_model(&model, &files[0])?, customers].into_iter().chain(totals) {
        staged.commit()?;
    }
    for (name, staged) in pages.into_iter().flatten() {
        staged.commit()?;
        files.push(name);
    }
    if args.no_report {
        // That of an earlier run shows another model.
        let _ = std::fs::remove_file(&report_path);
    }
    // What an earlier run left in the other form belongs to another model.
    let _ = std::fs::remove_file(args.output.join(other));

    overview.describe(&predicted, console)?;
    if let Some(page) = &page {
        say_verdicts(page, console)?;
    }
    let names: Vec<String> = files.iter().take(3).map(|path| path.display().to_string()).collect();
    let (last, others) = names.split_last().expect("there are files");
    console.say(format!("\nWrote {} and {last}", others.join(", ")))?;
    let mut results = words::loaded_json(&loaded);
    results["model"] = serde_json::to_value(&model).expect("a model file is JSON");
    results["forecast"] = overview.json(&predicted);
    results["verdicts"] = page.as_ref().map(verdicts_json).unwrap_or_default();
    results["files"] = json!(files);
    console.results(&results)?;
    Ok(Ending::Success)
}
