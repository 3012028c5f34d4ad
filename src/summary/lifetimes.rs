//! Lifetimes of contracts, counted: what a cohort's survivors say.

use std::collections::BTreeMap;

use super::Counted;
use crate::error::{Cause, Error, Result};

/// Customers under contract: how many stayed and how many left at each opportunity.
#[derive(Clone, Debug, PartialEq)]
pub struct CountedLifetimes {
    /// `(i, stayed, left)` at the `i+1`-th chance, ascending.
    chances: Vec<(f64, f64, f64)>,
    customers: f64,
    /// Customers who are alike, of whom [`Self::chances`] are the sums.
    rows: Vec<(Seen, f64)>,
}

/// What was seen of one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    /// Renewals made before the customer came under observation.
    from: u32,
    /// Renewals made in all.
    to: u32,
    /// Whether the next one was not made.
    left: bool,
}

/// Longest time under contract, in periods.
const MOST_PERIODS: u32 = 100_000;

/// Fewest customers who left from which two parameters are estimated.
const FEWEST_LEAVERS: f64 = 10.0;

impl CountedLifetimes {
    /// From the survivors of cohorts: the customers of each at the start, then after one period, after two, …; cohorts may
    /// have been seen for different numbers of periods.
    ///
    /// # Errors
    /// [`Error::data`] if a cohort grows, or a number is negative or not finite.
    pub fn from_survivors<S: AsRef<[f64]>>(cohorts: &[S]) -> Result<Self> {
        let cohorts: Vec<&[f64]> = cohorts.iter().map(AsRef::as_ref).collect();
        let mut customers = Vec::new();
        for (number, survivors) in cohorts.iter().enumerate() {
            if let Some(wrong) = survivors.iter().find(|count| !(**count >= 0.0 && count.is_finite())) {
                return Err(Error::data(format!("cohort {}: {wrong} is not a number of survivors", number + 1)));
            }
            for (i, pair) in survivors.windows(2).enumerate() {
                if pair[1] > pair[0] {
                    return Err(Error::data(format!(
                        "cohort {}: {} survivors after period {}, of {} before; nobody joins a cohort later",
                        number + 1,
                        pair[1],
                        i + 1,
                        pair[0]
                    )));
                }
                customers.push((0, i as u32, true, pair[0] - pair[1]));
            }
            if let Some(&there) = survivors.last() {
                customers.push((0, survivors.len() as u32 - 1, false, there));
            }
        }
        Self::of_customers(customers)
    }

    /// From customers, each with the renewals made before anything was seen of them, the renewals made in all, whether they left at the
    /// next one, and how many customers are alike.
    ///
    /// Customers who came under observation after `from` renewals are known to have made those, and count from there on (left truncation).
    ///
    /// # Errors
    /// [`Error::data`] if a lifetime ends before it is seen or is longer than 100,000 periods, or a number of customers is none.
    ///
    /// ```
    /// use clv::summary::CountedLifetimes;
    ///
    /// // Two left at the first renewal; three, seen from the second on, are still there after it.
    /// let lifetimes = CountedLifetimes::of_customers([(0, 0, true, 2.0), (1, 2, false, 3.0)])?;
    /// assert_eq!(lifetimes.chances(), [(0.0, 0.0, 2.0), (1.0, 3.0, 0.0)]);
    /// # Ok::<(), clv::Error>(())
    /// ```
    pub fn of_customers(customers: impl IntoIterator<Item = (u32, u32, bool, f64)>) -> Result<Self> {
        let mut rows: BTreeMap<Seen, f64> = BTreeMap::new();
        for (from, to, left, count) in customers {
            if from > to || to > MOST_PERIODS {
                return Err(Error::data(format!("a customer is seen from renewal {from} to {to}")));
            }
            if !(count >= 0.0 && count.is_finite()) {
                return Err(Error::data(format!("{count} is not a number of customers")));
            }
            *rows.entry(Seen { from, to, left }).or_default() += count;
        }
        let rows: Vec<(Seen, f64)> = rows.into_iter().collect();
        Ok(Self::of_rows(rows))
    }

    /// What had been seen when customers had come to their first `periods` chances, and to none after those.
    pub fn up_to(&self, periods: u32) -> Self {
        let early = self.rows.iter().filter(|(seen, _)| seen.from < periods);
        let cut = |&(seen, count): &(Seen, f64)| {
            let Seen { from, to, left } = seen;
            (Seen { from, to: to.min(periods), left: left && to < periods }, count)
        };
        let mut rows: BTreeMap<Seen, f64> = BTreeMap::new();
        early.map(cut).for_each(|(seen, count)| *rows.entry(seen).or_default() += count);
        Self::of_rows(rows.into_iter().collect())
    }

    fn of_rows(rows: Vec<(Seen, f64)>) -> Self {
        let longest = rows.iter().map(|(seen, _)| seen.to as usize + usize::from(seen.left)).max().unwrap_or(0);
        // Those who come under observation less those who are seen no more, and those who leave, by chance.
        let mut moved = vec![0.0; longest + 1];
        let mut left = vec![0.0; longest];
        for (seen, count) in &rows {
            moved[seen.from as usize] += count;
            moved[seen.to as usize] -= count;
            if seen.left {
                left[seen.to as usize] += count;
            }
        }
        let mut here = 0.0;
        let stayed = moved.iter().map(|moved| {
            here += moved;
            here
        });
        // Sums of parts of customers may miss zero by their last digits.
        let chances = stayed.zip(&left).enumerate().map(|(i, (stayed, &left))| (i as f64, f64::max(stayed, 0.0), left));
        let chances = chances.collect();
        Self { chances, customers: rows.iter().map(|(_, count)| count).sum(), rows }
    }

    /// `(i, stayed, left)`: how many customers stayed, and how many left, at their `i+1`-th chance.
    pub fn chances(&self) -> &[(f64, f64, f64)] {
        &self.chances
    }

    /// Number of customers who left.
    pub fn leavers(&self) -> f64 {
        self.chances.iter().map(|&(_, _, left)| left).sum()
    }

    /// Number of chances at which anybody was seen.
    pub fn periods(&self) -> usize {
        self.chances.iter().filter(|&&(_, stayed, left)| stayed + left > 0.0).count()
    }

    /// Refuses cohorts that nobody, or everybody, left, or that were seen for fewer periods than a model has parameters.
    ///
    /// # Errors
    /// [`Cause::TooFew`](crate::error::Cause::TooFew), or [`Error::data`] if there are not so many periods.
    pub fn check(&self, model: &'static str, parameters: usize) -> Result<()> {
        const NUMBERS: [&str; 4] = ["no", "one", "two", "three"];
        let seen = self.chances.len();
        if seen < parameters {
            let word = |number: usize| NUMBERS.get(number).copied().unwrap_or("several");
            return Err(Error::data(format!(
                "{model} cannot be fitted: survivors after {} {} only, and {} parameters take {} periods at least",
                word(seen),
                if seen == 1 { "period" } else { "periods" },
                word(parameters),
                word(parameters),
            )));
        }
        let found = self.leavers();
        if found >= FEWEST_LEAVERS {
            return Ok(());
        }
        Err(Cause::TooFew {
            model,
            what: "left",
            found: found as u64,
            of: self.customers as u64,
            needed: FEWEST_LEAVERS as u64,
        }
        .into())
    }
}

impl Counted for CountedLifetimes {
    fn customers(&self) -> f64 {
        self.customers
    }

    fn distinct(&self) -> usize {
        self.chances.len()
    }

    /// Nothing to save: there is one row a period.
    fn thinned(&self, _every: usize) -> Self {
        self.clone()
    }

    /// Customer by customer: those who left at each chance, and those who were still there when last seen.
    fn each_alone(&self, mut each: impl FnMut(&Self, f64)) {
        for &(seen, count) in &self.rows {
            each(&Self::of_rows(vec![(seen, 1.0)]), count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_had_been_seen_earlier() {
        let all = CountedLifetimes::of_customers([
            (0, 0, true, 5.0),
            (0, 2, true, 3.0),
            (1, 4, false, 2.0),
            (3, 5, true, 1.0),
        ]);
        let early = CountedLifetimes::of_customers([(0, 0, true, 5.0), (0, 2, false, 3.0), (1, 2, false, 2.0)]);
        assert_eq!(all.unwrap().up_to(2), early.unwrap());
    }

    #[test]
    fn cohorts_of_different_ages_add_up() {
        let counted = CountedLifetimes::from_survivors(&[vec![100.0, 60.0, 40.0], vec![50.0, 30.0]]).unwrap();
        assert_eq!(counted.chances(), [(0.0, 90.0, 60.0), (1.0, 40.0, 20.0)]);
        let mut customers = 0.0;
        counted.each_alone(|_, count| customers += count);
        assert_eq!(customers, 150.0);
        assert!(CountedLifetimes::from_survivors(&[vec![10.0, 11.0]]).is_err());
        assert!(CountedLifetimes::from_survivors(&[vec![10.0, f64::NAN]]).is_err());
    }
}
