//! Times of this program on a summary, for `benches/peers/run.py`: seconds as JSON, the least of several runs.
//!
//! The argument is a CSV file with the columns frequency, recency, T, monetary_value, in weeks.

use std::hint::black_box;
use std::time::Instant;

use clv::fit::{FitOptions, Fitted, maximum_likelihood};
use clv::models::{BgNbd, GammaGamma, Likelihood, TimingKind, TimingModel};
use clv::predict::{Horizon, Predictor, Valuation};
use clv::summary::{CustomerIds, Day, Grain, Observation, Summary, TimeUnit};

fn least<T>(mut work: impl FnMut() -> T) -> (f64, T) {
    let mut timed = || {
        let start = Instant::now();
        let result = work();
        (start.elapsed().as_secs_f64(), result)
    };
    let first = timed();
    (0..6).map(|_| timed()).fold(first, |best, run| if run.0 < best.0 { run } else { best })
}

fn read(path: &str) -> Summary {
    let text = std::fs::read_to_string(path).expect("a readable summary");
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().expect("a number")).collect())
        .collect();
    let column = |i: usize| rows.iter().map(|row| row[i]).collect::<Vec<f64>>();
    Summary {
        customers: CustomerIds::Number((0..rows.len() as i64).collect()),
        frequency: rows.iter().map(|row| row[0] as u32).collect(),
        recency: column(1),
        T: column(2),
        monetary_value: column(3),
        purchases: None,
        knows_spend: true,
        currency: None,
        attributes: Vec::new(),
        statistics: None,
        sum_log_interpurchase: None,
        weights: None,
        observation: Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(0) },
    }
}

fn main() {
    // Cargo adds an argument of its own.
    let Some(path) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else { return };
    let summary = read(&path);
    let (count, counted) = least(|| summary.counted_histories());
    let (fit, fitted) = least(|| -> Fitted<BgNbd> { maximum_likelihood(black_box(&counted)).expect("a fit") });
    let mut fits = serde_json::Map::new();
    for kind in [TimingKind::ParetoNbd, TimingKind::MbgNbd] {
        let (time, (model, _)) = least(|| kind.fit(black_box(&counted), &FitOptions::default()).expect("a fit"));
        fits.insert(kind.name().to_owned(), serde_json::json!({ "fit": time, "parameters": model.parameters() }));
    }
    let (count_spend, spend) = least(|| summary.counted_spend());
    let (fit_spend, fitted_spend) = least(|| -> Fitted<GammaGamma> { maximum_likelihood(&spend).expect("a fit") });
    let predictor = Predictor {
        timing: TimingModel::BgNbd(fitted.model),
        spend: None,
        unit: TimeUnit::Week,
        grain: Grain::Day,
        currency: None,
        effects: None,
    };
    let horizons: Vec<Horizon> = vec!["39w".parse().expect("a horizon")];
    let (predict, forecast) =
        least(|| predictor.forecast(&summary, &horizons, &Valuation::default()).expect("a forecast"));
    let result = serde_json::json!({
        "customers": summary.len(),
        "distinct": counted.rows().len(),
        "count": count,
        "fit": fit,
        "fits": fits,
        "count_spend": count_spend,
        "fit_spend": fit_spend,
        "predict": predict,
        "log_likelihood": fitted.estimate.log_likelihood,
        "parameters": fitted.model.parameters(),
        "spend_parameters": fitted_spend.model.parameters(),
        "purchases": forecast.horizons[0].purchases.iter().sum::<f64>(),
    });
    println!("{result}");
}
