//! Purchases week by week: what came and what was expected.

use serde_json::{Value, json};

use super::encoding::{COUNT, DECIMAL, quantity, series_colour, series_dash, told};
use crate::report::{Chart, DataTable};

const DAY: &str = "date:'%Y-%m-%d'";

/// Purchases of every week. Columns: `week` (its last day, `2026-01-31`), `series` (`actual` or `expected`), `purchases`. The
/// model learnt from what came up to `split`, if that is known.
pub fn tracking_weekly(data: &DataTable, split: Option<&str>) -> Chart {
    let words = "Every point is a week. The dashed line should run through the middle of the solid one, also where the model did \
                 not know it.";
    Chart::new(data, words, spec("purchases a week", split))
}

/// Purchases up to every week. Columns as those of [`tracking_weekly`].
pub fn tracking_cumulative(data: &DataTable, split: Option<&str>) -> Chart {
    let words = "All purchases up to each week. The distance between the lines is how far the model is off by then.";
    Chart::new(data, words, spec("purchases up to the week", split))
}

fn spec(title: &str, split: Option<&str>) -> Value {
    let mut layers = vec![lines(title), weeks()];
    layers.extend(split.into_iter().flat_map(end_of_calibration));
    json!({
        "width": "container",
        "height": 280,
        "data": {"name": "table", "format": {"parse": {"week": DAY}}},
        "encoding": {"x": {
            "field": "week",
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
        "transform": [{"pivot": "series", "value": "purchases", "groupby": ["week"]}],
        "mark": {"type": "rule", "strokeWidth": 9, "color": "var(--rule)", "aria": false},
        "params": [{"name": "at", "select": {"type": "point", "on": "pointerover", "clear": "pointerout"}}],
        "encoding": {
            "opacity": {"condition": {"param": "at", "empty": false, "value": 0.5}, "value": 0},
            "tooltip": [
                {"field": "week", "type": "temporal", "title": "week ending", "format": "%-d %B %Y"},
                told("actual", "actual", COUNT),
                told("expected", "expected", DECIMAL),
            ],
        },
    })
}

fn end_of_calibration(split: &str) -> [Value; 2] {
    let data = json!({"values": [{"week": split}], "format": {"parse": {"week": DAY}}});
    let tooltip = json!([{"field": "week", "type": "temporal", "title": "calibration ends", "format": "%-d %B %Y"}]);
    let rule = json!({
        "data": data,
        "mark": {"type": "rule", "color": "var(--muted)", "strokeDash": [2, 3], "strokeWidth": 1.5},
        "encoding": {"tooltip": tooltip},
    });
    let label = json!({
        "data": data,
        "mark": {
            "type": "text", "text": "calibration ends", "align": "right", "baseline": "bottom", "dx": -6, "y": 10,
            "color": "var(--muted)",
        },
        "encoding": {"tooltip": tooltip},
    });
    [rule, label]
}
