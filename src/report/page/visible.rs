//! Text from anywhere, made harmless to look at.

/// The text with every character made visible that would hide, reorder or break it, as its code in brackets: control
/// characters, and what steers the direction of writing or has no width. Letters of any script stay.
pub(crate) fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, letter| {
        match letter {
            _ if hides(letter) => shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(letter))),
            _ => shown.push(letter),
        }
        shown
    })
}

/// The joiners U+200C and U+200D stay: Persian and many emoji are written with them.
fn hides(letter: char) -> bool {
    matches!(letter,
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_hides_or_reorders_is_shown() {
        assert_eq!(visible("a\u{202e}b\0c\n\u{7f}\u{feff}"), "a⟨U+202E⟩b⟨U+0000⟩c⟨U+000A⟩⟨U+007F⟩⟨U+FEFF⟩");
        assert_eq!(visible("\u{2066}x\u{2069}\u{85}"), "⟨U+2066⟩x⟨U+2069⟩⟨U+0085⟩");
        for plain in ["O'Brien & <b>\"Söhne\"</b>", "日本語", "שלום", "👩‍👩‍👧", "می‌خواهم"]
        {
            assert_eq!(visible(plain), plain);
        }
    }
}
