//! Kernels and whole fits, on populations simulated with the published CDNOW parameters over 39 weeks.
//!
//! `cargo bench --no-default-features` measures the core alone. The largest populations are left out unless
//! `CLV_BENCH_CUSTOMERS` names a size, for instance 10000000.

use std::hint::black_box;

use clv::fit::{Fitted, maximum_likelihood};
use clv::models::{BgNbd, GammaGamma, Likelihood, Timing, TimingModel};
use clv::predict::Predictor;
use clv::simulate::Population;
use clv::summary::{CountedHistories, CountedSpend, Grain, History, TimeUnit};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const BG_NBD: BgNbd = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
const GAMMA_GAMMA: GammaGamma = GammaGamma { p: 6.25, q: 3.74, gamma: 15.44 };

/// Histories on a calendar of days, and spend in cents.
fn population(customers: usize) -> (Vec<History>, Vec<(u32, f64)>) {
    let population = Population { timing: BG_NBD, spend: Some(GAMMA_GAMMA), joining: 12.0, length: 39.0 };
    let day = |time: f64| (time * 7.0).floor() / 7.0;
    population
        .customers(1)
        .take(customers)
        .map(|customer| {
            let history = customer.history();
            let history = History { t_x: day(history.t_x), T: day(history.T), ..history };
            (history, (history.frequency, (customer.monetary_value() * 100.0).round() / 100.0))
        })
        .unzip()
}

fn sizes() -> Vec<usize> {
    match std::env::var("CLV_BENCH_CUSTOMERS").ok().and_then(|size| size.parse().ok()) {
        Some(size) => vec![size],
        None => vec![2_357, 100_000, 1_000_000],
    }
}

fn fits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fit");
    group.sample_size(10);
    for customers in sizes() {
        let (histories, spend) = population(customers);
        let counted = CountedHistories::new(histories.iter().copied());
        let counted_spend = CountedSpend::new(spend.iter().copied());
        group.bench_function(BenchmarkId::new("count histories", customers), |bencher| {
            bencher.iter(|| CountedHistories::new(black_box(&histories).iter().copied()));
        });
        group.throughput(Throughput::Elements(counted.rows().len() as u64));
        group.bench_function(BenchmarkId::new("bg-nbd derivatives per distinct row", customers), |bencher| {
            bencher.iter(|| BG_NBD.log_likelihood(black_box(&counted)));
        });
        group.throughput(Throughput::Elements(customers as u64));
        group.bench_function(BenchmarkId::new("bg-nbd", customers), |bencher| {
            bencher.iter(|| -> Fitted<BgNbd> { maximum_likelihood(black_box(&counted)).unwrap() });
        });
        group.bench_function(BenchmarkId::new("gamma-gamma", customers), |bencher| {
            bencher.iter(|| -> Fitted<GammaGamma> { maximum_likelihood(black_box(&counted_spend)).unwrap() });
        });
    }
}

fn predictions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("predict");
    group.sample_size(10);
    let predictor = Predictor {
        timing: TimingModel::BgNbd(BG_NBD),
        spend: Some(GAMMA_GAMMA),
        unit: TimeUnit::Week,
        grain: Grain::Day,
    };
    for customers in sizes() {
        let (histories, _) = population(customers);
        let counted = CountedHistories::new(histories.iter().copied());
        group.throughput(Throughput::Elements(counted.rows().len() as u64));
        group.bench_function(BenchmarkId::new("expected purchases per distinct row", customers), |bencher| {
            bencher.iter(|| -> f64 {
                let rows = black_box(&counted).rows().iter();
                rows.map(|row| predictor.purchases(&row.history, 52.0, 0.0).purchases).sum()
            });
        });
    }
    let one = History { frequency: 2, t_x: 30.43, T: 38.86 };
    let future = BG_NBD.posterior(&one);
    group.throughput(Throughput::Elements(1));
    group.bench_function("expected purchases, near horizon", |bencher| {
        bencher.iter(|| black_box(future).expected_purchases(black_box(13.0)));
    });
    group.bench_function("expected purchases, a thousand years", |bencher| {
        bencher.iter(|| black_box(future).expected_purchases(black_box(52_000.0)));
    });
}

criterion_group!(benches, fits, predictions);
criterion_main!(benches);
