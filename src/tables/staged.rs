//! Files that appear whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// A file being written beside its destination, which it replaces on [`Staged::commit`] and never before. Dropped without
/// that, it leaves nothing behind; where the system knows files without names, not even if the process is killed. A destination
/// that is no regular file, a device or a pipe, is written to directly.
#[derive(Debug)]
pub struct Staged {
    file: BufWriter<Target>,
    destination: PathBuf,
    /// Whether a file that is there meanwhile is an error.
    only_if_new: bool,
}

#[derive(Debug)]
enum Target {
    #[cfg(target_os = "linux")]
    Unnamed(File),
    Beside(NamedTempFile),
    Direct(File),
}

impl Staged {
    /// Begins a file for `destination`; a link stays a link, to the new file.
    ///
    /// # Errors
    /// [`Error::Io`] if nothing can be written in its folder, [`Error::Data`] if there is no such folder, or it is a
    /// folder itself.
    pub fn create(destination: &Path) -> Result<Self> {
        let failed = || Error::io(format!("cannot write {}", destination.display()));
        let existing = std::fs::metadata(destination).ok();
        if existing.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            return Err(Error::Data(format!("cannot write {}: it is a folder", destination.display())));
        }
        let linked_to = linked(destination);
        if existing.is_none() && !folder(&linked_to).exists() {
            let folder = folder(&linked_to).display();
            return Err(Error::Data(format!("cannot write {}: there is no folder {folder}", destination.display())));
        }
        let target = if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            Target::Direct(File::options().write(true).open(destination).map_err(failed())?)
        } else {
            Target::beside(&linked_to).map_err(failed())?
        };
        // Who may read the old file may read the new one.
        if let Some(existing) = existing.filter(std::fs::Metadata::is_file) {
            let _ = target.file().set_permissions(existing.permissions());
        }
        let file = BufWriter::with_capacity(1 << 18, target);
        Ok(Self { file, destination: linked_to, only_if_new: false })
    }

    /// The same, which refuses to replace a file.
    #[cfg(feature = "parquet")]
    pub(crate) fn only_if_new(self) -> Self {
        Self { only_if_new: true, ..self }
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`Error::Io`] if the rest cannot be written, or the file not be moved.
    pub fn commit(self) -> Result<()> {
        let Self { file, destination, only_if_new } = self;
        let failed = || Error::io(format!("cannot write {}", destination.display()));
        match file.into_inner().map_err(|error| failed()(error.into_error()))? {
            Target::Direct(mut file) => file.flush().map_err(failed()),
            #[cfg(target_os = "linux")]
            Target::Unnamed(file) => {
                file.sync_all().map_err(failed())?;
                put_in_place(&file, &destination, only_if_new).map_err(failed())
            }
            Target::Beside(file) => {
                file.as_file().sync_all().map_err(failed())?;
                let persisted =
                    if only_if_new { file.persist_noclobber(&destination) } else { file.persist(&destination) };
                persisted.map(|_| ()).map_err(|error| failed()(error.error))
            }
        }
    }
}

const PREFIX: &str = ".clv-";
const SUFFIX: &str = ".part";

fn folder(destination: &Path) -> &Path {
    match destination.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

impl Target {
    fn file(&self) -> &File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => file,
            Self::Beside(file) => file.as_file(),
            Self::Direct(file) => file,
        }
    }

    fn beside(destination: &Path) -> io::Result<Self> {
        let folder = folder(destination);
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{CWD, Mode, OFlags, openat};
            // What any new file gets; the user's mask still applies.
            let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
            if let Ok(file) = openat(CWD, folder, flags, Mode::from_raw_mode(0o666)) {
                return Ok(Self::Unnamed(file.into()));
            }
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        builder.tempfile_in(folder).map(Self::Beside)
    }
}

/// Gives a file without a name its own; in place of another file by way of a name beside it, for names cannot be exchanged at once.
#[cfg(target_os = "linux")]
fn put_in_place(file: &File, destination: &Path, only_if_new: bool) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use std::os::fd::AsRawFd;
    let handle = format!("/proc/self/fd/{}", file.as_raw_fd());
    let link = |name: &Path| linkat(CWD, &*handle, CWD, name, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from);
    match link(destination) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !only_if_new => {}
        placed => return placed,
    }
    let mut builder = tempfile::Builder::new();
    let beside = builder.prefix(PREFIX).suffix(SUFFIX).make_in(folder(destination), link)?;
    beside.persist(destination).map(|_| ()).map_err(|error| error.error)
}

/// The file a link points to, or the path itself.
fn linked(path: &Path) -> PathBuf {
    if path.is_symlink() { std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()) } else { path.to_owned() }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => file.write(bytes),
            Self::Beside(file) => file.write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => file.flush(),
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
