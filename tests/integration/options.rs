//! Options given by name, as a request gives them: what is taken is what was given, and what cannot be taken says so.

use std::collections::BTreeMap;
use std::fmt::Debug;

use clv::answers::Questions;
use clv::evaluate::{EvaluationOptions, Origins, Split};
use clv::model_file::ModelOptions;
use clv::options::{Wrong, changed, defaults, take, values};
use clv::orders::OrderOptions;
use clv::report::PageOptions;
use clv::simulate::Simulation;
use clv::summary_file::SummaryOptions;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn by_name(request: &Value) -> BTreeMap<String, Value> {
    request.as_object().unwrap().clone().into_iter().collect()
}

/// Takes the options and gives them again by name.
fn comes_back<T: Default + Serialize + DeserializeOwned + Debug>(request: Value) -> T {
    let mut rest = by_name(&request);
    let options: T = take(&mut rest).unwrap();
    assert!(rest.is_empty(), "{rest:?}");
    let names: Vec<String> = by_name(&request).into_keys().collect();
    assert_eq!(changed(&options), names);
    let back = values(&options);
    for (name, value) in by_name(&request) {
        assert_eq!(back[&name], value, "{name}");
    }
    options
}

#[test]
fn all_options_come_back_as_they_were_given() {
    let orders: OrderOptions = comes_back(json!({
        "customer": "who", "amount": "total", "order": "id", "refund": "back", "refund_date": "on", "where": ["status=paid", "total>0"],
        "ignore": ["x"], "keep": ["country"], "date_format": "%d/%m/%Y", "timezone": "Europe/Berlin", "decimal_comma": true,
        "currency": "EUR", "amount_per": "line", "refund_per": "order", "repeated_orders": "add", "exact_ids": true, "max_left_out": 0.05,
        "delimiter": "tab", "returns": "drop", "duplicates": "drop", "grain": "month", "until": "2024-06-30", "unit": "month",
        "from": "2024-01-01", "first_purchase_before": "2024-03-01", "strict": true,
    }));
    assert_eq!(orders.columns.conditions.len(), 2);
    comes_back::<SummaryOptions>(
        json!({ "customer": "who", "unit": "day", "until": "2024-06-30", "keep": ["country"], "ignore": ["n"] }),
    );
    comes_back::<ModelOptions>(json!({
        "model": "pareto-cnbd-2", "spend": false, "prior_sd": 2.0, "robust": true, "bootstrap": 200, "bootstrap_by": "model"
    }));
    comes_back::<Questions>(json!({
        "horizons": ["13w", "3m..6m", "forever"], "margin": "margin", "discount": 0.1, "cac": 20.0, "counts": 3, "next": [50.0],
        "intervals": [80.0], "over": [100.0], "standard_errors": true, "parameter_draws": 50, "totals": true, "by": "country",
        "target": 1e6, "futures": 500, "seed": 7, "sort": "value",
    }));
    comes_back::<EvaluationOptions>(json!({
        "models": ["nbd", "auto"], "spend": false, "hiatus": "90d", "intervals": [50.0], "tiers": "5-tiles", "seed": 2
    }));
    let origins: Origins = comes_back(json!({ "holdout": "39w", "origins": 3, "step": "3m" }));
    assert_eq!(origins.split, Split::Holdout("39w".parse().unwrap()));
    comes_back::<PageOptions>(json!({ "test": false, "split": "2024-01-31", "compare": true, "top": 5, "seed": 2 }));
    comes_back::<Simulation>(
        json!({ "customers": 10, "seed": 3, "start": "2020-02-29", "joining": "6m", "length": "2y" }),
    );
}

#[test]
fn numbers_may_be_written_in_several_ways() {
    let questions = |request: Value| take::<Questions, _>(&mut by_name(&request)).unwrap();
    assert_eq!(
        questions(json!({ "margin": "30%", "discount": "10%" })),
        questions(json!({ "margin": 0.3, "discount": 0.1 }))
    );
    let orders = |request: Value| take::<OrderOptions, _>(&mut by_name(&request)).unwrap();
    assert_eq!(orders(json!({ "max_left_out": "5%" })).max_left_out, Some(0.05));
    let origins = |request: Value| take::<Origins, _>(&mut by_name(&request)).unwrap();
    assert_eq!(origins(json!({ "split": 0.5 })), origins(json!({ "split": "0.5" })));
    // Nothing is what is usual where there may be nothing.
    assert_eq!(origins(json!({ "split": null, "holdout": null, "step": null })), Origins::default());
}

#[test]
fn what_cannot_be_taken_says_of_which_option_and_what_to_give() {
    fn wrong<T: Default + Serialize + DeserializeOwned + Debug>(request: Value) -> (String, String) {
        let Wrong { option, error } = take::<T, _>(&mut by_name(&request)).unwrap_err();
        (option, error.to_string())
    }
    for (request, name, words) in [
        (json!({ "until": "yesterday" }), "until", "write it like 1997-09-30"),
        (json!({ "returns": "keep" }), "returns", "expected one of `net`, `drop`, `error`"),
        (json!({ "where": ["nothing"] }), "where", "compares nothing"),
        (json!({ "timezone": "Nowhere" }), "timezone", "no time zone `Nowhere`"),
        (json!({ "decimal_comma": true, "thousands": "," }), "thousands", "the comma cannot be both"),
        (json!({ "currency": "doubloon" }), "currency", "is not a currency"),
        (json!({ "max_left_out": 2 }), "max_left_out", "give a share like 5% or 0.05"),
        (json!({ "strict": 1 }), "strict", "expected a boolean"),
        (json!({ "delimiter": "ab" }), "delimiter", "cannot be a delimiter"),
    ] {
        let (option, error) = wrong::<OrderOptions>(request);
        assert_eq!(option, name);
        assert!(error.contains(words), "{name}: {error}");
    }
    assert!(wrong::<Questions>(json!({ "margin": "30%%" })).1.contains("per cents like 30%"));
    assert!(wrong::<Questions>(json!({ "cac": "30%" })).1.contains("give a number like 20"));
    assert!(wrong::<Questions>(json!({ "discount": -1 })).1.contains("annual discount rate is -1"));
    assert!(wrong::<Origins>(json!({ "split": 0.5, "holdout": "6m" })).1.contains("not both"));
    assert!(wrong::<ModelOptions>(json!({ "model": "bg" })).1.contains("bg"));
    assert!(wrong::<EvaluationOptions>(json!({ "tiers": "0-tiles" })).1.contains("2 to 100 parts"));
}

#[test]
fn structs_refuse_what_they_do_not_have() {
    assert!(
        serde_json::from_value::<Questions>(json!({ "horizon": ["3m"] }))
            .unwrap_err()
            .to_string()
            .contains("unknown field `horizon`")
    );
    assert!(serde_json::from_value::<ModelOptions>(json!({ "fit": { "sd": 2 } })).is_err());
    assert!(defaults::<Questions>().keys().all(|name| name != "decimal_comma"));
}
