//! `clv report`, and the page of `clv run`, as files; what a browser makes of them is in `tests/browser`.

use clv::models::{MbgCnbd, Stages};
use clv::simulate::{Population, orders};
use clv::summary::{Grain, Observation, TimeUnit};
use serde_json::Value;

use crate::command::{Folder, Records, cdnow};

/// What stands in the page as data for its charts.
#[track_caller]
fn charts(html: &str) -> Value {
    let begin = html.find("<script type=\"application/json\"").expect("data in the page");
    let text = &html[begin..];
    let text = &text[text.find('>').unwrap() + 1..text.find("</script>").unwrap()];
    serde_json::from_str(text).expect("JSON in the page")
}

fn ids(html: &str) -> Vec<String> {
    let charts = charts(html);
    charts["charts"].as_array().unwrap().iter().map(|chart| chart["id"].as_str().unwrap().to_owned()).collect()
}

/// Of customers who purchase at Erlang-3 times BG/NBD is doubted, and a model of regular purchases is not.
#[test]
fn a_model_without_regularity_is_doubted_where_customers_are_regular() {
    let folder = Folder::new();
    let timing = MbgCnbd { k: Stages::new(3).unwrap(), r: 2.0, alpha: 4.0, a: 0.4, b: 2.0 };
    let population = Population { timing, spend: None, joining: 12.0, length: 78.0 };
    let start = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: "2022-01-01".parse().unwrap() };
    let mut text = "customer_id,order_date\n".to_owned();
    for (number, customer) in population.customers(7).take(600).enumerate() {
        orders(&customer, &start).for_each(|(day, _)| text += &format!("{number},{day}\n"));
    }
    folder.write("orders.csv", text);
    let page = |model: &str| {
        let made = folder.clv(&format!("report orders.csv --no-spend --no-holdout --model {model} --overwrite --json"));
        let verdicts = made.json()["verdicts"].as_array().unwrap().clone();
        let of = |verdict: &Value| verdict["headline"] == "Another model describes these orders clearly better";
        (verdicts.into_iter().find(of), folder.read("report.html"))
    };
    let (doubt, html) = page("bg-nbd");
    let doubt = doubt.expect("a doubt");
    let text = doubt["text"].as_str().unwrap();
    assert!(
        doubt["level"] == "caution" && text.contains("CNBD-2, in which customers purchase at regular intervals"),
        "{text}"
    );
    assert!(
        text.contains(" below that of BG/NBD. Customers come at regular intervals: from the last two intervals of"),
        "{text}"
    );
    assert!(html.contains("Customers come at regular intervals: from the last two intervals of"));
    let (doubt, html) = page("mbg-cnbd-3");
    assert!(doubt.is_none() && html.contains("Customers come at regular intervals: from the last two intervals of"));
}

/// Every chart there can be, and a number of each of the sources behind them.
#[test]
fn a_run_leaves_a_page_with_every_chart() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let shown = folder.clv(&format!("run {orders} -o out --format csv --tables out/tables --compare"));
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.contains("Wrote out/model.json, out/customers.csv and out/report.html"), "{}", shown.stdout);
    assert!(shown.stdout.contains("The ranking of customers can be relied on. "), "{}", shown.stdout);
    let html = folder.read("out/report.html");
    assert!(html.len() < 5_000_000);
    assert_eq!(
        ids(&html),
        [
            "purchases-map",
            "iso-value",
            "tracking-cumulative",
            "tracking",
            "contender-errors",
            "value-deciles",
            "purchase-deciles",
            "conditional-frequency",
            "conditional-silence",
            "coverage",
            "frequency-histogram",
            "spend-distribution",
            "alive-map",
            "heterogeneity",
            "lorenz",
            "cohort-retention",
        ]
    );
    // Each chart's data, and each table's, are beside the page.
    let charts = charts(&html);
    for chart in charts["charts"].as_array().unwrap() {
        let name = chart["id"].as_str().unwrap();
        let records: Vec<Value> = serde_json::from_str(&folder.read(&format!("out/tables/{name}.json"))).unwrap();
        let (column, cells) = chart["columns"].as_object().unwrap().iter().next().unwrap();
        assert_eq!(records.len(), cells.as_array().unwrap().len(), "{name}");
        assert!(records[0].get(column).is_some() && !records.is_empty(), "{name}");
        assert_eq!(Records::new(&folder.read(&format!("out/tables/{name}.csv"))).rows.len(), records.len());
    }
    for table in
        ["totals", "value-tiers", "top-customers", "parameters", "comparison", "scores-value", "read", "confusion"]
    {
        assert!(!Records::new(&folder.read(&format!("out/tables/{table}.csv"))).rows.is_empty(), "{table}");
    }
    // 39 weeks on either side, all 4,339 repeat purchases by the end: published.md of the papers.
    let tracking = Records::new(&folder.read("out/tables/tracking-cumulative.csv"));
    let last = (0..tracking.rows.len()).rfind(|&row| tracking.text(row, "series") == "actual").unwrap();
    assert_eq!((tracking.text(last, "end_day"), tracking.text(last, "purchases")), ("1998-06-30", "4339"));
    // The page and the table of customers say the same of the most valuable one.
    let (top, all) =
        (Records::new(&folder.read("out/tables/top-customers.csv")), Records::new(&folder.read("out/customers.csv")));
    let best = (0..all.rows.len()).find(|&row| all.text(row, "customer_id") == top.text(0, "customer_id")).unwrap();
    for column in ["p_alive", "expected_spend", "purchases_12m", "clv_12m"] {
        assert_eq!(top.text(0, column), all.text(best, column), "{column}");
    }
    assert_eq!(top.rows.len(), 200);
    let sum: f64 = (0..all.rows.len()).map(|row| all.text(row, "clv_12m").parse::<f64>().unwrap()).sum();
    let totals = Records::new(&folder.read("out/tables/totals.csv"));
    assert!((totals.text(2, "clv").parse::<f64>().unwrap() / sum - 1.0).abs() < 1e-12);
}

/// Customers' names are data, wherever they appear.
#[test]
fn names_are_text() {
    let folder = Folder::new();
    let names = [
        "<script>window.__pwned=1</script>",
        "</script><img src=x onerror=alert(1)>",
        "\"quoted\" 'twice'",
        "evil\u{202e}gnp.exe",
        "__proto__",
        "{{ 7 * 7 }}",
        "javascript:alert(1)",
        "😀 émile",
    ];
    let mut orders = String::from("customer_id,order_date,amount\n");
    for i in 0..240u32 {
        let name = names[i as usize % names.len()].replace('"', "\"\"");
        for n in 0..=(i % 5) {
            let day = (i % 28) + 30 * n;
            orders += &format!("\"{name} {i}\",2024-{:02}-{:02},{}.5\n", day / 28 + 1, day % 28 + 1, 10 + i % 17);
        }
    }
    folder.write("<img src=x onerror=alert(2)>.csv", &orders);
    let shown = folder.clv_with(&["report", "<img src=x onerror=alert(2)>.csv", "--top", "100"], b"");
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    let html = folder.read("report.html");
    assert!(!html.contains("<script>window.__pwned") && !html.contains("<script>alert") && !html.contains("<img"));
    assert!(html.contains("&lt;script&gt;window.__pwned=1&lt;") && !html.contains('\u{202e}'));
    assert!(html.contains("Content-Security-Policy") && !html.contains("unsafe-"));
    assert!(html.contains("default-src &#x27;none&#x27;") || html.contains("default-src 'none'"), "a policy");
}

#[test]
fn a_report_says_what_it_could_not_do() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    // A summary cannot be divided.
    folder.clv(&format!("summarize {orders} -o summary.csv"));
    let shown = folder.clv("report summary.csv -o summary.html");
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.contains("This forecast is not tested. "), "{}", shown.stdout);
    assert!(shown.stdout.contains("a summary was read, and the test takes orders"));
    assert!(!ids(&folder.read("summary.html")).contains(&"tracking".to_owned()));
    // Nor can a month of orders be, unless it is asked for; then it must succeed.
    let shown = folder.clv(&format!("report {orders} --until 1997-02-05 --prior-sd 1"));
    assert!(shown.stdout.contains("the orders span only 36 days"), "{}{}", shown.stdout, shown.stderr);
    for (words, code, why) in [
        (format!("report {orders} --until 1997-02-05 --split 1997-01-02"), 1, "could not be fitted"),
        (format!("report {orders} --split 2001-01-01"), 2, "nothing to foresee"),
        (format!("report {orders} --split 0.5 --holdout 3m"), 2, "cannot be used with"),
        (format!("report {orders} --split 0.5 --no-holdout"), 2, "cannot be used with"),
        (format!("report {orders} --top 0"), 2, "--top is 0"),
        (format!("report {orders} -o orders-sample.csv/report.html"), 1, "cannot"),
        (format!("report {orders} --no-holdout -o nowhere/report.html"), 1, "there is no folder nowhere"),
        ("report summary.csv --holdout 3m".to_owned(), 2, "a summary cannot be divided"),
        (format!("run {orders} --no-report --compare"), 2, "cannot be used with"),
    ] {
        let shown = folder.clv(&words);
        assert_eq!(shown.code, code, "{words}: {}{}", shown.stdout, shown.stderr);
        assert!(shown.stderr.contains(why), "{words}: {}", shown.stderr);
    }
    // Without amounts there are purchases to report.
    let shown = folder.clv(&format!("report {orders} --no-spend --no-holdout -o purchases.html"));
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.contains("none was asked for"), "{}", shown.stdout);
    assert!(folder.read("purchases.html").contains("Purchases, 12 months"));
}

/// What the page says of tests that went wrong: nothing came; everything went back; customers who never leave.
#[test]
fn words_on_top_are_true() {
    let folder = Folder::new();
    let customers = |rows: &dyn Fn(u32) -> Vec<(u32, f64)>| {
        let rows = (0..150u32).flat_map(|i| rows(i).into_iter().map(move |(day, amount)| (i, day, amount)));
        let day = |day: u32| format!("2024-{:02}-{:02}", day / 28 + 1, day % 28 + 1);
        let rows = rows.map(|(i, n, amount)| format!("{i},{},{amount}\n", day(n)));
        std::iter::once("customer_id,order_date,amount\n".to_owned()).chain(rows).collect::<String>()
    };
    let early =
        |i: u32| (0..=(i % 4)).map(|n| (i % 20 + 17 * n, 20.0 + f64::from((7 * i + n) % 13))).collect::<Vec<_>>();
    // Nobody comes in the second half.
    folder.write("dead.csv", customers(&early));
    let shown = folder.clv("report dead.csv --until 2024-12-01 --split 2024-06-01 -o dead.html");
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.contains("No purchases in the test. "), "{}", shown.stdout);
    assert!(!shown.stdout.contains("You can plan with") && !shown.stdout.contains("Use the rule"), "{}", shown.stdout);
    // All that comes goes back.
    let back = |i: u32| {
        let later = [(150 + i % 30, 5.0), (200 + i % 30, -60.0)];
        early(i).into_iter().chain(later).collect::<Vec<_>>()
    };
    folder.write("back.csv", customers(&back));
    let shown = folder.clv("report back.csv --split 2024-04-28 -o back.html");
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.contains("Do not plan on the totals. "), "{}", shown.stdout);
    assert!(shown.stdout.contains("more was returned than bought"), "{}", shown.stdout);
    // Customers who never leave: parameters run off, and the page is made nevertheless.
    let loyal = |i: u32| {
        (0..20).map(|n| ((14 * n + i % 14) % 330, 20.0 + f64::from(37 * i % 101 + (3 * i + 7 * n) % 11))).collect()
    };
    folder.write("loyal.csv", customers(&loyal));
    let shown = folder.clv("report loyal.csv -o loyal.html");
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(ids(&folder.read("loyal.html")).contains(&"tracking".to_owned()));
    // Too few to judge.
    let few: String = folder.read("back.csv").lines().take(90).map(|line| format!("{line}\n")).collect();
    folder.write("few.csv", few);
    let shown = folder.clv("report few.csv --split 2024-04-28 --prior-sd 1 --no-spend -o few.html");
    assert!(shown.stdout.contains("Too few customers for a judgement. "), "{}{}", shown.stdout, shown.stderr);
    // What a page does not show is said.
    let shown = folder.clv("report loyal.csv --horizons 6m,forever,3m..6m --discount 0.1 -o loyal.html");
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(
        folder.read("loyal.html").contains("Not on this page, since they begin later or do not end: forever, 3m..6m.")
    );
}

/// More than a hundred years, or whole years: without cohorts by month there is still a page.
#[test]
fn a_history_without_months_has_a_page() {
    let folder = Folder::new();
    let mut orders = String::from("customer_id,order_date,amount\n");
    (0..60).for_each(|n| orders += &format!("old,{}-01-05,12\n", 1890 + 2 * n));
    for i in 0..200u32 {
        for n in 0..=(i % 4) {
            orders += &format!("{i},{}-03-{:02},{}\n", 2000 + i % 3 + 2 * n, 1 + i % 28, 10 + (7 * i + n) % 23);
        }
    }
    folder.write("orders.csv", orders);
    for words in ["", "--grain year --unit year --until 2010-12-31 --horizons 1y,2y"] {
        let shown = folder.clv(&format!("run orders.csv --format csv {words}"));
        assert_eq!(shown.code, 0, "{words}: {}", shown.stderr);
        let ids = ids(&folder.read("clv-results/report.html"));
        assert!(
            ids.contains(&"lorenz".to_owned()) && !ids.contains(&"cohort-retention".to_owned()),
            "{words}: {ids:?}"
        );
    }
}

/// A folder of tables that would be in the way is refused before anything is read.
#[test]
fn tables_have_a_folder_of_their_own() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    folder.write("afile", "");
    for words in [
        format!("report {orders} --tables afile"),
        format!("report {orders} -o same.html --tables same.html"),
        format!("run {orders} -o out --format csv --tables out/customers.csv"),
        format!("describe {orders} --tables afile"),
        format!("evaluate {orders} --tables afile"),
    ] {
        let shown = folder.clv(&words);
        assert_eq!(shown.code, 2, "{words}: {}", shown.stderr);
        assert!(shown.stderr.contains("tables take a folder"), "{words}: {}", shown.stderr);
    }
    assert_eq!(folder.names(), ["afile"]);
}

#[test]
fn a_run_without_a_report_leaves_none() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    for (words, files) in [
        ("--format csv", vec!["customers.csv", "model.json", "report.html"]),
        ("--format csv --no-report", vec!["customers.csv", "model.json"]),
    ] {
        let shown = folder.clv(&format!("run {orders} -o out {words}"));
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        let mut left: Vec<String> = std::fs::read_dir(folder.path().join("out"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, files);
    }
}

/// The same orders give the same page, byte for byte, whatever the horizons are called and whoever asks.
#[test]
fn the_page_is_the_same_whenever_it_is_made() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let ask = |name: &str| {
        let shown = folder.clv(&format!("report {orders} --horizons 30d,2y --margin 0.3 --discount 0.1 -o {name}"));
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        folder.read(name)
    };
    let first = ask("first.html");
    assert_eq!(first, ask("second.html"));
    assert!(
        first.contains("Value is what is earned: 30% of what customers spend.") && first.contains("value, discounted")
    );
    let json = folder.clv(&format!("report {orders} --json -o third.html")).json();
    assert_eq!(json["verdicts"][0]["level"], "caution");
    assert_eq!(json["files"][0], "third.html");
}

/// Nothing else changes with the currency.
#[test]
fn amounts_have_their_currency_where_it_is_known() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let page = |options: &str| {
        let made = folder.clv(&format!("report {orders} {options} -o page.html --overwrite"));
        assert_eq!(made.code, 0, "{}", made.stderr);
        folder.read("page.html")
    };
    let (euro, unknown) = (page("--currency EUR"), page(""));
    for text in [
        "Amounts are in EUR.",
        ">EUR ",
        "value (EUR)",
        "spent (EUR)",
        "per purchase (EUR)",
        "mean spend a purchase (EUR)",
        "per customer (EUR)",
        ", in EUR",
    ] {
        assert!(euro.contains(text) && !unknown.contains(text), "{text}");
    }
    assert!(unknown.contains("Amounts are in the currency of the orders.") && !unknown.contains("EUR"));
    let plain = euro.replace("Amounts are in EUR.", "Amounts are in the currency of the orders.");
    assert_eq!(plain.replace(" (EUR)", "").replace(", in EUR", "").replace("EUR ", ""), unknown);
}

/// Whatever model, grain and unit: a page, and no number that is none.
#[test]
fn every_model_has_a_page() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    for words in [
        "--model mbg-nbd",
        "--model pareto-nbd",
        "--model nbd",
        "--model bg-bb --grain month --unit month",
        "--grain week --unit week",
        "--unit day --horizons forever --discount 0.1",
        "--horizons 3m..6m,1999-01-01",
    ] {
        let shown = folder.clv(&format!("report {orders} {words}"));
        assert_eq!(shown.code, 0, "{words}: {}", shown.stderr);
        let html = folder.read("report.html");
        for wrong in ["NaN", ">inf<", ">-inf<", "Infinity%"] {
            let tables = &html[html.find("<main").unwrap()..html.find("application/json").unwrap_or(html.len())];
            assert!(!tables.contains(wrong), "{words}: {wrong}");
        }
        assert!(ids(&html).len() >= 12, "{words}: {:?}", ids(&html));
    }
}
