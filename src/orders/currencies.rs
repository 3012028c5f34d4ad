//! Currencies beside amounts: sums of several mean nothing.

use std::fmt;
use std::str::FromStr;

use super::blanks::is_blank;
use super::currency_names::{CODES, SPELLINGS};
use crate::error::{Error, Place, Result};
use crate::message::{opt, say};
use crate::options::as_text;
use crate::summary::CurrencyCode;
use crate::tables::clip;

/// A currency as it is written: `€`, `EUR`, `Rs.`.
#[derive(Clone, Copy, Debug)]
pub struct Currency {
    /// As it is written first in the list of spellings.
    spelling: &'static str,
    /// The codes that it may stand for: of `$` several.
    codes: &'static [&'static str],
}

impl PartialEq for Currency {
    fn eq(&self, other: &Self) -> bool {
        self.spelling == other.spelling
    }
}

impl Eq for Currency {}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spelling)
    }
}

impl FromStr for Currency {
    type Err = Error;

    /// Reads what a user names.
    fn from_str(text: &str) -> Result<Self> {
        Self::declared(text)
    }
}

as_text!(Currency);

impl Currency {
    /// The currency that a text names, whatever its case: a sign, a code of ISO 4217, or a word that stands beside amounts.
    pub fn named(text: &str) -> Option<Self> {
        let text = text.trim_matches(is_blank);
        before(text).filter(|(_, rest)| rest.is_empty()).map(|(currency, _)| currency)
    }

    /// The currency that the user names.
    ///
    /// # Errors
    /// [`Error::usage`] if it is none that is known.
    pub fn declared(text: &str) -> Result<Self> {
        Self::named(text).ok_or_else(|| {
            Error::usage(say![
                format!("`{}` is not a currency; ", clip(text)),
                opt("currency"),
                " takes a code of ISO 4217 like EUR"
            ])
        })
    }

    /// The more exact of two that can be the same; none if they cannot.
    pub fn and(self, other: Self) -> Option<Self> {
        let same = self.codes.iter().any(|code| other.codes.contains(code));
        same.then_some(if other.codes.len() < self.codes.len() { other } else { self })
    }

    /// The code of ISO 4217, if it can stand for one alone.
    pub fn code(self) -> Option<&'static str> {
        match self.codes {
            [code] => Some(code),
            _ => None,
        }
    }

    /// The sign or code that stands for the same codes, and comes first of all that do: for `kr.` it is `kr`.
    pub fn sign(self) -> &'static str {
        let first = SPELLINGS.iter().find(|(_, codes)| self.codes.len() > 1 && *codes == self.codes);
        first.map_or_else(|| self.code().unwrap_or(self.spelling), |(spelling, _)| spelling)
    }

    /// What both are in, as exactly as either says it.
    ///
    /// # Errors
    /// [`Error::data`] if they are in two.
    pub fn of_both(this: Option<Self>, other: Option<Self>) -> Result<Option<Self>> {
        match (this, other) {
            (Some(this), Some(other)) => match this.and(other) {
                Some(both) => Ok(Some(both)),
                None => Err(CurrencyCode::apart(&this.sign(), &other.sign())),
            },
            (this, other) => Ok(this.or(other)),
        }
    }

    /// The codes of ISO 4217 that it may stand for.
    pub fn codes(self) -> &'static [&'static str] {
        self.codes
    }
}

/// The currency with which a text begins, and the rest.
pub(super) fn currency_before(text: &str) -> Option<(Currency, &str)> {
    // Nearly all amounts have none.
    let first = text.chars().next()?;
    if first.is_ascii_digit() { None } else { before(text) }
}

fn before(text: &str) -> Option<(Currency, &str)> {
    let spelled = SPELLINGS.iter().filter_map(|&(spelling, codes)| {
        let start = text.get(..spelling.len()).or_else(|| prefix(text, spelling))?;
        let rest = &text[start.len()..];
        let whole = !ends_in_letter(spelling) || !rest.starts_with(char::is_alphabetic);
        (same(start, spelling) && whole).then_some((Currency { spelling, codes }, rest))
    });
    spelled.max_by_key(|(currency, _)| currency.spelling.len()).or_else(|| {
        let (start, rest) = text.split_at_checked(3)?;
        let currency = of_code(start)?;
        (!rest.starts_with(char::is_alphabetic)).then_some((currency, rest))
    })
}

/// The currency with which a text ends, and what is before it.
pub(super) fn currency_after(text: &str) -> Option<(Currency, &str)> {
    if text.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let spelled = SPELLINGS.iter().filter_map(|&(spelling, codes)| {
        let at = text.len().checked_sub(spelling.len())?;
        let (rest, end) = text.split_at_checked(at)?;
        let whole = !spelling.starts_with(char::is_alphabetic) || !rest.ends_with(char::is_alphabetic);
        (same(end, spelling) && whole).then_some((Currency { spelling, codes }, rest))
    });
    spelled.max_by_key(|(currency, _)| currency.spelling.len()).or_else(|| {
        let (rest, end) = text.split_at_checked(text.len().checked_sub(3)?)?;
        let currency = of_code(end)?;
        (!rest.ends_with(char::is_alphabetic)).then_some((currency, rest))
    })
}

/// As much of a text as is as long as the spelling, in characters.
fn prefix<'a>(text: &'a str, spelling: &str) -> Option<&'a str> {
    let end = text.char_indices().nth(spelling.chars().count()).map_or(text.len(), |(at, _)| at);
    text.get(..end)
}

fn ends_in_letter(spelling: &str) -> bool {
    spelling.ends_with(char::is_alphabetic)
}

fn same(text: &str, spelling: &str) -> bool {
    text.eq_ignore_ascii_case(spelling) || (!text.is_ascii() && text.to_lowercase() == spelling.to_lowercase())
}

fn of_code(text: &str) -> Option<Currency> {
    let code = CODES.iter().find(|code| code.eq_ignore_ascii_case(text))?;
    Some(Currency { spelling: code, codes: std::slice::from_ref(code) })
}

/// The currency that a column states.
#[derive(Clone, Debug)]
pub(super) enum Stated {
    Known(Currency),
    /// A word that names none that is known.
    Word(String),
}

/// The currencies met, each with the block and the place where it was met first.
#[derive(Debug, Default)]
pub(super) struct CurrenciesSeen(Vec<(String, Option<Currency>, usize, Place)>);

impl CurrenciesSeen {
    /// Takes note of a currency; blocks come in ascending order.
    pub(super) fn add(&mut self, currency: Currency, block: usize, place: impl Fn() -> Place) {
        if !self.0.iter().any(|(_, seen, ..)| *seen == Some(currency)) {
            self.0.push((currency.to_string(), Some(currency), block, place()));
        }
    }

    /// Takes note of a word that stands where a currency does; nobody knows which it is.
    pub(super) fn add_word(&mut self, word: &str, block: usize, place: impl Fn() -> Place) {
        if !self.0.iter().any(|(seen, ..)| *seen == word) {
            self.0.push((word.to_owned(), None, block, place()));
        }
    }

    /// Adds the currencies of other blocks.
    pub(super) fn merge(&mut self, other: Self) {
        for theirs in other.0 {
            match self.0.iter_mut().find(|ours| ours.0 == theirs.0) {
                Some(ours) if ours.2 > theirs.2 => *ours = theirs,
                Some(_) => {}
                None => self.0.push(theirs),
            }
        }
    }

    /// The one currency that was met, as exactly as it was said.
    pub(super) fn one(&self) -> Option<Currency> {
        let mut seen = self.0.iter().map(|(_, currency, ..)| *currency);
        let first = seen.next()??;
        seen.try_fold(first, |one, other| one.and(other?))
    }

    /// Refuses amounts in several currencies.
    pub(super) fn check(&mut self) -> Result<()> {
        // Those of one block are in the order of its rows.
        self.0.sort_by_key(|(_, _, block, _)| *block);
        let together =
            |one: Option<Currency>, other: Option<Currency>| one.zip(other).is_some_and(|(a, b)| a.and(b).is_some());
        for (i, (name, currency, _, place)) in self.0.iter().enumerate() {
            let Some((other, _, _, at)) = self.0[..i].iter().find(|(_, other, ..)| !together(*currency, *other)) else {
                continue;
            };
            let message = say![
                "amounts in {other} ({at}) and in {name} ({place}) cannot be added: ",
                opt("currency"),
                " keeps one of them, and with ",
                opt("rates"),
                " the others are converted into it"
            ];
            return Err(Error::data(message).knowing(place.clone().of_value(name)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Row;

    #[test]
    fn currencies_have_many_names() {
        for (text, code) in [
            ("€", "EUR"),
            ("eur", "EUR"),
            ("Euro", "EUR"),
            ("£", "GBP"),
            ("₹", "INR"),
            ("R$", "BRL"),
            ("zł", "PLN"),
            ("ZŁ", "PLN"),
            ("Kč", "CZK"),
            ("CHF", "CHF"),
            ("Fr.", "CHF"),
            ("US$", "USD"),
            (" usd ", "USD"),
            ("A$", "AUD"),
        ] {
            assert_eq!(Currency::named(text).map(Currency::codes), Some(&[code][..]), "{text}");
        }
        for text in ["", "x", "12", "EURO S", "$ 5", "ABC"] {
            assert_eq!(Currency::named(text), None, "{text}");
        }
        let of = |text| Currency::named(text).unwrap();
        for (one, other, same) in [
            ("$", "USD", true),
            ("$", "CAD", true),
            ("$", "€", false),
            ("USD", "CAD", false),
            ("Rs.", "₹", true),
            ("kr", "SEK", true),
        ] {
            assert_eq!(of(one).and(of(other)).is_some(), same, "{one} {other}");
        }
    }

    #[test]
    fn every_spelling_is_found_on_either_side() {
        for (spelling, _) in SPELLINGS {
            let (before, after) = (format!("{spelling}5"), format!("5{spelling}"));
            assert_eq!(currency_before(&before).map(|(found, rest)| (found.spelling, rest)), Some((*spelling, "5")));
            assert_eq!(currency_after(&after).map(|(found, rest)| (found.spelling, rest)), Some((*spelling, "5")));
        }
        for code in CODES {
            assert_eq!(Currency::named(code).map(|found| found.spelling), Some(*code));
        }
    }

    #[test]
    fn signs_that_can_be_one_currency_are_one() {
        let check = |names: &[&str]| {
            let mut seen = CurrenciesSeen::default();
            for (i, name) in names.iter().enumerate() {
                seen.add(Currency::named(name).unwrap(), i, || Place::new("orders.csv", Row::Line(i as u64)));
            }
            seen.check().map_err(|error| error.to_string())
        };
        assert_eq!(check(&["$", "USD", "US$"]), Ok(()));
        assert_eq!(check(&["€", "EUR", "Euro"]), Ok(()));
        let both = |one, other| {
            Currency::of_both(Currency::named(one), Currency::named(other)).map(|both| both.unwrap().sign())
        };
        assert_eq!((both("$", "USD").unwrap(), both("USD", "$").unwrap()), ("USD", "USD"));
        assert_eq!(
            (both("kr.", "kr").unwrap(), both("Rs", "Rs.").unwrap(), both("€", "eur").unwrap()),
            ("kr", "₨", "EUR")
        );
        assert!(both("$", "EUR").unwrap_err().to_string().starts_with("amounts in $ and in EUR cannot be added"));
        assert!(
            check(&["$", "€"])
                .unwrap_err()
                .starts_with("amounts in $ (orders.csv line 0) and in € (orders.csv line 1)")
        );
        // Each goes with the sign, and not with the other.
        let three = check(&["$", "USD", "CAD"]).unwrap_err();
        assert!(three.starts_with("amounts in USD (orders.csv line 1) and in CAD (orders.csv line 2)"), "{three}");
    }
}
