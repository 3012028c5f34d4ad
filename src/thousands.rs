//! Counts in words, with commas between the thousands.

/// Digits in groups of three.
pub(crate) fn grouped(digits: &str) -> String {
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = if first > 0 { vec![&digits[..first]] } else { Vec::new() };
    groups.extend((first..digits.len()).step_by(3).map(|i| &digits[i..i + 3]));
    groups.join(",")
}

/// A count.
pub(crate) fn whole(count: u64) -> String {
    grouped(&count.to_string())
}

/// `1 customer`, `2 customers`.
pub(crate) fn counted(count: u64, thing: &str) -> String {
    format!("{} {thing}{}", whole(count), if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!((whole(70), whole(23_570), whole(1_000_000)), ("70".into(), "23,570".into(), "1,000,000".into()));
        assert_eq!((counted(1, "order"), counted(0, "order")), ("1 order".into(), "0 orders".into()));
    }
}
