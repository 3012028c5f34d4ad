//! A table that is being read, and rows of it.

use std::sync::Arc;

use super::columns::{AmountColumns, Columns};
use super::conventions::Convention;
use super::dates::DateReader;
use super::options::OrderOptions;
use super::order_lines::MOST_TABLES;
use crate::error::{Error, Place, Result};
use crate::message::{opt, say};
use crate::tables::{Batch, Cells, TableOrigin, TableReader, TableShape};

/// A table whose blocks are being read.
#[derive(Debug)]
pub(super) struct OpenTable {
    /// Its place among the tables.
    pub(super) number: usize,
    pub(super) shape: TableShape,
    pub(super) origin: TableOrigin,
    pub(super) columns: Columns,
    /// How its amounts are written, as far as that is known before they are read.
    pub(super) conventions: Conventions,
    pub(super) dates: DateReader,
    /// Numbers of the columns to be read.
    pub(super) wanted: Vec<usize>,
    pub(super) places: Places,
}

/// Of the amount or the quantity, of the price, and of the refund.
pub(super) type Conventions = [Option<Convention>; 3];

/// Where columns are among those that are read.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) order: Option<usize>,
    pub(super) email: Option<usize>,
    pub(super) currency: Option<usize>,
    pub(super) refund: Option<usize>,
    pub(super) refund_date: Option<usize>,
    pub(super) conditions: usize,
    pub(super) statuses: usize,
    pub(super) unused_refund: Option<usize>,
    pub(super) items: usize,
    pub(super) attributes: usize,
}

impl Places {
    fn of(columns: &Columns) -> Self {
        let mut next = 2 + match columns.amount {
            AmountColumns::Absent => 0,
            AmountColumns::Amount(_) => 1,
            AmountColumns::QuantityTimesPrice(..) => 2,
        };
        let mut place = |column: Option<usize>| {
            column.map(|_| {
                next += 1;
                next - 1
            })
        };
        let order = place(columns.order);
        let [email, currency] = [place(columns.email), place(columns.currency)];
        let [refund, refund_date] = [place(columns.refund), place(columns.refund_date)];
        let conditions = next;
        let statuses = conditions + columns.conditions.len();
        let after = statuses + columns.statuses.len();
        let unused_refund = columns.unused_refund.map(|_| after);
        let items = after + usize::from(unused_refund.is_some());
        let attributes = items + columns.items.len();
        Self { order, email, currency, refund, refund_date, conditions, statuses, unused_refund, items, attributes }
    }
}

impl OpenTable {
    pub(super) fn new(
        number: usize,
        table: &TableReader,
        options: &OrderOptions,
        conventions: Conventions,
        dates: DateReader,
    ) -> Result<Self> {
        let of_files = [("encoding", options.encoding.is_some()), ("sheet", options.sheet.is_some())];
        if let Some((option, _)) = of_files.into_iter().find(|(_, given)| *given && !table.origin().is_file()) {
            let what = say![opt(option), " says how a file is read, and these rows are in none"];
            return Err(Error::usage(what).of_option(opt(option)));
        }
        let columns = Columns::choose(table, &options.columns)?;
        if columns.order.is_some() && number >= MOST_TABLES {
            return Err(
                Error::data(format!("more than {MOST_TABLES} tables of orders with ids at once")).in_file(table.name())
            );
        }
        let attributes = options.attributes.iter().map(|name| table.column(name));
        let wanted = columns.numbers().into_iter().map(Ok).chain(attributes).collect::<Result<_>>()?;
        let places = Places::of(&columns);
        let (shape, origin) = ((**table).clone(), table.origin().clone());
        Ok(Self { number, shape, origin, columns, conventions, dates, wanted, places })
    }

    /// Where the refund is among the columns read.
    pub(super) fn refund_place(&self) -> usize {
        self.places.refund.expect("there are refunds")
    }

    /// The name of the column of amounts with this number among [`Conventions`].
    pub(super) fn amount_name(&self, which: usize) -> Option<&str> {
        let column = match (which, self.columns.amount) {
            (0, AmountColumns::Amount(amount)) => amount,
            (0, AmountColumns::QuantityTimesPrice(quantity, _)) => quantity,
            (1, AmountColumns::QuantityTimesPrice(_, price)) => price,
            (2, _) => self.columns.refund?,
            _ => return None,
        };
        Some(&self.shape.header()[column])
    }
}

/// Rows that stand together.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) table: &'a Arc<OpenTable>,
    /// The place of their block among all blocks.
    pub(super) block: usize,
    pub(super) batch: &'a Batch,
}

impl<'a> Rows<'a> {
    pub(super) fn place(&self, row: usize) -> Place {
        self.table.shape.place(self.batch.places[row])
    }

    pub(super) fn column(&self, place: Option<usize>) -> Option<&'a Cells> {
        place.map(|place| &self.batch.columns[place])
    }
}
