//! What may happen rather than what is to be expected: any purchase at all, so many of them, the next one, being alive.

use jiff::ToSpan;

use super::futures::{FutureOf, Futures};
use super::{Customers, Horizon, Individuals};
use crate::error::{Error, Result};
use crate::models::{Counts, FuturePurchases, MOST_OPPORTUNITIES, Timing, TimingFuture};
use crate::summary::{Day, Observation};

/// Chances over a horizon, by customer.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Chances {
    /// P(at least one purchase); absent if the horizon begins later than now.
    pub p_purchase: Option<Vec<f64>>,
    /// P(alive at the end); absent if there is none.
    pub p_alive: Option<Vec<f64>>,
}

/// Chances over a horizon by distinct future, given that the customer is alive now.
#[derive(Clone, Debug)]
pub struct HorizonChances {
    p_purchase: Option<Vec<f64>>,
    p_alive: Option<Vec<f64>>,
}

impl HorizonChances {
    /// `P(X(t) ≥ 1)` and `P(alive at t)` of each future.
    pub(super) fn new<I: Individuals>(individuals: &I, futures: &Futures, horizon: &Horizon) -> Result<Self> {
        let (_, t) = individuals.bounds(horizon)?;
        let chances = |chance: &(dyn Fn(FutureOf<I>) -> f64 + Sync)| {
            // Where parameters ran off, what rounding adds may be more than nothing.
            futures.map(individuals, |future| chance(future).clamp(0.0, 1.0))
        };
        let starts_now = horizon.is_span() || horizon.is_all_of_the_future();
        Ok(Self {
            p_purchase: starts_now
                .then(|| chances(&|future| if t.is_finite() { future.at_least(1, t) } else { future.ever_repeats() })),
            p_alive: t.is_finite().then(|| chances(&|future| future.survival(t))),
        })
    }
}

/// When the next purchase comes, by customer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NextPurchase {
    /// P(it ever comes).
    pub p_ever: Vec<f64>,
    /// For each share asked for: the day by which that share of the next purchases that ever come will have come; none if that is
    /// more than ten years from the end of the observation, where no day means anything.
    pub by: Vec<Vec<Option<Day>>>,
}

/// The distribution of one customer's number of purchases over a horizon.
#[derive(Debug)]
pub struct CountDistribution<'a, F = TimingFuture> {
    alive: f64,
    future: &'a F,
    t: f64,
    counts: &'a Counts,
}

impl<F: FuturePurchases> CountDistribution<'_, F> {
    /// `P(n)`.
    pub fn probability(&self, n: u32) -> f64 {
        let listed = self.counts.single().get(n as usize).copied();
        let given_alive = listed.unwrap_or_else(|| self.future.pmf(n, self.t));
        self.alive * given_alive + if n == 0 { 1.0 - self.alive } else { 0.0 }
    }

    /// `P(≤ n)`.
    pub fn at_most(&self, n: f64) -> f64 {
        let listed = self.counts.single();
        let given_alive = match self.counts.runs() {
            [] => listed.iter().take(n as usize + 1).sum(),
            _ if n < listed.len() as f64 => listed[..=n as usize].iter().sum(),
            _ => 1.0 - self.future.tail(n + 1.0, self.t),
        };
        (1.0 - self.alive + self.alive * given_alive).min(1.0)
    }

    /// The smallest whole `n` with `P(≤ n) ≥ probability`, and that probability.
    pub fn quantile(&self, probability: f64) -> (f64, f64) {
        let listed = self.counts.single();
        let mut below = 0.0;
        for n in 0..listed.len() as u32 {
            below += self.probability(n);
            if below >= probability {
                return (f64::from(n), below);
            }
        }
        // All but next to nobody: the least number that is not too few for the run.
        let up_to = |beyond: f64| 1.0 - self.alive * beyond;
        let runs = self.counts.runs();
        let Some(last) = runs.last() else { return (listed.len().saturating_sub(1) as f64, below) };
        if listed.is_empty() && up_to(runs[0].beyond[0]) >= probability {
            return (0.0, up_to(runs[0].beyond[0]));
        }
        let run = runs.iter().find(|run| up_to(run.beyond[1]) >= probability).unwrap_or(last);
        let at_most = |n: f64| up_to(self.future.tail(n + 1.0, self.t));
        // Between the number before the run, which is too few, and its last, which is enough.
        let (mut low, mut high) = (run.run.from - 1.0, run.run.end() - 1.0);
        loop {
            let middle = (0.5 * (low + high)).floor();
            if middle <= low || middle >= high {
                return (high, at_most(high));
            }
            if at_most(middle) >= probability { high = middle } else { low = middle }
        }
    }
}

impl<F: FuturePurchases> CountDistribution<'_, F> {
    /// The interval that leaves out at most half of the rest on each side: what it holds, more than its share where a single number is
    /// likely, and its ends.
    pub fn interval(&self, share: f64) -> (f64, f64, f64) {
        let (low, up_to_low) = self.quantile(0.5 - 0.5 * share);
        let (high, up_to_high) = self.quantile(0.5 + 0.5 * share);
        // Of large numbers the chance of a single one is nothing beside that of the interval.
        let at_low = if low <= f64::from(u32::MAX) { self.probability(low as u32) } else { 0.0 };
        (up_to_high - up_to_low + at_low, low, high)
    }
}

impl<I: Individuals> Customers<'_, I> {
    /// `P(alive) P(X(t) ≥ 1)` and `P(alive) P(alive at t)` over a horizon of the outlook.
    pub fn chances(&self, ahead: &HorizonChances) -> Chances {
        let of_customers = |given_alive: &Vec<f64>| self.when_alive(given_alive);
        Chances {
            p_purchase: ahead.p_purchase.as_ref().map(of_customers),
            p_alive: ahead.p_alive.as_ref().map(of_customers),
        }
    }

    /// `P(n purchases over the horizon | history)` of each, for `n` from 0 to `most`: `P(alive) P(X(t) = n)`, and for `n = 0` also
    /// the chance that the customer is not alive.
    ///
    /// # Errors
    /// [`Error::usage`] if the horizon does not lie in the future, has no end, or begins later than now.
    pub fn count_probabilities(&self, horizon: &Horizon, most: u32) -> Result<Vec<Vec<f64>>> {
        let t = self.individuals.span(horizon)?;
        let masses =
            self.futures().map(&self.individuals, |future| (0..=most).map(|n| future.pmf(n, t)).collect::<Vec<f64>>());
        let mut columns = vec![Vec::with_capacity(self.len()); most as usize + 1];
        for (alive, future) in self.p_alive.iter().zip(self.futures().by_customer()) {
            for (n, (column, mass)) in columns.iter_mut().zip(&masses[future]).enumerate() {
                column.push(alive * mass + if n == 0 { 1.0 - alive } else { 0.0 });
            }
        }
        Ok(columns)
    }

    /// What `ask` makes of the distribution of the number of purchases over the horizon, for each by its place among these.
    ///
    /// # Errors
    /// [`Error::usage`] if the horizon does not lie in the future, has no end, or begins later than now.
    pub fn count_distributions<R: Send>(
        &self,
        horizon: &Horizon,
        ask: impl Fn(usize, &CountDistribution<'_, FutureOf<I>>) -> R + Sync,
    ) -> Result<Vec<R>> {
        let t = self.individuals.span(horizon)?;
        let counted = self.futures().map(&self.individuals, |future| {
            let counts = future.counts(t);
            (future, counts)
        });
        let places = self.p_alive.iter().zip(self.futures().by_customer()).enumerate();
        let answers = places.map(|(place, (&alive, future))| {
            let (future, counts) = &counted[future];
            ask(place, &CountDistribution { alive, future, t, counts })
        });
        Ok(answers.collect())
    }

    /// The chance that every customer ever purchases again, and when, if so. The waiting time may have no mean, so it is
    /// told by quantiles: `share` of those that ever come have come by `t` if `P(X(t) ≥ 1) = share P(X(∞) ≥ 1)`.
    ///
    /// # Errors
    /// [`Error::usage`] unless all shares lie between 0 and 1.
    pub fn next_purchase(&self, shares: &[f64]) -> Result<NextPurchase> {
        if let Some(wrong) = shares.iter().find(|share| !(**share > 0.0 && **share < 1.0)) {
            return Err(Error::usage(format!("a share of next purchases is {wrong}; it lies between 0 and 1")));
        }
        let observation = &self.summary.observation;
        // A little more than it takes; the day decides.
        let years = f64::from(LONGEST_WAIT_YEARS) * observation.unit.per_year() + 2.0;
        let discrete = self.rows.first().is_some_and(|&row| self.individuals.timing(row).is_discrete());
        let longest = if discrete { years.ceil().min(MOST_OPPORTUNITIES) } else { years };
        let waits = self.futures().map(&self.individuals, |future| {
            let ever = future.ever_repeats();
            let wait = |share: &f64| wait(&future, share * ever, longest, discrete);
            let days = shares.iter().map(|share| day_after(observation, wait(share)));
            (ever, days.collect::<Vec<Option<Day>>>())
        });
        let (ever, days): (Vec<f64>, Vec<Vec<Option<Day>>>) = waits.into_iter().unzip();
        let p_ever = self.futures().of_customers(&self.p_alive, &ever);
        let by = |i: usize| self.futures().by_customer().map(|future| days[future][i]).collect();
        Ok(NextPurchase { p_ever, by: (0..shares.len()).map(by).collect() })
    }
}

/// The longest wait for a next purchase whose day is told.
const LONGEST_WAIT_YEARS: i32 = 10;

/// The shortest time `t` with `P(X(t) ≥ 1) ≥ probability`, to nine digits or the next moment; infinite beyond the longest.
fn wait<F: FuturePurchases>(future: &F, probability: f64, longest: f64, discrete: bool) -> f64 {
    let reached = |t: f64| future.at_least(1, t) >= probability;
    if !reached(longest) {
        return f64::INFINITY;
    }
    let mut high = future.time_scale().min(longest);
    let mut low = 0.0;
    while !reached(high) {
        low = high;
        high = (2.0 * high).min(longest);
    }
    while high - low > if discrete { 0.5 } else { 1e-9 * high } {
        let middle = 0.5 * (low + high);
        if reached(middle) { high = middle } else { low = middle }
    }
    if discrete { high.ceil() } else { high }
}

/// The day that has passed when `t` has, counted from the end of the observation; where periods are counted, the last of the
/// period.
fn day_after(observation: &Observation, t: f64) -> Option<Day> {
    let Observation { unit, grain, end } = *observation;
    let latest = Day::from(end.date().saturating_add(LONGEST_WAIT_YEARS.years()));
    let day = if observation.counts_periods() {
        let start = unit.after_period(grain, grain.start(end), t.ceil());
        // Not a number beyond the calendar.
        if start.is_nan() || start > f64::from(latest.0) {
            return None;
        }
        grain.last_day(Day(start as i32))
    } else {
        let day = f64::from(end.0) + (t * unit.days()).ceil();
        if day.is_infinite() {
            return None;
        }
        Day(day as i32)
    };
    (day <= latest).then_some(day)
}
