//! The distribution of a customer's value: against simulated customers, against itself, and through the command.

use clv::models::{FuturePurchases, GammaGamma, Timing, TimingKind, TimingModel};
use clv::predict::Predictor;
use clv::simulate::Population;
use clv::summary::{Grain, History, TimeUnit};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::command::{Folder, Records, cdnow};
use crate::family::{SPEND, kinds, tenth, truths};

fn predictor(timing: TimingModel) -> Predictor {
    Predictor { timing, spend: Some(SPEND), unit: TimeUnit::Week, grain: Grain::Day, currency: None, effects: None }
}

/// With the true parameters, where a customer's value falls in its distribution is uniform: whatever the history, each tenth
/// of the distribution holds a tenth of the customers. Likewise for the number of purchases. At the point masses, a
/// place within them is drawn.
#[test]
fn every_tenth_of_the_distribution_holds_a_tenth_of_the_customers() {
    const CUSTOMERS: usize = 20_000;
    let mut rng = Pcg64::seed_from_u64(7);
    for kind in kinds() {
        let (mut by_value, mut by_count) = ([0.0; 10], [0.0; 10]);
        let truth = truths(kind)[0];
        let (t, later) = (30.0, 20.0);
        let population = Population { timing: truth, spend: Some(SPEND), joining: 0.0, length: t + later };
        for customer in population.customers(11).take(CUSTOMERS) {
            let seen = customer.repeats.partition_point(|&time| time <= t);
            let history = History::of_purchases(&customer.repeats, t);
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
            let future = truth.future(&history);
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

#[test]
fn quantiles_undo_the_distribution() {
    for kind in kinds() {
        for truth in truths(kind) {
            for (frequency, t_x) in [(0, 0.0), (1, 2.0), (5, 28.0), (29, 30.0)] {
                let history = History::new(frequency, t_x, 30.0);
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

/// Quantiles of value where purchases are many: of new customers and of one seen before; with spend that varies like the number of
/// purchases, much less, and not at all, where the value comes in steps of 7.5.
///
/// From the sum over every single number of purchases, masses at 40 digits, with SciPy's incomplete beta function
/// (`tests/reference/large.py`).
#[test]
fn quantiles_of_many_purchases_are_those_of_the_whole_sum() {
    let nbd = |r: f64, alpha: f64| TimingKind::Nbd.with_parameters(&[r, alpha]).unwrap();
    let bg = |r: f64, alpha: f64, a: f64, b: f64| TimingKind::BgNbd.with_parameters(&[r, alpha, a, b]).unwrap();
    let spend = |p: f64, q: f64, gamma: f64| GammaGamma { p, q, gamma };
    let cases = [
        (nbd(1e5, 11.0), 13.0, spend(6.25, 3.74, 15.44), [1545013.4557001584, 3341998.854333583, 9367501.077929001]),
        (nbd(300.2, 20.0), 30.0, spend(2e3, 5e5, 7.5e3), [11887.743798045858, 13489.007044981252, 15198.600340077597]),
        (nbd(300.2, 20.0), 30.0, spend(1e9, 1e13, 7.5e4), [2970.003541135112, 3374.994290587167, 3802.493059062333]),
        (
            bg(900.243, 44.414, 0.793, 902.426),
            52.0,
            spend(6.25, 3.74 + 6.25 * 900.0, 15.44 + 900.0 * 35.0),
            [2124.9423503987955, 34611.48559140134, 39278.170961920885],
        ),
        (
            bg(2000.5, 40.0, 1.5, 9.0),
            300.0,
            spend(6.25, 3.74 + 6.25 * 2000.0, 15.44 + 2000.0 * 35.0),
            [28.107563988874208, 207.72942635462275, 2081.114147368417],
        ),
    ];
    let new = History::new(0, 0.0, 0.0);
    for (timing, t, spend, known) in cases {
        let predictor = Predictor { spend: Some(spend), ..predictor(timing) };
        predictor
            .value(&new, 0.0, t, 1.0, |distribution| {
                for (probability, known) in [0.05, 0.5, 0.95].into_iter().zip(known) {
                    for near in [0.0, 1e-3, 1e12] {
                        let ours = distribution.quantile(probability, near);
                        assert!(
                            (ours / known - 1.0).abs() < 1e-8,
                            "{timing:?} {spend:?} {probability}: {ours} {known}"
                        );
                    }
                }
            })
            .unwrap();
    }
}

/// The mean of the distribution is the expected value, by a sum over quantiles.
#[test]
fn the_mean_is_expected_purchases_times_expected_spend() {
    for kind in kinds() {
        let truth = truths(kind)[0];
        let history = History::new(3, 25.0, 30.0);
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
        let purchases = truth.p_alive(&history) * truth.future(&history).expected_purchases(20.0);
        let known = 0.5 * purchases * SPEND.expected_spend(3, 40.0).unwrap();
        assert!((mean / known - 1.0).abs() < 1e-6, "{kind}: {mean} {known}");
    }
}

#[test]
fn intervals_and_the_infinite_future_through_the_command() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let options = "--format csv --discount 0.1 --margin 0.3 --horizons 12m,forever --intervals 50,90 --over 0,25";
    let run = folder.clv(&format!("run {orders} {options}"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("(90%)") && run.stdout.contains("with the uncertainty of the parameters"),
        "{}",
        run.stdout
    );
    let table = Records::new(&folder.read("clv-results/customers.csv"));
    for row in 0..table.rows.len() {
        let n = |column: &str| table.number(row, column);
        let (low, high) = (n("value_12m_lo50"), n("value_12m_hi50"));
        assert!(n("value_12m_lo90") <= low && low <= high && high <= n("value_12m_hi90"), "{:?}", table.rows[row]);
        let over = n("p_value_12m_over_0");
        assert!((0.0..=1.0).contains(&over) && n("p_value_12m_over_25") <= over, "{:?}", table.rows[row]);
        assert!((over - n("p_purchase_12m")).abs() < 1e-10, "{:?}", table.rows[row]);
        // The future beyond the year is worth something too; 0.3 of the spend is earned.
        let forever = n("clv_forever");
        assert!(forever > n("clv_12m"), "{:?}", table.rows[row]);
        assert!((forever - 0.3 * n("expected_spend") * n("dert")).abs() < 1e-12 * forever, "{:?}", table.rows[row]);
        assert!(n("p_purchase_forever") >= n("p_purchase_12m") && n("p_alive") >= n("p_alive_12m"));
    }
    assert!(!table.has("p_alive_forever") && !table.has("value_forever_lo50"));
    // Among the chances of so many purchases, that of none is what is not over zero.
    assert_eq!(folder.clv(&format!("run {orders} --format csv --horizons 12m --over 0 --counts 2")).code, 0);
    let table = Records::new(&folder.read("clv-results/customers.csv"));
    for row in 0..table.rows.len() {
        let n = |column: &str| table.number(row, column);
        assert!((n("p_0_12m") + n("p_value_12m_over_0") - 1.0).abs() < 1e-10, "{:?}", table.rows[row]);
        let (none, one, two) = (n("p_0_12m"), n("p_1_12m"), n("p_2_12m"));
        assert!(none + one + two <= 1.0 + 1e-12, "{:?}", table.rows[row]);
        assert!(n("purchases_12m") >= one + 2.0 * two - 1e-12, "{:?}", table.rows[row]);
    }
    let refused = |options: &str| {
        let outcome = folder.clv(&format!("run {orders} {options}"));
        assert_eq!(outcome.code, 2, "{options}: {}", outcome.stderr);
        outcome.stderr
    };
    assert!(refused("--horizons forever").contains("takes a discount"));
    assert!(refused("--horizons forever --discount 0.1 --intervals 80").contains("begins now and ends"));
    assert!(refused("--no-spend --over 80").contains("spend model"));
    assert!(refused("--intervals 100").contains("between 0 and 100"));
    assert!(refused("--counts 5000").contains("at most 1000"));
    assert!(refused("--over=-3").contains("give amounts"));
}
