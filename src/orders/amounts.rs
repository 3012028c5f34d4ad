//! Amounts of money as people write them.

use super::currencies::SIGNS;

/// How the decimal point is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AmountReader {
    /// `1.234,56` rather than `1,234.56`.
    pub(super) decimal_comma: bool,
}

/// The number a text spells, as an amount of an order would be read; none if it spells none.
pub fn read_amount(text: &str, decimal_comma: bool) -> Option<f64> {
    AmountReader { decimal_comma }.read(text)
}

/// Powers of ten that a double holds exactly, as far as they are needed.
const TENS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// An amount like `12.50`, by far the most frequent form: of up to 15 digits, digits and power of ten are exact, and so their
/// quotient is rounded once, like the number read in any other way.
pub(super) fn plain_amount(text: &[u8]) -> Option<f64> {
    const MOST: usize = 16;
    let (mut digits, mut count, mut after) = (0u64, 0, None);
    for &byte in text.get(..text.len().min(MOST + 1))? {
        match byte.wrapping_sub(b'0') {
            digit @ 0..=9 => {
                digits = 10 * digits + u64::from(digit);
                count += 1;
                after = after.map(|after: usize| after + 1);
            }
            _ if byte == b'.' && after.is_none() => after = Some(0),
            _ => return None,
        }
    }
    (1..=15).contains(&count).then(|| digits as f64 / TENS[after.unwrap_or(0)])
}

impl AmountReader {
    /// The number a text spells; `None` if it is none. It may come out infinite or not a number: `1e999`, `NaN`.
    ///
    /// Besides what Rust reads as a number: a currency sign before or after it, thousands separators where a decimal
    /// point or two of them leave no doubt, and parentheses for a negative amount.
    pub(super) fn read(self, text: &str) -> Option<f64> {
        if !self.decimal_comma
            && let Ok(amount) = text.parse()
        {
            return Some(amount);
        }
        let text = text.trim();
        if let Some(inside) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            return self.plain(inside).filter(|amount| *amount >= 0.0).map(|amount| -amount);
        }
        match text.strip_prefix('-') {
            Some(rest) => self.plain(rest).map(|amount| -amount),
            None => self.plain(text),
        }
    }

    /// Whether a text that is no number would be one if its comma were the decimal point.
    pub(super) fn comma_in_doubt(self, text: &str) -> bool {
        !self.decimal_comma && text.contains(',') && Self { decimal_comma: true }.read(text).is_some()
    }

    fn plain(self, text: &str) -> Option<f64> {
        let sign = |c: char| SIGNS.contains(&c) || c.is_whitespace();
        let number = text.trim_matches(sign);
        let (separator, point) = if self.decimal_comma { ('.', ',') } else { (',', '.') };
        let (whole, fraction) = match number.split_once(point) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (number, None),
        };
        let groups: Vec<&str> = whole.split(separator).collect();
        let grouped = groups.len() > 1;
        // `1,234` alone may be a thousand or one and a bit.
        if grouped && fraction.is_none() && groups.len() == 2 && !self.decimal_comma {
            return None;
        }
        if grouped && (groups[0].is_empty() || groups[0].len() > 3 || groups[1..].iter().any(|group| group.len() != 3))
        {
            return None;
        }
        let plain = format!("{}.{}", groups.concat(), fraction.unwrap_or("0"));
        if !number.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let digits = plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if digits { plain.parse().ok() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        let read = |text| AmountReader { decimal_comma: false }.read(text);
        for (text, amount) in [
            ("11.77", 11.77),
            ("-3", -3.0),
            ("1e3", 1000.0),
            ("$12.50", 12.5),
            ("12.50 €", 12.5),
            ("-£1,234.50", -1234.5),
            ("(7.25)", -7.25),
            ("1,234,567", 1_234_567.0),
            (".5", 0.5),
        ] {
            assert_eq!(read(text), Some(amount), "{text}");
        }
        for text in ["", "abc", "1,234", "12,50", "1,23.4", "1.2.3", "$", "--3", "( -3)"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(read("NaN").unwrap().is_nan());
    }

    #[test]
    fn plain_amounts_are_read_like_any_number() {
        let random = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for i in 0..200_000 {
            let (digits, decimals) = (random(i) % 10u64.pow(1 + (i % 15) as u32), (i % 9) as usize);
            let text = format!("{:01$}", digits, decimals + 1);
            let (whole, fraction) = text.split_at(text.len() - decimals);
            let text = if decimals > 0 { format!("{whole}.{fraction}") } else { whole.to_owned() };
            let expected: f64 = text.parse().unwrap();
            assert_eq!(plain_amount(text.as_bytes()), Some(expected), "{text}");
        }
        for text in ["0", "7", ".5", "5.", "00012.50", "999999999999999"] {
            assert_eq!(plain_amount(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for text in ["", ".", "-1", "+1", "1e3", "1,5", "1.2.3", " 1", "9999999999999999", "1.000000000000000", "NaN"] {
            assert_eq!(plain_amount(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn decimal_commas_are_read_when_asked_for() {
        let read = |text| AmountReader { decimal_comma: true }.read(text);
        assert_eq!(read("12,50"), Some(12.5));
        assert_eq!(read("1.234,56"), Some(1234.56));
        assert_eq!(read("1.234"), Some(1234.0));
        assert_eq!(read("-7"), Some(-7.0));
        assert_eq!(read("1,234.56"), None);
    }
}
