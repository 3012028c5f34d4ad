//! Customers, one row each, as the models take them.

use std::path::PathBuf;
use std::sync::Arc;

use clv::customer_table::ColumnOrigins;
use clv::message::{Message, opt};
use clv::summary::{Day, Observation, TimeUnit};
use clv::summary_file::{self, CURRENCY_KEY, METADATA_KEY, PURCHASES_KEY, Stated, SummaryOptions, purchase_metadata};
use clv::tables::{BytesRead, FileOptions, Input, TableReader};
use clv::{Error, Result};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::options_of;
use crate::counts::Counts;
use crate::customers::{CustomerColumns, without_rows};
use crate::errors::{exception, in_python};
use crate::frame::{Content, Frame, find};
use crate::table::Table;
use crate::wait::wait;

/// Customers with their histories.
#[pyclass(frozen, module = "clv._clv")]
#[derive(Clone)]
pub(crate) struct Summary {
    pub(crate) inner: Arc<clv::summary::Summary>,
    /// Whether it says itself when it ends.
    pub(crate) says_end: bool,
    /// Whether unit and end of the observation are known, rather than any.
    pub(crate) is_dated: bool,
    /// Whether the unit is.
    pub(crate) knows_unit: bool,
    /// What the caller's customers are: text stays text, even if it looks like numbers.
    pub(crate) ids: Content,
    /// Whether customers have ids, rather than numbers by their rows.
    pub(crate) has_ids: bool,
    /// What columns held that were kept.
    pub(crate) kept: Vec<(String, Content)>,
}

/// A frame or a file.
#[derive(FromPyObject)]
pub(crate) enum Source {
    Frame(Py<Frame>),
    File(PathBuf),
}

/// What a frame says of its times: each of unit, grain and end, or the text that Arrow's schemas have.
#[derive(FromPyObject)]
enum Times<'py> {
    Text(String),
    Each(Bound<'py, PyDict>),
}

impl Times<'_> {
    fn stated(self) -> Result<Stated> {
        match self {
            Self::Text(text) => Stated::from_metadata(&text, "summary"),
            Self::Each(given) => options_of(&given),
        }
    }
}

impl Source {
    /// What a column is to the caller; of a file, what the open table says.
    fn content(&self, table: &TableReader, column: &str) -> Content {
        match self {
            Self::Frame(frame) => frame.get().content(column),
            Self::File(_) => content_of(table, column),
        }
    }

    pub(crate) fn open(&self) -> Result<TableReader> {
        match self {
            Self::Frame(frame) => Ok(frame.get().open()),
            Self::File(path) => {
                TableReader::open(&Input::Path(path.clone()), &FileOptions::default(), &BytesRead::default())
            }
        }
    }
}

/// What a column of a file is, if it says so.
pub(crate) fn content_of(table: &TableReader, column: &str) -> Content {
    find(table.header(), column).and_then(|column| table.column_type(column)).map_or(Content::Other, Content::of)
}

impl Summary {
    /// The table, with customers as the caller has them.
    pub(crate) fn identified(&self, table: Table) -> Table {
        table.with_ids("customer_id", self.ids)
    }

    /// The table, with customers and kept columns as the caller has them.
    pub(crate) fn with_contents(&self, table: Table) -> Table {
        self.kept_contents(self.identified(table))
    }

    fn kept_contents(&self, table: Table) -> Table {
        self.kept.iter().fold(table, |table, (name, content)| table.with_content(name, *content))
    }

    /// Refuses what takes dates, which a summary of bare numbers has not.
    pub(crate) fn check_dated(&self) -> Result<()> {
        if self.is_dated {
            return Ok(());
        }
        Err(Error::usage("the summary has no dates: give unit= and until=, or the orders"))
    }

    /// Refuses to take purchases of unknown worth for worthless ones.
    pub(crate) fn check_spend(&self) -> Result<()> {
        if self.inner.knows_spend {
            return Ok(());
        }
        Err(Error::data(
            "summary: there is no column `monetary_value`, the mean amount of the repeat purchases, and values take it",
        ))
    }

    /// A summary that does not say its unit or its end has those of the model that is to be asked, and without one any.
    fn read(source: &Source, given: (SummaryOptions, Option<Stated>), counts_periods: bool) -> Result<Self> {
        let (options, asked) = given;
        let model = asked.unwrap_or_default();
        let mut table = source.open()?;
        let kept = |column: usize| options.attributes.contains(&table.header()[column]);
        let has = |name: &str| find(table.header(), name).is_some_and(|column| !kept(column));
        let has_dates = has("first_purchase");
        let stated = match summary_file::stated(&table)? {
            said if said == Stated::default() => options.stated,
            said => said,
        };
        let says_unit = has_dates || options.unit.or(stated.unit).is_some() || has("unit");
        let says_end = has_dates || stated.end.is_some() || has("observed_until");
        // What was said of the customers whom a model was fitted to says nothing of others who say when they end.
        let until = options.until.filter(|_| asked.is_none() || !says_end);
        let knows_end = says_end || until.is_some();
        let says_grain = has_dates || options.grain.or(stated.grain).is_some() || has("grain");
        let knows_unit = says_unit || model.unit.is_some();
        let is_dated = knows_unit && (knows_end || model.end.is_some());
        let has_ids = find(table.header(), options.customer.as_deref().unwrap_or("customer_id")).is_some();
        let ids = source.content(&table, options.customer.as_deref().unwrap_or("customer_id"));
        let unit = options.unit.or(stated.unit).or(model.unit).or((!says_unit).then_some(TimeUnit::Week));
        let counted = unit.filter(|_| counts_periods).map(TimeUnit::grain);
        let options = SummaryOptions {
            unit: if says_unit { options.unit } else { unit },
            // The day ends a week, which an opportunity is taken to be.
            until: if knows_end { until } else { model.end.or(Some(Day(3))) },
            grain: if says_grain { options.grain } else { model.grain.or(counted) },
            ..options
        };
        let inner = Arc::new(summary_file::read(&mut table, &options)?);
        if !has_dates && stated.unit.is_some() {
            check_days(&inner)?;
        }
        Ok(Self { inner, says_end, is_dated, knows_unit, ids, has_ids, kept: Vec::new() })
    }

    /// What its times mean.
    fn observation(&self) -> &Observation {
        &self.inner.observation
    }
}

/// Whether times are whole days, as all are that were made of orders. A frame keeps what it says of its unit when its columns are
/// divided, and without dates nothing else would show it.
fn check_days(summary: &clv::summary::Summary) -> Result<()> {
    let Observation { unit, grain, .. } = summary.observation;
    let days = if unit.counts(grain) { 1.0 } else { unit.days() };
    let is_whole = |time: &f64| (time * days - (time * days).round()).abs() < 1e-6;
    match summary.recency.iter().chain(&summary.T).find(|time| !is_whole(time)) {
        Some(time) => Err(Error::data(format!(
            "summary: it says that its times are in {unit}s by {grain}, and {time} {unit}s are no whole number of {}s. Summarise the \
             orders again, with unit=",
            if unit.counts(grain) { grain.name() } else { "day" }
        ))),
        None => Ok(()),
    }
}

#[pymethods]
impl Summary {
    /// Reads a frame or a file. Without dates, times are in a unit without a name, of which whole ones may be counted.
    ///
    /// What the frame says of its times and purchases other than in columns, and what is known of the model that is to be asked, are in
    /// dictionaries of their own.
    #[new]
    #[pyo3(signature = (source, given, counts_periods, times=None, purchases=None, currency=None, model=None, takes_weights=false))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        source: Source,
        given: &Bound<'_, PyDict>,
        counts_periods: bool,
        times: Option<Times<'_>>,
        purchases: Option<String>,
        currency: Option<&str>,
        model: Option<&Bound<'_, PyDict>>,
        takes_weights: bool,
    ) -> PyResult<Self> {
        let understood = || {
            let model: Option<Stated> = model.map(options_of).transpose()?;
            let options = SummaryOptions {
                model: model.and_then(|model| Some((model.unit?, model.end))),
                stated: times.map_or_else(|| Ok(Stated::default()), Times::stated)?,
                purchases,
                currency: currency.map(str::parse).transpose()?,
                numbers_customers: true,
                takes_weights,
                ..options_of(given)?
            };
            Ok((options, model))
        };
        let options = understood().map_err(exception)?;
        wait(py, || Self::read(&source, options, counts_periods))
    }

    /// Which of the columns that are wanted come from a table of customers, if there is one, and which from the summary.
    #[staticmethod]
    fn origins(table: Option<Source>, wanted: Vec<String>) -> PyResult<(Vec<String>, Vec<String>)> {
        let table = table.map(|table| table.open()).transpose().map_err(exception)?;
        let origins = ColumnOrigins::new(table.as_ref(), &wanted).map_err(exception)?;
        Ok((origins.of_table, origins.of_orders))
    }

    /// With columns of a table of customers, by their ids; also warnings of those without a row.
    fn join(&self, py: Python<'_>, customers: CustomerColumns) -> PyResult<(Self, Vec<String>)> {
        if !self.has_ids {
            let mut text = Message::from(opt("customer_table"));
            text.push(" is joined by the customers' ids, and the summary has none: name their column with ");
            text.push(opt("customer"));
            return Err(exception(Error::usage(text)));
        }
        wait(py, || {
            let mut inner = clv::summary::Summary::clone(&self.inner);
            let table = customers.read()?;
            let joined = table.join(&mut inner)?;
            let warnings = without_rows(&table, joined).into_iter().collect();
            Ok((Self { inner: Arc::new(inner), ..self.clone() }, warnings))
        })
    }

    /// The columns of a file.
    #[staticmethod]
    fn header(path: PathBuf) -> PyResult<Vec<String>> {
        Ok(Source::File(path).open().map_err(exception)?.header().to_vec())
    }

    /// One row per customer, with all that is known. What times mean stands in columns and in metadata, the first of which survive
    /// databases and files, the second pieces and copies.
    fn table(&self) -> PyResult<Table> {
        // A column of that name is the caller's.
        let has_own = self.inner.attributes.iter().any(|attribute| attribute.name == "unit");
        let table = self.identified(Table::of(&summary_file::table(&self.inner, has_own)).map_err(exception)?);
        let times = Some((METADATA_KEY.to_owned(), summary_file::metadata(&self.inner.observation)));
        let purchases = purchase_metadata(&self.inner).map(|text| (PURCHASES_KEY.to_owned(), text));
        let currency = self.inner.currency.filter(|_| self.inner.knows_spend);
        let currency = currency.map(|code| (CURRENCY_KEY.to_owned(), code.to_string()));
        Ok(self.kept_contents(table.with_metadata(times.into_iter().chain(purchases).chain(currency).collect())))
    }

    fn __len__(&self) -> usize {
        self.inner.len()
    }

    /// Number of customers.
    #[getter]
    fn size(&self) -> f64 {
        self.inner.size()
    }

    /// With so many customers in each row.
    fn weighted(&self, py: Python<'_>, customers: PyReadonlyArray1<'_, f64>) -> PyResult<Self> {
        let customers = customers.as_array().to_vec();
        wait(py, || Ok(Self { inner: Arc::new(self.inner.weighted(&customers)?), ..self.clone() }))
    }

    /// Counts of these customers, who are told apart by some columns, and if asked of histories and amounts together.
    fn count(&self, py: Python<'_>, by: Vec<String>, joint: bool) -> PyResult<Counts> {
        if joint {
            self.check_spend().map_err(exception)?;
        }
        wait(py, || Ok(Counts::new(clv::summary::Counts::new(&self.inner, &by, joint)?, self)))
    }

    /// Unit of recency and T, if it is known.
    #[getter]
    fn unit(&self) -> Option<&'static str> {
        self.knows_unit.then(|| self.observation().unit.name())
    }

    /// Period within which orders were one purchase.
    #[getter]
    fn grain(&self) -> Option<&'static str> {
        self.is_dated.then(|| self.observation().grain.name())
    }

    /// Last day of the observation, if it is known.
    #[getter]
    fn until(&self) -> Option<String> {
        self.is_dated.then(|| self.observation().end.to_string())
    }

    /// Whether it says itself when it ends, rather than the caller, or the model that is to be asked.
    #[getter]
    fn says_end(&self) -> bool {
        self.says_end
    }

    /// Whether a table with these columns is one of customers rather than one of orders.
    #[staticmethod]
    fn is_one(header: Vec<String>) -> bool {
        summary_file::is_summary(&header)
    }

    /// What is doubtful about the observation, in words.
    #[getter]
    fn cautions(&self) -> Vec<String> {
        let cautions = if self.is_dated { self.inner.cautions(None) } else { Vec::new() };
        cautions.iter().map(in_python).collect()
    }

    /// Whether there are mean amounts of repeat purchases.
    #[getter]
    fn knows_spend(&self) -> bool {
        self.inner.knows_spend
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
