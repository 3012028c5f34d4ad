//! The engine's errors as Python exceptions, with options written as Python's arguments are.
//!
//! What an error knows is in attributes of the exception: `kind`, `option`, `file`, `row`, `column`, `value` and `answers`.

use clv::error::{Cause, Kind, Row};
use clv::message::{Message, Opt, Value};
use pyo3::create_exception;
use pyo3::exceptions::{PyFileNotFoundError, PyIsADirectoryError, PyOSError, PyPermissionError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;

create_exception!(clv, Error, PyValueError, "What cannot be done, and why.");
create_exception!(clv, DataError, Error, "Data that cannot be used; the message says where and what to do.");
create_exception!(clv, UsageError, Error, "An argument that cannot be understood, or does not apply.");
create_exception!(clv, FitError, Error, "A model that cannot be fitted to these data.");
create_exception!(clv, ConvergenceError, FitError, "A fit that ended nowhere; the message has its best point.");

/// Adds the exceptions to the module. What an error may know is nothing until it is known.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let error = py.get_type::<Error>();
    for fact in ["option", "file", "row", "column", "value"] {
        error.setattr(fact, py.None())?;
    }
    error.setattr("answers", PyList::empty(py))?;
    for (name, kind, class) in [
        ("Error", Kind::Usage, error),
        ("UsageError", Kind::Usage, py.get_type::<UsageError>()),
        ("DataError", Kind::Data, py.get_type::<DataError>()),
        ("FitError", Kind::Fit, py.get_type::<FitError>()),
        ("ConvergenceError", Kind::Convergence, py.get_type::<ConvergenceError>()),
    ] {
        class.setattr("kind", kind.name())?;
        module.add(name, class)?;
    }
    Ok(())
}

/// The exception for an error. A question has `answers`: arguments that settle it, ready to be added.
pub(crate) fn exception(error: clv::Error) -> PyErr {
    let text = text_of(&error);
    let raised = match error.kind() {
        Kind::Convergence => ConvergenceError::new_err(text),
        Kind::Fit => FitError::new_err(text),
        Kind::Data => DataError::new_err(text),
        Kind::File => file_error(&error, text),
        _ => UsageError::new_err(text),
    };
    with_facts(raised, &error)
}

/// Python's own exception for a file that cannot be written to, as `open` would raise it.
pub(crate) fn of_destination(error: clv::Error, is_folder: bool) -> PyErr {
    if error.kind() != Kind::Data {
        return exception(error);
    }
    let text = text_of(&error);
    let raised = if is_folder { PyIsADirectoryError::new_err(text) } else { PyFileNotFoundError::new_err(text) };
    with_facts(raised, &error)
}

fn file_error(error: &clv::Error, text: String) -> PyErr {
    match error.cause() {
        Cause::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => PyFileNotFoundError::new_err(text),
        Cause::Io { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
            PyPermissionError::new_err(text)
        }
        _ => PyOSError::new_err(text),
    }
}

/// The message, with what settles a question a line each.
fn text_of(error: &clv::Error) -> String {
    let answers = error.answers().iter().map(|answer| format!("\n  {}", as_argument(answer)));
    in_python(&error.message()) + &answers.collect::<String>()
}

/// The exception with what the error knows as attributes.
fn with_facts(raised: PyErr, error: &clv::Error) -> PyErr {
    let place = error.place();
    let answers: Vec<String> = error.answers().iter().map(as_argument).collect();
    let set = |py: Python<'_>| -> PyResult<()> {
        let exception = raised.value(py);
        exception.setattr("kind", error.kind().name())?;
        exception.setattr("option", error.option().map(|option| argument_name(&option)))?;
        exception.setattr("file", place.file.as_deref())?;
        exception.setattr("row", place.row.map(Row::number))?;
        exception.setattr("column", place.column.as_deref())?;
        exception.setattr("value", place.value.as_deref())?;
        exception.setattr("answers", answers)
    };
    Python::attach(set).map_or_else(|failed| failed, |()| raised)
}

/// A message with its options as arguments: `until='1997-09-30'`, `strict=True`.
pub(crate) fn in_python(message: &Message) -> String {
    message.render(as_argument)
}

/// An option as an argument.
pub(crate) fn as_argument(option: &Opt) -> String {
    let name = argument_name(option);
    match (option.name(), option.value()) {
        ("with", Some(Value::Text(text))) => {
            let (column, value) = text.split_once('=').unwrap_or((text, ""));
            format!("{name}={{{}: {}}}", quoted(column), quoted(value))
        }
        ("with_spend", _) => format!("{name}=None"),
        ("without_amount", _) => format!("{name}=False"),
        (_, None) => name,
        (_, Some(Value::Flag(on))) => format!("{name}={}", if *on { "True" } else { "False" }),
        (_, Some(Value::Number(number))) => format!("{name}={number}"),
        (_, Some(Value::Text(text))) => format!("{name}={}", quoted(text)),
    }
}

/// What the argument is called.
fn argument_name(option: &Opt) -> String {
    match option.name() {
        "with_spend" => "spend",
        "without_amount" => "amount",
        "from" => "from_",
        "with" => "with_",
        "weights" => "sample_weight",
        name => name,
    }
    .to_owned()
}

/// A text as Python writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("'");
    for letter in text.chars() {
        match letter {
            '\\' | '\'' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            letter => quoted.push(letter),
        }
    }
    quoted + "'"
}
