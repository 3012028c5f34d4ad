//! `clv summarize`: orders in, one row per customer out.

#[cfg(feature = "parquet")]
mod state;

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::Ending;
use super::shared::counts::orders_or_summary_files;
use super::shared::files::names;
use super::shared::load::orders;
use super::shared::loaded_summary::Loaded;
use super::shared::order_args::OrderArgs;
use super::text::column_help;
use super::text::console::Console;
use super::text::words;
use crate::error::Result;
use crate::outputs::{FileKind, Outputs};
use crate::summary::{PurchaseLog, Summary, TimeUnit};
use crate::summary_file;
use crate::tables::{Input, OutputFormat, TableWriter};
#[cfg(feature = "parquet")]
use state::{StateArgs, summarise_state};

const EXAMPLES: &str = "\
Examples:
  clv summarize data/cdnow/orders.csv --until 1997-09-30 -o summary.parquet
  clv summarize orders.csv --unit day | head
  clv summarize 2024.csv --state orders.parquet -o summary.parquet
  clv summarize 2025-01-01.csv --state orders.parquet --append -o summary.parquet";

/// Turn orders into a summary with one row per customer
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", column_help::of_summaries()))]
pub(super) struct SummarizeArgs {
    /// Order files: CSV, TSV (also .gz, .zst, .zip), workbooks, JSON or Parquet; a pattern in quotes; - for standard input
    #[cfg_attr(feature = "parquet", arg(required_unless_present = "state", value_name = "ORDERS"))]
    #[cfg_attr(not(feature = "parquet"), arg(required = true, value_name = "ORDERS"))]
    files: Vec<String>,

    /// Summary file, .parquet or .csv [default: CSV on standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,

    #[command(flatten)]
    orders: OrderArgs,

    /// Columns to keep: what a customer's first order says, for instance country,source
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Columns")]
    keep: Vec<String>,

    /// Add a column sum_log_interpurchase: of each customer, the sum of ln(time between purchases), times in the unit of recency. It is
    /// what --model mbg-cnbd and its like take to choose k, also from some of the rows (litt of BTYDplus)
    #[arg(long, help_heading = "Columns")]
    sum_log_interpurchase: bool,

    #[cfg(feature = "parquet")]
    #[command(flatten)]
    state: StateArgs,
}

pub(super) fn summarize(args: &SummarizeArgs, console: &mut Console) -> Result<Ending> {
    if args.output.is_none() {
        console.reserve_stdout("-o FILE")?;
    }
    #[cfg(feature = "parquet")]
    let state = args.state.state.as_ref();
    #[cfg(not(feature = "parquet"))]
    let state = None;
    let inputs = orders_or_summary_files(&args.files)?;
    let outputs = args.orders.reading(&inputs, console).writing(&args.output, FileKind::Table);
    // Without orders, the state is read alone.
    let outputs = if inputs.is_empty() { outputs.reading_files(state) } else { outputs.writing_knowingly(state) };
    outputs.check()?;
    let (loaded, commit_state) = load(args, &inputs, console)?;
    let parquet = args.output.as_deref().is_some_and(|path| OutputFormat::of(path).ok() == Some(OutputFormat::Parquet));
    let table = summary_file::table(&loaded.summary, parquet);
    let Some(path) = &args.output else {
        // What is wrong with the table is found before anything is kept.
        table.encode(OutputFormat::Csv, 0..0)?;
        commit_state(&outputs)?;
        let raw_text = console.raw_text;
        let mut rows = TableWriter::csv(console.stdout(), "standard output").with_raw_text(raw_text);
        table.write(&mut rows)?;
        rows.finish()?;
        return Ok(Ending::Success);
    };
    let staged = summary_file::stage(&loaded.summary, path, console.raw_text)?;
    // The state first: if the run ends here, the same command with --append finds its files known and writes the summary.
    let told = commit_state(&outputs)?;
    outputs.commit([staged])?;
    console.say(format!("Wrote {}", path.display()))?;
    let mut results = words::loaded_json(&loaded);
    if !told.is_null() {
        results["state"] = told;
    }
    results["files"] = names([path]);
    console.results(&results)?;
    Ok(Ending::Success)
}

/// Puts the file of a state in its place and returns what is to be told of it.
type Commit = Box<dyn FnOnce(&Outputs) -> Result<Value>>;

/// The summary, and what remains to be done for the state if there is one.
fn load(args: &SummarizeArgs, inputs: &[Input], console: &mut Console) -> Result<(Loaded, Commit)> {
    #[cfg(feature = "parquet")]
    if args.state.state.is_some() {
        let (mut loaded, mut state) = summarise_state(inputs, &args.state, &args.orders, &args.keep, console)?;
        args.add_columns(&mut loaded.summary, state.log())?;
        return Ok((loaded, Box::new(|outputs| state.commit(outputs))));
    }
    let (mut loaded, mut log) = orders(inputs, &args.orders, &args.keep, TimeUnit::Week, console)?;
    args.add_columns(&mut loaded.summary, &mut log)?;
    Ok((loaded, Box::new(|_| Ok(Value::Null))))
}

impl SummarizeArgs {
    /// Adds the columns that are there on request.
    fn add_columns(&self, summary: &mut Summary, log: &mut PurchaseLog) -> Result<()> {
        if self.sum_log_interpurchase {
            summary.sum_log_interpurchase = Some(log.sum_log_interpurchase(summary)?);
        }
        Ok(())
    }
}
