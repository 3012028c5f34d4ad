//! What was read: a summary, and what became of the orders behind it.

use crate::error::Result;
use crate::orders::ReadReport;
use crate::summary::{Day, Excluded, Summary};

/// A summary, and what is to be told of how it came about.
pub(crate) struct Loaded {
    pub(crate) summary: Summary,
    /// Absent if a summary was read.
    pub(crate) orders: Option<OrdersRead>,
    /// The summary's name, if one was read.
    pub(crate) name: Option<String>,
}

impl Loaded {
    /// From orders.
    pub(crate) fn of_orders(summary: Summary, orders: OrdersRead) -> Self {
        Self { summary, orders: Some(orders), name: None }
    }

    /// What became of the orders, if any were read.
    pub(crate) fn read(&self) -> Option<(&ReadReport, &Excluded)> {
        self.orders.as_ref().map(|orders| (&orders.report, &orders.excluded))
    }

    /// Refuses to take purchases of unknown worth for worthless ones.
    pub(crate) fn check_spend(&self) -> Result<()> {
        self.summary.check_spend().map_err(|error| match &self.name {
            Some(name) => error.in_file(name),
            None => error,
        })
    }
}

/// What became of the orders.
pub(crate) struct OrdersRead {
    pub(crate) report: ReadReport,
    pub(crate) excluded: Excluded,
    /// Day of the last order.
    pub(crate) last: Day,
    /// The option that set the end of the observation, if it was not found.
    pub(crate) end_option: Option<&'static str>,
}
