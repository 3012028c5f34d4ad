//! `clv report`: what customers are worth, to be looked at; and the same as a part of `clv run`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::columns::HELP;
use super::console::Console;
use super::fit::{ModelArgs, fit_models};
use super::load::{Loaded, OrderArgs, OrdersRead, keep_apart, log_or_summary};
use super::split_options::SplitArgs;
use super::table_files::{check_folder, stage_tables};
use super::value_options::ValueArgs;
use super::words;
use crate::describe::{Description, Potential};
use crate::error::{Error, Result};
use crate::evaluate::{Evaluation, EvaluationOptions, Experiment, compare, eligible, evaluate as evaluate_split};
use crate::fit::FitOptions;
use crate::model_file::ModelFile;
use crate::predict::{Horizon, Predictor, Valuation};
use crate::report::{Forecasts, Level, Page, Report};
use crate::summary::{PurchaseLog, Summary, TimeUnit};
use crate::tables::{Staged, clip};

const EXAMPLES: &str = "\
Examples:
  clv report data/cdnow/orders.csv
  clv report orders.csv --margin 0.3 --discount 0.1 --compare -o value.html --tables value
  clv report orders.csv --holdout 6m";

/// A page to look at: what to expect, who is valuable, was it right
///
/// Reads orders, fits the models, holds them against a part of the orders that they did not see, and writes one HTML file that needs
/// nothing else: no network, no server. `clv run` writes the same page beside its tables.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{HELP}"))]
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

    /// Seed of everything that is drawn
    #[arg(long, default_value_t = 1, help_heading = "Prediction")]
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

    /// Compare all models that apply, in their fit and in the test
    #[arg(long, help_heading = "Report")]
    compare: bool,

    /// Number of customers that are listed, the most valuable ones
    #[arg(long, value_name = "N", default_value_t = 200, help_heading = "Report")]
    top: usize,

    /// Folder for the data of all charts and tables, as CSV and as JSON
    #[arg(long, value_name = "DIR", help_heading = "Report")]
    pub(super) tables: Option<PathBuf>,
}

/// More customers than a page holds.
const MOST_LISTED: usize = 2000;

/// Fewer days on either side of a split than this tell nothing, unless they were asked for.
const FEWEST_DAYS: i32 = 28;

/// What the orders say beside their summary, taken before they are let go.
pub(super) struct LookedBack {
    /// Or why there is none.
    evaluation: std::result::Result<Evaluation, String>,
    description: Option<Description>,
}

/// How the models are fitted, and to what.
pub(super) struct Fitting<'a> {
    pub(super) models: &'a ModelArgs,
    pub(super) options: FitOptions,
    pub(super) orders: &'a OrderArgs,
    pub(super) seed: u64,
}

/// What the page is made from.
pub(super) struct Material<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) looked_back: LookedBack,
    pub(super) model: &'a ModelFile,
    pub(super) predictor: &'a Predictor,
    pub(super) value: &'a ValueArgs,
    /// The file with all customers, if one is written beside the page.
    pub(super) all_customers: Option<&'a str>,
}

pub(super) fn report(args: &ReportArgs, console: &mut Console) -> Result<ExitCode> {
    args.page.check()?;
    args.value.check()?;
    let options = args.models.options()?;
    keep_apart(&args.files, &[Some(&args.output)])?;
    check_folder(args.page.tables.as_deref(), &[&args.output])?;
    let columns: Vec<String> = args.value.margin.column().map(str::to_owned).into_iter().collect();
    let (loaded, mut log) = log_or_summary(&args.files, &args.orders, &columns, Some(TimeUnit::Week), console)?;
    if !args.models.no_spend {
        loaded.check_spend()?;
    }
    let fitting = Fitting { models: &args.models, options, orders: &args.orders, seed: args.seed };
    let looked_back = args.page.look_back(log.as_mut(), &loaded.summary, &fitting)?;
    drop(log);
    let model = fit_models(&loaded.summary, &args.models, console)?;
    let predictor = usable(model.predictor()?, console);
    let material = Material {
        loaded: &loaded,
        looked_back,
        model: &model,
        predictor: &predictor,
        value: &args.value,
        all_customers: None,
    };
    let page = args.page.page(material, &fitting)?;
    let mut files = Vec::new();
    for (name, staged) in args.page.stage(&page, &args.output)? {
        staged.commit()?;
        files.push(name);
    }
    say_verdicts(&page, console)?;
    console.say(format!("\nWrote {}", args.output.display()))?;
    let mut results = words::loaded_json(&loaded);
    results["model"] = serde_json::to_value(&model).expect("a model file is JSON");
    results["verdicts"] = verdicts_json(&page);
    results["files"] = json!(files);
    console.results(&results)?;
    Ok(ExitCode::SUCCESS)
}

/// The models, without that of spend if it has no mean.
fn usable(predictor: Predictor, console: &mut Console) -> Predictor {
    let mean = predictor.spend.map_or(Ok(0.0), |spend| spend.expected_spend(0, 0.0));
    match mean {
        Ok(_) => predictor,
        Err(error) => {
            console.warn(format!("{error}. Values are left out"));
            Predictor { spend: None, ..predictor }
        }
    }
}

impl PageArgs {
    /// Checks what can be checked before the orders are read.
    pub(super) fn check(&self) -> Result<()> {
        self.division.split()?;
        if (1..=MOST_LISTED).contains(&self.top) {
            return Ok(());
        }
        Err(Error::Usage(format!("--top is {}; give 1 to {MOST_LISTED}", self.top)))
    }

    /// Tests a forecast on the orders, and describes them.
    pub(super) fn look_back(
        &self,
        log: Option<&mut PurchaseLog>,
        summary: &Summary,
        fitting: &Fitting<'_>,
    ) -> Result<LookedBack> {
        let Some(log) = log else {
            if self.division.is_given() {
                return Err(Error::Usage("a summary cannot be divided; --split and --holdout take orders".to_owned()));
            }
            let why = "a summary was read, and the test takes orders".to_owned();
            return Ok(LookedBack { evaluation: Err(why), description: None });
        };
        let evaluation = match self.no_holdout {
            true => Err("none was asked for".to_owned()),
            false => match self.test(log, fitting) {
                Ok(evaluation) => evaluation,
                // Data that do not suffice for a test may still suffice for a forecast.
                Err(error @ (Error::Io { .. } | Error::Amount { .. })) => return Err(error),
                Err(error) if self.division.is_given() => return Err(error),
                Err(error) => Err(error.to_string()),
            },
        };
        let description = Description::of_orders(log, summary)?;
        Ok(LookedBack { evaluation, description: Some(description) })
    }

    fn test(&self, log: &mut PurchaseLog, fitting: &Fitting<'_>) -> Result<std::result::Result<Evaluation, String>> {
        let (begin, until) = fitting.orders.whole_periods(log);
        let split = self.division.split()?.day(begin, until, log.grain())?;
        let days = split.days_since(begin).min(until.days_since(split));
        if days < FEWEST_DAYS && !self.division.is_given() {
            return Ok(Err(format!("the orders span only {} days", until.days_since(begin) + 1)));
        }
        let unit = fitting.orders.unit_or_week();
        let experiment = Experiment::new(log, unit, &fitting.orders.cohort()?, split, until)?;
        let first = fitting.models.model;
        let others =
            eligible(&experiment.summary.observation).into_iter().filter(|kind| *kind != first && self.compare);
        let models = std::iter::once(first).chain(others).collect();
        let options = EvaluationOptions {
            models,
            with_spend: !fitting.models.no_spend,
            fit: fitting.options,
            seed: fitting.seed,
            ..EvaluationOptions::default()
        };
        evaluate_split(&experiment, &options).map(Ok)
    }

    /// The page.
    pub(super) fn page(&self, material: Material<'_>, fitting: &Fitting<'_>) -> Result<Page> {
        let Material { loaded, looked_back, model, predictor, value, all_customers } = material;
        let LookedBack { evaluation, mut description } = looked_back;
        let summary = &loaded.summary;
        let margin = value.margin(summary, fitting.orders.decimal_comma())?;
        let valuation = Valuation { margin, discount: value.discount()?, cac: None };
        let (mut horizons, others): (Vec<Horizon>, Vec<Horizon>) =
            value.horizons()?.into_iter().partition(Horizon::is_span);
        let others: Vec<String> = others.iter().map(Horizon::to_string).collect();
        if horizons.is_empty() {
            horizons.push(Horizon::months(12));
        }
        let uncertainty = model.uncertainty();
        let forecasts =
            Forecasts::new(predictor, summary, &horizons, &valuation, &uncertainty, self.top, fitting.seed)?;
        if let (Some(description), Some(known), Some(last), Some(_)) =
            (&mut description, &summary.purchases, forecasts.horizons.last(), predictor.spend)
        {
            let earned = |(row, total): (usize, &f64)| total * valuation.margin.of(row);
            let earned: Vec<f64> = known.total.iter().enumerate().map(earned).collect();
            description.potential = Some(Potential::new(&earned, &last.worth));
        }
        let kinds = eligible(&summary.observation);
        let comparison = self.compare.then(|| compare(&kinds, summary, None, &fitting.options)).transpose()?;
        let orders = loaded.orders.as_ref().map(|OrdersRead { report, excluded, .. }| (report, excluded));
        let source = orders.map_or_else(|| "a summary".to_owned(), |(report, _)| source(report));
        Report {
            source: &source,
            summary,
            orders,
            model,
            predictor,
            forecasts: &forecasts,
            other_horizons: &others,
            discount: &valuation.discount,
            evaluation: evaluation.as_ref(),
            comparison: comparison.as_ref(),
            description: description.as_ref(),
            all_customers,
        }
        .page()
    }

    /// Begins the page's file and those of its tables, and names them.
    pub(super) fn stage(&self, page: &Page, path: &Path) -> Result<Vec<(PathBuf, Staged)>> {
        let html = page.html()?;
        let mut staged = Staged::create(path)?;
        staged.write_all(html.as_bytes()).map_err(Error::io(format!("cannot write {}", path.display())))?;
        let mut files = vec![(path.to_owned(), staged)];
        if let Some(folder) = &self.tables {
            files.extend(stage_tables(folder, &page.tables())?);
        }
        Ok(files)
    }
}

/// What the orders are called: by the name of their file, without folders, or by the number of files.
fn source(report: &crate::orders::ReadReport) -> String {
    match &report.files[..] {
        [file] => clip(file.file_name()),
        files => format!("{} files of orders", files.len()),
    }
}

/// The words on top of the page.
pub(super) fn say_verdicts(page: &Page, console: &mut Console) -> Result<()> {
    console.say("")?;
    page.verdicts.iter().try_for_each(|verdict| console.say(format!("{}. {}", verdict.headline, verdict.text)))
}

/// The same for machines.
pub(super) fn verdicts_json(page: &Page) -> Value {
    let level = |level| match level {
        Level::Good => "good",
        Level::Caution => "caution",
        Level::Bad => "bad",
    };
    let verdict = |verdict: &crate::report::Verdict| json!({ "level": level(verdict.level), "headline": verdict.headline, "text": verdict.text });
    page.verdicts.iter().map(verdict).collect()
}
