//! What covariates do, as factors with intervals.

use serde_json::json;

use super::encoding::{SHORT, number_line, panels, quantity, text_line};
use crate::report::{Chart, DataTable};

/// Factors with their 95% intervals on a logarithmic axis, one panel a process. Columns: `process` (text), `column` (text), `factor`,
/// `low`, `high`, `sentence` (text).
pub fn factors(data: &DataTable) -> Chart {
    let mut factor = quantity("factor", "", SHORT);
    factor["title"] = json!(null);
    factor["scale"] = json!({"type": "log", "zero": false, "nice": false});
    let tooltip = json!([
        text_line("sentence", "in words"),
        number_line("factor", "factor", SHORT),
        number_line("low", "low (95%)", SHORT),
        number_line("high", "high (95%)", SHORT),
    ]);
    let panel = json!({
        "width": 300,
        "height": {"step": 26},
        "encoding": {
            "y": {"field": "column", "type": "nominal", "title": null, "sort": null, "axis": {"grid": true, "labelLimit": 140}},
        },
        "layer": [
            {"mark": {"type": "rule", "color": "var(--muted)", "strokeDash": [4, 3]}, "encoding": {"x": {"datum": 1.0}, "y": null}},
            {
                "mark": {"type": "rule", "color": "var(--expected)", "strokeWidth": 2},
                "encoding": {"x": {"field": "low", "type": "quantitative", "title": null}, "x2": {"field": "high"}, "tooltip": tooltip},
            },
            {
                "mark": {"type": "point", "color": "var(--expected)", "filled": true, "size": 80},
                "encoding": {"x": factor, "tooltip": tooltip},
            },
        ],
    });
    let words = "Each row is a column of a covariate. The point is how many times as often, as soon or as much customers with it purchase, \
                 leave or spend; the line its 95% interval. Lines that cross 1 may be no difference.";
    Chart::new(data, words, panels(data, "process", true, panel))
}
