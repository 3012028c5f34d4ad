//! What several subcommands share: groups of options, reading of orders, summaries and models, files that are written.

pub(super) mod counts;
pub(super) mod covariate_args;
pub(super) mod files;
pub(super) mod flags;
pub(super) mod forecast_args;
pub(super) mod load;
pub(super) mod loaded_summary;
pub(super) mod memory_size;
pub(super) mod order_args;
pub(super) mod split_args;
pub(super) mod standard_streams;
pub(super) mod tables_folder;
pub(super) mod value_args;
pub(super) mod weight_args;
