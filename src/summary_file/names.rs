//! Names of the columns of a summary, and where they are in a header.

use crate::columns;

pub(super) const CUSTOMER: &str = columns::CUSTOMER.name;
pub(super) const FREQUENCY: &str = columns::FREQUENCY.name;
pub(super) const RECENCY: &str = columns::RECENCY.name;
pub(super) const AGE: &str = columns::AGE.name;
/// Column with the mean amount of the repeat purchases.
pub const MONETARY_VALUE: &str = columns::MONETARY_VALUE.name;
pub(crate) const FIRST_PURCHASE: &str = columns::FIRST_PURCHASE.name;
pub(super) const LAST_PURCHASE: &str = columns::LAST_PURCHASE.name;
pub(super) const ORDERS: &str = columns::ORDERS.name;
pub(super) const TOTAL: &str = columns::TOTAL.name;
/// Column with the sum of the logarithms of the times between purchases.
pub(super) const SUM_LOG_INTERPURCHASE: &str = columns::SUM_LOG_INTERPURCHASE.name;
pub(super) const UNIT: &str = columns::UNIT.name;
pub(crate) const GRAIN: &str = columns::GRAIN.name;
pub(super) const OBSERVED_UNTIL: &str = columns::OBSERVED_UNTIL.name;

/// The key under which Parquet files, Arrow schemas and frames say what a summary's times mean.
pub const METADATA_KEY: &str = "clv-summary";

/// The column with this name, or with this name in other letters if it is the only one.
pub(super) fn find(header: &[String], name: &str) -> Option<usize> {
    header.iter().position(|column| column == name).or_else(|| {
        let mut alike = (0..header.len()).filter(|&i| header[i].trim().eq_ignore_ascii_case(name));
        alike.next().filter(|_| alike.next().is_none())
    })
}

/// The column with the age.
pub(super) fn age_column(header: &[String]) -> Option<usize> {
    find(header, AGE)
}

/// The column with the number of opportunities (BG/BB).
pub(super) fn opportunities_column(header: &[String]) -> Option<usize> {
    ["n", "n_periods", "periods", "opportunities"].iter().find_map(|name| find(header, name))
}

/// Whether a table is a summary rather than an order history: it has frequencies and recencies, whatever it lacks.
pub fn is_summary(header: &[String]) -> bool {
    [FREQUENCY, RECENCY].iter().all(|name| find(header, name).is_some())
}

/// Whether a summary says what purchases were worth.
pub fn knows_spend(header: &[String]) -> bool {
    find(header, MONETARY_VALUE).is_some()
}
