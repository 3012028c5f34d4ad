//! Purchases week by week: what came and what was expected.

use serde_json::{Value, json};

use super::encoding::{COUNT, DECIMAL, quantity, series_colour, series_dash, told};
use crate::report::{Chart, DataCells, DataTable};

/// Weeks are text; the axis takes days, at midnight where the reader is.
const DAY: &str = "timeParse(datum.week, '%Y-%m-%d')";

/// Purchases of every week. Columns: `week` (its last day, `2026-01-31`), `series` (`actual` or `expected`),
/// `purchases`. The model learnt from what came up to `split`, if that is known.
pub fn tracking_weekly(data: &DataTable, split: Option<&str>) -> Chart {
    let words = "Purchases in each week. The dashed line should run through the middle of the solid one, also where \
                 the model did not know it.";
    Chart::new(data, words, spec(data, "purchases a week", split))
}

/// Purchases up to every week. Columns as those of [`tracking_weekly`].
pub fn tracking_cumulative(data: &DataTable, split: Option<&str>) -> Chart {
    let words = "All purchases up to each week. The distance between the lines is how far the model is off by then.";
    Chart::new(data, words, spec(data, "purchases up to the week", split))
}

fn spec(data: &DataTable, title: &str, split: Option<&str>) -> Value {
    let mut layers = vec![lines(title), weeks()];
    layers.extend(split.into_iter().flat_map(|split| end_of_calibration(data, split)));
    json!({
        "width": "container",
        "height": 280,
        "transform": [{"calculate": DAY, "as": "end"}],
        "encoding": {"x": {
            "field": "end",
            "type": "temporal",
            "title": "week ending",
            "axis": {"format": "%b %Y", "grid": false, "labelOverlap": true},
        }},
        "layer": layers,
    })
}

fn lines(title: &str) -> Value {
    json!({
        "mark": {"type": "line"},
        "encoding": {
            "y": quantity("purchases", title, COUNT),
            "color": series_colour(),
            "strokeDash": series_dash(),
        },
    })
}

/// One invisible line a week, for the pointer to find.
fn weeks() -> Value {
    json!({
        "transform": [{"pivot": "series", "value": "purchases", "groupby": ["end"]}],
        "mark": {"type": "rule", "strokeWidth": 9, "color": "var(--rule)", "aria": false},
        "params": [{"name": "at", "select": {"type": "point", "on": "pointerover", "clear": "pointerout"}}],
        "encoding": {
            "opacity": {"condition": {"param": "at", "empty": false, "value": 0.5}, "value": 0},
            "tooltip": [
                {"field": "end", "type": "temporal", "title": "week ending", "format": "%-d %B %Y"},
                told("actual", "actual", COUNT),
                told("expected", "expected", DECIMAL),
            ],
        },
    })
}

fn end_of_calibration(data: &DataTable, split: &str) -> [Value; 2] {
    let right = share_before(data, split) < 0.6;
    let data = json!({"values": [{"week": split}]});
    let transform = json!([{"calculate": DAY, "as": "end"}]);
    let tooltip = json!([{"field": "end", "type": "temporal", "title": "calibration ends", "format": "%-d %B %Y"}]);
    let rule = json!({
        "data": data,
        "transform": transform,
        "mark": {"type": "rule", "color": "var(--muted)", "strokeDash": [2, 3], "strokeWidth": 1.5},
        "encoding": {"tooltip": tooltip},
    });
    let label = json!({
        "data": data,
        "transform": transform,
        "mark": {
            "type": "text", "text": "calibration ends", "baseline": "bottom", "y": 10,
            "align": if right { "left" } else { "right" },
            "dx": if right { 6 } else { -6 },
            "color": "var(--muted)",
        },
        "encoding": {"tooltip": tooltip},
    });
    [rule, label]
}

/// How much of the weeks lies before the split; the label stands where there is more room.
fn share_before(data: &DataTable, split: &str) -> f64 {
    let Some(DataCells::Text(weeks)) = data.column("week") else { return 0.0 };
    // Dates in this form are in the order of their letters.
    let before = weeks.iter().filter(|week| week.as_str() <= split).count();
    before as f64 / weeks.len().max(1) as f64
}
