//! `--state`: orders that are delivered bit by bit.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::shared::load::{Reading, summarise};
use crate::cli::shared::loaded_summary::Loaded;
use crate::cli::shared::order_args::OrderArgs;
use crate::cli::text::console::Console;
use crate::cli::text::words::{counted, whole};
use crate::error::Result;
use crate::outputs::Outputs;
use crate::state_file::{Overlap, StateOptions, StateUpdate};
use crate::summary::{PurchaseLog, TimeUnit};
use crate::tables::Input;

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

/// A state whose file is ready, and what to tell of it.
pub(super) struct StagedState {
    update: StateUpdate,
    told: Value,
}

impl StagedState {
    /// All orders in it.
    pub(super) fn log(&mut self) -> &mut PurchaseLog {
        self.update.state.log()
    }

    /// Puts the file in its place, if anything is new.
    pub(super) fn commit(self, outputs: &Outputs) -> Result<Value> {
        self.update.commit(|staged| outputs.commit(staged))?;
        Ok(self.told)
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
    if inputs.is_empty() {
        orders.refuse_what_reads_orders("without orders, the state is summarised as it is")?;
    }
    let reading = Reading::begin(inputs, console);
    let how = StateOptions { append: args.append, overlap: args.overlap };
    let mut update = StateUpdate::new(path, reading.inputs, how, &orders.options(keep)?, &reading.bytes)?;
    drop(reading);
    for (name, before) in &update.known {
        console.say(format!("{name} was delivered before, as {before}: it adds nothing"))?;
    }
    let (deliveries, counts) = (update.state.deliveries(), update.state.counts());
    console.say(format!(
        "State {}: {} with {}, {} of them orders",
        path.display(),
        counted(deliveries.len() as u64, "file"),
        counted(counts.rows, "row"),
        whole(counts.used)
    ))?;
    let known: Vec<&String> = update.known.iter().map(|(name, _)| name).collect();
    let told = json!({ "file": path.to_string_lossy(), "deliveries": deliveries, "counts": counts, "known": known });
    let report = std::mem::take(&mut update.report);
    let loaded = summarise(update.state.log(), report, orders, TimeUnit::Week, None, console)?;
    Ok((loaded, StagedState { update, told }))
}
