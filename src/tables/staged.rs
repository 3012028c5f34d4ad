//! Files that appear whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::beside::{Beside, folder};
use crate::address::Address;
use crate::error::{Error, Place, Result};
use crate::file_record::FileRecord;

/// A file being written beside its destination, which it replaces on [`Staged::commit`] and never before. Dropped without
/// that, it leaves nothing behind; where the system knows files without names, not even if the process is killed. A destination
/// that is no regular file, a device or a pipe, is written to directly.
#[derive(Debug)]
pub struct Staged {
    file: BufWriter<Target>,
    path: PathBuf,
    destination: PathBuf,
    /// Whether a file that is there meanwhile is an error.
    only_if_new: bool,
    contents: Option<Contents>,
}

#[derive(Debug)]
enum Target {
    Beside(Beside),
    Direct(File),
}

/// What has been written so far.
#[derive(Debug, Default)]
struct Contents {
    hash: Sha256,
    bytes: u64,
}

impl Staged {
    /// Begins a file for `destination`; a link stays a link, to the new file.
    ///
    /// # Errors
    /// [`Error::io`] if nothing can be written in its folder, [`Error::data`] if there is no such folder, if it is a folder
    /// itself, or a link to nothing.
    pub fn create(destination: &Path) -> Result<Self> {
        let failed = || Error::writing(destination.display().to_string());
        let path = destination.to_owned();
        let destination = check_destination(destination)?;
        let existing = std::fs::metadata(&destination).ok();
        let folder = folder(&destination);
        if existing.is_none() && !folder.exists() {
            let (path, folder) = (path.display(), folder.display());
            return Err(Error::data(format!("cannot write {path}: there is no folder {folder}"))
                .knowing(Place::new(path.to_string(), None)));
        }
        let target = if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            Target::Direct(File::options().write(true).open(&destination).map_err(failed())?)
        } else {
            Target::Beside(Beside::create(folder).map_err(failed())?)
        };
        // Who may read the old file may read the new one.
        if let (Some(existing), Target::Beside(beside)) = (existing, &target) {
            let _ = beside.file().set_permissions(existing.permissions());
        }
        let file = BufWriter::with_capacity(1 << 18, target);
        Ok(Self { file, path, destination, only_if_new: false, contents: None })
    }

    /// Takes the SHA-256 of what is written, from here on.
    #[must_use]
    pub fn hashed(self) -> Self {
        Self { contents: Some(Contents::default()), ..self }
    }

    /// Refuses to replace a file.
    #[must_use]
    pub(crate) fn only_if_new(self) -> Self {
        Self { only_if_new: true, ..self }
    }

    /// Where it is to be, as that was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it is to be: what a link points to.
    pub(crate) fn destination(&self) -> &Path {
        &self.destination
    }

    /// Number of bytes written so far and their hash, if it is taken.
    pub fn written(&self) -> Option<FileRecord> {
        let Contents { hash, bytes } = self.contents.as_ref()?;
        Some(FileRecord { bytes: *bytes, sha256: hex(&hash.clone().finalize()) })
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`Error::io`] if the rest cannot be written, or the file not be moved.
    pub fn commit(self) -> Result<()> {
        let Self { file, path, destination, only_if_new, .. } = self;
        let failed = || Error::writing(path.display().to_string());
        match file.into_inner().map_err(|error| failed()(error.into_error()))? {
            Target::Direct(mut file) => file.flush().map_err(failed()),
            Target::Beside(beside) => beside.put_in_place(&destination, only_if_new).map_err(failed()),
        }
    }
}

/// A hash as `sha256sum` prints it.
pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The file a destination stands for: what a link points to, or the path itself.
///
/// # Errors
/// [`Error::data`] if it is a folder, or a link to nothing: what that would make, and where, is nobody's wish.
pub(crate) fn check_destination(path: &Path) -> Result<PathBuf> {
    if let Some(address) = path.to_str().and_then(Address::of) {
        return Err(Error::usage(address.instead_of_writing()));
    }
    let refused = |why: &str| {
        let path = path.display().to_string();
        Err(Error::data(format!("cannot write {path}: {why}")).knowing(Place::new(path, None)))
    };
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => refused("it is a folder"),
        // A device or a pipe may have no name but this one.
        Ok(_) if path.is_symlink() => Ok(std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())),
        Err(_) if path.is_symlink() => {
            let target = std::fs::read_link(path).unwrap_or_default();
            refused(&format!(
                "it is a link to {}, where there is no file; remove the link, or make the file",
                target.display()
            ))
        }
        _ => Ok(path.to_owned()),
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Beside(beside) => beside.file().write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Beside(beside) => beside.file().flush(),
            Self::Direct(file) => file.flush(),
        }
    }
}

impl Write for Staged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        if let Some(contents) = &mut self.contents {
            contents.hash.update(&bytes[..written]);
            contents.bytes += written as u64;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
