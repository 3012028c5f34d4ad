//! `clv check`: one look at orders before anything is fitted.

use std::ffi::OsString;

use clap::Args;
use serde_json::{Value, json};

use super::Ending;
use super::shared::counts::orders_or_summary_files;
use super::shared::load::{Purpose, log_or_summary};
use super::shared::loaded_summary::Loaded;
use super::shared::order_args::OrderArgs;
use super::text::as_flag::{as_flag, quoted};
use super::text::console::Console;
use super::text::words;
use crate::answers::{Sufficiency, sufficiencies};
use crate::describe::Description;
use crate::error::Result;
use crate::message::{Opt, say};
use crate::orders::{Columns, FirstRow};
use crate::report::{DataTable, Format, TableView};
use crate::summary_file::is_summary;
use crate::tables::{BytesRead, Input, TableReader};

/// Look at orders before anything is fitted: how they are read, what is left out, for what they suffice
///
/// Columns whose names are not known are taken for what they may be, and the command at the end says so.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  clv check orders.csv
  clv check 'export-*.xlsx' --json
  clv check orders.csv --where 'status!=refunded'")]
pub(super) struct CheckArgs {
    /// Order files, or one summary
    #[arg(required = true, value_name = "ORDERS|SUMMARY")]
    files: Vec<String>,

    #[command(flatten)]
    orders: OrderArgs,
}

/// Rows that are shown.
const ROWS: usize = 5;

pub(super) fn check(args: &CheckArgs, given: &[OsString], console: &mut Console) -> Result<Ending> {
    let inputs = orders_or_summary_files(&args.files)?;
    args.orders.reading(&inputs, console).check()?;
    let (guessed, guesses) = guessed(&inputs[0], args)?;
    let mut orders = args.orders.clone().showing(ROWS);
    if let Some(guessed) = guessed {
        orders.columns = guessed;
    }
    if !guesses.is_empty() {
        let guesses: Vec<String> = guesses.iter().map(as_flag).collect();
        console.warn(say!["columns are taken for what they may be by their names: ", guesses.join(" ")]);
    }
    let purpose = Purpose { names_nobody: true, ..Purpose::default() };
    let (loaded, log) = log_or_summary(&inputs, &orders, &[], purpose, console)?;
    let rows = loaded.orders.as_ref().map_or(&[][..], |read| &read.report.first_rows);
    if !rows.is_empty() {
        console.table(&rows_view(rows))?;
    }
    let regularity = match log {
        Some(mut log) => Description::of_orders(&mut log, &loaded.summary)?.regularity,
        None => None,
    };
    let enough = sufficiencies(&loaded.summary, regularity.as_ref());
    console.say("\nIs there enough for")?;
    for Sufficiency { what, enough, why } in &enough {
        console.say(format!("  {:<23}  {:<3}  {why}", what, if *enough { "yes" } else { "no" }))?;
    }
    let command = command(given, &loaded, &guesses);
    console.say(format!("\n{command}"))?;
    let mut results = words::loaded_json(&loaded);
    results["first_rows"] = rows.iter().map(row_json).collect();
    results["enough"] = enough
        .iter()
        .map(|Sufficiency { what, enough, why }| json!({ "what": what, "enough": enough, "why": why }))
        .collect();
    results["command"] = json!(command);
    console.results(&results)?;
    Ok(Ending::Success)
}

/// The columns with those that are not known by name taken for what they may be, if that is so of any; and the guesses.
fn guessed(input: &Input, args: &CheckArgs) -> Result<(Option<super::shared::order_args::ColumnFlags>, Vec<Opt>)> {
    // A pipe can be read once only.
    if !input.is_rereadable() {
        return Ok((None, Vec::new()));
    }
    let table = TableReader::open(input, &args.orders.file(), &BytesRead::default())?;
    if is_summary(table.header()) {
        return Ok((None, Vec::new()));
    }
    let guesses = Columns::guesses(&table, &args.orders.options(&[])?.columns)?;
    let mut columns = args.orders.columns.clone();
    for guess in &guesses {
        columns.take(guess);
    }
    Ok(((!guesses.is_empty()).then_some(columns), guesses))
}

/// The command that does all, with what was said here.
fn command(given: &[OsString], loaded: &Loaded, guesses: &[Opt]) -> String {
    let verb = if loaded.orders.is_some() { "run" } else { "fit" };
    let mut is_verb = true;
    // The first `check` is the command's name; another may be a file's.
    let given = given.iter().skip(1).map(|word| word.to_string_lossy()).filter(|word| {
        let is_name = *word == "check" && std::mem::take(&mut is_verb);
        !is_name && *word != "--json"
    });
    let words = std::iter::once(verb.to_owned()).chain(given.map(|word| quoted(&word)));
    format!("clv {}", words.chain(guesses.iter().map(as_flag)).collect::<Vec<String>>().join(" "))
}

fn rows_view(rows: &[FirstRow]) -> TableView {
    let day = |row: &FirstRow| row.day.map_or_else(|| format!("unreadable: {}", row.date), |day| day.to_string());
    let data = DataTable::new("first_rows", "")
        .text("place", rows.iter().map(|row| row.place.row.map_or_else(String::new, |row| row.number().to_string())))
        .text("customer", rows.iter().map(|row| row.customer.clone()))
        .text("date", rows.iter().map(|row| row.date.clone()))
        .text("day", rows.iter().map(day))
        .text("written", rows.iter().map(|row| row.written.clone()))
        .real("amount", rows.iter().map(|row| row.amount));
    TableView::new("The first rows, as they are read".to_owned(), data)
        .column("place", "row", Format::Plain)
        .column("customer", "customer", Format::Plain)
        .column("date", "date", Format::Plain)
        .column("day", "is the day", Format::Plain)
        .column("written", "amount", Format::Plain)
        .column("amount", "is", Format::Number(2))
}

fn row_json(row: &FirstRow) -> Value {
    json!({
        "place": row.place.to_string(),
        "customer": row.customer,
        "date": row.date,
        "day": row.day.map(|day| day.to_string()),
        "written": row.written,
        "amount": row.amount,
    })
}
