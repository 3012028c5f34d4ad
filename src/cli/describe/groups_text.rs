//! Payback, groups, and the future beside the past, in the words of `clv describe`.

use std::cmp::Reverse;

use super::rows::{LABEL, ROWS, percent, row};
use crate::cli::text::console::Console;
use crate::cli::text::words::{counted, number, whole};
use crate::describe::{
    Equity, Estimate, Group, GroupDifference, Groups, Payback, Potential, PotentialCell, Span, TERCILES,
};
use crate::error::Result;
use crate::tables::clip;

pub(super) fn payback(all: &Payback, console: &mut Console) -> Result<()> {
    let period = all.period;
    console.say(format!("\nPayback of the cost of acquisition, by {period} of first purchase"))?;
    let heads = ["customers", "cost each", "earned each", "paid back at", "customers who did"];
    row(console, "", 17, heads.map(str::to_owned))?;
    let left_out = all.cohorts.len().saturating_sub(ROWS);
    if left_out > 0 {
        console.say(format!("  ... {left_out} earlier ones"))?;
    }
    for cohort in &all.cohorts[left_out..] {
        let age = cohort.age.map_or("not yet".to_owned(), |age| format!("{period} {age}"));
        let cells =
            [whole(cohort.customers), number(cohort.cost, 2), number(cohort.earned, 2), age, percent(cohort.paid_back)];
        row(console, &cohort.label, 17, cells)?;
    }
    console.say(format!("{} of all customers have earned what they cost", percent(all.paid_back)))
}

/// An estimate with its interval.
fn estimate(estimate: Option<Estimate>, show: impl Fn(f64) -> String) -> String {
    let Some(Estimate { value, interval }) = estimate else { return "-".to_owned() };
    match interval {
        Some((low, high)) => format!("{} ({} to {})", show(value), show(low), show(high)),
        None => show(value),
    }
}

pub(super) fn groups(all: &Groups, span: Option<Span>, console: &mut Console) -> Result<()> {
    let money = |value: f64| number(value, 2);
    let when = span.map_or(String::new(), |span| format!("value from {} to {}, ", span.from, span.to));
    console.say(format!("\nCustomers by {}: {when}with 95% intervals", all.by))?;
    let line = |console: &mut Console, name: &str, cells: [String; 5]| {
        let [customers, total, mean, rate, purchases] = cells;
        let name = clip(name);
        console
            .say(format!("{name:<LABEL$} {customers:>9} {total:>15} {mean:>28} {rate:>25} {purchases:>22}").trim_end())
    };
    let heads = ["customers", "value", "mean value", "came back", "purchases each"].map(str::to_owned);
    line(console, "", heads)?;
    let shown = largest(all);
    for group in &shown {
        let cells = [
            whole(group.customers),
            group.total.map_or("-".to_owned(), money),
            estimate(group.mean, money),
            estimate(Some(group.repeat_rate), percent),
            estimate(Some(group.purchases), money),
        ];
        line(console, &group.name, cells)?;
    }
    if all.groups.len() > ROWS {
        console.say(format!("... and {} smaller ones; --tables writes them all", all.groups.len() - ROWS))?;
    }
    if all.differences.is_empty() {
        return Ok(());
    }
    console.say(format!("Less those of {} (shares in percentage points)", all.control))?;
    let is_shown = |other: &&GroupDifference| shown.iter().any(|group| group.name == other.name);
    for other in all.differences.iter().filter(is_shown) {
        let cells = [
            String::new(),
            String::new(),
            estimate(other.mean, money),
            estimate(Some(other.repeat_rate), percent),
            estimate(Some(other.purchases), money),
        ];
        line(console, &other.name, cells)?;
    }
    console.say(
        "a difference is an effect only if customers were assigned to the groups at random; of twenty\ndifferences without any \
         effect, one lies outside its interval by chance",
    )
}

/// The groups that are shown: all of them in the order of their names, or the largest if there are too many.
fn largest(all: &Groups) -> Vec<&Group> {
    let mut groups: Vec<&Group> = all.groups.iter().collect();
    if groups.len() > ROWS {
        groups.sort_by_key(|group| Reverse(group.customers));
        groups.truncate(ROWS);
    }
    groups
}

pub(super) fn potential(all: &Potential, equity: &[Equity], console: &mut Console) -> Result<()> {
    let horizon = equity.last().map_or("", |equity| &*equity.horizon);
    console.say(format!("\nValue so far, in terciles, by value expected over {horizon}, in terciles"))?;
    let width = 30;
    row(console, "", width, ["low", "middle", "high"].map(str::to_owned))?;
    for (cells, label) in all.cells.chunks(TERCILES as usize).zip(["high", "middle", "low"]) {
        let of = |show: &dyn Fn(&PotentialCell) -> String| cells.iter().map(show).collect::<Vec<_>>();
        row(
            console,
            label,
            width,
            of(&|cell| format!("{}: {}", cell.treatment.name(), counted(cell.customers, "customer"))),
        )?;
        let sums = |so_far: f64, to_come: f64| format!("{} + {}", number(so_far, 0), number(to_come, 0));
        row(console, "", width, of(&|cell| sums(cell.current_value, cell.future_value)))?;
    }
    console
        .say("below each: value so far + value expected; what to do is a convention, which ignores what it costs")?;
    console.say("\nCustomer equity")?;
    let heads = ["of today's customers", "of a new customer", "of as many new ones a year"];
    row(console, "", 27, heads.map(str::to_owned))?;
    for one in equity {
        let new = format!("{} ({})", number(one.of_new_customers(), 0), whole(one.acquired_last_year));
        row(console, &one.horizon, 27, [number(one.of_customers, 0), number(one.of_a_new_customer, 2), new])?;
    }
    console.say(
        "a new customer counts from the first purchase on, less --cac; “as many new ones”: as many as joined in the last year observed",
    )
}
