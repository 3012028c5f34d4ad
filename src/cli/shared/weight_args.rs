//! Rows of a summary that stand for several customers: `--weights`.

use clap::Args;

use crate::error::{Error, Result};
use crate::message::{opt, say};

/// How many customers a row stands for.
#[derive(Debug, Args)]
pub(crate) struct WeightArgs {
    /// Column with the number of customers that a row of the summary stands for: its customer counts that many times
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(crate) weights: Option<String>,
}

impl WeightArgs {
    /// Orders are of one customer each.
    pub(crate) fn refuse(&self, instead: &str) -> Result<()> {
        match &self.weights {
            None => Ok(()),
            Some(_) => Err(Error::usage(say![
                instead,
                "; ",
                opt("weights"),
                " says how many customers a row of a summary stands for"
            ])),
        }
    }
}
