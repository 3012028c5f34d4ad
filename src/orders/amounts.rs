//! Amounts of money as people and spreadsheets write them.

use super::blanks::is_blank;
use super::conventions::{Convention, Written};
use super::currencies::{Currency, currency_after, currency_before};

/// Reads amounts that are written by one convention, or by one that is still to be found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AmountReader {
    /// Without one, an amount is read in the only way that is possible, and else with a decimal point.
    pub(super) convention: Option<Convention>,
}

/// An amount.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amount {
    pub(super) number: f64,
    pub(super) written: Written,
    /// Of which currency, if it says so.
    pub(super) currency: Option<Currency>,
}

/// The number a text spells, as an amount of an order would be read; none if it spells none, or two.
pub fn read_amount(text: &str, decimal_comma: bool) -> Option<f64> {
    let convention = if decimal_comma { Convention::Comma } else { Convention::Point };
    let amount = AmountReader { convention: Some(convention) }.read(text)?;
    (decimal_comma || amount.written != Written::Doubtful || !text.contains(',')).then_some(amount.number)
}

/// Powers of ten that a double holds exactly, as far as they are needed.
const TENS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// An amount like `12.50`, by far the most frequent form: of up to 15 digits, digits and power of ten are exact, and so their
/// quotient is rounded once, like the number read in any other way.
pub(super) fn plain_amount(text: &[u8]) -> Option<(f64, Written)> {
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
    let written = match after {
        None => Written::Plain,
        Some(3) if (4..=6).contains(&count) && text[0] != b'0' => Written::Doubtful,
        Some(_) => Written::WithPoint,
    };
    (1..=15).contains(&count).then(|| (digits as f64 / TENS[after.unwrap_or(0)], written))
}

impl AmountReader {
    /// The amount a text spells; `None` if it is none. It may come out infinite or not a number: `1e999`, `NaN`.
    ///
    /// Besides numbers: thousands separated by commas, points, blanks of any kind or apostrophes, by three digits or as in India; minus
    /// signs of any kind before or after, `CR`, and parentheses; a currency before or after, as a sign, a code or a word; `9,-` for
    /// whole amounts and `$-` for none.
    pub(super) fn read(self, text: &str) -> Option<Amount> {
        let Affixes { core, negative, currency, dash, .. } = Affixes::of(text)?;
        if core.is_empty() {
            // What accountants write for zero.
            let zero = Amount { number: 0.0, written: Written::Plain, currency };
            return (dash && currency.is_some()).then_some(zero);
        }
        let (mut number, mut written) = self.number(core)?;
        if self.convention.is_none() && written == Written::Doubtful && core.contains(',') && is_of_no_cents(currency) {
            (number, written) = ((Self { convention: Some(Convention::Point) }).number(core)?.0, Written::WithPoint);
        }
        Some(Amount { number: if negative { -number } else { number }, written, currency })
    }

    fn number(self, core: &str) -> Option<(f64, Written)> {
        if !core.contains([',', '.']) && core.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some((core.parse().ok()?, Written::Plain));
        }
        if core.contains(['e', 'E', 'n', 'N', 'i', 'I']) {
            let written = if core.contains('.') { Written::WithPoint } else { Written::Plain };
            return Some((core.parse().ok()?, written));
        }
        let parts = Parts::of(core)?;
        let (point, comma) = (parts.number('.', true), parts.number(',', true));
        let written = match (point, comma) {
            (Some(_), Some(_)) if parts.has_no_mark() => Written::Plain,
            (Some(_), Some(_)) => Written::Doubtful,
            (Some(_), None) => Written::WithPoint,
            (None, Some(_)) => Written::WithComma,
            (None, None) => return None,
        };
        let number = match self.convention {
            None => point.or(comma),
            Some(Convention::Point) => point,
            Some(Convention::Comma) => comma,
            Some(Convention::Either) => parts.number('.', false).or_else(|| parts.number(',', false)),
        };
        Some((number?, written))
    }
}

/// Whether no amount of a currency has three decimals after a comma: yen and won have none at all, yuan two, and where they are paid
/// decimals stand after a point.
fn is_of_no_cents(currency: Option<Currency>) -> bool {
    currency.is_some_and(|currency| currency.codes().iter().all(|code| matches!(*code, "JPY" | "KRW" | "CNY")))
}

/// What stands around the digits of an amount.
struct Affixes<'a> {
    core: &'a str,
    negative: bool,
    currency: Option<Currency>,
    /// There was a sign, and it was a dash.
    signed: bool,
    dash: bool,
}

const MINUS: [char; 7] = ['-', '−', '–', '—', '‐', '﹣', '－'];

impl<'a> Affixes<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let mut affixes = Self { core: text, negative: false, currency: None, signed: false, dash: false };
        loop {
            let before = affixes.core;
            affixes.core = before.trim_matches(is_blank);
            affixes.strip_sign()?;
            affixes.strip_currency()?;
            if affixes.core == before {
                return Some(affixes);
            }
        }
    }

    /// Takes one sign off; none if it would be the second.
    fn strip_sign(&mut self) -> Option<()> {
        let core = self.core;
        // `9,-`: no cents.
        let whole = core.trim_end_matches(MINUS);
        let digits = whole.trim_end_matches([',', '.', ':', '/']);
        if whole.len() < core.len() && digits.len() + 1 == whole.len() && digits.ends_with(|c: char| c.is_ascii_digit())
        {
            self.core = whole.strip_suffix([':', '/']).unwrap_or(whole);
            return Some(());
        }
        let inside = core.strip_prefix('(').and_then(|core| core.strip_suffix(')'));
        let signed = inside
            .or_else(|| core.strip_prefix(MINUS))
            .or_else(|| core.strip_suffix(MINUS))
            .or_else(|| strip_word(core, "cr"));
        let positive = || core.strip_prefix('+').or_else(|| strip_word(core, "dr"));
        if let Some(rest) = signed.or_else(positive) {
            if std::mem::replace(&mut self.signed, true) {
                return None;
            }
            self.negative = signed.is_some();
            self.dash = signed.is_some() && inside.is_none();
            self.core = rest;
        }
        Some(())
    }

    /// Takes one currency off; none if there are two that differ.
    fn strip_currency(&mut self) -> Option<()> {
        let core = self.core;
        let (currency, rest) = match currency_before(core).or_else(|| currency_after(core)) {
            Some((currency, rest)) => (Some(currency), rest),
            None => (None, core),
        };
        self.core = rest;
        self.currency = match (self.currency, currency) {
            (Some(one), Some(other)) => Some(one.and(other)?),
            (one, other) => one.or(other),
        };
        Some(())
    }
}

/// Without `CR` or `DR` at the end.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let text = text.strip_suffix('.').filter(|text| text.ends_with(|c: char| c.is_alphabetic())).unwrap_or(text);
    let (rest, end) = text.split_at_checked(text.len().checked_sub(word.len())?)?;
    (end.eq_ignore_ascii_case(word) && rest.ends_with(|c: char| !c.is_alphabetic())).then_some(rest)
}

/// Digits, and what separates them.
struct Parts<'a> {
    groups: Vec<&'a str>,
    /// Blanks of all kinds are one separator, and so are apostrophes.
    separators: Vec<char>,
}

impl<'a> Parts<'a> {
    fn of(core: &'a str) -> Option<Self> {
        let (mut groups, mut separators, mut start) = (Vec::new(), Vec::new(), 0);
        for (at, c) in core.char_indices().filter(|(_, c)| !c.is_ascii_digit()) {
            separators.push(match c {
                ',' | '.' => c,
                '\'' | '’' | '‘' | 'ʼ' | '`' | '´' => '\'',
                c if is_blank(c) => ' ',
                _ => return None,
            });
            groups.push(&core[start..at]);
            start = at + c.len_utf8();
        }
        groups.push(&core[start..]);
        groups.iter().any(|group| !group.is_empty()).then_some(Self { groups, separators })
    }

    fn has_no_mark(&self) -> bool {
        !self.separators.iter().any(|separator| matches!(separator, ',' | '.'))
    }

    /// The number if this is the decimal mark, and the other one may separate thousands.
    fn number(&self, mark: char, other_groups: bool) -> Option<f64> {
        let decimals = self.separators.last() == Some(&mark);
        let before = self.separators.len() - usize::from(decimals);
        let (whole, thousands) = (&self.groups[..=before], &self.separators[..before]);
        let separates = |separator: char| matches!(separator, ' ' | '\'') || (other_groups && separator != mark);
        let one_kind = thousands.iter().all(|&separator| separates(separator) && separator == thousands[0]);
        if !one_kind || (!thousands.is_empty() && !is_grouped(whole)) {
            return None;
        }
        let fraction = if decimals { self.groups[before + 1] } else { "0" };
        format!("{}.{fraction}", whole.concat()).parse().ok()
    }
}

/// Whether these are groups of thousands: of three digits, or in India of two with three at the end.
fn is_grouped(groups: &[&str]) -> bool {
    let [first, middle @ .., last] = groups else { return false };
    let by = |size: usize, first_size: usize| {
        (1..=first_size).contains(&first.len()) && middle.iter().all(|group| group.len() == size) && last.len() == 3
    };
    !first.starts_with('0') && (by(3, 3) || by(2, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<f64> {
        AmountReader::default().read(text).map(|amount| amount.number)
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (text, amount) in [
            ("11.77", 11.77),
            ("-3", -3.0),
            ("+3", 3.0),
            ("1e3", 1000.0),
            ("-1.5E-2", -0.015),
            ("$12.50", 12.5),
            ("12.50 €", 12.5),
            ("-£1,234.50", -1234.5),
            ("(7.25)", -7.25),
            ("1,234,567", 1_234_567.0),
            (".5", 0.5),
            ("12,50", 12.5),
            ("1.234,50", 1234.5),
            ("1.234.567", 1_234_567.0),
            ("1,23,456.70", 123_456.7),
            ("12,34,567", 1_234_567.0),
            ("1 234,50", 1234.5),
            ("1\u{a0}234,50", 1234.5),
            ("1\u{202f}234\u{202f}567,5", 1_234_567.5),
            ("1\u{2009}234.50", 1234.5),
            ("1'234.50", 1234.5),
            ("1’234’567.50", 1_234_567.5),
            ("9,-", 9.0),
            ("9.--", 9.0),
            ("1.250,–", 1250.0),
            ("kr 99:-", 99.0),
            ("Rs. 1,500/-", 1500.0),
        ] {
            assert_eq!(read(text), Some(amount), "{text}");
        }
        for text in [
            "",
            "abc",
            "1,23.4",
            "1.2.3",
            "$",
            "--3",
            "( -3)",
            "1 23",
            "1 234 56",
            "1,234 567",
            "1'23",
            "12.5.0",
            "-",
            "(5)-",
            "5 CR CR",
            "1,234.567,8",
            "twelve",
            "12 XQZ",
            "5 / 2",
            "++5",
            "+-5",
            "1..5",
            "50%",
            "$5 €",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(read("NaN").unwrap().is_nan());
        assert!(read("1e999").unwrap().is_infinite());
    }

    /// Whatever the sign, the currency and the order they stand in.
    #[test]
    fn negative_amounts_in_every_form() {
        for number in ["80.00", "80,00", "80"] {
            for currency in ["", "$", "€", "EUR", "Rs.", "R$", "CHF", "kr", "zł", "US$", "₹"] {
                for blank in ["", " ", "\u{a0}"] {
                    let plain = [format!("{currency}{blank}{number}"), format!("{number}{blank}{currency}")];
                    for text in &plain {
                        assert_eq!(read(text), Some(80.0), "{text}");
                        for minus in ["-", "−", "–"] {
                            for negative in
                                [format!("{minus}{text}"), format!("{text}{minus}"), format!("{minus} {text}")]
                            {
                                assert_eq!(read(&negative), Some(-80.0), "{negative}");
                            }
                            let inside = format!("{currency}{blank}{minus}{number}");
                            assert_eq!(read(&inside), Some(-80.0), "{inside}");
                            let inside = format!("{number}{minus}{blank}{currency}");
                            assert_eq!(read(&inside), Some(-80.0), "{inside}");
                        }
                        for negative in [format!("({text})"), format!("{text} CR"), format!("( {text} )")] {
                            assert_eq!(read(&negative), Some(-80.0), "{negative}");
                        }
                        assert_eq!(read(&format!("{currency} ({number})")), Some(-80.0));
                        assert_eq!(read(&format!("({number}) {currency}")), Some(-80.0));
                    }
                    assert_eq!(read(&format!("{number}CR")), Some(-80.0));
                }
            }
        }
        for nothing in ["$-", "$ -", "- €", "  $ -   ", "-kr", "EUR -"] {
            assert_eq!(read(nothing).map(f64::abs), Some(0.0), "{nothing}");
        }
    }

    #[test]
    fn a_comma_in_yen_and_won_is_between_thousands() {
        for text in ["¥1,200", "1,200円", "₩1,200", "KRW 1,200", "￥1,200", "-¥1,200"] {
            let amount = AmountReader::default().read(text).unwrap();
            assert_eq!((amount.number.abs(), amount.written), (1200.0, Written::WithPoint), "{text}");
        }
        // A point may stand before decimals of a price, and other currencies have cents.
        for text in ["¥1.200", "$1,200", "1,200 €", "1,200"] {
            assert_eq!(AmountReader::default().read(text).unwrap().written, Written::Doubtful, "{text}");
        }
        let comma = AmountReader { convention: Some(Convention::Comma) };
        assert_eq!(comma.read("¥1,200").map(|amount| amount.number), Some(1.2));
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
            let (number, written) = plain_amount(text.as_bytes()).unwrap();
            assert_eq!(number, expected, "{text}");
            // What is found fast is what is found slowly.
            let slow = AmountReader::default().read(&text).unwrap();
            assert_eq!((slow.number, slow.written), (number, written), "{text}");
        }
        for text in ["0", "7", ".5", "5.", "00012.50", "999999999999999"] {
            assert_eq!(plain_amount(text.as_bytes()).map(|(number, _)| number), text.parse().ok(), "{text}");
        }
        for text in ["", ".", "-1", "+1", "1e3", "1,5", "1.2.3", " 1", "9999999999999999", "1.000000000000000", "NaN"] {
            assert_eq!(plain_amount(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_convention_leaves_one_reading() {
        let read =
            |convention, text| AmountReader { convention: Some(convention) }.read(text).map(|amount| amount.number);
        for (text, point, comma, either) in [
            ("1,234", Some(1234.0), Some(1.234), Some(1.234)),
            ("1.234", Some(1.234), Some(1234.0), Some(1.234)),
            ("12,50", None, Some(12.5), Some(12.5)),
            ("12.50", Some(12.5), None, Some(12.5)),
            ("1.234,56", None, Some(1234.56), None),
            ("1,234.56", Some(1234.56), None, None),
            ("1 234,5", None, Some(1234.5), Some(1234.5)),
            ("-7", Some(-7.0), Some(-7.0), Some(-7.0)),
        ] {
            assert_eq!(read(Convention::Point, text), point, "{text}");
            assert_eq!(read(Convention::Comma, text), comma, "{text}");
            assert_eq!(read(Convention::Either, text), either, "{text}");
        }
        assert_eq!(read_amount("1,234", false), None);
        assert_eq!(read_amount("1.234", false), Some(1.234));
        assert_eq!(read_amount("1.234", true), Some(1234.0));
    }
}
