//! Order history in: which columns, which rows count, and what became of every row.

mod amounts;
mod blanks;
mod columns;
mod conditions;
mod contract;
mod conventions;
mod currencies;
mod currency_names;
mod customer_counts;
mod customers;
mod dates;
mod days_seen;
mod doubtful_ids;
mod found_conventions;
mod id_forms;
mod known_names;
mod order_book;
mod order_lines;
mod order_rule;
mod rates;
mod read;
mod row_cells;
mod rows;
mod seen;
mod statuses;
mod unread;

pub use amounts::read_amount;
pub use columns::{AmountColumns, ColumnNames, Columns};
pub use conditions::Condition;
pub use contract::{Duplicates, Example, LeftOut, Reason, Returns};
pub use conventions::Convention;
pub use currencies::Currency;
pub use dates::DateReader;
#[cfg(feature = "parquet")]
pub(crate) use days_seen::LONGEST_HOLE;
pub use doubtful_ids::large_share;
pub use order_rule::{AmountPer, RepeatedOrders};
pub use rates::Rates;
pub use read::{FileRead, OrderOptions, ReadReport, read_orders, read_tables};
pub use unread::{MAX_LEFT_OUT, share};
