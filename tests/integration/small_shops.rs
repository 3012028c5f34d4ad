//! Small shops, of every behaviour: whatever a fit ends in, it is written, read again, and predicts the same to the bit; what cannot
//! be fitted is refused as data or as a fit, never in a panic.
//!
//! The ordinary run tries a few dozen. More, with other seeds:
//! `CLV_SHOPS=5000 CLV_SHOPS_SEED=7 cargo test --release --test integration small_shops -- --nocapture`

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::family::kinds;
use clv::Error;
use clv::fit::{FitOptions, FitRecord, Resampling};
use clv::model_file::{ModelFile, ModelOptions};
use clv::models::TimingKind;
use clv::predict::{DiscountRate, Grouping, Horizon, PerCustomer, TotalOptions, Valuation};
use clv::summary::{Cohort, Day, Grain, PurchaseLog, Summary, TimeUnit};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// When the customers of a shop come.
#[derive(Clone, Copy, Debug)]
enum Visits {
    /// At their own rates, until they leave.
    Random,
    /// All at the same rate, and nobody leaves.
    Alike,
    /// Hardly anybody twice.
    Once,
    /// On the same day of each period.
    Clockwork,
    /// Each a day after the one before.
    NextDay,
    /// All within a week.
    OneWeek,
    /// Again and again in the first days, never afterwards.
    Gone,
}

const VISITS: [Visits; 7] =
    [Visits::Random, Visits::Alike, Visits::Once, Visits::Clockwork, Visits::NextDay, Visits::OneWeek, Visits::Gone];

/// What they pay.
#[derive(Clone, Copy, Debug)]
enum Amounts {
    Ordinary,
    /// The same for all, or nearly.
    Equal,
    /// Each customer always the same, another than the others.
    Own,
    /// One of them a million times as much.
    OneBig,
    /// A tail without a mean.
    Heavy,
    /// Nothing for half of the orders.
    Zero,
    /// A third goes back.
    Returned,
    /// Near the largest amounts there are.
    Huge,
    /// Parts of a cent.
    Tiny,
}

const AMOUNTS: [Amounts; 9] = [
    Amounts::Ordinary,
    Amounts::Equal,
    Amounts::Own,
    Amounts::OneBig,
    Amounts::Heavy,
    Amounts::Zero,
    Amounts::Returned,
    Amounts::Huge,
    Amounts::Tiny,
];

/// Grain and unit.
const CALENDARS: [(Grain, TimeUnit); 9] = [
    (Grain::Day, TimeUnit::Week),
    (Grain::Day, TimeUnit::Day),
    (Grain::Day, TimeUnit::Month),
    (Grain::Day, TimeUnit::Year),
    (Grain::Week, TimeUnit::Week),
    (Grain::Week, TimeUnit::Day),
    (Grain::Month, TimeUnit::Month),
    (Grain::Month, TimeUnit::Week),
    (Grain::Year, TimeUnit::Year),
];

fn pick<T: Copy>(rng: &mut Pcg64, all: &[T]) -> T {
    all[rng.random_range(0..all.len())]
}

/// An exponential time with this mean, in days.
fn wait(rng: &mut Pcg64, mean: f64) -> i32 {
    (-mean * (1.0 - rng.random::<f64>()).ln()).ceil().min(1e6) as i32
}

fn visits(rng: &mut Pcg64, kind: Visits, span: i32) -> Vec<i32> {
    let first = rng.random_range(0..=span * 2 / 3);
    let every = [1, 7, 28, 30, 91][rng.random_range(0..5)];
    let own = 10f64.powf(rng.random_range(0.3..2.5));
    let stays = rng.random_range(0.0..1.0f64);
    let mut days = vec![first];
    let mut day = first;
    while days.len() < 200 {
        day += match kind {
            Visits::Random if rng.random::<f64>() > stays => break,
            Visits::Random => wait(rng, own),
            Visits::Alike => wait(rng, 60.0),
            Visits::Once if days.len() > 1 || rng.random::<f64>() < 0.6 => break,
            Visits::Once => wait(rng, 40.0),
            Visits::Clockwork => every,
            Visits::NextDay | Visits::Gone if days.len() > 5 => break,
            Visits::NextDay => 1,
            Visits::OneWeek if day >= first + 6 => break,
            Visits::OneWeek => rng.random_range(1..4),
            Visits::Gone => rng.random_range(1..3),
        };
        if day > span {
            break;
        }
        days.push(day);
    }
    days
}

fn amount(rng: &mut Pcg64, kind: Amounts, customer: i32) -> f64 {
    let ordinary = (rng.random_range(5.0..50.0f64) * 100.0).round() / 100.0;
    match kind {
        Amounts::Ordinary => ordinary,
        Amounts::Equal => 9.99 + if rng.random::<f64>() < 0.02 { 0.01 } else { 0.0 },
        Amounts::Own => 5.0 + f64::from(customer),
        Amounts::OneBig if customer == 0 => 1e6 * ordinary,
        Amounts::OneBig => ordinary,
        Amounts::Heavy => rng.random_range(1e-4..1.0f64).powi(-3),
        Amounts::Zero => pick(rng, &[0.0, ordinary]),
        Amounts::Returned => ordinary * pick(rng, &[1.0, 1.0, -1.0]),
        Amounts::Huge => 1e13 * rng.random_range(0.01..1.0),
        Amounts::Tiny => 1e-12 * ordinary,
    }
}

/// A shop's customers, and what it is like.
fn shop(rng: &mut Pcg64) -> Option<(Summary, String)> {
    let (mut kind, amounts) = (pick(rng, &VISITS), pick(rng, &AMOUNTS));
    let (grain, unit) = pick(rng, &CALENDARS);
    // The longer the period, the longer the history.
    let span = match grain {
        Grain::Day | Grain::Week => pick(rng, &[10, 35, 180, 400]),
        Grain::Month => pick(rng, &[180, 700]),
        Grain::Year => 3000,
    };
    let customers = rng.random_range(2..=40);
    let what = format!("{customers} customers, {kind:?}, {amounts:?}, {grain}, {unit}, {span} days");
    let mixed = rng.random::<f64>() < 0.2;
    let mut log = PurchaseLog::new(grain);
    let start: Day = "2020-01-01".parse().unwrap();
    for customer in 0..customers {
        if mixed {
            kind = pick(rng, &VISITS);
        }
        for (i, day) in visits(rng, kind, span).into_iter().enumerate() {
            let amount = amount(rng, amounts, customer);
            let amount = if i == 0 { amount.abs() } else { amount };
            log.add(&format!("c{customer}"), Day(start.0 + day), amount).unwrap();
        }
    }
    let end = Day(log.last_day().unwrap().0 + pick(rng, &[0, 0, 1, 30]));
    let (summary, _) = log.summary(unit, end, &Cohort::default()).ok()?;
    Some((summary, what))
}

fn options(rng: &mut Pcg64, timing: TimingKind) -> ModelOptions {
    let prior_sd = pick(rng, &[None, None, Some(0.1), Some(2.0), Some(100.0)]);
    let fit = FitOptions { prior_sd, robust: rng.random::<f64>() < 0.3 };
    let resampled = prior_sd.is_none() && rng.random::<f64>() < 0.1;
    let bootstrap_by = pick(rng, &[Resampling::Customers, Resampling::Model]);
    ModelOptions {
        timing: timing.into(),
        with_spend: false,
        fit,
        bootstrap: resampled.then_some(10),
        bootstrap_by,
        ..ModelOptions::default()
    }
}

/// What is written can be read, and is what was written.
fn again(file: &ModelFile) -> ModelFile {
    let text = file.to_json();
    let read = ModelFile::from_json(&text, "again").unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(read, *file);
    assert_eq!(read.to_json(), text);
    read
}

/// Numbers that are some; whether an interval has no end.
fn is_sound(fit: &FitRecord) -> bool {
    let known = [fit.log_likelihood, fit.gradient, fit.smallest_information];
    assert!(known.iter().all(|number| number.is_finite()), "{known:?}");
    for &(low, high) in fit.intervals.iter().flatten() {
        assert!(low >= 0.0 && low.is_finite() && high >= low, "{low} to {high}");
    }
    let errors = fit.standard_errors.iter().chain(fit.covariance_of_logs.iter().flatten()).flatten();
    assert!(errors.chain(fit.condition.iter()).all(|number| number.is_finite()));
    fit.intervals.iter().flatten().any(|(_, high)| high.is_infinite())
}

fn is_refusal(error: &Error) {
    assert!(["fit", "data", "convergence"].contains(&error.kind().name()), "{} {error}", error.kind());
    assert!(!error.to_string().contains("NaN"), "{error}");
}

/// Predictions are numbers, and those of the file that was read are the same.
fn predict(summary: &Summary, file: &ModelFile, read: &ModelFile) {
    let horizons: Vec<Horizon> = ["1y", "1y..3y", "forever"].map(|text| text.parse().unwrap()).to_vec();
    let valuation = Valuation { discount: DiscountRate::annual(0.1).unwrap(), ..Valuation::default() };
    let (predictor, other) = (file.predictor().unwrap().usable().0, read.predictor().unwrap().usable().0);
    let forecast = predictor.forecast(summary, &horizons, &valuation).unwrap();
    assert_eq!(other.forecast(summary, &horizons, &valuation).unwrap(), forecast);
    let is_share = |number: &f64| (0.0..=1.0).contains(number);
    let is_number = |number: &f64| *number >= 0.0 && number.is_finite();
    assert!(forecast.p_alive.iter().all(is_share), "{:?}", forecast.p_alive);
    assert!(forecast.expected_spend.iter().flatten().all(is_number), "{:?}", forecast.expected_spend);
    for columns in &forecast.horizons {
        let numbers = columns.purchases.iter().chain(columns.discounted.iter().flatten());
        for number in numbers.chain(columns.clv.iter().flatten()) {
            assert!(is_number(number), "{} {number}", columns.horizon);
        }
    }
    let year = &horizons[0];
    let outlook = predictor.outlook(summary).unwrap();
    let customers = outlook.everybody();
    let chances = customers.chances(&outlook.chances_ahead(std::slice::from_ref(year)).unwrap()[0]);
    let timing = predictor.timing;
    assert!(chances.p_purchase.iter().chain(&chances.p_alive).flatten().all(is_share), "{timing:?} {chances:?}");
    let next = customers.next_purchase(&[0.5]).unwrap();
    assert!(next.p_ever.iter().all(is_share), "{timing:?} {next:?}");
    let options = TotalOptions { futures: 20, seed: 1 };
    let groups = Grouping::all(summary.len());
    let totals = |file: &ModelFile| {
        let uncertainty = file.uncertainty();
        outlook.totals(&groups, year, &PerCustomer::All(1.0), &uncertainty, &options)
    };
    match (totals(file), totals(read)) {
        (Ok(totals), Ok(others)) => {
            assert_eq!(totals, others);
            for total in std::iter::once(&totals.all.purchases).chain(&totals.all.value) {
                let (low, high) = total.interval(0.8);
                assert!(is_number(&low) && is_number(&high) && low <= high, "{low} to {high}");
            }
        }
        // Uncertainty beyond what a normal distribution says.
        (Err(error), Err(other)) => assert_eq!(error.to_string(), other.to_string()),
        (totals, others) => panic!("{totals:?}\n{others:?}"),
    }
}

/// Fits all models to one shop; what became of each.
fn try_shop(seed: u64) -> Vec<String> {
    let mut rng = Pcg64::seed_from_u64(seed);
    let Some((summary, _)) = shop(&mut rng) else { return Vec::new() };
    let mut ends = Vec::new();
    let mut note = |model: &str, end: &str| ends.push(format!("{model}: {end}"));
    let spend = match ModelFile::of_spend(&summary, &options(&mut rng, TimingKind::BgNbd)) {
        Ok((file, _)) => {
            let fit = file.spend.as_ref().unwrap().fit.as_ref().unwrap();
            note("gamma-gamma", fit.verdict.word());
            if is_sound(fit) {
                note("gamma-gamma", "interval without end");
            }
            again(&file);
            Some(file)
        }
        Err(error) => {
            is_refusal(&error);
            note("gamma-gamma", error.kind().name());
            None
        }
    };
    for kind in kinds() {
        match ModelFile::fit(&summary, &options(&mut rng, kind)) {
            Ok((file, _)) => {
                let fit = file.timing.as_ref().unwrap().fit.as_ref().unwrap();
                note(kind.name(), fit.verdict.word());
                if is_sound(fit) {
                    note(kind.name(), "interval without end");
                }
                let file = spend.clone().map_or_else(|| file.clone(), |spend| file.clone().join(spend).unwrap());
                predict(&summary, &file, &again(&file));
            }
            Err(error) => {
                is_refusal(&error);
                note(kind.name(), error.kind().name());
            }
        }
    }
    ends
}

#[test]
fn whatever_a_small_shop_gives_is_kept_and_predicts() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (shops, seed) = (number("CLV_SHOPS").unwrap_or(40), number("CLV_SHOPS_SEED").unwrap_or(1));
    let first = number("CLV_SHOPS_FIRST").unwrap_or(0);
    let (mut ends, mut failed) = (BTreeMap::<String, u64>::new(), Vec::new());
    for i in first..first + shops {
        let seed = seed << 32 | i;
        match catch_unwind(AssertUnwindSafe(|| try_shop(seed))) {
            Ok(of_shop) => of_shop.into_iter().for_each(|end| *ends.entry(end).or_default() += 1),
            Err(_) => {
                let what = shop(&mut Pcg64::seed_from_u64(seed)).map(|(_, what)| what).unwrap_or_default();
                println!("shop {i} failed: {what}");
                failed.push(i);
            }
        }
    }
    println!("{ends:#?}");
    assert!(failed.is_empty(), "{} of {shops} shops failed: {failed:?}", failed.len());
    // So that the shops do not become too tame unnoticed.
    for what in ["converged", "ridge", "boundary", "interval without end", "fit"] {
        assert!(shops < 40 || ends.keys().any(|end| end.ends_with(what)), "no shop gave: {what}");
    }
}
