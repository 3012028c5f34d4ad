//! `clv report`: what customers are worth, to be looked at; and the same as a part of `clv run`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::Ending;
use super::fit::{ModelArgs, fit_models};
use super::shared::counts::orders_or_summary_files;
use super::shared::covariate_args::join;
use super::shared::files::{names, table_files};
use super::shared::flags::flags;
use super::shared::load::{Purpose, log_or_summary};
use super::shared::order_args::OrderArgs;
use super::shared::split_args::SplitArgs;
use super::shared::tables_folder::{check_folder, stage_tables};
use super::shared::value_args::ValueArgs;
use super::text::as_flag::as_flag;
use super::text::console::Console;
use super::text::words;
use crate::error::{Error, Result};
use crate::message::say;
use crate::model_file::FittedModels;
use crate::outputs::FileKind;
use crate::report::{Material, Page, PageOptions, page_table_names};
use crate::tables::Staged;

const EXAMPLES: &str = "\
Examples:
  clv report data/cdnow/orders.csv
  clv report orders.csv --margin 0.3 --discount 0.1 --compare -o value.html --tables value
  clv report orders.csv --holdout 6m
  clv report orders.csv --covariates channel,plan --customer-table customers.csv";

/// Make a page to look at: what to expect, who is valuable, and whether a forecast would have been right
///
/// Reads orders, fits the models, tests them on orders that they have not seen, and writes one HTML file that needs nothing else:
/// no network, no server. `clv run` writes the same page beside its tables.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ReportArgs {
    /// Order files, or one summary (without orders there is no test on a holdout)
    #[arg(required = true, value_name = "ORDERS|SUMMARY")]
    files: Vec<String>,

    /// The page
    #[arg(short, long, value_name = "FILE", default_value = "report.html", help_heading = "Output")]
    output: PathBuf,

    #[command(flatten)]
    page: PageArgs,

    #[command(flatten)]
    models: ModelArgs,

    #[command(flatten)]
    value: ValueArgs,

    /// Seed of all random numbers
    #[arg(long, default_value_t = PageOptions::default().seed, help_heading = "Prediction")]
    seed: u64,

    #[command(flatten)]
    orders: OrderArgs,
}

/// Options on the page, shared with `clv run`.
#[derive(Debug, Args)]
pub(super) struct PageArgs {
    #[command(flatten)]
    division: SplitArgs,

    /// Do not test the forecast
    #[arg(long, conflicts_with_all = ["split", "holdout"], help_heading = "Report")]
    no_holdout: bool,

    #[command(flatten)]
    page: PageFlags,

    /// Folder for the data of all charts and tables, as CSV and as JSON
    #[arg(long, value_name = "DIR", help_heading = "Report")]
    pub(super) tables: Option<PathBuf>,
}

flags! {
/// What the page shows.
PageFlags => PageOptions {
    /// Compare all models that apply, in their fit and in the test
    #[arg(long, help_heading = "Report")]
    compare: bool,

    /// Number of customers that are listed, the most valuable ones
    #[arg(long, value_name = "N", default_value_t = PageOptions::default().top, help_heading = "Report")]
    top: usize,
}
}

pub(super) fn report(args: &ReportArgs, console: &mut Console) -> Result<Ending> {
    let options = args.page.options(&args.models, &args.orders, args.seed)?;
    args.value.check()?;
    check_folder(args.page.tables.as_deref(), &[&args.output])?;
    let inputs = orders_or_summary_files(&args.files)?;
    let outputs = args.models.customers.reading(args.orders.reading(&inputs, console));
    let outputs = outputs.writing([&args.output], FileKind::Page).writing(args.page.table_files(), FileKind::Table);
    outputs.check()?;
    let of_customers = args.models.columns()?;
    let columns = of_customers.beside(args.value.margin.column().map(str::to_owned).into_iter().collect());
    let customers = of_customers.read(&args.orders)?;
    let fit = args.models.options(&args.orders)?;
    let (mut loaded, mut log) = log_or_summary(&inputs, &args.orders, &columns, Purpose::to_fit(&fit), console)?;
    if let Some(customers) = &customers {
        join(customers, &mut loaded.summary, None, console)?;
    }
    if fit.with_spend {
        loaded.check_spend()?;
    }
    let looked_back = options.look_back_with(log.as_mut(), &loaded.summary, customers.as_ref())?;
    drop(log);
    let FittedModels { file: model, histories, .. } = fit_models(&loaded.summary, &fit, console)?;
    let (horizons, discount) = (args.value.horizons()?, args.value.discount());
    let beyond = model.beyond_observation(&loaded.summary, &horizons)?;
    beyond.into_iter().chain(discount.caution()).for_each(|caution| console.warn(caution));
    let (predictor, without_values) = model.predictor()?.usable();
    if let Some(error) = without_values {
        console.warn(say![error.message(), ". Values are left out"]);
    }
    let material = Material {
        summary: &loaded.summary,
        histories: &histories,
        orders: loaded.read(),
        looked_back,
        model: &model,
        predictor: &predictor,
        valuation: args.value.valuation(&loaded.summary, args.orders.decimal_comma())?,
        horizons,
        all_customers: None,
        calibrated: &[],
    };
    let page = options.page(material)?;
    let (files, staged): (Vec<PathBuf>, Vec<Staged>) = args.page.stage(&page, &args.output)?.into_iter().unzip();
    outputs.commit(staged)?;
    say_verdicts(&page, console)?;
    console.say(format!("\nWrote {}", args.output.display()))?;
    let mut results = words::loaded_json(&loaded);
    results["model"] = serde_json::to_value(&model).expect("a model file is JSON");
    results["verdicts"] = verdicts_json(&page);
    results["files"] = names(&files);
    console.results(&results)?;
    Ok(Ending::Success)
}

impl PageArgs {
    /// How the page is made, checked.
    pub(super) fn options(&self, models: &ModelArgs, orders: &OrderArgs, seed: u64) -> Result<PageOptions> {
        let mut options = PageOptions {
            test: !self.no_holdout,
            split: self.division.split()?,
            seed,
            models: models.options(orders)?,
            unit: orders.unit_or_week(),
            cohort: orders.cohort()?,
            until: orders.until(),
            ..PageOptions::default()
        };
        self.page.fill(&mut options);
        options.check().map(|()| options)
    }

    /// The files of tables that there may be.
    pub(super) fn table_files(&self) -> Vec<PathBuf> {
        table_files(self.tables.as_ref(), &page_table_names())
    }

    /// Begins the page's file and those of its tables, and names them.
    pub(super) fn stage(&self, page: &Page, path: &Path) -> Result<Vec<(PathBuf, Staged)>> {
        let html = page.html(as_flag)?;
        let mut staged = Staged::create(path)?;
        staged.write_all(html.as_bytes()).map_err(Error::writing(path.display().to_string()))?;
        let mut files = vec![(path.to_owned(), staged)];
        if let Some(folder) = &self.tables {
            files.extend(stage_tables(folder, &page.tables())?);
        }
        Ok(files)
    }
}

/// The words on top of the page.
pub(super) fn say_verdicts(page: &Page, console: &mut Console) -> Result<()> {
    console.say("")?;
    // What was warned of need not be said again.
    let verdicts: Vec<_> = page.verdicts.iter().filter(|verdict| !console.has_warned_of(&verdict.text)).collect();
    verdicts.into_iter().try_for_each(|verdict| console.say(say![&*verdict.headline, ". ", &verdict.text]))
}

/// The verdicts, for machines.
pub(super) fn verdicts_json(page: &Page) -> Value {
    let verdict = |verdict: &crate::report::Verdict| json!({ "level": verdict.level.name(), "headline": verdict.headline, "text": verdict.text.render(as_flag) });
    page.verdicts.iter().map(verdict).collect()
}
