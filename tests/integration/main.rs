//! The program from outside: published results, files, bad input, the command.

#![allow(non_snake_case)]

mod answers;
mod bad_input;
mod command;
mod compare;
mod coverage;
mod derivatives;
mod describe;
mod doors;
mod evaluate;
mod family;
mod fits;
mod fuzz;
mod grid;
mod ids;
mod interrupted;
mod invariants;
mod logs;
mod model_files;
mod orders;
mod outputs;
#[cfg(feature = "parquet")]
mod parquet;
mod published;
mod recovery;
mod report;
mod run;
#[cfg(feature = "parquet")]
mod state;
mod summaries;
mod values;
