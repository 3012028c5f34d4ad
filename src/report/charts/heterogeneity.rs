//! How customers differ.

use serde_json::json;

use super::encoding::{SHORT, number_line, panels, pointed_at, quantity, text_line};
use crate::report::{Chart, DataTable};

/// Densities of what differs between customers, one panel a parameter. Columns: `parameter` (text), `at`, `density`.
pub fn heterogeneity(data: &DataTable) -> Chart {
    let mut places = pointed_at("rule");
    places["encoding"]["tooltip"] =
        json!([text_line("parameter", "of"), number_line("at", "at", SHORT), number_line("density", "density", SHORT)]);
    let mut at = quantity("at", "", SHORT);
    at["title"] = json!(null);
    at["axis"]["grid"] = json!(false);
    let area = json!({
        "mark": {"type": "area", "color": "var(--expected)", "opacity": 0.35, "line": {"color": "var(--expected)"}},
        "encoding": {"y": quantity("density", "density", SHORT)},
    });
    let panel = json!({"width": 300, "height": 190, "encoding": {"x": at}, "layer": [area, places]});
    let words = "Where an area is high, there are many customers. A wide area means that customers differ a lot; one that leans to \
                 the left, that most have little of it.";
    Chart::new(data, words, panels(data, "parameter", false, panel))
}
