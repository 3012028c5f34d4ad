//! How many customers purchase how often.

use serde_json::json;

use super::encoding::{COUNT, DECIMAL, labels, quantity, said, series_colour, told};
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
                said("purchases", "repeat purchases"),
                said("series", "series"),
                told("customers", "customers", DECIMAL),
            ],
        },
    });
    let words =
        "Each pair of bars shows the customers with so many repeat purchases. Where the model fits, both are as high.";
    Chart::new(data, words, spec)
}
