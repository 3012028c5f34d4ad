//! Reads a table of subscriptions, on all cores.

use std::iter;

use rustc_hash::FxHashMap;

use super::contracts::{Contracts, Group, Row};
use super::report::Example;
use super::{SubscriptionColumns, SubscriptionOptions, SubscriptionReason, SubscriptionReport};
use crate::error::{Error, Result};
use crate::message::say;
use crate::orders::{DateProblem, date_advice};
use crate::parallel::{share_out, threads};
use crate::summary::{CountedLifetimes, Day, TimeUnit};
use crate::tables::{Batch, Block, Cells, TableReader, TableShape, clip, exact_ids};

/// Subscriptions, counted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Subscriptions {
    /// Groups by name, in its order; one without a name, if they are not divided.
    pub groups: Vec<SubscriptionGroup>,
    /// What was read, and what became of it.
    pub report: SubscriptionReport,
    /// Last day of which the table tells.
    pub until: Day,
}

/// The subscriptions of one group.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SubscriptionGroup {
    /// Its name; empty if nothing is said.
    pub name: String,
    /// Lifetimes in whole periods.
    pub lifetimes: CountedLifetimes,
    /// Running contracts by the renewals they have made: 0, 1, ….
    pub running: Vec<u64>,
}

/// Whether a table is one of subscriptions: it has the columns that the options name, or columns named like a start and an end, and is
/// none of survivors.
pub fn is_subscriptions(table: &TableShape, options: &SubscriptionOptions) -> bool {
    let is_survivors = ["period", "survivors"].iter().all(|name| table.header().iter().any(|column| column == name));
    let named = options.start.is_some() || options.end.is_some();
    !is_survivors && (named || SubscriptionColumns::are_in(table))
}

/// Reads a table of subscriptions as lifetimes in periods of this unit.
///
/// # Errors
/// [`Error::question`] where it is not said, and not to be found, what is meant: columns, dates, customers who come back or have two
/// contracts at once; [`Error::data`] with the place where rows cannot be read, if they are more than a tenth; [`Error::io`].
pub fn read(table: &mut TableReader, unit: TimeUnit, options: &SubscriptionOptions) -> Result<Subscriptions> {
    let until = options.check()?;
    let columns = SubscriptionColumns::find(table, options)?;
    let shape = TableShape::clone(table);
    let wanted = columns.wanted();
    let mut blocks = iter::from_fn(|| table.next_block().transpose());
    let parts = share_out(&mut blocks, threads(), Part::default, |part, _, block: Block| {
        part.read(&block.batch(&wanted, false)?, &shape, options)
    })?;
    let whole = Whole::of(parts);
    if whole.report.rows == 0 {
        return Err(Error::data("there is a header but no row").in_file(shape.name()));
    }
    whole.report.check(options.strict)?;
    let Whole { rows, customers, groups: names, mut report } = whole;
    let mut groups: Vec<Group> = names.iter().map(|_| Group::default()).collect();
    let contracts = Contracts {
        unit,
        until,
        options,
        place: &|row| shape.place(row.line),
        customer: &|row| customers[row.customer as usize].to_string(),
    };
    contracts.count(&rows, &mut groups, &mut report)?;
    let mut groups = names
        .into_iter()
        .zip(groups)
        .map(|(name, group)| {
            Ok(SubscriptionGroup { name: name.into(), lifetimes: group.lifetimes()?, running: group.running })
        })
        .collect::<Result<Vec<SubscriptionGroup>>>()?;
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Subscriptions { groups, report, until })
}

/// What one thread has read.
#[derive(Debug, Default)]
struct Part {
    rows: Vec<Row>,
    customers: Names,
    groups: Names,
    report: SubscriptionReport,
}

/// Names in the order met, with numbers.
#[derive(Debug, Default)]
struct Names(FxHashMap<Box<str>, u32>);

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        match self.0.get(name) {
            Some(&number) => number,
            None => {
                let number = self.0.len() as u32;
                self.0.insert(name.into(), number);
                number
            }
        }
    }

    /// Numbers of the names here among others, by the number here.
    fn among(self, others: &mut Self) -> Vec<u32> {
        let mut numbers = vec![0; self.0.len()];
        for (name, number) in self.0 {
            let next = others.0.len() as u32;
            numbers[number as usize] = *others.0.entry(name).or_insert(next);
        }
        numbers
    }

    fn into_list(self) -> Vec<Box<str>> {
        let mut names: Vec<(u32, Box<str>)> = self.0.into_iter().map(|(name, number)| (number, name)).collect();
        names.sort_unstable_by_key(|(number, _)| *number);
        names.into_iter().map(|(_, name)| name).collect()
    }
}

impl Part {
    fn read(&mut self, batch: &Batch, shape: &TableShape, options: &SubscriptionOptions) -> Result<()> {
        for ragged in &batch.ragged {
            let value = || format!("{} fields", ragged.fields);
            let example = || Example { place: shape.place(ragged.place), value: value() };
            self.report.leave_out(SubscriptionReason::Ragged, example);
        }
        self.report.rows += (batch.ragged.len() + batch.places.len()) as u64;
        let ids = exact_ids(&batch.columns[0], |row| shape.place(batch.places[row]))?;
        for row in 0..batch.places.len() {
            let place = || shape.place(batch.places[row]);
            match self.row(&ids, batch, row, options) {
                Ok(row) => self.rows.push(row),
                Err(Unusable::LeftOut(reason, value)) => {
                    self.report.leave_out(reason, || Example { place: place(), value });
                }
                Err(Unusable::Ambiguous(column, text)) => {
                    let cells = &batch.columns[column];
                    let texts: Vec<_> = (0..batch.places.len()).filter_map(|row| cells.text(row)).collect();
                    let (advice, answers) = date_advice(&text, texts.iter().map(|text| &**text));
                    let what = "does not say which is the day and which the month";
                    let question = say![format!("`{}` {what}; ", clip(&text)), advice];
                    return Err(Error::question(question, answers).at(place()).of_value(text));
                }
            }
        }
        Ok(())
    }

    fn row(
        &mut self,
        ids: &Cells,
        batch: &Batch,
        row: usize,
        options: &SubscriptionOptions,
    ) -> std::result::Result<Row, Unusable> {
        let left_out = |reason, value: &str| Err(Unusable::LeftOut(reason, value.to_owned()));
        let day = |column: usize, unreadable| {
            options.dates.day_of_cell(&batch.columns[column], row).map_err(|(problem, text)| match problem {
                DateProblem::Ambiguous => Unusable::Ambiguous(column, text),
                DateProblem::Unreadable => Unusable::LeftOut(unreadable, text),
            })
        };
        let id = ids.text(row);
        let Some(id) = id.as_deref().map(str::trim).filter(|id| !id.is_empty()) else {
            return left_out(SubscriptionReason::NoCustomer, "");
        };
        let start = day(1, SubscriptionReason::UnreadableStart)?;
        let Some(start) = start else { return left_out(SubscriptionReason::NoStart, "") };
        let end = day(2, SubscriptionReason::UnreadableEnd)?;
        if let Some(end) = end.filter(|end| *end < start) {
            return left_out(SubscriptionReason::EndBeforeStart, &format!("{start} to {end}"));
        }
        let group = batch.columns.get(3).and_then(|cells| cells.text(row));
        let group = self.groups.number(group.as_deref().map_or("", str::trim));
        Ok(Row { customer: self.customers.number(id), start, end, group, line: batch.places[row] })
    }
}

enum Unusable {
    LeftOut(SubscriptionReason, String),
    /// The column, as it is read, and the text.
    Ambiguous(usize, String),
}

/// What all threads have read, in an order that does not depend on them.
struct Whole {
    rows: Vec<Row>,
    customers: Vec<Box<str>>,
    groups: Vec<Box<str>>,
    report: SubscriptionReport,
}

impl Whole {
    fn of(parts: Vec<Part>) -> Self {
        let (mut rows, mut customers, mut groups) = (Vec::new(), Names::default(), Names::default());
        let mut report = SubscriptionReport::default();
        for part in parts {
            let of_customers = part.customers.among(&mut customers);
            let of_groups = part.groups.among(&mut groups);
            rows.extend(part.rows.into_iter().map(|row| Row {
                customer: of_customers[row.customer as usize],
                group: of_groups[row.group as usize],
                ..row
            }));
            report.join(part.report);
        }
        // Customers in the order of their first rows.
        rows.sort_unstable_by_key(|row| row.line);
        let names = customers.into_list();
        let mut ranks = vec![u32::MAX; names.len()];
        let mut ranked = Vec::with_capacity(names.len());
        for row in &mut rows {
            let number = row.customer as usize;
            if ranks[number] == u32::MAX {
                ranks[number] = ranked.len() as u32;
                ranked.push(names[number].clone());
            }
            row.customer = ranks[number];
        }
        rows.sort_unstable();
        Self { rows, customers: ranked, groups: groups.into_list(), report }
    }
}
