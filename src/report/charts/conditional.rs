//! Later purchases by what was known before.

use serde_json::{Value, json};

use super::encoding::{DASH, SHORT, labels, number_line, only, quantity, series_colour, text_line};
use crate::report::{Chart, DataTable};

/// Purchases of a customer in the holdout by repeat purchases before it. Columns: `frequency` (`0`, `1`, ... `7+`),
/// `series` (`actual` or `expected`), `purchases` (a customer's, on average), `customers`.
pub fn conditional_by_frequency(data: &DataTable) -> Chart {
    let words = "Customers are grouped by how often they had come back when the forecast started. The lines are what each group \
                 purchased afterwards, per customer, and what the model expected.";
    Chart::new(data, words, spec("frequency", "repeat purchases before"))
}

/// Purchases of a customer in the holdout by the time since the last one before it. Columns: `silence` (a label, in the
/// order of the data; in this unit), and those of [`conditional_by_frequency`].
pub fn conditional_by_silence(data: &DataTable, unit: &str) -> Chart {
    let words = "Customers are grouped by how long they had been silent when the forecast started. The lines are what each group \
                 purchased afterwards, per customer, and what the model expected.";
    Chart::new(data, words, spec("silence", &format!("{unit}s since the last purchase")))
}

fn spec(by: &str, title: &str) -> Value {
    json!({
        "width": "container",
        "height": 280,
        "encoding": {
            "x": labels(by, title),
            "y": quantity("purchases", "purchases per customer", SHORT),
            "color": series_colour(),
        },
        "layer": [
            {"transform": only("actual"), "mark": "line"},
            {"transform": only("expected"), "mark": {"type": "line", "strokeDash": DASH}},
            {
                "mark": {"type": "point", "size": 70},
                "encoding": {"tooltip": [
                    text_line(by, title),
                    text_line("series", "series"),
                    number_line("purchases", "purchases per customer", SHORT),
                    number_line("customers", "customers", ",.0f"),
                ]},
            },
        ],
    })
}
