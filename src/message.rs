//! Messages whose options are data.
//!
//! The library knows which option a message is about, and not how it is written: `--prior-sd 2` on the command line is `prior_sd=2` in
//! Python. So a [`Message`] is a sequence of pieces, words and [`Opt`]s, and each surface renders the options in its own way. Words are
//! never looked into: whatever users wrote, names of files and customers, stays as it is.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// An option that a message speaks of, by the name of its field, with a value where one is proposed or was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opt {
    #[serde(rename = "option")]
    name: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// On or off.
    Flag(bool),
    /// A number.
    Number(f64),
    /// Anything else, as it is: no quotes around it.
    Text(String),
}

/// An option, by name: `opt("until")`.
pub fn opt(name: impl Into<Cow<'static, str>>) -> Opt {
    Opt { name: name.into(), value: None }
}

/// An option that is turned on: `flag("strict")`.
pub fn flag(name: &'static str) -> Opt {
    opt(name).with(true)
}

impl Opt {
    /// With this value: `opt("until").with("1997-09-30")`.
    #[must_use]
    pub fn with(self, value: impl Into<Value>) -> Self {
        Self { value: Some(value.into()), ..self }
    }

    /// The option by its name alone.
    #[must_use]
    pub fn without_value(self) -> Self {
        Self { value: None, ..self }
    }

    /// Its name, as the engine has it: `prior_sd`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value that goes with it, if one does.
    pub fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    /// As a user of the library reads it: `until`, `until = 1997-09-30`, `strict = true`.
    pub fn plain(&self) -> String {
        match &self.value {
            None => self.name.to_string(),
            Some(value) => format!("{} = {value}", self.name),
        }
    }
}

/// Without quotes.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(on) => on.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<bool> for Value {
    fn from(on: bool) -> Self {
        Self::Flag(on)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// How a surface writes an option.
pub type OptionStyle = fn(&Opt) -> String;

/// Words, and options between them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Message(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Piece {
    Words(String),
    Option(Opt),
}

/// In files a message without options is a text.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Words(String),
    Pieces(Vec<Piece>),
}

impl Message {
    /// Goes on with words, an option, or another message.
    pub fn push(&mut self, more: impl Into<Self>) {
        for piece in more.into().0 {
            match (self.0.last_mut(), piece) {
                (Some(Piece::Words(before)), Piece::Words(words)) => before.push_str(&words),
                (_, piece) => self.0.push(piece),
            }
        }
    }

    /// The text, with each option as a surface writes it.
    pub fn render(&self, option: impl Fn(&Opt) -> String) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Words(words) => Cow::from(words),
            Piece::Option(named) => Cow::from(option(named)),
        });
        pieces.collect()
    }

    /// The text as a user of the library reads it, with options as [`Opt::plain`] writes them. There is no `Display`, which would let a
    /// message slip into another's words, and its options with it.
    pub fn plain(&self) -> String {
        self.render(Opt::plain)
    }

    /// The options it names, in order.
    pub fn options(&self) -> impl Iterator<Item = &Opt> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Words(_) => None,
            Piece::Option(named) => Some(named),
        })
    }

    /// As a sentence of its own: with a capital, and a full stop.
    #[must_use]
    pub fn into_sentence(mut self) -> Self {
        if let Some(Piece::Words(words)) = self.0.first_mut() {
            let (first, rest) = words.split_at(words.chars().next().map_or(0, char::len_utf8));
            *words = format!("{}{rest}", first.to_uppercase());
        }
        self.push(".");
        self
    }

    /// Several, with words between them.
    pub fn joined(messages: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let mut all = Self::default();
        for (i, message) in messages.into_iter().enumerate() {
            if i > 0 {
                all.push(between);
            }
            all.push(message);
        }
        all
    }
}

impl From<String> for Message {
    fn from(words: String) -> Self {
        Self(vec![Piece::Words(words)])
    }
}

impl From<&str> for Message {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

impl From<&Message> for Message {
    fn from(message: &Message) -> Self {
        message.clone()
    }
}

impl From<Opt> for Message {
    fn from(option: Opt) -> Self {
        Self(vec![Piece::Option(option)])
    }
}

impl<M: Into<Message>> From<Option<M>> for Message {
    fn from(message: Option<M>) -> Self {
        message.map(Into::into).unwrap_or_default()
    }
}

impl From<Stored> for Message {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Words(words) => words.into(),
            Stored::Pieces(pieces) => Self(pieces),
        }
    }
}

impl From<Message> for Stored {
    fn from(message: Message) -> Self {
        if message.options().next().is_none() { Self::Words(message.plain()) } else { Self::Pieces(message.0) }
    }
}

/// A message of several pieces: `say!["the unit is the {unit}; summarise with ", opt("unit").with(unit)]`. A literal is a format string
/// that captures names; everything else is words, an option or a message.
macro_rules! say {
    (@to $message:ident) => {};
    (@to $message:ident $words:literal $(, $($rest:tt)*)?) => {
        $message.push(format!($words));
        $crate::message::say!(@to $message $($($rest)*)?);
    };
    (@to $message:ident $piece:expr $(, $($rest:tt)*)?) => {
        $message.push($piece);
        $crate::message::say!(@to $message $($($rest)*)?);
    };
    () => { $crate::message::Message::default() };
    ($($pieces:tt)*) => {{
        let mut message = $crate::message::Message::default();
        $crate::message::say!(@to message $($pieces)*);
        message
    }};
}
pub(crate) use say;

#[cfg(test)]
mod tests {
    use super::*;

    fn bracketed(option: &Opt) -> String {
        format!("[{}|{}]", option.name(), option.value().map(ToString::to_string).unwrap_or_default())
    }

    #[test]
    fn options_are_rendered_and_words_never_looked_into() {
        for users in ["a--strict.csv", "--until 5", "{x}", "%s", "⟨--strict⟩", "until = 3", ""] {
            let message = say!["`{users}`: add ", opt("until").with(users), " or ", flag("strict"), "."];
            assert_eq!(message.render(bracketed), format!("`{users}`: add [until|{users}] or [strict|true]."));
            assert_eq!(message.plain(), format!("`{users}`: add until = {users} or strict = true."));
            assert_eq!(say![format!("{users}")].render(bracketed), users);
        }
    }

    #[test]
    fn a_sentence_begins_with_a_capital_unless_an_option_does() {
        assert_eq!(say!["é, ", opt("unit")].into_sentence().plain(), "É, unit.");
        assert_eq!(say![opt("unit"), " is"].into_sentence().plain(), "unit is.");
        assert_eq!(Message::joined([say!["a"], opt("b").into()], ", ").plain(), "a, b");
    }

    #[test]
    fn files_keep_options_as_data() {
        let message = say!["so would ", opt("prior_sd").with(2.0), " or ", flag("strict")];
        let json = r#"["so would ",{"option":"prior_sd","value":2.0}," or ",{"option":"strict","value":true}]"#;
        assert_eq!(serde_json::to_string(&message).unwrap(), json);
        assert_eq!(serde_json::from_str::<Message>(json).unwrap(), message);
        let plain = Message::from("⟨--strict⟩ --until");
        assert_eq!(serde_json::to_string(&plain).unwrap(), "\"⟨--strict⟩ --until\"");
        assert_eq!(serde_json::from_str::<Message>("\"⟨--strict⟩ --until\"").unwrap(), plain);
    }
}
