//! How regular purchases are, without a model: from each customer's last two times between purchases.

use super::Sample;

/// Fewer customers than this say nothing of a pattern.
const FEWEST: u64 = 30;

/// Regular from halfway between 1 and 2 on, and in bursts up to halfway between 1/2 and 1, where chance gives 1.
const REGULAR: f64 = 1.5;
const BURSTS: f64 = 0.75;

/// Wheat and Morrison's estimate of how regular purchases are.
///
/// If the times between a customer's purchases are gamma distributed with shape `k`, at whatever rate, the share of the earlier of
/// two in their sum, `M = first/(first + second)`, is beta distributed, `Beta(k, k)`: it depends neither on the rate, which differs
/// between customers, nor on the sum, so that it does not matter that customers with short intervals are more often seen three times
/// before they leave or the window ends. Its variance is `1/(4 (2k + 1))`, and so
///
/// ```text
/// v = mean of (M - 1/2)²,   k = (1 - 4v)/(8v),   standard error  s/√n / (8 v²)
/// ```
///
/// with `s` the standard deviation of `(M - 1/2)²` over the `n` customers (delta method). At `k = 1` purchases come by chance, at
/// exponential times, as in BG/NBD and Pareto/NBD; 2 and more is regular, and below 1 they come in bursts.
///
/// That is so of times that are measured finely. Purchases are counted by period of the grain, and intervals of few periods are alike: of
/// those who come every second day by chance many come after two days and again after two. Where a customer purchases in each period with
/// the same chance, the earlier of two intervals that sum to `N` periods is any number from 1 to `N - 1`, all alike, and so the mean of
/// `(M - 1/2)²` is `(N - 2)/(12 N)`. [`Regularity::k_by_chance`] is the `k` that belongs to that, which is 1 for long intervals and
/// much more for short ones: what [`Regularity::pattern`] says, it says against that.
///
/// Source: Wheat & Morrison (1990), "Estimating purchase regularity with two interpurchase times", Journal of Marketing Research
/// 27(1), 87-93.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Regularity {
    /// Customers with three purchases or more, by whom it is told.
    pub customers: u64,
    /// `v`, the mean of `(M - 1/2)²`.
    squares: Sample,
    /// Of what chance gives at the grain.
    by_chance: Sample,
    /// Of the difference, customer by customer.
    beyond_chance: Sample,
}

/// What `k` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// `k`, as far as chance gives 1, is nearer to 2 than to 1, and less than chance explains with 95% confidence.
    Regular,
    /// Neither regular nor in bursts.
    ByChance,
    /// `k`, as far as chance gives 1, is at most 0.75, and the difference beyond chance likewise.
    Bursts,
}

impl Pattern {
    /// The pattern's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::ByChance => "by chance",
            Self::Bursts => "bursts",
        }
    }
}

/// `(1 - 4v)/(8v)`; none of 0, which sets it no bound.
fn shape(v: f64) -> Option<f64> {
    (v > 0.0).then(|| (1.0 - 4.0 * v) / (8.0 * v))
}

impl Regularity {
    /// From two successive times between purchases of each customer, in whole periods, 1 at least; none without any.
    pub fn new(pairs: &[(u32, u32)]) -> Option<Self> {
        let sum = |&(first, second): &(u32, u32)| f64::from(first) + f64::from(second);
        let square = |pair: &(u32, u32)| (f64::from(pair.0) / sum(pair) - 0.5).powi(2);
        let by_chance = |pair: &(u32, u32)| (sum(pair) - 2.0) / (12.0 * sum(pair));
        let sample = |of: &dyn Fn(&(u32, u32)) -> f64| Sample::new(&pairs.iter().map(of).collect::<Vec<f64>>());
        (!pairs.is_empty()).then(|| Self {
            customers: pairs.len() as u64,
            squares: sample(&square),
            by_chance: sample(&by_chance),
            beyond_chance: sample(&|pair| square(pair) - by_chance(pair)),
        })
    }

    /// `k = (1 - 4v)/(8v)`; none if every customer's two times are equal, which sets it no bound.
    pub fn k(&self) -> Option<f64> {
        shape(self.squares.mean)
    }

    /// The `k` that purchases by chance would have in periods of this grain; none if nobody's times sum to more than two periods.
    pub fn k_by_chance(&self) -> Option<f64> {
        shape(self.by_chance.mean)
    }

    /// The standard error of `k` by the delta method; none without `k`, or of one customer.
    pub fn standard_error(&self) -> Option<f64> {
        let Sample { n, mean: v, variance } = self.squares;
        (n > 1.0 && v > 0.0).then(|| (variance / n).sqrt() / (8.0 * v * v))
    }

    /// What it says of the customers; nothing of fewer than 30, nor where nobody's times sum to more than two periods.
    pub fn pattern(&self) -> Option<Pattern> {
        if self.customers < FEWEST || self.by_chance.mean == 0.0 {
            return None;
        }
        // Were the grain fine, chance would give 1/12.
        let k = shape(self.squares.mean / (12.0 * self.by_chance.mean)).unwrap_or(f64::INFINITY);
        let (low, high) = self.beyond_chance.mean_interval()?;
        Some(match k {
            k if k >= REGULAR && high < 0.0 => Pattern::Regular,
            k if k <= BURSTS && low > 0.0 => Pattern::Bursts,
            _ => Pattern::ByChance,
        })
    }

    /// `2.46 (standard error 0.16), where chance gives 1.07`, or that there is no bound.
    pub fn in_words(&self) -> String {
        let k = match (self.k(), self.standard_error()) {
            (Some(k), Some(error)) => format!("{k:.2} (standard error {error:.2})"),
            (Some(k), None) => format!("{k:.2}"),
            (None, _) => "without bound".to_owned(),
        };
        let chance = self.k_by_chance().map(|chance| format!(", where chance gives {chance:.2}"));
        k + &chance.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_distr::{Distribution, Exp, Gamma};
    use rand_pcg::Pcg64;

    use super::*;

    /// M = 1/4, 1/2 and 2/3: squares 1/16, 0 and 1/36, of which the mean is 13/432. Of 4, 10 and 6 periods chance gives 2/48, 8/120
    /// and 4/72, of which the mean is 59/1080.
    #[test]
    fn the_formula_is_that_of_the_paper() {
        let found = Regularity::new(&[(1, 3), (5, 5), (4, 2)]).unwrap();
        let (v, chance): (f64, f64) = (13.0 / 432.0, 59.0 / 1080.0);
        assert!((found.k().unwrap() - (1.0 - 4.0 * v) / (8.0 * v)).abs() < 1e-13);
        assert!((found.k_by_chance().unwrap() - (1.0 - 4.0 * chance) / (8.0 * chance)).abs() < 1e-13);
        let squares = [1.0 / 16.0 - v, -v, 1.0 / 36.0 - v].map(|off: f64| off * off).iter().sum::<f64>();
        let error = (squares / 2.0 / 3.0).sqrt() / (8.0 * v * v);
        assert!((found.standard_error().unwrap() - error).abs() < 1e-13);
        assert_eq!((found.customers, found.pattern()), (3, None));
    }

    #[test]
    fn without_spread_there_is_no_bound() {
        assert_eq!(Regularity::new(&[]), None);
        let one = Regularity::new(&[(2, 6)]).unwrap();
        assert_eq!((one.k(), one.standard_error(), one.pattern()), (Some(1.5), None, None));
        let clocks = Regularity::new(&[(7, 7); 40]).unwrap();
        assert_eq!((clocks.k(), clocks.standard_error(), clocks.pattern()), (None, None, Some(Pattern::Regular)));
        assert_eq!(Regularity::new(&[(7, 7); 3]).unwrap().pattern(), None);
        let bursts = Regularity::new(&[(1, 99); 40]).unwrap();
        assert!(bursts.k().unwrap() > 0.0 && bursts.pattern() == Some(Pattern::Bursts));
        // Every day: the calendar can say nothing else.
        let daily = Regularity::new(&[(1, 1); 40]).unwrap();
        assert_eq!((daily.k(), daily.k_by_chance(), daily.pattern()), (None, None, None));
    }

    /// The last two gaps, in periods, of 40,000 customers at gamma distributed rates who leave at random and are seen for a while,
    /// however short; of whom this many periods make a unit of time.
    fn simulated(k: f64, window: f64, periods: f64, rng: &mut Pcg64) -> Vec<(u32, u32)> {
        let (rates, leaving) = (Gamma::new(0.8, 0.4).unwrap(), Exp::new(0.02).unwrap());
        let mut pairs = Vec::new();
        for _ in 0..40_000 {
            let times = Gamma::new(k, 1.0 / (k * rates.sample(rng))).unwrap();
            let start: f64 = rng.random();
            let (mut now, end) = (start, start + f64::min(window, leaving.sample(rng)));
            let mut days = vec![(now * periods) as u32];
            loop {
                now += times.sample(rng);
                if now > end {
                    break;
                }
                days.push((now * periods) as u32);
            }
            days.dedup();
            if let [.., first, second, third] = days[..] {
                pairs.push((second - first, third - second));
            }
        }
        pairs
    }

    #[test]
    fn the_shape_of_simulated_times_is_found() {
        let mut rng = Pcg64::seed_from_u64(1990);
        for (k, window, pattern) in [
            (1.0, 26.0, Pattern::ByChance),
            (1.0, 300.0, Pattern::ByChance),
            (2.0, 26.0, Pattern::Regular),
            (2.0, 300.0, Pattern::Regular),
            (3.0, 52.0, Pattern::Regular),
            (0.5, 52.0, Pattern::Bursts),
        ] {
            let found = Regularity::new(&simulated(k, window, 1e6, &mut rng)).unwrap();
            let (estimate, error) = (found.k().unwrap(), found.standard_error().unwrap());
            assert!(found.customers > 5000 && error < 0.05 * k, "{found:?}");
            assert!((estimate - k).abs() < 4.0 * error, "{k} in {window}: {estimate} by {error}");
            assert!((found.k_by_chance().unwrap() - 1.0).abs() < 1e-3);
            assert_eq!(found.pattern(), Some(pattern));
        }
    }

    /// A coarse grain makes chance look regular, and is seen through.
    #[test]
    fn the_grain_is_not_taken_for_regularity() {
        let mut rng = Pcg64::seed_from_u64(1991);
        for (k, pattern) in [(1.0, Pattern::ByChance), (3.0, Pattern::Regular)] {
            let found = Regularity::new(&simulated(k, 52.0, 1.0, &mut rng)).unwrap();
            let (estimate, chance) = (found.k().unwrap(), found.k_by_chance().unwrap());
            assert!(chance > 1.3 && estimate > 1.3, "{estimate} {chance}");
            assert!(k > 1.0 || (estimate / chance - 1.0).abs() < 0.1, "{estimate} {chance}");
            assert_eq!(found.pattern(), Some(pattern), "{estimate} {chance}");
        }
    }
}
