//! Columns with the costs of each order, which are read as amounts in a second pass over the files.

use super::args::DescribeArgs;
use crate::cli::shared::load::Reading;
use crate::cli::shared::order_args::OrderArgs;
use crate::cli::text::console::Console;
use crate::cli::text::words::counted;
use crate::describe::{Cohorts, Regularity, Span};
use crate::error::{Error, Kind, Result};
use crate::orders::{Reason, Returns, read_tables};
use crate::predict::PerCustomer;
use crate::summary::{CohortActivity, CohortPeriod, PurchaseLog, Summary};
use crate::tables::Input;

/// Logs whose amounts are revenue, cost of goods and cost of serving.
pub(super) struct Logs {
    orders: PurchaseLog,
    goods: Option<PurchaseLog>,
    serving: Option<PurchaseLog>,
}

/// A span's revenue and costs by customer.
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

impl Logs {
    /// Reads the costs that are asked for.
    pub(super) fn new(
        orders: PurchaseLog,
        inputs: &[Input],
        args: &DescribeArgs,
        console: &mut Console,
    ) -> Result<Self> {
        let mut read = |option: &str, column: &Option<String>| {
            let read = |column: &String| read_costs(inputs, &args.orders, option, column, console);
            column.as_ref().map(read).transpose()
        };
        Ok(Self { orders, goods: read("--cogs", &args.cogs)?, serving: read("--serving", &args.serving)? })
    }

    /// Revenue and costs of each customer in these spans, one entry each; the last span is the whole observation.
    pub(super) fn spans(&mut self, summary: &Summary, spans: &[Span]) -> Result<Vec<InSpan>> {
        let days: Vec<_> = spans.iter().map(Span::after_until).collect();
        let values = |log: &mut PurchaseLog| {
            log.windows(summary, &days).map(|windows| windows.into_iter().map(|window| window.value))
        };
        // The summary knows those of the whole observation.
        let revenue = if days.len() > 1 { Some(values(&mut self.orders)?) } else { None };
        let totals = InSpan::of_totals(summary).revenue;
        let revenue = revenue.into_iter().flatten().take(days.len() - 1).chain(std::iter::once(totals));
        let mut goods = self.goods.as_mut().map(values).transpose()?;
        let mut serving = self.serving.as_mut().map(values).transpose()?;
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

    /// Activity by cohort with what was earned, the margin on revenue less the other costs, for revenue.
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

/// The costs of all orders in a column, as a log whose amounts they are. An order without a cost costs nothing, and is
/// counted. What a return has in the column counts with the sign it has there.
///
/// # Errors
/// Those of reading orders; with `--strict`, [`Error::data`] if an order has no cost.
fn read_costs(
    inputs: &[Input],
    args: &OrderArgs,
    option: &str,
    column: &str,
    console: &mut Console,
) -> Result<PurchaseLog> {
    let mut options = args.options(&[])?;
    options.columns.amount = Some(column.to_owned());
    (options.columns.quantity, options.columns.price) = (None, None);
    (options.columns.refund, options.columns.refund_date, options.refund_per) = (None, None, None);
    // An order without a cost that can be read costs nothing, and is counted.
    options.max_left_out = Some(1.0);
    let strict = std::mem::take(&mut options.strict);
    if options.returns == Returns::Error {
        options.returns = Returns::Net;
    }
    let reading = Reading::begin(inputs, console);
    let (log, report) = read_tables(reading.tables(0, args), &options).map_err(|error| match error.kind() {
        Kind::Data => error.about(format!("{option} {column}")),
        _ => error,
    })?;
    drop(reading);
    for (reason, rows, example) in report.left_out.reasons() {
        if !matches!(reason, Reason::NoAmount | Reason::UnreadableAmount | Reason::ImpossibleAmount) {
            continue;
        }
        let what = format!("{} {reason} in `{column}` (first: {example})", counted(rows, "row"));
        if strict {
            return Err(Error::data(format!("{option}: {what}; --strict allows none")));
        }
        console.say(format!("  {option}: {what}: no cost there"))?;
    }
    Ok(log)
}
