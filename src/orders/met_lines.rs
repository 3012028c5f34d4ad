//! What is met while lines become orders.

use std::collections::BTreeMap;

use super::contract::Reason;

/// What was met while orders were made, whatever order that was in: of each kind the number of rows, and the first of them.
#[derive(Debug, Default)]
pub(super) struct Met {
    pub(super) returns: Tally,
    pub(super) repeated: Tally,
    /// Orders with one id and different lines in two files.
    pub(super) conflicts: Tally<(usize, u64)>,
    /// Lines that were said to have their order's amount, and differ.
    pub(super) different: Tally,
    /// Lines that lack what no line of their order has.
    pub(super) lacking: BTreeMap<Reason, Tally>,
}

impl Met {
    /// Takes note of an order that stands in two places, and not in the same way.
    pub(super) fn conflict(&mut self, at: (usize, u64), other: (usize, u64)) {
        self.conflicts.see(1, at, || other);
    }

    pub(super) fn merge(&mut self, other: Self) {
        let Self { returns, repeated, conflicts, different, lacking } = other;
        for (reason, tally) in lacking {
            self.lacking.entry(reason).or_default().merge(tally);
        }
        self.returns.merge(returns);
        self.repeated.merge(repeated);
        self.conflicts.merge(conflicts);
        self.different.merge(different);
    }
}

/// Rows of one kind.
#[derive(Clone, Debug)]
pub(super) struct Tally<V = String> {
    pub(super) rows: u64,
    /// Table, place, and what else is said of it.
    pub(super) first: Option<(usize, u64, V)>,
}

impl<V> Default for Tally<V> {
    fn default() -> Self {
        Self { rows: 0, first: None }
    }
}

impl<V> Tally<V> {
    pub(super) fn see(&mut self, rows: u64, (table, place): (usize, u64), value: impl FnOnce() -> V) {
        self.rows += rows;
        if self.first.as_ref().is_none_or(|(first, at, _)| (table, place) < (*first, *at)) {
            self.first = Some((table, place, value()));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        if let Some((table, place, value)) = other.first {
            self.see(0, (table, place), || value);
        }
    }
}
