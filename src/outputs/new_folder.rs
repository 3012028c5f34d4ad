//! Folders for results.

use std::path::Path;

use crate::error::{Error, Result};

/// The folder of the results, which goes away again with those around it that are new, too, if nothing comes of them.
pub(crate) struct NewFolder<'a>(Vec<&'a Path>);

impl<'a> NewFolder<'a> {
    pub(crate) fn create(path: &'a Path) -> Result<Self> {
        let new = path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
        let folder = Self(new);
        std::fs::create_dir_all(path)
            .map_err(Error::io(format!("cannot create the output folder {}", path.display())))?;
        Ok(folder)
    }

    pub(crate) fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for NewFolder<'_> {
    fn drop(&mut self) {
        // Whatever is in one stays, and so it does.
        for folder in &self.0 {
            let _ = std::fs::remove_dir(folder);
        }
    }
}
