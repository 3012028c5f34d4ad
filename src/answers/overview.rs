//! What is told of all customers together: sums by horizon, and the most valuable of them.

use std::io::Write;
use std::ops::Range;

use super::{HorizonAnswers, Part, Predicted};
use crate::error::Result;
use crate::predict::{Horizon, HorizonColumns};
use crate::special::ExactTotal;
use crate::summary::{CustomerIds, Day, Summary};
use crate::tables::{OutputFormat, TablePart, TableWriter};

/// Sums over customers, and the most valuable of them.
#[derive(Debug)]
pub struct Overview {
    /// One entry a horizon.
    pub horizons: Vec<HorizonSums>,
    /// At most [`TOP`] customers, the most valuable first, equals by customer.
    pub top: Vec<TopCustomer>,
    /// Everything about the customer, if there is one alone.
    pub only: Option<Part>,
}

/// What is expected of all customers together over a horizon: exact sums, which do not depend on their order.
#[derive(Clone, Debug, PartialEq)]
pub struct HorizonSums {
    /// Which.
    pub horizon: Horizon,
    /// Its last day.
    pub end: Day,
    /// From the end of the observation to that of the horizon, in the model's time unit.
    pub length: f64,
    purchases: ExactTotal,
    clv: Option<ExactTotal>,
    /// Purchases and margin calibrated, where that is asked and was learned.
    calibrated: Option<(ExactTotal, Option<ExactTotal>)>,
}

/// One of the most valuable customers, with the expectations over the last horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct TopCustomer {
    /// Row of the summary.
    pub row: usize,
    /// Chance to be alive.
    pub p_alive: f64,
    /// Expected spend of a purchase.
    pub expected_spend: Option<f64>,
    /// Expected purchases.
    pub purchases: f64,
    /// Expected discounted margin.
    pub clv: Option<f64>,
    worth: f64,
}

/// Customers that are told one by one.
pub const TOP: usize = 10;

impl HorizonSums {
    /// Of the customers of a summary in these columns, of whom each stands in one of its `rows`.
    pub fn of(columns: &HorizonColumns, summary: &Summary, rows: &[usize]) -> Self {
        let sum = |numbers: &Vec<f64>| {
            let mut total = ExactTotal::default();
            numbers.iter().zip(rows).for_each(|(number, row)| total.add_times(*number, summary.weight(*row)));
            total
        };
        Self {
            horizon: columns.horizon.clone(),
            end: columns.end,
            length: columns.length,
            purchases: sum(&columns.purchases),
            clv: columns.clv.as_ref().map(sum),
            calibrated: None,
        }
    }

    /// With the sums of these answers.
    fn with(mut self, answers: &HorizonAnswers) -> Self {
        // Calibration takes orders, and so every row is one customer.
        let sum = |cells: &Vec<f64>| cells.iter().copied().collect::<ExactTotal>();
        let calibrated = answers.calibrated.as_ref();
        self.calibrated = calibrated.map(|(purchases, value)| (sum(purchases), value.as_ref().map(sum)));
        self
    }

    /// With those of other customers.
    pub fn add(&mut self, other: &Self) {
        self.purchases.join(&other.purchases);
        let join = |own: &mut Option<ExactTotal>, other: &Option<ExactTotal>| {
            if let (Some(own), Some(other)) = (own, other) {
                own.join(other);
            }
        };
        join(&mut self.clv, &other.clv);
        if let (Some(own), Some(other)) = (&mut self.calibrated, &other.calibrated) {
            own.0.join(&other.0);
            join(&mut own.1, &other.1);
        }
    }

    /// Expected purchases; over the infinite future, discounted.
    pub fn purchases(&self) -> f64 {
        self.purchases.value()
    }

    /// Expected discounted margin; present if there is a spend model.
    pub fn clv(&self) -> Option<f64> {
        self.clv.as_ref().map(ExactTotal::value)
    }

    /// Purchases, calibrated, where that is asked and was learned.
    pub fn purchases_calibrated(&self) -> Option<f64> {
        self.calibrated.as_ref().map(|(purchases, _)| purchases.value())
    }

    /// Discounted margin, calibrated, likewise.
    pub fn clv_calibrated(&self) -> Option<f64> {
        self.calibrated.as_ref()?.1.as_ref().map(ExactTotal::value)
    }
}

/// Places of the `most` customers that are worth most, equals by customer; `worth` is that of the customers in `rows`.
pub fn most_valuable(customers: &CustomerIds, rows: &[usize], worth: &[f64], most: usize) -> Vec<usize> {
    let better =
        |a: &usize, b: &usize| worth[*b].total_cmp(&worth[*a]).then_with(|| customers.compare(rows[*a], rows[*b]));
    let mut places: Vec<usize> = (0..rows.len()).collect();
    if places.len() > most {
        places.select_nth_unstable_by(most, better);
        places.truncate(most);
    }
    places.sort_unstable_by(better);
    places
}

impl Overview {
    /// Writes every customer, and gathers what there is to tell of all of them.
    ///
    /// # Errors
    /// Those of [`Predicted::part`], and of writing.
    pub fn write<W: Write + Send>(question: &Predicted<'_>, rows: &mut TableWriter<W>) -> Result<Self> {
        let order = question.order()?;
        let format = rows.format;
        let mut overview = Self { horizons: Vec::new(), top: Vec::new(), only: None };
        let part = |range: Range<usize>| Self::encoded(question, &order[range], format);
        rows.parts(order.len(), part, |others| overview.add(others))?;
        Ok(overview)
    }

    fn encoded(question: &Predicted<'_>, rows: &[usize], format: OutputFormat) -> Result<(TablePart, Self)> {
        let part = question.part(rows)?;
        let table = part.table(question).encode(format, 0..rows.len())?;
        Ok((table, Self::of(question, rows, part)))
    }

    /// Gathers what there is to tell of all customers, without a table of them.
    ///
    /// # Errors
    /// Those of [`Predicted::part`].
    pub fn without_table(question: &Predicted<'_>) -> Result<Self> {
        let rows: Vec<usize> = (0..question.summary.len()).collect();
        Ok(Self::of(question, &rows, question.part(&rows)?))
    }

    /// Of the customers in these rows.
    fn of(question: &Predicted<'_>, rows: &[usize], part: Part) -> Self {
        let forecast = &part.forecast;
        let last = &forecast.horizons[forecast.horizons.len() - 1];
        let worth = forecast.worth();
        let customer = |i: usize| TopCustomer {
            row: rows[i],
            worth: worth[i],
            p_alive: forecast.p_alive[i],
            expected_spend: forecast.expected_spend.as_ref().map(|spend| spend[i]),
            purchases: last.purchases[i],
            clv: last.clv.as_ref().map(|clv| clv[i]),
        };
        let best = most_valuable(&question.summary.customers, rows, worth, TOP);
        Self {
            horizons: forecast
                .horizons
                .iter()
                .zip(&part.answers)
                .map(|(columns, answers)| HorizonSums::of(columns, question.summary, rows).with(answers))
                .collect(),
            top: best.into_iter().map(customer).collect(),
            only: (question.summary.len() == 1).then_some(part),
        }
    }

    /// Adds other customers, who follow in the order of writing.
    fn add(&mut self, other: Self) {
        if self.horizons.is_empty() {
            *self = other;
            return;
        }
        self.horizons.iter_mut().zip(&other.horizons).for_each(|(sums, others)| sums.add(others));
        self.top.extend(other.top);
        // Stable, and so equals stay in the order of the customers.
        self.top.sort_by(|a, b| b.worth.total_cmp(&a.worth));
        self.top.truncate(TOP);
    }
}
