//! How what is said of a customer becomes numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{LOG_FREQUENCY, UnknownLevels, Values};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::summary::Attribute;

/// A covariate as it was in the fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covariate {
    /// Name of the column.
    pub name: String,
    /// How it becomes numbers.
    pub coding: Coding,
    /// Customers of whom it said nothing, who have a column of their own.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub missing: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// How a covariate becomes numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Coding {
    /// A text: 1 in the column of its level, and 0 everywhere for the reference, the most frequent level.
    Levels {
        /// The most frequent level.
        reference: Level,
        /// The others, the more frequent first.
        others: Vec<Level>,
    },
    /// 0 or 1, as it is.
    ZeroOne {},
    /// Any number, less `center`. Where coefficients are compared or held it counts in units of `scale`, its standard deviation.
    Number {
        /// Its mean.
        center: f64,
        /// Its standard deviation.
        scale: f64,
    },
}

/// A text that is said of customers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The text.
    pub name: String,
    /// Customers of whom it was said.
    pub customers: u64,
}

/// The one column of a covariate in which a customer is not zero, and its value there, in standard deviations.
pub(super) type Code = Option<(u32, f64)>;

/// Distinct numbers from which a column with a few texts among them is one of numbers with slips.
const MANY_NUMBERS: usize = 10;

impl Covariate {
    /// Coded as these customers are best told apart, of whom a row is so many.
    ///
    /// # Errors
    /// [`Error::data`] if numbers and texts are mixed, or numbers are no numbers.
    pub(super) fn of(name: &str, values: &Values<'_>, customers: impl Fn(usize) -> f64) -> Result<Self> {
        let (coding, missing) = match values {
            Values::Texts(attribute) => of_texts(name, attribute, customers)?,
            Values::Numbers(numbers) => of_numbers(name, numbers, customers)?,
        };
        Ok(Self { name: name.to_owned(), coding, missing: whole(missing) })
    }

    /// Names of its columns.
    pub fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = match &self.coding {
            Coding::Levels { others, .. } => {
                others.iter().map(|level| format!("{}={}", self.name, level.name)).collect()
            }
            Coding::ZeroOne {} | Coding::Number { .. } => vec![self.name.clone()],
        };
        if self.missing > 0 {
            columns.push(format!("{} missing", self.name));
        }
        columns
    }

    /// One standard deviation of each column; of levels, 1.
    pub(super) fn scales(&self) -> Vec<f64> {
        let mut scales = vec![1.0; self.columns().len()];
        if let Coding::Number { scale, .. } = self.coding {
            scales[0] = scale;
        }
        scales
    }

    /// What a customer with zeros in all columns is.
    pub fn reference(&self) -> String {
        match &self.coding {
            Coding::Levels { reference, .. } => format!("{} {}", self.name, reference.name),
            Coding::ZeroOne {} => format!("{} 0", self.name),
            Coding::Number { center, .. } => format!("{} {center:.6}", self.name),
        }
    }

    /// The codes of every customer.
    ///
    /// # Errors
    /// [`Error::data`] with what was not known to the fit.
    pub(super) fn codes(&self, values: &Values<'_>, unknown: UnknownLevels) -> Result<Vec<Code>> {
        match values {
            Values::Numbers(numbers) => {
                numbers.iter().map(|&number| self.code_of_number(number, unknown, || number.to_string())).collect()
            }
            // Of a few rows of a long column.
            Values::Texts(attribute) if attribute.texts.len() > attribute.of.len() => {
                let of = |text: &Option<u32>| match text {
                    Some(text) => self.code_of_text(&attribute.texts[*text as usize], unknown),
                    None => self.code_of_nothing(unknown),
                };
                attribute.of.iter().map(of).collect()
            }
            Values::Texts(attribute) => {
                let texts = attribute.texts.iter().map(|text| self.code_of_text(text, unknown));
                // What is said of nobody here does not matter.
                let codes: Vec<Result<Code>> = texts.collect();
                let nothing = self.code_of_nothing(unknown);
                let of = |text: &Option<u32>| match text.map_or(&nothing, |text| &codes[text as usize]) {
                    Ok(code) => Ok(*code),
                    Err(error) => Err(Error::data(error.message())),
                };
                attribute.of.iter().map(of).collect()
            }
        }
    }

    fn code_of_text(&self, text: &str, unknown: UnknownLevels) -> Result<Code> {
        match &self.coding {
            Coding::Levels { reference, .. } if reference.name == text => Ok(None),
            Coding::Levels { others, .. } => match others.iter().position(|level| level.name == text) {
                Some(column) => Ok(Some((column as u32, 1.0))),
                None => self.unknown(text, unknown),
            },
            Coding::ZeroOne {} | Coding::Number { .. } => match number(text) {
                Some(number) => self.code_of_number(number, unknown, || text.to_owned()),
                None => self.unknown(text, unknown),
            },
        }
    }

    fn code_of_number(&self, number: f64, unknown: UnknownLevels, text: impl Fn() -> String) -> Result<Code> {
        if number.is_nan() {
            return self.code_of_nothing(unknown);
        }
        match self.coding {
            Coding::Number { center, scale } => Ok(Some((0, (number - center) / scale))),
            Coding::ZeroOne {} if number == 0.0 => Ok(None),
            Coding::ZeroOne {} if number == 1.0 => Ok(Some((0, 1.0))),
            Coding::ZeroOne {} => self.unknown(&text(), unknown),
            Coding::Levels { .. } => self.code_of_text(&text(), unknown),
        }
    }

    fn code_of_nothing(&self, unknown: UnknownLevels) -> Result<Code> {
        match (self.missing, unknown) {
            (0, UnknownLevels::Reference) => Ok(None),
            (0, UnknownLevels::Refuse) => Err(Error::data(say![
                format!(
                    "covariate {}: nothing is said of a customer, and in the fit something was said of everybody. Fill the column, or take such customers for {} with ",
                    self.name,
                    self.reference()
                ),
                opt("unknown_levels").with("reference")
            ])),
            _ => Ok(Some((self.columns().len() as u32 - 1, 1.0))),
        }
    }

    fn unknown(&self, text: &str, unknown: UnknownLevels) -> Result<Code> {
        if unknown == UnknownLevels::Reference {
            return Ok(None);
        }
        let known = match &self.coding {
            Coding::Levels { reference, others } => {
                const SHOWN: usize = 10;
                let names = std::iter::once(reference).chain(others).map(|level| &*level.name);
                let shown: Vec<&str> = names.take(SHOWN).collect();
                let more = if others.len() >= SHOWN { " and others" } else { "" };
                format!("the fit knew {}{more}", shown.join(", "))
            }
            Coding::ZeroOne {} => "in the fit it was 0 or 1".to_owned(),
            Coding::Number { .. } => "in the fit it was a number".to_owned(),
        };
        Err(Error::data(say![
            format!(
                "covariate {}: `{text}` was not in the fit; {known}. Fit again with customers of that kind, or take them for {} with ",
                self.name,
                self.reference()
            ),
            opt("unknown_levels").with("reference")
        ]))
    }

    /// Whether what a file says can be so.
    ///
    /// # Errors
    /// [`Error::data`] if not.
    pub(super) fn check(&self) -> Result<()> {
        let possible = match &self.coding {
            Coding::Levels { others, .. } => !others.is_empty() || self.missing > 0,
            Coding::ZeroOne {} => true,
            Coding::Number { center, scale } => center.is_finite() && *scale > 0.0 && scale.is_finite(),
        };
        if possible { Ok(()) } else { Err(Error::data(format!("damaged covariate `{}`", self.name))) }
    }
}

/// A number as programs write it.
fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn constant(name: &str) -> Error {
    Error::data(format!(
        "covariate {name}: it is the same for every customer of the fit, so it explains nothing. Leave it out"
    ))
}

/// A number of customers for the file: at least one where there is any.
fn whole(customers: f64) -> u64 {
    if customers > 0.0 { customers.round().max(1.0) as u64 } else { 0 }
}

fn of_texts(name: &str, attribute: &Attribute, customers: impl Fn(usize) -> f64) -> Result<(Coding, f64)> {
    let mut said = vec![0.0; attribute.texts.len()];
    let mut missing = 0.0;
    for (row, text) in attribute.of.iter().enumerate() {
        match text {
            Some(text) => said[*text as usize] += customers(row),
            None => missing += customers(row),
        }
    }
    let texts = || attribute.texts.iter().zip(&said).filter(|(_, customers)| **customers > 0.0);
    let mut numbers: Vec<(f64, f64)> =
        texts().filter_map(|(text, &customers)| Some((number(text)?, customers))).collect();
    // In an order of their own, so that sums do not depend on that of the rows.
    numbers.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let count = texts().count();
    if count == 1 && missing == 0.0 {
        return Err(constant(name));
    }
    if count > 0 && numbers.len() == count {
        return Ok((coding_of(&numbers), missing));
    }
    if let Some((slip, _)) = texts().find(|(text, _)| number(text).is_none()).filter(|_| numbers.len() > MANY_NUMBERS) {
        return Err(Error::data(format!(
            "covariate {name} is a number for most customers and `{slip}` for others. Leave it empty where it is not known, and write \
             numbers with a decimal point"
        )));
    }
    if count > MANY_NUMBERS && texts().all(|(text, _)| number(&text.replace(',', ".")).is_some()) {
        return Err(Error::data(format!("covariate {name} has numbers with a decimal comma; write them with a point")));
    }
    let mut levels: Vec<(&str, f64)> = texts().map(|(text, &customers)| (&**text, customers)).collect();
    levels.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let mut levels: Vec<Level> = levels
        .into_iter()
        .map(|(name, customers)| Level { name: name.to_owned(), customers: whole(customers) })
        .collect();
    if levels.is_empty() {
        return Err(Error::data(format!("covariate {name}: the column says nothing of any customer")));
    }
    Ok((Coding::Levels { reference: levels.remove(0), others: levels }, missing))
}

fn of_numbers(name: &str, numbers: &[f64], customers: impl Fn(usize) -> f64) -> Result<(Coding, f64)> {
    let mut counts: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
    let mut missing = 0.0;
    for (row, &number) in numbers.iter().enumerate() {
        if number.is_nan() {
            missing += customers(row);
        } else {
            // Zero has two signs.
            counts.entry((number + 0.0).to_bits()).or_insert((number, 0.0)).1 += customers(row);
        }
    }
    let counted: Vec<(f64, f64)> = counts.into_values().collect();
    if counted.is_empty() || counted.iter().any(|(number, _)| number.is_infinite()) {
        return Err(Error::data(format!("covariate {name}: there are no numbers in it, or one is infinite")));
    }
    if counted.len() == 1 && missing == 0.0 {
        return Err(constant(name));
    }
    let coding = match coding_of(&counted) {
        // Of one repeat purchase.
        Coding::Number { center, scale } if name == LOG_FREQUENCY => {
            Coding::Number { center: 0.0, scale: scale.hypot(center) }
        }
        coding => coding,
    };
    Ok((coding, missing))
}

/// As it is if it is 0 or 1, else by mean and standard deviation; of a constant the latter is 1.
fn coding_of(numbers: &[(f64, f64)]) -> Coding {
    if numbers.iter().all(|(number, _)| *number == 0.0 || *number == 1.0) {
        return Coding::ZeroOne {};
    }
    let mean = |f: &dyn Fn(f64) -> f64| {
        let customers: f64 = numbers.iter().map(|(_, customers)| customers).sum();
        numbers.iter().map(|&(number, customers)| customers * f(number)).sum::<f64>() / customers
    };
    let center = mean(&|number| number);
    let sd = mean(&|number| (number - center).powi(2)).sqrt();
    Coding::Number { center, scale: if sd > 1e-12 * center.abs() { sd } else { 1.0 } }
}
