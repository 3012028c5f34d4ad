//! The covariates of a fit, their columns, and the patterns of customers.

use super::rank::{Flaw, flaw};
use super::{Covariate, CovariateOptions, FIRST_FACTS, Patterns, Process, UnknownLevels, Values};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::summary::Summary;

/// Covariates with the columns they become, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    covariates: Vec<Covariate>,
    columns: Vec<String>,
    scales: Vec<f64>,
    first_columns: Vec<u32>,
}

/// Fewest customers for each coefficient that nothing holds.
const CUSTOMERS_EACH: usize = 5;

/// More coefficients than a fit takes: its cost is in their square for each pattern, and in their cube.
const MOST_COLUMNS: usize = 300;

impl Design {
    /// Of covariates as they were in a fit.
    ///
    /// # Errors
    /// [`Error::data`] if two columns have one name, or there are more than 300.
    pub fn new(covariates: Vec<Covariate>) -> Result<Self> {
        covariates.iter().try_for_each(Covariate::check)?;
        let (mut columns, mut scales, mut first_columns) = (Vec::new(), Vec::new(), Vec::new());
        for covariate in &covariates {
            first_columns.push(columns.len() as u32);
            columns.extend(covariate.columns());
            scales.extend(covariate.scales());
            if columns.len() > MOST_COLUMNS {
                return Err(Error::data(format!(
                    "covariate {} has {} levels, and a fit takes {MOST_COLUMNS} of all covariates together, since its time grows with the \
                     cube of their number. Put levels together, such as countries to regions, or rare ones to `other`",
                    covariate.name,
                    covariate.columns().len() + 1
                )));
            }
        }
        if let Some(twice) = (1..columns.len()).find(|&i| columns[..i].contains(&columns[i])) {
            return Err(Error::data(format!("two covariates give a column `{}`; rename one of them", columns[twice])));
        }
        Ok(Self { covariates, columns, scales, first_columns })
    }

    /// The covariates that these options name, coded as the customers of the summary are best told apart.
    ///
    /// # Errors
    /// [`Error::usage`] if there is no such covariate; [`Error::data`] if it cannot be coded.
    pub fn of(summary: &Summary, names: &[&str]) -> Result<Self> {
        if let Some(name) = names.iter().find(|name| FIRST_FACTS.contains(name) && summary.attribute(name).is_some()) {
            return Err(Error::usage(format!(
                "covariate {name}: there is a column of this name, and it is also that of a fact of the first order. Rename the column"
            )));
        }
        let coded = |name: &&str| Covariate::of(name, &Values::of(summary, name)?, |row| summary.weight(row));
        Self::new(names.iter().map(coded).collect::<Result<_>>()?)
    }

    /// The covariates.
    pub fn covariates(&self) -> &[Covariate] {
        &self.covariates
    }

    /// Names of the covariates, for messages.
    fn names(&self) -> String {
        self.covariates.iter().map(|covariate| &*covariate.name).collect::<Vec<&str>>().join(", ")
    }

    /// Names of all columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// One standard deviation of a column that is a number; 1 of others.
    pub fn scale(&self, column: usize) -> f64 {
        self.scales[column]
    }

    /// Numbers of the columns of a covariate.
    pub fn columns_of(&self, name: &str) -> std::ops::Range<usize> {
        let Some(place) = self.covariates.iter().position(|covariate| covariate.name == name) else { return 0..0 };
        let first = self.first_columns[place] as usize;
        first..first + self.covariates[place].columns().len()
    }

    /// The covariate of a column.
    pub fn covariate_of(&self, column: usize) -> &Covariate {
        let after = self.first_columns.partition_point(|&first| first as usize <= column);
        &self.covariates[after - 1]
    }

    /// The customers of a summary by what is said of them.
    ///
    /// # Errors
    /// [`Error::usage`] if a covariate is missing there; [`Error::data`] with what was not known to the fit.
    pub fn patterns(&self, summary: &Summary, unknown: UnknownLevels) -> Result<Patterns> {
        let codes =
            self.covariates.iter().map(|covariate| covariate.codes(&Values::of(summary, &covariate.name)?, unknown));
        let codes = codes.collect::<Result<Vec<_>>>()?;
        Ok(Patterns::new(summary.len(), &codes, &self.first_columns))
    }

    /// The columns that move each process, as the options have it.
    pub fn coefficients(&self, options: &CovariateOptions, spend: bool) -> Vec<(Process, usize)> {
        let by_process = options.by_process(spend).into_iter();
        by_process.flat_map(|(process, name)| self.columns_of(name).map(move |column| (process, column))).collect()
    }

    /// Refuses processes that a model with these parameters does not have.
    ///
    /// # Errors
    /// [`Error::usage`] with the model and what to do.
    pub fn check_model(options: &CovariateOptions, model: &str, parameters: &[&str], is_discrete: bool) -> Result<()> {
        if options.is_empty_of_timing() {
            return Ok(());
        }
        if is_discrete {
            return Err(Error::usage(format!(
                "{model} takes no covariates: its chances to purchase and to leave have no parameter that moves them alone. Fit it to \
                 each group by itself, or take another model, for instance BG/NBD"
            )));
        }
        if !options.dropout.is_empty() && Process::Dropout.moved(parameters).is_empty() {
            return Err(Error::usage(say![
                format!("{model} has no dropout, so nothing moves it: name its covariates in "),
                opt("purchase_covariates"),
                " alone"
            ]));
        }
        Ok(())
    }

    /// Refuses columns whose coefficients cannot be told from each other or from the model's own parameters, of rows that stand for so
    /// many `customers` in the fit. With a prior (`held`) a column that none of these has is no trouble.
    ///
    /// # Errors
    /// [`Error::data`] with the names.
    pub fn check_rank(
        &self,
        patterns: &Patterns,
        coefficients: &[(Process, usize)],
        held: bool,
        customers: impl Fn(usize) -> f64,
    ) -> Result<()> {
        let customers = patterns.sizes(customers);
        let total: f64 = customers.iter().sum();
        let (count, needed) = (coefficients.len(), CUSTOMERS_EACH * coefficients.len());
        if !held && total < needed as f64 {
            return Err(Error::data(say![
                format!(
                    "{count} coefficients of {} cannot be estimated from {total} customers; at least {CUSTOMERS_EACH} a coefficient are needed. Put levels together, leave covariates out, or hold coefficients with ",
                    self.names()
                ),
                opt("covariate_sd").with(1.0)
            ]));
        }
        for process in [Process::Purchases, Process::Dropout, Process::Spend] {
            let moves = |of: Process| of == process || of == Process::Both && process != Process::Spend;
            let mut columns: Vec<u32> =
                coefficients.iter().filter(|(of, _)| moves(*of)).map(|(_, column)| *column as u32).collect();
            columns.sort_unstable();
            while let Some((place, found)) = flaw(patterns, &customers, &columns) {
                if found != Flaw::Empty || !held {
                    return Err(self.refusal(process, &columns, place, &found));
                }
                columns.remove(place);
            }
        }
        Ok(())
    }

    fn refusal(&self, process: Process, columns: &[u32], place: usize, found: &Flaw) -> Error {
        let name = |place: usize| &*self.columns[columns[place] as usize];
        let of = process.word();
        Error::data(match found {
            Flaw::Empty => say![
                format!(
                    "covariate {}: none of the customers with repeat purchases worth something has it, so its effect on {of} cannot be estimated. Put levels together, leave it out of ",
                    name(place)
                ),
                opt("spend_covariates"),
                ", or hold all coefficients with ",
                opt("covariate_sd").with(1.0)
            ],
            Flaw::Constant => format!(
                "covariate {}: it is the same for every customer of the fit, so it explains nothing of {of}. Leave it out",
                name(place)
            )
            .into(),
            Flaw::Follows(others) => {
                let others: Vec<&str> = others.iter().map(|&other| name(other)).collect();
                format!(
                    "covariate {}: it follows from {} of every customer, so their effects on {of} cannot be told apart. Leave one of \
                     them out",
                    name(place),
                    others.join(", ")
                ).into()
            }
        })
    }
}
