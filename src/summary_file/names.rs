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

/// What columns are called by the packages of R: BTYD, BTYDplus and CLVTools.
const IN_R: [(&str, &str); 6] = [
    (CUSTOMER, "cust"),
    (FREQUENCY, "x"),
    (RECENCY, "t.x"),
    (AGE, "T.cal"),
    (FIRST_PURCHASE, "first"),
    (SUM_LOG_INTERPURCHASE, "litt"),
];

/// What repeat purchases were worth together, as BTYDplus has it.
const SPENT_IN_R: &str = "sales.x";

/// The column with this name, or with this name in other letters if it is the only one; in a summary of R, with the name that it has
/// there.
pub(super) fn find(header: &[String], name: &str) -> Option<usize> {
    let named = |name: &str| header.iter().position(|column| column == name);
    let in_other_letters = || {
        let mut alike = (0..header.len()).filter(|&i| header[i].trim().eq_ignore_ascii_case(name));
        alike.next().filter(|_| alike.next().is_none())
    };
    let in_r = || {
        let (_, name) = IN_R.iter().find(|(known, _)| *known == name)?;
        if is_of_r(header) { named(name) } else { None }
    };
    named(name).or_else(in_other_letters).or_else(in_r)
}

/// Whether a package of R made the table.
fn is_of_r(header: &[String]) -> bool {
    ["x", "t.x", "T.cal"].iter().all(|name| header.iter().any(|column| column == name))
}

/// The column with what repeat purchases were worth together, where none has their mean.
pub(super) fn spent_column(header: &[String]) -> Option<usize> {
    let has_mean = find(header, MONETARY_VALUE).is_some();
    header.iter().position(|column| column == SPENT_IN_R).filter(|_| !has_mean && is_of_r(header))
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
    find(header, MONETARY_VALUE).or_else(|| spent_column(header)).is_some()
}
