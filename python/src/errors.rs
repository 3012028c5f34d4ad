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
    let text = in_python(&error);
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
    let in_python = |answer: &String| clv::option_words::with_options(&format!("⟨{answer}⟩"), argument);
    let answers: Vec<String> = answers.iter().map(in_python).collect();
    let listed: String = answers.iter().map(|answer| format!("\n  {answer}")).collect();
    let error = UsageError::new_err(format!("{text}{listed}"));
    Python::attach(|py| error.value(py).setattr("answers", answers)).map_or_else(|failed| failed, |()| error)
}

/// A message with its marked options in Python's form: `until='1997-09-30'`, `strict=True`. What users wrote, file names and
/// customers, is as they wrote it.
pub(crate) fn in_python(error: &clv::Error) -> String {
    error.with_options(argument)
}

/// Words of clv's own, in which there is nothing of the user's, with the options in Python's form.
pub(crate) fn words_in_python(text: &str) -> String {
    clv::option_words::with_options(&clv::option_words::marked(text), argument)
}

/// Words in which options are marked, with the options in Python's form.
pub(crate) fn marked_in_python(marked: &str) -> String {
    clv::option_words::with_options(marked, argument)
}

/// An option as an argument.
fn argument(name: &str, value: Option<&str>) -> String {
    let name = match name {
        "no-spend" => return "spend=None".to_owned(),
        "from" => "from_".to_owned(),
        name => name.replace('-', "_"),
    };
    match (&*name, value) {
        ("strict" | "decimal_comma" | "robust" | "overwrite" | "append" | "exact_ids", None) => format!("{name}=True"),
        (_, None) => name,
        (_, Some(value)) if value.parse::<f64>().is_ok() => format!("{name}={value}"),
        (_, Some(value)) => format!("{name}={}", quoted(value)),
    }
}

/// A text as Python writes it; quotes that a shell needs are not doubled.
fn quoted(value: &str) -> String {
    let inside = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')).unwrap_or(value);
    format!("'{}'", inside.replace('\\', "\\\\").replace('\'', "\\'"))
}
