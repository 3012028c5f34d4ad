//! Whether customers come back at all: ids as many as orders are ids of orders.

use rustc_hash::FxHashSet;

use crate::summary::Code;

/// Customers, as long as each has been met once.
#[derive(Debug)]
pub(super) struct CustomersSeen {
    /// None once one has come back.
    once: Option<FxHashSet<Code>>,
}

impl Default for CustomersSeen {
    fn default() -> Self {
        Self { once: Some(FxHashSet::default()) }
    }
}

impl CustomersSeen {
    /// Takes note of a purchase.
    pub(super) fn see(&mut self, customer: Code) {
        if let Some(once) = &mut self.once
            && !once.insert(customer)
        {
            self.once = None;
        }
    }

    /// Whether any came back.
    pub(super) fn come_back(&self) -> bool {
        self.once.is_none()
    }

    pub(super) fn merge(&mut self, other: Self) {
        match (&mut self.once, other.once) {
            (Some(ours), Some(theirs)) => {
                if !theirs.into_iter().all(|customer| ours.insert(customer)) {
                    self.once = None;
                }
            }
            _ => self.once = None,
        }
    }

    /// How many, if each was met once.
    pub(super) fn all_different(&self) -> Option<usize> {
        self.once.as_ref().map(FxHashSet::len)
    }
}
