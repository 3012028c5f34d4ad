//! From one customer's purchases to a row of the summary, and from rows to the table.

use super::customer_codes::{Code, Id};
use super::merging::{Purchase, orders};
use super::purchases::{PurchaseLog, id};
use super::radix::radix_sort;
use super::{CustomerIds, Day, ExactSum, Observation, PurchaseColumns, Summary};
use crate::error::Result;

/// What the summary keeps of one customer.
#[derive(Clone, Copy, Debug)]
pub(super) struct CustomerRow {
    customer: Code,
    frequency: u32,
    first: Day,
    last: Day,
    orders: u32,
    /// Mean amount of the repeat purchases.
    monetary_value: f64,
    total: f64,
}

impl CustomerRow {
    /// From the purchases and returns seen, and the number of returns that follow no purchase. A return lowers the amount
    /// of the latest purchase on its day or before.
    pub(super) fn new(customer: Code, purchases: &[Purchase], returned: &[Purchase]) -> Result<(Self, u64)> {
        let (first, last) = (&purchases[0], &purchases[purchases.len() - 1]);
        let mut repeat_spend = purchases[1..].iter().try_fold(ExactSum::default(), |sum, p| sum.plus(p.amount.sum))?;
        let mut first_spend = first.amount.sum;
        let second = purchases.get(1).map(|purchase| purchase.day);
        let mut unmatched = 0;
        for back in returned {
            if back.day < first.day {
                unmatched += u64::from(back.amount.orders);
            } else if second.is_some_and(|second| back.day >= second) {
                repeat_spend = repeat_spend.plus(back.amount.sum)?;
            } else {
                first_spend = first_spend.plus(back.amount.sum)?;
            }
        }
        let frequency = purchases.len() as u32 - 1;
        let row = Self {
            customer,
            frequency,
            first: first.day,
            last: last.day,
            orders: u32::try_from(orders(purchases)).unwrap_or(u32::MAX),
            monetary_value: if frequency == 0 { 0.0 } else { repeat_spend.value() / f64::from(frequency) },
            total: repeat_spend.plus(first_spend)?.value(),
        };
        Ok((row, unmatched))
    }
}

/// The rows in the order of the customers' ids, as columns.
pub(super) fn summary_of(rows: Vec<CustomerRow>, log: &PurchaseLog, observation: Observation) -> Summary {
    let (customers, rows) = in_order(rows, log);
    let codes: Vec<Code> =
        if log.attributes().is_empty() { Vec::new() } else { rows.iter().map(|row| row.customer).collect() };
    Summary {
        customers,
        frequency: rows.iter().map(|row| row.frequency).collect(),
        recency: rows.iter().map(|row| observation.time(row.first, row.last)).collect(),
        T: rows.iter().map(|row| observation.age(row.first)).collect(),
        monetary_value: rows.iter().map(|row| row.monetary_value).collect(),
        purchases: Some(PurchaseColumns {
            first_purchase: rows.iter().map(|row| row.first).collect(),
            last_purchase: rows.iter().map(|row| row.last).collect(),
            orders: rows.iter().map(|row| row.orders).collect(),
            total: rows.iter().map(|row| row.total).collect(),
        }),
        knows_spend: true,
        currency: log.currency,
        attributes: log.attributes_of(&codes, observation.end),
        statistics: None,
        sum_log_interpurchase: None,
        weights: None,
        observation,
    }
}

/// Sorted by number if all ids are whole numbers, and not said to be text, else by text.
fn in_order(mut rows: Vec<CustomerRow>, log: &PurchaseLog) -> (CustomerIds, Vec<CustomerRow>) {
    if !log.ids_are_text && rows.iter().all(|row| matches!(row.customer.id(), Id::Number(_))) {
        radix_sort(&mut rows, Code::BITS, |row| row.customer.0);
        return (CustomerIds::Number(rows.iter().map(|row| row.customer.0 as i64).collect()), rows);
    }
    // Rows come shard by shard.
    let mut texts: Vec<Box<str>> = Vec::with_capacity(rows.len());
    for of_shard in rows.chunk_by(|a, b| a.customer.shard() == b.customer.shard()) {
        let shard = log.shard(of_shard[0].customer.shard());
        texts.extend(of_shard.iter().map(|row| id(&shard, row.customer).into_boxed_str()));
    }
    let ids = if log.ids_are_text { CustomerIds::Text(texts) } else { CustomerIds::from(texts) };
    let order = ids.ascending();
    let rows = order.iter().map(|&i| rows[i]).collect();
    (ids.reordered(order), rows)
}
