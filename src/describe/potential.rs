//! Today's value beside tomorrow's: the matrix of current value and future potential, and customer equity.

use super::scoring::Scoring;

/// What to do with customers of one cell. Conventions of the trade, no result of the model: what is worth doing depends
/// on what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Valuable, and likely to stay so.
    Keep,
    /// Likely to become more valuable than they have been.
    Develop,
    /// Were valuable, and little is expected of them.
    WinBack,
    /// Neither were nor will be.
    LetGo,
}

impl Treatment {
    /// The convention for a cell, by terciles from 1, the lowest, to 3.
    ///
    /// | current \ future | 1 | 2 | 3 |
    /// | --- | --- | --- | --- |
    /// | 3 | win back | keep | keep |
    /// | 2 | win back | keep | develop |
    /// | 1 | let go | develop | develop |
    pub fn of(current: u32, future: u32) -> Self {
        match (current, future) {
            (1, 1) => Self::LetGo,
            (_, 1) => Self::WinBack,
            (3, _) | (2, 2) => Self::Keep,
            _ => Self::Develop,
        }
    }

    /// The treatment in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Develop => "develop",
            Self::WinBack => "win back",
            Self::LetGo => "let go",
        }
    }
}

/// Groups of current and of future value: terciles.
pub const TERCILES: u32 = 3;

/// The customers of one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PotentialCell {
    /// Tercile of the value so far, 3 the highest.
    pub current: u32,
    /// Tercile of the value to come.
    pub future: u32,
    /// Customers.
    pub customers: u64,
    /// Sum of their values so far.
    pub current_value: f64,
    /// Sum of their values to come.
    pub future_value: f64,
    /// What convention suggests.
    pub treatment: Treatment,
}

/// Current value by future potential.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Potential {
    /// Tercile of each customer's value so far. Equal values are never divided, so that terciles may be of different
    /// size.
    pub current: Vec<u32>,
    /// Tercile of each customer's value to come.
    pub future: Vec<u32>,
    /// All nine cells, the highest current value first, the lowest future value first.
    pub cells: Vec<PotentialCell>,
}

impl Potential {
    /// From each customer's value so far and to come.
    pub fn new(current_value: &[f64], future_value: &[f64]) -> Self {
        let terciles = Scoring::Quantiles(TERCILES);
        let (current, future) = (terciles.scores(current_value), terciles.scores(future_value));
        let pairs = (1..=TERCILES).rev().flat_map(|current| (1..=TERCILES).map(move |future| (current, future)));
        let mut cells: Vec<PotentialCell> = pairs
            .map(|(current, future)| PotentialCell {
                current,
                future,
                customers: 0,
                current_value: 0.0,
                future_value: 0.0,
                treatment: Treatment::of(current, future),
            })
            .collect();
        for (row, (now, then)) in current.iter().zip(&future).enumerate() {
            let cell = &mut cells[((TERCILES - now) * TERCILES + then - 1) as usize];
            cell.customers += 1;
            cell.current_value += current_value[row];
            cell.future_value += future_value[row];
        }
        Self { current, future, cells }
    }
}

/// What the customers are worth together, over one horizon.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Equity {
    /// The horizon, as it was asked for.
    pub horizon: String,
    /// Static customer equity: the sum of the expected values of today's customers.
    pub of_customers: f64,
    /// Expected lifetime value of a customer acquired today over the horizon, with the first purchase and less the cost
    /// of acquisition; of a model with covariates the mean over customers like those of the last year.
    pub of_a_new_customer: f64,
    /// Customers acquired in the last year of the observation.
    pub acquired_last_year: u64,
}

impl Equity {
    /// What as many new customers as came in the last year are worth, each from the day of acquisition on.
    pub fn of_new_customers(&self) -> f64 {
        self.acquired_last_year as f64 * self.of_a_new_customer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_those_counted_by_hand() {
        let current = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let future = [6.0, 5.0, 1.0, 1.5, 3.0, 2.0];
        let potential = Potential::new(&current, &future);
        assert_eq!(potential.current, [1, 1, 2, 2, 3, 3]);
        assert_eq!(potential.future, [3, 3, 1, 1, 2, 2]);
        let filled: Vec<(&str, u64, f64, f64)> = potential
            .cells
            .iter()
            .filter(|cell| cell.customers > 0)
            .map(|cell| (cell.treatment.name(), cell.customers, cell.current_value, cell.future_value))
            .collect();
        assert_eq!(filled, [("keep", 2, 11.0, 5.0), ("win back", 2, 7.0, 2.5), ("develop", 2, 3.0, 11.0)]);
        let same = Potential::new(&[1.0; 5], &[2.0; 5]);
        assert_eq!(same.cells.iter().map(|cell| cell.customers).collect::<Vec<_>>(), [0, 0, 0, 0, 5, 0, 0, 0, 0]);
    }
}
