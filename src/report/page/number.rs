//! Numbers for people.

/// With so many decimals and commas between the thousands; a very large one in scientific notation.
pub(crate) fn grouped(number: f64, decimals: usize) -> String {
    if number.abs() >= 1e15 {
        return format!("{number:.3e}");
    }
    let plain = format!("{:.decimals$}", number.abs());
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let mut text = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    // A zero has no sign, nor has what is rounded to one.
    let negative = number < 0.0 && plain.contains(|digit| matches!(digit, '1'..='9'));
    format!("{}{text}{rest}", if negative { "−" } else { "" })
}

/// With four significant digits, as far as they are after the point.
pub(crate) fn short(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    if number.abs() < 1e-4 {
        return format!("{number:.3e}").replace('-', "−");
    }
    let magnitude = number.abs().log10().floor();
    // Between -4 and 3 here.
    let decimals = (3.0 - magnitude.clamp(-4.0, 3.0)) as usize;
    let text = grouped(number, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::{grouped, short};

    #[test]
    fn thousands_are_set_apart() {
        let cases = [(0.0, 2, "0.00"), (999.5, 0, "1,000"), (-1234.5, 1, "−1,234.5"), (1e6, 0, "1,000,000")];
        for (number, decimals, text) in cases {
            assert_eq!(grouped(number, decimals), text);
        }
        assert_eq!(grouped(-0.001, 2), "0.00");
        assert_eq!(grouped(1e300, 2), "1.000e300");
    }

    #[test]
    fn four_digits_tell_enough() {
        let cases = [(0.25, "0.25"), (12_345.678, "12,346"), (2.34567, "2.346"), (-0.012_345, "−0.01235"), (7.0, "7")];
        for (number, text) in cases {
            assert_eq!(short(number), text);
        }
        assert_eq!(short(1.5e-9), "1.500e−9");
    }
}
