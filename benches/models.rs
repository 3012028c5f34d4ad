//! Kernels and whole fits, on populations simulated with the published CDNOW parameters over 39 weeks.
//!
//! `cargo bench --no-default-features` measures the core alone. The largest populations are left out unless
//! `CLV_BENCH_CUSTOMERS` names a size, for instance 10000000.

use std::hint::black_box;

use clv::covariates::CovariateOptions;
use clv::fit::{FitOptions, Fitted, maximum_likelihood};
use clv::model_file::{ModelFile, ModelOptions};
use clv::models::{BgNbd, FuturePurchases, GammaGamma, Stages, Timing, TimingKind, TimingModel};
use clv::predict::Predictor;
use clv::simulate::Population;
use clv::summary::{Attribute, CountedHistories, CountedSpend, Day, Grain, History, Observation, Summary, TimeUnit};
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
            let history = History::new(history.frequency, day(history.t_x), day(history.T));
            (history, (history.frequency, (customer.monetary_value() * 100.0).round() / 100.0))
        })
        .unzip()
}

/// Rows of a model's kind: of discrete models opportunities are weeks, each used at most once.
fn counted_for(kind: TimingKind, histories: &[History]) -> CountedHistories {
    match kind.is_discrete() {
        true => CountedHistories::new(histories.iter().map(|history| in_weeks(*history))),
        false => CountedHistories::new(histories.iter().copied()),
    }
}

fn in_weeks(history: History) -> History {
    let t_x = history.t_x.ceil();
    History::new(history.frequency.min(t_x as u32), t_x, history.T.ceil())
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
        for kind in TimingKind::ALL.iter().map(|kind| kind.with_stages(Stages::new(2).expect("two stages"))) {
            let counted = &counted_for(kind, &histories);
            let (model, _) = kind.fit(counted, &FitOptions::default()).unwrap();
            group.throughput(Throughput::Elements(counted.rows().len() as u64));
            group.bench_function(
                BenchmarkId::new(format!("{kind} derivatives per distinct row"), customers),
                |bencher| {
                    bencher.iter(|| model.log_likelihood(black_box(counted)));
                },
            );
            group.throughput(Throughput::Elements(customers as u64));
            group.bench_function(BenchmarkId::new(kind.name(), customers), |bencher| {
                bencher.iter(|| kind.fit(black_box(counted), &FitOptions::default()).unwrap());
            });
        }
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
        currency: None,
        effects: None,
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
    let one = History::new(2, 30.0, 38.0);
    group.throughput(Throughput::Elements(1));
    let (histories, _) = population(2_357);
    for kind in TimingKind::ALL.iter().map(|kind| kind.with_stages(Stages::new(2).expect("two stages"))) {
        let (model, _) = kind.fit(&counted_for(kind, &histories), &FitOptions::default()).unwrap();
        let future = model.future(&one);
        group.bench_function(format!("{kind} P(alive)"), |bencher| bencher.iter(|| model.p_alive(black_box(&one))));
        for (what, t) in [("expected purchases, near horizon", 13.0), ("expected purchases, a hundred years", 5_200.0)]
        {
            group.bench_function(format!("{kind} {what}"), |bencher| {
                bencher.iter(|| black_box(future).expected_purchases(black_box(t)));
            });
        }
        group.bench_function(format!("{kind} DET over a year"), |bencher| {
            bencher.iter(|| black_box(future).det(black_box(52.0), 0.0018));
        });
        group.bench_function(format!("{kind} DERT"), |bencher| {
            bencher.iter(|| black_box(future).dert(black_box(0.0018)))
        });
    }
}

/// Fits whose customers differ: by ten channels, and by a number that is another for each.
fn covariates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("covariates");
    group.sample_size(10);
    for customers in sizes() {
        let (histories, spend) = population(customers);
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(10_000) };
        let rows = histories.iter().zip(&spend).map(|(history, (_, mean))| (*history, *mean));
        let mut summary = Summary::from_histories(rows, observation);
        let column = |name: &str, say: &dyn Fn(usize) -> String| {
            let texts: Vec<Option<String>> = (0..customers).map(|row| Some(say(row))).collect();
            Attribute::new(name.to_owned(), &texts)
        };
        summary.attributes = vec![
            column("channel", &|row| format!("channel {}", row * 7919 % 10)),
            column("score", &|row| ((row * 7919 % customers) as f64 / customers as f64).to_string()),
        ];
        let fit = |list: &[&str]| {
            let names: Vec<String> = list.iter().map(|&name| name.to_owned()).collect();
            let covariates =
                CovariateOptions { purchases: names.clone(), dropout: names, ..CovariateOptions::default() };
            let options = ModelOptions { with_spend: false, covariates, ..ModelOptions::default() };
            ModelFile::fit(black_box(&summary), &options).unwrap()
        };
        for (name, list) in [("none", &[][..]), ("ten channels", &["channel"]), ("one number", &["score"])] {
            group.throughput(Throughput::Elements(customers as u64));
            group.bench_function(BenchmarkId::new(name, customers), |bencher| bencher.iter(|| fit(list)));
        }
    }
}

criterion_group!(benches, fits, predictions, covariates);
criterion_main!(benches);
