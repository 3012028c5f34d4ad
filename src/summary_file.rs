//! Summaries as tables: one row per customer, with the column names of `lifetimes`.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::parallel::{share_out, threads};
use crate::summary::{Attribute, CustomerIds, Day, Grain, Observation, PurchaseColumns, Summary, TimeUnit};
use crate::tables::{Batch, Block, Cell, Cells, Table, TableColumn, TableReader, TableShape};
use crate::task::{phase, step};

const CUSTOMER: &str = "customer_id";
const FREQUENCY: &str = "frequency";
const RECENCY: &str = "recency";
const AGE: &str = "T";
/// Column with the mean amount of the repeat purchases.
pub const MONETARY_VALUE: &str = "monetary_value";
const FIRST_PURCHASE: &str = "first_purchase";
const LAST_PURCHASE: &str = "last_purchase";
const ORDERS: &str = "orders";
const TOTAL: &str = "total";
const GRAIN: &str = "grain";
const OBSERVED_UNTIL: &str = "observed_until";

/// What the file itself may not say.
#[derive(Clone, Debug, Default)]
pub struct SummaryOptions {
    /// Column with the customer, if it is not `customer_id`.
    pub customer: Option<String>,
    /// Unit of `recency` and `T`; needed if there are no dates in the file.
    pub unit: Option<TimeUnit>,
    /// End of the observation; needed if there are no dates in the file.
    pub until: Option<Day>,
    /// Unit to take if several fit the dates in the file.
    pub fallback_unit: Option<TimeUnit>,
    /// Period within which orders were merged; a day, if neither this nor the file says.
    pub grain: Option<Grain>,
    /// Columns that say something else of the customers, to be kept.
    pub attributes: Vec<String>,
    /// Whether customers are numbered from 1 if no column is named and `customer_id` is not there.
    pub numbers_customers: bool,
}

/// The columns that every answer begins with.
pub fn history_columns(summary: &Summary) -> Table<'_> {
    let mut table = Table::default();
    table.push(CUSTOMER, TableColumn::Customers(&summary.customers));
    table.push(FREQUENCY, TableColumn::Count(&summary.frequency));
    table.push(RECENCY, TableColumn::Real(&summary.recency));
    table.push(AGE, TableColumn::Real(&summary.T));
    table.push(MONETARY_VALUE, TableColumn::Real(&summary.monetary_value));
    table
}

/// The whole summary as a table.
pub fn table(summary: &Summary) -> Table<'_> {
    let mut table = history_columns(summary);
    if let Some(purchases) = &summary.purchases {
        table.push(FIRST_PURCHASE, TableColumn::Day(&purchases.first_purchase));
        table.push(LAST_PURCHASE, TableColumn::Day(&purchases.last_purchase));
        table.push(ORDERS, TableColumn::Count(&purchases.orders));
        table.push(TOTAL, TableColumn::Real(&purchases.total));
    }
    for attribute in &summary.attributes {
        table.push(&*attribute.name, TableColumn::Attribute(attribute));
    }
    if summary.observation.grain != Grain::Day {
        table.push(GRAIN, TableColumn::Constant(summary.observation.grain.name(), summary.len()));
        table.push(OBSERVED_UNTIL, TableColumn::ConstantDay(summary.observation.end, summary.len()));
    }
    table
}

/// Whether a table is a summary rather than an order history.
pub fn is_summary(header: &[String]) -> bool {
    [FREQUENCY, RECENCY, AGE].iter().all(|name| header.iter().any(|column| column == name))
}

/// Reads a summary.
///
/// Where the file has the dates of first purchases, unit and end follow from `first_purchase + T = end`.
///
/// # Errors
/// [`Error::Data`] with the place if a row is impossible: recency beyond `T`, without a repeat purchase or missing with
/// one, a count that is not whole, a customer who stands twice. [`Error::Usage`] if unit or end remain unknown.
pub fn read(table: &mut TableReader, options: &SummaryOptions) -> Result<Summary> {
    let columns = Columns::read(table, options)?;
    let name = table.name();
    let grain = match (columns.grain, options.grain) {
        (Some(stated), Some(given)) if stated != given => {
            return Err(Error::Usage(format!("{name}: purchases were merged by {stated}, not by {given}")));
        }
        (stated, given) => stated.or(given).unwrap_or_default(),
    };
    let days = columns.first_purchase.iter().flatten();
    if let Some(day) = days.copied().find(|&day| grain.start(day) != day) {
        return Err(Error::Usage(format!(
            "{name}: purchases were merged by day, not by {grain} (a first purchase is on {day}); summarise the orders again"
        )));
    }
    let (unit, end) = match &columns.first_purchase {
        Some(first) => unit_and_end(name, grain, first, &columns.T, options)?,
        None => (
            options.unit.or(options.fallback_unit).ok_or_else(|| missing(name, "time unit", "--unit week"))?,
            options.until.ok_or_else(|| missing(name, "end of the observation", "--until 1997-09-30"))?,
        ),
    };
    // Ages are counted to the start of the last period, which may have been observed for longer.
    let observed = options.until.or(columns.observed_until).filter(|&until| grain.start(until) == end).unwrap_or(end);
    if let Some(until) = options.until
        && until != observed
    {
        return Err(Error::Usage(format!(
            "{name}: a summary up to {end} cannot be cut at {until}; summarise the orders again with --until {until}"
        )));
    }
    Ok(columns.summary(Observation { unit, grain, end: observed }))
}

fn missing(name: &str, what: &str, option: &str) -> Error {
    Error::Usage(format!("{name}: a summary without dates does not say the {what}; give it, for instance {option}"))
}

/// The unit in which every `first_purchase + T` is the same day, and that day.
fn unit_and_end(
    name: &str,
    grain: Grain,
    first: &[Day],
    T: &[f64],
    options: &SummaryOptions,
) -> Result<(TimeUnit, Day)> {
    let end_in = |unit: TimeUnit| {
        let end = |i: usize| unit.after_period(grain, first[i], T[i]);
        let day = end(0).round();
        let same = (0..T.len()).all(|i| (end(i) - day).abs() < 1e-6) && day.abs() < f64::from(i32::MAX);
        same.then(|| Day::new(day as i32)).flatten().map(|day| (unit, day))
    };
    let none = |units: &str| {
        Error::Data(format!("{name}: {FIRST_PURCHASE} and {AGE} do not lead to one end of the observation in {units}"))
    };
    if let Some(unit) = options.unit {
        return end_in(unit).ok_or_else(|| none(&format!("{unit}s")));
    }
    let fitting: Vec<(TimeUnit, Day)> = TimeUnit::ALL.into_iter().filter_map(end_in).collect();
    // With a single first day the dates do not tell one unit from another.
    let fallback = fitting.iter().find(|(unit, _)| options.fallback_unit == Some(*unit));
    match (&fitting[..], fallback) {
        ([], _) => Err(none("any time unit")),
        (&[only], _) => Ok(only),
        (_, Some(&fallback)) => Ok(fallback),
        _ => Err(Error::Usage(format!(
            "{name}: several time units fit the dates; say which it is, for instance --unit week"
        ))),
    }
}

/// Columns as read, unchecked against the calendar.
#[derive(Default)]
struct Columns {
    customers: Ids,
    frequency: Vec<u32>,
    recency: Vec<f64>,
    T: Vec<f64>,
    monetary_value: Vec<f64>,
    first_purchase: Option<Vec<Day>>,
    last_purchase: Option<Vec<Day>>,
    orders: Option<Vec<u32>>,
    total: Option<Vec<f64>>,
    grain: Option<Grain>,
    observed_until: Option<Day>,
    attributes: Vec<(String, Vec<Option<String>>)>,
}

/// Customers as they were found.
enum Ids {
    /// Whole numbers of a column of such.
    Numbers(Vec<i64>),
    Texts(Vec<String>),
}

impl Default for Ids {
    fn default() -> Self {
        Self::Numbers(Vec::new())
    }
}

impl Ids {
    fn is_empty(&self) -> bool {
        match self {
            Self::Numbers(numbers) => numbers.is_empty(),
            Self::Texts(texts) => texts.is_empty(),
        }
    }

    fn into_texts(self) -> Vec<String> {
        match self {
            Self::Numbers(numbers) => numbers.iter().map(i64::to_string).collect(),
            Self::Texts(texts) => texts,
        }
    }

    fn append(&mut self, other: Self) {
        match (std::mem::take(self), other) {
            (Self::Numbers(mut all), Self::Numbers(others)) => {
                all.extend(others);
                *self = Self::Numbers(all);
            }
            (all, others) => {
                let mut texts = all.into_texts();
                texts.extend(others.into_texts());
                *self = Self::Texts(texts);
            }
        }
    }

    /// One that stands twice.
    fn repeated(&self) -> Option<String> {
        fn first<T: Ord + Clone>(mut ids: Vec<T>) -> Option<T> {
            if !ids.is_sorted() {
                ids.sort_unstable();
            }
            ids.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone())
        }
        match self {
            Self::Numbers(numbers) => first(numbers.clone()).map(|number| number.to_string()),
            Self::Texts(texts) => first(texts.iter().collect()).cloned(),
        }
    }
}

/// Where the columns stand among those that are read.
struct Places {
    /// Numbers of the columns that are read, in the table.
    wanted: Vec<usize>,
    /// Whether customers are numbered, because no column names them.
    nameless: bool,
    optional: [Option<usize>; 7],
    described: usize,
}

impl Places {
    fn of(table: &TableShape, options: &SummaryOptions) -> Result<Self> {
        let optional = |name: &str| table.header().iter().position(|column| column == name);
        let nameless = options.numbers_customers && options.customer.is_none() && optional(CUSTOMER).is_none();
        let customer = options.customer.as_deref().unwrap_or(CUSTOMER);
        let frequency = table.column(FREQUENCY)?;
        let customer = if nameless { frequency } else { table.column(customer)? };
        let mut wanted = vec![customer, frequency, table.column(RECENCY)?, table.column(AGE)?];
        let extra = [MONETARY_VALUE, FIRST_PURCHASE, LAST_PURCHASE, ORDERS, TOTAL, GRAIN, OBSERVED_UNTIL].map(optional);
        let mut places = [None; 7];
        for (place, column) in places.iter_mut().zip(extra) {
            if let Some(column) = column {
                *place = Some(wanted.len());
                wanted.push(column);
            }
        }
        let described = wanted.len();
        for name in &options.attributes {
            wanted.push(table.column(name)?);
        }
        Ok(Self { wanted, nameless, optional: places, described })
    }
}

impl Columns {
    /// Reads block by block on all cores; the first wrong row is the one that is named.
    fn read(table: &mut TableReader, options: &SummaryOptions) -> Result<Self> {
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
        let mut parts = parts.into_iter().map(|(_, part)| part);
        let mut columns = parts.next().unwrap_or_default();
        parts.for_each(|part| columns.append(part));
        columns.check_customers(shape.name())?;
        Ok(columns)
    }

    fn of_batch(batch: &Batch, places: &Places, table: &TableShape, options: &SummaryOptions) -> Result<Self> {
        if let Some(ragged) = batch.ragged.first() {
            return Err(Error::Data(format!(
                "{}: {} fields, the header has {}",
                table.place(ragged.place),
                ragged.fields,
                table.header().len()
            )));
        }
        let [spend, first, last, orders, total, grain, until] = places.optional;
        let rows = batch.places.len();
        let mut columns = Self {
            customers: customers(batch, places.nameless, table)?,
            frequency: Vec::with_capacity(rows),
            recency: Vec::with_capacity(rows),
            T: Vec::with_capacity(rows),
            monetary_value: Vec::with_capacity(rows),
            first_purchase: first.map(|_| Vec::with_capacity(rows)),
            last_purchase: last.map(|_| Vec::with_capacity(rows)),
            orders: orders.map(|_| Vec::with_capacity(rows)),
            total: total.map(|_| Vec::with_capacity(rows)),
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
                return Err(Error::Data(format!(
                    "{}: {what} (frequency {x}, recency {t_x}, T {T})",
                    table.place(batch.places[row])
                )));
            }
            columns.frequency.push(x);
            columns.recency.push(t_x);
            columns.T.push(T);
            // Without a repeat purchase there is no mean to write, and some write nothing.
            let spend = spend.filter(|_| x > 0);
            columns.monetary_value.push(spend.map_or(Ok(0.0), |i| cell(i, MONETARY_VALUE).real())?);
            if let Some(i) = grain.filter(|_| columns.grain.is_none()) {
                columns.grain = Some(cell(i, GRAIN).grain()?);
            }
            if let Some(i) = until.filter(|_| columns.observed_until.is_none()) {
                columns.observed_until = Some(cell(i, OBSERVED_UNTIL).day()?);
            }
            push(&mut columns.first_purchase, first.map(|i| cell(i, FIRST_PURCHASE).day()))?;
            push(&mut columns.last_purchase, last.map(|i| cell(i, LAST_PURCHASE).day()))?;
            push(&mut columns.orders, orders.map(|i| cell(i, ORDERS).count()))?;
            push(&mut columns.total, total.map(|i| cell(i, TOTAL).real()))?;
        }
        for ((_, texts), cells) in columns.attributes.iter_mut().zip(&batch.columns[places.described..]) {
            texts.extend((0..rows).map(|row| cells.text(row).map(Cow::into_owned)));
        }
        Ok(columns)
    }

    /// Adds the rows that follow.
    fn append(&mut self, other: Self) {
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
        self.grain = self.grain.or(other.grain);
        self.observed_until = self.observed_until.or(other.observed_until);
        for ((_, texts), (_, others)) in self.attributes.iter_mut().zip(other.attributes) {
            texts.extend(others);
        }
    }

    fn check_customers(&self, name: &str) -> Result<()> {
        if self.customers.is_empty() {
            return Err(Error::Data(format!("{name}: there is a header but no customer")));
        }
        match self.customers.repeated() {
            Some(customer) => Err(Error::Data(format!("{name}: customer `{customer}` stands twice"))),
            None => Ok(()),
        }
    }

    fn summary(self, observation: Observation) -> Summary {
        let purchases = self.first_purchase.zip(self.last_purchase).zip(self.orders.zip(self.total)).map(
            |((first_purchase, last_purchase), (orders, total))| PurchaseColumns {
                first_purchase,
                last_purchase,
                orders,
                total,
            },
        );
        Summary {
            customers: match self.customers {
                Ids::Numbers(numbers) => CustomerIds::Number(numbers),
                Ids::Texts(texts) => CustomerIds::new(texts.iter().map(String::as_str).collect()),
            },
            frequency: self.frequency,
            recency: self.recency,
            T: self.T,
            monetary_value: self.monetary_value,
            purchases,
            attributes: self.attributes.into_iter().map(|(name, texts)| Attribute::new(name, &texts)).collect(),
            observation,
        }
    }
}

/// The customers of a batch: by their column, or by row.
fn customers(batch: &Batch, nameless: bool, table: &TableShape) -> Result<Ids> {
    if nameless {
        return Ok(Ids::Numbers(batch.places.iter().map(|place| *place as i64).collect()));
    }
    if let Cells::Integer(cells) = &batch.columns[0]
        && let Some(numbers) = cells.iter().copied().collect::<Option<Vec<i64>>>()
    {
        return Ok(Ids::Numbers(numbers));
    }
    let cell = |row: usize| Cell {
        cells: &batch.columns[0],
        row,
        name: CUSTOMER,
        place: move || table.place(batch.places[row]),
    };
    (0..batch.places.len()).map(|row| cell(row).text()).collect::<Result<_>>().map(Ids::Texts)
}

fn push<T>(column: &mut Option<Vec<T>>, value: Option<Result<T>>) -> Result<()> {
    if let (Some(column), Some(value)) = (column, value) {
        column.push(value?);
    }
    Ok(())
}
