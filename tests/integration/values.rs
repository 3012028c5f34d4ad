//! The distribution of a customer's value: against simulated customers, against itself, and through the command.

use clv::fit::FitOptions;
use clv::models::{GammaGamma, Timing, TimingKind, TimingModel};
use clv::predict::Predictor;
use clv::simulate::Population;
use clv::summary::{CountedHistories, CustomerIds, Day, Grain, History, Observation, Summary, TimeUnit};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::command::{Folder, cdnow, cells};
use crate::family::truths;

const SPEND: GammaGamma = GammaGamma { p: 6.25, q: 3.74, gamma: 15.44 };

fn predictor(timing: TimingModel) -> Predictor {
    Predictor { timing, spend: Some(SPEND), unit: TimeUnit::Week, grain: Grain::Day }
}

/// With the true parameters, where a customer's value falls in its distribution is uniform: whatever the history, each tenth
/// of the distribution holds a tenth of the customers. Likewise for the number of purchases. At the point masses, a
/// place within them is drawn.
#[test]
fn every_tenth_of_the_distribution_holds_a_tenth_of_the_customers() {
    const CUSTOMERS: usize = 20_000;
    let mut rng = Pcg64::seed_from_u64(7);
    for &kind in TimingKind::ALL {
        let (mut by_value, mut by_count) = ([0.0; 10], [0.0; 10]);
        let truth = truths(kind)[0];
        let (t, later) = (30.0, 20.0);
        let population = Population { timing: truth, spend: Some(SPEND), joining: 0.0, length: t + later };
        for customer in population.customers(11).take(CUSTOMERS) {
            let seen = customer.repeats.partition_point(|&time| time <= t);
            let t_x = if seen > 0 { customer.repeats[seen - 1] } else { 0.0 };
            let history = History { frequency: seen as u32, t_x, T: t };
            // The first purchase is no repeat purchase.
            let repeats = &customer.spend[1..=seen];
            let mean = if seen > 0 { repeats.iter().sum::<f64>() / seen as f64 } else { 0.0 };
            let value: f64 = customer.spend[1 + seen..].iter().sum();
            let (below, at) = predictor(truth)
                .value(&history, mean, later, 1.0, |distribution| match value {
                    0.0 => (0.0, distribution.cdf(0.0)),
                    value => (distribution.cdf(value), distribution.cdf(value)),
                })
                .unwrap();
            by_value[tenth(below, at, rng.random())] += 1.0;

            let alive = truth.p_alive(&history);
            let future = truth.posterior(&history);
            let later_count = (customer.repeats.len() - seen) as u32;
            let cdf = |n: u32| 1.0 - alive * future.at_least(n + 1, later);
            let below = if later_count == 0 { 0.0 } else { cdf(later_count - 1) };
            by_count[tenth(below, cdf(later_count), rng.random())] += 1.0;
        }
        for (what, tenths) in [("value", by_value), ("count", by_count)] {
            let expected = CUSTOMERS as f64 / 10.0;
            let chi_square: f64 = tenths.iter().map(|n| (n - expected).powi(2) / expected).sum();
            // 99.9% quantile with nine degrees of freedom.
            assert!(chi_square < 27.9, "{kind} {what}: {chi_square} {tenths:?}");
        }
    }
}

fn tenth(below: f64, at: f64, share: f64) -> usize {
    ((10.0 * (below + share * (at - below))) as usize).min(9)
}

#[test]
fn quantiles_undo_the_distribution() {
    for &kind in TimingKind::ALL {
        for truth in truths(kind) {
            for (frequency, t_x) in [(0, 0.0), (1, 2.0), (5, 28.0), (29, 30.0)] {
                let history = History { frequency, t_x, T: 30.0 };
                for near in [0.0, 1e-6, 1e9] {
                    predictor(truth)
                        .value(&history, 35.0, 20.0, 0.3, |distribution| {
                            let mut last = 0.0;
                            for probability in [0.001, 0.05, 0.25, 0.5, 0.75, 0.9, 0.99, 0.99999] {
                                let value = distribution.quantile(probability, near);
                                let cdf = distribution.cdf(value);
                                let right = value == 0.0 && cdf >= probability || (cdf - probability).abs() < 1e-8;
                                assert!(right, "{truth:?} {history:?} {probability}: {value} {cdf}");
                                assert!(value >= last);
                                last = value;
                            }
                        })
                        .unwrap();
                }
            }
        }
    }
}

/// The mean of the distribution is the expected value, by a sum over quantiles.
#[test]
fn the_mean_is_expected_purchases_times_expected_spend() {
    for &kind in TimingKind::ALL {
        let truth = truths(kind)[0];
        let history = History { frequency: 3, t_x: 25.0, T: 30.0 };
        let mean = predictor(truth)
            .value(&history, 40.0, 20.0, 0.5, |distribution| {
                // ∫ (1 - F) over ln v, by the trapezoidal rule.
                let step = 0.01;
                (-3000..2500)
                    .map(|i| (f64::from(i) * step).exp())
                    .map(|v| v * (1.0 - distribution.cdf(v)) * step)
                    .sum::<f64>()
            })
            .unwrap();
        let purchases = truth.p_alive(&history) * truth.posterior(&history).expected_purchases(20.0);
        let known = 0.5 * purchases * SPEND.expected_spend(3, 40.0).unwrap();
        assert!((mean / known - 1.0).abs() < 1e-6, "{kind}: {mean} {known}");
    }
}

/// With estimated parameters, the intervals of the purchases of 1,000 customers in the next half year hold what they say:
/// 200 populations a model. `cargo test --release --test integration totals -- --nocapture` shows the table.
#[test]
fn intervals_of_totals_cover_what_they_say() {
    const POPULATIONS: usize = 200;
    for &kind in &[TimingKind::BgNbd, TimingKind::MbgNbd, TimingKind::Nbd] {
        let shares = [0.5, 0.8, 0.9];
        let mut covered = [0.0; 3];
        for i in 0..POPULATIONS {
            let all = truths(kind);
            let truth = all[i % all.len()];
            let (length, later) = (78.0, 26.0);
            let population = Population { timing: truth, spend: None, joining: 13.0, length: length + later };
            let (mut histories, mut actual) = (Vec::new(), 0.0);
            for customer in population.customers(5000 + i as u64).take(1000) {
                let T = customer.age - later;
                let seen = customer.repeats.partition_point(|&time| time <= T);
                let t_x = if seen > 0 { customer.repeats[seen - 1] } else { 0.0 };
                histories.push(History { frequency: seen as u32, t_x, T });
                actual += (customer.repeats.len() - seen) as f64;
            }
            let data = CountedHistories::new(histories.iter().copied());
            let (model, fit) = kind.fit(&data, &FitOptions::default()).unwrap();
            let summary = Summary {
                customers: CustomerIds::Number((0..histories.len() as i64).collect()),
                frequency: histories.iter().map(|history| history.frequency).collect(),
                recency: histories.iter().map(|history| history.t_x).collect(),
                T: histories.iter().map(|history| history.T).collect(),
                monetary_value: vec![0.0; histories.len()],
                purchases: None,
                observation: Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(0) },
            };
            let covariance = fit.covariance();
            let total =
                predictor(model).total_purchases(&summary, &"26w".parse().unwrap(), covariance.as_ref()).unwrap();
            for (covered, share) in covered.iter_mut().zip(shares) {
                let (low, high) = total.interval(share);
                *covered += f64::from(u8::from(low <= actual && actual <= high));
            }
        }
        for (covered, share) in covered.into_iter().zip(shares) {
            let coverage = covered / POPULATIONS as f64;
            println!("{:<12} {:.0}% intervals cover {:.1}%", kind.name(), 100.0 * share, 100.0 * coverage);
            // Three standard errors of a share of 200.
            let error = 3.0 * (share * (1.0 - share) / POPULATIONS as f64).sqrt();
            assert!((coverage - share).abs() < error, "{kind}: {coverage} for {share}");
        }
    }
}

#[test]
fn intervals_and_the_infinite_future_through_the_command() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let options = "--format csv --discount 0.1 --margin 0.3 --horizons 12m,forever --intervals 50,90 --over 0,25";
    let run = folder.clv(&format!("run {orders} {options}"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("12m          purchases with 90%: "), "{}", run.stdout);
    let table = cells(&folder.read("clv-results/customers.csv"));
    assert_eq!(
        table[0][7..].join(","),
        "purchases_12m,clv_12m,value_12m_lo50,value_12m_hi50,value_12m_lo90,value_12m_hi90,p_value_12m_over_0,\
         p_value_12m_over_25,dert,clv_forever"
    );
    for row in &table[1..] {
        let n = |column: usize| row[column].parse::<f64>().unwrap();
        assert!(n(11) <= n(9) && n(9) <= n(10) && n(10) <= n(12), "{row:?}");
        assert!((0.0..=1.0).contains(&n(13)) && n(14) <= n(13), "{row:?}");
        // The future beyond the year is worth something too; 0.3 of the spend is earned.
        assert!(n(16) > n(8) && (n(16) - 0.3 * n(6) * n(15)).abs() < 1e-12 * n(16), "{row:?}");
    }
    // Among the chances of so many purchases, that of none is what is not over zero.
    assert_eq!(folder.clv(&format!("run {orders} --format csv --horizons 12m --over 0 --counts 2")).code, 0);
    let table = cells(&folder.read("clv-results/customers.csv"));
    assert_eq!(table[0][7..].join(","), "purchases_12m,clv_12m,p_0_12m,p_1_12m,p_2_12m,p_value_12m_over_0");
    for row in &table[1..] {
        let n = |column: usize| row[column].parse::<f64>().unwrap();
        assert!((n(9) + n(12) - 1.0).abs() < 1e-10, "{row:?}");
        assert!(n(9) + n(10) + n(11) <= 1.0 + 1e-12 && n(7) >= n(10) + 2.0 * n(11) - 1e-12, "{row:?}");
    }
    let refused = |options: &str| {
        let outcome = folder.clv(&format!("run {orders} {options}"));
        assert_eq!(outcome.code, 2, "{options}: {}", outcome.stderr);
        outcome.stderr
    };
    assert!(refused("--horizons forever").contains("takes a discount"));
    assert!(refused("--horizons forever --discount 0.1 --intervals 80").contains("a horizon that ends"));
    assert!(refused("--no-spend --intervals 80").contains("take a spend model"));
    assert!(refused("--intervals 100").contains("between 0 and 100"));
    assert!(refused("--counts 5000").contains("at most 1000"));
    assert!(refused("--over=-3").contains("give amounts"));
}
