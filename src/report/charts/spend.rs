//! What purchases are worth.

use serde_json::json;

use super::encoding::{COUNT, DECIMAL, number_line, only, quantity, series_colour, text_line};
use crate::report::{Chart, DataTable};

/// Customers by mean spend. Columns: `from`, `to` (the spend between which they are), `series` (`actual` or
/// `expected`), `customers`.
pub fn spend_distribution(data: &DataTable) -> Chart {
    let number_line = json!([
        number_line("from", "spend from", ",.2~f"),
        number_line("to", "to", ",.2~f"),
        text_line("series", "series"),
        number_line("customers", "customers", DECIMAL),
    ]);
    let spec = json!({
        "width": "container",
        "height": 280,
        "transform": [{"calculate": "(datum.from + datum.to) / 2", "as": "middle"}],
        "encoding": {"y": quantity("customers", "customers", COUNT), "color": series_colour(), "tooltip": number_line},
        "layer": [
            {
                "transform": only("actual"),
                "mark": {"type": "bar", "stroke": "var(--surface)", "strokeWidth": 1},
                "encoding": {"x": from(), "x2": {"field": "to"}},
            },
            {
                "transform": only("expected"),
                "mark": {"type": "line", "point": {"size": 30}, "interpolate": "monotone"},
                "encoding": {"x": {"field": "middle", "type": "quantitative", "title": SPEND}},
            },
        ],
    });
    let words =
        "Bars are customers by what their repeat purchases were worth on average; the line is what the model expects.";
    Chart::new(data, words, spec)
}

const SPEND: &str = "mean spend a purchase";

fn from() -> serde_json::Value {
    json!({
        "field": "from", "type": "quantitative", "bin": "binned", "title": SPEND, "scale": {"nice": false},
        "axis": {"format": ",.2~f", "grid": false},
    })
}
