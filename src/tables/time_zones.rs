//! Time zones as columns of moments name them.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::error::{Error, Result};

/// A zone by name (`Europe/Berlin`), or by offset (`+01:00`).
///
/// # Errors
/// [`Error::data`] if it is neither.
pub fn time_zone(name: &str) -> Result<TimeZone> {
    let by_offset = || {
        // An instant written with the offset is parsed by the library, so the offset is too.
        let written = format!("2000-01-01T00:00:00{name}");
        let instant: Timestamp = written.parse().ok()?;
        let midnight: Timestamp = "2000-01-01T00:00:00Z".parse().ok()?;
        let ahead = midnight.as_second() - instant.as_second();
        Offset::from_seconds(i32::try_from(ahead).ok()?).ok().map(TimeZone::fixed)
    };
    TimeZone::get(name).ok().or_else(by_offset).ok_or_else(|| Error::data(format!("unknown time zone {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_names_or_offsets() {
        assert_eq!(time_zone("+01:00").unwrap(), TimeZone::fixed(Offset::constant(1)));
        assert_eq!(time_zone("UTC").unwrap(), TimeZone::UTC);
        assert!(time_zone("Mars/Olympus").is_err());
    }
}
