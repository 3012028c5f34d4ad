//! Expected against actual purchases after the end of the observation.

/// Customers with the same number of repeat purchases in the observation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrequencyGroup {
    /// Number of repeat purchases; the last group takes all larger numbers too.
    pub x: u32,
    /// Customers in it.
    pub customers: u32,
    /// Mean purchases in the holdout.
    pub actual: f64,
    /// Mean expected purchases.
    pub expected: f64,
}

/// Expected and actual purchases of each customer over a holdout, in the same order.
#[derive(Clone, Debug)]
pub struct Holdout<'a> {
    /// Expected.
    pub expected: &'a [f64],
    /// Actual.
    pub actual: &'a [u32],
}

impl Holdout<'_> {
    fn pairs(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.expected.iter().copied().zip(self.actual.iter().map(|&n| f64::from(n)))
    }

    fn mean(&self, term: impl Fn(f64, f64) -> f64) -> f64 {
        self.pairs().map(|(expected, actual)| term(expected, actual)).sum::<f64>() / self.expected.len() as f64
    }

    /// Mean absolute error.
    pub fn mean_absolute_error(&self) -> f64 {
        self.mean(|expected, actual| (expected - actual).abs())
    }

    /// Root of the mean squared error.
    pub fn root_mean_square_error(&self) -> f64 {
        self.mean(|expected, actual| (expected - actual).powi(2)).sqrt()
    }

    /// Pearson correlation. Not a number if either side is constant.
    pub fn correlation(&self) -> f64 {
        let (expected_mean, actual_mean) = (self.mean(|expected, _| expected), self.mean(|_, actual| actual));
        let covariance = self.mean(|expected, actual| (expected - expected_mean) * (actual - actual_mean));
        let spread = self.mean(|expected, _| (expected - expected_mean).powi(2))
            * self.mean(|_, actual| (actual - actual_mean).powi(2));
        covariance / spread.sqrt()
    }

    /// Means by number of repeat purchases in the observation, from 0 to `last` or more.
    pub fn by_frequency(&self, frequency: &[u32], last: u32) -> Vec<FrequencyGroup> {
        let mut groups: Vec<FrequencyGroup> =
            (0..=last).map(|x| FrequencyGroup { x, customers: 0, actual: 0.0, expected: 0.0 }).collect();
        for (&x, (expected, actual)) in frequency.iter().zip(self.pairs()) {
            let group = &mut groups[x.min(last) as usize];
            group.customers += 1;
            group.actual += actual;
            group.expected += expected;
        }
        groups.retain(|group| group.customers > 0);
        for group in &mut groups {
            group.actual /= f64::from(group.customers);
            group.expected /= f64::from(group.customers);
        }
        groups
    }
}
