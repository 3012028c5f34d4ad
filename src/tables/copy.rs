//! What came out of a pipe, kept in a temporary file: how amounts are written may show at its end only, and then it is read again.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Mutex;

use super::input::Input;
use crate::error::{Error, Result};

/// The file, as far as it could be made and written.
#[derive(Debug, Default)]
pub(super) struct Copy(Mutex<Kept>);

#[derive(Debug, Default)]
enum Kept {
    #[default]
    Nothing,
    File(File),
    /// The disk was full, for instance. That matters only if the pipe is to be read again.
    Failed(io::Error),
}

const SOUND: &str = "no thread panics while it holds the copy";

impl Copy {
    fn add(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().expect(SOUND);
        if let Kept::Nothing = *kept {
            *kept = tempfile::tempfile().map_or_else(Kept::Failed, Kept::File);
        }
        if let Kept::File(file) = &mut *kept
            && let Err(error) = file.write_all(bytes)
        {
            *kept = Kept::Failed(error);
        }
    }

    /// Reads all that came, from the start.
    pub(super) fn reader(&self, input: &Input) -> Result<impl Read + Send + use<>> {
        let mut kept = self.0.lock().expect(SOUND);
        let again = match &mut *kept {
            Kept::Nothing => tempfile::tempfile(),
            Kept::File(file) => file.seek(SeekFrom::Start(0)).and_then(|_| file.try_clone()),
            Kept::Failed(error) => Err(io::Error::new(error.kind(), error.to_string())),
        };
        again.map_err(Error::io(format!("{input} must be read a second time, and no copy of it could be kept")))
    }
}

/// A pipe that is copied while it is read.
pub(super) struct Copied {
    pub(super) pipe: Box<dyn Read + Send>,
    pub(super) copy: std::sync::Arc<Copy>,
}

impl Read for Copied {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.pipe.read(buffer)?;
        if read > 0 {
            self.copy.add(&buffer[..read]);
        }
        Ok(read)
    }
}
