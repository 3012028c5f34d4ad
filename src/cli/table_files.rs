//! Small tables as files: `--tables DIR`.

use std::path::{Path, PathBuf};

use super::new_folder::NewFolder;
use crate::error::Result;
use crate::report::DataTable;
use crate::tables::Staged;

/// Begins the files of all tables, as CSV and as JSON, in a folder that is made if need be, and names them; they are in place after
/// the commit.
///
/// # Errors
/// [`Error::Io`](crate::error::Error::Io).
pub(super) fn stage_tables(folder: &Path, tables: &[&DataTable]) -> Result<Vec<(PathBuf, Staged)>> {
    let new = NewFolder::create(folder)?;
    let mut files = Vec::new();
    for table in tables {
        let names = ["csv", "json"].map(|form| folder.join(format!("{}.{form}", table.name)));
        files.extend(names.into_iter().zip(table.stage(folder)?));
    }
    new.keep();
    Ok(files)
}
