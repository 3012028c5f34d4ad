//! How many purchases a group of customers makes together, given the parameters: without simulation.

use super::counted_customers::CountedCustomers;
use super::crowd::Crowd;
use super::expected::Expected;
use super::grouping::Sum;
use crate::models::Counts;
use crate::parallel::in_parallel;
use crate::special::Cumulants;

/// The distribution of the number of purchases of a group.
#[derive(Clone, Debug)]
pub(super) enum PurchaseTotal {
    /// `P(N ≤ n)` for `n` from `least` on: customers' distributions convolved.
    Convolved { least: usize, at_most: Vec<f64> },
    /// Of so many customers that the sum is nearly normal.
    Moments(Cumulants),
    /// Neither: to be simulated.
    Unknown,
}

/// Cumulants and lists of distinct futures, given alive.
struct Future<'a> {
    cumulants: Cumulants,
    /// `P(X = n)`; none if numbers are too many to be listed.
    listed: Option<&'a [f64]>,
}

/// Additions and multiplications worth an exact convolution.
const AFFORDABLE: f64 = 5e7;

/// Standard deviations of a sum within which next to all of its distribution lies.
const REACH: f64 = 8.0;

impl PurchaseTotal {
    /// Of each group of customers, each of whom stands for as many as `times` says of the group, with what is expected of all groups.
    pub(super) fn of_groups(listed: &Expected<'_>, times: &[f64], expected: &[Sum]) -> Vec<Self> {
        let Some(crowd) = &listed.crowd else { return vec![Self::Unknown; times.len()] };
        let futures: Vec<Future<'_>> = crowd.counts.iter().map(Future::new).collect();
        let rows = rows_by_group(listed.customers);
        in_parallel(rows.len(), |group| {
            let classes = Classes::new(listed.customers, crowd, &rows[group]);
            classes.total(&futures, times[group], expected[group].purchases)
        })
    }

    /// The number that is not exceeded with probability `share`; a whole one, scaled by `factor`, is made whole by the lot that `share`
    /// casts within its step, so that the mean stays.
    pub(super) fn quantile(&self, share: f64, factor: f64) -> f64 {
        match self {
            Self::Convolved { least, at_most } => {
                let place = at_most.partition_point(|&below| below < share).min(at_most.len() - 1);
                let below = if place == 0 { 0.0 } else { at_most[place - 1] };
                let within = ((share - below) / (at_most[place] - below)).clamp(0.0, 1.0 - f64::EPSILON);
                ((least + place) as f64 * factor + within).floor()
            }
            Self::Moments(cumulants) => (cumulants.quantile(share) * factor).round().max(0.0),
            Self::Unknown => f64::NAN,
        }
    }

    pub(super) fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown)
    }
}

fn rows_by_group(customers: &CountedCustomers) -> Vec<Vec<u32>> {
    let mut rows = vec![Vec::new(); customers.grouping.names.len()];
    (0..).zip(&customers.grouping.of).for_each(|(row, &group)| rows[group as usize].push(row));
    rows
}

impl<'a> Future<'a> {
    fn new(counts: &'a Counts) -> Self {
        let mean = counts.points().map(|(n, chance)| chance * n).sum::<f64>();
        let mut about = [0.0; 3];
        for (n, chance) in counts.points() {
            let square = (n - mean) * (n - mean);
            for (moment, power) in about.iter_mut().zip([square, square * (n - mean), square * square]) {
                *moment += chance * power;
            }
        }
        let listed = counts.runs().is_empty().then(|| counts.single());
        Self { cumulants: Cumulants::of_central(mean, about), listed }
    }

    /// Of who is alive with this chance: moments about the common mean, of the living and of the dead.
    fn when_alive(&self, alive: f64) -> Cumulants {
        let Cumulants { mean, variance, third, fourth } = self.cumulants;
        let common = alive * mean;
        let (off, dead) = (mean - common, 1.0 - alive);
        let fourth = fourth + 3.0 * variance * variance;
        let of_living = [
            variance + off * off,
            third + 3.0 * off * variance + off.powi(3),
            fourth + 4.0 * off * third + 6.0 * off * off * variance + off.powi(4),
        ];
        let of_dead = [common * common, -common.powi(3), common.powi(4)];
        let both = |i: usize| alive * of_living[i] + dead * of_dead[i];
        Cumulants::of_central(common, [both(0), both(1), both(2)])
    }
}

/// Customers of a group whose number of purchases has the same distribution, however they spend.
struct Classes(Vec<Class>);

struct Class {
    future: usize,
    alive: f64,
    customers: f64,
}

impl Classes {
    fn new(customers: &CountedCustomers, crowd: &Crowd, rows: &[u32]) -> Self {
        let mut classes: Vec<Class> = Vec::new();
        for &row in rows {
            let row = row as usize;
            let class = Class {
                future: crowd.future[row] as usize,
                alive: crowd.alive[row],
                customers: customers.summary.weight(row),
            };
            match classes.last_mut() {
                Some(last) if (last.future, last.alive) == (class.future, class.alive) => {
                    last.customers += class.customers;
                }
                _ => classes.push(class),
            }
        }
        Self(classes)
    }

    fn cumulants(&self, futures: &[Future<'_>], times: f64) -> Cumulants {
        let add = |sum: Cumulants, class: &Class| {
            sum.plus(futures[class.future].when_alive(class.alive), times * class.customers)
        };
        self.0.iter().fold(Cumulants::default(), add)
    }

    fn total(&self, futures: &[Future<'_>], times: f64, expected: f64) -> PurchaseTotal {
        let cumulants = Cumulants { mean: expected, ..self.cumulants(futures, times) };
        let width = 2.0 * REACH * cumulants.deviation();
        let work = |class: &Class| {
            let listed = futures[class.future].listed.map_or(f64::INFINITY, |listed| listed.len() as f64);
            listed * class.customers.log2().max(1.0) * (width + listed)
        };
        if times == 1.0 && self.0.iter().map(work).sum::<f64>() <= AFFORDABLE {
            return self.convolved(futures);
        }
        if cumulants.is_nearly_normal() { PurchaseTotal::Moments(cumulants) } else { PurchaseTotal::Unknown }
    }

    fn convolved(&self, futures: &[Future<'_>]) -> PurchaseTotal {
        let mut sum = Lattice { least: 0, chances: vec![1.0] };
        for class in &self.0 {
            let listed = futures[class.future].listed.unwrap_or_default();
            let mut chances: Vec<f64> = listed.iter().map(|chance| class.alive * chance).collect();
            chances[0] += 1.0 - class.alive;
            sum = sum.plus(&Lattice { least: 0, chances }.times(class.customers as u64));
        }
        let at_most = sum.chances.iter().scan(0.0, |below, chance| {
            *below += chance;
            Some(*below)
        });
        PurchaseTotal::Convolved { least: sum.least, at_most: at_most.collect() }
    }
}

/// Chances of whole numbers from one on.
#[derive(Clone)]
struct Lattice {
    least: usize,
    chances: Vec<f64>,
}

/// What is cut off each end of a convolution.
const REST: f64 = 1e-15;

impl Lattice {
    /// Of the sum with an independent number.
    fn plus(&self, other: &Self) -> Self {
        let mut chances = vec![0.0; self.chances.len() + other.chances.len() - 1];
        let (long, short) = if self.chances.len() < other.chances.len() { (other, self) } else { (self, other) };
        for (n, chance) in short.chances.iter().enumerate().filter(|(_, chance)| **chance > 0.0) {
            chances[n..].iter_mut().zip(&long.chances).for_each(|(sum, other)| *sum += chance * other);
        }
        Self { least: self.least + other.least, chances }.trimmed()
    }

    /// Of the sum of so many independent numbers.
    fn times(self, count: u64) -> Self {
        let mut sum = Self { least: 0, chances: vec![1.0] };
        let mut power = self;
        for bit in 0..u64::BITS - count.leading_zeros() {
            if count >> bit & 1 == 1 {
                sum = sum.plus(&power);
            }
            if count >> bit > 1 {
                power = power.plus(&power);
            }
        }
        sum
    }

    /// Without the numbers at both ends that are next to impossible together.
    fn trimmed(mut self) -> Self {
        let rest = |chances: &mut dyn Iterator<Item = &f64>| {
            let mut sum = 0.0;
            let is_rest = |chance: &&f64| {
                sum += **chance;
                sum < REST
            };
            chances.take_while(is_rest).count()
        };
        let above = rest(&mut self.chances.iter().rev());
        let kept = (self.chances.len() - above).max(1);
        self.chances.truncate(kept);
        let below = rest(&mut self.chances.iter()).min(kept - 1);
        self.chances.drain(..below);
        Self { least: self.least + below, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predict::{Grouping, PerCustomer};
    use crate::simulate::published_cdnow;
    use crate::summary::{Grain, History, Observation, Summary, TimeUnit};

    /// Customers of CDNOW's model, of each history one.
    fn customers(count: u32) -> CountedCustomers {
        let observation = Observation::new(TimeUnit::Week, Grain::Day, "1997-09-30".parse().unwrap());
        let history = |i: u32| {
            let (x, T) = (i % 7 * (i % 3) / 2, 27.0 + f64::from(i % 83) / 7.0);
            let t_x = if x == 0 { 0.0 } else { T * (0.3 + 0.69 * f64::from(i % 11) / 11.0) };
            (History::new(x, t_x, T), 20.0)
        };
        let summary = Summary::from_histories((0..count).map(history), observation);
        let predictor = published_cdnow().unwrap().predictor().unwrap();
        let outlook = predictor.outlook(&summary).unwrap();
        outlook.counted(&Grouping::all(summary.len()), &PerCustomer::All(1.0)).unwrap()
    }

    fn with_crowd<R>(customers: &CountedCustomers, t: f64, ask: impl FnOnce(&Crowd) -> R) -> R {
        let outlook = customers.predictor.outlook(&customers.summary).unwrap();
        ask(&Crowd::new(&outlook.everybody(), t))
    }

    fn classes_and_cumulants(customers: &CountedCustomers, crowd: &Crowd) -> (Classes, Cumulants) {
        let rows: Vec<u32> = (0..customers.summary.len() as u32).collect();
        let classes = Classes::new(customers, crowd, &rows);
        let futures: Vec<Future<'_>> = crowd.counts.iter().map(Future::new).collect();
        let cumulants = classes.cumulants(&futures, 1.0);
        (classes, cumulants)
    }

    /// Moments of the convolution are the cumulants, and its quantiles those of the expansion: the worst of them is off by rounding
    /// to whole purchases and a hundredth of a standard deviation.
    #[test]
    fn moments_are_those_of_the_convolution() {
        for (count, t) in [(700, 13.0), (3000, 39.0), (3000, 2.0)] {
            let customers = customers(count);
            with_crowd(&customers, t, |crowd| {
                let (classes, cumulants) = classes_and_cumulants(&customers, crowd);
                let futures: Vec<Future<'_>> = crowd.counts.iter().map(Future::new).collect();
                let convolved = classes.convolved(&futures);
                let PurchaseTotal::Convolved { least, at_most } = &convolved else { panic!("{convolved:?}") };
                // Of each customer a billionth of a thousandth is not listed.
                assert!((at_most[at_most.len() - 1] - 1.0).abs() < 2e-12 * f64::from(count));
                let mut below = 0.0;
                let chances: Vec<(f64, f64)> = at_most
                    .iter()
                    .enumerate()
                    .map(|(i, &at_most)| ((least + i) as f64, at_most - std::mem::replace(&mut below, at_most)))
                    .collect();
                let mean: f64 = chances.iter().map(|(n, chance)| n * chance).sum();
                let central = |k: i32| chances.iter().map(|(n, chance)| chance * (n - mean).powi(k)).sum::<f64>();
                let found = Cumulants::of_central(mean, [central(2), central(3), central(4)]);
                let near =
                    |a: f64, b: f64, tolerance: f64| assert!((a / b - 1.0).abs() < tolerance, "{count} {t}: {a} {b}");
                near(found.mean, cumulants.mean, 1e-8);
                near(found.variance, cumulants.variance, 1e-7);
                near(found.skewness(), cumulants.skewness(), 1e-5);
                near(found.excess(), cumulants.excess(), 1e-5);
                assert!(cumulants.is_nearly_normal(), "{cumulants:?}");
                let moments = PurchaseTotal::Moments(cumulants);
                for share in [0.005, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.995] {
                    let (exact, near) = (convolved.quantile(share, 1.0), moments.quantile(share, 1.0));
                    let off = (exact - near).abs();
                    assert!(off <= 1.0 + 0.01 * cumulants.deviation(), "{count} {t} {share}: {exact} {near}");
                }
            });
        }
    }

    /// Two customers: the chances of their sum by hand.
    #[test]
    fn a_few_customers_are_convolved() {
        let customers = customers(2);
        with_crowd(&customers, 39.0, |crowd| {
            let (classes, _) = classes_and_cumulants(&customers, crowd);
            let futures: Vec<Future<'_>> = crowd.counts.iter().map(Future::new).collect();
            let PurchaseTotal::Convolved { least: 0, at_most } = classes.convolved(&futures) else { panic!() };
            let chance = |row: usize, n: usize| {
                let chance = crowd.alive[row] * crowd.counts[crowd.future[row] as usize].single()[n];
                if n == 0 { 1.0 - crowd.alive[row] + chance } else { chance }
            };
            let none = chance(0, 0) * chance(1, 0);
            let one = chance(0, 0) * chance(1, 1) + chance(0, 1) * chance(1, 0);
            assert!((at_most[0] - none).abs() < 1e-15 && (at_most[1] - none - one).abs() < 1e-15);
        });
    }

    /// Powers are repeated sums, and numbers scaled by a factor keep their mean.
    #[test]
    fn powers_and_scaled_quantiles() {
        let coin = || Lattice { least: 1, chances: vec![0.5, 0.5] };
        let sum = coin().times(4);
        assert_eq!((sum.least, sum.chances), (4, vec![0.0625, 0.25, 0.375, 0.25, 0.0625]));
        let total = PurchaseTotal::Convolved { least: 2, at_most: vec![0.5, 1.0] };
        let shares = (0..1000).map(|i| (f64::from(i) + 0.5) / 1000.0);
        let mean = shares.map(|share| total.quantile(share, 1.3)).sum::<f64>() / 1000.0;
        assert!((mean - 2.5 * 1.3).abs() < 1e-3, "{mean}");
    }
}
