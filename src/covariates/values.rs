//! Where the values of a covariate come from: a column that says something of every customer, or a fact of the first order.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::summary::{Attribute, Summary};

/// Covariates that every summary made of orders has: the amount of the first order, and the month and the quarter of the year it came in.
pub const FIRST_FACTS: [&str; 3] = ["first_amount", "first_month", "first_quarter"];

/// The logarithm of the number of repeat purchases, 0 where there is none: a covariate of spend.
pub const LOG_FREQUENCY: &str = "log(frequency)";

/// What is said of every customer of a summary.
#[derive(Clone, Debug)]
pub enum Values<'a> {
    /// A text, or nothing.
    Texts(Cow<'a, Attribute>),
    /// A number; not a number where nothing is said.
    Numbers(Vec<f64>),
}

impl<'a> Values<'a> {
    /// The values of a covariate: of the column with this name, or if there is none, of the fact of the first order with this name.
    ///
    /// # Errors
    /// [`Error::usage`] with the names that there are.
    pub fn of(summary: &'a Summary, name: &str) -> Result<Self> {
        if let Some(attribute) = summary.attribute(name) {
            return Ok(Self::Texts(Cow::Borrowed(attribute)));
        }
        match name {
            LOG_FREQUENCY => Ok(Self::Numbers(summary.frequency.iter().map(|&x| f64::from(x.max(1)).ln()).collect())),
            "first_amount" => first_amounts(summary).map(Self::Numbers),
            "first_month" => first_days(summary, name, |month| MONTHS[month - 1]),
            "first_quarter" => first_days(summary, name, |month| QUARTERS[(month - 1) / 3]),
            _ => Err(unknown(summary, name)),
        }
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const QUARTERS: [&str; 4] = ["Q1", "Q2", "Q3", "Q4"];

fn unknown(summary: &Summary, name: &str) -> Error {
    let columns: Vec<&str> = summary.attributes.iter().map(|attribute| &*attribute.name).collect();
    let known = match &columns[..] {
        [] => "no column is kept of these customers".to_owned(),
        columns => format!("these customers have {}", columns.join(", ")),
    };
    Error::usage(say![
        "there is no covariate `{name}`: {known}. Add a column of the orders with ",
        opt("keep").with(name),
        ", or a table with a row for each customer with ",
        opt("customer_table"),
        format!("; of the first order there are {}", FIRST_FACTS.join(", "))
    ])
}

/// Total less what the repeat purchases were worth, to a ten-thousandth, below which it is rounding.
fn first_amounts(summary: &Summary) -> Result<Vec<f64>> {
    let Some(totals) = summary.totals() else {
        return Err(Error::usage(
            "covariate first_amount: these customers' first amounts are not known; give orders with amounts".to_owned(),
        ));
    };
    let repeats = summary.frequency.iter().zip(&summary.monetary_value);
    let first = |(total, (&x, mean)): (&f64, (&u32, &f64))| ((total - f64::from(x) * mean) * 1e4).round() / 1e4;
    Ok(totals.iter().zip(repeats).map(first).collect())
}

/// What is said of the month in which each customer came.
fn first_days<'a>(summary: &Summary, name: &str, say: impl Fn(usize) -> &'static str) -> Result<Values<'a>> {
    let Some(purchases) = &summary.purchases else {
        return Err(Error::usage(format!("covariate {name}: these customers' first days are not known; give orders")));
    };
    let days = purchases.first_purchase.iter();
    let texts: Vec<Option<String>> = days.map(|day| Some(say(day.date().month() as usize).to_owned())).collect();
    Ok(Values::Texts(Cow::Owned(Attribute::new(name.to_owned(), &texts))))
}
