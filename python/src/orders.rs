//! Orders that were read, and what is made of them.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clv::Error;
use clv::answers::sufficiencies;
use clv::describe::Description;
use clv::orders::{
    Columns, FirstRow, OrderCosts, OrderOptions, Rates, ReadReport, Summarising, check_rereadable, large_share,
    read_costs, read_tables,
};
use clv::summary::{Cohort, Day, Excluded, PurchaseLog, TimeUnit};
use clv::tables::{BytesRead, Input, TableColumn, TableReader, expand};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator};

use crate::arguments::options_of;
use crate::errors::{exception, in_python};
use crate::frame::{Content, Frame};
use crate::handing_over::HandingOver;
use crate::summary::{Summary, content_of};
use crate::table::Table;
use crate::wait::{wait, wait_handing_over};

/// Orders, read once.
#[pyclass(frozen, module = "clv._clv")]
pub(crate) struct Orders {
    log: Mutex<PurchaseLog>,
    /// First and last day with an order. Asking for them must not wait for work that holds the orders.
    days: (Day, Day),
    pub(crate) report: ReadReport,
    pub(crate) options: OrderOptions,
    /// What the caller's customers are.
    ids: Content,
    /// What columns hold that are kept.
    kept: Vec<(String, Content)>,
    /// The costs of the orders, by the argument that asked for them.
    costs: Vec<(String, Mutex<PurchaseLog>)>,
    /// Orders without them, in words.
    pub(crate) without_costs: Vec<String>,
}

/// Frames or files, one below the other.
pub(crate) enum Sources {
    Frames(Vec<Py<Frame>>),
    Files(Vec<String>),
    /// Rows that are handed over bit by bit: the first of their frames.
    HandedOver(Py<Frame>),
}

/// What a caller gives for orders.
#[derive(FromPyObject)]
pub(crate) enum Given {
    Frames(Vec<Py<Frame>>),
    Files(Vec<String>),
    /// Frames with the same columns, one after the other.
    #[pyo3(transparent)]
    HandedOver(Py<PyIterator>),
}

/// Tables, each opened when its turn comes.
type Tables<'a> = Box<dyn Iterator<Item = clv::Result<TableReader>> + Send + 'a>;

/// Rates of exchange: a file, or a frame.
#[derive(FromPyObject)]
pub(crate) enum RatesSource {
    File(String),
    Frame(Py<Frame>),
}

impl RatesSource {
    fn read(&self) -> clv::Result<Rates> {
        match self {
            Self::File(path) => Rates::open(Path::new(path)),
            Self::Frame(frame) => Rates::read(frame.get().open()),
        }
    }
}

/// Bytes of orders held in memory where they are handed over, as by the command; more go to a temporary file.
const HANDED_OVER: usize = 2 << 30;

/// A table that can be opened twice.
struct Opened<'a> {
    table: TableReader,
    frame: Option<&'a Frame>,
}

impl Opened<'_> {
    fn content(&self, column: &str) -> Content {
        self.frame.map_or_else(|| content_of(&self.table, column), |frame| frame.content(column))
    }

    fn customers(&self, options: &OrderOptions) -> clv::Result<Content> {
        let customer = Columns::choose(&self.table, &options.columns)?.numbers().first().copied();
        Ok(customer.map_or(Content::Other, |customer| self.content(&self.table.header()[customer])))
    }
}

impl Sources {
    fn opened(&self, options: &OrderOptions) -> clv::Result<Vec<Opened<'_>>> {
        match self {
            Self::Frames(frames) => {
                let frames = frames.iter().map(Py::get);
                Ok(frames.map(|frame| Opened { table: frame.open(), frame: Some(frame) }).collect())
            }
            Self::HandedOver(first) => {
                let frame = first.get();
                Ok(vec![Opened { table: frame.open(), frame: Some(frame) }])
            }
            Self::Files(files) => {
                let is_file = |input: &Input| matches!(input, Input::Path(path) if path.is_file());
                let open = |input: &Input| {
                    let table = TableReader::open(input, &options.file(), &BytesRead::default())?;
                    Ok(Opened { table, frame: None })
                };
                expand(files)?.iter().filter(|input| is_file(input)).map(open).collect()
            }
        }
    }

    /// What customers are to the caller: text, if they are in any of several tables. And what columns hold that are kept, by the first.
    pub(crate) fn contents(&self, options: &OrderOptions) -> clv::Result<(Content, Vec<(String, Content)>)> {
        let opened = self.opened(options)?;
        let kinds = opened.iter().map(|one| one.customers(options)).collect::<clv::Result<Vec<Content>>>()?;
        let ids = match kinds[..] {
            [first, ..] if kinds.iter().all(|kind| *kind == first) => first,
            _ if kinds.contains(&Content::Text) => Content::Text,
            _ => Content::Other,
        };
        let kept =
            |first: &Opened<'_>| options.attributes.iter().map(|name| (name.clone(), first.content(name))).collect();
        Ok((ids, opened.first().map_or_else(Vec::new, kept)))
    }

    /// What a pass over all tables makes of them.
    fn pass<R>(&self, options: &OrderOptions, make: impl FnOnce(Tables<'_>) -> clv::Result<R>) -> clv::Result<R> {
        match self {
            Self::Frames(frames) => make(Box::new(frames.iter().map(|frame| Ok(frame.get().open())))),
            Self::HandedOver(_) => Err(Error::usage(
                "costs are read a second time, and these rows are handed over once; hand over a table of them",
            )),
            Self::Files(files) => {
                let (inputs, progress) = (expand(files)?, BytesRead::default());
                let file = options.file();
                make(Box::new(inputs.iter().map(|input: &Input| TableReader::open(input, &file, &progress))))
            }
        }
    }

    /// The orders; of rows that are handed over, in this table.
    fn read(&self, options: &OrderOptions, table: Option<TableReader>) -> clv::Result<(PurchaseLog, ReadReport)> {
        let (log, report) = match table {
            Some(table) => read_tables(std::iter::once(Ok(table)), options)?,
            None => self.pass(options, |tables| read_tables(tables, options))?,
        };
        report.check_purchases().map(|()| (log, report))
    }

    /// The costs of the orders in the column that an argument names.
    fn costs(&self, options: &OrderOptions, argument: &str, column: &str) -> clv::Result<OrderCosts> {
        if let Self::Files(files) = self {
            check_rereadable(&expand(files)?, argument)?;
        }
        self.pass(options, |tables| read_costs(tables, options, argument, column))
    }
}

impl Orders {
    /// The orders. Work that was interrupted unwound with them, from one of its checkpoints, where they are whole.
    pub(crate) fn log(&self) -> MutexGuard<'_, PurchaseLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unit of the times of summaries.
    pub(crate) fn unit(&self) -> TimeUnit {
        self.options.unit.unwrap_or_default()
    }

    /// The customers who are taken.
    pub(crate) fn cohort(&self) -> Cohort {
        self.options.cohort
    }

    /// The costs that this argument asked for.
    pub(crate) fn costs(&self, argument: &str) -> Option<MutexGuard<'_, PurchaseLog>> {
        let (_, log) = self.costs.iter().find(|(name, _)| name == argument)?;
        Some(log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The customers up to the end that was given, or the last order.
    pub(crate) fn summarised(&self) -> clv::Result<(clv::summary::Summary, Excluded)> {
        Summarising::of(&self.options).summary(&mut self.log(), &self.report)
    }

    /// Customers as the package has them.
    pub(crate) fn wrapped(&self, summary: clv::summary::Summary) -> Summary {
        let inner = Arc::new(summary);
        Summary {
            inner,
            says_end: true,
            is_dated: true,
            knows_unit: true,
            ids: self.ids,
            has_ids: true,
            kept: self.kept.clone(),
        }
    }
}

#[pymethods]
impl Orders {
    /// Reads orders with these options, of which rates of exchange are a frame or a file.
    #[new]
    #[pyo3(signature = (sources, given, amount_is_optional, rates, costs=Vec::new(), rows_shown=0))]
    fn new(
        py: Python<'_>,
        sources: Given,
        given: &Bound<'_, PyDict>,
        amount_is_optional: bool,
        rates: Option<RatesSource>,
        costs: Vec<(String, String)>,
        rows_shown: usize,
    ) -> PyResult<Self> {
        let mut options = order_options(given, amount_is_optional, rates.as_ref()).map_err(exception)?;
        options.rows_shown = rows_shown;
        let (sources, mut rows) = match sources {
            Given::Frames(frames) => (Sources::Frames(frames), None),
            Given::Files(files) => (Sources::Files(files), None),
            Given::HandedOver(frames) => {
                let rows = HandingOver::new(frames.bind(py))?;
                // They are more than fit, else somebody had handed them over at once.
                options.memory = Some(HANDED_OVER);
                (Sources::HandedOver(rows.first.clone_ref(py)), Some(rows))
            }
        };
        let table = rows.as_ref().map(HandingOver::table);
        let (log, report, read) = wait_handing_over(py, rows.as_mut(), || {
            let (log, report) = sources.read(&options, table)?;
            let read = |(argument, column): &(String, String)| {
                Ok((argument.clone(), sources.costs(&options, argument, column)?))
            };
            Ok((log, report, costs.iter().map(read).collect::<clv::Result<Vec<_>>>()?))
        })?;
        let mut without_costs = Vec::new();
        let mut costs = Vec::new();
        for (argument, OrderCosts { log, missing }) in read {
            without_costs.extend(missing.iter().map(|what| format!("{argument}: {what}")));
            costs.push((argument, Mutex::new(log)));
        }
        let (ids, kept) = sources.contents(&options).map_err(exception)?;
        let days = log.days().expect("there are orders");
        Ok(Self { log: Mutex::new(log), days, report, options, ids, kept, costs, without_costs })
    }

    /// One row per customer, and what was left out of it or is doubtful, in words.
    #[pyo3(signature = (sum_log_interpurchase=false))]
    fn summary(&self, py: Python<'_>, sum_log_interpurchase: bool) -> PyResult<(Summary, Vec<String>)> {
        let (summary, excluded) = wait(py, || {
            let (mut summary, excluded) = self.summarised()?;
            if sum_log_interpurchase {
                summary.sum_log_interpurchase = Some(self.log().sum_log_interpurchase(&summary)?);
            }
            Ok((summary, excluded))
        })?;
        let last_order = summary.last_order(&self.log());
        let warnings = warnings_of(&self.report, &excluded, &summary, last_order);
        Ok((self.wrapped(summary), warnings))
    }

    /// What became of the rows: their number, how many were used, why the others were not.
    #[getter]
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let report = PyDict::new(py);
        report.set_item("rows", self.report.rows)?;
        report.set_item("orders", self.report.used)?;
        report.set_item("further_lines", self.report.further_lines)?;
        report.set_item("returns", self.report.returns)?;
        report.set_item("refunds", self.report.refunds)?;
        report.set_item("excess_refunds", self.report.excess_refunds())?;
        report.set_item("currency", self.report.currency)?;
        report.set_item("at_price_zero", self.report.at_price_zero)?;
        let columns: Vec<&str> = self.report.files.iter().map(|file| &*file.columns).collect();
        report.set_item("columns", columns)?;
        let left_out = PyDict::new(py);
        for (reason, rows, _) in self.report.left_out.reasons() {
            left_out.set_item(reason.key(), rows)?;
        }
        report.set_item("left_out", left_out)?;
        let told: Vec<String> = self.report.told.iter().map(in_python).collect();
        report.set_item("told", told)?;
        Ok(report)
    }

    /// The first rows, as they stand and as they are read, if they were asked for.
    fn first_rows(&self) -> PyResult<Table> {
        let rows = &self.report.first_rows;
        let texts = |of: &dyn Fn(&FirstRow) -> String| rows.iter().map(of).collect::<Vec<String>>();
        let places = texts(&|row| row.place.to_string());
        let customers = texts(&|row| row.customer.clone());
        let dates = texts(&|row| row.date.clone());
        let days: Vec<Option<Day>> = rows.iter().map(|row| row.day).collect();
        let written = texts(&|row| row.written.clone());
        let amounts: Vec<Option<f64>> = rows.iter().map(|row| row.amount).collect();
        let mut table = clv::tables::Table::default();
        table.push("place", TableColumn::Text(&places));
        table.push("customer", TableColumn::Text(&customers));
        table.push("date", TableColumn::Text(&dates));
        table.push("day", TableColumn::MaybeDay(&days));
        table.push("written", TableColumn::Text(&written));
        table.push("amount", TableColumn::MaybeReal(&amounts));
        Table::of(&table).map_err(exception)
    }

    /// For what there is enough, and why.
    fn sufficiencies(&self, py: Python<'_>) -> PyResult<Vec<(&'static str, bool, String)>> {
        let all = wait(py, || {
            let (summary, _) = self.summarised()?;
            let regularity = Description::of_orders(&mut self.log(), &summary)?.regularity;
            Ok(sufficiencies(&summary, regularity.as_ref()))
        })?;
        Ok(all.into_iter().map(|one| (one.what, one.enough, one.why)).collect())
    }

    /// Whether there are amounts.
    #[getter]
    fn knows_amounts(&self) -> bool {
        self.report.without_amount == 0
    }

    /// The column with the customer, if it was named.
    #[getter]
    fn customer(&self) -> Option<&str> {
        self.options.columns.customer.as_deref()
    }

    /// First and last day with an order.
    #[getter]
    fn days(&self) -> (String, String) {
        let (first, last) = self.days;
        (first.to_string(), last.to_string())
    }
}

/// What is not in a summary of orders, and what is doubtful about it, in words.
pub(crate) fn warnings_of(
    report: &ReadReport,
    excluded: &Excluded,
    summary: &clv::summary::Summary,
    last_order: Option<Day>,
) -> Vec<String> {
    let later = report.after_end(excluded, summary.observation.end);
    let left_out = left_out(report, excluded).into_iter().chain(later);
    let doubts = report.warnings.iter().cloned().chain(large_share(summary, &report.customer_column));
    let doubts = doubts.chain(summary.cautions(last_order)).map(|doubt| in_python(&doubt));
    left_out.map(|what| format!("left out: {what}")).chain(doubts).collect()
}

/// How orders are read, with rates of exchange that are a frame or a file.
pub(crate) fn order_options(
    given: &Bound<'_, PyDict>,
    amount_is_optional: bool,
    rates: Option<&RatesSource>,
) -> clv::Result<OrderOptions> {
    let mut options: OrderOptions = options_of(given)?;
    options.cohort.check(options.grain)?;
    options.columns.optional_amount = amount_is_optional;
    options.rates = rates.map(RatesSource::read).transpose()?.map(Arc::new);
    Ok(options)
}

/// Rows and returns that are not in the summary, and were not asked to be out of it, in words.
fn left_out(report: &ReadReport, excluded: &Excluded) -> Vec<String> {
    let reasons = report.left_out.reasons().filter(|(reason, ..)| !reason.is_by_option());
    let mut words: Vec<String> =
        reasons.map(|(reason, rows, example)| format!("{rows} rows {reason} (first: {example})")).collect();
    if excluded.unmatched_returns > 0 {
        words.push(format!("{} returns without a purchase before", excluded.unmatched_returns));
    }
    words
}
