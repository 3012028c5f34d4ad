//! How value is spread over customers.

use serde_json::{Value, json};

use super::encoding::{
    FINE_PERCENT, PERCENT, categories, number_line, pointed_at, quantity, reference, series_colour, text_line,
};
use crate::report::{Chart, DataCells, DataTable};

/// Lorenz curves. Columns: `series` (text), `share_of_customers`, `share_of_value`, both from 0 to 1.
pub fn lorenz(data: &DataTable) -> Chart {
    let mut points = pointed_at("point");
    points["encoding"]["tooltip"] = json!([
        text_line("series", "series"),
        number_line("share_of_customers", "share of customers", FINE_PERCENT),
        number_line("share_of_value", "share of value", FINE_PERCENT),
    ]);
    let spec = json!({
        "width": "container",
        "height": 320,
        "encoding": {
            "x": share("share_of_customers", "share of customers, the least valuable first"),
            "y": share("share_of_value", "share of value"),
        },
        "layer": [equality(), {"mark": "line", "encoding": {"color": colour(data)}}, points],
    });
    let words =
        "The further a curve hangs below the dotted line of equality, the more of the value comes from few customers.";
    Chart::new(data, words, spec)
}

fn share(field: &str, title: &str) -> Value {
    let mut share = quantity(field, title, PERCENT);
    share["scale"] = json!({"domain": [0, 1]});
    share
}

fn equality() -> Value {
    let ends = [0, 1].map(|end| json!({"share_of_customers": end, "share_of_value": end}));
    json!({
        "data": {"values": ends},
        "mark": reference("equality"),
    })
}

fn colour(data: &DataTable) -> Value {
    match data.column("series") {
        Some(DataCells::Text(series)) if series.iter().all(|name| name == "actual" || name == "expected") => {
            series_colour()
        }
        _ => categories("series"),
    }
}
