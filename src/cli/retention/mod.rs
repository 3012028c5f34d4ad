//! `clv retention`: survivors of cohorts under contract, or subscriptions in, retention and residual lifetimes out.

mod data;

use std::iter::repeat_n;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use self::data::{Data, Group, SubscriptionArgs};
use super::Ending;
use super::fit::{FitFlags, stage_model};
use super::shared::files::{names, read_models};
use super::text::console::Console;
use super::text::words;
use crate::error::{Error, Result};
use crate::model_file::ModelFile;
use crate::outputs::{FileKind, Outputs};
use crate::predict::DiscountRate;
use crate::report::{DataTable, Format, TableView, projection_table, retention_holdout_table};
use crate::retention::{Holdout, Projection, ProjectionOptions, RetentionFamily, RetentionOptions, RetentionRecord};
use crate::summary::TimeUnit;
use crate::tables::expand;

/// Project the retention of customers under contract (sBG, BdW)
///
/// Reads a table of subscriptions, one row a contract with its customer, its start and its end, empty while it runs; or a table of
/// survivors with the columns period (0, 1, 2, ...) and survivors (customers still there after it), and cohort if there are several.
/// Shows for each period the share of a cohort that is still there, the share of those who renew, with --discount the discounted
/// expected residual lifetime of a customer who faces that renewal, and of subscriptions how many of the customers of today are
/// still there.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  clv retention subscriptions.csv --unit month --until 2024-12-31 --family auto --interval 95
  clv retention subscriptions.csv --unit month --until 2024-12-31 --by plan --payment 9.99
  clv retention survivors.csv --periods 12
  clv retention survivors.csv --unit month --discount 0.1 --payment 9.99 -o retention.csv
  clv retention --model models/fader-hardie-2007-sbg-high-end.json --discount 0.1")]
pub(super) struct RetentionArgs {
    /// Table of subscriptions, or of survivors
    #[arg(value_name = "SUBSCRIPTIONS|SURVIVORS", required_unless_present = "model", conflicts_with = "model")]
    file: Option<String>,

    /// Model file to project from, instead of survivors
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["robust", "prior_sd"])]
    model: Option<PathBuf>,

    /// Which model is fitted [default: sbg]
    #[arg(long, value_enum, conflicts_with = "model", help_heading = "Model")]
    family: Option<RetentionFamily>,

    /// Standard deviation of a prior on ln c of BdW around 0, for cohorts seen for few periods, for instance 0.5
    #[arg(long, value_name = "SD", conflicts_with = "model", help_heading = "Model")]
    shape_sd: Option<f64>,

    /// Periods to project
    #[arg(long, value_name = "N", default_value_t = 12, help_heading = "Projection")]
    periods: u32,

    /// Length of a period [default: the model's, or a year]
    #[arg(long, value_enum, help_heading = "Projection")]
    unit: Option<TimeUnit>,

    /// Annual discount rate, for instance 0.1 or 10%; gives residual lifetimes
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, help_heading = "Projection")]
    discount: Option<DiscountRate>,

    /// What a renewal pays, to turn residual lifetimes into value, and customers still there into revenue
    #[arg(long, value_name = "AMOUNT", help_heading = "Projection")]
    payment: Option<f64>,

    /// Share of the payment that is left of it, for instance 0.3, in values
    #[arg(long, value_name = "SHARE", requires = "payment", help_heading = "Projection")]
    margin: Option<f64>,

    /// Interval of survival that holds the truth so often, per cent, for instance 95
    #[arg(long, value_name = "PERCENT", help_heading = "Projection")]
    interval: Option<f64>,

    /// Compare models on the last N periods, counted from the start of contracts: fitted to those before, besides
    #[arg(long, value_name = "N", conflicts_with = "model", help_heading = "Model")]
    holdout: Option<u32>,

    /// Table of periods, .csv or .parquet
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,

    /// Model file to write
    #[arg(long, value_name = "FILE", conflicts_with = "model", help_heading = "Output")]
    model_output: Option<PathBuf>,

    #[command(flatten)]
    subscriptions: SubscriptionArgs,

    #[command(flatten)]
    fit: FitFlags,
}

/// A model with what it projects.
struct Projected {
    group: String,
    record: RetentionRecord,
    projection: DataTable,
    holdout: Option<Holdout>,
}

pub(super) fn retention(args: &RetentionArgs, console: &mut Console) -> Result<Ending> {
    let fit = args.fit.options()?;
    let options = ProjectionOptions {
        periods: args.periods,
        discount: args.discount,
        payment: args.payment,
        margin: args.margin,
        interval: args.interval,
    };
    args.discount.and_then(DiscountRate::caution).into_iter().for_each(|caution| console.warn(caution));
    options.check_with_base(true)?;
    let inputs = args.file.as_ref().map(|file| expand(std::slice::from_ref(file))).transpose()?.unwrap_or_default();
    let outputs = Outputs::new(console.overwrite).reading(&inputs).reading_files(&args.model);
    let outputs = outputs.writing(&args.output, FileKind::Table).writing(&args.model_output, FileKind::Model);
    outputs.check()?;
    let (all, report) = match (&args.file, &args.model) {
        (Some(file), _) => {
            let data = data::read(file, &inputs, &args.subscriptions, args.unit, console)?;
            let family = args.family.unwrap_or_default();
            let how = RetentionOptions { period: data.period, family, shape_sd: args.shape_sd, fit };
            let report = data.report.as_ref().map(|report| report.lines());
            (project_all(&data, &how, &options, args.holdout, console)?, report)
        }
        (None, Some(path)) => {
            let record = read_record(path, args.unit, console)?;
            let projection = projection_table(&Projection::new(&record, None, &options)?);
            (vec![Projected { group: String::new(), record, projection, holdout: None }], None)
        }
        (None, None) => unreachable!("clap requires one"),
    };
    for one in &all {
        describe_model(one, console)?;
        describe(one.projection.clone(), console)?;
        one.holdout.as_ref().map_or(Ok(()), |holdout| describe_holdout(holdout, console))?;
    }
    write(args, &outputs, all, report, console)
}

/// Fits every group; those that cannot be fitted are left aside with a warning, unless it is the only one.
fn project_all(
    data: &Data,
    how: &RetentionOptions,
    options: &ProjectionOptions,
    holdout: Option<u32>,
    console: &mut Console,
) -> Result<Vec<Projected>> {
    how.check()?;
    let mut all = Vec::new();
    for Group { name, lifetimes, running } in &data.groups {
        let record = match RetentionRecord::fit(lifetimes, how) {
            Ok(record) => record,
            Err(error) if data.groups.len() > 1 => {
                console.warn(format!("group `{name}` is left out: {error}"));
                continue;
            }
            Err(error) => return Err(error),
        };
        let projection = match running {
            Some(running) => Projection::with_base(&record, Some(lifetimes), running, options)?,
            None => Projection::new(&record, Some(lifetimes), options)?,
        };
        let holdout = holdout.map(|periods| Holdout::new(lifetimes, periods, how)).transpose()?;
        all.push(Projected { group: name.clone(), record, projection: projection_table(&projection), holdout });
    }
    if all.is_empty() {
        return Err(Error::data("no group can be fitted"));
    }
    Ok(all)
}

fn read_record(path: &PathBuf, unit: Option<TimeUnit>, console: &mut Console) -> Result<RetentionRecord> {
    let model = read_models(std::slice::from_ref(path), console)?;
    let record = model
        .and_then(|model| model.retention)
        .ok_or_else(|| Error::usage(format!("{} has no retention model; it is for clv predict", path.display())))?;
    record.check_period(unit)?;
    Ok(record)
}

fn describe_model(one: &Projected, console: &mut Console) -> Result<()> {
    let Projected { group, record, .. } = one;
    let of_group = if group.is_empty() { String::new() } else { format!("{group}, ") };
    let title = format!("{of_group}{}: renewals by the {}", record.model.name(), record.period);
    words::model(console, &title, &record.model.parameters(), record.fit.as_ref())?;
    match &record.choice {
        Some(choice) => console.say(choice.why.clone()),
        None if record.model.name() != "sbg" => console.say(record.model.trend()),
        None => Ok(()),
    }
}

fn write(
    args: &RetentionArgs,
    outputs: &Outputs,
    all: Vec<Projected>,
    report: Option<Vec<String>>,
    console: &mut Console,
) -> Result<Ending> {
    let by_group = args.subscriptions.is_by_group();
    let table = |one: &Projected| match by_group {
        true => one.projection.clone().text("group", repeat_n(one.group.as_str(), one.projection.len())),
        false => one.projection.clone(),
    };
    let whole = all[1..].iter().fold(table(&all[0]), |whole, one| whole.stacked(&table(one)));
    let files: Vec<ModelFile> = all.iter().map(|one| ModelFile::of_retention(one.record.clone())).collect();
    let mut staged = Vec::new();
    if let Some(path) = &args.output {
        staged.push(whole.table().stage(path)?);
    }
    if let Some(path) = &args.model_output {
        staged.push(stage_model(&files[0], path)?);
    }
    outputs.commit(staged)?;
    let written: Vec<&PathBuf> = args.output.iter().chain(&args.model_output).collect();
    if !written.is_empty() {
        let files: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        console.say(format!("\nWrote {}", files.join(" and ")))?;
    }
    let mut results = json!({ "projection": whole.records(), "files": names(written) });
    if by_group {
        let models = all.iter().zip(&files).map(|(one, file)| json!({ "group": one.group, "model": file }));
        results["models"] = models.collect::<Vec<Value>>().into();
    } else {
        results["model"] = json!(files[0]);
    }
    if all.iter().any(|one| one.holdout.is_some()) {
        results["holdout"] = all.iter().map(holdout_record).collect::<Vec<Value>>().into();
    }
    if let Some(lines) = report {
        results["read"] = json!(lines);
    }
    console.results(&results)?;
    Ok(Ending::Success)
}

/// Periods held out for JSON.
fn holdout_record(one: &Projected) -> Value {
    let Some(holdout) = &one.holdout else { return Value::Null };
    let errors = holdout.models.iter().map(|model| (model.name.to_owned(), json!(model.mean_error)));
    let errors: serde_json::Map<String, Value> = errors.collect();
    json!({ "group": one.group, "survival": retention_holdout_table(holdout).records(), "mean_error": errors })
}

/// Periods held out on the terminal.
fn describe_holdout(holdout: &Holdout, console: &mut Console) -> Result<()> {
    const COLUMNS: [(&str, &str); 4] =
        [("actual", "actual"), ("bdw", "BdW"), ("sbg", "sBG"), ("last_rate", "last rate")];
    let view = TableView::new("Periods held out", retention_holdout_table(holdout));
    let view = view.column("period", "period", Format::Number(0));
    console
        .table(&COLUMNS.iter().fold(view, |view, (name, heading)| view.column(name, heading, Format::Percent(1))))?;
    let errors = holdout.models.iter().map(|model| format!("{} {:.2} points", model.name, 100.0 * model.mean_error));
    console.say(format!("mean error: {}", errors.collect::<Vec<String>>().join(", ")))
}

/// The projection on the terminal.
fn describe(projection: DataTable, console: &mut Console) -> Result<()> {
    const SHOWN: [(&str, &str, Format); 11] = [
        ("period", "period", Format::Number(0)),
        ("actual_survival", "actual", Format::Percent(1)),
        ("survival", "survival", Format::Percent(1)),
        ("survival_low", "from", Format::Percent(1)),
        ("survival_high", "to", Format::Percent(1)),
        ("retention", "retention", Format::Percent(1)),
        ("residual_lifetime", "residual lifetime", Format::Parameter),
        ("residual_value", "residual value", Format::Number(2)),
        ("elasticity", "elasticity", Format::Number(2)),
        ("base", "base", Format::Number(1)),
        ("revenue", "revenue", Format::Number(2)),
    ];
    let shown: Vec<_> = SHOWN.iter().filter(|(name, ..)| projection.column(name).is_some()).collect();
    let with_residual = projection.column("residual_lifetime").is_some();
    let view = TableView::new("", projection);
    console.table(&shown.iter().fold(view, |view, (name, heading, format)| view.column(name, heading, *format)))?;
    if with_residual {
        console.say(
            "residual lifetime: discounted expected renewals of a customer who has made that many and faces the next",
        )?;
    }
    Ok(())
}
