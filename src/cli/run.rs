//! `clv run`: orders in, everything out.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Ending;
use super::fit::{ModelArgs, fit_models, stage_model};
use super::predict::warn_of_questions;
use super::report::{PageArgs, say_verdicts, verdicts_json};
use super::shared::counts::orders_or_summary_files;
use super::shared::covariate_args::join;
use super::shared::files::names;
use super::shared::forecast_args::ForecastArgs;
use super::shared::load::{order_log, summarise};
use super::shared::order_args::OrderArgs;
use super::shared::tables_folder::check_folder;
use super::text::column_help;
use super::text::console::Console;
use super::text::overview;
use super::text::words;
use crate::answers::{ErrorsOfTotals, Overview};
use crate::error::{Cause, Error, Result};
use crate::message::say;
use crate::model_file::{FileRecord, FittedModels};
use crate::outputs::{CUSTOMERS_FILES, FileKind, MODEL_FILE, NewFolder};
use crate::predict::Predictor;
use crate::report::Material;
use crate::summary::TimeUnit;
use crate::tables::{Staged, TableWriter};

const EXAMPLES: &str = "\
Examples:
  clv run data/cdnow/orders.csv
  clv run 'exports/*.csv.gz' --margin 0.3 --discount 0.1 --horizons 3m,12m --format csv
  clv run orders.csv --covariates channel,plan --customer-table customers.csv
  clv run items.csv --customer CustomerID --date InvoiceDate --date-format '%m/%d/%Y %H:%M'";

/// Read orders, fit the models, predict every customer
///
/// Leaves three files in the output folder: model.json; customers, with one row per customer: history, P(alive), expected spend,
/// and for each horizon expected purchases and value; and report.html, to look at.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", column_help::of_predictions()))]
pub(super) struct RunArgs {
    /// Order files: CSV, TSV (also .gz, .zst, .zip), workbooks, JSON or Parquet; a pattern in quotes; - for standard input
    #[arg(required = true, value_name = "ORDERS")]
    files: Vec<String>,

    /// Output folder
    #[arg(short, long, value_name = "DIR", default_value = "clv-results", help_heading = "Output")]
    output: PathBuf,

    /// Form of the table of customers
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    format: Format,

    /// Write no report, only fits, predictions and their tables
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
    let options = args.page.options(&args.models, &args.orders, args.forecast.seed())?;
    let fit = args.models.options(&args.orders)?;
    if !fit.with_spend {
        questions.check_without_spend()?;
    }
    let model_path = args.output.join(MODEL_FILE);
    let [csv, parquet] = CUSTOMERS_FILES;
    let (name, other) = match args.format {
        Format::Csv => (csv, parquet),
        Format::Parquet => (parquet, csv),
    };
    let customers_path = args.output.join(name);
    let report_path = args.output.join("report.html");
    let totals_path = args.forecast.totals_file();
    let page_path = (!args.no_report).then_some(&report_path);
    let tables = [Some(&*customers_path), totals_path];
    let beside: Vec<&Path> = tables.into_iter().flatten().chain([&*model_path, &*report_path]).collect();
    check_folder(args.page.tables.as_deref(), &beside)?;
    let inputs = orders_or_summary_files(&args.files)?;
    let outputs = args.models.customers.reading(args.orders.reading(&inputs, console));
    let outputs = outputs.writing(tables.into_iter().flatten(), FileKind::Table).writing(page_path, FileKind::Page);
    let outputs = outputs.writing(args.page.table_files(), FileKind::Table).writing([&model_path], FileKind::Model);
    outputs.check()?;
    let instead = "clv predict and clv report take one";
    let of_customers = args.models.columns()?;
    let columns = of_customers.beside(questions.columns());
    let customers = of_customers.read(&args.orders)?;
    let (mut log, read) = order_log(&inputs, &args.orders, &columns, instead, console)?;
    let mut loaded = summarise(&mut log, read, &args.orders, TimeUnit::Week, None, console)?;
    if let Some(customers) = &customers {
        join(customers, &mut loaded.summary, None, console)?;
    }
    let look_back = || options.look_back_with(Some(&mut log), &loaded.summary, customers.as_ref());
    let looked_back = (!args.no_report).then(look_back).transpose()?;
    // It is a third of all memory: let go, if nobody asks more of it.
    let log = Some(log).filter(|_| args.forecast.calibrate);
    let FittedModels { file: mut model, histories, .. } = fit_models(&loaded.summary, &fit, console)?;
    warn_of_questions(&questions, &model, &loaded.summary, console)?;
    let predictor = model.predictor()?;
    let mut calibrated = Vec::new();
    if let Some(mut log) = log {
        let orders = (&mut log, &loaded.summary);
        calibrated = args.forecast.calibrated(&model, &predictor, fit.fit, orders, &args.orders, console)?;
        model.calibration = calibrated.iter().flatten().map(|horizon| horizon.learned.clone()).collect();
    }
    let model = model;
    let uncertainty = model.uncertainty();
    let folder = NewFolder::create(&args.output)?;
    let raw_text = console.raw_text;
    let tested = looked_back.as_ref().and_then(|looked_back| looked_back.evaluation.as_ref().ok());
    let errors = tested.map(ErrorsOfTotals::of).unwrap_or_default();
    let predict = |predictor: &Predictor| {
        let summary = &loaded.summary;
        let predicted = questions.of(predictor, &uncertainty, summary, None)?.with_errors(errors);
        let predicted = predicted.with_calibrated(calibrated.clone());
        let totals = args.forecast.stage_totals(&predicted, raw_text)?;
        let mut rows = TableWriter::create_hashed(&customers_path)?.with_raw_text(raw_text);
        let overview = Overview::write(&predicted, &mut rows)?;
        Ok::<_, Error>((predicted, overview, rows.finish()?, totals))
    };
    let mut predictor = predictor;
    let (predicted, overview, customers, totals) = match predict(&predictor) {
        // What can be known is worth having: everybody's purchases.
        Err(error) if matches!(error.cause(), Cause::InfiniteMean { .. }) => {
            console.warn(say![error.message(), ". Values are left out"]);
            predictor.spend = None;
            predict(&predictor).map_err(|_| error)?
        }
        predicted => predicted?,
    };
    let value = &args.forecast.value;
    let page = |looked_back| {
        let material = Material {
            summary: &loaded.summary,
            histories: &histories,
            orders: loaded.read(),
            looked_back,
            model: &model,
            predictor: &predictor,
            valuation: value.valuation(&loaded.summary, args.orders.decimal_comma())?,
            horizons: value.horizons()?,
            all_customers: Some(name),
            calibrated: if calibrated.iter().any(Option::is_some) { &overview.horizons } else { &[] },
        };
        let page = options.page(material)?;
        Ok::<_, Error>((args.page.stage(&page, &report_path)?, page))
    };
    let (pages, page) = looked_back.map(page).transpose()?.unzip();
    let (pages, staged_pages): (Vec<PathBuf>, Vec<Staged>) = pages.into_iter().flatten().unzip();
    let tables = [Some(&customers), totals.as_ref()].into_iter().flatten();
    let tables = tables.filter_map(|staged| record(staged, &args.output)).collect();
    let written_model = model.clone().written_with(tables);
    let staged_model = stage_model(&written_model, &model_path)?;
    folder.keep();
    // The model last: it says which tables are of its run.
    outputs.commit(std::iter::once(customers).chain(totals).chain(staged_pages).chain([staged_model]))?;
    // What an earlier run left in the other form, or showed, belongs to another model.
    let stale_page = args.no_report.then_some((report_path, FileKind::Page));
    for (path, kind) in [(args.output.join(other), FileKind::Table)].into_iter().chain(stale_page) {
        if !outputs.remove(&path, kind) && !outputs.reads(&path) {
            console.warn(format!("{} stays, and is not of this run", path.display()));
        }
    }
    let files: Vec<PathBuf> = [model_path, customers_path].into_iter().chain(pages).collect();

    overview::describe(&overview, &predicted, console)?;
    if let Some(page) = &page {
        overview::describe_ranges(page, console)?;
        say_verdicts(page, console)?;
    }
    let written: Vec<String> = files.iter().take(3).map(|path| path.display().to_string()).collect();
    let (last, others) = written.split_last().expect("there are files");
    console.say(format!("\nWrote {} and {last}", others.join(", ")))?;
    let mut results = words::loaded_json(&loaded);
    results["model"] = serde_json::to_value(&written_model).expect("a model file is JSON");
    results["forecast"] = overview::json(&overview, &predicted);
    results["verdicts"] = page.as_ref().map(verdicts_json).unwrap_or_default();
    results["files"] = names(&files);
    console.results(&results)?;
    Ok(Ending::Success)
}

/// What the model file says of a table that lies beside it.
fn record(table: &Staged, folder: &Path) -> Option<(String, FileRecord)> {
    let place = |folder: &Path| std::fs::canonicalize(folder).ok();
    let (beside, name) = (table.path().parent()?, table.path().file_name()?.to_str()?);
    let beside = if beside.as_os_str().is_empty() { Path::new(".") } else { beside };
    (place(beside)? == place(folder)?).then_some((name.to_owned(), table.written()?))
}
