//! From rows to contracts, and from contracts to lifetimes in whole periods.

use std::collections::BTreeMap;

use super::periods::next_renewal;
use super::report::Example;
use super::{Again, Overlaps, SubscriptionOptions, SubscriptionReason, SubscriptionReport, whole_periods};
use crate::error::{Error, Place, Result};
use crate::message::{opt, say};
use crate::summary::{CountedLifetimes, Day, TimeUnit};

/// One row that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) customer: u32,
    pub(super) start: Day,
    /// None while it runs.
    pub(super) end: Option<Day>,
    pub(super) group: u32,
    pub(super) line: u64,
}

impl Row {
    fn last(&self) -> Day {
        self.end.unwrap_or(Day::LAST)
    }
}

/// Lifetimes that are alike: renewals made before anything was seen, renewals made, whether the next was not.
type Lifetimes = BTreeMap<(u32, u32, bool), u64>;

/// What is known of one group.
#[derive(Debug, Default)]
pub(super) struct Group {
    lifetimes: Lifetimes,
    /// Running contracts by the renewals they have made.
    pub(super) running: Vec<u64>,
}

impl Group {
    pub(super) fn lifetimes(&self) -> Result<CountedLifetimes> {
        let all = self.lifetimes.iter();
        CountedLifetimes::of_customers(all.map(|(&(from, to, left), &count)| (from, to, left, count as f64)))
    }
}

/// Makes contracts of rows.
pub(super) struct Contracts<'a> {
    pub(super) unit: TimeUnit,
    pub(super) until: Day,
    pub(super) options: &'a SubscriptionOptions,
    /// Where a row stands, and who its customer is.
    pub(super) place: &'a dyn Fn(&Row) -> Place,
    pub(super) customer: &'a dyn Fn(&Row) -> String,
}

impl Contracts<'_> {
    /// Of rows sorted by customer and start.
    ///
    /// # Errors
    /// [`Error::question`] if a customer has two contracts at once, or comes back, and it is not said what that means.
    pub(super) fn count(&self, rows: &[Row], groups: &mut [Group], report: &mut SubscriptionReport) -> Result<()> {
        for rows in rows.chunk_by(|one, other| one.customer == other.customer) {
            let mut contract = rows[0];
            for next in &rows[1..] {
                let last = contract.last();
                // What lies ahead is no contract yet.
                if next.start < last && next.start <= self.until {
                    match self.options.overlaps {
                        None => return Err(self.at_once(next)),
                        Some(Overlaps::Join) => self.go_on(&mut contract, next, report),
                        Some(Overlaps::Apart) => {
                            self.add(&contract, groups, report);
                            contract = *next;
                        }
                    }
                } else if i64::from(next.start.0) - i64::from(last.0) <= i64::from(self.options.pause.max(1)) {
                    self.go_on(&mut contract, next, report);
                } else if next.start > self.until {
                    report.leave_out(SubscriptionReason::AfterUntil, || self.example(next));
                } else {
                    report.again += 1;
                    match self.options.again {
                        None => return Err(self.came_back(next)),
                        Some(Again::First) => report.leave_out(SubscriptionReason::Again, || self.example(next)),
                        Some(Again::New) => {
                            self.add(&contract, groups, report);
                            contract = *next;
                        }
                    }
                }
            }
            self.add(&contract, groups, report);
        }
        Ok(())
    }

    /// The next row goes on with a contract.
    fn go_on(&self, contract: &mut Row, next: &Row, report: &mut SubscriptionReport) {
        report.joined += 1;
        contract.end = contract.end.zip(next.end).map(|(one, other)| one.max(other));
    }

    /// Adds a contract to the lifetimes of its group.
    ///
    /// An end inside a period counts at the period's end, so that a contract of which the last day lies in a period that is not over has
    /// made the renewals before and is not seen to do anything later. Of one that began before ends were recorded, a period in which
    /// they began to be is not whole either: it counts from the next renewal on.
    fn add(&self, contract: &Row, groups: &mut [Group], report: &mut SubscriptionReport) {
        let Row { start, group, .. } = *contract;
        if start > self.until {
            return report.leave_out(SubscriptionReason::AfterUntil, || self.example(contract));
        }
        let observed = self.options.observed_from.filter(|from| start < *from);
        let end = contract.end.filter(|end| *end <= self.until);
        if end.zip(observed).is_some_and(|(end, observed)| end < observed) {
            return report.leave_out(SubscriptionReason::BeforeObserved, || self.example(contract));
        }
        report.contracts += 1;
        report.begun_before += u64::from(observed.is_some());
        let from = observed.map_or(0, |observed| next_renewal(self.unit, start, observed));
        let made = whole_periods(self.unit, start, self.until);
        let group = &mut groups[group as usize];
        let lost = end.map(|end| next_renewal(self.unit, start, end).max(1));
        let (to, left) = match lost {
            Some(lost) if lost <= made => (lost - 1, true),
            _ => (made, false),
        };
        match end {
            Some(_) if left => report.left += 1,
            Some(_) => report.leaving += 1,
            None => {
                report.running += 1;
                let made = made as usize;
                if group.running.len() <= made {
                    group.running.resize(made + 1, 0);
                }
                group.running[made] += 1;
            }
        }
        if to + u32::from(left) <= from {
            report.before_renewal += 1;
        } else {
            *group.lifetimes.entry((from, to, left)).or_default() += 1;
        }
    }

    fn example(&self, row: &Row) -> Example {
        Example { place: (self.place)(row), value: (self.customer)(row) }
    }

    fn at_once(&self, row: &Row) -> Error {
        let question = say![
            format!(
                "customer `{}` has two contracts at once; are they one, or each by itself? Say it with ",
                (self.customer)(row)
            ),
            opt("overlaps")
        ];
        let answers = ["join", "apart"].map(|answer| opt("overlaps").with(answer));
        Error::question(question, answers).at((self.place)(row))
    }

    fn came_back(&self, row: &Row) -> Error {
        let question = say![
            format!(
                "customer `{}` came back after an end; is that a new contract, or does the first count alone? Say it with ",
                (self.customer)(row)
            ),
            opt("again"),
            "; ends and starts that are no break are joined with ",
            opt("pause").with(30)
        ];
        let answers = ["new", "first"].map(|answer| opt("again").with(answer));
        Error::question(question, answers).at((self.place)(row))
    }
}
