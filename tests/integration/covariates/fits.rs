//! Fits: against an independent one, against the plain model, against differences.

// Reference values keep the digits they were computed with.
#![allow(clippy::excessive_precision)]

use clv::covariates::{CovariateOptions, Design, Moved, Process, UnknownLevels};
use clv::fit::{Blocks, FitOptions, Regression, Slope, Target, TargetValue, fit, maximum};
use clv::model_file::{ModelFile, SpendModel};
use clv::models::{BgCnbd, BgNbd, GammaGamma, Likelihood, MbgNbd, Nbd, ParetoNbd, Stages, TimingKind};
use clv::summary::{CountedHistories, CountedRows, Summary};

use super::rows::ninety;
use super::{in_both, names, options, timing};

#[track_caller]
fn near(ours: &[f64], known: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), known.len());
    for (i, (ours, known)) in ours.iter().zip(known).enumerate() {
        assert!((ours - known).abs() <= tolerance * known.abs().max(1e-2), "{i}: {ours} is not {known}");
    }
}

/// A fit of ninety customers by Newton's method in 40 digits on the papers' formulas (`tests/reference/covariates.py`): log-likelihood,
/// parameters, coefficients, and standard errors of the logarithms of the former and of the latter.
struct Known {
    kind: TimingKind,
    covariates: CovariateOptions,
    log_likelihood: f64,
    estimates: &'static [f64],
    errors: &'static [f64],
}

fn known() -> Vec<Known> {
    let equal = CovariateOptions { equal: names("online"), ..in_both("online") };
    vec![
        Known {
            kind: TimingKind::BgNbd,
            covariates: in_both("online,age"),
            log_likelihood: -885.9845689594416,
            estimates: &[
                0.6321285723706,
                8.603204070071,
                2.413247034596,
                5.620655368461,
                1.184765673305,
                0.007126238439382,
                -1.153068255178,
                0.02843382540647,
            ],
            errors: &[0.2110564, 0.35814849, 0.8892276, 0.95960058, 0.33757057, 0.011311119, 0.47895654, 0.015353847],
        },
        Known {
            kind: TimingKind::MbgNbd,
            covariates: in_both("online,age"),
            log_likelihood: -884.5424176041665,
            estimates: &[
                1.555051304036,
                12.10269077782,
                3.329861480953,
                5.896176201507,
                0.6833902574452,
                0.0003820367783495,
                -1.302499226882,
                0.006952761919745,
            ],
            errors: &[0.36767165, 0.4075405, 0.71001998, 0.80346497, 0.29310694, 0.0097004862, 0.37747537, 0.011564014],
        },
        Known {
            kind: TimingKind::BgNbd,
            covariates: equal,
            log_likelihood: -895.9466891074762,
            estimates: &[0.5901255570025, 6.079038775894, 0.3567540821815, 1.926145314598, 0.6006688306157],
            errors: &[0.23427836, 0.52667142, 0.66509263, 0.64320627, 0.44491032],
        },
        Known {
            kind: TimingKind::ParetoNbd,
            covariates: in_both("online"),
            log_likelihood: -886.0188055984587,
            estimates: &[
                1.618325463899,
                22.10292625151,
                2.239480596449,
                47.17592867874,
                1.027778241674,
                -0.6327869903812,
            ],
            errors: &[0.30932838, 0.34617549, 1.5392674, 1.8875703, 0.2570103, 0.40801488],
        },
    ]
}

#[test]
fn fits_are_those_of_an_independent_computation() {
    let summary = ninety();
    for Known { kind, covariates, log_likelihood, estimates, errors } in known() {
        let (model, fit, effects) = timing(&summary, kind, covariates);
        assert!((fit.log_likelihood - log_likelihood).abs() < 1e-9, "{kind}: {}", fit.log_likelihood);
        let ours: Vec<f64> = model.values().into_iter().chain(effects.estimates()).collect();
        near(&ours, estimates, 1e-6);
        let parameters = model.values().len();
        let of_log = |(i, error): (usize, &Option<f64>)| match i < parameters {
            true => error.unwrap() / ours[i],
            false => error.unwrap(),
        };
        let ours: Vec<f64> = fit.standard_errors.iter().enumerate().map(of_log).collect();
        near(&ours, errors, 1e-5);
    }
}

/// Likewise of spend: `gamma` moved by the channel, and by the logarithm of the number of repeat purchases.
#[test]
fn fits_of_spend_are_those_of_an_independent_computation() {
    for (covariate, log_likelihood, estimates, errors) in [
        (
            "online",
            -222.5010755856209,
            [1.630276937921, 4.296078112447, 23.67192723796, 0.3056462726968],
            [0.35492197, 0.36092444, 0.72173349, 0.18203831],
        ),
        (
            "log(frequency)",
            -223.8856592297464,
            [1.476020052882, 4.420793177479, 32.22616682116, 0.01024673225062],
            [0.35045316, 0.39170782, 0.7753207, 0.09436107],
        ),
    ] {
        let covariates = CovariateOptions { spend: names(covariate), ..CovariateOptions::default() };
        let file = ModelFile::fit(&ninety(), &options(TimingKind::BgNbd, covariates)).unwrap().0;
        let spend = file.spend.unwrap();
        let (fit, effects) = (spend.fit.as_ref().unwrap(), spend.covariates.as_ref().unwrap());
        assert!((fit.log_likelihood - log_likelihood).abs() < 1e-9, "{covariate}: {}", fit.log_likelihood);
        let SpendModel::GammaGamma(GammaGamma { p, q, gamma }) = spend.model;
        near(&[p, q, gamma, effects.coefficients[0].estimate], &estimates, 1e-6);
        let errors_of_logs = |i: usize| fit.standard_errors[i].unwrap() / [p, q, gamma, 1.0][i];
        near(&(0..4).map(errors_of_logs).collect::<Vec<f64>>(), &errors, 1e-5);
    }
}

/// The likelihood of blocks at a place, with coefficients of these columns that move these parameters.
fn regression<M: Likelihood<N>, const N: usize>(
    setting: M::Setting,
    blocks: &Blocks<M::Data>,
    moves: &[(usize, Vec<Moved>)],
    theta: &[f64],
) -> TargetValue
where
    M::Data: CountedRows,
    M::Setting: Sync,
{
    let slopes = slopes(moves);
    Regression::<M, N>::new(setting, blocks, &slopes, theta).at(theta)
}

fn slopes(moves: &[(usize, Vec<Moved>)]) -> Vec<Slope> {
    let slope = |(i, (column, moves)): (usize, &(usize, Vec<Moved>))| Slope {
        name: format!("g{i}"),
        column: *column,
        moves: moves.clone(),
    };
    moves.iter().enumerate().map(slope).collect()
}

/// The ninety customers by channel and age.
fn blocks_of(summary: &Summary, list: &[&str]) -> (Design, Blocks<CountedHistories>) {
    let design = Design::of(summary, list).unwrap();
    let patterns = design.patterns(summary, UnknownLevels::Refuse).unwrap();
    let blocks = Blocks::of_histories(summary, &patterns);
    (design, blocks)
}

/// Central differences of the values, and of the gradients.
fn check_differences(name: &str, theta: &[f64], at: impl Fn(&[f64]) -> TargetValue) {
    const STEP: f64 = 1e-5;
    let here = at(theta);
    for i in 0..theta.len() {
        let moved = |by: f64| {
            let mut moved = theta.to_vec();
            moved[i] += by;
            at(&moved)
        };
        let (forth, back) = (moved(STEP), moved(-STEP));
        let slope = (forth.value - back.value) / (2.0 * STEP);
        assert!(
            (slope - here.gradient[i]).abs() < 1e-6 * (1.0 + slope.abs()),
            "{name} {i}: {slope} {}",
            here.gradient[i]
        );
        for j in 0..theta.len() {
            let bend = (forth.gradient[j] - back.gradient[j]) / (2.0 * STEP);
            let ours = here.hessian[[i, j]];
            assert!((bend - ours).abs() < 1e-5 * (1.0 + bend.abs()), "{name} {i} {j}: {bend} {ours}");
        }
    }
}

fn differences_of<M: Likelihood<N, Data = CountedHistories>, const N: usize>(setting: M::Setting, theta: &[f64])
where
    M::Setting: Sync,
{
    let (_, blocks) = blocks_of(&ninety(), &["online", "age"]);
    let process = |process: Process| process.moved(&M::PARAMETERS);
    let mut moves = vec![(0, process(Process::Purchases)), (1, process(Process::Purchases))];
    if N == 4 {
        moves.extend([(0, process(Process::Dropout)), (1, process(Process::Both))]);
    }
    let theta = &theta[..N + moves.len()];
    check_differences(M::NAME, theta, |theta| regression::<M, N>(setting, &blocks, &moves, theta));
}

#[test]
fn derivatives_follow_by_the_chain_rule() {
    let theta = [0.3, 2.4, -0.2, 1.1, 0.4, -0.3, 0.5, 0.2];
    differences_of::<BgNbd, 4>((), &theta);
    differences_of::<MbgNbd, 4>((), &theta);
    differences_of::<ParetoNbd, 4>((), &theta);
    differences_of::<BgCnbd, 4>(Stages::new(2).unwrap(), &theta);
    differences_of::<Nbd, 2>((), &[0.3, 2.4, 0.4, -0.3]);
    let summary = ninety();
    let design = Design::of(&summary, &["online", "age"]).unwrap();
    let patterns = design.patterns(&summary, UnknownLevels::Refuse).unwrap();
    let blocks = Blocks::of_spend(&summary, &patterns);
    let moves: Vec<(usize, Vec<Moved>)> =
        (0..2).map(|column| (column, Process::Spend.moved(&GammaGamma::PARAMETERS))).collect();
    check_differences("gamma-gamma", &[1.5, 1.2, 3.0, 0.3, -0.2], |theta| {
        regression::<GammaGamma, 3>((), &blocks, &moves, theta)
    });
}

/// Coefficients of zero leave the model as it is, a shift that is the same for all is one of the parameter.
#[test]
fn zero_coefficients_are_the_plain_model_and_a_constant_shift_is_absorbed() {
    let summary = ninety();
    let plain = summary.counted_histories();
    let parameters = [1.3, 12.0, 0.8, 2.5];
    let theta: Vec<f64> = parameters.iter().map(|p: &f64| p.ln()).chain([0.0, 0.0]).collect();
    let (_, blocks) = blocks_of(&summary, &["online", "age"]);
    let moves = [(0, Process::Purchases.moved(&BgNbd::PARAMETERS)), (1, Process::Dropout.moved(&BgNbd::PARAMETERS))];
    let at = regression::<BgNbd, 4>((), &blocks, &moves, &theta);
    let known = BgNbd::from_parameters(parameters).unwrap().log_likelihood(&plain);
    near(&[at.value], &[known.value], 1e-14);
    near(&at.gradient[..4], &known.gradient, 1e-12);

    // Everybody is online, though the coding knows of others.
    let mut alike = summary.clone();
    alike.attributes =
        vec![clv::summary::Attribute::new("online".to_owned(), &vec![Some("1".to_owned()); alike.len()])];
    let (design, _) = blocks_of(&summary, &["online"]);
    let patterns = design.patterns(&alike, UnknownLevels::Refuse).unwrap();
    let blocks = Blocks::of_histories(&alike, &patterns);
    let both = [(0, Process::Both.moved(&ParetoNbd::PARAMETERS))];
    let theta: Vec<f64> = parameters.iter().map(|p: &f64| p.ln()).chain([0.7]).collect();
    let at = regression::<ParetoNbd, 4>((), &blocks, &both, &theta);
    let e = 0.7f64.exp();
    let shifted = ParetoNbd::from_parameters([1.3, 12.0 / e, 0.8, 2.5 / e]).unwrap();
    near(&[at.value], &[shifted.log_likelihood(&plain).value], 1e-13);
}

/// A column of zeros and ones that moves every parameter is two fits.
#[test]
fn a_binary_column_in_all_parameters_is_two_separate_fits() {
    let summary = ninety();
    let (_, blocks) = blocks_of(&summary, &["online"]);
    let moves: Vec<(usize, Vec<Moved>)> = (0..4).map(|parameter| (0, vec![Moved { parameter, sign: 1.0 }])).collect();
    let slopes = slopes(&moves);
    let near_theta = [0.3, 2.4, -0.2, 1.1, 0.0, 0.0, 0.0, 0.0];
    let target = Regression::<MbgNbd, 4>::new((), &blocks, &slopes, &near_theta);
    let together = maximum(&target, false).unwrap();
    let of = |channel: &str| {
        let online = summary.attribute("online").unwrap();
        let rows: Vec<usize> = (0..summary.len()).filter(|&row| online.text(row) == Some(channel)).collect();
        fit::<MbgNbd, 4>(&summary.select(&rows).counted_histories(), &FitOptions::default()).unwrap()
    };
    let (store, online) = (of("0"), of("1"));
    let apart = store.estimate.log_likelihood + online.estimate.log_likelihood;
    near(&[together.log_likelihood], &[apart], 1e-12);
    for i in 0..4 {
        near(&[together.theta[i].exp()], &[store.model.parameters()[i]], 1e-6);
        near(&[(together.theta[i] + together.theta[4 + i]).exp()], &[online.model.parameters()[i]], 1e-6);
    }
}

/// A column in words says what zeros and ones say, and against the other level the opposite.
#[test]
fn texts_count_against_the_most_frequent_and_numbers_in_their_own_unit() {
    let mut summary = ninety();
    let (_, digits, of_digits) = timing(&summary, TimingKind::BgNbd, in_both("online,age"));
    let (_, words, of_words) = timing(&summary, TimingKind::BgNbd, in_both("channel,age"));
    near(&[words.log_likelihood], &[digits.log_likelihood], 1e-13);
    near(&of_words.estimates(), &of_digits.estimates(), 1e-7);
    assert_eq!(
        words.parameters[4..],
        ["purchases: channel=online", "purchases: age", "dropout: channel=online", "dropout: age"]
    );
    // In months a coefficient is a twelfth.
    let age = summary.attribute("age").unwrap().clone();
    let months: Vec<Option<String>> = (0..summary.len())
        .map(|row| age.text(row).map(|years| (12 * years.parse::<u32>().unwrap()).to_string()))
        .collect();
    summary.attributes.push(clv::summary::Attribute::new("months".to_owned(), &months));
    let (_, in_months, of_months) = timing(&summary, TimingKind::BgNbd, in_both("online,months"));
    near(&[12.0 * of_months.coefficients[1].estimate], &[of_digits.coefficients[1].estimate], 1e-6);
    let error = |fit: &clv::fit::FitRecord| fit.standard_errors[5].unwrap();
    near(&[12.0 * error(&in_months)], &[error(&digits)], 1e-6);
}

/// Whatever the order of the customers, the patterns are the same, and the sums have the same digits.
#[test]
fn the_order_of_customers_does_not_matter() {
    let summary = ninety();
    let backwards: Vec<usize> = (0..summary.len()).rev().collect();
    let (one, other) = (summary.clone(), summary.select(&backwards));
    let (model, fit, _) = timing(&one, TimingKind::MbgNbd, in_both("channel,age"));
    let (same_model, same, _) = timing(&other, TimingKind::MbgNbd, in_both("channel,age"));
    near(&[same.log_likelihood], &[fit.log_likelihood], 1e-14);
    near(&same_model.values(), &model.values(), 1e-9);
}

/// Each likelihood-ratio test is the difference of two fits.
#[test]
fn tests_are_differences_of_fits() {
    let summary = ninety();
    let all = in_both("online,age");
    let (_, fit, effects) = timing(&summary, TimingKind::BgNbd, all.clone());
    assert_eq!(effects.tests.len(), 4);
    for test in &effects.tests {
        let mut fewer = all.clone();
        let list = if test.process == Process::Purchases { &mut fewer.purchases } else { &mut fewer.dropout };
        list.retain(|name| *name != test.covariate);
        let (_, without, _) = timing(&summary, TimingKind::BgNbd, fewer);
        let statistic = 2.0 * (fit.log_likelihood - without.log_likelihood);
        assert!((statistic - test.statistic).abs() < 1e-7, "{} {statistic}", test.statistic);
        assert_eq!(test.degrees, 1);
    }
    let plain = ModelFile::fit(&summary, &options(TimingKind::BgNbd, CovariateOptions::default())).unwrap().0;
    assert_eq!(effects.log_likelihood_without, Some(plain.timing.unwrap().fit.unwrap().log_likelihood));
    // Of one degree of freedom, 3.841 and 6.635 are the values that 5% and 1% exceed.
    let p = |test: &clv::covariates::CovariateTest| (test.statistic > 3.841_459, test.p < 0.05);
    assert!(effects.tests.iter().map(p).all(|(exceeds, significant)| exceeds == significant));
}

/// The more a prior holds coefficients, the nearer they are to zero; then there are no tests and no likelihood to compare.
#[test]
fn a_prior_holds_coefficients_and_ends_tests() {
    let summary = ninety();
    let held = |sd: f64| timing(&summary, TimingKind::BgNbd, CovariateOptions { sd: Some(sd), ..in_both("online") });
    let (_, free, effects) = timing(&summary, TimingKind::BgNbd, in_both("online"));
    let size = |effects: &clv::covariates::Effects| effects.estimates().iter().map(|g| g.abs()).sum::<f64>();
    let (_, mild, of_mild) = held(0.3);
    let (_, _, of_tight) = held(0.01);
    assert!(size(&of_mild) < size(&effects) && size(&of_tight) < 0.02 * size(&effects));
    assert!(mild.log_likelihood < free.log_likelihood);
    assert!(of_mild.tests.is_empty() && of_mild.log_likelihood_without.is_none() && mild.covariate_sd == Some(0.3));
    let (_, loose, of_loose) = held(1000.0);
    near(&of_loose.estimates(), &effects.estimates(), 1e-4);
    near(&[loose.log_likelihood], &[free.log_likelihood], 1e-9);
}
