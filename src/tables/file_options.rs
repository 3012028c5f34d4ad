//! What users say of a file that it does not say itself.

use super::{Delimiter, Encoding};

/// How a file is to be read, as far as that is not found in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileOptions {
    /// The character between fields of text.
    pub delimiter: Option<Delimiter>,
    /// How text is written as bytes.
    pub encoding: Option<Encoding>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
}
