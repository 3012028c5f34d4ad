//! The answers besides expectations: against simulated customers, against each other, and through the command.

use clv::fit::{BootstrapOptions, FitOptions, FitRecord, Resampling, bootstrap};
use clv::models::{BgNbd, FuturePurchases, GammaGamma, Timing, TimingKind, TimingModel};
use clv::predict::{Grouping, Horizon, ParameterUncertainty, PerCustomer, Predictor, TotalOptions, Valuation};
use clv::simulate::{Population, SimulatedCustomer};
use clv::summary::{CountedHistories, Day, Grain, History, Observation, Summary, TimeUnit};

use crate::command::{Folder, Outcome, Records, cdnow};
use crate::family::{SPEND, histories, kinds, truths};

/// Weeks are days here, so that a horizon of days may be any whole time.
fn observation(kind: TimingKind) -> Observation {
    let grain = if kind.is_discrete() { Grain::Week } else { Grain::Day };
    // A Sunday.
    Observation { unit: TimeUnit::Week, grain, end: Day(3) }
}

fn predictor(timing: TimingModel) -> Predictor {
    let Observation { unit, grain, .. } = observation(timing.kind());
    Predictor { timing, spend: Some(SPEND), unit, grain, currency: None, effects: None }
}

fn horizon(text: &str) -> Horizon {
    text.parse().unwrap()
}

/// Customers observed for 20 weeks, and what they did in the 60 weeks after.
fn watched(truth: TimingModel, count: usize, seed: u64) -> (Summary, Vec<SimulatedCustomer>) {
    let population = Population { timing: truth, spend: Some(SPEND), joining: 0.0, length: 80.0 };
    let customers: Vec<SimulatedCustomer> = population.customers(seed).take(count).collect();
    let histories = customers.iter().map(|customer| {
        let history = History::of_purchases(&customer.repeats, 20.0);
        let x = history.frequency as usize;
        (history, if x > 0 { customer.spend[1..=x].iter().sum::<f64>() / x as f64 } else { 0.0 })
    });
    (Summary::from_histories(histories, observation(truth.kind())), customers)
}

fn purchases_between(customer: &SimulatedCustomer, from: f64, to: f64) -> f64 {
    let until = |t: f64| customer.repeats.partition_point(|&time| time <= t);
    (until(to) - until(from)) as f64
}

/// A mean of numbers with this expectation is within 4.5 standard errors of it.
#[track_caller]
fn assert_mean(what: &str, actual: &[f64], expected: &[f64]) {
    let n = actual.len() as f64;
    let off: f64 = actual.iter().zip(expected).map(|(a, e)| a - e).sum::<f64>() / n;
    let spread: f64 = actual.iter().zip(expected).map(|(a, e)| (a - e).powi(2)).sum::<f64>() / n;
    assert!(
        off.abs() <= 4.5 * (spread / n).sqrt(),
        "{what}: off by {off}, {} standard errors",
        off / (spread / n).sqrt()
    );
}

#[test]
fn chances_and_later_periods_are_those_of_simulated_customers() {
    for kind in kinds() {
        for (i, &truth) in truths(kind).iter().enumerate() {
            let (summary, customers) = watched(truth, 20_000, 40 + i as u64);
            let predictor = predictor(truth);
            let what = |what: &str| format!("{kind} {i} {what}");
            let outlook = predictor.outlook(&summary).unwrap();
            let chances = outlook.everybody().chances(&outlook.chances_ahead(&[horizon("13w")]).unwrap()[0]);
            let any: Vec<f64> = customers.iter().map(|c| purchases_between(c, 20.0, 33.0).min(1.0)).collect();
            assert_mean(&what("any purchase"), &any, &chances.p_purchase.unwrap());
            let forecast = predictor.forecast(
                &summary,
                &[horizon("13w..39w"), horizon("39w"), horizon("13w")],
                &Valuation::default(),
            );
            let forecast = forecast.unwrap();
            let later: Vec<f64> = customers.iter().map(|c| purchases_between(c, 33.0, 59.0)).collect();
            assert_mean(&what("later"), &later, &forecast.horizons[0].purchases);
            for ((later, all), before) in forecast.horizons[0]
                .purchases
                .iter()
                .zip(&forecast.horizons[1].purchases)
                .zip(&forecast.horizons[2].purchases)
            {
                assert!((later + before - all).abs() <= 1e-12 * all);
            }
            // P(alive) later is what is to be expected now of P(alive) then.
            let then: Vec<f64> =
                customers.iter().map(|c| truth.p_alive(&History::of_purchases(&c.repeats, 33.0))).collect();
            assert_mean(&what("alive"), &then, &chances.p_alive.unwrap());
        }
    }
}

/// By the day that is named for half of the next purchases, half of those that ever come have come: of the customers who
/// will be back, as many as the chance says, came by then.
#[test]
fn the_next_purchase_comes_when_it_is_said_to() {
    for kind in kinds() {
        let truth = truths(kind)[1];
        let (summary, customers) = watched(truth, 5_000, 77);
        let shares = [0.2, 0.5];
        let outlook = predictor(truth).outlook(&summary).unwrap();
        let next = outlook.everybody().next_purchase(&shares).unwrap();
        let end = summary.observation.end;
        for (share, days) in shares.iter().zip(&next.by) {
            let (mut came, mut expected) = (Vec::new(), Vec::new());
            for (i, customer) in customers.iter().enumerate() {
                let history = summary.history(i);
                let (alive, future) = (truth.p_alive(&history), truth.future(&history));
                let Some(day) = days[i] else { continue };
                let weeks = f64::from(day.days_since(end)) / 7.0;
                let (step, chance) = (if kind.is_discrete() { 1.0 } else { 1.0 / 7.0 }, share * next.p_ever[i] / alive);
                // The first day, or week, on which the share is reached.
                assert!(future.at_least(1, weeks) >= chance * (1.0 - 1e-8), "{kind} {history:?}");
                assert!(future.at_least(1, weeks - step) <= chance * (1.0 + 1e-8), "{kind} {history:?}");
                if weeks <= 60.0 {
                    came.push(f64::from(u8::from(purchases_between(customer, 20.0, 20.0 + weeks) > 0.0)));
                    expected.push(alive * future.at_least(1, weeks));
                }
            }
            assert!(came.len() > 1_000, "{kind}: {}", came.len());
            assert_mean(&format!("{kind} {share}"), &came, &expected);
        }
        assert!(outlook.everybody().next_purchase(&[1.0]).is_err());
    }
}

/// What the delta method says of one customer and of another is what refits to simulated data show.
#[test]
fn standard_errors_are_the_spread_of_refits() {
    for kind in kinds() {
        let truth = truths(kind)[1];
        let data = CountedHistories::new(histories(truth, 60.0, 1500, 4));
        let (timing, fit) = kind.fit(&data, &FitOptions::default()).unwrap();
        let population = Population { timing: truth, spend: Some(SPEND), joining: 0.0, length: 60.0 };
        let spends = population.customers(8).take(1500);
        let spend_data = clv::summary::CountedSpend::new(spends.map(|c| (c.repeats.len() as u32, c.monetary_value())));
        let (spend, spend_fit) = FitRecord::fit::<GammaGamma, 3>(&spend_data, &FitOptions::default()).unwrap();

        let asked = [(0, 0.0, 20.0, 0.0), (1, 3.0, 40.0, 20.0), (9, 30.0, 40.0, 60.0), (30, 39.0, 40.0, 35.0)];
        let histories = asked.map(|(frequency, t_x, T, m)| (History::new(frequency, t_x, T), m));
        let summary = Summary::from_histories(histories, observation(kind));
        let horizons = [horizon("26w"), horizon("26w..52w")];
        let Observation { unit, grain, .. } = observation(kind);
        let predictor = Predictor { timing, spend: Some(spend), unit, grain, currency: None, effects: None };
        let uncertainty = ParameterUncertainty { timing: Some(&fit), spend: Some(&spend_fit) };
        let errors = uncertainty.standard_errors(&predictor, &summary, &horizons, &Valuation::default()).unwrap();

        // A standard deviation over 300 is known to 4%.
        let how = BootstrapOptions { refits: 300, by: Resampling::Model, seed: 3 };
        let refits = timing.bootstrap(&data, &FitOptions::default(), &how).unwrap();
        let spend_refits = bootstrap(&spend, &spend_data, &FitOptions::default(), &how).unwrap();
        assert_eq!(refits.failed + spend_refits.failed, 0);
        let forecasts: Vec<_> = refits
            .draws
            .iter()
            .zip(&spend_refits.draws)
            .map(|(timing, spend)| {
                let timing = kind.with_parameters(timing).unwrap();
                let spend = Some(GammaGamma { p: spend[0], q: spend[1], gamma: spend[2] });
                let moved = Predictor { timing, spend, ..predictor.clone() };
                moved.forecast(&summary, &horizons, &Valuation::default()).unwrap()
            })
            .collect();
        let deviation = |numbers: Vec<f64>| {
            let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
            (numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / (numbers.len() - 1) as f64).sqrt()
        };
        for i in 0..asked.len() {
            for (h, errors) in errors.horizons.iter().enumerate() {
                let purchases = &errors.purchases;
                let known = deviation(forecasts.iter().map(|f| f.horizons[h].purchases[i]).collect());
                assert!((purchases[i] / known).ln().abs() < 0.15, "{kind} purchases {i} {h}: {} {known}", purchases[i]);
                let value = errors.clv.as_ref().unwrap()[i];
                let known = deviation(forecasts.iter().map(|f| f.horizons[h].clv.as_ref().unwrap()[i]).collect());
                assert!((value / known).ln().abs() < 0.15, "{kind} value {i} {h}: {value} {known}");
            }
            let known = deviation(forecasts.iter().map(|f| f.p_alive[i]).collect());
            let ours = errors.p_alive[i];
            assert!(known < 1e-12 && ours < 1e-12 || (ours / known).ln().abs() < 0.25, "{kind} {i}: {ours} {known}");
        }

        // The bootstrap by customers shows the same, and draws from the covariance do.
        let how = BootstrapOptions { by: Resampling::Customers, ..how };
        let by_customers = timing.bootstrap(&data, &FitOptions::default(), &how).unwrap();
        let known = fit.standard_errors.iter().flatten();
        for ((ours, other), known) in
            by_customers.standard_errors().into_iter().zip(refits.standard_errors()).zip(known)
        {
            let (ours, other) = (ours.unwrap(), other.unwrap());
            assert!(
                (ours / known).ln().abs() < 0.35 && (other / known).ln().abs() < 0.35,
                "{kind}: {ours} {other} {known}"
            );
        }
        assert_eq!(by_customers, timing.bootstrap(&data, &FitOptions::default(), &how).unwrap());
        let draws = uncertainty.draws(&predictor, 2000, 1).unwrap();
        let values = |i: usize| draws.iter().map(move |draw| draw.timing.values()[i].ln());
        for (i, estimate) in timing.values().into_iter().enumerate() {
            let error = fit.covariance().unwrap()[[i, i]].sqrt();
            let mean = values(i).sum::<f64>() / 2000.0;
            assert!((mean - estimate.ln()).abs() < 4.5 * error / 2000f64.sqrt(), "{kind} {i}");
            assert!((deviation(values(i).collect()) / error).ln().abs() < 0.08, "{kind} {i}");
        }
    }
}

/// Given the parameters the variance of a number of purchases is known from its mass function.
#[test]
fn totals_have_the_known_mean_and_variance() {
    let truth = truths(TimingKind::BgNbd)[1];
    let (summary, _) = watched(truth, 600, 5);
    let grouping = Grouping { names: vec!["even".to_owned(), "odd".to_owned()], of: (0..600).map(|i| i % 2).collect() };
    let uncertainty = ParameterUncertainty::default();
    let options = TotalOptions { futures: 20_000, seed: 1 };
    let totals = |options: &TotalOptions| {
        let margin = PerCustomer::Each((0..600).map(|i| if i % 2 == 0 { 0.2 } else { 0.4 }).collect());
        let outlook = predictor(truth).outlook(&summary).unwrap();
        outlook.totals(&grouping, &horizon("26w"), &margin, &uncertainty, options).unwrap()
    };
    let all = totals(&options);
    assert!(!all.with_parameters);
    let forecast = predictor(truth).forecast(&summary, &[horizon("26w")], &Valuation::default()).unwrap();
    let columns = &forecast.horizons[0];
    for (parity, group) in all.groups.iter().enumerate() {
        let rows = || (0..600).filter(|i| i % 2 == parity);
        let expected: f64 = rows().map(|i| columns.purchases[i]).sum();
        assert!((group.purchases.expected / expected - 1.0).abs() < 1e-12);
        let value: f64 = rows().map(|i| [0.2, 0.4][parity] * columns.clv.as_ref().unwrap()[i]).sum();
        assert!((group.value.as_ref().unwrap().expected / value - 1.0).abs() < 1e-12);
        let variance: f64 = rows()
            .map(|i| {
                let history = summary.history(i);
                let counts = truth.future(&history).counts(26.0);
                let squares: f64 = counts.points().map(|(n, mass)| n * n * mass).sum();
                truth.p_alive(&history) * squares - columns.purchases[i].powi(2)
            })
            .sum();
        // About 300 customers: nearly normal, whose quartiles are 0.6745 deviations off. The quantile's own error is 1%.
        let (low, high) = group.purchases.interval(0.5);
        let reach = 0.5 * (high - low) / 0.674_49;
        assert!((reach / variance.sqrt()).ln().abs() < 0.05, "{reach} {}", variance.sqrt());
        assert!((0.5 * (low + high) / expected - 1.0).abs() < 0.02, "{low} {high} {expected}");
        assert!((group.purchases.p_over(expected) - 0.5).abs() < 0.05);
        assert_eq!(group.customers, 300);
    }
    let sum: f64 = all.groups.iter().map(|group| group.purchases.expected).sum();
    assert!((all.all.purchases.expected / sum - 1.0).abs() < 1e-12);
    assert_eq!(totals(&options), all);
    assert_ne!(totals(&TotalOptions { seed: 2, ..options }), all);
}

/// Of a large group some customers are drawn for all: its totals are spread as those of two halves whose customers are all drawn,
/// with and without the uncertainty of the parameters.
#[test]
fn some_of_many_customers_stand_for_all() {
    let truth = truths(TimingKind::BgNbd)[1];
    let (few, _) = watched(truth, 500, 7);
    // The same customers again and again: 40,000 of them.
    let rows: Vec<usize> = (0..40_000).map(|i| i % 500).collect();
    let summary = few.select(&rows);
    let (timing, fit) = TimingKind::BgNbd.fit(&few.counted_histories(), &FitOptions::default()).unwrap();
    let (spend, spend_fit) = FitRecord::fit::<GammaGamma, 3>(&few.counted_spend(), &FitOptions::default()).unwrap();
    let predictor = Predictor { spend: Some(spend), ..predictor(timing) };
    let known = ParameterUncertainty { timing: Some(&fit), spend: Some(&spend_fit) };
    for uncertainty in [ParameterUncertainty::default(), known] {
        let totals = |of: Vec<u32>, seed: u64| {
            let grouping = Grouping { names: vec!["one".to_owned(), "other".to_owned()], of };
            let options = TotalOptions { futures: 400, seed };
            let margin = PerCustomer::All(0.5);
            let outlook = predictor.outlook(&summary).unwrap();
            outlook.totals(&grouping, &horizon("26w"), &margin, &uncertainty, &options).unwrap().all
        };
        let drawn = totals(vec![0; 40_000], 1);
        let all = totals((0..40_000).map(|i| i % 2).collect(), 2);
        let pairs = [(&drawn.purchases, &all.purchases), (drawn.value.as_ref().unwrap(), all.value.as_ref().unwrap())];
        for (drawn, all) in pairs {
            assert!((drawn.expected / all.expected - 1.0).abs() < 1e-9);
            let ((low, high), (all_low, all_high)) = (drawn.interval(0.8), all.interval(0.8));
            let width = all_high - all_low;
            // Each end of 400 futures is known to 0.09 deviations, that is 0.035 widths: four of their differences.
            for (ours, theirs) in [(low, all_low), (high, all_high)] {
                assert!((ours - theirs).abs() < 0.2 * width, "{ours} {theirs} of {width}");
            }
        }
    }
}

/// Moments tell the value of a large group as simulation does. Of a thousand and more customers who came back, whose shapes `q + p x` are
/// above 8, moments are taken; of parts of them with fewer all futures are drawn.
#[test]
fn moments_of_value_are_those_of_simulated_futures() {
    let truth = truths(TimingKind::BgNbd)[1];
    let (watched, _) = watched(truth, 4000, 11);
    let rows: Vec<usize> = (0..watched.len()).filter(|&row| watched.frequency[row] > 0).take(1800).collect();
    let summary = watched.select(&rows);
    assert_eq!(summary.len(), 1800);
    let predictor = Predictor { spend: Some(SPEND), ..predictor(truth) };
    let (outlook, uncertainty) = (predictor.outlook(&summary).unwrap(), ParameterUncertainty::default());
    let totals = |groups: u32| {
        let grouping = Grouping {
            names: (0..groups).map(|group| group.to_string()).collect(),
            of: (0..1800).map(|i| i % groups).collect(),
        };
        let options = TotalOptions { futures: 40_000, seed: 3 };
        outlook.totals(&grouping, &horizon("26w"), &PerCustomer::All(0.5), &uncertainty, &options).unwrap().all
    };
    let (by_moments, drawn) = (totals(1).value.unwrap(), totals(4).value.unwrap());
    assert!((by_moments.expected / drawn.expected - 1.0).abs() < 1e-12);
    let deviation = (drawn.quantile(0.8413) - drawn.quantile(0.1587)) / 2.0;
    for share in [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] {
        // Four standard errors of a quantile of so many futures: √(p (1 - p)/n)/φ(z), at .01 and .99 .0187 deviations.
        let near = if (0.05..=0.95).contains(&share) { 0.045 } else { 0.08 };
        let off = (by_moments.quantile(share) - drawn.quantile(share)).abs() / deviation;
        assert!(off < near, "{share}: {} {}, {off}", by_moments.quantile(share), drawn.quantile(share));
    }
}

/// Draws of parameters make a distribution no narrower; equal draws change nothing.
#[test]
fn draws_are_mixed_into_the_distribution_of_value() {
    let model = predictor(truths(TimingKind::BgNbd)[0]);
    let history = (History::new(4, 18.0, 20.0), 30.0);
    let summary = Summary::from_histories([history], observation(TimingKind::BgNbd));
    let questions = clv::predict::ValueQuestions { intervals: vec![0.9], over: vec![50.0] };
    let ask = |draws: &[Predictor]| {
        let outlook = model.outlook(&summary).unwrap();
        let customers = outlook.everybody();
        let drawn: Vec<_> = draws.iter().map(|draw| customers.with_parameters(draw).unwrap()).collect();
        let answers = customers.values(&horizon("26w"), &PerCustomer::All(1.0), &drawn, &questions).unwrap();
        (answers.intervals[0].1[0], answers.over[0][0])
    };
    let (high, over) = ask(&[]);
    let (same, same_over) = ask(&[model.clone(), model.clone(), model.clone()]);
    assert!((same / high - 1.0).abs() < 1e-8 && (same_over - over).abs() < 1e-12);
    let with_r = |r: f64| {
        let timing = BgNbd { r, alpha: 4.414, a: 0.793, b: 2.426 }.into();
        Predictor { timing, ..model.clone() }
    };
    let (low_r, high_r) = (ask(&[with_r(0.05)]), ask(&[with_r(0.8)]));
    let mixed = ask(&[with_r(0.05), with_r(0.8)]);
    assert!((mixed.1 - 0.5 * (low_r.1 + high_r.1)).abs() < 1e-12);
    assert!(low_r.0 < mixed.0 && mixed.0 < high_r.0);
}

/// CDNOW's sample with columns of customers: a source, a margin, a cost, and one with gaps.
fn described_orders(folder: &Folder) {
    let text = std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap();
    let mut lines = text.lines();
    let mut described = format!("{},source,margin,cost,gaps\n", lines.next().unwrap());
    for line in lines {
        let customer: u32 = line.split(',').next().unwrap().parse().unwrap();
        let (source, margin) = [("web", "0.2"), ("mail", "0.5"), ("", "0.5")][customer as usize % 3];
        let gap = if customer.is_multiple_of(500) { "" } else { "0.4" };
        described += &format!("{line},{source},{margin},{},{gap}\n", customer % 7);
    }
    folder.write("orders.csv", described);
}

fn run(folder: &Folder, options: &str) -> Outcome {
    let run = folder.clv(&format!("run orders.csv --format csv --until 1997-09-30 {options}"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    run
}

#[test]
fn columns_of_customers_margin_cost_and_groups() {
    let folder = Folder::new();
    described_orders(&folder);
    let words = run(
        &folder,
        "--horizons 26w,26w..52w --margin margin --cac cost --by source --target 9000 --totals totals.csv --intervals 50,90 \
         --futures 400",
    );
    for part in ["  P(>\n", "  9,000)\n", "  (none)"] {
        assert!(words.stdout.contains(part), "no `{part}` in:\n{}", words.stdout);
    }
    let table = Records::new(&folder.read("clv-results/customers.csv"));
    for row in 0..table.rows.len() {
        let n = |column: &str| table.number(row, column);
        let customer = n("customer_id") as usize;
        assert_eq!(table.text(row, "source"), ["web", "mail", ""][customer % 3]);
        let margin = [0.2, 0.5, 0.5][customer % 3];
        let clv = margin * n("expected_spend") * n("purchases_26w");
        assert!((n("clv_26w") - clv).abs() <= 1e-13 * clv, "{:?}", table.rows[row]);
        let lifetime = n("historical_value") - (customer % 7) as f64 + n("clv_26w");
        assert!((n("lifetime_value_26w") - lifetime).abs() < 1e-9, "{:?}", table.rows[row]);
    }
    assert!(!table.has("lifetime_value_26w_to_52w") && !table.has("p_purchase_26w_to_52w"));
    let totals = Records::new(&folder.read("totals.csv"));
    let groups: Vec<&str> = (0..4).map(|row| totals.text(row, "source")).collect();
    assert_eq!(groups, ["(all)", "mail", "web", "(none)"]);
    assert_eq!(totals.rows.len(), 4);
    assert!((totals.number(0, "purchases") / table.sum("purchases_26w") - 1.0).abs() < 1e-12);
    assert!((totals.number(0, "value") / table.sum("clv_26w") - 1.0).abs() < 1e-12);
    for row in 0..4 {
        let n = |column: &str| totals.number(row, column);
        let ends = [n("value_lo90"), n("value_lo50"), n("value_hi50"), n("value_hi90")];
        assert!(ends.is_sorted() && ends[0] < n("value") && n("value") < ends[3], "{:?}", totals.rows[row]);
        assert!((0.0..=1.0).contains(&n("p_value_over_9000")));
    }

    // The same through a summary that keeps the columns.
    let predicted = folder.read("clv-results/customers.csv");
    assert_eq!(folder.clv("summarize orders.csv --until 1997-09-30 --keep margin,cost,source -o summary.csv").code, 0);
    let again = folder.clv(
        "predict summary.csv --model clv-results/model.json --horizons 26w,26w..52w --margin margin --cac cost --by source \
         --intervals 50,90 --futures 20",
    );
    assert_eq!(again.stdout, predicted, "{}", again.stderr);
}

#[test]
fn new_customers() {
    let folder = Folder::new();
    described_orders(&folder);
    run(&folder, "--horizons 26w");
    let model = std::fs::read_to_string(folder.path().join("clv-results/model.json")).unwrap();
    let file = clv::model_file::ModelFile::from_json(&model, "model.json").unwrap();
    let predictor = file.predictor().unwrap();
    let options =
        "--model clv-results/model.json --horizons 13w,26w,forever --discount 0.1 --margin 0.3 --cac 4 --next 50";
    let words = folder.clv(&format!(
        "predict --new {options} --cohort 1000 --intervals 80 --futures 500 --totals totals.csv -o new.csv"
    ));
    assert_eq!(words.code, 0, "{}", words.stderr);
    assert!(words.stdout.contains("A new customer") && words.stdout.contains("1,000"), "{}", words.stdout);
    let table = Records::new(&folder.read("new.csv"));
    assert_eq!(table.rows.len(), 1);
    let n = |column: &str| table.number(0, column);
    assert!((n("purchases_26w") / predictor.timing.expected_purchases(26.0) - 1.0).abs() < 1e-12);
    assert!((n("p_purchase_26w") / predictor.timing.at_least(1, 26.0) - 1.0).abs() < 1e-12);
    assert!((n("p_alive_26w") / predictor.timing.survival(26.0) - 1.0).abs() < 1e-12);
    let first = 0.3 * predictor.spend.unwrap().population_mean().unwrap();
    assert!((n("historical_value") / first - 1.0).abs() < 1e-12);
    assert!((n("lifetime_value_26w") - (first - 4.0 + n("clv_26w"))).abs() < 1e-9);
    let totals = Records::new(&folder.read("totals.csv"));
    assert!((totals.number(1, "purchases") / (1000.0 * n("purchases_26w")) - 1.0).abs() < 1e-9);
    assert_eq!((totals.text(1, "customers"), totals.text(1, "parameters")), ("1000", "estimated"));
    let words = folder.clv(&format!("predict --new {options} --counts 2"));
    assert!(words.stdout.contains("p_2_26w") && words.stdout.contains("next_purchase_50"), "{}", words.stdout);
    // Pareto/NBD and the others answer too.
    for model in ["mbg-nbd", "pareto-nbd", "nbd"] {
        run(&folder, &format!("--horizons 26w --model {model}"));
        assert_eq!(folder.clv(&format!("predict --new {options}")).code, 0, "{model}");
    }
}

#[test]
fn bootstrap_and_standard_errors_through_the_command() {
    let folder = Folder::new();
    described_orders(&folder);
    let words = run(&folder, "--horizons 26w,forever --discount 0.1 --standard-errors --next 20,80");
    assert!(!words.stdout.contains("refits"));
    let table = Records::new(&folder.read("clv-results/customers.csv"));
    for row in 0..table.rows.len() {
        for column in ["purchases_26w", "det_26w", "clv_26w", "dert", "clv_forever", "expected_spend"] {
            let (number, error) = (table.number(row, column), table.number(row, &format!("{column}_se")));
            assert!(error > 0.0 && error < number, "{column} {:?}", table.rows[row]);
        }
        assert!(table.number(row, "p_alive_se") >= 0.0);
        let (early, late) = (table.text(row, "next_purchase_20"), table.text(row, "next_purchase_80"));
        assert!(early > "1997-09-30" && (late.is_empty() || early <= late), "{early} {late}");
        assert!((table.number(row, "p_next_purchase") - table.number(row, "p_alive")).abs() < 1e-12);
    }
    for by in ["customers", "model"] {
        let words =
            run(&folder, &format!("--horizons 26w --bootstrap 40 --bootstrap-by {by} --over 50 --parameter-draws 10"));
        assert_eq!(words.stdout.matches("standard errors over 40 refits").count(), 2, "{}", words.stdout);
        let model = folder.read("clv-results/model.json");
        let file = clv::model_file::ModelFile::from_json(&model, "model.json").unwrap();
        assert_eq!(file.timing.unwrap().fit.unwrap().draws.unwrap().draws.len(), 40);
        let again = folder.clv("predict orders.csv --until 1997-09-30 --horizons 26w --over 50 --parameter-draws 10 --model clv-results/model.json");
        assert_eq!(again.stdout, folder.read("clv-results/customers.csv"));
        let more = folder
            .clv("predict orders.csv --until 1997-09-30 --over 50 --parameter-draws 41 --model clv-results/model.json");
        assert!(more.code == 2 && more.stderr.contains("has 40"), "{}", more.stderr);
    }
}

#[test]
fn what_cannot_be_answered_is_refused() {
    let folder = Folder::new();
    described_orders(&folder);
    let refused = |options: &str, code: i32, part: &str| {
        let outcome = folder.clv(&format!("run orders.csv --until 1997-09-30 {options}"));
        assert_eq!(outcome.code, code, "{options}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{options}: no `{part}` in {}", outcome.stderr);
        assert_eq!(folder.names(), ["orders.csv"]);
    };
    refused("--margin gaps", 1, "the margin of customer `");
    refused("--margin gaps", 1, "is missing: column `gaps` is empty");
    refused("--margin source", 1, "in column `source`; give a fraction like 0.3");
    refused("--margin profit", 1, "no column `profit`");
    refused("--margin 300%", 2, "the margin is 3; give a fraction like 0.3, or 30%");
    refused("--margin 30,5%", 2, "per cents like 30%, or the name of a column");
    refused("--cac 30%", 2, "give a number like 20");
    refused("--margin -0.3", 2, "the margin is -0.3");
    refused("--margin 1e-300", 2, "give a fraction like 0.3");
    refused("--totals totals.txt", 2, "must end in .csv or .parquet");
    refused("-o orders.csv", 1, "cannot create the output folder");
    refused("--intervals 80 --totals orders.csv", 2, "is an input");
    refused("--cac=-3", 2, "cost of acquisition is -3");
    refused("--cac gaps --margin 7", 2, "the margin is 7");
    refused("--by order_date --horizons forever --discount 0.1", 2, "begins now and ends");
    refused("--no-spend --cac 3", 2, "no spend model");
    refused("--no-spend --target 3", 2, "no spend model");
    refused("--parameter-draws 20", 2, "--intervals, --median or --over");
    refused("--parameter-draws 1 --over 3", 2, "--parameter-draws is 1");
    refused("--next 0", 2, "--next has 0");
    refused("--target nan", 2, "--target is NaN");
    refused("--bootstrap 3", 2, "10 to 100000 refits");
    refused("--bootstrap 30 --prior-sd 2", 2, "do not go together");
    refused("--intervals 80,80", 2, "names a number twice");
    refused("--over 5,5", 2, "names an amount twice");
    refused("--intervals 99.99", 2, "add --futures 20000");
    refused("--futures 3 --target 5", 2, "3 futures; give 20 to 1000000");
    refused("--horizons 6m..3m", 2, "does not end after it begins");
    refused("--horizons 6m..forever", 2, "takes a discount");
    refused("--horizons 1997-09-30", 2, "is not after the end of the observation");

    let models = format!("{}/models", env!("CARGO_MANIFEST_DIR"));
    let published = format!("--model {models}/fader-hardie-lee-2005-bg-nbd.json");
    let outcome = folder.clv(&format!("predict orders.csv --until 1997-09-30 {published} --standard-errors"));
    assert!(outcome.code == 2 && outcome.stderr.contains("without a covariance"), "{}", outcome.stderr);
    let outcome = folder.clv(&format!("predict --new {published} --by source"));
    assert!(outcome.code == 2 && outcome.stderr.contains("a column of orders"), "{}", outcome.stderr);
    let outcome = folder.clv(&format!("predict orders.csv --new {published}"));
    assert_eq!(outcome.code, 2);
    let outcome = folder.clv(&format!("predict orders.csv {published} -o a.csv --intervals 80 --totals ./a.csv"));
    assert!(outcome.code == 2 && outcome.stderr.contains("both would be written to"), "{}", outcome.stderr);
    let outcome = folder.clv(&format!("predict orders.csv {published} --cohort 5"));
    assert!(outcome.code == 2 && outcome.stderr.contains("--new"), "{}", outcome.stderr);
    let outcome = folder.clv(&format!("predict --new {published} --unit day"));
    assert!(outcome.code == 2 && outcome.stderr.contains("--unit applies"), "{}", outcome.stderr);
    // A summary of somebody else's does not know the past.
    folder.write("s.csv", "customer_id,frequency,recency,T,monetary_value\na,1,5,10,3\n");
    let spend = format!("--model {models}/fader-hardie-2013-gamma-gamma.json");
    let outcome = folder.clv(&format!("predict s.csv --unit week --until 1997-09-30 {published} {spend} --cac 3"));
    assert!(outcome.code == 2 && outcome.stderr.contains("what the customers spent so far"), "{}", outcome.stderr);
    // Nor, without that column, what their purchases were worth.
    folder.write("s.csv", "customer_id,frequency,recency,T\na,1,5,10\n");
    let outcome = folder.clv(&format!("predict s.csv --unit week --until 1997-09-30 {published} {spend}"));
    assert!(outcome.code == 1 && outcome.stderr.contains("no column `monetary_value`"), "{}", outcome.stderr);
    let outcome = folder.clv(&format!("predict s.csv --unit week --until 1997-09-30 {published}"));
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}
