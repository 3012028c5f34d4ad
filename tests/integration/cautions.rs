//! What is doubtful about the observation and about what is asked is said everywhere in the same words.

use clv::model_file::ModelFile;
use clv::summary::Day;
use serde_json::Value;

use crate::command::{Folder, Outcome};

/// Forty customers of a shop from the 1st of this month to the 9th of December 2011, who come every second or third week.
fn orders_from(month: u32) -> String {
    let mut text = "customer_id,order_date,amount\n".to_owned();
    let (start, end): (Day, Day) = (format!("2011-{month:02}-01").parse().unwrap(), "2011-12-09".parse().unwrap());
    for customer in 0..40 {
        let mut day = Day(start.0 + customer % 20);
        for visit in 0..=customer % 7 {
            text += &format!("c{customer},{},{}\n", day.min(end), 10 + customer % 7 + 2 * visit);
            day = Day(day.0 + 11 + (customer * 5 + visit * 3) % 9);
        }
    }
    text + "last,2011-12-09,15\n"
}

/// Seventy days of them.
fn orders() -> String {
    orders_from(10)
}

fn warnings(run: &Outcome) -> Vec<String> {
    let found = run.json();
    let warnings = found["warnings"].as_array().expect("warnings").iter();
    warnings.map(|warning| warning.as_str().unwrap().to_owned()).collect()
}

const MONTH: &str =
    "the last month is observed only until 2011-12-09, and counts like any other; --until 2011-11-30 leaves it out";

#[test]
fn a_last_month_seen_in_part_is_named_wherever_it_counts() {
    let folder = Folder::new();
    folder.write("orders.csv", orders_from(8));
    let month = "--grain month --unit month";
    let model = "--no-spend --prior-sd 1";
    assert_eq!(folder.clv(&format!("summarize orders.csv {month} -o summary.csv")).code, 0);
    assert_eq!(folder.clv(&format!("fit orders.csv {month} {model} -o model.json --until 2011-11-30")).code, 0);
    for command in [
        &format!("summarize orders.csv {month} -o again.csv"),
        &format!("fit orders.csv {month} {model}"),
        &format!("fit summary.csv {model}"),
        &format!("run orders.csv {month} {model} --format csv --horizons 1m"),
        &format!("predict orders.csv {month} --model model.json --horizons 1m -o predicted.csv"),
        "predict summary.csv --model model.json --horizons 1m -o predicted.csv",
        &format!("describe orders.csv {month}"),
        &format!("report orders.csv {month} {model} --horizons 1m"),
        &format!("compare orders.csv {month} --models nbd,bg-nbd --prior-sd 1"),
    ] {
        let said = folder.clv(&format!("{command} --json"));
        assert_eq!(warnings(&said).iter().filter(|warning| *warning == MONTH).count(), 1, "{command}: {}", said.stderr);
        assert_eq!(said.stderr.matches(&format!("warning: {MONTH}\n")).count(), 1, "{command}: {}", said.stderr);
        let whole = folder.clv(&format!("{command} --json --quiet --until 2011-11-30"));
        if !command.contains("summary.csv") {
            assert!(!warnings(&whole).contains(&MONTH.to_owned()), "{command}");
        }
    }
    // On the page, as a sentence.
    for page in ["clv-results/report.html", "report.html"] {
        assert_eq!(folder.clv(&format!("run orders.csv {month} {model} --format csv --horizons 1m")).code, 0);
        assert_eq!(folder.clv(&format!("report orders.csv {month} {model} --horizons 1m")).code, 0);
        let html = folder.read(page);
        assert!(html.contains("The last month is observed only until 2011-12-09"), "{page}");
    }
    // Tests take whole periods alone, and say so.
    let cut = "orders after 2011-11-30 are left out of the test, because the month they fall in is not over";
    let options = format!("{month} --split 2011-10-31 --prior-sd 1 --json");
    for command in ["evaluate orders.csv --model nbd --no-spend", "compare orders.csv --models nbd,bg-nbd"] {
        assert_eq!(warnings(&folder.clv(&format!("{command} {options}"))).iter().filter(|w| *w == cut).count(), 1);
    }
}

#[test]
fn holdouts_without_orders_are_warned_of() {
    let folder = Folder::new();
    folder.write("orders.csv", orders());
    let silence = "the last order is on 2011-12-09, 113 days before the end of the observation: if orders are missing, every \
                   customer looks lost";
    let until = "--until 2012-03-31 --prior-sd 1";
    let run = folder.clv(&format!("run orders.csv {until} --no-spend --no-report --format csv --json"));
    assert!(warnings(&run).contains(&silence.to_owned()), "{}", run.stderr);
    let evaluate = folder.clv(&format!("evaluate orders.csv --split 2011-11-15 {until} --no-spend --json"));
    assert!(warnings(&evaluate).contains(&silence.to_owned()), "{}", evaluate.stderr);
    // Where the advice is all that is seen, it says so first.
    let advice = &evaluate.json()["advice"];
    assert!(advice[0].as_str().unwrap().starts_with("The last order is on 2011-12-09, 113 days before"), "{advice}");
    let compare = folder.clv(&format!("compare orders.csv --split 2011-11-15 {until} --models nbd,bg-nbd --json"));
    assert!(warnings(&compare).contains(&silence.to_owned()), "{}", compare.stderr);
    let report = folder.clv(&format!("report orders.csv {until} --no-spend --split 2011-11-15"));
    assert_eq!(report.code, 0, "{}", report.stderr);
    assert!(folder.read("report.html").contains("The last order is on 2011-12-09, 113 days before"));
    // What was warned of is not said twice.
    assert!(!report.stdout.contains("113 days"), "{}", report.stdout);
    // Where no order at all comes after the split, that is said, too.
    let nothing = "no order is on record after the split on 2011-12-09: if orders are missing, the test says nothing";
    for command in ["evaluate orders.csv --no-spend", "compare orders.csv --models nbd,bg-nbd"] {
        let found = folder.clv(&format!("{command} --split 2011-12-09 {until} --json"));
        assert!(warnings(&found).contains(&nothing.to_owned()), "{command}: {}", found.stderr);
        assert!(warnings(&found).contains(&silence.to_owned()), "{command}: {}", found.stderr);
    }
    // Within two months there is nothing to warn of.
    let near =
        folder.clv("compare orders.csv --split 2011-11-15 --until 2012-01-31 --models nbd,bg-nbd --prior-sd 1 --json");
    assert!(!warnings(&near).iter().any(|warning| warning.contains("last order")), "{}", near.stderr);
}

#[test]
fn horizons_beyond_the_observation_are_cautions_with_the_ratio() {
    let folder = Folder::new();
    // 70 days from 1 October to 9 December.
    folder.write("orders.csv", orders());
    let options = "--no-spend --prior-sd 1 --horizons 4w,52w,3y";
    // 1096 days over 70, in weeks.
    let beyond = "the horizons 52w and 3y are up to 15.7 times as long as the observation (10.0 weeks): no customer has been \
                  observed for that long, and such a forecast rests on the model alone. Treat it with care, or give shorter --horizons";
    let has = |run: &Outcome| warnings(run).iter().filter(|warning| *warning == beyond).count() == 1;
    let run = folder.clv(&format!("run orders.csv {options} --format csv --json"));
    assert!(has(&run), "{}", run.stderr);
    assert!(folder.read("clv-results/report.html").contains("15.7 times as long as the observation (10.0 weeks)"));
    let verdicts = &run.json()["verdicts"];
    let reach = verdicts
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["headline"] == "The forecast reaches further than the observation");
    assert_eq!(reach.unwrap()["level"], "caution");
    assert!(has(&folder.clv(&format!("report orders.csv {options} --json"))));
    let predict = "--model clv-results/model.json --horizons 4w,52w,3y --json";
    assert!(has(&folder.clv(&format!("predict orders.csv {predict} -o p.csv"))));
    let near = folder.clv("predict orders.csv --model clv-results/model.json --horizons 4w,10w --json -o p.csv");
    assert!(warnings(&near).is_empty(), "{}", near.stderr);

    // What counts is what the model was fitted to: of new customers nothing has been seen, and it was ten weeks all the same.
    assert!(has(&folder.clv(&format!("predict --new {predict}"))));
    let file = ModelFile::read(&folder.path().join("clv-results/model.json")).unwrap();
    assert!((file.data.unwrap().length.unwrap() - 10.0).abs() < 1e-12);
    // Without a word of it in the file, as of published parameters, these customers.
    let older = folder.read("clv-results/model.json").replace(",\n    \"length\": 10.0", "");
    folder.write("older.json", older);
    assert!(has(&folder.clv("predict orders.csv --model older.json --horizons 4w,52w,3y --json -o p.csv")));
    let new = folder.clv("predict --new --model older.json --horizons 52w --json");
    assert!(warnings(&new).is_empty(), "{}", new.stderr);
}

#[test]
fn horizons_of_a_described_future_are_cautions_too() {
    let folder = Folder::new();
    folder.write("orders.csv", orders());
    assert_eq!(folder.clv("fit orders.csv --prior-sd 1 -o model.json").code, 0);
    let described = folder.clv("describe orders.csv --model model.json --json");
    let beyond = "the horizon 12m is 5.2 times as long as the observation (10.0 weeks)";
    assert!(warnings(&described).iter().any(|warning| warning.starts_with(beyond)), "{}", described.stderr);
}

#[test]
fn discounts_are_read_in_per_cent_and_those_above_100_are_cautions() {
    let folder = Folder::new();
    folder.write("orders.csv", orders());
    assert_eq!(folder.clv("fit orders.csv --prior-sd 1 -o model.json").code, 0);
    let predict = |options: &str| {
        folder.clv(&format!(
            "predict orders.csv --model model.json --horizons 4w,forever {options} -o p.csv --json --quiet"
        ))
    };
    let clv = |run: &Outcome| run.json()["forecast"]["totals"][1]["clv"].as_f64().unwrap();
    let plain = clv(&predict("--discount 0.1 --margin 0.3"));
    assert_eq!(clv(&predict("--discount 10% --margin 30%")), plain);
    // A continuous rate of .0953 a week, as CLVTools takes it.
    let high = predict("--discount 143.3 --margin 0.3");
    assert!(clv(&high) < 0.2 * plain, "{}", clv(&high));
    let above = "the annual discount rate is 14330%, which is 10% a week: an amount that is due in a year counts 0.693%. If 143.3 was meant in per \
                 cent, give --discount 1.433";
    assert!(warnings(&high).contains(&above.to_owned()), "{:?}", warnings(&high));
    assert!(!warnings(&predict("--discount 1")).iter().any(|warning| warning.contains("discount")));
    let report = folder.clv("report orders.csv --prior-sd 1 --discount 143.3 --horizons 4w --json");
    assert!(warnings(&report).contains(&above.to_owned()), "{}", report.stderr);
    assert!(folder.read("report.html").contains("14330%, which is 10% a week"));
    folder.write("survivors.csv", "period,survivors\n0,1000\n1,869\n2,743\n3,653\n");
    let renewals = |discount: &str| folder.clv(&format!("retention survivors.csv --discount {discount} --json"));
    assert_eq!(renewals("10%").json()["projection"], renewals("0.1").json()["projection"]);
    assert!(warnings(&renewals("10")).iter().any(|warning| warning.contains("give --discount 0.1")));
}

#[test]
fn margins_in_a_column_may_be_in_per_cent() {
    let folder = Folder::new();
    let with = |margin: &str| {
        let cell = |line: &str| if line.starts_with("customer_id") { "margin" } else { margin }.to_owned();
        let text: String = orders().lines().map(|line| format!("{line},{}\n", cell(line))).collect();
        folder.write("orders.csv", text);
        folder.clv("run orders.csv --prior-sd 1 --no-report --margin margin --json --quiet")
    };
    let value = |run: &Outcome| run.json()["forecast"]["totals"][0]["clv"].clone();
    assert_eq!(value(&with("30%")), value(&with("0.3")));
    let above = with("300%");
    assert!(above.code == 1 && above.stderr.contains("is `300%` in column `margin`"), "{}", above.stderr);
}

#[test]
fn numbers_of_a_new_customer_are_numbers() {
    let folder = Folder::new();
    let models = format!("{}/models", env!("CARGO_MANIFEST_DIR"));
    let models = format!(
        "--model {models}/fader-hardie-lee-2005-bg-nbd.json --model {models}/fader-hardie-2013-gamma-gamma.json"
    );
    let new =
        folder.clv(&format!("predict --new {models} --horizons 39w --next 50 --counts 1 --intervals 80 --json")).json();
    let customer = new["forecast"]["customer"].as_object().unwrap();
    for (name, cell) in customer {
        let is_day = name.starts_with("next_purchase_");
        assert!(if is_day { cell.is_string() || cell.is_null() } else { cell.is_number() }, "{name} is {cell}");
    }
    // E[X(39)] at the published estimates, by mpmath from the integral over p: E[(1 - (1 + p t/alpha)^-r)/p].
    let expected = customer["purchases_39w"].as_f64().unwrap();
    assert!((expected - 1.196_723_193_320_817).abs() < 1e-9, "{expected}");
    assert_eq!(customer["frequency"], 0);
    let fits = |value: &Value| value.as_f64().unwrap() > 0.0;
    assert!(fits(&customer["clv_39w"]) && fits(&customer["expected_spend"]));
}
