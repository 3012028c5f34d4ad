use pyo3::prelude::*;
#[pymodule]
fn _clv(_m: &Bound<'_, PyModule>) -> PyResult<()> { Ok(()) }
