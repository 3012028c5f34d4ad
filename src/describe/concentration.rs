//! How much of the revenue a few customers bring.

use super::lifetime::ROUNDING;

/// The distribution of value over customers.
///
/// A negative value, of a customer who gave back more than was bought in the span, counts as zero here, because shares
/// of a whole need parts that are none of them negative; how many there are, and their sum, is said.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Concentration {
    /// Customers.
    pub customers: u64,
    /// Sum of the values, with negative ones at zero.
    pub total: f64,
    /// Customers with a negative value.
    pub negative: u64,
    /// The sum of their values.
    pub negative_total: f64,
    /// Sums of the 0, 1, 2, ... smallest values.
    sums: Vec<f64>,
    gini: Option<f64>,
}

/// The shares of customers that are shown.
pub const TOP_SHARES: [f64; 5] = [0.01, 0.05, 0.1, 0.2, 0.5];

impl Concentration {
    /// From the value of each customer.
    pub fn new(values: &[f64]) -> Self {
        let mut sorted: Vec<f64> = values.iter().map(|value| value.max(0.0)).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let mut sums = Vec::with_capacity(sorted.len() + 1);
        sums.push(0.0);
        for value in &sorted {
            sums.push(sums[sums.len() - 1] + value);
        }
        let negative = values.iter().filter(|value| **value < -ROUNDING);
        let total = sums[sorted.len()];
        Self {
            customers: values.len() as u64,
            total,
            negative: negative.clone().count() as u64,
            negative_total: negative.sum(),
            gini: gini(&sorted, total),
            sums,
        }
    }

    /// Gini coefficient: 0 where all are equal, `1 − 1/n` where one of `n` customers brings everything. None without
    /// any value.
    ///
    /// `G = Σ (2 i − n − 1) v_(i) / (n Σ v)` over the values in ascending order, half the mean absolute difference of
    /// two customers, drawn with replacement, in units of the mean (Gini 1912; Sen 1973, On Economic Inequality, §2.4).
    /// No correction for small `n`.
    pub fn gini(&self) -> Option<f64> {
        self.gini
    }

    /// Lorenz curve: the share of the value that the `share` of customers with the smallest values bring, `L(p)`;
    /// linear between customers, so that one at the cut is divided. None without any value.
    pub fn lorenz(&self, share: f64) -> Option<f64> {
        let at = share.clamp(0.0, 1.0) * self.customers as f64;
        let whole = (at.floor() as usize).min(self.sums.len() - 1);
        let next = self.sums[(whole + 1).min(self.sums.len() - 1)];
        let sum = self.sums[whole] + (at - whole as f64) * (next - self.sums[whole]);
        (self.total > 0.0).then(|| (sum / self.total).min(1.0))
    }

    /// The share of the value that the `share` of customers with the largest values bring, `1 − L(1 − p)`.
    pub fn top(&self, share: f64) -> Option<f64> {
        let at = share.clamp(0.0, 1.0) * self.customers as f64;
        let whole = (at.floor() as usize).min(self.sums.len() - 1);
        let above = |count: usize| self.total - self.sums[self.sums.len() - 1 - count.min(self.sums.len() - 1)];
        let sum = above(whole) + (at - whole as f64) * (above(whole + 1) - above(whole));
        (self.total > 0.0).then(|| (sum / self.total).clamp(0.0, 1.0))
    }

    /// The curve at 0, 1, ... 100% of the customers; empty without any value.
    pub fn curve(&self) -> Vec<(f64, f64)> {
        let point = |percent: u8| {
            let share = f64::from(percent) / 100.0;
            self.lorenz(share).map(|value| (share, value))
        };
        (0..=100).filter_map(point).collect()
    }
}

fn gini(sorted: &[f64], total: f64) -> Option<f64> {
    let n = sorted.len() as f64;
    let weighted: f64 =
        sorted.iter().enumerate().map(|(i, value)| (2.0 * i as f64 + 1.0 - n) / n * (value / total)).sum();
    (total > 0.0).then(|| weighted.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 1e-12)
    }

    #[test]
    fn shares_are_those_counted_by_hand() {
        // 1 + 2 + 3 + 4 = 10; G = (-3*1 - 1*2 + 1*3 + 3*4)/(4*10) = 0.25.
        let four = Concentration::new(&[3.0, 1.0, 4.0, 2.0]);
        assert!(near(four.gini(), 0.25) && near(four.top(0.25), 0.4) && near(four.top(0.5), 0.7));
        // A tenth of four customers is 0.4 of the best one.
        assert!(near(four.top(0.1), 0.16) && near(four.lorenz(0.5), 0.3) && near(four.lorenz(0.625), 0.45));
        let curve = four.curve();
        assert_eq!((curve.len(), curve[0], curve[100]), (101, (0.0, 0.0), (1.0, 1.0)));
        let one_has_all = Concentration::new(&[0.0, 0.0, 0.0, 9.0]);
        assert!(near(one_has_all.gini(), 0.75) && near(one_has_all.top(0.01), 0.04));
    }

    #[test]
    fn equal_customers_and_none_at_all() {
        let equal = Concentration::new(&[5.0; 7]);
        assert!(near(equal.gini(), 0.0) && near(equal.top(0.2), 0.2));
        let alone = Concentration::new(&[5.0]);
        assert!(near(alone.gini(), 0.0) && near(alone.top(0.01), 0.01));
        for nothing in [&[][..], &[0.0, 0.0], &[-1.0, 0.0]] {
            let nothing = Concentration::new(nothing);
            assert_eq!((nothing.gini(), nothing.top(0.5), nothing.curve().len()), (None, None, 0));
        }
    }

    #[test]
    fn negative_values_count_as_zero_and_are_counted() {
        let some = Concentration::new(&[-5.0, 1.0, 3.0, -0.5]);
        assert_eq!((some.negative, some.negative_total, some.total), (2, -5.5, 4.0));
        assert_eq!(some.gini(), Concentration::new(&[0.0, 0.0, 1.0, 3.0]).gini());
    }

    proptest! {
        #[test]
        fn the_coefficient_is_a_share_and_the_curve_ascends(values in prop::collection::vec(-5.0..1e6, 1..80)) {
            let all = Concentration::new(&values);
            if let Some(gini) = all.gini() {
                prop_assert!((0.0..1.0).contains(&gini), "{}", gini);
                prop_assert!(all.curve().windows(2).all(|pair| pair[0].1 <= pair[1].1 + 1e-12));
                for share in TOP_SHARES {
                    let (top, rest) = (all.top(share).unwrap(), all.lorenz(1.0 - share).unwrap());
                    prop_assert!(top >= share - 1e-9 && (top + rest - 1.0).abs() < 1e-9);
                }
            } else {
                prop_assert!(all.total == 0.0);
            }
        }
    }
}
