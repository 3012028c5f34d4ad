//! `clv summarize`: orders in, one row per customer out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::console::Console;
use super::describe;
use super::load::{OrderArgs, orders};
use crate::error::Result;
use crate::summary::TimeUnit;
use crate::summary_file;

/// Turn orders into a summary with one row per customer
///
/// Columns: customer_id, frequency (repeat purchases), recency (age at the last purchase), T (age at the end of the
/// observation), monetary_value (mean amount of the repeat purchases), first_purchase, last_purchase, orders, total.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  clv summarize data/cdnow/orders.csv --until 1997-09-30 -o summary.parquet
  clv summarize orders.csv --unit day | head")]
pub(super) struct SummarizeArgs {
    /// Order files: CSV, TSV (also .gz, .zst) or Parquet; a pattern in quotes; - for standard input
    #[arg(required = true, value_name = "ORDERS")]
    files: Vec<String>,

    /// Summary file, .parquet or .csv [default: CSV on standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,

    #[command(flatten)]
    orders: OrderArgs,

    /// Columns to keep: what a customer's first order says, for instance country,source
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Columns")]
    keep: Vec<String>,
}

pub(super) fn summarize(args: &SummarizeArgs, console: &mut Console) -> Result<ExitCode> {
    if args.output.is_none() {
        console.reserve_stdout("-o FILE")?;
    }
    let loaded = orders(&args.files, &args.orders, &args.keep, TimeUnit::Week, console)?;
    let table = summary_file::table(&loaded.summary);
    match &args.output {
        Some(path) => {
            table.stage(path)?.commit()?;
            console.say(format!("Wrote {}", path.display()))?;
            let mut results = describe::loaded_json(&loaded);
            results["files"] = json!([path]);
            console.results(&results)?;
        }
        None => table.write_csv(console.stdout(), "standard output")?,
    }
    Ok(ExitCode::SUCCESS)
}
