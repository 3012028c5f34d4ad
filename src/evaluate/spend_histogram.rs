//! The histogram of mean repeat spend, and what Gamma-Gamma makes of it.

use std::collections::BTreeMap;

use crate::predict::SpendModels;
use crate::special::BetaCdf;
use crate::summary::Summary;

/// Customers whose mean repeat spend lies between two amounts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SpendBin {
    /// Least amount.
    pub from: f64,
    /// Amounts are less than this.
    pub to: f64,
    /// Customers seen.
    pub actual: f64,
    /// Customers expected.
    pub expected: f64,
}

/// About so many bins.
const BINS: f64 = 24.0;

/// Customers with repeat purchases of some worth by their mean, in bins up to an amount that one in fifty exceeds. Expected are
/// `Σ_x n_x (F(to | x) - F(from | x))` of the `n_x` customers with `x` repeat purchases, where `x m/(γ + x m)` is beta `(p x, q)`
/// distributed: Fader & Hardie (2013), equation 1b; of customers who differ each with the `γ` of its own.
pub fn spend_histogram(spend: &SpendModels, summary: &Summary) -> Vec<SpendBin> {
    let is_spender = |row: &usize| summary.frequency[*row] > 0 && summary.monetary_value[*row] > 0.0;
    // Means, ascending, with the customers up to each.
    let rows = (0..summary.len()).filter(is_spender);
    let mut means: Vec<(f64, f64)> = rows.map(|row| (summary.monetary_value[row], summary.weight(row))).collect();
    means.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut customers = 0.0;
    for (_, upto) in &mut means {
        customers += *upto;
        *upto = customers;
    }
    let place = means.partition_point(|(_, upto)| *upto <= ((customers - 1.0) * 98.0 / 100.0).floor());
    let Some(&(largest, _)) = means.get(place) else { return Vec::new() };
    let width = round_up(largest / BINS);
    let count = (largest / width).ceil().max(1.0) as usize;
    // Customers of each model by frequency, and one of them.
    let mut by_frequency: BTreeMap<(u32, u32), (usize, f64)> = BTreeMap::new();
    (0..summary.len()).filter(is_spender).for_each(|row| {
        by_frequency.entry((summary.frequency[row], spend.number(row))).or_insert((row, 0.0)).1 += summary.weight(row);
    });
    let below = |amount: f64| -> f64 {
        let of = |(&(x, _), &(row, customers)): (&(u32, u32), &(usize, f64))| {
            let (x, spend) = (f64::from(x), spend.of(row));
            let rest = spend.gamma / (spend.gamma + x * amount);
            customers * BetaCdf::new(spend.p * x, spend.q).at(x * amount / (spend.gamma + x * amount), rest)
        };
        by_frequency.iter().map(of).sum()
    };
    let seen_below = |amount: f64| match means.partition_point(|(mean, _)| *mean < amount) {
        0 => 0.0,
        below => means[below - 1].1,
    };
    let edges: Vec<(f64, f64, f64)> = (0..=count)
        .map(|i| i as f64 * width)
        .map(|amount| (amount, seen_below(amount), if amount > 0.0 { below(amount) } else { 0.0 }))
        .collect();
    edges
        .windows(2)
        .map(|pair| SpendBin {
            from: pair[0].0,
            to: pair[1].0,
            actual: pair[1].1 - pair[0].1,
            expected: pair[1].2 - pair[0].2,
        })
        .collect()
}

/// The next number with one digit, 1, 2 or 5.
fn round_up(number: f64) -> f64 {
    let power = 10f64.powf(number.log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power).into_iter().find(|round| *round >= number).unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::GammaGamma;
    use crate::summary::{Day, Grain, History, Observation, TimeUnit};

    #[test]
    fn bins_hold_all_but_the_tail() {
        // q = 1 and p x = 1: P(m ≤ v) = v/(γ + v), in closed form.
        let spend = GammaGamma { p: 1.0, q: 1.0, gamma: 10.0 };
        let history = History::new(1, 1.0, 2.0);
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(0) };
        let summary = Summary::from_histories((1..=200).map(|m| (history, f64::from(m) / 2.0)), observation);
        let bins = spend_histogram(&spend.into(), &summary);
        // One in fifty above 98: steps of 5.
        assert_eq!((bins.len(), bins[0].to), (20, 5.0));
        assert_eq!(bins[3].actual, 10.0);
        for bin in &bins {
            let share = |v: f64| v / (10.0 + v);
            assert!((bin.expected - 200.0 * (share(bin.to) - share(bin.from))).abs() < 1e-10);
        }
        assert_eq!(round_up(3.0), 5.0);
        assert_eq!(round_up(0.02), 0.02);
        assert!(spend_histogram(&spend.into(), &summary.select(&[])).is_empty());
    }
}
