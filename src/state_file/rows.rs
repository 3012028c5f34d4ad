//! The rows of a state's file: what was purchased and returned on each day, what is said of customers, and a checksum at the end.

use std::ops::Range;

use super::checksum::Checksum;
use crate::error::{Error, Result};
use crate::parallel::{share_out, threads};
use crate::summary::{AttributeValue, Contents, CustomerDay, Day, ExactSum, OrderBuffer, PurchaseLog};
use crate::tables::{
    Batch, Block, Cell, Cells, OutputFormat, Table, TableColumn, TablePart, TableReader, TableShape, clip,
};

const CUSTOMER: &str = "customer_id";
const DAY: &str = "day";
const KIND: &str = "kind";
const ORDERS: &str = "orders";
const AMOUNT_HIGH: &str = "amount_high";
const AMOUNT_LOW: &str = "amount_low";
const COLUMN: &str = "column";
const TEXT: &str = "text";

const NAMES: [&str; 8] = [CUSTOMER, DAY, KIND, ORDERS, AMOUNT_HIGH, AMOUNT_LOW, COLUMN, TEXT];

/// The kinds of rows.
const PURCHASED: &str = "orders";
const RETURNED: &str = "returns";
const ATTRIBUTE: &str = "said";
/// The last row: a hash over all others, as its text.
const CHECKSUM: &str = "checksum";

/// Rows of the file.
#[derive(Debug, Default)]
pub(super) struct Rows {
    customers: Vec<String>,
    days: Vec<Day>,
    kinds: Vec<&'static str>,
    orders: Vec<u32>,
    high: Vec<i64>,
    low: Vec<i64>,
    columns: Vec<String>,
    texts: Vec<String>,
    /// Of all of them.
    pub(super) checksum: Checksum,
}

impl Rows {
    /// What a log holds of the customers of some shards.
    pub(super) fn of_shards(contents: Contents<'_>, shards: Range<usize>) -> Result<Self> {
        let mut rows = Self::default();
        for shard in shards {
            let (days, values) = contents.shard(shard)?;
            days.into_iter().for_each(|day| rows.push_day(day));
            values.into_iter().for_each(|value| rows.push_attribute(value));
        }
        Ok(rows)
    }

    fn push_day(&mut self, day: CustomerDay) {
        self.checksum.add_day(&day);
        let (high, low) = day.amount.halves();
        let kind = if day.is_return { RETURNED } else { PURCHASED };
        self.push(day.customer, day.day, kind, (day.orders, high, low), (String::new(), String::new()));
    }

    fn push_attribute(&mut self, value: AttributeValue) {
        self.checksum.add_attribute(&value);
        // How many things are said: one, or more.
        let texts = if value.differs { 2 } else { 1 };
        self.push(value.customer, value.day, ATTRIBUTE, (texts, 0, 0), (value.column, value.text));
    }

    /// The last row, of a state that says this of itself and whose other rows have this checksum.
    pub(super) fn of_checksum(checksum: Checksum, description: &str) -> Self {
        let mut rows = Self::default();
        rows.push(String::new(), Day(0), CHECKSUM, (0, 0, 0), (String::new(), checksum.with(description)));
        rows
    }

    fn push(
        &mut self,
        customer: String,
        day: Day,
        kind: &'static str,
        (orders, high, low): (u32, i64, u64),
        (column, text): (String, String),
    ) {
        self.customers.push(customer);
        self.days.push(day);
        self.kinds.push(kind);
        self.orders.push(orders);
        self.high.push(high);
        self.low.push(low.cast_signed());
        self.columns.push(column);
        self.texts.push(text);
    }

    /// In the form in which they are written.
    pub(super) fn encoded(&self) -> Result<TablePart> {
        let kinds: Vec<String> = self.kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let mut table = Table::default();
        table.push(CUSTOMER, TableColumn::Text(&self.customers));
        table.push(DAY, TableColumn::Day(&self.days));
        table.push(KIND, TableColumn::Text(&kinds));
        table.push(ORDERS, TableColumn::Count(&self.orders));
        table.push(AMOUNT_HIGH, TableColumn::Integer(&self.high));
        table.push(AMOUNT_LOW, TableColumn::Integer(&self.low));
        table.push(COLUMN, TableColumn::Text(&self.columns));
        table.push(TEXT, TableColumn::Text(&self.texts));
        table.encode(OutputFormat::Parquet, 0..table.rows())
    }
}

/// Reads all rows into a log, and returns their checksum and the one that stands among them.
pub(super) fn read_rows(table: &mut TableReader, log: &PurchaseLog) -> Result<(Checksum, Option<String>)> {
    let shape = (**table).clone();
    let columns: Vec<usize> = NAMES.iter().map(|name| shape.column(name)).collect::<Result<_>>()?;
    let mut blocks = std::iter::from_fn(|| table.next_block().transpose());
    let work = |reader: &mut Reader, _: usize, block: Block| {
        let batch = block.batch(&columns, false)?;
        (0..batch.places.len()).try_for_each(|row| reader.read(&batch, row, &shape, log))
    };
    let (mut checksum, mut stated) = (Checksum::default(), None);
    for mut reader in share_out(&mut blocks, threads(), Reader::default, work)? {
        log.settle(&mut reader.orders)?;
        checksum.plus(reader.checksum);
        stated = stated.or(reader.stated);
    }
    Ok((checksum, stated))
}

/// What one thread reads.
#[derive(Default)]
struct Reader {
    orders: OrderBuffer,
    checksum: Checksum,
    stated: Option<String>,
}

impl Reader {
    fn read(&mut self, batch: &Batch, row: usize, shape: &TableShape, log: &PurchaseLog) -> Result<()> {
        let place = || shape.place(batch.places[row]);
        let cell = |i: usize| Cell { cells: &batch.columns[i], row, name: NAMES[i], place };
        let kind = cell(2).text()?;
        if kind == CHECKSUM {
            self.stated = Some(cell(7).text()?);
            return Ok(());
        }
        let (customer, day) = (cell(0).text()?, cell(1).day()?);
        let orders = cell(3).real()?;
        if orders.fract() != 0.0 || !(1.0..=f64::from(u32::MAX)).contains(&orders) {
            return Err(Error::data(format!("{ORDERS} is `{orders}`")).at(place()));
        }
        if kind == ATTRIBUTE {
            let value =
                AttributeValue { customer, column: cell(6).text()?, day, text: cell(7).text()?, differs: orders > 1.0 };
            self.checksum.add_attribute(&value);
            return log.add_attribute(&value);
        }
        if kind != PURCHASED && kind != RETURNED {
            return Err(Error::data(format!("{KIND} is `{}`", clip(&kind))).at(place()));
        }
        let half = |i: usize| match &batch.columns[i] {
            Cells::Integer(numbers) => numbers[row],
            _ => None,
        };
        let (Some(high), Some(low)) = (half(4), half(5)) else {
            return Err(Error::data("there is no amount").at(place()));
        };
        let amount = ExactSum::from_halves(high, low.cast_unsigned());
        let day = CustomerDay { customer, day, is_return: kind == RETURNED, orders: orders as u32, amount };
        self.checksum.add_day(&day);
        log.add_day(&mut self.orders, &day)
    }
}
