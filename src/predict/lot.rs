//! Some of many customers, chosen by lot, who stand for all.

use rand::seq::index::sample;

use super::counted_customers::CountedCustomers;
use crate::random::generator;

/// Customers of a group beyond which the lot falls on so many.
const MOST: u64 = 20_000;

impl CountedCustomers {
    /// Those on whom the lot falls, of groups that are not too large all; none if no group is too large. It falls on the customers one
    /// after the other in the order of the rows, which is not that of their ids.
    pub(super) fn lot(&self, seed: u64) -> Option<Self> {
        let sizes = self.sizes();
        if sizes.iter().all(|&size| size <= MOST) {
            return None;
        }
        let mut lots: Vec<Vec<usize>> = (0..sizes.len())
            .map(|group| {
                let (all, few) = (sizes[group] as usize, sizes[group].min(MOST) as usize);
                let mut lot = sample(&mut generator(seed, "chosen customers", group), all, few).into_vec();
                lot.sort_unstable_by(|a, b| b.cmp(a));
                lot
            })
            .collect();
        let mut upto = vec![0; sizes.len()];
        let rows = self.grouping.of.iter().enumerate();
        let count = |(row, &group): (usize, &u32)| {
            let (lot, upto) = (&mut lots[group as usize], &mut upto[group as usize]);
            *upto += self.summary.weight(row) as usize;
            let before = lot.len();
            while lot.last().is_some_and(|place| place < upto) {
                lot.pop();
            }
            (before - lot.len()) as u32
        };
        Some(self.some(&rows.map(count).collect::<Vec<u32>>()))
    }
}
