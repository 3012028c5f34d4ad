//! How many customers purchase how often.

use serde_json::json;

use super::encoding::{COUNT, DECIMAL, labels, number_line, quantity, series_colour, text_line};
use crate::report::{Chart, DataTable};

/// Customers by repeat purchases. Columns: `purchases` (`0`, `1`, ... `7+`), `series` (`actual` or `expected`),
/// `customers`.
pub fn frequency_histogram(data: &DataTable) -> Chart {
    let spec = json!({
        "width": "container",
        "height": 280,
        "mark": "bar",
        "encoding": {
            "x": labels("purchases", "repeat purchases"),
            "xOffset": {"field": "series", "sort": ["actual", "expected"]},
            "y": quantity("customers", "customers", COUNT),
            "color": series_colour(),
            "tooltip": [
                text_line("purchases", "repeat purchases"),
                text_line("series", "series"),
                number_line("customers", "customers", DECIMAL),
            ],
        },
    });
    let words =
        "Each pair of bars shows the customers with so many repeat purchases. Where the model fits, both are as high.";
    Chart::new(data, words, spec)
}
