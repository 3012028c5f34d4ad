//! Runs, reports and descriptions of customers who differ.

use serde_json::Value;

use super::command::{UNTIL, shop};

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

/// A run fits, tests, predicts and shows with covariates what the commands do one by one.
#[test]
fn a_run_with_covariates_is_the_fit_the_predictions_and_the_page() {
    let folder = shop();
    let covariates = "--covariates channel --spend-covariates log(frequency) --purchase-covariates decade --customer-table decades.csv";
    let run = folder.clv(&format!(
        "run orders.csv {UNTIL} --model mbg-nbd {covariates} --horizons 6m --format csv -o out --tables tables --split 2020-03-15 --json"
    ));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let json = run.json();
    let fit = folder.clv(&format!("fit orders.csv {UNTIL} --model mbg-nbd {covariates} -o model.json --json")).json();
    for part in ["timing", "spend"] {
        assert_eq!(json["model"][part]["covariates"], fit["model"][part]["covariates"]);
    }
    let predict = folder.clv(&format!(
        "predict orders.csv {UNTIL} --customer-table decades.csv --model model.json --horizons 6m -o alone.csv --json"
    ));
    assert_eq!(predict.code, 0, "{}", predict.stderr);
    assert_eq!(folder.read("out/customers.csv"), folder.read("alone.csv"));
    assert_eq!(json["forecast"], predict.json()["forecast"]);

    // The page tells what differs, and tests the model that it shows.
    let page = folder.read("out/report.html");
    for part in
        ["What customers differ by", "channel online purchases ", "times as often as store", "MBG/NBD with covariates"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains("customers with channel store"));
    // Of customers who spend by how often they come there is no one curve of equal value.
    assert!(!folder.path().join("tables/iso-value.csv").exists());
    let coefficients: Value = serde_json::from_str(&folder.read("tables/coefficients.json")).unwrap();
    let rows = coefficients.as_array().unwrap();
    let known = fit["model"]["timing"]["covariates"]["coefficients"].as_array().unwrap();
    let of_spend = fit["model"]["spend"]["covariates"]["coefficients"].as_array().unwrap();
    assert_eq!(rows.len(), known.len() + of_spend.len());
    for (row, known) in rows.iter().zip(known.iter().chain(of_spend)) {
        assert_eq!((&row["process"], &row["column"]), (&known["process"], &known["column"]));
        assert!((number(&row["factor"]) / number(&known["estimate"]).exp() - 1.0).abs() < 1e-12);
    }
    // Expected customers by frequency are all customers.
    let bins: Value = serde_json::from_str(&folder.read("tables/frequency-histogram.json")).unwrap();
    let expected = bins.as_array().unwrap().iter().filter(|bin| bin["series"] == "expected");
    let all: f64 = expected.map(|bin| number(&bin["customers"])).sum();
    assert!((all - 160.0).abs() < 1e-6, "{all}");
}

#[test]
fn a_report_without_a_test_tells_what_differs() {
    let folder = shop();
    let report = folder.clv(&format!(
        "report orders.csv {UNTIL} --no-spend --model mbg-nbd --purchase-covariates channel --no-holdout -o page.html --json"
    ));
    assert_eq!(report.code, 0, "{}", report.stderr);
    assert!(folder.read("page.html").contains("channel online purchases "));
    let json = report.json();
    assert_eq!(json["model"]["timing"]["covariates"]["coefficients"][0]["column"], "channel=online");
    // What is said of other models is said of both without covariates.
    for verdict in json["verdicts"].as_array().unwrap() {
        let text = verdict["text"].as_str().unwrap();
        assert!(!text.contains("has a BIC") || text.contains("both without covariates"), "{text}");
    }
}

/// Every model, with covariates and without.
#[test]
#[ignore = "minutes without optimisation"]
fn a_report_compares_with_and_without() {
    let folder = shop();
    let report = folder.clv(&format!(
        "report orders.csv {UNTIL} --no-spend --model mbg-nbd --purchase-covariates channel --no-holdout --compare -o page.html"
    ));
    assert_eq!(report.code, 0, "{}", report.stderr);
    let page = folder.read("page.html");
    assert!(page.contains("NBD with covariates</bdi>") && page.contains("beside it without: likelihood ratio"));
}

/// The future of described customers is that of predictions, and a new customer is the mean of those like last year's.
#[test]
fn a_description_sets_the_future_of_customers_who_differ_beside_their_past() {
    let folder = shop();
    let fit = folder.clv(&format!(
        "fit orders.csv {UNTIL} --model mbg-nbd --purchase-covariates channel --spend-covariates channel -o model.json"
    ));
    assert_eq!(fit.code, 0, "{}", fit.stderr);
    let describe = folder.clv(&format!("describe orders.csv {UNTIL} --model model.json --horizons 6m --json"));
    assert_eq!(describe.code, 0, "{}", describe.stderr);
    let json = describe.json();
    let equity = &json["tables"]["equity"][0];
    let predict = folder.clv(&format!("predict orders.csv {UNTIL} --model model.json --horizons 6m -o all.csv"));
    assert_eq!(predict.code, 0, "{}", predict.stderr);
    let table = folder.read("all.csv");
    let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let clv = header.iter().position(|name| *name == "clv_6m").unwrap();
    let sum: f64 = lines.map(|line| line[clv].parse::<f64>().unwrap()).sum();
    assert!((number(&equity["static_equity"]) / sum - 1.0).abs() < 1e-6, "{equity} {sum}");

    let new = |channel: &str| {
        let run = folder
            .clv(&format!("predict --new --with channel={channel} --model model.json --horizons 6m -o {channel}.csv"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        let table = folder.read(&format!("{channel}.csv"));
        let mut lines = table.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let place = header.iter().position(|name| name.starts_with("lifetime_value_6m")).unwrap();
        lines.next().unwrap()[place].parse::<f64>().unwrap()
    };
    // All came in the last year, every third of them online.
    let mean = (54.0 * new("online") + 106.0 * new("store")) / 160.0;
    let ours = number(&equity["value_of_a_new_customer"]);
    assert!((ours / mean - 1.0).abs() < 1e-5, "{ours} {mean}");
}
