//! Numbers as people read them, on the terminal, on the page and in messages.

// Without the report there are counts in messages alone.
#![cfg_attr(not(feature = "report"), allow(dead_code))]

/// A count, with commas between the thousands.
pub(crate) fn whole(count: u64) -> String {
    by_thousands(&count.to_string())
}

/// `1 customer`, `2 customers`.
pub(crate) fn counted(count: u64, thing: &str) -> String {
    format!("{} {thing}{}", whole(count), if count == 1 { "" } else { "s" })
}

/// With so many decimals and commas between the thousands; a very large one in scientific notation.
pub(crate) fn grouped(number: f64, decimals: usize) -> String {
    if number.abs() >= 1e15 {
        return format!("{number:.3e}");
    }
    let plain = format!("{:.decimals$}", number.abs());
    let (whole, fraction) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    // A zero has no sign, nor has what is rounded to one.
    let negative = number < 0.0 && plain.contains(|digit| matches!(digit, '1'..='9'));
    format!("{}{}{fraction}", if negative { "-" } else { "" }, by_thousands(whole))
}

/// With four significant digits, as far as they are after the point.
pub(crate) fn short(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    if number.abs() < 1e-4 {
        return format!("{number:.3e}");
    }
    let magnitude = number.abs().log10().floor();
    // Between -4 and 3 here.
    let decimals = (3.0 - magnitude.clamp(-4.0, 3.0)) as usize;
    let text = grouped(number, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// With four decimals, or where these do not show its size, four significant digits: parameters and their errors.
pub(crate) fn parameter(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    if (0.001..1e7).contains(&number.abs()) { format!("{number:.4}") } else { format!("{number:.3e}") }
}

/// A share in percent, with so many decimals.
pub(crate) fn percent(share: f64, decimals: usize) -> String {
    format!("{}%", grouped(100.0 * share, decimals))
}

/// A share in percent that says its sign, by how much something is off.
pub(crate) fn signed_percent(share: f64, decimals: usize) -> String {
    let text = percent(share, decimals);
    let positive = share > 0.0 && text.contains(|digit| matches!(digit, '1'..='9'));
    if positive { format!("+{text}") } else { text }
}

/// Digits in groups of three.
fn by_thousands(digits: &str) -> String {
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = if first > 0 { vec![&digits[..first]] } else { Vec::new() };
    groups.extend((first..digits.len()).step_by(3).map(|i| &digits[i..i + 3]));
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!((whole(70), whole(23_570), whole(1_000_000)), ("70".into(), "23,570".into(), "1,000,000".into()));
        assert_eq!((counted(1, "order"), counted(0, "order")), ("1 order".into(), "0 orders".into()));
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let cases = [
            (0.0, 1, "0.0"),
            (1_234_567.891, 2, "1,234,567.89"),
            (-1234.5, 0, "-1,234"),
            (-1234.5, 1, "-1,234.5"),
            (999.5, 0, "1,000"),
            (999.999, 2, "1,000.00"),
            (-0.001, 2, "0.00"),
            (1e6, 0, "1,000,000"),
            (1e18, 2, "1.000e18"),
        ];
        for (number, decimals, text) in cases {
            assert_eq!(grouped(number, decimals), text);
        }
    }

    #[test]
    fn four_digits_tell_enough() {
        let cases = [
            (0.25, "0.25"),
            (12_345.678, "12,346"),
            (2.34567, "2.346"),
            (-0.012_345, "-0.01235"),
            (7.0, "7"),
            (1.5e-9, "1.500e-9"),
        ];
        for (number, text) in cases {
            assert_eq!(short(number), text);
        }
    }

    #[test]
    fn shares_are_percentages() {
        assert_eq!((percent(0.1234, 1), percent(12.0, 0)), ("12.3%".into(), "1,200%".into()));
        let cases = [(0.031, "+3.1%"), (-0.031, "-3.1%"), (0.0004, "0.0%"), (-0.0004, "0.0%"), (14.0, "+1,400.0%")];
        for (share, text) in cases {
            assert_eq!(signed_percent(share, 1), text);
        }
    }

    #[test]
    fn parameters_show_their_size() {
        let cases = [(0.2671, "0.2671"), (2.0e-5, "2.000e-5"), (-1.5e8, "-1.500e8"), (0.0, "0")];
        for (number, text) in cases {
            assert_eq!(parameter(number), text);
        }
    }
}
