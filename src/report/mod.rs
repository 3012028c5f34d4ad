//! What people look at: small tables, charts, and the page that shows them.

mod amounts;
mod chart;
pub mod charts;
mod comparison_tables;
mod data_table;
mod describe_tables;
mod document;
mod document_tables;
mod embed;
pub mod evaluation_tables;
mod filled;
mod forecasts;
mod holdout_tables;
mod making;
mod markup;
mod model_tables;
mod number;
mod page;
mod page_table;
mod policy;
mod sections;
mod spoken;
mod story;
mod subject;
mod table_names;
mod visible;

pub use chart::Chart;
pub use comparison_tables::comparison_tables;
pub use data_table::{DataCells, DataColumn, DataTable};
pub use describe_tables::describe_tables;
pub use forecasts::{Forecasts, HorizonForecast, TopCustomer, TopHorizon};
pub use making::{LookedBack, Material, PageOptions};
pub use page::{Block, Fact, Level, Page, Section, Verdict};
pub use page_table::{Align, Format, PageColumn, PageTable};
pub use subject::Report;
pub use table_names::{description_table_names, evaluation_table_names, is_table_of, page_table_names};
