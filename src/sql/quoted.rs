//! Names and texts of the user's, as they can stand in a query: quoted, whatever is in them.

use super::Dialect;
use crate::error::{Error, Result};
use crate::tables::clip;

/// A name of a column.
///
/// # Errors
/// [`Error::usage`] if it is empty, or has characters that no name has.
pub(super) fn column(dialect: Dialect, name: &str) -> Result<String> {
    let bad = |what: &str| Err(Error::usage(format!("the column `{}` {what}", clip(name))));
    match parts(dialect, name).as_deref() {
        // A point within the name of a column belongs to it.
        Some([one]) => quoted(dialect, one),
        Some([..]) => quoted(dialect, &Part { text: name.to_owned(), as_it_is: true }),
        None => bad("opens a quote and does not close it"),
    }
}

/// A name of a table, of which parts between points are quoted one by one: `shop.orders`, `"My shop".orders`.
///
/// # Errors
/// As of [`column`].
pub(super) fn table(dialect: Dialect, name: &str) -> Result<String> {
    let Some(parts) = parts(dialect, name) else {
        return Err(Error::usage(format!("the table `{}` opens a quote and does not close it", clip(name))));
    };
    Ok(parts.iter().map(|part| quoted(dialect, part)).collect::<Result<Vec<_>>>()?.join("."))
}

/// A part of a name.
struct Part {
    text: String,
    /// It stood in quotes.
    as_it_is: bool,
}

/// What stands between points outside of quotes; none if a quote is not closed.
fn parts(dialect: Dialect, name: &str) -> Option<Vec<Part>> {
    let mark = mark(dialect);
    let (mut parts, mut rest) = (Vec::new(), name);
    loop {
        let (part, after) = match rest.strip_prefix(mark) {
            Some(inside) => {
                let mut text = String::new();
                let mut letters = inside.char_indices();
                let end = loop {
                    match letters.next()? {
                        (at, letter) if letter == mark && inside[at + mark.len_utf8()..].starts_with(mark) => {
                            text.push(mark);
                            letters.next();
                        }
                        (at, letter) if letter == mark => break at + mark.len_utf8(),
                        (_, letter) => text.push(letter),
                    }
                };
                let after = &inside[end..];
                if !after.is_empty() && !after.starts_with('.') {
                    return None;
                }
                (Part { text, as_it_is: true }, after)
            }
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                (Part { text: rest[..end].to_owned(), as_it_is: false }, &rest[end..])
            }
        };
        parts.push(part);
        match after.strip_prefix('.') {
            Some(more) => rest = more,
            None => return Some(parts),
        }
    }
}

/// What names stand between.
fn mark(dialect: Dialect) -> char {
    match dialect {
        Dialect::Postgres | Dialect::Duckdb | Dialect::Snowflake => '"',
        Dialect::Spark | Dialect::Bigquery => '`',
    }
}

fn quoted(dialect: Dialect, part: &Part) -> Result<String> {
    let Part { text, as_it_is } = part;
    let mark = mark(dialect);
    let impossible =
        |letter: char| letter.is_control() || (dialect == Dialect::Bigquery && (letter == mark || letter == '\\'));
    if text.is_empty() || text.contains(impossible) {
        return Err(Error::usage(format!(
            "`{}` is no name of a table or a column",
            clip(&text.escape_debug().to_string())
        )));
    }
    // Snowflake reads names without quotes in capitals, and so does who writes them.
    let is_plain = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let folded = dialect == Dialect::Snowflake && !as_it_is && is_plain;
    let text = if folded { text.to_ascii_uppercase() } else { text.clone() };
    Ok(format!("{mark}{}{mark}", text.replace(mark, &format!("{mark}{mark}"))))
}

/// A text as a literal.
///
/// # Errors
/// [`Error::usage`] if it holds a character that no text in a database has.
pub(super) fn literal(dialect: Dialect, text: &str) -> Result<String> {
    if text.contains('\0') {
        return Err(Error::usage(format!("`{}` holds a NUL character", clip(&text.escape_debug().to_string()))));
    }
    let escaped = |quote: &str| {
        let letters = text.chars().map(|letter| match letter {
            '\\' => "\\\\".to_owned(),
            '\'' => quote.to_owned(),
            letter if letter.is_control() || (letter.is_whitespace() && letter != ' ') || is_invisible(letter) => {
                format!("\\u{:04x}", u32::from(letter))
            }
            letter => letter.to_string(),
        });
        letters.collect::<String>()
    };
    let is_plain =
        !text.chars().any(|c| c == '\\' || c.is_control() || (c.is_whitespace() && c != ' ') || is_invisible(c));
    Ok(match dialect {
        // Whatever the session says of backslashes.
        Dialect::Postgres if !is_plain => format!("E'{}'", escaped("''")),
        Dialect::Duckdb if !is_plain => duckdb_literal(text),
        Dialect::Postgres | Dialect::Duckdb => format!("'{}'", text.replace('\'', "''")),
        Dialect::Snowflake => format!("'{}'", escaped("''")),
        Dialect::Spark | Dialect::Bigquery => format!("'{}'", escaped("\\'")),
    })
}

fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// What cannot be seen stands there by its number; backslashes mean nothing.
fn duckdb_literal(text: &str) -> String {
    let mut pieces: Vec<String> = Vec::new();
    let mut plain = String::new();
    for letter in text.chars() {
        if letter.is_control() || (letter.is_whitespace() && letter != ' ') || is_invisible(letter) {
            if !plain.is_empty() {
                pieces.push(format!("'{}'", std::mem::take(&mut plain).replace('\'', "''")));
            }
            pieces.push(format!("chr({})", u32::from(letter)));
        } else {
            plain.push(letter);
        }
    }
    if !plain.is_empty() {
        pieces.push(format!("'{}'", plain.replace('\'', "''")));
    }
    pieces.join(" || ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_part_by_part() {
        let table = |dialect, name| table(dialect, name).unwrap();
        assert_eq!(table(Dialect::Postgres, "shop.Orders"), "\"shop\".\"Orders\"");
        assert_eq!(table(Dialect::Postgres, "\"my.shop\".\"o\"\"x\""), "\"my.shop\".\"o\"\"x\"");
        assert_eq!(table(Dialect::Postgres, "a\"; drop table x; --"), "\"a\"\"; drop table x; --\"");
        assert_eq!(table(Dialect::Bigquery, "my-project.shop.orders"), "`my-project`.`shop`.`orders`");
        assert_eq!(table(Dialect::Spark, "a`b"), "`a``b`");
        assert_eq!(table(Dialect::Snowflake, "shop.Orders"), "\"SHOP\".\"Orders\"");
        assert_eq!(table(Dialect::Snowflake, "\"shop\""), "\"shop\"");
        for name in ["", "a.", ".a", "a\nb", "\"a", "\"a\"b", "\"\""] {
            assert!(super::table(Dialect::Postgres, name).is_err(), "{name}");
        }
        assert!(super::table(Dialect::Bigquery, "a`b").is_err());
        assert_eq!(column(Dialect::Postgres, "order.date").unwrap(), "\"order.date\"");
        assert_eq!(column(Dialect::Snowflake, "date").unwrap(), "\"DATE\"");
    }

    #[test]
    fn texts_end_where_they_should() {
        let text = |dialect| literal(dialect, "it's \\' or 1=1 --").unwrap();
        assert_eq!(text(Dialect::Postgres), r"E'it''s \\'' or 1=1 --'");
        assert_eq!(text(Dialect::Duckdb), r"'it''s \'' or 1=1 --'");
        assert_eq!(text(Dialect::Spark), r"'it\'s \\\' or 1=1 --'");
        assert_eq!(text(Dialect::Bigquery), r"'it\'s \\\' or 1=1 --'");
        assert_eq!(text(Dialect::Snowflake), r"'it''s \\'' or 1=1 --'");
        assert_eq!(literal(Dialect::Duckdb, "a\t'").unwrap(), "'a' || chr(9) || ''''");
        assert_eq!(literal(Dialect::Bigquery, "\u{a0}\n").unwrap(), r"'\u00a0\u000a'");
        assert!(literal(Dialect::Postgres, "a\0").is_err());
    }
}
