//! Summaries as tables: one row per customer, with the column names of `lifetimes`.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::summary::{Attribute, CustomerIds, Day, Grain, Observation, PurchaseColumns, Summary, TimeUnit};
use crate::tables::{Cell, Cells, Table, TableColumn, TableReader};
use crate::task::{checkpoint, step};

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
    /// Customers, if all ids are whole numbers of a column of such; else in `customers`.
    numbers: Vec<i64>,
    customers: Vec<String>,
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

impl Columns {
    fn read(table: &mut TableReader, options: &SummaryOptions) -> Result<Self> {
        let optional = |name: &str| table.header().iter().position(|column| column == name);
        let nameless = options.numbers_customers && options.customer.is_none() && optional(CUSTOMER).is_none();
        let customer = options.customer.as_deref().unwrap_or(CUSTOMER);
        let frequency = table.column(FREQUENCY)?;
        let customer = if nameless { frequency } else { table.column(customer)? };
        let mut wanted = vec![customer, frequency, table.column(RECENCY)?, table.column(AGE)?];
        let extra = [MONETARY_VALUE, FIRST_PURCHASE, LAST_PURCHASE, ORDERS, TOTAL, GRAIN, OBSERVED_UNTIL].map(optional);
        // Where each optional column stands among those read.
        let mut place = [None; 7];
        for (place, column) in place.iter_mut().zip(extra) {
            if let Some(column) = column {
                *place = Some(wanted.len());
                wanted.push(column);
            }
        }
        let described = wanted.len();
        for name in &options.attributes {
            wanted.push(table.column(name)?);
        }
        let [spend, first, last, orders, total, grain, until] = place;
        let mut columns = Self {
            first_purchase: first.map(|_| Vec::new()),
            last_purchase: last.map(|_| Vec::new()),
            orders: orders.map(|_| Vec::new()),
            total: total.map(|_| Vec::new()),
            attributes: options.attributes.iter().map(|name| (name.clone(), Vec::new())).collect(),
            ..Self::default()
        };
        let mut numbers = Vec::new();
        while let Some(batch) = table.next_batch(&wanted, false)? {
            step(batch.places.len() as u64);
            checkpoint();
            if let Some(ragged) = batch.ragged.first() {
                return Err(Error::Data(format!(
                    "{}: {} fields, the header has {}",
                    table.place(ragged.place),
                    ragged.fields,
                    table.header().len()
                )));
            }
            for row in 0..batch.places.len() {
                let cell = |column: usize, name: &'static str| Cell {
                    cells: &batch.columns[column],
                    row,
                    name,
                    place: || table.place(batch.places[row]),
                };
                match (nameless, &batch.columns[0]) {
                    (true, _) => numbers.push(batch.places[row] as i64),
                    // Numbers need no text.
                    (false, Cells::Integer(cells)) if columns.customers.is_empty() && cells[row].is_some() => {
                        numbers.extend(cells[row]);
                    }
                    _ => {
                        columns.customers.extend(numbers.drain(..).map(|number| number.to_string()));
                        columns.customers.push(cell(0, CUSTOMER).text()?);
                    }
                }
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
                for ((_, texts), cells) in columns.attributes.iter_mut().zip(&batch.columns[described..]) {
                    texts.push(cells.text(row).map(Cow::into_owned));
                }
            }
        }
        columns.numbers = numbers;
        columns.check_customers(table.name())?;
        Ok(columns)
    }

    fn check_customers(&self, name: &str) -> Result<()> {
        if self.customers.is_empty() && self.numbers.is_empty() {
            return Err(Error::Data(format!("{name}: there is a header but no customer")));
        }
        let mut numbers = self.numbers.clone();
        numbers.sort_unstable();
        let mut texts: Vec<&String> = self.customers.iter().collect();
        texts.sort_unstable();
        let number = numbers.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].to_string());
        let text = texts.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone());
        match number.or(text) {
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
            customers: match self.customers.is_empty() {
                true => CustomerIds::Number(self.numbers),
                false => CustomerIds::new(self.customers.iter().map(String::as_str).collect()),
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

fn push<T>(column: &mut Option<Vec<T>>, value: Option<Result<T>>) -> Result<()> {
    if let (Some(column), Some(value)) = (column, value) {
        column.push(value?);
    }
    Ok(())
}
