//! A column of decimal numbers, none of whose digits is lost.

/// Decimal numbers with as many digits after the point each: the cell is `digits / 10^scale`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecimalColumn {
    digits: Vec<Option<i128>>,
    scale: usize,
}

impl DecimalColumn {
    /// Numbers whose last `scale` digits come after the point.
    pub fn new(digits: Vec<Option<i128>>, scale: usize) -> Self {
        Self { digits, scale }
    }

    /// Numbers as they are written, `-12.50`, with as many digits after the point as any of them has; none if one of them is written in
    /// another way, or has more digits than fit.
    pub fn of_texts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Option<Self> {
        let parts = |text: Option<&'a str>| text.map_or(Some(None), |text| written(text).map(Some));
        let numbers: Vec<Option<(i128, usize)>> = texts.map(parts).collect::<Option<_>>()?;
        let scale = numbers.iter().flatten().map(|(_, scale)| *scale).max().unwrap_or(0);
        let wide = |(digits, own): (i128, usize)| digits.checked_mul(10_i128.checked_pow((scale - own) as u32)?);
        let digits = numbers.into_iter().map(|number| number.map_or(Some(None), |number| wide(number).map(Some)));
        Some(Self { digits: digits.collect::<Option<_>>()?, scale })
    }

    /// All digits, and how many of them come after the point.
    pub fn into_parts(self) -> (Vec<Option<i128>>, usize) {
        (self.digits, self.scale)
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.digits.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.digits.is_empty()
    }

    /// A cell as it is written: `-12.5`, without zeros at the end of its fraction; none where there is nothing.
    pub fn text(&self, row: usize) -> Option<String> {
        let number = self.digits[row]?;
        let digits = format!("{:0>1$}", number.unsigned_abs(), self.scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.scale);
        let fraction = fraction.trim_end_matches('0');
        let sign = if number < 0 { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        Some(format!("{sign}{whole}{point}{fraction}"))
    }

    /// The nearest floating number of a cell.
    pub fn real(&self, row: usize) -> Option<f64> {
        self.text(row)?.parse().ok()
    }
}

/// The digits of a decimal number, and how many come after its point.
fn written(text: &str) -> Option<(i128, usize)> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_written = !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    let number: i128 = is_written.then(|| format!("{whole}{fraction}").parse().ok())??;
    Some((sign * number, fraction.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_digits() {
        let text = |digits, scale| DecimalColumn::new(vec![Some(digits)], scale).text(0).unwrap();
        for (digits, scale, expected) in [
            (0, 0, "0"),
            (0, 2, "0"),
            (5, 2, "0.05"),
            (-5, 2, "-0.05"),
            (1250, 2, "12.5"),
            (1_308_500, 2, "13085"),
            (12_345_678_901_234_567_890_123_456_789_012_345_678, 0, "12345678901234567890123456789012345678"),
            (i128::MIN, 0, "-170141183460469231731687303715884105728"),
        ] {
            assert_eq!(text(digits, scale), expected);
        }
        let column = DecimalColumn::of_texts(["12.50", "-3", "0.125"].into_iter().map(Some).chain([None])).unwrap();
        assert_eq!(column, DecimalColumn::new(vec![Some(12_500), Some(-3000), Some(125), None], 3));
        for other in ["1e3", "NaN", "1,5", "", ".5", "+1", "9999999999999999999999999999999999999999"] {
            assert_eq!(DecimalColumn::of_texts([Some(other)].into_iter()), None, "{other}");
        }
        let column = DecimalColumn::new(vec![None, Some(1999)], 2);
        assert_eq!((column.text(0), column.real(0), column.real(1)), (None, None, Some(19.99)));
    }
}
