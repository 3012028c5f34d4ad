//! Counted observations: equal customers collapse to one row with a count, which is all that a likelihood needs.

use std::collections::HashMap;

use crate::error::{Error, Result};

/// What a timing model needs to know of one customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct History {
    /// `x`: repeat purchases, those after the first.
    pub frequency: u32,
    /// `t_x`: age at the last purchase, in time units; 0 when `x = 0`.
    pub t_x: f64,
    /// `T`: age at the end of the observation, in time units.
    pub T: f64,
}

impl History {
    /// `x` as a real number.
    pub fn x(&self) -> f64 {
        f64::from(self.frequency)
    }

    /// Bits that are equal for equal histories and ordered like (x, t_x, T).
    pub(crate) fn key(&self) -> (u32, u64, u64) {
        (self.frequency, self.t_x.to_bits(), self.T.to_bits())
    }
}

/// A history and how many customers share it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountedRow {
    /// The shared history.
    pub history: History,
    /// Number of customers (a weight; not necessarily whole).
    pub customers: f64,
}

/// Distinct histories in a fixed order, with counts.
#[derive(Clone, Debug)]
pub struct CountedHistories {
    rows: Vec<CountedRow>,
    repeats_above: Vec<(f64, f64)>,
}

/// Fewest customers with a repeat purchase from which four parameters are estimated.
pub const FEWEST_REPEAT_CUSTOMERS: f64 = 10.0;

impl CountedHistories {
    /// Counts equal histories. The result does not depend on their order.
    pub fn new(histories: impl IntoIterator<Item = History>) -> Self {
        Self::weighted(histories.into_iter().map(|history| (history, 1.0)))
    }

    /// Adds up the weights of equal histories.
    pub fn weighted(histories: impl IntoIterator<Item = (History, f64)>) -> Self {
        let mut counts: HashMap<(u32, u64, u64), f64> = HashMap::new();
        for (history, weight) in histories {
            *counts.entry(history.key()).or_default() += weight;
        }
        let mut keys: Vec<_> = counts.into_iter().collect();
        keys.sort_unstable_by_key(|&(key, _)| key);
        let rows: Vec<CountedRow> = keys
            .into_iter()
            .map(|((frequency, t_x, T), customers)| CountedRow {
                history: History { frequency, t_x: f64::from_bits(t_x), T: f64::from_bits(T) },
                customers,
            })
            .collect();
        let repeats_above = repeats_above(&rows);
        Self { rows, repeats_above }
    }

    /// The distinct histories, ordered by (x, t_x, T).
    pub fn rows(&self) -> &[CountedRow] {
        &self.rows
    }

    /// `(i, number of customers with more than i repeat purchases)` for `i` from 0 to the largest `x` less one.
    pub fn repeats_above(&self) -> &[(f64, f64)] {
        &self.repeats_above
    }

    /// Number of customers.
    pub fn customers(&self) -> f64 {
        self.sum(|_| 1.0)
    }

    /// Number of customers with at least one repeat purchase.
    pub fn repeat_customers(&self) -> f64 {
        self.repeats_above.first().map_or(0.0, |&(_, customers)| customers)
    }

    /// Number of repeat purchases.
    pub fn repeat_purchases(&self) -> f64 {
        self.sum(History::x)
    }

    fn sum(&self, term: impl Fn(&History) -> f64) -> f64 {
        self.rows.iter().map(|row| row.customers * term(&row.history)).sum()
    }

    /// Repeat purchases per unit of observed time, over all customers.
    pub fn purchases_per_time(&self) -> f64 {
        self.repeat_purchases() / self.sum(|history| history.T)
    }

    /// Shape and rate of a gamma distribution of purchase rates by the moments of `x` (as if nobody ever left):
    /// `E[x] = r T/α` and `Var[x] = E[x] (1 + T/α)`, at the mean age. Kept within a range from which a fit recovers.
    pub fn purchase_rate_moments(&self) -> (f64, f64) {
        let customers = self.customers();
        let mean = self.repeat_purchases() / customers;
        let variance = self.sum(|history| (history.x() - mean).powi(2)) / customers;
        let age = self.sum(|history| history.T) / customers;
        let r = if variance > mean { mean * mean / (variance - mean) } else { 20.0 };
        let r = r.clamp(0.05, 20.0);
        (r, r * age / mean)
    }

    /// Refuses data in which next to nobody came back.
    ///
    /// # Errors
    /// [`Error::NoTime`] if nobody was observed for any time, [`Error::TooFew`] if fewer than ten customers have a repeat purchase.
    pub fn check_repeat_customers(&self, model: &'static str) -> Result<()> {
        if self.rows.iter().all(|row| row.history.T == 0.0) {
            return Err(Error::NoTime { model });
        }
        let found = self.repeat_customers();
        if found >= FEWEST_REPEAT_CUSTOMERS {
            return Ok(());
        }
        Err(Error::TooFew {
            model,
            what: "have a repeat purchase",
            found: found as u64,
            of: self.customers() as u64,
            needed: FEWEST_REPEAT_CUSTOMERS as u64,
        })
    }
}

fn repeats_above(rows: &[CountedRow]) -> Vec<(f64, f64)> {
    let largest = rows.iter().map(|row| row.history.frequency).max().unwrap_or(0);
    let mut customers = vec![0.0; largest as usize + 1];
    for row in rows {
        customers[row.history.frequency as usize] += row.customers;
    }
    // Customers with exactly x become customers with more than x.
    let mut above = 0.0;
    for count in customers.iter_mut().rev() {
        above += std::mem::replace(count, above);
    }
    customers.iter().take(largest as usize).enumerate().map(|(i, &above)| (i as f64, above)).collect()
}

/// Mean repeat spend of customers with `x` repeat purchases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpendRow {
    /// Number of repeat purchases, at least 1.
    pub x: f64,
    /// Their mean value, positive.
    pub mean: f64,
    /// Number of customers.
    pub customers: f64,
}

/// What the spend model is fitted to: customers whose repeat purchases were worth something.
#[derive(Clone, Debug)]
pub struct CountedSpend {
    rows: Vec<SpendRow>,
    by_frequency: Vec<(f64, f64)>,
    /// Customers counted and left out.
    seen: f64,
}

impl CountedSpend {
    /// Counts equal `(frequency, monetary_value)` pairs with `frequency > 0` and `monetary_value > 0`; leaves out the rest.
    pub fn new(spend: impl IntoIterator<Item = (u32, f64)>) -> Self {
        Self::weighted(spend.into_iter().map(|(x, mean)| (x, mean, 1.0)))
    }

    /// Adds up the weights of equal pairs, as [`CountedSpend::new`] counts them.
    pub fn weighted(spend: impl IntoIterator<Item = (u32, f64, f64)>) -> Self {
        let mut seen = 0.0;
        let mut rows: Vec<SpendRow> = spend
            .into_iter()
            .inspect(|&(_, _, customers)| seen += customers)
            .filter(|&(x, mean, _)| x > 0 && mean > 0.0)
            .map(|(x, mean, customers)| SpendRow { x: f64::from(x), mean, customers })
            .collect();
        rows.sort_unstable_by(|a, b| (a.x, a.mean).partial_cmp(&(b.x, b.mean)).expect("finite"));
        rows.dedup_by(|next, kept| {
            let same = next.x == kept.x && next.mean == kept.mean;
            if same {
                kept.customers += next.customers;
            }
            same
        });
        let mut by_frequency: Vec<(f64, f64)> = Vec::new();
        for row in &rows {
            match by_frequency.last_mut() {
                Some((x, customers)) if *x == row.x => *customers += row.customers,
                _ => by_frequency.push((row.x, row.customers)),
            }
        }
        Self { rows, by_frequency, seen }
    }

    /// The distinct pairs, ordered by (x, mean).
    pub fn rows(&self) -> &[SpendRow] {
        &self.rows
    }

    /// `(x, number of customers)`, the histogram of `x`.
    pub fn by_frequency(&self) -> &[(f64, f64)] {
        &self.by_frequency
    }

    /// Number of customers.
    pub fn customers(&self) -> f64 {
        self.by_frequency.iter().map(|&(_, customers)| customers).sum()
    }

    /// Mean over customers of their mean repeat spend.
    pub fn mean_spend(&self) -> f64 {
        self.rows.iter().map(|row| row.customers * row.mean).sum::<f64>() / self.customers()
    }

    /// Pearson correlation of frequency and mean spend, which the model assumes to be near zero. `None` if either is constant.
    pub fn correlation(&self) -> Option<f64> {
        let customers = self.customers();
        let moment =
            |f: &dyn Fn(&SpendRow) -> f64| self.rows.iter().map(|row| row.customers * f(row)).sum::<f64>() / customers;
        let (mean_x, mean_m) = (moment(&|row| row.x), moment(&|row| row.mean));
        let covariance = moment(&|row| (row.x - mean_x) * (row.mean - mean_m));
        let scale = (moment(&|row| (row.x - mean_x).powi(2)) * moment(&|row| (row.mean - mean_m).powi(2))).sqrt();
        (scale > 0.0).then(|| covariance / scale)
    }

    /// Refuses data without enough customers whose repeat spend is known.
    ///
    /// # Errors
    /// [`Error::TooFew`] if fewer than ten customers have repeat spend above zero.
    pub fn check_customers(&self, model: &'static str) -> Result<()> {
        let found = self.customers();
        if found >= FEWEST_REPEAT_CUSTOMERS {
            return Ok(());
        }
        Err(Error::TooFew {
            model,
            what: "have repeat purchases worth more than zero",
            found: found as u64,
            of: self.seen as u64,
            needed: FEWEST_REPEAT_CUSTOMERS as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_histories_are_counted_whatever_their_order() {
        let h = |frequency, t_x, T| History { frequency, t_x, T };
        let histories = [h(0, 0.0, 3.0), h(2, 1.0, 3.0), h(0, 0.0, 3.0), h(2, 1.0, 4.0)];
        let counted = CountedHistories::new(histories);
        let mut reversed = histories;
        reversed.reverse();
        assert_eq!(counted.rows(), CountedHistories::new(reversed).rows());
        assert_eq!(counted.rows().len(), 3);
        assert_eq!(counted.customers(), 4.0);
        assert_eq!(counted.repeat_customers(), 2.0);
        assert_eq!(counted.repeats_above(), [(0.0, 2.0), (1.0, 2.0)]);
    }
}
