//! Models of regular purchases, BG/CNBD-k and MBG/CNBD-k, against values computed with mpmath at 30 digits, each in two ways: the
//! likelihood also by integrating that of one customer over the rate, expectations also by a delayed renewal process.

use clv::fit::FitOptions;
use clv::models::{
    BgCnbd, BgNbd, FuturePurchases, Likelihood, MbgCnbd, MbgNbd, ParetoCnbd, ParetoNbd, Stages, Timing, TimingKind,
};
use clv::special::ln_gamma;
use clv::summary::{Cohort, CountedHistories, Grain, History, Summary, TimeUnit};

use crate::command::cdnow;

fn stages(k: u32) -> Stages {
    Stages::new(k).unwrap()
}

/// A model, a history with its `Σ ln(interpurchase time)`, and what is known.
struct Point {
    parameters: [f64; 5],
    history: (u32, f64, f64, f64),
    ln_likelihood: f64,
    p_alive: f64,
    t: f64,
    expected: f64,
    any: f64,
    alive_later: f64,
    dert: f64,
}

const GB: [f64; 5] = [2.0, 0.359061, 1.129387, 0.5228132, 2.785341];
const GM: [f64; 5] = [2.0, 1.329197, 2.8126, 0.4247156, 0.7900402];
const K3: [f64; 5] = [3.0, 0.5, 2.0, 0.3, 0.6];
const K1: [f64; 5] = [1.0, 0.2425945, 4.4136019, 0.7929199, 2.4258881];
const K4: [f64; 5] = [4.0, 1.5, 0.8, 1.0, 2.5];

macro_rules! points {
    ($($p:ident $x:literal $t_x:expr, $T:expr, $litt:expr => $ll:literal $alive:literal $t:literal $e:literal $any:literal $later:literal $dert:literal;)*) => {
        &[$(Point {
            parameters: $p,
            history: ($x, $t_x, $T, $litt),
            ln_likelihood: $ll,
            p_alive: $alive,
            t: $t,
            expected: $e,
            any: $any,
            alive_later: $later,
            dert: $dert,
        }),*]
    };
}

const BG: &[Point] = points! {
    GB 0 0.0, 365.0 / 7.0, 0.0 => -1.082550691875306 1.0 39.0 0.21334888442197992 0.17705373411742752 0.96777689702905592 1.88759015558411;
    GB 3 20.5, 52.0, 4.2 => -13.28557747290475 0.12583921469204061 39.0 2.5110383845850987 0.96288125833077947 0.82042603721399733 16.5802284702077;
    K3 3 12.0, 14.0, 3.0 => -10.424998988293895 0.87851251467313745 10.0 2.0161513850264876 0.94642452252141103 0.86749043079220815 48.8185164470014;
    K1 4 30.7, 38.9, 0.0 => -15.330704386105986 0.73745581938703678 39.0 3.1042883730334783 0.93439091888406487 0.71949007698247009 14.9859629150979;
    K4 7 26.0, 30.0, 9.0 => -15.236267854384186 0.7616043309515813 26.0 5.3194429200484149 0.99999946915742875 0.5877268613497353 22.5124294245053;
};

const MBG: &[Point] = points! {
    GM 0 0.0, 52.0, 0.0 => -0.97281874926294309 0.075090912608840751 39.0 0.66899789884950506 0.50431763846586594 0.8828572805551487 4.80112942584753;
    GM 3 20.5, 52.0, 4.2 => -13.183538701593675 0.081192821349140269 39.0 2.7510836589834931 0.97568116021226972 0.81413906854368896 19.1733145181385;
    K3 3 12.0, 14.0, 3.0 => -10.539370777333225 0.90919467429901614 10.0 2.0406119671369204 0.94642452252141103 0.89071913596897429 52.2603421341754;
    K1 4 30.7, 38.9, 0.0 => -15.488774754112579 0.76886972981806243 39.0 3.172217465972171 0.93439091888406487 0.74436319865337897 16.06643683777;
    K4 120 51.0, 52.0, -100.0 => 67.072741761485969 0.68752182575612506 12.0 25.138662387606812 1.0 0.81658760792997459 250.41053884129;
};

#[track_caller]
fn assert_near(what: &str, ours: f64, known: f64, tolerance: f64) {
    assert!((ours / known - 1.0).abs() < tolerance, "{what}: {ours} is not {known}");
}

fn check<M: Timing + Likelihood<4, Data = CountedHistories, Setting = Stages>>(points: &[Point]) {
    for point in points {
        let [k, r, alpha, a, b] = point.parameters;
        let (x, t_x, T, litt) = point.history;
        let k = stages(k as u32);
        let model = M::with_setting(k, [r, alpha, a, b]).unwrap();
        let history = History::new(x, t_x, T);
        let what = |name: &str| format!("{name} of {model:?} at {history:?}");
        let constant = (k.k() - 1.0) * litt - f64::from(x) * ln_gamma(k.k());
        let ln_likelihood = model.log_likelihood(&CountedHistories::new([history])).value + constant;
        assert_near(&what("ln L"), ln_likelihood, point.ln_likelihood, 1e-12);
        assert_near(&what("P(alive)"), model.p_alive(&history), point.p_alive, 1e-12);
        let future = model.future(&history);
        assert_near(&what("E[Y]"), future.expected_purchases(point.t), point.expected, 1e-12);
        assert_near(&what("P(>= 1)"), future.at_least(1, point.t), point.any, 1e-12);
        assert_near(&what("P(alive later)"), future.survival(point.t), point.alive_later, 1e-12);
        assert_near(&what("DERT"), future.dert(1.1f64.ln() / 52.0), point.dert, 1e-13);
        let counts = future.counts(point.t);
        let mean: f64 = counts.points().map(|(n, chance)| n * chance).sum();
        assert_near(&what("mean of counts"), mean, point.expected, 1e-9);
    }
}

#[test]
fn bg_cnbd_agrees_with_thirty_digits() {
    check::<BgCnbd>(BG);
}

#[test]
fn mbg_cnbd_agrees_with_thirty_digits() {
    check::<MbgCnbd>(MBG);
}

fn bg([k, r, alpha, a, b]: [f64; 5]) -> BgCnbd {
    BgCnbd { k: stages(k as u32), r, alpha, a, b }
}

fn mbg([k, r, alpha, a, b]: [f64; 5]) -> MbgCnbd {
    MbgCnbd { k: stages(k as u32), r, alpha, a, b }
}

#[test]
fn new_customers_and_numbers_of_purchases_agree_with_thirty_digits() {
    for (what, ours, known) in [
        ("GB BG", bg(GB).expected_purchases(39.0), 3.2855939052410267),
        ("GM MBG", mbg(GM).expected_purchases(39.0), 3.3243529334267085),
        ("K3 BG", bg(K3).expected_purchases(10.0), 0.49382463059073586),
        ("K3 MBG", mbg(K3).expected_purchases(10.0), 0.36640512630934365),
        ("K4 BG", bg(K4).expected_purchases(26.0), 4.1694632427686202),
        ("K1 BG", bg(K1).expected_purchases(39.0), 1.1950086498463483),
    ] {
        assert_near(what, ours, known, 1e-13);
    }
    let masses = |what: &str, pmf: &dyn Fn(u32) -> f64, known: [f64; 4]| {
        for (n, known) in [0, 1, 2, 5].into_iter().zip(known) {
            assert_near(&format!("{what} P({n})"), pmf(n), known, 1e-12);
        }
    };
    masses(
        "K3 BG",
        &|n| bg(K3).pmf(n, 10.0),
        [0.68466640379877, 0.217137399476556, 0.0566859088082295, 0.00468686135253323],
    );
    masses(
        "K3 MBG",
        &|n| mbg(K3).pmf(n, 10.0),
        [0.789777602532514, 0.127530863383551, 0.0454754138829857, 0.00435037859075506],
    );
    masses(
        "GB BG",
        &|n| bg(GB).pmf(n, 39.0),
        [0.374309300344528, 0.193868903366311, 0.106907965112608, 0.0355478153010961],
    );
    masses(
        "K4 BG",
        &|n| bg(K4).pmf(n, 26.0),
        [0.0320654975896953, 0.311523489806767, 0.176833501603118, 0.0573485166325975],
    );
    let future = mbg(K3).future(&History::new(3, 12.0, 14.0));
    masses(
        "K3 MBG later",
        &|n| future.pmf(n, 10.0),
        [0.053575477478589, 0.302891978479095, 0.336504090475603, 0.0224806513833982],
    );
    for (what, ours, known) in [
        ("K3 MBG", mbg(K3).future(&History::new(3, 12.0, 14.0)).dert(0.05), 3.66365229356146),
        ("GM MBG", mbg(GM).future(&History::new(3, 20.5, 52.0)).dert(0.05), 1.4716944299774),
        ("K4 BG", bg(K4).future(&History::new(7, 26.0, 30.0)).dert(0.1), 2.29958499641028),
    ] {
        assert_near(&format!("DERT {what}"), ours, known, 1e-13);
    }
}

/// Purchases of so regular customers come in waves: by exponential integrals, with mpmath and Arb at 75 digits. Columns k, r, alpha, a, b,
/// t, discount.
#[test]
fn discounted_purchases_of_waves_agree_with_many_digits() {
    for (k, r, alpha, a, b, t, delta, known) in [
        (12, 50.0, 5.0, 0.5, 5.0, 52.0, 0.01, 16.9919490088368),
        (12, 10000.0, 1000.0, 0.5, 5.0, 52.0, 0.01, 17.0430403376374),
        (7, 20.0, 2.0, 0.3, 8.0, 100.0, 0.002, 70.4054119121742),
        (12, 1.5, 0.3, 1.0, 2.0, 26.0, 0.02, 2.95256077787962),
        (3, 200.0, 30.0, 0.8, 3.0, 300.0, 0.05, 9.54501263498969),
        (12, 100000.0, 30000.0, 0.02, 1.0, 2000.0, 0.001, 215.4292131333),
        (2, 0.36, 1.13, 0.52, 2.8, 39.0, 0.0018, 3.20504543579904),
        (12, 300.0, 3.0, 0.02, 1.0, 1.0, 0.001, 7.60885934314062),
        (12, 1e6, 1e6, 0.02, 1.0, 100.0, 0.001, 7.22734095782319),
        (12, 1e6, 1e6, 0.02, 1.0, 1000.0, 0.001, 48.475912141066),
        (12, 1000000.0, 1000000.0, 0.3, 1.0, 300.0, 0.004, 7.34274713814864),
        (12, 1000000.0, 1000000.0, 0.3, 1.0, 60.0, 0.03, 1.51875620272969),
        (12, 1000000.0, 1000000.0, 0.5, 3.0, 10000.0, 0.002, 14.7138696265412),
        (12, 30.0, 1.0, 0.1, 9.0, 500.0, 0.01, 186.089410443534),
        (12, 3.2, 0.1, 0.1, 9.0, 500.0, 0.01, 195.073555774273),
        (12, 2.5, 0.1, 0.1, 9.0, 500.0, 0.01, 155.169021961235),
        (7, 10000.0, 100.0, 1.0, 9.0, 500.0, 0.01, 41.192403264882),
        (3, 10000.0, 100.0, 1.0, 9.0, 5000.0, 0.01, 48.6844813652533),
    ] {
        let model = BgCnbd { k: stages(k), r, alpha, a, b };
        assert_near(&format!("{model:?}, {t}"), model.det(t, delta), known, 1e-12);
    }
}

/// Central differences at 40 digits.
#[test]
fn derivatives_agree_with_forty_digits() {
    type Known = ([f64; 4], [f64; 4]);
    fn check<M: Likelihood<4, Data = CountedHistories>>(model: M, history: History, (gradient, bends): Known) {
        let d = model.log_likelihood(&CountedHistories::new([history]));
        for i in 0..4 {
            let (slope, bend) = (d.gradient[i], d.hessian[i][i]);
            assert!(
                (slope - gradient[i]).abs() < 1e-12 * (1.0 + gradient[i].abs()),
                "{model:?} {i}: {slope} {}",
                gradient[i]
            );
            assert!((bend - bends[i]).abs() < 1e-11 * (1.0 + bends[i].abs()), "{model:?} {i} {i}: {bend} {}", bends[i]);
        }
    }
    check(
        mbg(GM),
        History::new(3, 20.5, 52.0),
        (
            [-0.15508228867716, 0.48284224825164, 0.14452725566214, 0.30115577473611],
            [-1.76938626858, -0.73031345835, -0.513055049719, -0.328346927498],
        ),
    );
    check(
        bg(GB),
        History::new(0, 0.0, 365.0 / 7.0),
        ([-1.1236745355735, 0.34593559630037, 0.0, 0.0], [-1.19130228593, -0.0127606552124, 0.0, 0.0]),
    );
    check(
        bg(K4),
        History::new(7, 26.0, 30.0),
        (
            [-0.34694346925104, 0.66301482266008, -0.96144872460402, 0.66672573201362],
            [-2.37361663664, -0.813446046139, -0.787840419584, -0.227693570781],
        ),
    );
    check(
        mbg(K3),
        History::new(3, 12.0, 14.0),
        (
            [1.0900613296044, -0.80809931624399, -0.5807940972596, 0.41410283056456],
            [-0.1167045466, -1.13370469569, -0.43637913986, -0.192096431107],
        ),
    );
}

#[test]
fn one_stage_is_the_model_without_to_every_digit() {
    let [_, r, alpha, a, b] = K1;
    let (regular, plain) = (bg(K1), BgNbd { r, alpha, a, b });
    let (regular_at_once, plain_at_once) = (mbg(K1), MbgNbd { r, alpha, a, b });
    for history in [History::new(4, 30.7, 38.9), History::new(0, 0.0, 20.0), History::new(300, 38.0, 38.5)] {
        let data = CountedHistories::new([history]);
        assert_eq!(regular.log_likelihood(&data), plain.log_likelihood(&data));
        assert_eq!(regular_at_once.log_likelihood(&data), plain_at_once.log_likelihood(&data));
        assert_eq!(regular.p_alive(&history), plain.p_alive(&history));
        assert_eq!(regular_at_once.p_alive(&history), plain_at_once.p_alive(&history));
        let (ours, theirs) = (regular.future(&history), plain.future(&history));
        for t in [0.5, 39.0, 5200.0] {
            assert_eq!(ours.expected_purchases(t), theirs.expected_purchases(t));
            assert_eq!(ours.survival(t), theirs.survival(t));
            assert_eq!(ours.pmf(2, t), theirs.pmf(2, t));
            assert_eq!(ours.at_least(3, t), theirs.at_least(3, t));
            assert_eq!(regular_at_once.expected_purchases(t), plain_at_once.expected_purchases(t));
            assert_eq!(regular_at_once.pmf(0, t), plain_at_once.pmf(0, t));
        }
        assert_eq!(ours.dert(0.002), theirs.dert(0.002));
    }
}

/// Without dropout purchases are every k-th event of a gamma-mixed Poisson process: the chance of none, from its sum.
#[test]
fn next_to_no_dropout_is_none() {
    let model = BgCnbd { k: stages(3), r: 1.2, alpha: 4.0, a: 1e-12, b: 3.0 };
    let z: f64 = 20.0 / 24.0;
    let mass =
        |n: f64| (ln_gamma(1.2 + n) - ln_gamma(1.2) - ln_gamma(n + 1.0) + 1.2 * (1.0 - z).ln() + n * z.ln()).exp();
    let known = |purchases: u32| (0..3).map(|i| mass(f64::from(3 * purchases + i))).sum::<f64>();
    for n in [0, 1, 4, 9] {
        assert_near("mass", model.pmf(n, 20.0), known(n), 1e-10);
    }
    assert_near("survival", model.survival(20.0), 1.0, 1e-10);
    let expected: f64 = (1..200).map(|n| f64::from(n) * known(n)).sum();
    assert_near("expected", model.expected_purchases(20.0), expected, 1e-10);
}

/// Where events are too many to be walked through, the other way gives the same: across the border, and far beyond it.
#[test]
fn both_ways_of_adding_up_agree() {
    let model = BgCnbd { k: stages(2), r: 3.0, alpha: 1.0, a: 0.4, b: 5.0 };
    let mut last = 0.0;
    for t in [100.0, 150.0, 180.0, 220.0, 300.0, 1e4, 1e7] {
        let expected = model.expected_purchases(t);
        // E[Y(t)] grows as t^(1 - a) for a < 1, more slowly each time.
        assert!(expected > last, "{t}: {expected}");
        last = expected;
        let counts = model.counts(t);
        let mean: f64 = counts.points().map(|(n, chance)| n * chance).sum();
        assert!((mean / expected - 1.0).abs() < 1e-7, "{t}: {mean} {expected}");
        let alive = model.survival(t);
        assert!((0.0..=1.0).contains(&alive));
    }
    let slope = |f: &dyn Fn(f64) -> f64, t: f64| (f(t * 1.001) - f(t * 0.999)) / f(t);
    let expected = |t: f64| model.expected_purchases(t);
    let around: Vec<f64> = (0..40).map(|i| slope(&expected, 120.0 + 5.0 * f64::from(i))).collect();
    assert!(around.windows(2).all(|pair| (pair[1] / pair[0] - 1.0).abs() < 3e-3), "{around:?}");
}

/// Two of Pareto/CNBD-2, each computed in two ways.
#[test]
fn pareto_cnbd_agrees_with_reference_values() {
    let model = ParetoCnbd { k: stages(2), r: 1.06518, alpha: 3.03521, s: 0.4042, beta: 3.65611 };
    for ((x, t_x, litt), ln_likelihood, p_alive, expected, any) in [
        ((3, 20.5, 4.2), -13.2074875076429, 0.0842958552923701, 2.63202140159042, 0.920986449329347),
        ((0, 0.0, 0.0), -0.942507500509505, 0.0782184502509853, 0.523130231029717, 0.388927209714228),
    ] {
        let history = History::new(x, t_x, 52.0);
        let ours = model.log_likelihood(&CountedHistories::new([history])).value + litt;
        assert_near("ln L", ours, ln_likelihood, 1e-13);
        assert_near("P(alive)", model.p_alive(&history), p_alive, 1e-13);
        let future = model.future(&history);
        assert_near("E[Y]", future.expected_purchases(39.0), expected, 1e-13);
        assert_near("P(>= 1)", future.at_least(1, 39.0), any, 1e-13);
        assert_near("P(alive later)", future.survival(39.0), 0.806820655372994, 1e-13);
        // The same number from the distribution, and DET without a discount; with one, from expectations.
        let mean: f64 = future.counts(39.0).points().map(|(n, chance)| n * chance).sum();
        assert_near("mean of counts", mean, expected, 1e-9);
        for t in [0.1, 5.0, 100.0] {
            let sum: f64 = (1..400).map(|m| future.at_least(m, t)).sum();
            assert_near("sum of tails", future.expected_purchases(t), sum, 1e-12);
        }
        let (t, delta) = (39.0, 0.01);
        let steps = 20_000;
        let middle = |i: u32| t * (f64::from(i) + 0.5) / f64::from(steps);
        let integral: f64 = (0..steps).map(|i| (-delta * middle(i)).exp() * future.expected_purchases(middle(i))).sum();
        let by_parts = (-delta * t).exp() * expected + delta * integral * t / f64::from(steps);
        assert_near("DET", future.det(t, delta), by_parts, 1e-8);
        assert!(future.dert(0.01) > future.det(500.0, 0.01));
    }
    let (one, plain) = (
        ParetoCnbd { k: stages(1), r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 },
        ParetoNbd { r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 },
    );
    let history = History::new(4, 30.7, 38.9);
    let data = CountedHistories::new([history]);
    assert_eq!(one.log_likelihood(&data), plain.log_likelihood(&data));
    assert_eq!(one.p_alive(&history), plain.p_alive(&history));
    let (ours, theirs) = (one.future(&history), plain.future(&history));
    assert_eq!(ours.expected_purchases(39.0), theirs.expected_purchases(39.0));
    assert_eq!((ours.pmf(2, 39.0), ours.at_least(2, 39.0)), (theirs.pmf(2, 39.0), theirs.at_least(2, 39.0)));
    assert_eq!((ours.dert(0.01), ours.det(39.0, 0.01)), (theirs.dert(0.01), theirs.det(39.0, 0.01)));
    assert_eq!(ours.ever_repeats(), theirs.ever_repeats());
}

/// `E[(N + j) mod k]` from the masses.
#[test]
fn what_is_left_over_after_whole_purchases() {
    use clv::special::negative_binomial::NegativeBinomial;
    for (r, alpha, t) in [(0.3, 2.0, 5.0), (4.0, 1.0, 2.0), (20.0, 3.0, 9.0)] {
        let events = NegativeBinomial::new(r, alpha, t);
        for k in [2u32, 3, 7, 12] {
            for j in 0..k {
                let known: f64 = (0..3000u32).map(|n| events.pmf(n.into()) * f64::from((n + j) % k)).sum();
                let ours = events.mean_remainder(j.into(), k.into());
                assert!((ours - known).abs() < 1e-12, "{r} {k} {j}: {ours} {known}");
            }
        }
    }
}

/// CDNOW's sample up to 1997-09-30, with what lies between purchases.
fn sample() -> Summary {
    let mut log = clv::summary::PurchaseLog::new(Grain::Day);
    let text = std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        log.add(fields[0], fields[1].parse().unwrap(), 1.0).unwrap();
    }
    let end = "1997-09-30".parse().unwrap();
    let (summary, _) = log.summary(TimeUnit::Week, end, &Cohort::default()).unwrap();
    let sums = log.sum_log_interpurchase(&summary).unwrap();
    Summary { sum_log_interpurchase: Some(sums), ..summary }
}

/// Maxima of log-likelihoods, by an optimiser of its own (Newton, gradient below 1e-7) with the likelihood in NumPy.
#[test]
fn cdnow_is_fitted_as_elsewhere() {
    let data = sample().counted_histories();
    assert!((data.log_interpurchase_times().unwrap() - 2909.504669).abs() < 5e-7);
    let options = FitOptions::default();
    for (name, known, digits) in [
        ("bg-cnbd-1", -9582.4292, 4),
        ("mbg-cnbd-1", -9582.1357, 4),
        ("bg-cnbd-2", -9855.33, 2),
        ("mbg-cnbd-2", -9853.25, 2),
        ("bg-cnbd-3", -10393.57, 2),
        ("mbg-cnbd-3", -10394.36, 2),
        ("pareto-cnbd-2", -9891.8384, 4),
    ] {
        let kind: TimingKind = name.parse().unwrap();
        let fit = kind.fit(&data, &options).unwrap().1;
        let off: f64 = fit.log_likelihood - known;
        assert!(off.abs() <= 0.5000001 * 10f64.powi(-digits), "{name}: {} {known}", fit.log_likelihood);
    }
    let (model, fit) = TimingKind::MbgCnbd(None).fit(&data, &options).unwrap();
    assert_eq!(model.kind().name(), "mbg-cnbd-1");
    assert_eq!(fit.profile.iter().map(|point| point.k.number()).collect::<Vec<u32>>(), [1, 2, 3]);
}

/// From the counts of all customers together, and from the column of each.
#[test]
fn both_sources_of_interpurchase_times_give_one_fit() {
    let counted = sample();
    let by_customer = Summary { statistics: None, ..counted.clone() };
    let neither = Summary { statistics: None, sum_log_interpurchase: None, ..counted.clone() };
    let sums = counted.sum_log_interpurchase.as_ref().unwrap();
    let total = counted.statistics.as_ref().unwrap().log_interpurchase_times();
    assert!((sums.iter().sum::<f64>() / total - 1.0).abs() < 1e-13);
    for (&x, (&t_x, &sum)) in counted.frequency.iter().zip(counted.recency.iter().zip(sums)) {
        let bound = if x == 0 { 0.0 } else { f64::from(x) * (t_x / f64::from(x)).ln() };
        assert!(sum <= bound + 1e-9 && (x > 1 || (sum - bound).abs() < 1e-15 && sum.is_sign_positive() | (x == 1)));
    }
    let options = FitOptions::default();
    let fit = |summary: &Summary, name: &str| {
        let kind: TimingKind = name.parse().unwrap();
        kind.fit(&summary.counted_histories(), &options)
    };
    for name in ["bg-cnbd", "mbg-cnbd-2", "pareto-cnbd-2"] {
        let ((one, of_one), (other, of_other)) = (fit(&counted, name).unwrap(), fit(&by_customer, name).unwrap());
        assert_eq!(one.parameters(), other.parameters(), "{name}");
        assert!((of_one.log_likelihood / of_other.log_likelihood - 1.0).abs() < 1e-13);
        assert_eq!(of_one.cautions, of_other.cautions);
    }
    // Some of the rows, and rows that appear twice, add up too.
    let rows: Vec<usize> = (0..1500).chain(0..1500).collect();
    let (some, twice) = (counted.select(&rows[..1500]), counted.select(&rows));
    let known = |summary: &Summary| summary.counted_histories().log_interpurchase_times();
    assert!(some.statistics.is_none() && (known(&twice).unwrap() / known(&some).unwrap() - 2.0).abs() < 1e-12);
    assert_eq!(fit(&some, "mbg-cnbd").unwrap().0.kind().name(), "mbg-cnbd-1");
    assert_eq!(known(&neither), None);
    let refused = fit(&neither, "mbg-cnbd").unwrap_err().to_string();
    assert!(refused.contains("with a column sum_log_interpurchase; or give k"), "{refused}");
}
