//! The number that is as often too high as too low: the best forecast by absolute error, as the mean is by squared error.

use super::{Customers, Horizon, Individuals, PerCustomer, ValueQuestions};
use crate::error::Result;

/// The interval that holds nothing: both of its ends are the median.
const NOTHING: f64 = 0.0;

impl<I: Individuals> Customers<'_, I> {
    /// The median of each one's number of purchases over the horizon, the smallest `n` with `P(≤ n) ≥ 1/2`; where the customers are also
    /// `drawn` with other parameters, of the mean of the distributions of these. Among all numbers `c` it makes `E|N - c|` least: Gneiting
    /// (2011), Making and Evaluating Point Forecasts, JASA 106(494), 746-762.
    ///
    /// # Errors
    /// Those of [`Customers::count_distributions`].
    pub fn count_medians(&self, horizon: &Horizon, drawn: &[Self]) -> Result<Vec<f64>> {
        Ok(self.count_intervals(horizon, drawn, &[NOTHING])?.pop().unwrap_or_default().0)
    }

    /// The median of each one's value over the horizon, likewise: 0 where no purchase is as likely as one.
    ///
    /// # Errors
    /// Those of [`Customers::values`].
    pub fn value_medians(&self, horizon: &Horizon, margin: &PerCustomer, drawn: &[Self]) -> Result<Vec<f64>> {
        let questions = ValueQuestions { intervals: vec![NOTHING], over: Vec::new() };
        Ok(self.values(horizon, margin, drawn, &questions)?.intervals.pop().unwrap_or_default().0)
    }
}
