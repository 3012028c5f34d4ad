//! What purchases are worth.

use serde_json::json;

use super::encoding::{COUNT, DECIMAL, only, quantity, said, series_colour, told};
use crate::report::{Chart, DataTable};

/// Customers by mean spend. Columns: `from`, `to` (the spend between which they are), `series` (`actual` or
/// `expected`), `customers`.
pub fn spend_distribution(data: &DataTable) -> Chart {
    let told = json!([
        told("from", "spend from", ",.2~f"),
        told("to", "to", ",.2~f"),
        said("series", "series"),
        told("customers", "customers", DECIMAL),
    ]);
    let spec = json!({
        "width": "container",
        "height": 280,
        "transform": [{"calculate": "(datum.from + datum.to) / 2", "as": "middle"}],
        "encoding": {"y": quantity("customers", "customers", COUNT), "color": series_colour(), "tooltip": told},
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
