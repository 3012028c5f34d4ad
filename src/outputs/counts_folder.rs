//! Counted customers written to a folder.

use std::path::Path;

use super::{FileKind, NewFolder, Outputs};
use crate::counts_file::{files_of, stage};
use crate::error::{Error, Result};
use crate::summary::Counts;

impl Outputs {
    /// The files of counts may be written to this folder.
    #[must_use]
    pub fn writing_counts(self, folder: &Path) -> Self {
        self.writing(files_of(folder), FileKind::Counts)
    }

    /// Writes counts to a folder, which is made if need be. Tables of earlier counts that these have not are removed, others that clv
    /// did not make stay. It was checked before.
    ///
    /// # Errors
    /// [`Error::usage`] if a file has the folder's name; those of [`Outputs::commit`] and of [`stage`].
    pub fn write_counts(&self, counts: &Counts, folder: &Path) -> Result<()> {
        check_folder(folder)?;
        let new = NewFolder::create(folder)?;
        let staged = stage(counts, folder)?;
        let written: Vec<_> = staged.iter().map(|file| file.path().to_owned()).collect();
        self.commit(staged)?;
        new.keep();
        for old in files_of(folder).iter().filter(|file| !written.contains(file)) {
            self.remove(old, FileKind::Counts);
        }
        Ok(())
    }
}

/// Whether counts can be put there.
///
/// # Errors
/// [`Error::usage`] if a file has the folder's name.
pub fn check_folder(folder: &Path) -> Result<()> {
    if folder.exists() && !folder.is_dir() {
        return Err(
            Error::usage("there is a file of this name; counts are a folder").in_file(folder.display().to_string())
        );
    }
    Ok(())
}
