//! Small tables: what charts show, what the command prints, what `--tables` writes.

pub(super) mod comparison;
pub(super) mod data_table;
pub(super) mod description;
pub(super) mod effects;
pub mod evaluation;
pub(super) mod holdout;
pub(super) mod model;
pub(super) mod names;
pub(super) mod retention;
pub(super) mod view;
