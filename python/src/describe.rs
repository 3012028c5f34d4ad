//! What is said of customers without a model, and beside one.

use clv::answers::{CAC, CustomerNumber, DescribedCustomers, MARGIN, Questions};
use clv::describe::{DescribeOptions, OrderLogs, Question};
use clv::orders::Convention;
use clv::predict::{Predictor, check_distinct};
use clv::report::describe_tables;
use clv::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::ahead::Ahead;
use crate::arguments::Arguments;
use crate::errors::{exception, in_python};
use crate::evaluation::{Tables, tables};
use crate::model::Model;
use crate::orders::Orders;
use crate::summary::Summary;
use crate::table::Table;
use crate::wait::wait;

/// Tables, the customers, the numbers of all of them as JSON, and warnings.
type Described = (Tables, Table, String, Vec<String>);

/// What a description is to hold.
struct Task {
    options: DescribeOptions,
    margin: CustomerNumber,
    cac: Option<CustomerNumber>,
    predictor: Option<Predictor>,
}

impl Task {
    fn of(horizons: &[Ahead], given: &Bound<'_, PyDict>, model: Option<&Model>, summary: &Summary) -> Result<Self> {
        let mut given = Arguments::of(given).map_err(|error| Error::usage(error.to_string()))?;
        let mut options: DescribeOptions = given.take()?;
        let Questions { margin, cac, .. } = given.all()?;
        if let Some(model) = model {
            options.horizons = model.horizons(horizons, summary.is_dated)?;
            check_distinct(&options.horizons)?;
        }
        options.check()?;
        margin.check(&MARGIN)?;
        cac.iter().try_for_each(|cac| cac.check(&CAC))?;
        let predictor = model.map(|model| model.predictor_for(summary)).transpose()?;
        Ok(Self { options, margin, cac, predictor })
    }

    /// Of these customers, and of the orders behind them if they are known.
    fn described(
        &self,
        summary: &Summary,
        model: Option<&Model>,
        logs: Option<&mut OrderLogs<'_>>,
        decimal_comma: bool,
    ) -> Result<Described> {
        let inner = &*summary.inner;
        if self.predictor.as_ref().is_some_and(|predictor| predictor.spend.is_some()) {
            summary.check_spend()?;
        }
        let beyond = |model: &Model| model.file.beyond_observation(inner, &self.options.horizons);
        let beyond = model.map(beyond).transpose()?.flatten();
        let question = Question {
            summary: inner,
            options: &self.options,
            margin: self.margin.of(inner, &MARGIN, decimal_comma)?,
            cac: self.cac.as_ref().map(|cac| cac.of(inner, &CAC, decimal_comma)).transpose()?,
            predictor: self.predictor.as_ref(),
        };
        let description = question.answer(logs)?;
        let warnings = beyond.iter().chain(&description.cautions).map(in_python).collect();
        let customers = Table::of(&DescribedCustomers::new(inner, &description).table())?;
        let sums = description.sums(inner).to_json();
        let all = tables(describe_tables(&description).iter().filter(|table| !table.is_empty()))?;
        Ok((all, summary.with_contents(customers), sums, warnings))
    }
}

#[pymethods]
impl Orders {
    /// What is said of the customers, beside a model if there is one.
    #[pyo3(signature = (horizons, given, model=None))]
    fn describe(
        &self,
        py: Python<'_>,
        horizons: Vec<Ahead>,
        given: &Bound<'_, PyDict>,
        model: Option<&Model>,
    ) -> PyResult<Described> {
        let (summary, _) = wait(py, || self.summarised())?;
        let summary = self.wrapped(summary);
        let task = Task::of(&horizons, given, model, &summary).map_err(exception)?;
        wait(py, || {
            let (mut orders, mut goods, mut serving) = (self.log(), self.costs("cogs"), self.costs("serving"));
            let mut logs =
                OrderLogs { orders: &mut orders, goods: goods.as_deref_mut(), serving: serving.as_deref_mut() };
            let (tables, customers, sums, mut warnings) =
                task.described(&summary, model, Some(&mut logs), self.options.convention == Some(Convention::Comma))?;
            warnings.splice(0..0, self.without_costs.iter().map(|missing| format!("{missing}: no cost there")));
            Ok((tables, customers, sums, warnings))
        })
    }
}

#[pymethods]
impl Summary {
    /// What is said of the customers without what takes orders, beside a model if there is one.
    #[pyo3(signature = (horizons, given, model=None))]
    fn describe(
        &self,
        py: Python<'_>,
        horizons: Vec<Ahead>,
        given: &Bound<'_, PyDict>,
        model: Option<&Model>,
    ) -> PyResult<Described> {
        self.check_dated().map_err(exception)?;
        let task = Task::of(&horizons, given, model, self).map_err(exception)?;
        wait(py, || task.described(self, model, None, false))
    }
}
