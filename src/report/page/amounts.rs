//! Amounts, with the currency that they are in where it is known.

use serde_json::Value;

use crate::number_format::grouped;
use crate::summary::CurrencyCode;

/// How the page writes amounts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amounts(pub(crate) Option<CurrencyCode>);

impl Amounts {
    /// An amount among words: `EUR 1,234`.
    pub(crate) fn written(self, amount: f64) -> String {
        self.0.map_or_else(|| grouped(amount, 0), |code| format!("{code} {}", grouped(amount, 0)))
    }

    /// What stands above a column of them: `value (EUR)`.
    pub(crate) fn heading(self, what: &str) -> String {
        self.0.map_or_else(|| what.to_owned(), |code| format!("{what} ({code})"))
    }

    /// The title of a table or chart of them: `Thirds of the customers by expected value, in EUR`.
    pub(crate) fn title(self, what: &str) -> String {
        self.0.map_or_else(|| what.to_owned(), |code| format!("{what}, in {code}"))
    }

    /// Names the currency where a chart writes what its amounts are: along axes, and beside what is pointed at.
    pub(crate) fn name_in(self, spec: &mut Value) {
        /// The columns with amounts in charts of them.
        const FIELDS: [&str; 5] = ["from", "to", "middle", "level", "mean"];
        match spec {
            Value::Array(parts) => parts.iter_mut().for_each(|part| self.name_in(part)),
            Value::Object(parts) => {
                let is_amount = parts.get("field").and_then(Value::as_str).is_some_and(|field| FIELDS.contains(&field));
                if let (true, Some(Value::String(title))) = (is_amount, parts.get_mut("title")) {
                    *title = self.heading(title);
                }
                parts.iter_mut().for_each(|(_, part)| self.name_in(part));
            }
            _ => {}
        }
    }

    /// What they are in, in words.
    pub(crate) fn name(self) -> String {
        self.0.map_or_else(|| "the currency of the orders".to_owned(), |code| code.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Amounts;

    #[test]
    fn charts_name_the_currency_of_amounts_alone() {
        let spec = json!({"layer": [{"x": {"field": "from", "title": "spend"}, "y": {"field": "customers", "title": "customers"}}],
                          "tooltip": [{"field": "mean", "title": "mean"}, {"field": "level", "legend": null}]});
        let (mut euro, mut unknown) = (spec.clone(), spec.clone());
        Amounts("EUR".parse().ok()).name_in(&mut euro);
        Amounts(None).name_in(&mut unknown);
        assert_eq!(unknown, spec);
        assert_eq!(euro["layer"][0]["x"]["title"], "spend (EUR)");
        assert_eq!(euro["layer"][0]["y"]["title"], "customers");
        assert_eq!(
            euro["tooltip"],
            json!([{"field": "mean", "title": "mean (EUR)"}, {"field": "level", "legend": null}])
        );
    }

    #[test]
    fn the_currency_is_said_where_it_is_known() {
        let (euro, unknown) = (Amounts("EUR".parse().ok()), Amounts(None));
        assert_eq!((euro.written(1234.4), unknown.written(1234.4)), ("EUR 1,234".to_owned(), "1,234".to_owned()));
        assert_eq!((euro.heading("value"), unknown.heading("value")), ("value (EUR)".to_owned(), "value".to_owned()));
        assert_eq!((euro.title("Value"), unknown.title("Value")), ("Value, in EUR".to_owned(), "Value".to_owned()));
        assert_eq!((euro.name(), unknown.name()), ("EUR".to_owned(), "the currency of the orders".to_owned()));
    }
}
