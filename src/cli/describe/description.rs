//! What `clv describe` finds in orders or a summary, with the options that say what is asked.

use jiff::ToSpan;

use super::args::{Asked, DescribeArgs};
use super::order_costs::{InSpan, Logs};
use crate::answers::{CAC, MARGIN, grouping};
use crate::cli::text::console::Console;
use crate::describe::{
    Cohorts, Concentration, Costs, Description, Equity, Groups, LifetimeValues, Payback, Potential, Rfm, Span,
};
use crate::error::{Error, Kind, Result};
use crate::message::say;
use crate::predict::{PerCustomer, Predictor, Valuation};
use crate::summary::{CohortPeriod, Day, Grain, PurchaseLog, Summary};

/// Everything that was found.
pub(super) struct Found {
    pub(super) description: Description,
    /// Each customer's expected value over the last horizon, and its name.
    pub(super) future: Option<(String, Vec<f64>)>,
    /// Cost of goods, cost of serving, in all.
    pub(super) costs: [Option<f64>; 2],
}

/// What is asked of a summary, with each customer's numbers.
struct Question<'a> {
    args: &'a DescribeArgs,
    asked: &'a Asked,
    summary: &'a Summary,
    margin: PerCustomer,
    cac: Option<PerCustomer>,
}

/// What customers have been worth.
struct Worth {
    span: Span,
    concentration: Concentration,
    values: LifetimeValues,
    /// What customers have been worth in the whole observation, if that is not the span.
    all_time: Option<LifetimeValues>,
    costs: [Option<f64>; 2],
}

/// What is expected of them.
struct Future {
    equity: Vec<Equity>,
    potential: Option<Potential>,
    label: String,
    clv: Vec<f64>,
}

impl Found {
    pub(super) fn new(
        args: &DescribeArgs,
        asked: &Asked,
        summary: &Summary,
        log: Option<PurchaseLog>,
        console: &mut Console,
    ) -> Result<Self> {
        let rfm = Rfm::new(summary, &asked.scoring)?;
        let decimal_comma = args.orders.decimal_comma();
        let margin = args.margin.of(summary, &MARGIN, decimal_comma)?;
        let cac = args.cac.as_ref().map(|cac| cac.of(summary, &CAC, decimal_comma)).transpose()?;
        let question = Question { args, asked, summary, margin, cac };
        let mut logs = log.map(|orders| Logs::new(orders, &asked.inputs, args, console)).transpose()?;
        let worth = question.worth(logs.as_mut())?;
        let all_time = worth.as_ref().map(|worth| worth.all_time.as_ref().unwrap_or(&worth.values));
        let regularity = logs.as_mut().map(|logs| logs.regularity(summary)).transpose()?.flatten();
        let (cohorts, payback) = match &mut logs {
            Some(logs) => question.cohorts(logs, all_time, console)?,
            None => (None, None),
        };
        let groups = question.groups(worth.as_ref().map(|worth| &*worth.values.value))?;
        let predict = |predictor: &Predictor| question.future(predictor, all_time, console);
        let future = asked.predictor.as_ref().map(predict).transpose()?.flatten();
        let (equity, potential, future) = match future {
            Some(Future { equity, potential, label, clv }) => (equity, potential, Some((label, clv))),
            None => (Vec::new(), None, None),
        };
        let costs = worth.as_ref().map_or([None; 2], |worth| worth.costs);
        let span = worth.as_ref().map(|worth| worth.span);
        let (values, concentration) = worth.map(|worth| (worth.values, worth.concentration)).unzip();
        let rfm_cells = rfm.cells(summary);
        let description = Description {
            rfm,
            rfm_cells,
            span,
            values,
            concentration,
            regularity,
            cohorts,
            groups,
            payback,
            potential,
            equity,
        };
        Ok(Self { description, future, costs })
    }
}

impl Question<'_> {
    /// What customers have been worth in the span asked for, where the summary says when they came and what they spent.
    fn worth(&self, logs: Option<&mut Logs>) -> Result<Option<Worth>> {
        let summary = self.summary;
        let Some(whole) = whole(summary) else { return Ok(None) };
        let span = self.asked.span(summary, whole)?;
        let spans = if span == whole { vec![span] } else { vec![span, whole] };
        let in_spans = match logs {
            Some(logs) => logs.spans(summary, &spans)?,
            None => vec![InSpan::of_totals(summary)],
        };
        let value = |span, InSpan { revenue, goods, serving }: InSpan| {
            let costs = Costs { margin: self.margin.clone(), goods, serving, acquisition: self.cac.clone() };
            LifetimeValues::new(summary, span, revenue, &costs, self.asked.period)
        };
        let mut in_spans = in_spans.into_iter();
        let Some(in_span) = in_spans.next() else { return Ok(None) };
        Ok(Some(Worth {
            span,
            costs: [&in_span.goods, &in_span.serving].map(|costs| costs.as_ref().map(|costs| costs.iter().sum())),
            concentration: concentration(summary, span, &in_span.revenue),
            values: value(span, in_span)?,
            all_time: in_spans.next().map(|all| value(whole, all)).transpose()?,
        }))
    }

    /// Cohorts, and the payback of what their customers cost.
    fn cohorts(
        &self,
        logs: &mut Logs,
        all_time: Option<&LifetimeValues>,
        console: &mut Console,
    ) -> Result<(Option<Cohorts>, Option<Payback>)> {
        let summary = self.summary;
        let period = self.asked.cohort_period(summary.observation.grain)?;
        let cohorts = match logs.cohorts(summary, period) {
            // Of a history too long for months the rest can be told.
            Err(error) if error.kind() == Kind::Usage && self.asked.cohorts.is_none() => {
                console.warn(say!["cohorts are left out: ", error.message()]);
                return Ok((None, None));
            }
            cohorts => cohorts?,
        };
        let Some((cac, all_time)) = self.cac.as_ref().zip(all_time) else { return Ok((Some(cohorts), None)) };
        let earned = logs.earned(summary, period, &self.margin)?;
        Ok((Some(cohorts), Some(Payback::new(summary, &earned, &all_time.earned, cac)?)))
    }

    fn groups(&self, values: Option<&[f64]>) -> Result<Option<Groups>> {
        let Some(by) = &self.args.by else { return Ok(None) };
        let groups = grouping(by, self.summary)?;
        Groups::new(by, self.summary, &groups, values, self.args.control.as_deref()).map(Some)
    }

    /// What a model expects, beside what customers have been worth.
    fn future(
        &self,
        predictor: &Predictor,
        all_time: Option<&LifetimeValues>,
        console: &mut Console,
    ) -> Result<Option<Future>> {
        let Some(spend) = predictor.spend else {
            console
                .warn("the model has no spend model, and so future value is left out; add one with a second --model");
            return Ok(None);
        };
        let with_costs = self.args.cogs.is_some() || self.args.serving.is_some();
        let margin = if with_costs { realised(all_time)? } else { self.margin.clone() };
        let valuation = Valuation { margin, discount: self.asked.discount, cac: self.cac.clone() };
        let horizons = &self.asked.horizons;
        let forecast = predictor.forecast(self.summary, horizons, &valuation)?;
        let new = Summary::of_new_customers(1, spend.population_mean()?, self.summary.observation);
        let new = predictor.forecast(&new, horizons, &of_one(&valuation))?;
        let acquired_last_year = acquired_last_year(self.summary);
        let equity = forecast.horizons.iter().zip(&new.horizons).map(|(all, one)| Equity {
            horizon: all.horizon.to_string(),
            of_customers: all.clv.iter().flatten().sum(),
            of_a_new_customer: one.lifetime_value.as_ref().or(one.clv.as_ref()).map_or(0.0, |value| value[0]),
            acquired_last_year,
        });
        let equity = equity.collect();
        let last = forecast.horizons.into_iter().next_back();
        let Some((label, clv)) = last.and_then(|last| Some((last.horizon.label(), last.clv?))) else { return Ok(None) };
        let potential = all_time.map(|values| Potential::new(&values.earned, &clv));
        Ok(Some(Future { equity, potential, label, clv }))
    }
}

/// Customers whose first purchase was in the last year of the observation.
fn acquired_last_year(summary: &Summary) -> u64 {
    let year_ago = Day::from(summary.observation.end.date().saturating_sub(1.year()));
    let first = summary.purchases.iter().flat_map(|columns| &columns.first_purchase);
    first.filter(|first| **first > year_ago).count() as u64
}

/// The margin realised so far, for the future.
fn realised(values: Option<&LifetimeValues>) -> Result<PerCustomer> {
    let realised =
        values.and_then(LifetimeValues::realised_margin).filter(|margin| *margin > 0.0 && margin.is_finite());
    realised.map(PerCustomer::All).ok_or_else(|| {
        Error::data(
            "the costs leave no margin on the orders so far, so there is none to value the future with; leave out \
             --model, or give a --margin",
        )
    })
}

/// From the first day of any customer to the end of the observation, where first purchases and totals are known.
fn whole(summary: &Summary) -> Option<Span> {
    summary.totals()?;
    let from = summary.purchases.as_ref()?.first_purchase.iter().copied().min()?;
    Some(Span { from, to: summary.observation.end })
}

fn concentration(summary: &Summary, span: Span, revenue: &[f64]) -> Concentration {
    let first = summary.purchases.as_ref().map_or(&[][..], |columns| &columns.first_purchase);
    let of_customers = revenue.iter().zip(first).filter(|(_, first)| **first <= span.to);
    Concentration::new(&of_customers.map(|(revenue, _)| *revenue).collect::<Vec<f64>>())
}

impl Asked {
    /// The days whose value is told.
    fn span(&self, summary: &Summary, whole: Span) -> Result<Span> {
        let Some((from, to)) = self.window else { return Ok(whole) };
        let grain = summary.observation.grain;
        let span = Span { from: from.unwrap_or(whole.from), to: to.unwrap_or(whole.to) };
        if span.to > whole.to || span.from > span.to || span.to < whole.from {
            return Err(Error::usage(format!(
                "--window lies outside what was observed, {} to {}; give days within",
                whole.from, whole.to
            )));
        }
        let starts = from.is_none_or(|from| grain.start(from) == from);
        let ends = span.to == whole.to || grain.last_day(span.to) == span.to;
        if !(starts && ends) {
            return Err(Error::usage(format!(
                "--window cuts a {grain} in two, whose orders are one purchase; begin on {} and end on {}",
                grain.start(span.from),
                grain.last_day(span.to).min(whole.to)
            )));
        }
        Ok(span)
    }

    fn cohort_period(&self, grain: Grain) -> Result<CohortPeriod> {
        let usual = if grain == Grain::Year { CohortPeriod::Year } else { CohortPeriod::Month };
        let period = self.cohorts.unwrap_or(usual);
        if period.holds(grain) {
            return Ok(period);
        }
        Err(Error::usage(format!(
            "--cohorts {period} divides a {grain}, whose orders are one purchase; give a longer period"
        )))
    }
}

/// The valuation of one new customer: the mean margin, and the mean cost.
fn of_one(valuation: &Valuation) -> Valuation {
    let mean = |numbers: &PerCustomer| match numbers {
        PerCustomer::All(number) => PerCustomer::All(*number),
        PerCustomer::Each(numbers) => PerCustomer::All(numbers.iter().sum::<f64>() / (numbers.len() as f64).max(1.0)),
    };
    Valuation { margin: mean(&valuation.margin), discount: valuation.discount, cac: valuation.cac.as_ref().map(mean) }
}
