//! Distributions of a number of purchases, however many there may be.

use crate::special::{Run, sums::POINTS};

/// The distribution of the number of purchases of one customer over some time.
///
/// Chances of single numbers as long as they are few. From 128 purchases on, runs of numbers over which the chance is smooth: of
/// each the exact chance that the number lies in it, as the difference of two values of `P(X ≥ n)`, and the chances at the
/// twelve points of a rule for sums over it. So the work, a few hundred evaluations, does not grow with the number of purchases.
#[derive(Clone, Debug)]
pub struct Counts {
    single: Vec<f64>,
    runs: Vec<CountRun>,
    /// `P(X ≥ 1)`
    some: f64,
}

/// A run of numbers of purchases.
#[derive(Clone, Debug)]
pub struct CountRun {
    /// The numbers.
    pub run: Run,
    /// `P(X ≥ n)` at the first of them, and after the last.
    pub beyond: [f64; 2],
    chances: Chances,
}

/// Chances of the numbers of a run.
#[derive(Clone, Debug)]
enum Chances {
    /// At the points of the rule, between which they are those of the polynomial through them.
    Smooth(Box<[f64; POINTS]>),
    /// Of each.
    Single(Box<[f64]>),
    /// Of all together: the run is so short beside its first number, or so unlikely, that they are one.
    Together,
}

/// Numbers below this are listed singly; a power of two.
const LISTED: u32 = 128;

/// A share of customers not worth a number, if numbers are listed.
pub(super) const REST: f64 = 1e-12;

/// Runs with less than this chance are left out, and of those with less than this the numbers are taken as one.
const NEGLIGIBLE: f64 = 1e-13;
const LITTLE: f64 = 1e-11;

/// How far the chances at the points may be off the chance of the run, and the polynomial through them off at its middle, times
/// the numbers in it; besides what rounding of the parameters' ratios makes, in shares of `n P(X = n)`.
const OFF: f64 = 1e-11;
const OFF_BETWEEN: f64 = 1e-8;
const ROUNDING: f64 = 1e-14;

/// A run shorter than `2^-40` of its first number is one number.
const SHORTEST: i32 = -40;

/// More runs than any distribution has been seen to take; beyond them a run is one number.
const MOST_RUNS: usize = 300;

impl Counts {
    /// From `P(X = n)` and `P(X ≥ n)`, both also between whole numbers.
    pub(super) fn new(mass: impl Fn(f64) -> f64, beyond: impl Fn(f64) -> f64) -> Self {
        // Where next to nobody has so few, these numbers are not listed.
        if beyond(LISTED.into()) > 1.0 - NEGLIGIBLE {
            return Self { single: Vec::new(), runs: runs(&mass, &beyond), some: beyond(1.0) };
        }
        let mut single = Vec::new();
        let mut below = 0.0;
        while single.len() < LISTED as usize {
            let chance = mass(single.len() as f64);
            single.push(chance);
            below += chance;
            // Rounding may keep the sum below that for ever; so may those who purchase whenever they can.
            let is_small = below > 0.5 && chance < 1e-4 * REST;
            if below >= 1.0 - REST || is_small && beyond(single.len() as f64) < REST {
                return Self::listed(single);
            }
        }
        Self::continued(single, mass, beyond)
    }

    /// From a complete list of `P(X = n)`, `n` from 0 on.
    pub(super) fn listed(single: Vec<f64>) -> Self {
        let some = single.iter().skip(1).sum();
        Self { single, runs: Vec::new(), some }
    }

    /// From the chances of the first numbers, as many as are listed, and both functions.
    pub(super) fn continued(single: Vec<f64>, mass: impl Fn(f64) -> f64, beyond: impl Fn(f64) -> f64) -> Self {
        Self { single, runs: runs(&mass, &beyond), some: beyond(1.0) }
    }

    /// Whether so many numbers are listed that runs follow.
    pub(super) fn is_list_full(single: &[f64]) -> bool {
        single.len() >= LISTED as usize
    }

    /// `P(X = n)` of the numbers that are listed, from 0 on.
    pub fn single(&self) -> &[f64] {
        &self.single
    }

    /// The runs of numbers beyond the list, ascending.
    pub fn runs(&self) -> &[CountRun] {
        &self.runs
    }

    /// `P(X ≥ 1)`
    pub fn some(&self) -> f64 {
        self.some
    }

    /// Numbers, of which those of runs need not be whole, and chances that stand for the distribution: means of functions that
    /// are smooth over each run are sums over them.
    pub fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let listed = self.single.iter().enumerate().map(|(n, &chance)| (n as f64, chance));
        listed.chain(self.runs.iter().flat_map(CountRun::points))
    }
}

impl CountRun {
    /// Numbers and chances that stand for the run.
    pub fn points(&self) -> Vec<(f64, f64)> {
        match &self.chances {
            Chances::Smooth(chances) => self.run.points().zip(&**chances).map(|((n, w), p)| (n, w * p)).collect(),
            Chances::Single(chances) => (0..).zip(chances).map(|(i, p)| (self.run.from + f64::from(i), *p)).collect(),
            Chances::Together => vec![(self.run.from + 0.5 * (self.run.length() - 1.0), self.chance())],
        }
    }

    /// The chance that the number lies in the run.
    pub fn chance(&self) -> f64 {
        self.beyond[0] - self.beyond[1]
    }

    /// `P(X = n)` at a point of the run, if the run is smooth.
    pub fn smooth_chance(&self, n: f64) -> Option<f64> {
        match &self.chances {
            Chances::Smooth(chances) => Some(self.run.interpolated(chances, n).max(0.0)),
            _ => None,
        }
    }
}

/// The runs from the end of the list to where next to nobody is left: each begins as long as its first number is large, and is
/// halved until its chances are smooth.
fn runs(mass: &impl Fn(f64) -> f64, beyond: &impl Fn(f64) -> f64) -> Vec<CountRun> {
    let mut runs = Vec::new();
    let mut run = Run { from: LISTED.into(), log2: LISTED.ilog2() };
    let mut from = beyond(run.from).clamp(0.0, 1.0);
    while from > NEGLIGIBLE && run.end().is_finite() {
        let to = beyond(run.end()).clamp(0.0, from);
        split(run, [from, to], mass, beyond, &mut runs);
        run = Run { from: run.end(), log2: run.end().log2() as u32 + 1 };
        from = to;
    }
    runs
}

fn split(
    run: Run,
    [from, to]: [f64; 2],
    mass: &impl Fn(f64) -> f64,
    beyond: &impl Fn(f64) -> f64,
    runs: &mut Vec<CountRun>,
) {
    if from - to <= NEGLIGIBLE {
        return;
    }
    let beyond_both = [from, to];
    let is_one_number = run.log2 > 0 && run.length() < run.from * f64::from(SHORTEST).exp2();
    let chances = if is_one_number || from - to < LITTLE || runs.len() >= MOST_RUNS {
        Some(Chances::Together)
    } else if run.is_long() {
        smooth(&run, from - to, mass)
    } else {
        let numbers: Vec<f64> = (0..1u32 << run.log2).map(|i| mass(run.from + f64::from(i))).collect();
        Some(Chances::Single(numbers.into()))
    };
    match chances {
        Some(chances) => runs.push(CountRun { run, beyond: beyond_both, chances }),
        None => {
            let [first, second] = run.halves();
            let middle = beyond(second.from).clamp(to, from);
            split(first, [from, middle], mass, beyond, runs);
            split(second, [middle, to], mass, beyond, runs);
        }
    }
}

/// The chances at the points, if they add up and the polynomial through them is right at the middle.
fn smooth(run: &Run, chance: f64, mass: &impl Fn(f64) -> f64) -> Option<Chances> {
    let mut chances = Box::new([0.0; POINTS]);
    let (mut sum, mut largest) = (0.0, 0.0f64);
    for ((n, weight), at) in run.points().zip(chances.iter_mut()) {
        *at = mass(n);
        sum += weight * *at;
        largest = largest.max(n * *at);
    }
    let rounding = ROUNDING * largest;
    let middle = run.from + 0.5 * run.length();
    let between = || (run.interpolated(&chances, middle) - mass(middle)).abs() * run.length();
    if (sum - chance).abs() > OFF + rounding || between() > OFF_BETWEEN + rounding || sum.is_nan() {
        return None;
    }
    chances.iter_mut().for_each(|at| *at *= chance / sum);
    Some(Chances::Smooth(chances))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::negative_binomial::NegativeBinomial;

    /// From a dozen purchases to 10³⁰ of them, wide and narrow: chances add up, the mean and the spread are the known ones, and the
    /// work is bounded.
    #[test]
    fn moments_are_those_of_the_distribution_and_the_work_is_bounded() {
        for r in [0.01, 0.3, 1.0, 7.5, 300.0, 1e6, 1e12, 1e20, 1e30] {
            for mean in [12.0, 119.0, 900.0, 1e5, 1e7, 1e12, 1e20, 1e30] {
                let counts = NegativeBinomial::new(r, r, mean);
                let calls = std::cell::Cell::new(0);
                let counted = |answer: f64| {
                    calls.set(calls.get() + 1);
                    answer
                };
                let ours = Counts::new(|n| counted(counts.pmf(n)), |n| counted(counts.at_least(n)));
                let points: Vec<(f64, f64)> = ours.points().collect();
                let moment = |f: &dyn Fn(f64) -> f64| points.iter().map(|(n, chance)| chance * f(*n)).sum::<f64>();
                let what = format!("r {r:e}, mean {mean:e}: {} points, {} calls", points.len(), calls.get());
                assert!((moment(&|_| 1.0) - 1.0).abs() < 1e-11, "{what}: {}", moment(&|_| 1.0));
                assert!((moment(&|n| n) / mean - 1.0).abs() < 1e-9, "{what}: {}", moment(&|n| n));
                let variance = mean * (1.0 + mean / r);
                // What is told apart at all.
                if variance.sqrt() > 1e-9 * mean {
                    let ours = moment(&|n| (n - mean).powi(2));
                    assert!((ours / variance - 1.0).abs() < 1e-6, "{what}: {ours} {variance}");
                }
                println!("{what} {}", ours.runs.len());
                let most = if mean <= 1e7 { 500 } else { 1400 };
                assert!(points.len() <= most && calls.get() < 3 * most, "{what}");
            }
        }
    }
}
