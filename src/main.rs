//! The `clv` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(clv::cli::run_command(std::env::args_os()).code())
}
