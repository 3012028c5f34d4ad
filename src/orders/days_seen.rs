//! The days on which there are orders: a date a century off is a mistyped one.

use rustc_hash::FxHashSet;

use crate::error::{Error, Place, Result};
use crate::message::{opt, say};
use crate::summary::Day;

/// A hole in the order dates longer than this, ten years, is a mistyped date.
pub(crate) const LONGEST_HOLE: i32 = 3653;

/// The distinct days with orders, with the places of the first and the last.
#[derive(Debug, Default)]
pub(super) struct DaysSeen {
    days: FxHashSet<Day>,
    /// An export's rows often come day by day.
    recent: Option<Day>,
    first: Option<Seen>,
    last: Option<Seen>,
}

/// Where a day was met first.
#[derive(Debug)]
struct Seen {
    day: Day,
    block: usize,
    place: Place,
}

impl DaysSeen {
    /// Takes note of a day in a block; blocks come in ascending order.
    pub(super) fn add(&mut self, day: Day, block: usize, place: impl Fn() -> Place) {
        if self.recent.replace(day) == Some(day) || !self.days.insert(day) {
            return;
        }
        let seen = || Some(Seen { day, block, place: place() });
        if self.first.as_ref().is_none_or(|first| day < first.day) {
            self.first = seen();
        }
        if self.last.as_ref().is_none_or(|last| day > last.day) {
            self.last = seen();
        }
    }

    /// Adds the days of other blocks.
    pub(super) fn merge(&mut self, other: Self) {
        self.days.extend(other.days);
        let firsts = [self.first.take(), other.first].into_iter().flatten();
        self.first = firsts.min_by_key(|seen| (seen.day, seen.block));
        let lasts = [self.last.take(), other.last].into_iter().flatten();
        self.last = lasts.max_by_key(|seen| (seen.day, std::cmp::Reverse(seen.block)));
    }

    /// Refuses dates a century off, which would set the end of the observation or a customer's age.
    pub(super) fn check(self, from: Option<Day>, all_are_kept: bool) -> Result<()> {
        let (Some(first), Some(last)) = (self.first, self.last) else { return Ok(()) };
        let mut days: Vec<Day> = self.days.into_iter().filter(|&day| from.is_none_or(|from| day >= from)).collect();
        days.sort_unstable();
        let Some(hole) = days.windows(2).position(|pair| pair[1].days_since(pair[0]) > LONGEST_HOLE) else {
            return Ok(());
        };
        let (before, after) = (days[hole], days[hole + 1]);
        let early = hole < days.len() / 2;
        let (which, seen) = if early { ("first", first) } else { ("last", last) };
        let otherwise = match (all_are_kept, early) {
            (true, _) => say![],
            (false, true) => say![", or leave such customers out with ", opt("from").with(after.to_string())],
            (false, false) => say![", or leave later orders out with ", opt("until").with(before.to_string())],
        };
        let (years, at) = (after.days_since(before) / 365, &seen.place);
        let message = say![
            "no order for {years} years between {before} and {after}, so one of them is probably mistyped: the {which} date is at {at}; \
             correct it",
            otherwise
        ];
        Err(Error::data(message).knowing(seen.place).of_value(seen.day.to_string()))
    }
}
