//! Conditions on rows: `status=completed`, `status!=refunded,cancelled`, `total>0`.

use std::cmp::Ordering;
use std::fmt;

use super::amounts::AmountReader;
use super::dates::DateReader;
use crate::error::{Error, Result};
use crate::message::{Message, opt, say};
use crate::options::as_text;
use crate::summary::Day;
use crate::tables::{clip, list};

/// A condition that rows are to meet, as users write it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Condition {
    /// The column that it looks at.
    pub column: String,
    test: Test,
    text: String,
}

/// What a condition looks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    /// The cell is, or is not, one of these, whatever the case.
    OneOf { words: Vec<String>, not: bool },
    /// The cell is less or greater than this number or day, or equal to it.
    Compare { operator: &'static str, orderings: &'static [Ordering], number: Option<f64>, day: Option<Day> },
}

/// What a condition says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    Yes,
    No,
    /// Nothing stands there: yes, or no, unless the row is a line of an order on whose first line something does.
    Blank(bool),
}

const OPERATORS: [(&str, Option<&[Ordering]>); 6] = [
    ("!=", None),
    (">=", Some(&[Ordering::Greater, Ordering::Equal])),
    ("<=", Some(&[Ordering::Less, Ordering::Equal])),
    ("=", None),
    (">", Some(&[Ordering::Greater])),
    ("<", Some(&[Ordering::Less])),
];

impl Condition {
    /// The condition as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it looks for.
    pub(crate) fn test(&self) -> &Test {
        &self.test
    }
}

impl fmt::Display for Condition {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

as_text!(Condition);

impl std::str::FromStr for Condition {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = |what: &str| {
            Error::usage(say![
                opt("where"),
                format!(
                    " `{}` {what}; write one like 'status=completed', 'status!=refunded,cancelled' or 'total>0'",
                    clip(text)
                )
            ])
        };
        let at = text.find(['=', '!', '<', '>']).ok_or_else(|| bad("compares nothing"))?;
        let (column, rest) = text.split_at(at);
        let operator = OPERATORS.iter().find(|(operator, _)| rest.starts_with(operator));
        let &(operator, orderings) = operator.ok_or_else(|| bad("compares nothing"))?;
        let value = rest[operator.len()..].trim();
        let value = if operator == "=" { value.strip_prefix('=').unwrap_or(value) } else { value };
        if column.trim().is_empty() {
            return Err(bad("names no column"));
        }
        let test = match orderings {
            None => Test::OneOf { words: words(value), not: operator == "!=" },
            Some(orderings) => {
                let (number, day) = (value.parse().ok().filter(|number: &f64| number.is_finite()), value.parse().ok());
                if number.is_none() && day.is_none() {
                    return Err(bad("compares with neither a number nor a date"));
                }
                Test::Compare { operator, orderings, number, day }
            }
        };
        Ok(Self { column: column.trim().to_owned(), test, text: text.to_owned() })
    }
}

/// Words between commas, in lower case; quotes hold commas.
fn words(list: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in list.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.iter().map(|word| word.trim().to_lowercase()).collect()
}

impl Condition {
    /// Whether a cell meets it; none if it cannot be compared.
    pub(super) fn met(&self, cell: Option<&str>, dates: &DateReader, seen: &mut WordsSeen) -> Option<Met> {
        let cell = cell.map(str::trim).unwrap_or_default();
        match &self.test {
            Test::OneOf { words, not } => {
                let lower = cell.to_lowercase();
                let place = words.iter().position(|word| *word == lower);
                seen.add(place, cell);
                Some(match place {
                    Some(_) if *not => Met::No,
                    Some(_) => Met::Yes,
                    None if cell.is_empty() => Met::Blank(*not),
                    None if *not => Met::Yes,
                    None => Met::No,
                })
            }
            Test::Compare { .. } if cell.is_empty() => Some(Met::Blank(false)),
            Test::Compare { orderings, number, day, .. } => {
                let by_number = || AmountReader::default().read(cell)?.number.partial_cmp(&(*number)?);
                let by_day = || dates.day(cell).ok()?.partial_cmp(&(*day)?);
                let ordering = if number.is_some() { by_number() } else { by_day() }?;
                Some(if orderings.contains(&ordering) { Met::Yes } else { Met::No })
            }
        }
    }

    /// What is to be told of words that no row has.
    ///
    /// # Errors
    /// [`Error::data`] if none of the words that rows are to have stands anywhere.
    pub(super) fn check(&self, seen: &WordsSeen) -> Result<Option<Message>> {
        let Test::OneOf { words, not } = &self.test else { return Ok(None) };
        let missing: Vec<String> =
            (0..words.len()).filter(|word| !seen.met.contains(word)).map(|word| words[word].clone()).collect();
        if missing.is_empty() {
            return Ok(None);
        }
        let counted =
            format!("no row says {} in `{}`, where there are {}", list(&missing), self.column, list(&seen.others));
        let message = say![opt("where").with(&*self.text), ": {counted}"];
        if !not && missing.len() == words.len() {
            return Err(Error::data(message).in_column(&self.column));
        }
        Ok(Some(message))
    }
}

/// The words of a condition's column.
#[derive(Clone, Debug, Default)]
pub(super) struct WordsSeen {
    /// The places of those that the condition names.
    met: Vec<usize>,
    /// The first of all others by the alphabet.
    others: Vec<String>,
}

impl WordsSeen {
    const MOST: usize = 12;

    fn add(&mut self, named: Option<usize>, word: &str) {
        match named {
            Some(place) if !self.met.contains(&place) => self.met.push(place),
            None if !self.others.iter().any(|other| other == word) => self.keep_first(std::iter::once(word.to_owned())),
            _ => {}
        }
    }

    /// The first by the alphabet, whichever thread met them.
    fn keep_first(&mut self, words: impl Iterator<Item = String>) {
        self.others.extend(words);
        self.others.sort_unstable();
        self.others.dedup();
        self.others.truncate(Self::MOST);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.met.extend(other.met);
        self.keep_first(other.others.into_iter());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(condition: &str, cell: &str) -> Option<Met> {
        let condition: Condition = condition.parse().unwrap();
        condition.met(Some(cell).filter(|cell| !cell.is_empty()), &DateReader::default(), &mut WordsSeen::default())
    }

    #[test]
    fn rows_that_meet_a_condition() {
        for (condition, cell, expected) in [
            ("status=completed", "completed", Some(Met::Yes)),
            ("status = completed", " Completed ", Some(Met::Yes)),
            ("status==completed", "refunded", Some(Met::No)),
            ("status=completed", "", Some(Met::Blank(false))),
            ("status!=refunded,cancelled", "Cancelled", Some(Met::No)),
            ("status!=refunded,cancelled", "paid", Some(Met::Yes)),
            ("status!=refunded", "", Some(Met::Blank(true))),
            ("note=", "", Some(Met::Yes)),
            ("city=\"Paris, France\",Rome", "paris, france", Some(Met::Yes)),
            ("total>0", "0.00", Some(Met::No)),
            ("total>0", "$1,200.50", Some(Met::Yes)),
            ("total>=10", "10", Some(Met::Yes)),
            ("total<-5", "-6", Some(Met::Yes)),
            ("total>0", "many", None),
            ("shipped<2024-02-01", "2024-01-31", Some(Met::Yes)),
            ("shipped<=2024-02-01", "2024-02-01 10:00", Some(Met::Yes)),
        ] {
            assert_eq!(met(condition, cell), expected, "{condition} of {cell}");
        }
        for condition in ["", "status", "=x", "!x", "total>many", "status!refunded"] {
            assert!(condition.parse::<Condition>().is_err(), "{condition}");
        }
    }

    #[test]
    fn words_that_no_row_has_are_told() {
        let told = |condition: &str, cells: &[&str]| {
            let (condition, mut seen): (Condition, _) = (condition.parse().unwrap(), WordsSeen::default());
            cells.iter().for_each(|cell| _ = condition.met(Some(cell), &DateReader::default(), &mut seen));
            condition.check(&seen)
        };
        assert!(
            told("status=complete", &["completed", "paid"]).unwrap_err().to_string().contains("`completed`, `paid`")
        );
        assert!(told("status=completed,paid", &["completed"]).unwrap().unwrap().plain().contains("no row says `paid`"));
        assert!(told("status!=refnded", &["refunded"]).unwrap().unwrap().plain().contains("`refunded`"));
        assert_eq!(told("status!=refunded", &["refunded", "paid"]).unwrap(), None);
    }
}
