//! What cohorts show without a model.

use crate::summary::CountedLifetimes;

/// Shares of the customers of all cohorts who were there after 0, 1, … `periods` periods: the product of the shares that stayed at
/// each chance, so that cohorts seen for different times agree. `None` beyond what was seen.
///
/// Source: Kaplan & Meier (1958), Journal of the American Statistical Association 53(282).
pub fn share_kept(lifetimes: &CountedLifetimes, periods: u32) -> Vec<Option<f64>> {
    let chances = lifetimes.chances();
    let mut share = (!chances.is_empty()).then_some(1.0);
    let mut shares = vec![share];
    for t in 0..periods as usize {
        let stayed = chances.get(t).map(|&(_, stayed, left)| if stayed > 0.0 { stayed / (stayed + left) } else { 0.0 });
        share = share.zip(stayed).map(|(share, stayed)| share * stayed);
        shares.push(share);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The product-limit estimate by hand: 17 of 20 stayed at the first chance, 6 of 9 at the second.
    #[test]
    fn cohorts_seen_for_different_times_agree() {
        let lifetimes = CountedLifetimes::from_survivors(&[vec![10.0, 9.0, 6.0], vec![10.0, 8.0]]).unwrap();
        let shares = share_kept(&lifetimes, 3);
        let expected = [Some(1.0), Some(17.0 / 20.0), Some(17.0 / 20.0 * 6.0 / 9.0), None];
        for (share, expected) in shares.iter().zip(expected) {
            assert!((share.unwrap_or(-1.0) - expected.unwrap_or(-1.0)).abs() < 1e-15, "{shares:?}");
        }
        assert_eq!(shares.len(), 4);
    }
}
