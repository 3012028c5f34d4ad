//! What cannot be told apart, or does not go together, is refused by name.

use clv::covariates::CovariateOptions;
use clv::model_file::{ModelFile, ModelOptions};
use clv::models::TimingKind;
use clv::predict::{HistoryGrid, Horizon};
use clv::simulate::Simulation;
use clv::summary::{Attribute, Day, Summary};

use super::rows::ninety;
use super::{in_both, names, options};

fn message(summary: &Summary, kind: TimingKind, covariates: CovariateOptions) -> String {
    let options = options(kind, covariates);
    let fit = |options: &ModelOptions| options.check().and_then(|()| ModelFile::fit(summary, options));
    fit(&options).err().map_or_else(|| panic!("it was not refused"), |error| error.to_string())
}

/// The ninety customers with a column more.
fn with(column: &str, say: impl Fn(usize) -> String) -> Summary {
    let mut summary = ninety();
    let texts: Vec<Option<String>> =
        (0..summary.len()).map(|row| Some(say(row)).filter(|text| !text.is_empty())).collect();
    summary.attributes.push(Attribute::new(column.to_owned(), &texts));
    summary
}

#[track_caller]
fn assert_says(message: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(message.contains(part), "{message}"));
}

#[test]
fn what_explains_nothing_or_the_same_is_named() {
    let constant = with("plan", |_| "basic".to_owned());
    // A text that is the same for all has no column; one with a missing customer has.
    assert_says(
        &message(&constant, TimingKind::BgNbd, in_both("plan")),
        &["covariate plan", "same for every customer"],
    );
    let number = with("plan", |_| "7".to_owned());
    assert_says(
        &message(&number, TimingKind::BgNbd, in_both("plan")),
        &["covariate plan: it is the same for every customer"],
    );
    let twice = message(&ninety(), TimingKind::ParetoNbd, in_both("online,channel"));
    assert_says(
        &twice,
        &["covariate channel=online: it follows from online of every customer", "Leave one of them out"],
    );
    let sum = with("sum", |row| {
        let summary = ninety();
        let read = |column: &str| summary.attribute(column).unwrap().text(row).unwrap().parse::<f64>().unwrap();
        (2.0 * read("age") - 5.0 * read("online")).to_string()
    });
    assert_says(
        &message(&sum, TimingKind::BgNbd, in_both("online,age,sum")),
        &["covariate sum: it follows from online, age of every"],
    );
    // Each process has its own columns: one copy each can be told apart.
    let apart =
        CovariateOptions { purchases: names("online"), dropout: names("channel"), ..CovariateOptions::default() };
    assert!(ModelFile::fit(&ninety(), &options(TimingKind::BgNbd, apart)).is_ok());
}

#[test]
fn a_level_without_spend_is_named_unless_coefficients_are_held() {
    let summary = ninety();
    let rare = with("tier", |row| if summary.frequency[row] == 0 { "gold" } else { ["a", "b"][row % 2] }.to_owned());
    let spend = CovariateOptions { spend: names("tier"), ..CovariateOptions::default() };
    let refused = message(&rare, TimingKind::BgNbd, spend.clone());
    assert_says(&refused, &["covariate tier=gold", "none of the customers with repeat purchases", "covariate_sd = 1"]);
    let held = CovariateOptions { sd: Some(1.0), ..spend };
    let fitted = ModelFile::fit(&rare, &options(TimingKind::BgNbd, held)).unwrap().0;
    let effects = fitted.spend.unwrap().covariates.unwrap();
    let gold = effects.coefficients.iter().find(|coefficient| coefficient.column == "tier=gold").unwrap();
    assert!(gold.estimate.abs() < 1e-9);
}

#[test]
fn columns_that_are_not_what_they_seem_are_refused() {
    assert_says(
        &message(&ninety(), TimingKind::BgNbd, in_both("country")),
        &[
            "there is no covariate `country`",
            "online, channel, age",
            "keep = country",
            "customer_table",
            "first_amount",
        ],
    );
    let slips = with("income", |row| if row == 17 { "n/a".to_owned() } else { (row * 13).to_string() });
    assert_says(&message(&slips, TimingKind::BgNbd, in_both("income")), &["covariate income", "`n/a`"]);
    let commas = with("income", |row| format!("{row},5"));
    assert_says(&message(&commas, TimingKind::BgNbd, in_both("income")), &["covariate income", "decimal comma"]);
    let ids = with("id", |row| format!("customer {row}"));
    assert_says(
        &message(&ids, TimingKind::BgNbd, in_both("id")),
        &["178 coefficients of id cannot be estimated from 90 customers", "covariate_sd = 1"],
    );
    let many = {
        let rows: Vec<usize> = (0..400).map(|row| row % 90).collect();
        let mut many = ninety().select(&rows);
        let texts: Vec<Option<String>> = (0..400).map(|row| Some(format!("level {row}"))).collect();
        many.attributes.push(Attribute::new("id".to_owned(), &texts));
        many
    };
    assert_says(&message(&many, TimingKind::BgNbd, in_both("id")), &["covariate id has 400 levels", "other"]);
    let facts = message(&ninety(), TimingKind::BgNbd, in_both("first_month"));
    assert_says(&facts, &["covariate first_month: these customers' first days are not known; give orders"]);
    let clash = with("first_month", |_| "May".to_owned());
    assert_says(&message(&clash, TimingKind::BgNbd, in_both("first_month")), &["Rename the column"]);
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    let none = CovariateOptions::default;
    let check = |covariates: CovariateOptions| covariates.check().unwrap_err().to_string();
    assert_says(&check(in_both("gender:channel")), &["`gender:channel`", "crosses them", "`gender and channel`"]);
    assert_says(&check(in_both("age,age")), &["names the covariate `age` twice"]);
    assert_says(
        &check(CovariateOptions { equal: names("age"), ..none() }),
        &["equal", "`age`", "both purchases and dropout"],
    );
    assert_says(
        &check(in_both("log(frequency)")),
        &["log(frequency) is a covariate of spend alone", "spend_covariates"],
    );
    assert_says(&check(CovariateOptions { sd: Some(0.0), ..in_both("age") }), &["covariate_sd is 0"]);
    assert_says(
        &check(CovariateOptions { sd: Some(1.0), ..none() }),
        &["covariate_sd goes with covariates, and none is named"],
    );
    assert_says(
        &message(&ninety(), TimingKind::BgBb, in_both("online")),
        &["BG/BB takes no covariates", "for instance BG/NBD"],
    );
    assert_says(
        &message(&ninety(), TimingKind::Nbd, in_both("online")),
        &["NBD has no dropout", "purchase_covariates"],
    );
    let purchases = CovariateOptions { purchases: names("online"), ..none() };
    assert!(ModelFile::fit(&ninety(), &options(TimingKind::Nbd, purchases)).is_ok());
}

/// Whatever takes one model for all customers refuses one whose customers differ.
#[test]
fn what_takes_one_model_refuses_covariates() {
    let file = ModelFile::fit(&ninety(), &options(TimingKind::BgNbd, in_both("online"))).unwrap().0;
    let simulation = Simulation {
        customers: 3,
        seed: 1,
        start: Day(10_000),
        joining: "4w".parse::<Horizon>().unwrap(),
        length: "40w".parse().unwrap(),
    };
    let error = simulation.orders(&file).err().unwrap().to_string();
    assert_says(
        &error,
        &["a simulation of customers of whom nothing is said", "without covariates, and this one has online"],
    );
    let predictor = file.predictor().unwrap();
    assert!(predictor.check_alike("a map").is_err() && predictor.has_covariates());
    let _ = HistoryGrid::of(&ninety());
}
