//! What people look at: small tables, charts, and the page that shows them.

pub mod charts;
mod page;
mod sections;
mod tables;

pub use charts::chart::Chart;
pub use page::build::{LookedBack, Material, PageOptions};
pub use page::contents::{Block, Fact, Level, Page, Section, Verdict};

pub use sections::forecasts::{Forecasts, HorizonForecast, TopCustomer, TopHorizon};
pub use sections::report::Report;
pub use tables::comparison::{comparison_tables, title_of, titled_models};
pub use tables::data_table::{DataCells, DataColumn, DataTable};
pub use tables::description::describe_tables;
pub use tables::evaluation as evaluation_tables;
pub use tables::names::{description_table_names, evaluation_table_names, is_table_of, page_table_names};
pub use tables::retention::{projection_table, retention_holdout_table};
pub use tables::view::{Align, Beside, Format, TableView, ViewColumn};
