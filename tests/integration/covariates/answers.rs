//! Answers: every customer's are those of the plain model with the customer's own parameters.

use std::sync::Arc;

use clv::covariates::{CovariateOptions, Effects, UnknownLevels};
use clv::model_file::{ModelFile, SpendModel};
use clv::models::{GammaGamma, TimingKind, TimingModel};
use clv::predict::{
    CustomerEffects, DiscountRate, Grouping, Horizon, PerCustomer, Predictor, TotalOptions, Valuation, ValueQuestions,
};
use clv::summary::Summary;

use super::rows::ninety;
use super::{in_both, names, options};

fn model(kind: TimingKind) -> ModelFile {
    // Of so few customers the Pareto/NBD does not know what age does.
    let list = if kind == TimingKind::ParetoNbd { "channel" } else { "channel,age" };
    let covariates = CovariateOptions { spend: names("channel"), ..in_both(list) };
    ModelFile::fit(&ninety(), &options(kind, covariates)).unwrap().0
}

/// What a model says of customers, column by column.
fn columns(predictor: &Predictor, summary: &Summary, draws: &[Predictor]) -> Vec<Vec<f64>> {
    let horizons = ["13w", "13w..39w", "forever"].map(|text| text.parse::<Horizon>().unwrap());
    let discount = DiscountRate::annual(0.1).unwrap();
    let valuation = Valuation { discount, ..Valuation::default() };
    let questions = ValueQuestions { intervals: vec![0.8], over: vec![20.0] };
    let outlook = predictor.outlook(summary).unwrap();
    let customers = outlook.everybody();
    let drawn: Vec<_> = draws.iter().map(|draw| customers.with_parameters(draw).unwrap()).collect();
    let forecast = customers.forecast(&outlook.ahead(&horizons, &discount).unwrap(), &valuation).unwrap();
    let mut columns: Vec<Vec<f64>> = vec![forecast.p_alive];
    columns.extend(forecast.expected_spend);
    for horizon in forecast.horizons {
        columns.extend([Some(horizon.purchases), horizon.discounted, horizon.clv].into_iter().flatten());
    }
    for chances in &outlook.chances_ahead(&horizons).unwrap() {
        let chances = customers.chances(chances);
        columns.extend([chances.p_purchase, chances.p_alive].into_iter().flatten());
    }
    columns.extend(customers.count_probabilities(&horizons[0], 3).unwrap());
    for (low, high) in customers.count_intervals(&horizons[0], &drawn, &[0.9]).unwrap() {
        columns.extend([low, high]);
    }
    let values = customers.values(&horizons[0], &PerCustomer::All(1.0), &drawn, &questions).unwrap();
    values.intervals.into_iter().for_each(|(low, high)| columns.extend([low, high]));
    columns.extend(values.over);
    let next = customers.next_purchase(&[0.5]).unwrap();
    columns.push(next.p_ever);
    columns.push(outlook.expected_purchases(2.0, 8.0).unwrap());
    columns
}

/// The coefficient of a column in a process; 0 if there is none.
fn of(effects: &Effects, name: &str) -> f64 {
    effects.coefficients.iter().find(|coefficient| coefficient.name() == name).map_or(0.0, |found| found.estimate)
}

/// The plain models of one customer, worked out by hand.
fn plain(predictor: &Predictor, online: bool, age: f64, mean_age: f64) -> Predictor {
    let effects = predictor.effects.as_ref().unwrap();
    let (timing, spend) = (effects.timing.as_ref().unwrap(), effects.spend.as_ref().unwrap());
    let z = f64::from(u8::from(online));
    let moved = |process: &str| {
        of(timing, &format!("{process}: channel=online")) * z
            + of(timing, &format!("{process}: age")) * (age - mean_age)
    };
    let mut values = predictor.timing.values();
    values[1] *= (-moved("purchases")).exp();
    match predictor.timing {
        TimingModel::ParetoNbd(_) => values[3] *= (-moved("dropout")).exp(),
        _ => values[2] *= moved("dropout").exp(),
    }
    let GammaGamma { p, q, gamma } = predictor.spend.unwrap();
    let gamma = gamma * (of(spend, "spend: channel=online") * z).exp();
    Predictor {
        timing: predictor.timing.kind().with_parameters(&values).unwrap(),
        spend: Some(GammaGamma { p, q, gamma }),
        effects: None,
        ..predictor.clone()
    }
}

#[test]
fn every_answer_is_that_of_the_customer_s_own_parameters() {
    let summary = ninety();
    let text = |column: &str, row: usize| summary.attribute(column).unwrap().text(row).unwrap().to_owned();
    let age = |row: usize| text("age", row).parse::<f64>().unwrap();
    let mean_age = (0..summary.len()).map(age).sum::<f64>() / summary.len() as f64;
    for kind in [TimingKind::BgNbd, TimingKind::MbgNbd, TimingKind::ParetoNbd] {
        let file = model(kind);
        let predictor = file.predictor().unwrap();
        let draws = file.uncertainty().draws(&predictor, 3, 5).unwrap();
        let own =
            |predictor: &Predictor, row: usize| plain(predictor, text("channel", row) == "online", age(row), mean_age);
        let together = columns(&predictor, &summary, &draws);
        for row in (0..summary.len()).step_by(7) {
            let draws: Vec<Predictor> = draws.iter().map(|draw| own(draw, row)).collect();
            let alone = columns(&own(&predictor, row), &summary.select(&[row]), &draws);
            for (column, (all, alone)) in together.iter().zip(&alone).enumerate() {
                let (ours, known) = (all[row], alone[0]);
                assert!(
                    (ours - known).abs() <= 1e-9 * known.abs(),
                    "{kind} row {row}, column {column}: {ours} {known}"
                );
            }
        }
    }
}

/// Standard errors are the spread over draws; both know the coefficients' uncertainty.
#[test]
fn standard_errors_hold_the_uncertainty_of_coefficients() {
    let (summary, file) = (ninety(), model(TimingKind::MbgNbd));
    // Of so few customers a draw of the spend model may have no mean.
    let (predictor, uncertainty) = (Predictor { spend: None, ..file.predictor().unwrap() }, file.uncertainty());
    let (horizons, valuation) = (["26w".parse().unwrap()], Valuation::default());
    let rows = summary.select(&[0, 1, 14, 22, 40]);
    let errors = uncertainty.standard_errors(&predictor, &rows, &horizons, &valuation).unwrap();
    let draws = uncertainty.draws(&predictor, 4000, 1).unwrap();
    let drawn: Vec<Vec<f64>> = draws
        .iter()
        .map(|draw| draw.forecast(&rows, &horizons, &valuation).unwrap().horizons.remove(0).purchases)
        .collect();
    for (row, error) in errors.horizons[0].purchases.iter().enumerate() {
        let logs: Vec<f64> = drawn.iter().map(|draw| draw[row].ln()).collect();
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        let sd = (logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / logs.len() as f64).sqrt();
        let now = predictor.forecast(&rows, &horizons, &valuation).unwrap().horizons[0].purchases[row];
        // Estimates of ninety customers are no straight line: within a third.
        assert!((error / now / sd - 1.0).abs() < 0.33, "{row}: {} {sd}", error / now);
    }
}

/// The expectation of a total is the sum of the customers', and its intervals hold the totals of as many simulated futures as they say.
#[test]
fn totals_add_up_customers_who_differ() {
    let (summary, file) = (ninety(), model(TimingKind::BgNbd));
    let (predictor, uncertainty) = (file.predictor().unwrap(), file.uncertainty());
    let horizon: Horizon = "26w".parse().unwrap();
    let outlook = predictor.outlook(&summary).unwrap();
    let (margin, options) = (PerCustomer::All(1.0), TotalOptions { futures: 400, seed: 3 });
    let everybody = Grouping::all(summary.len());
    let totals = outlook.totals(&everybody, &horizon, &margin, &uncertainty, &options).unwrap();
    let forecast = predictor.forecast(&summary, &[horizon], &Valuation::default()).unwrap();
    let sum = |column: &[f64]| column.iter().sum::<f64>();
    let near = |ours: f64, known: f64| assert!((ours / known - 1.0).abs() < 1e-12, "{ours} {known}");
    near(totals.all.purchases.expected, sum(&forecast.horizons[0].purchases));
    let value = totals.all.value.unwrap();
    near(value.expected, sum(forecast.horizons[0].clv.as_ref().unwrap()));
    assert!(totals.with_parameters);
    let (low, high) = totals.all.purchases.interval(0.9);
    assert!(low < totals.all.purchases.expected && totals.all.purchases.expected < high, "{low} {high}");
    let mean = totals.all.purchases.quantile(0.5);
    assert!((mean / totals.all.purchases.expected - 1.0).abs() < 0.15, "{mean}");
}

#[test]
fn a_level_that_the_fit_did_not_know_is_named_or_taken_for_the_reference() {
    let (mut summary, file) = (ninety(), model(TimingKind::BgNbd));
    let said: Vec<Option<String>> =
        (0..summary.len()).map(|row| Some(["store", "phone"][row % 2].to_owned())).collect();
    summary.attributes[1] = clv::summary::Attribute::new("channel".to_owned(), &said);
    let mut predictor = file.predictor().unwrap();
    let error = predictor.outlook(&summary).unwrap_err().to_string();
    assert!(error.contains("covariate channel: `phone` was not in the fit; the fit knew store, online"), "{error}");
    assert!(error.contains("unknown_levels = reference"), "{error}");
    let effects = CustomerEffects::clone(predictor.effects.as_ref().unwrap());
    predictor.effects = Some(Arc::new(CustomerEffects { unknown_levels: UnknownLevels::Reference, ..effects }));
    let taken = predictor.outlook(&summary).unwrap().everybody().p_alive().to_vec();
    let stores: Vec<Option<String>> = vec![Some("store".to_owned()); summary.len()];
    summary.attributes[1] = clv::summary::Attribute::new("channel".to_owned(), &stores);
    assert_eq!(taken, predictor.outlook(&summary).unwrap().everybody().p_alive());
    summary.attributes.remove(1);
    let error = predictor.outlook(&summary).unwrap_err().to_string();
    assert!(error.contains("there is no covariate `channel`: these customers have online, age"), "{error}");
}

#[test]
fn files_hold_covariates_and_refuse_damage() {
    let file = model(TimingKind::BgNbd);
    let text = file.to_json();
    let again = ModelFile::from_json(&text, "m.json").unwrap();
    assert_eq!((&again, again.to_json()), (&file, text.clone()));
    let predict = |file: &ModelFile| columns(&file.predictor().unwrap(), &ninety(), &[]);
    assert_eq!(predict(&again), predict(&file));
    for (right, wrong) in [
        ("\"column\": \"channel=online\"", "\"column\": \"channel=phone\""),
        ("\"process\": \"dropout\"", "\"process\": \"spend\""),
        ("\"coefficients\": 4", "\"coefficients\": 3"),
        ("\"kind\": \"number\"", "\"kind\": \"levels\""),
    ] {
        assert!(text.contains(right), "{right}");
        assert!(ModelFile::from_json(&text.replacen(right, wrong, 1), "m.json").is_err(), "{wrong}");
    }
    let SpendModel::GammaGamma(spend) = file.spend.unwrap().model;
    assert!(spend.q > 1.0);
}

/// A bootstrap redraws customers with what is known of them, and keeps the coefficients of every refit.
#[test]
fn a_bootstrap_tells_how_far_off_coefficients_may_be() {
    let summary = ninety();
    let mut options = options(TimingKind::BgNbd, in_both("online"));
    options.bootstrap = Some(60);
    let file = ModelFile::fit(&summary, &options).unwrap().0;
    let fit = file.timing.as_ref().unwrap().fit.as_ref().unwrap();
    let draws = fit.draws.as_ref().unwrap();
    assert!(draws.draws.iter().all(|draw| draw.len() == 6));
    let spread = draws.standard_errors_with(2)[4].unwrap();
    let normal = fit.standard_errors[4].unwrap();
    assert!((spread / normal - 1.0).abs() < 0.5, "{spread} {normal}");
    let again = ModelFile::from_json(&file.to_json(), "m.json").unwrap();
    assert_eq!(again, file);
    let predictor = file.predictor().unwrap();
    assert_eq!(file.uncertainty().draws(&predictor, 50, 1).unwrap().len(), 50);
}
