//! One row per customer: calendar and units, the fold from orders to customers, and counted rows for the fit.

mod activity;
mod attributes;
mod calendar;
mod cautions;
mod cohort;
mod cohort_activity;
mod contents;
mod counted;
mod counted_spend;
mod customer_codes;
mod customer_rows;
mod customers;
mod exact_sum;
mod lifetimes;
mod limits;
mod merging;
mod numbering;
mod order_store;
mod places;
mod purchases;
mod radix;
#[cfg(feature = "files")]
mod spill;
mod windows;

pub use activity::Activity;
pub use attributes::Attribute;
pub use calendar::{Day, Grain, TimeUnit};
pub(crate) use cautions::long_silence;
pub use cohort::{Cohort, Excluded};
pub use cohort_activity::{AgeActivity, CohortActivity, CohortPeriod};
pub use contents::{Contents, CustomerDay, Said};
pub use counted::{Counted, CountedHistories, CountedRow, FEWEST_REPEAT_CUSTOMERS, FrequencyGroup, History};
pub use counted_spend::{CountedSpend, SpendGroup, SpendRow};
#[cfg(feature = "files")]
pub(crate) use customer_codes::Code;
#[cfg(feature = "files")]
pub(crate) use customers::whole_number;
pub use customers::{CustomerIds, Observation, PurchaseColumns, Summary};
pub use exact_sum::{ExactSum, LARGEST_AMOUNT};
pub use lifetimes::CountedLifetimes;
pub use limits::{LONGEST_TIME, MOST_PURCHASES, PARAMETERS, check_time};
pub(crate) use numbering::Numbering;
pub use purchases::{CustomerId, OrderBuffer, PurchaseLog};
pub(crate) use windows::Span;
pub use windows::Window;
