//! Columns with the costs of each order, read as amounts in a second pass over the orders.

use super::{OrderOptions, Reason, Returns, read_tables};
use crate::error::{Error, Kind, Result};
use crate::message::{flag, opt, say};
use crate::number_format::counted;
use crate::summary::PurchaseLog;
use crate::tables::{Input, TableReader};

/// The costs of orders.
#[derive(Debug)]
pub struct OrderCosts {
    /// The orders, with their costs for amounts.
    pub log: PurchaseLog,
    /// Rows without a cost that can be read, which cost nothing, by reason, in words.
    pub missing: Vec<String>,
}

/// Reads the costs of all orders that were read with these options from a column; `option` is the name of the option that asks for it.
/// An order without a cost costs nothing, and is counted. What a return has in the column counts with the sign it has there.
///
/// # Errors
/// Those of [`read_tables`]; where every row is to be used, [`Error::data`] if an order has no cost.
pub fn read_costs(
    tables: impl Iterator<Item = Result<TableReader>> + Send,
    options: &OrderOptions,
    option: &str,
    column: &str,
) -> Result<OrderCosts> {
    let (log, report) = read_tables(tables, &of_costs(options, column)).map_err(|error| match error.kind() {
        Kind::Data => error.reworded(|message| say![opt(option.to_owned()).with(column), ": ", message]),
        _ => error,
    })?;
    let is_missing =
        |reason: &Reason| matches!(reason, Reason::NoAmount | Reason::UnreadableAmount | Reason::ImpossibleAmount);
    let reasons = report.left_out.reasons().filter(|(reason, ..)| is_missing(reason));
    let missing: Vec<String> = reasons
        .map(|(reason, rows, example)| format!("{} {reason} in `{column}` (first: {example})", counted(rows, "row")))
        .collect();
    match missing.first().filter(|_| options.strict) {
        Some(what) => Err(Error::data(say![opt(option.to_owned()), ": {what}; ", flag("strict"), " allows none"])),
        None => Ok(OrderCosts { log, missing }),
    }
}

/// The options with which costs are read instead of amounts.
fn of_costs(options: &OrderOptions, column: &str) -> OrderOptions {
    let mut options = OrderOptions { attributes: Vec::new(), strict: false, refund_per: None, ..options.clone() };
    options.columns.amount = Some(column.to_owned());
    (options.columns.quantity, options.columns.price) = (None, None);
    (options.columns.refund, options.columns.refund_date) = (None, None);
    // Whether orders have amounts says nothing of their costs.
    (options.columns.without_amount, options.columns.optional_amount) = (false, false);
    // An order without a cost that can be read costs nothing, and is counted.
    options.max_left_out = Some(1.0);
    if options.returns == Returns::Error {
        options.returns = Returns::Net;
    }
    options
}

/// Refuses inputs that can be read only once, where the option of this name takes a second pass over the orders.
///
/// # Errors
/// [`Error::usage`] with the first of them.
pub fn check_rereadable(inputs: &[Input], option: &str) -> Result<()> {
    match inputs.iter().find(|input| !input.is_rereadable()) {
        Some(input) => Err(Error::usage(say![
            opt(option.to_owned()),
            " reads the orders a second time, and {input} can be read only once; save the orders to a file"
        ])),
        None => Ok(()),
    }
}
