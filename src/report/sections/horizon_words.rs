//! Horizons as people say them.

use crate::predict::Horizon;

/// `12 months`, `1.5 weeks`; a date is `until 2025-01-01`.
pub(crate) fn horizon_in_words(horizon: &Horizon) -> String {
    let text = horizon.to_string();
    if text.parse::<f64>().is_ok() {
        return format!("{text} time units");
    }
    let Some((place, letter)) = text.char_indices().next_back() else { return text };
    let unit = match letter {
        'd' => "day",
        'w' => "week",
        'm' => "month",
        'y' => "year",
        _ => return format!("until {text}"),
    };
    let number = &text[..place];
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::horizon_in_words;

    #[test]
    fn spans_and_dates() {
        for (text, said) in
            [("12m", "12 months"), ("1y", "1 year"), ("1.5w", "1.5 weeks"), ("2025-01-01", "until 2025-01-01")]
        {
            assert_eq!(horizon_in_words(&text.parse().unwrap()), said);
        }
    }
}
