//! Customers in blocks, each of those of whom the same is said.

use crate::covariates::Patterns;
use crate::parallel::in_parallel;
use crate::summary::{CountedHistories, CountedRow, CountedRows, CountedSpend, FitData, Summary};

/// Counted observations of customers who share their covariates, block by block, and of all of them together.
#[derive(Clone, Debug)]
pub struct Blocks<D: CountedRows> {
    /// Of all.
    pub(super) pooled: D,
    data: Vec<Block<D>>,
    /// Columns with their values, one a covariate, one block after the other.
    columns: Vec<(u32, f64)>,
    width: usize,
}

/// The observations of one block.
#[derive(Clone, Debug)]
enum Block<D: CountedRows> {
    /// One: of a covariate that differs for all, there are as many blocks as customers.
    One(D::Row),
    /// Several.
    Several(Box<D>),
}

impl<D: CountedRows> Block<D> {
    fn of(data: D) -> Self {
        data.only_row().map_or_else(|| Self::Several(Box::new(data)), Self::One)
    }
}

/// Looks at blocks one after the other, those of one observation all in the same memory.
pub(super) struct BlockReader<'a, D: CountedRows> {
    blocks: &'a Blocks<D>,
    alone: Option<D>,
}

impl<'a, D: CountedRows> BlockReader<'a, D> {
    pub(super) fn new(blocks: &'a Blocks<D>) -> Self {
        Self { blocks, alone: None }
    }

    /// The observations of a block.
    pub(super) fn read(&mut self, block: usize) -> &D {
        match &self.blocks.data[block] {
            Block::Several(data) => data,
            Block::One(row) => {
                let alone = self.alone.get_or_insert_with(|| self.blocks.pooled.alone(*row));
                alone.become_alone(*row);
                alone
            }
        }
    }
}

impl<D: CountedRows> Blocks<D> {
    /// Observations by pattern, as `block` makes them of the rows of one; patterns without rows are left out.
    fn new(pooled: D, patterns: &Patterns, rows: &[Vec<usize>], block: impl Fn(&[usize]) -> Block<D> + Sync) -> Self {
        const AT_ONCE: usize = 1024;
        let some: Vec<usize> = (0..rows.len()).filter(|&pattern| !rows[pattern].is_empty()).collect();
        let parts: Vec<&[usize]> = some.chunks(AT_ONCE).collect();
        let block = |&pattern: &usize| block(&rows[pattern]);
        let counted = in_parallel(parts.len(), |i| parts[i].iter().map(block).collect::<Vec<Block<D>>>());
        let columns: Vec<(u32, f64)> = some.iter().flat_map(|&pattern| patterns.columns(pattern)).copied().collect();
        let width = columns.len() / some.len().max(1);
        Self { pooled, data: counted.into_iter().flatten().collect(), columns, width }
    }

    /// Number of blocks.
    pub(super) fn len(&self) -> usize {
        self.data.len()
    }

    /// The columns of a block.
    pub(super) fn columns(&self, block: usize) -> &[(u32, f64)] {
        &self.columns[block * self.width..][..self.width]
    }

    /// Blocks with what is made of the observations of each; those of which none are left are left out.
    pub(super) fn map(&self, mut change: impl FnMut(usize, &D) -> D) -> Self {
        let mut reader = BlockReader::new(self);
        let (mut data, mut columns) = (Vec::with_capacity(self.len()), Vec::with_capacity(self.columns.len()));
        for block in 0..self.len() {
            let changed = change(block, reader.read(block));
            if changed.distinct() > 0 {
                data.push(Block::of(changed));
                columns.extend_from_slice(self.columns(block));
            }
        }
        Self { pooled: self.pooled.clone(), data, columns, width: self.width }
    }

    /// One in `every` of the blocks.
    pub(super) fn some(&self, every: usize) -> Self {
        let kept = || (0..self.len()).step_by(every);
        Self {
            pooled: self.pooled.clone(),
            data: kept().map(|i| self.data[i].clone()).collect(),
            columns: kept().flat_map(|i| self.columns(i)).copied().collect(),
            width: self.width,
        }
    }
}

impl Blocks<CountedHistories> {
    /// The purchase histories of customers.
    pub fn of_histories<'a>(data: impl Into<FitData<'a>>, patterns: &Patterns) -> Self {
        let data = data.into();
        let (pooled, summary) = (data.histories(), data.timing());
        let rows = patterns.rows(|_| true);
        // What lies between purchases is known of all together, and is the same whatever the parameters: the first block has it all.
        let known = pooled.log_interpurchase_times();
        let first = rows.iter().position(|rows| !rows.is_empty()).map(|pattern| rows[pattern][0]);
        let block = |rows: &[usize]| {
            let is_first = Some(rows[0]) == first;
            if let ([row], false, None) = (rows, is_first, &summary.weights) {
                return Block::One(CountedRow::single(summary.history(*row)));
            }
            let data = summary.histories_of(rows);
            Block::of(match known {
                Some(sum) => data.with_log_interpurchase_times(if is_first { sum } else { 0.0 }),
                None => data,
            })
        };
        Self::new(pooled, patterns, &rows, block)
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
        Self::new(summary.counted_spend(), patterns, &rows, |rows| Block::of(summary.spend_of(rows)))
    }
}
