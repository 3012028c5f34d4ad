//! Customers by the model that each of them has.

use rustc_hash::FxHashMap;

use crate::parallel::in_parallel;
use crate::predict::Individuals;
use crate::summary::Summary;

/// Rows of customers who share a model, model by model, in the order of its number.
pub(super) fn rows_by_model(customers: &impl Individuals, summary: &Summary) -> Vec<Vec<usize>> {
    let mut rows: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
    (0..summary.len()).for_each(|row| rows.entry(customers.model_number(row)).or_default().push(row));
    let mut rows: Vec<(u32, Vec<usize>)> = rows.into_iter().collect();
    rows.sort_unstable_by_key(|(number, _)| *number);
    rows.into_iter().map(|(_, rows)| rows).collect()
}

/// Sums, number by number, what customers of each model add; in the order of the models, however many threads there are.
pub(super) fn sums_by_model(parts: &[Vec<usize>], of: impl Fn(&[usize]) -> Vec<f64> + Sync) -> Vec<f64> {
    const AT_ONCE: usize = 256;
    let chunks: Vec<&[Vec<usize>]> = parts.chunks(AT_ONCE).collect();
    let add = |mut sums: Vec<f64>, more: Vec<f64>| {
        sums.resize(sums.len().max(more.len()), 0.0);
        sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        sums
    };
    let sums = in_parallel(chunks.len(), |i| chunks[i].iter().map(|rows| of(rows)).fold(Vec::new(), add));
    sums.into_iter().fold(Vec::new(), add)
}
