//! Payback, groups, and the future beside the past, in the words of `clv describe`.

use std::cmp::Reverse;

use crate::cli::text::console::Console;
use crate::describe::{Groups, Payback, Span};
use crate::error::Result;
use crate::number_format::percent;
use crate::report::{Align, DataCells, DataTable, Format, TableView};

/// Cohorts and groups that are shown.
pub(super) const ROWS: usize = 24;

pub(super) fn payback(all: &Payback, table: DataTable, console: &mut Console) -> Result<()> {
    let period = all.period;
    let ages = all.cohorts.iter().map(|cohort| match cohort.age {
        Some(age) => format!("{period} {age}"),
        None => "not yet".to_owned(),
    });
    let left_out = all.cohorts.len().saturating_sub(ROWS);
    let rows: Vec<usize> = (left_out..all.cohorts.len()).collect();
    let caption = format!("Payback of the cost of acquisition, by {period} of first purchase");
    let view = TableView::new(caption, table.text("paid back at", ages).rows(&rows))
        .column("cohort", "", Format::Plain)
        .column("customers", "customers", Format::Number(0))
        .column("cac", "cost each", Format::Number(2))
        .column("earned_per_customer", "earned each", Format::Number(2))
        .column("paid back at", "paid back at", Format::Plain)
        .aligned(Align::Right)
        .column("share_paid_back", "customers who did", Format::Percent(1));
    console.table(&view)?;
    if left_out > 0 {
        console.say(format!("{left_out} earlier cohorts are in the table (--tables)"))?;
    }
    console.say(format!("{} of all customers have earned what they cost", percent(all.paid_back, 1)))
}

pub(super) fn groups(
    all: &Groups,
    span: Option<Span>,
    groups: DataTable,
    differences: Option<DataTable>,
    console: &mut Console,
) -> Result<()> {
    let when = span.map_or(String::new(), |span| format!("value from {} to {}, ", span.from, span.to));
    let shown = largest(all);
    let view = TableView::new(format!("Customers by {}: {when}with 95% intervals", all.by), groups.rows(&shown))
        .column("group", "", Format::Plain)
        .column("customers", "customers", Format::Number(0))
        .column("total_value", "value", Format::Number(2));
    console.table(&with_intervals(view))?;
    if all.groups.len() > ROWS {
        console.say(format!("... and {} smaller ones; --tables writes them all", all.groups.len() - ROWS))?;
    }
    let Some(differences) = differences.filter(|table| !table.is_empty()) else { return Ok(()) };
    let is_shown = |name: &String| shown.iter().any(|&group| all.groups[group].name == *name);
    let rows: Vec<usize> = match differences.column("group") {
        Some(DataCells::Text(names)) => (0..names.len()).filter(|&row| is_shown(&names[row])).collect(),
        _ => Vec::new(),
    };
    let caption = format!("Less those of {} (shares in percentage points)", all.control);
    let view = TableView::new(caption, differences.rows(&rows)).column("group", "", Format::Plain);
    console.table(&with_intervals(view))?;
    console.say(
        "a difference is an effect only if customers were assigned to the groups at random; of twenty\ndifferences without any \
         effect, one lies outside its interval by chance",
    )
}

fn with_intervals(view: TableView) -> TableView {
    view.column_with_interval("mean_value", "mean value", Format::Number(2), "95")
        .column_with_interval("repeat_rate", "came back", Format::Percent(1), "95")
        .column_with_interval("purchases", "purchases each", Format::Number(2), "95")
}

/// The groups that are shown: all of them in the order of their names, or the largest if there are too many.
fn largest(all: &Groups) -> Vec<usize> {
    let mut groups: Vec<usize> = (0..all.groups.len()).collect();
    if groups.len() > ROWS {
        groups.sort_by_key(|&group| Reverse(all.groups[group].customers));
        groups.truncate(ROWS);
    }
    groups
}

pub(super) fn potential(
    horizon: &str,
    cells: DataTable,
    equity: Option<DataTable>,
    console: &mut Console,
) -> Result<()> {
    const TERCILES: [&str; 3] = ["low", "middle", "high"];
    let names = |column: &str| match cells.column(column) {
        Some(DataCells::Whole(terciles)) => terciles.iter().map(|&tercile| TERCILES[tercile as usize - 1]).collect(),
        _ => Vec::new(),
    };
    let (so_far, to_come) = (names("current"), names("future"));
    let caption = format!("Value so far and value expected over {horizon}, each in terciles");
    let view = TableView::new(caption, cells.text("so far", so_far).text("to come", to_come))
        .column("so far", "so far", Format::Plain)
        .column("to come", "to come", Format::Plain)
        .column("customers", "customers", Format::Number(0))
        .column("current_value", "value so far", Format::Number(0))
        .column("future_value", "value expected", Format::Number(0))
        .column("treatment", "what to do", Format::Plain);
    console.table(&view)?;
    console.say("what to do is a convention, which ignores what it costs")?;
    let Some(equity) = equity else { return Ok(()) };
    let view = TableView::new("Customer equity", equity)
        .column("horizon", "over", Format::Plain)
        .column("static_equity", "of today's customers", Format::Number(0))
        .column("value_of_a_new_customer", "of a new customer", Format::Number(2))
        .column("acquired_last_year", "new ones a year", Format::Number(0))
        .column("new_customers_equity", "of as many new ones a year", Format::Number(0));
    console.table(&view)?;
    console.say(
        "a new customer counts from the first purchase on, less --cac; “as many new ones”: as many as joined in the last year observed",
    )
}
