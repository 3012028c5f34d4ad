//! Customers by what a column says of them.

use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::predict::Grouping;
use crate::summary::Summary;

/// More groups than anybody compares.
const MOST_GROUPS: usize = 10_000;

/// Groups by what this column says, in the order of their names; last those of whom it says nothing.
///
/// # Errors
/// [`Error::usage`] if the summary has no such column, or too many groups come of it.
pub fn grouping(by: &str, summary: &Summary) -> Result<Grouping> {
    let attribute = summary
        .attribute(by)
        .ok_or_else(|| Error::usage(say![opt("by").with(by.to_string()), ": there is no such column of customers"]))?;
    let mut order: Vec<u32> = (0..attribute.texts.len() as u32).collect();
    order.sort_unstable_by_key(|&text| &attribute.texts[text as usize]);
    let mut used = vec![false; order.len()];
    attribute.of.iter().flatten().for_each(|&text| used[text as usize] = true);
    order.retain(|&text| used[text as usize]);
    let mut names: Vec<String> = order.iter().map(|&text| attribute.texts[text as usize].to_string()).collect();
    let mut place = vec![0; attribute.texts.len()];
    order.iter().zip(0..).for_each(|(&text, group)| place[text as usize] = group);
    let unsaid = names.len() as u32;
    if attribute.of.contains(&None) {
        names.push("(none)".to_owned());
    }
    if names.len() > MOST_GROUPS {
        return Err(Error::usage(say![
            opt("by").with(by.to_string()),
            format!(": {} groups; totals take at most {MOST_GROUPS}. Is it a column of customers?", names.len())
        ]));
    }
    let of = attribute.of.iter().map(|text| text.map_or(unsaid, |text| place[text as usize])).collect();
    Ok(Grouping { names, of })
}
