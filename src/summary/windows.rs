//! What the customers of a summary did in spans of days, within the observation or after it.

use super::merging::Seen;
use super::places::Places;
use super::{Day, ExactSum, PurchaseLog, Summary};
use crate::error::Result;

/// Purchases and value of each customer of a summary in some span of days, in the order of its rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Window {
    /// Number of purchases, the first included if it lies in the span.
    pub purchases: Vec<u32>,
    /// Net amount of the orders and returns in the span. Returns before a customer's first purchase are left out, as in
    /// [`PurchaseColumns::total`](super::PurchaseColumns::total).
    pub value: Vec<f64>,
}

/// The days after the first and up to the second, and whether first purchases are left out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) after: Day,
    pub(crate) until: Day,
    pub(crate) repeats: bool,
}

impl Window {
    /// A window in which nothing happened.
    pub fn empty(customers: usize) -> Self {
        Self { purchases: vec![0; customers], value: vec![0.0; customers] }
    }
}

/// What one customer did in one span.
#[derive(Clone, Copy, Debug)]
struct Activity {
    row: usize,
    span: usize,
    purchases: u32,
    value: f64,
}

impl PurchaseLog {
    /// What each customer of the summary did in each of these spans, on the days after the first and up to the second day. Where
    /// the grain is longer than a day, spans begin and end with its periods.
    ///
    /// # Errors
    /// [`Cause::Amount`](crate::error::Cause::Amount) if sums overflow; [`Error::io`](crate::error::Error::io) if a temporary file
    /// fails.
    pub fn windows(&mut self, summary: &Summary, spans: &[(Day, Day)]) -> Result<Vec<Window>> {
        let spans: Vec<Span> = spans.iter().map(|&(after, until)| Span { after, until, repeats: false }).collect();
        self.windows_of(summary, &spans)
    }

    /// [`PurchaseLog::windows`] of spans, some of which may count repeat purchases alone.
    pub(crate) fn windows_of(&mut self, summary: &Summary, spans: &[Span]) -> Result<Vec<Window>> {
        let mut windows = vec![Window::empty(summary.len()); spans.len()];
        let Some(until) = spans.iter().map(|span| span.until).max() else { return Ok(windows) };
        let places = Places::new(self, summary)?;
        let fold = |found: &mut Vec<Activity>, _: &_, seen: &Seen<'_>| {
            let Some(row) = places.row(seen.customer) else { return Ok(()) };
            for (span, days) in spans.iter().enumerate() {
                let (purchases, value) = days.of(seen)?;
                if purchases > 0 || value != 0.0 {
                    found.push(Activity { row, span, purchases, value });
                }
            }
            Ok(())
        };
        for Activity { row, span, purchases, value } in self.by_shard(until, fold)?.into_iter().flatten() {
            windows[span].purchases[row] = purchases;
            windows[span].value[row] = value;
        }
        Ok(windows)
    }
}

impl Span {
    /// Purchases and net value of a customer in it. What comes back before the second purchase belongs to the first.
    fn of(&self, seen: &Seen<'_>) -> Result<(u32, f64)> {
        let skipped = usize::from(self.repeats);
        let Some(from) = seen.purchases.get(skipped) else { return Ok((0, 0.0)) };
        let inside = |day: Day| day > self.after && day <= self.until;
        let purchases = seen.purchases[skipped..].iter().filter(|purchase| inside(purchase.day));
        let returned = seen.returned.iter().filter(|back| back.day >= from.day && inside(back.day));
        let count = purchases.clone().count() as u32;
        let value = purchases.chain(returned).try_fold(ExactSum::default(), |sum, order| sum.plus(order.amount.sum))?;
        Ok((count, value.value()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Cohort, TimeUnit};

    #[test]
    fn spans_add_up_to_the_total() {
        let mut log = PurchaseLog::default();
        for (day, amount) in [(5, -1.0), (10, 8.0), (20, 5.0), (21, -2.0), (30, 4.0)] {
            log.add("a", Day(day), amount).unwrap();
        }
        log.add("b", Day(20), 1.0).unwrap();
        let (summary, _) = log.summary(TimeUnit::Day, Day(30), &Cohort::default()).unwrap();
        let spans = [(Day(0), Day(10)), (Day(10), Day(20)), (Day(20), Day(30)), (Day(0), Day(30)), (Day(30), Day(99))];
        let windows = log.windows(&summary, &spans).unwrap();
        let values: Vec<&[f64]> = windows.iter().map(|window| &*window.value).collect();
        assert_eq!(values, [[8.0, 0.0], [5.0, 1.0], [2.0, 0.0], [15.0, 1.0], [0.0, 0.0]]);
        let purchases: Vec<&[u32]> = windows.iter().map(|window| &*window.purchases).collect();
        assert_eq!(purchases, [[1, 0], [1, 1], [1, 0], [3, 1], [0, 0]]);
        assert_eq!(windows[3].value, summary.purchases.unwrap().total);
    }
}
