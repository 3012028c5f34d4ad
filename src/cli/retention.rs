//! `clv retention`: survivors of cohorts under contract in, retention and residual lifetimes out.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Ending;
use super::fit::{FitFlags, stage_model};
use super::shared::files::{names, read_models};
use super::text::console::Console;
use super::text::words;
use crate::error::{Error, Result};
use crate::model_file::ModelFile;
use crate::outputs::{FileKind, Outputs};
use crate::predict::DiscountRate;
use crate::report::{DataTable, Format, TableView, projection_table};
use crate::retention::{Projection, ProjectionOptions, RetentionOptions, RetentionRecord};
use crate::summary::{CountedLifetimes, TimeUnit};
use crate::survivor_file::{self, Cohort};
use crate::tables::{BytesRead, FileOptions, Input, TableReader, expand};

/// Project the retention of customers under contract (sBG)
///
/// Reads a table with the columns period (0, 1, 2, ...) and survivors (customers still there after it), and cohort if there
/// are several. Shows for each period the share of a cohort that is still there, the share of those who renew, and with
/// --discount the discounted expected residual lifetime of a customer who faces that renewal.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  clv retention survivors.csv --periods 12
  clv retention survivors.csv --unit month --discount 0.1 --payment 9.99 -o retention.csv
  clv retention --model models/fader-hardie-2007-sbg-high-end.json --discount 0.1")]
pub(super) struct RetentionArgs {
    /// Table of survivors
    #[arg(value_name = "SURVIVORS", required_unless_present = "model", conflicts_with = "model")]
    file: Option<String>,

    /// Model file to project from, instead of survivors
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["robust", "prior_sd"])]
    model: Option<PathBuf>,

    /// Periods to project
    #[arg(long, value_name = "N", default_value_t = 12, help_heading = "Projection")]
    periods: u32,

    /// Length of a period [default: the model's, or a year]
    #[arg(long, value_enum, help_heading = "Projection")]
    unit: Option<TimeUnit>,

    /// Annual discount rate, for instance 0.1 or 10%; gives residual lifetimes
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, help_heading = "Projection")]
    discount: Option<DiscountRate>,

    /// What a renewal pays, to turn residual lifetimes into value
    #[arg(long, value_name = "AMOUNT", requires = "discount", help_heading = "Projection")]
    payment: Option<f64>,

    /// Table of periods, .csv or .parquet
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,

    /// Model file to write
    #[arg(long, value_name = "FILE", conflicts_with = "model", help_heading = "Output")]
    model_output: Option<PathBuf>,

    #[command(flatten)]
    fit: FitFlags,
}

pub(super) fn retention(args: &RetentionArgs, console: &mut Console) -> Result<Ending> {
    let fit = args.fit.options()?;
    let options = ProjectionOptions { periods: args.periods, discount: args.discount, payment: args.payment };
    args.discount.and_then(DiscountRate::caution).into_iter().for_each(|caution| console.warn(caution));
    options.check()?;
    let inputs = args.file.as_ref().map(|file| expand(std::slice::from_ref(file))).transpose()?.unwrap_or_default();
    let outputs = Outputs::new(console.overwrite).reading(&inputs).reading_files(&args.model);
    let outputs = outputs.writing(&args.output, FileKind::Table).writing(&args.model_output, FileKind::Model);
    outputs.check()?;
    let (record, lifetimes) = match (&args.file, &args.model) {
        (Some(file), _) => {
            let cohorts = read(file, &inputs)?;
            let survivors: Vec<&[f64]> = cohorts.iter().map(|cohort| &cohort.survivors[..]).collect();
            let lifetimes = CountedLifetimes::from_survivors(&survivors)?;
            let period = args.unit.unwrap_or(TimeUnit::Year);
            let options = RetentionOptions { period, fit };
            (RetentionRecord::fit(&lifetimes, &options)?, Some(lifetimes))
        }
        (None, Some(path)) => {
            let model = read_models(std::slice::from_ref(path), console)?;
            let record = model.and_then(|model| model.retention).ok_or_else(|| {
                Error::usage(format!("{} has no retention model; it is for clv predict", path.display()))
            })?;
            record.check_period(args.unit)?;
            (record, None)
        }
        (None, None) => unreachable!("clap requires one"),
    };
    let title = format!("{}: renewals by the {}", record.model.name(), record.period);
    words::model(console, &title, &record.model.parameters(), record.fit.as_ref())?;
    let projection = projection_table(&Projection::new(&record, lifetimes.as_ref(), &options)?);
    describe(projection.clone(), console)?;

    let file = ModelFile::of_retention(record);
    let mut staged = Vec::new();
    if let Some(path) = &args.output {
        staged.push(projection.table().stage(path)?);
    }
    if let Some(path) = &args.model_output {
        staged.push(stage_model(&file, path)?);
    }
    outputs.commit(staged)?;
    let written: Vec<&PathBuf> = args.output.iter().chain(&args.model_output).collect();
    if !written.is_empty() {
        let files: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        console.say(format!("\nWrote {}", files.join(" and ")))?;
    }
    console.results(&json!({ "model": file, "projection": projection.records(), "files": names(written) }))?;
    Ok(Ending::Success)
}

fn read(file: &str, inputs: &[Input]) -> Result<Vec<Cohort>> {
    if inputs.len() > 1 {
        return Err(Error::usage(format!("{file} is {} files; give one table of survivors", inputs.len())));
    }
    survivor_file::read(&mut TableReader::open(&inputs[0], &FileOptions::default(), &BytesRead::default())?)
}

/// The projection on the terminal.
fn describe(projection: DataTable, console: &mut Console) -> Result<()> {
    const SHOWN: [(&str, &str, Format); 6] = [
        ("period", "period", Format::Number(0)),
        ("actual_survival", "actual", Format::Percent(1)),
        ("survival", "survival", Format::Percent(1)),
        ("retention", "retention", Format::Percent(1)),
        ("residual_lifetime", "residual lifetime", Format::Parameter),
        ("residual_value", "residual value", Format::Number(2)),
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
