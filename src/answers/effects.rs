//! What coefficients of covariates say, number by number and in a sentence.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::covariates::{Coding, Covariate, CovariateTest, Effects, Process};
use crate::fit::FitRecord;
use crate::number_format::counted;
use crate::tables::{Table, TableColumn};

/// A coefficient with everything that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectRow {
    /// What it moves.
    pub process: Process,
    /// The covariate.
    pub covariate: String,
    /// The column.
    pub column: String,
    /// What the logarithm of the rate, odds or spend changes by.
    pub estimate: f64,
    /// Its standard error; none if it ran off.
    pub standard_error: Option<f64>,
    /// Its 95% interval.
    pub interval: Option<(f64, f64)>,
    /// `e^estimate`: how many times as often, as soon, as much.
    pub factor: f64,
    /// The interval of that.
    pub factor_interval: Option<(f64, f64)>,
    /// Wald's test: the chance of an estimate as far from zero where there is no effect; none under a prior, which draws it there.
    pub p_wald: Option<f64>,
    /// The likelihood-ratio test of the covariate in this process, all of its levels together.
    pub test: Option<CovariateTest>,
    /// What it says, in words.
    pub sentence: String,
}

/// The coefficients of a model, in the order of its fit.
pub fn effect_rows(effects: &Effects, fit: Option<&FitRecord>) -> Vec<EffectRow> {
    let first = fit.map_or(0, |fit| fit.parameters.len() - fit.coefficients);
    let dropout_at_any_time = fit.is_some_and(|fit| fit.parameters.iter().any(|name| name == "beta"));
    let row = |(i, coefficient): (usize, &crate::covariates::Coefficient)| {
        let covariate = effects.covariates.iter().find(|one| one.columns().contains(&coefficient.column));
        let standard_error = fit.and_then(|fit| fit.standard_errors[first + i]);
        let interval = fit.and_then(|fit| fit.intervals[first + i]);
        let factor_interval = interval.map(|(low, high)| (low.exp(), high.exp()));
        let name = covariate.map(|covariate| covariate.name.clone()).unwrap_or_default();
        let factor = coefficient.estimate.exp();
        let test = |test: &&CovariateTest| test.process == coefficient.process && test.covariate == name;
        EffectRow {
            process: coefficient.process,
            column: coefficient.column.clone(),
            estimate: coefficient.estimate,
            standard_error,
            interval,
            factor,
            factor_interval,
            p_wald: standard_error
                .filter(|error| *error > 0.0 && effects.sd.is_none())
                .map(|error| two_sided(coefficient.estimate / error)),
            test: effects.tests.iter().find(test).cloned(),
            sentence: covariate.map_or_else(String::new, |covariate| {
                sentence(
                    covariate,
                    &coefficient.column,
                    coefficient.process,
                    dropout_at_any_time,
                    factor,
                    factor_interval,
                )
            }),
            covariate: name,
        }
    };
    effects.coefficients.iter().enumerate().map(row).collect()
}

/// Coefficients as a table, by column.
#[derive(Debug)]
pub struct EffectsTable {
    texts: [(&'static str, Vec<String>); 3],
    numbers: [(&'static str, Vec<Option<f64>>); 11],
    sentence: Vec<String>,
}

impl EffectsTable {
    /// Of these coefficients, with 95% intervals.
    pub fn new(rows: &[EffectRow]) -> Self {
        let texts = |of: fn(&EffectRow) -> &str| rows.iter().map(|row| of(row).to_owned()).collect();
        let numbers = |of: fn(&EffectRow) -> Option<f64>| rows.iter().map(of).collect();
        Self {
            texts: [
                ("process", texts(|row| row.process.word())),
                ("covariate", texts(|row| &row.covariate)),
                ("column", texts(|row| &row.column)),
            ],
            numbers: [
                ("estimate", numbers(|row| Some(row.estimate))),
                ("standard_error", numbers(|row| row.standard_error)),
                ("estimate_lo95", numbers(|row| row.interval.map(|(low, _)| low))),
                ("estimate_hi95", numbers(|row| row.interval.map(|(_, high)| high))),
                ("factor", numbers(|row| Some(row.factor))),
                ("factor_lo95", numbers(|row| row.factor_interval.map(|(low, _)| low))),
                ("factor_hi95", numbers(|row| row.factor_interval.map(|(_, high)| high))),
                ("p_wald", numbers(|row| row.p_wald)),
                ("likelihood_ratio", numbers(|row| row.test.as_ref().map(|test| test.statistic))),
                ("degrees", numbers(|row| row.test.as_ref().map(|test| f64::from(test.degrees)))),
                ("p_likelihood_ratio", numbers(|row| row.test.as_ref().map(|test| test.p))),
            ],
            sentence: texts(|row| &row.sentence),
        }
    }

    /// The form in which it is written.
    pub fn table(&self) -> Table<'_> {
        let mut table = Table::default();
        self.texts.iter().for_each(|(name, cells)| table.push(*name, TableColumn::Text(cells)));
        self.numbers.iter().for_each(|(name, cells)| table.push(*name, TableColumn::MaybeReal(cells)));
        table.push("sentence", TableColumn::Text(&self.sentence));
        table
    }
}

fn two_sided(z: f64) -> f64 {
    2.0 * Normal::standard().cdf(-z.abs())
}

/// A factor with two decimals, or with three digits if it is small.
fn words_of(factor: f64) -> String {
    if (0.1..1e4).contains(&factor) { format!("{factor:.2}") } else { format!("{factor:.2e}") }
}

/// `channel online purchases 1.87 times as often as store (1.50 to 2.30)`.
fn sentence(
    covariate: &Covariate,
    column: &str,
    process: Process,
    at_any_time: bool,
    factor: f64,
    interval: Option<(f64, f64)>,
) -> String {
    let name = &covariate.name;
    let is_missing = covariate.missing > 0 && column == format!("{name} missing");
    let times = words_of(factor);
    let does = match (process, at_any_time) {
        (Process::Purchases, _) => format!("purchases {times} times as often"),
        (Process::Dropout, true) => format!("leaves at {times} times the rate"),
        (Process::Dropout, false) => format!("has {times} times the odds of leaving after a purchase"),
        (Process::Both, true) => format!("purchases {times} times as often, and leaves at as many times the rate,"),
        (Process::Both, false) => {
            format!("purchases {times} times as often, and has as many times the odds of leaving,")
        }
        (Process::Spend, _) => format!("spends {times} times as much a purchase"),
    };
    let than = |other: &str| match (process, at_any_time) {
        (Process::Dropout, _) => format!("of {other}"),
        _ => format!("as {other}"),
    };
    let range = interval.map_or_else(String::new, |(low, high)| format!(" ({} to {})", words_of(low), words_of(high)));
    match &covariate.coding {
        Coding::Levels { reference, .. } => {
            let level = column.strip_prefix(&format!("{name}=")).filter(|_| !is_missing);
            let who = level.map_or_else(|| format!("{name} unknown"), |level| format!("{name} {level}"));
            format!("{who} {does} {}{range}", than(&reference.name))
        }
        Coding::ZeroOne {} if is_missing => format!("{name} unknown {does} {}{range}", than("0")),
        Coding::ZeroOne {} => format!("{name} 1 {does} {}{range}", than("0")),
        Coding::Number { .. } if is_missing => format!("{name} unknown {does} {}{range}", than("the mean")),
        Coding::Number { .. } => format!("{name} one more {does}{range}"),
    }
}

/// Of how many customers each covariate says nothing, in words; none of those that say something of everybody.
pub(crate) fn missing_in_words(effects: &Effects) -> impl Iterator<Item = String> + '_ {
    effects.covariates.iter().filter(|covariate| covariate.missing > 0).map(|covariate| {
        let customers = counted(covariate.missing, "customer");
        format!("{}: nothing is said of {customers}, who are a level of their own", covariate.name)
    })
}
