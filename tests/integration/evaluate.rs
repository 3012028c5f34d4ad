//! `clv evaluate` as a user meets it, and its figures against an independent computation.

use serde_json::Value;

use crate::command::{Folder, Records, cdnow};

/// Scores of a forecaster, in the order of [`SCORES`].
type Row = (&'static str, [f64; 8]);

const SCORES: [&str; 8] = [
    "expected",
    "mean_absolute_error_of_mean",
    "root_mean_square_error",
    "correlation",
    "rank_correlation",
    "gini",
    "top_10",
    "top_20",
];

const NAN: f64 = f64::NAN;

// By pandas and scipy: tests/reference/evaluate.py.

#[rustfmt::skip]
const PURCHASES: [Row; 9] = [
    ("bg-nbd", [1653.40881, 0.785454229, 1.60798204, 0.625647446, 0.449287419, 0.662420675, 0.469287991, 0.632837407]),
    ("calibrated", [1553.95573, 0.762143815, 1.60612429, 0.628731965, 0.467228711, 0.690519143, 0.464930925, 0.64282678]),
    ("zero", [0.0, 0.798472635, 2.20636638, NAN, NAN, 0.0, 0.1, 0.2]),
    ("last-period", [2457.0, 0.897327111, 1.97104625, 0.577229891, 0.487779894, 0.66016632, 0.454097768, 0.633595201]),
    ("order-value-times-frequency", [2930.10113, 1.02366916, 2.21191809, 0.583943439, 0.489801033, 0.665717484, 0.459015232, 0.6434644]),
    ("mean-per-period", [5769.26188, 1.92196367, 2.72329978, 0.584616454, 0.453999215, 0.680256795, 0.459015232, 0.6434644]),
    ("hiatus", [2603.77621, 0.943435989, 2.18836043, 0.585539409, 0.508597904, 0.643863805, 0.462327311, 0.642308714]),
    ("regression", [999.895018, 0.687308516, 1.73729138, 0.590005835, 0.514157826, 0.646834612, 0.462805526, 0.631243358]),
    ("hindsight", [1885.11662, 0.812981262, 1.65103722, 0.596364104, 0.457964644, 0.682203408, 0.459989373, 0.646546227]),
];

#[rustfmt::skip]
const VALUE: [Row; 9] = [
    ("bg-nbd", [59931.6289, 30.4078766, 72.2989472, 0.564686229, 0.426366063, 0.63778061, 0.501988337, 0.662852394]),
    ("calibrated", [54813.9467, 29.6778846, 74.1976343, 0.534403067, 0.452211821, 0.684001741, 0.492902893, 0.665397606]),
    ("zero", [0.0, 30.1130208, 91.7427397, NAN, NAN, 0.0, 0.1, 0.2]),
    ("last-period", [95355.6, 38.3418625, 157.912624, 0.313417171, 0.478939642, 0.67078825, 0.49095836, 0.669022671]),
    ("order-value-times-frequency", [115521.844, 43.4634165, 199.232518, 0.298034979, 0.479867883, 0.676245815, 0.491999776, 0.670007731]),
    ("mean-per-period", [207987.744, 73.0249928, 219.186353, 0.303860253, 0.398904052, 0.684364002, 0.499570942, 0.661115732]),
    ("hiatus", [104045.28, 40.3182559, 198.20616, 0.297802206, 0.50135962, 0.640534853, 0.502597963, 0.669962927]),
    ("regression", [49794.4682, 28.89818, 75.1066172, 0.516861092, 0.495498119, 0.661234592, 0.497910221, 0.653438221]),
    ("hindsight", [70981.2953, 33.1882694, 73.7552409, 0.525022134, 0.456555197, 0.680728108, 0.485154345, 0.65783991]),
];

/// Weights of the model and of the last period, with their standard errors, of purchases and of value.
const WEIGHTS: [(f64, f64); 4] =
    [(0.761136937, 0.124159908), (0.120262599, 0.0666681882), (0.685836876, 0.155679708), (0.143784167, 0.0788826686)];

/// Those that three days teach, each 90 days before the next, of a holdout from 1998-01-01 to 1998-03-31.
const POOLED_WEIGHTS: [(f64, f64); 4] = [
    (0.753064801, 0.0742820339),
    (0.116847098, 0.0470934304),
    (0.808564256, 0.126715507),
    (0.0331660491, 0.0822818748),
];

/// Customers who alone would have decided about them, of purchases and of value.
const LEFT_OUT: [[u64; 2]; 2] = [[1, 2], [1, 1]];

/// Mean absolute errors of the medians of BG/NBD, of purchases and of value.
const OF_MEDIANS: [f64; 2] = [0.665676708, 25.961175];

/// What the model expected in all on 1997-05-17, and what came until the split: purchases, and value.
const PAST: [(f64, f64); 2] = [(1034.01238, 1136.0), (37184.5292, 41945.78)];

const LOG_SCORES: [f64; 2] = [-0.984455133, -1.10722994];

/// The sample in weeks 40-78, evaluated as JSON.
fn sample(folder: &Folder, options: &str) -> Value {
    folder.clv(&format!("evaluate {} --split 1997-09-30 --json {options}", cdnow("orders-sample.csv"))).json()
}

/// The parameters are known to seven digits, and expectations that are nearly equal may tie here and not there.
#[track_caller]
fn assert_near(ours: &Value, known: f64, what: &str) {
    match ours.as_f64() {
        Some(ours) => assert!((ours - known).abs() <= 5e-6 * known.abs().max(0.01), "{what}: {ours}, not {known}"),
        None => assert!(known.is_nan(), "{what}: {ours}, not {known}"),
    }
}

#[test]
fn scores_are_those_of_an_independent_computation() {
    let all = sample(&Folder::new(), "");
    let scores = all["evaluations"][0]["scores"].as_array().unwrap();
    for (what, known) in [("purchases", PURCHASES), ("value", VALUE)] {
        for (name, row) in known {
            let ours = scores.iter().find(|score| score["forecaster"] == name && score["what"] == what).unwrap();
            for (score, known) in SCORES.iter().zip(row) {
                assert_near(&ours[score], known, &format!("{what}, {name}, {score}"));
            }
            assert_eq!(ours["customers"], 2357);
        }
    }
    for (what, known) in ["purchases", "value"].into_iter().zip(OF_MEDIANS) {
        let ours = scores.iter().find(|score| score["forecaster"] == "bg-nbd" && score["what"] == what).unwrap();
        assert_near(&ours["mean_absolute_error"], known, "error of medians");
        // Who has no distribution has no median of it.
        let rule = scores.iter().find(|score| score["forecaster"] == "hiatus" && score["what"] == what).unwrap();
        assert_eq!(rule["mean_absolute_error"], rule["mean_absolute_error_of_mean"]);
    }
    let model = &all["evaluations"][0]["models"][0];
    assert_near(&model["log_score"], LOG_SCORES[0], "log score");
    assert_near(&model["pooled_log_score"], LOG_SCORES[1], "pooled log score");
    let weights = all["evaluations"][0]["calibration"].as_array().unwrap();
    assert_weights(weights, ["1997-05-17", "1997-05-17"], WEIGHTS, LEFT_OUT[0]);
    // Those of the model that was chosen follow.
    assert_eq!((weights.len(), &weights[4]["model"]), (8, &Value::from("mbg-nbd")));
}

/// The range to plan with is wider by the error of the earlier forecast, and lies higher, since that was too low. By scipy, of a total
/// that is otherwise certain: `exp(t(0.1 and 0.9, 5))` about a third of the error, which the uncertainty by the model makes wider still.
#[test]
fn ranges_of_totals_hold_past_errors() {
    let all = sample(&Folder::new(), "--model bg-nbd");
    let evaluation = &all["evaluations"][0];
    let past = evaluation["past_forecasts"].as_array().unwrap();
    let ranges = evaluation["total_ranges"].as_array().unwrap();
    assert_eq!((past.len(), ranges.len()), (2, 2));
    for (((past, range), (expected, came)), usual) in past.iter().zip(ranges).zip(PAST).zip([0.10f64, 0.16]) {
        assert_eq!((&past["day"], &past["until"]), (&"1997-05-17".into(), &"1997-09-30".into()));
        assert_near(&past["expected"], expected, "expected before");
        assert_near(&past["actual"], came, "came before");
        let number = |name: &str| range[name].as_f64().unwrap();
        let error = (came / expected).ln();
        let scale = (4.0 / 3.0 * (4.0 * usual * usual + 2.0 / 3.0 * error * error) / 5.0).sqrt();
        // Student's t with 5 degrees of freedom at 0.9, by the table.
        let end = |sign: f64| number("expected") * (error / 3.0 + sign * 1.475_884 * scale).exp();
        let (low, high) = (number("lo80_past"), number("hi80_past"));
        assert!(low < end(-1.0) && low > 0.97 * end(-1.0), "{low} {}", end(-1.0));
        assert!(high > end(1.0) && high < 1.03 * end(1.0), "{high} {}", end(1.0));
        assert!(low < number("lo80") && number("hi80") < high);
        assert_eq!(range["past_forecasts"], 1);
    }
    let words =
        Folder::new().clv(&format!("evaluate {} --split 1997-09-30 --model bg-nbd", cdnow("orders-sample.csv")));
    let flowing = words.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flowing.contains("with the errors of one earlier forecast (") && flowing.contains("by the model alone)"),
        "{flowing}"
    );
}

/// Weights of BG/NBD, by the days on which they were learned, the latest first.
#[track_caller]
fn assert_weights(rows: &[Value], days: [&str; 2], known: [(f64, f64); 4], left_out: [u64; 2]) {
    for (i, (row, (weight, error))) in rows.iter().zip(known).enumerate() {
        let learned = ["learned_on", "learned_from"].map(|day| row[day].as_str().unwrap());
        assert_eq!((learned, &row["forecaster"]), (days, &Value::from("bg-nbd")));
        assert_eq!(
            (&row["left_out"], &row["part"]),
            (&left_out[i / 2].into(), &["model", "last-period"][i % 2].into())
        );
        assert_near(&row["weight"], weight, "weight");
        assert_near(&row["standard_error"], error, "standard error of a weight");
    }
}

#[test]
fn several_days_teach_together() {
    let options = "--split 1997-12-31 --until 1998-03-31 --model bg-nbd --json";
    let all = Folder::new().clv(&format!("evaluate {} {options}", cdnow("orders-sample.csv"))).json();
    let weights = all["evaluations"][0]["calibration"].as_array().unwrap();
    assert_eq!((weights.len(), &weights[0]["days"]), (4, &Value::from(3)));
    assert_weights(weights, ["1997-10-02", "1997-04-05"], POOLED_WEIGHTS, LEFT_OUT[1]);
}

/// Another future of the same length leaves the weights as they are; of several named models, the first one is calibrated.
#[test]
fn nothing_after_the_split_teaches() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap();
    let is_past = |line: &str| {
        !line.contains("1998-") && !["1997-10", "1997-11", "1997-12"].iter().any(|month| line.contains(month))
    };
    let past: String = text.split_inclusive('\n').filter(|line| is_past(line)).collect();
    let someone = past.lines().nth(1).unwrap().replace("1997-01", "1998-06");
    folder.write("other.csv", format!("{past}{}\n", someone.as_str()));
    let weights = |orders: &str| {
        let options = "--split 1997-09-30 --until 1998-06-30 --model mbg-nbd,bg-nbd --json";
        let all = folder.clv(&format!("evaluate {orders} {options}")).json();
        let rows = all["evaluations"][0]["scores"].as_array().unwrap().clone();
        let calibrated = |row: &&Value| row["forecaster"] == "calibrated";
        assert_eq!(rows.iter().filter(calibrated).count(), 2, "purchases and value");
        all["evaluations"][0]["calibration"].clone()
    };
    let ours = weights(&cdnow("orders-sample.csv"));
    assert_eq!((ours.as_array().unwrap().len(), &ours[0]["model"]), (4, &Value::from("mbg-nbd")));
    assert_eq!(ours, weights("other.csv"));
}

/// Seven of the first customers came back between 17 May and 30 September.
#[test]
fn a_handful_of_customers_teaches_nothing() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap();
    folder.write("orders.csv", text.split_inclusive('\n').take(100).collect::<String>());
    let options = "evaluate orders.csv --split 1997-09-30 --until 1998-06-30 --model bg-nbd --no-spend";
    let why = "of the customers known on 1997-05-17, 7 came back until 1997-09-30, and fewer than 10 teach nothing";
    let shown = folder.clv(options);
    assert!(shown.stdout.contains(&format!("no calibrated forecast: {why}")), "{}", shown.stdout);
    assert!(shown.stdout.contains(&format!("the model's own stands: {why}.")), "{}", shown.stdout);
    let all = folder.clv(&format!("{options} --json")).json();
    let evaluation = &all["evaluations"][0];
    assert_eq!(
        (&evaluation["models"][0]["not_calibrated"], &evaluation["calibration"]),
        (&Value::from(why), &Value::Array(vec![]))
    );
    assert!(evaluation["scores"].as_array().unwrap().iter().all(|row| row["forecaster"] != "calibrated"));
}

/// FHL05's figures of weeks 40-78 and what BTYD's users print: to the last printed digit.
#[test]
fn the_sample_reads_like_the_literature() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    // Half of the days, 39 weeks, nine months and nothing said all divide it where the paper does.
    let shown: Vec<String> = ["--split 1997-09-30", "--split 0.5", "--holdout 39w", "--holdout 9m", ""]
        .iter()
        .map(|split| {
            let shown = folder.clv(&format!("evaluate {orders} {split} --model bg-nbd"));
            assert_eq!((shown.code, shown.complaints()), (0, ""), "{}", shown.stderr);
            shown.stdout
        })
        .collect();
    assert!(shown.iter().all(|other| *other == shown[0]));
    for part in [
        "Holdout from 1997-10-01 to 1998-06-30: 2,357 customers known on 1997-09-30\n",
        "Purchases: 1,882 actual\n",
        "0.6657  1.6080  -0.0970\n",
        "BG/NBD                   0.626  0.449  0.662  46.9%  63.3%\n",
        "zero for all                 0.0  -100.0%  0.7985",
        "regression on R, F, M",
        "expected 12.1% fewer purchases in total than there were",
        "BG/NBD (1.6080) beats every simple rule",
        "by mean absolute error, with medians for models, BG/NBD (25.9612) beats every simple rule (“regression on R, F, M”: 28.8982)",
        "the top fifth for 66% (by chance: 10% and 20%; by “order value x frequency”: 49% and 67%)",
    ] {
        assert!(shown[0].contains(part), "no `{part}` in:\n{}", shown[0]);
    }
    let orders = cdnow("orders-sample.csv");
    let near = folder.clv(&format!("evaluate {orders} --split 1997-06-30 --model pareto-nbd")).stdout;
    assert!(
        near.contains("by root mean square error, Pareto/NBD and “regression on R, F, M” are alike (103."),
        "{near}"
    );
    let all = sample(&folder, "--model pareto-nbd");
    let of = |score: &str| all["evaluations"][0]["scores"][0][score].as_f64().unwrap();
    assert_eq!(format!("{:.4} {:.3}", of("mean_absolute_error_of_mean"), of("root_mean_square_error")), "0.7545 1.603");
    assert_eq!(format!("{:.3}", of("correlation")), "0.630");
    // Cumulative repeat purchases at the end: 4,270.0 expected, 4,339 made.
    let tracking = all["evaluations"][0]["models"][0]["tracking"].as_array().unwrap();
    let last = &tracking[tracking.len() - 1];
    assert_eq!((tracking.len(), &last["end_day"]), (78, &Value::from("1998-06-30")));
    assert_eq!(last["cumulative_actual"], 4339);
    assert_eq!(format!("{:.1}", last["cumulative_expected"].as_f64().unwrap()), "4270.0");
}

/// Where the model is true, its total is right, its intervals hold what they promise, and no simple rule is nearer.
#[test]
fn the_truth_wins() {
    let folder = Folder::new();
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/models/");
    let made = folder.clv(&format!(
        "simulate --customers 20000 --seed 3 --model {model}fader-hardie-lee-2005-bg-nbd.json \
         --model {model}fader-hardie-2013-gamma-gamma.json -o orders.csv"
    ));
    assert_eq!(made.code, 0, "{}", made.stderr);
    let all = folder.clv("evaluate orders.csv --split 0.5 --json").json();
    let evaluation = &all["evaluations"][0];
    let scores = evaluation["scores"].as_array().unwrap();
    let of = |name: &str, what: &str, score: &str| {
        let row = scores.iter().find(|row| row["forecaster"] == name && row["what"] == what).unwrap();
        row[score].as_f64().unwrap()
    };
    for what in ["purchases", "value"] {
        let off = of("bg-nbd", what, "total_error");
        assert!(off.abs() < 0.05, "{what}: {off}");
        for rule in ["zero", "last-period", "order-value-times-frequency", "mean-per-period", "hiatus", "regression"] {
            let (ours, theirs) =
                (of("bg-nbd", what, "root_mean_square_error"), of(rule, what, "root_mean_square_error"));
            assert!(ours < theirs, "{what}: {ours}, {rule} {theirs}");
        }
    }
    // What the model expects given all that is known is not to be bettered by a part of that.
    for row in evaluation["calibration"].as_array().unwrap() {
        let due = if row["part"] == "model" { 1.0 } else { 0.0 };
        let off = (row["weight"].as_f64().unwrap() - due).abs();
        // At 0 there is no error.
        assert!(row["standard_error"].as_f64().map_or(off == 0.0, |error| off < 4.0 * error), "{row}");
    }
    let model = &evaluation["models"][0];
    for row in model["coverage"].as_array().unwrap() {
        let (expected, covered) = (row["expected"].as_f64().unwrap(), row["covered"].as_f64().unwrap());
        // Four standard errors of a share of 4,000 customers.
        let error = 4.0 * (expected * (1.0 - expected) / 4e3).sqrt();
        assert!((covered - expected).abs() < error, "{row}");
    }
    assert!(model["log_score"].as_f64().unwrap() > model["pooled_log_score"].as_f64().unwrap());
    let deciles = model["value_deciles"].as_array().unwrap();
    for decile in &deciles[..3] {
        let (expected, actual) = (decile["expected"].as_f64().unwrap(), decile["actual"].as_f64().unwrap());
        assert!((actual / expected - 1.0).abs() < 0.15, "{decile}");
    }
}

/// Four customers of whom everything can be counted by hand, and two who are not known in January.
const SMALL: &str = "\
a,2024-01-01,10
a,2024-01-20,20
a,2024-02-10,30
a,2024-02-12,-5
b,2024-01-05,10
b,2024-01-25,14
b,2024-03-01,-4
c,2024-01-08,8
c,2024-01-30,9
c,2024-02-20,7
late,2024-02-15,100
late,2024-02-25,100
back,2024-01-02,-3
d,2024-01-15,6
";

/// Ten times the same, so that a model can be fitted.
fn small() -> String {
    let copies = (0..10).flat_map(|copy| SMALL.lines().map(move |line| format!("{copy}{line}\n")));
    std::iter::once("customer_id,order_date,amount\n".to_owned()).chain(copies).collect()
}

/// Returns count where they are made, customers who come late are counted and not scored.
#[test]
fn money_is_counted_alike_on_both_sides() {
    let folder = Folder::new();
    folder.write("orders.csv", small());
    let shown = folder.clv("evaluate orders.csv --split 2024-01-31 --no-spend --prior-sd 1 --json");
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    let evaluation = &shown.json()["evaluations"][0];
    assert_eq!((&evaluation["customers"], &evaluation["joined_later"]), (&Value::from(40), &Value::from(10)));
    // a on 10 February, c on the 20th.
    assert_eq!(evaluation["scores"][0]["actual"], 20.0);
    let shown = folder.clv("evaluate orders.csv --split 2024-01-31 --prior-sd 1 --json");
    let value = shown.json();
    let value = value["evaluations"][0]["scores"].as_array().unwrap();
    let value = value.iter().find(|row| row["what"] == "value").unwrap();
    // 30 - 5, -4, 7, 0.
    assert_eq!(value["actual"], 280.0);
    // Repeat purchases of January: 20, 14, 9; the first ones are no part of any later period.
    let last = shown.json();
    let last = last["evaluations"][0]["scores"].as_array().unwrap();
    let last = last.iter().find(|row| row["forecaster"] == "last-period" && row["what"] == "purchases").unwrap();
    assert_eq!(last["expected"], 30.0);
    assert!(shown.stderr.contains("10 more joined later and are not scored"), "{}", shown.stderr);
}

#[test]
fn several_splits_have_a_mean_and_a_spread() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let shown = folder.clv(&format!("evaluate {orders} --holdout 13w --origins 3 --tables out"));
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    for part in [
        "Holdout from 1998-04-01 to 1998-06-30",
        "Holdout from 1997-12-31 to 1998-03-31",
        "Holdout from 1997-10-01 to 1997-12-30",
        "3 splits: purchases",
        "3 splits: value, means and standard deviations",
    ] {
        assert!(shown.stdout.contains(part), "no `{part}` in:\n{}", shown.stdout);
    }
    let scores = Records::new(&folder.read("out/scores.csv"));
    let errors: Vec<f64> = (0..scores.rows.len())
        .filter(|&row| scores.text(row, "forecaster") == "bg-nbd" && scores.text(row, "what") == "purchases")
        .map(|row| scores.text(row, "mean_absolute_error").parse().unwrap())
        .collect();
    assert_eq!(errors.len(), 3);
    let mean = errors.iter().sum::<f64>() / 3.0;
    let spread = Records::new(&folder.read("out/spread.csv"));
    let row = (0..spread.rows.len())
        .find(|&row| {
            ["forecaster", "what", "score"].map(|name| spread.text(row, name))
                == ["bg-nbd", "purchases", "mean_absolute_error"]
        })
        .unwrap();
    assert!((spread.text(row, "mean").parse::<f64>().unwrap() - mean).abs() < 1e-12);
    let tables = ["scores", "spread", "activity", "tiers", "confusion", "coverage", "tracking", "by-frequency"];
    for table in tables {
        let records: Vec<Value> = serde_json::from_str(&folder.read(&format!("out/{table}.json"))).unwrap();
        assert_eq!(records.len(), Records::new(&folder.read(&format!("out/{table}.csv"))).rows.len(), "{table}");
    }
}

/// Whole months: BG/BB, beside the others.
#[test]
fn opportunities_are_evaluated_too() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    let words = format!("evaluate {orders} --grain month --unit month --model bg-bb,bg-nbd --split 1997-09-30 --json");
    let all = folder.clv(&words).json();
    let evaluation = &all["evaluations"][0];
    let tracking = evaluation["models"][0]["tracking"].as_array().unwrap();
    assert_eq!(tracking.len(), 18);
    assert_eq!(tracking[17]["end_day"], "1998-06-30");
    // The comparison asks the same question.
    let words = format!("compare {orders} --grain month --unit month --models bg-bb,bg-nbd --split 1997-09-30 --json");
    let compared = folder.clv(&words).json();
    for model in compared["models"].as_array().unwrap() {
        let scores = evaluation["scores"].as_array().unwrap();
        let same = scores.iter().find(|row| row["forecaster"] == model["model"]).unwrap();
        assert_eq!(same["expected"], model["holdout_expected"]);
        assert_eq!(same["mean_absolute_error"], model["holdout_mean_absolute_error"]);
    }
}

#[test]
fn what_cannot_be_evaluated_is_refused_with_advice() {
    let folder = Folder::new();
    folder.write("orders.csv", small());
    folder.clv("summarize orders.csv -o summary.csv");
    for (words, code, why) in [
        ("evaluate summary.csv", 2, "summary.csv is a summary; what came after takes orders"),
        ("evaluate orders.csv --split 2024-03-01", 2, "leaves nothing to foresee"),
        ("evaluate orders.csv --split 2023-01-01", 2, "leaves nothing to know"),
        ("evaluate orders.csv --split 1.5", 2, "does not divide the orders"),
        ("evaluate orders.csv --holdout 3y", 2, "leaves nothing to know"),
        ("evaluate orders.csv --holdout forever", 2, "is no length of time"),
        ("evaluate orders.csv --split 0.5 --holdout 3w", 2, "cannot be used with"),
        ("evaluate orders.csv --origins 0", 2, "--origins is 0; give 1 to 100"),
        ("evaluate orders.csv --origins 5 --holdout 3w", 2, "Give fewer, or a shorter --step"),
        ("evaluate orders.csv --tiers 5,1", 2, "at ascending amounts"),
        ("evaluate orders.csv --tiers many", 2, "give terciles, quartiles, deciles"),
        ("evaluate orders.csv --intervals 0", 2, "give per cents between 0 and 100"),
        ("evaluate orders.csv --model bg-nbd,bg-nbd", 2, "appears twice"),
        ("evaluate orders.csv --model bg-bb", 1, "BG/BB could not be fitted"),
        ("evaluate orders.csv --grain month --split 2024-01-15", 2, "cuts a month in two"),
        ("evaluate orders.csv --split 2024-01-31 --strict", 1, "follow no purchase"),
        ("evaluate orders.csv --split 2024-01-03", 1, "BG/NBD could not be fitted to the orders until 2024-01-03"),
        ("evaluate orders.csv --prior-sd 1 --tables orders.csv", 2, "there is a file of this name"),
        ("evaluate orders.csv --step 3w", 2, "--step goes with --origins"),
    ] {
        let shown = folder.clv(words);
        assert_eq!(shown.code, code, "{words}: {}{}", shown.stdout, shown.stderr);
        assert!(shown.stderr.contains(why), "{words}: {}", shown.stderr);
    }
}

/// Whatever the orders, nothing that is printed is no number.
#[test]
fn odd_orders_give_no_nan() {
    let folder = Folder::new();
    let everyone = |amount: &dyn Fn(u32) -> f64| {
        let rows = (0..60u32).flat_map(|i| {
            let (first, repeats) = (i % 20, i % 4);
            (0..=repeats).map(move |n| (i, first + 11 * n))
        });
        let rows = rows.map(|(i, day)| {
            let date = format!("2024-{:02}-{:02}", day / 28 + 1, day % 28 + 1);
            format!("{i},{date},{}\n", amount(i + day))
        });
        std::iter::once("customer_id,order_date,amount\n".to_owned()).chain(rows).collect::<String>()
    };
    for (what, orders) in [
        ("free", everyone(&|_| 0.0)),
        ("one price", everyone(&|_| 9.5)),
        ("huge", everyone(&|i| 1e12 + f64::from(i))),
        ("tiny", everyone(&|i| 1e-9 * f64::from(i + 1))),
    ] {
        folder.write("orders.csv", orders);
        let shown = folder.clv("evaluate orders.csv --split 2024-01-28 --prior-sd 1");
        assert_eq!(shown.code, 0, "{what}: {}", shown.stderr);
        let words = format!("{}{}", shown.stdout, shown.stderr);
        assert!(!words.contains("NaN") && !words.contains("inf"), "{what}: {words}");
        folder.clv("evaluate orders.csv --split 2024-01-28 --prior-sd 1 --json").json();
    }
}
