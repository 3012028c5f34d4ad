//! The bytes of an input: compressed or not; text or Parquet.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::archive::Archive;
use super::copy::{Copied, Copy};
use super::encoding::{AsUtf8, Encoding, Found};
use super::gzip::Members;
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

/// Text, decompressed and in UTF-8, with its first bytes at hand.
pub(super) struct Text {
    pub(super) start: Vec<u8>,
    rest: Box<dyn Read + Send>,
    /// What it was written in, if that was found.
    pub(super) encoding: Found,
}

impl Text {
    /// All of it from the start.
    pub(super) fn into_reader(self) -> Box<dyn Read + Send> {
        Box::new(Cursor::new(self.start).chain(self.rest))
    }
}

/// A binary file: on disk, or what standard input held.
#[cfg_attr(not(feature = "parquet"), allow(dead_code))]
#[derive(Debug)]
pub(super) enum Binary {
    File(File, BytesRead),
    Memory(Vec<u8>, BytesRead),
}

/// What an input turned out to hold.
pub(super) enum Content {
    Text(Text),
    #[cfg_attr(not(feature = "parquet"), allow(dead_code))]
    Parquet(Binary),
    /// All bytes of a workbook.
    Workbook(Vec<u8>),
}

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
    pub(super) fn open(&self, encoding: Option<Encoding>) -> Result<Content> {
        match self {
            Self::Input(input) => open(input, encoding, &BytesRead::default()).map(|(content, _)| content),
            Self::Pipe(input, copy) => {
                content(input, Box::new(copy.reader(input)?), None, encoding, &BytesRead::default())
            }
        }
    }
}

/// Opens an input and looks at its first bytes.
pub(super) fn open(input: &Input, encoding: Option<Encoding>, progress: &BytesRead) -> Result<(Content, Source)> {
    let failed = || Error::reading(input.to_string());
    let pipe = |pipe: Box<dyn Read + Send>| {
        let copy = Arc::new(Copy::default());
        let copied = Box::new(Copied { pipe, copy: Arc::clone(&copy) });
        Ok((content(input, copied, None, encoding, progress)?, Source::Pipe(input.clone(), copy)))
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
    Ok((content(input, raw, file, encoding, progress)?, Source::Input(input.clone())))
}

fn content(
    input: &Input,
    mut raw: Box<dyn Read + Send>,
    file: Option<File>,
    encoding: Option<Encoding>,
    progress: &BytesRead,
) -> Result<Content> {
    let failed = || Error::reading(input.to_string());
    let mut magic = Vec::new();
    raw.by_ref().take(4).read_to_end(&mut magic).map_err(failed())?;
    if magic == *b"PARE" {
        return Err(Error::data("an encrypted Parquet file; write it without encryption").in_file(input.to_string()));
    }
    let in_memory = |mut start: Vec<u8>, mut raw: Box<dyn Read + Send>| {
        raw.read_to_end(&mut start).map_err(failed()).map(|_| start)
    };
    if magic == *b"PAR1" {
        let content = match file {
            Some(file) => Binary::File(file, progress.clone()),
            // The first bytes of a pipe are read.
            None => Binary::Memory(in_memory(magic, raw)?, progress.clone()),
        };
        return Ok(Content::Parquet(content));
    }
    let mut rest: Box<dyn Read + Send> = match &magic[..] {
        // Excel's, as they were before they were archives.
        [0xd0, 0xcf, 0x11, 0xe0] => return in_memory(magic, raw).map(Content::Workbook),
        b"PK\x03\x04" => {
            let archive = match file {
                Some(mut file) => {
                    file.seek(SeekFrom::Start(0)).map_err(failed())?;
                    Archive::open(&input.to_string(), file)?
                }
                None => {
                    let bytes = in_memory(magic.clone(), raw)?;
                    raw = Box::new(Cursor::new(bytes[magic.len()..].to_vec()));
                    Archive::open(&input.to_string(), Cursor::new(bytes))?
                }
            };
            match archive {
                Archive::Workbook => return in_memory(magic, reopened(input, raw)?).map(Content::Workbook),
                Archive::File(bytes) => Box::new(Counted { inner: bytes, count: progress.clone() }),
            }
        }
        _ => {
            let compressed = magic.clone();
            let raw = Counted { inner: Cursor::new(magic).chain(raw), count: progress.clone() };
            match compressed[..] {
                [0x1f, 0x8b, ..] => Box::new(Members::new(raw)),
                // Frames, and those to be skipped, which pzstd writes first.
                [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => {
                    Box::new(zstd::stream::read::Decoder::new(raw).map_err(failed())?)
                }
                _ => Box::new(raw),
            }
        }
    };
    let unreadable = |error| unreadable(Place::new(input.to_string(), None), error);
    let mut first = Vec::new();
    rest.by_ref().take(START).read_to_end(&mut first).map_err(unreadable)?;
    if first.is_empty() {
        return Err(Error::data("the file is empty").in_file(input.to_string()));
    }
    let found = Found::default();
    let all = Box::new(Cursor::new(first.clone()).chain(rest));
    let mut rest: Box<dyn Read + Send> = Box::new(AsUtf8::new(&first, all, encoding, Arc::clone(&found)));
    let mut start = Vec::new();
    rest.by_ref().take(START).read_to_end(&mut start).map_err(unreadable)?;
    refuse_what_is_not_text(input, &start)?;
    if !start.contains(&b'\n') && start.contains(&b'\r') {
        rest = Box::new(OldLines(rest));
        start.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    Ok(Content::Text(Text { start, rest, encoding: found }))
}

/// The rest of a workbook, from behind its first bytes.
fn reopened(input: &Input, raw: Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>> {
    let Input::Path(path) = input else { return Ok(raw) };
    let mut file = File::open(path).map_err(Error::reading(input.to_string()))?;
    match file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        true => {
            file.seek(SeekFrom::Start(4)).map_err(Error::reading(input.to_string()))?;
            Ok(Box::new(file))
        }
        false => Ok(raw),
    }
}

/// Lines that end in carriage returns alone, as on old Macintoshes.
struct OldLines(Box<dyn Read + Send>);

impl Read for OldLines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        buffer[..read].iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        Ok(read)
    }
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
    } else if start.split(|&byte| byte == b'\n').next().is_some_and(|header| header.contains(&0)) {
        "is a binary file, neither CSV nor Parquet"
    } else {
        return Ok(());
    };
    Err(Error::data(problem).in_file(input.to_string()))
}
