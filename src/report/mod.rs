//! What people look at: small tables, charts, and the page that shows them.

mod data_table;

pub use data_table::{DataCells, DataColumn, DataTable};
