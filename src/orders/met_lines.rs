//! What is met while lines become orders.

/// What was met while orders were made, whatever order that was in: of each kind the number of rows, and the first of them.
#[derive(Debug, Default)]
pub(super) struct Met {
    pub(super) returns: Tally,
    pub(super) repeated: Tally,
    /// Orders with one id and different lines in two files.
    pub(super) conflicts: Tally,
    /// Lines that were said to have their order's amount, and differ.
    pub(super) different: Tally,
}

impl Met {
    pub(super) fn merge(&mut self, other: Self) {
        let Self { returns, repeated, conflicts, different } = other;
        self.returns.merge(returns);
        self.repeated.merge(repeated);
        self.conflicts.merge(conflicts);
        self.different.merge(different);
    }
}

/// Rows of one kind.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) rows: u64,
    /// Table, place, and what else is said of it.
    pub(super) first: Option<(usize, u64, String)>,
}

impl Tally {
    pub(super) fn see(&mut self, rows: u64, (table, place): (usize, u64), value: impl FnOnce() -> String) {
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
