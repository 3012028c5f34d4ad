//! Maps over what a customer has done: how often (frequency) and until when (recency).

use serde_json::{Value, json};

use super::encoding::{COUNT, FINE_PERCENT, SHORT, horizon_filter, known, said, shades, share_colour, told};
use crate::report::{Chart, DataTable};

/// Probability to be alive. Columns: `frequency` (whole), `recency`, `recency_from`, `recency_to` (the width of the cell),
/// `p_alive`.
pub fn alive_map(data: &DataTable) -> Chart {
    let colour = share_colour("p_alive", "probability to be alive", 1.0);
    let words = "Each cell is a kind of customer: to the right those whose last purchase is recent, to the top those who purchased \
                 often. The stronger the colour, the likelier they are still customers.";
    Chart::new(data, words, map(colour, vec![told("p_alive", "probability to be alive", FINE_PERCENT)]))
}

/// Expected purchases over a horizon. Columns: those of [`alive_map`], but `horizon` (text) and `purchases` for `p_alive`.
pub fn purchases_map(data: &DataTable) -> Chart {
    let steps = steps(known(data, "purchases").fold(0.0, f64::max));
    let colour = json!({
        "field": "purchases",
        "type": "quantitative",
        "scale": {"type": "threshold", "domain": steps, "range": shades(steps.len() + 1)},
        "legend": {"title": "expected purchases", "format": "~g"},
    });
    let words = "Each cell is a kind of customer: to the right those whose last purchase is recent, to the top those who purchased \
                 often. The stronger the colour, the more purchases are expected of one of them over the horizon.";
    let mut spec = map(colour, vec![told("purchases", "expected purchases", SHORT), said("horizon", "over")]);
    horizon_filter(data, &mut spec);
    Chart::new(data, words, spec)
}

fn map(colour: Value, told_too: Vec<Value>) -> Value {
    let mut tooltip = vec![told("frequency", "repeat purchases", COUNT), told("recency", "recency", ",.1~f")];
    tooltip.extend(told_too);
    json!({
        "width": "container",
        "height": 340,
        "mark": {"type": "rect", "stroke": "var(--surface)", "strokeWidth": 0.5},
        "encoding": {
            "x": {
                "field": "recency_from",
                "type": "quantitative",
                "title": "recency: age at the last purchase",
                "scale": {"nice": false, "zero": false},
                "axis": {"grid": false},
            },
            "x2": {"field": "recency_to"},
            "y": {
                "field": "frequency",
                "type": "ordinal",
                "title": "frequency: repeat purchases",
                "sort": "descending",
                "axis": {"labelOverlap": true, "grid": false},
            },
            "color": colour,
            "tooltip": tooltip,
        },
    })
}

/// Where the colours change: 1, 2, 5, 10 and so on, up to the most there is; eight at most.
fn steps(most: f64) -> Vec<f64> {
    let numbers = (-12..=12).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power)));
    let below: Vec<f64> = numbers.take_while(|&number| number < most).map(super::super::chart::rounded).collect();
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
}
