//! Models and simple rules side by side.

use serde_json::json;

use super::encoding::{SHORT, quantity, said, told};
use crate::report::{Chart, DataTable};

/// Errors of models and simple rules, one panel a measure. Columns: `name` (text), `kind` (`model` or `baseline`), `measure`
/// (text), `error`.
pub fn contender_errors(data: &DataTable) -> Chart {
    let mut error = quantity("error", "", SHORT);
    error["title"] = json!(null);
    error["scale"] = json!({"zero": true});
    let spec = json!({
        "usermeta": {"columns": 2},
        "facet": {"field": "measure", "type": "nominal", "title": null, "sort": null},
        "columns": 2,
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "spec": {
            "width": 300,
            "height": {"step": 26},
            "encoding": {
                "x": error,
                "y": {"field": "name", "type": "nominal", "title": null, "sort": {"field": "error", "order": "ascending"}},
                "color": kind(json!(["var(--cat-1)", "var(--cat-2)"])),
                "tooltip": [
                    said("name", "name"),
                    said("kind", "kind"),
                    said("measure", "measure"),
                    told("error", "error", SHORT),
                ],
            },
            "layer": [
                {"mark": {"type": "bar", "height": 2}},
                {"mark": {"type": "point", "size": 110}, "encoding": {"shape": kind(json!(["circle", "diamond"]))}},
            ],
        },
    });
    let words = "Each row is a model or a simple rule, the best at the top: the shorter, the smaller the error.";
    Chart::new(data, words, spec)
}

fn kind(range: serde_json::Value) -> serde_json::Value {
    json!({
        "field": "kind", "type": "nominal", "legend": {"title": null},
        "scale": {"domain": ["model", "baseline"], "range": range},
    })
}
