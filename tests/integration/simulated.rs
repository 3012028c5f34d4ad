//! Every answer of every model against what simulated customers did.
//!
//! The ordinary test watches ten thousand customers of each model, a fifth of each of its truths;
//! `CLV_SIMULATED=1000000 cargo test --release --test integration simulated` a million. Answers lie within four standard errors.

use clv::models::{Prospect, Timing, TimingKind, TimingModel};
use clv::simulate::{Population, SimulatedCustomer};
use clv::summary::History;

use crate::family::{kinds, truths};

/// Time units watched before anything is asked, and after.
const WATCHED: f64 = 20.0;
const AHEAD: f64 = 400.0;

/// A time unit, so high that next to nothing after what is watched is worth anything.
const DISCOUNT: f64 = 0.05;

/// What customers did, beside what was expected of each, summed up.
#[derive(Default)]
struct Comparison {
    off: f64,
    squares: f64,
    /// Least variance of whole numbers with these means, where those are below 1.
    chances: f64,
}

impl Comparison {
    fn add(&mut self, actual: f64, expected: f64) {
        self.off += actual - expected;
        self.squares += (actual - expected).powi(2);
        self.chances += (expected * (1.0 - expected)).max(0.0);
    }

    /// Whether the sum of differences is within four standard errors, or within two customers where hardly anything is left to chance.
    fn holds(&self) -> bool {
        self.off.abs() <= 4.0 * self.squares.max(self.chances).sqrt() + 2.0
    }
}

/// Repeat purchases of a customer after one time and up to another.
fn between(customer: &SimulatedCustomer, from: f64, to: f64) -> &[f64] {
    let until = |t: f64| customer.repeats.partition_point(|&time| time <= t);
    &customer.repeats[until(from)..until(to)]
}

/// What purchases are worth as of `from`.
fn discounted(times: &[f64], from: f64) -> f64 {
    times.iter().map(|time| (-DISCOUNT * (time - from)).exp()).sum()
}

fn indicator(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// What a customer did in a while, and what was expected, by the name of the answer.
fn answers(truth: &TimingModel, customer: &SimulatedCustomer) -> Vec<(&'static str, f64, f64)> {
    let bought = between(customer, 0.0, WATCHED);
    let n = bought.len();
    let history = |t: f64| History::of_purchases(&customer.repeats, t);
    let (alive, future) = (truth.p_alive(&history(WATCHED)), truth.future(&history(WATCHED)));
    let ahead = |length: f64| between(customer, WATCHED, WATCHED + length);
    let later = truth.p_alive(&history(WATCHED + 13.0));
    vec![
        ("expected purchases of a new customer", n as f64, truth.expected_purchases(WATCHED)),
        ("none of a new customer", indicator(n == 0), truth.pmf(0, WATCHED)),
        ("two of a new customer", indicator(n == 2), truth.pmf(2, WATCHED)),
        ("four or more of a new customer", indicator(n >= 4), truth.at_least(4, WATCHED)),
        ("discounted of a new customer", discounted(bought, 0.0), truth.det(WATCHED, DISCOUNT)),
        ("expected purchases", ahead(13.0).len() as f64, alive * future.expected_purchases(13.0)),
        ("expected purchases over long", ahead(AHEAD).len() as f64, alive * future.expected_purchases(AHEAD)),
        ("any purchase", indicator(!ahead(13.0).is_empty()), alive * future.at_least(1, 13.0)),
        ("ever back", indicator(!ahead(AHEAD).is_empty()), alive * future.at_least(1, AHEAD)),
        ("two purchases", indicator(ahead(39.0).len() == 2), alive * future.pmf(2, 39.0)),
        ("three purchases or more", indicator(ahead(39.0).len() >= 3), alive * future.at_least(3, 39.0)),
        ("alive later", later, alive * future.survival(13.0)),
        ("discounted", discounted(ahead(39.0), WATCHED), alive * future.det(39.0, DISCOUNT)),
        ("discounted for good", discounted(ahead(AHEAD), WATCHED), alive * future.dert(DISCOUNT)),
    ]
}

/// The comparisons of all answers over so many customers of one truth.
fn compared(truth: &TimingModel, customers: usize, seed: u64) -> Vec<(&'static str, Comparison)> {
    let population = Population { timing: *truth, spend: None, joining: 0.0, length: WATCHED + AHEAD };
    let mut comparisons: Vec<(&'static str, Comparison)> = Vec::new();
    for customer in population.customers(seed).take(customers) {
        let answers = answers(truth, &customer);
        if comparisons.is_empty() {
            comparisons = answers.iter().map(|(name, ..)| (*name, Comparison::default())).collect();
        }
        comparisons
            .iter_mut()
            .zip(answers)
            .for_each(|((_, comparison), (_, actual, expected))| comparison.add(actual, expected));
    }
    comparisons
}

fn assert_like_simulated(kind: TimingKind, customers: usize) {
    let truths = truths(kind);
    let compared: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = truths
            .iter()
            .enumerate()
            .map(|(i, truth)| scope.spawn(move || compared(truth, customers / 5, 300 + i as u64)))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (i, comparisons) in compared.iter().enumerate() {
        for (name, comparison) in comparisons {
            let Comparison { off, squares, .. } = comparison;
            assert!(comparison.holds(), "{kind} {i}: {name} is off by {} standard errors", off / squares.sqrt());
        }
    }
}

#[test]
fn every_answer_is_that_of_simulated_customers() {
    let customers = std::env::var("CLV_SIMULATED").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    for kind in kinds() {
        assert_like_simulated(kind, customers);
    }
}
