//! Purchases period by period: what came and what was expected.

use serde_json::{Value, json};

use super::encoding::{COUNT, DECIMAL, number_line, quantity, series_colour, series_dash};
use crate::report::{Chart, DataCells, DataTable};

/// Days are text; the axis takes days, at midnight where the reader is.
const DAY: &str = "timeParse(datum.end_day, '%Y-%m-%d')";

/// Purchases of every week, or other period. Columns: `end_day` (its last day, `2026-01-31`), `series` (`actual` or `expected`),
/// `purchases`. The model learnt from what came up to `split`, if that is known.
pub fn tracking_by_period(data: &DataTable, period: &str, split: Option<&str>) -> Chart {
    let words = format!(
        "Repeat purchases in each {period}. The dashed line should run through the middle of the solid one, even after the dotted \
         line, where the model did not know the purchases."
    );
    Chart::new(data, &words, spec(data, period, &format!("purchases a {period}"), split))
}

/// Purchases up to the end of every period. Columns as those of [`tracking_by_period`].
pub fn tracking_cumulative(data: &DataTable, period: &str, split: Option<&str>) -> Chart {
    let words = format!(
        "All repeat purchases up to each {period}. The distance between the lines shows how far off the model is \
         by then."
    );
    Chart::new(data, &words, spec(data, period, &format!("purchases up to the {period}"), split))
}

fn spec(data: &DataTable, period: &str, title: &str, split: Option<&str>) -> Value {
    let ending = format!("{period} ending");
    let mut layers = vec![lines(title), periods(&ending)];
    layers.extend(split.into_iter().flat_map(|split| start_of_forecast(data, split)));
    json!({
        "width": "container",
        "height": 280,
        "transform": [{"calculate": DAY, "as": "end"}],
        "encoding": {"x": {
            "field": "end",
            "type": "temporal",
            "title": ending,
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

/// One invisible line a period, for the pointer to find.
fn periods(ending: &str) -> Value {
    json!({
        "transform": [{"pivot": "series", "value": "purchases", "groupby": ["end"]}],
        "mark": {"type": "rule", "strokeWidth": 9, "color": "var(--rule)", "aria": false},
        "params": [{"name": "at", "select": {"type": "point", "on": "pointerover", "clear": "pointerout"}}],
        "encoding": {
            "opacity": {"condition": {"param": "at", "empty": false, "value": 0.5}, "value": 0},
            "tooltip": [
                {"field": "end", "type": "temporal", "title": ending, "format": "%-d %B %Y"},
                number_line("actual", "actual", COUNT),
                number_line("expected", "expected", DECIMAL),
            ],
        },
    })
}

fn start_of_forecast(data: &DataTable, split: &str) -> [Value; 2] {
    let right = share_before(data, split) < 0.6;
    let data = json!({"values": [{"end_day": split}]});
    let transform = json!([{"calculate": DAY, "as": "end"}]);
    let tooltip = json!([{"field": "end", "type": "temporal", "title": "the forecast starts", "format": "%-d %B %Y"}]);
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
            "type": "text", "text": "forecast starts", "baseline": "bottom", "y": 10,
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
    let Some(DataCells::Text(weeks)) = data.column("end_day") else { return 0.0 };
    // Dates in this form are in the order of their letters.
    let before = weeks.iter().filter(|week| week.as_str() <= split).count();
    before as f64 / weeks.len().max(1) as f64
}
