//! Amounts, with the currency that they are in where it is known.

use super::number::grouped;
use crate::summary::CurrencyCode;

/// How the page writes amounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amounts(pub(super) Option<CurrencyCode>);

impl Amounts {
    /// An amount among words: `EUR 1,234`.
    pub(super) fn written(self, amount: f64) -> String {
        self.0.map_or_else(|| grouped(amount, 0), |code| format!("{code} {}", grouped(amount, 0)))
    }

    /// What stands above a column of them: `value (EUR)`.
    pub(super) fn heading(self, what: &str) -> String {
        self.0.map_or_else(|| what.to_owned(), |code| format!("{what} ({code})"))
    }

    /// The title of a table or chart of them: `Thirds of the customers by expected value, in EUR`.
    pub(super) fn title(self, what: &str) -> String {
        self.0.map_or_else(|| what.to_owned(), |code| format!("{what}, in {code}"))
    }

    /// What they are in, in words.
    pub(super) fn name(self) -> String {
        self.0.map_or_else(|| "the currency of the orders".to_owned(), |code| code.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::Amounts;

    #[test]
    fn the_currency_is_said_where_it_is_known() {
        let (euro, unknown) = (Amounts("EUR".parse().ok()), Amounts(None));
        assert_eq!((euro.written(1234.4), unknown.written(1234.4)), ("EUR 1,234".to_owned(), "1,234".to_owned()));
        assert_eq!((euro.heading("value"), unknown.heading("value")), ("value (EUR)".to_owned(), "value".to_owned()));
        assert_eq!((euro.title("Value"), unknown.title("Value")), ("Value, in EUR".to_owned(), "Value".to_owned()));
        assert_eq!((euro.name(), unknown.name()), ("EUR".to_owned(), "the currency of the orders".to_owned()));
    }
}
