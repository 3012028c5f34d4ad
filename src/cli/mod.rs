//! The command: one file or folder per subcommand, `shared` for their options and what they read, `text` for what they print.

mod check;
mod compare;
mod completions;
#[cfg(feature = "parquet")]
mod count;
mod describe;
mod evaluate;
#[cfg(test)]
mod every_option;
mod fit;
mod predict;
mod report;
mod reproduce;
mod retention;
mod run;
mod shared;
mod simulate;
mod sql;
mod summarize;
mod text;

use std::ffi::OsString;
use std::io;

use clap::{Parser, Subcommand};

use crate::error::{Cause, Error};
use shared::standard_streams;
use text::console::Console;

/// Customer lifetime value from order history.
///
/// `clv run ORDERS` does everything: reads the orders, fits when customers purchase (BG/NBD, or a model of its
/// family) and what they spend (Gamma-Gamma), and predicts every customer's purchases and value.
#[derive(Debug, Parser)]
#[command(
    name = "clv",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "\
Example:
  clv run orders.csv --margin 0.3 --discount 0.1

Exit codes: 0 done; 1 bad data or a fit that failed; 2 wrong usage."
)]
struct Args {
    #[command(subcommand)]
    command: Command,

    /// Print results as JSON on standard output, and words on standard error
    #[arg(long, global = true, help_heading = "Global options")]
    json: bool,

    /// Print nothing but results and errors
    #[arg(short, long, global = true, help_heading = "Global options")]
    quiet: bool,

    /// Also replace files that clv did not make; files that are read are never overwritten
    #[arg(long, global = true, help_heading = "Global options")]
    overwrite: bool,

    /// Write text to CSV as it is; otherwise ids that a spreadsheet would run (they begin with = + - @) get a ' before them
    #[arg(long, global = true, help_heading = "Global options")]
    raw_text: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::RunArgs),
    Check(check::CheckArgs),
    Summarize(summarize::SummarizeArgs),
    #[cfg(feature = "parquet")]
    Count(count::CountArgs),
    Fit(fit::FitCommandArgs),
    Compare(compare::CompareArgs),
    Describe(Box<describe::DescribeArgs>),
    Evaluate(evaluate::EvaluateArgs),
    Predict(predict::PredictArgs),
    Report(Box<report::ReportArgs>),
    Retention(retention::RetentionArgs),
    Sql(Box<sql::SqlArgs>),
    Simulate(simulate::SimulateArgs),
    Reproduce(reproduce::ReproduceArgs),
    Completions(completions::CompletionsArgs),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Done.
    Success,
    /// Bad data, or a fit that failed.
    Failure,
    /// Wrong usage.
    Usage,
}

impl Ending {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
        }
    }
}

/// Runs the command with these arguments, of which the first is its name, and says how it went.
pub fn run_command(arguments: impl IntoIterator<Item = OsString>) -> Ending {
    standard_streams::open_closed_ones();
    let given: Vec<OsString> = arguments.into_iter().collect();
    let args = match Args::try_parse_from(&given) {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no errors; a reader that has gone away is none either.
            let _ = error.print();
            return if error.use_stderr() { Ending::Usage } else { Ending::Success };
        }
    };
    #[cfg(feature = "parquet")]
    keep_guarded_panics_quiet();
    let mut console = Console::new(args.json, args.quiet, args.overwrite, args.raw_text);
    let done = match args.command {
        Command::Run(args) => run::run(&args, &mut console),
        Command::Check(args) => check::check(&args, &given, &mut console),
        Command::Summarize(args) => summarize::summarize(&args, &mut console),
        #[cfg(feature = "parquet")]
        Command::Count(args) => count::count(&args, &mut console),
        Command::Fit(args) => fit::fit(&args, &mut console),
        Command::Compare(args) => compare::compare(&args, &mut console),
        Command::Describe(args) => describe::describe(&args, &mut console),
        Command::Evaluate(args) => evaluate::evaluate(&args, &mut console),
        Command::Predict(args) => predict::predict(&args, &mut console),
        Command::Report(args) => report::report(&args, &mut console),
        Command::Retention(args) => retention::retention(&args, &mut console),
        Command::Sql(args) => sql::sql(&args, &mut console),
        Command::Simulate(args) => simulate::simulate(&args, &mut console),
        Command::Reproduce(args) => reproduce::reproduce(&args, &mut console),
        Command::Completions(args) => completions::completions(&args, &mut console),
    };
    match done.and_then(|code| console.finish().map(|()| code)) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => Ending::Success,
        Err(error) => {
            console.error(&error);
            match error.cause() {
                Cause::Usage(_) | Cause::Question { .. } => Ending::Usage,
                // Of other kinds, or only known to be of this one once the data were read.
                _ => Ending::Failure,
            }
        }
    }
}

/// Whoever read the output has seen enough.
fn is_broken_pipe(error: &Error) -> bool {
    matches!(error.cause(), Cause::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
}

/// A panic that becomes an error message is not to be printed twice.
#[cfg(feature = "parquet")]
fn keep_guarded_panics_quiet() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !crate::tables::is_guarded() {
            print(panic);
        }
    }));
}
