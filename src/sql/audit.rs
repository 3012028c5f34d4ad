//! What became of the rows: how many are orders, and why the others are none.

use super::text::{Cte, indented};
use super::{Query, text};
use crate::error::Result;
use crate::orders::{Reason, Returns};

impl Query {
    /// The text of the query for the number of rows by what became of them: columns `reason` and `row_count`, in which the reason `order` is
    /// none, and the others are those for which [`read_orders`](crate::orders::read_orders) leaves rows out, by their keys.
    ///
    /// # Errors
    /// As [`Query::text`].
    pub fn audit_text(&self) -> Result<String> {
        let reasons = self.reasons()?;
        let cases = reasons.iter().map(|(condition, reason)| format!("  when {condition} then '{}'", reason.key()));
        let case =
            ["case".to_owned()].into_iter().chain(cases).chain(["  else 'order'".into(), "end as reason".into()]);
        let judged =
            vec!["select".to_owned(), indented(&case.collect::<Vec<String>>().join("\n")), "from clv_rows".to_owned()];
        let ctes = [self.rows()?, Cte::new("clv_judged", "The first reason why a row is no order.", judged)];
        let count = self.options.dialect.big_integer("count(*)");
        let mut last = vec![
            "select".to_owned(),
            format!("  reason,\n  {count} as row_count"),
            "from clv_judged".to_owned(),
            "group by reason".to_owned(),
        ];
        if let Some(conditions) = self.conditions()? {
            last.extend([
                "union all".to_owned(),
                format!("select\n  '{}' as reason,\n  {count} as row_count", Reason::NotSelected.key()),
                self.from()?,
                format!("where not coalesce({conditions}, false)"),
            ]);
        }
        Ok(format!("{}\n", text::query(&ctes, &last)))
    }

    /// Why a row is no order, the first reason first.
    fn reasons(&self) -> Result<Vec<(String, Reason)>> {
        let mut reasons = vec![
            (format!("not coalesce({}, false)", self.has_customer()?), Reason::NoCustomer),
            ("order_day is null".to_owned(), Reason::NoDate),
        ];
        if self.knows_spend() {
            reasons.push(("amount is null".to_owned(), Reason::NoAmount));
            reasons.push((format!("not {}", Self::is_money()), Reason::ImpossibleAmount));
        }
        reasons.push((format!("order_day > {}", self.options.dialect.date(self.until()?)), Reason::AfterEnd));
        if self.orders.returns == Returns::Drop && self.knows_spend() {
            reasons.push(("amount < 0".to_owned(), Reason::Return));
        }
        Ok(reasons)
    }
}
