//! The program from outside: published results, files, bad input, the command.

// What a test crate has is nobody's API.
#![allow(unreachable_pub, missing_debug_implementations)]

mod answers;
mod bad_input;
mod calibrated;
mod cautions;
mod check;
mod columns;
mod command;
mod compare;
mod contracts;
#[cfg(feature = "parquet")]
mod counts;
mod covariates;
mod coverage;
mod derivatives;
mod describe;
mod evaluate;
mod examples;
mod exports;
mod family;
mod files;
mod fits;
mod fuzz;
mod grid;
mod ids;
mod input_limits;
mod interrupted;
mod invariants;
mod keys;
mod logs;
mod model_files;
mod money;
mod no_spend;
mod options;
mod orders;
mod outputs;
mod papers;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(all(feature = "parquet", target_os = "linux"))]
mod parquet_claims;
mod partitions;
mod published;
mod recovery;
mod regular;
mod report;
mod run;
mod selection;
mod simulated;
mod small_shops;
mod sql;
#[cfg(feature = "parquet")]
mod state;
#[cfg(feature = "parquet")]
mod statistics;
mod summaries;
mod targets;
mod values;
mod weights;
