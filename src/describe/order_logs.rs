//! The orders behind a summary, with what they cost.

use super::{Cohorts, Regularity, Span};
use crate::error::Result;
use crate::predict::PerCustomer;
use crate::summary::{CohortActivity, CohortPeriod, PurchaseLog, Summary};

/// Logs of the same orders, whose amounts are revenue, cost of goods and cost of serving.
#[derive(Debug)]
pub struct OrderLogs<'a> {
    /// Revenue.
    pub orders: &'a mut PurchaseLog,
    /// What the goods cost, if it is known.
    pub goods: Option<&'a mut PurchaseLog>,
    /// What serving cost, if it is known.
    pub serving: Option<&'a mut PurchaseLog>,
}

/// Each customer's revenue and costs in a span.
pub(super) struct InSpan {
    pub(super) revenue: Vec<f64>,
    pub(super) goods: Option<Vec<f64>>,
    pub(super) serving: Option<Vec<f64>>,
}

impl InSpan {
    /// Of everything that a summary without orders tells.
    pub(super) fn of_totals(summary: &Summary) -> Self {
        let revenue = summary.totals().map_or(Vec::new(), <[f64]>::to_vec);
        Self { revenue, goods: None, serving: None }
    }
}

impl<'a> OrderLogs<'a> {
    /// Orders of which no costs are known.
    pub fn without_costs(orders: &'a mut PurchaseLog) -> Self {
        Self { orders, goods: None, serving: None }
    }

    /// Whether costs are known.
    pub(super) fn knows_costs(&self) -> bool {
        self.goods.is_some() || self.serving.is_some()
    }

    /// Each customer's revenue and costs in these spans, one entry each; the last span is the whole observation.
    pub(super) fn spans(&mut self, summary: &Summary, spans: &[Span]) -> Result<Vec<InSpan>> {
        let days: Vec<_> = spans.iter().map(Span::after_until).collect();
        let values = |log: &mut PurchaseLog| {
            log.windows(summary, &days).map(|windows| windows.into_iter().map(|window| window.value))
        };
        // The summary knows those of the whole observation.
        let revenue = if days.len() > 1 { Some(values(self.orders)?) } else { None };
        let totals = InSpan::of_totals(summary).revenue;
        let revenue = revenue.into_iter().flatten().take(days.len() - 1).chain(std::iter::once(totals));
        let mut goods = self.goods.as_deref_mut().map(values).transpose()?;
        let mut serving = self.serving.as_deref_mut().map(values).transpose()?;
        let in_span = |revenue| InSpan {
            revenue,
            goods: goods.as_mut().and_then(Iterator::next),
            serving: serving.as_mut().and_then(Iterator::next),
        };
        Ok(revenue.map(in_span).collect())
    }

    /// How regular purchases are.
    pub(super) fn regularity(&mut self, summary: &Summary) -> Result<Option<Regularity>> {
        Ok(Regularity::new(&self.orders.last_interpurchase_periods(summary)?))
    }

    /// Activity and revenue by cohort.
    pub(super) fn cohorts(&mut self, summary: &Summary, period: CohortPeriod) -> Result<Cohorts> {
        let activity = self.orders.cohort_activity(summary, period, |_| 1.0)?;
        Ok(Cohorts::new(&activity, period, summary.observation.end))
    }

    /// Activity by cohort, and what was earned: the margin on revenue, less the other costs.
    pub(super) fn earned(&mut self, summary: &Summary, period: CohortPeriod, margin: &PerCustomer) -> Result<Cohorts> {
        let mut earned = self.orders.cohort_activity(summary, period, |row| margin.of(row))?;
        for costs in [&mut self.goods, &mut self.serving].into_iter().flatten() {
            subtract(&mut earned, &costs.cohort_activity(summary, period, |_| 1.0)?);
        }
        Ok(Cohorts::new(&earned, period, summary.observation.end))
    }
}

/// Both are of the same summary, and so have the same cohorts and ages.
fn subtract(earned: &mut [CohortActivity], costs: &[CohortActivity]) {
    for (earned, costs) in earned.iter_mut().zip(costs) {
        earned.ages.iter_mut().zip(&costs.ages).for_each(|(cell, cost)| cell.value -= cost.value);
    }
}
