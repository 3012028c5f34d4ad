//! Which covariates enter which part of the models.

use serde::{Deserialize, Serialize};

use super::{LOG_FREQUENCY, Process};
use crate::error::{Error, Result};
use crate::message::{Message, opt, say};

/// The covariates of a fit, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CovariateOptions {
    /// Of how often customers purchase.
    #[serde(rename = "purchase_covariates")]
    pub purchases: Vec<String>,
    /// Of how soon they leave.
    #[serde(rename = "dropout_covariates")]
    pub dropout: Vec<String>,
    /// Of what their purchases are worth.
    #[serde(rename = "spend_covariates")]
    pub spend: Vec<String>,
    /// Which of those of purchases and dropout have one coefficient for both.
    pub equal: Vec<String>,
    /// Standard deviation of a normal prior on the coefficients of standardised covariates, around zero; none if there is no prior.
    #[serde(rename = "covariate_sd")]
    pub sd: Option<f64>,
}

/// How to treat a customer whose level of a covariate no customer of the fit had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum UnknownLevels {
    /// Say which, and stop.
    #[default]
    Refuse,
    /// Take the customer for one of the reference level.
    Reference,
}

impl CovariateOptions {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.is_empty_of_timing() && self.spend.is_empty()
    }

    /// Whether there is none of purchases and dropout.
    pub fn is_empty_of_timing(&self) -> bool {
        self.purchases.is_empty() && self.dropout.is_empty()
    }

    /// Every covariate once, in the order in which they are named.
    pub fn names(&self) -> Vec<&str> {
        each_once(self.purchases.iter().chain(&self.dropout).chain(&self.spend))
    }

    /// Those of purchases and dropout.
    pub fn names_of_timing(&self) -> Vec<&str> {
        each_once(self.purchases.iter().chain(&self.dropout))
    }

    /// Every process with the covariates that move it, those that move both once.
    pub fn by_process(&self, spend: bool) -> Vec<(Process, &str)> {
        let apart = |name: &&String| !self.equal.contains(name);
        if spend {
            return self.spend.iter().map(|name| (Process::Spend, name.as_str())).collect();
        }
        let purchases = self.purchases.iter().filter(apart).map(|name| (Process::Purchases, name.as_str()));
        let dropout = self.dropout.iter().filter(apart).map(|name| (Process::Dropout, name.as_str()));
        let both = self.equal.iter().map(|name| (Process::Both, name.as_str()));
        purchases.chain(dropout).chain(both).collect()
    }

    /// Checks what can be checked without data.
    ///
    /// # Errors
    /// [`Error::usage`] with the name or number that is wrong.
    pub fn check(&self) -> Result<()> {
        let usage = |what: Message| Err(Error::usage(what));
        let lists = [&self.purchases, &self.dropout, &self.spend, &self.equal];
        for (names, option) in lists.into_iter().zip(OPTIONS) {
            if let Some(twice) = (1..names.len()).find(|&i| names[..i].contains(&names[i])) {
                return usage(say![opt(option), format!(" names the covariate `{}` twice", names[twice])]);
            }
            if let Some(crossed) = names.iter().find_map(|name| name.split_once([':', '*'])) {
                let (one, other) = crossed;
                return usage(say![
                    opt(option),
                    format!(
                        " has `{one}:{other}`, and covariates are columns. To let one matter differently for each level of the other, add a column that crosses them, with texts such as `{one} and {other}`, and name that in the place of both"
                    )
                ]);
            }
            if names.iter().any(String::is_empty) {
                return usage(say![
                    opt(option),
                    " names a covariate without a name; give names of columns with commas between them"
                ]);
            }
        }
        if let Some(missing) =
            self.equal.iter().find(|name| !(self.purchases.contains(name) && self.dropout.contains(name)))
        {
            return usage(say![
                opt("equal"),
                format!(" has `{missing}`, which is not a covariate of both purchases and dropout; name it in "),
                opt("covariates"),
                ", too"
            ]);
        }
        if self.purchases.iter().chain(&self.dropout).any(|name| name == LOG_FREQUENCY) {
            return usage(say![
                format!(
                    "{LOG_FREQUENCY} is a covariate of spend alone: the number of purchases is what the timing model explains. Name it in "
                ),
                opt("spend_covariates")
            ]);
        }
        match self.sd {
            Some(sd) if !(1e-3..=1e3).contains(&sd) => usage(say![
                opt("covariate_sd"),
                format!(" is {sd}; give a standard deviation from 0.001 to 1000, for instance 1")
            ]),
            Some(_) if self.is_empty() => usage(say![opt("covariate_sd"), " goes with covariates, and none is named"]),
            _ => Ok(()),
        }
    }
}

/// Names in their order, each once.
pub(crate) fn each_once<'a>(names: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    let mut once: Vec<&str> = Vec::new();
    for name in names {
        if !once.contains(&name.as_str()) {
            once.push(name);
        }
    }
    once
}

/// The options of the command, in the order of the lists.
const OPTIONS: [&str; 4] = ["purchase_covariates", "dropout_covariates", "spend_covariates", "equal"];
