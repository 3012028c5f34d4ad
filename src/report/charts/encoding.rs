//! What the charts have in common: axes, colours, tooltips.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::report::page::visible::visible;
use crate::report::{DataCells, DataTable};

/// Counts, with commas.
pub(super) const COUNT: &str = ",.0f";
/// Numbers with a decimal.
pub(super) const DECIMAL: &str = ",.1f";
/// Three significant digits, without needless zeros.
pub(super) const SHORT: &str = ",.3~r";
/// Shares, in whole percents.
pub(super) const PERCENT: &str = ".0%";
/// Shares, with a decimal.
pub(super) const FINE_PERCENT: &str = ".1%";
/// How the expected is dashed.
pub(super) const DASH: [u8; 2] = [5, 3];
/// The shades of a map in the style sheet, `--seq-0` to `--seq-9`.
pub(super) const SHADES: usize = 10;

/// A quantity along an axis.
pub(super) fn quantity(field: &str, title: &str, format: &str) -> Value {
    json!({"field": field, "type": "quantitative", "title": title, "axis": {"format": format}})
}

/// Labels along an axis, in the order of the data.
pub(super) fn labels(field: &str, title: &str) -> Value {
    json!({"field": field, "type": "ordinal", "title": title, "sort": null, "axis": {"labelAngle": 0}})
}

/// A line of a tooltip: a text.
pub(super) fn text_line(field: &str, title: &str) -> Value {
    json!({"field": field, "type": "nominal", "title": title})
}

/// A line of a tooltip: a number.
pub(super) fn number_line(field: &str, title: &str, format: &str) -> Value {
    json!({"field": field, "type": "quantitative", "title": title, "format": format})
}

/// What came, and what the model expects.
pub(super) fn series_colour() -> Value {
    json!({
        "field": "series",
        "type": "nominal",
        "scale": {"domain": ["actual", "expected"], "range": ["var(--actual)", "var(--expected)"]},
        "legend": {"title": null},
    })
}

/// The expected is dashed, for those who do not see the colours.
pub(super) fn series_dash() -> Value {
    json!({
        "field": "series",
        "type": "nominal",
        "scale": {"domain": ["actual", "expected"], "range": [[1, 0], DASH]},
        "legend": {"title": null},
    })
}

/// The rows of a series.
pub(super) fn only(series: &str) -> Value {
    json!([{"filter": format!("datum.series === '{series}'")}])
}

/// Names without an order of their own.
pub(super) fn categories(field: &str) -> Value {
    let colours: Vec<String> = (1..=6).map(|i| format!("var(--cat-{i})")).collect();
    json!({"field": field, "type": "nominal", "scale": {"range": colours}, "legend": {"title": null}})
}

/// So many shades of the map, from the lightest to the strongest.
pub(super) fn shades(number: usize) -> Vec<String> {
    let place = |i: usize| (i * (SHADES - 1) + (number - 1) / 2) / (number - 1).max(1);
    (0..number).map(|i| format!("var(--seq-{})", place(i).min(SHADES - 1))).collect()
}

/// The colours of shares from 0 to this one, in so many steps.
pub(super) fn share_colour(field: &str, title: &str, most: f64, steps: usize) -> Value {
    json!({
        "field": field,
        "type": "quantitative",
        "scale": {"type": "quantize", "domain": [0, most], "range": shades(steps)},
        "legend": {"title": title, "format": ".0%"},
    })
}

/// A dotted line against which others are read.
pub(super) fn reference(name: &str) -> Value {
    json!({"type": "line", "color": "var(--muted)", "strokeDash": [2, 4], "strokeWidth": 1.5, "tooltip": name})
}

/// A mark that is seen only under the pointer, where it shows the tooltip of its place.
pub(super) fn pointed_at(mark: &str) -> Value {
    json!({
        "mark": {"type": mark, "strokeWidth": 10, "size": 120, "color": "var(--rule)", "aria": false},
        "params": [{"name": "at", "select": {"type": "point", "on": "pointerover", "clear": "pointerout"}}],
        "encoding": {"opacity": {"condition": {"param": "at", "empty": false, "value": 0.5}, "value": 0}},
    })
}

/// The parameter by which the page chooses the horizon, and the filter by it.
pub(super) fn horizon_filter(data: &DataTable, spec: &mut Value) {
    let Some(DataCells::Text(horizons)) = data.column("horizon") else { return };
    spec["params"] = json!([{"name": "horizon", "value": horizons.first()}]);
    spec["transform"] = json!([{"filter": "datum.horizon === horizon"}]);
}

/// The texts of a column, each once, as they come.
pub(super) fn distinct(data: &DataTable, name: &str) -> Vec<String> {
    let Some(DataCells::Text(cells)) = data.column(name) else { return Vec::new() };
    let mut seen = BTreeSet::new();
    cells.iter().map(|text| visible(text)).filter(|text| seen.insert(text.clone())).collect()
}

/// One panel for each text of a column, in the order of the data; with names along the vertical axis, or numbers.
pub(super) fn panels(data: &DataTable, by: &str, names: bool, panel: Value) -> Value {
    let panels = distinct(data, by);
    // At most; the page puts fewer beside each other where there is less room.
    let columns = if panels.len().is_multiple_of(3) { 3 } else { 2 };
    json!({
        "usermeta": {"columns": columns, "names": names},
        "columns": columns,
        "facet": {"field": by, "type": "nominal", "title": null, "sort": panels},
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "spec": panel,
    })
}

/// The numbers of a column that are known.
pub(super) fn numbers_of<'a>(data: &'a DataTable, name: &str) -> impl Iterator<Item = f64> + 'a {
    let cells: &[Option<f64>] = match data.column(name) {
        Some(DataCells::Real(cells)) => cells,
        _ => &[],
    };
    cells.iter().copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::shades;

    #[test]
    fn shades_span_the_whole_range() {
        for number in 1..=10 {
            let shades = shades(number);
            assert_eq!(shades.len(), number);
            assert_eq!(shades[0], "var(--seq-0)");
            assert!(number == 1 || shades[number - 1] == "var(--seq-9)");
            assert!(shades.windows(2).all(|pair| pair[0] < pair[1]), "{shades:?}");
        }
    }
}
