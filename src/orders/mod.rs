//! Order history in: which columns, which rows count, and what became of every row.

mod amounts;
mod columns;
mod contract;
mod currencies;
mod dates;
mod days_seen;
mod id_forms;
mod read;
mod rows;

pub use amounts::read_amount;
pub use columns::{AmountColumns, ColumnNames, Columns};
pub use contract::{Duplicates, Example, LeftOut, Reason, Returns};
pub use dates::DateReader;
#[cfg(feature = "parquet")]
pub(crate) use days_seen::LONGEST_HOLE;
pub use read::{FileRead, OrderOptions, ReadReport, read_orders, read_tables};
