//! What customers have been worth: revenue of a span of days, less what it cost.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::predict::PerCustomer;
use crate::summary::{CohortPeriod, Day, Grain, Summary, TimeUnit};

/// Differences of amounts that are smaller than this, in parts of the amounts, come from rounding.
pub(super) const ROUNDING: f64 = 1e-9;

/// What revenue costs.
#[derive(Clone, Debug)]
pub struct Costs {
    /// Share of the revenue that is earned before the costs below.
    pub margin: PerCustomer,
    /// Cost of goods, by customer.
    pub goods: Option<Vec<f64>>,
    /// Cost of serving, by customer.
    pub serving: Option<Vec<f64>>,
    /// Cost of acquisition, of customers whose first purchase lies in the span.
    pub acquisition: Option<PerCustomer>,
}

impl Default for Costs {
    /// None at all.
    fn default() -> Self {
        Self { margin: PerCustomer::All(1.0), goods: None, serving: None, acquisition: None }
    }
}

/// Days from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
}

impl Span {
    /// Whether it has this day.
    pub fn holds(&self, day: Day) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// The span as the day before it and its last day.
    pub fn after_until(&self) -> (Day, Day) {
        (Day(self.from.0 - 1), self.to)
    }
}

/// The period in which profit is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum ProfitPeriod {
    /// Weeks, Monday to Sunday.
    Week,
    /// Calendar months.
    #[default]
    Month,
    /// Calendar quarters.
    Quarter,
    /// Calendar years.
    Year,
}

impl ProfitPeriod {
    /// The period's name.
    pub fn name(self) -> &'static str {
        self.calendar().map_or("week", CohortPeriod::name)
    }

    /// The period of the calendar, which a week is not.
    fn calendar(self) -> Option<CohortPeriod> {
        match self {
            Self::Week => None,
            Self::Month => Some(CohortPeriod::Month),
            Self::Quarter => Some(CohortPeriod::Quarter),
            Self::Year => Some(CohortPeriod::Year),
        }
    }

    /// Number of periods from that of `first` to that of `last`, both included.
    fn count(self, first: Day, last: Day) -> f64 {
        let weeks = || TimeUnit::Week.between_periods(Grain::Week, Grain::Week.start(first), Grain::Week.start(last));
        let periods = |period: CohortPeriod| f64::from(period.number(last) - period.number(first));
        1.0 + self.calendar().map_or_else(weeks, periods)
    }
}

/// Every customer's value over a span, in the order of the summary.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LifetimeValues {
    /// Net amount of purchases and returns in the span.
    pub revenue: Vec<f64>,
    /// `margin × revenue − goods − serving − acquisition`.
    pub value: Vec<f64>,
    /// Value per period of the span in which the customer was one, that of the first purchase included; none if the
    /// first purchase is after the span.
    pub per_period: Vec<Option<f64>>,
    /// Value before the cost of acquisition.
    pub earned: Vec<f64>,
    /// What acquisition cost, in all.
    pub acquisition: f64,
}

impl LifetimeValues {
    /// From the revenue of each customer in the span.
    ///
    /// # Errors
    /// [`Error::usage`] if the summary has no days of first purchases.
    pub fn new(summary: &Summary, span: Span, revenue: Vec<f64>, costs: &Costs, period: ProfitPeriod) -> Result<Self> {
        let first = first_purchases(summary)?;
        let of = |column: &Option<Vec<f64>>, row: usize| column.as_ref().map_or(0.0, |column| column[row]);
        let earned = |row: usize| costs.margin.of(row) * revenue[row] - of(&costs.goods, row) - of(&costs.serving, row);
        let acquisition = |row: usize| match &costs.acquisition {
            Some(cost) if span.holds(first[row]) => cost.of(row),
            _ => 0.0,
        };
        let rows = || 0..summary.len();
        let earned: Vec<f64> = rows().map(earned).collect();
        let value: Vec<f64> = rows().map(|row| earned[row] - acquisition(row)).collect();
        let per_period = rows().map(|row| {
            let periods = (first[row] <= span.to).then(|| period.count(first[row].max(span.from), span.to));
            periods.map(|periods| value[row] / periods)
        });
        Ok(Self {
            per_period: per_period.collect(),
            earned,
            acquisition: rows().map(acquisition).sum(),
            revenue,
            value,
        })
    }

    /// Sum over customers.
    pub fn total(&self) -> f64 {
        self.value.iter().sum()
    }

    /// Share of the revenue that was earned before the cost of acquisition; none without revenue.
    pub fn realised_margin(&self) -> Option<f64> {
        let revenue: f64 = self.revenue.iter().sum();
        (revenue > 0.0).then(|| self.earned.iter().sum::<f64>() / revenue)
    }

    /// The rows of customers who cost more than they brought, the worst first.
    pub fn negative(&self) -> Vec<usize> {
        let costs = |row: usize| self.revenue[row] - self.value[row];
        let loses = |&row: &usize| self.value[row] < -ROUNDING * (self.revenue[row].abs() + costs(row).abs());
        let mut rows: Vec<usize> = (0..self.value.len()).filter(loses).collect();
        rows.sort_by(|&a, &b| self.value[a].total_cmp(&self.value[b]));
        rows
    }
}

/// Days of first purchases.
pub(super) fn first_purchases(summary: &Summary) -> Result<&[Day]> {
    let columns = summary.purchases.as_ref().map(|columns| &*columns.first_purchase);
    columns.ok_or_else(|| Error::usage("this summary does not say when customers came; give the orders"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Observation, PurchaseColumns};

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn summary(first: &[&str]) -> Summary {
        let observation = Observation { unit: TimeUnit::Day, grain: Grain::Day, end: day("2020-12-31") };
        let purchases = PurchaseColumns {
            first_purchase: first.iter().map(|first| day(first)).collect(),
            ..Summary::of_new_customers(first.len(), 0.0, observation).purchases.unwrap()
        };
        Summary { purchases: Some(purchases), ..Summary::of_new_customers(first.len(), 0.0, observation) }
    }

    #[test]
    fn costs_come_off_and_acquisition_belongs_to_the_span() {
        let summary = summary(&["2020-01-31", "2020-05-04", "2020-08-01"]);
        let span = Span { from: day("2020-03-15"), to: day("2020-06-30") };
        let costs = Costs {
            margin: PerCustomer::All(0.5),
            goods: None,
            serving: Some(vec![1.0, 2.0, 0.0]),
            acquisition: Some(PerCustomer::All(10.0)),
        };
        let revenue = vec![100.0, 20.0, 0.0];
        let months = ProfitPeriod::Month;
        let values = LifetimeValues::new(&summary, span, revenue.clone(), &costs, months).unwrap();
        assert_eq!(values.value, [49.0, -2.0, 0.0]);
        // March to June; May and June; not a customer yet.
        assert_eq!(values.per_period, [Some(49.0 / 4.0), Some(-1.0), None]);
        assert_eq!((values.total(), &*values.earned, values.acquisition), (47.0, &[49.0, 8.0, 0.0][..], 10.0));
        assert_eq!((values.negative(), values.realised_margin()), (vec![1], Some(57.0 / 120.0)));
        // 0.3 - 0.1 - 0.2 is a little below zero in binary.
        let cents = Costs { goods: Some(vec![0.1; 3]), serving: Some(vec![0.2; 3]), ..Costs::default() };
        let even = LifetimeValues::new(&summary, span, vec![0.3; 3], &cents, months).unwrap();
        assert!(even.value[0] < 0.0 && even.negative().is_empty());
        let weeks = LifetimeValues::new(&summary, span, revenue, &costs, ProfitPeriod::Week).unwrap();
        // Monday 4 May is in the first of nine weeks, the last of which begins on 29 June.
        assert_eq!(weeks.per_period[1], Some(-2.0 / 9.0));
    }
}
