//! What a file held, so that it can be known again.

use serde::{Deserialize, Serialize};

/// What a file held when it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, as `sha256sum` prints it.
    pub sha256: String,
}
