//! From a summary, and the orders behind it, to everything that is said of its customers.

use super::expected::{Expected, valuation};
use super::order_logs::InSpan;
use super::{
    Cohorts, Concentration, Costs, DescribeOptions, Description, Groups, LifetimeValues, OrderLogs, Payback, Rfm, Span,
};
use crate::error::{Kind, Result};
use crate::message::{Message, opt, say};
use crate::predict::{Grouping, PerCustomer, Predictor};
use crate::summary::Summary;

/// What is asked of the customers of a summary, with each customer's numbers.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The customers.
    pub summary: &'a Summary,
    /// What is asked.
    pub options: &'a DescribeOptions,
    /// Share of the revenue that is earned.
    pub margin: PerCustomer,
    /// What it cost to acquire a customer.
    pub cac: Option<PerCustomer>,
    /// What sets the future beside the past.
    pub predictor: Option<&'a Predictor>,
}

/// What customers have been worth.
struct Worth {
    span: Span,
    concentration: Concentration,
    values: LifetimeValues,
    /// Over the whole observation, if that is not the span.
    all_time: Option<LifetimeValues>,
    costs: [Option<f64>; 2],
}

impl Worth {
    fn all_time(&self) -> &LifetimeValues {
        self.all_time.as_ref().unwrap_or(&self.values)
    }
}

impl<'a> Question<'a> {
    /// About revenue without any costs, and without a model.
    pub fn new(summary: &'a Summary, options: &'a DescribeOptions) -> Self {
        Self { summary, options, margin: PerCustomer::All(1.0), cac: None, predictor: None }
    }

    /// Everything that is said of the customers. Regularity, cohorts and payback take the orders behind the summary; where nobody
    /// knows what purchases were worth, nothing is said of it.
    ///
    /// # Errors
    /// [`Error::usage`](crate::Error::usage) if a window lies outside of the observation, cohorts cut a purchase in two, or the
    /// summary has no such column; [`Error::data`](crate::Error::data) if costs leave nothing to value the future with; those of
    /// [`Predictor::forecast`].
    pub fn answer(&self, mut logs: Option<&mut OrderLogs<'_>>) -> Result<Description> {
        let Self { summary, options, .. } = self;
        summary.check_unweighted("a description")?;
        options.check()?;
        let rfm = Rfm::new(summary, &options.scores.scoring()?)?;
        let worth = self.worth(logs.as_deref_mut())?;
        let all_time = worth.as_ref().map(Worth::all_time);
        let regularity = logs.as_deref_mut().map(|logs| logs.regularity(summary)).transpose()?.flatten();
        let mut cautions = Vec::new();
        let (cohorts, payback) = match logs.as_deref_mut() {
            Some(logs) => self.cohorts(logs, all_time, &mut cautions)?,
            None => (None, None),
        };
        let groups = self.groups(worth.as_ref().map(|worth| &*worth.values.value))?;
        let knows_costs = logs.is_some_and(|logs| logs.knows_costs());
        let expected = self.expected(all_time, knows_costs, &mut cautions)?;
        let (equity, potential, expected) = match expected {
            Some(Expected { equity, potential, last }) => (equity, potential, Some(last)),
            None => (Vec::new(), None, None),
        };
        let [goods, serving] = worth.as_ref().map_or([None; 2], |worth| worth.costs);
        let span = worth.as_ref().map(|worth| worth.span);
        let (values, concentration) = worth.map(|worth| (worth.values, worth.concentration)).unzip();
        Ok(Description {
            rfm_cells: rfm.cells(summary),
            rfm,
            span,
            profit_period: options.period,
            values,
            goods,
            serving,
            concentration,
            regularity,
            cohorts,
            groups,
            payback,
            potential,
            equity,
            expected,
            cautions,
        })
    }

    /// What customers have been worth in the span asked for, where the summary says when they came and what they spent.
    fn worth(&self, logs: Option<&mut OrderLogs<'_>>) -> Result<Option<Worth>> {
        let summary = self.summary;
        let Some(observed) = observed(summary) else { return Ok(None) };
        let span = self.options.span(summary.observation.grain, observed)?;
        let spans = if span == observed { vec![span] } else { vec![span, observed] };
        let in_spans = match logs {
            Some(logs) => logs.spans(summary, &spans)?,
            None => vec![InSpan::of_totals(summary)],
        };
        let value = |span, InSpan { revenue, goods, serving }: InSpan| {
            let costs = Costs { margin: self.margin.clone(), goods, serving, acquisition: self.cac.clone() };
            LifetimeValues::new(summary, span, revenue, &costs, self.options.period)
        };
        let mut in_spans = in_spans.into_iter();
        let Some(in_span) = in_spans.next() else { return Ok(None) };
        Ok(Some(Worth {
            span,
            costs: [&in_span.goods, &in_span.serving].map(|costs| costs.as_ref().map(|costs| costs.iter().sum())),
            concentration: concentration(summary, span, &in_span.revenue),
            values: value(span, in_span)?,
            all_time: in_spans.next().map(|all| value(observed, all)).transpose()?,
        }))
    }

    /// Cohorts, and the payback of what their customers cost.
    fn cohorts(
        &self,
        logs: &mut OrderLogs<'_>,
        all_time: Option<&LifetimeValues>,
        cautions: &mut Vec<Message>,
    ) -> Result<(Option<Cohorts>, Option<Payback>)> {
        let summary = self.summary;
        let period = self.options.cohort_period(summary.observation.grain)?;
        let cohorts = match logs.cohorts(summary, period) {
            // Of a history too long for months the rest can be told.
            Err(error) if error.kind() == Kind::Usage && self.options.cohorts.is_none() => {
                cautions.push(say!["cohorts are left out: ", error.message()]);
                return Ok((None, None));
            }
            cohorts => cohorts?,
        };
        let Some((cac, all_time)) = self.cac.as_ref().zip(all_time) else { return Ok((Some(cohorts), None)) };
        let earned = logs.earned(summary, period, &self.margin)?;
        Ok((Some(cohorts), Some(Payback::new(summary, &earned, &all_time.earned, cac)?)))
    }

    fn groups(&self, values: Option<&[f64]>) -> Result<Option<Groups>> {
        let DescribeOptions { by, control, .. } = self.options;
        let Some(by) = by else { return Ok(None) };
        let groups = Grouping::by(by, self.summary)?;
        Groups::new(by, self.summary, &groups, values, control.as_deref()).map(Some)
    }

    /// What the model expects, if there is one.
    fn expected(
        &self,
        all_time: Option<&LifetimeValues>,
        knows_costs: bool,
        cautions: &mut Vec<Message>,
    ) -> Result<Option<Expected>> {
        let Some(predictor) = self.predictor else { return Ok(None) };
        if predictor.spend.is_none() {
            cautions.push(say![
                "the model has no spend model, and so future value is left out; add one with a second ",
                opt("model")
            ]);
            return Ok(None);
        }
        let DescribeOptions { horizons, discount, .. } = self.options;
        let realised = all_time.filter(|_| knows_costs);
        let valuation = valuation(&self.margin, self.cac.as_ref(), *discount, realised)?;
        Expected::new(predictor, self.summary, horizons, &valuation, all_time)
    }
}

/// From the first day of any customer to the end of the observation, where first purchases and totals are known.
fn observed(summary: &Summary) -> Option<Span> {
    summary.totals()?;
    let from = summary.purchases.as_ref()?.first_purchase.iter().copied().min()?;
    Some(Span { from, to: summary.observation.end })
}

fn concentration(summary: &Summary, span: Span, revenue: &[f64]) -> Concentration {
    let first = summary.purchases.as_ref().map_or(&[][..], |columns| &columns.first_purchase);
    let of_customers = revenue.iter().zip(first).filter(|(_, first)| **first <= span.to);
    Concentration::new(&of_customers.map(|(revenue, _)| *revenue).collect::<Vec<f64>>())
}
