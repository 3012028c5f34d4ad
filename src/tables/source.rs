//! The bytes of an input: compressed or not; text or Parquet.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::copy::{Copied, Copy};
use super::input::Input;
use crate::error::{Error, Place, Result};

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
    let failed = || Error::reading(input.to_string());
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
    let failed = || Error::reading(input.to_string());
    let mut magic = Vec::new();
    raw.by_ref().take(4).read_to_end(&mut magic).map_err(failed())?;
    if magic == *b"PARE" {
        return Err(Error::data("an encrypted Parquet file; write it without encryption").in_file(input.to_string()));
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
    rest.by_ref()
        .take(START)
        .read_to_end(&mut start)
        .map_err(|error| unreadable(Place::new(input.to_string(), None), error))?;
    refuse_what_is_not_text(input, &start)?;
    Ok(Content::Text(Text { start, rest }))
}

/// Why text could not be read at a place.
pub(super) fn unreadable(place: Place, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::data(format!("the compressed file is cut short ({error})")).at(place),
        _ => Error::io(format!("cannot read {place}"))(error).knowing(place),
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
    Err(Error::data(problem).in_file(input.to_string()))
}
