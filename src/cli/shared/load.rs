//! What the commands read: orders or a summary.

use super::loaded_summary::{Loaded, OrdersRead};
use super::order_args::OrderArgs;
use super::weight_args::WeightArgs;
use crate::cli::text::console::{Console, Progress};
use crate::cli::text::words;
use crate::error::{Error, Kind, Result};
use crate::evaluate::{Later, Split};
use crate::message::{opt, say};
use crate::model_file::{ModelFile, ModelOptions};
use crate::orders::{ReadReport, Summarising, read_tables};
use crate::outputs::table_of_other_run;
use crate::summary::{Day, Grain, PurchaseLog, TimeUnit};
use crate::summary_file::{self, FIRST_PURCHASE, GRAIN, SummaryOptions};
use crate::tables::{BytesRead, Input, TableReader};

/// Files about to be read, and the bar that shows how far that is.
pub(crate) struct Reading<'a> {
    pub(crate) inputs: &'a [Input],
    pub(crate) bytes: BytesRead,
    _progress: Progress,
}

impl<'a> Reading<'a> {
    pub(crate) fn begin(inputs: &'a [Input], console: &Console) -> Self {
        let bytes = BytesRead::default();
        let total = inputs.iter().map(Input::size).sum();
        let _progress = console.progress(total, &bytes);
        Self { inputs, bytes, _progress }
    }

    /// The files from the one with this number on, each opened when its turn comes.
    pub(crate) fn tables(&self, from: usize, args: &OrderArgs) -> impl Iterator<Item = Result<TableReader>> {
        self.inputs[from..].iter().map(|input| TableReader::open(input, &args.file(), &self.bytes))
    }
}

/// Reads orders and summarises them, in this unit if the user named no other, with these columns besides; and the orders.
pub(crate) fn orders(
    inputs: &[Input],
    args: &OrderArgs,
    attributes: &[String],
    unit: TimeUnit,
    console: &mut Console,
) -> Result<(Loaded, PurchaseLog)> {
    let reading = Reading::begin(inputs, console);
    let (mut log, report) = read_orders(reading.tables(0, args), args, attributes)?;
    drop(reading);
    let loaded = summarise(&mut log, report, args, unit, None, console)?;
    Ok((loaded, log))
}

/// Reads orders that more than a summary is to be made of, with these columns besides; what to do `instead` with a summary.
pub(crate) fn order_log(
    inputs: &[Input],
    args: &OrderArgs,
    attributes: &[String],
    instead: &str,
    console: &mut Console,
) -> Result<(PurchaseLog, ReadReport)> {
    let reading = Reading::begin(inputs, console);
    let mut tables = reading.tables(0, args).peekable();
    if let Some(Ok(first)) = tables.peek()
        && summary_file::is_summary(first.header())
    {
        return Err(Error::usage(format!("{} is a summary; {instead}", first.name())));
    }
    read_orders(tables, args, attributes)
}

/// Reads orders, summarises those up to `split`, and counts what the customers purchased afterwards.
pub(crate) fn orders_split(
    inputs: &[Input],
    args: &OrderArgs,
    attributes: &[String],
    split: Day,
    console: &mut Console,
) -> Result<(Loaded, Later)> {
    let (mut log, report) = order_log(inputs, args, attributes, "--split takes orders", console)?;
    let division = Split::On(split).divide(&log, args.until())?;
    let loaded = summarise(&mut log, report, args, TimeUnit::Week, Some(split), console)?;
    let later = Later::new(&mut log, &loaded.summary, division)?;
    Ok((loaded, later))
}

fn read_orders(
    tables: impl Iterator<Item = Result<TableReader>> + Send,
    args: &OrderArgs,
    attributes: &[String],
) -> Result<(PurchaseLog, ReadReport)> {
    let (log, report) = read_tables(tables, &args.options(attributes)?)?;
    report.check_purchases().map(|()| (log, report))
}

/// Summarises orders up to the split, or else to the end that was given, or else to the last of them.
pub(crate) fn summarise(
    log: &mut PurchaseLog,
    report: ReadReport,
    args: &OrderArgs,
    unit: TimeUnit,
    split: Option<Day>,
    console: &mut Console,
) -> Result<Loaded> {
    let how = Summarising { until: split.or(args.until()), ..args.summarising(unit)? };
    let (summary, excluded) = how.summary(log, &report)?;
    let end = summary.observation.end;
    let end_option = if split.is_some() { Some("--split") } else { args.until().map(|_| "--until") };
    let last = if split.is_some() { end } else { summary.last_order(log).unwrap_or(end) };
    console.count(report.rows, summary.len() as u64);
    let orders = OrdersRead { report, excluded, last, end_option };
    words::orders(console, &orders, &summary)?;
    words::attributes(console, &summary)?;
    Ok(Loaded::of_orders(summary, orders))
}

/// What is to be done with the customers, as far as it bears on reading them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Purpose<'a> {
    /// Unit of the model that is to be asked, and the end of its data.
    pub(crate) model: Option<(TimeUnit, Day)>,
    /// Whether nobody is named, so that customers need no ids.
    pub(crate) names_nobody: bool,
    /// Whether opportunities are counted, so that ages are numbers of periods.
    pub(crate) opportunities: bool,
    /// Whether purchases are valued.
    pub(crate) values: bool,
    /// How many customers rows stand for; none if each is one.
    pub(crate) weights: Option<&'a WeightArgs>,
}

impl Purpose<'_> {
    /// To ask this model about them.
    pub(crate) fn of(model: &ModelFile) -> Self {
        let opportunities = model.timing.as_ref().is_some_and(|timing| timing.model.kind().is_discrete());
        let model_data = model.data.map(|data| (data.unit, data.end));
        Self { model: model_data, opportunities, values: model.spend.is_some(), ..Self::default() }
    }

    /// To fit these models to them.
    pub(crate) fn to_fit(options: &ModelOptions) -> Self {
        Self { opportunities: options.timing.is_discrete(), values: options.with_spend, ..Self::default() }
    }

    /// An error about what a table without dates lacks, with the amounts if it lacks those, too.
    fn and_spend(&self, error: Error, header: &[String]) -> Error {
        let lacks_spend = self.values && !summary_file::knows_spend(header);
        if error.kind() != Kind::Usage || !lacks_spend || header.iter().any(|name| name == FIRST_PURCHASE) {
            return error;
        }
        let spend = ". Nor does it say what purchases were worth, in a column `monetary_value`; ";
        error.reworded(|what| say![what, spend, opt("with_spend").with(false), " goes without"])
    }

    /// The period of a purchase in a table that does not say it: where opportunities are counted, the unit of time.
    fn grain(&self, header: &[String], args: &OrderArgs) -> Option<Grain> {
        let says = |column: &str| header.iter().any(|name| name == column);
        let counted = self.opportunities && !says(FIRST_PURCHASE) && !says(GRAIN);
        let unit = args.unit().or(self.model.map(|(unit, _)| unit)).filter(|_| counted);
        args.grain().or(unit.map(TimeUnit::grain))
    }
}

/// Reads orders and summarises them, or reads a summary. Where neither the user nor the summary names a unit, it is that of the model.
pub(crate) fn orders_or_summary(
    inputs: &[Input],
    args: &OrderArgs,
    attributes: &[String],
    purpose: Purpose<'_>,
    console: &mut Console,
) -> Result<Loaded> {
    log_or_summary(inputs, args, attributes, purpose, console).map(|(loaded, _)| loaded)
}

/// Reads orders and summarises them, or reads a summary; also the log, if orders were read.
pub(crate) fn log_or_summary(
    inputs: &[Input],
    args: &OrderArgs,
    attributes: &[String],
    purpose: Purpose<'_>,
    console: &mut Console,
) -> Result<(Loaded, Option<PurchaseLog>)> {
    let reading = Reading::begin(inputs, console);
    // A pipe can be opened once only.
    let mut first = TableReader::open(&reading.inputs[0], &args.file(), &reading.bytes)?;
    if !summary_file::is_summary(first.header()) {
        purpose.weights.map_or(Ok(()), |weights| weights.refuse("these are orders, each of one customer"))?;
        let tables = std::iter::once(Ok(first)).chain(reading.tables(1, args));
        let (mut log, report) = read_orders(tables, args, attributes)?;
        drop(reading);
        let unit = purpose.model.map_or(TimeUnit::Week, |(unit, _)| unit);
        let loaded = summarise(&mut log, report, args, unit, None, console)?;
        return Ok((loaded, Some(log)));
    }
    if reading.inputs.len() > 1 {
        return Err(Error::usage(format!("{} is a summary; give it alone", first.name())));
    }
    args.refuse_what_needs_orders(&format!("{} is a summary", first.name()), false)?;
    let options = SummaryOptions {
        customer: args.columns.customer.clone(),
        unit: args.unit(),
        model: purpose.model.map(|(unit, end)| (unit, Some(end))),
        ignore: args.columns.ignore.clone(),
        numbers_customers: purpose.names_nobody,
        until: args.until(),
        grain: purpose.grain(first.header(), args),
        attributes: attributes.to_vec(),
        weights: purpose.weights.and_then(|weights| weights.weights.clone()),
        takes_weights: purpose.weights.is_some(),
        ..SummaryOptions::default()
    };
    let mut summary =
        summary_file::read(&mut first, &options).map_err(|error| purpose.and_spend(error, first.header()))?;
    summary.knows_spend &= !args.no_spend();
    drop(reading);
    if let Input::Path(path) = &inputs[0] {
        table_of_other_run(path).into_iter().for_each(|words| console.warn(words));
    }
    console.count(summary.len() as u64, summary.customer_count());
    words::summary(console, first.name(), &summary)?;
    Ok((Loaded { summary, orders: None, name: Some(first.name().to_owned()) }, None))
}
