//! Which tables were written with a model: a run that is killed between two files leaves a new one beside an old one.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::FileKind;
use super::recognise::recognise;
use crate::file_record::FileRecord;
use crate::model_file::ModelFile;
use crate::tables::{folder, hex};

/// The name that `clv run` gives to its model file.
pub const MODEL_FILE: &str = "model.json";

/// The names that it gives to its table of customers.
pub const CUSTOMERS_FILES: [&str; 2] = ["customers.csv", "customers.parquet"];

impl FileRecord {
    /// The record of a file, which is read to its end.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn of(file: &mut File) -> io::Result<Self> {
        let mut hash = Sha256::new();
        let mut part = vec![0; 1 << 18];
        let mut bytes = 0;
        loop {
            let read = file.read(&mut part)?;
            if read == 0 {
                return Ok(Self { bytes, sha256: hex(&hash.finalize()) });
            }
            hash.update(&part[..read]);
            bytes += read as u64;
        }
    }

    /// Whether a file holds this; one that cannot be read does not hold anything else.
    fn is_of(&self, path: &Path) -> bool {
        let Ok(mut file) = File::open(path) else { return true };
        let same_length = file.metadata().is_ok_and(|metadata| metadata.len() == self.bytes);
        same_length && Self::of(&mut file).map_or(true, |record| record == *self)
    }
}

/// Says which tables beside a model file its run did not write. None is expected to be there.
pub fn tables_of_other_runs(path: &Path, model: &ModelFile) -> Vec<String> {
    if model.tables.is_empty() {
        return Vec::new();
    }
    let names: BTreeSet<&str> = model.tables.keys().map(String::as_str).chain(CUSTOMERS_FILES).collect();
    names.into_iter().filter_map(|name| of_other_run(&path.with_file_name(name), name, path, model)).collect()
}

/// Says that a table is not of the run that wrote the model file beside it, if it is not.
pub fn table_of_other_run(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let model_path = folder(path).join(MODEL_FILE);
    let model = ModelFile::read(&model_path).ok().filter(|model| !model.tables.is_empty())?;
    let concerns = model.tables.contains_key(name) || CUSTOMERS_FILES.contains(&name);
    concerns.then(|| of_other_run(path, name, &model_path, &model)).flatten()
}

fn of_other_run(table: &Path, name: &str, path: &Path, model: &ModelFile) -> Option<String> {
    // Somebody's own file of this name is nobody's business.
    let is_ours = recognise(table, table).is_ok_and(|kind| kind == Some(FileKind::Table));
    if !is_ours || model.tables.get(name).is_some_and(|record| record.is_of(table)) {
        return None;
    }
    Some(format!(
        "{} is not the table that was written with {}: one of them is of another run, or was changed since. `clv \
         run` makes both anew",
        table.display(),
        path.display()
    ))
}
