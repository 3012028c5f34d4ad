//! Currency signs beside amounts: sums of several currencies mean nothing.

use crate::error::{Error, Result};

/// The signs that may stand beside an amount.
pub(super) const SIGNS: [char; 4] = ['$', '€', '£', '¥'];

/// Where each sign was met first: in which block, and the place in words.
#[derive(Debug, Default)]
pub(super) struct CurrenciesSeen([Option<(usize, String)>; SIGNS.len()]);

impl CurrenciesSeen {
    /// Takes note of the sign in an amount, if there is one; blocks come in ascending order.
    pub(super) fn add(&mut self, amount: &str, block: usize, place: impl Fn() -> String) {
        let Some(sign) = amount.chars().find_map(|c| SIGNS.iter().position(|&sign| sign == c)) else { return };
        self.0[sign].get_or_insert_with(|| (block, place()));
    }

    /// Adds the signs of other blocks.
    pub(super) fn merge(&mut self, other: Self) {
        for (ours, theirs) in self.0.iter_mut().zip(other.0) {
            *ours = [ours.take(), theirs].into_iter().flatten().min_by_key(|(block, _)| *block);
        }
    }

    /// Refuses amounts in several currencies.
    pub(super) fn check(&self) -> Result<()> {
        let seen = self
            .0
            .iter()
            .zip(SIGNS)
            .filter_map(|(seen, sign)| seen.as_ref().map(|(block, place)| (block, place, sign)));
        let mut seen: Vec<(&usize, &String, char)> = seen.collect();
        seen.sort_unstable();
        let [(_, first, sign), (_, second, other), ..] = &seen[..] else { return Ok(()) };
        Err(Error::Data(format!(
            "amounts in {sign} ({first}) and in {other} ({second}) cannot be added: convert them into one currency, or divide the orders"
        )))
    }
}
