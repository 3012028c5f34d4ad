//! Files that appear whole or not at all.

use std::io::Write;
use std::path::PathBuf;

use clv::tables::Staged;
use clv::{Error, Result};
use pyo3::exceptions::{PyFileNotFoundError, PyIsADirectoryError};
use pyo3::prelude::*;

use crate::errors::exception;

/// Writes a text to a file, which keeps what it had if that fails; a link stays a link.
#[pyfunction]
pub(crate) fn write_text(py: Python<'_>, path: PathBuf, text: &str) -> PyResult<()> {
    let write = || -> Result<()> {
        let mut file = Staged::create(&path)?;
        file.write_all(text.as_bytes()).map_err(Error::io(format!("cannot write {}", path.display())))?;
        file.commit()
    };
    py.detach(write).map_err(|error| match error {
        Error::Data(text) if path.is_dir() => PyIsADirectoryError::new_err(text),
        Error::Data(text) => PyFileNotFoundError::new_err(text),
        error => exception(error),
    })
}
