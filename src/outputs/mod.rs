//! What a command reads and what it writes: nothing that is read is ever written over or removed, however it is named, and nothing
//! that clv did not make.

#[cfg(feature = "parquet")]
mod counts_folder;
mod identity;
#[cfg(any(feature = "cli", feature = "parquet"))]
mod new_folder;
mod one_run;
mod recognise;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

#[cfg(feature = "parquet")]
pub use counts_folder::check_folder as check_counts_folder;
#[cfg(any(feature = "cli", feature = "parquet"))]
pub(crate) use new_folder::NewFolder;
pub use one_run::{CUSTOMERS_FILES, MODEL_FILE, table_of_other_run, tables_of_other_runs};
pub use recognise::FileKind;

use crate::error::{Error, Place, Result};
use crate::message::flag;
use crate::tables::{Input, Staged, check_destination, folder, remove_abandoned};
use identity::FileId;
use recognise::recognise;

/// All inputs and all outputs of a command: compared before anything is read, and again when the files are put in their places.
#[derive(Debug, Default)]
pub struct Outputs {
    inputs: Vec<(String, FileId)>,
    files: Vec<Output>,
    /// Whether files that clv did not make are replaced, too.
    overwrite: bool,
}

/// A file that may be written.
#[derive(Debug)]
struct Output {
    path: PathBuf,
    /// None if somebody else knows whether the file that is there may be replaced.
    kind: Option<FileKind>,
}

impl Outputs {
    /// The files of a command that has no inputs and outputs yet.
    pub fn new(overwrite: bool) -> Self {
        Self { overwrite, ..Self::default() }
    }

    /// These are read.
    #[must_use]
    pub fn reading(mut self, inputs: &[Input]) -> Self {
        let ids = inputs.iter().filter_map(|input| Some((input.to_string(), FileId::of_input(input)?)));
        self.inputs.extend(ids);
        self
    }

    /// These files are read.
    #[must_use]
    pub fn reading_files<'a>(mut self, paths: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        let id = |path: &PathBuf| (path.display().to_string(), FileId::of(path));
        self.inputs.extend(paths.into_iter().map(id));
        self
    }

    /// This file may be written.
    #[must_use]
    pub fn writing<P: AsRef<Path>>(mut self, path: impl IntoIterator<Item = P>, kind: FileKind) -> Self {
        let output = |path: P| Output { path: path.as_ref().to_owned(), kind: Some(kind) };
        self.files.extend(path.into_iter().map(output));
        self
    }

    /// This file may be written by somebody who knows whether the one that is there may be replaced.
    #[must_use]
    pub fn writing_knowingly(mut self, path: Option<&PathBuf>) -> Self {
        self.files.extend(path.map(|path| Output { path: path.clone(), kind: None }));
        self
    }

    /// Checks everything; nothing has been read or written yet.
    ///
    /// # Errors
    /// [`Error::usage`] if an output is an input, or two outputs are one file; [`Error::question`] if a file would be replaced that
    /// clv did not make, or a file of another kind; [`Error::data`] if an output is a folder, or a link to nothing.
    pub fn check(&self) -> Result<()> {
        self.check_standard_output()?;
        let mut others: Vec<FileId> = Vec::new();
        for Output { path, .. } in &self.files {
            let id = self.check_input(path)?;
            if others.iter().any(|other| other.would_be(&id)) {
                return Err(Error::usage(format!("both would be written to {}; name two files", path.display())));
            }
            others.push(id);
        }
        self.files.iter().try_for_each(|output| self.check_replaceable(&output.path, output.kind))
    }

    /// Puts files in their places, in this order, after a last look at what is there.
    ///
    /// # Errors
    /// As [`Outputs::check`], and those of [`Staged::commit`]; also if a file has come to be there meanwhile.
    pub fn commit(&self, files: impl IntoIterator<Item = Staged>) -> Result<()> {
        let files: Vec<Staged> = files.into_iter().collect();
        for file in &files {
            self.check_input(file.path())?;
            let known = self.files.iter().find(|output| output.path == file.path());
            self.check_replaceable(file.path(), known.map_or(Some(FileKind::Table), |output| output.kind))?;
        }
        let folders: BTreeSet<&Path> = files.iter().map(|file| folder(file.destination())).collect();
        folders.into_iter().for_each(remove_abandoned);
        for file in files {
            let is_new = std::fs::symlink_metadata(file.destination()).is_err();
            let file = if is_new { file.only_if_new() } else { file };
            file.commit()?;
        }
        Ok(())
    }

    /// Writes a whole file.
    ///
    /// # Errors
    /// As [`Outputs::commit`], and those of [`Staged::create`].
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let mut staged = Staged::create(path)?;
        staged.write_all(bytes).map_err(Error::writing(path.display().to_string()))?;
        self.commit([staged])
    }

    /// Removes what an earlier run left, if clv made it and it is not read; whether nothing is there any more.
    pub fn remove(&self, path: &Path, kind: FileKind) -> bool {
        let Ok(metadata) = std::fs::symlink_metadata(path) else { return true };
        let is_own = || recognise(path, path).is_ok_and(|found| found == Some(kind));
        metadata.is_file() && self.check_input(path).is_ok() && is_own() && std::fs::remove_file(path).is_ok()
    }

    /// Whether this file is read.
    pub fn reads(&self, path: &Path) -> bool {
        self.check_input(path).is_err()
    }

    fn check_input(&self, path: &Path) -> Result<FileId> {
        let id = FileId::of(path);
        let Some((input, _)) = self.inputs.iter().find(|(_, input)| input.is(&id)) else { return Ok(id) };
        let output = path.display().to_string();
        let what = if output == *input { "an input".to_owned() } else { format!("the same file as {input}, an input") };
        Err(Error::usage(format!("{output} is {what}; name another file for the results")))
    }

    /// What is printed may go to a file, too: `>> orders.csv`.
    fn check_standard_output(&self) -> Result<()> {
        let Some(id) = FileId::of_standard_output() else { return Ok(()) };
        match self.inputs.iter().find(|(_, input)| input.is(&id)) {
            Some((input, _)) => {
                Err(Error::usage(format!("standard output goes to {input}, an input; send it to another file")))
            }
            None => Ok(()),
        }
    }

    fn check_replaceable(&self, path: &Path, kind: Option<FileKind>) -> Result<()> {
        kind.map_or(Ok(()), |kind| check_replaceable(path, kind, self.overwrite))
    }
}

/// Whether a file of this kind may be written here: there is none, or one of the same kind that clv made, or any may be replaced.
/// Empty files, devices and pipes lose nothing.
///
/// # Errors
/// [`Error::question`] if not; [`Error::data`] if a folder is there, or a link to nothing.
pub fn check_replaceable(path: &Path, kind: FileKind, overwrite: bool) -> Result<()> {
    let destination = check_destination(path)?;
    let nothing_to_lose = |metadata: std::fs::Metadata| !metadata.is_file() || metadata.len() == 0;
    if overwrite || std::fs::metadata(&destination).map_or(true, nothing_to_lose) {
        return Ok(());
    }
    let name = path.display();
    let found = match recognise(&destination, path) {
        Ok(Some(found)) if found == kind => return Ok(()),
        Ok(Some(found)) => format!("{name} is {found} that clv wrote"),
        Ok(None) => format!("{name} exists, and clv did not write it"),
        Err(error) => format!("{name} cannot be read to see whether clv wrote it ({error})"),
    };
    let question = format!("{found}; is {kind} to replace it? If not, name another file");
    Err(Error::question(question, [flag("overwrite")]).knowing(Place::new(path.display().to_string(), None)))
}
