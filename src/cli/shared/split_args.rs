//! Options on where orders are divided for a test.

use clap::Args;

use crate::error::Result;
use crate::evaluate::Split;
use crate::predict::Horizon;

/// One way or the other to divide orders.
#[derive(Debug, Args)]
pub(crate) struct SplitArgs {
    /// Last day that the tested forecast knows, or the share of days that it knows [default: half, or all but a year if that is more]
    #[arg(long, value_name = "DATE|FRACTION", conflicts_with = "holdout", help_heading = "Test")]
    split: Option<String>,

    /// Length of the holdout, at the end of the orders: 39w, 6m, 1y
    #[arg(long, value_name = "LENGTH", help_heading = "Test")]
    holdout: Option<Horizon>,
}

impl SplitArgs {
    pub(crate) fn split(&self) -> Result<Split> {
        Split::given(self.split.as_deref(), self.holdout.clone())
    }
}
