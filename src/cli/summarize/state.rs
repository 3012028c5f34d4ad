//! `--state`: orders that are delivered bit by bit.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::shared::load::{Reading, summarise};
use crate::cli::shared::loaded_summary::Loaded;
use crate::cli::shared::order_args::OrderArgs;
use crate::cli::text::console::Console;
use crate::cli::text::words::{counted, whole};
use crate::error::{Error, Result};
use crate::message::{flag, opt, say};
use crate::outputs::Outputs;
use crate::state_file::{Delivered, StateFile};
use crate::summary::{PurchaseLog, TimeUnit};
use crate::tables::{Input, Staged};

/// Options on states.
#[derive(Debug, Args)]
pub(super) struct StateArgs {
    /// Keep everything that is delivered in this .parquet file, and summarise all of it
    #[arg(long, value_name = "FILE", help_heading = "State")]
    pub(super) state: Option<PathBuf>,

    /// Add the orders to the existing state; files that it has already add nothing
    #[arg(long, requires = "state", help_heading = "State")]
    append: bool,

    /// What to do if a customer has orders on the same day in these files and in earlier ones
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

/// A state whose file is ready and not in its place yet; the lock on the old one is held until it is.
pub(super) struct StagedState {
    state: StateFile,
    staged: Option<Staged>,
    /// What to tell of it.
    told: Value,
}

impl StagedState {
    /// All orders in it.
    pub(super) fn log(&mut self) -> &mut PurchaseLog {
        self.state.log()
    }

    /// Puts the file in its place, if anything is new.
    pub(super) fn commit(self, outputs: &Outputs) -> Result<Value> {
        let Self { state, staged, told } = self;
        outputs.commit(staged)?;
        drop(state);
        Ok(told)
    }
}

/// Adds files to a state, or begins one, and summarises all of it.
pub(super) fn summarise_state(
    inputs: &[Input],
    args: &StateArgs,
    orders: &OrderArgs,
    keep: &[String],
    console: &mut Console,
) -> Result<(Loaded, StagedState)> {
    let path = args.state.as_deref().expect("there is a state");
    let reading = Reading::begin(inputs, console);
    let mut options = orders.options(keep)?;
    // What is beyond the end of this summary may be before that of the next one.
    options.until = None;
    // Nor are amounts left out of what is kept.
    options.columns.optional_amount = false;
    options.keeps_all = true;
    if inputs.is_empty() {
        if args.append || args.overlap == Overlap::Add || !keep.is_empty() {
            let option = if args.append {
                flag("append")
            } else if keep.is_empty() {
                opt("overlap")
            } else {
                opt("keep")
            };
            return Err(Error::usage(say![option, " takes orders; without any, the state is summarised as it is"]));
        }
        orders.refuse_what_reads_orders("without orders, the state is summarised as it is")?;
    }
    let begins = !args.append && !inputs.is_empty();
    if !begins && !path.exists() {
        let advice = match inputs {
            [] => say!["name the orders to begin it"],
            _ => say!["leave out ", flag("append"), " to begin it"],
        };
        return Err(Error::usage(say!["there is no such state; ", advice]).in_file(path.display().to_string()));
    }
    let mut state = match (begins, inputs.is_empty()) {
        (true, _) => StateFile::begin(path, &options)?,
        (false, true) => StateFile::open_to_read(path, &options, &reading.bytes)?,
        (false, false) => StateFile::open(path, &options, &reading.bytes)?,
    };
    if keep.is_empty() {
        options.attributes = state.keep().to_vec();
    }
    let mut delivered = Delivered { report: None, known: Vec::new() };
    if !inputs.is_empty() {
        delivered = state.deliver(reading.inputs, &options, args.overlap == Overlap::Add, &reading.bytes)?;
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
    let told =
        json!({ "file": path.to_string_lossy(), "deliveries": state.deliveries(), "counts": counts, "known": known });
    let mut report = delivered.report.unwrap_or_default();
    // What is told of the orders is told of all of them.
    (report.returns, report.at_price_zero) = (counts.returns, counts.at_price_zero);
    let loaded = summarise(state.log(), report, orders, TimeUnit::Week, None, console)?;
    Ok((loaded, StagedState { state, staged, told }))
}
