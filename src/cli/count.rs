//! `clv count`: customers in, distinct histories and amounts with counts out, which say nothing of anybody in particular.

use std::path::PathBuf;

use clap::Args;

use super::Ending;
use super::shared::counts::orders_or_summary_files;
use super::shared::covariate_args::CustomerTableArgs;
use super::shared::files::names;
use super::shared::load::{Purpose, orders_or_summary};
use super::shared::order_args::OrderArgs;
use super::shared::weight_args::WeightArgs;
use super::text::console::Console;
use super::text::words;
use crate::counts_file::files_of;
use crate::error::Result;
use crate::outputs::check_counts_folder;
use crate::summary::Counts;

/// Count customers who are alike: all that a fit needs of them, without naming anybody
///
/// Writes a folder with timing.parquet (frequency, recency, T, customers) and spend.parquet (frequency, monetary_value, customers).
/// `clv fit COUNTS` is the fit to the summary, to the last digit.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  clv count summary.parquet -o counts
  clv count orders.csv --until 2024-12-31 --by country,channel -o counts
  clv fit counts -o model.json")]
pub(super) struct CountArgs {
    /// Order files, or one summary
    #[arg(required = true, value_name = "ORDERS|SUMMARY")]
    files: Vec<String>,

    /// Folder for the counts
    #[arg(short, long, value_name = "DIR", required = true, help_heading = "Output")]
    output: PathBuf,

    /// Columns that are told apart, as covariates and groups are: country,channel
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Counts")]
    by: Vec<String>,

    /// Also count histories together with amounts (joint.parquet), of which there are many more: totals of value take them
    #[arg(long, help_heading = "Counts")]
    joint: bool,

    #[command(flatten)]
    customers: CustomerTableArgs,

    #[command(flatten)]
    weights: WeightArgs,

    #[command(flatten)]
    orders: OrderArgs,
}

pub(super) fn count(args: &CountArgs, console: &mut Console) -> Result<Ending> {
    check_counts_folder(&args.output)?;
    let inputs = orders_or_summary_files(&args.files)?;
    let outputs = args.customers.reading(args.orders.reading(&inputs, console)).writing_counts(&args.output);
    outputs.check()?;
    let columns = args.customers.columns(&args.by)?;
    let purpose = Purpose { names_nobody: args.by.is_empty(), weights: Some(&args.weights), ..Purpose::default() };
    let mut loaded = orders_or_summary(&inputs, &args.orders, &columns.of_orders, purpose, console)?;
    columns.join(&args.orders, &mut loaded.summary, console)?;
    if args.joint {
        loaded.check_spend()?;
    }
    let counts = Counts::new(&loaded.summary, &args.by, args.joint)?;
    outputs.write_counts(&counts, &args.output)?;
    console.say(format!("Counted {}", words::counts(&counts)))?;
    console.say(format!("Wrote {}", args.output.display()))?;
    let mut results = words::loaded_json(&loaded);
    results["counts"] = words::counts_json(&counts);
    results["files"] = names(files_of(&args.output).iter().filter(|file| file.exists()));
    console.results(&results)?;
    Ok(Ending::Success)
}
