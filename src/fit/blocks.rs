//! Customers in blocks, each of those of whom the same is said.

use crate::covariates::Patterns;
use crate::parallel::in_parallel;
use crate::summary::{Counted, CountedHistories, CountedSpend, Summary};

/// Counted observations of customers who share their covariates, block by block, and of all of them together.
#[derive(Clone, Debug)]
pub struct Blocks<D> {
    /// Of all.
    pub(super) pooled: D,
    pub(super) data: Vec<D>,
    /// Columns with their values, one a covariate, one block after the other.
    columns: Vec<(u32, f64)>,
    width: usize,
}

impl<D: Counted> Blocks<D> {
    /// Observations by pattern, as `count` makes them of the rows of one; patterns without rows are left out.
    pub fn new(pooled: D, patterns: &Patterns, rows: &[Vec<usize>], count: impl Fn(&[usize]) -> D + Sync) -> Self
    where
        D: Send,
    {
        const AT_ONCE: usize = 1024;
        let some: Vec<usize> = (0..rows.len()).filter(|&pattern| !rows[pattern].is_empty()).collect();
        let parts: Vec<&[usize]> = some.chunks(AT_ONCE).collect();
        let counted =
            in_parallel(parts.len(), |i| parts[i].iter().map(|&pattern| count(&rows[pattern])).collect::<Vec<D>>());
        let columns: Vec<(u32, f64)> = some.iter().flat_map(|&pattern| patterns.columns(pattern)).copied().collect();
        let width = columns.len() / some.len().max(1);
        Self { pooled, data: counted.into_iter().flatten().collect(), columns, width }
    }

    /// The columns of a block.
    pub(super) fn columns(&self, block: usize) -> &[(u32, f64)] {
        &self.columns[block * self.width..][..self.width]
    }

    /// Blocks with other observations, of those that have any.
    pub(super) fn with_data(&self, data: Vec<D>) -> Self {
        let kept: Vec<usize> = (0..data.len()).filter(|&i| data[i].distinct() > 0).collect();
        let columns = kept.iter().flat_map(|&i| self.columns(i)).copied().collect();
        let data = data.into_iter().filter(|data| data.distinct() > 0).collect();
        Self { pooled: self.pooled.clone(), data, columns, width: self.width }
    }

    /// One in `every` of the blocks.
    pub(super) fn some(&self, every: usize) -> Self {
        let kept = || (0..self.data.len()).step_by(every);
        Self {
            pooled: self.pooled.clone(),
            data: kept().map(|i| self.data[i].clone()).collect(),
            columns: kept().flat_map(|i| self.columns(i)).copied().collect(),
            width: self.width,
        }
    }
}

impl Blocks<CountedHistories> {
    /// The purchase histories of a summary's customers.
    pub fn of_histories(summary: &Summary, patterns: &Patterns) -> Self {
        let pooled = summary.counted_histories();
        let rows = patterns.rows(|_| true);
        let count = |rows: &[usize]| match rows {
            [row] => CountedHistories::single(summary.history(*row)),
            rows => CountedHistories::new(rows.iter().map(|&row| summary.history(row))),
        };
        // What lies between purchases is known of all together, and is the same whatever the parameters: the first block has it all.
        let known = pooled.log_interpurchase_times();
        let mut blocks = Self::new(pooled, patterns, &rows, count);
        if let Some(sum) = known {
            blocks.data = std::mem::take(&mut blocks.data)
                .into_iter()
                .enumerate()
                .map(|(i, data)| data.with_log_interpurchase_times(if i == 0 { sum } else { 0.0 }))
                .collect();
        }
        blocks
    }
}

impl Blocks<CountedSpend> {
    /// The customers of a summary to whom a spend model is fitted.
    pub fn is_spender(summary: &Summary, row: usize) -> bool {
        summary.frequency[row] > 0 && summary.monetary_value[row] > 0.0
    }

    /// The spend of a summary's customers with repeat purchases that were worth something.
    pub fn of_spend(summary: &Summary, patterns: &Patterns) -> Self {
        let rows = patterns.rows(|row| Self::is_spender(summary, row));
        let pairs = |rows: &[usize]| {
            CountedSpend::new(rows.iter().map(|&row| (summary.frequency[row], summary.monetary_value[row])))
        };
        Self::new(summary.counted_spend(), patterns, &rows, pairs)
    }
}
