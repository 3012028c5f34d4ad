//! Models tested on orders, and compared.

use std::fmt::Display;
use std::str::FromStr;

use clv::Error;
use clv::evaluate::{Evaluation, EvaluationOptions, Later, Origins, Split, TierCuts, compare, eligible, evaluate};
use clv::models::{TimingKind, check_distinct};
use clv::predict::Horizon;
use clv::report::{DataTable, comparison_tables, evaluation_tables};
use pyo3::prelude::*;

use crate::errors::{exception, in_python, words_in_python};
use crate::given::{GivenFit, OrderChoices};
use crate::orders::Orders;
use crate::summary::Summary;
use crate::table::Table;
use crate::wait::wait;

/// Name, title and columns of tables.
pub(crate) type Tables = Vec<(String, String, Table)>;

pub(crate) fn tables<'a>(data: impl IntoIterator<Item = &'a DataTable>) -> clv::Result<Tables> {
    data.into_iter().map(Table::of_data).collect()
}

/// How models are tested.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct GivenTest {
    split: Option<String>,
    holdout: Option<String>,
    origins: u32,
    step: Option<String>,
    models: Vec<String>,
    spend: bool,
    hiatus: String,
    tiers: String,
    intervals: Vec<f64>,
    seed: u64,
}

/// Where orders are divided: at a day or a share, before a length of time, or as usual.
pub(crate) fn split(split: Option<&str>, holdout: Option<&str>) -> clv::Result<Split> {
    match (split, holdout) {
        (Some(_), Some(_)) => Err(Error::Usage("give split or holdout, not both".to_owned())),
        (Some(split), None) => split.parse(),
        (None, Some(holdout)) => Ok(Split::Holdout(holdout.parse()?)),
        (None, None) => Ok(Split::Usual),
    }
}

/// Models by name, each once.
fn models<M>(names: &[String]) -> clv::Result<Vec<M>>
where
    M: FromStr<Err = Error> + PartialEq + Display,
{
    let models: Vec<M> = names.iter().map(|name| name.parse()).collect::<clv::Result<_>>()?;
    check_distinct(&models, "models").map(|()| models)
}

impl GivenTest {
    fn origins(&self) -> clv::Result<Origins> {
        let step = self.step.as_deref().map(str::parse::<Horizon>).transpose()?;
        let origins =
            Origins { split: split(self.split.as_deref(), self.holdout.as_deref())?, count: self.origins, step };
        origins.check().map(|()| origins)
    }

    fn options(&self, fit: &GivenFit) -> clv::Result<EvaluationOptions> {
        Ok(EvaluationOptions {
            models: models(&self.models)?,
            with_spend: self.spend,
            fit: fit.options()?,
            hiatus: self.hiatus.parse()?,
            intervals: clv::answers::shares("--intervals", &self.intervals)?,
            tiers: self.tiers.parse::<TierCuts>()?,
            seed: self.seed,
        })
    }
}

/// Days, advice and tables of an evaluation, and what models could not be fitted.
type Evaluated = (Vec<(String, String)>, Vec<String>, Tables, Vec<String>);

#[pymethods]
impl Orders {
    /// Fits on what was known on a day, and looks at what came after.
    fn evaluate(&self, py: Python<'_>, given: GivenTest, fit: GivenFit) -> PyResult<Evaluated> {
        let origins = given.origins().map_err(exception)?;
        let options = given.options(&fit).map_err(exception)?;
        wait(py, || {
            let evaluations = self.evaluations(&origins, &options)?;
            let days = evaluations.iter().map(|one| (one.split.to_string(), one.until.to_string())).collect();
            let failures = &evaluations[0].failures;
            let failures =
                failures.iter().map(|(model, error)| format!("{}: {}", model.title(), in_python(error))).collect();
            let all = evaluation_tables::all(&evaluations);
            let all = tables(all.iter().filter(|table| !table.is_empty()))?;
            let advice = evaluations[0].advice().iter().map(|sentence| words_in_python(sentence)).collect();
            Ok((days, advice, all, failures))
        })
    }

    /// The customers up to a split, and the purchases that came after.
    fn compare_after(
        &self,
        py: Python<'_>,
        split: &str,
        models: Option<Vec<String>>,
        fit: GivenFit,
    ) -> PyResult<(String, Tables, Vec<String>)> {
        let options = fit.options().map_err(exception)?;
        wait(py, || {
            let mut log = self.log();
            let division = split.parse::<Split>()?.divide(&log, self.choices.options.until)?;
            let (summary, _) = log.summary(self.choices.unit, division.split, &self.choices.cohort)?;
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
        fit: GivenFit,
    ) -> PyResult<(String, Tables, Vec<String>)> {
        let options = fit.options().map_err(exception)?;
        wait(py, || compared(&self.inner, None, models.as_deref(), &options))
    }
}

fn compared(
    summary: &clv::summary::Summary,
    later: Option<&Later>,
    named: Option<&[String]>,
    options: &clv::fit::FitOptions,
) -> clv::Result<(String, Tables, Vec<String>)> {
    let kinds: Vec<TimingKind> = named.map_or_else(|| Ok(eligible(summary)), models)?;
    let comparison = compare(&kinds, summary, later, options)?;
    let cautions = comparison.contenders.iter().flat_map(|one| {
        let title = one.title();
        one.fit.cautions.iter().map(move |caution| format!("{title}: {}", words_in_python(caution)))
    });
    let failures =
        comparison.failures.iter().map(|(kind, error)| format!("{} is left out: {}", kind.title(), in_python(error)));
    let doubts = comparison.cautions.iter().map(|caution| words_in_python(caution));
    let warnings = doubts.chain(failures).chain(cautions).collect();
    let all = comparison_tables(&comparison);
    Ok((comparison.advice(), tables(all.iter().filter(|table| !table.is_empty()))?, warnings))
}

impl Orders {
    fn evaluations(&self, origins: &Origins, options: &EvaluationOptions) -> clv::Result<Vec<Evaluation>> {
        let OrderChoices { options: read, unit, cohort } = &self.choices;
        let mut log = self.log();
        let experiments = origins.experiments(&mut log, *unit, *cohort, read.until)?;
        experiments.map(|experiment| evaluate(&experiment?, options)).collect()
    }
}
