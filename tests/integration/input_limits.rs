//! Within the limits of input: whatever parameters, histories and horizons are let in, every answer of every model is a number within its
//! bounds.
//!
//! The ordinary test walks some thousands of points; `CLV_WALK=1000000 cargo test --release --test integration input_limits` a million.

use crate::family::kinds;
use clv::models::{FuturePurchases, GammaGamma, Likelihood, Timing, TimingFuture, TimingKind, TimingModel};
use clv::predict::Predictor;
use clv::summary::{CountedHistories, Grain, History, TimeUnit};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Rounding allowed between two numbers that mathematics orders.
const ROUNDING: f64 = 1e-9;

const LONGEST: f64 = 1e10;

struct Walk {
    rng: Pcg64,
}

impl Walk {
    fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.rng.random_range(0..values.len())]
    }

    fn log_uniform(&mut self, low: f64, high: f64) -> f64 {
        10f64.powf(self.rng.random_range(low.log10()..=high.log10())).clamp(low, high)
    }

    fn parameter(&mut self) -> f64 {
        match self.rng.random_range(0..8) {
            0 | 1 => self.one_of(&[1e-30, 1e30, 1.0, 1e-16, 1e-8, 1e8]),
            2 | 3 => self.log_uniform(1e-2, 1e2),
            4 => self.log_uniform(1e-8, 1e8),
            _ => self.log_uniform(1e-30, 1e30),
        }
    }

    fn time(&mut self, longest: f64) -> f64 {
        match self.rng.random_range(0..4) {
            0 => longest,
            1 => self.log_uniform(1.0, 1e2),
            _ => self.log_uniform(1e-3, longest),
        }
    }

    fn frequency(&mut self, most: f64) -> u32 {
        match self.rng.random_range(0..4) {
            0 => 0,
            1 => most as u32,
            2 => self.rng.random_range(1..4).min(most as u32),
            _ => self.log_uniform(1.0, most.max(1.0)) as u32,
        }
    }

    fn history(&mut self, discrete: bool) -> History {
        if discrete {
            let T = self.time(10_000.0).ceil();
            let t_x = self.one_of(&[T, 1.0, (T / 2.0).ceil()]);
            let frequency = self.frequency(t_x);
            return History::new(frequency, if frequency == 0 { 0.0 } else { t_x }, T);
        }
        let T = self.time(LONGEST);
        let frequency = self.frequency(1e6);
        let share = self.one_of(&[1.0, 1.0 - 1e-12, 0.5, 1e-3, 1e-12]);
        // Now and then what a map of histories asks for and nobody has.
        if self.rng.random_range(0..20) == 0 {
            return History::new(frequency, if frequency == 0 { T * share } else { 0.0 }, T);
        }
        History::new(frequency, if frequency == 0 { 0.0 } else { T * share }, T)
    }

    fn model(&mut self, kind: TimingKind) -> TimingModel {
        let parameters: Vec<f64> = kind.parameters().iter().map(|_| self.parameter()).collect();
        kind.with_parameters(&parameters).unwrap()
    }
}

/// What is wrong with an answer.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn within(&mut self, what: &str, value: f64, low: f64, high: f64) {
        // Not a number is in no range.
        if !(value >= low * (1.0 - ROUNDING) && value <= high * (1.0 + ROUNDING)) || value.is_infinite() {
            self.0.push(format!("{what} is {value:e}, not within {low:e} and {high:e}"));
        }
    }

    fn probability(&mut self, what: &str, value: f64) {
        if !(0.0..=1.0).contains(&value) {
            self.0.push(format!("{what} is {value:e}"));
        }
    }
}

fn faults_of(model: &TimingModel, history: &History, t: f64, delta: f64, walk: &mut Walk) -> Vec<String> {
    let mut faults = Faults::default();
    let f = &mut faults;
    let kind = model.kind();
    let (value, gradient, hessian) = model.log_likelihood(&CountedHistories::new([*history]));
    if !(value.is_finite() && gradient.iter().chain(&hessian).all(|d| d.is_finite())) {
        f.0.push(format!("log-likelihood {value} {gradient} {hessian}"));
    }
    let alive = model.p_alive(history);
    f.probability("p_alive", alive);
    let p = model.values();
    let rate = if kind.is_discrete() { p[0] / (p[0] + p[1]) } else { p[0] / p[1] };
    let is_discrete = kind.is_discrete();
    // Where times have stages, a purchase may be due.
    let is_regular = TimingKind::numbered().any(|regular| regular == kind);
    let ahead = |rate, due| Ahead { t, delta, rate, due, is_discrete, is_regular };
    future_faults(f, "new", model, ahead(rate, 0.0), walk);
    let future = model.future(history);
    future_faults(f, "future", &future, ahead(rate_of(&future), if is_regular { 1.0 } else { 0.0 }), walk);
    faults.0
}

/// Mean rate, or chance, of purchases while alive.
fn rate_of(future: &TimingFuture) -> f64 {
    match future {
        TimingFuture::BgNbd(m) | TimingFuture::MbgNbd(m) => m.r / m.alpha,
        TimingFuture::ParetoNbd(m) => m.r / m.alpha,
        TimingFuture::Nbd(m) => m.r / m.alpha,
        TimingFuture::BgBb(m) => m.alpha / (m.alpha + m.beta),
        TimingFuture::BgCnbd(m) | TimingFuture::MbgCnbd(m) => m.expected_rate(),
        TimingFuture::ParetoCnbd(m) => m.expected_rate(),
    }
}

/// What is asked of future purchases.
#[derive(Clone, Copy)]
struct Ahead {
    t: f64,
    delta: f64,
    rate: f64,
    /// Purchases that may come at once.
    due: f64,
    is_discrete: bool,
    is_regular: bool,
}

fn future_faults(f: &mut Faults, name: &str, m: &impl FuturePurchases, ahead: Ahead, walk: &mut Walk) {
    let Ahead { t, delta, rate, due, is_discrete, is_regular } = ahead;
    let n = |what: &str| format!("{name} {what}");
    let most = rate * t + due;
    let expected = m.expected_purchases(t);
    f.within(&n("expected_purchases"), expected, 0.0, most);
    let sooner = m.expected_purchases(0.5 * t);
    f.within(
        &n("expected_purchases sooner"),
        sooner,
        if is_discrete || is_regular { 0.0 } else { 0.5 * expected },
        expected,
    );
    let det = m.det(t, delta);
    f.within(&n("det"), det, 0.0, expected);
    let dert = m.dert(delta);
    f.within(&n("dert"), dert, det, due + if is_discrete { rate / delta.exp_m1() } else { rate / delta });
    let survival = m.survival(t);
    f.probability(&n("survival"), survival);
    f.within(&n("survival sooner"), m.survival(0.5 * t), survival, 1.0);
    let ever = m.ever_repeats();
    f.probability(&n("ever_repeats"), ever);
    let any = m.at_least(1, t);
    f.probability(&n("at_least 1"), any);
    f.within(&n("at_least 1"), any, 0.0, ever.min(expected));
    let counts = m.counts(t);
    let mut sum = 0.0;
    let mut bad = 0;
    for (count, chance) in counts.points() {
        bad += usize::from(!(chance >= 0.0 && count >= 0.0));
        sum += chance;
    }
    if bad > 0 || (sum - 1.0).abs() > 1e-6 {
        f.0.push(format!("{name} counts: {bad} bad, sum {sum}"));
    }
    for k in [0, 1, 2, 7, walk.frequency(1e6)] {
        let (pmf, here, next) = (m.pmf(k, t), m.at_least(k, t), m.at_least(k + 1, t));
        f.probability(&n(&format!("pmf {k}")), pmf);
        f.probability(&n(&format!("at_least {k}")), here);
        let agrees = next <= here + 1e-9 && (here - next - pmf).abs() <= 1e-6;
        if !agrees {
            f.0.push(format!("{name} {k}: {here:e} {next:e} {pmf:e}"));
        }
    }
    let drawn = m.draw_count(t, &mut walk.rng);
    if !(drawn >= 0.0 && drawn.is_finite()) {
        f.0.push(format!("{name} draw_count {drawn}"));
    }
}

fn value_faults(model: &TimingModel, history: &History, t: f64, walk: &mut Walk) -> Vec<String> {
    let mut faults = Faults::default();
    let f = &mut faults;
    let [p, q, gamma] = [walk.parameter(), walk.parameter(), walk.parameter()];
    let spend = GammaGamma::from_parameters([p, q, gamma]).unwrap();
    let m = walk.one_of(&[0.0, -5.0, 1e19, 30.0, 1e-9]);
    let margin = walk.one_of(&[1.0, 0.3, 1e-6]);
    let predictor = Predictor {
        timing: *model,
        spend: Some(spend),
        unit: TimeUnit::Day,
        grain: Grain::Day,
        currency: None,
        effects: None,
    };
    if let Ok(mean) = spend.expected_spend(history.frequency, m) {
        f.within("expected_spend", mean, 0.0, f64::MAX);
    }
    let (quantiles, back) = predictor
        .value(history, m, t, margin, |value| {
            let quantiles = [0.05, 0.5, 0.95].map(|p| value.quantile(p, 0.0));
            (quantiles, quantiles.map(|v| [value.cdf(v * (1.0 - 1e-9)), value.cdf(v), value.cdf(v * (1.0 + 1e-9))]))
        })
        .unwrap();
    let what = format!("{spend:?} m {m:e} margin {margin}");
    for ((quantile, back), p) in quantiles.iter().zip(back).zip([0.05, 0.5, 0.95]) {
        if !(*quantile >= 0.0 && quantile.is_finite() && back.iter().all(|back| (0.0..=1.0).contains(back))) {
            f.0.push(format!("{what} quantile {quantile:e} cdf {back:?}"));
        }
        if *quantile > 1e-300 && *quantile < 1e300 && !(back[0] - 1e-6 < p && back[2] + 1e-6 > p) {
            f.0.push(format!("{what} off quantile {quantile:e} cdf {back:?} {p}"));
        }
    }
    if !quantiles.windows(2).all(|pair| pair[0] <= pair[1] * (1.0 + ROUNDING)) {
        f.0.push(format!("{what} quantiles {quantiles:?}"));
    }
    faults.0
}

#[test]
fn answers_are_within_their_bounds_within_the_limits_of_input() {
    let points: usize = std::env::var("CLV_WALK").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let seed = std::env::var("CLV_WALK_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut walk = Walk { rng: Pcg64::seed_from_u64(seed) };
    let mut all = Vec::new();
    for _ in 0..points {
        for kind in kinds() {
            let model = walk.model(kind);
            let history = walk.history(kind.is_discrete());
            let t = walk.time(if kind.is_discrete() { 10_000.0 } else { LONGEST });
            let t = if kind.is_discrete() { t.ceil() } else { t };
            let delta = walk.log_uniform(1e-12, 10.0);
            let mut faults = faults_of(&model, &history, t, delta, &mut walk);
            faults.extend(value_faults(&model, &history, t, &mut walk));
            for fault in faults {
                println!("{model:?} {history:?} t {t:e} delta {delta:e}: {fault}");
                all.push(fault);
            }
        }
    }
    assert!(all.is_empty(), "{} faults", all.len());
}
