//! Options in messages.
//!
//! The library knows which option a message is about, and not how it is said: `--until 1997-09-30` on the command line is
//! `until='1997-09-30'` in Python. So it marks options in messages, `⟨--until 1997-09-30⟩`, and each surface says them in its own
//! words. Whatever users wrote, names of files and customers, stands outside of marks and stays as it is.

const OPEN: char = '⟨';
const CLOSE: char = '⟩';

/// A message with each marked option as `say` says it, from its name without dashes and its value if it has one.
pub fn with_options(marked: &str, say: impl Fn(&str, Option<&str>) -> String) -> String {
    let mut said = String::with_capacity(marked.len());
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once(OPEN) {
        said.push_str(before);
        match after.split_once(CLOSE).and_then(|(inside, after)| Some((option(inside)?, after))) {
            Some(((name, value), after)) => {
                said.push_str(&say(name, value));
                rest = after;
            }
            None => {
                said.push(OPEN);
                rest = after;
            }
        }
    }
    said + rest
}

/// A message as the command says it.
pub(crate) fn on_the_command_line(marked: &str) -> String {
    with_options(marked, |name, value| match value {
        Some(value) => format!("--{name} {value}"),
        None => format!("--{name}"),
    })
}

/// The name and the value of `--until 1997-09-30`.
fn option(text: &str) -> Option<(&str, Option<&str>)> {
    let text = text.strip_prefix("--")?;
    let (name, value) = text.split_once(' ').map_or((text, None), |(name, value)| (name, Some(value)));
    let is_name =
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    is_name.then_some((name, value))
}

/// Text of the program's own, in which nobody else wrote, with its options marked: words that begin with `--`, and a value after
/// them that is a number, a date, in quotes, or one of the words that options take.
pub fn marked(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("--") {
        let (before, found) = rest.split_at(at);
        marked.push_str(before);
        let name = found[2..].find(|c: char| !(c.is_ascii_lowercase() || c == '-')).map_or(found.len(), |end| end + 2);
        let begins = before.chars().next_back().is_none_or(|c| c == ' ' || c == '(' || c == '\n');
        if !begins || option(&found[..name]).is_none() {
            marked.push_str(&found[..name]);
            rest = &found[name..];
            continue;
        }
        let end = name + value_length(&found[name..]);
        marked.push(OPEN);
        marked.push_str(&found[..end]);
        marked.push(CLOSE);
        rest = &found[end..];
    }
    marked + rest
}

/// How much of what follows an option is its value, with the blank before it.
fn value_length(after: &str) -> usize {
    const WORDS: [&str; 8] = ["day", "week", "month", "year", "add", "drop", "net", "error"];
    let Some(text) = after.strip_prefix(' ') else { return 0 };
    if let Some(quoted) = text.strip_prefix('\'') {
        return quoted.find('\'').map_or(0, |end| end + 3);
    }
    let end = text.find([' ', ';', ':', ')', '?', '\n']).unwrap_or(text.len());
    let word = text[..end].trim_end_matches(['.', ',']);
    let is_value = word.starts_with(|c: char| c.is_ascii_digit()) || WORDS.contains(&word);
    if is_value { word.len() + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_options_are_said_and_nothing_else_is_touched() {
        let said = |text: &str| with_options(text, |name, value| format!("[{name}|{}]", value.unwrap_or("")));
        assert_eq!(said("add ⟨--until 1997-09-30⟩ or ⟨--strict⟩."), "add [until|1997-09-30] or [strict|].");
        for users in
            ["a--strict.csv", "--until", " --until 5", "{x}", "%s", "⟨", "⟩", "⟨x⟩", "⟨--⟩", "⟨--É⟩", "⟨⟨--Strict"]
        {
            assert_eq!(said(users), users);
        }
        assert_eq!(on_the_command_line("⟨--date-format '%d %b'⟩"), "--date-format '%d %b'");
    }

    #[test]
    fn the_programs_own_words_are_marked() {
        for (text, expected) in [
            ("so would --prior-sd 2", "so would ⟨--prior-sd 2⟩"),
            ("(--until 1997-09-30), or --unit week.", "(⟨--until 1997-09-30⟩), or ⟨--unit week⟩."),
            ("--date-format '%d %m' reads", "⟨--date-format '%d %m'⟩ reads"),
            ("give --horizons; see é--x", "give ⟨--horizons⟩; see é--x"),
            ("a -- b --", "a -- b --"),
        ] {
            assert_eq!(marked(text), expected);
        }
    }
}
