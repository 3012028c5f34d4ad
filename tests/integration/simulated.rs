//! Every answer of every model against what simulated customers did.
//!
//! The ordinary test watches ten thousand customers of each model, a fifth of each of its truths;
//! `CLV_SIMULATED=1000000 cargo test --release --test integration simulated` a million. Answers lie within four standard errors.

use clv::models::{FuturePurchases, Timing, TimingKind, TimingModel};
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

/// The answers, in the order of `expected` and `actual`.
const ANSWERS: [&str; 14] = [
    "expected purchases of a new customer",
    "none of a new customer",
    "two of a new customer",
    "four or more of a new customer",
    "discounted of a new customer",
    "expected purchases",
    "expected purchases over long",
    "any purchase",
    "ever back",
    "two purchases",
    "three purchases or more",
    "alive later",
    "discounted",
    "discounted for good",
];

/// What is expected of a customer before the first purchase, the same for all.
fn expected_of_new(truth: &TimingModel) -> [f64; 5] {
    [
        truth.expected_purchases(WATCHED),
        truth.pmf(0, WATCHED),
        truth.pmf(2, WATCHED),
        truth.at_least(4, WATCHED),
        truth.det(WATCHED, DISCOUNT),
    ]
}

/// What is expected of a customer with this history.
fn expected_of_known(truth: &TimingModel, history: &History) -> [f64; 9] {
    let (alive, future) = (truth.p_alive(history), truth.future(history));
    [
        future.expected_purchases(13.0),
        future.expected_purchases(AHEAD),
        future.at_least(1, 13.0),
        future.at_least(1, AHEAD),
        future.pmf(2, 39.0),
        future.at_least(3, 39.0),
        future.survival(13.0),
        future.det(39.0, DISCOUNT),
        future.dert(DISCOUNT),
    ]
    .map(|of_the_living| alive * of_the_living)
}

/// What a customer did.
fn actual(truth: &TimingModel, customer: &SimulatedCustomer) -> [f64; 14] {
    let bought = between(customer, 0.0, WATCHED);
    let ahead = |length: f64| between(customer, WATCHED, WATCHED + length);
    let later = truth.p_alive(&History::of_purchases(&customer.repeats, WATCHED + 13.0));
    [
        bought.len() as f64,
        indicator(bought.is_empty()),
        indicator(bought.len() == 2),
        indicator(bought.len() >= 4),
        discounted(bought, 0.0),
        ahead(13.0).len() as f64,
        ahead(AHEAD).len() as f64,
        indicator(!ahead(13.0).is_empty()),
        indicator(!ahead(AHEAD).is_empty()),
        indicator(ahead(39.0).len() == 2),
        indicator(ahead(39.0).len() >= 3),
        later,
        discounted(ahead(39.0), WATCHED),
        discounted(ahead(AHEAD), WATCHED),
    ]
}

/// The comparisons of all answers over so many customers of one truth.
fn compared(truth: &TimingModel, customers: usize, seed: u64) -> [Comparison; 14] {
    let population = Population { timing: *truth, spend: None, joining: 0.0, length: WATCHED + AHEAD };
    let new = expected_of_new(truth);
    // Most histories are that of nobody who came back.
    let never_back = expected_of_known(truth, &History::of_purchases(&[], WATCHED));
    let mut comparisons: [Comparison; 14] = Default::default();
    for customer in population.customers(seed).take(customers) {
        let known = match between(&customer, 0.0, WATCHED) {
            [] => never_back,
            _ => expected_of_known(truth, &History::of_purchases(&customer.repeats, WATCHED)),
        };
        let expected = new.into_iter().chain(known);
        let actual = actual(truth, &customer);
        comparisons
            .iter_mut()
            .zip(actual.into_iter().zip(expected))
            .for_each(|(comparison, (actual, expected))| comparison.add(actual, expected));
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
        for (name, comparison) in ANSWERS.iter().zip(comparisons) {
            let Comparison { off, squares, .. } = comparison;
            assert!(comparison.holds(), "{kind} {i}: {name} is off by {} standard errors", off / squares.sqrt());
        }
    }
}

#[test]
fn every_answer_is_that_of_simulated_customers() {
    let customers = std::env::var("CLV_SIMULATED").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    for kind in kinds() {
        let started = std::time::Instant::now();
        assert_like_simulated(kind, customers);
        eprintln!("{kind}: {customers} customers in {:.0} s", started.elapsed().as_secs_f64());
    }
}
