//! `clv sql`: the summary as a query, and answers by history with the query that joins them.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::Ending;
use super::shared::files::{names, read_models};
use super::shared::flags::{default_text, flags};
use super::shared::order_args::OrderArgs;
use super::text::console::Console;
use crate::columns::{DERT, DET, LATER_DERT, P_ALIVE, PURCHASES};
#[cfg(feature = "parquet")]
use crate::counts_file;
use crate::error::{Error, Result};
use crate::message::{flag, opt, say};
use crate::outputs::{FileKind, Outputs};
use crate::predict::{DiscountRate, Forecast, HorizonColumns, PerCustomer, Valuation, parse_horizons};
use crate::sql::{Dialect, Histories, Query, Scores, SqlOptions, value_column};
use crate::summary::Summary;
use crate::summary_file::{self, SummaryOptions};
use crate::tables::{BytesRead, Table, TableColumn, TableReader, TableWriter, expand};

/// Print the summary as a query, to be run where the orders are
///
/// The query says what `clv summarize` says of the same orders, so that orders stay in the database and one row per customer leaves it; with
/// --counted not even ids do. Options that a query cannot honour are refused.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  clv sql --dialect postgres --table shop.orders --until 2024-12-31 | psql shop --csv > summary.csv
  clv sql --dialect bigquery --table my-project.shop.orders --date ordered_at --timezone Europe/Berlin --until 2024-12-31
  clv sql --dialect spark --table orders --grain week --counted --until 2024-12-29
  clv sql --dialect postgres --table clv_summary --scores model.json --for summary.parquet --horizons 3m,12m -o lookup.csv")]
pub(super) struct SqlArgs {
    #[command(flatten)]
    sql: SqlFlags,

    #[command(flatten)]
    orders: OrderArgs,

    /// Columns to keep: what a customer's first order says, for instance country,source
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Columns")]
    keep: Vec<String>,

    /// Model file: answers to every distinct history go to the table of -o, and the query printed joins it with the summary in --table
    #[arg(long, value_name = "FILE", requires_all = ["histories", "output"], help_heading = "Scores")]
    scores: Vec<PathBuf>,

    /// Summary, counted rows, or the folder of `clv count`, with the histories that are asked about
    #[arg(long = "for", value_name = "FILE", requires = "scores", help_heading = "Scores")]
    histories: Option<String>,

    /// Table of answers by history, .parquet or .csv
    #[arg(short, long, value_name = "FILE", requires = "scores", help_heading = "Scores")]
    output: Option<PathBuf>,

    /// What that table is called in the database [default: as its file, without the ending]
    #[arg(long, value_name = "TABLE", requires = "scores", help_heading = "Scores")]
    lookup_table: Option<String>,

    /// Horizons from the end of the observation [default: 3m,6m,12m]
    #[arg(long, value_name = "LIST", requires = "scores", help_heading = "Scores")]
    horizons: Option<String>,

    /// Share of the spend that is earned, for instance 0.3 [default: 1]
    #[arg(long, value_name = "FRACTION", requires = "scores", help_heading = "Scores")]
    margin: Option<f64>,

    /// Annual discount rate, for instance 0.1 [default: 0]
    #[arg(long, value_name = "RATE", requires = "scores", help_heading = "Scores")]
    discount: Option<DiscountRate>,
}

flags! {
/// What the query is to be.
SqlFlags => SqlOptions {
    /// Whose SQL
    #[arg(long, value_enum)]
    dialect: Dialect,

    /// Table of orders, with its schema if it has one; parts are quoted, so write them as they are called
    #[arg(long, value_name = "TABLE", default_value = default_text(SqlOptions::default().table))]
    table: String,

    /// Counted rows instead of customers: how many have the same history, and no ids
    #[arg(long)]
    counted: bool,

    /// Add amounts exactly, to the last bit as `clv summarize` does [default: as decimals with nine digits after the point]
    #[arg(long)]
    exact: bool,

    /// Customers are a column of numbers, and stay numbers [default: text]
    #[arg(long, help_heading = "Columns")]
    number_ids: bool,

    /// Add a column sum_log_interpurchase: of each customer, the sum of ln(time between purchases)
    #[arg(long, help_heading = "Columns")]
    sum_log_interpurchase: bool,
}
}

pub(super) fn sql(args: &SqlArgs, console: &mut Console) -> Result<Ending> {
    args.orders.refuse_what_reads_files()?;
    if !args.scores.is_empty() {
        return scores(args, console);
    }
    let mut options = SqlOptions::default();
    args.sql.fill(&mut options);
    let text = Query::new(options, args.orders.options(&args.keep)?)?.text()?;
    print(&text, None, console)
}

fn print(text: &str, file: Option<&PathBuf>, console: &mut Console) -> Result<Ending> {
    if !console.json {
        console.data(text.as_bytes())?;
    }
    console.results(&json!({ "query": text, "files": names(file) }))?;
    Ok(Ending::Success)
}

/// Writes answers by history, and prints the query that joins them.
fn scores(args: &SqlArgs, console: &mut Console) -> Result<Ending> {
    let (path, file) = args.output.as_ref().zip(args.histories.as_ref()).expect("clap requires both");
    args.check_scores()?;
    let inputs = expand(&[of_counts(file)])?;
    let outputs = Outputs::new(console.overwrite).reading(&inputs).reading_files(&args.scores);
    let outputs = outputs.writing([path], FileKind::Table);
    outputs.check()?;
    let [input] = &inputs[..] else { return Err(Error::usage("one summary, or one table of counted rows")) };
    let model = read_models(&args.scores, console)?.expect("clap requires one");
    let mut predictor = model.predictor()?;
    if let [covariate, ..] = &predictor.covariates()[..] {
        return Err(Error::usage(format!(
            "the model has covariates, `{covariate}` among them, and its answers depend on more than histories; predict customer by customer"
        )));
    }
    let mut table = TableReader::open(input, &args.orders.file(), &BytesRead::default())?;
    // How often a history occurs is nothing to its answers.
    let counts = ["customers", "weights", "weight", "count", "n_customers", "number_of_customers"];
    let counted: Vec<String> =
        table.header().iter().filter(|name| counts.contains(&&*name.to_lowercase())).cloned().collect();
    let options = SummaryOptions {
        customer: args.orders.columns.customer.clone(),
        unit: args.orders.unit(),
        until: args.orders.until(),
        grain: args.orders.grain(),
        model: model.data.map(|data| (data.unit, Some(data.end))),
        ignore: [&*args.orders.columns.ignore, &counted].concat(),
        numbers_customers: true,
        ..SummaryOptions::default()
    };
    let summary = summary_file::read(&mut table, &options)?;
    let histories = Histories::of(&summary)?;
    let spend = predictor.spend.take();
    let discount = args.discount.unwrap_or_default();
    let valuation = Valuation { margin: PerCustomer::All(1.0), discount, cac: None };
    let horizons = parse_horizons(args.horizons.as_deref().unwrap_or("3m,6m,12m"))?;
    let distinct = histories.summary();
    let forecast = predictor.forecast(&distinct, &horizons, &valuation)?;
    let (table, answers) = answers(&histories, &distinct, &forecast);
    let mut rows = TableWriter::create(path)?.with_raw_text(console.raw_text);
    table.write(&mut rows)?;
    let staged = rows.finish()?;
    let lookup = args.lookup_table.clone().or_else(|| stem(path));
    let text = Scores {
        dialect: args.sql.dialect,
        summary: args.sql.table.clone(),
        lookup: lookup.ok_or_else(|| Error::usage(say![opt("lookup_table"), " names the table of answers"]))?,
        observation: summary.observation,
        answers,
        spend,
        margin: args.margin.unwrap_or(1.0),
    }
    .text()?;
    outputs.commit([staged])?;
    print(&text, Some(path), console)
}

/// Of counts in a folder, the table of histories.
fn of_counts(file: &str) -> String {
    #[cfg(feature = "parquet")]
    if counts_file::is_counts(Path::new(file)) {
        return counts_file::file_of(Path::new(file), counts_file::PARTS[0]).display().to_string();
    }
    file.to_owned()
}

fn stem(path: &Path) -> Option<String> {
    path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned)
}

/// The columns of the answers, and in which column of value each is worth something.
fn answers<'a>(
    histories: &'a Histories,
    distinct: &'a Summary,
    forecast: &'a Forecast,
) -> (Table<'a>, Vec<(String, Option<String>)>) {
    let mut table = Table::measured_in(distinct.observation.unit.name(), None);
    let [frequency, recency, age] = histories.columns();
    table.push(frequency, TableColumn::Count(&histories.frequency));
    table.push(recency, TableColumn::Count(&histories.recency));
    table.push(age, TableColumn::Count(&histories.age));
    table.push_column(&P_ALIVE, &[], TableColumn::Real(&forecast.p_alive));
    let mut names = vec![(P_ALIVE.name.to_owned(), None)];
    for HorizonColumns { horizon, purchases, discounted, .. } in &forecast.horizons {
        let label = &*horizon.label();
        let column = match horizon.is_forever() {
            true if horizon.is_all_of_the_future() => &DERT,
            true => &LATER_DERT,
            false => &PURCHASES,
        };
        let value = value_column(label);
        table.push_column(column, &[label], TableColumn::Real(purchases));
        names.push((column.of(&[label]), discounted.is_none().then(|| value.clone())));
        if let Some(discounted) = discounted {
            table.push_column(&DET, &[label], TableColumn::Real(discounted));
            names.push((DET.of(&[label]), Some(value)));
        }
    }
    table.push("observed_until", TableColumn::ConstantDay(distinct.observation.end, distinct.len()));
    (table, names)
}

impl SqlArgs {
    /// Refuses what says how orders become a summary: it has been made.
    fn check_scores(&self) -> Result<()> {
        let SqlFlags { counted, exact, number_ids, sum_log_interpurchase, ref table, .. } = self.sql;
        let given = [
            ("counted", counted),
            ("exact", exact),
            ("number_ids", number_ids),
            ("sum_log_interpurchase", sum_log_interpurchase),
        ];
        if let Some((name, _)) = given.into_iter().find(|(_, given)| *given) {
            return Err(Error::usage(say![
                flag(name),
                " is about the summary, and ",
                opt("scores"),
                " join one that is there"
            ]));
        }
        if *table == SqlOptions::default().table {
            return Err(Error::usage(say![
                opt("table"),
                " names the summary in the database: the table that its query made"
            ]));
        }
        if let Some(margin) = self.margin.filter(|margin| !margin.is_finite()) {
            return Err(Error::usage(say![opt("margin"), format!(" is {margin}; give a fraction like 0.3")]));
        }
        if !self.keep.is_empty() {
            return Err(Error::usage(say![opt("keep"), " is about the summary, which has been made"]));
        }
        self.orders.refuse_what_needs_orders("the summary has been made", false)
    }
}
