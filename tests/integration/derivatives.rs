//! Gradients and Hessians of whole data sets against differences of the values, for every model.

use crate::family::kinds;
use clv::models::{Bdw, GammaGamma, Likelihood, Sbg};
use clv::summary::{CountedHistories, CountedLifetimes, CountedSpend, History};
use ndarray::{Array1, Array2};

type Value = (f64, Array1<f64>, Array2<f64>);

/// Central differences with one Richardson step: error of fourth order.
fn difference(f: &dyn Fn(f64) -> f64, h: f64) -> f64 {
    let central = |h: f64| (f(h) - f(-h)) / (2.0 * h);
    (4.0 * central(h) - central(2.0 * h)) / 3.0
}

fn check(name: &str, parameters: &[f64], at: &dyn Fn(&[f64]) -> Value) {
    let moved = |i: usize, h: f64| {
        let mut parameters = parameters.to_vec();
        parameters[i] *= h.exp();
        at(&parameters)
    };
    let (value, gradient, hessian) = at(parameters);
    let size = value.abs();
    for i in 0..parameters.len() {
        let slope = difference(&|h| moved(i, h).0, 1e-3);
        let error = (gradient[i] - slope).abs();
        assert!(error <= 1e-8 * size.max(slope.abs()), "{name} {parameters:?} gradient {i}: {} {slope}", gradient[i]);
        for j in 0..parameters.len() {
            let bend = difference(&|h| moved(i, h).1[j], 1e-3);
            let ours = hessian[[i, j]];
            assert!((ours - bend).abs() <= 1e-8 * size.max(bend.abs()), "{name} {parameters:?} {i} {j}: {ours} {bend}");
            assert_eq!(ours, hessian[[j, i]]);
        }
    }
}

fn flat<M: Likelihood<N, Setting = ()>, const N: usize>(parameters: &[f64], data: &M::Data) -> Value {
    let d = M::from_parameters(parameters.try_into().unwrap()).unwrap().log_likelihood(data);
    (d.value, Array1::from(d.gradient.to_vec()), Array2::from(d.hessian.to_vec()))
}

#[test]
fn timing() {
    let h = History::new;
    // Whole times, so that they can also be opportunities.
    let histories =
        [h(0, 0.0, 38.0), h(1, 2.0, 38.0), h(2, 30.0, 38.0), h(7, 29.0, 30.0), h(30, 35.0, 35.0), h(0, 0.0, 0.0)];
    let data = CountedHistories::weighted(histories.into_iter().zip([5.0, 2.0, 1.0, 1.0, 1.0, 3.0]));
    for kind in kinds() {
        for parameters in
            [[0.243, 4.414, 0.793, 2.426], [1.0, 1.0, 1.0, 1.0], [20.0, 0.1, 1e-3, 50.0], [0.01, 1e3, 30.0, 0.02]]
        {
            let parameters = &parameters[..kind.parameters().len()];
            check(kind.name(), parameters, &|parameters| {
                kind.with_parameters(parameters).unwrap().log_likelihood(&data)
            });
        }
    }
}

#[test]
fn gamma_gamma() {
    let data = CountedSpend::new([(1, 35.0), (2, 22.35), (1, 11.77), (7, 73.74), (40, 0.01), (3, 1e4)]);
    for parameters in [[6.25, 3.74, 15.44], [1.0, 1.0, 1.0], [0.05, 30.0, 1e4], [300.0, 0.5, 0.01]] {
        check("gamma-gamma", &parameters, &|parameters| flat::<GammaGamma, 3>(parameters, &data));
    }
}

#[test]
fn sbg() {
    let data = CountedLifetimes::from_survivors(&[vec![100.0, 60.0, 41.0, 40.0], vec![10.0, 9.5]]).unwrap();
    for parameters in [[0.7, 1.2], [30.0, 0.1], [0.01, 50.0]] {
        check("sbg", &parameters, &|parameters| flat::<Sbg, 2>(parameters, &data));
    }
}

#[test]
fn bdw() {
    // Of the second cohort some came under observation later.
    let cohort = [(0, 0, true, 40.0), (0, 1, true, 19.0), (0, 3, false, 41.0), (1, 4, true, 3.0), (2, 5, false, 7.5)];
    let data = CountedLifetimes::of_customers(cohort).unwrap();
    for parameters in [[0.7, 1.2, 1.3], [30.0, 0.1, 0.4], [0.01, 50.0, 1.0], [0.3, 2.0, 3.0], [400.0, 900.0, 0.8]] {
        check("bdw", &parameters, &|parameters| flat::<Bdw, 3>(parameters, &data));
    }
}
