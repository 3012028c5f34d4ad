//! A number has one name, in JSON as in the tables.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::command::{Folder, Records, cdnow};

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn totals_and_customers_are_called_in_json_as_in_their_tables() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let asked = "--horizons 3m,12m --intervals 80 --margin 0.3 --target 100000 --totals totals.csv";
    let run = folder.clv(&format!("run {orders} -o out --format csv {asked} --json")).json();
    let totals = Records::new(&folder.read("totals.csv"));
    for (i, horizon) in run["forecast"]["totals"].as_array().unwrap().iter().enumerate() {
        let all = &horizon["totals"][0];
        let of_table: BTreeSet<&str> = totals.header.iter().map(|name| &**name).collect();
        let beside: BTreeSet<&str> = ["horizon", "end"].into();
        assert_eq!(keys(all), &of_table - &beside);
        for (name, number) in all.as_object().unwrap().iter().filter(|(_, number)| number.is_f64()) {
            assert_eq!(number.as_f64().unwrap(), totals.number(i, name), "{name}");
        }
        assert_eq!(all["purchases"].as_f64().unwrap(), totals.number(i, "purchases"));
    }
    let customers = Records::new(&folder.read("out/customers.csv"));
    for best in run["forecast"]["top"].as_array().unwrap() {
        let id = best["customer_id"].as_str().unwrap();
        let row = (0..customers.rows.len()).find(|&row| customers.text(row, "customer_id") == id).unwrap();
        for (name, number) in best.as_object().unwrap().iter().filter(|(_, number)| number.is_number()) {
            assert_eq!(number.as_f64().unwrap(), customers.number(row, name), "{name} of {id}");
        }
        assert!(keys(best).is_superset(&["frequency", "T", "purchases_12m", "clv_12m"].into()));
    }
}

#[test]
fn scores_are_called_alike_wherever_they_stand() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let compared = folder.clv(&format!("compare {orders} --models bg-nbd --split 1997-09-30 --json")).json();
    let evaluated = folder.clv(&format!("evaluate {orders} --split 1997-09-30 --model bg-nbd --json")).json();
    let (model, scores) = (&compared["models"][0], &evaluated["evaluations"][0]["scores"][0]);
    assert_eq!(scores["what"], "purchases");
    for name in ["expected", "actual", "total_error", "mean_absolute_error", "root_mean_square_error", "correlation"] {
        let (one, other) = (model[format!("holdout_{name}")].as_f64().unwrap(), scores[name].as_f64().unwrap());
        assert!((one - other).abs() <= 1e-9 * other.abs(), "{name}: {one}, {other}");
    }
    // FHL05, table 3, and BTYD's means of weeks 40-78 by repeat purchases before.
    let actual = |name: &str| -> Vec<f64> {
        model[name].as_array().unwrap().iter().map(|row| row["actual"].as_f64().unwrap()).collect()
    };
    assert_eq!(actual("frequency_histogram"), [1411.0, 439.0, 214.0, 100.0, 62.0, 38.0, 29.0, 64.0]);
    let means = [0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359];
    assert!(actual("conditional_expectations").iter().zip(means).all(|(own, known)| (own - known).abs() < 5e-4));
}
