//! The logistic function, safe at any argument.

/// `1 / (1 + e^-d)`, to full relative precision at both ends.
pub fn sigmoid(d: f64) -> f64 {
    if d >= 0.0 {
        1.0 / (1.0 + (-d).exp())
    } else {
        let e = d.exp();
        e / (1.0 + e)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_overflow_and_no_lost_tail() {
        assert_eq!(sigmoid(f64::INFINITY), 1.0);
        assert_eq!(sigmoid(f64::NEG_INFINITY), 0.0);
        assert!((sigmoid(-40.0) / (-40f64).exp() - 1.0).abs() < 1e-15);
    }
}
