//! What could not be read is never a detail: it is the largest orders, or the refunds.

use serde::{Deserialize, Deserializer};

use super::amounts::AmountReader;
use super::contract::{Example, LeftOut, Reason};
use super::conventions::Convention;
use super::dates::{DateReader, proposal};
use crate::error::{Error, Result};
use crate::message::{Message, opt, say};
use crate::number_format::{counted, whole};
use crate::options::NumberOrText;
use crate::tables::clip;

/// The share of a column's rows that may be unreadable unless another is set.
pub const MAX_LEFT_OUT: f64 = 0.1;

/// Beyond this share there is a warning.
pub(super) const WARNED_OF: f64 = 0.01;

/// Examples shown.
const SHOWN: usize = 3;

/// A share as users write it: `5%` or `0.05`.
///
/// # Errors
/// [`Error::usage`] unless it is between 0 and 1.
pub fn share(text: &str) -> Result<f64> {
    let number = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse().ok().map(|percent: f64| percent / 100.0),
        None => text.parse().ok(),
    };
    number.filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| {
        let text = clip(text);
        Error::usage(say![opt("max_left_out"), " is `{text}`; give a share like 5% or 0.05"]).of_value(text)
    })
}

/// A share, or none, of what is given by name.
pub(super) fn max_left_out<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<f64>, D::Error> {
    Ok(Option::<Share>::deserialize(from)?.map(|Share(share)| share))
}

struct Share(f64);

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrText {
            what: "a share like 0.05, or '5%'",
            number: |number: f64| share(&number.to_string()).map(Self),
            text: |text: &str| share(text).map(Self),
        })
    }
}

/// Reasons that are about the same column.
const COLUMNS: [(&str, &[Reason]); 4] = [
    ("date", &[Reason::UnreadableDate]),
    ("amount", &[Reason::UnreadableAmount, Reason::ImpossibleAmount]),
    ("customer", &[Reason::NotUtf8]),
    ("fields", &[Reason::Ragged]),
];

/// How the columns were read that could not be read.
pub(super) struct Readers<'a> {
    pub(super) dates: &'a DateReader,
    pub(super) convention: Option<Convention>,
}

/// Warnings of columns with many unreadable rows, those with most of them first.
///
/// # Errors
/// [`Error::data`] if there are more of them than the largest share: that given, or else [`MAX_LEFT_OUT`], which a single row never is.
pub(super) fn check_unread(
    left_out: &LeftOut,
    rows: u64,
    given: Option<f64>,
    readers: &Readers<'_>,
) -> Result<Vec<Message>> {
    let considered = rows - left_out.by_option();
    let most = given.unwrap_or(MAX_LEFT_OUT);
    let mut columns: Vec<(u64, &str, &[Reason])> = COLUMNS
        .iter()
        .map(|(name, reasons)| (reasons.iter().map(|reason| left_out.rows(*reason)).sum(), *name, *reasons))
        .collect();
    columns.sort_by_key(|(unread, ..)| std::cmp::Reverse(*unread));
    let mut warnings = Vec::new();
    for (unread, name, reasons) in columns {
        let share = unread as f64 / (considered as f64).max(1.0);
        if unread == 0 || (share <= WARNED_OF && share <= most) {
            continue;
        }
        let words = describe(left_out, unread, considered, (name, reasons), readers);
        if share > most && (given.is_some() || unread > 1 || unread == considered) {
            let allowed = format!(". A share of {} may be unreadable; ", percent(most));
            let first = reasons.iter().find_map(|reason| left_out.examples(*reason).next());
            let place = first.map(|example| example.place.clone().of_value(&example.value)).unwrap_or_default();
            let message = say![words, allowed, opt("max_left_out"), " sets another"];
            return Err(Error::data(message).of_option(opt("max_left_out")).knowing(place));
        }
        warnings.push(words);
    }
    Ok(warnings)
}

fn describe(
    left_out: &LeftOut,
    unread: u64,
    considered: u64,
    (name, reasons): (&str, &[Reason]),
    readers: &Readers<'_>,
) -> Message {
    let reasons: Vec<Reason> = reasons.iter().copied().filter(|reason| left_out.rows(*reason) > 0).collect();
    let examples: Vec<&Example> = reasons.iter().flat_map(|reason| left_out.examples(*reason)).collect();
    let shown: Vec<String> = examples.iter().take(SHOWN).map(ToString::to_string).collect();
    let what = match reasons[..] {
        [reason] => reason.to_string(),
        _ => format!("with an unreadable {name}"),
    };
    let share = percent(unread as f64 / considered as f64);
    let cause = cause(reasons[0], &examples, readers).map_or_else(Message::default, |cause| say![": ", cause]);
    let shown = shown.join(", ");
    if unread == considered {
        let rows = counted(considered, "row");
        return say!["none of the {rows} is an order: all are rows {what} ({shown})", cause];
    }
    let (unread, rows) = (whole(unread), counted(considered, "row"));
    say!["{unread} of {rows} {what} ({share}): {shown}", cause]
}

/// Why they probably could not be read, and what to do.
fn cause(reason: Reason, examples: &[&Example], readers: &Readers<'_>) -> Option<Message> {
    let texts: Vec<&str> = examples.iter().map(|example| &*example.value).collect();
    match reason {
        Reason::UnreadableDate => {
            Some(proposal(readers.dates, &texts).unwrap_or_else(|| {
                say!["give the form of the dates, for instance ", opt("date_format").with("%d %b %Y")]
            }))
        }
        Reason::UnreadableAmount => amount_cause(texts.first()?, readers.convention),
        Reason::Ragged => Some("a delimiter within a field needs quotes around it".into()),
        _ => None,
    }
}

fn amount_cause(text: &str, convention: Option<Convention>) -> Option<Message> {
    if convention.is_some() && AmountReader::default().read(text).is_some() {
        return Some("it has another decimal mark than the one that was given or found".into());
    }
    let words = text.split(|c: char| !c.is_alphabetic());
    let word = words.max_by_key(|word| word.len()).filter(|word| !word.is_empty());
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    match word {
        Some(word) if digits => Some(say!["`{word}` is not a known currency; remove it from the column"]),
        _ if !digits => Some(say!["no number stands there; is it another column, which ", opt("amount"), " names?"]),
        _ if text.contains('%') => Some("a percentage, not an amount".into()),
        _ => Some("not a number in any known form".into()),
    }
}

/// `50%`, or `2.3%` where that tells more.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent >= 10.0 || percent.fract() == 0.0 { format!("{percent:.0}%") } else { format!("{percent:.1}%") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_as_people_write_them() {
        for (text, expected) in [("5%", 0.05), ("0.05", 0.05), ("0", 0.0), ("100%", 1.0), ("12.5 %", 0.125)] {
            assert_eq!(share(text).unwrap(), expected, "{text}");
        }
        for text in ["", "5", "-1%", "101%", "NaN", "ten"] {
            assert!(share(text).is_err(), "{text}");
        }
    }
}
