//! What a part comes to: all orders, or all returns, of a customer on a day as one record, and what is said of customers.

use crate::error::{Error, Result};
use crate::summary::{AttributeValue, CustomerDay, Day, ExactSum};
use crate::tables::{Batch, Cell, Cells, Table, TableColumn, TableReader, TableShape, clip};

const CUSTOMER: &str = "customer_id";
const DAY: &str = "day";
const KIND: &str = "kind";
const ORDERS: &str = "orders";
const AMOUNT_HIGH: &str = "amount_high";
const AMOUNT_LOW: &str = "amount_low";
const COLUMN: &str = "column";
const TEXT: &str = "text";

const NAMES: [&str; 8] = [CUSTOMER, DAY, KIND, ORDERS, AMOUNT_HIGH, AMOUNT_LOW, COLUMN, TEXT];

/// The kinds of records.
const PURCHASED: &str = "orders";
const RETURNED: &str = "returns";
const ATTRIBUTE: &str = "said";

/// What is known of some customers, by columns: the kind of each record, and of orders and returns their day, number and exact sum.
#[derive(Clone, Debug, Default)]
pub struct Records {
    customers: Vec<String>,
    days: Vec<Day>,
    kinds: Vec<String>,
    orders: Vec<u32>,
    high: Vec<i64>,
    low: Vec<i64>,
    columns: Vec<String>,
    texts: Vec<String>,
}

impl Records {
    /// Number of records.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Adds what was purchased, or returned.
    pub fn push_day(&mut self, day: CustomerDay) {
        let (high, low) = day.amount.halves();
        let kind = if day.is_return { RETURNED } else { PURCHASED };
        self.push((day.customer, day.day, kind), (day.orders, high, low), (String::new(), String::new()));
    }

    /// Adds what is said.
    pub fn push_attribute(&mut self, value: AttributeValue) {
        // How many things are said: one, or more.
        let texts = if value.differs { 2 } else { 1 };
        self.push((value.customer, value.day, ATTRIBUTE), (texts, 0, 0), (value.column, value.text));
    }

    /// Adds a text of another kind, which is of nobody.
    #[cfg(feature = "parquet")]
    pub(crate) fn push_text(&mut self, kind: &str, text: String) {
        self.push((String::new(), Day(0), kind), (0, 0, 0), (String::new(), text));
    }

    fn push(
        &mut self,
        (customer, day, kind): (String, Day, &str),
        (orders, high, low): (u32, i64, u64),
        (column, text): (String, String),
    ) {
        self.customers.push(customer);
        self.days.push(day);
        self.kinds.push(kind.to_owned());
        self.orders.push(orders);
        self.high.push(high);
        self.low.push(low.cast_signed());
        self.columns.push(column);
        self.texts.push(text);
    }

    /// The records as a table.
    pub fn table(&self) -> Table<'_> {
        let mut table = Table::default();
        table.push(CUSTOMER, TableColumn::Text(&self.customers));
        table.push(DAY, TableColumn::Day(&self.days));
        table.push(KIND, TableColumn::Text(&self.kinds));
        table.push(ORDERS, TableColumn::Count(&self.orders));
        table.push(AMOUNT_HIGH, TableColumn::Integer(&self.high));
        table.push(AMOUNT_LOW, TableColumn::Integer(&self.low));
        table.push(COLUMN, TableColumn::Text(&self.columns));
        table.push(TEXT, TableColumn::Text(&self.texts));
        table
    }
}

/// One record.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Record {
    /// What was purchased, or returned.
    Day(CustomerDay),
    /// What is said.
    Said(AttributeValue),
    /// A text of another kind.
    Text {
        /// Its kind.
        kind: String,
        /// The text.
        text: String,
    },
}

/// Reads records from a table.
#[derive(Clone, Debug)]
pub struct RecordReader {
    shape: TableShape,
    columns: Vec<usize>,
}

impl RecordReader {
    /// A reader of the rows of this table.
    ///
    /// # Errors
    /// [`Error::data`] if a column is missing.
    pub fn new(table: &TableReader) -> Result<Self> {
        let shape = (**table).clone();
        let columns = NAMES.iter().map(|name| shape.column(name)).collect::<Result<_>>()?;
        Ok(Self { shape, columns })
    }

    /// The columns that a batch must have.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The record in a row of a batch of these columns.
    ///
    /// # Errors
    /// [`Error::data`] with the place of a cell that no record has.
    pub fn read(&self, batch: &Batch, row: usize) -> Result<Record> {
        let place = || self.shape.place(batch.places[row]);
        let cell = |i: usize| Cell { cells: &batch.columns[i], row, name: NAMES[i], place };
        let kind = cell(2).text()?;
        if kind != PURCHASED && kind != RETURNED && kind != ATTRIBUTE {
            return Ok(Record::Text { kind, text: cell(7).text().unwrap_or_default() });
        }
        let (customer, day) = (cell(0).text()?, cell(1).day()?);
        let orders = cell(3).real()?;
        if orders.fract() != 0.0 || !(1.0..=f64::from(u32::MAX)).contains(&orders) {
            return Err(Error::data(format!("{ORDERS} is `{orders}`")).at(place()));
        }
        if kind == ATTRIBUTE {
            let (column, text) = (cell(6).text()?, cell(7).text()?);
            return Ok(Record::Said(AttributeValue { customer, column, day, text, differs: orders > 1.0 }));
        }
        let half = |i: usize| match &batch.columns[i] {
            Cells::Integer(numbers) => numbers[row],
            _ => None,
        };
        let (Some(high), Some(low)) = (half(4), half(5)) else {
            return Err(Error::data("there is no amount").at(place()));
        };
        let amount = ExactSum::from_halves(high, low.cast_unsigned());
        Ok(Record::Day(CustomerDay { customer, day, is_return: kind == RETURNED, orders: orders as u32, amount }))
    }

    /// The error for a record of a kind that nobody knows.
    pub fn unknown(&self, batch: &Batch, row: usize, kind: &str) -> Error {
        Error::data(format!("{KIND} is `{}`", clip(kind))).at(self.shape.place(batch.places[row]))
    }
}
