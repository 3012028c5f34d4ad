//! What is read, as the user names it: paths, patterns, folders, standard input.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::address::Address;
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

    /// The columns that the folders of a file say, as tables in parts have them: `orders/dt=2024-01-01/part-0.parquet`.
    pub(super) fn partitions(&self) -> Vec<(String, String)> {
        let Self::Path(path) = self else { return Vec::new() };
        let folders = path.parent().map(Path::components);
        folders.into_iter().flatten().filter_map(|folder| partition(Some(folder.as_os_str()))).collect()
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

/// The files of a folder that is a table in parts, as Spark and others write it: Parquet, or text of one kind, in folders such as
/// `dt=2024-01-01` or in none. Beside them stands what nobody is to read, with names that begin with `_` or `.`.
///
/// # Errors
/// [`Error::data`] if it is a table of which not every file counts.
fn parts_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut parts = Vec::new();
    let is_table = add_parts(folder, &mut parts)?;
    let endings: HashSet<&OsStr> = parts.iter().filter_map(|path| path.extension()).collect();
    Ok(if is_table && endings.len() == 1 { parts } else { Vec::new() })
}

/// Adds the files of a folder and of those in it, in the order of their names; whether there is nothing else.
fn add_parts(folder: &Path, parts: &mut Vec<PathBuf>) -> Result<bool> {
    // A part that cannot be seen is not left out in silence: then the folder is none.
    let entries = std::fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let Ok(mut entries): std::io::Result<Vec<PathBuf>> = entries else { return Ok(false) };
    for (log, kind, reader) in
        [("_delta_log", "Delta", "deltalake.DeltaTable(path)"), (".hoodie", "Hudi", "the frame of a reader of it")]
    {
        if folder.join(log).is_dir() {
            return Err(Error::data(format!(
                "a {kind} table, whose folder also holds files that no longer count; in Python, hand over {reader}, or export it as Parquet"
            ))
            .in_file(folder.display().to_string()));
        }
    }
    entries.retain(|path| {
        let name = path.file_name().map_or(&[][..], OsStr::as_encoded_bytes);
        !name.starts_with(b"_") && !name.starts_with(b".")
    });
    entries.sort();
    for path in entries {
        let is_ours = if path.is_dir() {
            partition(path.file_name()).is_some() && add_parts(&path, parts)?
        } else {
            let is_part = path.extension().is_some_and(|ending| PARTS.iter().any(|part| ending == *part));
            parts.push(path);
            is_part
        };
        if !is_ours {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Endings of the files of a table in parts.
const PARTS: [&str; 5] = ["parquet", "csv", "tsv", "gz", "zst"];

/// Where nothing is said of a column.
const NOTHING: &str = "__HIVE_DEFAULT_PARTITION__";

/// The column that the name of a folder says, and what all rows in it say there: `dt=2024-01-01`.
fn partition(folder: Option<&OsStr>) -> Option<(String, String)> {
    let (column, value) = folder?.to_str()?.split_once('=')?;
    let is_name = column.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && column.chars().all(|c| c.is_alphanumeric() || "_- ".contains(c));
    let value = if value == NOTHING { String::new() } else { unescaped(value)? };
    is_name.then(|| (column.to_owned(), value))
}

/// A text in which a per cent sign stands before the number of a character.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let number = after.get(..2).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match number.filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// Inputs from what the user wrote: paths, patterns like `orders-*.csv` in the order of their names, folders that are tables in parts, and
/// `-`.
///
/// # Errors
/// [`Error::data`] if a file does not exist, is a folder of other things, or a pattern matches nothing; [`Error::usage`] for an address.
pub fn expand(arguments: &[String]) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for argument in arguments {
        if let Some(address) = Address::of(argument) {
            return Err(Error::usage(address.instead_of_reading()));
        }
        let parts = parts_of(Path::new(argument))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_say_columns() {
        let of = |path: &str| Input::Path(path.into()).partitions();
        let pair = |column: &str, value: &str| (column.to_owned(), value.to_owned());
        assert_eq!(
            of("orders/dt=2024-01-01/country=DE/part-0.parquet"),
            [pair("dt", "2024-01-01"), pair("country", "DE")]
        );
        assert_eq!(of("a/shop=K%C3%B6ln%2FS%C3%BCd%/x.csv"), [pair("shop", "Köln/Süd%")]);
        assert_eq!(of("a/dt=__HIVE_DEFAULT_PARTITION__/x.csv"), [pair("dt", "")]);
        assert_eq!(of("a/x=y.csv"), []);
        assert_eq!(of("a/=3/1=2/x.csv"), []);
    }
}
