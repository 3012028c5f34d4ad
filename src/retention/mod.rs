//! Customers under contract: how many of them stay, renewal by renewal, and what those who have stayed are still worth.

mod holdout;
mod intervals;
mod kept;
mod model;
mod projection;
mod record;

pub use holdout::{Holdout, HoldoutModel};
pub use kept::share_kept;
pub use model::{RetentionFamily, RetentionModel};
pub use projection::{Projection, ProjectionOptions};
pub use record::{RetentionChoice, RetentionOptions, RetentionRecord};
