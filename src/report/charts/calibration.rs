//! Whether predictions hold what they say.

use serde_json::{Value, json};

use super::encoding::{
    DASH, FINE_PERCENT, PERCENT, SHORT, categories, labels, number_line, only, quantity, reference, series_colour,
    text_line,
};
use crate::report::{Chart, DataTable};

/// Means by tenths of the prediction. Columns: `decile` (1 is the highest tenth), `series` (`actual` or `expected`),
/// `mean`.
pub fn decile_calibration(data: &DataTable) -> Chart {
    let tooltip = json!([
        number_line("decile", "tenth", ",.0f"),
        text_line("series", "series"),
        number_line("mean", "mean", SHORT)
    ]);
    let spec = json!({
        "width": "container",
        "height": 280,
        "encoding": {
            "x": labels("decile", "tenth of the customers, by prediction"),
            "y": quantity("mean", "per customer", SHORT),
            "color": series_colour(),
            "tooltip": tooltip,
        },
        "layer": [
            {"transform": only("actual"), "mark": "bar"},
            {
                "transform": only("expected"),
                "mark": {"type": "line", "point": {"size": 60}, "strokeDash": DASH},
            },
        ],
    });
    let words = "Customers are sorted by their predictions, the highest first, and divided into ten equal groups. The points \
                 should sit on the tops of the bars.";
    Chart::new(data, words, spec)
}

/// How many customers are within their intervals. Columns: `interval` (0.8 for 80%), `what` (`purchases` or `value`),
/// `expected` (the share that should be within), `covered` (the share that is).
pub fn interval_coverage(data: &DataTable) -> Chart {
    let colour = categories("what");
    let spec = json!({
        "width": "container",
        "height": 300,
        "encoding": {
            "x": share("expected", "share that should be inside"),
            "y": share("covered", "share that is inside"),
        },
        "layer": [
            {
                "data": {"values": [{"expected": 0, "covered": 0}, {"expected": 1, "covered": 1}]},
                "mark": reference("exact"),
            },
            {
                "mark": {"type": "point", "size": 110},
                "encoding": {
                    "color": colour,
                    "shape": {"field": "what", "type": "nominal", "legend": {"title": null}},
                    "tooltip": [
                        text_line("what", "of"),
                        number_line("interval", "interval", PERCENT),
                        number_line("expected", "should be inside", FINE_PERCENT),
                        number_line("covered", "is inside", FINE_PERCENT),
                    ],
                },
            },
        ],
    });
    let words = "Each point is an interval computed for every customer. On the dotted line it contains as many customers as it \
                 should; below the line, fewer: the model is too confident.";
    Chart::new(data, words, spec)
}

fn share(field: &str, title: &str) -> Value {
    let mut share = quantity(field, title, PERCENT);
    share["scale"] = json!({"domain": [0, 1]});
    share
}
