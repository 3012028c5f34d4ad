//! How much wider intervals of single customers must be to hold what they promise, as earlier days teach.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::predict::{Customers, Horizon, Modelled, PerCustomer, ValueQuestions};
use crate::summary::Window;

/// How many times as wide as the model says intervals of single customers must be to hold what they promise; never below 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Widths {
    /// Of purchases.
    pub purchases: f64,
    /// Of value; none without a spend model on every earlier day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

impl Default for Widths {
    /// As they are.
    fn default() -> Self {
        Self { purchases: 1.0, value: None }
    }
}

/// The interval by which widths are learned.
const SHARE: f64 = 0.8;

/// What came on an earlier day beside the intervals of then: for each customer how far from the expectation it lay, in widths of the side
/// of the interval on which it lay. An interval that is `c` times as wide holds whoever has at most `c`.
#[derive(Clone, Debug, Default)]
pub(super) struct Misses {
    distances: Vec<f64>,
    /// What the intervals hold by the model, added up.
    promised: f64,
}

impl Misses {
    /// Of purchases.
    pub(super) fn of_purchases(
        customers: &Customers<'_, Modelled<'_>>,
        horizon: &Horizon,
        expected: &[f64],
        came: &[u32],
    ) -> Result<Self> {
        let miss = |row: usize, counts: &crate::predict::CountDistribution<'_>| {
            let (held, low, high) = counts.interval(SHARE);
            (held, distance(f64::from(came[row]), expected[row], whole(low, high)))
        };
        let (promised, distances): (Vec<f64>, Vec<f64>) =
            customers.count_distributions(horizon, miss)?.into_iter().unzip();
        Ok(Self { promised: promised.iter().sum(), distances })
    }

    /// Of value, of the customers in these rows.
    pub(super) fn of_value(
        customers: &Customers<'_, Modelled<'_>>,
        rows: &[usize],
        horizon: &Horizon,
        expected: &[f64],
        later: &Window,
    ) -> Result<Self> {
        let questions = ValueQuestions { intervals: vec![SHARE], over: Vec::new() };
        let answers = customers.some(rows).values(horizon, &PerCustomer::All(1.0), &[], &questions)?;
        let (low, high) = &answers.intervals[0];
        let mut misses = Self::default();
        // Where an interval is nothing at all, it has no width.
        for (i, &row) in rows.iter().enumerate().filter(|(i, _)| high[*i] > 0.0) {
            let promised = if low[i] > 0.0 { SHARE } else { 0.5 + 0.5 * SHARE };
            misses.promised += promised;
            misses.distances.push(distance(later.value[row].max(0.0), expected[row], (low[i], high[i])));
        }
        Ok(misses)
    }

    pub(super) fn extend(&mut self, more: Self) {
        self.distances.extend(more.distances);
        self.promised += more.promised;
    }

    /// The least factor, not below 1, that makes intervals hold as many as they promise.
    pub(super) fn width(mut self) -> f64 {
        self.distances.sort_unstable_by(f64::total_cmp);
        let place = (self.promised.ceil() as usize).saturating_sub(1);
        let needed = self.distances.get(place.min(self.distances.len().saturating_sub(1)));
        needed.copied().filter(|needed| needed.is_finite()).unwrap_or(1.0).max(1.0)
    }
}

/// The ends of a whole number's interval, half a unit outwards: what lies beyond rounds to another number.
fn whole(low: f64, high: f64) -> (f64, f64) {
    (low - 0.5, high + 0.5)
}

/// How far off what came lay, in widths of its side of the interval; 0 within, and infinite where the expectation is beyond that end.
fn distance(came: f64, expected: f64, (low, high): (f64, f64)) -> f64 {
    let beyond = |off: f64, side: f64| if side > 0.0 { off / side } else { f64::INFINITY };
    match came {
        came if came > high => beyond(came - expected, high - expected),
        came if came < low => beyond(expected - came, expected - low),
        _ => 0.0,
    }
}

/// The interval of a whole number, `width` times as wide about what is expected.
pub fn widened_count((low, high): (f64, f64), expected: f64, width: f64) -> (f64, f64) {
    let (from, to) = whole(low, high);
    let (down, up) = ((expected - from).max(0.0), (to - expected).max(0.0));
    let (lower, upper) = ((expected - width * down).ceil().max(0.0), (expected + width * up).floor());
    // A number at the very edge rounds to the next one.
    (lower.min(low), upper.max(high))
}

/// The interval of a value, likewise.
pub fn widened_value((low, high): (f64, f64), expected: f64, width: f64) -> (f64, f64) {
    let (down, up) = ((expected - low).max(0.0), (high - expected).max(0.0));
    let wide = (expected - width * down, expected + width * up);
    if high > 0.0 { (wide.0.max(0.0).min(low), wide.1.max(high)) } else { (low, high) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_makes_intervals_hold_what_they_promise() {
        // Ten customers at expectation 4 with interval 2 to 6, so 2.5 on either side; what came lies so far off.
        let came = [4.0, 4.0, 5.0, 3.0, 6.0, 2.0, 7.0, 9.0, 1.0, 20.0];
        let distances: Vec<f64> = came.iter().map(|came| distance(*came, 4.0, whole(2.0, 6.0))).collect();
        // Six of ten are held as they are; eight take 3 over 2.5, nine 5 over 2.5.
        let misses = |promised: f64| Misses { distances: distances.clone(), promised };
        assert_eq!(misses(6.0).width(), 1.0);
        assert!((misses(8.0).width() - 3.0 / 2.5).abs() < 1e-15);
        assert!((misses(9.0).width() - 5.0 / 2.5).abs() < 1e-15);
        for (promised, held) in [(8.0, 8), (9.0, 9)] {
            let (low, high) = widened_count((2.0, 6.0), 4.0, misses(promised).width());
            assert_eq!(came.iter().filter(|came| (low..=high).contains(*came)).count(), held);
        }
    }

    #[test]
    fn what_is_wide_enough_stays() {
        assert_eq!(widened_count((0.0, 0.0), 0.1, 1.0), (0.0, 0.0));
        assert_eq!(widened_count((2.0, 6.0), 4.0, 1.0), (2.0, 6.0));
        assert_eq!(widened_value((1.0, 9.0), 4.0, 2.0), (0.0, 14.0));
        assert_eq!(widened_value((0.0, 0.0), 0.1, 2.0), (0.0, 0.0));
        // The expectation of few large purchases may lie above the interval.
        assert_eq!(widened_count((0.0, 0.0), 0.9, 3.0), (0.0, 0.0));
        assert_eq!(Misses::default().width(), 1.0);
    }
}
