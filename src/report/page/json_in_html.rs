//! JSON that stands in the page.

use serde_json::Value;

/// JSON in which nothing can end the `<script>` element it stands in, nor be taken for markup by anything that reads
/// the page.
pub(crate) fn embedded(json: &Value) -> String {
    json.to_string().chars().fold(String::new(), |mut text, letter| {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => text.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => text.push(letter),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::embedded;

    #[test]
    fn nothing_ends_the_element() {
        let hostile = json!({"</script><!--": ["<script>", "a & b", "\u{2028}\u{2029}", "\"'\\", "\0", "__proto__"]});
        let text = embedded(&hostile);
        assert!(!text.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\0']), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), hostile);
    }
}
