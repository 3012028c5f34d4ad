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
mod counts;
mod currency_code;
mod customer_codes;
mod customer_rows;
mod customers;
mod exact_sum;
#[cfg(test)]
mod few_orders;
mod input_limits;
mod interpurchase_times;
mod lifetimes;
mod merging;
mod numbering;
mod observation;
mod order_store;
mod places;
mod purchase_counts;
mod purchases;
mod radix;
#[cfg(feature = "files")]
mod spill;
mod statistics;
mod weights;
mod windows;

pub use crate::limits::{LARGEST_AMOUNT, LONGEST_TIME, MOST_PURCHASES, PARAMETERS};
pub use activity::Activity;
pub use attributes::Attribute;
pub use calendar::{Day, Grain, TimeUnit};
pub(crate) use cautions::long_silence;
pub use cohort::{Cohort, Excluded};
pub use cohort_activity::{AgeActivity, CohortActivity, CohortPeriod};
pub use contents::{AttributeValue, Contents, CustomerDay};
pub use counted::{
    Counted, CountedHistories, CountedRow, CountedRows, FEWEST_REPEAT_CUSTOMERS, FrequencyGroup, History,
};
pub use counted_spend::{CountedSpend, SpendGroup, SpendRow};
pub use counts::{Counts, FitData};
pub use currency_code::CurrencyCode;
#[cfg(feature = "files")]
pub(crate) use customer_codes::{Code, SHARDS};
#[cfg(feature = "files")]
pub(crate) use customers::whole_number;
pub use customers::{CustomerIds, PurchaseColumns, Summary};
pub use exact_sum::ExactSum;
pub use input_limits::check_time;
pub use lifetimes::CountedLifetimes;
pub(crate) use numbering::Numbering;
pub use observation::Observation;
#[cfg(feature = "files")]
pub(crate) use order_store::{Key, Run, Store, Stored, eight};
pub use purchases::{CustomerId, OrderBuffer, PurchaseLog};
pub use statistics::PurchaseStatistics;
pub use weights::Weights;
#[cfg(feature = "files")]
pub(crate) use weights::{WEIGHTS_ARE, is_weight};
pub(crate) use windows::Span;
pub use windows::Window;
