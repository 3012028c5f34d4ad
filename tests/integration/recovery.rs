//! Do fits of simulated data find the truth, and do their intervals cover it as often as they say?
//!
//! The table: `cargo test --release --test integration recovery -- --nocapture`.

use clv::fit::{FitOptions, FitRecord};
use clv::models::{GammaGamma, Likelihood, TimingKind};
use clv::simulate::Population;
use clv::summary::{CountedHistories, CountedSpend};

use crate::family::{histories, kinds, truths};

const SPEND: [GammaGamma; 5] = [
    GammaGamma { p: 6.25, q: 3.74, gamma: 15.44 },
    GammaGamma { p: 1.2, q: 5.0, gamma: 200.0 },
    GammaGamma { p: 3.0, q: 1.8, gamma: 0.5 },
    GammaGamma { p: 10.0, q: 8.0, gamma: 4e5 },
    GammaGamma { p: 0.8, q: 3.0, gamma: 30.0 },
];

/// How a model did over many data sets.
struct Tally {
    model: &'static str,
    names: Vec<&'static str>,
    fits: usize,
    covered: Vec<usize>,
    /// Sum and sum of squares of each standardised score at the truth.
    scores: Vec<(f64, f64)>,
}

impl Tally {
    fn new(model: &'static str, names: &[&'static str]) -> Self {
        let n = names.len();
        Self { model, names: names.to_vec(), fits: 0, covered: vec![0; n], scores: vec![(0.0, 0.0); n] }
    }

    /// Adds a fit, and the gradient and the diagonal of the Hessian at the truth.
    fn add(&mut self, truth: &[f64], fit: &FitRecord, gradient: &[f64], bends: &[f64]) {
        self.fits += 1;
        for (i, (interval, truth)) in fit.intervals.iter().zip(truth).enumerate() {
            let covers = interval.is_some_and(|(low, high)| low <= *truth && *truth <= high);
            self.covered[i] += usize::from(covers);
            // The score at the truth, in units of its own standard deviation.
            let score = gradient[i] / (-bends[i]).abs().sqrt();
            self.scores[i].0 += score;
            self.scores[i].1 += score * score;
        }
    }

    /// Prints a row a parameter, and checks coverage and mean score.
    fn check(&self, lowest: f64, highest: f64) {
        let fits = self.fits as f64;
        for (i, name) in self.names.iter().enumerate() {
            let coverage = self.covered[i] as f64 / fits;
            let mean = self.scores[i].0 / fits;
            let error = ((self.scores[i].1 / fits - mean * mean) / fits).sqrt();
            println!(
                "{:<12} {name:<6} {:>4} fits  coverage {:.1}%  mean score {mean:+.3} ({error:.3})",
                self.model,
                self.fits,
                100.0 * coverage
            );
            assert!(mean.abs() < 4.0 * error, "{} {name}: the score at the truth is {mean}", self.model);
        }
        let pooled = self.covered.iter().sum::<usize>() as f64 / (fits * self.names.len() as f64);
        println!("{:<12} all    {:>4} fits  coverage {:.1}%", self.model, self.fits, 100.0 * pooled);
        assert!((lowest..=highest).contains(&pooled), "{}: coverage {pooled}", self.model);
    }
}

fn timing(kind: TimingKind, data_sets: usize, customers: usize) -> Tally {
    let mut tally = Tally::new(kind.name(), kind.parameters());
    let truths = truths(kind);
    for i in 0..data_sets {
        let truth = truths[i % truths.len()];
        let data = CountedHistories::new(histories(truth, 104.0, customers, 1000 + i as u64));
        let (_, fit) = kind.fit(&data, &FitOptions::default()).unwrap_or_else(|error| panic!("{i} {truth:?}: {error}"));
        let (_, gradient, hessian) = truth.log_likelihood(&data);
        let parameters: Vec<f64> = truth.parameters().into_iter().map(|(_, value)| value).collect();
        tally.add(&parameters, &fit, &gradient.to_vec(), &hessian.diag().to_vec());
    }
    tally
}

fn spend(data_sets: usize, customers: usize) -> Tally {
    let mut tally = Tally::new(GammaGamma::NAME, &GammaGamma::PARAMETERS);
    for i in 0..data_sets {
        let (timing, truth) = (truths(TimingKind::BgNbd)[i % 5], SPEND[i % SPEND.len()]);
        let population = Population { timing, spend: Some(truth), joining: 13.0, length: 104.0 };
        let pairs = population
            .customers(1000 + i as u64)
            .take(customers)
            .map(|customer| (customer.repeats.len() as u32, customer.monetary_value()));
        let data = CountedSpend::new(pairs);
        let (_, fit): (GammaGamma, FitRecord) =
            FitRecord::fit(&data, &FitOptions::default()).unwrap_or_else(|error| panic!("{i} {truth:?}: {error}"));
        let d = truth.log_likelihood(&data);
        tally.add(&truth.parameters(), &fit, &d.gradient, &[0, 1, 2].map(|i| d.hessian[i][i]));
    }
    tally
}

/// 200 data sets a model, 5,000 customers each: no fit fails, and the intervals cover what they say. Pareto/NBD, whose
/// likelihood costs more, and BG/BB get half as many customers. Parameters err in pairs, so the pooled coverage has a standard deviation
/// of `√(0.95 · 0.05/400)`, 1.1%; three of them are allowed.
#[test]
fn fits_recover_the_truth() {
    for kind in kinds() {
        let customers = if matches!(kind, TimingKind::ParetoNbd | TimingKind::BgBb) { 2500 } else { 5000 };
        timing(kind, 200, customers).check(0.917, 0.983);
    }
    spend(200, 5000).check(0.917, 0.983);
}
