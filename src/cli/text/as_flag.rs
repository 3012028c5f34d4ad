//! Options as the command writes them: `--prior-sd 2`.

use crate::message::{Opt, Value};

/// An option with its value, ready for a shell.
pub(crate) fn as_flag(option: &Opt) -> String {
    let name = match option.name() {
        "with_spend" | "without_amount" => "no-spend".to_owned(),
        name => name.replace('_', "-"),
    };
    match option.value() {
        None | Some(Value::Flag(_)) => format!("--{name}"),
        Some(value) => {
            let value = value.to_string();
            // What begins with a dash would be another option.
            let between = if value.starts_with('-') { '=' } else { ' ' };
            format!("--{name}{between}{}", quoted(&value))
        }
    }
}

/// In quotes where a shell would not take it as it is.
pub(crate) fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.,:/+@".contains(c);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{flag, opt};

    #[test]
    fn options_are_ready_for_a_shell() {
        for (option, expected) in [
            (opt("until"), "--until"),
            (flag("decimal_comma"), "--decimal-comma"),
            (flag("without_amount"), "--no-spend"),
            (opt("with_spend").with(false), "--no-spend"),
            (opt("prior_sd").with(2.0), "--prior-sd 2"),
            (opt("discount").with(0.1), "--discount 0.1"),
            (opt("until").with("1997-09-30"), "--until 1997-09-30"),
            (opt("thousands").with(","), "--thousands ,"),
            (opt("date_format").with("%d %b"), "--date-format '%d %b'"),
            (opt("where").with("status!=a,b"), "--where 'status!=a,b'"),
            (opt("ignore").with("it's"), r"--ignore 'it'\''s'"),
            (opt("ignore").with("--until"), "--ignore=--until"),
            (opt("ignore").with(""), "--ignore ''"),
            (opt("customer").with("{x} $HOME"), "--customer '{x} $HOME'"),
        ] {
            assert_eq!(as_flag(&option), expected);
        }
    }
}
