//! Ids that are not those of customers.

use std::hash::BuildHasher;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::open_table::OpenTable;
use super::seen::Seen;
use crate::error::Result;
use crate::message::{Message, opt, say};
use crate::number_format::whole;
use crate::summary::Summary;
use crate::tables::clip;
use crate::tables::customer_names::plain;

/// Fewer orders tell nothing.
const FEWEST: usize = 20;

/// A warning if every order has a customer of its own, with a column that would do.
pub(super) fn all_different(seen: &Seen, tables: &[Arc<OpenTable>]) -> Option<Message> {
    let customers = seen.once.all_different().filter(|customers| *customers >= FEWEST)?;
    let table = tables.first()?;
    let (header, chosen) = (table.shape.header(), table.columns.customer);
    let name = &header[chosen];
    let mut advice = say![];
    for other in (0..header.len()).filter(|&column| column != chosen && names_people(&header[column])) {
        // Advice alone: a column that nobody handed over cannot be read.
        if repeats(tables, other).unwrap_or(false) {
            advice = say![format!(" `{}` repeats: ", header[other]), opt("customer").with(&*header[other])];
            break;
        }
    }
    let orders = whole(customers as u64);
    Some(say![
        "nobody came back: `{name}` has as many ids as there are orders, {orders}. Are they of orders rather than \
         of customers?",
        advice
    ])
}

fn names_people(column: &str) -> bool {
    let name = plain(column);
    ["customer", "client", "user", "buyer", "member", "account", "mail", "household", "unique"]
        .iter()
        .any(|word| name.contains(word))
}

/// Whether a good part of a column's cells stand in it before.
fn repeats(tables: &[Arc<OpenTable>], column: usize) -> Result<bool> {
    let (mut distinct, mut rows) = (FxHashSet::default(), 0_usize);
    for table in tables.iter().filter(|table| table.shape.header().len() > column) {
        let mut reader = table.origin.open()?;
        while let Some(batch) = reader.next_batch(&[column], false)? {
            for cell in (0..batch.places.len()).filter_map(|row| batch.columns[0].text(row)) {
                rows += 1;
                distinct.insert(FxBuildHasher.hash_one(&*cell));
            }
        }
    }
    Ok(rows >= FEWEST && distinct.len() * 20 < rows * 19)
}

/// A warning if one id, in the column with this name, has a large part of all orders: it may stand for everybody without one.
pub fn large_share(summary: &Summary, column: &str) -> Option<Message> {
    const LARGE: f64 = 0.1;
    let orders = &summary.purchases.as_ref()?.orders;
    let all: u64 = orders.iter().map(|&orders| u64::from(orders)).sum();
    let (place, most) =
        orders.iter().enumerate().max_by_key(|(place, orders)| (**orders, std::cmp::Reverse(*place)))?;
    let share = f64::from(*most) / all as f64;
    if orders.len() < FEWEST / 2 || (*most as usize) < FEWEST || share < LARGE {
        return None;
    }
    let id = summary.customers.text(place);
    Some(say![
        format!(
            "customer `{}` has {} of {} orders ({:.0}%): if the id stands for everybody without one, ",
            clip(&id),
            whole(u64::from(*most)),
            whole(all),
            100.0 * share
        ),
        opt("where").with(format!("{column}!={id}")),
        " leaves them out"
    ])
}
