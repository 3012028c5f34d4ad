//! Customer lifetime value from order history.
//!
//! Data flow one way:
//!
//! ```text
//! orders ──> summary ──> fit ──────> predict
//! (files)    (one row    (a model    (value per
//!            a customer)  file)       customer)
//! ```
//!
//! and an evaluation does all of that on the orders up to a day, to see what came of it.
//!
//! Imports go another, from the ground up; each part knows only those below it:
//!
//! ```text
//! cli ─> outputs ─> report ─> answers ─> model_file ─> evaluate, describe, retention ─> predict ─> fit ─> models ─┐
//!   └──> orders, summary_file, state_file ─> tables ──────────────────────────────────────────────────────────────┴─> summary ─> special ─> error
//! ```
//!
//! * [`summary`]: from orders to one row per customer, and to counted rows;
//! * [`covariates`]: what is known of customers besides, and how it moves a model's parameters;
//! * [`models`]: the formulas, one file a model, on the functions of [`special`];
//! * [`fit`]: the maximum of any [`fit::Target`], a model's likelihood first, and its verdict; [`model_file`]: what is kept of it;
//! * [`predict`]: horizons, discounting, every customer's value; [`predict::Outlook`] is the door;
//! * [`evaluate`]: model against data, and the published results;
//! * [`describe`]: what orders say without a model: RFM, value so far, concentration, regularity, cohorts, groups;
//! * [`retention`]: customers under contract, renewal by renewal;
//! * [`error`]: what is wrong, where, and what to do, as data; [`message`]: texts whose options are data, which each surface writes its way;
//! * [`simulate`]: populations with known parameters; [`task`] and [`parallel`]: long work, watched and stopped, on all cores;
//! * `answers`: all of that for every customer, as tables (feature `files`);
//! * `report`: small tables, charts, and the page that shows them;
//! * `columns`: what every column of a table of customers says, its formula, unit and source (feature `files`);
//! * `orders`, `summary_file`, `counts_file`, `survivor_file`, `subscriptions`, `tables`: files in and out (feature `files`; Parquet with feature `parquet`);
//! * `parts`: orders in parts, folded where they are, and what parts come to (feature `files`);
//! * `sql`: the summary as a query, for orders that stay in a database (feature `files`);
//! * `polars`: frames of polars in and out (feature `polars`);
//! * `outputs`: nothing that is read is written over, and nothing that clv did not make (feature `files`);
//! * `cli`: the command (feature `cli`).
//!
//! Without features the numeric core remains: it takes histories and slices, and knows no files.

// Other lints are the workspace's. Bindings are made of unsafe code, and programs need no documentation.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod address;
pub mod covariates;
pub mod describe;
pub mod error;
pub mod evaluate;
mod file_record;
pub mod fit;
mod limits;
mod linear;
pub mod message;
pub mod model_file;
pub mod models;
mod number_format;
pub mod options;
pub mod parallel;
pub mod predict;
mod random;
pub mod retention;
pub mod simulate;
pub mod special;
pub mod summary;
pub mod task;

#[cfg(feature = "files")]
pub mod answers;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "files")]
pub mod columns;
#[cfg(feature = "parquet")]
pub mod counts_file;
#[cfg(feature = "files")]
pub mod customer_table;
#[cfg(feature = "files")]
pub mod orders;
#[cfg(feature = "files")]
pub mod outputs;
#[cfg(feature = "files")]
pub mod parts;
#[cfg(feature = "polars")]
pub mod polars;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "files")]
pub mod sql;
#[cfg(feature = "parquet")]
pub mod state_file;
#[cfg(feature = "files")]
pub mod subscriptions;
#[cfg(feature = "files")]
pub mod summary_file;
#[cfg(feature = "files")]
pub mod survivor_file;
#[cfg(feature = "files")]
pub mod tables;

pub use error::{Error, Result};

/// Compiles and runs the example in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
