//! `clv describe` as a user meets it, and its numbers against those of pandas.

use clv::describe::{Cohorts, Concentration, Description};
use clv::models::{MbgCnbd, Stages};
use clv::simulate::{Population, orders};
use clv::summary::{Cohort, CohortPeriod, Day, Grain, Observation, PurchaseLog, TimeUnit};
use proptest::prelude::*;
use serde_json::Value;

use crate::command::{Folder, Outcome, Records, cdnow};

fn near(found: &Value, expected: f64, by: f64) {
    let number = found.as_f64().unwrap_or_else(|| panic!("{found} is no number"));
    assert!((number - expected).abs() <= by, "{number} is not {expected}");
}

#[track_caller]
fn refused(outcome: &Outcome, code: i32, parts: &[&str]) {
    assert_eq!(outcome.code, code, "{}{}", outcome.stdout, outcome.stderr);
    for part in parts {
        assert!(outcome.stderr.contains(part), "no `{part}` in: {}", outcome.stderr);
    }
}

/// Customers with a purchase by month of their age, as `tests/reference/describe.py` counts them with pandas 3.1.1.
const ACTIVE: [(&str, &[u64]); 3] = [
    ("1997-01", &[781, 124, 95, 70, 65, 77, 65, 53, 52, 45, 62, 59, 45, 47, 63, 37, 37, 33]),
    ("1997-02", &[857, 134, 110, 75, 77, 75, 61, 61, 74, 70, 59, 57, 59, 70, 56, 59, 60]),
    ("1997-03", &[719, 87, 84, 78, 63, 64, 55, 57, 73, 65, 47, 51, 78, 32, 38, 45]),
];

/// From the same script: revenue of two cohorts in some months, shares of the best customers, Gini, scores.
const REVENUE: [(&str, usize, f64); 4] =
    [("1997-01", 0, 28592.70), ("1997-01", 17, 1327.56), ("1997-02", 5, 4595.60), ("1997-03", 15, 1681.64)];
const TOP: [(f64, f64); 5] = [
    (0.01, 0.143883299055),
    (0.05, 0.360427034174),
    (0.1, 0.507772440172),
    (0.2, 0.674229415359),
    (0.5, 0.894453376871),
];
const GINI: f64 = 0.630917117016;
const CELLS: [(u64, [u64; 5]); 5] = [
    (5, [0, 0, 0, 137, 334]),
    (4, [0, 0, 0, 296, 178]),
    (3, [363, 0, 0, 102, 10]),
    (2, [395, 0, 0, 55, 5]),
    (1, [460, 0, 0, 22, 0]),
];
const SUM_OF_MEAN_SCORES: f64 = 6810.666666666667;

#[test]
fn the_sample_is_what_pandas_says() {
    let folder = Folder::new();
    let sample = cdnow("orders-sample.csv");
    let found = folder.clv(&format!("describe {sample} -o customers.csv --json")).json();
    near(&found["describe"]["revenue"], 244091.94, 1e-6);
    near(&found["describe"]["concentration"]["gini"], GINI, 1e-11);
    for (row, (share, value)) in found["tables"]["concentration"].as_array().unwrap().iter().zip(TOP) {
        assert_eq!(row["share_of_customers"], share);
        near(&row["share_of_value"], value, 1e-11);
    }
    assert_eq!(found["tables"]["lorenz"].as_array().unwrap().len(), 101);
    let cohorts = found["tables"]["cohorts"].as_array().unwrap();
    for (label, active) in ACTIVE {
        let of: Vec<&Value> = cohorts.iter().filter(|cell| cell["cohort"] == label).collect();
        assert_eq!(of.iter().map(|cell| cell["active"].as_u64().unwrap()).collect::<Vec<_>>(), active);
        assert!(of.iter().zip(0..).all(|(cell, age)| cell["age"] == age && cell["complete"] == 1));
        near(&of[1]["retention"], active[1] as f64 / active[0] as f64, 1e-15);
    }
    for (label, age, revenue) in REVENUE {
        let cell = cohorts.iter().find(|cell| cell["cohort"] == label && cell["age"] == age).unwrap();
        near(&cell["revenue"], revenue, 1e-6);
    }
    for cell in found["tables"]["rfm"].as_array().unwrap() {
        let score = |name: &str| cell[name].as_u64().unwrap();
        let (_, row) = CELLS.iter().find(|(recency, _)| *recency == score("recency_score")).unwrap();
        assert_eq!(score("customers"), row[score("frequency_score") as usize - 1], "{cell}");
    }
    let customers = Records::new(&folder.read("customers.csv"));
    assert!((customers.sum("rfm_score") - SUM_OF_MEAN_SCORES).abs() < 1e-9);
    assert!((customers.sum("lifetime_value") - 244091.94).abs() < 1e-6);
}

#[test]
fn words_are_short_and_tables_are_written() {
    let folder = Folder::new();
    let sample = cdnow("orders-sample.csv");
    let shown = folder.clv(&format!("describe {sample} --until 1997-09-15 --margin 0.3 --cac 8 --tables tables"));
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    for part in [
        "Customers    2,357\n",
        "  cost of acquisition     -18,856.00         -8.00\n",
        "customers cost more than they brought",
        "Gini coefficient",
        "RFM: customers by scores of recency and frequency\n     F 1",
        "1997-03",
        "*\n",
        "of all customers have earned what they cost",
        "Wrote 6 tables to tables",
    ] {
        assert!(shown.stdout.contains(part), "no `{part}` in:\n{}", shown.stdout);
    }
    assert!(shown.stdout.lines().all(|line| line.chars().count() <= 132), "{}", shown.stdout);
    assert_eq!(shown.complaints(), "");
    let names: Vec<String> = ["cohorts", "concentration", "lorenz", "payback", "regularity", "rfm"]
        .iter()
        .flat_map(|name| [format!("{name}.csv"), format!("{name}.json")])
        .collect();
    let mut found: Vec<String> = std::fs::read_dir(folder.path().join("tables"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found, names);
    let cohorts = Records::new(&folder.read("tables/cohorts.csv"));
    // September is not over.
    let last = cohorts.rows.len() - 1;
    assert_eq!(
        (cohorts.text(last, "cohort"), cohorts.text(last, "age"), cohorts.text(last, "complete")),
        ("1997-03", "6", "0")
    );
    assert_eq!(cohorts.text(last - 1, "complete"), "1");
}

const ORDERS: &str = "\
customer_id,order_date,amount,cost,ship,source,cac
a,2020-01-05,100,60,5,ad,10
a,2020-02-10,50,30,5,ad,10
a,2020-02-20,-20,-12,1,ad,10
b,2020-01-31,40,,5,ad,10
b,2020-03-01,10,ten,5,ad,10
c,2020-02-01,30,40,5,shop,2
d,2020-03-10,0,0,0,shop,2
e,2020-03-11,-7,-3,0,shop,2
";

/// Revenue 130, 50, 30, 0 less goods 78, 0, 40, 0 and serving 11, 10, 5, 0.
#[test]
fn costs_are_taken_from_columns() {
    let folder = Folder::new();
    folder.write("orders.csv", ORDERS);
    let costs = "--cogs cost --serving ship --cac cac --by source";
    let run = folder.clv(&format!("describe orders.csv {costs} -o customers.csv --tables tables"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in
        ["1 row without an amount in `cost` (first: orders.csv line 5)", "1 row with an unreadable amount in `cost`"]
    {
        assert!(run.stdout.contains(part), "no `{part}` in {}", run.stdout);
    }
    let table = Records::new(&folder.read("customers.csv"));
    let values: Vec<f64> = (0..4).map(|row| table.number(row, "lifetime_value")).collect();
    assert_eq!(values, [130.0 - 78.0 - 11.0 - 10.0, 30.0, -17.0, -2.0]);
    // January to 10 March: three, three, two and one months.
    let per_month: Vec<f64> = (0..4).map(|row| table.number(row, "profit_per_period")).collect();
    assert_eq!(per_month, [31.0 / 3.0, 10.0, -8.5, -2.0]);
    let payback = Records::new(&folder.read("tables/payback.csv"));
    assert_eq!(payback.rows.len(), 3);
    // January: 100 + 40 - 60 - 10 for two customers who cost 10 each.
    assert_eq!((payback.text(0, "payback_age"), payback.number(0, "cac")), ("0", 10.0));
    assert_eq!((payback.text(1, "payback_age"), payback.number(1, "share_paid_back")), ("", 0.0));
    let groups = Records::new(&folder.read("tables/groups.csv"));
    assert_eq!(
        (groups.text(0, "group"), groups.number(0, "total_value"), groups.number(1, "total_value")),
        ("ad", 61.0, -19.0)
    );

    let window =
        folder.clv("describe orders.csv --window 2020-02-01..2020-02-29 --cac cac -o window.csv --json").json();
    near(&window["describe"]["lifetime_value"], 50.0 - 20.0 + 30.0 - 2.0, 1e-12);
    near(&window["describe"]["acquisition"], 2.0, 0.0);
    let table = Records::new(&folder.read("window.csv"));
    let values: Vec<&str> = (0..4).map(|row| table.text(row, "profit_per_period")).collect();
    assert_eq!(values, ["30", "0", "28", ""]);
    let strict = folder.clv("describe orders.csv --cogs cost --strict --returns drop");
    refused(&strict, 1, &["--cogs: 1 row without an amount", "--strict allows none"]);
}

#[test]
fn what_cannot_be_done_is_said() {
    let folder = Folder::new();
    folder.write("orders.csv", ORDERS);
    folder.write("none.csv", "customer_id,order_date,amount,cost\na,2020-01-05,100,\n");
    let describe = |options: &str| folder.clv(&format!("describe {options}"));
    refused(
        &describe("- --cogs cost"),
        2,
        &["standard input can be read only once", "--cogs reads the orders a second time"],
    );
    refused(&describe("orders.csv --cogs cost --margin 0.3"), 2, &["cannot be used with"]);
    refused(&describe("orders.csv --cogs price"), 1, &["price"]);
    refused(&describe("none.csv --cogs cost"), 1, &["--cogs cost: none of the 1 rows"]);
    refused(&describe("orders.csv --by country"), 1, &["country"]);
    refused(
        &describe("orders.csv --by source --control web"),
        2,
        &["--control web: there is no such group; there are ad, shop"],
    );
    refused(&describe("orders.csv --control web"), 2, &["--by"]);
    refused(&describe("orders.csv --horizons 6m"), 2, &["--model"]);
    refused(&describe("orders.csv --rfm 1"), 2, &["2 to 100"]);
    refused(&describe("orders.csv --recency-days 90,30"), 2, &["numbers that ascend"]);
    refused(&describe("orders.csv --rfm-weights 1,2"), 2, &["three numbers"]);
    refused(&describe("orders.csv --rfm-weights 0,0,0"), 2, &["are no weights"]);
    refused(&describe("orders.csv --rfm-weights 1,NaN,0"), 2, &["are no weights"]);
    for window in ["2020-01-01", "2020-01-01..yesterday", "1..2"] {
        refused(&describe(&format!("orders.csv --window {window}")), 2, &["is no window"]);
    }
    refused(&describe("orders.csv --window 2020-03-01..2020-01-01"), 2, &["ends before it begins"]);
    refused(
        &describe("orders.csv --window 2020-01-01..2021-01-01"),
        2,
        &["lies outside what was observed, 2020-01-05 to"],
    );
    refused(&describe("orders.csv --window 2019-01-01..2019-02-01"), 2, &["lies outside"]);
    let month = describe("orders.csv --grain month --window 2020-01-15..2020-02-29");
    refused(&month, 2, &["cuts a month in two", "begin on 2020-01-01 and end on 2020-02-29"]);
    refused(&describe("orders.csv --grain year --cohorts month"), 2, &["divides a year"]);
    refused(&describe("orders.csv -o orders.csv"), 2, &["is an input"]);
    refused(&describe("orders.csv -o customers.txt"), 2, &[".csv or .parquet"]);
    folder.write("file", "");
    refused(&describe("orders.csv --tables file"), 2, &["there is a file of this name"]);
    refused(&describe("orders.csv --tables /proc/tables"), 1, &["cannot create the output folder"]);
    refused(&describe("orders.csv --cac -3"), 2, &["0 or more"]);
    let clash = describe("orders.csv --by cac -o customers.csv --window ..2020-02-29");
    assert_eq!(clash.code, 0, "{}", clash.stderr);
    assert_eq!(folder.names(), ["customers.csv", "file", "none.csv", "orders.csv"]);
    std::fs::create_dir(folder.path().join("tables")).unwrap();
    std::fs::copy(folder.path().join("orders.csv"), folder.path().join("tables/rfm.csv")).unwrap();
    refused(&describe("tables/rfm.csv --tables tables"), 2, &["is an input"]);
}

/// Regularity as `tests/reference/describe.py` has it with pandas. By the month chance looks regular.
#[test]
fn cdnow_is_as_by_chance() {
    let folder = Folder::new();
    let sample = cdnow("orders-sample.csv");
    let found = folder.clv(&format!("describe {sample} --until 1997-09-30 --json --tables tables")).json();
    let regularity = &found["describe"]["regularity"];
    assert_eq!((&regularity["customers"], &regularity["pattern"]), (&507.into(), &"by chance".into()));
    near(&regularity["k"], 1.0484619353620497, 1e-12);
    near(&regularity["standard_error"], 0.06346824451066675, 1e-12);
    near(&regularity["k_by_chance"], 1.068342625844, 1e-11);
    let table = Records::new(&folder.read("tables/regularity.csv"));
    assert_eq!((table.text(0, "customers"), table.text(0, "pattern")), ("507", "by chance"));
    assert_eq!(table.number(0, "k"), regularity["k"].as_f64().unwrap());
    let said = folder.clv(&format!("describe {sample} --until 1997-09-30")).stdout;
    assert!(said.contains("by each customer's last two intervals (Wheat & Morrison's k)"), "{said}");
    assert!(said.contains("  k 1.05 ± 0.06, of 507 customers; by chance, by the day, 1.07\n"), "{said}");
    let monthly = &folder.clv(&format!("describe {sample} --until 1997-09-30 --grain month --json")).json()["describe"];
    near(&monthly["regularity"]["k"], 2.914524596632, 1e-11);
    near(&monthly["regularity"]["k_by_chance"], 3.200508966089, 1e-11);
    assert_eq!(monthly["regularity"]["pattern"], "by chance");
    // A summary does not know the last two.
    folder.clv(&format!("summarize {sample} --until 1997-09-30 -o summary.csv"));
    let of_summary = folder.clv("describe summary.csv --json").json();
    assert!(of_summary["describe"]["regularity"].is_null() && of_summary["tables"]["regularity"].is_null());
    folder.write("orders.csv", ORDERS);
    assert!(folder.clv("describe orders.csv --json").json()["describe"]["regularity"].is_null());
}

/// Customers who purchase every k-th event of a process of their own, about once in two months, in days of the calendar.
#[test]
fn regularity_of_simulated_customers_is_found() {
    for (k, pattern) in [(1, "by chance"), (2, "regular"), (3, "regular")] {
        let stages = Stages::new(k).unwrap();
        let timing = MbgCnbd { k: stages, r: 3.0, alpha: 24.0 / f64::from(k), a: 0.3, b: 3.0 };
        let start = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: "2020-01-01".parse().unwrap() };
        let mut log = PurchaseLog::default();
        let customers = Population { timing, spend: None, joining: 26.0, length: 156.0 }.customers(1990);
        for (number, customer) in customers.take(20_000).enumerate() {
            orders(&customer, &start).for_each(|(day, _)| log.add(&number.to_string(), day, 1.0).unwrap());
        }
        let end = Day(start.end.0 + 156 * 7);
        let (summary, _) = log.summary(TimeUnit::Week, end, &Cohort::default()).unwrap();
        let found = Description::of_orders(&mut log, &summary).unwrap().regularity.unwrap();
        let (estimate, error, truth) = (found.k().unwrap(), found.standard_error().unwrap(), f64::from(k));
        assert!(found.customers > 8000 && error < 0.04, "{found:?}");
        // Days hide the shortest intervals, which are of one day or none.
        assert!((estimate - truth).abs() < 4.0 * error + 0.03, "{k}: {estimate} by {error}");
        assert_eq!(found.pattern().unwrap().name(), pattern);
    }
}

/// One customer, customers all alike, nothing but zero or less: words, and no number that is none.
#[test]
fn odd_customers_are_described() {
    let folder = Folder::new();
    let header = "customer_id,order_date,amount,source\n";
    for (name, rows) in [
        ("one", "a,2020-01-05,10,x\n"),
        ("same", "a,2020-01-05,10,x\nb,2020-01-05,10,y\nc,2020-01-05,10,y\n"),
        ("zero", "a,2020-01-05,0,x\nb,2020-02-05,0,x\n"),
        ("negative", "a,2020-01-05,5,x\na,2020-01-06,-9,x\nb,2020-02-05,1,y\nb,2020-02-06,-2,y\n"),
        ("large", "a,2020-01-05,1e13,x\nb,2020-02-05,1e13,y\nc,2020-02-05,1e-300,y\n"),
        ("long", "a,1000-01-05,1,x\nb,2020-02-05,1,y\n"),
    ] {
        folder.write("orders.csv", format!("{header}{rows}"));
        let run = folder.clv("describe orders.csv --by source --cac 1 --margin 0.5 -o customers.csv --tables tables");
        if name == "long" {
            // Orders a thousand years apart are refused as mistyped dates, or their months are too many.
            assert!(run.code == 1 || run.stderr.contains("cohorts are left out"), "{}", run.stderr);
            continue;
        }
        assert_eq!(run.code, 0, "{name}: {}", run.stderr);
        let mut files = vec![folder.read("customers.csv"), run.stdout];
        for table in ["rfm", "cohorts", "concentration", "lorenz", "groups", "group-differences", "payback"] {
            files.push(folder.read(&format!("tables/{table}.csv")));
        }
        for text in files {
            assert!(!text.contains("NaN") && !text.contains("inf"), "{name}: {text}");
        }
    }
    folder.write("orders.csv", format!("{header}a,2020-01-05,5,x\na,2020-01-06,-9,x\nb,2020-02-05,12,y\n"));
    let found = folder.clv("describe orders.csv --json").json();
    near(&found["describe"]["revenue"], 8.0, 0.0);
    assert_eq!(found["describe"]["concentration"]["counted_as_zero"]["customers"], 1);
    near(&found["describe"]["concentration"]["gini"], 0.5, 1e-15);
    assert_eq!(found["describe"]["negative"]["list"][0]["customer_id"], "a");
}

/// Ties are not divided: ten customers alike, and one who is better.
#[test]
fn ties_score_alike_and_thresholds_are_thresholds() {
    let folder = Folder::new();
    let alike: String = (0..10).map(|i| format!("c{i},2020-01-01,10\n")).collect();
    folder.write("orders.csv", format!("customer_id,order_date,amount\n{alike}z,2020-01-01,10\nz,2020-06-01,10\n"));
    assert_eq!(folder.clv("describe orders.csv -o customers.csv --rfm-weights 2,1,1").code, 0);
    let table = Records::new(&folder.read("customers.csv"));
    // Ten share the lowest score, as the help says, and one has the highest.
    assert!((0..10).all(|row| table.text(row, "recency_score") == "1" && table.text(row, "rfm_score") == "1"));
    assert_eq!((table.text(10, "frequency_score"), table.text(10, "rfm_score")), ("5", "5"));
    let thresholds = "--recency-days 30,200 --frequency-over 1 --monetary-over 10,100";
    assert_eq!(folder.clv(&format!("describe orders.csv -o customers.csv {thresholds}")).code, 0);
    let table = Records::new(&folder.read("customers.csv"));
    let scores =
        |row| ["recency_score", "frequency_score", "monetary_score"].map(|name| table.text(row, name).to_owned());
    assert_eq!((scores(0), scores(10)), (["2", "1", "1"].map(str::to_owned), ["3", "2", "2"].map(str::to_owned)));
}

#[test]
fn a_summary_tells_what_it_can() {
    let folder = Folder::new();
    let sample = cdnow("orders-sample.csv");
    assert_eq!(folder.clv(&format!("summarize {sample} -o summary.csv")).code, 0);
    let of_summary = folder.clv("describe summary.csv --json -o from-summary.csv").json();
    let of_orders = folder.clv(&format!("describe {sample} --json -o from-orders.csv")).json();
    assert_eq!(folder.read("from-summary.csv"), folder.read("from-orders.csv"));
    assert_eq!(of_summary["tables"]["lorenz"], of_orders["tables"]["lorenz"]);
    assert!(of_summary["tables"]["cohorts"].is_null());
    let words = folder.clv("describe summary.csv");
    assert!(words.stdout.contains("Cohorts, payback and --window need orders"), "{}", words.stdout);
    refused(
        &folder.clv("describe summary.csv --window 1997-01-01..1997-03-31"),
        2,
        &["is a summary; --window takes orders"],
    );
    refused(&folder.clv("describe summary.csv --cohorts year"), 2, &["--cohorts takes orders"]);
    // Without totals and days: scores of two kinds, and no value.
    folder.write("bare.csv", "customer_id,frequency,recency,T,monetary_value\nb,0,0,10,0\na,3,9,10,5\n");
    let bare = folder.clv("describe bare.csv --unit week --until 1997-09-30 -o bare-customers.csv");
    assert_eq!(bare.code, 0, "{}", bare.stderr);
    assert!(bare.stdout.contains("so no values are shown"), "{}", bare.stdout);
    let table = Records::new(&folder.read("bare-customers.csv"));
    assert!(
        !table.has("monetary_score") && table.text(0, "customer_id") == "a" && table.text(0, "days_since_last") == "7"
    );
}

#[test]
fn a_model_sets_the_future_beside_the_past() {
    let folder = Folder::new();
    let sample = cdnow("orders-sample.csv");
    assert_eq!(folder.clv(&format!("fit {sample} -o model.json")).code, 0);
    let future = "--model model.json --horizons 6m,12m --discount 0.1 --margin 0.3 --cac 2";
    let found = folder.clv(&format!("describe {sample} {future} --json -o customers.csv")).json();
    let predicted =
        folder.clv(&format!("predict {sample} --model model.json --horizons 6m,12m --discount 0.1 --margin 0.3"));
    let predicted = Records::new(&predicted.stdout);
    let customers = Records::new(&folder.read("customers.csv"));
    for row in [0, 100, 2356] {
        assert_eq!(customers.text(row, "clv_12m"), predicted.text(row, "clv_12m"));
    }
    let equity = &found["tables"]["equity"];
    near(&equity[1]["static_equity"], predicted.sum("clv_12m"), 1e-6);
    near(&equity[0]["static_equity"], predicted.sum("clv_6m"), 1e-6);
    let new =
        folder.clv("predict --new --model model.json --horizons 12m --discount 0.1 --margin 0.3 --cac 2 -o new.csv");
    assert_eq!(new.code, 0, "{}", new.stderr);
    near(
        &equity[1]["value_of_a_new_customer"],
        Records::new(&folder.read("new.csv")).number(0, "lifetime_value_12m"),
        1e-9,
    );
    let cells = found["tables"]["current_by_future"].as_array().unwrap();
    assert_eq!(cells.iter().map(|cell| cell["customers"].as_u64().unwrap()).sum::<u64>(), 2357);
    assert_eq!(
        (&cells[0]["treatment"], &cells[2]["treatment"], &cells[6]["treatment"]),
        (&"win back".into(), &"keep".into(), &"let go".into())
    );
    let other = folder.clv(&format!("describe {sample} --model model.json --grain week"));
    refused(&other, 1, &["orders are merged by"]);
}

/// The library's tables are the command's.
#[test]
fn the_library_describes_alike() {
    let folder = Folder::new();
    let sample = cdnow("orders-sample.csv");
    let found = folder.clv(&format!("describe {sample} --json")).json();
    let inputs = clv::tables::expand(std::slice::from_ref(&sample)).unwrap();
    let (mut log, _) = clv::orders::read_orders(&inputs, &Default::default(), &Default::default()).unwrap();
    let end = log.last_day().unwrap();
    let (summary, _) = log.summary(TimeUnit::Week, end, &Cohort::default()).unwrap();
    let description = Description::of_orders(&mut log, &summary).unwrap();
    let tables = clv::report::describe_tables(&description);
    assert_eq!(tables.len(), 5);
    for table in tables {
        assert_eq!(table.records(), found["tables"][&table.name], "{}", table.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However orders fall: cells add up to totals, windows to the whole, and whoever came was active at age 0.
    #[test]
    fn cohorts_and_windows_add_up(
        orders in prop::collection::vec((0u8..12, 0i32..900, -50i32..400), 1..120),
        cut in 0i32..900,
    ) {
        let mut log = PurchaseLog::default();
        for (customer, day, amount) in &orders {
            log.add(&format!("c{customer}"), Day(10_000 + day), f64::from(*amount)).unwrap();
        }
        let end = Day(10_900);
        let Ok((summary, _)) = log.summary(TimeUnit::Day, end, &Cohort::default()) else { return Ok(()) };
        let totals = &summary.purchases.as_ref().unwrap().total;
        for period in [CohortPeriod::Month, CohortPeriod::Quarter, CohortPeriod::Year] {
            let activity = log.cohort_activity(&summary, period, |_| 1.0).unwrap();
            let cohorts = Cohorts::new(&activity, period, end).cohorts;
            let revenue: f64 = cohorts.iter().flat_map(|cohort| &cohort.cells).map(|cell| cell.revenue).sum();
            prop_assert_eq!(revenue, totals.iter().sum::<f64>());
            prop_assert_eq!(cohorts.iter().map(|cohort| cohort.customers).sum::<u64>(), summary.len() as u64);
            for cohort in &cohorts {
                prop_assert!(cohort.cells[0].active == cohort.customers);
                prop_assert!(cohort.cells.iter().all(|cell| cell.active <= cohort.customers));
            }
        }
        let cut = Day(10_000 + cut);
        let spans = [(Day(9_999), cut), (cut, end)];
        let windows = log.windows(&summary, &spans).unwrap();
        for (row, total) in totals.iter().enumerate() {
            prop_assert_eq!(windows[0].value[row] + windows[1].value[row], *total);
            prop_assert_eq!(windows[0].purchases[row] + windows[1].purchases[row], summary.frequency[row] + 1);
        }
        let concentration = Concentration::new(totals);
        prop_assert!(concentration.gini().is_none_or(|gini| (0.0..1.0).contains(&gini)));
    }
}
