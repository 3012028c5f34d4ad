//! Files that were handed over twice under two names.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use super::open_table::OpenTable;
use crate::file_record::FileRecord;

/// Two files that hold the same, byte by byte, if there are. What cannot be read is no reason to stop: the orders have been read.
pub(super) fn same_files(tables: &[Arc<OpenTable>]) -> Option<(String, String)> {
    let file = |table: &Arc<OpenTable>| {
        let path = PathBuf::from(table.shape.name());
        let metadata = std::fs::metadata(&path).ok().filter(|metadata| metadata.is_file() && table.origin.is_file())?;
        Some((metadata.len(), path))
    };
    let mut files: Vec<(u64, PathBuf)> = tables.iter().filter_map(file).collect();
    files.sort();
    for of_size in files.chunk_by(|one, other| one.0 == other.0).filter(|files| files.len() > 1) {
        let record =
            |(_, path): &(u64, PathBuf)| Some((FileRecord::of(&mut File::open(path).ok()?).ok()?.sha256, path.clone()));
        let mut records: Vec<(String, PathBuf)> = of_size.iter().filter_map(record).collect();
        records.sort();
        if let Some(pair) = records.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Some((pair[0].1.display().to_string(), pair[1].1.display().to_string()));
        }
    }
    None
}
