//! With and without: what covariates bring on a holdout and in the likelihood.

use clv::covariates::{Coding, Level};
use clv::covariates::{Coefficient, Covariate, Effects, Process};
use clv::evaluate::{Tracking, frequency_histogram, frequency_histogram_of};
use clv::models::{BgNbd, FuturePurchases, TimingModel};
use clv::predict::{CustomerEffects, Individuals, Modelled, Predictor};
use clv::summary::{Attribute, Cohort, CountedHistories, Day, Grain, PurchaseLog, TimeUnit};
use serde_json::Value;

use super::command::shop;
use crate::command::Folder;

const SPLIT: &str = "2020-03-15";

fn record<'a>(records: &'a Value, key: &str, name: &str) -> &'a Value {
    records.as_array().unwrap().iter().find(|record| record[key] == name).unwrap_or_else(|| panic!("{name}: {records}"))
}

/// Mean absolute error of a table of predictions up to the last order, beside the purchases that are counted here.
fn mean_absolute_error(folder: &Folder, table: &str, column: &str) -> f64 {
    let orders = folder.read("orders.csv");
    let came = |customer: &str| {
        let later = orders.lines().skip(1).filter(|line| {
            let mut cells = line.split(',');
            let (whose, day) = (cells.next(), cells.next().unwrap());
            whose == Some(customer) && day > SPLIT && day <= "2020-06-30"
        });
        later.count() as f64
    };
    let table = folder.read(table);
    let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let (customer, expected) = (place("customer_id"), place(column));
    let errors: Vec<f64> =
        lines.map(|line| (line[expected].parse::<f64>().unwrap() - came(line[customer])).abs()).collect();
    errors.iter().sum::<f64>() / errors.len() as f64
}

/// The scores with covariates are those of predictions by a model that was fitted to the orders up to the split.
#[test]
fn an_evaluation_holds_a_model_with_covariates_beside_the_same_without() {
    let folder = shop();
    let covariates = "--purchase-covariates channel,decade --customer-table decades.csv";
    let run = folder.clv(&format!(
        "evaluate orders.csv --split {SPLIT} --until 2020-06-30 --model mbg-nbd --no-spend {covariates} --tables tables --json"
    ));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let json = run.json();
    let evaluation = &json["evaluations"][0];
    let fit = folder
        .clv(&format!("fit orders.csv --until {SPLIT} --no-spend --model mbg-nbd {covariates} -o model.json --json"));
    assert_eq!(fit.code, 0, "{}", fit.stderr);
    let fitted = fit.json();
    let with = record(&evaluation["models"], "forecaster", "mbg-nbd-covariates");
    let known = &fitted["model"]["timing"]["covariates"];
    assert_eq!(with["covariates"]["covariates"], known["covariates"]);
    for (ours, known) in
        with["covariates"]["coefficients"].as_array().unwrap().iter().zip(known["coefficients"].as_array().unwrap())
    {
        assert_eq!(ours, known);
    }
    let predict = folder.clv(&format!(
        "predict orders.csv --until {SPLIT} --customer-table decades.csv --model model.json --horizons 2020-06-30 -o with.csv"
    ));
    assert_eq!(predict.code, 0, "{}", predict.stderr);
    let error = mean_absolute_error(&folder, "with.csv", "purchases_2020-06-30");
    let scored = record(&evaluation["scores"], "forecaster", "mbg-nbd-covariates");
    let ours = scored["mean_absolute_error_of_mean"].as_f64().unwrap();
    assert!((ours - error).abs() < 1e-5, "{ours} {error}");
    let plain = record(&evaluation["scores"], "forecaster", "mbg-nbd");
    assert_ne!(plain["mean_absolute_error_of_mean"], scored["mean_absolute_error"]);
    let advice = json["advice"].to_string();
    assert!(advice.contains("With channel, decade, MBG/NBD's expectations of each customer's purchases"), "{advice}");
    // The same without comes second, under its own name.
    assert_eq!(evaluation["models"][1]["forecaster"], "mbg-nbd");
    assert!(folder.read("tables/tiers-mbg-nbd.csv").starts_with("tier,"));
}

/// What is said of a customer after the split is not known on it.
#[test]
fn what_is_said_after_the_split_is_not_known_on_it() {
    let folder = shop();
    let orders = folder.read("orders.csv");
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        // Online customers say so in the holdout alone.
        let known = cells[3] != "online" || cells[1] > SPLIT;
        if known { line.to_owned() } else { format!("{},{},{},", cells[0], cells[1], cells[2]) }
    };
    let later: Vec<String> = orders.lines().map(line).collect();
    folder.write("later.csv", later.join("\n"));
    let run = folder.clv(&format!(
        "evaluate later.csv --split {SPLIT} --until 2020-06-30 --model mbg-nbd --no-spend --purchase-covariates channel --json"
    ));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let json = run.json();
    let with = record(&json["evaluations"][0]["models"], "forecaster", "mbg-nbd-covariates");
    let covariate = &with["covariates"]["covariates"][0];
    assert_eq!(covariate["coding"]["reference"]["name"], "store");
    assert_eq!(covariate["coding"]["others"].as_array().unwrap().len(), 0, "{covariate}");
    assert!(covariate["missing"].as_u64().unwrap() > 40, "{covariate}");
}

#[test]
fn spend_covariates_are_held_beside_the_model_without_them() {
    let folder = shop();
    let run = folder.clv(&format!(
        "evaluate orders.csv --split {SPLIT} --until 2020-06-30 --model mbg-nbd --spend-covariates log(frequency),channel --json"
    ));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let json = run.json();
    let (evaluation, with) = (&json["evaluations"][0], "mbg-nbd-covariates");
    let scores = |who: &str, what: &str| {
        let all = evaluation["scores"].as_array().unwrap().iter();
        let mut those = all.filter(|score| score["forecaster"] == who && score["what"] == what);
        those.next().unwrap()["expected"].as_f64().unwrap()
    };
    assert_eq!(scores(with, "purchases"), scores("mbg-nbd", "purchases"));
    assert_ne!(scores(with, "value"), scores("mbg-nbd", "value"));
    let advice = json["advice"].to_string();
    assert!(
        advice.contains("With log(frequency), channel, MBG/NBD's expectations of each customer's value"),
        "{advice}"
    );
    assert!(!advice.contains("MBG/NBD's expectations of each customer's purchases"), "{advice}");
    let fit =
        folder.clv(&format!("fit orders.csv --until {SPLIT} --spend-covariates log(frequency),channel --json")).json();
    let ours = &record(&evaluation["models"], "forecaster", with)["spend"];
    assert_eq!(ours["covariates"]["coefficients"], fit["model"]["spend"]["covariates"]["coefficients"]);
}

#[test]
fn models_that_take_no_covariates_are_named() {
    let folder = shop();
    let all = format!("orders.csv --split {SPLIT} --until 2020-06-30 --no-spend");
    let nbd = folder.clv(&format!("evaluate {all} --model nbd,mbg-nbd --covariates channel"));
    assert_eq!(nbd.code, 0, "{}", nbd.stderr);
    assert!(nbd.stderr.contains("NBD is left out: with covariates: NBD has no dropout"), "{}", nbd.stderr);
    let alone = folder.clv(&format!("evaluate {all} --model nbd --covariates channel"));
    assert!(alone.code == 2 && alone.stderr.contains("NBD has no dropout, so nothing moves it"), "{}", alone.stderr);
    let unknown = folder.clv(&format!("evaluate {all} --covariates chanel"));
    assert!(unknown.code != 0 && unknown.stderr.contains("no column `chanel`"), "{}", unknown.stderr);
    let spend = folder.clv(&format!("evaluate {all} --spend-covariates channel"));
    assert!(spend.code == 2 && spend.stderr.contains("does not go with --no-spend"), "{}", spend.stderr);
}

/// The likelihood ratio is that of the two fits, and its p-value of two coefficients is `e^(-statistic/2)`.
#[test]
fn a_comparison_shows_what_covariates_add() {
    let folder = shop();
    let all = format!("orders.csv --split {SPLIT} --until 2020-06-30 --no-spend");
    let run = folder.clv(&format!("compare {all} --models mbg-nbd,nbd --covariates channel --json"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let json = run.json();
    let (with, without) =
        (record(&json["models"], "model", "mbg-nbd-covariates"), record(&json["models"], "model", "mbg-nbd"));
    let number = |record: &Value, key: &str| record[key].as_f64().unwrap();
    let statistic = 2.0 * (number(with, "log_likelihood") - number(without, "log_likelihood"));
    let test = &with["likelihood_ratio"];
    assert!((number(test, "statistic") - statistic).abs() < 1e-6, "{test} {statistic}");
    assert_eq!(test["degrees"], 2);
    assert!((number(test, "p") / (-statistic / 2.0).exp() - 1.0).abs() < 1e-6, "{test}");
    assert_eq!(with["covariates"]["coefficients"][0]["column"], "channel=online");
    let bic = number(with, "bic") - number(without, "bic");
    assert!((bic - (2.0 * 160f64.ln() - statistic)).abs() < 1.0, "{bic} {statistic}");
    assert!(number(with, "holdout_mean_absolute_error") > 0.0);
    assert!(json["advice"].as_str().unwrap().contains("MBG/NBD with channel, beside it without: likelihood ratio"));
    assert!(json["failures"].to_string().contains("NBD has no dropout"), "{}", json["failures"]);
    let held =
        folder.clv(&format!("compare {all} --models mbg-nbd --covariates channel --covariate-sd 1 --json")).json();
    let with = record(&held["models"], "model", "mbg-nbd-covariates");
    assert!(with["comparable"] == false && with["likelihood_ratio"].is_null(), "{with}");
}

/// Customers of two levels: what is expected of all is what each group's own model expects of it.
#[test]
fn expectations_of_a_cohort_add_up_those_of_its_groups() {
    let base = TimingModel::BgNbd(BgNbd { r: 0.7, alpha: 6.0, a: 0.8, b: 2.5 });
    let mut log = PurchaseLog::new(Grain::Day);
    let day = |n: i32| Day(18_000 + n);
    let customers = 40;
    for customer in 0..customers {
        for order in 0..=customer % 5 {
            log.add(&customer.to_string(), day(customer * 3 % 50 + order * (5 + customer % 7)), 1.0).unwrap();
        }
    }
    let (split, until) = (day(90), day(160));
    let cohort = Cohort::default();
    let (mut summary, _) = log.summary(TimeUnit::Week, split, &cohort).unwrap();
    let (activity, _) = log.activity(&cohort, split, until).unwrap();
    let is_online = |row: usize| summary.customers.text(row).parse::<i32>().unwrap() % 3 == 0;
    let online: Vec<bool> = (0..summary.len()).map(is_online).collect();
    let said: Vec<Option<String>> =
        online.iter().map(|&online| Some(if online { "online" } else { "store" }.to_owned())).collect();
    summary.attributes.push(Attribute::new("channel".to_owned(), &said));
    let level = |name: &str| Level { name: name.to_owned(), customers: 20 };
    let coefficient = |process, estimate| Coefficient { process, column: "channel=online".to_owned(), estimate };
    let effects = Effects {
        covariates: vec![Covariate {
            name: "channel".to_owned(),
            coding: Coding::Levels { reference: level("store"), others: vec![level("online")] },
            missing: 0,
        }],
        coefficients: vec![coefficient(Process::Purchases, 0.6), coefficient(Process::Dropout, -0.4)],
        sd: None,
        log_likelihood_without: None,
        tests: Vec::new(),
    };
    let predictor = |effects: Option<Effects>| Predictor {
        timing: base,
        spend: None,
        unit: TimeUnit::Week,
        grain: Grain::Day,
        currency: None,
        effects: effects
            .map(|timing| std::sync::Arc::new(CustomerEffects { timing: Some(timing), ..CustomerEffects::default() })),
    };
    // By hand: alpha e^-0.6 and a e^-0.4 of those online.
    let moved = BgNbd { r: 0.7, alpha: 6.0 * (-0.6f64).exp(), a: 0.8 * (-0.4f64).exp(), b: 2.5 };
    let own = |row: usize| if online[row] { TimingModel::BgNbd(moved) } else { base };

    let with = predictor(Some(effects));
    let seen = Modelled::new(&with, &summary).unwrap();
    assert!((0..summary.len()).all(|row| seen.history(row) == summary.history(row)));
    let tracking = Tracking::of_customers(&seen, &summary, &activity, until).unwrap();
    let first = &summary.purchases.as_ref().unwrap().first_purchase;
    for point in &tracking.points {
        let expected = |row: usize| {
            let time = f64::from(point.end.days_since(first[row])) / 7.0;
            if time > 0.0 { own(row).expected_purchases(time) } else { 0.0 }
        };
        let known: f64 = (0..summary.len()).map(expected).sum();
        assert!((point.expected - known).abs() <= 1e-10 * known, "{} {known}", point.expected);
    }
    for bin in frequency_histogram_of(&seen, &summary, 4) {
        let chance = |row: usize| match bin.x {
            4 => own(row).at_least(4, summary.T[row]),
            x => own(row).pmf(x, summary.T[row]),
        };
        let known: f64 = (0..summary.len()).map(chance).sum();
        assert!((bin.expected - known).abs() <= 1e-10 * known, "{bin:?} {known}");
    }

    // Without covariates both ways are one.
    let plain = predictor(None);
    let alike = Modelled::new(&plain, &summary).unwrap();
    let (ours, known) = (
        Tracking::of_customers(&alike, &summary, &activity, until).unwrap(),
        Tracking::new(&base, &summary.observation, &activity, until),
    );
    assert_eq!(ours, known);
    let data = CountedHistories::new(summary.histories());
    let (ours, known) = (frequency_histogram_of(&alike, &summary, 7), frequency_histogram(&base, &data, 7));
    for (ours, known) in ours.iter().zip(&known) {
        assert!(ours.actual == known.actual && (ours.expected - known.expected).abs() < 1e-12);
    }
}
