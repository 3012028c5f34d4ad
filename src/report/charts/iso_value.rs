//! Lines of equal value.

use serde_json::{Value, json};

use super::chart::rounded;
use super::encoding::{COUNT, SHADES, horizon_filter, number_line, numbers_of, text_line};
use crate::report::{Chart, DataTable};

/// Kinds of customers that are worth the same. Columns: `level` (their value), `frequency` (whole), `recency` (at
/// which this frequency has this value, in this unit), `horizon` (text).
pub fn iso_value(data: &DataTable, unit: &str) -> Chart {
    let words = "Customers as old as the oldest, who spend as much as the average one: all customers on a line are worth the same \
                 amount, which is written at its end. Where a line bends back to the right, of two customers with the same last \
                 purchase the one who came more often is worth less, being more likely to have left.";
    Chart::new(data, words, spec(data, unit))
}

fn spec(data: &DataTable, unit: &str) -> Value {
    let mut spec = json!({
        "width": "container",
        "height": 340,
        "encoding": {
            "x": {
                "field": "recency",
                "type": "quantitative",
                "title": format!("last purchase: {unit}s after the first"),
                "scale": {"zero": false},
            },
            "y": {
                "field": "frequency",
                "type": "quantitative",
                "title": "repeat purchases",
                // Above the values at the ends of the lines.
                "axis": {"titleY": -28},
            },
            "color": colour(data),
        },
        "layer": [lines(), points(), names()],
    });
    horizon_filter(data, &mut spec);
    spec
}

fn colour(data: &DataTable) -> Value {
    let mut levels: Vec<f64> = numbers_of(data, "level").map(rounded).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let colours = strong(levels.len());
    json!({"field": "level", "type": "ordinal", "scale": {"domain": levels, "range": colours}, "legend": null})
}

/// The stronger half of the shades: the others are for areas, and a line in them would not be seen.
fn strong(levels: usize) -> Vec<String> {
    let half = SHADES / 2;
    let place = |i: usize| half + (i * (half - 1)).checked_div(levels.saturating_sub(1)).unwrap_or(half - 1);
    (0..levels).map(|i| format!("var(--seq-{})", place(i))).collect()
}

fn lines() -> Value {
    json!({"mark": "line", "encoding": {"order": {"field": "frequency", "type": "quantitative"}}})
}

fn points() -> Value {
    json!({
        "mark": {"type": "point", "size": 26},
        "encoding": {"tooltip": [
            number_line("level", "value", ",.2~f"),
            number_line("frequency", "repeat purchases", COUNT),
            number_line("recency", "last purchase", ",.1~f"),
            text_line("horizon", "over"),
        ]},
    })
}

/// The value at the upper end of each line.
fn names() -> Value {
    json!({
        "transform": [
            {"joinaggregate": [{"op": "max", "field": "frequency", "as": "top"}], "groupby": ["level"]},
            {"filter": "datum.frequency === datum.top"},
        ],
        "mark": {"type": "text", "dy": -11, "color": "var(--ink)"},
        "encoding": {
            "text": {"field": "level", "type": "quantitative", "format": ",.2~f"},
            "color": {"value": "var(--ink)"},
        },
    })
}
