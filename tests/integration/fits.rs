//! Fits that must not depend on what does not matter, and must not break on what breaks others.

use clv::fit::{Advice, FitOptions, Fitted, Verdict, fit, maximum_likelihood};
use clv::message::opt;
use clv::models::{BgNbd, FuturePurchases, GammaGamma, Likelihood, Timing};
use clv::simulate::{Population, SimulatedCustomer};
use clv::summary::{Counted, CountedHistories, CountedSpend, History};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const BG_NBD: BgNbd = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
const GAMMA_GAMMA: GammaGamma = GammaGamma { p: 6.25, q: 3.74, gamma: 15.44 };

fn customers(timing: BgNbd, count: usize, seed: u64) -> Vec<SimulatedCustomer> {
    let population = Population { timing, spend: Some(GAMMA_GAMMA), joining: 12.0, length: 78.0 };
    population.customers(seed).take(count).collect()
}

fn histories(customers: &[SimulatedCustomer]) -> Vec<History> {
    customers.iter().map(SimulatedCustomer::history).collect()
}

fn spend(customers: &[SimulatedCustomer]) -> Vec<(u32, f64)> {
    customers.iter().map(|customer| (customer.repeats.len() as u32, customer.monetary_value())).collect()
}

#[track_caller]
fn assert_near<const N: usize>(ours: [f64; N], known: [f64; N], tolerance: f64) {
    for (ours, known) in ours.into_iter().zip(known) {
        assert!((ours / known - 1.0).abs() < tolerance, "{ours} is not {known}");
    }
}

/// Cents or millions, the fit is the same in other units.
#[test]
fn the_unit_of_money_changes_gamma_alone() {
    let spend = spend(&customers(BG_NBD, 3000, 1));
    let fit = |unit: f64| -> Fitted<GammaGamma> {
        maximum_likelihood(&CountedSpend::new(spend.iter().map(|&(x, m)| (x, m / unit)))).unwrap()
    };
    let known = fit(1.0);
    for unit in [0.01, 1e6, 1e-9] {
        let GammaGamma { p, q, gamma } = fit(unit).model;
        assert_near([p, q, gamma * unit], known.model.parameters(), 1e-8);
    }
}

#[test]
fn the_order_of_customers_changes_no_bit() {
    let mut customers = customers(BG_NBD, 3000, 2);
    let timing = |customers: &[SimulatedCustomer]| -> Fitted<BgNbd> {
        maximum_likelihood(&CountedHistories::new(histories(customers))).unwrap()
    };
    let value = |customers: &[SimulatedCustomer]| -> Fitted<GammaGamma> {
        maximum_likelihood(&CountedSpend::new(spend(customers))).unwrap()
    };
    let (first, first_value) = (timing(&customers), value(&customers));
    customers.reverse();
    customers.rotate_left(1234);
    let (second, second_value) = (timing(&customers), value(&customers));
    assert_eq!(first.model, second.model);
    assert_eq!(first.estimate.covariance, second.estimate.covariance);
    assert_eq!(first_value.model, second_value.model);
    assert_eq!(first.estimate.log_likelihood.to_bits(), second.estimate.log_likelihood.to_bits());
}

#[test]
fn a_customer_counted_twice_is_weight_two() {
    let customers = customers(BG_NBD, 2000, 3);
    let (histories, spend) = (histories(&customers), spend(&customers));
    let twice: Fitted<BgNbd> =
        maximum_likelihood(&CountedHistories::new(histories.iter().chain(&histories).copied())).unwrap();
    let weighted: Fitted<BgNbd> =
        maximum_likelihood(&CountedHistories::weighted(histories.iter().map(|&history| (history, 2.0)))).unwrap();
    assert_eq!(twice.model, weighted.model);
    assert_eq!(twice.estimate.customers, weighted.estimate.customers);
    let twice: Fitted<GammaGamma> =
        maximum_likelihood(&CountedSpend::new(spend.iter().chain(&spend).copied())).unwrap();
    let weighted: Fitted<GammaGamma> =
        maximum_likelihood(&CountedSpend::weighted(spend.iter().map(|&(x, m)| (x, m, 2.0)))).unwrap();
    assert_eq!(twice.model, weighted.model);
}

/// A peer's default optimiser walks off to r = 10²⁵ here and reports success.
#[test]
fn a_million_customers() {
    let population = Population { timing: BG_NBD, spend: None, joining: 12.0, length: 39.0 };
    let day = |time: f64| (time * 7.0).floor() / 7.0;
    let histories = population.customers(4).take(1_000_000).map(|customer| {
        let History { frequency, t_x, T, .. } = customer.history();
        History::new(frequency, day(t_x), day(T))
    });
    let fitted: Fitted<BgNbd> = maximum_likelihood(&CountedHistories::new(histories)).unwrap();
    assert_eq!(fitted.estimate.verdict, Verdict::Converged);
    // Rounding times down to days moves alpha by about a day.
    assert_near(fitted.model.parameters(), BG_NBD.parameters(), 0.03);
}

/// a = 1 is a pole of the published formula for expected purchases; others return infinity.
#[test]
fn a_equal_to_one_is_an_ordinary_number() {
    let at = |a: f64| {
        let model = BgNbd { a, ..BG_NBD };
        let history = History::new(3, 20.0, 38.0);
        model.p_alive(&history) * model.future(&history).expected_purchases(39.0)
    };
    let (below, pole, above) = (at(1.0 - 1e-9), at(1.0), at(1.0 + 1e-9));
    assert!((pole - 0.5 * (below + above)).abs() < 1e-12 * pole && below > pole && pole > above);
}

/// Others return not-a-number from a few hundred purchases on.
#[test]
fn thousands_of_purchases() {
    let mut histories = histories(&customers(BG_NBD, 2000, 5));
    histories.push(History::new(3000, 77.0, 78.0));
    let fitted: Fitted<BgNbd> = maximum_likelihood(&CountedHistories::new(histories.iter().copied())).unwrap();
    assert_eq!(fitted.estimate.verdict, Verdict::Converged);
    let last = histories[histories.len() - 1];
    let expected = fitted.model.p_alive(&last) * fitted.model.future(&last).expected_purchases(52.0);
    // At most the rate so far, about 3000 in 78 weeks.
    assert!(expected > 0.0 && expected < 52.0 * 3001.0 / 78.0, "{expected}");
}

/// Amounts of hundreds of thousands, from which fixed starting values never find back.
#[test]
fn large_amounts() {
    let spend = spend(&customers(BG_NBD, 5000, 6));
    let fitted: Fitted<GammaGamma> =
        maximum_likelihood(&CountedSpend::new(spend.iter().map(|&(x, m)| (x, m * 12_000.0)))).unwrap();
    assert_eq!(fitted.estimate.verdict, Verdict::Converged);
    assert!((fitted.model.population_mean().unwrap() / 422_000.0 - 1.0).abs() < 0.1);
}

/// A shop whose customers all keep coming: dropout runs to the boundary, and predictions are those of the NBD.
#[test]
fn nobody_ever_leaves() {
    let mut failures = Vec::new();
    for seed in 0..20 {
        let loyal = BgNbd { r: 2.0, alpha: 4.0, a: 1e-12, b: 1.0 };
        let histories = histories(&customers(loyal, 300, seed));
        let fitted: Fitted<BgNbd> = match maximum_likelihood(&CountedHistories::new(histories.iter().copied())) {
            Ok(fitted) => fitted,
            Err(error) => {
                failures.push(format!("{seed}: {error}"));
                continue;
            }
        };
        let total: f64 = histories
            .iter()
            .map(|history| fitted.model.p_alive(history) * fitted.model.future(history).expected_purchases(13.0))
            .sum();
        // E[λ | x, T] = (r + x)/(alpha + T) at the truth; the estimate differs by sampling alone.
        let known: f64 = histories.iter().map(|history| 13.0 * (2.0 + history.x()) / (4.0 + history.T)).sum();
        assert!((total / known - 1.0).abs() < 0.03, "{seed}: {total} {known}");
        if let Verdict::Boundary { limits, .. } = &fitted.estimate.verdict {
            assert!(limits.iter().any(|limit| limit.parameter == "a" || limit.parameter == "b"));
            let cautions = fitted.model.advice(&CountedHistories::new(histories), &fitted.estimate.verdict);
            let named = cautions.iter().any(|caution| {
                let caution = caution.plain();
                caution.contains("no dropout") || caution.contains("keep coming") || caution.contains("same chance")
            });
            assert!(named, "{fitted:?} {cautions:?}");
            // What stayed inside keeps its standard errors.
            assert!(fitted.estimate.standard_errors()[0].is_some());
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn everybody_leaves_at_once() {
    let fleeting = BgNbd { r: 2.0, alpha: 4.0, a: 1e6, b: 1e-6 };
    let data = CountedHistories::new(histories(&customers(fleeting, 500, 1)));
    let fitted: Fitted<BgNbd> = maximum_likelihood(&data).unwrap();
    let cautions = fitted.model.advice(&data, &fitted.estimate.verdict);
    assert!(
        cautions.iter().any(|caution| caution.plain().contains("every customer leaves")),
        "{:?} {cautions:?}",
        fitted.estimate.verdict
    );
}

/// Equal customers, up to chance: only ratios of parameters mean something, and the verdict names them.
#[test]
fn a_ridge_is_named() {
    let mut named = 0;
    for seed in 0..10 {
        let alike = BgNbd { r: 0.8, alpha: 6.0, a: 2e5, b: 8e5 };
        let data = CountedHistories::new(histories(&customers(alike, 400, seed)));
        let fitted: Fitted<BgNbd> = maximum_likelihood(&data).unwrap();
        let share = fitted.model.a / (fitted.model.a + fitted.model.b);
        assert!((share - 0.2).abs() < 0.08, "{share}");
        let names: Vec<&str> = match &fitted.estimate.verdict {
            Verdict::Converged => Vec::new(),
            Verdict::Ridge { parameters } => parameters.iter().map(String::as_str).collect(),
            Verdict::Boundary { limits, .. } => limits.iter().map(|limit| limit.parameter.as_str()).collect(),
        };
        let advised = !fitted.model.advice(&data, &fitted.estimate.verdict).is_empty();
        named += usize::from(names.contains(&"a") && names.contains(&"b") && advised);
    }
    assert!(named >= 8, "{named} of 10");
}

#[test]
fn an_infinite_mean_is_refused() {
    let wild = GammaGamma { p: 3.0, q: 0.8, gamma: 10.0 };
    let population = Population { timing: BG_NBD, spend: Some(wild), joining: 12.0, length: 78.0 };
    let data = CountedSpend::new(spend(&population.customers(1).take(20_000).collect::<Vec<_>>()));
    let fitted: Fitted<GammaGamma> = maximum_likelihood(&data).unwrap();
    assert!(fitted.model.q < 1.0);
    let error = fitted.model.population_mean().unwrap_err().to_string();
    assert!(error.contains("infinite") && error.contains("largest"), "{error}");
    let advice = &fitted.model.advice(&data, &fitted.estimate.verdict)[0];
    assert_eq!(advice.options().next(), Some(&opt("with_spend").with(false)));
    // A customer who has been seen to spend has a mean.
    assert!(fitted.model.expected_spend(3, 50.0).unwrap() > 0.0);
}

/// With a prior, a handful of customers gives a fit; far from the data's scale the prior pulls, with much data it does not.
#[test]
fn a_prior_steadies_small_samples() {
    let few = CountedHistories::new(histories(&customers(BG_NBD, 40, 8)));
    let options = FitOptions { prior_sd: Some(2.0), robust: false };
    let steady: Fitted<BgNbd> = fit(&few, &options).unwrap();
    assert!(!matches!(steady.estimate.verdict, Verdict::Boundary { .. }), "{:?}", steady.estimate.verdict);
    assert!(steady.estimate.standard_errors().iter().all(Option::is_some));
    let many = CountedHistories::new(histories(&customers(BG_NBD, 20_000, 8)));
    let (with, without): (Fitted<BgNbd>, Fitted<BgNbd>) =
        (fit(&many, &options).unwrap(), maximum_likelihood(&many).unwrap());
    assert_near(with.model.parameters(), without.model.parameters(), 0.02);
    assert!(with.estimate.log_likelihood <= without.estimate.log_likelihood);
}

/// Where the model is true the sandwich agrees with the inverse information.
#[test]
fn robust_errors_agree_where_the_model_holds() {
    let data = CountedHistories::new(histories(&customers(BG_NBD, 20_000, 9)));
    let plain: Fitted<BgNbd> = maximum_likelihood(&data).unwrap();
    let robust: Fitted<BgNbd> = fit(&data, &FitOptions { prior_sd: None, robust: true }).unwrap();
    for (plain, robust) in plain.estimate.standard_errors().into_iter().zip(robust.estimate.standard_errors()) {
        assert!((plain.unwrap() / robust.unwrap() - 1.0).abs() < 0.1);
    }
}

/// Buyers as regular as a clock vary less than any Poisson rate: everything runs off, and the mean rate remains.
#[test]
fn clockwork() {
    for (every, length, count) in
        [(1.0, 52.0, 10), (1.0 / 7.0, 60.0 / 7.0, 10), (1.0, 104.0, 20), (1.0 / 7.0, 52.0, 30)]
    {
        let histories: Vec<History> = (0..count)
            .map(|i| {
                let T = length - 3.0 * f64::from(i) / 7.0 % (length / 2.0);
                let x = (T / every).floor();
                History::new(x as u32, x * every, T)
            })
            .collect();
        let data = CountedHistories::new(histories.iter().copied());
        let fitted: Fitted<BgNbd> =
            maximum_likelihood(&data).unwrap_or_else(|error| panic!("{every} {length}: {error}"));
        assert!(matches!(fitted.estimate.verdict, Verdict::Boundary { .. }), "{:?}", fitted.estimate.verdict);
        assert!(!fitted.model.advice(&data, &fitted.estimate.verdict).is_empty());
        for history in &histories {
            let expected =
                fitted.model.p_alive(history) * fitted.model.future(history).expected_purchases(10.0 * every);
            assert!((expected - 10.0).abs() < 0.8, "{every} {length}: {expected} in ten times {every}");
        }
    }
}

/// Small shops with parameters drawn from far and wide: every fit ends in a verdict.
#[test]
fn no_small_shop_breaks_the_fit() {
    let mut rng = Pcg64::seed_from_u64(1);
    let mut magnitude = |low: f64, high: f64| 10f64.powf(rng.random_range(low..high));
    let mut failures = Vec::new();
    let (mut fits, mut spend_fits) = (0, 0);
    for seed in 0..600 {
        let timing = BgNbd {
            r: magnitude(-1.0, 1.0),
            alpha: magnitude(-0.5, 1.5),
            a: magnitude(-2.0, 1.0),
            b: magnitude(-1.0, 1.5),
        };
        let value = GammaGamma { p: magnitude(-0.5, 2.0), q: magnitude(0.1, 1.5), gamma: magnitude(-1.0, 4.0) };
        let population = Population { timing, spend: Some(value), joining: 20.0, length: magnitude(1.3, 2.3) + 20.0 };
        let customers: Vec<_> = population.customers(seed).take(60).collect();
        let data = CountedHistories::new(histories(&customers));
        if data.repeat_customers() < 10.0 {
            continue;
        }
        fits += 1;
        if let Err(error) = maximum_likelihood::<BgNbd, 4>(&data) {
            failures.push(format!("{seed} {timing:?}: {error}"));
        }
        let data = CountedSpend::new(spend(&customers));
        if data.customers() >= 10.0 {
            spend_fits += 1;
            if let Err(error) = maximum_likelihood::<GammaGamma, 3>(&data) {
                failures.push(format!("{seed} {value:?}: {error}"));
            }
        }
    }
    assert!(fits > 400 && spend_fits > 400, "{fits} {spend_fits}");
    assert!(failures.is_empty(), "{} of {}: {failures:#?}", failures.len(), fits + spend_fits);
}
