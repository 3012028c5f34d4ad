//! Amounts of money as people write them.

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
        let sign = |c: char| matches!(c, '$' | '€' | '£' | '¥') || c.is_whitespace();
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
    fn decimal_commas_are_read_when_asked_for() {
        let read = |text| AmountReader { decimal_comma: true }.read(text);
        assert_eq!(read("12,50"), Some(12.5));
        assert_eq!(read("1.234,56"), Some(1234.56));
        assert_eq!(read("1.234"), Some(1234.0));
        assert_eq!(read("-7"), Some(-7.0));
        assert_eq!(read("1,234.56"), None);
    }
}
