//! Counted observations: equal customers collapse to one row with a count, which is all that a likelihood needs.

use std::ops::Range;

use super::PurchaseStatistics;
use super::numbering::Numbering;
use super::radix::radix_sort;
use crate::error::{Cause, Result};
use crate::special::sum_points;

/// Observations with counts, as a likelihood takes them.
pub trait Counted: Clone + Sync {
    /// Number of customers.
    fn customers(&self) -> f64;

    /// Number of distinct observations.
    fn distinct(&self) -> usize;

    /// A part of about one in `every` of the distinct observations, weighted to stand for all.
    fn thinned(&self, every: usize) -> Self;

    /// Calls `each` with every distinct observation by itself and the number of customers who share it.
    fn each_alone(&self, each: impl FnMut(&Self, f64));
}

/// Observations of which each can be looked at by itself, in memory that is used again.
pub trait CountedRows: Counted + Send {
    /// One distinct observation, with the number of customers who share it.
    type Row: Copy + Send + Sync + std::fmt::Debug;

    /// Its row, if it is one alone and there is nothing else to know.
    fn only_row(&self) -> Option<Self::Row>;

    /// A row by itself, of data like these.
    fn alone(&self, row: Self::Row) -> Self;

    /// Becomes what [`CountedRows::alone`] makes of this row.
    fn become_alone(&mut self, row: Self::Row);
}

/// What a timing model needs to know of one customer; [`History::new`] makes one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct History {
    /// `x`: repeat purchases, those after the first.
    pub frequency: u32,
    /// `t_x`: age at the last purchase, in time units; 0 when `x = 0`.
    pub t_x: f64,
    /// `T`: age at the end of the observation, in time units.
    pub T: f64,
}

impl History {
    /// The history of a customer with `frequency` repeat purchases, the last at age `t_x` (0 without one), observed to age `T`; both ages in
    /// one unit of time. What no customer can have is refused where it is used.
    pub const fn new(frequency: u32, t_x: f64, T: f64) -> Self {
        Self { frequency, t_x, T }
    }

    /// The history of a customer observed to age `T` who made repeat purchases at these times after the first purchase, ascending; later
    /// ones are not seen.
    pub fn of_purchases(repeats: &[f64], T: f64) -> Self {
        let seen = &repeats[..repeats.partition_point(|&time| time <= T)];
        Self { frequency: seen.len() as u32, t_x: seen.last().copied().unwrap_or(0.0), T }
    }

    /// `x` as a real number.
    pub fn x(&self) -> f64 {
        f64::from(self.frequency)
    }
}

/// A history and how many customers share it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CountedRow {
    /// The shared history.
    pub history: History,
    /// Number of customers (a weight; not necessarily whole).
    pub customers: f64,
    /// Number of `T` among [`CountedHistories::times`].
    pub(crate) age: u32,
    /// Number of `t_x` among them.
    pub(crate) recency: u32,
}

impl CountedRow {
    /// A history of one customer, who is alone: [`CountedRows::alone`] numbers its times.
    pub(crate) fn single(history: History) -> Self {
        Self { history, customers: 1.0, age: 0, recency: 0 }
    }
}

/// The rows with one number of repeat purchases.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FrequencyGroup {
    /// `x`
    pub x: f64,
    rows: Range<usize>,
}

/// Distinct histories in a fixed order, with counts.
#[derive(Clone, Debug)]
pub struct CountedHistories {
    rows: Vec<CountedRow>,
    groups: Vec<FrequencyGroup>,
    times: Vec<f64>,
    repeats_above: Vec<(f64, f64)>,
    statistics: Option<PurchaseStatistics>,
    log_interpurchase_times: Option<f64>,
}

/// Fewest customers with a repeat purchase from which four parameters are estimated.
pub const FEWEST_REPEAT_CUSTOMERS: f64 = 10.0;

impl CountedHistories {
    /// Counts equal histories. The result does not depend on their order.
    ///
    /// ```
    /// use clv::summary::{CountedHistories, History};
    ///
    /// let (frequency, recency, T) = ([0, 2, 0], [0.0, 13.0, 0.0], [38.0, 38.0, 38.0]);
    /// let histories = (0..3).map(|i| History::new(frequency[i], recency[i], T[i]));
    /// let counted = CountedHistories::new(histories);
    /// assert_eq!(counted.rows().len(), 2);
    /// assert_eq!(counted.rows()[0].customers, 2.0);
    /// ```
    pub fn new(histories: impl IntoIterator<Item = History>) -> Self {
        let mut times = Times::default();
        let keys: Vec<Key> = histories.into_iter().map(|history| times.key(&history)).collect();
        let ranks = times.ranks();
        match Packing::of(&keys, &ranks) {
            Some(packing) => {
                let mut packed: Vec<u64> = keys.iter().map(|key| packing.pack(key.ranked(&ranks))).collect();
                drop(keys);
                radix_sort(&mut packed, packing.bits, |&packed| packed);
                let runs = packed.chunk_by(|a, b| a == b);
                Self::from_sorted(runs.map(|run| (packing.unpack(run[0]), run.len() as f64)), times.sorted())
            }
            None => Self::from_keys(keys.into_iter().map(|key| (key, 1.0)), times),
        }
    }

    /// Adds up the weights of equal histories. The result does not depend on their order.
    pub fn weighted(histories: impl IntoIterator<Item = (History, f64)>) -> Self {
        let mut times = Times::default();
        let keys: Vec<(Key, f64)> =
            histories.into_iter().map(|(history, weight)| (times.key(&history), weight)).collect();
        Self::from_keys(keys.into_iter(), times)
    }

    fn from_keys(keys: impl Iterator<Item = (Key, f64)>, times: Times) -> Self {
        let ranks = times.ranks();
        let mut keys: Vec<(Key, f64)> = keys.map(|(key, weight)| (key.ranked(&ranks), weight)).collect();
        keys.sort_unstable_by(|(a, v), (b, w)| a.cmp(b).then(v.total_cmp(w)));
        let counted =
            keys.chunk_by(|a, b| a.0 == b.0).map(|run| (run[0].0, run.iter().map(|(_, weight)| weight).sum()));
        Self::from_sorted(counted, times.sorted())
    }

    fn from_sorted(counted: impl Iterator<Item = (Key, f64)>, times: Vec<f64>) -> Self {
        let row = |(Key { frequency, recency, age }, customers)| CountedRow {
            history: History::new(frequency, times[recency as usize], times[age as usize]),
            customers,
            age,
            recency,
        };
        Self::from_rows(counted.map(row).collect(), times.clone())
    }

    fn from_rows(rows: Vec<CountedRow>, times: Vec<f64>) -> Self {
        let runs = runs(&rows, |a, b| a.history.frequency == b.history.frequency);
        let groups: Vec<FrequencyGroup> =
            runs.map(|run| FrequencyGroup { x: rows[run.start].history.x(), rows: run }).collect();
        let repeats_above = repeats_above(&rows, &groups);
        Self { rows, groups, times, repeats_above, statistics: None, log_interpurchase_times: None }
    }

    /// With what is counted of the purchases of these customers, and, without that, the sum of the logarithms of the times between
    /// them, if it is known.
    pub(super) fn with_interpurchase(self, statistics: Option<PurchaseStatistics>, summed: Option<f64>) -> Self {
        let counted = statistics.as_ref().map(PurchaseStatistics::log_interpurchase_times);
        Self { log_interpurchase_times: counted.or(summed), statistics, ..self }
    }

    /// With `Σ ln(interpurchase time)` of these customers.
    pub(crate) fn with_log_interpurchase_times(self, sum: f64) -> Self {
        self.with_interpurchase(None, Some(sum))
    }

    /// These histories with other weights, made of the old ones row by row; a row of weight zero is left out.
    pub fn reweighted(&self, mut weight: impl FnMut(f64) -> f64) -> Self {
        let rows = self.rows.iter().map(|row| CountedRow { customers: weight(row.customers), ..*row });
        Self::from_rows(rows.filter(|row| row.customers > 0.0).collect(), self.times.clone())
    }

    /// The distinct histories, ordered by (x, t_x, T).
    pub fn rows(&self) -> &[CountedRow] {
        &self.rows
    }

    /// What is counted of the purchases of exactly these customers beyond their histories, if it is known: histories of a summary
    /// that was made from orders have it, those made of histories, reweighted or thinned do not.
    pub fn statistics(&self) -> Option<&PurchaseStatistics> {
        self.statistics.as_ref()
    }

    /// `Σ ln(interpurchase time)` over all repeat purchases of exactly these customers, the times in the unit of the histories, if it
    /// is known: from [`CountedHistories::statistics`], or else from a summary's column
    /// [`sum_log_interpurchase`](super::Summary::sum_log_interpurchase).
    pub fn log_interpurchase_times(&self) -> Option<f64> {
        self.log_interpurchase_times
    }

    /// The rows by number of repeat purchases, ascending.
    pub fn groups(&self) -> &[FrequencyGroup] {
        &self.groups
    }

    /// The rows of one group.
    pub fn rows_of(&self, group: &FrequencyGroup) -> &[CountedRow] {
        &self.rows[group.rows.clone()]
    }

    /// The distinct values of `t_x` and `T`, ascending: few where times come from a calendar.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// `(i, number of customers with more than i repeat purchases)` for `i` from 0 to the largest `x` less one, for sums over `i`
    /// of functions that are analytic to the right of zero. From 256 on, numbers between two frequencies that occur are taken
    /// together: at the points `i`, not whole, of a rule for such sums, with its weights times the number of customers.
    pub fn repeats_above(&self) -> &[(f64, f64)] {
        &self.repeats_above
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

    /// Mean number of repeat purchases.
    pub fn purchases_per_customer(&self) -> f64 {
        self.repeat_purchases() / self.customers()
    }

    /// Mean `T`.
    pub fn mean_age(&self) -> f64 {
        self.sum(|history| history.T) / self.customers()
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
        let age = self.mean_age();
        let r = if variance > mean { mean * mean / (variance - mean) } else { 20.0 };
        let r = r.clamp(0.05, 20.0);
        (r, r * age / mean)
    }

    /// Refuses histories that no customer can have; their time unit is not known here.
    ///
    /// # Errors
    /// [`Error::data`](crate::Error::data) that names the column and the value.
    pub fn check_histories(&self) -> Result<()> {
        self.rows.iter().try_for_each(|row| row.history.check(None))
    }

    /// Refuses data in which next to nobody came back.
    ///
    /// # Errors
    /// Those of [`CountedHistories::check_histories`]; [`Cause::NoTime`](crate::error::Cause::NoTime) if nobody was observed for any time, [`Cause::TooFew`](crate::error::Cause::TooFew) if fewer than ten customers have a repeat purchase.
    pub fn check_repeat_customers(&self, model: &'static str) -> Result<()> {
        self.check_histories()?;
        if self.rows.iter().all(|row| row.history.T == 0.0) {
            return Err(Cause::NoTime { model }.into());
        }
        let found = self.repeat_customers();
        if found >= FEWEST_REPEAT_CUSTOMERS {
            return Ok(());
        }
        Err(Cause::TooFew {
            model,
            what: "have a repeat purchase",
            found: found as u64,
            of: self.customers() as u64,
            needed: FEWEST_REPEAT_CUSTOMERS as u64,
        }
        .into())
    }
}

impl Counted for CountedHistories {
    fn customers(&self) -> f64 {
        self.sum(|_| 1.0)
    }

    fn distinct(&self) -> usize {
        self.rows.len()
    }

    /// About one in `every` of the rows with few customers, who then count that many times, and all others: much the same
    /// likelihood at a fraction of the cost.
    fn thinned(&self, every: usize) -> Self {
        const FEW: f64 = 32.0;
        let rows = self.rows.iter().enumerate().filter_map(|(i, row)| match row.customers < FEW {
            true if i % every == 0 => Some((row.history, row.customers * every as f64)),
            true => None,
            false => Some((row.history, row.customers)),
        });
        Self::weighted(rows)
    }

    fn each_alone(&self, mut each: impl FnMut(&Self, f64)) {
        let Some(first) = self.rows.first() else { return };
        let mut one = self.alone(*first);
        for row in &self.rows {
            one.become_alone(CountedRow { customers: 1.0, ..*row });
            each(&one, row.customers);
        }
    }
}

impl CountedRows for CountedHistories {
    type Row = CountedRow;

    fn only_row(&self) -> Option<CountedRow> {
        let nothing_else = self.statistics.is_none() && self.log_interpurchase_times.is_none_or(|sum| sum == 0.0);
        self.rows.first().filter(|_| self.rows.len() == 1 && nothing_else).copied()
    }

    fn alone(&self, row: CountedRow) -> Self {
        let log_interpurchase_times = self.log_interpurchase_times.map(|_| 0.0);
        let mut one = Self { log_interpurchase_times, ..Self::from_rows(Vec::new(), Vec::new()) };
        one.become_alone(row);
        one
    }

    fn become_alone(&mut self, row: CountedRow) {
        let History { frequency, t_x, T } = row.history;
        let first_is_last = t_x.to_bits() == T.to_bits();
        self.times.clear();
        self.times.push(if t_x < T { t_x } else { T });
        if !first_is_last {
            self.times.push(if t_x < T { T } else { t_x });
        }
        let (recency, age) = if first_is_last { (0, 0) } else { (u32::from(t_x > T), u32::from(t_x < T)) };
        self.rows.clear();
        self.rows.push(CountedRow { age, recency, ..row });
        self.groups.clear();
        self.groups.push(FrequencyGroup { x: row.history.x(), rows: 0..1 });
        self.repeats_above.clear();
        sum_points(0, frequency, SINGLE, |i, weight| self.repeats_above.push((i, weight * row.customers)));
    }
}

/// A history by the numbers of its times; ordered like (x, t_x, T) once the times are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    frequency: u32,
    recency: u32,
    age: u32,
}

impl Key {
    fn ranked(self, ranks: &[u32]) -> Self {
        Self { recency: ranks[self.recency as usize], age: ranks[self.age as usize], ..self }
    }
}

/// How keys are put into one number each, in their order, so that they can be sorted by digits.
#[derive(Clone, Copy)]
struct Packing {
    /// Bits of each time.
    width: u32,
    /// Bits in all.
    bits: u32,
}

impl Packing {
    /// None if the keys are too wide.
    fn of(keys: &[Key], ranks: &[u32]) -> Option<Self> {
        let largest = keys.iter().map(|key| key.frequency).max().unwrap_or(0);
        let width = usize::BITS - ranks.len().leading_zeros();
        let bits = 2 * width + u32::BITS - largest.leading_zeros();
        (bits <= 64).then_some(Self { width, bits })
    }

    fn pack(self, key: Key) -> u64 {
        (u64::from(key.frequency) << self.width | u64::from(key.recency)) << self.width | u64::from(key.age)
    }

    fn unpack(self, packed: u64) -> Key {
        let mask = (1 << self.width) - 1;
        Key {
            frequency: (packed >> (2 * self.width)) as u32,
            recency: (packed >> self.width & mask) as u32,
            age: (packed & mask) as u32,
        }
    }
}

/// Distinct times, numbered as they come.
struct Times(Numbering<u64>);

impl Default for Times {
    fn default() -> Self {
        Self(Numbering::new())
    }
}

impl Times {
    fn key(&mut self, history: &History) -> Key {
        let History { frequency, t_x, T } = *history;
        Key { frequency, recency: self.0.number(t_x.to_bits()), age: self.0.number(T.to_bits()) }
    }

    fn times(&self) -> Vec<f64> {
        self.0.keys().iter().map(|&bits| f64::from_bits(bits)).collect()
    }

    /// The place of each number's time in ascending order.
    fn ranks(&self) -> Vec<u32> {
        let times = self.times();
        let mut order: Vec<u32> = (0..times.len() as u32).collect();
        order.sort_unstable_by(|&i, &j| times[i as usize].total_cmp(&times[j as usize]));
        let mut ranks = vec![0; order.len()];
        for (rank, &number) in order.iter().enumerate() {
            ranks[number as usize] = rank as u32;
        }
        ranks
    }

    fn sorted(self) -> Vec<f64> {
        let mut times = self.times();
        times.sort_unstable_by(f64::total_cmp);
        times
    }
}

/// Where the runs of equal rows begin and end.
pub(super) fn runs<T>(rows: &[T], same: impl Fn(&T, &T) -> bool) -> impl Iterator<Item = Range<usize>> {
    rows.chunk_by(same).scan(0, |start, run| {
        let from = *start;
        *start += run.len();
        Some(from..*start)
    })
}

/// Up to this many repeat purchases each number is a term of its own.
const SINGLE: u32 = 256;

/// Customers with more than `i` repeat purchases are as many for all `i` between two frequencies that occur, so that long ranges
/// without one take a few terms.
fn repeats_above(rows: &[CountedRow], groups: &[FrequencyGroup]) -> Vec<(f64, f64)> {
    let mut above: Vec<f64> = Vec::with_capacity(groups.len());
    let mut sum = 0.0;
    for group in groups.iter().rev() {
        sum += rows[group.rows.clone()].iter().map(|row| row.customers).sum::<f64>();
        above.push(sum);
    }
    let mut terms = Vec::new();
    let mut from = 0;
    for (group, customers) in groups.iter().zip(above.into_iter().rev()) {
        let to = group.x as u32;
        sum_points(from, to, SINGLE, |i, weight| terms.push((i, weight * customers)));
        from = to;
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_histories_are_counted_whatever_their_order() {
        let h = History::new;
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
