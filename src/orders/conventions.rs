//! How the amounts of a column are written: with a decimal point or a decimal comma. It is found in the whole column.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Place, Result};
use crate::message::{flag, opt, say};
use crate::tables::clip;

/// Which mark stands before the decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Convention {
    /// `1,234.56`
    #[default]
    Point,
    /// `1.234,56`
    Comma,
    /// `1 234,56` or `1 234.56`: thousands are told by blanks or apostrophes alone, so that either mark stands before decimals.
    Either,
}

impl Convention {
    /// The convention of amounts whose thousands are separated by this.
    ///
    /// # Errors
    /// [`Error::usage`] unless it is a comma, a point, a blank or an apostrophe.
    pub fn of_thousands(separator: &str) -> Result<Self> {
        let mut characters = separator.chars();
        match (characters.next(), characters.next()) {
            (Some(','), None) => Ok(Self::Point),
            (Some('.'), None) => Ok(Self::Comma),
            (Some('\'' | '’'), None) => Ok(Self::Either),
            (Some(blank), None) if blank.is_whitespace() => Ok(Self::Either),
            _ => Err(Error::usage(say![
                "`{separator}` separates no thousands; ",
                opt("thousands"),
                " takes a comma, a point, a blank or an apostrophe"
            ])),
        }
    }

    /// What was given: a decimal comma, or what separates thousands.
    ///
    /// # Errors
    /// [`Error::usage`] if the two contradict each other, or the separator is none.
    pub fn given(decimal_comma: bool, thousands: Option<&str>) -> Result<Option<Self>> {
        match (decimal_comma, thousands.map(Self::of_thousands).transpose()?) {
            (true, Some(Self::Point)) => Err(Error::usage(say![
                "the comma cannot be both: ",
                flag("decimal_comma"),
                " or ",
                opt("thousands").with(",")
            ])),
            (true, _) => Ok(Some(Self::Comma)),
            (false, thousands) => Ok(thousands),
        }
    }
}

/// How amounts are written, as users say it.
pub(super) mod written_amounts {
    use serde::{Deserializer, Serializer, de::Error};

    use super::{Convention, Deserialize, Serialize};

    #[derive(Default, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct WrittenAmounts {
        decimal_comma: bool,
        thousands: Option<String>,
    }

    pub(in super::super) fn serialize<S: Serializer>(given: &Option<Convention>, to: S) -> Result<S::Ok, S::Error> {
        let (decimal_comma, thousands) = match given {
            None => (false, None),
            Some(Convention::Comma) => (true, None),
            Some(Convention::Point) => (false, Some(",".to_owned())),
            Some(Convention::Either) => (false, Some("'".to_owned())),
        };
        WrittenAmounts { decimal_comma, thousands }.serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Convention>, D::Error> {
        let WrittenAmounts { decimal_comma, thousands } = WrittenAmounts::deserialize(from)?;
        Convention::given(decimal_comma, thousands.as_deref())
            .map_err(|error| D::Error::custom(crate::options::through_serde(&error)))
    }
}

/// What an amount says of the convention by which it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Nothing: it has neither comma nor point.
    Plain,
    /// Its point stands before decimals, or its commas between thousands.
    WithPoint,
    /// Its comma stands before decimals, or its points between thousands.
    WithComma,
    /// Either is possible.
    Doubtful,
}

/// An amount by which something was seen first.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    block: usize,
    pub(super) place: Place,
    pub(super) text: String,
}

/// What the amounts of a column say of how they are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    /// Can only have a decimal point, and the first of those with a comma.
    point: Option<Sighting>,
    grouped: Option<Sighting>,
    /// Can only have a decimal comma.
    comma: Option<Sighting>,
    /// Can have either, and is another number then.
    doubtful: Option<Sighting>,
}

impl Evidence {
    /// Whether it is known that amounts have decimal points, as nearly all have.
    pub(super) fn has_point(&self) -> bool {
        self.point.is_some()
    }

    /// Takes note of an amount in a block; blocks come in ascending order.
    pub(super) fn see(&mut self, written: Written, text: &str, block: usize, place: impl Fn() -> Place) {
        let seen = || Sighting { block, place: place(), text: clip(text) };
        match written {
            Written::Plain => {}
            Written::WithPoint => {
                self.point.get_or_insert_with(seen);
                if text.contains(',') {
                    self.grouped.get_or_insert_with(seen);
                }
            }
            Written::WithComma => _ = self.comma.get_or_insert_with(seen),
            Written::Doubtful => _ = self.doubtful.get_or_insert_with(seen),
        }
    }

    /// Adds what other blocks say.
    pub(super) fn merge(&mut self, other: Self) {
        let first = |ours: &mut Option<Sighting>, theirs: Option<Sighting>| {
            *ours = [ours.take(), theirs].into_iter().flatten().min_by_key(|seen| seen.block);
        };
        first(&mut self.point, other.point);
        first(&mut self.grouped, other.grouped);
        first(&mut self.comma, other.comma);
        first(&mut self.doubtful, other.doubtful);
    }

    /// The one convention of the column `name`; none if all of its amounts are whole numbers without separators.
    ///
    /// # Errors
    /// [`Error::question`] if its amounts contradict each other, or fit both.
    pub(super) fn convention(&self, name: &str) -> Result<Option<Convention>> {
        match (&self.point, &self.comma, &self.doubtful) {
            (Some(point), Some(comma), _) => Err(question(format!(
                "`{}` ({}) in `{name}` has a decimal comma, and `{}` ({}) a decimal point: which of them is right? Amounts of the other \
                 form are unreadable then",
                comma.text, comma.place, point.text, point.place
            ))),
            (Some(_), None, _) => Ok(Some(Convention::Point)),
            (None, Some(_), _) => Ok(Some(Convention::Comma)),
            (None, None, Some(doubtful)) => {
                let mark = if doubtful.text.contains(',') { "comma" } else { "point" };
                let amount = doubtful.text.replace([',', '.'], "");
                Err(question(format!(
                    "is `{}` ({}) the number {}, or {amount}? No amount in `{name}` tells whether the {mark} stands before decimals or \
                     between thousands",
                    doubtful.text,
                    doubtful.place,
                    doubtful.text.replace(',', ".")
                )))
            }
            (None, None, None) => Ok(None),
        }
    }

    /// Whether some amounts have one convention and some the other.
    pub(super) fn is_contradictory(&self) -> bool {
        self.point.is_some() && self.comma.is_some()
    }

    /// Whether amounts have been misread by whoever took them to have decimal points.
    pub(super) fn misread(&self, convention: Convention) -> bool {
        convention != Convention::Point && self.doubtful.is_some()
    }

    /// What is to be told of the convention found in the column `name`.
    pub(super) fn told(&self, name: &str, convention: Convention) -> Option<String> {
        match convention {
            Convention::Point => self
                .grouped
                .as_ref()
                .map(|seen| format!("`{name}` has commas between thousands: `{}` ({})", seen.text, seen.place)),
            _ => {
                self.comma.as_ref().map(|seen| format!("`{name}` has decimal commas: `{}` ({})", seen.text, seen.place))
            }
        }
    }
}

fn question(text: String) -> Error {
    Error::question(text, [flag("decimal_comma"), opt("thousands").with(",")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Row;
    use crate::orders::amounts::AmountReader;

    fn found(column: &[&str]) -> Result<Option<Convention>> {
        let mut evidence = Evidence::default();
        for (row, text) in column.iter().enumerate() {
            if let Some(read) = AmountReader::default().read(text) {
                evidence
                    .see(read.written, text, row, || Place { row: Some(Row::Line(row as u64)), ..Place::default() });
            }
        }
        evidence.convention("amount")
    }

    #[test]
    fn one_convention_is_found_in_a_column() {
        for (column, convention) in [
            (&["12", "7"][..], None),
            (&["12.50", "1,101"], Some(Convention::Point)),
            (&["1,101", "1,234,567"], Some(Convention::Point)),
            (&["1,23,456", "1,101"], Some(Convention::Point)),
            (&["12,50", "1.101", "7"], Some(Convention::Comma)),
            (&["1.101", "1.234.567"], Some(Convention::Comma)),
            (&["1 234,500", "1,101"], Some(Convention::Comma)),
            (&["0,125", "1,101"], Some(Convention::Comma)),
            (&["1234.567", "1.101"], Some(Convention::Point)),
            (&["1.234,56"], Some(Convention::Comma)),
            (&["1'234.50"], Some(Convention::Point)),
        ] {
            assert_eq!(found(column).unwrap(), convention, "{column:?}");
        }
    }

    #[test]
    fn what_fits_both_is_asked_about() {
        for column in [&["1,101", "12"][..], &["1.101", "250"], &["12,50", "12.50"], &["1.234,50", "1,234.50"]] {
            let error = found(column).unwrap_err();
            assert_eq!(error.answers(), [flag("decimal_comma"), opt("thousands").with(",")], "{column:?}: {error}");
        }
        assert!(found(&["1,101"]).unwrap_err().to_string().contains("the number 1.101, or 1101?"));
        assert!(found(&["1.101"]).unwrap_err().to_string().contains("the number 1.101, or 1101?"));
    }

    #[test]
    fn separators_that_are_given_settle_it() {
        assert_eq!(Convention::given(true, None).unwrap(), Some(Convention::Comma));
        assert_eq!(Convention::given(true, Some(".")).unwrap(), Some(Convention::Comma));
        assert_eq!(Convention::given(false, Some(",")).unwrap(), Some(Convention::Point));
        assert_eq!(Convention::given(false, Some("\u{a0}")).unwrap(), Some(Convention::Either));
        assert_eq!(Convention::given(false, None).unwrap(), None);
        assert!(Convention::given(true, Some(",")).is_err());
        assert!(Convention::given(false, Some("x")).is_err());
        assert!(Convention::given(false, Some("")).is_err());
    }
}
