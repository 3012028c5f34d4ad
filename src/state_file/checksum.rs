//! A checksum of a state: of all its rows, in whatever order, and of what it says of itself.

use sha2::{Digest, Sha256};

use crate::summary::{AttributeValue, CustomerDay};
use crate::tables::hex;

/// The number of rows and the sum of their hashes, so that blocks can be read in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Checksum {
    rows: u64,
    sum: u128,
}

impl Checksum {
    pub(super) fn add_day(&mut self, day: &CustomerDay) {
        let (high, low) = day.amount.halves();
        let mut hash = Sha256::new();
        text(&mut hash, &day.customer);
        hash.update(day.day.0.to_le_bytes());
        hash.update([u8::from(day.is_return)]);
        hash.update(day.orders.to_le_bytes());
        hash.update(high.to_le_bytes());
        hash.update(low.to_le_bytes());
        self.add(hash);
    }

    pub(super) fn add_attribute(&mut self, value: &AttributeValue) {
        let mut hash = Sha256::new();
        text(&mut hash, &value.customer);
        text(&mut hash, &value.column);
        hash.update(value.day.0.to_le_bytes());
        text(&mut hash, &value.text);
        hash.update([u8::from(value.differs)]);
        self.add(hash);
    }

    fn add(&mut self, row: Sha256) {
        let mut half = [0; 16];
        half.copy_from_slice(&row.finalize()[..16]);
        self.plus(Self { rows: 1, sum: u128::from_le_bytes(half) });
    }

    /// Both together.
    pub(super) fn plus(&mut self, other: Self) {
        self.rows += other.rows;
        self.sum = self.sum.wrapping_add(other.sum);
    }

    /// With what the state says of itself.
    pub(super) fn with(self, description: &str) -> String {
        let mut hash = Sha256::new();
        text(&mut hash, description);
        hash.update(self.rows.to_le_bytes());
        hash.update(self.sum.to_le_bytes());
        hex(&hash.finalize())
    }
}

/// With its length, so that nothing moves from one cell into the next unseen.
fn text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}
