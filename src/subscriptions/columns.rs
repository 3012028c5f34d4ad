//! Which columns have what.

use super::SubscriptionOptions;
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::tables::customer_names::{customer_columns, plain};
use crate::tables::{TableShape, list};

/// Names of the first day: letters and digits only, in lower case, the most telling first.
const START: &[&str] = &[
    "subscriptionstart",
    "contractstart",
    "startdate",
    "startedat",
    "starttime",
    "start",
    "begindate",
    "begin",
    "validfrom",
    "activatedat",
    "activationdate",
    "signupdate",
    "subscribedat",
    "joindate",
    "joinedat",
];

/// Of the last.
const END: &[&str] = &[
    "subscriptionend",
    "contractend",
    "enddate",
    "endedat",
    "endtime",
    "end",
    "validto",
    "terminationdate",
    "terminatedat",
    "churndate",
    "churnedat",
    "canceledat",
    "cancelledat",
    "canceldate",
    "cancellationdate",
    "unsubscribedat",
];

/// Where in a table what is read stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscriptionColumns {
    /// Column of the customer.
    pub customer: usize,
    /// Of the first day.
    pub start: usize,
    /// Of the last.
    pub end: usize,
    /// Of the group.
    pub by: Option<usize>,
}

impl SubscriptionColumns {
    /// Those named in the options, else those recognised.
    ///
    /// # Errors
    /// [`Error::data`] if one is not there; [`Error::question`] if two may be it.
    pub fn find(table: &TableShape, options: &SubscriptionOptions) -> Result<Self> {
        let by_name = |known: &[&str]| recognised(table, known);
        Ok(Self {
            customer: one_of(table, "customer", options.customer.as_deref(), customer_columns(table.header()))?,
            start: one_of(table, "start", options.start.as_deref(), by_name(START))?,
            end: one_of(table, "end", options.end.as_deref(), by_name(END))?,
            by: options.by.as_deref().map(|name| table.column(name)).transpose()?,
        })
    }

    /// Whether columns are named like those of a table of subscriptions.
    pub(super) fn are_in(table: &TableShape) -> bool {
        !recognised(table, START).is_empty() && !recognised(table, END).is_empty()
    }

    /// All of them, in the order customer, start, end and group.
    pub(super) fn wanted(&self) -> Vec<usize> {
        let mut wanted = vec![self.customer, self.start, self.end];
        wanted.extend(self.by);
        wanted
    }
}

/// The columns with the first of the known names that any has.
fn recognised(table: &TableShape, known: &[&str]) -> Vec<usize> {
    let names: Vec<String> = table.header().iter().map(|name| plain(name)).collect();
    let with = |known: &&str| -> Vec<usize> { (0..names.len()).filter(|&column| names[column] == *known).collect() };
    known.iter().map(with).find(|columns| !columns.is_empty()).unwrap_or_default()
}

fn one_of(table: &TableShape, role: &'static str, given: Option<&str>, found: Vec<usize>) -> Result<usize> {
    if let Some(name) = given {
        return table.column(name);
    }
    let header = table.header();
    match found[..] {
        [column] => Ok(column),
        [] => Err(Error::data(say![
            format!("which column is the {role}? Name it with "),
            opt(role),
            format!("; there are {}", list(header))
        ])
        .in_file(table.name())),
        _ => {
            let names: Vec<&String> = found.iter().map(|&column| &header[column]).collect();
            let words = names.iter().map(|name| format!("`{name}`")).collect::<Vec<String>>().join(" or in ");
            let answers = names.iter().map(|name| opt(role).with(name.as_str()));
            Err(Error::question(format!("is the {role} in {words}?"), answers).in_file(table.name()))
        }
    }
}
