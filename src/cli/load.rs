//! What the commands read: orders or a summary, with the options that say how.

use clap::{Args, ValueEnum};

use super::console::Console;
use super::describe;
use crate::error::{Error, Result};
use crate::orders::{ColumnNames, DateReader, Duplicates, OrderOptions, ReadReport, Returns, read_orders};
use crate::summary::{Cohort, Day, Excluded, Grain, Summary, TimeUnit};
use crate::summary_file::{self, SummaryOptions};
use crate::tables::{BytesRead, Delimiter, Input, TableReader, expand};

/// Options on orders.
#[derive(Debug, Args)]
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

    /// Form of dates other than ISO, for instance '%m/%d/%Y %H:%M' or %s for seconds since 1970
    #[arg(long, value_name = "FORMAT", help_heading = "Reading")]
    date_format: Option<String>,

    /// Zone that decides the day of timestamps with an offset, for instance Europe/Berlin [default: as written]
    #[arg(long, value_name = "ZONE", help_heading = "Reading")]
    timezone: Option<String>,

    /// Amounts are written 1.234,56
    #[arg(long, help_heading = "Reading")]
    decimal_comma: bool,

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

    /// Last day of the observation; later orders are left out [default: the last order]
    #[arg(long, value_name = "DATE", help_heading = "Observation")]
    until: Option<Day>,

    /// Only customers whose first purchase is on this day or later
    #[arg(long, value_name = "DATE", help_heading = "Observation")]
    from: Option<Day>,

    /// Only customers whose first purchase is before this day
    #[arg(long, value_name = "DATE", help_heading = "Observation")]
    first_purchase_before: Option<Day>,

    /// Period within which a customer's orders are one purchase
    #[arg(long, value_enum, default_value_t, help_heading = "Observation")]
    grain: GrainArg,

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
    /// The first is an order, the others are left out
    Drop,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum GrainArg {
    #[default]
    Day,
    /// Monday to Sunday
    Week,
    Month,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum UnitArg {
    Day,
    Week,
    /// 30.4375 days
    Month,
    /// 365.25 days
    Year,
}

impl OrderArgs {
    fn grain(&self) -> Grain {
        match self.grain {
            GrainArg::Day => Grain::Day,
            GrainArg::Week => Grain::Week,
            GrainArg::Month => Grain::Month,
        }
    }

    fn unit(&self) -> Option<TimeUnit> {
        self.unit.map(|unit| match unit {
            UnitArg::Day => TimeUnit::Day,
            UnitArg::Week => TimeUnit::Week,
            UnitArg::Month => TimeUnit::Month,
            UnitArg::Year => TimeUnit::Year,
        })
    }

    fn options(&self) -> Result<OrderOptions> {
        Ok(OrderOptions {
            columns: ColumnNames {
                customer: self.customer.clone(),
                date: self.date.clone(),
                amount: self.amount.clone(),
                quantity: self.quantity.clone(),
                price: self.price.clone(),
            },
            dates: DateReader::new(self.date_format.as_deref(), self.timezone.as_deref())?,
            decimal_comma: self.decimal_comma,
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
            grain: self.grain(),
            until: self.until,
            from: self.from,
            strict: self.strict,
        })
    }

    fn cohort(&self) -> Cohort {
        Cohort { from: self.from, first_purchase_before: self.first_purchase_before }
    }
}

/// A summary, and what is to be told of how it came about.
pub(super) struct Loaded {
    pub(super) summary: Summary,
    /// Absent if a summary was read.
    pub(super) orders: Option<OrdersRead>,
}

/// What became of the orders.
pub(super) struct OrdersRead {
    pub(super) report: ReadReport,
    pub(super) excluded: Excluded,
    /// Whether the end of the observation was given rather than found.
    pub(super) end_given: bool,
}

/// Reads orders and summarises them, in this unit if the user named no other.
pub(super) fn orders(files: &[String], args: &OrderArgs, unit: TimeUnit, console: &mut Console) -> Result<Loaded> {
    let inputs = expand(files)?;
    let options = args.options()?;
    let (mut log, report) = {
        let bytes = BytesRead::default();
        let total: Option<u64> = inputs.iter().map(Input::size).sum();
        let _progress = console.progress(total, &bytes);
        read_orders(&inputs, &options, &bytes)?
    };
    if report.used == report.returns {
        return Err(Error::Data(format!(
            "all {} orders are returns (negative amounts): nobody purchased",
            report.used
        )));
    }
    let end = args.until.or_else(|| log.last_day()).expect("there are orders");
    let (summary, excluded) = log.summary(args.unit().unwrap_or(unit), end, &args.cohort())?;
    if args.strict && excluded.unmatched_returns > 0 {
        return Err(Error::Data(format!(
            "{} returns follow no purchase of their customer; --strict allows none",
            excluded.unmatched_returns
        )));
    }
    let orders = OrdersRead { report, excluded, end_given: args.until.is_some() };
    describe::orders(console, &orders, &summary)?;
    Ok(Loaded { summary, orders: Some(orders) })
}

/// Reads orders and summarises them, or reads a summary.
pub(super) fn orders_or_summary(
    files: &[String],
    args: &OrderArgs,
    unit: TimeUnit,
    console: &mut Console,
) -> Result<Loaded> {
    if let [Input::Path(path)] = &expand(files)?[..] {
        let mut table = TableReader::open(&Input::Path(path.clone()), args.delimiter, &BytesRead::default())?;
        if summary_file::is_summary(table.header()) {
            if args.from.is_some() || args.first_purchase_before.is_some() {
                return Err(Error::Usage("a cohort can be selected from orders, not from a summary".to_owned()));
            }
            let options = SummaryOptions { unit: args.unit(), until: args.until, grain: args.grain() };
            let summary = summary_file::read(&mut table, &options)?;
            describe::summary(console, table.name(), &summary)?;
            return Ok(Loaded { summary, orders: None });
        }
    }
    orders(files, args, unit, console)
}
