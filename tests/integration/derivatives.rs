//! Gradients and Hessians against differences of the values, over parameters far apart.

use clv::models::{BgNbd, Derivatives, GammaGamma, Likelihood};
use clv::summary::{CountedHistories, CountedSpend, History};

/// Central differences with one Richardson step: error of fourth order.
fn difference(f: &dyn Fn(f64) -> f64, h: f64) -> f64 {
    let central = |h: f64| (f(h) - f(-h)) / (2.0 * h);
    (4.0 * central(h) - central(2.0 * h)) / 3.0
}

fn check<M: Likelihood<N>, const N: usize>(data: &M::Data, parameters: [f64; N]) {
    let at =
        |theta: [f64; N]| -> Derivatives<N> { M::from_parameters(theta.map(f64::exp)).unwrap().log_likelihood(data) };
    let theta = parameters.map(f64::ln);
    let here = at(theta);
    let moved = |i: usize, h: f64| {
        let mut theta = theta;
        theta[i] += h;
        at(theta)
    };
    let size = here.value.abs();
    for i in 0..N {
        let slope = difference(&|h| moved(i, h).value, 1e-3);
        let error = (here.gradient[i] - slope).abs();
        assert!(error <= 1e-8 * size.max(slope.abs()), "{parameters:?} gradient {i}: {} {slope}", here.gradient[i]);
        for j in 0..N {
            let bend = difference(&|h| moved(i, h).gradient[j], 1e-3);
            let error = (here.hessian[i][j] - bend).abs();
            assert!(error <= 1e-8 * size.max(bend.abs()), "{parameters:?} {i} {j}: {} {bend}", here.hessian[i][j]);
            assert_eq!(here.hessian[i][j], here.hessian[j][i]);
        }
    }
}

#[test]
fn bg_nbd() {
    let h = |frequency, t_x, T| History { frequency, t_x, T };
    let histories =
        [h(0, 0.0, 38.9), h(1, 1.7, 38.9), h(2, 30.4, 38.9), h(7, 29.4, 30.0), h(40, 35.0, 35.0), h(0, 0.0, 0.0)];
    let data = CountedHistories::weighted(histories.into_iter().zip([5.0, 2.0, 1.0, 1.0, 1.0, 3.0]));
    for parameters in
        [[0.243, 4.414, 0.793, 2.426], [1.0, 1.0, 1.0, 1.0], [20.0, 0.1, 1e-3, 50.0], [0.01, 1e3, 30.0, 0.02]]
    {
        check::<BgNbd, 4>(&data, parameters);
    }
}

#[test]
fn gamma_gamma() {
    let data = CountedSpend::new([(1, 35.0), (2, 22.35), (1, 11.77), (7, 73.74), (40, 0.01), (3, 1e4)]);
    for parameters in [[6.25, 3.74, 15.44], [1.0, 1.0, 1.0], [0.05, 30.0, 1e4], [300.0, 0.5, 0.01]] {
        check::<GammaGamma, 3>(&data, parameters);
    }
}
