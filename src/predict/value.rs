//! What a customer will spend over a horizon, as a distribution and not only in expectation.
//!
//! Exact given the parameters: the number of purchases has the model's mass function, and the sum of `n` purchases of a
//! customer with posterior `(p, q', γ')` is `γ'` times a beta-prime variate `(p n, q')`, because they are gamma distributed
//! with a common gamma distributed rate. So the value is a mixture over `n`, with a point mass at zero. Nothing is sampled; of
//! large `n`, of which there may be millions, a few stand for all ([`Counts`]).

use rustc_hash::FxHashMap;

use super::{Customers, Horizon, Individuals, PerCustomer, Predictor, SpendModels};
use crate::error::{Error, Result};
use crate::models::{CountRun, Counts, FuturePurchases, GammaGamma, Timing};
use crate::parallel::{in_parallel, threads};
use crate::special::{BetaCdf, Run};
use crate::summary::History;
use crate::task::checkpoint;

/// The distribution of the value of one customer's purchases over a horizon: margin times spend, not discounted. Where the
/// uncertainty of the parameters is mixed in, the mean of several.
#[derive(Clone, Debug)]
pub struct ValueDistribution<'a> {
    parts: Vec<Part<'a>>,
    /// P(no purchase).
    none: f64,
}

/// Given one set of parameters.
#[derive(Clone, Debug)]
struct Part<'a> {
    /// P(no purchase).
    none: f64,
    /// Of purchases, given that the customer is alive.
    counts: &'a Counts,
    /// Of `S/(S + γ')`, `S` the spend on `n` purchases, for the `n` that are listed, from 1 on.
    sums: &'a [BetaCdf],
    /// Of `S/(S + γ')` at the points of the runs, `S` being the spend on as many purchases.
    of_runs: Vec<Vec<(f64, BetaCdf)>>,
    /// P(alive).
    alive: f64,
    /// Whose `γ` is in units of value.
    spender: GammaGamma,
}

/// A count as unlikely as this does not move a quantile.
const NEGLIGIBLE: f64 = 1e-13;

/// The longest run of counts, in standard deviations of the count that it takes to spend so much, over which twelve points show
/// how the chance to spend no more falls.
const RESOLVED: f64 = 2.5;

/// What a number of purchases, or several, adds to `P(V ≤ v)`, and to its slope in `ln v`.
type CdfAndSlope = (f64, f64);

fn plus(sum: CdfAndSlope, (below, density): CdfAndSlope, weight: f64) -> CdfAndSlope {
    (sum.0 + weight * below, sum.1 + weight * density)
}

/// The share of the value in value and scale, and its logarithm: that of the rest too.
struct Place {
    shares: [f64; 2],
    logarithms: [f64; 2],
}

impl Part<'_> {
    /// `P(V ≤ v)` at `v > 0`, and its slope in `ln v`.
    fn cdf_and_slope(&self, v: f64) -> CdfAndSlope {
        let scale = self.spender.gamma;
        let at = Place {
            shares: [v / (v + scale), scale / (v + scale)],
            logarithms: [-(scale / v).ln_1p(), -(v / scale).ln_1p()],
        };
        let listed = self.counts.single().iter().skip(1).zip(self.sums);
        let listed = listed
            .filter(|(chance, _)| **chance > NEGLIGIBLE)
            .fold((0.0, 0.0), |sum, (chance, spend)| plus(sum, spend.with_slope(at.shares, at.logarithms), *chance));
        let runs = self.counts.runs().iter().zip(&self.of_runs);
        let (spent, slope) = runs.fold(listed, |sum, (run, points)| plus(sum, self.in_run(run, points, &at), 1.0));
        ((self.none + self.alive * spent).clamp(0.0, 1.0), self.alive * slope)
    }

    /// Of a run of counts.
    fn in_run(&self, counts: &CountRun, points: &[(f64, BetaCdf)], at: &Place) -> CdfAndSlope {
        if counts.smooth_chance(counts.run.from).is_some() && !self.is_resolved(&counts.run) {
            return self.in_part(counts, counts.run, at);
        }
        points
            .iter()
            .fold((0.0, 0.0), |sum, (chance, spend)| plus(sum, spend.with_slope(at.shares, at.logarithms), *chance))
    }

    /// Of a part of a run that is too long for its points: where the chance to spend no more falls within it, it is halved.
    fn in_part(&self, counts: &CountRun, part: Run, at: &Place) -> CdfAndSlope {
        let chance = |n: f64| counts.smooth_chance(n).unwrap_or_default();
        let spend = |n: f64| self.sum_of(n).with_slope(at.shares, at.logarithms);
        if !part.is_long() {
            let numbers = (0..1u32 << part.log2).map(|i| part.from + f64::from(i));
            return numbers.fold((0.0, 0.0), |sum, n| plus(sum, spend(n), chance(n)));
        }
        let points = || part.points().map(|(n, weight)| (n, weight * chance(n)));
        if spend(part.from).0 < NEGLIGIBLE {
            return (0.0, 0.0);
        }
        if spend(part.end()).0 > 1.0 - NEGLIGIBLE {
            return (points().map(|(_, chance)| chance).sum(), 0.0);
        }
        if self.is_resolved(&part) {
            return points().fold((0.0, 0.0), |sum, (n, chance)| plus(sum, spend(n), chance));
        }
        part.halves().into_iter().fold((0.0, 0.0), |sum, half| plus(sum, self.in_part(counts, half, at), 1.0))
    }

    /// Whether the chance to spend no more than a value is smooth over the run, whatever the value: it falls from 1 to 0 over some
    /// `n √(1/(p n) + 1/q')` counts around `n`.
    fn is_resolved(&self, run: &Run) -> bool {
        let GammaGamma { p, q, .. } = self.spender;
        run.length() <= RESOLVED * run.from * (1.0 / (p * run.from) + 1.0 / q).sqrt()
    }

    fn sum_of(&self, n: f64) -> BetaCdf {
        BetaCdf::new(self.spender.p * n, self.spender.q)
    }

    /// Where to begin to look for a quantile.
    fn middle(&self) -> f64 {
        let GammaGamma { p, q, gamma } = self.spender;
        if self.counts.runs().is_empty() {
            return gamma;
        }
        let mean: f64 = self.counts.points().map(|(n, chance)| n * chance).sum::<f64>() / self.counts.some();
        gamma * (p * mean / q).clamp(1e-300, 1e300)
    }
}

impl<'a> ValueDistribution<'a> {
    fn new(parts: Vec<Part<'a>>) -> Self {
        let none = parts.iter().map(|part| part.none).sum::<f64>() / parts.len() as f64;
        Self { parts, none }
    }

    /// `P(V ≤ v) = P(N = 0) + Σ_n P(N = n) I_s(p n, q')`, `s = v/(v + γ')`.
    pub fn cdf(&self, v: f64) -> f64 {
        if v > 0.0 { self.cdf_and_slope(v).0 } else { self.none * f64::from(u8::from(v == 0.0)) }
    }

    /// The [distribution function](Self::cdf) at `v > 0`, and its slope in `ln v`.
    fn cdf_and_slope(&self, v: f64) -> (f64, f64) {
        let n = self.parts.len() as f64;
        let sums = self.parts.iter().map(|part| part.cdf_and_slope(v));
        let (cdf, slope) = sums.fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        (cdf / n, slope / n)
    }

    /// The smallest `v` with `P(V ≤ v) ≥ probability`; 0 where the point mass there is enough. To nine digits; `near` is where
    /// to begin.
    ///
    /// Newton's method in `ln v`, with a bisection where it would leave the bracket.
    pub fn quantile(&self, probability: f64, near: f64) -> f64 {
        if probability <= self.none {
            return 0.0;
        }
        let (mut low, mut high) = (SMALLEST, LARGEST);
        let mut at = if near > 0.0 { near } else { self.parts[0].middle() }.ln().clamp(low, high);
        let mut longest = LONGEST_STEP;
        for _ in 0..MOST_STEPS {
            let (cdf, slope) = self.cdf_and_slope(at.exp());
            let short = cdf - probability;
            if short.abs() < 1e-14 {
                break;
            }
            if short < 0.0 {
                low = at
            } else {
                high = at
            }
            // Far out in a tail the slope says nothing.
            let mut step = (short / slope).clamp(-longest, longest);
            if step.abs() < LAST_STEP {
                // Where value comes in steps, the slope may be that of a single one.
                let beyond = at - LAST_STEP.copysign(short);
                if short.abs() < 1e-9 || (self.cdf(beyond.exp()) < probability) != (short < 0.0) {
                    break;
                }
                step = longest.copysign(short);
            }
            let newton = at - step;
            let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
            if (next - at).abs() < LAST_STEP {
                break;
            }
            at = next;
            longest *= LONGER;
        }
        if at <= SMALLEST + 1.0 { 0.0 } else { at.exp() }
    }
}

/// A step of Newton's method that makes no difference.
const LAST_STEP: f64 = 1e-10;

/// Longest step of Newton's method, at first: a factor of e² in value; and how it grows, so that no value is too far.
const LONGEST_STEP: f64 = 2.0;
const LONGER: f64 = 1.1;
const MOST_STEPS: u32 = 200;

/// Logarithms of the least and of the largest numbers: what is less is nothing, what is more is about the largest.
const SMALLEST: f64 = -744.0;
const LARGEST: f64 = 709.0;

/// What to ask of the distribution of every customer's value over a horizon.
#[derive(Clone, Debug, Default)]
pub struct ValueQuestions {
    /// Shares of intervals, such as 0.8 for that from the 10% to the 90% quantile.
    pub intervals: Vec<f64>,
    /// Amounts to exceed.
    pub over: Vec<f64>,
}

/// The answers, by column.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ValueAnswers {
    /// Lower and upper ends of each interval.
    pub intervals: Vec<(Vec<f64>, Vec<f64>)>,
    /// `P(V > amount)` of each amount.
    pub over: Vec<Vec<f64>>,
}

impl<I: Individuals> Customers<'_, I> {
    /// Answers about the distribution of every one's value over a horizon, margin times spend; the margin is that of the whole
    /// summary. Where the customers are also `drawn` with other parameters, the mean of the distributions of these.
    ///
    /// # Errors
    /// [`Error::usage`] without a spend model, or if the horizon has no end.
    pub fn values(
        &self,
        horizon: &Horizon,
        margin: &PerCustomer,
        drawn: &[Self],
        questions: &ValueQuestions,
    ) -> Result<ValueAnswers> {
        margin.check("the margin", self.summary.len())?;
        let models = if drawn.is_empty() { std::slice::from_ref(self) } else { drawn };
        let models = models.iter().map(|customers| Model::new(customers, horizon)).collect::<Result<Vec<_>>>()?;
        let size = self.len().div_ceil(threads()).max(FEW_CUSTOMERS);
        let places: Vec<usize> = (0..self.len()).collect();
        let pieces: Vec<&[usize]> = places.chunks(size).collect();
        let answers = in_parallel(pieces.len(), |i| answers_of(pieces[i], self, margin, &models, questions));
        Ok(ValueAnswers::joined(answers, questions))
    }
}

impl Predictor {
    /// The distribution of one customer's value over the next `t` time units, handed to `ask`.
    ///
    /// # Errors
    /// [`Error::usage`] without a spend model.
    pub fn value<R>(
        &self,
        history: &History,
        monetary_value: f64,
        t: f64,
        margin: f64,
        ask: impl FnOnce(&ValueDistribution<'_>) -> R,
    ) -> Result<R> {
        self.check_alike("the value of one history")?;
        let counts = self.timing.future(history).counts(t);
        let person = Person { x: history.frequency, m: monetary_value, margin };
        let (mut sums, spend) = (Sums::default(), spend_of(self.spend)?);
        Ok(ask(&ValueDistribution::new(vec![sums.part(&spend, person, self.timing.p_alive(history), &counts)])))
    }
}

/// Customers whom a second thread is not worth.
const FEW_CUSTOMERS: usize = 64;

impl ValueAnswers {
    fn new(questions: &ValueQuestions) -> Self {
        Self {
            intervals: vec![(Vec::new(), Vec::new()); questions.intervals.len()],
            over: vec![Vec::new(); questions.over.len()],
        }
    }

    /// The answers about some customers, followed by those about others.
    fn joined(parts: Vec<Self>, questions: &ValueQuestions) -> Self {
        let mut all = Self::new(questions);
        for part in parts {
            for ((low, high), (lower, upper)) in all.intervals.iter_mut().zip(part.intervals) {
                low.extend(lower);
                high.extend(upper);
            }
            all.over.iter_mut().zip(part.over).for_each(|(all, over)| all.extend(over));
        }
        all
    }

    fn columns(&mut self) -> impl Iterator<Item = &mut Vec<f64>> {
        self.intervals.iter_mut().flat_map(|(low, high)| [low, high]).chain(&mut self.over)
    }
}

/// A customer, as far as spend goes.
#[derive(Clone, Copy)]
struct Person {
    x: u32,
    m: f64,
    margin: f64,
}

/// The answers for the customers at these places.
fn answers_of<I: Individuals>(
    places: &[usize],
    customers: &Customers<'_, I>,
    margin: &PerCustomer,
    models: &[Model<'_, '_, I>],
    questions: &ValueQuestions,
) -> ValueAnswers {
    let mut sums: Vec<Sums> = models.iter().map(|_| Sums::default()).collect();
    let mut known: FxHashMap<(usize, u32, [u64; 4]), usize> = FxHashMap::default();
    let mut answers = ValueAnswers::new(questions);
    for (answered, &place) in places.iter().enumerate() {
        checkpoint();
        let row = customers.rows[place];
        let (history, m) = (customers.individuals.history(row), customers.summary.monetary_value[row]);
        let person = Person { x: history.frequency, m, margin: margin.of(row) };
        let future = customers.futures().of_customer(place);
        let spend = customers.spend.as_ref().map_or(0, |spend| spend.number(row));
        let key = (future, spend, [history.t_x, history.T, m, person.margin].map(f64::to_bits));
        // Equal customers are answered once.
        let first = *known.entry(key).or_insert(answered);
        if first < answered {
            answers.columns().for_each(|column| column.push(column[first]));
            continue;
        }
        let parts = models.iter().zip(&mut sums).map(|(model, sums)| model.part(sums, place, person));
        let value = ValueDistribution::new(parts.collect());
        // One quantile is near the next.
        let (mut lower, mut upper) = (0.0, 0.0);
        for ((low, high), share) in answers.intervals.iter_mut().zip(&questions.intervals) {
            upper = value.quantile(0.5 * (1.0 + share), upper);
            lower = value.quantile(0.5 * (1.0 - share), if lower > 0.0 { lower } else { upper });
            low.push(lower);
            high.push(upper);
        }
        for (column, amount) in answers.over.iter_mut().zip(&questions.over) {
            column.push((1.0 - value.cdf(*amount)).max(0.0));
        }
    }
    answers
}

/// The customers with one set of parameters.
struct Model<'a, 'o, I> {
    customers: &'a Customers<'o, I>,
    spend: &'a SpendModels,
    /// Of purchases of each distinct future, given that the customer is alive.
    counts: Vec<Counts>,
}

impl<'a, 'o, I: Individuals> Model<'a, 'o, I> {
    fn new(customers: &'a Customers<'o, I>, horizon: &Horizon) -> Result<Self> {
        let spend = spend_of(customers.spend.as_ref())?;
        let t = customers.individuals.span(horizon)?;
        let counts = customers.futures().map(&customers.individuals, |future| future.counts(t));
        Ok(Self { customers, spend, counts })
    }

    fn part<'s>(&'s self, sums: &'s mut Sums, place: usize, person: Person) -> Part<'s> {
        let counts = &self.counts[self.customers.futures().of_customer(place)];
        let spend = self.spend.of(self.customers.rows[place]);
        sums.part(&spend, person, self.customers.p_alive[place], counts)
    }
}

fn spend_of<S>(spend: Option<S>) -> Result<S> {
    spend.ok_or_else(|| Error::usage("intervals of value take a spend model".to_owned()))
}

/// The distributions of sums, which of all models with one `p` and `q` depend on `x` alone, and are made as they are needed.
#[derive(Default)]
struct Sums {
    by_frequency: FxHashMap<u32, Vec<BetaCdf>>,
}

impl Sums {
    fn part<'s>(&'s mut self, spend: &GammaGamma, person: Person, alive: f64, counts: &'s Counts) -> Part<'s> {
        let spender = spend.posterior(person.x, person.m);
        let sum_of = |n: f64| BetaCdf::new(spender.p * n, spender.q);
        let sums = self.by_frequency.entry(person.x).or_default();
        sums.extend((sums.len() + 1..counts.single().len()).map(|n| sum_of(n as f64)));
        let of_run = |run: &CountRun| run.points().into_iter().map(|(n, chance)| (chance, sum_of(n))).collect();
        Part {
            none: (1.0 - alive * counts.some()).max(0.0),
            counts,
            sums,
            of_runs: counts.runs().iter().map(of_run).collect(),
            alive,
            spender: GammaGamma { gamma: spender.gamma * person.margin, ..spender },
        }
    }
}
