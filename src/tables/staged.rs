//! Files that appear whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// A file being written beside its destination, which it replaces on [`Staged::commit`] and never before. Dropped without
/// that, it leaves nothing behind. A destination that is no regular file, a device or a pipe, is written to directly.
#[derive(Debug)]
pub struct Staged {
    file: BufWriter<Target>,
    destination: PathBuf,
}

#[derive(Debug)]
enum Target {
    Beside(NamedTempFile),
    Direct(File),
}

impl Staged {
    /// Begins a file for `destination`; a link stays a link, to the new file.
    ///
    /// # Errors
    /// [`Error::Io`] if nothing can be written in its folder, [`Error::Data`] if it is a folder itself.
    pub fn create(destination: &Path) -> Result<Self> {
        let failed = || Error::io(format!("cannot write {}", destination.display()));
        let existing = std::fs::metadata(destination).ok();
        if existing.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            return Err(Error::Data(format!("cannot write {}: it is a folder", destination.display())));
        }
        let target = if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            Target::Direct(File::options().write(true).open(destination).map_err(failed())?)
        } else {
            Target::Beside(Self::beside(&linked(destination)).map_err(failed())?)
        };
        Ok(Self { file: BufWriter::with_capacity(1 << 18, target), destination: linked(destination) })
    }

    fn beside(destination: &Path) -> io::Result<NamedTempFile> {
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
        builder.tempfile_in(folder)
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`Error::Io`] if the rest cannot be written, or the file not be moved.
    pub fn commit(self) -> Result<()> {
        let failed = || Error::io(format!("cannot write {}", self.destination.display()));
        match self.file.into_inner().map_err(|error| failed()(error.into_error()))? {
            Target::Direct(mut file) => file.flush().map_err(failed()),
            Target::Beside(file) => {
                file.as_file().sync_all().map_err(failed())?;
                file.persist(&self.destination).map_err(|error| failed()(error.error))?;
                Ok(())
            }
        }
    }
}

/// The file a link points to, or the path itself.
fn linked(path: &Path) -> PathBuf {
    if path.is_symlink() { std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()) } else { path.to_owned() }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Beside(file) => file.write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Beside(file) => file.flush(),
            Self::Direct(file) => file.flush(),
        }
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
