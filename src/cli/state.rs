//! `--state`: orders that are delivered bit by bit.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::console::Console;
use super::describe::{counted, whole};
use super::load::{Loaded, OrderArgs, Reading, summarise};
use crate::error::{Error, Result};
use crate::state_file::{Delivered, StateFile};
use crate::summary::TimeUnit;
use crate::tables::Staged;

/// Options on states.
#[derive(Debug, Args)]
pub(super) struct StateArgs {
    /// Keep all that was delivered in this .parquet file, to be added to; summarise all of it
    #[arg(long, value_name = "FILE", help_heading = "State")]
    pub(super) state: Option<PathBuf>,

    /// Add the orders to the state that is there; files that it knows already add nothing
    #[arg(long, requires = "state", help_heading = "State")]
    append: bool,

    /// What to do if there are orders of a customer and day in these files and in earlier ones
    #[arg(long, value_enum, default_value_t, requires = "state", help_heading = "State")]
    overlap: Overlap,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Overlap {
    /// Refuse: they may be the same orders again
    #[default]
    Refuse,
    /// Add: they are other orders
    Add,
}

/// Adds files to a state, or begins one, and summarises all of it. The file of the state is ready, and not in its place yet.
pub(super) fn summarise_state(
    files: &[String],
    args: &StateArgs,
    orders: &OrderArgs,
    keep: &[String],
    console: &mut Console,
) -> Result<(Loaded, Option<Staged>, Value)> {
    let path = args.state.as_deref().expect("there is a state");
    let reading = Reading::begin(files, console)?;
    let mut options = orders.options(keep)?;
    // What is beyond the end of this summary may be before that of the next one.
    options.until = None;
    let begins = !args.append && !files.is_empty();
    if !begins && !path.exists() {
        let advice = if files.is_empty() { "name the orders to begin it" } else { "leave out --append to begin it" };
        return Err(Error::Usage(format!("{}: there is no such state; {advice}", path.display())));
    }
    let mut state =
        if begins { StateFile::begin(path, &options)? } else { StateFile::open(path, &options, &reading.bytes)? };
    if keep.is_empty() {
        options.attributes = state.log().attributes().to_vec();
    }
    let mut delivered = Delivered { report: None, known: Vec::new() };
    if !files.is_empty() {
        delivered = state.deliver(&reading.inputs, &options, args.overlap == Overlap::Add, &reading.bytes)?;
    }
    drop(reading);
    for (name, before) in &delivered.known {
        console.say(format!("{} was delivered before, as {before}: it adds nothing", name))?;
    }
    let staged = if delivered.report.is_some() { Some(state.stage()?) } else { None };
    let counts = state.counts().clone();
    console.say(format!(
        "State {}: {} with {}, {} of them orders",
        path.display(),
        counted(state.deliveries().len() as u64, "file"),
        counted(counts.rows, "row"),
        whole(counts.used)
    ))?;
    let known: Vec<&String> = delivered.known.iter().map(|(name, _)| name).collect();
    let told = json!({ "file": path, "deliveries": state.deliveries(), "counts": counts, "known": known });
    let report = delivered.report.unwrap_or_default();
    let loaded = summarise(state.log(), report, orders, TimeUnit::Week, None, console)?;
    Ok((loaded, staged, told))
}
