//! Do fits of simulated data find the truth, and do their intervals cover it as often as they say?
//!
//! The table: `cargo test --release --test integration recovery -- --nocapture`.

use clv::fit::{Fitted, maximum_likelihood};
use clv::models::{BgNbd, GammaGamma, Likelihood};
use clv::simulate::Population;
use clv::summary::{CountedHistories, CountedSpend};

/// Parameters far apart: CDNOW; heavy and light buyers; quick and slow to leave.
const TIMING: [BgNbd; 5] = [
    BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 },
    BgNbd { r: 1.5, alpha: 8.0, a: 0.5, b: 2.0 },
    BgNbd { r: 0.6, alpha: 10.0, a: 1.2, b: 1.5 },
    BgNbd { r: 3.0, alpha: 5.0, a: 0.4, b: 4.0 },
    BgNbd { r: 0.9, alpha: 2.0, a: 2.0, b: 6.0 },
];

const SPEND: [GammaGamma; 5] = [
    GammaGamma { p: 6.25, q: 3.74, gamma: 15.44 },
    GammaGamma { p: 1.2, q: 5.0, gamma: 200.0 },
    GammaGamma { p: 3.0, q: 1.8, gamma: 0.5 },
    GammaGamma { p: 10.0, q: 8.0, gamma: 4e5 },
    GammaGamma { p: 0.8, q: 3.0, gamma: 30.0 },
];

/// How a model did over many data sets.
struct Tally<const N: usize> {
    model: &'static str,
    names: [&'static str; N],
    fits: usize,
    covered: [usize; N],
    /// Sum and sum of squares of each standardised score at the truth.
    scores: [(f64, f64); N],
}

impl<const N: usize> Tally<N> {
    fn new<M: Likelihood<N>>() -> Self {
        Self { model: M::NAME, names: M::PARAMETERS, fits: 0, covered: [0; N], scores: [(0.0, 0.0); N] }
    }

    fn add<M: Likelihood<N>>(&mut self, truth: M, data: &M::Data) {
        let fitted: Fitted<M> = maximum_likelihood(data).unwrap_or_else(|error| panic!("{truth:?}: {error}"));
        self.fits += 1;
        for (i, (interval, truth)) in fitted.intervals().into_iter().zip(truth.parameters()).enumerate() {
            let covers = interval.is_some_and(|(low, high)| low <= truth && truth <= high);
            self.covered[i] += usize::from(covers);
        }
        // The score at the truth, in units of its own standard deviation.
        let at_truth = truth.log_likelihood(data);
        for i in 0..N {
            let score = at_truth.gradient[i] / (-at_truth.hessian[i][i]).abs().sqrt();
            self.scores[i].0 += score;
            self.scores[i].1 += score * score;
        }
    }

    /// Prints a row a parameter, and checks coverage and mean score.
    fn check(&self, lowest: f64, highest: f64) {
        let fits = self.fits as f64;
        for i in 0..N {
            let coverage = self.covered[i] as f64 / fits;
            let mean = self.scores[i].0 / fits;
            let error = ((self.scores[i].1 / fits - mean * mean) / fits).sqrt();
            println!(
                "{:<12} {:<6} {:>4} fits  coverage {:.1}%  mean score {mean:+.3} ({error:.3})",
                self.model,
                self.names[i],
                self.fits,
                100.0 * coverage
            );
            assert!(mean.abs() < 4.0 * error, "{} {}: the score at the truth is {mean}", self.model, self.names[i]);
        }
        let pooled = self.covered.iter().sum::<usize>() as f64 / (fits * N as f64);
        println!("{:<12} all    {:>4} fits  coverage {:.1}%", self.model, self.fits, 100.0 * pooled);
        assert!((lowest..=highest).contains(&pooled), "{}: coverage {pooled}", self.model);
    }
}

fn study(data_sets: usize, customers: usize, lowest: f64, highest: f64) {
    let (mut timing, mut spend) = (Tally::new::<BgNbd>(), Tally::new::<GammaGamma>());
    for i in 0..data_sets {
        let (truth, value) = (TIMING[i % TIMING.len()], SPEND[i % SPEND.len()]);
        let population = Population { timing: truth, spend: Some(value), joining: 13.0, length: 104.0 };
        let customers: Vec<_> = population.customers(1000 + i as u64).take(customers).collect();
        timing.add(truth, &CountedHistories::new(customers.iter().map(|customer| customer.history())));
        let pairs = customers.iter().map(|customer| (customer.repeats.len() as u32, customer.monetary_value()));
        spend.add(value, &CountedSpend::new(pairs));
    }
    timing.check(lowest, highest);
    spend.check(lowest, highest);
}

/// 200 data sets a model, 5,000 customers each: no fit fails, and the intervals cover what they say.
#[test]
fn fits_recover_the_truth() {
    study(200, 5000, 0.93, 0.97);
}
