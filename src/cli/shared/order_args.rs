//! The options on orders and their columns, shared by every command that reads orders.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::memory_size::MemorySize;
use crate::cli::text::console::Console;
use crate::error::{Error, Result};
use crate::orders::{
    AmountPer, ColumnNames, Condition, Convention, Currency, DateReader, Duplicates, OrderOptions, Rates,
    RepeatedOrders, Returns, share,
};
use crate::outputs::Outputs;
use crate::summary::{Cohort, Day, Excluded, Grain, TimeUnit};
use crate::tables::{Delimiter, Input};

/// Options on orders.
#[derive(Clone, Debug, Args)]
pub(crate) struct OrderArgs {
    /// Column with the customer [default: recognised by name]
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(crate) customer: Option<String>,

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
    pub(crate) ignore: Vec<String>,

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
pub(crate) enum UnitArg {
    Day,
    Week,
    /// 30.4375 days; where the grain is the month too, calendar months
    Month,
    /// 365.25 days; where the grain is the year too, calendar years
    Year,
}

impl OrderArgs {
    /// Whether nothing is to be said of value.
    pub(crate) fn no_spend(&self) -> bool {
        self.no_spend
    }

    /// The same where nothing will be valued, and so no amount is needed.
    pub(crate) fn with_optional_amounts(&self) -> Self {
        Self { optional_amounts: true, ..self.clone() }
    }

    /// Whether amounts are written 1.234,56.
    pub(crate) fn decimal_comma(&self) -> bool {
        self.decimal_comma
    }

    /// What separates the cells of text files, if it was given.
    pub(crate) fn delimiter(&self) -> Option<Delimiter> {
        self.delimiter
    }

    /// The end of the observation that was given.
    pub(crate) fn until(&self) -> Option<Day> {
        self.until
    }

    /// Period within which orders are one purchase, if it was given.
    pub(crate) fn grain(&self) -> Option<Grain> {
        self.grain.map(|grain| match grain {
            GrainArg::Day => Grain::Day,
            GrainArg::Week => Grain::Week,
            GrainArg::Month => Grain::Month,
            GrainArg::Year => Grain::Year,
        })
    }

    /// Options on the reading of orders where there are none are a misunderstanding.
    pub(crate) fn refuse_what_needs_orders(&self, instead: &str, units_too: bool) -> Result<()> {
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
    pub(crate) fn refuse_what_reads_orders(&self, instead: &str) -> Result<()> {
        let how = [("--customer", self.customer.is_some()), ("--delimiter", self.delimiter.is_some())];
        Self::refuse(how.into_iter().chain(self.given_on_columns()), instead)
    }

    /// What is read with orders: no result is written over it.
    pub(crate) fn reading(&self, inputs: &[Input], console: &Console) -> Outputs {
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

    /// The unit of recency and T, if it was given.
    pub(crate) fn unit(&self) -> Option<TimeUnit> {
        self.unit.map(TimeUnit::from)
    }

    pub(crate) fn options(&self, attributes: &[String]) -> Result<OrderOptions> {
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
    pub(crate) fn unit_or_week(&self) -> TimeUnit {
        self.unit().unwrap_or(TimeUnit::Week)
    }

    /// Returns without a purchase cannot be used.
    pub(crate) fn refuse_unmatched(&self, excluded: &Excluded) -> Result<()> {
        if self.strict { excluded.check_returns() } else { Ok(()) }
    }

    pub(crate) fn cohort(&self) -> Result<Cohort> {
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
