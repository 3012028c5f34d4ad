//! What came, and what was expected, by what had been seen of the customers.

/// Customers who are alike in what was seen of them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConditionalGroup {
    /// Least of the group's number.
    pub from: f64,
    /// Its end: numbers are less than that.
    pub to: f64,
    /// Customers in it.
    pub customers: u64,
    /// Their mean of what came.
    pub actual: f64,
    /// Their mean of what was expected.
    pub expected: f64,
}

/// Means by a number of each customer, between neighbouring `edges`; groups without customers are left out.
pub fn conditional_means(numbers: &[f64], edges: &[f64], expected: &[f64], actual: &[f64]) -> Vec<ConditionalGroup> {
    let group =
        |pair: &[f64]| ConditionalGroup { from: pair[0], to: pair[1], customers: 0, actual: 0.0, expected: 0.0 };
    let mut groups: Vec<ConditionalGroup> = edges.windows(2).map(group).collect();
    for ((number, expected), actual) in numbers.iter().zip(expected).zip(actual) {
        let place = edges.partition_point(|edge| edge <= number);
        let Some(group) = place.checked_sub(1).and_then(|place| groups.get_mut(place)) else { continue };
        group.customers += 1;
        group.expected += expected;
        group.actual += actual;
    }
    groups.retain(|group| group.customers > 0);
    for group in &mut groups {
        group.actual /= group.customers as f64;
        group.expected /= group.customers as f64;
    }
    groups
}

/// Means by the number of repeat purchases in the observation, from 0 to `last` or more.
pub fn by_frequency(frequency: &[u32], last: u32, expected: &[f64], actual: &[f64]) -> Vec<ConditionalGroup> {
    let numbers: Vec<f64> = frequency.iter().map(|&x| f64::from(x)).collect();
    let edges: Vec<f64> = (0..=last).map(f64::from).chain([f64::INFINITY]).collect();
    conditional_means(&numbers, &edges, expected, actual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_hold_their_least_and_not_their_end() {
        let groups = by_frequency(&[0, 2, 9, 0], 2, &[1.0, 2.0, 4.0, 3.0], &[0.0, 1.0, 5.0, 1.0]);
        let group = |from, to, customers, actual, expected| ConditionalGroup { from, to, customers, actual, expected };
        assert_eq!(groups, [group(0.0, 1.0, 2, 0.5, 2.0), group(2.0, f64::INFINITY, 2, 3.0, 3.0)]);
    }
}
