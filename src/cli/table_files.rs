//! Small tables as files: `--tables DIR`.

use std::path::Path;

use crate::error::{Error, Result};
use crate::report::DataTable;
use crate::tables::Staged;

/// Begins the files of all tables that have rows, as CSV and as JSON, in a folder that is made if need be; they are in place after
/// the commit.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn stage_tables(folder: &Path, tables: &[DataTable]) -> Result<Vec<Staged>> {
    std::fs::create_dir_all(folder).map_err(Error::io(format!("cannot create the folder {}", folder.display())))?;
    let staged = tables.iter().filter(|table| !table.is_empty()).map(|table| table.stage(folder));
    Ok(staged.collect::<Result<Vec<[Staged; 2]>>>()?.into_iter().flatten().collect())
}
