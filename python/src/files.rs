//! Files that appear whole or not at all.

use std::io::Write;
use std::path::PathBuf;

use clv::answers::Questions;
use clv::outputs::{FileKind, Outputs, check_replaceable, table_of_other_run, tables_of_other_runs};
use clv::tables::{Staged, expand};
use clv::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::Arguments;
use crate::errors::{exception, in_python, of_destination};
use crate::model::Model;

/// Checks, before there is anything to write, that a page may be written here: it is none of these inputs, and what is there is another
/// page, or nothing, or may be overwritten.
#[pyfunction]
pub(crate) fn check_page(path: PathBuf, inputs: Vec<String>, overwrite: bool) -> PyResult<()> {
    let check = || Outputs::new(overwrite).reading(&expand(&inputs)?).writing([&path], FileKind::Page).check();
    check().map_err(exception)
}

/// Whether a table is not of the run that wrote the model file beside it, or which tables beside a model file are not of its run; in
/// words.
#[pyfunction]
pub(crate) fn of_other_runs(path: PathBuf, model: Option<&Model>) -> Vec<String> {
    match model {
        Some(model) => tables_of_other_runs(&path, &model.file),
        None => table_of_other_run(&path).into_iter().collect(),
    }
}

/// That the annual rate among these questions is hardly meant as it is written, in words.
#[pyfunction]
pub(crate) fn discount_caution(given: &Bound<'_, PyDict>) -> PyResult<Option<String>> {
    let Questions { discount: rate, .. } = Arguments::of(given)?.take().map_err(exception)?;
    Ok(rate.caution().as_ref().map(in_python))
}

/// Writes a text to a file, which keeps what it had if that fails; a link stays a link. A `model`, a `page` or a `fitter` replaces
/// one that clv wrote, and anything else if it may `overwrite` it.
#[pyfunction]
pub(crate) fn write_text(py: Python<'_>, path: PathBuf, text: &str, kind: &str, overwrite: bool) -> PyResult<()> {
    let kind = match kind {
        "page" => FileKind::Page,
        "fitter" => FileKind::Fitter,
        _ => FileKind::Model,
    };
    let write = || -> Result<()> {
        check_replaceable(&path, kind, overwrite)?;
        let mut file = Staged::create(&path)?;
        file.write_all(text.as_bytes()).map_err(Error::writing(path.display().to_string()))?;
        file.commit()
    };
    py.detach(write).map_err(|error| of_destination(error, path.is_dir()))
}
