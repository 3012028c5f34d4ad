//! Which options a query honours, and what is to be done about the others.

use serde::{Deserialize, Serialize};

use super::Dialect;
use crate::error::{Error, Result};
use crate::message::{Message, opt, say};
use crate::options;
use crate::orders::{OrderOptions, Returns};

/// What a query is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SqlOptions {
    /// Whose SQL.
    pub dialect: Dialect,
    /// The table of orders, with its schema if it has one: `shop.orders`.
    pub table: String,
    /// Whether rows are those of equal customers, with their number, instead of a row for each.
    pub counted: bool,
    /// Whether amounts are added exactly, as [`ExactSum`](crate::summary::ExactSum) does, instead of as decimals.
    pub exact: bool,
    /// Whether customers are numbers, and stay so, instead of text.
    pub number_ids: bool,
    /// Whether there is a column with the sum of the logarithms of the times between purchases.
    pub sum_log_interpurchase: bool,
}

impl Default for SqlOptions {
    fn default() -> Self {
        Self {
            dialect: Dialect::default(),
            table: "orders".to_owned(),
            counted: false,
            exact: false,
            number_ids: false,
            sum_log_interpurchase: false,
        }
    }
}

/// Options of orders that become part of the query.
const HONOURED: [&str; 18] = [
    "amount",
    "customer",
    "date",
    "duplicates",
    "exact_ids",
    "first_purchase_before",
    "from",
    "grain",
    "keep",
    "price",
    "quantity",
    "refund",
    "refund_date",
    "returns",
    "timezone",
    "unit",
    "until",
    "where",
];

/// Refuses what SQL cannot do, or is not made to do here: of every option of orders it is known whether it is part of the query.
///
/// # Errors
/// [`Error::usage`] with the option, and what to do instead.
pub(super) fn check(orders: &OrderOptions) -> Result<()> {
    let refused = |name: &str, instead: Message| {
        let name = name.to_owned();
        Err(Error::usage(say![opt(name.clone()), " is not part of a query: ", instead]).of_option(opt(name)))
    };
    orders.check()?;
    let mut changed = options::changed(orders);
    if orders.rates.is_some() {
        changed.push("rates".to_owned());
    }
    let other = |name: &String| !HONOURED.contains(&&**name) && name != "without_amount";
    if let Some(name) = changed.iter().find(|name| other(name)) {
        return refused(name, instead_of(name));
    }
    if orders.returns == Returns::Error {
        let instead =
            say!["it cannot fail for a return; give ", opt("returns").with("net"), " or ", opt("returns").with("drop")];
        return refused("returns", instead);
    }
    if orders.until.is_none() {
        return Err(Error::usage(say![
            "a query needs the last day of the observation, so that it says the same tomorrow: give ",
            opt("until")
        ])
        .of_option(opt("until")));
    }
    orders.cohort.check(orders.grain)
}

/// What to do where an option is none of a query's.
fn instead_of(name: &str) -> Message {
    match name {
        "date_format" => "dates are of a type of the database; convert text in a view, and name that as the table".into(),
        "decimal_comma" | "thousands" => {
            "amounts are numbers of the database; convert text in a view, and name that as the table".into()
        }
        "currency" => say!["name the rows whose amounts are in it, for instance with ", opt("where").with("currency=EUR")],
        "rates" => "convert amounts in a view, and name that as the table".into(),
        "order" | "amount_per" | "refund_per" | "repeated_orders" => {
            "put the lines of an order together in a view, a row for each order with its customer, date and amount, and name that as the \
             table"
                .into()
        }
        "ignore" => "it uses the columns that are named, and recognises none".into(),
        "delimiter" | "encoding" | "sheet" | "memory" => "it reads a table of the database, and no file".into(),
        "max_left_out" | "strict" => {
            "it leaves rows out that are no orders, and counts none; count them in the database, or summarise the orders themselves".into()
        }
        _ => "summarise the orders themselves".into(),
    }
}
