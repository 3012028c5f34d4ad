//! The command as a user meets it.

use crate::command::{Folder, Records, cdnow, cells, model};

#[test]
fn steps_one_by_one_give_what_run_gives() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    assert_eq!(folder.clv(&format!("run {orders} --format csv --margin 0.3 --discount 0.1")).code, 0);
    assert_eq!(folder.clv(&format!("summarize {orders} -o summary.csv")).code, 0);
    assert_eq!(folder.clv("fit summary.csv -o model.json").code, 0);
    let predict = folder.clv("predict summary.csv --model model.json --margin 0.3 --discount 0.1 -o customers.csv");
    assert_eq!(predict.code, 0, "{}", predict.stderr);
    assert_eq!(model(&folder.read("model.json")), model(&folder.read("clv-results/model.json")));
    assert_eq!(folder.read("customers.csv"), folder.read("clv-results/customers.csv"));
    // And without files, through a pipe.
    let fit = folder.clv("fit summary.csv --quiet");
    assert_eq!(fit.stdout, folder.read("model.json"));
    assert_eq!(fit.stderr, "");
    let piped = folder.clv("predict summary.csv --model model.json --margin 0.3 --discount 0.1");
    assert_eq!(piped.stdout, folder.read("customers.csv"));
}

#[test]
fn the_summary_on_the_terminal() {
    let folder = Folder::new();
    let run = folder.clv(&format!("run {} --until 1997-09-30", cdnow("orders-sample.csv")));
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in [
        "2,357 customers",
        "customer `customer_id`, date `order_date`, amount `amount`",
        "observed until 1997-09-30 (--until)",
        "8 orders at price zero",
        "left out: 1,959 orders after the end of the observation, 1997-09-30",
        "  r            0.2426          0.0126\n",
        "converged in",
        "3m       1997-12-30",
        "The 10 most valuable customers over 12m",
        "Wrote clv-results/model.json",
    ] {
        assert!(run.stdout.contains(part), "no `{part}` in:\n{}", run.stdout);
    }
    // 365 days are foreseen, and 273 were seen: a caution, once.
    let beyond = "warning: the horizon 12m is 1.34 times as long as the observation (39.0 weeks)";
    let complaints = run.complaints();
    assert!(complaints.starts_with(beyond) && complaints.lines().count() == 1, "{complaints}");
    assert!(!run.stdout.contains("1.34 times"), "{}", run.stdout);
    let quiet = folder.clv(&format!("run {} --quiet", cdnow("orders-sample.csv")));
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn values_are_margin_times_spend_times_discounted_purchases() {
    let folder = Folder::new();
    let table = |options: &str| {
        let run = folder.clv(&format!("run {} --format csv {options}", cdnow("orders-sample.csv")));
        assert_eq!(run.code, 0, "{}", run.stderr);
        Records::new(&folder.read("clv-results/customers.csv"))
    };
    let plain = table("--horizons 12m");
    assert_eq!(
        plain.header[5..].join(","),
        "p_alive,expected_spend,historical_value,purchases_12m,p_purchase_12m,p_alive_12m,clv_12m,lifetime_value_12m"
    );
    let margin = table("--horizons 12m --margin 0.3");
    let discounted = table("--horizons 12m --discount 0.15");
    for row in 0..plain.rows.len() {
        let n = |column: &str| plain.number(row, column);
        let (spend, purchases, clv) = (n("expected_spend"), n("purchases_12m"), n("clv_12m"));
        assert!((clv - spend * purchases).abs() <= 1e-14 * clv);
        assert!((margin.number(row, "clv_12m") - 0.3 * clv).abs() <= 1e-14 * clv);
        // A year's purchases at 15% are worth between 1/1.15 and all of them.
        let share = discounted.number(row, "clv_12m") / clv;
        assert!(share > 1.0 / 1.15 && share < 1.0, "{share}");
        assert!((0.0..=1.0).contains(&n("p_alive")) && purchases >= 0.0 && spend > 0.0);
        assert!(n("p_alive_12m") <= n("p_alive") && n("p_purchase_12m") <= n("p_alive"));
        assert!((n("lifetime_value_12m") - n("historical_value") - clv).abs() <= 1e-14 * n("lifetime_value_12m").abs());
    }
}

#[test]
fn customers_are_sorted_as_asked() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let column = |options: &str, column: &str| -> Vec<String> {
        assert_eq!(folder.clv(&format!("run {orders} --format csv --horizons 12m {options}")).code, 0);
        let table = Records::new(&folder.read("clv-results/customers.csv"));
        (0..table.rows.len()).map(|row| table.text(row, column).to_owned()).collect()
    };
    assert!(column("", "customer_id").is_sorted());
    let values: Vec<f64> = column("--sort value", "clv_12m").iter().map(|value| value.parse().unwrap()).collect();
    assert!(values.is_sorted_by(|a, b| a >= b));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let folder = Folder::new();
    let run = |into: &str| {
        let run = folder.clv(&format!("run {} -o {into}", cdnow("orders-sample.csv")));
        assert_eq!(run.code, 0);
        let read = |name: &str| std::fs::read(folder.path().join(into).join(name)).unwrap();
        let table = if cfg!(feature = "parquet") { "customers.parquet" } else { "customers.csv" };
        (read("model.json"), read(table))
    };
    assert!(run("one") == run("two"));
}

#[test]
fn help_shows_examples_and_completions_are_printed() {
    let folder = Folder::new();
    let help = folder.clv("--help");
    assert_eq!(help.code, 0);
    for command in
        ["run", "summarize", "sql", "fit", "compare", "predict", "retention", "simulate", "reproduce", "completions"]
    {
        assert!(help.stdout.contains(command));
        let one = folder.clv(&format!("{command} --help"));
        assert!(one.stdout.contains("Example") && one.stdout.contains(&format!("clv {command}")), "{command}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(folder.clv(&format!("completions {shell}")).stdout.contains("reproduce"));
    }
    assert_eq!(folder.clv("").code, 2);
    assert!(folder.clv("--version").stdout.starts_with("clv "));
}

#[test]
fn a_cohort_is_selected_by_first_purchase() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let cohort = "--from 1997-02-01 --first-purchase-before 1997-03-01";
    let run = folder.clv(&format!("summarize {orders} {cohort} -o february.csv --json")).json();
    let first: Vec<String> =
        cells(&folder.read("february.csv")).into_iter().skip(1).map(|row| row[5].clone()).collect();
    assert!(first.iter().all(|day| day.starts_with("1997-02-")));
    let outside = run["orders"]["outside_cohort"]["customers"].as_u64().unwrap();
    assert_eq!(outside + first.len() as u64, 2357);
}

#[test]
fn a_simulated_history_gives_its_parameters_back() {
    let folder = Folder::new();
    let made = folder.clv("simulate --customers 20000 --seed 3 -o orders.csv --json").json();
    assert_eq!(made["customers"], 20000);
    assert_eq!(folder.read("orders.csv").lines().count() as u64, 1 + made["orders"].as_u64().unwrap());
    assert_eq!(folder.clv("simulate --customers 20000 --seed 3").stdout, folder.read("orders.csv"));
    assert_ne!(folder.clv("simulate --customers 20000 --seed 4").stdout, folder.read("orders.csv"));
    // The observation ends 78 weeks after the start; merging by day takes away a little.
    let fit = folder.clv("fit orders.csv --until 2025-06-29 --json").json();
    // Purchases of a day add up, which widens the spread of spend.
    for (model, names, truth, tolerance) in [
        ("timing", &["r", "alpha", "a", "b"][..], &[0.243, 4.414, 0.793, 2.426][..], 0.12),
        ("spend", &["p", "q", "gamma"], &[6.25, 3.74, 15.44], 0.25),
    ] {
        for (name, truth) in names.iter().zip(truth) {
            let ours = fit["model"][model]["parameters"][name].as_f64().unwrap();
            assert!((ours / truth).ln().abs() < tolerance, "{name}: {ours} {truth}");
        }
    }
    let outcome = folder.clv("simulate --joining 2y --length 1y");
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("longer than 1y in all"), "{}", outcome.stderr);
}
