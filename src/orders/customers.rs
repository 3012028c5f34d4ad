//! Who ordered: what exports write for nobody, guests who have an e-mail and no number, and e-mails in several spellings.

use std::borrow::Cow;
use std::hash::BuildHasher;

use memchr::memchr;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::blanks::is_blank;
use super::contract::Reason;
use crate::summary::CustomerId;
use crate::tables::Cells;

/// What exports write where there is nothing: pandas, MySQL, Excel, R, Spark.
pub(crate) const NOTHING: &[&str] = &[
    "-",
    "--",
    "n/a",
    "na",
    "nan",
    "none",
    "null",
    "nil",
    "nat",
    "\\n",
    "(null)",
    "[null]",
    "<null>",
    "<na>",
    "#n/a",
    "#na",
    "#n/a n/a",
    "#ref!",
    "#value!",
    "#name?",
    "#null!",
    "#num!",
    "#div/0!",
    "-nan",
    "1.#ind",
    "-1.#ind",
    "1.#qnan",
    "-1.#qnan",
    "undefined",
    "(blank)",
    "(empty)",
    "(none)",
];

/// Longest of them.
const LONGEST: usize = 9;

/// Whether a cell says that there is nothing.
pub(super) fn is_nothing(text: &str) -> bool {
    // Nearly everything ends here: numbers, and words with another first letter.
    let Some(first) = text.chars().next() else { return true };
    if first.is_ascii() && !b"-nN\\([<#uU1 ".contains(&(first as u8)) {
        return false;
    }
    (text.len() <= LONGEST && NOTHING.iter().any(|nothing| text.eq_ignore_ascii_case(nothing)))
        || text.chars().all(is_blank)
}

/// Whether an id names nobody.
fn is_nobody(text: &str) -> bool {
    is_nothing(text) || text.eq_ignore_ascii_case("guest")
}

/// Who ordered a row.
pub(super) struct Who<'a> {
    pub(super) id: Id<'a>,
    /// Known by the e-mail alone.
    pub(super) guest: bool,
}

/// An id, which may be another than the one written.
pub(super) enum Id<'a> {
    Number(i64),
    Text(Cow<'a, str>),
}

impl Id<'_> {
    pub(super) fn id(&self) -> CustomerId<'_> {
        match self {
            Self::Number(number) => CustomerId::Number(*number),
            Self::Text(text) => CustomerId::Text(text),
        }
    }
}

/// Reads customers, and counts what it took for the same.
#[derive(Debug, Default)]
pub(super) struct CustomerReader {
    /// Whether ids are as they are written.
    pub(super) exact: bool,
    /// Rows of guests.
    pub(super) guests: u64,
    /// Hashes of the e-mails of guests, and of customers who have a number.
    pub(super) guest_emails: FxHashSet<u64>,
    pub(super) other_emails: FxHashSet<u64>,
    /// Hashes of the spellings of e-mails that are not in lower case, or have blanks around them.
    pub(super) respelled: FxHashSet<u64>,
    /// Rows whose id lost its last digits, and what one of them says.
    pub(super) shortened: (u64, String),
}

/// Whether a spreadsheet wrote a long number in short: `1.23457E+11`.
fn is_shortened(text: &str) -> bool {
    let is_one = |text: &str| {
        let (digits, power) = text.split_once("E+")?;
        Some(digits.parse::<f64>().is_ok() && power.parse::<u8>().is_ok())
    };
    // Nearly no id begins like that.
    matches!(text.as_bytes(), [b'1'..=b'9', b'.' | b',' | b'E', ..]) && is_one(&text.replace(',', ".")).unwrap_or(false)
}

impl CustomerReader {
    /// The customer of a row, or why there is none; `email` is the column by which guests are known.
    pub(super) fn read<'a>(
        &mut self,
        cells: &'a Cells,
        email: Option<&'a Cells>,
        row: usize,
    ) -> Result<Who<'a>, Reason> {
        let own = self.id(cells, row);
        if let Ok(Id::Text(text)) = &own
            && is_shortened(text)
        {
            self.shortened.0 += 1;
            if self.shortened.1.is_empty() || **text < *self.shortened.1 {
                self.shortened.1 = text.to_string();
            }
        }
        let Some(email) = email.filter(|_| !self.exact) else { return own.map(|id| Who { id, guest: false }) };
        let is_guest = match &own {
            Err(reason) => *reason == Reason::NoCustomer,
            // The unknown member of warehouses is number -1.
            Ok(Id::Number(number)) => matches!(number, 0 | -1),
            // As pandas writes it, too.
            Ok(Id::Text(text)) => matches!(&**text, "0.0" | "-1" | "-1.0"),
        };
        match self.id(email, row) {
            Ok(Id::Text(email)) if is_guest => {
                self.guests += 1;
                self.guest_emails.insert(FxBuildHasher.hash_one(&*email));
                Ok(Who { id: Id::Text(email), guest: true })
            }
            Ok(Id::Text(email)) => {
                self.other_emails.insert(FxBuildHasher.hash_one(&*email));
                own.map(|id| Who { id, guest: false })
            }
            _ => own.map(|id| Who { id, guest: false }),
        }
    }

    /// Guests whose e-mail is that of a customer with a number, too.
    pub(super) fn known_guests(&self) -> u64 {
        self.guest_emails.intersection(&self.other_emails).count() as u64
    }

    /// Adds what others counted.
    pub(super) fn merge(&mut self, other: Self) {
        self.guests += other.guests;
        self.guest_emails.extend(other.guest_emails);
        self.other_emails.extend(other.other_emails);
        self.respelled.extend(other.respelled);
        let both = [std::mem::take(&mut self.shortened), other.shortened];
        let first = both.iter().map(|(_, text)| text).filter(|text| !text.is_empty()).min();
        self.shortened = (both.iter().map(|(rows, _)| rows).sum(), first.cloned().unwrap_or_default());
    }

    fn id<'a>(&mut self, cells: &'a Cells, row: usize) -> Result<Id<'a>, Reason> {
        match cells {
            Cells::Text(column) => {
                let cell = column.get(row);
                if let Some(CustomerId::Number(number)) = CustomerId::of_digits(cell) {
                    return Ok(Id::Number(number));
                }
                let text = std::str::from_utf8(cell).map_err(|_| Reason::NotUtf8)?;
                if is_nobody(text) { Err(Reason::NoCustomer) } else { Ok(self.spelled(text)) }
            }
            Cells::Integer(numbers) => numbers[row].map(Id::Number).ok_or(Reason::NoCustomer),
            // A column of whole numbers with gaps, as pandas writes it.
            Cells::Real(numbers) => {
                let whole = numbers[row].filter(|number| number.fract() == 0.0);
                whole.map(|number| Id::Number(number as i64)).ok_or(Reason::NoCustomer)
            }
            // Made text before.
            Cells::Decimal(_) | Cells::Date(_) | Cells::Moment { .. } => Err(Reason::NoCustomer),
        }
    }

    /// An id without blanks around it, an e-mail in lower case.
    fn spelled<'a>(&mut self, text: &'a str) -> Id<'a> {
        let is_email = memchr(b'@', text.as_bytes()).is_some();
        let changes = !text.is_ascii() || (is_email && text.bytes().any(|byte| byte.is_ascii_uppercase()));
        if self.exact || !changes {
            return Id::Text(Cow::Borrowed(text));
        }
        let trimmed = text.trim_matches(is_blank);
        let id = if is_email { Cow::Owned(trimmed.to_lowercase()) } else { Cow::Borrowed(trimmed) };
        if id != text {
            self.respelled.insert(FxBuildHasher.hash_one(text));
        }
        match CustomerId::of_digits(id.as_bytes()) {
            Some(CustomerId::Number(number)) => Id::Number(number),
            _ => Id::Text(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::TextColumn;

    fn ids(texts: &[&str], emails: Option<&[&str]>, exact: bool) -> Vec<Option<String>> {
        let cells = |texts: &[&str]| Cells::Text(TextColumn::from_cells(texts.iter().map(|text| Some(*text))).unwrap());
        let (own, emails) = (cells(texts), emails.map(cells));
        let mut reader = CustomerReader { exact, ..CustomerReader::default() };
        let id = |row| match reader.read(&own, emails.as_ref(), row).ok()?.id {
            Id::Number(number) => Some(number.to_string()),
            Id::Text(text) => Some(text.into_owned()),
        };
        (0..texts.len()).map(id).collect()
    }

    #[test]
    fn words_for_nothing_are_nobody() {
        let nothing = [
            "",
            "NULL",
            "nan",
            "NaN",
            "None",
            "N/A",
            "#N/A",
            "#REF!",
            "\\N",
            "(null)",
            "<NA>",
            "undefined",
            "-",
            "guest",
            "\u{a0}",
        ];
        assert!(ids(&nothing, None, false).iter().all(Option::is_none));
        assert!(ids(&nothing, None, true).iter().all(Option::is_none));
        for somebody in ["0", "nancy", "nullo", "N", "x", "na-1"] {
            assert_eq!(ids(&[somebody], None, false), [Some(somebody.to_owned())]);
        }
    }

    #[test]
    fn emails_in_several_spellings_are_one() {
        let some = |text: &str| Some(text.to_owned());
        let spellings = ["A@x.org", "a@X.org", "a@x.org", "\u{a0}a@x.org", "a@x.org\u{200b}"];
        assert_eq!(ids(&spellings, None, false), vec![some("a@x.org"); 5]);
        assert_eq!(ids(&spellings, None, true), spellings.map(some));
        // Other ids differ by case.
        assert_eq!(ids(&["Ab", "ab", "7\u{a0}", "é"], None, false), ["Ab", "ab", "7", "é"].map(some));
    }

    #[test]
    fn numbers_that_spreadsheets_shortened_are_found() {
        for id in ["1.23457E+11", "1,23457E+11", "1E+12"] {
            assert!(is_shortened(id), "{id}");
        }
        for id in ["1.23457", "E+11", "1.2E-11", "1.A+11", "12345E", "1.2.3E+4", "1E+x"] {
            assert!(!is_shortened(id), "{id}");
        }
    }

    #[test]
    fn guests_are_known_by_their_emails() {
        let some = |text: &str| Some(text.to_owned());
        let emails = ["g@x.org", "H@x.org", "r@x.org", ""];
        for nobody in ["0.0", "-1", "-1.0"] {
            assert_eq!(ids(&[nobody], Some(&emails[..1]), false), [some("g@x.org")], "{nobody}");
        }
        assert_eq!(ids(&["-1"], None, false), [some("-1")]);
        assert_eq!(
            ids(&["0", "", "12", "0"], Some(&emails), false),
            [some("g@x.org"), some("h@x.org"), some("12"), some("0")]
        );
        assert_eq!(ids(&["0", "", "12", "0"], Some(&emails), true), [some("0"), None, some("12"), some("0")]);
    }
}
