//! Targets that are no model of the family are fitted, judged and redrawn like one.

use clv::fit::{
    BootstrapOptions, Coordinate, Estimate, Redraw, Resampling, Target, TargetValue, Verdict, WithPenalty, WithPrior,
    maximum, redraw,
};
use ndarray::{Array2, array};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Poisson};
use rand_pcg::Pcg64;

/// Logistic regression on one regressor: `P(y = 1) = 1/(1 + e^-(intercept + slope x))`.
#[derive(Clone, Debug)]
struct Logistic {
    /// `x`, `y` and a weight.
    rows: Vec<(f64, f64, f64)>,
    coordinates: Vec<Coordinate>,
}

/// Of both coordinates.
const SIZE: f64 = 10.0;

impl Logistic {
    fn new(rows: Vec<(f64, f64, f64)>) -> Self {
        Self { rows, coordinates: ["intercept", "slope"].map(|name| Coordinate::real(name, SIZE)).to_vec() }
    }

    fn chance(theta: &[f64], x: f64) -> f64 {
        1.0 / (1.0 + (-theta[0] - theta[1] * x).exp())
    }
}

impl Target for Logistic {
    fn name(&self) -> &'static str {
        "logistic regression"
    }

    fn coordinates(&self) -> &[Coordinate] {
        &self.coordinates
    }

    fn customers(&self) -> f64 {
        self.rows.iter().map(|(_, _, weight)| weight).sum()
    }

    fn distinct(&self) -> usize {
        self.rows.len()
    }

    fn at(&self, theta: &[f64]) -> TargetValue {
        let mut sum = TargetValue { value: 0.0, gradient: vec![0.0; 2], hessian: Array2::zeros((2, 2)) };
        for &(x, y, weight) in &self.rows {
            let (p, at) = (Self::chance(theta, x), [1.0, x]);
            let odds = theta[0] + theta[1] * x;
            // ln P(y) = y odds - ln(1 + e^odds)
            sum.value += weight * (y * odds - odds.max(0.0) - (-odds.abs()).exp().ln_1p());
            for i in 0..2 {
                sum.gradient[i] += weight * (y - p) * at[i];
                for j in 0..2 {
                    sum.hessian[[i, j]] -= weight * p * (1.0 - p) * at[i] * at[j];
                }
            }
        }
        sum
    }

    fn score_products(&self, theta: &[f64]) -> Array2<f64> {
        let mut products = Array2::zeros((2, 2));
        for &(x, y, weight) in &self.rows {
            let (off, at) = (y - Self::chance(theta, x), array![1.0, x]);
            for ((i, j), cell) in products.indexed_iter_mut() {
                *cell += weight * off * off * at[i] * at[j];
            }
        }
        products
    }

    fn starts(&self) -> Vec<Vec<f64>> {
        vec![vec![0.0, 0.0]]
    }
}

impl Redraw for Logistic {
    fn redrawn(&self, by: Resampling, theta: &[f64], rng: &mut Pcg64) -> Box<dyn Target + '_> {
        let one = Poisson::new(1.0).unwrap();
        let row = |&(x, y, weight): &(f64, f64, f64)| match by {
            Resampling::Customers => (x, y, weight * one.sample(rng)),
            Resampling::Model => (x, f64::from(u8::from(rng.random::<f64>() < Self::chance(theta, x))), weight),
        };
        Box::new(Self::new(self.rows.iter().map(row).filter(|(_, _, weight)| *weight > 0.0).collect()))
    }
}

/// Transmission (1: manual) by weight in 1000 lb of 32 cars: Henderson & Velleman (1981), Building Multiple Regression Models
/// Interactively, Biometrics 37, after Motor Trend 1974.
fn cars() -> Logistic {
    const MANUAL: &str = "11100000000000000111000001111111";
    const WEIGHT: [f64; 32] = [
        2.620, 2.875, 2.320, 3.215, 3.440, 3.460, 3.570, 3.190, 3.150, 3.440, 3.440, 4.070, 3.730, 3.780, 5.250, 5.424,
        5.345, 2.200, 1.615, 1.835, 2.465, 3.520, 3.435, 3.840, 3.845, 1.935, 2.140, 1.513, 3.170, 2.770, 3.570, 2.780,
    ];
    let manual = MANUAL.bytes().map(|digit| f64::from(digit - b'0'));
    Logistic::new(WEIGHT.into_iter().zip(manual).map(|(x, y)| (x, y, 1.0)).collect())
}

#[track_caller]
fn assert_near(ours: &[f64], known: &[f64], tolerance: f64) {
    for (ours, known) in ours.iter().zip(known) {
        assert!((ours / known - 1.0).abs() < tolerance, "{ours} is not {known}");
    }
}

fn cells(estimate: &Estimate) -> Vec<f64> {
    [[0, 0], [0, 1], [1, 1]].map(|cell| estimate.covariance[cell]).to_vec()
}

/// By Newton's method in 40 digits (mpmath); R's `glm(am ~ wt, binomial)` prints 12.040 (4.510) and -4.024 (1.436).
#[test]
fn logistic_regression_ends_at_its_known_maximum_and_covariance() {
    let cars = cars();
    let plain = maximum(&cars, false).unwrap();
    assert_eq!(plain.verdict, Verdict::Converged);
    assert_near(&plain.values(), &[12.0403697286573216, -4.02396996217320145], 1e-12);
    assert_near(&[plain.log_likelihood], &[-9.58804240372254199], 1e-13);
    assert_near(&cells(&plain), &[20.3406974798677735, -6.4244457996101129, 2.06361198405769152], 1e-11);
    let errors: Vec<f64> = plain.standard_errors().into_iter().flatten().collect();
    assert_near(&errors, &[4.51006623896675973, 1.43652775262355844], 1e-11);
    let (low, high) = plain.intervals()[1].unwrap();
    assert_near(&[low, high], &[-4.023969962 - 2.815542659, -4.023969962 + 2.815542659], 1e-8);
    let robust = maximum(&cars, true).unwrap();
    assert_near(&cells(&robust), &[24.5625761850650517, -7.66889697793385444, 2.42656375144794062], 1e-11);
}

/// Minus a quarter of the squares over two is also a penalty of 1/256 on each of 32 customers.
#[test]
fn prior_and_penalty_go_around_any_target() {
    let prior = maximum(&WithPrior::new(cars(), 2.0 / SIZE), false).unwrap();
    assert_near(&prior.values(), &[3.8701298886926883, -1.42353323172153217], 1e-12);
    // Of the data alone.
    assert_near(&[prior.log_likelihood], &[-12.7199331085842703], 1e-12);
    assert_near(&cells(&prior), &[1.75095841829134328, -0.551944653707924328, 0.192474340432698525], 1e-12);
    let penalty = maximum(&WithPenalty::new(cars(), &[1.0 / 256.0; 2]).unwrap(), false).unwrap();
    assert_near(&penalty.values(), &prior.values(), 1e-9);
    assert_near(&cells(&penalty), &cells(&prior), 1e-9);
    assert!(WithPenalty::new(cars(), &[1.0]).is_err());
}

/// Every light car is manual: the slope has no end.
#[test]
fn what_separates_runs_off_to_minus_infinity() {
    let rows = (0..40).map(|i| ((f64::from(i) - 19.5) / 40.0, f64::from(u8::from(i < 20)), 1.0)).collect();
    let estimate = maximum(&Logistic::new(rows), false).unwrap();
    assert_eq!(estimate.verdict.word(), "boundary");
    assert!(estimate.verdict.to_string().contains("slope -> -infinity"), "{}", estimate.verdict);
    assert_eq!(estimate.standard_errors()[1], None);
}

/// A ridge on one coordinate alone changes nothing for the other, whose run is seen as early as without.
#[test]
fn what_a_penalty_leaves_free_runs_off_as_without() {
    let plain = Logistic::new(Vec::from([(0.0, 1.0, 1.0)]));
    let without = [0, 1].map(|i| plain.run_off(i));
    for (coefficients, holds) in
        [([0.5, 0.0], [true, false]), ([0.0, 0.5], [false, true]), ([0.0, 0.0], [false, false])]
    {
        let penalized = WithPenalty::new(Logistic::new(Vec::from([(0.0, 1.0, 1.0)])), &coefficients).unwrap();
        for i in [0, 1] {
            assert_eq!(penalized.run_off(i) > without[i], holds[i], "{coefficients:?} {i}");
        }
    }
    let rows: Vec<_> = (0..40).map(|i| ((f64::from(i) - 19.5) / 40.0, f64::from(u8::from(i < 20)), 1.0)).collect();
    let estimate = maximum(&WithPenalty::new(Logistic::new(rows), &[0.01, 0.0]).unwrap(), false).unwrap();
    assert!(estimate.verdict.to_string().contains("slope -> -infinity"), "{}", estimate.verdict);
}

/// Refits spread as the covariance says: those of resampled rows by the sandwich, those of drawn ones by the information.
#[test]
fn any_target_is_redrawn() {
    let mut rng = Pcg64::seed_from_u64(3);
    let row = |i: u32| {
        let x = f64::from(i % 41) / 10.0 - 2.0;
        (x, f64::from(u8::from(rng.random::<f64>() < Logistic::chance(&[0.3, 1.2], x))), 1.0)
    };
    let target = Logistic::new((0..1500).map(row).collect());
    for (by, robust) in [(Resampling::Customers, true), (Resampling::Model, false)] {
        let estimate = maximum(&target, robust).unwrap();
        let draws = redraw(&target, &estimate.theta, &BootstrapOptions { refits: 800, by, seed: 5 }).unwrap();
        assert_eq!((draws.failed, draws.draws.len()), (0, 800));
        for (i, known) in estimate.standard_errors().into_iter().enumerate() {
            let mean = draws.draws.iter().map(|draw| draw[i]).sum::<f64>() / 800.0;
            let variance = draws.draws.iter().map(|draw| (draw[i] - mean).powi(2)).sum::<f64>() / 799.0;
            // A deviation of 800 is known to 2.5%: four of these.
            assert_near(&[variance.sqrt()], &[known.unwrap()], 0.1);
        }
    }
}

/// `-½ (θ - m)ᵀ A (θ - m)` in fifty coordinates.
struct Quadratic {
    maximum: Vec<f64>,
    bend: Array2<f64>,
    coordinates: Vec<Coordinate>,
}

impl Quadratic {
    fn new(bend: Array2<f64>) -> Self {
        let n = bend.nrows();
        let coordinates = (0..n).map(|i| Coordinate::real(&format!("c{i}"), 1.0)).collect();
        Self { maximum: (0..n).map(|i| f64::from(i as u32 % 7) - 3.0).collect(), bend, coordinates }
    }
}

impl Target for Quadratic {
    fn name(&self) -> &'static str {
        "quadratic"
    }

    fn coordinates(&self) -> &[Coordinate] {
        &self.coordinates
    }

    fn customers(&self) -> f64 {
        100.0
    }

    fn distinct(&self) -> usize {
        100
    }

    fn at(&self, theta: &[f64]) -> TargetValue {
        let off: ndarray::Array1<f64> = theta.iter().zip(&self.maximum).map(|(theta, m)| theta - m).collect();
        let slope = -self.bend.dot(&off);
        TargetValue { value: 0.5 * slope.dot(&off), gradient: slope.to_vec(), hessian: -&self.bend }
    }

    fn score_products(&self, _theta: &[f64]) -> Array2<f64> {
        self.bend.clone()
    }

    fn starts(&self) -> Vec<Vec<f64>> {
        vec![vec![0.0; self.maximum.len()]]
    }
}

/// The second difference matrix, whose inverse is `min(i, j)(n + 1 - max(i, j))/(n + 1)`.
#[test]
fn fifty_coordinates_are_fitted_and_a_verdict_names_the_few_that_matter() {
    const N: usize = 50;
    let second = Array2::from_shape_fn((N, N), |(i, j)| match i.abs_diff(j) {
        0 => 2.0 * 500.0,
        1 => -500.0,
        _ => 0.0,
    });
    let estimate = maximum(&Quadratic::new(second), false).unwrap();
    assert_eq!(estimate.verdict, Verdict::Converged);
    for (i, value) in estimate.values().iter().enumerate() {
        assert!((value - (f64::from(i as u32 % 7) - 3.0)).abs() < 1e-10, "{i} {value}");
    }
    for ((i, j), cell) in estimate.covariance.indexed_iter() {
        let (low, high) = ((i.min(j) + 1) as f64, (i.max(j) + 1) as f64);
        let known = low * (51.0 - high) / 51.0 / 500.0;
        assert!((cell / known - 1.0).abs() < 1e-10, "{i} {j} {cell} {known}");
    }
    // Nothing is known of c3 - c7 but for a little.
    let mut loose = Array2::from_diag(&ndarray::Array1::from_elem(N, 400.0));
    for (i, j) in [(3, 7), (7, 3)] {
        loose[[i, j]] = 399.9;
    }
    let estimate = maximum(&Quadratic::new(loose), false).unwrap();
    assert_eq!(estimate.verdict, Verdict::Ridge { parameters: vec!["c3".to_owned(), "c7".to_owned()] });
}
