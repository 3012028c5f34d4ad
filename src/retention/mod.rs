//! Customers under contract: how many of them stay, renewal by renewal, and what those who have stayed are still worth.

mod kept;
mod projection;
mod record;

pub use kept::share_kept;
pub use projection::{Projection, ProjectionOptions};
pub use record::{RetentionModel, RetentionOptions, RetentionRecord};
