//! The bytes of a Parquet file: read where they are needed, never beyond their end.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// A file on disk, which is not mapped: that would end the process if it became shorter meanwhile. Or one in memory.
#[derive(Clone, Debug)]
pub(super) enum FileBytes {
    Disk { file: Arc<File>, length: u64 },
    Memory(Bytes),
}

impl FileBytes {
    pub(super) fn of_file(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self::Disk { file: Arc::new(file), length })
    }

    fn read_exactly(&self, start: u64, buffer: &mut [u8]) -> io::Result<()> {
        let shorter = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "it has become shorter while it was read"),
            _ => error,
        };
        match self {
            Self::Disk { file, .. } => read_exactly(file, start, buffer).map_err(shorter),
            Self::Memory(bytes) => {
                let mut rest = bytes.get(usize::try_from(start).unwrap_or(usize::MAX)..).unwrap_or_default();
                rest.read_exact(buffer)
            }
        }
    }

    /// Up to so many bytes from a place on: fewer at the end.
    pub(super) fn up_to(&self, start: u64, most: usize) -> io::Result<Vec<u8>> {
        let there = usize::try_from(self.len().saturating_sub(start)).unwrap_or(usize::MAX).min(most);
        let mut buffer = vec![0; there];
        self.read_exactly(start, &mut buffer).map(|()| buffer)
    }
}

#[cfg(unix)]
fn read_exactly(file: &File, start: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, start)
}

#[cfg(windows)]
fn read_exactly(file: &File, mut start: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, start)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                start += read as u64;
                buffer = &mut buffer[read..];
            }
        }
    }
    Ok(())
}

impl Length for FileBytes {
    fn len(&self) -> u64 {
        match self {
            Self::Disk { length, .. } => *length,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }
}

impl ChunkReader for FileBytes {
    type T = Box<dyn Read + Send>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(match self {
            Self::Disk { .. } => Box::new(BufReader::with_capacity(HEADER, Rest { bytes: self.clone(), place: start })),
            Self::Memory(bytes) => {
                let start = usize::try_from(start).unwrap_or(usize::MAX).min(bytes.len());
                Box::new(Cursor::new(bytes.slice(start..)))
            }
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let all = self.len();
        if start.checked_add(length as u64).is_none_or(|end| end > all) {
            return Err(ParquetError::EOF(format!("{length} bytes from {start} on were expected, of a file of {all}")));
        }
        if let Self::Memory(bytes) = self {
            let start = start as usize;
            return Ok(bytes.slice(start..start + length));
        }
        let mut buffer = vec![0; length];
        self.read_exactly(start, &mut buffer)?;
        Ok(buffer.into())
    }
}

/// Headers of pages are read through a buffer of so many bytes; what is in the pages is not.
const HEADER: usize = 512;

/// All bytes from a place on.
struct Rest {
    bytes: FileBytes,
    place: u64,
}

impl Read for Rest {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.bytes.len().saturating_sub(self.place)).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        self.bytes.read_exactly(self.place, &mut buffer[..length])?;
        self.place += length as u64;
        Ok(length)
    }
}
