//! Simulated customers who differ: their coefficients are found again, and kinds are as frequent as they were.

use clv::covariates::{Coding, Coefficient, Covariate, CovariateOptions, Effects, Level, Process};
use clv::model_file::{ModelFile, SpendModel, SpendRecord, TimingRecord};
use clv::models::{GammaGamma, MbgNbd, TimingKind, TimingModel};
use clv::simulate::{CustomerKinds, Simulation};
use clv::summary::{
    Attribute, Cohort, CustomerId, Day, Grain, Observation, OrderBuffer, PurchaseLog, Summary, TimeUnit,
};

use super::command::{UNTIL, shop};
use super::{names, options};

fn levels(name: &str, all: [(&str, u64); 2]) -> Covariate {
    let [reference, other] = all.map(|(name, customers)| Level { name: name.to_owned(), customers });
    Covariate { name: name.to_owned(), coding: Coding::Levels { reference, others: vec![other] }, missing: 0 }
}

fn effects(covariates: Vec<Covariate>, coefficients: &[(Process, &str, f64)]) -> Effects {
    let coefficient = |&(process, column, estimate): &(Process, &str, f64)| Coefficient {
        process,
        column: column.to_owned(),
        estimate,
    };
    Effects {
        covariates,
        coefficients: coefficients.iter().map(coefficient).collect(),
        sd: None,
        log_likelihood_without: None,
        tests: Vec::new(),
    }
}

const TIMING: [(Process, &str, f64); 3] = [
    (Process::Purchases, "channel=online", 0.5),
    (Process::Purchases, "first_month=February", -0.4),
    (Process::Dropout, "channel=online", -0.6),
];
const SPEND: [(Process, &str, f64); 2] =
    [(Process::Spend, "channel=online", 0.4), (Process::Spend, "log(frequency)", 0.15)];

/// Two in five online; first months follow from the days.
fn truth() -> ModelFile {
    let end: Day = "2024-12-31".parse().unwrap();
    let mut file = ModelFile::new(&Observation { unit: TimeUnit::Week, grain: Grain::Day, end });
    let channel = || levels("channel", [("store", 300), ("online", 200)]);
    let month = levels("first_month", [("January", 100), ("February", 90)]);
    file.timing = Some(TimingRecord {
        model: TimingModel::MbgNbd(MbgNbd { r: 0.9, alpha: 6.0, a: 0.8, b: 2.0 }),
        fit: None,
        selection: None,
        covariates: Some(effects(vec![channel(), month], &TIMING)),
    });
    let frequency =
        Covariate { name: "log(frequency)".to_owned(), coding: Coding::Number { center: 0.0, scale: 1.0 }, missing: 0 };
    file.spend = Some(SpendRecord {
        model: SpendModel::GammaGamma(GammaGamma { p: 4.0, q: 4.0, gamma: 20.0 }),
        frequency_correlation: None,
        fit: None,
        covariates: Some(effects(vec![channel(), frequency], &SPEND)),
    });
    file.check().unwrap();
    file
}

fn simulated(model: &ModelFile, from: CustomerKinds<'_>, customers: u64) -> Summary {
    let simulation = Simulation {
        customers,
        start: "2024-01-01".parse().unwrap(),
        joining: "8w".parse().unwrap(),
        length: "104w".parse().unwrap(),
        seed: 7,
    };
    let (columns, orders) = simulation.known_orders(model, from).unwrap();
    let log = PurchaseLog::with_attributes(Grain::Day, &columns);
    let mut buffer = OrderBuffer::default();
    for order in orders {
        let said = order.said.iter().map(Option::as_deref);
        let id = order.customer.to_string();
        log.add_described(&mut buffer, CustomerId::Text(&id), order.day, order.amount, said).unwrap();
    }
    log.settle(&mut buffer).unwrap();
    let mut log = log;
    log.summary(TimeUnit::Week, Day(simulation.start.0 + 104 * 7), &Cohort::default()).unwrap().0
}

#[test]
fn coefficients_of_simulated_customers_are_found_again() {
    let model = truth();
    let summary = simulated(&model, CustomerKinds::default(), 6000);
    let covariates = CovariateOptions {
        purchases: names("channel,first_month"),
        dropout: names("channel"),
        spend: names("channel,log(frequency)"),
        ..CovariateOptions::default()
    };
    let (file, _) = ModelFile::fit(&summary, &options(TimingKind::MbgNbd, covariates)).unwrap();
    let (timing, spend) = (file.timing.unwrap(), file.spend.unwrap());
    let found = [(timing.covariates.unwrap(), timing.fit.unwrap()), (spend.covariates.unwrap(), spend.fit.unwrap())];
    let truths: Vec<(Process, &str, f64)> = TIMING.into_iter().chain(SPEND).collect();
    let mut seen = 0;
    for (effects, fit) in &found {
        let first = fit.parameters.len() - fit.coefficients;
        for (i, coefficient) in effects.coefficients.iter().enumerate() {
            let is_it = |one: &&(Process, &str, f64)| one.0 == coefficient.process && one.1 == coefficient.column;
            let truth = truths.iter().find(is_it).unwrap_or_else(|| panic!("{}", coefficient.name())).2;
            let error = fit.standard_errors[first + i].unwrap();
            let off = (coefficient.estimate - truth) / error;
            assert!(off.abs() < 4.0, "{}: {} ({error}), true {truth}", coefficient.name(), coefficient.estimate);
            assert!(error < 0.15, "{}: {error}", coefficient.name());
            seen += 1;
        }
    }
    assert_eq!(seen, truths.len());
    // As frequent as in the fit: within four standard deviations.
    let Coding::Levels { others, .. } = &found[0].0.covariates[0].coding else { panic!("a text") };
    let sd = (6000.0 * 0.4 * 0.6f64).sqrt();
    assert!((others[0].customers as f64 - 2400.0).abs() < 4.0 * sd, "{others:?}");
}

/// A table says which customers there are: those of one channel alone.
#[test]
fn kinds_come_from_a_table() {
    let model = truth();
    let online = [Attribute::new("channel".to_owned(), &[Some("online".to_owned()), Some("online".to_owned())])];
    let from = CustomerKinds { columns: &online, ..CustomerKinds::default() };
    let summary = simulated(&model, from, 50);
    assert!((0..50).all(|row| summary.attribute("channel").unwrap().text(row) == Some("online")));
    let unknown = [Attribute::new("channel".to_owned(), &[Some("phone".to_owned())])];
    let from = CustomerKinds { columns: &unknown, ..CustomerKinds::default() };
    let error = Simulation::default().known_orders(&model, from).err().unwrap().to_string();
    assert!(error.contains("covariate channel: `phone` was not in the fit"), "{error}");
    // A month that the fit did not know.
    let late = Simulation { joining: "26w".parse().unwrap(), ..Simulation::default() };
    let error = late.known_orders(&model, CustomerKinds::default()).err().unwrap().to_string();
    assert!(error.contains("covariate first_month: `March` was not in the fit"), "{error}");
    let error = Simulation::default().orders(&model).err().unwrap().to_string();
    assert!(error.contains("takes a model without covariates, and this one has channel, first_month"), "{error}");
}

#[test]
fn the_command_writes_what_is_said_of_customers() {
    let folder = shop();
    let fit = |rest: &str| {
        let fit =
            folder.clv(&format!("fit orders.csv {UNTIL} --model mbg-nbd --no-spend {rest} -o model.json --overwrite"));
        assert_eq!(fit.code, 0, "{}", fit.stderr);
    };
    fit("--purchase-covariates channel");
    let run = folder.clv("simulate --model model.json --customers 300 --start 2024-01-01 -o simulated.csv");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = folder.read("simulated.csv");
    assert!(text.starts_with("customer_id,order_date,amount,channel\n"), "{text}");
    let again = folder.clv("fit simulated.csv --no-spend --model mbg-nbd --purchase-covariates channel -o again.json");
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(again.stdout.contains("purchases: channel=online"), "{}", again.stdout);

    fit("--purchase-covariates age --customer-table ages.csv");
    let without = folder.clv("simulate --model model.json --customers 300 -o none.csv");
    assert_eq!(without.code, 2);
    assert!(without.stderr.contains("covariate age: the model does not say how often"), "{}", without.stderr);
    assert!(without.stderr.contains("--customer-table"), "{}", without.stderr);
    let with = folder.clv("simulate --model model.json --customers 300 --customer-table ages.csv -o aged.csv");
    assert_eq!(with.code, 0, "{}", with.stderr);
    assert!(folder.read("aged.csv").starts_with("customer_id,order_date,amount,age\n"));
    assert!(!folder.names().contains(&"none.csv".to_owned()));
}
