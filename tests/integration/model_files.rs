//! Every model file ever committed loads, and predicts.

use std::path::PathBuf;

use clv::model_file::{ModelFile, VERSION};
use clv::models::Timing;
use clv::summary::History;

use crate::command::Folder;

fn committed() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models");
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn committed_files_load_and_say_where_they_come_from() {
    let files = committed();
    assert!(files.len() >= 2);
    for path in files {
        let file = ModelFile::read(&path).unwrap();
        assert!(file.source.as_deref().is_some_and(|source| source.contains("(20")), "{}", path.display());
        if let Some(timing) = &file.timing {
            let history = History::new(2, 30.0, 38.0);
            let alive = timing.model.p_alive(&history);
            assert!(alive > 0.0 && alive <= 1.0);
        }
        assert_eq!(ModelFile::from_json(&file.to_json(), "again").unwrap().to_json(), file.to_json());
    }
}

/// What files that are written today say of their version.
fn today() -> String {
    format!("\"version\": {VERSION},")
}

/// A file of the second version, as it was written.
#[test]
fn files_of_version_2_are_read_and_written_as_those_of_today() {
    let text = include_str!("../data/model-version-2.json");
    assert!(text.contains("\"version\": 2,"));
    let model = ModelFile::from_json(text, "m.json").unwrap();
    assert!(model.predictor().is_ok() && model.timing.as_ref().unwrap().selection.is_none());
    assert_eq!(model.to_json(), text.replace("\"version\": 2,", &today()));
}

/// A file of the third version, as it was written: a choice of `k`.
#[test]
fn files_of_version_3_are_read_and_written_as_those_of_today() {
    let text = include_str!("../data/model-version-3.json");
    assert!(text.contains("\"version\": 3,"));
    let model = ModelFile::from_json(text, "m.json").unwrap();
    let timing = model.timing.as_ref().unwrap();
    assert!(!timing.fit.as_ref().unwrap().profile.is_empty() && timing.covariates.is_none());
    assert!(!model.predictor().unwrap().has_covariates());
    assert_eq!(model.to_json(), text.replace("\"version\": 3,", &today()));
}

/// A file of the fourth version, as it was written: covariates, and no calibration.
#[test]
fn files_of_version_4_are_read_and_written_as_those_of_today() {
    let text = include_str!("../data/model-version-4.json");
    assert!(text.contains("\"version\": 4,"));
    let model = ModelFile::from_json(text, "m.json").unwrap();
    assert!(model.predictor().unwrap().has_covariates() && model.calibration.is_empty());
    assert_eq!(model.to_json(), text.replace("\"version\": 4,", &today()));
}

/// Files of the first version, as it was written: a bootstrap, and a fit at a boundary whose interval has an infinite end, which
/// that version wrote as null and could not read.
#[test]
fn files_of_version_1_are_read_and_written_as_those_of_today() {
    let read = |name: &str| {
        let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains("\"version\": 1,"));
        (ModelFile::from_json(&text, name).unwrap(), text)
    };
    let (bootstrap, text) = read("model-version-1-bootstrap.json");
    let fit = bootstrap.timing.as_ref().unwrap().fit.as_ref().unwrap();
    assert_eq!((fit.draws.as_ref().unwrap().draws.len(), fit.robust), (10, true));
    assert_eq!(bootstrap.to_json(), text.replace("\"version\": 1,", &today()));

    let (boundary, text) = read("model-version-1-boundary.json");
    let fit = boundary.timing.as_ref().unwrap().fit.as_ref().unwrap();
    let endless: Vec<(f64, f64)> =
        fit.intervals.iter().flatten().copied().filter(|ends| ends.1.is_infinite()).collect();
    assert_eq!(endless.len(), 1, "{:?}", fit.intervals);
    assert!(endless[0].0 >= 0.0 && endless[0].0.is_finite());
    assert_eq!(boundary.to_json(), text.replace("\"version\": 1,", &today()));
    assert_eq!(ModelFile::from_json(&boundary.to_json(), "again").unwrap(), boundary);
    assert!(boundary.predictor().is_ok());
    // A lower end is a number.
    let damaged = text.replacen("0.0,\n          null", "null,\n          null", 1);
    assert!(damaged != text && ModelFile::from_json(&damaged, "m.json").is_err());
}

/// Draws beyond what a fit gives would keep a prediction busy for minutes.
#[test]
fn draws_that_no_refit_gives_are_refused() {
    let text = include_str!("../data/model-version-1-bootstrap.json");
    let draws = text.find("\"draws\": [").unwrap();
    let first = draws + text[draws..].find(|c: char| c.is_ascii_digit()).unwrap();
    let end = first + text[first..].find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap();
    for draw in ["1e300", "0.0", "-1.0", "1e-300"] {
        let damaged = format!("{}{draw}{}", &text[..first], &text[end..]);
        let error = ModelFile::from_json(&damaged, "m.json").unwrap_err().to_string();
        assert!(error.contains("m.json: a refit of the bootstrap: bg-nbd: r is"), "{error}");
    }
}

#[test]
fn models_that_do_not_fit_together_are_refused() {
    let folder = Folder::new();
    folder.write("orders.csv", "customer,date,amount\na,2020-01-01,5\na,2020-02-01,6\nb,2020-01-05,5\n");
    let models = format!("{}/models", env!("CARGO_MANIFEST_DIR"));
    let (timing, spend) =
        (format!("{models}/fader-hardie-lee-2005-bg-nbd.json"), format!("{models}/fader-hardie-2013-gamma-gamma.json"));
    let predict = |rest: &str| folder.clv(&format!("predict orders.csv {rest}"));

    let alone = predict(&format!("--model {spend}"));
    assert_eq!(alone.code, 2);
    assert!(alone.stderr.contains("spend model alone"), "{}", alone.stderr);
    let twice = predict(&format!("--model {timing} --model {timing}"));
    assert!(twice.stderr.contains("two model files with a timing model"), "{}", twice.stderr);
    let unit = predict(&format!("--model {timing} --unit day"));
    assert_eq!(unit.code, 1);
    assert!(unit.stderr.contains("time unit is the week, the data's is the day"), "{}", unit.stderr);
    let grain = predict(&format!("--model {timing} --grain week"));
    assert!(grain.stderr.contains("merged by day in one and by week in the other"), "{}", grain.stderr);
    let missing = predict("--model nowhere.json");
    assert!(missing.stderr.contains("cannot read model file nowhere.json"), "{}", missing.stderr);

    // Orders take the unit of the model.
    let days = std::fs::read_to_string(&timing).unwrap().replace("\"week\"", "\"day\"");
    folder.write("days.json", days);
    let table = predict("--model days.json");
    assert_eq!(table.code, 0, "{}", table.stderr);
    assert!(table.stdout.contains("\na,1,31,31,6,"), "{}", table.stdout);
}

/// Forty customers, of whom most come back, with amounts in this currency, if in any.
fn shop(currency: &str) -> String {
    let mut text = "customer_id,order_date,amount,currency\n".to_owned();
    for customer in 0..40 {
        for order in 0..=(customer % 6) {
            let (month, day) = (1 + customer % 4 + order, 1 + (customer * 5 + order * 3) % 28);
            text += &format!("{customer},2020-{month:02}-{day:02},{},{currency}\n", 10 + customer % 7 + order);
        }
    }
    text
}

#[test]
fn a_model_is_asked_about_amounts_in_its_own_currency() {
    let folder = Folder::new();
    for (name, currency) in [("euros", "EUR"), ("dollars", "USD"), ("unknown", "")] {
        folder.write(&format!("{name}.csv"), shop(currency));
        let done = folder.clv(&format!("fit {name}.csv --until 2020-12-31 -o {name}.json"));
        assert_eq!(done.code, 0, "{}", done.stderr);
        let known = !currency.is_empty();
        assert_eq!(done.stdout.contains(&format!("\n  amounts in {currency}\n")), known, "{}", done.stdout);
        assert_eq!(done.stdout.contains(&format!("spend per purchase, in {currency}\n")), known, "{}", done.stdout);
        assert_eq!(folder.read(&format!("{name}.json")).contains("currency"), known);
        let model = ModelFile::read(&folder.path().join(format!("{name}.json"))).unwrap();
        assert_eq!(model.data.unwrap().currency.map(|code| code.to_string()).unwrap_or_default(), currency);
        assert_eq!(folder.clv(&format!("summarize {name}.csv --until 2020-12-31 -o {name}-summary.csv")).code, 0);
    }
    let predict = |words: &str| folder.clv(&format!("predict {words} --until 2020-12-31 --horizons 3m"));
    let refused = predict("dollars.csv --model euros.json");
    assert!(
        refused.code != 0 && refused.stderr.contains("the model's amounts are in EUR, the data's are in USD"),
        "{}",
        refused.stderr
    );
    for unrefused in [
        "euros.csv --model euros.json",
        "unknown.csv --model euros.json",
        "dollars.csv --model unknown.json",
        "dollars-summary.csv --model euros.json",
        "dollars.csv --model euros.json --no-spend",
    ] {
        let done = predict(unrefused);
        assert_eq!(done.code, 0, "{unrefused}: {}", done.stderr);
    }
}

/// Of two files, the amounts are those that the spend model was fitted to.
#[test]
fn the_currency_is_that_of_the_spend_model() {
    let part = |currency: &str, model: &str| {
        let text = format!(
            r#"{{"format":"clv-model","version":2,"producer":"p","data":{{"unit":"week","grain":"day","end":"2020-12-31"{currency}}},{model}}}"#
        );
        ModelFile::from_json(&text, "m.json")
    };
    let timing = r#""timing":{"model":"bg-nbd","parameters":{"r":0.243,"alpha":4.414,"a":0.793,"b":2.426}}"#;
    let spend = r#""spend":{"model":"gamma-gamma","parameters":{"p":6.25,"q":3.74,"gamma":15.44}}"#;
    let [euro, dollar] = [r#","currency":"EUR""#, r#","currency":"USD""#];
    for (of_timing, of_spend, expected) in [(euro, dollar, "USD"), ("", dollar, "USD"), (euro, "", "")] {
        let (timing, spend) = (part(of_timing, timing).unwrap(), part(of_spend, spend).unwrap());
        for joined in [timing.clone().join(spend.clone()), spend.join(timing)] {
            let currency = joined.unwrap().predictor().unwrap().currency;
            assert_eq!(currency.map(|code| code.to_string()).unwrap_or_default(), expected);
        }
    }
    assert!(part(r#","currency":"euros""#, timing).unwrap_err().to_string().contains("three capitals"));
}
