//! Later purchases by what was known before.

use serde_json::{Value, json};

use super::encoding::{DASH, SHORT, labels, only, quantity, said, series_colour, told};
use crate::report::{Chart, DataTable};

/// Purchases of a customer in the holdout by repeat purchases before it. Columns: `frequency` (`0`, `1`, ... `7+`),
/// `series` (`actual` or `expected`), `purchases` (a customer's, on average), `customers`.
pub fn conditional_by_frequency(data: &DataTable) -> Chart {
    let words = "Customers are grouped by how often they had purchased when the calibration ended. The lines are \
                 what each group purchased afterwards, a customer, and what the model expected.";
    Chart::new(data, words, spec("frequency", "repeat purchases in the calibration"))
}

/// Purchases of a customer in the holdout by when the last one before it was. Columns: `recency` (a label, in the
/// order of the data), and those of [`conditional_by_frequency`].
pub fn conditional_by_recency(data: &DataTable) -> Chart {
    let words = "Customers are grouped by when they had last purchased when the calibration ended. The lines are \
                 what each group purchased afterwards, a customer, and what the model expected.";
    Chart::new(data, words, spec("recency", "last purchase in the calibration (recency)"))
}

fn spec(by: &str, title: &str) -> Value {
    json!({
        "width": "container",
        "height": 280,
        "encoding": {
            "x": labels(by, title),
            "y": quantity("purchases", "purchases a customer in the holdout", SHORT),
            "color": series_colour(),
        },
        "layer": [
            {"transform": only("actual"), "mark": "line"},
            {"transform": only("expected"), "mark": {"type": "line", "strokeDash": DASH}},
            {
                "mark": {"type": "point", "size": 70},
                "encoding": {"tooltip": [
                    said(by, title),
                    said("series", "series"),
                    told("purchases", "purchases a customer", SHORT),
                    told("customers", "customers", ",.0f"),
                ]},
            },
        ],
    })
}
