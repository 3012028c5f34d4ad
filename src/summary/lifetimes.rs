//! Lifetimes of contracts, counted: what a cohort's survivors say.

use super::Counted;
use crate::error::{Cause, Error, Result};

/// Customers under contract: how many stayed and how many left at each opportunity.
#[derive(Clone, Debug, PartialEq)]
pub struct CountedLifetimes {
    /// `(i, stayed, left)` at the `i+1`-th chance, ascending.
    chances: Vec<(f64, f64, f64)>,
    customers: f64,
}

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
        let longest = cohorts.iter().map(|survivors| survivors.len()).max().unwrap_or(0);
        let mut chances: Vec<(f64, f64, f64)> = (0..longest.saturating_sub(1)).map(|i| (i as f64, 0.0, 0.0)).collect();
        let mut customers = 0.0;
        for (number, survivors) in cohorts.iter().enumerate() {
            if let Some(wrong) = survivors.iter().find(|count| !(**count >= 0.0 && count.is_finite())) {
                return Err(Error::data(format!("cohort {}: {wrong} is not a number of survivors", number + 1)));
            }
            customers += survivors.first().copied().unwrap_or(0.0);
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
                chances[i].1 += pair[1];
                chances[i].2 += pair[0] - pair[1];
            }
        }
        Ok(Self { chances, customers })
    }

    /// `(i, stayed, left)`: how many customers stayed, and how many left, at their `i+1`-th chance.
    pub fn chances(&self) -> &[(f64, f64, f64)] {
        &self.chances
    }

    /// Number of customers who left.
    pub fn leavers(&self) -> f64 {
        self.chances.iter().map(|&(_, _, left)| left).sum()
    }

    /// Refuses cohorts that nobody, or everybody, left, or that were seen for one period only.
    ///
    /// # Errors
    /// [`Cause::TooFew`](crate::error::Cause::TooFew), or [`Error::data`] if there are not two periods.
    pub fn check(&self, model: &'static str) -> Result<()> {
        if self.chances.len() < 2 {
            return Err(Error::data(format!(
                "{model} cannot be fitted: survivors after one period only, and two parameters take two periods \
                 at least"
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
        let stayed = |chances: usize| -> Vec<(f64, f64, f64)> { (0..chances).map(|i| (i as f64, 1.0, 0.0)).collect() };
        for (i, &(_, here, left)) in self.chances.iter().enumerate() {
            let mut leaver = stayed(i);
            leaver.push((i as f64, 0.0, 1.0));
            each(&Self { chances: leaver, customers: 1.0 }, left);
            let later = self.chances.get(i + 1).map_or(0.0, |&(_, stayed, left)| stayed + left);
            each(&Self { chances: stayed(i + 1), customers: 1.0 }, here - later);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
