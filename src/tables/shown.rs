//! Text of somebody else's, as messages show it.

/// Column names for a message, the first dozen.
pub(crate) fn list(header: &[String]) -> String {
    const SHOWN: usize = 12;
    let mut names: Vec<String> = header.iter().take(SHOWN).map(|name| format!("`{}`", clip(name))).collect();
    if header.len() > SHOWN {
        names.push(format!("and {} more", header.len() - SHOWN));
    }
    names.join(", ")
}

/// A cell for a message: one line, not too long.
pub(crate) fn clip(text: &str) -> String {
    one_line(text, 40)
}

/// Text of somebody else's for a message: one line of at most so many characters.
pub(super) fn one_line(text: &str, longest: usize) -> String {
    let clean: String = text.chars().take(longest).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > longest { format!("{clean}...") } else { clean }
}
