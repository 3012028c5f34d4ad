//! The text of a query, put together of named parts.

/// Lines.
pub(super) type Text = Vec<String>;

/// A common table expression.
#[derive(Debug)]
pub(super) struct Cte {
    pub(super) name: String,
    /// What it is, for whoever reads the query.
    about: &'static str,
    body: Text,
}

impl Cte {
    pub(super) fn new(name: impl Into<String>, about: &'static str, body: Text) -> Self {
        Self { name: name.into(), about, body }
    }
}

/// Two blanks before every line.
pub(super) fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// A query of these parts and their last.
pub(super) fn query(ctes: &[Cte], last: &[String]) -> String {
    let ctes: Vec<String> = ctes
        .iter()
        .map(|Cte { name, about, body }| format!("{name} as (\n  -- {about}\n{}\n)", indented(&body.join("\n"))))
        .collect();
    format!("with {}\n{}", ctes.join(",\n"), last.join("\n"))
}
