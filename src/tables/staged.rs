//! Files that appear whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// A file being written beside its destination, which it replaces on [`Staged::commit`] and never before. Dropped without
/// that, it leaves nothing behind.
#[derive(Debug)]
pub struct Staged {
    file: BufWriter<NamedTempFile>,
    destination: PathBuf,
}

impl Staged {
    /// Begins a file for `destination`.
    ///
    /// # Errors
    /// [`Error::Io`] if nothing can be written in its folder, [`Error::Data`] if it is a folder itself.
    pub fn create(destination: &Path) -> Result<Self> {
        if destination.is_dir() {
            return Err(Error::Data(format!("cannot write {}: it is a folder", destination.display())));
        }
        let folder = match destination.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".clv-").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What any new file gets; the user's mask still applies.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder).map_err(Error::io(format!("cannot write {}", destination.display())))?;
        Ok(Self { file: BufWriter::with_capacity(1 << 18, file), destination: destination.to_owned() })
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`Error::Io`] if the rest cannot be written, or the file not be moved.
    pub fn commit(self) -> Result<()> {
        let failed = || Error::io(format!("cannot write {}", self.destination.display()));
        let file = self.file.into_inner().map_err(|error| failed()(error.into_error()))?;
        file.as_file().sync_all().map_err(failed())?;
        file.persist(&self.destination).map_err(|error| failed()(error.error))?;
        Ok(())
    }

    /// Where it will be.
    pub fn destination(&self) -> &Path {
        &self.destination
    }
}

impl Write for Staged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
