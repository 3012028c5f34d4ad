//! Cohorts by age.

use serde_json::json;

use super::encoding::{FINE_PERCENT, distinct, number_line, numbers_of, share_colour, text_line};
use crate::report::{Chart, DataCells, DataTable};

/// The share of every cohort that purchases at each age. Columns: `cohort` (text, in the order of the data), `age`
/// (whole), `retention`.
pub fn cohort_retention(data: &DataTable) -> Chart {
    let spec = json!({
        "width": "container",
        "height": 24 * distinct(data, "cohort").len(),
        "mark": {"type": "rect", "stroke": "var(--surface)", "strokeWidth": 1},
        "encoding": {
            "x": {
                "field": "age",
                "type": "ordinal",
                "title": "months after the first purchase",
                "axis": {"labelAngle": 0, "labelOverlap": true},
            },
            "y": {"field": "cohort", "type": "ordinal", "title": "cohort: first purchase", "sort": null},
            "color": share_colour("retention", "share that purchases", most(data), steps(most(data))),
            "tooltip": [
                text_line("cohort", "cohort"),
                number_line("age", "months after the first purchase", ",.0f"),
                number_line("retention", "share that purchases", FINE_PERCENT),
            ],
        },
    });
    let words = "Each row is a month's new customers; along it, the share of them who purchase in each month after. A row that \
                 fades faster than the one above is a cohort that stays less.";
    Chart::new(data, words, spec)
}

/// Shades of five percent, or of ten.
fn steps(most: f64) -> usize {
    (most / if most <= 0.5 { 0.05 } else { 0.1 }).round().clamp(1.0, 10.0) as usize
}

/// The highest share after the first period, in which everybody purchases; the colours are for the others.
fn most(data: &DataTable) -> f64 {
    let Some(DataCells::Whole(ages)) = data.column("age") else { return 1.0 };
    let Some(DataCells::Real(shares)) = data.column("retention") else { return 1.0 };
    let later = ages.iter().zip(shares).filter(|(age, _)| **age > 0).filter_map(|(_, share)| *share);
    let most = later.fold(0.0, f64::max);
    // In whole tenths.
    if most > 0.0 { (10.0 * most).ceil() / 10.0 } else { numbers_of(data, "retention").fold(1.0, f64::max) }
}
