//! Tables of subscriptions: one row a contract, with its customer, its first day and its last, if it has ended.
//!
//! Contracts become lifetimes in whole periods: what the models of contracts are fitted to.

mod columns;
mod contracts;
mod options;
mod periods;
mod read;
mod report;

pub use columns::SubscriptionColumns;
pub use options::{Again, Overlaps, SubscriptionOptions};
pub use periods::{renewal, whole_periods};
pub use read::{SubscriptionGroup, Subscriptions, is_subscriptions, read};
pub use report::{Example, SubscriptionReason, SubscriptionReport};
