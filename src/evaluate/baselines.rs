//! What anybody can expect without a model, from the same data.

use super::experiment::{Earlier, Experiment};
use super::regression::Regression;
use crate::summary::{Day, Summary, TimeUnit, Window};

/// A simple rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// Nobody purchases again.
    Zero,
    /// Every customer repeats the period before the split that is as long as the holdout; repeat purchases alone.
    LastPeriod,
    /// Each customer's mean order value times the rate of repeat purchases since the first, `x/T`.
    OrderValueTimesFrequency,
    /// Each customer's purchases and value so far, the first included, a period of life, `(x + 1)/T`; lives of less than a month
    /// count as one.
    MeanPerPeriod,
    /// Who has been silent for longer than the hiatus is gone; the others go on as before, `x/T`.
    Hiatus,
    /// Least squares on time since the last purchase, rate of purchases `x/T` and monetary value, learned on an earlier day from what
    /// came until the split; lives of less than a month count as one.
    Regression,
    /// The regression learned from the holdout itself: nobody could have known it, and before what is below zero is set to zero, no linear rule is
    /// nearer in squares.
    Hindsight,
}

/// Expectations of each customer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Expectations {
    /// Purchases in the holdout.
    pub purchases: Vec<f64>,
    /// Value of them.
    pub value: Vec<f64>,
}

impl Baseline {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Zero,
        Self::LastPeriod,
        Self::OrderValueTimesFrequency,
        Self::MeanPerPeriod,
        Self::Hiatus,
        Self::Regression,
        Self::Hindsight,
    ];

    /// Name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::LastPeriod => "last-period",
            Self::OrderValueTimesFrequency => "order-value-times-frequency",
            Self::MeanPerPeriod => "mean-per-period",
            Self::Hiatus => "hiatus",
            Self::Regression => "regression",
            Self::Hindsight => "hindsight",
        }
    }

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Zero => "zero for all",
            Self::LastPeriod => "same as last period",
            Self::OrderValueTimesFrequency => "order value x frequency",
            Self::MeanPerPeriod => "mean per period so far",
            Self::Hiatus => "hiatus rule",
            Self::Regression => "regression on R, F, M",
            Self::Hindsight => "regression in hindsight",
        }
    }

    /// What it expects of each customer; none if the data do not tell. Who has been silent since
    /// `hiatus` is gone by the rule of that name.
    pub fn expectations(self, experiment: &Experiment, hiatus: Day) -> Option<Expectations> {
        let summary = &experiment.summary;
        let length = experiment.length();
        let expected = match self {
            Self::Zero => Expectations { purchases: vec![0.0; summary.len()], value: vec![0.0; summary.len()] },
            Self::LastPeriod => experiment.recent.expected(),
            Self::OrderValueTimesFrequency => at_past_rate(summary, length),
            Self::MeanPerPeriod => mean_per_period(summary, length),
            Self::Hiatus => {
                let mut expected = at_past_rate(summary, length);
                for (row, _) in active(experiment, hiatus).into_iter().enumerate().filter(|(_, active)| !active) {
                    expected.purchases[row] = 0.0;
                    expected.value[row] = 0.0;
                }
                expected
            }
            Self::Regression => learned(summary, length, experiment.earlier.first()?),
            Self::Hindsight => Expectations {
                purchases: Regression::new(summary, &counts(&experiment.holdout)).expected(summary),
                value: Regression::new(summary, &experiment.holdout.value).expected(summary),
            },
        };
        Some(expected)
    }
}

fn counts(window: &Window) -> Vec<f64> {
    window.purchases.iter().map(|&n| f64::from(n)).collect()
}

/// Who has purchased on this day or since.
pub(super) fn active(experiment: &Experiment, hiatus: Day) -> Vec<bool> {
    let last = experiment.summary.purchases.iter().flat_map(|purchases| &purchases.last_purchase);
    last.map(|last| *last >= hiatus).collect()
}

/// `x/T · length`, and the mean value of an order so far times that.
fn at_past_rate(summary: &Summary, length: f64) -> Expectations {
    let rate = |row: usize| match summary.T[row] {
        T if T > 0.0 => f64::from(summary.frequency[row]) / T * length,
        _ => 0.0,
    };
    let purchases: Vec<f64> = (0..summary.len()).map(rate).collect();
    let value = purchases.iter().enumerate().map(|(row, n)| n * mean_order_value(summary, row)).collect();
    Expectations { purchases, value }
}

fn mean_order_value(summary: &Summary, row: usize) -> f64 {
    total(summary, row) / (f64::from(summary.frequency[row]) + 1.0)
}

fn total(summary: &Summary, row: usize) -> f64 {
    summary.purchases.as_ref().map_or(0.0, |purchases| purchases.total[row])
}

fn mean_per_period(summary: &Summary, length: f64) -> Expectations {
    let month = TimeUnit::Month.days() / summary.observation.unit.days();
    let share = |row: usize| length / summary.T[row].max(month);
    let rows = 0..summary.len();
    Expectations {
        purchases: rows.clone().map(|row| (f64::from(summary.frequency[row]) + 1.0) * share(row)).collect(),
        value: rows.map(|row| total(summary, row) * share(row)).collect(),
    }
}

/// A regression learned on an earlier day, at the length of the holdout.
fn learned(summary: &Summary, length: f64, earlier: &Earlier) -> Expectations {
    let observation = &earlier.summary.observation;
    let grain = observation.grain;
    let seen = observation.time(grain.start(observation.end), grain.start(summary.observation.end));
    let of = |numbers: &[f64]| {
        let expected = Regression::new(&earlier.summary, numbers).expected(summary);
        expected.into_iter().map(|number| number * length / seen).collect::<Vec<f64>>()
    };
    Expectations { purchases: of(&counts(&earlier.later)), value: of(&earlier.later.value) }
}
