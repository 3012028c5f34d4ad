//! `clv simulate`: an order history with known parameters.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Ending;
use super::shared::files::{names, read_models};
use super::shared::flags::flags;
use super::text::console::Console;
use crate::error::{Error, Result};
use crate::outputs::{FileKind, Outputs};
use crate::predict::Horizon;
use crate::simulate::{Simulation, published_cdnow};
use crate::summary::Day;
use crate::tables::{OutputFormat, Staged};

/// Write an order history drawn from the models
///
/// Customers join evenly over a while and are observed to a common end; the orders are written customer by customer, so
/// any number of them takes no memory. The same seed gives the same file.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  clv simulate --customers 1000000 -o orders.csv
  clv simulate --customers 5000 --model model.json --start 2024-01-01 --joining 6m --length 2y --seed 7 | clv fit -")]
pub(super) struct SimulateArgs {
    #[command(flatten)]
    simulation: SimulationFlags,

    /// Model file with the true parameters; two to take timing from one and spend from the other [default: the published
    /// CDNOW estimates]
    #[arg(short, long, value_name = "FILE")]
    model: Vec<PathBuf>,

    /// Order file, .csv [default: standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
}

flags! {
/// Who is simulated.
SimulationFlags => Simulation {
    /// Number of customers
    #[arg(short, long, value_name = "N", default_value_t = Simulation::default().customers)]
    customers: u64,

    /// Seed of the generator
    #[arg(long, default_value_t = Simulation::default().seed)]
    seed: u64,

    /// First day
    #[arg(long, value_name = "DATE", default_value_t = Simulation::default().start)]
    start: Day,

    /// Time over which customers join, a span like 12w or 6m
    #[arg(long, value_name = "SPAN", default_value_t = Simulation::default().joining)]
    joining: Horizon,

    /// Time from the first day to the end of the observation
    #[arg(long, value_name = "SPAN", default_value_t = Simulation::default().length)]
    length: Horizon,
}
}

pub(super) fn simulate(args: &SimulateArgs, console: &mut Console) -> Result<Ending> {
    let outputs = Outputs::new(console.overwrite).reading_files(&args.model).writing(&args.output, FileKind::Orders);
    outputs.check()?;
    let model = read_models(&args.model, console)?.map_or_else(published_cdnow, Ok)?;
    if let Some(path) = &args.output
        && OutputFormat::of(path).ok() != Some(OutputFormat::Csv)
    {
        return Err(
            Error::usage("orders are written as CSV; the name must end in .csv").in_file(path.display().to_string())
        );
    }
    let mut simulation = Simulation::default();
    args.simulation.fill(&mut simulation);
    let orders = simulation.orders(&model)?;

    let destination = args.output.as_ref().map_or("standard output".to_owned(), |path| path.display().to_string());
    let failed = || Error::writing(&*destination);
    let mut staged = args.output.as_ref().map(|path| Staged::create(path)).transpose()?;
    if staged.is_none() {
        console.reserve_stdout("-o FILE")?;
    }
    let mut count = 0u64;
    {
        let writer: &mut dyn Write = match &mut staged {
            Some(staged) => staged,
            None => console.stdout(),
        };
        writeln!(writer, "customer_id,order_date,amount").map_err(failed())?;
        for (id, day, amount) in orders {
            writeln!(writer, "{id},{day},{amount:.2}").map_err(failed())?;
            count += 1;
        }
    }
    if let Some(staged) = staged {
        outputs.commit([staged])?;
    }
    console.say(format!("Wrote {count} orders of {} customers to {destination}", simulation.customers))?;
    console.results(
        &json!({ "customers": simulation.customers, "orders": count, "seed": simulation.seed, "files": names(&args.output) }),
    )?;
    Ok(Ending::Success)
}
