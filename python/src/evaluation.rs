//! Models tested on orders, and compared.

use clv::Error;
use clv::covariates::CovariateOptions;
use clv::customer_table::CustomerTable;
use clv::evaluate::{Evaluation, EvaluationOptions, Experiment, Later, Origins, compare_with, eligible, evaluate};
use clv::fit::FitOptions;
use clv::models::{TimingKind, check_distinct};
use clv::orders::OrderOptions;
use clv::report::{DataTable, comparison_tables, evaluation_tables};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{Arguments, options_of};
use crate::customers::CustomerColumns;
use crate::errors::{exception, in_python};
use crate::orders::Orders;
use crate::summary::Summary;
use crate::table::Table;
use crate::wait::wait;

/// Name, title and columns of tables.
pub(crate) type Tables = Vec<(String, String, Table)>;

pub(crate) fn tables<'a>(data: impl IntoIterator<Item = &'a DataTable>) -> clv::Result<Tables> {
    data.into_iter().map(Table::of_data).collect()
}

/// Models by name, each once.
fn models(names: &[String]) -> clv::Result<Vec<TimingKind>> {
    let models: Vec<TimingKind> = names.iter().map(|name| name.parse()).collect::<clv::Result<_>>()?;
    check_distinct(&models, "--models").map(|()| models)
}

/// Where orders are divided, and what is tested.
fn test_of(given: &Bound<'_, PyDict>) -> clv::Result<(Origins, EvaluationOptions)> {
    let mut given = Arguments::of(given).map_err(|error| Error::usage(error.to_string()))?;
    let (origins, options): (Origins, EvaluationOptions) = (given.take()?, given.take()?);
    given.finish()?;
    origins.check()?;
    options.check().map(|()| (origins, options))
}

/// Days, advice and tables of an evaluation, and what models could not be fitted.
type Evaluated = (Vec<(String, String)>, Vec<String>, Tables, Vec<String>);

#[pymethods]
impl Orders {
    /// Fits on what was known on a day, and looks at what came after.
    #[pyo3(signature = (given, customers=None))]
    fn evaluate(
        &self,
        py: Python<'_>,
        given: &Bound<'_, PyDict>,
        customers: Option<CustomerColumns>,
    ) -> PyResult<Evaluated> {
        let (origins, options) = test_of(given).map_err(exception)?;
        wait(py, || {
            let customers = customers.map(|customers| customers.read()).transpose()?;
            let evaluations = self.evaluations(&origins, &options, customers.as_ref())?;
            let days = evaluations.iter().map(|one| (one.split.to_string(), one.until.to_string())).collect();
            let failures = &evaluations[0].failures;
            let failures = failures
                .iter()
                .map(|(model, error)| format!("{}: {}", model.title(), in_python(&error.message())))
                .collect();
            let all = evaluation_tables::all(&evaluations);
            let all = tables(all.iter().filter(|table| !table.is_empty()))?;
            let advice = evaluations[0].advice().iter().map(in_python).collect();
            Ok((days, advice, all, failures))
        })
    }

    /// The customers up to a split, and the purchases that came after.
    #[pyo3(signature = (split, models, given, customers=None))]
    fn compare_after(
        &self,
        py: Python<'_>,
        split: &Bound<'_, PyDict>,
        models: Option<Vec<String>>,
        given: &Bound<'_, PyDict>,
        customers: Option<CustomerColumns>,
    ) -> PyResult<(String, Tables, Vec<String>)> {
        let task = Fits::of(given).map_err(exception)?;
        let Origins { split, .. } = options_of(split).map_err(exception)?;
        wait(py, || {
            let mut log = self.log();
            let division = split.divide(&log, self.options.until)?;
            let (mut summary, _) = log.summary(self.unit(), division.split, &self.options.cohort)?;
            if let Some(customers) = &customers {
                customers.read()?.join(&mut summary)?;
            }
            let later = Later::new(&mut log, &summary, division)?;
            drop(log);
            task.compared(&summary, Some(&later), models.as_deref())
        })
    }
}

#[pymethods]
impl Summary {
    /// Several models, fitted to these customers.
    fn compare(
        &self,
        py: Python<'_>,
        models: Option<Vec<String>>,
        given: &Bound<'_, PyDict>,
    ) -> PyResult<(String, Tables, Vec<String>)> {
        let task = Fits::of(given).map_err(exception)?;
        wait(py, || task.compared(&self.inner, None, models.as_deref()))
    }
}

/// How models are fitted that are compared.
struct Fits {
    options: FitOptions,
    covariates: CovariateOptions,
}

impl Fits {
    fn of(given: &Bound<'_, PyDict>) -> clv::Result<Self> {
        let mut given = Arguments::of(given).map_err(|error| Error::usage(error.to_string()))?;
        let (options, covariates): (FitOptions, CovariateOptions) = (given.take()?, given.take()?);
        given.finish()?;
        options.check()?;
        covariates.check().map(|()| Self { options, covariates })
    }

    fn compared(
        &self,
        summary: &clv::summary::Summary,
        later: Option<&Later>,
        named: Option<&[String]>,
    ) -> clv::Result<(String, Tables, Vec<String>)> {
        let kinds: Vec<TimingKind> = named.map_or_else(|| Ok(eligible(summary)), models)?;
        let histories = summary.counted_histories();
        let comparison = compare_with(&kinds, summary, &histories, later, &self.options, &self.covariates)?;
        let cautions = comparison.contenders.iter().flat_map(|one| {
            let title = one.title();
            one.fit.cautions.iter().map(move |caution| format!("{title}: {}", in_python(caution)))
        });
        let failures = comparison
            .failures
            .iter()
            .map(|(kind, error)| format!("{} is left out: {}", kind.title(), in_python(&error.message())));
        let doubts = comparison.cautions.iter().map(in_python);
        let warnings = doubts.chain(failures).chain(cautions).collect();
        let all = comparison_tables(&comparison);
        Ok((comparison.advice(), tables(all.iter().filter(|table| !table.is_empty()))?, warnings))
    }
}

impl Orders {
    fn evaluations(
        &self,
        origins: &Origins,
        options: &EvaluationOptions,
        customers: Option<&CustomerTable>,
    ) -> clv::Result<Vec<Evaluation>> {
        let (unit, OrderOptions { cohort, until, .. }) = (self.unit(), &self.options);
        let mut log = self.log();
        let experiments = origins.experiments(&mut log, unit, *cohort, *until)?;
        let evaluated = |experiment: clv::Result<Experiment>| {
            let mut experiment = experiment?;
            if let Some(customers) = customers {
                customers.join(&mut experiment.summary)?;
            }
            evaluate(&experiment, options)
        };
        experiments.map(evaluated).collect()
    }
}
