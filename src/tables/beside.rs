//! Files that have no name yet, or one beside the name they are to have.

use std::fs::File;
use std::io;
#[cfg(target_os = "linux")]
use std::io::Seek;
use std::path::Path;
use std::time::Duration;

use tempfile::{Builder, NamedTempFile};

const PREFIX: &str = ".clv-";
const SUFFIX: &str = ".part";

/// Random characters between the two: enough that no name of somebody else's looks like it.
const RANDOM: usize = 16;

/// Time after which an empty file is not one that was made this moment and will be locked the next.
const MOMENT: Duration = Duration::from_secs(60);

/// A file without its name.
#[derive(Debug)]
pub(super) enum Beside {
    /// Which vanishes with the process.
    #[cfg(target_os = "linux")]
    Unnamed(File),
    Named(NamedTempFile),
}

impl Beside {
    /// In the folder of the name it is to have.
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = unnamed(folder) {
            return Ok(Self::Unnamed(file));
        }
        named(folder).map(Self::Named)
    }

    pub(super) fn file(&self) -> &File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }

    /// Gives it its name, in place of another file unless that is not wanted.
    pub(super) fn put_in_place(self, destination: &Path, only_if_new: bool) -> io::Result<()> {
        self.file().sync_all()?;
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => {
                use std::os::fd::AsRawFd;
                let handle = format!("/proc/self/fd/{}", file.as_raw_fd());
                name(file, &handle, destination, only_if_new)
            }
            Self::Named(file) => rename(file, destination, only_if_new),
        }
    }
}

/// Files without names get theirs by way of /proc, which is not everywhere.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path) -> Option<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    if !Path::new("/proc/self/fd").exists() {
        return None;
    }
    // What any new file gets; the user's mask still applies.
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    openat(CWD, folder, flags, Mode::from_raw_mode(0o666)).ok().map(File::from)
}

fn builder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM);
    builder
}

fn named(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = builder();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder)?;
    lock(file.as_file());
    Ok(file)
}

fn rename(mut file: NamedTempFile, destination: &Path, only_if_new: bool) -> io::Result<()> {
    if only_if_new {
        match file.persist_noclobber(destination) {
            Ok(file) => {
                unlock(&file);
                return Ok(());
            }
            // Some file systems can rename and nothing else.
            Err(failed) if std::fs::symlink_metadata(destination).is_err() => file = failed.file,
            Err(failed) => return Err(failed.error),
        }
    }
    file.persist(destination).map(|file| unlock(&file)).map_err(|failed| failed.error)
}

/// Gives a file without a name its own; in place of another file by way of a name beside it, for names cannot be exchanged at once.
/// Where no name can be given to it, its contents are copied into a file that has one.
#[cfg(target_os = "linux")]
fn name(file: File, handle: &str, destination: &Path, only_if_new: bool) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    let link = |name: &Path| linkat(CWD, handle, CWD, name, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from);
    // Who finds the name beside it knows by the lock that somebody is at work.
    lock(&file);
    let linked = match link(destination) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && only_if_new => return Err(error),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            builder().make_in(folder(destination), link).map(Some)
        }
        linked => linked.map(|()| None),
    };
    match linked {
        Ok(Some(beside)) => beside.persist(destination).map(|_| ()).map_err(|error| error.error)?,
        Ok(None) => {}
        Err(_) => return copy(file, destination, only_if_new),
    }
    unlock(&file);
    Ok(())
}

#[cfg(target_os = "linux")]
fn copy(mut file: File, destination: &Path, only_if_new: bool) -> io::Result<()> {
    let mut named = named(folder(destination))?;
    file.rewind()?;
    io::copy(&mut file, named.as_file_mut())?;
    named.as_file().set_permissions(file.metadata()?.permissions())?;
    named.as_file().sync_all()?;
    rename(named, destination, only_if_new)
}

/// Where files cannot be locked, nobody takes one for abandoned either.
fn lock(file: &File) {
    if cfg!(unix) {
        let _ = file.try_lock();
    }
}

/// Closing the file is not enough: a process that another thread is starting has it open, too, for a moment.
fn unlock(file: &File) {
    if cfg!(unix) {
        let _ = file.unlock();
    }
}

/// Removes the files that killed runs left in a folder, between their two names.
pub(crate) fn remove_abandoned(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(is_ours) && is_abandoned(&entry.path()) {
            // What cannot be removed is in nobody's way.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn is_ours(name: &str) -> bool {
    let random = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX));
    random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether nobody is writing it.
fn is_abandoned(path: &Path) -> bool {
    let Ok(metadata) = std::fs::symlink_metadata(path) else { return false };
    let is_old = || metadata.modified().is_ok_and(|time| time.elapsed().is_ok_and(|age| age > MOMENT));
    if !cfg!(unix) || !metadata.is_file() || (metadata.len() == 0 && !is_old()) {
        return false;
    }
    File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

/// The folder that a file is in, or would be.
pub(crate) fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn written(folder: &Path) -> File {
        let Beside::Unnamed(mut file) = Beside::create(folder).unwrap() else { panic!("no files without names here") };
        file.write_all(b"new").unwrap();
        file
    }

    #[test]
    fn where_nothing_can_be_linked_it_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        for content in ["", "old"] {
            if !content.is_empty() {
                std::fs::write(&path, content).unwrap();
                let refused = name(written(folder.path()), "/nowhere/fd/7", &path, true).unwrap_err();
                assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
                assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
            }
            name(written(folder.path()), "/nowhere/fd/7", &path, false).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
            assert_eq!(names(folder.path()), ["table.csv"]);
        }
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| std::fs::write(folder.path().join(name), "part").unwrap();
        let others =
            [".clv-backup.part", ".clv-0123456789abcde_.part", ".clv-0123456789abcdef", "0123456789abcdef.part"];
        others.iter().for_each(|name| write(name));
        write(".clv-0123456789abcdef.part");
        // Somebody is at work on these two.
        let (mut at_work, begun) = (named(folder.path()).unwrap(), named(folder.path()).unwrap());
        at_work.write_all(b"part").unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join(".clv-fedcba9876543210.part")).unwrap();
        remove_abandoned(folder.path());
        let left = names(folder.path());
        assert!(!left.contains(&".clv-0123456789abcdef.part".to_owned()), "{left:?}");
        assert_eq!(left.len(), others.len() + 3, "{left:?}");
        assert!(at_work.path().exists() && begun.path().exists());
        let path = folder.path().join("table.csv");
        rename(at_work, &path, false).unwrap();
        // The lock is gone with the name.
        File::open(&path).unwrap().try_lock().unwrap();
    }
}
