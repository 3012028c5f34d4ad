//! `clv simulate`: an order history with known parameters.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::console::Console;
use crate::error::{Error, Result};
use crate::model_file::{ModelFile, SpendModel};
use crate::models::Timing;
use crate::predict::Horizon;
use crate::simulate::{Population, orders};
use crate::summary::{Day, Observation};
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
    /// Number of customers
    #[arg(short, long, value_name = "N", default_value_t = 10_000)]
    customers: u64,

    /// Model file with the true parameters; two to take timing from one and spend from the other [default: the published
    /// CDNOW estimates]
    #[arg(short, long, value_name = "FILE")]
    model: Vec<PathBuf>,

    /// Seed of the generator
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// First day
    #[arg(long, value_name = "DATE", default_value = "2024-01-01")]
    start: Day,

    /// Time over which customers join, a span like 12w or 6m
    #[arg(long, value_name = "SPAN", default_value = "12w")]
    joining: Horizon,

    /// Time from the first day to the end of the observation
    #[arg(long, value_name = "SPAN", default_value = "78w")]
    length: Horizon,

    /// Order file, .csv [default: standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
}

/// More purchases than a customer makes.
const MOST_PURCHASES: f64 = 1e5;

const PUBLISHED: [&str; 2] = [
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/fader-hardie-lee-2005-bg-nbd.json")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/fader-hardie-2013-gamma-gamma.json")),
];

pub(super) fn simulate(args: &SimulateArgs, console: &mut Console) -> Result<ExitCode> {
    let files: Vec<ModelFile> = if args.model.is_empty() {
        PUBLISHED.iter().map(|text| ModelFile::from_json(text, "published model")).collect::<Result<_>>()?
    } else {
        args.model.iter().map(|path| ModelFile::read(path)).collect::<Result<_>>()?
    };
    let model = files.into_iter().map(Ok).reduce(|all, file| all?.join(file?)).expect("one file at least")?;
    let predictor = model.predictor()?;
    let unit = predictor.unit;
    let observation = Observation { unit, grain: predictor.grain, end: args.start };
    let discrete = predictor.timing.kind().is_discrete();
    if discrete && observation.grain.start(args.start) != args.start {
        let next = Day(observation.grain.last_day(args.start).0 + 1);
        return Err(Error::Usage(format!(
            "--start {} is not the first day of a {unit}, which the model counts; give {} or {next}",
            args.start,
            observation.grain.start(args.start)
        )));
    }
    if !(args.joining.is_span() && args.length.is_span()) {
        return Err(Error::Usage("--joining and --length take a span that begins now and ends".to_owned()));
    }
    let length = args.length.length(&observation)?;
    // Within the first period, where periods are counted, all join at once.
    let at_once =
        observation.counts_periods() && args.joining.end(args.start) <= observation.grain.last_day(args.start);
    let joining = if at_once { 0.0 } else { args.joining.length(&observation)? };
    if args.length.end(args.start) >= Day::LAST {
        return Err(Error::Usage(format!(
            "{} from {} leave the calendar, which ends with the year 9999",
            args.length, args.start
        )));
    }
    if let Some(path) = &args.output
        && OutputFormat::of(path).ok() != Some(OutputFormat::Csv)
    {
        return Err(Error::Usage(format!("{}: orders are written as CSV; the name must end in .csv", path.display())));
    }
    if joining > length {
        return Err(Error::Usage(format!("customers join over {}, longer than {} in all", args.joining, args.length)));
    }
    let spend = model.spend.map(|record| match record.model {
        SpendModel::GammaGamma(model) => model,
    });
    let most = predictor.timing.expected_purchases(length);
    if most > MOST_PURCHASES {
        return Err(Error::Usage(format!(
            "the model expects {most:.1e} purchases of each customer over {}; at most {MOST_PURCHASES:e} are simulated. Check \
             its time unit, the {unit}",
            args.length
        )));
    }
    let population = Population { timing: predictor.timing, spend, joining, length };

    let destination = args.output.as_ref().map_or("standard output".to_owned(), |path| path.display().to_string());
    let failed = || Error::io(format!("cannot write {destination}"));
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
        for (id, customer) in (1..=args.customers).zip(population.customers(args.seed)) {
            for (day, amount) in orders(&customer, &observation) {
                writeln!(writer, "{id},{day},{amount:.2}").map_err(failed())?;
                count += 1;
            }
        }
    }
    if let Some(staged) = staged {
        staged.commit()?;
    }
    console.say(format!("Wrote {count} orders of {} customers to {destination}", args.customers))?;
    console
        .results(&json!({ "customers": args.customers, "orders": count, "seed": args.seed, "files": args.output }))?;
    Ok(ExitCode::SUCCESS)
}
