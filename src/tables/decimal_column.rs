//! A column of decimal numbers, none of whose digits is lost.

/// Decimal numbers with as many digits after the point each: the cell is `digits / 10^scale`.
#[derive(Clone, Debug, Default)]
pub struct DecimalColumn {
    digits: Vec<Option<i128>>,
    scale: usize,
}

impl DecimalColumn {
    /// Numbers whose last `scale` digits come after the point.
    pub fn new(digits: Vec<Option<i128>>, scale: usize) -> Self {
        Self { digits, scale }
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

    /// A number that tells equal cells of columns with one scale from others.
    pub(super) fn digits(&self, row: usize) -> Option<i128> {
        self.digits[row]
    }
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
        let column = DecimalColumn::new(vec![None, Some(1999)], 2);
        assert_eq!((column.text(0), column.real(0), column.real(1)), (None, None, Some(19.99)));
    }
}
