//! `auto`: the model that describes the data best, chosen in the open.

use clv::fit::CONTENDERS;
use clv::model_file::ModelFile;
use serde_json::Value;

use crate::command::Folder;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/cdnow/orders-sample.csv");

/// `parameters ln(2357) - 2 ln L` of log-likelihoods that are published or were computed independently: BG/NBD, Pareto/NBD and NBD of
/// Fader, Hardie & Lee (2005), of which the last digits are those of 30-digit arithmetic; with two stages from an optimiser and a
/// likelihood of their own.
fn known() -> [(&'static str, usize, f64, f64); 6] {
    let ln_n = 2357.0f64.ln();
    [
        ("mbg-nbd", 4, -9582.1357, 5e-5),
        ("bg-nbd", 4, -9582.4292, 5e-5),
        ("pareto-nbd", 4, -9594.976, 5e-4),
        ("mbg-cnbd-2", 5, -9853.25, 5e-3),
        ("bg-cnbd-2", 5, -9855.33, 5e-3),
        ("pareto-cnbd-2", 5, -9891.8384, 5e-5),
    ]
    .map(|(model, parameters, ln_likelihood, digits)| {
        (model, parameters, parameters as f64 * ln_n - 2.0 * ln_likelihood, 2.0 * digits)
    })
}

#[test]
fn contenders_stand_in_the_model_file_with_their_criteria() {
    let folder = Folder::new();
    let options = format!("fit {SAMPLE} --until 1997-09-30 --no-spend --model auto -o model.json");
    let fit = folder.clv(&options);
    assert_eq!(fit.code, 0, "{}", fit.stderr);
    let file: Value = serde_json::from_str(&folder.read("model.json")).unwrap();
    assert_eq!(file["timing"]["model"], "mbg-nbd");
    let contenders = file["timing"]["selection"]["contenders"].as_array().unwrap();
    assert_eq!(contenders.len(), CONTENDERS.len());
    let mut last = f64::NEG_INFINITY;
    for contender in contenders {
        let bic = contender["bic"].as_f64().unwrap();
        assert!(bic >= last);
        last = bic;
    }
    for (model, parameters, bic, tolerance) in known() {
        let found = contenders.iter().find(|contender| contender["model"] == model).unwrap();
        assert_eq!(found["parameters"], parameters, "{model}");
        let ours = found["bic"].as_f64().unwrap();
        assert!((ours - bic).abs() <= tolerance, "{model}: {ours} is not {bic}");
    }
    // BG/NBD is .6 behind: no reason to prefer either.
    assert!(
        fit.stdout.contains("chosen: MBG/NBD, with the smallest BIC; BG/NBD describes these data equally well"),
        "{}",
        fit.stdout
    );
    assert!(folder.clv(&format!("predict {SAMPLE} --until 1997-09-30 --model model.json -o p.csv")).code == 0);
}

/// The orders of simulated customers of a known model.
fn simulated(folder: &Folder, name: &str, timing: &str) {
    let model = format!(
        r#"{{"format": "clv-model", "version": 1, "producer": "test", "source": "made up",
             "data": {{"unit": "week", "grain": "day", "end": "2020-12-31"}}, "timing": {timing}}}"#
    );
    folder.write("truth.json", model);
    let simulate = format!(
        "simulate --customers 4000 --seed 3 --model truth.json --start 2020-01-01 --joining 20w --length 78w -o {name}"
    );
    let made = folder.clv(&simulate);
    assert_eq!(made.code, 0, "{}", made.stderr);
}

const REGULAR: &str = r#"{"model": "mbg-cnbd", "parameters": {"k": 3, "r": 1.3, "alpha": 2.8, "a": 0.42, "b": 1.8}}"#;
const NOBODY_LEAVES: &str = r#"{"model": "nbd", "parameters": {"r": 0.9, "alpha": 6.0}}"#;

fn selection(folder: &Folder, words: &str) -> (String, Value) {
    let fit = folder.clv(&format!("{words} --json"));
    let json = fit.json();
    let timing = &json["model"]["timing"];
    let k = timing["parameters"]["k"].as_u64().map_or_else(String::new, |k| format!("-{k}"));
    (format!("{}{k}", timing["model"].as_str().unwrap()), timing["selection"].clone())
}

#[test]
fn the_truth_is_chosen() {
    let folder = Folder::new();
    simulated(&folder, "regular.csv", REGULAR);
    let (model, chosen) = selection(&folder, "fit regular.csv --no-spend --model auto");
    assert_eq!(model, "mbg-cnbd-3");
    assert_eq!(chosen["contenders"][0]["parameters"], 5);
    simulated(&folder, "steady.csv", NOBODY_LEAVES);
    // Models with dropout reach the same likelihood with more parameters.
    let (model, chosen) = selection(&folder, "fit steady.csv --no-spend --model auto");
    assert_eq!(model, "nbd");
    assert_eq!(chosen["contenders"][0]["parameters"], 2);
}

#[test]
fn what_cannot_be_fitted_is_named() {
    let folder = Folder::new();
    simulated(&folder, "regular.csv", REGULAR);
    assert_eq!(folder.clv("summarize regular.csv -o summary.csv").code, 0);
    // A summary in CSV does not know the times between purchases.
    let fit = folder.clv("fit summary.csv --no-spend --model auto -o model.json");
    assert_eq!(fit.code, 0, "{}", fit.stderr);
    let said = "warning: could not be chosen: BG/CNBD, MBG/CNBD, Pareto/CNBD (these data do not have the times between purchases;";
    assert!(fit.stderr.contains(said), "{}", fit.stderr);
    let file = ModelFile::read(&folder.path().join("model.json")).unwrap();
    let timing = file.timing.unwrap();
    let chosen = timing.selection.unwrap();
    assert_eq!((chosen.contenders.len(), chosen.left_out.len()), (4, 3));
    assert_eq!(chosen.contenders[0].model, timing.model.kind());
}

#[test]
fn a_choice_that_cannot_have_led_to_the_model_is_damaged() {
    let folder = Folder::new();
    let fit = folder.clv(&format!("fit {SAMPLE} --until 1997-09-30 --no-spend --model auto -o model.json"));
    assert_eq!(fit.code, 0);
    let text = folder.read("model.json");
    assert_eq!(ModelFile::from_json(&text, "m.json").unwrap().to_json(), text);
    let damaged = text.replacen(
        "\"model\": \"mbg-nbd\",\n          \"parameters\": 4",
        "\"model\": \"nbd\",\n          \"parameters\": 4",
        1,
    );
    assert_ne!(damaged, text);
    let error = ModelFile::from_json(&damaged, "m.json").unwrap_err().to_string();
    assert!(error.contains("damaged choice of the timing model"), "{error}");
}

/// The usual model is kept, and a clearly better one named with the way to take it.
#[test]
fn a_run_names_a_clearly_better_model() {
    let folder = Folder::new();
    simulated(&folder, "regular.csv", REGULAR);
    let headline = "Another model describes these orders clearly better";
    let verdict = |words: &str| {
        let json = folder.clv(&format!("run regular.csv --no-spend -o out {words} --json")).json();
        let verdicts = json["verdicts"].as_array().unwrap().clone();
        verdicts
            .into_iter()
            .find(|verdict| verdict["headline"] == headline)
            .map(|verdict| verdict["text"].as_str().unwrap().to_owned())
    };
    let text = verdict("").unwrap();
    assert!(text.starts_with("MBG/CNBD-2, in which customers purchase at regular intervals, has a BIC "), "{text}");
    assert!(text.contains(" below that of BG/NBD. Customers come at regular intervals: from the last two"), "{text}");
    assert!(text.contains(" --model mbg-cnbd selects it"), "{text}");
    assert!(folder.read("out/report.html").contains("--model mbg-cnbd selects it"));
    assert_eq!(verdict("--model mbg-cnbd"), None);
    assert_eq!(verdict("--model auto"), None);
    // Compared with all of them, the best of all is named.
    assert!(verdict("--compare").unwrap().starts_with("MBG/CNBD-3, in which"));
}

#[test]
fn an_evaluation_tells_and_scores_what_would_have_been_chosen() {
    let folder = Folder::new();
    simulated(&folder, "regular.csv", REGULAR);
    let json = folder.clv("evaluate regular.csv --no-spend --origins 2 --step 8w --tables tables --json").json();
    for evaluation in json["evaluations"].as_array().unwrap() {
        let model = &evaluation["models"][1];
        assert_eq!((&model["forecaster"], &model["model"]), (&Value::from("auto"), &Value::from("mbg-cnbd-3")));
        let best = &model["selection"]["contenders"][0];
        assert_eq!(best["model"], "mbg-cnbd-3");
        let row = |who: &str| {
            let rows = evaluation["scores"].as_array().unwrap();
            rows.iter().find(|row| row["forecaster"] == who).unwrap()["mean_absolute_error"].as_f64().unwrap()
        };
        assert!(row("auto") < row("bg-nbd"));
    }
    let spread = json["spread"].as_array().unwrap();
    assert!(spread.iter().any(|row| row["forecaster"] == "auto" && row["splits"] == 2));
    assert!(folder.names().contains(&"tables".to_owned()));
    assert!(folder.path().join("tables/purchase-deciles-auto.csv").is_file());
    // The tables are known as clv's own, and replaced.
    assert_eq!(folder.clv("evaluate regular.csv --no-spend --tables tables").code, 0);
    let twice = folder.clv("evaluate regular.csv --model auto,auto");
    assert!(twice.code == 2 && twice.stderr.contains("auto appears twice in --model"), "{}", twice.stderr);
    // Where the chosen model was named, too, its figures stand there.
    let named = folder.clv("evaluate regular.csv --no-spend --model mbg-cnbd,auto");
    assert!(named.stdout.contains("its figures are above"), "{}", named.stdout);
    assert_eq!(named.stdout.matches("Deciles of customers").count(), 1);
}

/// By the month CDNOW looks regular, and is not: times between purchases of a few months are one, two or three, whoever comes.
#[test]
fn what_the_grain_makes_look_regular_is_doubted() {
    let folder = Folder::new();
    let monthly = "--until 1997-09-30 --no-spend --grain month --unit month";
    let fit = folder.clv(&format!("fit {SAMPLE} {monthly} --model mbg-cnbd -o model.json"));
    assert_eq!(fit.code, 0, "{}", fit.stderr);
    let k = serde_json::from_str::<Value>(&folder.read("model.json")).unwrap()["timing"]["parameters"]["k"].as_u64();
    assert!(k > Some(1), "{k:?}");
    assert!(
        fit.stderr.contains("months on average and counted in whole months, which by itself looks regular"),
        "{}",
        fit.stderr
    );
    let json = folder.clv(&format!("run {SAMPLE} {monthly} --no-holdout -o out --json")).json();
    let verdicts = json["verdicts"].to_string();
    assert!(!verdicts.contains("regular intervals"), "{verdicts}");
    // By the day it is found to be neither.
    let daily = folder.clv(&format!("fit {SAMPLE} --until 1997-09-30 --no-spend --model mbg-cnbd -o model.json"));
    assert_eq!((daily.code, daily.complaints()), (0, ""), "{}", daily.stderr);
}

/// A comparison has all models already.
#[test]
fn a_comparison_takes_models_alone() {
    let folder = Folder::new();
    let refused = folder.clv(&format!("compare {SAMPLE} --models auto"));
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("invalid value 'auto'"), "{}", refused.stderr);
}
