//! Counted customers where others would be read: a folder that `clv count` wrote.

use std::path::{Path, PathBuf};

use super::covariate_args::CustomerTableArgs;
use super::order_args::OrderArgs;
use super::weight_args::WeightArgs;
use crate::cli::text::console::Console;
use crate::cli::text::words;
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::summary::{Counts, Observation};
use crate::tables::{Input, expand};

/// The folder with counts, if that is what is to be read.
#[cfg(feature = "parquet")]
pub(crate) fn counts_folder(files: &[String]) -> Option<&Path> {
    let [folder] = files else { return None };
    Some(Path::new(folder)).filter(|folder| crate::counts_file::is_counts(folder))
}

/// A build without Parquet knows none.
#[cfg(not(feature = "parquet"))]
pub(crate) fn counts_folder(_: &[String]) -> Option<&Path> {
    None
}

/// The files of orders or of a summary; counts, which a folder may be, are for others.
pub(crate) fn orders_or_summary_files(files: &[String]) -> Result<Vec<Input>> {
    match counts_folder(files) {
        None => expand(files),
        Some(folder) => Err(Error::usage(format!(
            "{} holds counts, which clv fit, clv predict and clv compare take; give the orders or the summary that was counted",
            folder.display()
        ))),
    }
}

/// What is read of the folder: no result is written over it.
#[cfg(feature = "parquet")]
pub(crate) fn counts_files(folder: Option<&Path>) -> Vec<PathBuf> {
    folder.map_or(Vec::new(), |folder| crate::counts_file::files_of(folder).into())
}

#[cfg(not(feature = "parquet"))]
pub(crate) fn counts_files(_: Option<&Path>) -> Vec<PathBuf> {
    Vec::new()
}

#[cfg(feature = "parquet")]
fn read(folder: &Path) -> Result<Counts> {
    crate::counts_file::read(folder, &crate::tables::BytesRead::default())
}

#[cfg(not(feature = "parquet"))]
fn read(folder: &Path) -> Result<Counts> {
    Err(Error::usage("this build of clv does not read Parquet").in_file(folder.display().to_string()))
}

/// Reads counts, which say themselves what others are told by options.
pub(crate) fn read_counts(
    folder: &Path,
    orders: &OrderArgs,
    weights: &WeightArgs,
    table: &CustomerTableArgs,
    console: &mut Console,
) -> Result<Counts> {
    let name = folder.display().to_string();
    let counted = format!("{name} holds counts");
    orders.refuse_what_needs_orders(&counted, true)?;
    weights.refuse(&counted)?;
    if table.is_given() {
        return Err(Error::usage(say![
            format!("{counted}, which name nobody: give "),
            opt("customer_table"),
            " when the customers are counted, and tell its columns apart with ",
            opt("by")
        ]));
    }
    let counts = read(folder)?;
    let timing = counts.timing();
    let Observation { unit, end, .. } = timing.observation;
    if let Some(until) = orders.until().filter(|until| *until != end) {
        return Err(Error::usage(say![
            format!("{counted} of customers observed until {end}; to cut them at {until}, summarise the orders with "),
            opt("until").with(until.to_string()),
            " and count again"
        ]));
    }
    console.count(timing.len() as u64, timing.customer_count());
    let amounts = timing.currency.map_or_else(String::new, |currency| format!(", amounts in {currency}"));
    console.say(format!(
        "Read counts of {} in {} from {name}: observed until {end}, recency and T in {unit}s{amounts}",
        words::counted(timing.customer_count(), "customer"),
        words::counted(timing.len() as u64, "row"),
    ))?;
    Ok(counts)
}
