//! Models of customers under contract.

use clv::model_file::ModelFile;
use clv::report::projection_table;
use clv::retention::{Projection, ProjectionOptions, RetentionModel, RetentionOptions, RetentionRecord, share_kept};
use clv::summary::CountedLifetimes;
use clv::survivor_file;
use clv::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::options_of;
use crate::errors::exception;
use crate::model::Model;
use crate::summary::Source;
use crate::table::Table;
use crate::wait::wait;

/// A model, and the shares of the customers who were still there after 0, 1, … periods.
type Fitted = (Model, Vec<f64>);

#[pymethods]
impl Model {
    /// Fits a model of contracts to the survivors of cohorts.
    #[staticmethod]
    fn fit_retention(py: Python<'_>, survivors: Source, given: &Bound<'_, PyDict>) -> PyResult<Fitted> {
        let options: RetentionOptions = options_of(given).map_err(exception)?;
        let (record, kept) = wait(py, || {
            let cohorts = survivor_file::read(&mut survivors.open()?)?;
            let survivors: Vec<&[f64]> = cohorts.iter().map(|cohort| &cohort.survivors[..]).collect();
            let lifetimes = CountedLifetimes::from_survivors(&survivors)?;
            let kept = share_kept(&lifetimes, lifetimes.chances().len() as u32).into_iter().flatten().collect();
            Ok((RetentionRecord::fit(&lifetimes, &options)?, kept))
        })?;
        Ok((Self::of_retention(record), kept))
    }

    /// With parameters that are known, in the order of the model's.
    #[staticmethod]
    fn of_retention_parameters(name: &str, parameters: Vec<f64>, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let make = || {
            let model = RetentionModel::of_parameters(name, &parameters)?;
            let RetentionOptions { period, .. } = options_of(given)?;
            Ok(RetentionRecord::given(model, period))
        };
        make().map(Self::of_retention).map_err(exception)
    }

    /// Survival, retention and residual lifetimes, period by period, beside what was seen.
    fn project(&self, given: &Bound<'_, PyDict>, kept: Vec<f64>) -> PyResult<Table> {
        let project = || {
            let options: ProjectionOptions = options_of(given)?;
            let mut projection = Projection::new(self.retention()?, None, &options)?;
            projection.actual_survival.iter_mut().zip(&kept).for_each(|(cell, kept)| *cell = Some(*kept));
            Table::of(&projection_table(&projection).table())
        };
        project().map_err(exception)
    }

    /// Time from one renewal to the next, if it is a model of contracts.
    #[getter]
    fn renewal_period(&self) -> Option<&'static str> {
        self.file.retention.as_ref().map(|record| record.period.name())
    }
}

impl Model {
    fn of_retention(record: RetentionRecord) -> Self {
        Self::new(ModelFile::of_retention(record), true, true)
    }

    fn retention(&self) -> Result<&RetentionRecord> {
        self.file.retention.as_ref().ok_or_else(|| Error::usage("this is no model of contracts"))
    }
}
