//! The columns of a summary as they are read.

use std::borrow::Cow;

use super::calendar::{Times, in_metadata};
use super::checksum::Checksums;
use super::ids::{Ids, repeated};
use super::names::{
    AGE, CUSTOMER, FIRST_PURCHASE, FREQUENCY, GRAIN, LAST_PURCHASE, MONETARY_VALUE, OBSERVED_UNTIL, ORDERS, RECENCY,
    SUM_LOG_INTERPURCHASE, TOTAL, UNIT, age_column, find, opportunities_column, spent_column,
};
use super::options::{Stated, SummaryOptions, weights_column};
use super::{currency, statistics};
use crate::error::{Error, Place, Result};
use crate::message::opt;
use crate::parallel::{share_out, threads};
use crate::summary::{Attribute, CurrencyCode, Day, Observation, PurchaseColumns, Summary, WEIGHTS_ARE, is_weight};
use crate::tables::{Batch, Block, Cell, Cells, TableReader, TableShape};
use crate::task::{phase, step};

/// Columns as read, unchecked against the calendar.
#[derive(Default)]
pub(super) struct Columns {
    customers: Ids,
    frequency: Vec<u32>,
    recency: Vec<f64>,
    T: Vec<f64>,
    monetary_value: Vec<f64>,
    first_purchase: Option<Vec<Day>>,
    last_purchase: Option<Vec<Day>>,
    orders: Option<Vec<u32>>,
    total: Option<Vec<f64>>,
    sum_log_interpurchase: Option<Vec<f64>>,
    weights: Option<Vec<f64>>,
    stated: Stated,
    /// Whether ages are numbers of opportunities.
    counts_periods: bool,
    /// Whether customers are numbered by their rows.
    nameless: bool,
    checksums: Checksums,
    /// What the table says of its purchases.
    purchases: Option<String>,
    /// And of its currency.
    currency: Option<CurrencyCode>,
    attributes: Vec<(String, Vec<Option<String>>)>,
}

/// Columns that need not be there.
const EXTRA: [&str; 9] =
    [MONETARY_VALUE, FIRST_PURCHASE, LAST_PURCHASE, ORDERS, TOTAL, SUM_LOG_INTERPURCHASE, UNIT, GRAIN, OBSERVED_UNTIL];

/// Where the columns stand among those that are read.
struct Places {
    /// Numbers of the columns that are read, in the table.
    wanted: Vec<usize>,
    /// Whether customers are numbered, because no column names them.
    nameless: bool,
    optional: [Option<usize>; EXTRA.len()],
    weights: Option<usize>,
    /// What repeat purchases were worth together, where that stands for their mean.
    spent: Option<usize>,
    described: usize,
    counts_periods: bool,
}

impl Places {
    fn of(table: &TableShape, options: &SummaryOptions) -> Result<Self> {
        let header = table.header();
        if let Some(weights) = weights_column(header, options) {
            return Err(weights_question(table, &header[weights], options.takes_weights));
        }
        let needed = |name: &str| find(header, name).map_or_else(|| table.column(name), Ok);
        let numbered = options.numbers_customers || options.weights.is_some();
        let nameless = numbered && options.customer.is_none() && find(header, CUSTOMER).is_none();
        let frequency = needed(FREQUENCY)?;
        let customer = match &options.customer {
            _ if nameless => frequency,
            Some(given) => table.column(given)?,
            None => needed(CUSTOMER)?,
        };
        let opportunities = opportunities_column(header).filter(|_| age_column(header).is_none());
        let age = age_column(header).or(opportunities).map_or_else(|| table.column(AGE), Ok)?;
        let mut wanted = vec![customer, frequency, needed(RECENCY)?, age];
        let mut places = [None; EXTRA.len()];
        for (place, name) in places.iter_mut().zip(EXTRA) {
            // What a user keeps under such a name is the user's.
            let column = find(header, name).filter(|&i| !options.attributes.contains(&header[i]));
            if let Some(column) = column {
                *place = Some(wanted.len());
                wanted.push(column);
            }
        }
        let weights = options.weights.as_ref().map(|name| table.column(name)).transpose()?.map(|column| {
            wanted.push(column);
            wanted.len() - 1
        });
        let spent = spent_column(header).map(|column| {
            wanted.push(column);
            wanted.len() - 1
        });
        let described = wanted.len();
        for name in &options.attributes {
            wanted.push(table.column(name)?);
        }
        Ok(Self {
            wanted,
            nameless,
            optional: places,
            weights,
            spent,
            described,
            counts_periods: opportunities.is_some(),
        })
    }
}

/// Whether rows count as one customer each where a column says otherwise.
fn weights_question(table: &TableShape, column: &str, takes_weights: bool) -> Error {
    let question = format!("does column `{column}` say how many customers a row stands for? ");
    let error = if takes_weights {
        let question = question + "If it says something else, it can be ignored";
        Error::question(question, [opt("weights").with(column), opt("ignore").with(column)])
    } else {
        let question = question
            + "Rows with weights are not taken here: write one row per customer. If it says something else, it can be ignored";
        Error::question(question, [opt("ignore").with(column)])
    };
    error.in_file(table.name()).in_column(column)
}

impl Columns {
    /// Reads block by block on all cores; the first wrong row is the one that is named.
    pub(super) fn read(table: &mut TableReader, options: &SummaryOptions) -> Result<Self> {
        let shape: TableShape = (**table).clone();
        let places = Places::of(&shape, options)?;
        phase("customers read", 0);
        let mut blocks = std::iter::from_fn(|| table.next_block().transpose());
        let work = |parts: &mut Vec<(usize, Self)>, place: usize, block: Block| {
            let batch = block.batch(&places.wanted, false)?;
            step(batch.places.len() as u64);
            parts.push((place, Self::of_batch(&batch, &places, &shape, options)?));
            Ok::<(), Error>(())
        };
        let parts = share_out(&mut blocks, threads(), Vec::new, work)?;
        let mut parts: Vec<(usize, Self)> = parts.into_iter().flatten().collect();
        parts.sort_unstable_by_key(|(place, _)| *place);
        let (said, checksums) = in_metadata(table)?;
        let mut parts = parts.into_iter().map(|(_, part)| part);
        let mut columns = parts.next().unwrap_or_default();
        parts.try_for_each(|part| columns.append(part, shape.name()))?;
        for stated in [said, options.stated] {
            columns.stated = columns.stated.and(stated).map_err(|error| error.in_file(shape.name()))?;
        }
        columns.counts_periods = places.counts_periods;
        columns.nameless = places.nameless;
        columns.checksums = checksums;
        columns.purchases = statistics::in_metadata(table)?.or_else(|| options.purchases.clone());
        columns.currency = currency::in_metadata(table)?.or(options.currency);
        Ok(columns)
    }

    fn of_batch(batch: &Batch, places: &Places, table: &TableShape, options: &SummaryOptions) -> Result<Self> {
        if let Some(ragged) = batch.ragged.first() {
            return Err(Error::data(format!("{} fields, the header has {}", ragged.fields, table.header().len()))
                .at(table.place(ragged.place)));
        }
        let [spend, first, last, orders, total, log_times, unit, grain, until] = places.optional;
        let rows = batch.places.len();
        let mut columns = Self {
            customers: Ids::of(batch, places.nameless, table)?,
            frequency: Vec::with_capacity(rows),
            recency: Vec::with_capacity(rows),
            T: Vec::with_capacity(rows),
            monetary_value: Vec::with_capacity(rows),
            first_purchase: first.map(|_| Vec::with_capacity(rows)),
            last_purchase: last.map(|_| Vec::with_capacity(rows)),
            orders: orders.map(|_| Vec::with_capacity(rows)),
            total: total.map(|_| Vec::with_capacity(rows)),
            sum_log_interpurchase: log_times.map(|_| Vec::with_capacity(rows)),
            weights: places.weights.map(|_| Vec::with_capacity(rows)),
            attributes: options.attributes.iter().map(|name| (name.clone(), Vec::with_capacity(rows))).collect(),
            ..Self::default()
        };
        for row in 0..rows {
            let cell = |column: usize, name: &'static str| Cell {
                cells: &batch.columns[column],
                row,
                name,
                place: || table.place(batch.places[row]),
            };
            let x = cell(1, FREQUENCY).count()?;
            let (t_x, T) = (cell(2, RECENCY).time()?, cell(3, AGE).time()?);
            let impossible = if t_x > T {
                Some("recency is beyond T")
            } else if x == 0 && t_x > 0.0 {
                Some("recency without a repeat purchase")
            } else if x > 0 && t_x == 0.0 {
                Some("repeat purchases at recency 0")
            } else {
                None
            };
            if let Some(what) = impossible {
                return Err(Error::data(format!("{what} (frequency {x}, recency {t_x}, T {T})"))
                    .at(table.place(batch.places[row])));
            }
            columns.frequency.push(x);
            columns.recency.push(t_x);
            columns.T.push(T);
            // Without a repeat purchase there is no mean to write, and some write nothing.
            let spend = spend.filter(|_| x > 0);
            let mean = |spent: f64| spent / f64::from(x);
            let spent = || places.spent.filter(|_| x > 0).map(|i| cell(i, "sales.x").real().map(mean));
            let mean = spend.map(|i| cell(i, MONETARY_VALUE).real()).or_else(spent);
            columns.monetary_value.push(mean.unwrap_or(Ok(0.0))?);
            let news =
                |column: &Option<usize>| column.is_some_and(|i| row == 0 || !batch.columns[i].same(row - 1, row));
            if [unit, grain, until].iter().any(news) {
                let stated = Stated {
                    unit: unit.map(|i| cell(i, UNIT).unit()).transpose()?,
                    grain: grain.map(|i| cell(i, GRAIN).grain()).transpose()?,
                    end: until.map(|i| cell(i, OBSERVED_UNTIL).day()).transpose()?,
                };
                let stated = columns.stated.and(stated);
                columns.stated = stated.map_err(|error| error.at(table.place(batch.places[row])))?;
            }
            push(&mut columns.first_purchase, first.map(|i| cell(i, FIRST_PURCHASE).day()))?;
            push(&mut columns.last_purchase, last.map(|i| cell(i, LAST_PURCHASE).day()))?;
            push(&mut columns.orders, orders.map(|i| cell(i, ORDERS).count()))?;
            push(&mut columns.total, total.map(|i| cell(i, TOTAL).real()))?;
            // Without a repeat purchase there is nothing to sum, and some write nothing.
            let sum = log_times.map(|i| if x > 0 { cell(i, SUM_LOG_INTERPURCHASE).real() } else { Ok(0.0) });
            let checked = |sum: f64| {
                check_log_times(sum, x, t_x).map_err(|what| Error::data(what).at(table.place(batch.places[row])))
            };
            push(&mut columns.sum_log_interpurchase, sum.map(|sum| sum.and_then(checked)))?;
            let weight = |i: usize| {
                let place = || table.place(batch.places[row]).in_column(options.weights.as_deref().unwrap_or_default());
                weight(&batch.columns[i], row, place)
            };
            push(&mut columns.weights, places.weights.map(weight))?;
        }
        for ((_, texts), cells) in columns.attributes.iter_mut().zip(&batch.columns[places.described..]) {
            texts.extend((0..rows).map(|row| cells.text(row).map(Cow::into_owned)));
        }
        Ok(columns)
    }

    /// Adds the rows that follow.
    fn append(&mut self, other: Self, name: &str) -> Result<()> {
        fn extend<T>(column: &mut Option<Vec<T>>, other: Option<Vec<T>>) {
            if let (Some(column), Some(other)) = (column, other) {
                column.extend(other);
            }
        }
        self.customers.append(other.customers);
        self.frequency.extend(other.frequency);
        self.recency.extend(other.recency);
        self.T.extend(other.T);
        self.monetary_value.extend(other.monetary_value);
        extend(&mut self.first_purchase, other.first_purchase);
        extend(&mut self.last_purchase, other.last_purchase);
        extend(&mut self.orders, other.orders);
        extend(&mut self.total, other.total);
        extend(&mut self.sum_log_interpurchase, other.sum_log_interpurchase);
        extend(&mut self.weights, other.weights);
        self.stated = self.stated.and(other.stated).map_err(|error| error.in_file(name))?;
        for ((_, texts), (_, others)) in self.attributes.iter_mut().zip(other.attributes) {
            texts.extend(others);
        }
        Ok(())
    }

    /// The summary, once its times are understood and every customer stands there once.
    pub(super) fn finished(mut self, name: &str, knows_spend: bool, options: &SummaryOptions) -> Result<Summary> {
        if self.customers.is_empty() {
            return Err(Error::data("there is a header but no customer").in_file(name));
        }
        let times = Times {
            name,
            first_purchase: self.first_purchase.as_deref(),
            T: &self.T,
            counts_periods: self.counts_periods,
            stated: self.stated,
        };
        let observation = times.observation(options)?;
        let (checksums, purchases) = (std::mem::take(&mut self.checksums), self.purchases.take());
        let (counts_periods, nameless, weights) = (self.counts_periods, self.nameless, self.weights.take());
        let mut summary = self.summary(observation, knows_spend);
        // What stands in for a column is not what was written there.
        checksums.check(&summary, name, |column| match column {
            CUSTOMER => !nameless && options.customer.as_ref().is_none_or(|given| given == CUSTOMER),
            AGE => !counts_periods,
            FIRST_PURCHASE | LAST_PURCHASE | ORDERS | TOTAL | SUM_LOG_INTERPURCHASE => {
                !options.attributes.iter().any(|kept| kept == column)
            }
            _ => true,
        })?;
        if let Some(customer) = repeated(&summary.customers) {
            return Err(Error::data(format!("customer `{customer}` appears twice")).in_file(name));
        }
        if let Some(text) = purchases {
            summary.statistics = statistics::statistics(&text, &summary, name, checksums.vouch())?;
        }
        match weights {
            Some(weights) => summary.weighted(&weights).map_err(|error| error.in_file(name)),
            None => Ok(summary),
        }
    }

    fn summary(mut self, observation: Observation, knows_spend: bool) -> Summary {
        if !knows_spend && self.total.is_none() {
            self.total = Some(vec![0.0; self.T.len()]);
        }
        let purchases = self.first_purchase.zip(self.last_purchase).zip(self.orders.zip(self.total)).map(
            |((first_purchase, last_purchase), (orders, total))| PurchaseColumns {
                first_purchase,
                last_purchase,
                orders,
                total,
            },
        );
        Summary {
            customers: self.customers.finished(),
            frequency: self.frequency,
            recency: self.recency,
            T: self.T,
            monetary_value: self.monetary_value,
            purchases,
            knows_spend,
            currency: self.currency,
            attributes: self.attributes.into_iter().map(|(name, texts)| Attribute::new(name, &texts)).collect(),
            statistics: None,
            sum_log_interpurchase: self.sum_log_interpurchase,
            weights: None,
            observation,
        }
    }
}

/// How many customers a row stands for.
fn weight(cells: &Cells, row: usize, place: impl Fn() -> Place) -> Result<f64> {
    let cell = Cell { cells, row, name: "weights", place: &place };
    let found = || cells.text(row).unwrap_or_default().into_owned();
    let number = cell.real().ok().filter(|number| is_weight(*number));
    number.ok_or_else(|| {
        let found = found();
        Error::data(format!("the weight is `{found}`; {WEIGHTS_ARE}")).at(place().of_value(found))
    })
}

/// A sum of logarithms of `x` times that add up to `t_x`, each times being equal at most `x ln(t_x/x)`; of one time its logarithm.
/// What is rounded to three digits is let pass, another unit of time is not.
fn check_log_times(sum: f64, x: u32, t_x: f64) -> std::result::Result<f64, String> {
    const ROUNDING: f64 = 1e-3;
    let x = f64::from(x);
    let most = if x > 0.0 { x * (t_x / x).ln() } else { 0.0 };
    let off = sum - most;
    match off <= ROUNDING * x && (x > 1.0 || off >= -ROUNDING) {
        true => Ok(sum),
        false => Err(format!(
            "{SUM_LOG_INTERPURCHASE} is {sum}, and the logarithms of {x} times that add up to a recency of {t_x} sum to {}{most:.4}: are \
             both in the same unit of time?",
            if x > 1.0 { "at most " } else { "" }
        )),
    }
}

fn push<T>(column: &mut Option<Vec<T>>, value: Option<Result<T>>) -> Result<()> {
    if let (Some(column), Some(value)) = (column, value) {
        column.push(value?);
    }
    Ok(())
}
