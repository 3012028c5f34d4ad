//! Small tables as files: `--tables DIR`.

use std::path::{Path, PathBuf};

use super::files::table_file;
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::outputs::NewFolder;
use crate::report::DataTable;
use crate::tables::Staged;

/// Whether tables can be put there, beside these outputs; before anything is read.
///
/// # Errors
/// [`Error::usage`].
pub(crate) fn check_folder(folder: Option<&Path>, outputs: &[&Path]) -> Result<()> {
    let Some(folder) = folder else { return Ok(()) };
    let refuse = |why: &str| Err(Error::usage(say![opt("tables").with(folder.display().to_string()), ": {why}"]));
    if folder.exists() && !folder.is_dir() {
        return refuse("there is a file of this name; tables take a folder");
    }
    let place = |path: &Path| std::path::absolute(path).ok();
    if outputs.iter().any(|output| place(output) == place(folder)) {
        return refuse("something else is written there; tables take a folder of their own");
    }
    Ok(())
}

/// Begins the files of all tables, as CSV and as JSON, in a folder that is made if need be, and names them; they are in place after
/// the commit.
///
/// # Errors
/// [`Error::io`](crate::error::Error::io).
pub(crate) fn stage_tables(folder: &Path, tables: &[&DataTable]) -> Result<Vec<(PathBuf, Staged)>> {
    let new = NewFolder::create(folder)?;
    let mut files = Vec::new();
    for table in tables {
        files.extend(table_file(folder, &table.name).into_iter().zip(table.stage(folder)?));
    }
    new.keep();
    Ok(files)
}
