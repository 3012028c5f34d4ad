//! Files that appear whole or not at all.

use std::io::Write;
use std::path::PathBuf;

use clv::outputs::{FileKind, check_replaceable};
use clv::tables::Staged;
use clv::{Error, Result};
use pyo3::exceptions::{PyFileNotFoundError, PyIsADirectoryError};
use pyo3::prelude::*;

use crate::errors::exception;

/// Writes a text to a file, which keeps what it had if that fails; a link stays a link. A `model` or a `page` replaces one that clv
/// wrote, and anything else if it may `overwrite` it.
#[pyfunction]
#[pyo3(signature = (path, text, kind=None, overwrite=false))]
pub(crate) fn write_text(
    py: Python<'_>,
    path: PathBuf,
    text: &str,
    kind: Option<&str>,
    overwrite: bool,
) -> PyResult<()> {
    let kind = kind.map(|kind| if kind == "page" { FileKind::Page } else { FileKind::Model });
    let write = || -> Result<()> {
        kind.map_or(Ok(()), |kind| check_replaceable(&path, kind, overwrite))?;
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
