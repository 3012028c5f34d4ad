//! The summary table: one row per customer.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::str::FromStr;

use super::radix::radix_sort;
use super::{
    Attribute, CountedHistories, CountedSpend, CurrencyCode, Day, History, Observation, PurchaseStatistics, Weights,
};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::parallel::{in_parallel, threads};

/// Customer ids of a table: numbers if every one of them is a whole number, else text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerIds {
    /// Whole numbers written without leading zeros.
    Number(Vec<i64>),
    /// Such numbers, of which one is too large for the sign: hashes, for instance.
    Unsigned(Vec<u64>),
    /// Anything else.
    Text(Vec<Box<str>>),
}

impl CustomerIds {
    /// From ids as text, which are numbers if all are spelt as whole numbers are. Leading zeros keep them text; zeros after a
    /// decimal point, as tools write them that had numbers with gaps, do not: `13085.0` is 13085.
    pub fn new(ids: Vec<&str>) -> Self {
        let whole: Option<Vec<&str>> = ids.iter().map(|id| whole_number(id)).collect();
        Self::from(whole.unwrap_or(ids).into_iter().map(Box::from).collect::<Vec<Box<str>>>())
    }

    /// Number of customers.
    pub fn len(&self) -> usize {
        match self {
            Self::Number(ids) => ids.len(),
            Self::Unsigned(ids) => ids.len(),
            Self::Text(ids) => ids.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id of row `i` as text.
    pub fn text(&self, i: usize) -> Cow<'_, str> {
        match self {
            Self::Number(ids) => Cow::Owned(ids[i].to_string()),
            Self::Unsigned(ids) => Cow::Owned(ids[i].to_string()),
            Self::Text(ids) => Cow::Borrowed(&ids[i]),
        }
    }

    /// How rows `i` and `j` compare, by number or by text.
    pub fn compare(&self, i: usize, j: usize) -> Ordering {
        match self {
            Self::Number(ids) => ids[i].cmp(&ids[j]),
            Self::Unsigned(ids) => ids[i].cmp(&ids[j]),
            Self::Text(ids) => ids[i].cmp(&ids[j]),
        }
    }

    /// Row numbers in ascending order of the ids.
    pub fn ascending(&self) -> Vec<usize> {
        if (1..self.len()).all(|i| self.compare(i - 1, i).is_le()) {
            return (0..self.len()).collect();
        }
        match self {
            Self::Number(ids) => {
                let least = ids.iter().copied().min().unwrap_or_default();
                ascending_numbers(ids, |id| id.wrapping_sub(least) as u64)
            }
            Self::Unsigned(ids) => ascending_numbers(ids, |id| id),
            Self::Text(ids) => ascending_texts(ids),
        }
    }

    /// The ids in the order of these rows, each named once.
    pub fn reordered(self, rows: Vec<usize>) -> Self {
        match self {
            Self::Number(_) | Self::Unsigned(_) => self.select(&rows),
            Self::Text(mut ids) => Self::Text(rows.into_iter().map(|i| std::mem::take(&mut ids[i])).collect()),
        }
    }

    /// The ids in these rows.
    pub fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Number(ids) => Self::Number(rows.iter().map(|&row| ids[row]).collect()),
            Self::Unsigned(ids) => Self::Unsigned(rows.iter().map(|&row| ids[row]).collect()),
            Self::Text(ids) => Self::Text(rows.iter().map(|&row| ids[row].clone()).collect()),
        }
    }
}

impl From<Vec<Box<str>>> for CustomerIds {
    /// Of ids as they are: numbers only if all are spelt as whole numbers are.
    fn from(ids: Vec<Box<str>>) -> Self {
        fn all<N: FromStr>(ids: &[Box<str>]) -> Option<Vec<N>> {
            ids.iter().map(|id| whole_number(id).filter(|whole| whole.len() == id.len())?.parse().ok()).collect()
        }
        match all(&ids) {
            Some(numbers) => Self::Number(numbers),
            None => all(&ids).map_or(Self::Text(ids), Self::Unsigned),
        }
    }
}

fn ascending_numbers<N: Copy>(ids: &[N], above: impl Fn(N) -> u64) -> Vec<usize> {
    let Some(greatest) = ids.iter().map(|&id| above(id)).max() else { return Vec::new() };
    let mut order: Vec<usize> = (0..ids.len()).collect();
    radix_sort(&mut order, u64::BITS - greatest.leading_zeros(), |&row| above(ids[row]));
    order
}

/// Compares the first eight bytes before it looks at the texts, which lie all over the memory.
fn ascending_texts(ids: &[Box<str>]) -> Vec<usize> {
    let start = |id: &str| {
        let mut start = [0; 8];
        let length = id.len().min(8);
        start[..length].copy_from_slice(&id.as_bytes()[..length]);
        u64::from_be_bytes(start)
    };
    let compare = |a: &(u64, usize), b: &(u64, usize)| a.0.cmp(&b.0).then_with(|| ids[a.1].cmp(&ids[b.1]));
    let size = ids.len().div_ceil(threads()).max(1);
    let mut sorted = in_parallel(ids.len().div_ceil(size), |part| {
        let rows = part * size..((part + 1) * size).min(ids.len());
        let mut starts: Vec<(u64, usize)> = rows.map(|row| (start(&ids[row]), row)).collect();
        starts.sort_unstable_by(compare);
        starts
    })
    .concat();
    // Sorted runs one after the other, which a stable sort merges.
    sorted.sort_by(compare);
    sorted.into_iter().map(|(_, row)| row).collect()
}

/// The digits of the whole number that an id spells: as numbers are spelt, or with nothing but zeros after a decimal point.
pub(crate) fn whole_number(id: &str) -> Option<&str> {
    let whole = match id.split_once('.') {
        None => id,
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
    };
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let canonical = whole == "0" || digits.starts_with(|first: char| ('1'..='9').contains(&first));
    (canonical && digits.bytes().all(|digit| digit.is_ascii_digit())).then_some(whole)
}

/// Columns that come from orders and are absent from summaries made elsewhere.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PurchaseColumns {
    /// Day of the first purchase.
    pub first_purchase: Vec<Day>,
    /// Day of the last purchase.
    pub last_purchase: Vec<Day>,
    /// Number of orders, the first included, before merging.
    pub orders: Vec<u32>,
    /// Net amount of all orders, the first included.
    pub total: Vec<f64>,
}

/// One row per customer, by column; names as in `lifetimes`.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Who.
    pub customers: CustomerIds,
    /// `x`: number of repeat purchases.
    pub frequency: Vec<u32>,
    /// `t_x`: age at the last purchase, in the observation's unit; 0 without a repeat purchase.
    pub recency: Vec<f64>,
    /// `T`: age at the end of the observation, in the observation's unit.
    pub T: Vec<f64>,
    /// `m_x`: mean amount of the repeat purchases, net of returns; 0 without one.
    pub monetary_value: Vec<f64>,
    /// First and last days, orders and totals, where they are known.
    pub purchases: Option<PurchaseColumns>,
    /// Whether it says what purchases were worth; if not, amounts and totals are zero and mean nothing.
    pub knows_spend: bool,
    /// What amounts are in, if it is known.
    pub currency: Option<CurrencyCode>,
    /// What else is said of the customers.
    pub attributes: Vec<Attribute>,
    /// What is counted of the repeat purchases of exactly these customers; absent from summaries made elsewhere.
    pub statistics: Option<PurchaseStatistics>,
    /// `Σ ln(interpurchase time)` of each customer, the times in the observation's unit and 0 without a repeat purchase, where it
    /// was asked for: what [`Summary::statistics`] say of all customers together, for those of any rows.
    pub sum_log_interpurchase: Option<Vec<f64>>,
    /// How many customers rows stand for, if not one each.
    pub weights: Option<Weights>,
    /// Units and end.
    pub observation: Observation,
}

impl Summary {
    /// Makes a summary of histories, each with the mean amount of its repeat purchases; customers are numbered from 0.
    ///
    /// ```
    /// use clv::summary::{Grain, History, Observation, Summary, TimeUnit};
    ///
    /// let observation = Observation::new(TimeUnit::Week, Grain::Day, "2024-12-31".parse()?);
    /// let histories = [(History::new(0, 0.0, 38.0), 0.0), (History::new(2, 13.0, 38.0), 25.5)];
    /// let summary = Summary::from_histories(histories, observation);
    /// assert_eq!((summary.len(), summary.longest()), (2, 38.0));
    /// # Ok::<(), clv::Error>(())
    /// ```
    pub fn from_histories(histories: impl IntoIterator<Item = (History, f64)>, observation: Observation) -> Self {
        let (histories, monetary_value): (Vec<History>, Vec<f64>) = histories.into_iter().unzip();
        Self {
            customers: CustomerIds::Number((0..histories.len() as i64).collect()),
            frequency: histories.iter().map(|history| history.frequency).collect(),
            recency: histories.iter().map(|history| history.t_x).collect(),
            T: histories.iter().map(|history| history.T).collect(),
            monetary_value,
            purchases: None,
            knows_spend: true,
            currency: None,
            attributes: Vec::new(),
            statistics: None,
            sum_log_interpurchase: None,
            weights: None,
            observation,
        }
    }

    /// Customers who made their first purchase, of this amount, on the last day of the observation.
    pub fn of_new_customers(count: usize, amount: f64, observation: Observation) -> Self {
        let new = History::new(0, 0.0, 0.0);
        let purchases = PurchaseColumns {
            first_purchase: vec![observation.end; count],
            last_purchase: vec![observation.end; count],
            orders: vec![1; count],
            total: vec![amount; count],
        };
        Self { purchases: Some(purchases), ..Self::from_histories(vec![(new, 0.0); count], observation) }
    }

    /// The customers in these rows, in their order. What is counted of their purchases ([`Summary::statistics`]) is told of all of
    /// them together, and lost unless each stands there once.
    pub fn select(&self, rows: &[usize]) -> Self {
        fn of<T: Copy>(column: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().map(|&row| column[row]).collect()
        }
        Self {
            customers: self.customers.select(rows),
            frequency: of(&self.frequency, rows),
            recency: of(&self.recency, rows),
            T: of(&self.T, rows),
            monetary_value: of(&self.monetary_value, rows),
            purchases: self.purchases.as_ref().map(|purchases| PurchaseColumns {
                first_purchase: of(&purchases.first_purchase, rows),
                last_purchase: of(&purchases.last_purchase, rows),
                orders: of(&purchases.orders, rows),
                total: of(&purchases.total, rows),
            }),
            knows_spend: self.knows_spend,
            currency: self.currency,
            attributes: self.attributes.iter().map(|attribute| attribute.select(rows)).collect(),
            statistics: self.statistics.as_ref().filter(|_| self.are_all(rows)).cloned(),
            sum_log_interpurchase: self.sum_log_interpurchase.as_ref().map(|sums| of(sums, rows)),
            weights: self.weights.as_ref().map(|weights| weights.select(rows)),
            observation: self.observation,
        }
    }

    /// Whether these are all rows, in some order.
    fn are_all(&self, rows: &[usize]) -> bool {
        if rows.len() != self.len() {
            return false;
        }
        let mut missing = vec![true; self.len()];
        rows.iter().all(|&row| std::mem::take(&mut missing[row]))
    }

    /// Number of rows: of customers, unless rows have [weights](Summary::weights).
    pub fn len(&self) -> usize {
        self.frequency.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How long was observed, in the unit: from the first purchase of all to the end, both of these days, or periods of the
    /// grain, included.
    pub fn length(&self) -> f64 {
        let Observation { unit, grain, end } = self.observation;
        let last = if self.observation.counts_periods() { 1.0 } else { unit.between(grain.start(end), Day(end.0 + 1)) };
        self.longest() + last
    }

    /// The longest age `T`.
    pub fn longest(&self) -> f64 {
        self.T.iter().copied().fold(0.0, f64::max)
    }

    /// The history of row `i`.
    pub fn history(&self, i: usize) -> History {
        History::new(self.frequency[i], self.recency[i], self.T[i])
    }

    /// Net amount of each customer's orders, where it is known.
    pub fn totals(&self) -> Option<&[f64]> {
        self.purchases.as_ref().filter(|_| self.knows_spend).map(|columns| &*columns.total)
    }

    /// Refuses to take purchases of unknown worth for worthless ones.
    ///
    /// # Errors
    /// [`Error::data`] unless it says what purchases were worth.
    pub fn check_spend(&self) -> Result<()> {
        if self.knows_spend {
            return Ok(());
        }
        Err(Error::data(say![
            "there is no column `monetary_value`, the mean amount of the repeat purchases, and values take it; to \
             predict purchases alone, add ",
            opt("with_spend").with(false)
        ]))
    }

    /// The attribute with this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// All histories, row by row.
    pub fn histories(&self) -> impl Iterator<Item = History> + '_ {
        (0..self.len()).map(|i| self.history(i))
    }

    /// Whether it says what lies between purchases, by which the likelihoods of different numbers of stages compare.
    pub fn knows_interpurchase_times(&self) -> bool {
        self.statistics.is_some() || self.sum_log_interpurchase.is_some()
    }

    /// Distinct histories with counts, for a timing model, and what is known of the times between their purchases: what is counted
    /// of them, if it is of as many, or else the sum of each customer's.
    pub fn counted_histories(&self) -> CountedHistories {
        let counted = match &self.weights {
            None => CountedHistories::new(self.histories()),
            Some(weights) => CountedHistories::weighted(self.histories().zip(weights.customers().iter().copied())),
        };
        counted.with_interpurchase(self.counted_statistics(), self.total_log_interpurchase())
    }

    /// What is counted of these customers' purchases, if it is of as many.
    pub(super) fn counted_statistics(&self) -> Option<PurchaseStatistics> {
        // Whole numbers, whose sums are exact.
        let purchases = || (0..self.len()).map(|row| self.weight(row) * f64::from(self.frequency[row])).sum::<f64>();
        let same =
            |of: &&PurchaseStatistics| *of.observation() == self.observation && of.purchases() as f64 == purchases();
        self.statistics.as_ref().filter(same).cloned()
    }

    /// The sum of every customer's [`Summary::sum_log_interpurchase`].
    pub(super) fn total_log_interpurchase(&self) -> Option<f64> {
        let sums = self.sum_log_interpurchase.as_ref().filter(|sums| sums.len() == self.len())?;
        Some(self.sum_over_customers(|row| sums[row]))
    }

    /// Distinct `(frequency, monetary_value)` with counts, for a spend model.
    pub fn counted_spend(&self) -> CountedSpend {
        let pairs = self.frequency.iter().copied().zip(self.monetary_value.iter().copied());
        match &self.weights {
            None => CountedSpend::new(pairs),
            Some(weights) => {
                let weights = weights.customers().iter().copied();
                CountedSpend::weighted(pairs.zip(weights).map(|((x, mean), customers)| (x, mean, customers)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_numbers_only_if_nothing_is_lost() {
        assert_eq!(CustomerIds::new(vec!["10", "9", "-3", "0"]), CustomerIds::Number(vec![10, 9, -3, 0]));
        assert_eq!(CustomerIds::new(vec!["10", "9"]).ascending(), [1, 0]);
        for other in ["007", "1.5", "", "-0", "+1", "99999999999999999999", "1.", ".0", "1.0.0", "1e3", "1.0x", "é.0"]
        {
            assert!(matches!(CustomerIds::new(vec!["10", other]), CustomerIds::Text(_)), "{other}");
        }
        assert_eq!(CustomerIds::new(vec!["13085.0", "7"]), CustomerIds::Number(vec![13085, 7]));
        let unsigned = CustomerIds::new(vec!["18446744073709551615", "7"]);
        assert_eq!(unsigned, CustomerIds::Unsigned(vec![u64::MAX, 7]));
        assert_eq!((unsigned.ascending(), &*unsigned.text(0)), (vec![1, 0], "18446744073709551615"));
        assert!(matches!(CustomerIds::new(vec!["18446744073709551615", "-7"]), CustomerIds::Text(_)));
    }
}
