//! `--no-spend` needs no amounts and takes nothing away but value.

use clv::models::{BgNbd, GammaGamma};
use clv::predict::{Horizon, Predictor};
use clv::summary::{Day, Grain, History, Observation, Summary, TimeUnit};

use crate::command::{Folder, Records, cdnow};

/// CDNOW's sample without amounts, and with returns and odd amounts.
fn bare(folder: &Folder) -> String {
    let text = std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap();
    let line = |line: &str| line.splitn(3, ',').take(2).collect::<Vec<&str>>().join(",") + "\n";
    let bare: String = text.lines().map(line).collect();
    folder.write("bare.csv", &bare);
    let dearer = |(i, line): (usize, &str)| match i {
        0 => format!("{line}\n"),
        _ if i % 3 == 0 => format!("{},on request\n", line.rsplit_once(',').unwrap().0),
        _ if i % 3 == 1 => format!("{},\n", line.rsplit_once(',').unwrap().0),
        _ => format!("{line} €\n"),
    };
    folder.write("odd.csv", text.lines().enumerate().map(dearer).collect::<String>());
    folder.write("whole.csv", &text);
    text
}

#[test]
fn every_command_goes_without_amounts() {
    let folder = Folder::new();
    bare(&folder);
    let until = "--until 1997-09-30";
    let fitted = |orders: &str| {
        let fit = folder.clv(&format!("fit {orders} {until} --no-spend --json"));
        assert_eq!(fit.code, 0, "{orders}: {}", fit.stderr);
        fit.json()["model"]["timing"].clone()
    };
    // The same customers and purchases, and so the same model to the bit.
    let whole = fitted("whole.csv");
    assert_eq!((fitted("bare.csv"), fitted("odd.csv")), (whole.clone(), whole.clone()));
    let odd = folder.clv(&format!("fit odd.csv {until} --no-spend"));
    assert!(odd.stderr.contains("orders without a readable amount: they still count as purchases"), "{}", odd.stderr);

    // A named column must be there, whoever needs it.
    let missing = folder.clv("fit bare.csv --no-spend --amount price");
    assert!(missing.code == 1 && missing.stderr.contains("no column `price`"), "{}", missing.stderr);
    for command in ["run", "summarize", "fit", "compare", "evaluate", "describe", "report"] {
        let asked = folder.clv(&format!("{command} bare.csv"));
        assert_eq!(asked.code, 1, "{command}");
        let what = "which column is the amount? Name it with --amount, or take purchases alone with --no-spend";
        assert!(asked.stderr.contains(what), "{command}: {}", asked.stderr);
    }

    let run = folder
        .clv(&format!("run bare.csv {until} --no-spend --format csv --horizons 39w --intervals 80 --futures 200"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("no amount") && !run.stdout.contains("price zero"), "{}", run.stdout);
    assert_eq!(
        folder
            .clv(&format!(
                "run whole.csv {until} --no-spend --format csv --horizons 39w -o whole --intervals 80 --futures 200"
            ))
            .code,
        0
    );
    assert_eq!(folder.read("clv-results/customers.csv"), folder.read("whole/customers.csv"));
    let page = folder.read("clv-results/report.html");
    assert!(page.contains("What customers will do") && !page.contains("A fifth of the customers brought"));
    // A model without spend needs no amounts, and a model with it can be asked for purchases alone.
    let predict = |options: &str| {
        let predict =
            folder.clv(&format!("predict bare.csv {until} --horizons 39w --intervals 80 --futures 200 {options}"));
        assert_eq!(predict.code, 0, "{}", predict.stderr);
        predict.stdout
    };
    assert_eq!(predict("--model clv-results/model.json"), folder.read("clv-results/customers.csv"));
    assert_eq!(folder.clv(&format!("fit whole.csv {until} -o both.json")).code, 0);
    let refused = folder.clv(&format!("predict bare.csv {until} --model both.json"));
    assert!(refused.code == 1 && refused.stderr.contains("--no-spend"), "{}", refused.stderr);
    assert_eq!(predict("--model both.json --no-spend"), folder.read("clv-results/customers.csv"));

    assert_eq!(folder.clv(&format!("summarize bare.csv {until} --no-spend -o summary.csv")).code, 0);
    let summary = Records::new(&folder.read("summary.csv"));
    assert_eq!(
        summary.header[..7],
        ["customer_id", "frequency", "recency", "T", "first_purchase", "last_purchase", "orders"]
    );
    assert!(!summary.has("monetary_value") && !summary.has("total"));
    assert_eq!(folder.clv("fit summary.csv --no-spend --json").json()["model"]["timing"], whole);
    let needs = folder.clv("fit summary.csv");
    assert!(
        needs.code == 1 && needs.stderr.contains("no column `monetary_value`") && needs.stderr.contains("--no-spend")
    );

    let compare = |orders: &str| {
        let options = "--split 1997-09-30 --models bg-nbd,nbd --no-spend --json";
        let mut found = folder.clv(&format!("compare {orders} {options}")).json();
        found["models"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(|model| drop(model.as_object_mut().unwrap().remove("seconds")));
        found["models"].clone()
    };
    assert_eq!(compare("bare.csv"), compare("whole.csv"));
    // The rule that regresses on what customers spent goes without it; the model is the same.
    let evaluate = |orders: &str| {
        let found = folder.clv(&format!("evaluate {orders} --split 1997-09-30 --no-spend --json")).json();
        found["evaluations"][0]["models"].clone()
    };
    assert!(evaluate("bare.csv") == evaluate("whole.csv"));
    assert_eq!(folder.clv(&format!("report bare.csv {until} --no-spend --horizons 39w")).code, 0);
}

#[test]
fn describing_goes_without_amounts() {
    let folder = Folder::new();
    bare(&folder);
    let described = |orders: &str| {
        let said = folder.clv(&format!("describe {orders} --no-spend -o customers.csv --tables {orders}-tables"));
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert!(
            said.stdout.contains("(--no-spend), so no values are shown") && !said.stdout.contains("Gini"),
            "{}",
            said.stdout
        );
        (folder.read("customers.csv"), folder.read(&format!("{orders}-tables/cohorts.csv")))
    };
    let (customers, cohorts) = described("bare.csv");
    assert_eq!(described("whole.csv"), (customers.clone(), cohorts.clone()));
    let (customers, cohorts) = (Records::new(&customers), Records::new(&cohorts));
    for money in ["monetary_value", "total", "revenue", "lifetime_value", "monetary_score", "clv_12m"] {
        assert!(!customers.has(money), "{money}");
    }
    assert!(customers.has("frequency_score") && !cohorts.has("revenue") && cohorts.has("retention"));
    for option in ["--cogs cost", "--serving cost", "--cac 3", "--monetary-over 10", "--window 1997-01-01.."] {
        let refused = folder.clv(&format!("describe bare.csv --no-spend {option}"));
        assert_eq!(refused.code, 2, "{option}");
        assert!(refused.stderr.contains("is about value, and with --no-spend there is none"), "{}", refused.stderr);
    }
}

/// Amounts that are there tell returns from purchases, or else quantities do.
#[test]
fn returns_are_returns_without_spend() {
    let folder = Folder::new();
    let orders = |amount: &str| {
        format!("customer_id,order_date,{amount}\na,2020-01-01,5\na,2020-02-01,-5\na,2020-03-01,2\nb,2020-01-05,1\n")
    };
    folder.write("amounts.csv", orders("amount"));
    folder.write("quantities.csv", orders("Quantity"));
    for name in ["amounts.csv", "quantities.csv"] {
        let said = folder.clv(&format!("summarize {name} --no-spend -o summary.csv"));
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert_eq!(Records::new(&folder.read("summary.csv")).number(0, "frequency"), 1.0, "{name}");
        assert!(said.stdout.contains("1 return netted"), "{}", said.stdout);
    }
}

#[test]
fn intervals_of_purchases_need_no_spend_and_stand_beside_those_of_value() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let table = |options: &str| {
        let run = folder.clv(&format!(
            "run {orders} --until 1997-09-30 --no-report --format csv --horizons 39w,39w..52w --counts 40 --intervals 50,90 --futures 200 \
             --totals totals.csv {options}"
        ));
        assert_eq!(run.code, 0, "{}", run.stderr);
        (Records::new(&folder.read("clv-results/customers.csv")), Records::new(&folder.read("totals.csv")), run)
    };
    let (without, totals, said) = table("--no-spend");
    assert!(said.stdout.contains("(90%)"), "{}", said.stdout);
    assert!(!without.has("value_39w_lo50") && !without.has("purchases_39w_to_52w_lo50") && !totals.has("value_lo90"));
    let purchases = |name: &str| totals.number(0, name);
    assert!(
        purchases("purchases_lo90") < purchases("purchases_lo50")
            && purchases("purchases_lo50") < purchases("purchases")
    );
    assert!(
        purchases("purchases") < purchases("purchases_hi50")
            && purchases("purchases_hi50") < purchases("purchases_hi90")
    );
    let (with, _, _) = table("");
    assert!(with.has("value_39w_lo50"));
    for row in 0..without.rows.len() {
        // The least n with P(N <= n) >= 5%, 25%, 75%, 95%, from the chances of each n.
        let quantile = |probability: f64| {
            let mut below = 0.0;
            (0..=40).find(|n| {
                below += without.number(row, &format!("p_{n}_39w"));
                below >= probability
            })
        };
        let ends = [("lo90", 0.05), ("lo50", 0.25), ("hi50", 0.75), ("hi90", 0.95)];
        for (end, probability) in ends {
            let ours = without.text(row, &format!("purchases_39w_{end}"));
            assert_eq!(Some(ours.to_owned()), quantile(probability).map(|n: u32| n.to_string()), "{row} {end}");
            assert_eq!(with.text(row, &format!("purchases_39w_{end}")), ours);
        }
    }
    for option in ["--over 5", "--target 5", "--cac 3"] {
        let refused = folder.clv(&format!("run {orders} --no-spend --intervals 80 {option}"));
        let name = option.split(' ').next().unwrap();
        assert_eq!(refused.code, 2);
        assert!(
            refused.stderr.contains(&format!("{name} is about value, and there is no spend model")),
            "{}",
            refused.stderr
        );
    }
}

/// With draws of the parameters the chances of each number are the mean of those at the draws.
#[test]
fn intervals_of_purchases_mix_draws_of_the_parameters() {
    let model = |r: f64, alpha: f64| Predictor {
        timing: BgNbd { r, alpha, a: 0.793, b: 2.426 }.into(),
        spend: Some(GammaGamma { p: 6.25, q: 3.74, gamma: 15.44 }),
        unit: TimeUnit::Week,
        grain: Grain::Day,
        currency: None,
        effects: None,
    };
    let draws = [model(0.05, 4.0), model(0.243, 4.414), model(3.0, 0.4), model(0.8, 12.0)];
    let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(0) };
    let history = |frequency, t_x, T| (History::new(frequency, t_x, T), 5.0);
    let histories = [history(0, 0.0, 38.0), history(2, 30.4, 38.9), history(60, 38.0, 38.5), history(400, 38.0, 38.5)];
    let summary = Summary::from_histories(histories, observation);
    let horizon: Horizon = "39w".parse().unwrap();
    let shares = [0.5, 0.8, 0.98];
    let outlook = draws[1].outlook(&summary).unwrap();
    let customers = outlook.everybody();
    let drawn = draws.map(|draw| customers.with_parameters(&draw).unwrap());
    let found = customers.count_intervals(&horizon, &drawn, &shares).unwrap();
    let chances: Vec<Vec<Vec<f64>>> =
        drawn.iter().map(|drawn| drawn.count_probabilities(&horizon, 1000).unwrap()).collect();
    for row in 0..summary.len() {
        let quantile = |probability: f64| {
            let mut below = 0.0;
            (0..=1000).find(|&n| {
                below += chances.iter().map(|chances| chances[n][row]).sum::<f64>() / 4.0;
                below >= probability - 1e-14
            })
        };
        for (share, (low, high)) in shares.iter().zip(&found) {
            let ends = [0.5 * (1.0 - share), 0.5 * (1.0 + share)].map(quantile);
            assert_eq!(ends, [low, high].map(|ends| Some(ends[row] as usize)), "{row} {share}");
        }
    }
    assert!(found[1].1[3] > 300.0, "{found:?}");
    // Draws that are all alike are as none.
    let alike = customers.count_intervals(&horizon, &[(); 3].map(|()| customers.clone()), &shares).unwrap();
    assert_eq!(alike, customers.count_intervals(&horizon, &[], &shares).unwrap());
}

#[test]
fn bare_tables_are_told_all_they_lack_at_once() {
    let folder = Folder::new();
    folder.write("bare.csv", "customer_id,frequency,recency,T\na,1,5,10\nb,0,0,9\n");
    let refused = |command: &str, parts: &[&str]| {
        let run = folder.clv(command);
        assert_eq!(run.code, 2, "{command}: {}", run.stderr);
        parts.iter().for_each(|part| assert!(run.stderr.contains(part), "{command}: no `{part}` in {}", run.stderr));
    };
    refused(
        "fit bare.csv --model bg-bb",
        &[
            "does not say the time unit, nor the end of the observation; give for instance --unit week --until 1997-09-30. Nor does it say \
             what purchases were worth, in a column `monetary_value`; --no-spend goes without",
        ],
    );
    refused("fit bare.csv --no-spend", &["give for instance --unit week --until 1997-09-30\n"]);
    // Where opportunities are counted, the unit says how long one is.
    let month = folder.clv("fit bare.csv --model bg-bb --no-spend --unit month --until 1997-09-30 --prior-sd 1 --json");
    assert_eq!(month.json()["model"]["data"]["grain"], "month");
    // The unit is the model's where there is one, and never taken for granted elsewhere.
    let model = format!("--model {}/models/fader-hardie-lee-2005-bg-nbd.json", env!("CARGO_MANIFEST_DIR"));
    refused(
        &format!("predict bare.csv {model}"),
        &["does not say the end of the observation; give for instance --until"],
    );
    for command in ["report bare.csv --no-spend", "describe bare.csv", "compare bare.csv"] {
        refused(
            &format!("{command} --until 1997-09-30"),
            &["does not say the time unit; give for instance --unit week"],
        );
    }
}

/// Amounts so far apart that even a customer who came back twice has no mean: the message has the parameters and the customer.
#[test]
fn an_infinite_mean_names_the_customer_and_what_is_too_small() {
    let spend = GammaGamma { p: 0.1, q: 0.75, gamma: 10.0 };
    let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(0) };
    let predictor = Predictor {
        timing: BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 }.into(),
        spend: Some(spend),
        unit: TimeUnit::Week,
        grain: Grain::Day,
        currency: None,
        effects: None,
    };
    let history = |frequency| (History::new(frequency, 5.0, 10.0), 7.0);
    let of = |counts: &[u32]| {
        let summary = Summary::from_histories(counts.iter().map(|&x| history(x)), observation);
        let horizon = "3m".parse().unwrap();
        predictor.forecast(&summary, &[horizon], &Default::default()).map(|_| ()).map_err(|error| error.to_string())
    };
    // q + p x: 0.75 + 0.1 x is above 1 from x = 3 on.
    assert_eq!(of(&[3, 4]), Ok(()));
    let two = of(&[5, 2]).unwrap_err();
    for part in ["q + p x is 0.9500 for a customer with 2 repeat purchases", "p 0.1000", "q 0.7500", "such as `1`"] {
        assert!(two.contains(part), "no `{part}` in {two}");
    }
    assert!(!two.contains("without repeat purchases"), "{two}");
    let none = of(&[5, 0]).unwrap_err();
    assert!(none.contains("q is 0.7500") && none.contains("no customer without repeat purchases"), "{none}");
    // At the boundary itself the mean is infinite, too: 0.5 + 0.25 x at x = 2.
    let edge = GammaGamma { p: 0.25, q: 0.5, gamma: 10.0 };
    assert!(edge.expected_spend(2, 7.0).is_err() && edge.expected_spend(3, 7.0).is_ok());
}
