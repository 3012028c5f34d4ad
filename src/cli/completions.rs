//! `clv completions`: what a shell needs to complete the command.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Ending;
use super::text::console::Console;
use crate::error::Result;

/// Print the completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  clv completions bash > ~/.local/share/bash-completion/completions/clv")]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn completions(args: &CompletionsArgs, console: &mut Console) -> Result<Ending> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Args::command(), "clv", &mut script);
    console.data(&script)?;
    Ok(Ending::Success)
}
