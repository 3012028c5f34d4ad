//! The Python module `clv._clv`: frames in and out, and the engine behind the package's classes.

mod ahead;
mod arguments;
mod cells;
mod column;
mod column_choice;
mod columns;
mod command;
mod counts;
mod customers;
mod describe;
mod errors;
mod evaluation;
mod files;
mod frame;
mod handing_over;
mod lifetimes;
mod model;
mod orders;
mod parts;
mod query;
mod reports;
mod retention;
mod simulation;
mod state;
mod summary;
mod table;
mod wait;

use clv::models::TimingKind;
use pyo3::prelude::*;
use pyo3::types::IntoPyDict;

#[pymodule]
mod _clv {
    #[pymodule_export]
    use super::arguments::option_defaults;
    #[pymodule_export]
    use super::column_choice::{guessed_columns, order_columns};
    #[pymodule_export]
    use super::columns::columns;
    #[pymodule_export]
    use super::command::run_command;
    #[pymodule_export]
    use super::counts::Counts;
    #[pymodule_export]
    use super::files::{check_page, discount_caution, of_other_runs, write_text};
    #[pymodule_export]
    use super::frame::Frame;
    #[pymodule_export]
    use super::model::Model;
    #[pymodule_export]
    use super::orders::Orders;
    #[pymodule_export]
    use super::parts::Fold;
    #[pymodule_export]
    use super::query::{query, query_of_audit, query_of_orders};
    #[pymodule_export]
    use super::simulation::simulate;
    #[pymodule_export]
    use super::state::summarize_state;
    #[pymodule_export]
    use super::summary::Summary;
    #[pymodule_export]
    use super::table::Table;

    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        // NumPy is looked up here, rather than where an interrupt could come between.
        drop(numpy::PyArray1::<f64>::zeros(py, 0, false));
        errors::register(module)?;
        let parameters = TimingKind::ALL.iter().map(|kind| (kind.name(), kind.parameters().to_vec()));
        module.add("timing_models", parameters.into_py_dict(py)?)?;
        lifetimes::register(module)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
