//! Everything that can be asked of a summary's customers with a model, and the tables of the answers.

mod customer_numbers;
mod effects;
mod groups;
mod predicted;
mod questions;
mod totals_table;

pub use customer_numbers::{CAC, CustomerNumber, MARGIN, NumberRange};
pub use effects::{EffectRow, effect_rows};
pub use groups::grouping;
#[cfg(feature = "cli")]
pub(crate) use predicted::per_cent;
pub use predicted::{HorizonAnswers, Part, Predicted, Sort};
pub use questions::{MOST_COUNTS, Questions};
pub use totals_table::{ALL, TotalsTable};
