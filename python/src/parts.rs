//! Parts of orders, folded where they are.

use std::sync::{Mutex, MutexGuard, PoisonError};

use clv::parts::FoldOptions;
use clv::summary::Window;
use clv::summary_file;
use clv::tables::TableColumn;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::options_of;
use crate::errors::exception;
use crate::frame::{Content, Frame};
use crate::table::{Table, batch};

/// Orders of a part on their way to customers, or to records.
#[pyclass(frozen, module = "clv._clv")]
pub(crate) struct Fold {
    fold: Mutex<clv::parts::Fold>,
    options: FoldOptions,
    /// What the caller's customers are, once there are some.
    ids: Mutex<Option<Content>>,
}

impl Fold {
    fn fold(&self) -> MutexGuard<'_, clv::parts::Fold> {
        self.fold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn see(&self, content: Content) {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(content);
    }

    fn ids(&self) -> Content {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or(Content::Other)
    }
}

#[pymethods]
impl Fold {
    #[new]
    fn new(given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let options: FoldOptions = options_of(given).map_err(exception)?;
        let fold = clv::parts::Fold::new(options.clone()).map_err(exception)?;
        Ok(Self { fold: Mutex::new(fold), options, ids: Mutex::default() })
    }

    /// Adds orders.
    fn add(&self, py: Python<'_>, frame: &Frame) -> PyResult<()> {
        self.see(frame.content(&self.options.customer));
        py.detach(|| self.fold().add(&mut frame.open())).map_err(exception)
    }

    /// Adds records that other folds made.
    fn add_records(&self, py: Python<'_>, frame: &Frame) -> PyResult<()> {
        self.see(frame.content("customer_id"));
        py.detach(|| self.fold().add_records(&mut frame.open())).map_err(exception)
    }

    /// What its orders come to, by customer and day.
    fn records(&self, py: Python<'_>) -> PyResult<Table> {
        let make = || {
            let records = self.fold().records()?;
            let parts = records.iter().map(|records| batch(&records.table())).collect::<clv::Result<Vec<_>>>()?;
            Ok(Table::of_parts(parts).with_content("customer_id", self.ids()))
        };
        py.detach(make).map_err(exception)
    }

    /// One row per customer, with what times mean in columns.
    fn summary(&self, py: Python<'_>) -> PyResult<Table> {
        let make = || {
            let mut fold = self.fold();
            let summary = fold.summary()?;
            let holdout = fold.holdout(&summary)?;
            let mut table = summary_file::table(&summary, false);
            if let Some(Window { purchases, value, .. }) = &holdout {
                table.push("holdout_purchases", TableColumn::Count(purchases));
                if summary.knows_spend {
                    table.push("holdout_value", TableColumn::Real(value));
                }
            }
            Ok(Table::of(&table)?.with_ids("customer_id", self.ids()))
        };
        py.detach(make).map_err(exception)
    }
}
