//! The currency of amounts, by its code.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Cause, Error, Result};
use crate::message::{opt, say};

/// A currency as ISO 4217 writes it, in three capitals: `EUR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CurrencyCode([u8; 3]);

impl CurrencyCode {
    /// The three capitals.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("capitals are text")
    }

    /// Refuses to ask a model of amounts in one currency about amounts in another, where both are known.
    ///
    /// # Errors
    /// [`Cause::Currency`](crate::error::Cause::Currency).
    pub fn check(model: Option<Self>, data: Option<Self>) -> Result<()> {
        match (model, data) {
            (Some(model), Some(data)) if model != data => {
                Err(Cause::Currency { model: model.to_string(), data: data.to_string() }.into())
            }
            _ => Ok(()),
        }
    }

    /// The currency of amounts that are put together.
    ///
    /// # Errors
    /// [`Error::data`] if they are known to be in two.
    pub fn of_both(this: Option<Self>, other: Option<Self>) -> Result<Option<Self>> {
        match (this, other) {
            (Some(this), Some(other)) if this != other => Err(Self::apart(&this, &other)),
            (this, other) => Ok(this.or(other)),
        }
    }

    /// Refuses to put amounts in two currencies together.
    pub(crate) fn apart(this: &dyn fmt::Display, other: &dyn fmt::Display) -> Error {
        Error::data(say![
            "amounts in {this} and in {other} cannot be added: ",
            opt("currency"),
            " keeps one of them, and with ",
            opt("rates"),
            " the others are converted into it"
        ])
    }
}

impl FromStr for CurrencyCode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match *text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(Error::data(format!("{text:?} is not a currency code: three capitals, like EUR"))),
        }
    }
}

impl TryFrom<String> for CurrencyCode {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<CurrencyCode> for String {
    fn from(code: CurrencyCode) -> Self {
        code.as_str().to_owned()
    }
}

impl fmt::Display for CurrencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_three_capitals() {
        let euro: CurrencyCode = "EUR".parse().unwrap();
        assert_eq!((euro.to_string(), serde_json::to_string(&euro).unwrap()), ("EUR".to_owned(), "\"EUR\"".to_owned()));
        assert_eq!(serde_json::from_str::<CurrencyCode>("\"EUR\"").unwrap(), euro);
        for wrong in ["", "EU", "EURO", "eur", "€", "E R", "12A"] {
            assert!(wrong.parse::<CurrencyCode>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn two_currencies_are_not_put_together() {
        let [euro, dollar] = ["EUR", "USD"].map(|code| code.parse::<CurrencyCode>().ok());
        assert_eq!(CurrencyCode::of_both(euro, None).unwrap(), euro);
        assert_eq!(CurrencyCode::of_both(None, euro).unwrap(), euro);
        assert_eq!(CurrencyCode::of_both(None, None).unwrap(), None);
        assert!(CurrencyCode::check(euro, euro).is_ok() && CurrencyCode::check(None, euro).is_ok());
        assert!(
            CurrencyCode::check(euro, dollar).unwrap_err().to_string().starts_with("the model's amounts are in EUR")
        );
        assert!(CurrencyCode::of_both(euro, dollar).unwrap_err().to_string().contains("in EUR and in USD"));
    }
}
