//! Models tested on orders, and compared.

use clv::Error;
use clv::evaluate::{Evaluation, EvaluationOptions, Later, Origins, compare, eligible, evaluate};
use clv::fit::FitOptions;
use clv::models::{TimingKind, check_distinct};
use clv::orders::OrderOptions;
use clv::report::{DataTable, comparison_tables, evaluation_tables};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{Arguments, options_of};
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
    fn evaluate(&self, py: Python<'_>, given: &Bound<'_, PyDict>) -> PyResult<Evaluated> {
        let (origins, options) = test_of(given).map_err(exception)?;
        wait(py, || {
            let evaluations = self.evaluations(&origins, &options)?;
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
    fn compare_after(
        &self,
        py: Python<'_>,
        split: &Bound<'_, PyDict>,
        models: Option<Vec<String>>,
        fit: &Bound<'_, PyDict>,
    ) -> PyResult<(String, Tables, Vec<String>)> {
        let options = fit_options(fit).map_err(exception)?;
        let Origins { split, .. } = options_of(split).map_err(exception)?;
        wait(py, || {
            let mut log = self.log();
            let division = split.divide(&log, self.options.until)?;
            let (summary, _) = log.summary(self.unit(), division.split, &self.options.cohort)?;
            let later = Later::new(&mut log, &summary, division)?;
            drop(log);
            compared(&summary, Some(&later), models.as_deref(), &options)
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
        fit: &Bound<'_, PyDict>,
    ) -> PyResult<(String, Tables, Vec<String>)> {
        let options = fit_options(fit).map_err(exception)?;
        wait(py, || compared(&self.inner, None, models.as_deref(), &options))
    }
}

fn fit_options(given: &Bound<'_, PyDict>) -> clv::Result<FitOptions> {
    let options: FitOptions = options_of(given)?;
    options.check().map(|()| options)
}

fn compared(
    summary: &clv::summary::Summary,
    later: Option<&Later>,
    named: Option<&[String]>,
    options: &FitOptions,
) -> clv::Result<(String, Tables, Vec<String>)> {
    let kinds: Vec<TimingKind> = named.map_or_else(|| Ok(eligible(summary)), models)?;
    let comparison = compare(&kinds, summary, &summary.counted_histories(), later, options)?;
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

impl Orders {
    fn evaluations(&self, origins: &Origins, options: &EvaluationOptions) -> clv::Result<Vec<Evaluation>> {
        let (unit, OrderOptions { cohort, until, .. }) = (self.unit(), &self.options);
        let mut log = self.log();
        let experiments = origins.experiments(&mut log, unit, *cohort, *until)?;
        experiments.map(|experiment| evaluate(&experiment?, options)).collect()
    }
}
