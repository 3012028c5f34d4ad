//! Order histories with known parameters.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch};
use clv::Error;
use clv::simulate::{Simulation, published_cdnow};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::options_of;
use crate::errors::exception;
use crate::model::Model;
use crate::table::Table;
use crate::wait::wait;

/// Orders drawn from a model, or from the published estimates of CDNOW.
#[pyfunction]
pub(crate) fn simulate(py: Python<'_>, model: Option<&Model>, given: &Bound<'_, PyDict>) -> PyResult<Table> {
    if model.is_some_and(|model| !model.knows_unit()) {
        let what = "the model's time unit is not known, because there were no dates: give unit= to the model";
        return Err(exception(Error::usage(what.to_owned())));
    }
    let simulation: Simulation = options_of(given).map_err(exception)?;
    let model = model.map_or_else(published_cdnow, |model| Ok(model.file.clone())).map_err(exception)?;
    wait(py, || {
        let (mut ids, mut days, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
        for (id, day, amount) in simulation.orders(&model)? {
            ids.push(id as i64);
            days.push(day.0);
            // As money is written.
            amounts.push((amount * 100.0).round() / 100.0);
        }
        let columns: [(&str, ArrayRef); 3] = [
            ("customer_id", Arc::new(Int64Array::from(ids))),
            ("order_date", Arc::new(Date32Array::from(days))),
            ("amount", Arc::new(Float64Array::from(amounts))),
        ];
        let batch = RecordBatch::try_from_iter(columns).map_err(|error| Error::data(error.to_string()))?;
        Ok(Table::of_parts(vec![batch]))
    })
}
