//! Amounts of memory as people write them.

use std::str::FromStr;

use crate::error::Error;

/// A number of bytes: `500M`, `2G`, `1.5GB`; a K is 1,024.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemorySize(pub(crate) usize);

/// Two gigabytes, as the flag has it.
impl Default for MemorySize {
    fn default() -> Self {
        Self(2 << 30)
    }
}

impl FromStr for MemorySize {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::usage(format!("`{text}` is no amount of memory; write it like 500M or 2G"));
        let upper = text.trim().to_ascii_uppercase();
        let end = upper.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(upper.len());
        let number: f64 = upper[..end].parse().map_err(|_| wrong())?;
        let shift = match upper[end..].trim().trim_end_matches('B').trim_end_matches('I') {
            "K" => 10,
            "M" => 20,
            "G" => 30,
            "T" => 40,
            _ => return Err(wrong()),
        };
        let bytes = number * f64::from(shift).exp2();
        if bytes >= 1.0 && bytes < usize::MAX as f64 { Ok(Self(bytes as usize)) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_take_a_unit() {
        let size = |text: &str| text.parse::<MemorySize>().map(|size| size.0).ok();
        assert_eq!(size("64K"), Some(65_536));
        assert_eq!(size("1.5GiB"), Some(3 << 29));
        assert_eq!(size("500 mb"), Some(500 << 20));
        for wrong in ["", "5", "G", "-1G", "0M", "1e9G", "5X", "1..5G", "5GG"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }
}
