//! What every column of a table of customers says, below the options in the long help.

use crate::columns::{Column, DESCRIPTION, NOTATION, ON_REQUEST, PREDICTION, SUMMARY, TOTALS};

/// Where the text beside a name begins.
const TEXT: usize = 26;
/// Where lines end.
const WIDTH: usize = 80;

/// How descriptions count.
const STATISTICS: &str = "\
Gini coefficient: Σ (2 i - n - 1) v_(i) / (n Σ v); customers with negative revenue count as zero. Intervals are 95% intervals: of means by \
Student's t, of shares by Wilson (1927), of differences of means by Welch (1947), of shares by Newcombe (1998, method 10). A cohort's age \
is 0 in the calendar period of the first purchase.";

/// The columns of a summary.
pub(crate) fn of_summaries() -> String {
    format!("Columns:\n{}", list(SUMMARY))
}

/// The columns of predictions and of their totals.
pub(crate) fn of_predictions() -> String {
    let always = [&SUMMARY[..5], PREDICTION].concat();
    let parts = [
        wrap(&format!("Columns. {NOTATION}"), 0),
        list(&always),
        "\nOn request:".to_owned(),
        list(ON_REQUEST),
        "\nTotals (--totals), one row for each horizon, and for each group of --by:".to_owned(),
        list(TOTALS),
    ];
    parts.join("\n")
}

/// The columns of descriptions.
pub(crate) fn of_descriptions() -> String {
    let title = "Columns of -o, after those of clv summarize:";
    format!("{title}\n{}\n\n{}", list(DESCRIPTION), wrap(STATISTICS, 0))
}

fn list(columns: &[Column]) -> String {
    columns.iter().map(entry).collect::<Vec<_>>().join("\n")
}

/// Name, meaning and option of a column, and below them formula and source.
fn entry(column: &Column) -> String {
    let option = column.option.map_or(String::new(), |option| format!(" (--{option})"));
    let mut text = wrap(&format!("{}{option}", column.meaning), TEXT);
    if !column.formula.is_empty() {
        let source = if column.source.is_empty() { String::new() } else { format!(" [{}]", column.source) };
        text += &format!("\n{}", wrap(&format!("{}{source}", column.formula), TEXT));
    }
    let name = column.example();
    // A long name has its line to itself.
    match name.len() + 4 > TEXT {
        true => format!("  {name}\n{text}"),
        false => format!("  {name:width$}{}", text.trim_start(), width = TEXT - 2),
    }
}

/// Lines of at most [`WIDTH`] signs, each after so many blanks.
fn wrap(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is one");
        if line.is_empty() {
            line.push_str(word);
        } else if indent + line.chars().count() + 1 + word.chars().count() <= WIDTH {
            *line = format!("{line} {word}");
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.iter().map(|line| format!("{:indent$}{line}", "")).collect::<Vec<_>>().join("\n")
}
