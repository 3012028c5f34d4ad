//! Everything that can be asked of a summary's customers with a model, and the tables of the answers.

mod customer_numbers;
mod described_customers;
mod effects;
mod new_customers;
mod overview;
mod predicted;
mod questions;
mod sufficiency;
mod totals_table;

pub use customer_numbers::{CAC, CustomerNumber, MARGIN, NumberRange};
pub use described_customers::DescribedCustomers;
pub(crate) use effects::missing_in_words;
pub use effects::{EffectRow, EffectsTable, effect_rows};
pub use new_customers::{NewCustomers, describe_new};
pub use overview::{HorizonSums, Overview, TOP, TopCustomer, most_valuable};
#[cfg(feature = "cli")]
pub(crate) use predicted::per_cent;
pub use predicted::{ErrorsOfTotals, HorizonAnswers, Part, Predicted, Sort};
pub use questions::{MOST_COUNTS, Questions};
pub use sufficiency::{Sufficiency, sufficiencies};
pub use totals_table::{ALL, TotalsTable};
