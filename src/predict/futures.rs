//! Which customers share a future.

use crate::parallel::in_parallel;
use crate::summary::{History, Numbering};

/// A customer's future, given alive, depends on `x` and `T` alone, of which there are few distinct pairs: what is asked of the
/// future is computed once for each.
#[derive(Debug)]
pub(super) struct Futures {
    /// One history for each distinct pair, in the order of their first customers.
    pairs: Vec<History>,
    /// The pair of each customer.
    pair_of: Vec<u32>,
}

impl Futures {
    pub(super) fn new(histories: impl Iterator<Item = History>) -> Self {
        let mut numbers = Numbering::new();
        let mut pairs = Vec::new();
        let pair_of = histories
            .map(|history| {
                let number = numbers.number((history.frequency, history.T.to_bits()));
                if number as usize == pairs.len() {
                    pairs.push(history);
                }
                number
            })
            .collect();
        Self { pairs, pair_of }
    }

    /// What `answer` makes of each distinct future, on all cores where there are many.
    pub(super) fn map<R: Send>(&self, answer: impl Fn(&History) -> R + Sync) -> Vec<R> {
        const AT_ONCE: usize = 64;
        let chunks: Vec<&[History]> = self.pairs.chunks(AT_ONCE).collect();
        let answers = in_parallel(chunks.len(), |i| chunks[i].iter().map(&answer).collect::<Vec<R>>());
        answers.into_iter().flatten().collect()
    }

    /// P(alive) of each customer times the answer, given alive, of its future.
    pub(super) fn of_customers(&self, p_alive: &[f64], given_alive: &[f64]) -> Vec<f64> {
        self.by_customer().zip(p_alive).map(|(future, alive)| alive * given_alive[future]).collect()
    }

    /// The same of the customers in these rows.
    pub(super) fn of_rows(&self, rows: &[usize], p_alive: &[f64], given_alive: &[f64]) -> Vec<f64> {
        rows.iter().zip(p_alive).map(|(&row, alive)| alive * given_alive[self.of_customer(row)]).collect()
    }

    /// Which of the answers is that of the customer in a row.
    pub(super) fn of_customer(&self, row: usize) -> usize {
        self.pair_of[row] as usize
    }

    /// Which of the answers is that of each customer.
    pub(super) fn by_customer(&self) -> impl Iterator<Item = usize> + '_ {
        self.pair_of.iter().map(|&pair| pair as usize)
    }
}
