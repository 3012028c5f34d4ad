//! What the caller gives, as dictionaries that the package's functions have filled.

use clv::answers::{CustomerNumber, Questions, Sort};
use clv::fit::{BootstrapOptions, FitOptions, Resampling, TimingChoice};
use clv::model_file::ModelOptions;
use std::path::Path;
use std::sync::Arc;

use clv::orders::{
    AmountPer, ColumnNames, Condition, Convention, Currency, DateReader, Duplicates, OrderOptions, Rates,
    RepeatedOrders, Returns, share,
};
use clv::predict::{DiscountRate, Horizon, check_distinct};
use clv::summary::{Cohort, Day, Grain, TimeUnit};
use clv::summary_file::{Stated, SummaryOptions};
use clv::{Error, Result};
use pyo3::prelude::*;

/// Columns of an order, as far as they are named.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct GivenColumns {
    customer: Option<String>,
    date: Option<String>,
    amount: Option<String>,
    quantity: Option<String>,
    price: Option<String>,
    order: Option<String>,
    refund: Option<String>,
    refund_date: Option<String>,
    /// Conditions on rows, whose columns are read.
    conditions: Vec<String>,
    without_amount: bool,
    /// Whether orders may do without, since nobody asks what they are worth.
    optional_amount: bool,
    ignore: Vec<String>,
}

impl GivenColumns {
    /// The names, and the conditions.
    pub(crate) fn understood(self) -> Result<(ColumnNames, Vec<Condition>)> {
        let Self { customer, date, amount, quantity, price, order, refund, refund_date, .. } = self;
        let conditions: Vec<Condition> = self.conditions.iter().map(|text| text.parse()).collect::<Result<_>>()?;
        let columns = conditions.iter().map(|condition| condition.column.clone()).collect();
        let names = ColumnNames {
            customer,
            date,
            amount,
            quantity,
            price,
            order,
            refund,
            refund_date,
            conditions: columns,
            without_amount: self.without_amount,
            optional_amount: self.optional_amount,
            ignore: self.ignore,
        };
        Ok((names, conditions))
    }
}

/// How orders are read and summarised.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct GivenOrders {
    columns: GivenColumns,
    until: Option<String>,
    unit: Option<String>,
    grain: Option<String>,
    from_: Option<String>,
    first_purchase_before: Option<String>,
    date_format: Option<String>,
    timezone: Option<String>,
    decimal_comma: bool,
    thousands: Option<String>,
    currency: Option<String>,
    rates: Option<GivenRates>,
    amount_per: Option<String>,
    refund_per: Option<String>,
    repeated_orders: Option<String>,
    exact_ids: bool,
    max_left_out: Option<String>,
    returns: String,
    duplicates: String,
    strict: bool,
    keep: Vec<String>,
}

/// Rates of exchange: a file, or a frame.
#[derive(FromPyObject)]
pub(crate) enum GivenRates {
    File(String),
    Frame(Py<crate::frame::Frame>),
}

impl GivenRates {
    fn understood(&self) -> Result<Rates> {
        match self {
            Self::File(path) => Rates::open(Path::new(path)),
            Self::Frame(frame) => Rates::read(frame.get().open()),
        }
    }
}

fn amount_per(name: &str, given: Option<&str>) -> Result<Option<AmountPer>> {
    let find = |text: &str| match text {
        "order" => Ok(AmountPer::Order),
        "line" => Ok(AmountPer::Line),
        other => Err(one_of(name, other, "'order' or 'line'")),
    };
    given.map(find).transpose()
}

fn repeated_orders(given: Option<&str>) -> Result<Option<RepeatedOrders>> {
    let find = |text: &str| match text {
        "first" => Ok(RepeatedOrders::First),
        "last" => Ok(RepeatedOrders::Last),
        "add" => Ok(RepeatedOrders::Add),
        other => Err(one_of("repeated_orders", other, "'first', 'last' or 'add'")),
    };
    given.map(find).transpose()
}

/// The same, understood.
#[derive(Clone, Debug)]
pub(crate) struct OrderChoices {
    pub(crate) options: OrderOptions,
    pub(crate) unit: TimeUnit,
    pub(crate) cohort: Cohort,
}

impl GivenOrders {
    pub(crate) fn understood(self) -> Result<OrderChoices> {
        let grain = grain(self.grain.as_deref())?.unwrap_or_default();
        let cohort = Cohort {
            from: day("from_", self.from_.as_deref())?,
            first_purchase_before: day("first_purchase_before", self.first_purchase_before.as_deref())?,
        };
        cohort.check(grain)?;
        let (columns, conditions) = self.columns.understood()?;
        let options = OrderOptions {
            columns,
            conditions,
            convention: Convention::given(self.decimal_comma, self.thousands.as_deref())?,
            currency: self.currency.as_deref().map(Currency::declared).transpose()?,
            rates: self.rates.as_ref().map(GivenRates::understood).transpose()?.map(Arc::new),
            amount_per: amount_per("amount_per", self.amount_per.as_deref())?,
            refund_per: amount_per("refund_per", self.refund_per.as_deref())?,
            repeated_orders: repeated_orders(self.repeated_orders.as_deref())?,
            may_be_idle: false,
            exact_ids: self.exact_ids,
            max_left_out: self.max_left_out.as_deref().map(share).transpose()?,
            attributes: self.keep,
            dates: DateReader::new(self.date_format.as_deref(), self.timezone.as_deref())?,
            delimiter: None,
            returns: match &*self.returns {
                "net" => Returns::Net,
                "drop" => Returns::Drop,
                "error" => Returns::Error,
                other => return Err(one_of("returns", other, "'net', 'drop' or 'error'")),
            },
            duplicates: match &*self.duplicates {
                "keep" => Duplicates::Keep,
                "drop" => Duplicates::Drop,
                other => return Err(one_of("duplicates", other, "'keep' or 'drop'")),
            },
            grain,
            until: day("until", self.until.as_deref())?,
            keeps_all: false,
            from: cohort.from,
            strict: self.strict,
            memory: None,
        };
        Ok(OrderChoices { options, unit: unit(self.unit.as_deref())?.unwrap_or(TimeUnit::Week), cohort })
    }
}

/// How a summary is read.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct GivenSummary {
    customer: Option<String>,
    unit: Option<String>,
    grain: Option<String>,
    until: Option<String>,
    keep: Vec<String>,
    ignore: Vec<String>,
    /// What the frame says of its times, other than in columns.
    stated: Option<GivenTimes>,
    /// What it says of its purchases.
    purchases: Option<String>,
    /// What its amounts are in.
    currency: Option<String>,
    /// What is known of the data of the model that is to be asked.
    model: Option<GivenTimes>,
}

/// Unit, grain and end, as far as they are known: each of them, or the text that Arrow's schemas have.
#[derive(FromPyObject)]
pub(crate) enum GivenTimes {
    Text(String),
    #[pyo3(from_item_all)]
    Each {
        unit: Option<String>,
        grain: Option<String>,
        until: Option<String>,
    },
}

impl GivenTimes {
    fn understood(&self) -> Result<Stated> {
        match self {
            Self::Text(text) => Stated::from_metadata(text, "summary"),
            Self::Each { unit: in_unit, grain: by, until } => Ok(Stated {
                unit: unit(in_unit.as_deref())?,
                grain: grain(by.as_deref())?,
                end: day("until", until.as_deref())?,
            }),
        }
    }
}

impl GivenSummary {
    /// The options, and what is known of the model, if one is to be asked.
    pub(crate) fn understood(&self) -> Result<(SummaryOptions, Option<Stated>)> {
        let stated = self.stated.as_ref().map_or_else(|| Ok(Stated::default()), GivenTimes::understood)?;
        let model = self.model.as_ref().map(GivenTimes::understood).transpose()?;
        let options = SummaryOptions {
            customer: self.customer.clone(),
            unit: unit(self.unit.as_deref())?,
            until: day("until", self.until.as_deref())?,
            model: model.and_then(|model| Some((model.unit?, model.end))),
            stated,
            ignore: self.ignore.clone(),
            grain: grain(self.grain.as_deref())?,
            attributes: self.keep.clone(),
            purchases: self.purchases.clone(),
            currency: self.currency.as_deref().map(str::parse).transpose()?,
            numbers_customers: true,
        };
        Ok((options, model))
    }
}

/// How models are fitted.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct GivenFit {
    prior_sd: Option<f64>,
    robust: bool,
    bootstrap: Option<u32>,
    bootstrap_by: String,
}

/// Seed of a bootstrap: the same estimates whenever it is run.
const BOOTSTRAP_SEED: u64 = 1;

impl GivenFit {
    /// Those of a fit alone.
    pub(crate) fn options(&self) -> Result<FitOptions> {
        let options = FitOptions { prior_sd: self.prior_sd, robust: self.robust };
        options.check().map(|()| options)
    }

    /// With the models that are fitted.
    pub(crate) fn models(&self, timing: TimingChoice, with_spend: bool) -> Result<ModelOptions> {
        let by = match &*self.bootstrap_by {
            "customers" => Resampling::Customers,
            "model" => Resampling::Model,
            other => return Err(one_of("bootstrap_by", other, "'customers' or 'model'")),
        };
        let bootstrap = self.bootstrap.map(|refits| BootstrapOptions { refits, by, seed: BOOTSTRAP_SEED });
        let options = ModelOptions { timing, with_spend, fit: self.options()?, bootstrap };
        options.check().map(|()| options)
    }
}

/// A number of each customer: one for all, one each, or a column's name.
#[derive(FromPyObject)]
pub(crate) enum GivenNumber {
    All(f64),
    Column(String),
    Each(Vec<f64>),
}

impl From<GivenNumber> for CustomerNumber {
    fn from(given: GivenNumber) -> Self {
        match given {
            GivenNumber::All(number) => Self::Number(number),
            GivenNumber::Column(name) => Self::Column(name),
            GivenNumber::Each(numbers) => Self::Each(numbers),
        }
    }
}

/// What is asked of customers.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct GivenQuestions {
    margin: GivenNumber,
    discount: f64,
    cac: Option<GivenNumber>,
    counts: Option<u32>,
    next: Vec<f64>,
    intervals: Vec<f64>,
    over: Vec<f64>,
    standard_errors: bool,
    parameter_draws: Option<u32>,
    totals: bool,
    by: Option<String>,
    target: Option<f64>,
    futures: u32,
    seed: u64,
}

impl GivenQuestions {
    pub(crate) fn understood(self, horizons: Vec<Horizon>) -> Result<Questions> {
        check_distinct(&horizons)?;
        let questions = Questions {
            horizons,
            margin: self.margin.into(),
            discount: DiscountRate::annual(self.discount)?,
            cac: self.cac.map(CustomerNumber::from),
            counts: self.counts,
            next: self.next,
            intervals: self.intervals,
            over: self.over,
            standard_errors: self.standard_errors,
            parameter_draws: self.parameter_draws,
            totals: self.totals,
            by: self.by,
            target: self.target,
            futures: self.futures,
            seed: self.seed,
            sort: Sort::Summary,
            decimal_comma: false,
        };
        questions.check().map(|()| questions)
    }
}

/// How far ahead: text, or a number of time units.
#[derive(FromPyObject)]
pub(crate) enum Ahead {
    Time(f64),
    Text(String),
}

impl Ahead {
    /// In a unit that may have no name.
    pub(crate) fn horizon(&self, unit: Option<TimeUnit>, grain: Grain) -> Result<Horizon> {
        match self {
            Self::Time(number) => Horizon::time(*number, unit, grain),
            Self::Text(text) => text.parse(),
        }
    }
}

pub(crate) fn unit(given: Option<&str>) -> Result<Option<TimeUnit>> {
    let find = |text: &str| {
        let found = TimeUnit::ALL.into_iter().find(|unit| unit.name() == text);
        found.ok_or_else(|| one_of("unit", text, "'day', 'week', 'month' or 'year'"))
    };
    given.map(find).transpose()
}

pub(crate) fn grain(given: Option<&str>) -> Result<Option<Grain>> {
    let find = |text: &str| {
        let found = Grain::ALL.into_iter().find(|grain| grain.name() == text);
        found.ok_or_else(|| one_of("grain", text, "'day', 'week', 'month' or 'year'"))
    };
    given.map(find).transpose()
}

pub(crate) fn day(name: &str, given: Option<&str>) -> Result<Option<Day>> {
    let read = |text: &str| text.parse::<Day>().map_err(|_| one_of(name, text, "a date like '1997-09-30'"));
    given.map(read).transpose()
}

fn one_of(name: &str, given: &str, possible: &str) -> Error {
    Error::Usage(format!("{name} is '{given}'; give {possible}"))
}
