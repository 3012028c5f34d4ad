//! Customers in the order of a number, in which equal ones have no order: no result depends on how ties are broken.

use std::ops::Range;

/// Customers from the largest number down, equal ones in one group.
#[derive(Clone, Debug)]
pub(super) struct Ranking {
    order: Vec<u32>,
    /// Where each group ends.
    ends: Vec<u32>,
}

impl Ranking {
    pub(super) fn new(numbers: &[f64]) -> Self {
        let mut ranked: Vec<(f64, u32)> = numbers.iter().copied().zip(0..).collect();
        ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let last = ranked.len().saturating_sub(1);
        let ends =
            (0..ranked.len()).filter(|&i| i == last || !equal(ranked[i].0, ranked[i + 1].0)).map(|i| i as u32 + 1);
        Self { ends: ends.collect(), order: ranked.iter().map(|&(_, row)| row).collect() }
    }

    /// The groups: the places they take, and their rows.
    pub(super) fn groups(&self) -> impl Iterator<Item = (Range<usize>, &[u32])> {
        let begins = std::iter::once(0).chain(self.ends.iter().map(|&end| end as usize));
        begins.zip(&self.ends).map(|(begin, &end)| (begin..end as usize, &self.order[begin..end as usize]))
    }

    /// The place of each customer, the middle one for equals.
    pub(super) fn mid_ranks(&self) -> Vec<f64> {
        let mut ranks = vec![0.0; self.order.len()];
        for (places, rows) in self.groups() {
            let middle = 0.5 * (places.start + places.end) as f64;
            rows.iter().for_each(|&row| ranks[row as usize] = middle);
        }
        ranks
    }

    /// How unequally `worth` is spread over this order: twice the area between the curve of the share that the first customers
    /// hold and the diagonal. Of customers ordered by their own worth this is the Gini coefficient. None unless there is any worth.
    pub(super) fn concentration(&self, worth: &[f64]) -> Option<f64> {
        let (mut held, mut area) = (0.0, 0.0);
        for (places, rows) in self.groups() {
            let group: f64 = rows.iter().map(|&row| worth[row as usize]).sum();
            area += places.len() as f64 * (held + 0.5 * group);
            held += group;
        }
        (held > 0.0).then(|| 2.0 * area / (held * self.order.len() as f64) - 1.0)
    }

    /// The share of all `worth` that this share of the customers holds, the first ones; of a group that is cut, a part of what its
    /// customers hold. None unless there is any worth.
    pub(super) fn caught(&self, worth: &[f64], share: f64) -> Option<f64> {
        let cut = share * self.order.len() as f64;
        let (mut caught, mut all) = (0.0, 0.0);
        for (places, rows) in self.groups() {
            let group: f64 = rows.iter().map(|&row| worth[row as usize]).sum();
            let inside = (cut - places.start as f64).clamp(0.0, places.len() as f64) / places.len() as f64;
            caught += inside * group;
            all += group;
        }
        (all > 0.0).then(|| caught / all)
    }

    /// The customers in bins of equal size, the first customers in the first.
    pub(super) fn bins(&self, count: usize) -> Bins {
        let size = self.order.len() as f64 / count as f64;
        let mut bins = Bins::whole(vec![0; self.order.len()], count);
        for (places, rows) in self.groups() {
            let overlap = |bin: usize| {
                let (begin, end) = (bin as f64 * size, (bin + 1) as f64 * size);
                (end.min(places.end as f64) - begin.max(places.start as f64)).max(0.0) / places.len() as f64
            };
            // Rounding of the edges is no part of a customer.
            let shares: Vec<(usize, f64)> =
                (0..count).map(|bin| (bin, overlap(bin))).filter(|(_, share)| *share > 1e-9).collect();
            let of = match shares[..] {
                [(bin, _)] => bin,
                _ => {
                    bins.shares.push(shares);
                    bins.shares.len() - 1
                }
            };
            rows.iter().for_each(|&row| bins.of[row as usize] = of as u32);
        }
        bins
    }
}

/// Customers in bins; equal ones that a border parts belong to both sides in parts.
#[derive(Clone, Debug)]
pub(super) struct Bins {
    of: Vec<u32>,
    /// Bins and shares; first those of one whole bin each.
    shares: Vec<Vec<(usize, f64)>>,
    /// How many.
    pub(super) count: usize,
}

impl Bins {
    /// Every customer in one bin.
    pub(super) fn whole(of: Vec<u32>, count: usize) -> Self {
        Self { of, shares: (0..count).map(|bin| vec![(bin, 1.0)]).collect(), count }
    }

    /// The bins of a customer, with shares that add up to one.
    pub(super) fn of(&self, row: usize) -> &[(usize, f64)] {
        &self.shares[self.of[row] as usize]
    }

    /// Customers and sum of `worth` in each bin.
    pub(super) fn sums(&self, worth: &[f64]) -> Vec<(f64, f64)> {
        let mut sums = vec![(0.0, 0.0); self.count];
        for (row, worth) in worth.iter().enumerate() {
            for &(bin, share) in self.of(row) {
                sums[bin].0 += share;
                sums[bin].1 += share * worth;
            }
        }
        sums
    }
}

/// Equal but for the rounding of the few operations that made them.
fn equal(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_share_their_places() {
        let ranking = Ranking::new(&[1.0, 3.0, 1.0, 0.0, 1.0]);
        assert_eq!(ranking.mid_ranks(), [2.5, 0.5, 2.5, 4.5, 2.5]);
        // Two and a half customers: the first, and half of the three that follow.
        assert_eq!(ranking.caught(&[2.0, 4.0, 2.0, 8.0, 2.0], 0.5), Some(7.0 / 18.0));
        // Halves of two and a half: the group of three lies one and a half in the first, one and a half in the second.
        let sums = ranking.bins(2).sums(&[2.0, 4.0, 2.0, 8.0, 2.0]);
        assert_eq!(sums, [(2.5, 7.0), (2.5, 11.0)]);
    }

    #[test]
    fn concentration_of_known_lists() {
        // 0, 0, 0, 1: the last one has it all, 1 - 1/n.
        let worth = [0.0, 0.0, 0.0, 1.0];
        assert_eq!(Ranking::new(&worth).concentration(&worth), Some(0.75));
        let worth = [1.0, 2.0, 3.0];
        // Mean absolute difference 8/9, twice the mean 4.
        assert!((Ranking::new(&worth).concentration(&worth).unwrap() - 2.0 / 9.0).abs() < 1e-15);
        // 2/20 and 1/10, by different ways.
        assert_eq!(Ranking::new(&[0.1, 3.0 * 0.1 / 3.0, 0.3 - 0.2]).mid_ranks(), [1.5; 3]);
        // An order that says nothing catches nothing more than chance.
        assert_eq!(Ranking::new(&[5.0; 3]).concentration(&worth), Some(0.0));
        assert_eq!(Ranking::new(&[5.0; 3]).concentration(&[0.0; 3]), None);
        assert_eq!(Ranking::new(&[]).concentration(&[]), None);
    }
}
