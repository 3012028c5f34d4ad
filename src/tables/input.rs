//! What is read, as the user names it: paths, patterns, folders, standard input.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file.
    Path(PathBuf),
    /// Standard input, written `-`.
    Stdin,
    /// Data that come with the program.
    Embedded {
        /// What messages call them.
        name: &'static str,
        /// The file's bytes.
        bytes: &'static [u8],
    },
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("standard input"),
            Self::Embedded { name, .. } => f.write_str(name),
        }
    }
}

impl Input {
    /// Size in bytes, if it is known.
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::Path(path) => std::fs::metadata(path).ok().map(|metadata| metadata.len()),
            Self::Stdin => None,
            Self::Embedded { bytes, .. } => Some(bytes.len() as u64),
        }
    }

    /// Whether it can be read a second time, as files can, and pipes cannot.
    pub fn is_rereadable(&self) -> bool {
        match self {
            Self::Path(path) => std::fs::metadata(path).map_or(true, |metadata| metadata.is_file()),
            Self::Stdin => false,
            Self::Embedded { .. } => true,
        }
    }
}

/// The files of a folder that is a table in parts, as Spark writes it: Parquet, beside which stands what nobody is to read, with names
/// that begin with `_` or `.`.
fn parts_of(folder: &Path) -> Vec<PathBuf> {
    // A part that cannot be seen is not left out in silence: then the folder is none.
    let entries = std::fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let entries: Vec<PathBuf> = entries.unwrap_or_default();
    let is_seen = |path: &PathBuf| {
        let name = path.file_name().map_or(&[][..], OsStr::as_encoded_bytes);
        !name.starts_with(b"_") && !name.starts_with(b".")
    };
    let mut parts: Vec<PathBuf> = entries.into_iter().filter(is_seen).collect();
    let is_part = |path: &PathBuf| path.is_file() && path.extension().is_some_and(|ending| ending == "parquet");
    if !parts.iter().all(is_part) {
        return Vec::new();
    }
    parts.sort();
    parts
}

/// Inputs from what the user wrote: paths, patterns like `orders-*.csv` in the order of their names, folders of Parquet files as Spark
/// writes them, and `-`.
///
/// # Errors
/// [`Error::data`] if a file does not exist, is a folder, or a pattern matches nothing.
pub fn expand(arguments: &[String]) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for argument in arguments {
        let parts = parts_of(Path::new(argument));
        if argument == "-" {
            inputs.push(Input::Stdin);
        } else if !parts.is_empty() {
            inputs.extend(parts.into_iter().map(Input::Path));
        } else if Path::new(argument).exists() || !argument.contains(['*', '?', '[']) {
            inputs.push(Input::Path(argument.into()));
        } else {
            let bad = |error: &dyn fmt::Display| Error::data(format!("pattern {argument}: {error}"));
            let before = inputs.len();
            for path in glob::glob(argument).map_err(|error| bad(&error))? {
                inputs.push(Input::Path(path.map_err(|error| bad(&error))?));
            }
            if inputs.len() == before {
                return Err(bad(&"no file matches it"));
            }
        }
    }
    let mut files = HashSet::new();
    for input in &inputs {
        let same = match input {
            Input::Path(path) => std::fs::canonicalize(path).unwrap_or_else(|_| path.clone()),
            _ => input.to_string().into(),
        };
        if !files.insert(same) {
            return Err(Error::data(format!("{input} is named twice; its orders would count twice")));
        }
        if let Input::Path(path) = input {
            let metadata = std::fs::metadata(path).map_err(Error::reading(input.to_string()))?;
            if metadata.is_dir() {
                return Err(Error::data(format!("{input} is a folder; name its files, for instance '{input}/*.csv'")));
            }
        }
    }
    Ok(inputs)
}
