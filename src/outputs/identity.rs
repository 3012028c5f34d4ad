//! Which file a name means: two names may mean one.

use std::fs::{File, Metadata};
use std::path::{Component, Path, PathBuf};

use crate::tables::Input;

/// Which file a path means, whether one is there or not.
#[derive(Clone, Debug)]
pub(super) struct FileId {
    /// Its path without links and dots; none if it was never named, or is no file.
    place: Option<PathBuf>,
    /// Device and number on it, where files have them: one for all links to it and for its name in any case.
    node: Option<(u64, u64)>,
}

impl FileId {
    /// Links are followed. A device or a pipe loses nothing, and is the same as no other.
    pub(super) fn of(path: &Path) -> Self {
        match std::fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() && !metadata.is_dir() => Self { place: None, node: None },
            Ok(metadata) => Self { place: Some(place(path)), node: node(&metadata) },
            Err(_) => Self { place: Some(place(path)), node: None },
        }
    }

    /// None for what is no file.
    pub(super) fn of_input(input: &Input) -> Option<Self> {
        match input {
            Input::Path(path) => Some(Self::of(path)),
            Input::Stdin => Self::of_open(standard::input()?),
            Input::Embedded { .. } => None,
        }
    }

    /// None if it is no file.
    pub(super) fn of_standard_output() -> Option<Self> {
        Self::of_open(standard::output()?)
    }

    fn of_open(file: File) -> Option<Self> {
        let metadata = file.metadata().ok().filter(Metadata::is_file)?;
        Some(Self { place: None, node: Some(node(&metadata)?) })
    }

    /// Whether it is the same file.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.node.is_some() && self.node == other.node || self.place.is_some() && self.place == other.place
    }

    /// Whether both would be the same file. Where neither is there yet nobody knows whether the letters' case tells them apart, so
    /// it does not.
    pub(super) fn would_be(&self, other: &Self) -> bool {
        let lower = |id: &Self| id.place.as_ref().map(|place| place.to_string_lossy().to_lowercase());
        let is_there = self.node.is_some() || other.node.is_some() || self.place.is_none();
        self.is(other) || !is_there && lower(self) == lower(other)
    }
}

#[cfg(unix)]
fn node(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    // Some file systems do not number their files.
    Some((metadata.dev(), metadata.ino())).filter(|&(_, number)| number != 0)
}

#[cfg(not(unix))]
fn node(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// A path without links and dots, as far as there are files; beyond, by its words.
fn place(path: &Path) -> PathBuf {
    let Ok(path) = std::path::absolute(path) else { return path.to_owned() };
    let mut place = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(place.pop()),
            part => {
                place.push(part);
                place = std::fs::canonicalize(&place).unwrap_or(place);
            }
        }
    }
    place
}

#[cfg(unix)]
mod standard {
    use std::fs::File;
    use std::os::fd::AsFd;

    pub(super) fn input() -> Option<File> {
        std::io::stdin().as_fd().try_clone_to_owned().ok().map(File::from)
    }

    pub(super) fn output() -> Option<File> {
        std::io::stdout().as_fd().try_clone_to_owned().ok().map(File::from)
    }
}

#[cfg(not(unix))]
mod standard {
    pub(super) fn input() -> Option<std::fs::File> {
        None
    }

    pub(super) fn output() -> Option<std::fs::File> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_all_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("inner")).unwrap();
        std::fs::write(path("a.csv"), "a").unwrap();
        std::fs::write(path("b.csv"), "a").unwrap();
        let a = FileId::of(&path("a.csv"));
        let mut names = vec!["a.csv", "./a.csv", "inner/../a.csv", "inner/./../a.csv"];
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("inner/../a.csv", path("soft.csv")).unwrap();
            std::os::unix::fs::symlink(".", path("folder")).unwrap();
            std::fs::hard_link(path("a.csv"), path("hard.csv")).unwrap();
            names.extend(["soft.csv", "folder/a.csv", "hard.csv", "folder/folder/soft.csv"]);
        }
        for name in names {
            assert!(a.is(&FileId::of(&path(name))), "{name}");
        }
        for name in ["b.csv", "A.csv", "c.csv", "inner/a.csv", "new/a.csv"] {
            assert!(!a.is(&FileId::of(&path(name))), "{name}");
        }
    }

    #[test]
    fn files_to_be_are_told_apart_by_more_than_case() {
        let folder = tempfile::tempdir().unwrap();
        let id = |name: &str| FileId::of(&folder.path().join(name));
        for (a, b) in [("a.csv", "./a.csv"), ("a.csv", "A.csv"), ("new/a.csv", "new/x/../a.csv")] {
            assert!(id(a).would_be(&id(b)), "{a} {b}");
        }
        assert!(!id("a.csv").would_be(&id("b.csv")) && !id("a.csv").would_be(&id("new/a.csv")));
        #[cfg(unix)]
        assert!(!id("/dev/null").would_be(&id("/dev/null")));
        std::fs::write(folder.path().join("a.csv"), "").unwrap();
        assert!(!id("a.csv").would_be(&id("b.csv")));
    }
}
