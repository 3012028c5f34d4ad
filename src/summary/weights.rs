//! Rows that stand for several customers.

use super::{Counted, CountedHistories, CountedSpend, Summary};
use crate::error::{Error, Result};
use crate::special::ExactTotal;

/// How many customers each row of a summary stands for: frequency weights, as `weights` of lifetimes are. A row with weight 2 is a
/// customer twice; weights need not be whole. Rows with weight 0 stand for nobody and are not there.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    pub(super) of: Vec<f64>,
    /// Rows that stood for nobody, and were left out.
    pub left_out: u64,
}

impl Weights {
    /// Of these numbers of customers, row by row, without those that are zero; the rows that are left.
    ///
    /// # Errors
    /// [`Error::data`] with the row, counted from 1, if one is negative, infinite or not a number, or if none is above zero.
    pub fn new(customers: &[f64]) -> Result<(Self, Vec<usize>)> {
        if let Some(row) = customers.iter().position(|weight| !is_weight(*weight)) {
            let what = format!("row {}: the weight is {}; {WEIGHTS_ARE}", row + 1, customers[row]);
            return Err(Error::data(what));
        }
        let rows: Vec<usize> = (0..customers.len()).filter(|&row| customers[row] > 0.0).collect();
        if rows.is_empty() {
            return Err(Error::data("all weights are zero, so that there is no customer"));
        }
        let of = rows.iter().map(|&row| customers[row]).collect();
        Ok((Self { left_out: (customers.len() - rows.len()) as u64, ..Self::of_rows(of) }, rows))
    }

    /// Of rows that stand for these numbers of customers, all above zero.
    pub(crate) fn of_rows(customers: Vec<f64>) -> Self {
        Self { of: customers, left_out: 0 }
    }

    /// The numbers of customers, all above zero.
    pub fn customers(&self) -> &[f64] {
        &self.of
    }

    /// Whether every row stands for a whole number of customers.
    pub fn are_whole(&self) -> bool {
        self.of.iter().all(|weight| weight.fract() == 0.0)
    }

    /// Of the rows with these numbers.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        Self { of: rows.iter().map(|&row| self.of[row]).collect(), left_out: 0 }
    }
}

/// What a weight is, for messages.
pub(crate) const WEIGHTS_ARE: &str = "weights say how many customers a row stands for, and are numbers from 0 on";

/// Whether it is one.
pub(crate) fn is_weight(weight: f64) -> bool {
    weight.is_finite() && weight >= 0.0
}

impl Summary {
    /// With rows that stand for so many customers each; those that stand for nobody are left out.
    ///
    /// What is counted of purchases ([`Summary::statistics`]) is of rows that stand for one customer each, and lost if they do not.
    ///
    /// ```
    /// use clv::summary::{Grain, History, Observation, Summary, TimeUnit};
    ///
    /// let observation = Observation::new(TimeUnit::Week, Grain::Day, "2024-12-31".parse()?);
    /// let histories = [(0, 0.0), (1, 9.0), (2, 30.0)].map(|(x, t_x)| (History::new(x, t_x, 38.0), 0.0));
    /// let summary = Summary::from_histories(histories, observation).weighted(&[120.0, 0.0, 7.0])?;
    /// assert_eq!((summary.len(), summary.size()), (2, 127.0));
    /// # Ok::<(), clv::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Weights::new`]; [`Error::usage`] if there are more or fewer than rows, or rows have weights already.
    pub fn weighted(&self, customers: &[f64]) -> Result<Self> {
        if customers.len() != self.len() {
            return Err(Error::usage(format!("{} weights of {} rows; give one a row", customers.len(), self.len())));
        }
        self.check_unweighted("a second weight of a row")?;
        let (weights, rows) = Weights::new(customers)?;
        let selected = if rows.len() == self.len() { self.clone() } else { self.select(&rows) };
        let statistics = selected.statistics.clone().filter(|_| weights.of.iter().all(|weight| *weight == 1.0));
        Ok(Self { statistics, weights: Some(weights), ..selected })
    }

    /// How many customers a row stands for.
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights.of[row])
    }

    /// Number of customers: of rows, or what these stand for together.
    pub fn size(&self) -> f64 {
        match self.weights {
            None => self.len() as f64,
            Some(_) => self.sum_over_customers(|_| 1.0),
        }
    }

    /// [`Summary::size`] as a whole number, for people.
    pub fn customer_count(&self) -> u64 {
        self.size().round() as u64
    }

    /// The sum of a number of every customer, by row: exact, and rounded once.
    pub fn sum_over_customers(&self, number: impl Fn(usize) -> f64) -> f64 {
        let mut total = ExactTotal::default();
        (0..self.len()).for_each(|row| total.add_times(number(row), self.weight(row)));
        total.value()
    }

    /// Refuses rows that stand for several customers where each is one.
    ///
    /// # Errors
    /// [`Error::usage`] that says what takes no weights.
    pub fn check_unweighted(&self, what: &str) -> Result<()> {
        match self.weights {
            None => Ok(()),
            Some(_) => Err(Error::usage(format!(
                "{what} takes one row per customer, and these rows have weights: each stands for several"
            ))),
        }
    }

    /// Distinct histories of the customers in these rows, with counts.
    pub fn histories_of(&self, rows: &[usize]) -> CountedHistories {
        match &self.weights {
            None => CountedHistories::new(rows.iter().map(|&row| self.history(row))),
            Some(weights) => CountedHistories::weighted(rows.iter().map(|&row| (self.history(row), weights.of[row]))),
        }
    }

    /// Distinct `(frequency, monetary_value)` of the customers in these rows, with counts.
    pub fn spend_of(&self, rows: &[usize]) -> CountedSpend {
        let pair = |row: usize| (self.frequency[row], self.monetary_value[row]);
        match &self.weights {
            None => CountedSpend::new(rows.iter().map(|&row| pair(row))),
            Some(weights) => CountedSpend::weighted(rows.iter().map(|&row| {
                let (x, mean) = pair(row);
                (x, mean, weights.of[row])
            })),
        }
    }

    /// Number of customers with repeat purchases whom a spend model leaves out.
    pub(crate) fn repeat_customers_without(&self, spend: &CountedSpend) -> f64 {
        self.sum_over_customers(|row| if self.frequency[row] > 0 { 1.0 } else { 0.0 }) - spend.customers()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Day, Grain, History, Observation, TimeUnit};

    fn summary() -> Summary {
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(0) };
        let rows = [(0, 0.0, 0.0), (2, 9.0, 25.5), (1, 3.0, 12.0), (2, 9.0, 20.0)];
        Summary::from_histories(rows.map(|(x, t_x, m)| (History::new(x, t_x, 30.0), m)), observation)
    }

    #[test]
    fn a_weight_of_two_is_a_customer_twice() {
        let weighted = summary().weighted(&[3.0, 2.0, 0.0, 1.0]).unwrap();
        let repeated = summary().select(&[0, 0, 0, 1, 1, 3]);
        assert_eq!((weighted.len(), weighted.size(), weighted.weights.as_ref().unwrap().left_out), (3, 6.0, 1));
        assert_eq!(weighted.counted_histories().rows(), repeated.counted_histories().rows());
        assert_eq!(weighted.counted_spend().rows(), repeated.counted_spend().rows());
        assert_eq!(weighted.sum_over_customers(|row| weighted.monetary_value[row]), 71.0);
        assert_eq!(weighted.select(&[1]).size(), 2.0);
    }

    #[test]
    fn what_is_no_weight_is_refused_with_its_row() {
        for (weights, why) in [
            ([1.0, -2.0, 1.0, 1.0], "row 2: the weight is -2"),
            ([1.0, 1.0, f64::NAN, 1.0], "row 3: the weight is NaN"),
            ([f64::INFINITY, 1.0, 1.0, 1.0], "row 1: the weight is inf"),
            ([0.0; 4], "all weights are zero"),
        ] {
            let refused = summary().weighted(&weights).unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
        assert!(summary().weighted(&[1.0]).unwrap_err().to_string().contains("1 weights of 4 rows"));
        let twice = summary().weighted(&[1.0; 4]).unwrap().weighted(&[1.0; 4]).unwrap_err().to_string();
        assert!(twice.contains("second weight"), "{twice}");
    }
}
