//! Rows of the tables that `clv describe` prints.

use crate::cli::text::console::Console;
use crate::error::Result;

/// Cohorts, groups and scores that are shown.
pub(super) const ROWS: usize = 24;

/// Width of the labels.
pub(super) const LABEL: usize = 24;

pub(super) fn row(
    console: &mut Console,
    label: &str,
    width: usize,
    cells: impl IntoIterator<Item = String>,
) -> Result<()> {
    let cells: String = cells.into_iter().map(|cell| format!(" {cell:>width$}")).collect();
    console.say(format!("{label:<LABEL$}{cells}").trim_end())
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}
