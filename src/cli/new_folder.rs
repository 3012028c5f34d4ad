//! Folders for results.

use std::path::Path;

use crate::error::{Error, Result};

/// The folder of the results, which goes away again if it is new and nothing comes of them.
pub(super) struct NewFolder<'a>(Option<&'a Path>);

impl<'a> NewFolder<'a> {
    pub(super) fn create(path: &'a Path) -> Result<Self> {
        let is_new = !path.exists();
        std::fs::create_dir_all(path)
            .map_err(Error::io(format!("cannot create the output folder {}", path.display())))?;
        Ok(Self(is_new.then_some(path)))
    }

    pub(super) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for NewFolder<'_> {
    fn drop(&mut self) {
        // Whatever is in it stays, and so it does.
        self.0.map(std::fs::remove_dir);
    }
}
