//! Intervals of the number of purchases, which hold at least what they promise, since numbers are whole.

use super::{Customers, Horizon, Individuals};
use crate::error::Result;

/// Numbers at which the mean of several distributions is looked at in one go.
const AT_ONCE: f64 = 64.0;

/// Customers whose distributions are looked at together.
const CUSTOMERS: usize = 8192;

impl<I: Individuals> Customers<'_, I> {
    /// Lower and upper ends of central intervals of each one's number of purchases over the horizon, for each of these shares: the
    /// smallest `n` with `P(≤ n) ≥ (1 ∓ share)/2`. Where the customers are also `drawn` with other parameters, of the mean of the
    /// distributions of these.
    ///
    /// # Errors
    /// Those of [`Customers::count_distributions`].
    pub fn count_intervals(
        &self,
        horizon: &Horizon,
        drawn: &[Self],
        shares: &[f64],
    ) -> Result<Vec<(Vec<f64>, Vec<f64>)>> {
        if shares.is_empty() {
            return Ok(Vec::new());
        }
        let ends: Vec<f64> = shares.iter().flat_map(|share| [0.5 * (1.0 - share), 0.5 * (1.0 + share)]).collect();
        let rows = match drawn {
            [] => self.count_quantiles(horizon, &ends)?,
            drawn => {
                let places: Vec<usize> = (0..self.len()).collect();
                let some = |places: &[usize]| drawn.iter().map(|drawn| drawn.some(places)).collect::<Vec<Self>>();
                let quantiles = places.chunks(CUSTOMERS).map(|places| mean_quantiles(&some(places), horizon, &ends));
                quantiles.collect::<Result<Vec<_>>>()?.concat()
            }
        };
        let column = |i: usize| rows.iter().map(|row| row[i]).collect();
        Ok((0..shares.len()).map(|i| (column(2 * i), column(2 * i + 1))).collect())
    }

    /// Quantiles of every customer.
    fn count_quantiles(&self, horizon: &Horizon, probabilities: &[f64]) -> Result<Vec<Vec<f64>>> {
        self.count_distributions(horizon, |_, counts| {
            probabilities.iter().map(|probability| counts.quantile(*probability).0).collect()
        })
    }
}

/// Quantiles of the mean of the distributions that these models see for every customer. They lie between the least and the greatest
/// of the models' own, and are narrowed down from there.
fn mean_quantiles<I: Individuals>(
    models: &[Customers<'_, I>],
    horizon: &Horizon,
    probabilities: &[f64],
) -> Result<Vec<Vec<f64>>> {
    let customers = models.first().map_or(0, Customers::len);
    let mut brackets = vec![vec![(f64::INFINITY, 0.0f64); probabilities.len()]; customers];
    for model in models {
        let quantiles = model.count_quantiles(horizon, probabilities)?;
        for ((low, high), n) in brackets.iter_mut().flatten().zip(quantiles.into_iter().flatten()) {
            (*low, *high) = ((*low).min(n), (*high).max(n));
        }
    }
    while brackets.iter().flatten().any(|(low, high)| low < high) {
        let mut sums: Vec<Vec<Vec<f64>>> =
            brackets.iter().map(|row| row.iter().map(|bracket| vec![0.0; points(*bracket).len()]).collect()).collect();
        for model in models {
            let at_most = model.count_distributions(horizon, |place, counts| {
                let of = |bracket: &(f64, f64)| points(*bracket).into_iter().map(|n| counts.at_most(n)).collect();
                brackets[place].iter().map(of).collect::<Vec<Vec<f64>>>()
            })?;
            let cells = at_most.into_iter().flatten().flatten();
            sums.iter_mut().flatten().flatten().zip(cells).for_each(|(sum, cell)| *sum += cell);
        }
        for (row, sums) in brackets.iter_mut().zip(sums) {
            for ((bracket, sums), probability) in row.iter_mut().zip(sums).zip(probabilities) {
                *bracket = narrowed(*bracket, &sums, probability * models.len() as f64);
            }
        }
    }
    Ok(brackets.into_iter().map(|row| row.into_iter().map(|(low, _)| low).collect()).collect())
}

/// Numbers within a bracket, its upper end left out, at which is looked next.
fn points((low, high): (f64, f64)) -> Vec<f64> {
    let step = ((high - low) / AT_ONCE).ceil().max(1.0);
    let count = ((high - low) / step).ceil() as u32;
    (0..count).map(|i| low + f64::from(i) * step).collect()
}

/// The bracket between the last number that has too little below it and the first that has enough.
fn narrowed(bracket: (f64, f64), sums: &[f64], enough: f64) -> (f64, f64) {
    let numbers = points(bracket);
    match sums.iter().position(|sum| *sum >= enough) {
        Some(0) => (numbers[0], numbers[0]),
        Some(first) => (numbers[first - 1] + 1.0, numbers[first]),
        None => (numbers.last().map_or(bracket.0, |last| last + 1.0), bracket.1),
    }
}
