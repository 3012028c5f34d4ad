//! What a customer will spend over a horizon, as a distribution and not only in expectation.
//!
//! Exact given the parameters: the number of purchases has the model's mass function, and the sum of `n` purchases of a
//! customer with posterior `(p, q', γ')` is `γ'` times a beta-prime variate `(p n, q')`, because they are gamma distributed
//! with a common gamma distributed rate. So the value is a mixture over `n`, with a point mass at zero. Nothing is sampled.

use rustc_hash::FxHashMap;

use super::futures::Futures;
use super::{Horizon, PerCustomer, Predictor};
use crate::error::{Error, Result};
use crate::models::{GammaGamma, Timing};
use crate::parallel::{in_parallel, threads};
use crate::special::BetaCdf;
use crate::summary::{History, Summary};
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
    /// `P(n purchases | alive)`, from `n = 1` on.
    counts: &'a [f64],
    /// Of `S/(S + γ')`, `S` the spend on `n` purchases.
    sums: &'a [BetaCdf],
    /// P(alive).
    alive: f64,
    /// `γ'` times the margin.
    scale: f64,
}

/// A count as unlikely as this does not move a quantile.
const NEGLIGIBLE: f64 = 1e-13;

impl Part<'_> {
    /// `P(V ≤ v)` at `v > 0`, and its slope in `ln v`.
    fn cdf_and_slope(&self, v: f64) -> (f64, f64) {
        let shares = [v / (v + self.scale), self.scale / (v + self.scale)];
        let logarithms = [-(self.scale / v).ln_1p(), -(v / self.scale).ln_1p()];
        let (mut spent, mut slope) = (0.0, 0.0);
        for (weight, sum) in self.counts.iter().zip(self.sums).filter(|(weight, _)| **weight > NEGLIGIBLE) {
            let (below, density) = sum.with_slope(shares, logarithms);
            spent += weight * below;
            slope += weight * density;
        }
        ((self.none + self.alive * spent).min(1.0), self.alive * slope)
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

    /// The same at `v > 0`, and its slope in `ln v`.
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
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut at = if near > 0.0 { near } else { self.parts[0].scale }.ln();
        for _ in 0..200 {
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
            let newton = at - (short / slope).clamp(-LONGEST_STEP, LONGEST_STEP);
            let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
            if (next - at).abs() < 1e-10 {
                break;
            }
            at = next;
        }
        at.exp()
    }
}

/// Longest step of Newton's method: a factor of e² in value.
const LONGEST_STEP: f64 = 2.0;

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
pub struct ValueAnswers {
    /// Lower and upper ends of each interval.
    pub intervals: Vec<(Vec<f64>, Vec<f64>)>,
    /// `P(V > amount)` of each amount.
    pub over: Vec<Vec<f64>>,
}

impl Predictor {
    /// Answers about the distribution of every customer's value over a horizon, margin times spend. Where there are `draws` of
    /// the parameters, the mean of the distributions of these.
    ///
    /// # Errors
    /// [`Error::Usage`] without a spend model, or if the horizon has no end.
    pub fn values(
        &self,
        summary: &Summary,
        horizon: &Horizon,
        margin: &PerCustomer,
        draws: &[Self],
        questions: &ValueQuestions,
    ) -> Result<ValueAnswers> {
        self.check(summary)?;
        margin.check("the margin", summary.len())?;
        let t = horizon.span(&summary.observation)?;
        let futures = Futures::new(summary.histories());
        let predictors = if draws.is_empty() { std::slice::from_ref(self) } else { draws };
        let models =
            predictors.iter().map(|predictor| Model::new(predictor, &futures, t)).collect::<Result<Vec<_>>>()?;
        let size = summary.len().div_ceil(threads()).max(FEW_CUSTOMERS);
        let rows: Vec<usize> = (0..summary.len()).collect();
        let pieces: Vec<&[usize]> = rows.chunks(size).collect();
        let answers =
            in_parallel(pieces.len(), |i| answers_of(pieces[i], summary, &futures, margin, &models, questions));
        Ok(ValueAnswers::joined(answers, questions))
    }

    /// The distribution of one customer's value over the next `t` time units, handed to `ask`.
    ///
    /// # Errors
    /// [`Error::Usage`] without a spend model.
    pub fn value<R>(
        &self,
        history: &History,
        monetary_value: f64,
        t: f64,
        margin: f64,
        ask: impl FnOnce(&ValueDistribution<'_>) -> R,
    ) -> Result<R> {
        let model = Model::new(self, &Futures::new(std::iter::once(*history)), t)?;
        let mut tables = Tables::new(&model);
        Ok(ask(&ValueDistribution::new(vec![tables.part(history, 0, monetary_value, margin)])))
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

    /// Those of some customers after those of others.
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

/// The answers for the customers in these rows.
fn answers_of(
    rows: &[usize],
    summary: &Summary,
    futures: &Futures,
    margin: &PerCustomer,
    models: &[Model<'_>],
    questions: &ValueQuestions,
) -> ValueAnswers {
    let mut tables: Vec<Tables<'_>> = models.iter().map(Tables::new).collect();
    let mut known: FxHashMap<(u32, u64, u64, u64, u64), usize> = FxHashMap::default();
    let mut answers = ValueAnswers::new(questions);
    for (place, &row) in rows.iter().enumerate() {
        checkpoint();
        let (history, m, margin) = (summary.history(row), summary.monetary_value[row], margin.of(row));
        let key = (history.frequency, history.t_x.to_bits(), history.T.to_bits(), m.to_bits(), margin.to_bits());
        // Equal customers are answered once.
        let first = *known.entry(key).or_insert(place);
        if first < place {
            answers.columns().for_each(|column| column.push(column[first]));
            continue;
        }
        let future = futures.of_customer(row);
        let parts = tables.iter_mut().map(|tables| tables.part(&history, future, m, margin));
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

/// What all customers share: counts depend on `x` and `T`.
struct Model<'a> {
    predictor: &'a Predictor,
    spend: GammaGamma,
    /// `P(n purchases | alive)` from `n = 1` on, for each distinct future.
    counts: Vec<Vec<f64>>,
}

impl<'a> Model<'a> {
    fn new(predictor: &'a Predictor, futures: &Futures, t: f64) -> Result<Self> {
        let spend = predictor.spend.ok_or_else(|| Error::Usage("intervals of value take a spend model".to_owned()))?;
        let counts = futures.map(|history| predictor.timing.posterior(history).counts(t).split_off(1));
        Ok(Self { predictor, spend, counts })
    }
}

/// A model, and the distributions of sums, which depend on `x` alone and are made as they are needed.
struct Tables<'a> {
    model: &'a Model<'a>,
    sums: FxHashMap<u32, Vec<BetaCdf>>,
}

impl<'a> Tables<'a> {
    fn new(model: &'a Model<'a>) -> Self {
        Self { model, sums: FxHashMap::default() }
    }

    fn part(&mut self, history: &History, future: usize, monetary_value: f64, margin: f64) -> Part<'_> {
        let x = history.frequency;
        let spender = self.model.spend.posterior(x, monetary_value);
        let counts = &self.model.counts[future];
        let sums = self.sums.entry(x).or_default();
        sums.extend((sums.len()..counts.len()).map(|n| BetaCdf::new(spender.p * (n + 1) as f64, spender.q)));
        let alive = self.model.predictor.timing.p_alive(history);
        let some: f64 = counts.iter().sum();
        Part { none: 1.0 - alive * some, counts, sums, alive, scale: spender.gamma * margin }
    }
}
