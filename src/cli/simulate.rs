//! `clv simulate`: an order history with known parameters.

use std::borrow::Cow;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Ending;
use super::shared::covariate_args::CustomerTableArgs;
use super::shared::files::{names, read_models};
use super::shared::flags::flags;
use super::text::console::Console;
use crate::covariates::UnknownLevels;
use crate::customer_table::CustomerTable;
use crate::error::{Error, Result};
use crate::model_file::ModelFile;
use crate::outputs::{FileKind, Outputs};
use crate::predict::Horizon;
use crate::simulate::{CustomerKinds, KnownOrder, Simulation, published_cdnow};
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

    #[command(flatten)]
    customers: CustomerTableArgs,

    /// How to treat a customer of the table whose level was not in the fit
    #[arg(long, value_enum, default_value_t, requires = "customer_table", help_heading = "Covariates")]
    unknown_levels: UnknownLevels,

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
    let outputs = args.customers.reading(Outputs::new(console.overwrite).reading_files(&args.model));
    let outputs = outputs.writing(&args.output, FileKind::Orders);
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
    let (columns, orders) = orders(args, &simulation, &model)?;

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
        let cells =
            |cells: &mut dyn Iterator<Item = &str>| cells.map(|text| format!(",{}", cell(text))).collect::<String>();
        let header = cells(&mut columns.iter().map(String::as_str));
        writeln!(writer, "customer_id,order_date,amount{header}").map_err(failed())?;
        for KnownOrder { customer, day, amount, said, .. } in orders {
            let said = cells(&mut said.iter().map(|text| text.as_deref().unwrap_or_default()));
            writeln!(writer, "{customer},{day},{amount:.2}{said}").map_err(failed())?;
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

/// Orders, and what is said of customers if they differ.
fn orders(
    args: &SimulateArgs,
    simulation: &Simulation,
    model: &ModelFile,
) -> Result<(Vec<String>, Box<dyn Iterator<Item = KnownOrder>>)> {
    let covariates = model.predictor()?.covariates();
    let mut columns = args.customers.columns(&covariates)?;
    let table = columns.take_named(None)?;
    let attributes = table.as_ref().map(CustomerTable::attributes).unwrap_or_default();
    let kinds = CustomerKinds { columns: &attributes, unknown_levels: args.unknown_levels };
    let (columns, orders) = simulation.known_orders(model, kinds)?;
    Ok((columns, Box::new(orders)))
}

/// A text as it stands in a file of comma-separated values.
fn cell(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}
