//! Zip archives: workbooks of spreadsheets are some, and others hold one file that is meant.

use std::io::{Read, Seek, SeekFrom};

use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::shown::list;
use crate::error::{Error, Result};

/// What a zip archive turned out to be.
pub(super) enum Archive {
    /// A workbook.
    Workbook,
    /// One file, whose bytes these are.
    File(Box<dyn Read + Send>),
}

impl Archive {
    /// Looks into it; messages call it so.
    ///
    /// # Errors
    /// [`Error::data`] if it is damaged, encrypted, or holds no file, or several.
    pub(super) fn open<R: Read + Seek + Send + 'static>(name: &str, mut raw: R) -> Result<Self> {
        let damaged =
            |error: zip::result::ZipError| Error::data(format!("a damaged zip archive ({error})")).in_file(name);
        let refused = |why: String| Error::data(why).in_file(name);
        let mut archive = ZipArchive::new(&mut raw).map_err(damaged)?;
        let names: Vec<String> = (0..archive.len())
            .map(|i| Ok(archive.by_index_raw(i)?.name()?.into_owned()))
            .collect::<zip::result::ZipResult<_>>()
            .map_err(damaged)?;
        // Of Excel, and of OpenDocument.
        if names.iter().any(|name| name == "[Content_Types].xml" || name == "mimetype") {
            return Ok(Self::Workbook);
        }
        // Folders, and what systems leave beside files.
        let is_meant = |name: &&String| {
            let last = name.rsplit('/').next().unwrap_or_default();
            !last.is_empty() && !last.starts_with('.') && !name.starts_with("__MACOSX/")
        };
        let meant: Vec<&String> = names.iter().filter(is_meant).collect();
        let [one] = meant[..] else {
            return Err(refused(match meant.len() {
                0 => "a zip archive without a file".to_owned(),
                files => {
                    format!("a zip archive with {files} files: {}; unpack it, and give those with orders", list(&names))
                }
            }));
        };
        let entry = archive.by_name(one).map_err(damaged)?;
        if entry.encrypted() {
            return Err(refused(format!("`{one}` in it is encrypted; unpack it")));
        }
        let (start, length, method) = (entry.data_start(), entry.compressed_size(), entry.compression());
        drop(entry);
        drop(archive);
        let start = start.ok_or_else(|| refused("a damaged zip archive".to_owned()))?;
        raw.seek(SeekFrom::Start(start)).map_err(Error::reading(name.to_owned()))?;
        let bytes = raw.take(length);
        match method {
            CompressionMethod::Stored => Ok(Self::File(Box::new(bytes))),
            CompressionMethod::Deflated => Ok(Self::File(Box::new(DeflateDecoder::new(bytes)))),
            other => Err(refused(format!("`{one}` in it is compressed by {other}; unpack it"))),
        }
    }
}
