//! The currency of a summary's amounts.
//!
//! Its code stands beside what the summary says of its times, not in it, so that programs that do not know it read the summary as
//! before.

use crate::error::{Error, Result};
use crate::summary::CurrencyCode;
use crate::tables::TableReader;

/// The key under which Parquet files, Arrow schemas and frames have the code of the currency that amounts are in.
pub const CURRENCY_KEY: &str = "clv-currency";

/// What stands in a table's own metadata, or among the attributes of the pandas frame that it was.
///
/// # Errors
/// [`Error::data`] if that is no code.
pub(super) fn in_metadata(table: &TableReader) -> Result<Option<CurrencyCode>> {
    let parsed = |text: &str| text.parse().map(Some).map_err(|error: Error| damaged(table.name(), &error.to_string()));
    if let Some(text) = table.metadata(CURRENCY_KEY) {
        return parsed(&text);
    }
    let frame = table.metadata("pandas").and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    match frame.as_ref().map(|frame| &frame["attributes"][CURRENCY_KEY]) {
        None | Some(serde_json::Value::Null) => Ok(None),
        Some(serde_json::Value::String(text)) => parsed(text),
        Some(_) => Err(damaged(table.name(), "it is no text")),
    }
}

fn damaged(name: &str, why: &str) -> Error {
    Error::data(format!(
        "what the summary says of its currency, under `{CURRENCY_KEY}`, is damaged ({why}). Summarise the orders again, or write \
         the file without it"
    )).in_file(name)
}
