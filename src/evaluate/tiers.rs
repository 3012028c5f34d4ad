//! Customers cut into tiers by what was expected of them, against what came.

use std::fmt;
use std::str::FromStr;

use super::ranking::{Bins, Ranking};
use crate::error::{Error, Result};
use crate::options::as_text;

/// Where tiers are cut.
#[derive(Clone, Debug, PartialEq)]
pub enum TierCuts {
    /// So many tiers with as many customers each.
    Equal(usize),
    /// At these amounts, ascending: a customer belongs to the tier of the largest amount that is not above its own.
    Amounts(Vec<f64>),
}

impl FromStr for TierCuts {
    type Err = Error;

    /// Reads `terciles`, `quartiles`, `deciles`, another number like `5-tiles`, or amounts with commas between.
    fn from_str(text: &str) -> Result<Self> {
        let cuts = match text {
            "terciles" => Self::Equal(3),
            "quartiles" => Self::Equal(4),
            "deciles" => Self::Equal(10),
            _ if text.ends_with(TILES) => {
                let count = text.strip_suffix(TILES).and_then(|count| count.parse().ok());
                Self::Equal(
                    count.ok_or_else(|| Error::usage(format!("`{text}`: give a number of tiers, like 5{TILES}")))?,
                )
            }
            amounts => {
                let wrong = |_| Error::usage("give terciles, quartiles, deciles, or amounts like 100,500");
                let amounts = amounts.split(',').map(|amount| amount.trim().parse().map_err(wrong));
                Self::Amounts(amounts.collect::<Result<_>>()?)
            }
        };
        cuts.check().map(|()| cuts)
    }
}

/// What follows the number of tiers where they have no name.
const TILES: &str = "-tiles";

impl fmt::Display for TierCuts {
    /// As it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal(3) => f.write_str("terciles"),
            Self::Equal(4) => f.write_str("quartiles"),
            Self::Equal(10) => f.write_str("deciles"),
            Self::Equal(count) => write!(f, "{count}{TILES}"),
            Self::Amounts(cuts) => f.write_str(&cuts.iter().map(f64::to_string).collect::<Vec<_>>().join(",")),
        }
    }
}

as_text!(TierCuts);

impl TierCuts {
    /// Whether tiers can be cut like this.
    ///
    /// # Errors
    /// [`Error::usage`] if not.
    pub fn check(&self) -> Result<()> {
        let fits = match self {
            Self::Equal(count) => (2..=100).contains(count),
            Self::Amounts(cuts) => {
                !cuts.is_empty()
                    && cuts.iter().all(|cut| cut.is_finite())
                    && cuts.windows(2).all(|pair| pair[0] < pair[1])
            }
        };
        if fits { Ok(()) } else { Err(Error::usage("tiers are cut into 2 to 100 parts, or at ascending amounts")) }
    }

    /// Names of the tiers, the best first.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Equal(3) => ["High", "Mid", "Low"].map(str::to_owned).to_vec(),
            Self::Equal(count) => {
                let best = |tier: usize| if tier == 1 { " (best)" } else { "" };
                (1..=*count).map(|tier| format!("{tier} of {count}{}", best(tier))).collect()
            }
            Self::Amounts(cuts) => {
                let least = format!("below {}", cuts[0]);
                let names = std::iter::once(least).chain(cuts.iter().map(|cut| format!("{cut} and more")));
                let mut names: Vec<String> = names.collect();
                names.reverse();
                names
            }
        }
    }

    /// Customers and sum of each tier of these numbers, the best first.
    pub fn sums(&self, numbers: &[f64]) -> Vec<(f64, f64)> {
        self.bins(numbers).sums(numbers)
    }

    fn bins(&self, numbers: &[f64]) -> Bins {
        match self {
            Self::Equal(count) => Ranking::new(numbers).bins(*count),
            Self::Amounts(cuts) => {
                let tier = |number: &f64| (cuts.len() - cuts.partition_point(|cut| cut <= number)) as u32;
                Bins::whole(numbers.iter().map(tier).collect(), cuts.len() + 1)
            }
        }
    }
}

/// Tiers by expectation beside tiers by what came, the best first.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tiers {
    /// Each tier by expectation.
    pub tiers: Vec<Tier>,
    /// Customers by tier of expectation, and in it by tier of what came. Equal customers whom a cut parts count in parts on both
    /// sides, so that no order among them is made up.
    pub confusion: Vec<Vec<f64>>,
}

/// One tier.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tier {
    /// Its name.
    pub name: String,
    /// Customers who were expected in it.
    pub customers: f64,
    /// What was expected of them.
    pub expected: f64,
    /// What they brought.
    pub actual: f64,
    /// Customers among them who brought nothing, or less.
    pub nothing: f64,
    /// Their share of what all brought; none if that is nothing.
    pub share: Option<f64>,
    /// Share of them who ended up in it; none if there are none.
    pub precision: Option<f64>,
    /// Share of those who ended up in it who were expected there.
    pub recall: Option<f64>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
}

impl Tiers {
    /// Tiers of each customer's expectation and of what came, cut alike.
    pub fn new(cuts: &TierCuts, expected: &[f64], actual: &[f64]) -> Self {
        let (by_expected, by_actual) = (cuts.bins(expected), cuts.bins(actual));
        let mut confusion = vec![vec![0.0; by_expected.count]; by_expected.count];
        for row in 0..expected.len() {
            for &(foreseen, share) in by_expected.of(row) {
                by_actual.of(row).iter().for_each(|&(came, part)| confusion[foreseen][came] += share * part);
            }
        }
        let (foreseen, came) = (by_expected.sums(expected), by_expected.sums(actual));
        let all: f64 = actual.iter().sum();
        let idle: Vec<f64> = actual.iter().map(|actual| f64::from(u8::from(*actual <= 0.0))).collect();
        let idle = by_expected.sums(&idle);
        let tier = |(i, name): (usize, String)| {
            let (customers, expected) = foreseen[i];
            let actual = came[i].1;
            let right: f64 = confusion[i][i];
            let arrived: f64 = confusion.iter().map(|row| row[i]).sum();
            let ratio = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
            Tier {
                name,
                customers,
                expected,
                actual,
                nothing: idle[i].1,
                share: ratio(actual, all),
                precision: ratio(right, customers),
                recall: ratio(right, arrived),
                f1: ratio(2.0 * right, customers + arrived),
            }
        };
        Self { tiers: cuts.names().into_iter().enumerate().map(tier).collect::<Vec<Tier>>(), confusion }
    }
}

/// A tenth of the customers by expectation.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decile {
    /// 1 has the largest expectations.
    pub decile: u32,
    /// Customers in it.
    pub customers: f64,
    /// Their mean expectation.
    pub expected: f64,
    /// Mean of what came.
    pub actual: f64,
}

/// Means by tenths of the customers in the order of their expectations, equal customers counted in parts where a cut parts them.
pub fn deciles(expected: &[f64], actual: &[f64]) -> Vec<Decile> {
    let bins = Ranking::new(expected).bins(10);
    let sums = bins.sums(expected).into_iter().zip(bins.sums(actual)).zip(1..);
    let decile = |(((customers, expected), (_, actual)), decile)| Decile {
        decile,
        customers,
        expected: expected / customers,
        actual: actual / customers,
    };
    sums.map(decile).filter(|decile| decile.customers > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_are_read_as_they_are_written() {
        for text in ["terciles", "quartiles", "deciles", "2-tiles", "100-tiles", "100,500.5"] {
            assert_eq!(text.parse::<TierCuts>().unwrap().to_string(), text);
        }
        assert_eq!("4-tiles".parse::<TierCuts>().unwrap(), TierCuts::Equal(4));
        for text in ["1-tiles", "101-tiles", "-tiles", "2-tiles-tiles", "five-tiles", "5,1", ""] {
            assert!(text.parse::<TierCuts>().is_err(), "{text}");
        }
    }

    #[test]
    fn confusion_of_a_small_list() {
        // Expected: a b c d; came: b a d c, with c and d equal.
        let tiers = Tiers::new(&TierCuts::Equal(2), &[9.0, 7.0, 5.0, 3.0], &[1.0, 6.0, 0.0, 3.0]);
        assert_eq!(tiers.confusion, [[1.0, 1.0], [1.0, 1.0]]);
        let high = &tiers.tiers[0];
        assert_eq!((&*high.name, high.customers, high.expected, high.actual), ("1 of 2 (best)", 2.0, 16.0, 7.0));
        assert_eq!((high.nothing, tiers.tiers[1].nothing), (0.0, 1.0));
        assert_eq!((high.share, high.precision, high.recall, high.f1), (Some(0.7), Some(0.5), Some(0.5), Some(0.5)));
    }

    #[test]
    fn equals_at_a_cut_count_on_both_sides() {
        // Nobody came: a tier says nothing, and every cell has what chance would give it.
        let tiers = Tiers::new(&TierCuts::Equal(2), &[4.0, 3.0, 2.0, 1.0], &[0.0; 4]);
        assert_eq!(tiers.confusion, [[1.0, 1.0], [1.0, 1.0]]);
        assert_eq!(tiers.tiers[0].share, None);
    }

    #[test]
    fn amounts_cut_both_sides_alike() {
        let cuts = TierCuts::Amounts(vec![10.0, 100.0]);
        assert_eq!(cuts.names(), ["100 and more", "10 and more", "below 10"]);
        let tiers = Tiers::new(&cuts, &[150.0, 100.0, 20.0, 5.0], &[90.0, 300.0, 0.0, 9.0]);
        assert_eq!(tiers.confusion, [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]);
        let mid = &tiers.tiers[1];
        assert_eq!((mid.precision, mid.recall, mid.f1), (Some(0.0), Some(0.0), Some(0.0)));
        let none = Tiers::new(&cuts, &[5.0], &[5.0]);
        assert_eq!((none.tiers[0].precision, none.tiers[0].f1), (None, None));
        for wrong in [TierCuts::Equal(1), TierCuts::Amounts(vec![]), TierCuts::Amounts(vec![2.0, 1.0])] {
            assert!(wrong.check().is_err());
        }
    }

    #[test]
    fn deciles_of_a_hundred() {
        let numbers: Vec<f64> = (0..100).map(f64::from).collect();
        let deciles = deciles(&numbers, &vec![2.0; 100]);
        assert_eq!(deciles[0], Decile { decile: 1, customers: 10.0, expected: 94.5, actual: 2.0 });
        assert_eq!(deciles[9], Decile { decile: 10, customers: 10.0, expected: 4.5, actual: 2.0 });
    }
}
