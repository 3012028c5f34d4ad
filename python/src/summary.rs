//! Customers, one row each, as the models take them.

use std::path::PathBuf;
use std::sync::Arc;

use clv::summary::{Day, Grain, TimeUnit};
use clv::summary_file::{self, MONETARY_VALUE, SummaryOptions};
use clv::tables::{BytesRead, Input, TableReader};
use clv::{Error, Result};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::errors::exception;
use crate::frame::{Content, Frame};
use crate::given::GivenSummary;
use crate::table::Table;
use crate::wait::wait;

/// Customers with their histories.
#[pyclass(frozen, module = "clv._clv")]
#[derive(Clone)]
pub(crate) struct Summary {
    pub(crate) inner: Arc<clv::summary::Summary>,
    /// Whether unit and end of the observation are known, rather than any.
    pub(crate) is_dated: bool,
    /// Whether the unit is.
    pub(crate) knows_unit: bool,
    /// Whether the worth of purchases is.
    pub(crate) knows_spend: bool,
    /// Whether the caller's customers are text, even if they look like numbers.
    pub(crate) has_text_ids: bool,
    /// What columns held that were kept.
    pub(crate) kept: Vec<(String, Content)>,
}

/// A frame or a file.
#[derive(FromPyObject)]
pub(crate) enum Source {
    Frame(Py<Frame>),
    File(PathBuf),
}

impl Source {
    /// Whether a column is text to the caller; what a file's columns are is for us to say.
    fn is_text(&self, column: &str) -> bool {
        match self {
            Self::Frame(frame) => frame.get().content(column) == Content::Text,
            Self::File(_) => false,
        }
    }

    fn open(&self) -> Result<TableReader> {
        match self {
            Self::Frame(frame) => Ok(frame.get().open()),
            Self::File(path) => TableReader::open(&Input::Path(path.clone()), None, &BytesRead::default()),
        }
    }
}

impl Summary {
    /// The table, with customers as the caller has them.
    pub(crate) fn identified(&self, table: Table) -> Table {
        if self.has_text_ids { table.with_text("customer_id") } else { table }
    }

    /// Refuses to take purchases of unknown worth for worthless ones.
    pub(crate) fn check_spend(&self) -> Result<()> {
        if self.knows_spend {
            return Ok(());
        }
        Err(Error::Data(
            "summary: there is no column `monetary_value`, the mean amount of the repeat purchases, and values take it"
                .to_owned(),
        ))
    }

    fn read(source: &Source, options: SummaryOptions, counts_periods: bool) -> Result<Self> {
        let mut table = source.open()?;
        let has = |column: &str| table.header().iter().any(|name| name == column);
        let is_dated = has("first_purchase") || (options.unit.is_some() && options.until.is_some());
        let knows_unit = is_dated || options.unit.is_some();
        let knows_spend = has(MONETARY_VALUE);
        let has_text_ids = source.is_text(options.customer.as_deref().unwrap_or("customer_id"));
        let options = if is_dated { options } else { undated(options, counts_periods) };
        let inner = Arc::new(summary_file::read(&mut table, &options)?);
        Ok(Self { inner, is_dated, knows_unit, knows_spend, has_text_ids, kept: Vec::new() })
    }
}

/// Some end: without one, only times are told. The day ends a week, the period of which opportunities are taken to be.
fn undated(options: SummaryOptions, counts_periods: bool) -> SummaryOptions {
    SummaryOptions {
        until: Some(Day(3)),
        grain: options.grain.or(Some(if counts_periods { Grain::Week } else { Grain::Day })),
        unit: options.unit.or(Some(TimeUnit::Week)),
        ..options
    }
}

#[pymethods]
impl Summary {
    /// Reads a frame or a file. Without dates, times are in a unit without a name, of which whole ones may be counted.
    #[new]
    fn new(py: Python<'_>, source: Source, given: GivenSummary, counts_periods: bool) -> PyResult<Self> {
        let options = given.understood().map_err(exception)?;
        wait(py, || Self::read(&source, options, counts_periods))
    }

    /// The columns of a file.
    #[staticmethod]
    fn header(path: PathBuf) -> PyResult<Vec<String>> {
        Ok(Source::File(path).open().map_err(exception)?.header().to_vec())
    }

    /// One row a customer, with all that is known.
    fn table(&self) -> PyResult<Table> {
        let table = self.identified(Table::of(&summary_file::table(&self.inner, true)).map_err(exception)?);
        let table = self.kept.iter().fold(table, |table, (name, content)| table.with_content(name, *content));
        if self.knows_spend { Ok(table) } else { table.without(MONETARY_VALUE)?.without("total") }
    }

    fn __len__(&self) -> usize {
        self.inner.len()
    }

    /// Unit of recency and T, if it is known.
    #[getter]
    fn unit(&self) -> Option<&'static str> {
        self.knows_unit.then(|| self.inner.observation.unit.name())
    }

    /// Period within which orders were one purchase.
    #[getter]
    fn grain(&self) -> Option<&'static str> {
        self.is_dated.then(|| self.inner.observation.grain.name())
    }

    /// Last day of the observation, if it is known.
    #[getter]
    fn until(&self) -> Option<String> {
        self.is_dated.then(|| self.inner.observation.end.to_string())
    }

    /// Whether there are mean amounts of repeat purchases.
    #[getter]
    fn knows_spend(&self) -> bool {
        self.knows_spend
    }

    /// Whether any repeat purchase was worth something.
    #[getter]
    fn has_spenders(&self) -> bool {
        self.inner.monetary_value.iter().any(|&m| m > 0.0)
    }

    /// The longest time that a customer was observed.
    #[getter]
    fn longest(&self) -> f64 {
        self.inner.T.iter().copied().fold(0.0, f64::max)
    }

    /// Repeat purchases of each customer.
    fn frequency<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u32>> {
        self.inner.frequency.clone().into_pyarray(py)
    }
}
