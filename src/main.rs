//! The `clv` command.

fn main() -> std::process::ExitCode {
    clv::cli::main()
}
