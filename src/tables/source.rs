//! Where bytes come from: paths, patterns, standard input; compressed or not; text or Parquet.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::copy::{Copied, Copy};
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
/// [`Error::Data`] if a file does not exist, is a folder, or a pattern matches nothing.
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
            let bad = |error: &dyn fmt::Display| Error::Data(format!("pattern {argument}: {error}"));
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
            return Err(Error::Data(format!("{input} is named twice; its orders would count twice")));
        }
        if let Input::Path(path) = input {
            let metadata = std::fs::metadata(path).map_err(Error::io(format!("cannot read {input}")))?;
            if metadata.is_dir() {
                return Err(Error::Data(format!("{input} is a folder; name its files, for instance '{input}/*.csv'")));
            }
        }
    }
    Ok(inputs)
}

/// Counts the bytes read so far, before decompression, for a progress bar in another thread.
#[derive(Clone, Debug, Default)]
pub struct BytesRead(Arc<AtomicU64>);

impl BytesRead {
    /// The count.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

struct Counted<R> {
    inner: R,
    count: BytesRead,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.add(read as u64);
        Ok(read)
    }
}

/// Text, decompressed, with its first bytes at hand.
pub(super) struct Text {
    pub(super) start: Vec<u8>,
    rest: Box<dyn Read + Send>,
}

impl Text {
    /// All of it from the start.
    pub(super) fn into_reader(self) -> Box<dyn Read + Send> {
        Box::new(Cursor::new(self.start).chain(self.rest))
    }
}

/// A Parquet file: on disk, or what standard input held.
#[cfg_attr(not(feature = "parquet"), allow(dead_code))]
#[derive(Debug)]
pub(super) enum ParquetContent {
    File(File, BytesRead),
    Memory(Vec<u8>, BytesRead),
}

/// What an input turned out to hold.
pub(super) enum Content {
    Text(Text),
    #[cfg_attr(not(feature = "parquet"), allow(dead_code))]
    Parquet(ParquetContent),
}

const BUFFER: usize = 1 << 18;

/// Bytes looked at before reading: enough for any header.
const START: u64 = 1 << 16;

/// What an input can be opened from a second time.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The input itself.
    Input(Input),
    /// A pipe, and a copy of what came out of it.
    Pipe(Input, Arc<Copy>),
}

impl Source {
    pub(super) fn input(&self) -> &Input {
        match self {
            Self::Input(input) | Self::Pipe(input, _) => input,
        }
    }

    /// Opens it again from its first byte.
    pub(super) fn open(&self) -> Result<Content> {
        match self {
            Self::Input(input) => open(input, &BytesRead::default()).map(|(content, _)| content),
            Self::Pipe(input, copy) => content(input, Box::new(copy.reader(input)?), None, &BytesRead::default()),
        }
    }
}

/// Opens an input and looks at its first bytes.
pub(super) fn open(input: &Input, progress: &BytesRead) -> Result<(Content, Source)> {
    let failed = || Error::io(format!("cannot read {input}"));
    let pipe = |pipe: Box<dyn Read + Send>| {
        let copy = Arc::new(Copy::default());
        let copied = Box::new(Copied { pipe, copy: Arc::clone(&copy) });
        Ok((content(input, copied, None, progress)?, Source::Pipe(input.clone(), copy)))
    };
    let (raw, file): (Box<dyn Read + Send>, Option<File>) = match input {
        Input::Stdin => return pipe(Box::new(io::stdin())),
        Input::Embedded { bytes, .. } => (Box::new(*bytes), None),
        Input::Path(path) => {
            let file = File::open(path).map_err(failed())?;
            if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
                return pipe(Box::new(file));
            }
            (Box::new(file.try_clone().map_err(failed())?), Some(file))
        }
    };
    Ok((content(input, raw, file, progress)?, Source::Input(input.clone())))
}

fn content(input: &Input, mut raw: Box<dyn Read + Send>, file: Option<File>, progress: &BytesRead) -> Result<Content> {
    let failed = || Error::io(format!("cannot read {input}"));
    let mut magic = Vec::new();
    raw.by_ref().take(4).read_to_end(&mut magic).map_err(failed())?;
    if magic == *b"PARE" {
        return Err(Error::Data(format!("{input}: an encrypted Parquet file; write it without encryption")));
    }
    if magic == *b"PAR1" {
        let content = match file {
            Some(file) => ParquetContent::File(file, progress.clone()),
            // The first bytes of a pipe are read.
            None => {
                raw.read_to_end(&mut magic).map_err(failed())?;
                ParquetContent::Memory(magic, progress.clone())
            }
        };
        return Ok(Content::Parquet(content));
    }
    let compressed = magic.clone();
    let raw = Counted { inner: Cursor::new(magic).chain(raw), count: progress.clone() };
    let mut rest: Box<dyn Read + Send> = if compressed.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(BUFFER, raw)))
    } else if compressed == [0x28, 0xb5, 0x2f, 0xfd] {
        Box::new(zstd::stream::read::Decoder::new(raw).map_err(failed())?)
    } else {
        Box::new(raw)
    };
    let mut start = Vec::new();
    rest.by_ref().take(START).read_to_end(&mut start).map_err(|error| unreadable(&input.to_string(), error))?;
    refuse_what_is_not_text(input, &start)?;
    Ok(Content::Text(Text { start, rest }))
}

/// Why text could not be read at a place.
pub(super) fn unreadable(place: &str, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::Data(format!("{place}: the compressed file is cut short ({error})")),
        _ => Error::io(format!("cannot read {place}"))(error),
    }
}

fn refuse_what_is_not_text(input: &Input, start: &[u8]) -> Result<()> {
    let problem = if start.is_empty() {
        "the file is empty"
    } else if start.starts_with(b"PK\x03\x04") {
        "looks like an Excel workbook or a zip archive; save the orders as CSV"
    } else if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        "is UTF-16 text; save it as UTF-8"
    } else if start.split(|&byte| byte == b'\n').next().is_some_and(|header| header.contains(&0)) {
        "is a binary file, neither CSV nor Parquet"
    } else {
        return Ok(());
    };
    Err(Error::Data(format!("{input}: {problem}")))
}
