//! Maps over what a customer has done: how often (frequency) and until when (recency).

use serde_json::{Value, json};

use super::encoding::{
    COUNT, FINE_PERCENT, SHADES, SHORT, horizon_filter, number_line, numbers_of, shades, share_colour, text_line,
};
use crate::report::{Chart, DataTable};

/// Probability to be alive. Columns: `frequency` (whole), `recency`, `recency_from`, `recency_to` (the width of the
/// cell), `p_alive`. Recency is in this unit.
pub fn alive_map(data: &DataTable, unit: &str) -> Chart {
    let colour = share_colour("p_alive", "probability of still being a customer", 1.0, SHADES);
    let words = "Each cell is a kind of customer, as old as the oldest: further right, the last purchase is more recent; further \
                 up, customers came back more often. The stronger the colour, the more likely they are still \
                 customers. Customers who never came back are not shown.";
    Chart::new(
        data,
        words,
        map(colour, unit, vec![number_line("p_alive", "probability of still being a customer", FINE_PERCENT)]),
    )
}

/// Expected purchases over a horizon. Columns: those of [`alive_map`], but `horizon` (text) and `purchases` for
/// `p_alive`.
pub fn purchases_map(data: &DataTable, unit: &str) -> Chart {
    let steps = steps(numbers_of(data, "purchases").fold(0.0, f64::max));
    let classes = classes(&steps);
    let colour = json!({
        "field": "class",
        "type": "ordinal",
        "scale": {"domain": classes, "range": shades(classes.len())},
        "legend": {
            "title": "expected purchases",
            "symbolType": "square",
            "columns": {"expr": "width < 480 ? 3 : width < 840 ? 5 : 9"},
        },
    });
    let words = "Each cell is a kind of customer, as old as the oldest: further right, the last purchase is more recent; further \
                 up, customers came back more often. The stronger the colour, the more purchases are expected \
                 of each of them. Customers who never came back are not shown.";
    let mut spec =
        map(colour, unit, vec![number_line("purchases", "expected purchases", SHORT), text_line("horizon", "over")]);
    horizon_filter(data, &mut spec);
    if let Some(transforms) = spec["transform"].as_array_mut() {
        transforms.push(json!({"calculate": class_of(&steps, &classes), "as": "class"}));
    }
    Chart::new(data, words, spec)
}

fn map(colour: Value, unit: &str, told_too: Vec<Value>) -> Value {
    let mut tooltip = vec![
        number_line("frequency", "repeat purchases", COUNT),
        number_line("recency", &format!("last purchase, {unit}s after the first"), ",.1~f"),
    ];
    tooltip.extend(told_too);
    json!({
        "width": "container",
        "height": 340,
        "mark": {"type": "rect", "stroke": "var(--surface)", "strokeWidth": 0.5},
        "encoding": {
            "x": {
                "field": "recency_from",
                "type": "quantitative",
                "title": format!("last purchase: {unit}s after the first"),
                "scale": {"nice": false, "zero": false},
                "axis": {"grid": false},
            },
            "x2": {"field": "recency_to"},
            "y": {
                "field": "frequency",
                "type": "ordinal",
                "title": "repeat purchases",
                "sort": "descending",
                "axis": {"labelOverlap": true, "grid": false},
            },
            "color": colour,
            "tooltip": tooltip,
        },
    })
}

/// Names of what lies below, between and above the steps.
fn classes(steps: &[f64]) -> Vec<String> {
    let between = steps.windows(2).map(|pair| format!("{}–{}", pair[0], pair[1]));
    let (first, last) = (steps.first().copied().unwrap_or(0.0), steps.last().copied().unwrap_or(0.0));
    let ends = (format!("under {first}"), format!("{last} and more"));
    std::iter::once(ends.0).chain(between).chain([ends.1]).collect()
}

/// The expression that says to which class a cell belongs.
fn class_of(steps: &[f64], classes: &[String]) -> String {
    let last = format!("'{}'", classes[steps.len()]);
    let nested = |rest, (step, class): (&f64, &String)| format!("datum.purchases < {step} ? '{class}' : {rest}");
    steps.iter().zip(classes).rev().fold(last, nested)
}

/// Where the colours change: 1, 2, 5, 10 and so on, up to the most there is; eight at most.
fn steps(most: f64) -> Vec<f64> {
    let numbers = (-12..=12).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power)));
    let below: Vec<f64> = numbers.take_while(|&number| number < most).map(super::chart::rounded).collect();
    match below.len() {
        0 => vec![1.0],
        found => below[found.saturating_sub(8)..].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn steps_end_below_the_most() {
        assert_eq!(steps(13.0), [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]);
        assert_eq!(steps(0.0), [1.0]);
    }

    #[test]
    fn every_class_has_a_name() {
        let classes = super::classes(&[0.5, 1.0]);
        assert_eq!(classes, ["under 0.5", "0.5–1", "1 and more"]);
        let expression = "datum.purchases < 0.5 ? 'under 0.5' : datum.purchases < 1 ? '0.5–1' : '1 and more'";
        assert_eq!(super::class_of(&[0.5, 1.0], &classes), expression);
    }
}
