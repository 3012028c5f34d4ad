//! The engine's errors as Python exceptions, with options named as Python's arguments are.

use pyo3::create_exception;
use pyo3::exceptions::{PyFileNotFoundError, PyOSError, PyPermissionError, PyValueError};
use pyo3::prelude::*;

create_exception!(clv, Error, PyValueError, "What cannot be done, and why.");
create_exception!(clv, DataError, Error, "Data that cannot be used; the message says where and what to do.");
create_exception!(clv, UsageError, Error, "An argument that cannot be understood, or does not apply.");
create_exception!(clv, FitError, Error, "A model that cannot be fitted to these data.");
create_exception!(clv, ConvergenceError, FitError, "A fit that ended nowhere; the message has its best point.");

/// The exception for an error. A question has `answers`: arguments that settle it, ready to be added.
pub(crate) fn exception(error: clv::Error) -> PyErr {
    let text = in_python(&error.to_string());
    match error {
        clv::Error::Question { answers, .. } => question(text, &answers),
        clv::Error::Io { source, .. } => match source.kind() {
            std::io::ErrorKind::NotFound => PyFileNotFoundError::new_err(text),
            std::io::ErrorKind::PermissionDenied => PyPermissionError::new_err(text),
            _ => PyOSError::new_err(text),
        },
        error => match error.kind() {
            "convergence" => ConvergenceError::new_err(text),
            "fit" => FitError::new_err(text),
            "data" => DataError::new_err(text),
            _ => UsageError::new_err(text),
        },
    }
}

fn question(text: String, answers: &[String]) -> PyErr {
    let answers: Vec<String> = answers.iter().map(|answer| in_python(answer)).collect();
    let listed: String = answers.iter().map(|answer| format!("\n  {answer}")).collect();
    let error = UsageError::new_err(format!("{text}{listed}"));
    Python::attach(|py| error.value(py).setattr("answers", answers)).map_or_else(|failed| failed, |()| error)
}

/// Options of the command in Python's form: `--until 1997-09-30` becomes `until='1997-09-30'`, `--strict` becomes `strict=True`.
pub(crate) fn in_python(text: &str) -> String {
    let mut parts = text.split("--");
    let mut python = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !(c.is_ascii_lowercase() || c == '-')).unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        if name.is_empty() {
            python.push_str("--");
            python.push_str(part);
            continue;
        }
        let (value, rest) = value(name, rest);
        match (name, value) {
            ("no-spend", _) => python.push_str("spend=None"),
            (flag @ ("strict" | "decimal-comma" | "robust"), _) => {
                python.push_str(&format!("{}=True", flag.replace('-', "_")));
            }
            ("from", None) => python.push_str("from_"),
            ("from", Some(value)) => python.push_str(&format!("from_={value}")),
            (name, None) => python.push_str(&name.replace('-', "_")),
            (name, Some(value)) => python.push_str(&format!("{}={value}", name.replace('-', "_"))),
        }
        python.push_str(rest);
    }
    python
}

/// A value that follows the option, as Python writes it, and what follows the value.
fn value<'a>(name: &str, rest: &'a str) -> (Option<String>, &'a str) {
    let Some(after) = rest.strip_prefix(' ') else { return (None, rest) };
    let named = matches!(name, "unit" | "grain");
    if let Some(quoted) = after.strip_prefix('\'') {
        return quoted.split_once('\'').map_or((None, rest), |(value, after)| (Some(format!("'{value}'")), after));
    }
    let end = after.find([' ', ';', ':', ')', '?']).unwrap_or(after.len());
    let word = after[..end].trim_end_matches(['.', ',']);
    let is_value = word.starts_with(|c: char| c.is_ascii_digit() || c == '%') || named;
    if word.is_empty() || !is_value {
        return (None, rest);
    }
    let number = word.parse::<f64>().is_ok();
    (Some(if number { word.to_owned() } else { format!("'{word}'") }), &after[word.len()..])
}
