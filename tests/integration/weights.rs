//! Rows that stand for several customers, and customers counted: fits, scores and totals are those of the customers one by one.

use clv::covariates::CovariateOptions;
use clv::fit::Resampling;
use clv::model_file::{ModelFile, ModelOptions};
use clv::models::{TimingKind, TimingModel};
use clv::predict::{Grouping, Horizon, Modelled, PerCustomer, TotalOptions, Totals};
use clv::simulate::Population;
use clv::summary::{
    Attribute, Cohort, Counts, CustomerIds, Day, FitData, Grain, Observation, PurchaseLog, Summary, TimeUnit,
};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::command::{Folder, cdnow};
use crate::covariates::rows::ninety;
use crate::family::{SPEND, kinds, truths};

/// CDNOW's orders up to 1997-09-30, with what lies between purchases; by the day, or by the week in weeks.
fn cdnow_summary(file: &str, grain: Grain) -> Summary {
    let mut log = PurchaseLog::new(grain);
    for line in std::fs::read_to_string(cdnow(file)).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        log.add(fields[0], fields[1].parse().unwrap(), fields[3].parse().unwrap()).unwrap();
    }
    let (summary, _) = log.summary(TimeUnit::Week, "1997-09-30".parse().unwrap(), &Cohort::default()).unwrap();
    let sums = log.sum_log_interpurchase(&summary).unwrap();
    Summary { sum_log_interpurchase: Some(sums), ..summary }
}

/// Simulated customers who are seen on whole days, so that many are alike.
fn simulated(timing: TimingModel, count: usize) -> Summary {
    let population = Population { timing, spend: Some(SPEND), joining: 12.0, length: 52.0 };
    let day = |week: f64| (week * 7.0).floor() / 7.0;
    let histories = population.customers(3).take(count).map(|customer| {
        let history = customer.history();
        let T = day(history.T).max(1.0);
        let t_x = if history.frequency > 0 { day(history.t_x).clamp(1.0 / 7.0, T) } else { 0.0 };
        let x = history.frequency as usize;
        let mean = if x > 0 { customer.spend[1..=x].iter().sum::<f64>() / x as f64 } else { 0.0 };
        (clv::summary::History::new(history.frequency, t_x, T), (mean * 100.0).round() / 100.0)
    });
    let observation = Observation::new(TimeUnit::Week, Grain::Day, Day(3));
    Summary::from_histories(histories.collect::<Vec<_>>(), observation)
}

fn options(kind: TimingKind) -> ModelOptions {
    ModelOptions { timing: kind.into(), ..ModelOptions::default() }
}

/// The text of the model file, and who is left out; or why nothing could be fitted.
fn fitted<'a>(data: impl Into<FitData<'a>>, options: &ModelOptions) -> Result<(String, f64), String> {
    let fitted = ModelFile::fit(data, options);
    fitted.map(|(file, without)| (file.to_json(), without)).map_err(|error| error.to_string())
}

/// The same customers under other ids, in another order.
fn shuffled(summary: &Summary) -> Summary {
    let mut rng = Pcg64::seed_from_u64(9);
    let mut rows: Vec<usize> = (0..summary.len()).collect();
    rows.shuffle(&mut rng);
    let mut ids: Vec<i64> = (0..rows.len() as i64).map(|id| 7 * id + 1000).collect();
    ids.shuffle(&mut rng);
    Summary { customers: CustomerIds::Number(ids), ..summary.select(&rows) }
}

#[test]
fn weight_two_is_the_customer_twice_for_every_model() {
    let mut rng = Pcg64::seed_from_u64(5);
    let day = cdnow_summary("orders-sample.csv", Grain::Day);
    let week = cdnow_summary("orders-sample.csv", Grain::Week);
    let weights: Vec<f64> = (0..day.len()).map(|_| f64::from(rng.random_range(0..4u8))).collect();
    let repeated: Vec<usize> = (0..day.len()).flat_map(|row| vec![row; weights[row] as usize]).collect();
    for kind in TimingKind::ALL.iter().copied().chain(kinds()) {
        let summary = if kind.is_discrete() { &week } else { &day };
        let (weighted, many) = (summary.weighted(&weights).unwrap(), summary.select(&repeated));
        assert_eq!(weighted.size(), repeated.len() as f64);
        let fit = fitted(&weighted, &options(kind));
        assert!(fit.is_ok(), "{kind}: {fit:?}");
        assert_eq!(fit, fitted(&many, &options(kind)), "{kind}");
        assert_ne!(fit, fitted(summary, &options(kind)), "{kind}");
    }
    // Refits draw from the same counted rows.
    let (weighted, many) = (day.weighted(&weights).unwrap(), day.select(&repeated));
    for bootstrap_by in [Resampling::Customers, Resampling::Model] {
        let how = ModelOptions { bootstrap: Some(10), bootstrap_by, ..options(TimingKind::BgNbd) };
        assert_eq!(fitted(&weighted, &how), fitted(&many, &how));
    }
}

#[test]
fn weights_count_in_covariates() {
    let summary = ninety();
    let mut rng = Pcg64::seed_from_u64(6);
    let weights: Vec<f64> = (0..summary.len()).map(|_| f64::from(rng.random_range(0..4u8))).collect();
    let repeated: Vec<usize> = (0..summary.len()).flat_map(|row| vec![row; weights[row] as usize]).collect();
    let named = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    let (weighted, many) = (summary.weighted(&weights).unwrap(), summary.select(&repeated));
    let by = named(&["channel", "age"]);
    let counts = Counts::new(&summary, &by, false).unwrap();
    for kind in [TimingKind::BgNbd, TimingKind::ParetoNbd, TimingKind::MbgNbd] {
        let covariates = CovariateOptions {
            purchases: by.clone(),
            dropout: named(&["channel"]),
            spend: named(&["channel", "log(frequency)"]),
            ..CovariateOptions::default()
        };
        let how = ModelOptions { covariates, ..options(kind) };
        assert_eq!(fitted(&weighted, &how), fitted(&many, &how), "{kind}");
        assert_eq!(fitted(&counts, &how), fitted(&summary, &how), "{kind}");
        assert_eq!(fitted(&shuffled(&summary), &how), fitted(&summary, &how), "{kind}");
    }
}

/// Parameters, log-likelihood, covariance and all else that the model file says.
#[test]
fn a_fit_to_counts_is_the_fit_to_the_summary_to_the_bit() {
    let sample = cdnow_summary("orders-sample.csv", Grain::Day);
    let week = cdnow_summary("orders-sample.csv", Grain::Week);
    let all = cdnow_summary("orders.csv", Grain::Day);
    for kind in TimingKind::ALL.iter().copied().chain(kinds()) {
        let mut summaries = vec![if kind.is_discrete() { &week } else { &sample }];
        // Fitted in a second, also in builds that are not for speed.
        if matches!(kind, TimingKind::BgNbd | TimingKind::MbgNbd | TimingKind::Nbd) {
            summaries.push(&all);
        }
        for summary in summaries {
            let counts = Counts::new(summary, &[], false).unwrap();
            assert!(counts.timing().len() < summary.len());
            assert_eq!(counts.statistics(), summary.statistics.as_ref());
            let fit = fitted(summary, &options(kind));
            assert!(fit.is_ok(), "{kind}: {fit:?}");
            assert_eq!(fitted(&counts, &options(kind)), fit, "{kind}");
            assert_eq!(fitted(&shuffled(summary), &options(kind)), fit, "{kind}");
            assert_eq!(Counts::new(&shuffled(summary), &[], false).unwrap(), counts);
        }
    }
    // What lies between purchases by the column alone; robust errors; a prior; refits.
    let sums = Summary { statistics: None, ..sample.clone() };
    let counts = Counts::new(&sums, &[], false).unwrap();
    assert_eq!(counts.statistics(), None);
    for how in [
        options(TimingKind::MbgCnbd(None)),
        ModelOptions { fit: clv::fit::FitOptions { robust: true, ..Default::default() }, ..options(TimingKind::BgNbd) },
        ModelOptions {
            fit: clv::fit::FitOptions { prior_sd: Some(2.0), ..Default::default() },
            ..options(TimingKind::ParetoNbd)
        },
        ModelOptions { bootstrap: Some(10), ..options(TimingKind::Nbd) },
    ] {
        let fit = fitted(&sums, &how);
        assert!(fit.is_ok(), "{fit:?}");
        assert_eq!(fitted(&counts, &how), fit);
    }
    // Spend alone, and who is left out of it.
    let spend = |data: FitData<'_>| {
        let (file, without) = ModelFile::of_spend(data, &ModelOptions::default()).unwrap();
        (file.to_json(), without)
    };
    assert_eq!(spend((&counts).into()), spend((&sums).into()));
    // What is refused of one is refused of the other, in the same words.
    let few = sample.select(&(0..12).collect::<Vec<usize>>());
    let refused = fitted(&few, &options(TimingKind::BgNbd)).unwrap_err();
    assert_eq!(fitted(&Counts::new(&few, &[], false).unwrap(), &options(TimingKind::BgNbd)).unwrap_err(), refused);
    let unpriced = Summary { knows_spend: false, ..sample };
    let refused = fitted(&unpriced, &options(TimingKind::BgNbd)).unwrap_err();
    assert_eq!(fitted(&Counts::new(&unpriced, &[], false).unwrap(), &options(TimingKind::BgNbd)).unwrap_err(), refused);
}

#[test]
fn simulated_customers_are_counted_to_the_bit_and_scored_alike() {
    for kind in kinds().into_iter().filter(|kind| !kind.is_discrete()) {
        let summary = simulated(truths(kind)[0], 4000);
        let counts = Counts::new(&summary, &[], true).unwrap();
        let how = options(kind);
        let fit = fitted(&summary, &how);
        assert!(fit.is_ok(), "{kind}: {fit:?}");
        assert_eq!(fitted(&counts, &how), fit, "{kind}");
        let file = ModelFile::from_json(&fit.unwrap().0, "model").unwrap();
        let predictor = file.predictor().unwrap();
        let timing = |summary: &Summary| Modelled::new(&predictor, summary).unwrap().log_likelihood();
        assert_eq!(timing(counts.timing()), timing(&summary), "{kind}");
        let spend = |summary: &Summary| predictor.spend_models(summary).unwrap().unwrap().log_likelihood(summary);
        assert_eq!(spend(counts.spend().unwrap()), spend(&summary), "{kind}");
        // The likelihood is that of the fit.
        let fitted = file.timing.as_ref().unwrap().fit.as_ref().unwrap().log_likelihood;
        assert!((timing(&summary) / fitted - 1.0).abs() < 1e-12, "{kind}");
    }
}

/// With the uncertainty of the parameters and without, in groups and of all.
#[test]
fn totals_depend_neither_on_order_nor_on_ids_and_are_those_of_counts() {
    let mut summary = simulated(truths(TimingKind::BgNbd)[0], 30_000);
    let shop = |i: usize| Some(["north", "south", "west"][i % 7 % 3].to_owned());
    summary.attributes = vec![Attribute::new("shop".to_owned(), &(0..summary.len()).map(shop).collect::<Vec<_>>())];
    let file = ModelFile::fit(&summary, &options(TimingKind::BgNbd)).unwrap().0;
    let counts = Counts::new(&summary, &["shop".to_owned()], true).unwrap();
    let horizon: Horizon = "26w".parse().unwrap();
    let options = TotalOptions { futures: 40, seed: 4 };
    let totals = |summary: &Summary, spend: bool, by: bool, known: bool| -> Totals {
        let mut predictor = file.predictor().unwrap();
        predictor.spend = predictor.spend.filter(|_| spend);
        let uncertainty = if known { file.uncertainty() } else { Default::default() };
        let groups = if by { Grouping::by("shop", summary).unwrap() } else { Grouping::all(summary.len()) };
        let margin = PerCustomer::All(0.3);
        predictor.outlook(summary).unwrap().totals(&groups, &horizon, &margin, &uncertainty, &options).unwrap()
    };
    let other = shuffled(&summary);
    for (by, known) in [(true, false), (false, true)] {
        let all = totals(&summary, true, by, known);
        assert_eq!(all.all.customers, 30_000);
        assert_eq!(totals(&other, true, by, known), all);
        assert_eq!(totals(counts.joint().unwrap(), true, by, known), all);
        let purchases = totals(&summary, false, by, known);
        assert_eq!(totals(counts.timing(), false, by, known), purchases);
        // The same expectation, whatever is asked besides: the exact sum, rounded once.
        assert_eq!(purchases.all.purchases.expected, all.all.purchases.expected);
    }
    let refused = counts.customers_for(true).map(Summary::len);
    assert!(refused.is_ok());
    let apart = Counts::new(&summary, &[], false).unwrap().customers_for(true).unwrap_err().to_string();
    assert!(apart.contains("count the summary again with joint"), "{apart}");
    let parts = summary.weighted(&vec![0.5; summary.len()]).unwrap();
    let predictor = file.predictor().unwrap();
    let outlook = predictor.outlook(&parts).unwrap();
    let refused = outlook.counted(&Grouping::all(parts.len()), &PerCustomer::All(1.0)).unwrap_err().to_string();
    assert!(refused.contains("a weight is not whole"), "{refused}");
}

/// Donations of 11,104 people over six years, as Fader, Hardie & Shang (2010) print them in table 1: frequency, recency, number of
/// opportunities and people.
const DONATIONS: &str = "frequency,recency,periods,weights
0,0,6,3464\n1,1,6,1091\n1,2,6,277\n1,3,6,129\n1,4,6,78\n1,5,6,119\n1,6,6,129\n2,2,6,613\n2,3,6,255\n2,4,6,155\n2,5,6,173
2,6,6,234\n3,3,6,322\n3,4,6,181\n3,5,6,225\n3,6,6,357\n4,4,6,240\n4,5,6,284\n4,6,6,512\n5,5,6,335\n5,6,6,728\n6,6,6,1203\n";

const TIMES: &str = "--unit year --grain year --until 2001-12-31";

#[test]
fn the_counted_table_of_donations_is_fitted_by_the_command() {
    let folder = Folder::new();
    folder.write("donations.csv", DONATIONS);
    let fit = folder.clv(&format!("fit donations.csv --model bg-bb --no-spend {TIMES} --weights weights --json"));
    let results = fit.json();
    assert!(fit.stderr.contains("Read a summary of 11,104 customers in 22 rows from donations.csv"), "{}", fit.stderr);
    assert_eq!(results["summary"]["customers"], 11_104);
    assert_eq!(results["summary"]["rows"], 22);
    let record = &results["model"]["timing"];
    // Their table 2: log-likelihood -33,225.6.
    for (name, printed) in [("alpha", 1.204), ("beta", 0.750), ("gamma", 0.657), ("delta", 2.783)] {
        let ours = record["parameters"][name].as_f64().unwrap();
        assert!((ours - printed).abs() <= 0.000_500_1, "{name} {ours}");
    }
    assert!((record["fit"]["log_likelihood"].as_f64().unwrap() + 33_225.6).abs() <= 0.050_001);
    assert_eq!(record["fit"]["customers"], 11_104);
    let words = format!("fit donations.csv --model bg-bb --no-spend {TIMES} --weights weights -q -o model.json");
    assert_eq!(folder.clv(&words).code, 0);
    // Every row is answered, with its weight; sums are of people.
    let predict = "predict donations.csv --until 2001-12-31 --model model.json --weights weights --horizons 5y";
    let predicted = folder.clv(&format!("{predict} --totals totals.csv -o rows.csv --json")).json();
    let rows: Vec<Vec<String>> = crate::command::cells(&folder.read("rows.csv"));
    assert_eq!(rows[0][..5], ["customer_id", "frequency", "recency", "T", "customers"]);
    let place = rows[0].iter().position(|name| name == "purchases_5y").unwrap();
    let number = |row: &Vec<String>, i: usize| row[i].parse::<f64>().unwrap();
    let sum: f64 = rows[1..].iter().map(|row| number(row, 4) * number(row, place)).sum();
    let told = predicted["forecast"]["totals"][0]["purchases"].as_f64().unwrap();
    assert!((sum / told - 1.0).abs() < 1e-12, "{sum} {told}");
    assert!(folder.read("totals.csv").lines().nth(1).unwrap().contains(",11104,"), "{}", folder.read("totals.csv"));
}

#[test]
fn what_says_how_many_customers_rows_are_is_asked_for_and_checked() {
    let folder = Folder::new();
    folder.write("donations.csv", DONATIONS);
    folder.write("model.json", include_str!("../../models/fader-hardie-shang-2010-bg-bb.json"));
    let asked = folder.clv(&format!("fit donations.csv --model bg-bb --no-spend {TIMES}"));
    assert_eq!(asked.code, 2);
    for words in ["how many customers a row stands for?", "--weights weights", "--ignore weights"] {
        assert!(asked.stderr.contains(words), "{}", asked.stderr);
    }
    let elsewhere = folder.clv(&format!("describe donations.csv {TIMES}"));
    assert!(elsewhere.stderr.contains("Rows with weights are not taken here"), "{}", elsewhere.stderr);
    assert!(!elsewhere.stderr.contains("--weights"), "{}", elsewhere.stderr);
    for (wrong, words) in
        [("-3", "is `-3`"), ("NaN", "is `NaN`"), ("inf", "is `inf`"), ("", "is ``"), ("many", "is `many`")]
    {
        folder.write("wrong.csv", DONATIONS.replace("1,2,6,277", &format!("1,2,6,{wrong}")));
        let refused =
            folder.clv(&format!("fit wrong.csv --model bg-bb --no-spend {TIMES} --weights weights -o m.json"));
        assert_eq!(refused.code, 1, "{}", refused.stderr);
        assert!(refused.stderr.contains("wrong.csv line 4"), "{}", refused.stderr);
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    // Nobody is left out in silence.
    folder.write("zero.csv", DONATIONS.replace("1,2,6,277", "1,2,6,0"));
    let fit = folder.clv(&format!("fit zero.csv --model bg-bb --no-spend {TIMES} --weights weights -o zero.json"));
    assert_eq!(fit.code, 0, "{}", fit.stderr);
    let said = format!("{}{}", fit.stdout, fit.stderr);
    assert!(said.contains("10,827 customers in 21 rows") && said.contains("left out: 1 row with weight 0"), "{said}");
    folder.write("none.csv", "frequency,recency,T,n\n0,0,6,0\n1,1,6,0\n");
    let none = folder.clv(&format!("fit none.csv --no-spend {TIMES} --weights n -o none.json"));
    assert!(none.code == 1 && none.stderr.contains("all weights are zero"), "{}", none.stderr);
    let orders = cdnow("orders-sample.csv");
    for words in [
        format!("fit {orders} --weights quantity -o m.json"),
        format!("compare {orders} --weights quantity"),
        format!("compare {orders} --split 1997-09-30 --weights quantity"),
        format!("evaluate {orders} --weights quantity"),
        "predict --new --model model.json --weights quantity".to_owned(),
    ] {
        let refused = folder.clv(&words);
        assert_eq!(refused.code, 2, "{words}: {}", refused.stderr);
        assert!(refused.stderr.contains("--weights"), "{words}: {}", refused.stderr);
    }
    let missing = folder.clv(&format!("fit donations.csv --model bg-bb --no-spend {TIMES} --weights wights -o m.json"));
    assert!(missing.code != 0 && missing.stderr.contains("did you mean `weights`"), "{}", missing.stderr);
    assert!(!folder.names().contains(&"m.json".to_owned()));
    let compared = folder.clv(&format!("compare donations.csv --models bg-bb {TIMES} --weights weights --json")).json();
    let bins = compared["models"][0]["frequency_histogram"].as_array().unwrap();
    let actual: f64 = bins.iter().map(|bin| bin["actual"].as_f64().unwrap()).sum();
    assert_eq!(actual, 11_104.0);
}

/// A billion customers of three years, by the day: 40 million distinct histories, each with the number of customers that BG/NBD expects of
/// it, so that the fit comes back to the parameters. Takes half a minute and less than 8 GB:
/// `cargo test --release --test integration forty_million -- --ignored --nocapture`.
#[test]
#[ignore = "takes gigabytes"]
fn forty_million_counted_rows_are_fitted() {
    use clv::fit::{Fitted, maximum_likelihood};
    use clv::models::BgNbd;
    use clv::special::ln_gamma;
    use clv::summary::{Counted, CountedHistories, History};

    const DAYS: u32 = 1095;
    const MOST: u32 = 66;
    let truth = BgNbd { r: 0.8, alpha: 6.0, a: 0.9, b: 2.5 };
    let BgNbd { r, alpha, a, b } = truth;
    // Of FHL05's equation 3, the terms that hang on x alone, with the number of ways to come x times until t_x: t_x^(x-1)/(x-1)!.
    let of_x: Vec<[f64; 2]> = (0..=MOST)
        .map(|x| {
            let x = f64::from(x);
            let ln_beta = |a: f64, b: f64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
            let rates = ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln() - if x > 0.0 { ln_gamma(x) } else { 0.0 };
            let left = if x > 0.0 { ln_beta(a + 1.0, b + x - 1.0) - ln_beta(a, b) } else { f64::NEG_INFINITY };
            [rates + ln_beta(a, b + x) - ln_beta(a, b), rates + left]
        })
        .collect();
    let week = |day: u32| f64::from(day) / 7.0;
    let each = 1e9 / f64::from(DAYS);
    let customers = |x: u32, t_x: f64, T: f64| {
        let n = r + f64::from(x);
        let [alive, left] = of_x[x as usize];
        let ways = if x > 0 { f64::from(x - 1) * t_x.ln() - 7f64.ln() } else { 0.0 };
        let terms = (alive - n * (alpha + T).ln()).exp() + (left - n * (alpha + t_x).ln()).exp();
        each * ways.exp() * terms
    };
    let rows = (1..=DAYS).flat_map(|age| {
        let T = week(age);
        let came = (1..=age).flat_map(move |day| (1..=MOST).map(move |x| (x, week(day), T)));
        std::iter::once((0, 0.0, T)).chain(came)
    });
    let counted = rows.map(|(x, t_x, T)| (History::new(x, t_x, T), customers(x, t_x, T))).filter(|row| row.1 > 0.0);
    let begun = std::time::Instant::now();
    let data = CountedHistories::weighted(counted);
    let counting = begun.elapsed();
    assert!(data.distinct() > 39_000_000, "{}", data.distinct());
    let Fitted { model, estimate, .. } = maximum_likelihood::<BgNbd, 4>(&data).unwrap();
    println!(
        "{} rows of {:.0} customers: made in {counting:.1?}, fitted in {:.1?}, {} evaluations: {model:?}",
        data.distinct(),
        data.customers(),
        begun.elapsed() - counting,
        estimate.evaluations
    );
    // The density at each day's end stands for that of the day.
    for (ours, known) in [(model.r, r), (model.alpha, alpha), (model.a, a), (model.b, b)] {
        assert!((ours / known - 1.0).abs() < 0.02, "{model:?}");
    }
}
