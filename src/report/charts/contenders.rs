//! Models and simple rules side by side.

use serde_json::json;

use super::encoding::{SHORT, number_line, panels, quantity, text_line};
use crate::report::{Chart, DataTable};

/// Errors of models and simple rules, one panel a measure. Columns: `name` (text), `kind` (`model` or `rule of thumb`),
/// `measure` (text), `error`.
pub fn contender_errors(data: &DataTable) -> Chart {
    let mut error = quantity("error", "", SHORT);
    error["title"] = json!(null);
    error["scale"] = json!({"zero": true});
    let panel = json!({
        "width": 300,
        "height": {"step": 26},
        "mark": {"type": "point", "size": 110},
        "encoding": {
            "x": error,
            "y": {
                "field": "name",
                "type": "nominal",
                "title": null,
                "sort": {"field": "error", "order": "ascending"},
                "axis": {"grid": true},
            },
            "color": kind(json!(["var(--cat-1)", "var(--cat-2)"])),
            "shape": kind(json!(["circle", "diamond"])),
            "tooltip": [
                text_line("name", "name"),
                text_line("kind", "kind"),
                text_line("measure", "measure"),
                number_line("error", "error", SHORT),
            ],
        },
    });
    let words =
        "Each row is a model or a rule of thumb, the best at the top: the further to the left, the smaller the error.";
    Chart::new(data, words, panels(data, "measure", true, panel))
}

fn kind(range: serde_json::Value) -> serde_json::Value {
    json!({
        "field": "kind", "type": "nominal", "legend": {"title": null, "offset": 8},
        "scale": {"domain": ["model", "rule of thumb"], "range": range},
    })
}
