//! The options on orders and their columns, shared by every command that reads orders.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::flags::flags;
use super::memory_size::MemorySize;
use crate::cli::text::console::Console;
use crate::error::{Error, Result};
use crate::message::{Opt, opt, say};
use crate::options;
use crate::orders::{
    AmountPer, ColumnNames, Condition, Convention, Currency, DateReader, Duplicates, OrderOptions, Rates,
    RepeatedOrders, Returns, Summarising, share,
};
use crate::outputs::Outputs;
use crate::summary::{Cohort, Day, Excluded, Grain, TimeUnit};
use crate::tables::{Delimiter, Encoding, FileOptions, Input};

/// Options on orders.
#[derive(Clone, Debug, Args)]
pub(crate) struct OrderArgs {
    #[command(flatten)]
    pub(crate) columns: ColumnFlags,

    /// Purchases alone: orders need no amounts, and no values are computed. Amounts that are there tell returns from purchases
    #[arg(long, help_heading = "Columns")]
    no_spend: bool,

    /// Whether amounts are not needed, because a model without spend is asked.
    #[arg(skip)]
    optional_amounts: bool,

    /// Number of rows that are shown as they are read.
    #[arg(skip)]
    rows_shown: usize,

    /// Format of dates other than ISO, for instance '%m/%d/%Y %H:%M' or %s for seconds since 1970
    #[arg(long, value_name = "FORMAT", help_heading = "Reading")]
    date_format: Option<String>,

    /// Zone that decides the day of timestamps with an offset, for instance Europe/Berlin [default: as written]
    #[arg(long, value_name = "ZONE", help_heading = "Reading")]
    timezone: Option<String>,

    /// Only rows that meet this: 'status=completed', 'status!=refunded,cancelled', 'total>0'; several conditions must all be met
    #[arg(long = "where", value_name = "CONDITION", help_heading = "Reading")]
    conditions: Vec<Condition>,

    /// Amounts are written 1.234,56 [default: found in the column]
    #[arg(long, help_heading = "Reading")]
    decimal_comma: bool,

    /// What separates thousands in amounts: , . a blank or ' [default: found in the column]
    #[arg(long, value_name = "CHARACTER", help_heading = "Reading")]
    thousands: Option<String>,

    /// Currency of the amounts, for instance EUR; if there are several, only orders in this one count
    #[arg(long, value_name = "CODE", help_heading = "Reading")]
    currency: Option<String>,

    /// Table with the columns currency, rate and from: convert other currencies into that of --currency at these rates
    #[arg(long, value_name = "FILE", requires = "currency", help_heading = "Reading")]
    rates: Option<PathBuf>,

    #[command(flatten)]
    reading: ReadingFlags,

    /// Memory for orders, for instance 500M; the rest goes to a temporary file. Customers take about 150 bytes each in addition
    #[arg(long, value_name = "SIZE", default_value = "2G", help_heading = "Reading")]
    memory: MemorySize,

    #[command(flatten)]
    observed: UntilFlag,

    #[command(flatten)]
    cohort: CohortFlags,

    /// Period within which a customer's orders are one purchase [default: day]
    #[arg(long, value_enum, help_heading = "Observation")]
    grain: Option<Grain>,

    /// Unit of recency, T and the parameters [default: week]
    #[arg(long, value_enum, help_heading = "Observation")]
    unit: Option<TimeUnit>,
}

flags! {
/// Columns of orders.
ColumnFlags => ColumnNames {
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

    /// Columns to ignore, because they are not what their names say
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Columns")]
    ignore: Vec<String>,
}
}

flags! {
/// How rows are read.
ReadingFlags => OrderOptions {
    /// Whether an amount belongs to the order or to the line, where orders have several lines [default: found in the orders]
    #[arg(long, value_enum, help_heading = "Reading")]
    amount_per: Option<AmountPer>,

    /// Whether a refund belongs to the order or to the line
    #[arg(long, value_enum, requires = "refund", help_heading = "Reading")]
    refund_per: Option<AmountPer>,

    /// Which version counts if files disagree about the same order id [default: ask]
    #[arg(long, value_enum, help_heading = "Reading")]
    repeated_orders: Option<RepeatedOrders>,

    /// Take customers' ids exactly as written: e-mail addresses that differ in case are different customers, and guests without a
    /// number are nobody
    #[arg(long, help_heading = "Reading")]
    exact_ids: bool,

    /// Largest share of a column's rows that may be unreadable, for instance 5% [default: 10%, and more than one row]
    #[arg(long, value_name = "SHARE", value_parser = share, help_heading = "Reading")]
    max_left_out: Option<f64>,

    /// Character between the fields, or tab [default: found in the header]
    #[arg(long, value_name = "CHARACTER", help_heading = "Reading")]
    delimiter: Option<Delimiter>,

    /// Encoding of the text, like windows-1252 or utf-16le [default: found in it]
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    encoding: Option<Encoding>,

    /// Sheet of a workbook [default: the first]
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    sheet: Option<String>,

    /// What to do with negative amounts
    #[arg(long, value_enum, default_value_t, help_heading = "Reading")]
    returns: Returns,

    /// What to do with rows that are equal in every column
    #[arg(long, value_enum, default_value_t, help_heading = "Reading")]
    duplicates: Duplicates,

    /// Fail if any row cannot be used
    #[arg(long, help_heading = "Reading")]
    strict: bool,
}
}

flags! {
/// The end of the observation.
UntilFlag => OrderOptions {
    /// Last day of the observation; later orders are left out [default: the last order]
    #[arg(long, value_name = "DATE", help_heading = "Observation")]
    until: Option<Day>,
}
}

flags! {
/// Which customers.
CohortFlags => Cohort {
    /// Only customers whose first purchase is on this day or later
    #[arg(long, value_name = "DATE", help_heading = "Observation")]
    from: Option<Day>,

    /// Only customers whose first purchase is before this day
    #[arg(long, value_name = "DATE", help_heading = "Observation")]
    first_purchase_before: Option<Day>,
}
}

impl ColumnFlags {
    /// Takes a column that an option names.
    pub(crate) fn take(&mut self, option: &Opt) {
        let name = option.value().map(ToString::to_string);
        match option.name() {
            "customer" => self.customer = name,
            "date" => self.date = name,
            _ => self.amount = name,
        }
    }
}

impl OrderArgs {
    /// Whether nothing is to be said of value.
    pub(crate) fn no_spend(&self) -> bool {
        self.no_spend
    }

    /// These options where nothing will be valued, and so no amount is needed.
    pub(crate) fn with_optional_amounts(&self) -> Self {
        Self { optional_amounts: true, ..self.clone() }
    }

    /// These options, with so many rows shown as they are read.
    pub(crate) fn showing(self, rows_shown: usize) -> Self {
        Self { rows_shown, ..self }
    }

    /// Whether amounts are written 1.234,56.
    pub(crate) fn decimal_comma(&self) -> bool {
        self.decimal_comma
    }

    /// What was said of the files.
    pub(crate) fn file(&self) -> FileOptions {
        let ReadingFlags { delimiter, encoding, sheet, .. } = &self.reading;
        FileOptions { delimiter: *delimiter, encoding: *encoding, sheet: sheet.clone() }
    }

    /// The end of the observation that was given.
    pub(crate) fn until(&self) -> Option<Day> {
        self.observed.until
    }

    /// Period within which orders are one purchase, if it was given.
    pub(crate) fn grain(&self) -> Option<Grain> {
        self.grain
    }

    /// Options on the reading of orders where there are none are a misunderstanding.
    pub(crate) fn refuse_what_needs_orders(&self, instead: &str, units_too: bool) -> Result<()> {
        let of_units = ["customer", "delimiter", "encoding", "sheet", "unit"];
        let given = self.changed_options()?.into_iter().find(|name| units_too || !of_units.contains(&&**name));
        let grain = self.grain.filter(|_| units_too).map(|_| "grain".to_owned());
        Self::refuse(grain.or(given), instead)
    }

    /// Refuses options on the reading of orders; a cohort, an end and units can be chosen, because what is summarised are orders read before.
    #[cfg(feature = "parquet")]
    pub(crate) fn refuse_what_reads_orders(&self, instead: &str) -> Result<()> {
        let of_summaries = ["first_purchase_before", "from", "unit"];
        Self::refuse(self.changed_options()?.into_iter().find(|name| !of_summaries.contains(&&**name)), instead)
    }

    /// Refuses options on files where none is read; those that queries do not know are refused by them.
    pub(crate) fn refuse_what_reads_files(&self) -> Result<()> {
        let given = [(self.memory != MemorySize::default(), "memory"), (self.rates.is_some(), "rates")];
        match given.into_iter().find(|(given, _)| *given) {
            Some((_, "rates")) => Err(Error::usage(say![
                opt("rates"),
                " is not part of a query: convert amounts in a view, and name that as the table"
            ])),
            Some((_, name)) => Err(Error::usage(say![opt(name), " is about files, and a query reads none"])),
            None => Ok(()),
        }
    }

    /// Options that say something, besides those that say something of a summary, too: its end, and columns to leave alone.
    fn changed_options(&self) -> Result<Vec<String>> {
        let mut changed = options::changed(&self.options_without_rates()?);
        changed.retain(|name| !["grain", "ignore", "until"].contains(&&**name));
        Ok(changed)
    }

    /// What is read with orders: no result is written over it.
    pub(crate) fn reading(&self, inputs: &[Input], console: &Console) -> Outputs {
        Outputs::new(console.overwrite).reading(inputs).reading_files(&self.rates)
    }

    fn refuse(given: Option<String>, instead: &str) -> Result<()> {
        match given {
            Some(name) => Err(Error::usage(say!["{instead}; ", opt(name), " applies when orders are summarised"])),
            None => Ok(()),
        }
    }

    /// The unit of recency and T, if it was given.
    pub(crate) fn unit(&self) -> Option<TimeUnit> {
        self.unit
    }

    pub(crate) fn options(&self, attributes: &[String]) -> Result<OrderOptions> {
        for (i, name) in attributes.iter().enumerate() {
            if name.is_empty() || attributes[..i].contains(name) {
                let what = if name.is_empty() { "without a name" } else { "named twice" };
                return Err(Error::usage(format!("a column to be kept is {what}: `{name}`")));
            }
        }
        let rates = self.rates.as_deref().map(Rates::open).transpose()?.map(Arc::new);
        Ok(OrderOptions { attributes: attributes.to_vec(), rates, ..self.options_without_rates()? })
    }

    fn options_without_rates(&self) -> Result<OrderOptions> {
        let mut options = OrderOptions {
            dates: DateReader::new(self.date_format.as_deref(), self.timezone.as_deref())?,
            convention: Convention::given(self.decimal_comma, self.thousands.as_deref())?,
            currency: self.currency.as_deref().map(Currency::declared).transpose()?,
            grain: self.grain().unwrap_or_default(),
            unit: self.unit,
            memory: Some(self.memory.0),
            rows_shown: self.rows_shown,
            ..OrderOptions::default()
        };
        self.columns.fill(&mut options.columns);
        options.columns.conditions.clone_from(&self.conditions);
        options.columns.optional_amount = self.no_spend || self.optional_amounts;
        self.reading.fill(&mut options);
        self.observed.fill(&mut options);
        self.cohort.fill(&mut options.cohort);
        Ok(options)
    }

    /// The unit of recency and T, where it is the week unless another was named.
    pub(crate) fn unit_or_week(&self) -> TimeUnit {
        self.unit().unwrap_or(TimeUnit::Week)
    }

    /// How orders become a summary, in this unit if none was named.
    pub(crate) fn summarising(&self, unit: TimeUnit) -> Result<Summarising> {
        Ok(Summarising {
            unit: self.unit().unwrap_or(unit),
            until: self.until(),
            cohort: self.cohort()?,
            strict: self.reading.strict,
            with_spend: !self.no_spend,
        })
    }

    /// Returns without a purchase cannot be used.
    pub(crate) fn refuse_unmatched(&self, excluded: &Excluded) -> Result<()> {
        if self.reading.strict { excluded.check_returns() } else { Ok(()) }
    }

    pub(crate) fn cohort(&self) -> Result<Cohort> {
        let mut cohort = Cohort::default();
        self.cohort.fill(&mut cohort);
        cohort.check(self.grain().unwrap_or_default()).map(|()| cohort)
    }
}
