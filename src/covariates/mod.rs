//! What is known of customers besides their purchases, as it enters the models: names, coding, coefficients.
//!
//! A covariate moves the logarithm of one parameter of a plain model, so a customer's model is the plain one with other parameters:
//!
//! ```text
//! purchases   alpha e^(-g'z)                          g > 0: purchases more often
//! dropout     a e^(g'z), of Pareto models beta e^(-g'z)    g > 0: leaves sooner
//! spend       gamma e^(g'z)                           g > 0: spends more a purchase
//! ```
//!
//! `z` are the columns of the covariates: of a text one for each level but the most frequent, of a number its distance from the mean.
//! Customers with the same `z` form a block, whose likelihood is that of the plain model. Source of the form: Fader & Hardie (2007),
//! Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models, note 019; of the dropout after purchases it is
//! `a` alone that moves, since `a` and `b` moved alike leave the mean chance `a/(a + b)` where it is.

mod coding;
mod design;
mod effects;
mod options;
mod patterns;
mod process;
mod rank;
mod values;

pub use coding::{Coding, Covariate, Level};
pub use design::Design;
pub(crate) use effects::coefficient_name;
pub use effects::{Coefficient, CovariateTest, Effects, Shifts};
pub(crate) use options::each_once;
pub use options::{CovariateOptions, UnknownLevels};
pub use patterns::Patterns;
pub use process::{Moved, Process};
pub use values::{FIRST_FACTS, LOG_FREQUENCY, Values};
