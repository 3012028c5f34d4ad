//! Coefficients of covariates, as they are kept with a model and applied to customers.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Covariate, Design, Patterns, Process, UnknownLevels};
use crate::error::{Error, Result};
use crate::summary::Summary;

/// What moves the parameters of a model: covariates with their coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effects {
    /// The covariates, as they were in the fit.
    pub covariates: Vec<Covariate>,
    /// The coefficients, in the order of the fit's parameters after those of the model.
    pub coefficients: Vec<Coefficient>,
    /// Standard deviation of the prior on coefficients of standardised covariates, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sd: Option<f64>,
    /// Log-likelihood of the model without covariates, fitted to the same customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_likelihood_without: Option<f64>,
    /// Each covariate against the model without it; none under a prior, where likelihoods do not compare.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<CovariateTest>,
}

/// By how much a column moves a process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coefficient {
    /// What it moves.
    pub process: Process,
    /// The column.
    pub column: String,
    /// What the logarithm of the rate, odds or spend changes by if the column rises by one of its own unit.
    pub estimate: f64,
}

/// The likelihood-ratio test of a covariate in a process, all of its levels together: `2 (ln L - ln L without it)` beside a chi-square
/// distribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CovariateTest {
    /// What it moves.
    pub process: Process,
    /// The covariate.
    pub covariate: String,
    /// Number of its coefficients.
    pub degrees: u32,
    /// The statistic.
    pub statistic: f64,
    /// The chance of as much where it has no effect.
    pub p: f64,
}

impl Coefficient {
    /// Its name among the parameters of a fit, such as `purchases: channel=online`.
    pub fn name(&self) -> String {
        coefficient_name(self.process, &self.column)
    }
}

/// The name of a coefficient among the parameters of a fit.
pub(crate) fn coefficient_name(process: Process, column: &str) -> String {
    format!("{process}: {column}")
}

impl Effects {
    /// The columns.
    ///
    /// # Errors
    /// [`Error::data`] if the covariates cannot be those of a fit.
    pub fn design(&self) -> Result<Design> {
        Design::new(self.covariates.clone())
    }

    /// Whether they can be of a model with these parameters.
    ///
    /// # Errors
    /// [`Error::data`] if not.
    pub fn check(&self, parameters: &[&str]) -> Result<()> {
        let design = self.design()?;
        for coefficient in &self.coefficients {
            let known = design.columns().contains(&coefficient.column);
            let moves = !coefficient.process.moved(parameters).is_empty();
            if !(known && moves && coefficient.estimate.is_finite()) {
                return Err(Error::data(format!("damaged coefficient `{}`", coefficient.name())));
            }
        }
        if self.coefficients.is_empty() {
            return Err(Error::data("damaged covariates: there is no coefficient".to_owned()));
        }
        Ok(())
    }

    /// The same with other coefficients.
    #[must_use]
    pub fn with_estimates(&self, estimates: &[f64]) -> Self {
        let coefficients = self.coefficients.iter().zip(estimates);
        let with =
            |(coefficient, estimate): (&Coefficient, &f64)| Coefficient { estimate: *estimate, ..coefficient.clone() };
        Self { coefficients: coefficients.map(with).collect(), ..self.clone() }
    }

    /// Those of some of the covariates; none if there are none.
    pub fn of_covariates(&self, names: &[String]) -> Option<Self> {
        let is_kept = |covariate: &&Covariate| names.contains(&covariate.name);
        let covariates: Vec<Covariate> = self.covariates.iter().filter(is_kept).cloned().collect();
        let columns: Vec<String> = covariates.iter().flat_map(Covariate::columns).collect();
        let coefficients = self.coefficients.iter().filter(|coefficient| columns.contains(&coefficient.column));
        let coefficients: Vec<Coefficient> = coefficients.cloned().collect();
        (!coefficients.is_empty()).then(|| Self { covariates, coefficients, tests: Vec::new(), ..self.clone() })
    }

    /// The coefficients alone.
    pub fn estimates(&self) -> Vec<f64> {
        self.coefficients.iter().map(|coefficient| coefficient.estimate).collect()
    }

    /// One standard deviation of each coefficient's column, in its own unit.
    pub fn units(&self) -> Vec<f64> {
        let design = self.design().ok();
        let unit = |coefficient: &Coefficient| {
            let design = design.as_ref()?;
            let column = design.columns().iter().position(|known| *known == coefficient.column)?;
            Some(design.scale(column))
        };
        self.coefficients.iter().map(|coefficient| unit(coefficient).unwrap_or(1.0)).collect()
    }

    /// How the models of a summary's customers differ.
    ///
    /// # Errors
    /// Those of [`Design::patterns`].
    pub fn shifts(&self, summary: &Summary, unknown: UnknownLevels, parameters: &[&str]) -> Result<Shifts> {
        let patterns = Arc::new(self.design()?.patterns(summary, unknown)?);
        Ok(Shifts { patterns, steps: self.steps(parameters)? })
    }

    /// Of each column, in standard deviations, the parameters that it moves, and by how much their logarithms change with it.
    fn steps(&self, parameters: &[&str]) -> Result<Vec<Vec<(usize, f64)>>> {
        let design = self.design()?;
        let mut steps = vec![Vec::new(); design.columns().len()];
        for coefficient in &self.coefficients {
            let column = design.columns().iter().position(|known| *known == coefficient.column);
            let column = column.ok_or_else(|| Error::data(format!("damaged coefficient `{}`", coefficient.name())))?;
            let step = coefficient.estimate * design.scale(column);
            let moves = coefficient.process.moved(parameters).into_iter();
            steps[column].extend(moves.map(|moved| (moved.parameter, moved.sign * step)));
        }
        Ok(steps)
    }
}

/// By how much the parameters of customers' models differ from the model's own.
#[derive(Clone, Debug)]
pub struct Shifts {
    patterns: Arc<Patterns>,
    /// Of each column, the parameters that it moves, and by how much their logarithms change with it.
    steps: Vec<Vec<(usize, f64)>>,
}

impl Shifts {
    /// The pattern of the customer in a row; where patterns are the same, models are.
    pub fn pattern(&self, row: usize) -> u32 {
        self.patterns.of()[row]
    }

    /// The patterns.
    pub fn patterns(&self) -> &Patterns {
        &self.patterns
    }

    /// Moves the parameters of a pattern.
    pub fn apply(&self, pattern: u32, parameters: &mut [f64]) {
        let mut logs = [0.0; MOST_PARAMETERS];
        for (column, z) in self.patterns.columns(pattern as usize).iter().filter(|(_, z)| *z != 0.0) {
            self.steps[*column as usize].iter().for_each(|(parameter, step)| logs[*parameter] += step * z);
        }
        parameters
            .iter_mut()
            .zip(logs)
            .filter(|(_, log)| *log != 0.0)
            .for_each(|(parameter, log)| *parameter *= log.exp());
    }

    /// The same customers with other coefficients.
    ///
    /// # Errors
    /// Those of [`Effects::design`].
    pub fn with(&self, effects: &Effects, parameters: &[&str]) -> Result<Self> {
        Ok(Self { patterns: Arc::clone(&self.patterns), steps: effects.steps(parameters)? })
    }
}

/// More parameters than any model has.
const MOST_PARAMETERS: usize = 8;
