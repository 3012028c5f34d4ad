//! What every model of purchase timing must hold, on simulated customers.

use clv::error::Cause;
use clv::fit::{FitOptions, Verdict};
use clv::models::{FuturePurchases, GammaGamma, Stages, Timing, TimingKind, TimingModel};
use clv::simulate::Population;
use clv::summary::{CountedHistories, History};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// The spend model of the studies.
pub const SPEND: GammaGamma = GammaGamma { p: 6.25, q: 3.74, gamma: 15.44 };

/// The tenth of a distribution that a number falls in; where it is a step, a place within it.
pub fn tenth(below: f64, at: f64, share: f64) -> usize {
    ((10.0 * (below + share * (at - below))) as usize).min(9)
}

/// The kinds of the family, regular ones with two stages and three.
pub fn kinds() -> Vec<TimingKind> {
    let stages = |kind: TimingKind| if kind == TimingKind::BgCnbd(None) { 3 } else { 2 };
    TimingKind::ALL.iter().map(|&kind| kind.with_stages(Stages::new(stages(kind)).unwrap())).collect()
}

/// Parameters far apart: as on CDNOW; heavy and light buyers; quick and slow to leave.
pub fn truths(kind: TimingKind) -> Vec<TimingModel> {
    let sets: &[&[f64]] = match kind {
        TimingKind::BgNbd => &[
            &[0.243, 4.414, 0.793, 2.426],
            &[1.5, 8.0, 0.5, 2.0],
            &[0.6, 10.0, 1.2, 1.5],
            &[3.0, 5.0, 0.4, 4.0],
            &[0.9, 2.0, 2.0, 6.0],
        ],
        TimingKind::ParetoNbd => &[
            &[0.553, 10.578, 0.606, 11.669],
            &[1.5, 8.0, 1.0, 30.0],
            &[0.8, 5.0, 0.8, 60.0],
            &[3.0, 5.0, 1.5, 20.0],
            &[1.2, 2.0, 0.5, 4.0],
        ],
        TimingKind::ParetoCnbd(_) => &[
            &[1.065, 3.035, 0.404, 3.656],
            &[1.5, 4.0, 1.0, 30.0],
            &[0.8, 2.5, 0.8, 60.0],
            &[3.0, 2.5, 1.5, 20.0],
            &[1.2, 1.0, 0.5, 4.0],
        ],
        TimingKind::MbgNbd => &[
            &[0.525, 6.183, 0.891, 1.614],
            &[1.5, 8.0, 0.5, 2.0],
            &[0.8, 10.0, 0.7, 1.5],
            &[3.0, 5.0, 0.4, 4.0],
            &[0.9, 2.0, 2.0, 6.0],
        ],
        TimingKind::BgCnbd(_) => &[
            &[0.6, 1.4, 0.793, 2.426],
            &[1.5, 3.0, 0.5, 2.0],
            &[0.6, 3.0, 1.2, 1.5],
            &[3.0, 2.0, 0.4, 4.0],
            &[0.9, 0.8, 2.0, 6.0],
        ],
        TimingKind::MbgCnbd(_) => &[
            &[1.329, 2.813, 0.425, 0.79],
            &[1.5, 4.0, 0.5, 2.0],
            &[0.8, 5.0, 0.7, 1.5],
            &[3.0, 2.5, 0.4, 4.0],
            &[0.9, 1.0, 0.9, 3.0],
        ],
        TimingKind::Nbd => &[&[0.385, 12.07], &[1.5, 8.0], &[3.0, 5.0], &[0.9, 2.0], &[0.2, 20.0]],
        TimingKind::BgBb => &[
            &[1.204, 0.750, 0.657, 2.783],
            &[1.0, 4.0, 0.5, 10.0],
            &[0.5, 2.0, 1.0, 20.0],
            &[3.0, 3.0, 2.0, 30.0],
            &[0.6, 0.6, 1.5, 15.0],
        ],
    };
    sets.iter().map(|parameters| kind.with_parameters(parameters).unwrap()).collect()
}

/// Histories of a cohort that joins over a quarter of a time of `length`.
pub fn histories(timing: TimingModel, length: f64, count: usize, seed: u64) -> Vec<History> {
    let population = Population { timing, spend: None, joining: length / 8.0, length };
    population.customers(seed).take(count).map(|customer| customer.history()).collect()
}

fn values(model: &TimingModel) -> Vec<f64> {
    model.parameters().into_iter().map(|(_, value)| value).collect()
}

#[track_caller]
fn assert_near(ours: &[f64], known: &[f64], tolerance: f64) {
    for (ours, known) in ours.iter().zip(known) {
        assert!((ours / known - 1.0).abs() < tolerance, "{ours} is not {known}");
    }
}

#[test]
fn the_order_of_customers_changes_no_bit_and_two_are_weight_two() {
    for kind in kinds() {
        let mut customers = histories(truths(kind)[0], 60.0, 3000, 2);
        let fit = |data: &CountedHistories| kind.fit(data, &FitOptions::default()).unwrap();
        let (model, record) = fit(&CountedHistories::new(customers.iter().copied()));
        let twice = CountedHistories::new(customers.iter().chain(&customers).copied());
        let weighted = CountedHistories::weighted(customers.iter().map(|&history| (history, 2.0)));
        assert_eq!(fit(&twice).0, fit(&weighted).0, "{kind}");
        customers.reverse();
        customers.rotate_left(1234);
        let (again, again_record) = fit(&CountedHistories::new(customers.iter().copied()));
        assert_eq!(model, again, "{kind}");
        assert_eq!(record.log_likelihood.to_bits(), again_record.log_likelihood.to_bits(), "{kind}");
    }
}

/// Days or years, the fit is the same in other units.
#[test]
fn the_unit_of_time_changes_scales_alone() {
    for kind in kinds().into_iter().filter(|kind| !kind.is_discrete()) {
        let customers = histories(truths(kind)[0], 60.0, 3000, 1);
        let fit = |unit: f64| {
            let scaled = customers.iter().map(|h| History::new(h.frequency, h.t_x * unit, h.T * unit));
            kind.fit(&CountedHistories::new(scaled), &FitOptions::default()).unwrap().0
        };
        let known = fit(1.0);
        for unit in [7.0, 1.0 / 52.0, 1e3] {
            let rescaled: Vec<f64> = fit(unit)
                .parameters()
                .into_iter()
                .map(|(name, value)| if matches!(name, "alpha" | "beta") { value / unit } else { value })
                .collect();
            assert_near(&rescaled, &values(&known), 1e-7);
        }
    }
}

/// The simulator against the formulas: numbers of purchases, and how many of those alive come back.
#[test]
fn simulated_customers_do_what_the_formulas_say() {
    const CUSTOMERS: usize = 40_000;
    for kind in kinds() {
        for (i, &truth) in truths(kind).iter().enumerate() {
            let (t, later) = (20.0, 20.0);
            let population = Population { timing: truth, spend: None, joining: 0.0, length: t + later };
            let (mut seen, mut squares, mut none) = (0.0, 0.0, 0.0);
            let (mut foreseen, mut future, mut spread) = (0.0, 0.0, 0.0);
            for customer in population.customers(100 + i as u64).take(CUSTOMERS) {
                let until = customer.repeats.partition_point(|&time| time <= t);
                let history = History::of_purchases(&customer.repeats, t);
                seen += until as f64;
                squares += (until as f64).powi(2);
                none += f64::from(u8::from(until == 0));
                let expected = truth.p_alive(&history) * truth.future(&history).expected_purchases(later);
                let actual = (customer.repeats.len() - until) as f64;
                foreseen += expected;
                future += actual;
                spread += (actual - expected).powi(2);
            }
            let n = CUSTOMERS as f64;
            let share = truth.pmf(0, t);
            assert!(
                (none / n - share).abs() < 4.5 * (share * (1.0 - share) / n).sqrt(),
                "{kind} {i}: {} {share}",
                none / n
            );
            let error = 4.5 * ((squares / n - (seen / n).powi(2)) / n).sqrt();
            let expected = truth.expected_purchases(t);
            assert!((seen / n - expected).abs() < error, "{kind} {i}: {} {expected}", seen / n);
            let error = 4.5 * (spread / n).sqrt() / n.sqrt();
            assert!((future - foreseen).abs() / n < error, "{kind} {i}: {future} {foreseen}");
        }
    }
}

/// A customer of the last day has had no time for anything, and the far past is no harder than the near.
#[test]
fn no_time_and_impossible_histories() {
    for kind in kinds() {
        for truth in truths(kind) {
            assert!((truth.pmf(0, 0.0) - 1.0).abs() < 1e-15 && truth.at_least(0, 0.0) == 1.0, "{kind}");
            assert_eq!((truth.pmf(3, 0.0), truth.at_least(3, 0.0)), (0.0, 0.0), "{kind}");
            assert_eq!(truth.expected_purchases(0.0), 0.0);
            assert_eq!(truth.det(0.0, 0.01), 0.0);
            for (frequency, t_x, T) in [(0, 0.0, 0.0), (10, 5.0, 8.0), (2, 9.0, 5.0), (1, 1e17, 1e18), (1, 0.3, 0.7)] {
                let history = History::new(frequency, t_x, T);
                let alive = truth.p_alive(&history);
                assert!((0.0..=1.0).contains(&alive), "{kind} {history:?} {alive}");
                assert!(!truth.log_likelihood(&CountedHistories::new([history])).0.is_nan(), "{kind} {history:?}");
            }
        }
    }
}

/// Others return not-a-number here: thousands of purchases, equal scales, s at 1, beta far above alpha.
#[test]
fn pareto_nbd_where_others_break() {
    let model = |r, alpha, s, beta| TimingKind::ParetoNbd.with_parameters(&[r, alpha, s, beta]).unwrap();
    for model in [
        model(0.553, 10.578, 0.606, 11.669),
        model(0.5, 10.0, 1.0, 10.0),
        model(0.5, 10.0, 1.0 + 1e-12, 10.0 * (1.0 + 1e-12)),
        model(0.5, 1e-3, 64.0, 7721.0),
        model(5.0, 1e-6, 1e-6, 1e6),
    ] {
        for frequency in [0, 1, 200, 5000, 100_000] {
            for share in [0.0, 0.5, 0.999, 1.0] {
                let t_x = if frequency == 0 { 0.0 } else { f64::max(78.0 * share, 1e-3) };
                let history = History::new(frequency, t_x, 78.0);
                let alive = model.p_alive(&history);
                assert!((0.0..=1.0).contains(&alive), "{model:?} {history:?} {alive}");
                let (value, gradient, hessian) = model.log_likelihood(&CountedHistories::new([history]));
                let finite = value.is_finite() && gradient.iter().chain(hessian.iter()).all(|d| d.is_finite());
                assert!(finite, "{model:?} {history:?} {value} {gradient} {hessian}");
                let future = model.future(&history);
                let (year, ever) = (future.expected_purchases(52.0), future.dert(0.002));
                assert!(year > 0.0 && year.is_finite() && ever > 0.0 && ever.is_finite(), "{year} {ever}");
            }
        }
    }
    // Fits with such customers among others.
    let mut customers = histories(model(0.553, 10.578, 0.606, 11.669), 78.0, 2000, 5);
    customers.push(History::new(5000, 77.0, 78.0));
    let (_, record) =
        TimingKind::ParetoNbd.fit(&CountedHistories::new(customers.iter().copied()), &FitOptions::default()).unwrap();
    assert_eq!(record.verdict, Verdict::Converged);
}

/// The ridge of s and beta, where customers hardly differ in how they leave: predictions hold, and the verdict says it.
#[test]
fn the_ridge_of_pareto_nbd_is_named() {
    let kind = TimingKind::ParetoNbd;
    let mut named = 0;
    for seed in 0..10 {
        let alike = kind.with_parameters(&[1.0, 10.0, 1e4, 4e5]).unwrap();
        let customers = histories(alike, 78.0, 500, seed);
        let data = CountedHistories::new(customers.iter().copied());
        let (model, record) = kind.fit(&data, &FitOptions::default()).unwrap();
        let total = |model: &TimingModel| -> f64 {
            customers.iter().map(|h| model.p_alive(h) * model.future(h).expected_purchases(26.0)).sum()
        };
        assert!((total(&model) / total(&alike) - 1.0).abs() < 0.35, "{seed}: {} {}", total(&model), total(&alike));
        let names: Vec<String> = match &record.verdict {
            Verdict::Converged => Vec::new(),
            Verdict::Ridge { parameters } => parameters.clone(),
            Verdict::Boundary { limits, .. } => limits.iter().map(|limit| limit.parameter.clone()).collect(),
        };
        named += usize::from(names.iter().any(|name| name == "s") && !record.cautions.is_empty());
    }
    assert!(named >= 6, "{named} of 10");
}

/// Frequent shoppers who all leave at one rate: s and beta run off until rounding hides what is left to gain, and there the fit ends.
#[test]
fn a_fit_to_a_limit_does_not_crawl() {
    let kind = TimingKind::ParetoNbd;
    for seed in 0..3 {
        let alike = kind.with_parameters(&[1.4, 1.4, 2e6, 2.2e9]).unwrap();
        let data = CountedHistories::new(histories(alike, 52.0, 2000, seed));
        let (model, record) = kind.fit(&data, &FitOptions::default()).unwrap();
        assert!(record.log_likelihood >= alike.log_likelihood(&data).0, "{seed}: {record:?}");
        if let Verdict::Boundary { .. } = record.verdict {
            let evaluations = record.evaluations;
            assert!(
                record.iterations < 60 && evaluations < 600,
                "{seed}: {} {evaluations} {model:?}",
                record.iterations
            );
        }
    }
}

/// A shop whose customers all keep coming: every model falls back on the NBD.
#[test]
fn nobody_ever_leaves() {
    let loyal = TimingKind::Nbd.with_parameters(&[2.0, 4.0]).unwrap();
    for kind in kinds().into_iter().filter(|kind| !kind.is_discrete()) {
        for seed in 0..5 {
            let customers = histories(loyal, 78.0, 300, seed);
            let data = CountedHistories::new(customers.iter().copied());
            let (model, record) =
                kind.fit(&data, &FitOptions::default()).unwrap_or_else(|e| panic!("{kind} {seed}: {e}"));
            let total: f64 =
                customers.iter().map(|h| model.p_alive(h) * model.future(h).expected_purchases(13.0)).sum();
            let known: f64 = customers.iter().map(|h| 13.0 * (2.0 + h.x()) / (4.0 + h.T)).sum();
            assert!((total / known - 1.0).abs() < 0.04, "{kind} {seed}: {total} {known}");
            if kind != TimingKind::Nbd && matches!(record.verdict, Verdict::Boundary { .. }) {
                assert!(!record.cautions.is_empty(), "{kind} {seed}: {}", record.verdict);
            }
        }
    }
}

/// Small shops with parameters drawn from far and wide: every fit of every model ends in a verdict; where fewer than ten customers
/// came back, one with a prior.
#[test]
fn no_small_shop_breaks_a_fit() {
    let mut rng = Pcg64::seed_from_u64(1);
    let mut magnitude = |low: f64, high: f64| 10f64.powf(rng.random_range(low..high));
    let mut failures = Vec::new();
    let (mut fits, mut with_prior) = (0, 0);
    for seed in 0..150 {
        for kind in kinds() {
            let parameters: Vec<f64> = kind
                .parameters()
                .iter()
                .map(|&name| match name {
                    _ if kind.is_discrete() => magnitude(-1.0, 1.5),
                    "alpha" | "beta" => magnitude(-0.5, 1.5),
                    _ => magnitude(-1.0, 1.0),
                })
                .collect();
            let truth = kind.with_parameters(&parameters).unwrap();
            let customers = histories(truth, magnitude(1.3, 2.3), 60, seed);
            let others = || kinds().into_iter().filter(|other| other.is_discrete() == kind.is_discrete());
            let few = CountedHistories::new(customers.iter().take(8).copied());
            for fitted in others().filter(|_| few.repeat_customers() > 0.0) {
                with_prior += 1;
                let error = fitted.fit(&few, &FitOptions::default()).unwrap_err();
                assert!(matches!(error.cause(), Cause::TooFew { .. }));
                match fitted.fit(&few, &FitOptions { prior_sd: Some(1.0), robust: false }) {
                    Ok((model, _)) => assert!(model.values().iter().all(|value| *value > 0.0 && value.is_finite())),
                    Err(error) => failures.push(format!("{seed} {truth:?} as {fitted} with a prior: {error}")),
                }
            }
            let data = CountedHistories::new(customers);
            if data.repeat_customers() < 10.0 {
                continue;
            }
            for fitted in others() {
                fits += 1;
                if let Err(error) = fitted.fit(&data, &FitOptions::default()) {
                    failures.push(format!("{seed} {truth:?} as {fitted}: {error}"));
                }
            }
        }
    }
    assert!(fits > 1500 && with_prior > 1500, "{fits} {with_prior}");
    assert!(failures.is_empty(), "{} of {fits}: {failures:#?}", failures.len());
}
