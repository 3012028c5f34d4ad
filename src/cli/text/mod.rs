//! What the command prints: where it goes, and in which words.

pub(super) mod as_flag;
pub(super) mod column_help;
pub(super) mod console;
pub(super) mod overview;
pub(super) mod table;
pub(super) mod words;
