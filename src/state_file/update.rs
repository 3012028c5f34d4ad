//! Adding to a state, or beginning one, by the rules of the command and of Python alike.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Delivered, StateFile};
use crate::error::{Error, Result};
use crate::message::{flag, opt, say};
use crate::orders::{OrderOptions, ReadReport};
use crate::tables::{BytesRead, Input, Staged};

/// How orders are added to a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StateOptions {
    /// Whether orders are added to the state that is there, rather than begin one.
    pub append: bool,
    /// What is done with orders of a customer and day that earlier deliveries have orders of, too.
    pub overlap: Overlap,
}

/// What is done with orders of a customer and day of which earlier files have orders, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// Refuse: they may be the same orders again.
    #[default]
    Refuse,
    /// Add: they are other orders.
    Add,
}

/// A state with what was delivered now; its file is ready, and not in its place yet. The lock on the old one is held until it is dropped.
#[derive(Debug)]
pub struct StateUpdate {
    /// Everything delivered so far.
    pub state: StateFile,
    /// What was read now, about all orders where it is about the whole.
    pub report: ReadReport,
    /// Files that had been delivered before, by their names now and then, which add nothing.
    pub known: Vec<(String, String)>,
    staged: Option<Staged>,
}

impl StateOptions {
    /// Whether orders, rather than the state as it is, are asked for; `keeps` is whether columns are to be kept.
    ///
    /// # Errors
    /// [`Error::usage`] if options take orders, and there are none.
    fn check(self, takes_orders: bool, keeps: bool) -> Result<()> {
        let option = if self.append {
            flag("append")
        } else if self.overlap == Overlap::Add {
            opt("overlap")
        } else if keeps {
            opt("keep")
        } else {
            return Ok(());
        };
        if takes_orders {
            return Ok(());
        }
        Err(Error::usage(say![option, " takes orders; without any, the state is summarised as it is"]))
    }
}

impl StateUpdate {
    /// Adds files to the state at `path`, or begins it with them; without files the state is read as it is. Files that it knows add
    /// nothing. Nothing changes on disk before [`StateUpdate::commit`].
    ///
    /// # Errors
    /// [`Error::usage`] if there is no such state to be added to, or there is one and it is to be begun; those of
    /// [`StateFile::open`] and [`StateFile::deliver`].
    pub fn new(
        path: &Path,
        inputs: &[Input],
        how: StateOptions,
        options: &OrderOptions,
        progress: &BytesRead,
    ) -> Result<Self> {
        let mut options = options.clone();
        // What is beyond the end of this summary may be before that of the next one.
        options.until = None;
        // Nor are amounts left out of what is kept.
        options.columns.optional_amount = false;
        options.keeps_all = true;
        how.check(!inputs.is_empty(), !options.attributes.is_empty())?;
        let begins = !how.append && !inputs.is_empty();
        if !begins && !path.exists() {
            let advice = match inputs {
                [] => say!["name the orders to begin it"],
                _ => say!["leave out ", flag("append"), " to begin it"],
            };
            return Err(Error::usage(say!["there is no such state; ", advice]).in_file(path.display().to_string()));
        }
        let mut state = match (begins, inputs.is_empty()) {
            (true, _) => StateFile::begin(path, &options)?,
            (false, true) => StateFile::open_to_read(path, &options, progress)?,
            (false, false) => StateFile::open(path, &options, progress)?,
        };
        if options.attributes.is_empty() {
            options.attributes = state.keep().to_vec();
        }
        let mut delivered = Delivered { report: None, known: Vec::new() };
        if !inputs.is_empty() {
            delivered = state.deliver(inputs, &options, how.overlap == Overlap::Add, progress)?;
        }
        let Delivered { report, known } = delivered;
        let staged = report.is_some().then(|| state.stage()).transpose()?;
        let mut report = report.unwrap_or_default();
        // What is told of the orders is told of all of them.
        (report.returns, report.at_price_zero) = (state.counts().returns, state.counts().at_price_zero);
        Ok(Self { state, report, known, staged })
    }

    /// Puts the file in its place with `commit`, if anything is new, and lets go of the lock then.
    ///
    /// # Errors
    /// Those of `commit`.
    pub fn commit(self, commit: impl FnOnce(Option<Staged>) -> Result<()>) -> Result<()> {
        let Self { state, staged, .. } = self;
        commit(staged)?;
        drop(state);
        Ok(())
    }
}
