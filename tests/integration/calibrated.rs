//! `--calibrate` and `--median` as a user meets them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::command::{Folder, Records, cdnow};

const END: &str = "1997-09-30";

/// Repeat purchases and their value after a day until the end, by customer.
fn repeats_after(day: &str) -> BTreeMap<String, (f64, f64)> {
    let orders = Records::new(&std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap());
    let mut days: BTreeMap<(String, String), f64> = BTreeMap::new();
    for row in 0..orders.rows.len() {
        let date = orders.text(row, "order_date").to_owned();
        if &*date <= END {
            *days.entry((orders.text(row, "customer_id").to_owned(), date)).or_default() +=
                orders.number(row, "amount");
        }
    }
    let mut firsts: BTreeMap<&str, &str> = BTreeMap::new();
    days.keys().for_each(|(customer, date)| {
        firsts.entry(customer).or_insert(date);
    });
    let mut repeats: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for ((customer, date), amount) in &days {
        let of = repeats.entry(customer.clone()).or_default();
        if &**date > day && firsts[&**customer] != date {
            *of = (of.0 + 1.0, of.1 + amount);
        }
    }
    repeats
}

fn weight(model: &Value, horizon: usize, of: &str, part: &str) -> f64 {
    model["calibration"][horizon][of][part]["estimate"].as_f64().unwrap()
}

/// Each calibrated number is the model's and the last period's, which is counted here from the orders, by the weights in the model file.
#[test]
fn calibrated_columns_mix_the_model_and_the_last_period() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let run = format!(
        "run {orders} --until {END} --horizons 13w,26w,13w..26w --margin 0.5 --no-report --format csv --calibrate --model bg-nbd"
    );
    let outcome = folder.clv(&run);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let model: Value = serde_json::from_str(&folder.read("clv-results/model.json")).unwrap();
    assert_eq!(model["calibration"].as_array().unwrap().len(), 2);
    assert_eq!((&model["calibration"][0]["horizon"], &model["calibration"][0]["days"]), (&"13w".into(), &91.into()));
    // Half of what was observed is 136 days, less than 26 weeks.
    assert_eq!(
        (&model["calibration"][1]["learned_on"][0], &model["calibration"][1]["days"]),
        (&"1997-05-17".into(), &136.into())
    );
    let table = Records::new(&folder.read("clv-results/customers.csv"));
    // A later period has none.
    assert_eq!(table.header.iter().filter(|name| name.ends_with("_calibrated")).count(), 4, "{:?}", table.header);
    for (i, (horizon, day)) in [("13w", "1997-07-01"), ("26w", "1997-04-01")].into_iter().enumerate() {
        let repeats = repeats_after(day);
        for row in 0..table.rows.len() {
            let (purchases, value) = repeats[table.text(row, "customer_id")];
            let number = |column: &str| table.number(row, &format!("{column}_{horizon}"));
            let mixed = |of: &str, model_says: f64, last: f64| {
                weight(&model, i, of, "model") * model_says + weight(&model, i, of, "last_period") * last
            };
            let known = mixed("purchases", number("purchases"), purchases);
            let ours = table.number(row, &format!("purchases_{horizon}_calibrated"));
            assert!((ours - known).abs() < 1e-9, "{horizon} {row}: {ours} {known}");
            let known = mixed("value", number("clv"), 0.5 * value);
            let ours = table.number(row, &format!("clv_{horizon}_calibrated"));
            assert!((ours - known).abs() < 1e-6, "{horizon} {row}: {ours} {known}");
        }
    }
    assert!(
        outcome.stdout.contains("calibrated 13w: ") && outcome.stdout.contains("learned from"),
        "{}",
        outcome.stdout
    );

    // A model file that knows the weights is not taught anew, and gives the same numbers; one that does not is.
    let predict =
        format!("predict {orders} --until {END} --horizons 13w,26w --margin 0.5 --calibrate -o p.csv --model");
    let again = folder.clv(&format!("{predict} clv-results/model.json"));
    assert!(again.stdout.contains("known from the model file"), "{}{}", again.stdout, again.stderr);
    let known = Records::new(&folder.read("p.csv"));
    for column in ["purchases_13w_calibrated", "clv_26w_calibrated"] {
        assert_eq!(
            (0..9).map(|row| known.text(row, column)).collect::<Vec<_>>(),
            (0..9).map(|row| table.text(row, column)).collect::<Vec<_>>()
        );
    }
    let fit = folder.clv(&format!("fit {orders} --until {END} --model bg-nbd -o plain.json"));
    assert_eq!(fit.code, 0, "{}", fit.stderr);
    let anew = folder.clv(&format!("{predict} plain.json"));
    assert!(anew.code == 0 && !anew.stdout.contains("known from the model file"), "{}{}", anew.stdout, anew.stderr);
    assert_eq!(
        Records::new(&folder.read("p.csv")).sum("purchases_13w_calibrated"),
        table.sum("purchases_13w_calibrated")
    );
}

#[test]
fn calibration_takes_orders_that_teach() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    folder.clv(&format!("summarize {orders} --until {END} -o s.csv"));
    folder.clv("fit s.csv --model bg-nbd -o m.json");
    let refused = folder.clv("predict s.csv --model m.json --calibrate -o p.csv");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--calibrate takes orders: a summary does not say"), "{}", refused.stderr);
    let refused = folder.clv("predict --new --model m.json --calibrate");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--calibrate is about customers with orders"), "{}", refused.stderr);
    // Ten customers who all came back once, and next to nobody before: nothing is learned, and that is said.
    let few: String = (0..12).map(|i| format!("{i},2024-01-{:02},5\n{i},2024-06-{:02},7\n", i + 1, i + 1)).collect();
    folder.write("few.csv", format!("customer_id,date,amount\n{few}"));
    let outcome = folder.clv("predict few.csv --model m.json --no-spend --horizons 30d --calibrate -o few-p.csv");
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("30d is not calibrated, and the model's own numbers stand"), "{}", outcome.stderr);
    assert!(!Records::new(&folder.read("few-p.csv")).has("purchases_30d_calibrated"));
}

/// The median by its definition, from the chances of each number of purchases; of value it is 0 where no purchase is as likely as one.
#[test]
fn medians_are_where_half_of_the_chance_lies() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let run = format!(
        "run {orders} --until {END} --horizons 39w --no-report --format csv --median --counts 60 --intervals 50 --model bg-nbd"
    );
    let outcome = folder.clv(&run);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let table = Records::new(&folder.read("clv-results/customers.csv"));
    let mut above = 0;
    for row in 0..table.rows.len() {
        let mut at_most = 0.0;
        let least = (0..=60).find(|n| {
            at_most += table.number(row, &format!("p_{n}_39w"));
            at_most >= 0.5
        });
        let median = table.number(row, "purchases_39w_median");
        assert_eq!(Some(median), least.map(f64::from), "{row}");
        let value = table.number(row, "value_39w_median");
        assert_eq!(value > 0.0, median > 0.0, "{row}");
        assert!(table.number(row, "value_39w_lo50") <= value && value <= table.number(row, "value_39w_hi50"));
        above += u32::from(median > 0.0);
    }
    assert!(above > 100, "{above}");
}
