//! For what the customers of a summary suffice.

use crate::describe::Regularity;
use crate::number_format::{counted, whole};
use crate::summary::{FEWEST_REPEAT_CUSTOMERS, Summary};

/// Whether there is enough for something, and why.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sufficiency {
    /// For what.
    pub what: &'static str,
    /// Whether there is.
    pub enough: bool,
    /// What there is, and what it takes.
    pub why: String,
}

/// Customers and days with which others who forecast customer value begin: Klaviyo asks for 500 customers, 180 days of orders, and
/// customers with three and more.
const USUAL_CUSTOMERS: u64 = 500;
const USUAL_DAYS: i32 = 180;

const YEAR: i32 = 365;

/// Fewer days of orders are too few to be divided for a test.
const TESTED_DAYS: i32 = 56;

/// For what these customers suffice; how regularly they purchase may be known.
pub fn sufficiencies(summary: &Summary, regularity: Option<&Regularity>) -> Vec<Sufficiency> {
    let customers = summary.customer_count();
    let came_back = |least: u32| {
        let rows = (0..summary.len()).filter(|&row| summary.frequency[row] >= least);
        rows.map(|row| summary.weight(row)).sum::<f64>()
    };
    let (repeat, three) = (came_back(1), came_back(2));
    let spenders = (0..summary.len()).filter(|&row| summary.frequency[row] > 0 && summary.monetary_value[row] > 0.0);
    let spenders: f64 = spenders.map(|row| summary.weight(row)).sum();
    let days = (summary.longest() * summary.observation.unit.days()).round() as i32;
    let fewest = FEWEST_REPEAT_CUSTOMERS;
    let of = |what, enough, why: String| Sufficiency { what, enough, why };
    let takes = |there: String, least: i64| format!("{there}; it takes {least}");
    let paid = takes(format!("{} came back and paid", whole(spenders as u64)), fewest as i64);
    let seen = match three > 0.0 {
        true => {
            format!("{} in {days} days; usual: {USUAL_CUSTOMERS} in {USUAL_DAYS}", counted(customers, "customer"))
        }
        false => "nobody purchased three times".to_owned(),
    };
    let ahead = if days >= YEAR { "" } else { "; beyond, the model alone tells" };
    let regular = match regularity.map(|regularity| (regularity, regularity.pattern())) {
        Some((regularity, Some(pattern))) => {
            let k = regularity.k().map_or_else(|| "without bound".to_owned(), |k| format!("{k:.2}"));
            format!("k {k}: {} ({})", pattern.name(), counted(regularity.customers, "customer"))
        }
        _ => "too few purchased three times, far enough apart".to_owned(),
    };
    vec![
        of(
            "when they purchase",
            repeat >= fewest,
            takes(format!("{} of {} came back", whole(repeat as u64), counted(customers, "customer")), fewest as i64),
        ),
        match summary.knows_spend {
            true => of("what they spend", spenders >= fewest, paid),
            false => of("what they spend", false, "there are no amounts".to_owned()),
        },
        of("a forecast to plan with", customers >= USUAL_CUSTOMERS && days >= USUAL_DAYS && three > 0.0, seen),
        of("a year ahead", days >= YEAR, format!("nobody was seen for more than {days} days{ahead}")),
        of("a test on later orders", days >= TESTED_DAYS, takes(format!("{days} days of orders"), TESTED_DAYS.into())),
        of("how regularly they come", regular.starts_with('k'), regular),
    ]
}
