//! Where a log's customers stand in a summary.

use super::customer_codes::{Code, SHARDS};
use super::{CustomerId, CustomerIds, PurchaseLog, Summary};
use crate::error::Result;

/// The rows of a summary, found by customer.
pub(super) struct Places {
    /// Customers and their rows by shard, in the order of the customers' codes.
    rows: Vec<Vec<(Code, usize)>>,
}

impl Places {
    /// Of a summary's customers in a log.
    pub(super) fn new(log: &PurchaseLog, summary: &Summary) -> Result<Self> {
        let mut rows = vec![Vec::new(); SHARDS];
        for row in 0..summary.len() {
            let code = match &summary.customers {
                CustomerIds::Number(ids) => log.code(CustomerId::Number(ids[row]))?,
                ids => log.code(CustomerId::Text(&ids.text(row)))?,
            };
            rows[code.shard()].push((code, row));
        }
        rows.iter_mut().for_each(|rows| rows.sort_unstable());
        Ok(Self { rows })
    }

    /// The row of a log's customer; none if the summary does not have it.
    pub(super) fn row(&self, customer: Code) -> Option<usize> {
        let rows = &self.rows[customer.shard()];
        rows.binary_search_by_key(&customer, |&(code, _)| code).ok().map(|place| rows[place].1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cohort, Day, PurchaseLog, TimeUnit};

    /// Whatever the ids look like, each customer's sum stands in the customer's row, and strangers stand nowhere.
    #[test]
    fn every_customer_is_found() {
        for ids in [["3", "-1", "12"], ["007", "7", "x"], ["99999999999999", "0", "-5"], ["b", "a", "10"]] {
            let mut log = PurchaseLog::default();
            for (id, amount) in ids.iter().zip([1.0, 2.0, 3.0]) {
                log.add(id, Day(100), amount).unwrap();
            }
            let (summary, _) = log.summary(TimeUnit::Day, Day(200), &Cohort::default()).unwrap();
            log.add("stranger", Day(100), 5.0).unwrap();
            log.add("0012", Day(100), 5.0).unwrap();
            let windows = log.windows(&summary, &[(Day(0), Day(200))]).unwrap();
            assert_eq!(windows[0].value, summary.purchases.unwrap().total, "{ids:?}");
        }
    }
}
