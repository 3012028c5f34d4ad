//! What the commands read: orders or a summary, with the options that say how.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::console::{Console, Progress};
use super::loaded::{Loaded, OrdersRead};
use super::memory_size::MemorySize;
use super::words;
use crate::error::{Error, Result};
use crate::evaluate::{Later, Split};
use crate::model_file::{ModelFile, ModelOptions};
use crate::orders::{
    AmountPer, ColumnNames, Condition, Convention, Currency, DateReader, Duplicates, OrderOptions, Rates, ReadReport,
    RepeatedOrders, Returns, read_tables, share,
};
use crate::outputs::{Outputs, table_of_other_run};
use crate::summary::{Cohort, Day, Excluded, Grain, PurchaseLog, TimeUnit};
use crate::summary_file::{self, FIRST_PURCHASE, GRAIN, SummaryOptions};
use crate::tables::{BytesRead, Delimiter, Input, TableReader};

/// Options on orders.
#[derive(Clone, Debug, Args)]
pub(super) struct OrderArgs {
    /// Column with the customer [default: recognised by name]
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    customer: Option<String>,

    /// Column with the date or time of the order [default: recognised by name]
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    date: Option<String>,

    /// Column with the amount of the order [default: recognised by name]
    #[arg(long, value_name = "COLUMN", help_heading = "Columns", conflicts_with_all = ["quantity", "price"])]
    amount: Option<String>,

    /// Column with the quantity; the amount is then quantity x unit price
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    quantity: Option<String>,

    /// Column with the unit price
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    price: Option<String>,

    /// Column with the order's id: rows that have the same are lines of one order [default: recognised by name]
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    order: Option<String>,

    /// Column with what was paid back, to be subtracted from what the order is worth
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    refund: Option<String>,

    /// Column with the day on which it was paid back [default: recognised by name, or the order's day]
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    refund_date: Option<String>,

    /// Columns that are not what their names say, and are not looked at
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Columns")]
    ignore: Vec<String>,

    /// Purchases alone: orders need no amounts, and nothing is said of value. Amounts that are there tell returns
    #[arg(long, help_heading = "Columns")]
    no_spend: bool,

    /// Whether amounts are not needed, because a model without spend is asked.
    #[arg(skip)]
    optional_amounts: bool,

    /// Form of dates other than ISO, for instance '%m/%d/%Y %H:%M' or %s for seconds since 1970
    #[arg(long, value_name = "FORMAT", help_heading = "Reading")]
    date_format: Option<String>,

    /// Zone that decides the day of timestamps with an offset, for instance Europe/Berlin [default: as written]
    #[arg(long, value_name = "ZONE", help_heading = "Reading")]
    timezone: Option<String>,

    /// Only rows that meet this: 'status=completed', 'status!=refunded,cancelled', 'total>0'; several are all to be met
    #[arg(long = "where", value_name = "CONDITION", help_heading = "Reading")]
    conditions: Vec<Condition>,

    /// Amounts are written 1.234,56 [default: found in the column]
    #[arg(long, help_heading = "Reading")]
    decimal_comma: bool,

    /// What separates thousands in amounts: , . a blank or ' [default: found in the column]
    #[arg(long, value_name = "CHARACTER", help_heading = "Reading")]
    thousands: Option<String>,

    /// What amounts are in, for instance EUR; of several currencies, only orders in this one count
    #[arg(long, value_name = "CODE", help_heading = "Reading")]
    currency: Option<String>,

    /// Table with the columns currency, rate and from: convert other currencies into that of --currency at these rates
    #[arg(long, value_name = "FILE", requires = "currency", help_heading = "Reading")]
    rates: Option<PathBuf>,

    /// What amounts are of, where an order has several lines [default: found in the orders]
    #[arg(long, value_enum, help_heading = "Reading")]
    amount_per: Option<PerArg>,

    /// What refunds are of, likewise
    #[arg(long, value_enum, requires = "refund", help_heading = "Reading")]
    refund_per: Option<PerArg>,

    /// Which of several orders with one id counts, where files differ on it [default: asked]
    #[arg(long, value_enum, help_heading = "Reading")]
    repeated_orders: Option<RepeatedArg>,

    /// Customers are as they are written: e-mails that differ in case are several, and guests without a number nobody
    #[arg(long, help_heading = "Reading")]
    exact_ids: bool,

    /// Largest share of rows of which a column may be unreadable, for instance 5% [default: 10%, and more than one row]
    #[arg(long, value_name = "SHARE", value_parser = share, help_heading = "Reading")]
    max_left_out: Option<f64>,

    /// Character between the fields, or tab [default: found in the header]
    #[arg(long, value_name = "CHARACTER", help_heading = "Reading")]
    delimiter: Option<Delimiter>,

    /// What to do with negative amounts
    #[arg(long, value_enum, default_value_t, help_heading = "Reading")]
    returns: ReturnsArg,

    /// What to do with rows that are equal in every column
    #[arg(long, value_enum, default_value_t, help_heading = "Reading")]
    duplicates: DuplicatesArg,

    /// Fail if any row cannot be used
    #[arg(long, help_heading = "Reading")]
    strict: bool,

    /// Memory for orders, for instance 500M; more of them go to a temporary file, and customers take about 150 bytes each besides
    #[arg(long, value_name = "SIZE", default_value = "2G", help_heading = "Reading")]
    memory: MemorySize,

    /// Last day of the observation; later orders are left out [default: the last order]
    #[arg(long, value_name = "DATE", help_heading = "Observation")]
    until: Option<Day>,

    /// Only customers whose first purchase is on this day or later
    #[arg(long, value_name = "DATE", help_heading = "Observation")]
    from: Option<Day>,

    /// Only customers whose first purchase is before this day
    #[arg(long, value_name = "DATE", help_heading = "Observation")]
    first_purchase_before: Option<Day>,

    /// Period within which a customer's orders are one purchase [default: day]
    #[arg(long, value_enum, help_heading = "Observation")]
    grain: Option<GrainArg>,

    /// Unit of recency, T and the parameters [default: week]
    #[arg(long, value_enum, help_heading = "Observation")]
    unit: Option<UnitArg>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ReturnsArg {
    /// They lower the customer's spend and are no purchases
    #[default]
    Net,
    /// They are left out
    Drop,
    /// They are an error
    Error,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum DuplicatesArg {
    /// Every one is an order
    #[default]
    Keep,
    /// The first is an order, the others are left out; takes memory for every row, whatever --memory says
    Drop,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PerArg {
    /// The whole order: on each of its lines stands the same, which counts once
    Order,
    /// The line: they add up
    Line,
}

impl From<PerArg> for AmountPer {
    fn from(per: PerArg) -> Self {
        match per {
            PerArg::Order => Self::Order,
            PerArg::Line => Self::Line,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RepeatedArg {
    /// That of the first file
    First,
    /// That of the last file
    Last,
    /// All of them: they are several orders, or parts of one
    Add,
}

impl From<RepeatedArg> for RepeatedOrders {
    fn from(repeated: RepeatedArg) -> Self {
        match repeated {
            RepeatedArg::First => Self::First,
            RepeatedArg::Last => Self::Last,
            RepeatedArg::Add => Self::Add,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum GrainArg {
    Day,
    /// Monday to Sunday
    Week,
    Month,
    Year,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum UnitArg {
    Day,
    Week,
    /// 30.4375 days; where the grain is the month too, calendar months
    Month,
    /// 365.25 days; where the grain is the year too, calendar years
    Year,
}

impl OrderArgs {
    /// Whether nothing is to be said of value.
    pub(super) fn no_spend(&self) -> bool {
        self.no_spend
    }

    /// The same where nothing will be valued, and so no amount is needed.
    pub(super) fn with_optional_amounts(&self) -> Self {
        Self { optional_amounts: true, ..self.clone() }
    }

    /// Whether amounts are written 1.234,56.
    pub(super) fn decimal_comma(&self) -> bool {
        self.decimal_comma
    }

    /// The end of the observation that was given.
    pub(super) fn until(&self) -> Option<Day> {
        self.until
    }

    fn grain(&self) -> Option<Grain> {
        self.grain.map(|grain| match grain {
            GrainArg::Day => Grain::Day,
            GrainArg::Week => Grain::Week,
            GrainArg::Month => Grain::Month,
            GrainArg::Year => Grain::Year,
        })
    }

    /// Options on the reading of orders where there are none are a misunderstanding.
    pub(super) fn refuse_what_needs_orders(&self, instead: &str, units_too: bool) -> Result<()> {
        let of_units = [
            ("--grain", self.grain.is_some()),
            ("--unit", self.unit.is_some()),
            ("--customer", self.customer.is_some()),
            ("--delimiter", self.delimiter.is_some()),
        ];
        let of_cohorts =
            [("--from", self.from.is_some()), ("--first-purchase-before", self.first_purchase_before.is_some())];
        let given = of_units.into_iter().filter(|_| units_too).chain(self.given_on_columns()).chain(of_cohorts);
        Self::refuse(given, instead)
    }

    /// The same where a cohort, an end and units can be chosen, because what is summarised are orders read before.
    #[cfg(feature = "parquet")]
    pub(super) fn refuse_what_reads_orders(&self, instead: &str) -> Result<()> {
        let how = [("--customer", self.customer.is_some()), ("--delimiter", self.delimiter.is_some())];
        Self::refuse(how.into_iter().chain(self.given_on_columns()), instead)
    }

    /// What is read with orders: no result is written over it.
    pub(super) fn reading(&self, inputs: &[Input], console: &Console) -> Outputs {
        Outputs::new(console.overwrite).reading(inputs).reading_files(&self.rates)
    }

    /// Options on the reading of rows, and whether they were given.
    fn given_on_columns(&self) -> impl Iterator<Item = (&'static str, bool)> {
        [
            ("--date", self.date.is_some()),
            ("--amount", self.amount.is_some()),
            ("--quantity", self.quantity.is_some()),
            ("--price", self.price.is_some()),
            ("--date-format", self.date_format.is_some()),
            ("--timezone", self.timezone.is_some()),
            ("--order", self.order.is_some()),
            ("--refund", self.refund.is_some()),
            ("--refund-date", self.refund_date.is_some()),
            ("--where", !self.conditions.is_empty()),
            ("--decimal-comma", self.decimal_comma),
            ("--thousands", self.thousands.is_some()),
            ("--currency", self.currency.is_some()),
            ("--rates", self.rates.is_some()),
            ("--amount-per", self.amount_per.is_some()),
            ("--refund-per", self.refund_per.is_some()),
            ("--repeated-orders", self.repeated_orders.is_some()),
            ("--exact-ids", self.exact_ids),
            ("--max-left-out", self.max_left_out.is_some()),
            ("--returns", !matches!(self.returns, ReturnsArg::Net)),
            ("--duplicates", !matches!(self.duplicates, DuplicatesArg::Keep)),
            ("--strict", self.strict),
        ]
        .into_iter()
    }

    fn refuse(mut options: impl Iterator<Item = (&'static str, bool)>, instead: &str) -> Result<()> {
        match options.find(|(_, given)| *given) {
            Some((option, _)) => Err(Error::Usage(format!("{instead}; {option} applies when orders are summarised"))),
            None => Ok(()),
        }
    }

    fn unit(&self) -> Option<TimeUnit> {
        self.unit.map(TimeUnit::from)
    }

    pub(super) fn options(&self, attributes: &[String]) -> Result<OrderOptions> {
        for (i, name) in attributes.iter().enumerate() {
            if name.is_empty() || attributes[..i].contains(name) {
                let what = if name.is_empty() { "without a name" } else { "named twice" };
                return Err(Error::Usage(format!("a column to be kept is {what}: `{name}`")));
            }
        }
        Ok(OrderOptions {
            keeps_all: false,
            attributes: attributes.to_vec(),
            columns: ColumnNames {
                customer: self.customer.clone(),
                date: self.date.clone(),
                amount: self.amount.clone(),
                quantity: self.quantity.clone(),
                price: self.price.clone(),
                order: self.order.clone(),
                refund: self.refund.clone(),
                refund_date: self.refund_date.clone(),
                conditions: self.conditions.iter().map(|condition| condition.column.clone()).collect(),
                without_amount: false,
                ignore: self.ignore.clone(),
                optional_amount: self.no_spend || self.optional_amounts,
            },
            dates: DateReader::new(self.date_format.as_deref(), self.timezone.as_deref())?,
            conditions: self.conditions.clone(),
            convention: Convention::given(self.decimal_comma, self.thousands.as_deref())?,
            currency: self.currency.as_deref().map(Currency::declared).transpose()?,
            rates: self.rates.as_deref().map(Rates::open).transpose()?.map(Arc::new),
            amount_per: self.amount_per.map(AmountPer::from),
            refund_per: self.refund_per.map(AmountPer::from),
            repeated_orders: self.repeated_orders.map(RepeatedOrders::from),
            may_be_idle: false,
            exact_ids: self.exact_ids,
            max_left_out: self.max_left_out,
            delimiter: self.delimiter,
            returns: match self.returns {
                ReturnsArg::Net => Returns::Net,
                ReturnsArg::Drop => Returns::Drop,
                ReturnsArg::Error => Returns::Error,
            },
            duplicates: match self.duplicates {
                DuplicatesArg::Keep => Duplicates::Keep,
                DuplicatesArg::Drop => Duplicates::Drop,
            },
            grain: self.grain().unwrap_or_default(),
            until: self.until,
            from: self.from,
            strict: self.strict,
            memory: Some(self.memory.0),
        })
    }

    /// The unit of recency and T, where it is the week unless another was named.
    pub(super) fn unit_or_week(&self) -> TimeUnit {
        self.unit().unwrap_or(TimeUnit::Week)
    }

    /// Returns without a purchase cannot be used.
    pub(super) fn refuse_unmatched(&self, excluded: &Excluded) -> Result<()> {
        if self.strict { excluded.check_returns() } else { Ok(()) }
    }

    pub(super) fn cohort(&self) -> Result<Cohort> {
        let cohort = Cohort { from: self.from, first_purchase_before: self.first_purchase_before };
        cohort.check(self.grain().unwrap_or_default()).map(|()| cohort)
    }
}

impl From<UnitArg> for TimeUnit {
    fn from(unit: UnitArg) -> Self {
        match unit {
            UnitArg::Day => Self::Day,
            UnitArg::Week => Self::Week,
            UnitArg::Month => Self::Month,
            UnitArg::Year => Self::Year,
        }
    }
}

/// Files about to be read, and the bar that shows how far that is.
pub(super) struct Reading<'a> {
    pub(super) inputs: &'a [Input],
    pub(super) bytes: BytesRead,
    _progress: Progress,
}

impl<'a> Reading<'a> {
    pub(super) fn begin(inputs: &'a [Input], console: &Console) -> Self {
        let bytes = BytesRead::default();
        let total = inputs.iter().map(Input::size).sum();
        let _progress = console.progress(total, &bytes);
        Self { inputs, bytes, _progress }
    }

    /// The files from the one with this number on, each opened when its turn comes.
    pub(super) fn tables(&self, from: usize, args: &OrderArgs) -> impl Iterator<Item = Result<TableReader>> {
        self.inputs[from..].iter().map(|input| TableReader::open(input, args.delimiter, &self.bytes))
    }
}

/// Reads orders and summarises them, in this unit if the user named no other, with these columns besides; and the orders.
pub(super) fn orders(
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
pub(super) fn order_log(
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
        return Err(Error::Usage(format!("{} is a summary; {instead}", first.name())));
    }
    read_orders(tables, args, attributes)
}

/// Reads orders, summarises those up to `split`, and counts what the customers purchased afterwards.
pub(super) fn orders_split(
    inputs: &[Input],
    args: &OrderArgs,
    split: Day,
    console: &mut Console,
) -> Result<(Loaded, Later)> {
    let (mut log, report) = order_log(inputs, args, &[], "--split takes orders", console)?;
    let division = Split::On(split).divide(&log, args.until)?;
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
pub(super) fn summarise(
    log: &mut PurchaseLog,
    report: ReadReport,
    args: &OrderArgs,
    unit: TimeUnit,
    split: Option<Day>,
    console: &mut Console,
) -> Result<Loaded> {
    let end = split.or(args.until).or(log.last_day());
    let end = end.ok_or_else(|| Error::Data("there are no orders".to_owned()))?;
    let (mut summary, excluded) = log.summary(args.unit().unwrap_or(unit), end, &args.cohort()?)?;
    summary.knows_spend = !args.no_spend && report.without_amount == 0;
    args.refuse_unmatched(&excluded)?;
    let end_option = if split.is_some() { Some("--split") } else { args.until.map(|_| "--until") };
    let last = if split.is_some() { end } else { summary.last_order(log).unwrap_or(end) };
    console.count(report.rows, summary.len() as u64);
    let orders = OrdersRead { report, excluded, last, end_option };
    words::orders(console, &orders, &summary)?;
    words::attributes(console, &summary)?;
    Ok(Loaded::of_orders(summary, orders))
}

/// What is to be done with the customers, as far as it bears on reading them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Purpose {
    /// Unit of the model that is to be asked, and the end of its data.
    pub(super) model: Option<(TimeUnit, Day)>,
    /// Whether nobody is named, so that customers need no ids.
    pub(super) names_nobody: bool,
    /// Whether opportunities are counted, so that ages are numbers of periods.
    pub(super) opportunities: bool,
    /// Whether purchases are valued.
    pub(super) values: bool,
}

impl Purpose {
    /// To ask this model about them.
    pub(super) fn of(model: &ModelFile) -> Self {
        let opportunities = model.timing.as_ref().is_some_and(|timing| timing.model.kind().is_discrete());
        let model_data = model.data.map(|data| (data.unit, data.end));
        Self { model: model_data, names_nobody: false, opportunities, values: model.spend.is_some() }
    }

    /// To fit these models to them.
    pub(super) fn to_fit(options: &ModelOptions) -> Self {
        Self { opportunities: options.timing.is_discrete(), values: options.with_spend, ..Self::default() }
    }

    /// An error about what a table without dates lacks, with the amounts if it lacks those, too.
    fn and_spend(&self, error: Error, header: &[String]) -> Error {
        let lacks_spend = self.values && !summary_file::knows_spend(header);
        match error {
            Error::Usage(what) if lacks_spend && !header.iter().any(|name| name == FIRST_PURCHASE) => {
                Error::Usage(format!(
                    "{what}. Nor does it say what purchases were worth, in a column `monetary_value`; --no-spend goes without"
                ))
            }
            error => error,
        }
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
pub(super) fn orders_or_summary(
    inputs: &[Input],
    args: &OrderArgs,
    attributes: &[String],
    purpose: Purpose,
    console: &mut Console,
) -> Result<Loaded> {
    log_or_summary(inputs, args, attributes, purpose, console).map(|(loaded, _)| loaded)
}

/// The same with the log, if orders were read.
pub(super) fn log_or_summary(
    inputs: &[Input],
    args: &OrderArgs,
    attributes: &[String],
    purpose: Purpose,
    console: &mut Console,
) -> Result<(Loaded, Option<PurchaseLog>)> {
    let reading = Reading::begin(inputs, console);
    // A pipe can be opened once only.
    let mut first = TableReader::open(&reading.inputs[0], args.delimiter, &reading.bytes)?;
    if !summary_file::is_summary(first.header()) {
        let tables = std::iter::once(Ok(first)).chain(reading.tables(1, args));
        let (mut log, report) = read_orders(tables, args, attributes)?;
        drop(reading);
        let unit = purpose.model.map_or(TimeUnit::Week, |(unit, _)| unit);
        let loaded = summarise(&mut log, report, args, unit, None, console)?;
        return Ok((loaded, Some(log)));
    }
    if reading.inputs.len() > 1 {
        return Err(Error::Usage(format!("{} is a summary; give it alone", first.name())));
    }
    args.refuse_what_needs_orders(&format!("{} is a summary", first.name()), false)?;
    let options = SummaryOptions {
        customer: args.customer.clone(),
        unit: args.unit(),
        model: purpose.model.map(|(unit, end)| (unit, Some(end))),
        ignore: args.ignore.clone(),
        numbers_customers: purpose.names_nobody,
        until: args.until,
        grain: purpose.grain(first.header(), args),
        attributes: attributes.to_vec(),
        ..SummaryOptions::default()
    };
    let mut summary =
        summary_file::read(&mut first, &options).map_err(|error| purpose.and_spend(error, first.header()))?;
    summary.knows_spend &= !args.no_spend;
    drop(reading);
    if let Input::Path(path) = &inputs[0] {
        table_of_other_run(path).into_iter().for_each(|words| console.warn(words));
    }
    console.count(summary.len() as u64, summary.len() as u64);
    words::summary(console, first.name(), &summary)?;
    Ok((Loaded { summary, orders: None, name: Some(first.name().to_owned()) }, None))
}
