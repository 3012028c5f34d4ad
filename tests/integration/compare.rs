//! `clv compare`, `clv fit --model` and `clv retention` as a user meets them.

use clv::models::{Stages, TimingKind};

use crate::command::{Folder, Records, cdnow, cells};

/// The table of the 2005 paper: BG/NBD beside Pareto/NBD on the sample, weeks 1-39, and what came after.
#[test]
fn the_sample_reads_like_the_paper() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let shown = folder.clv(&format!("compare {orders} --split 1997-09-30 --models pareto-nbd,bg-nbd"));
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    for part in [
        "observed until 1997-09-30 (--split)",
        "parameter           BG/NBD        Pareto/NBD\nr          0.2426 (0.0126)   0.5533 (0.0476)\n",
        "s                        -   0.6062 (0.1873)\n",
        "model       log-likelihood       AIC       BIC  fit        seconds\nBG/NBD            -9,582.4  19,172.9  19,195.9  converged",
        "repeats  actual   BG/NBD  Pareto/NBD\n0         1,411  1,407.7     1,434.0\n",
        "7+           64     71.9        74.0\n",
        "model       chi-square  degrees of freedom  p-value\nBG/NBD            4.82                   3    0.185\nPareto/NBD       11.99                   3    0.007\n",
        "Purchases after the observation, until 1998-06-30: 1,882\n",
        "BG/NBD       1,653.4  -12.1%",
        "clearly better than Pareto/NBD",
    ] {
        assert!(shown.stdout.contains(part), "no `{part}` in:\n{}", shown.stdout);
    }
    assert_eq!(shown.complaints(), "");

    let all = folder.clv(&format!("compare {orders} --split 1997-09-30 --json")).json();
    let models: Vec<&str> =
        all["models"].as_array().unwrap().iter().map(|one| one["model"].as_str().unwrap()).collect();
    assert_eq!(models, ["mbg-nbd", "bg-nbd", "pareto-nbd", "nbd"]);
    // 2 k - 2 ln L and k ln(2357) - 2 ln L with the published log-likelihood.
    let bg_nbd = &all["models"][1];
    assert!((bg_nbd["aic"].as_f64().unwrap() - (8.0 + 2.0 * 9582.429207)).abs() < 1e-5);
    assert!((bg_nbd["bic"].as_f64().unwrap() - (4.0 * 2357f64.ln() + 2.0 * 9582.429207)).abs() < 1e-5);
    assert_eq!(bg_nbd["holdout_actual"], 1882.0);
    assert!(all["advice"].as_str().unwrap().contains("56% more purchases than there were: customers do leave"));
}

#[test]
fn a_summary_can_be_compared_but_not_split() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    assert_eq!(folder.clv(&format!("summarize {orders} --until 1997-09-30 -o summary.csv")).code, 0);
    let shown = folder.clv("compare summary.csv --models nbd,bg-nbd");
    assert!(shown.stdout.contains("-9,763.7"), "{}", shown.stdout);
    let split = folder.clv("compare summary.csv --split 1997-06-30");
    assert_eq!(split.code, 2);
    assert!(split.stderr.contains("is a summary"), "{}", split.stderr);
    let late = folder.clv(&format!("compare {orders} --split 1998-06-30"));
    assert_eq!(late.code, 2);
    assert!(
        late.stderr.contains("leaves nothing to foresee: the last whole day of orders ends on 1998-06-30"),
        "{}",
        late.stderr
    );
    let half = folder.clv(&format!("compare {orders} --grain week --unit week --split 1997-09-30"));
    assert_eq!(half.code, 2);
    assert!(half.stderr.contains("split on 1997-09-28 or 1997-10-05"), "{}", half.stderr);
    let weekly = folder.clv(&format!("compare {orders} --grain week --unit week --split 1997-09-28"));
    assert!(weekly.stdout.contains("alpha (opportunities)"), "{}{}", weekly.stdout, weekly.stderr);
    let twice = folder.clv("compare summary.csv --models nbd,nbd");
    assert!(twice.stderr.contains("nbd appears twice"), "{}", twice.stderr);
    let unknown = folder.clv("compare summary.csv --models weibull");
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("possible values: bg-nbd, pareto-nbd, mbg-nbd, nbd, bg-bb"), "{}", unknown.stderr);
}

/// Any model goes the way from orders to every customer's value.
#[test]
fn every_model_runs() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let two = Stages::new(2).unwrap();
    let models = TimingKind::ALL.iter().map(|kind| kind.with_stages(two)).flat_map(|kind| {
        let grains: &[&str] = match kind.is_discrete() {
            true => &["--grain week --unit week", "--grain month --unit month"],
            false => &[""],
        };
        grains.iter().map(move |grain| (kind, *grain))
    });
    for (model, grain) in models {
        let run =
            folder.clv(&format!("run {orders} --model {model} {grain} --format csv --discount 0.1 --horizons 12m"));
        assert_eq!(run.code, 0, "{model}: {}", run.stderr);
        let table = Records::new(&folder.read("clv-results/customers.csv"));
        assert_eq!(table.rows.len(), 2357);
        for row in 0..table.rows.len() {
            let n = |column: &str| table.number(row, column);
            assert!((0.0..=1.0).contains(&n("p_alive")), "{:?}", table.rows[row]);
            let most = n("expected_spend") * n("purchases_12m");
            assert!(most >= 0.0 && n("clv_12m") <= most * (1.0 + 1e-12) + 1e-300, "{:?}", table.rows[row]);
        }
        // The same, step by step, through files.
        assert_eq!(folder.clv(&format!("summarize {orders} {grain} -o summary.csv")).code, 0);
        assert_eq!(folder.clv(&format!("fit summary.csv --model {model} -o model.json")).code, 0);
        let models = ["model.json", "clv-results/model.json"].map(|name| crate::command::model(&folder.read(name)));
        // A summary in CSV does not know the times between purchases, by which the likelihoods of regular ones compare.
        let part = if model.is_regular() { "/timing/parameters" } else { "" };
        assert_eq!(models[0].pointer(part), models[1].pointer(part), "{model}");
        let predict = folder.clv("predict summary.csv --model model.json --discount 0.1 --horizons 12m");
        assert_eq!(predict.stdout, folder.read("clv-results/customers.csv"), "{model}: {}", predict.stderr);
    }
}

/// Orders of the 31st of a month are those of the month, and what was not observed to its end is not held against a model.
#[test]
fn periods_are_whole_or_said_not_to_be() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let monthly = "--grain month --unit month";
    let whole = folder.clv(&format!("compare {orders} {monthly} --split 1997-09-30 --models nbd --json")).json();
    let cut = format!("compare {orders} {monthly} --split 1997-09-30 --until 1998-06-15 --models nbd --json");
    let cut = folder.clv(&cut).json();
    let actual = |json: &serde_json::Value| json["models"][0]["holdout_actual"].as_f64().unwrap();
    assert!(actual(&cut) < actual(&whole));
    let may = format!("compare {orders} {monthly} --split 1997-09-30 --until 1998-05-31 --models nbd --json");
    assert_eq!(actual(&cut), actual(&folder.clv(&may).json()));

    let partial = folder.clv(&format!("fit {orders} {monthly} --until 1997-09-15 -o model.json"));
    assert!(partial.stderr.contains("--until 1997-08-31 leaves it out"), "{}", partial.stderr);
    let from = folder.clv(&format!("fit {orders} {monthly} --from 1997-02-10 -o model.json"));
    assert!(from.stderr.contains("give 1997-02-01 or 1997-03-01"), "{}", from.stderr);
    assert_eq!(folder.clv(&format!("summarize {orders} -o days.csv")).code, 0);
    let days = folder.clv("fit days.csv --grain month -o model.json");
    assert!(days.stderr.contains("merged by day, not by month"), "{}", days.stderr);
    let last = folder.clv(&format!("summarize {orders} --grain year -o years.csv"));
    assert!(last.stdout.contains("observed until 1998-06-30, the last order"), "{}", last.stdout);
    let ignored = folder.clv("compare days.csv --returns drop");
    assert_eq!(ignored.code, 2, "{}", ignored.stderr);
}

#[test]
fn opportunities_must_be_whole() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let fit = folder.clv(&format!("fit {orders} --model bg-bb"));
    assert_eq!(fit.code, 1);
    assert!(fit.stderr.contains("--grain month --unit month"), "{}", fit.stderr);
    let daily = folder.clv(&format!("fit {orders} --model bg-bb --grain week --unit day"));
    assert!(daily.stderr.contains("merge orders by week and measure time in days"), "{}", daily.stderr);
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/models");
    let donors = format!("{models}/fader-hardie-shang-2010-bg-bb.json");
    let other = folder.clv(&format!("predict {orders} --model {donors}"));
    assert!(other.stderr.contains("merged by year in one and by day in the other"), "{}", other.stderr);
    let early = folder.clv(&format!("predict {orders} --model {donors} --grain year"));
    assert_eq!(early.code, 2);
    assert!(early.stderr.contains("horizon 3m holds no whole year"), "{}", early.stderr);
    let yearly = folder.clv(&format!("predict {orders} --model {donors} --grain year --horizons 5y"));
    assert_eq!(yearly.code, 0, "{}", yearly.stderr);
    // Nobody of 1997 can have used more than the one opportunity of 1998.
    let rows = cells(&yearly.stdout);
    assert!(rows[1..].iter().all(|row| row[3] == "1" && (row[1] == "0" || row[1] == "1")));
}

/// Simulated opportunities come back as such.
#[test]
fn simulated_donors_give_their_parameters_back() {
    let folder = Folder::new();
    let donors = concat!(env!("CARGO_MANIFEST_DIR"), "/models/fader-hardie-shang-2010-bg-bb.json");
    let spend = concat!(env!("CARGO_MANIFEST_DIR"), "/models/fader-hardie-2013-gamma-gamma.json");
    let simulate = format!("simulate --customers 30000 --seed 5 --model {donors} --model {spend} --start 1995-01-01");
    let made = folder.clv(&format!("{simulate} --joining 1y --length 10y -o orders.csv"));
    assert_eq!(made.code, 0, "{}", made.stderr);
    let fit = folder.clv("fit orders.csv --grain year --unit year --until 2005-12-31 --model bg-bb --json").json();
    for (name, truth) in [("alpha", 1.204), ("beta", 0.750), ("gamma", 0.657), ("delta", 2.783)] {
        let ours = fit["model"]["timing"]["parameters"][name].as_f64().unwrap();
        assert!((ours / truth - 1.0).abs() < 0.1, "{name}: {ours} {truth}");
    }
}

#[test]
fn retention_of_the_papers_cohort() {
    let folder = Folder::new();
    let percent = [100.0, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1];
    let rows: String = percent.iter().enumerate().map(|(t, share)| format!("{t},{}\n", 10.0 * share)).collect();
    folder.write("survivors.csv", format!("period,survivors\n{rows}"));
    let shown =
        folder.clv("retention survivors.csv --discount 0.1 --payment 50 -o retention.csv --model-output sbg.json");
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.contains("  alpha        0.6681          0.1037\n"), "{}", shown.stdout);
    // Fader & Hardie (2007): 46.0% after year 8.
    let table = cells(&folder.read("retention.csv"));
    assert_eq!(
        table[0].join(","),
        "period,actual_survival,survival,retention,residual_lifetime,residual_value,elasticity"
    );
    assert!((table[9][2].parse::<f64>().unwrap() - 0.4604).abs() < 5e-5);
    let again = folder.clv("retention --model sbg.json --discount 0.1 --json").json();
    assert_eq!(again["projection"][8]["survival"].to_string(), table[9][2]);
    let published = concat!(env!("CARGO_MANIFEST_DIR"), "/models/fader-hardie-2007-sbg-high-end.json");
    let shown = folder.clv(&format!("retention --model {published} --periods 12"));
    assert!(shown.stdout.contains("37.8%"), "{}", shown.stdout);

    let refused = |content: &str, options: &str| {
        folder.write("bad.csv", content);
        let outcome = folder.clv(&format!("retention bad.csv {options}"));
        assert_ne!(outcome.code, 0);
        outcome.stderr
    };
    assert!(refused("period,survivors\n0,100\n1,101\n2,50\n", "").contains("nobody joins a cohort later"));
    assert!(refused("period,survivors\n0,100\n2,50\n", "").contains("period 1 is missing before period 2"));
    assert!(refused("period,survivors\n0,100\n1,50\n1,40\n", "").contains("line 4: period 1 appears twice"));
    assert!(refused("period,survivors\n0,100\n1,x\n", "").contains("survivors is `x`"));
    assert!(refused("period,survivors\n0,100\n1,50\n", "").contains("two periods at least"));
    assert!(refused("period,survivors\n0,100\n1,98\n2,97\n", "").contains("at least 10 are needed"));
    assert!(refused("period,survivors\n0,100\n1,-3\n", "").contains("-3 survivors"));
    let grown = "cohort,period,survivors\n2,0,9\n2,1,8\n10,0,5\n10,1,6\n";
    assert!(refused(grown, "").contains("cohort `10`: 6 survivors after period 1, of 5 before"));
    assert!(refused("period,survivors\n0,100\n", "--discount 0.1 --payment nan").contains("--payment is NaN"));
    assert!(refused("month,survivors\n0,100\n", "").contains("period"));
    assert!(refused("period,survivors\n0,100\n", "--discount 0").contains("may be infinite"));
}
