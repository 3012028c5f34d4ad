//! One look at orders before anything is fitted.

use serde_json::Value;

use crate::command::{Folder, cdnow};

fn enough(results: &Value, what: &str) -> (bool, String) {
    let all = results["enough"].as_array().unwrap();
    let one = all.iter().find(|one| one["what"] == what).unwrap_or_else(|| panic!("no {what} in {all:?}"));
    (one["enough"].as_bool().unwrap(), one["why"].as_str().unwrap().to_owned())
}

/// CDNOW's sample: 2,357 customers, 6,919 orders, 1,139 with a repeat purchase by 1998-06-30.
#[test]
fn orders_are_looked_at_and_nothing_is_written() {
    let folder = Folder::new();
    let outcome = folder.clv(&format!("check {} --json", cdnow("orders-sample.csv")));
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(folder.names(), Vec::<String>::new());
    let results = outcome.json();
    assert_eq!((&results["orders"]["rows"], &results["summary"]["customers"]), (&6919.into(), &2357.into()));
    let first = &results["first_rows"][0];
    assert_eq!(
        (&first["customer"], &first["day"], &first["amount"]),
        (&"00004".into(), &"1997-01-01".into(), &29.33.into())
    );
    assert_eq!(results["first_rows"].as_array().unwrap().len(), 5);
    assert_eq!(
        enough(&results, "when they purchase"),
        (true, "1,139 of 2,357 customers came back; it takes 10".to_owned())
    );
    assert_eq!(
        enough(&results, "a forecast to plan with"),
        (true, "2,357 customers in 545 days; usual: 500 in 180".to_owned())
    );
    assert!(enough(&results, "a year ahead").0 && enough(&results, "how regularly they come").1.contains("by chance"));
    let words = folder.clv(&format!("check {}", cdnow("orders-sample.csv")));
    let (_, enough) = words.stdout.split_once("Is there enough for\n").unwrap();
    let longest = enough.lines().take(6).map(|line| line.chars().count()).max().unwrap();
    assert!(longest <= 80, "{enough}");
    assert!(words.stdout.contains(&format!("\nclv run {}\n", cdnow("orders-sample.csv"))), "{}", words.stdout);
}

/// What is not known is guessed, and the command that is offered does what was looked at.
#[test]
fn the_command_that_is_offered_runs() {
    let rows: String = (0..300)
        .map(|i| format!("k{};{:02}.{:02}.2023;{},5{}\n", i % 60, 1 + i % 28, 1 + i / 25, 10 + i * 7 % 13, i % 10))
        .collect();
    let folder = Folder::new();
    folder.write("bestellungen.csv", format!("Kundennr;Bestelldatum;Betrag\n{rows}"));
    let results = folder.clv("check bestellungen.csv --unit day --json").json();
    let first = &results["first_rows"][0];
    assert_eq!((&first["date"], &first["day"]), (&"01.01.2023".into(), &"2023-01-01".into()), "{results}");
    assert_eq!((&first["written"], &first["amount"]), (&"10,50".into(), &10.5.into()));
    let command = results["command"].as_str().unwrap();
    assert_eq!(command, "clv run bestellungen.csv --unit day --customer Kundennr --date Bestelldatum --amount Betrag");
    let run = folder.clv(&format!("{} -o out --no-report", command.strip_prefix("clv ").unwrap()));
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn little_is_said_to_be_little_and_doubts_are_asked() {
    let folder = Folder::new();
    folder.write("few.csv", "customer_id,date,amount\na,2024-01-05,5\na,2024-01-20,6\nb,2024-01-07,7\n");
    let results = folder.clv("check few.csv --json").json();
    for what in
        ["when they purchase", "what they spend", "a forecast to plan with", "a year ahead", "a test on later orders"]
    {
        assert!(!enough(&results, what).0, "{what}");
    }
    assert_eq!(enough(&results, "what they spend").1, "1 came back and paid; it takes 10");
    folder.write("doubt.csv", "customer_id,date,amount\na,03/04/2024,5\n");
    let asked = folder.clv("check doubt.csv --json");
    assert_eq!(asked.code, 2);
    let answers = serde_json::from_str::<Value>(&asked.stdout).unwrap()["error"]["answers"].clone();
    assert_eq!(answers, serde_json::json!(["--date-format '%d/%m/%Y'", "--date-format '%m/%d/%Y'"]));
    // Only the command's own name is exchanged.
    folder.write("check", "customer_id,date,amount\na,2024-01-05,5\na,2024-01-20,6\nb,2024-01-07,7\n");
    assert_eq!(folder.clv("check check --json").json()["command"], "clv run check");
    // Of a summary, too.
    folder.write(
        "summary.csv",
        "customer_id,frequency,recency,T,monetary_value,observed_until,unit\na,1,2,9,5,2024-01-31,week\n",
    );
    let results = folder.clv("check summary.csv --json").json();
    assert_eq!(results["command"], "clv fit summary.csv");
    assert_eq!(enough(&results, "when they purchase").1, "1 of 1 customer came back; it takes 10");
}
