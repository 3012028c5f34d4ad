//! Counted customers.

use std::path::PathBuf;
use std::sync::Arc;

use clv::counts_file;
use clv::outputs::{Outputs, check_counts_folder};
use clv::summary::Observation;
use clv::summary_file::Stated;
use clv::tables::BytesRead;
use clv::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::options_of;
use crate::errors::exception;
use crate::frame::{Content, Frame};
use crate::summary::Summary;
use crate::table::Table;
use crate::wait::wait;

/// Numbers of interpurchase times by their days, and of repeat purchases by day.
type Statistics = (Vec<(u32, u64)>, Vec<(String, u64)>);

/// Distinct histories and distinct amounts, with the number of customers who share them.
#[pyclass(frozen, module = "clv._clv")]
#[derive(Clone)]
pub(crate) struct Counts {
    pub(crate) inner: Arc<clv::summary::Counts>,
    /// The first of its tables, with what is known of times.
    timing: Summary,
}

impl Counts {
    /// Of customers whose times are known as those of this summary.
    pub(crate) fn new(counts: clv::summary::Counts, of: &Summary) -> Self {
        let timing = Summary {
            inner: Arc::new(counts.timing().clone()),
            says_end: true,
            ids: Content::Other,
            has_ids: false,
            kept: Vec::new(),
            ..*of
        };
        Self { inner: Arc::new(counts), timing }
    }

    /// Of customers all of whose times are known.
    fn dated(counts: clv::summary::Counts) -> Self {
        let timing = Summary {
            inner: Arc::new(counts.timing().clone()),
            says_end: true,
            is_dated: true,
            knows_unit: true,
            ids: Content::Other,
            has_ids: false,
            kept: Vec::new(),
        };
        Self { inner: Arc::new(counts), timing }
    }

    /// One of the tables as customers.
    fn of(&self, rows: &clv::summary::Summary) -> Summary {
        Summary { inner: Arc::new(rows.clone()), ..self.timing.clone() }
    }

    fn observation(&self) -> &Observation {
        &self.timing.inner.observation
    }
}

#[pymethods]
impl Counts {
    /// Reads them from a folder.
    #[staticmethod]
    fn load(py: Python<'_>, folder: PathBuf) -> PyResult<Self> {
        let counts = wait(py, || {
            if !counts_file::is_counts(&folder) {
                return Err(Error::data("this is no folder with counts").in_file(folder.display().to_string()));
            }
            counts_file::read(&folder, &BytesRead::default())
        })?;
        Ok(Self::dated(counts))
    }

    /// Of tables that were counted elsewhere: `timing`, `spend` and `joint`, as far as there are any, and what times in them are.
    #[staticmethod]
    fn of_tables(
        py: Python<'_>,
        timing: Py<Frame>,
        spend: Option<Py<Frame>>,
        joint: Option<Py<Frame>>,
        told_apart: Vec<String>,
        times: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let Stated { unit: Some(unit), grain: Some(grain), end: Some(end) } = options_of(times).map_err(exception)?
        else {
            return Err(exception(Error::usage("counts take unit=, grain= and until=")));
        };
        let observation = Observation { unit, grain, end };
        let counts = wait(py, || {
            let open = |frame: &Py<Frame>| frame.get().open();
            let (mut timing, mut spend, mut joint) =
                (open(&timing), spend.as_ref().map(open), joint.as_ref().map(open));
            counts_file::of_tables([Some(&mut timing), spend.as_mut(), joint.as_mut()], &told_apart, observation)
        })?;
        Ok(Self::dated(counts))
    }

    /// Writes them to a folder.
    fn save(&self, py: Python<'_>, folder: PathBuf, overwrite: bool) -> PyResult<()> {
        if !self.timing.is_dated {
            let unknown = if self.timing.knows_unit { "until=" } else { "unit= and until=" };
            return Err(exception(Error::usage(format!(
                "files of counts say the time unit and the last day of the data, which these do not know: give {unknown} when they are counted"
            ))));
        }
        wait(py, || {
            check_counts_folder(&folder)?;
            let outputs = Outputs::new(overwrite).writing_counts(&folder);
            outputs.check()?;
            outputs.write_counts(&self.inner, &folder)
        })
    }

    /// One of the tables: `timing`, `spend` or `joint`.
    fn table(&self, part: &str) -> PyResult<Option<Table>> {
        let rows = match part {
            "timing" => Some(self.inner.timing()),
            "spend" => self.inner.spend(),
            _ => self.inner.joint(),
        };
        let table = rows.map(|rows| Table::of(&counts_file::table(part, rows))).transpose();
        table.map_err(exception)
    }

    /// The customers as timing sees them.
    #[getter]
    pub(crate) fn timing(&self) -> Summary {
        self.timing.clone()
    }

    /// The customers as spend sees them, if it is known.
    #[getter]
    fn spend(&self) -> Option<Summary> {
        self.inner.spend().map(|rows| self.of(rows))
    }

    /// The customers for questions about their future, of value or of purchases alone.
    fn customers_for(&self, values: bool) -> PyResult<Summary> {
        let rows: Result<&clv::summary::Summary> = self.inner.customers_for(values);
        rows.map(|rows| self.of(rows)).map_err(exception)
    }

    /// Number of customers.
    #[getter]
    fn customers(&self) -> f64 {
        self.inner.customers()
    }

    /// Unit of recency and T, if it is known.
    #[getter]
    fn unit(&self) -> Option<&'static str> {
        self.timing.knows_unit.then(|| self.observation().unit.name())
    }

    /// Period within which orders were one purchase, if it is known.
    #[getter]
    fn grain(&self) -> Option<&'static str> {
        self.timing.is_dated.then(|| self.observation().grain.name())
    }

    /// Last day of the observation, if it is known.
    #[getter]
    fn until(&self) -> Option<String> {
        self.timing.is_dated.then(|| self.observation().end.to_string())
    }

    /// Columns that are told apart.
    #[getter]
    fn told_apart(&self) -> Vec<String> {
        self.inner.told_apart().into_iter().map(str::to_owned).collect()
    }

    /// Number of interpurchase times by their days, and of repeat purchases by day, if they are known.
    #[getter]
    fn statistics(&self) -> Option<Statistics> {
        let statistics = self.inner.statistics()?;
        let days = statistics.interpurchase_days().iter().map(|(&days, &count)| (days, count)).collect();
        Some((days, statistics.repeat_purchases().iter().map(|(day, &count)| (day.to_string(), count)).collect()))
    }
}
