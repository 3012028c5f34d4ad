//! What people look at: small tables, charts, and the page that shows them.

mod data_table;
pub mod evaluation_tables;

pub use data_table::{DataCells, DataColumn, DataTable};
