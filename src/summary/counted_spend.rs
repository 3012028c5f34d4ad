//! Counted spend: equal pairs of frequency and mean repeat spend, with counts.

use std::collections::BTreeMap;
use std::ops::Range;

use super::counted::runs;
use super::{Counted, CountedRows, FEWEST_REPEAT_CUSTOMERS};
use crate::error::{Cause, Result};

/// Mean repeat spend of customers with `x` repeat purchases.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SpendRow {
    /// Number of repeat purchases, at least 1.
    pub x: f64,
    /// Their mean value, positive.
    pub mean: f64,
    /// Its logarithm.
    pub(crate) ln_mean: f64,
    /// Number of customers.
    pub customers: f64,
}

impl SpendRow {
    fn new(x: f64, mean: f64, customers: f64) -> Self {
        Self { x, mean, ln_mean: mean.ln(), customers }
    }
}

/// The spend rows with one number of repeat purchases.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SpendGroup {
    /// `x`
    pub x: f64,
    /// Number of customers.
    pub customers: f64,
    rows: Range<usize>,
}

/// What the spend model is fitted to: customers whose repeat purchases were worth something.
#[derive(Clone, Debug)]
pub struct CountedSpend {
    rows: Vec<SpendRow>,
    groups: Vec<SpendGroup>,
    /// Customers counted and left out.
    seen: f64,
}

impl CountedSpend {
    /// Counts equal `(frequency, monetary_value)` pairs with `frequency > 0` and `monetary_value > 0`; leaves out the rest.
    pub fn new(spend: impl IntoIterator<Item = (u32, f64)>) -> Self {
        let mut seen = 0.0;
        let mut by_frequency: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
        for (x, mean) in spend {
            seen += 1.0;
            if x > 0 && mean > 0.0 {
                // Bits of positive numbers are ordered as the numbers are.
                by_frequency.entry(x).or_default().push(mean.to_bits());
            }
        }
        let mut rows = Vec::new();
        for (x, mut means) in by_frequency {
            means.sort_unstable();
            let runs = means.chunk_by(|a, b| a == b);
            rows.extend(runs.map(|run| SpendRow::new(f64::from(x), f64::from_bits(run[0]), run.len() as f64)));
        }
        Self::from_sorted(rows, seen)
    }

    /// Adds up the weights of equal pairs, as [`CountedSpend::new`] counts them.
    pub fn weighted(spend: impl IntoIterator<Item = (u32, f64, f64)>) -> Self {
        let mut seen = 0.0;
        let mut pairs: Vec<(u32, u64, f64)> = spend
            .into_iter()
            .inspect(|&(_, _, customers)| seen += customers)
            .filter(|&(x, mean, _)| x > 0 && mean > 0.0)
            .map(|(x, mean, customers)| (x, mean.to_bits(), customers))
            .collect();
        pairs.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
        let runs = pairs.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
        let rows = runs.map(|run| {
            SpendRow::new(f64::from(run[0].0), f64::from_bits(run[0].1), run.iter().map(|pair| pair.2).sum())
        });
        Self::from_sorted(rows.collect(), seen)
    }

    fn from_sorted(rows: Vec<SpendRow>, seen: f64) -> Self {
        let groups = runs(&rows, |a, b| a.x == b.x)
            .map(|run| {
                let customers = rows[run.clone()].iter().map(|row| row.customers).sum();
                SpendGroup { x: rows[run.start].x, customers, rows: run }
            })
            .collect();
        Self { rows, groups, seen }
    }

    /// These pairs with other weights, made of the old ones row by row; a row of weight zero is left out.
    pub fn reweighted(&self, mut weight: impl FnMut(f64) -> f64) -> Self {
        let rows = self.rows.iter().map(|row| SpendRow { customers: weight(row.customers), ..*row });
        Self::from_sorted(rows.filter(|row| row.customers > 0.0).collect(), self.seen)
    }

    /// The distinct pairs, ordered by (x, mean).
    pub fn rows(&self) -> &[SpendRow] {
        &self.rows
    }

    /// The rows by number of repeat purchases, ascending.
    pub fn groups(&self) -> &[SpendGroup] {
        &self.groups
    }

    /// The rows of one group.
    pub fn rows_of(&self, group: &SpendGroup) -> &[SpendRow] {
        &self.rows[group.rows.clone()]
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

    /// Refuses data without enough customers whose repeat spend is known, or without any difference between them.
    ///
    /// # Errors
    /// [`Cause::TooFew`](crate::error::Cause::TooFew) if fewer than ten customers have repeat spend above zero, [`Cause::OneAmount`](crate::error::Cause::OneAmount) if all of them have
    /// the same.
    pub fn check_customers(&self, model: &'static str) -> Result<()> {
        let found = self.customers();
        if found >= FEWEST_REPEAT_CUSTOMERS {
            // Means of equal amounts differ in their last digits.
            let least = self.rows.iter().map(|row| row.mean).fold(f64::INFINITY, f64::min);
            let most = self.rows.iter().map(|row| row.mean).fold(0.0, f64::max);
            return if most > least * (1.0 + 1e-9) {
                Ok(())
            } else {
                Err(Cause::OneAmount { model, amount: most }.into())
            };
        }
        Err(Cause::TooFew {
            model,
            what: "have repeat purchases worth more than zero",
            found: found as u64,
            of: self.seen as u64,
            needed: FEWEST_REPEAT_CUSTOMERS as u64,
        }
        .into())
    }
}

impl Counted for CountedSpend {
    fn customers(&self) -> f64 {
        self.groups.iter().map(|group| group.customers).sum()
    }

    fn distinct(&self) -> usize {
        self.rows.len()
    }

    /// One in `every` of the rows, counted that many times: much the same likelihood at a fraction of the cost.
    fn thinned(&self, every: usize) -> Self {
        let rows = self.rows.iter().step_by(every);
        let rows: Vec<SpendRow> =
            rows.map(|row| SpendRow { customers: row.customers * every as f64, ..*row }).collect();
        Self::from_sorted(rows, self.seen)
    }

    fn each_alone(&self, mut each: impl FnMut(&Self, f64)) {
        let Some(first) = self.rows.first() else { return };
        let mut one = self.alone(*first);
        for row in &self.rows {
            one.become_alone(SpendRow { customers: 1.0, ..*row });
            each(&one, row.customers);
        }
    }
}

impl CountedRows for CountedSpend {
    type Row = SpendRow;

    fn only_row(&self) -> Option<SpendRow> {
        self.rows.first().filter(|_| self.rows.len() == 1).copied()
    }

    fn alone(&self, row: SpendRow) -> Self {
        Self::from_sorted(vec![row], row.customers)
    }

    fn become_alone(&mut self, row: SpendRow) {
        self.seen = row.customers;
        self.rows.clear();
        self.rows.push(row);
        self.groups.clear();
        self.groups.push(SpendGroup { x: row.x, customers: row.customers, rows: 0..1 });
    }
}
