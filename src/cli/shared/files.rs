//! What commands read besides orders, what they write, and how files are named in results.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::text::console::Console;
use crate::error::Result;
use crate::model_file::ModelFile;
use crate::outputs::{Outputs, tables_of_other_runs};
use crate::tables::Input;

/// What a command reads that writes nothing, checked against where its words go.
pub(crate) fn check_reading(inputs: &[Input]) -> Result<()> {
    Outputs::default().reading(inputs).check()
}

/// The files of tables with these names in a folder.
pub(crate) fn table_files(folder: Option<&PathBuf>, names: &[String]) -> Vec<PathBuf> {
    let files = |folder: &PathBuf| -> Vec<PathBuf> { names.iter().flat_map(|name| table_file(folder, name)).collect() };
    folder.map(files).unwrap_or_default()
}

/// A table's two files.
pub(crate) fn table_file(folder: &Path, name: &str) -> [PathBuf; 2] {
    ["csv", "json"].map(|form| folder.join(format!("{name}.{form}")))
}

/// Model files as one model; tables beside them that are of other runs are warned of.
///
/// # Errors
/// Those of [`ModelFile::read`] and [`ModelFile::join`].
pub(crate) fn read_models(paths: &[PathBuf], console: &mut Console) -> Result<Option<ModelFile>> {
    let mut all: Option<ModelFile> = None;
    for path in paths {
        let model = ModelFile::read(path)?;
        tables_of_other_runs(path, &model).into_iter().for_each(|words| console.warn(words));
        all = Some(match all {
            Some(first) => first.join(model)?,
            None => model,
        });
    }
    Ok(all)
}

/// Names of files for machines; characters that are none are replaced.
pub(crate) fn names<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Value {
    paths.into_iter().map(|path| path.to_string_lossy()).collect()
}
